// Trees and their SQL, as far as both printing a state and comparing two need them. For
// engine/catalog/*.cc only.
#pragma once

#include <functional>
#include <string>

#include "engine/catalog/objects.h"
#include "engine/parse/ast.h"

namespace google::protobuf {
class Arena;
}

namespace dsqlint::catalog {

/// Does `work` where there is stack enough for trees of any depth that the parser takes.
void on_deep_stack(const std::function<void()>& work);

/// The tree that the bytes mean, owned by the arena; an empty node where there is none. Needs a
/// deep stack, as the others do.
pg::Node& decode(const Tree& tree, google::protobuf::Arena& arena);

/// The SQL of an expression, a clause or a statement, by libpg_query's deparser, with parentheses
/// where that forgets them: what it gives is read again and compared. Changes the tree.
std::string sql_of(pg::Node& node);

/// Does an expression stand without parentheses after DEFAULT, or as the key of an index?
bool is_simple(const pg::Node& expression);

}  // namespace dsqlint::catalog
