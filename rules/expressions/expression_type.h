// The one typer of expressions: which type PostgreSQL gives an expression, and which part of it, if
// any, is not immutable.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/catalog/schema.h"
#include "engine/parse/ast.h"
#include "rules/expressions/pg_catalog.h"

namespace dsqlint {

struct ExpressionType {
  PgType type = PgType::kNone;      ///< after following domains
  std::vector<int64_t> modifiers;   ///< those that the result keeps
  std::optional<TypeRef> declared;  ///< where it is not PostgreSQL's own: a domain, an enum …
  bool certain = true;              ///< false: json, perhaps, where it is jsonb here

  /// Nothing where it is not known. An untyped literal is text.
  std::optional<TypeRef> ref() const;
};

/// Of a column declared with the type.
ExpressionType declared_type(const TypeRef& ref, const Schema& schema);

/// A part of an expression whose value may change while its arguments do not.
struct MutablePart {
  int location = 0;       ///< of the function or cast, as trees have it
  std::string reason;     ///< "`now()` gives another value in every transaction"
  std::string help = {};  ///< where the rule's own does not fit
};

struct Expression {
  ExpressionType type;
  /// The first function that never is immutable, else the first function, operator or cast that is
  /// not for the types at hand. A function of the input is taken for what it is declared to be.
  std::optional<MutablePart> mutable_part;
};

/// What the names in an expression mean.
struct ExpressionNames {
  const Schema& schema;
  /// The type of a ColumnRef or ParamRef; nothing where it is not known.
  std::function<std::optional<TypeRef>(AstRef)> type_of;
  bool in_queries = false;  ///< it knows those within subqueries too
};

/// A call of a function that PostgreSQL has or the input creates, an operator or a cast, which does
/// not take such arguments: the server says that it does not exist.
struct RefusedPart {
  AstRef node;
  int location = 0;
  std::string written;                     ///< `lpad(text, bigint)`, `date + bigint`
  std::vector<const pg::Node*> arguments;  ///< of which `types` tells the types
  std::vector<PgType> types;
};

/// For an expression over the columns of one table, which may be null: nothing is known of it.
ExpressionNames table_names(const Table* table, const Schema& schema);

Expression analyze_expression(const pg::Node& expression, const ExpressionNames& names);

/// Of all expressions in a tree, which may be a whole statement's; in the order of the tree from
/// its end.
std::vector<RefusedPart> refused_parts(AstRef tree, const ExpressionNames& names);

/// What PostgreSQL makes of several values in one place: the columns of UNION, VALUES.
ExpressionType common_type(std::span<const ExpressionType> types);

}  // namespace dsqlint
