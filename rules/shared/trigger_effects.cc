#include "rules/shared/trigger_effects.h"

#include <vector>

namespace dsqlint {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += "`" + name + "`";
  }
  return text;
}

}  // namespace

std::string describe_effects(const TriggerEffects& effects) {
  std::vector<std::string> parts;
  if (!effects.sets.empty()) parts.push_back("sets " + listed(effects.sets));
  if (!effects.writes.empty()) parts.push_back("writes to " + listed(effects.writes));
  if (effects.refuses) parts.push_back("raises exceptions");
  if (effects.notifies) parts.push_back("sends notifications");
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

}  // namespace dsqlint
