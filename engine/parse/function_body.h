// Bodies of functions that are strings: SQL inside SQL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/parse/ast.h"
#include "engine/text/tokens.h"

namespace dsqlint {

/// A body in its literal.
struct FunctionBody {
  Range literal;               ///< with its quotes
  Range text;                  ///< between the quotes
  std::string_view delimiter;  ///< what ends the literal, and no edit may put inside: `'`, `$tag$`
  /// The bytes between the quotes are the body, so that positions in it are those of the file. Not
  /// so where quotes or backslashes are escaped.
  bool verbatim = false;
  std::string unescaped;  ///< the body where it is not verbatim
};

/// Nothing for BEGIN ATOMIC and RETURN, which are part of the tree, and for compiled functions.
std::optional<FunctionBody> function_body(const pg::CreateFunctionStmt& create,
                                          const Tokens& tokens, std::string_view text,
                                          uint32_t statement_begin);

/// The language in lower case; empty when the statement names none.
std::string function_language(const pg::CreateFunctionStmt& create);

/// The types of its arguments and of what it returns, as written.
std::vector<const pg::TypeName*> signature_types(const pg::CreateFunctionStmt& create);

/// The text of a body that is one string, whatever the language; empty for others.
const std::string& function_body_text(const pg::CreateFunctionStmt& create);

}  // namespace dsqlint
