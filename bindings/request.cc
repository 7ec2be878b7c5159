#include "bindings/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <span>

namespace dsqlint::bindings {
namespace {

using Json = nlohmann::json;

/// Requests nest four deep. The parser does not recurse, but keeps a pointer for each level.
constexpr size_t kDeepest = 16;
constexpr unsigned kMostThreads = 1024;

/// Where the text is nested deeper than any request; nothing where it is not.
std::optional<size_t> too_deep(std::string_view text) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else {
        in_string = c != '"';
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepest) return i;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return std::nullopt;
}

Result<Json> parse(std::string_view text) {
  if (const auto place = too_deep(text)) {
    return fail(fmt::format("the request is nested too deeply at byte {}", *place));
  }
  std::array<std::set<std::string>, kDeepest + 2> keys;  // of the objects that are open, by depth
  std::string twice;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    const auto level = static_cast<size_t>(depth);
    if (event == Json::parse_event_t::object_start) {
      keys.at(level + 1).clear();
    } else if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys.at(level).insert(key).second && twice.empty()) twice = key;
    }
    return true;
  };
  Json json;
  try {
    json = Json::parse(text.begin(), text.end(), watch);
  } catch (const Json::parse_error& problem) {
    return fail(fmt::format("the request is not JSON in UTF-8: see byte {}", problem.byte));
  } catch (const Json::exception&) {
    return fail("the request has a number that is out of range");
  }
  if (!twice.empty()) return fail(fmt::format("`{}` is given twice", twice));
  if (!json.is_object()) return fail("the request must be a JSON object");
  return json;
}

Result<void> fail_at(std::string_view key, std::string_view wanted) {
  return fail(fmt::format("`{}` must be {}", key, wanted));
}

Result<void> unknown(std::string_view what, std::string_view key,
                     std::span<const std::string_view> known) {
  const std::string_view near = nearest_name(key, known);
  return fail(fmt::format("`{}` is not a key of {}; {}", key, what,
                          near.empty() ? fmt::format("the keys are {}", fmt::join(known, ", "))
                                       : fmt::format("did you mean `{}`?", near)));
}

Result<void> read_bool(std::string_view key, const Json& value, bool& out) {
  if (!value.is_boolean()) return fail_at(key, "true or false");
  out = value.get<bool>();
  return {};
}

Result<void> read_string(std::string_view key, Json& value, std::string& out) {
  if (!value.is_string()) return fail_at(key, "a string");
  out = std::move(value.get_ref<std::string&>());
  return {};
}

/// One of them, or an array.
Result<void> read_rules(std::string_view key, Json& value, RuleNames rules,
                        std::vector<std::string>& out) {
  const std::string wanted = "a rule id or an array of them";
  const auto add = [&](Json& rule) -> Result<void> {
    if (!rule.is_string()) return fail_at(key, wanted);
    auto& id = rule.get_ref<std::string&>();
    if (!std::binary_search(rules.begin(), rules.end(), id)) {
      return fail(fmt::format("`{}`: {}", key, unknown_rule(id, rules)));
    }
    out.push_back(std::move(id));
    return {};
  };
  if (value.is_string()) return add(value);
  if (!value.is_array()) return fail_at(key, wanted);
  for (Json& rule : value) {
    if (auto added = add(rule); !added) return added;
  }
  return {};
}

constexpr std::array<std::string_view, 2> kDocumentKeys = {"name", "text"};

Result<void> read_document(std::string_view key, Json& value, Document& out) {
  if (!value.is_object()) return fail_at(key, "an object with `name` and `text`");
  for (const auto& [own, unused] : value.items()) {
    if (std::find(kDocumentKeys.begin(), kDocumentKeys.end(), own) == kDocumentKeys.end()) {
      return unknown(fmt::format("`{}`", key), own, kDocumentKeys);
    }
  }
  const auto text = value.find("text");
  if (text == value.end()) return fail(fmt::format("`{}.text` is missing", key));
  const auto name = value.find("name");
  if (name != value.end()) {
    if (auto read = read_string(fmt::format("{}.name", key), *name, out.name); !read) return read;
    if (out.name.empty() || out.name.find('\0') != std::string::npos) {
      return fail_at(fmt::format("{}.name", key), "a name: not empty, and without NUL");
    }
  }
  return read_string(fmt::format("{}.text", key), *text, out.text);
}

Result<void> read_documents(Json& value, Request& request, RuleNames) {
  if (!value.is_array()) return fail_at("documents", "an array");
  for (size_t i = 0; i < value.size(); ++i) {
    Document document;
    if (auto read = read_document(fmt::format("documents[{}]", i), value[i], document); !read) {
      return read;
    }
    request.documents.push_back(std::move(document));
  }
  return {};
}

Result<void> read_engine(Json& value, Request& request, RuleNames) {
  if (!value.is_string()) return fail_at("engine", "a date like \"2026-08-01\"");
  const auto date = engine_date(value.get_ref<const std::string&>(), "`engine`");
  if (!date) return tl::unexpected(date.error());
  request.settings.engine = *date;
  return {};
}

Result<void> read_dialect_name(Json& value, Request& request, RuleNames) {
  if (value != "postgres" && value != "mysql" && value != "auto") {
    return fail_at("dialect", "one of \"postgres\", \"mysql\", \"auto\"");
  }
  return read_string("dialect", value, request.settings.dialect);
}

