// The catalog as SQL: CREATE statements that make on an empty database what a state holds.
#pragma once

#include <string>
#include <vector>

#include "engine/catalog/catalog.h"

namespace dsqlint::catalog {

/// The SQL of an expression, a type clause or a whole statement, with the names that it has now.
/// Without `;`.
std::string to_sql(const Tree& tree);
/// `numeric(10,2)[]`, with the name that a user-defined type has at `state`.
std::string to_sql(const DataType& type, const State& state);

/// Statements in an order in which they run: schemas, types, sequences, functions, tables, indexes,
/// foreign keys, views … Names are qualified with their schema. Without `;`.
std::vector<std::string> create_statements(const State& state);
/// Those that make of what `from` holds what `to` holds; objects are the same by name. None where
/// the two hold the same.
std::vector<std::string> difference(const State& from, const State& to);

}  // namespace dsqlint::catalog
