// Ids under which a folder of migrations is judged, apart from the SQL in it.
#pragma once

#include "engine/diagnostic.h"

namespace dsqlint {

enum class HistoryRule : uint8_t {
  DuplicateVersion,
  VersionGap,
  OutOfOrder,
  MissingFile,
  Unlisted,
  Placeholder,
  Mark,
};

const RuleInfo& history_rule(HistoryRule rule);
bool is_history_rule(std::string_view id);

}  // namespace dsqlint
