#include "plugins/catalogue.h"

#include <algorithm>
#include <array>

#include "mysql/rules.h"
#include "plugins/migrations/history_rules.h"
#include "rules/rules.h"

namespace dsqlint {
namespace {

/// What the translation of MySQL finds is about the source, whose comments the translated text
/// keeps.
std::vector<std::string_view> translation_ids() {
  std::vector<std::string_view> ids;
  for (const mysql::TranslationRule& rule : mysql::translation_rules()) {
    ids.push_back(rule.info.id);
  }
  return ids;
}

}  // namespace

std::vector<const RuleInfo*> rule_catalogue() {
  std::vector<const RuleInfo*> catalogue = all_rule_infos();
  for (const RuleInfo& info : history_rules()) catalogue.push_back(&info);
  for (const mysql::TranslationRule& rule : mysql::translation_rules()) {
    catalogue.push_back(&rule.info);
  }
  std::sort(catalogue.begin(), catalogue.end(),
            [](const RuleInfo* a, const RuleInfo* b) { return a->id < b->id; });
  return catalogue;
}

const RuleInfo* find_rule(std::string_view id) {
  const std::vector<const RuleInfo*> catalogue = rule_catalogue();
  const auto found = std::lower_bound(
      catalogue.begin(), catalogue.end(), id,
      [](const RuleInfo* info, std::string_view wanted) { return info->id < wanted; });
  return found == catalogue.end() || (*found)->id != id ? nullptr : *found;
}

std::span<const RetiredRule> retired_rules() {
  static constexpr std::array<RetiredRule, 0> kRetired = {};
  return kRetired;
}

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

OtherIds other_ids_of_files() {
  OtherIds ids{.elsewhere = translation_ids()};
  for (const RuleInfo& info : history_rules()) ids.elsewhere.push_back(info.id);
  // A migration tool's transaction is not in the text of a file.
  for (const std::string_view id :
       {"mixed_ddl_dml_transaction", "multi_ddl_transaction", "transaction_row_limit"}) {
    ids.elsewhere.push_back(id);
  }
  return ids;
}

OtherIds other_ids_of_migrations() {
  OtherIds ids{.elsewhere = translation_ids()};
  // Which migrations are new is told by a commit, which is not always given.
  const RuleInfo& out_of_order = history_rule(HistoryRule::OutOfOrder);
  ids.elsewhere.push_back(out_of_order.id);
  for (const RuleInfo& info : history_rules()) {
    if (&info != &out_of_order) ids.here.push_back(info.id);
  }
  return ids;
}

}  // namespace dsqlint
