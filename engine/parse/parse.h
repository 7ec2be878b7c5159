// The only caller of libpg_query.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/text/source.h"

namespace google::protobuf {
class Arena;
}
namespace pg_query {
class Node;
}

namespace dsqlint {

/// Why a statement could not be parsed: PostgreSQL's own words, and the place.
struct SyntaxError {
  std::string message;
  uint32_t offset = 0;  ///< in bytes, relative to the statement's first byte
};

/// What parsing one statement gave: a tree, or an error.
struct Parsed {
  const pg_query::Node* node = nullptr;  ///< owned by the arena
  std::optional<SyntaxError> error;
};

/// The parser's scanner reads a run of operator characters to its end at each `/*` in it, which
/// would take for ever where comments nest or touch: each chain of them becomes one empty comment.
/// `text` has byte `shift` of what the comments are places in as its first. All of them are closed:
/// what is open is not for the parser.
void empty_comments(std::string& text, std::span<const Range> comments, uint32_t shift);

/// Parses one statement (no terminator) into `arena`. The parser is given the text after one
/// blank, so that `location` 0 in the tree means "unset" and L means byte L - 1 of the statement.
/// Needs the stack of run_on_big_stacks. Thread-safe.
Parsed parse_statement(std::string& text, google::protobuf::Arena& arena);

/// The locations in the tree start after the blank.
inline constexpr uint32_t kLocationShift = 1;

}  // namespace dsqlint