std::optional<Severity> severity_of(const Json& value) {
  return value.is_string() ? parse_severity(value.get_ref<const std::string&>()) : std::nullopt;
}

Result<void> read_fail_on(Json& value, Request& request, RuleNames) {
  request.fail_on = severity_of(value);
  if (!request.fail_on) return fail_at("fail_on", "one of \"error\", \"warning\", \"info\"");
  return {};
}

Result<void> read_severity(Json& value, Request& request, RuleNames rules) {
  if (!value.is_object()) return fail_at("severity", "an object of rule ids");
  for (const auto& [rule, level] : value.items()) {
    if (!std::binary_search(rules.begin(), rules.end(), rule)) {
      return fail(fmt::format("`severity`: {}", unknown_rule(rule, rules)));
    }
    const auto severity = severity_of(level);
    if (!severity && level != "off") {
      return fail_at(fmt::format("severity.{}", rule),
                     "one of \"error\", \"warning\", \"info\", \"off\"");
    }
    request.severity[rule] = severity;
  }
  return {};
}

Result<void> read_mysql(Json& value, Request& request, RuleNames) {
  if (!value.is_object()) return fail_at("mysql", "an object of choices");
  for (const auto& [name, wanted] : value.items()) {
    const auto choice = std::find_if(kMysqlChoices.begin(), kMysqlChoices.end(),
                                     [&, &own = name](const auto& one) { return one.name == own; });
    if (choice == kMysqlChoices.end()) {
      std::vector<std::string_view> known;
      for (const MysqlChoice& one : kMysqlChoices) known.push_back(one.name);
      return unknown("`mysql`", name, known);
    }
    bool on = false;
    if (auto read = read_bool(fmt::format("mysql.{}", name), wanted, on); !read) return read;
    request.mysql.emplace_back(choice->value, on);
  }
  return {};
}

Result<void> read_config(Json& value, Request& request, RuleNames) {
  std::string path;
  if (auto read = read_string("config", value, path); !read) return read;
  if (path.empty() || path.find('\0') != std::string::npos) {
    return fail_at("config", "the path of a file");
  }
  request.settings.config = std::move(path);
  return {};
}

Result<void> read_threads(Json& value, Request& request, RuleNames) {
  if (!value.is_number_unsigned() || value.get<uint64_t>() > kMostThreads) {
    return fail_at("threads", fmt::format("a number from 0 to {}", kMostThreads));
  }
  request.threads = value.get<unsigned>();
  return {};
}

struct Key {
  std::string_view name;
  Result<void> (*read)(Json& value, Request& request, RuleNames rules);
  bool fix_only = false;
};

constexpr Key kKeys[] = {
    {"config", read_config},
    {"dialect", read_dialect_name},
    {"documents", read_documents},
    {"engine", read_engine},
    {"fail_on", read_fail_on},
    {"history", [](Json& value, Request& request,
                   RuleNames) { return read_bool("history", value, request.history); }},
    {"ignore",
     [](Json& value, Request& request, RuleNames rules) {
       return read_rules("ignore", value, rules, request.settings.ignore);
     }},
    {"ignore_comments",
     [](Json& value, Request& request, RuleNames) {
       return read_bool("ignore_comments", value, request.settings.suppressions);
     }},
    {"mysql", read_mysql},
    {"rewrite_history",
     [](Json& value, Request& request, RuleNames) {
       return read_bool("rewrite_history", value, request.rewrite_history);
     }},
    {"safe_only",
     [](Json& value, Request& request, RuleNames) {
       return read_bool("safe_only", value, request.safe_only);
     },
     true},
    {"select",
     [](Json& value, Request& request, RuleNames rules) {
       return read_rules("select", value, rules, request.settings.select);
     }},
    {"severity", read_severity},
    {"threads", read_threads},
};

}  // namespace

Result<Request> read_request(std::string_view json, bool fix, RuleNames rules) {
  auto parsed = parse(json);
  if (!parsed) return tl::unexpected(parsed.error());
  std::vector<std::string_view> known;
  for (const Key& key : kKeys) {
    if (fix || !key.fix_only) known.push_back(key.name);
  }
  Request request;
  for (const auto& [name, value] : parsed->items()) {
    if (!std::binary_search(known.begin(), known.end(), name)) {
      return tl::unexpected(unknown("the request", name, known).error());
    }
    const Key* key = std::find_if(std::begin(kKeys), std::end(kKeys),
                                  [&, &own = name](const Key& one) { return one.name == own; });
    if (auto read = key->read(value, request, rules); !read) return tl::unexpected(read.error());
  }
  if (!parsed->contains("documents")) return fail("`documents` is missing");
  return request;
}

Result<std::optional<std::string>> read_explain_request(std::string_view json) {
  auto parsed = parse(json);
  if (!parsed) return tl::unexpected(parsed.error());
  constexpr std::array<std::string_view, 1> kKnown = {"rule"};
  std::optional<std::string> rule;
  for (const auto& [name, value] : parsed->items()) {
    if (name != kKnown[0]) return tl::unexpected(unknown("the request", name, kKnown).error());
    if (auto read = read_string("rule", value, rule.emplace()); !read) {
      return tl::unexpected(read.error());
    }
  }
  return rule;
}

}  // namespace dsqlint::bindings
