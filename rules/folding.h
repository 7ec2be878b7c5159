// Folding: an action of a later ALTER TABLE goes into the CREATE TABLE of the same file, where
// Aurora DSQL accepts what it refuses afterwards.
#pragma once

#include <vector>

#include "engine/rule.h"

namespace dsqlint {

enum class FoldKind : uint8_t {
  PrimaryKey,
  Unique,
  Check,
  ForeignKey,
  NotNull,
  Default,
  Type,
  Column,
  Identity,
  Compression,  ///< goes nowhere: it is only taken out
};

/// One action that can be folded. The finding lacks its rule.
struct Fold {
  FoldKind kind;
  size_t statement;  ///< the ALTER TABLE
  Range claimed;     ///< the part of it that other rules need not speak about
  Diagnostic finding;
};

/// Everything in one file that can be folded, in order; one plan for all rules.
class FoldPlan {
 public:
  explicit FoldPlan(const ScriptContext& ctx);
  const std::vector<Fold>& folds() const { return folds_; }

 private:
  std::vector<Fold> folds_;
};

/// The rule that speaks about a kind.
const RuleInfo& fold_rule(FoldKind kind);

}  // namespace dsqlint
