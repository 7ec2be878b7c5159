// Where the parts of a statement stand: node → tokens. The tree says what there is, the tokens
// where; most nodes have no position of their own.
#pragma once

#include <vector>

#include "engine/parse/ast.h"
#include "engine/text/tokens.h"

namespace dsqlint {

class ParsedStatement;

/// CREATE TABLE … ( elements ) options.
struct CreateTableParts {
  TokenSpan name;
  size_t open = Tokens::npos;  ///< the parenthesis around the elements; npos: OF type, AS query
  size_t close = Tokens::npos;
  std::vector<TokenSpan> elements;  ///< one per entry of table_elts, in order
  TokenSpan tail;                   ///< all after `close` (or the name)
};
CreateTableParts create_table_parts(const Tokens& tokens);
/// Of one among several in a statement: CREATE SCHEMA … CREATE TABLE … CREATE TABLE ….
CreateTableParts create_table_parts(const pg::CreateStmt& create, const ParsedStatement& statement);

/// ALTER TABLE … action, action.
struct AlterTableParts {
  TokenSpan name;
  std::vector<TokenSpan> actions;  ///< one per entry of cmds, in order
};
/// For ALTER TABLE, INDEX, VIEW, SEQUENCE, MATERIALIZED VIEW and FOREIGN TABLE alike.
AlterTableParts alter_table_parts(const Tokens& tokens);

/// CREATE INDEX … ON table [USING m] ( keys ) tail.
struct CreateIndexParts {
  size_t index = Tokens::npos;  ///< the word INDEX
  size_t on = Tokens::npos;
  TokenSpan name;  ///< empty when the server chooses
  TokenSpan table;
  size_t open = Tokens::npos;
  size_t close = Tokens::npos;
  std::vector<TokenSpan> keys;  ///< one per entry of index_params
  TokenSpan tail;
};
CreateIndexParts create_index_parts(const Tokens& tokens);

/// One constraint or default of a column, with its CONSTRAINT name and its attributes (NOT VALID,
/// DEFERRABLE …).
struct ConstraintPart {
  const pg::Constraint* node = nullptr;
  TokenSpan tokens;
};

/// name type constraint…
struct ColumnParts {
  TokenSpan name;
  TokenSpan type;
  TokenSpan collation;                      ///< COLLATE name; empty when absent
  std::vector<ConstraintPart> constraints;  ///< in source order, attributes attached
};
/// `span` is the whole column element.
ColumnParts column_parts(const pg::ColumnDef& column, const ParsedStatement& statement,
                         TokenSpan span);
/// The element span of a column inside its statement (CREATE TABLE or ADD COLUMN), from its own
/// location to the comma or parenthesis that ends it.
TokenSpan column_span(const pg::ColumnDef& column, const ParsedStatement& statement);
inline ColumnParts column_parts(const pg::ColumnDef& column, const ParsedStatement& statement) {
  return column_parts(column, statement, column_span(column, statement));
}
/// The element span of a table constraint: from its location to the comma or parenthesis that ends
/// it.
TokenSpan element_from(size_t first, const Tokens& tokens);

/// [NOT] DEFERRABLE, INITIALLY DEFERRED|IMMEDIATE of a constraint, wherever they stand in `span`
/// outside parentheses; empty when they do not.
TokenSpan deferrable_words(const Tokens& tokens, TokenSpan span);

/// The tokens of a type: from its location to its end (modifiers, time zone, array bounds).
TokenSpan type_span(const pg::TypeName& type, const ParsedStatement& statement);

}  // namespace dsqlint
