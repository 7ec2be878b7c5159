// The ids under which the translation reports.
#pragma once

#include <span>
#include <string_view>

#include "engine/lint/diagnostic.h"

namespace dsqlint::mysql {

struct TranslationRule {
  RuleInfo info;                          ///< `bad` is MySQL text
  Safety safety;                          ///< the status of its findings
  std::string_view title;                 ///< of the change, imperative; empty where there is none
  std::string_view note = {};             ///< what to take care of, told with each finding
  std::string_view unchecked_title = {};  ///< of the change where CHECKs are not chosen
};

/// Sorted by id.
std::span<const TranslationRule> translation_rules();
/// Null where there is no such id.
const TranslationRule* find_translation_rule(std::string_view id);

}  // namespace dsqlint::mysql
