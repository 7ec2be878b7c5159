// Statements in an order in which each finds what it needs. For print.cc and difference.cc only.
#pragma once

#include <string>
#include <vector>

#include "engine/catalog/parts.h"

namespace dsqlint::catalog {

class Script {
 public:
  /// `statements` follow one another.
  size_t add(Rank rank, std::vector<std::string> statements);
  void after(size_t item, size_t other);

  /// Items: of those that need nothing any more the one of the lowest rank, and of these the first.
  /// Where all need one another in a circle, the lowest is taken out of it.
  std::vector<size_t> order() const;
  std::vector<std::string> in_order() const;

 private:
  struct Item {
    Rank rank;
    std::vector<std::string> statements;
    size_t waits_for = 0;
    std::vector<size_t> waited_for_by = {};
  };
  std::vector<Item> items_;
};

}  // namespace dsqlint::catalog
