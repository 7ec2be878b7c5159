// The parts of a CREATE INDEX that the rules on indexes look at.
#pragma once

#include <vector>

#include "engine/lint/rule.h"
#include "engine/parse/ranges.h"

namespace dsqlint {

/// One key: `column|function(…)|(expression) [COLLATE c] [opclass[(…)]] [ASC|DESC] [NULLS …]`.
/// Absent parts are empty.
struct IndexKeyParts {
  TokenSpan key;
  TokenSpan collation;  ///< with the word COLLATE
  TokenSpan operator_class;
  TokenSpan direction;
};
IndexKeyParts index_key_parts(const pg::IndexElem& elem, TokenSpan element, const Tokens& tokens);

/// Does the operator class belong to another method than B-tree (trigrams, JSON paths, arrays,
/// vectors)? An index that has one serves operators that a B-tree does not support.
bool is_foreign_operator_class(const pg::IndexElem& elem);

/// Deletes a whole CREATE INDEX: indexes change how fast an answer comes, not what it is.
Fix drop_index_statement(const Context& ctx);

}  // namespace dsqlint
