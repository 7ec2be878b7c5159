// What callers ask for, from JSON.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/lint/config_file.h"
#include "workspace/judge.h"

namespace dsqlint::bindings {

struct Document {
  std::string name = "<text>";
  std::string text = {};
};

/// To check or fix; see dsqlint.h.
struct Request {
  std::vector<Document> documents;
  bool history = true;
  Settings settings;
  std::map<std::string, std::optional<Severity>> severity;   ///< nothing: the rule is off
  std::vector<std::pair<bool MysqlChoices::*, bool>> mysql;  ///< in order
  std::optional<Severity> fail_on = std::nullopt;
  unsigned threads = 1;
  bool rewrite_history = false;
  bool safe_only = false;
};

/// `fix`: with the keys that only fixing has.
Result<Request> read_request(std::string_view json, bool fix, RuleNames rules);

/// The rule to explain; nothing: all of them.
Result<std::optional<std::string>> read_explain_request(std::string_view json);

}  // namespace dsqlint::bindings
