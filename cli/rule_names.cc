#include "cli/rule_names.h"

#include <algorithm>

#include "rules/rules.h"

namespace dsqlint {

const std::vector<std::string_view>& rule_names() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const RuleInfo* info : rule_catalogue()) names.push_back(info->id);
    for (const RetiredRule& retired : retired_rules()) names.push_back(retired.id);
    std::sort(names.begin(), names.end());
    return names;
  }();
  return kNames;
}

}  // namespace dsqlint
