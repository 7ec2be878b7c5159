// Going through a tree without recursion.
#pragma once

#include <vector>

#include "engine/parse/ast.h"

namespace dsqlint {

/// Unwraps a Node; kind 0 for an empty one.
AstRef unwrap(const pg::Node& node);
/// Appends the children of `node`, in field order.
void append_children(AstRef node, std::vector<AstRef>& out);

/// Depth-first, parents before children. Keep one per thread: it re-uses its memory.
class Walker {
 public:
  /// Calls `visit(node, parents)` for `root` and all below it; `parents` runs from the root down.
  template <typename Visit>
  void walk(AstRef root, Visit&& visit) {
    pending_.clear();
    parents_.clear();
    pending_.push_back({root, 0});
    while (!pending_.empty()) {
      const Pending next = pending_.back();
      pending_.pop_back();
      parents_.resize(next.depth);
      visit(next.node, parents_);
      children_.clear();
      append_children(next.node, children_);
      if (children_.empty()) continue;
      parents_.push_back(next.node);
      for (auto child = children_.rbegin(); child != children_.rend(); ++child) {
        pending_.push_back({*child, next.depth + 1});
      }
    }
  }

 private:
  struct Pending {
    AstRef node;
    size_t depth;
  };
  std::vector<Pending> pending_;
  std::vector<AstRef> parents_;
  std::vector<AstRef> children_;
};

}  // namespace dsqlint
