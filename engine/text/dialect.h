// Syntax that Aurora DSQL has and the grammar of PostgreSQL 17 does not, and text that is not SQL
// at all: hidden from the parser at equal length, so that offsets stay the same, and remembered.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/source.h"
#include "engine/text/statements.h"
#include "engine/text/tokens.h"

namespace dsqlint {

enum class MaskKind : uint8_t {
  IndexAsync,          ///< ASYNC of CREATE INDEX ASYNC
  IndexMethod,         ///< USING method after the keys of CREATE INDEX, as MySQL has it
  TableAsync,          ///< ASYNC of ALTER TABLE ASYNC
  MatchPartial,        ///< PARTIAL of MATCH PARTIAL, which PostgreSQL's grammar refuses
  ConstraintEnforced,  ///< [NOT] ENFORCED, from PostgreSQL 18
  MetaCommand,         ///< a psql command inside a statement
  PsqlVariable,        ///< :name, :'name', :"name"
  Remark,              ///< a comment where libpg_query's grammar takes none
  // Of versions after the grammar's, found by newer_masks.
  VirtualColumn,     ///< VIRTUAL of a generated column, which the parser sees as STORED
  UnstoredColumn,    ///< GENERATED ALWAYS AS without STORED, which it sees as DEFAULT
  TableNotNull,      ///< NOT NULL column as an element of a table, with a comma
  NotNullNoInherit,  ///< NO INHERIT after NOT NULL
  WithoutOverlaps,
  Period,            ///< PERIOD in a foreign key
  ReturningAliases,  ///< WITH (OLD AS o, NEW AS n) after RETURNING
  GroupByAll,
  NullTreatment,  ///< IGNORE NULLS, RESPECT NULLS
  OnlyTable,      ///< ONLY of VACUUM and ANALYZE
};

struct Mask {
  MaskKind kind;
  Range range;
};

/// Is this `AWS IAM GRANT|REVOKE …`, DSQL's own statement? It is checked here, not by the parser.
bool is_aws_iam(const Tokens& tokens);
/// Empty when the statement has the form DSQL documents, else what is wrong.
std::string aws_iam_error(const Tokens& tokens);

/// Finds what has to be hidden in one statement, sorted by place. psql variables only on demand:
/// `a[1:n]` looks like one and is not.
std::vector<Mask> find_masks(const Tokens& tokens, const StatementText& statement,
                             bool psql_variables);

/// Writes the masked form of `statement` (the text of `range`) in place.
void apply_masks(std::string& statement, uint32_t begin, const std::vector<Mask>& masks);

/// The name that the parser sees for `:x`, `:"x"` or `:{?x}`: of the same length, and another for
/// every variable, but for the case of its letters.
std::string variable_placeholder(std::string_view variable);

/// Placeholders, as PostgreSQL downcases them, and the variables that they stand for.
using VariableNames = std::map<std::string, std::string, std::less<>>;
/// `text` with the variables in place of their placeholders.
std::string spell_variables(std::string_view text, const VariableNames& variables);

/// Does the word (lower case) need quotes as a name? As PostgreSQL's quote_ident judges it.
bool is_reserved(std::string_view word);

}  // namespace dsqlint
