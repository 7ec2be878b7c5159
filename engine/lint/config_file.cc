// Reading configuration files, with a place and a next step in every error.

#include "engine/lint/config_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>

namespace dsqlint {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 11> kKeys = {"baseline", "dialect", "engine",     "exclude",
                                                    "fail-on",  "ignore",  "migrations", "mysql",
                                                    "per-path", "select",  "severity"};
constexpr std::array<std::string_view, 4> kPathKeys = {"ignore", "path", "select", "severity"};
constexpr std::array<std::string_view, 3> kDialects = {"auto", "mysql", "postgres"};

/// Reads one table; the first problem wins and stays in `error`.
class Reader {
 public:
  Reader(const std::string& path, RuleNames rules) : path_(path), rules_(rules) {}

  void top(const toml::table& table, ConfigFile& config) {
    keys(table, kKeys, "");
    for (const auto& [key, node] : table) {
      const std::string_view name = key.str();
      if (name == "engine") {
        engine(node, config);
      } else if (name == "dialect") {
        config.dialect = word(node, name);
        if (std::find(kDialects.begin(), kDialects.end(), config.dialect) == kDialects.end()) {
          fail_at(node, "`dialect` must be one of \"postgres\", \"mysql\", \"auto\"");
        }
      } else if (name == "fail-on") {
        config.fail_on = parse_severity(word(node, name));
        if (!config.fail_on) {
          fail_at(node, "`fail-on` must be one of \"error\", \"warning\", \"info\"");
        }
      } else if (name == "exclude") {
        config.exclude = globs(node, name);
      } else if (name == "baseline") {
        config.baseline = word(node, name);
        config.baseline_place = place(node.source());
      } else if (name == "migrations") {
        config.migrations_place = place(node.source());
        words(node, name, [&](const toml::node&, std::string_view folder) {
          config.migrations.emplace_back(folder);
        });
      } else if (name == "mysql") {
        mysql(node, config);
      } else if (name == "per-path") {
        per_path(node, config);
      } else {
        rule_settings(name, node, config.all);
      }
    }
  }

  const std::string& error() const { return error_; }

 private:
  void fail_at(const toml::node& node, const std::string& message) {
    fail_at(node.source(), message);
  }
  void fail_at(const toml::source_region& where, const std::string& message) {
    if (!error_.empty()) return;
    error_ = fmt::format("{}: {}", place(where), message);
  }
  std::string place(const toml::source_region& where) const {
    return fmt::format("{}:{}:{}", path_, where.begin.line, where.begin.column);
  }

  void keys(const toml::table& table, std::span<const std::string_view> known,
            std::string_view prefix) {
    for (const auto& [key, node] : table) {
      const std::string_view name = key.str();
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const std::string_view near = nearest_name(name, known);
      fail_at(key.source(), near.empty() ? fmt::format("unknown key `{}{}`; the keys are {}",
                                                       prefix, name, fmt::join(known, ", "))
                                         : fmt::format("unknown key `{}{}`; did you mean `{}`?",
                                                       prefix, name, near));
    }
  }

  void engine(const toml::node& node, ConfigFile& config) {
    std::string text;
    if (const auto date = node.value_exact<toml::date>()) {
      text = fmt::format("{:04}-{:02}-{:02}", date->year, date->month, date->day);
    } else if (const auto string = node.value_exact<std::string_view>()) {
      text = *string;
    } else {
      return fail_at(node, "`engine` must be a date, like 2026-10-04");
    }
    const auto date = engine_date(text, "engine");
    if (!date) return fail_at(node, date.error().message);
    config.engine = *date;
  }

  std::string word(const toml::node& node, std::string_view name) {
    if (const auto text = node.value_exact<std::string>()) return *text;
    fail_at(node, fmt::format("`{}` must be a string: {} = \"…\"", name, name));
    return {};
  }

  /// One text or a list of them.
  template <typename Take>
  void words(const toml::node& node, std::string_view name, Take&& take) {
    if (const auto text = node.value_exact<std::string_view>()) return take(node, *text);
    const toml::array* list = node.as_array();
    if (list == nullptr) {
      return fail_at(node, fmt::format("`{}` must be a list of strings: {} = [\"…\"]", name, name));
    }
    for (const toml::node& element : *list) {
      const auto text = element.value_exact<std::string_view>();
      if (!text) {
        return fail_at(element,
                       fmt::format("`{}` must be a list of strings: {} = [\"…\"]", name, name));
      }
      take(element, *text);
    }
  }

  std::vector<Glob> globs(const toml::node& node, std::string_view name) {
    std::vector<Glob> found;
    words(node, name, [&](const toml::node& element, std::string_view pattern) {
      if (pattern.empty() || pattern.starts_with("../")) {
        return fail_at(
            element,
            fmt::format("`{}` takes patterns for paths below this folder, like \"vendor/**\"",
                        name));
      }
      found.emplace_back(pattern);
    });
    return found;
  }

