// The catalog as JSON.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/catalog/catalog.h"

namespace dsqlint::catalog {

/// Where something was made: `a.sql:3`; empty where that is not known.
using Place = std::function<std::string(const Origin&)>;

/// All that a state holds:
///
///     {"version": 1, "objects": [{"kind": "table", "schema": "public", "name": "t", …}, …]}
///
/// Objects are sorted by kind (in the order of ObjectKind), schema, name and arguments,
/// constraints, triggers, policies and rules by name, privileges by role; columns, keys and labels
/// stand in their own order. Names are bare, with their case kept. Types, expressions and queries
/// are PostgreSQL's SQL. What an object does not have is left out: there is no null, no false and
/// no empty list.
///
/// Every object: kind, schema, name, comment, owner, privileges [{role, privileges, columns,
/// grant_option}], created and changed (places).
/// - table: columns [{name, type, collation, not_null, default, generated, identity, sequence (of
///   an identity), storage, compression, comment, inherited, created}], constraints [{name, kind,
///   columns, expression, target {schema, name, columns}, set_columns, on_update, on_delete,
///   match_full, deferrable, deferred, not_valid, no_inherit, inherited, comment, created}],
///   triggers, policies and rules [{name, statement, function, enabled, comment, created}],
///   persistence, row_security, force_row_security, foreign, replica_identity, replica_index,
///   parents [{schema, name}], partition_bound, partition_by, of_type, options {name: value},
///   access_method, incomplete
/// - view: columns, query, materialized, not_populated, recursive, persistence, check_option,
///   options, relations [{schema, name}], triggers, rules, incomplete
/// - index: table {schema, name}, method, keys [{column or expression, opclass, collation,
///   descending, nulls_first}], included, predicate, unique, primary, of_constraint,
///   nulls_not_distinct, not_valid, asynchronous, options
/// - sequence: type, increment, start, minimum, maximum, cache, cycle, identity, owned_by {schema,
///   name, column}, persistence
/// - type: type_kind (enum, composite, range, domain, base, shell), labels, base, collation,
///   not_null, default, constraints, attributes (as columns), statement
/// - function: function_kind, arguments [{name, mode, type, default}], result, returns_set,
///   language, volatility, strict, security_definer, statement
/// - statistics object: table, columns, statement. extension: version
nlohmann::ordered_json to_json(const State& state, const Place& place);

}  // namespace dsqlint::catalog
