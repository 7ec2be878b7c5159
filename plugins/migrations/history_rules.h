// Ids under which a folder of migrations is judged, apart from the SQL in it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/lint/diagnostic.h"

namespace dsqlint {

enum class HistoryRule : uint8_t {
  DuplicateVersion,
  VersionGap,
  OutOfOrder,
  MissingFile,
  Unlisted,
  Placeholder,
  Mark,
  Checksum,
  Unread,
  RefusedOverride,
};

/// In the order of HistoryRule. Static storage.
std::span<const RuleInfo> history_rules();
const RuleInfo& history_rule(HistoryRule rule);
bool is_history_rule(std::string_view id);

/// With the rule's help where none is given.
Diagnostic history_finding(HistoryRule rule, Range range, std::string message,
                           std::string help = {});

}  // namespace dsqlint