  void rule(const toml::source_region& where, std::string_view name) {
    if (std::binary_search(rules_.begin(), rules_.end(), name)) return;
    fail_at(where, unknown_rule(name, rules_));
  }

  void rule_settings(std::string_view name, const toml::node& node, PathSettings& settings) {
    if (name == "severity") {
      const toml::table* table = node.as_table();
      if (table == nullptr) {
        return fail_at(node, "`severity` must be a table: [severity], then rule = \"warning\"");
      }
      for (const auto& [key, value] : *table) {
        rule(key.source(), key.str());
        const auto level = value.value_exact<std::string_view>();
        const auto severity = level ? parse_severity(*level) : std::nullopt;
        if (!severity && level != "off") {
          return fail_at(value,
                         "a severity must be one of \"error\", \"warning\", \"info\", \"off\"");
        }
        settings.severity[std::string(key.str())] = severity;
      }
      return;
    }
    std::set<std::string, std::less<>> rules;
    words(node, name, [&](const toml::node& element, std::string_view id) {
      rule(element.source(), id);
      rules.emplace(id);
    });
    if (name == "select") {
      settings.select = std::move(rules);
    } else if (name == "ignore") {
      settings.ignore = std::move(rules);
    }
  }

  void mysql(const toml::node& node, ConfigFile& config) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      return fail_at(node, "`mysql` must be a table: [mysql], then jsonb = true");
    }
    std::vector<std::string_view> names;
    for (const MysqlChoice& choice : kMysqlChoices) names.push_back(choice.name);
    keys(*table, names, "mysql.");
    for (const MysqlChoice& choice : kMysqlChoices) {
      const toml::node* value = table->get(choice.name);
      if (value == nullptr) continue;
      const auto wanted = value->value_exact<bool>();
      if (!wanted) return fail_at(*value, fmt::format("`{}` must be true or false", choice.name));
      config.mysql.*choice.value = *wanted;
    }
  }

  void per_path(const toml::node& node, ConfigFile& config) {
    const toml::array* list = node.as_array();
    if (list == nullptr || !list->is_homogeneous(toml::node_type::table)) {
      return fail_at(node,
                     "`per-path` must be written as [[per-path]], once for each group of paths");
    }
    for (const toml::node& element : *list) {
      const toml::table& table = *element.as_table();
      keys(table, kPathKeys, "per-path.");
      PathSettings settings;
      for (const auto& [key, value] : table) {
        if (key.str() == "path") {
          settings.paths = globs(value, "path");
        } else {
          rule_settings(key.str(), value, settings);
        }
      }
      if (settings.paths.empty()) {
        fail_at(table, "`path` is missing: path = \"legacy/**\"");
      }
      config.per_path.push_back(std::move(settings));
    }
  }

  const std::string& path_;
  RuleNames rules_;
  std::string error_;
};

void apply_settings(const PathSettings& settings, Config& config) {
  if (settings.select) config.select = *settings.select;
  config.ignore.insert(settings.ignore.begin(), settings.ignore.end());
  for (const auto& [rule, severity] : settings.severity) {
    if (severity) {
      config.severity[rule] = *severity;
      // A later table that grades a rule wants it again.
      config.ignore.erase(rule);
    } else {
      config.ignore.insert(rule);
    }
  }
}

Result<std::string> read_text(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return fail(fmt::format("{}: that is a folder; name the configuration file", path));
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(stream), {});
  if (!stream) {
    return fail(fmt::format("{}: the configuration cannot be read; is the path right?", path));
  }
  return text;
}

/// Nothing when the file is a pyproject.toml without [tool.dsqlint].
Result<std::optional<ConfigFile>> read_if_ours(const std::string& path, RuleNames rules) {
  const Result<std::string> text = read_text(path);
  if (!text) return tl::unexpected(text.error());
  ConfigFile config;
  config.path = path;
  std::error_code error;
  const fs::path absolute = fs::weakly_canonical(fs::absolute(path, error), error);
  config.folder = absolute.parent_path().string();
  const bool shared = absolute.filename() == "pyproject.toml";
  if (shared && text->find("dsqlint") == std::string::npos) return std::nullopt;
  try {
    const toml::table root = toml::parse(*text, path);
    const toml::table* table = &root;
    if (shared) {
      const toml::node* ours = root["tool"]["dsqlint"].node();
      if (ours == nullptr) return std::nullopt;
      table = ours->as_table();
      if (table == nullptr) {
        return fail(fmt::format("{}:{}: `tool.dsqlint` must be a table: write [tool.dsqlint]", path,
                                ours->source().begin.line));
      }
    }
    Reader reader(path, rules);
    reader.top(*table, config);
    if (!reader.error().empty()) return fail(reader.error());
  } catch (const toml::parse_error& problem) {
    return fail(fmt::format("{}:{}:{}: this is not valid TOML: {}", path,
                            problem.source().begin.line, problem.source().begin.column,
                            problem.description()));
  }
  return config;
}

}  // namespace

