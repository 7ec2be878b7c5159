// The names of the kinds of objects, and where a statement names its object.
#pragma once

#include <string>
#include <string_view>

#include "engine/parse/ast.h"
#include "engine/text/tokens.h"

namespace dsqlint {

/// As SQL spells the kind, in lower case: `text search configuration`. Empty for kinds that no
/// statement creates.
std::string_view object_noun(pg::ObjectType kind);

/// CREATE|ALTER|DROP|COMMENT ON <noun> [IF [NOT] EXISTS] name [… ON table].
struct ObjectPlace {
  TokenSpan head;   ///< from the first word to the last of the noun
  TokenSpan name;   ///< of the first object, without arguments; empty when none was found
  TokenSpan table;  ///< after ON or FOR, of triggers, policies and rules; may be empty
};
ObjectPlace object_place(const Tokens& tokens, std::string_view noun);

/// `trigger `t` on `orders``, in the user's spelling.
std::string describe_object(const Tokens& tokens, std::string_view noun, const ObjectPlace& place);

}  // namespace dsqlint
