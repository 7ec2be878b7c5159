// Comments that speak to us (`-- dsqlint: ignore rule, rule: reason`), while they are written.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "engine/text/source.h"

namespace dsqlint::lsp {

/// The rule's id at `offset` in such a comment.
std::optional<Range> rule_word_at(const SourceFile& source, uint32_t offset);

/// Where a rule's id can be written.
struct RuleSlot {
  Range word;                   ///< what of it is there already; up to `offset`
  std::set<std::string> named;  ///< rules that the comment names already
};
/// The place for a rule that `offset` is in, if it is in one.
std::optional<RuleSlot> rule_slot_at(const SourceFile& source, uint32_t offset);

}  // namespace dsqlint::lsp
