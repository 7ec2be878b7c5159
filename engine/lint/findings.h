// The findings of one run over a file while they are collected.
#pragma once

#include <deque>
#include <vector>

#include "engine/lint/diagnostic.h"

namespace dsqlint {

/// What passes over all findings look at. Findings themselves are big, and stay where they are.
struct Found {
  Range range;
  Range statement;
  const RuleInfo* rule = nullptr;
  Diagnostic* finding = nullptr;
  bool conditional = false;  ///< it has an `unless_type_exists` or `unless_function_exists`
  bool caused = false;       ///< it has causes
};

/// Lists of findings as the checks made them. Not thread-safe.
class Findings {
 public:
  void add(std::vector<Diagnostic> list);
  void add(Diagnostic finding);
  const std::vector<Found>& all() const { return all_; }
  /// Drops those for which `drop(found)` holds; it may move the finding away.
  template <typename Drop>
  void erase_if(Drop&& drop) {
    std::erase_if(all_, drop);
  }
  /// In the order of output.
  void sort();
  /// What is left, in the order of `all`.
  std::vector<Diagnostic> take();

 private:
  std::deque<std::vector<Diagnostic>> lists_;
  std::vector<Found> all_;
};

}  // namespace dsqlint
