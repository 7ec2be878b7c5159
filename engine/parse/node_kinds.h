// How many kinds of nodes a tree can have, for those who do not look into trees.
#pragma once

#include <cstddef>

namespace dsqlint {

inline constexpr size_t kNodeKinds =
    300;  ///< above every pg::Node::NodeCase; checked when generated

}  // namespace dsqlint
