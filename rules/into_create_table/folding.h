// Folding: an action of a later ALTER TABLE goes into the CREATE TABLE of the same file, where
// Aurora DSQL accepts what it refuses afterwards.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "engine/lint/rule.h"

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
  NullableIdentity,  ///< of a column that CREATE TABLE leaves nullable
  Compression,       ///< not moved: it is only removed
};

inline constexpr size_t kFoldKinds = static_cast<size_t>(FoldKind::Compression) + 1;

/// One action that can be folded. The finding lacks its rule.
struct Fold {
  size_t statement;  ///< the ALTER TABLE
  Range claimed;     ///< the part of it that other rules need not report
  Diagnostic finding;
  std::optional<size_t> idle_drop = std::nullopt;  ///< a statement that goes with it
};

/// Everything in one file that can be folded: one plan for all rules.
class FoldPlan {
 public:
  explicit FoldPlan(ScriptContext& ctx);
  /// Those of a kind, in order. Each kind is its rule's own, which may move the findings away.
  std::vector<Fold>& of(FoldKind kind) const { return folds_[static_cast<size_t>(kind)]; }

 private:
  mutable std::array<std::vector<Fold>, kFoldKinds> folds_;
};

/// The rule that reports a kind.
const RuleInfo& fold_rule(FoldKind kind);

}  // namespace dsqlint