std::string_view ConfigFile::relative(std::string_view absolute_path) const {
  if (folder.empty() || !absolute_path.starts_with(folder)) return {};
  absolute_path.remove_prefix(folder.size());
  if (folder.ends_with('/')) return absolute_path;
  return absolute_path.starts_with('/') ? absolute_path.substr(1) : std::string_view();
}

bool ConfigFile::excludes(std::string_view absolute_path) const {
  const std::string_view path = relative(absolute_path);
  return !path.empty() && std::any_of(exclude.begin(), exclude.end(),
                                      [&](const Glob& glob) { return glob.covers(path); });
}

Config ConfigFile::config_for(std::string_view absolute_path) const {
  Config config;
  if (engine) config.engine = Engine(*engine);
  config.mysql = mysql;
  apply_settings(all, config);
  const std::string_view path = relative(absolute_path);
  for (const PathSettings& settings : per_path) {
    if (!path.empty() && std::any_of(settings.paths.begin(), settings.paths.end(),
                                     [&](const Glob& glob) { return glob.covers(path); })) {
      apply_settings(settings, config);
    }
  }
  return config;
}

Result<ConfigFile> read_config_file(const std::string& path, RuleNames rules) {
  Result<std::optional<ConfigFile>> config = read_if_ours(path, rules);
  if (!config) return tl::unexpected(config.error());
  if (*config) return std::move(**config);
  return fail(fmt::format(
      "{}: it has no [tool.dsqlint]; add one, or name another file with --config", path));
}

Result<const ConfigFile*> ConfigFiles::read(const std::string& path, bool required) {
  if (const auto known = files_.find(path); known != files_.end()) return known->second.get();
  Result<std::optional<ConfigFile>> file = read_if_ours(path, rules_);
  if (!file) return tl::unexpected(file.error());
  if (!*file && required) return tl::unexpected(read_config_file(path, rules_).error());
  auto& kept = files_[path];
  if (*file) kept = std::make_unique<ConfigFile>(std::move(**file));
  return kept.get();
}

Result<const ConfigFile*> ConfigFiles::nearest(const std::string& folder) {
  if (fixed_) return fixed_->empty() ? &defaults_ : read(*fixed_, true);
  std::error_code error;
  const ConfigFile* found = nullptr;
  std::vector<std::string> passed;
  for (fs::path at(folder); found == nullptr; at = at.parent_path()) {
    if (const auto known = by_folder_.find(at.string()); known != by_folder_.end()) {
      found = known->second;
      break;
    }
    passed.push_back(at.string());
    for (const char* name : {"dsqlint.toml", ".dsqlint.toml", "pyproject.toml"}) {
      const std::string path = (at / name).string();
      if (!fs::is_regular_file(path, error)) continue;
      const auto file = read(path, false);
      if (!file) return file;
      if ((found = *file) != nullptr) break;
    }
    if (found == nullptr && (!at.has_parent_path() || at.parent_path() == at)) found = &defaults_;
  }
  for (const std::string& below : passed) by_folder_[below] = found;
  return found;
}

Result<Date> engine_date(std::string_view text, std::string_view where) {
  const std::optional<Date> date = parse_date(text);
  if (!date) {
    return fail(fmt::format("{}: `{}` is not a date; write it like {}", where, text,
                            to_string(kNewestEngine)));
  }
  if (*date < kOldestEngine || *date > kNewestEngine) {
    return fail(fmt::format("{}: nothing is known about {}; choose a date from {} to {}", where,
                            text, to_string(kOldestEngine), to_string(kNewestEngine)));
  }
  return *date;
}

std::optional<Severity> parse_severity(std::string_view word) {
  if (word == "error") return Severity::Error;
  if (word == "warning") return Severity::Warning;
  if (word == "info") return Severity::Info;
  return std::nullopt;
}

std::string_view nearest_name(std::string_view word, std::span<const std::string_view> known) {
  std::string_view best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  std::vector<size_t> row;
  for (const std::string_view name : known) {
    row.resize(name.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= word.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j <= name.size(); ++j) {
        const size_t above = row[j];
        row[j] = std::min({above + 1, row[j - 1] + 1,
                           diagonal + (word[i - 1] == name[j - 1] ? size_t{0} : size_t{1})});
        diagonal = above;
      }
    }
    if (row[name.size()] < best_distance) {
      best_distance = row[name.size()];
      best = name;
    }
  }
  return best;
}

std::string unknown_rule(std::string_view name, RuleNames rules) {
  const std::string_view near = nearest_name(name, rules);
  if (near.empty()) {
    return fmt::format("`{}` is not a rule; `dsqlint rules` lists them", name);
  }
  return fmt::format("`{}` is not a rule; did you mean `{}`?", name, near);
}

}  // namespace dsqlint
