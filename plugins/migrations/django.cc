// Django: a graph of dependencies over the apps, walked as `migrate` walks it for a new database.

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>

#include "plugins/migrations/config_text.h"
#include "plugins/migrations/order.h"
#include "plugins/migrations/piece.h"

namespace dsqlint::migrations {
namespace {

struct Key {
  std::string app;
  std::string name;
  auto operator<=>(const Key&) const = default;
};

/// What a file says of its place.
struct Written {
  std::vector<Key> after;
  std::vector<Key> before;
  std::vector<Key> replaced;
};

/// The list after `NAME =`, its brackets included.
std::string_view list_after(std::string_view text, std::string_view name) {
  const RE2 assigned{fmt::format(R"re((?m)^[ \t]+{}\s*(?::[^=\n]*)?=\s*)re", name)};
  re2::StringPiece rest = piece(text);
  if (!RE2::FindAndConsume(&rest, assigned)) return {};
  const auto begin = static_cast<size_t>(rest.data() - text.data());
  size_t depth = 0;
  for (size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      const size_t end = text.find(c, i + 1);
      if (end == text.npos) break;
      i = end;
    } else if (c == '[' || c == '(') {
      ++depth;
    } else if (c == ']' || c == ')') {
      if (depth <= 1) return text.substr(begin, i + 1 - begin);
      --depth;
    } else if (depth == 0 && c == '\n') {
      break;
    }
  }
  return {};
}

class Graph {
 public:
  explicit Graph(const Project& project) : project_(project) {}

  void run(Ordered& ordered) {
    std::vector<Migration> files = std::move(ordered.migrations);
    ordered.migrations.clear();
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    for (size_t i = 0; i < files.size(); ++i) {
      const std::string_view name = name_of(files[i].path);
      Key key{app_of(folder_of(files[i].path)), std::string(name.substr(0, name.size() - 3))};
      written_.push_back(read(files[i].path));
      nodes_.emplace(std::move(key), i);
    }
    find_replaced();
    connect(files, ordered.problems);
    for (const size_t i : walk(files, ordered.problems)) ordered.migrations.push_back(files[i]);
  }

 private:
  /// The label of the app whose migrations are in the folder.
  std::string app_of(std::string_view folder) {
    const auto [entry, added] = apps_.try_emplace(std::string(folder));
    if (!added) return entry->second;
    static const RE2 kLabel(R"re((?m)^\s+label\s*=\s*["'](\w+)["'])re");
    const std::string_view app = folder_of(folder);
    std::string label;
    if (RE2::PartialMatch(project_.text(path_in(app, "apps.py")), kLabel, &label)) {
      entry->second = label;
    } else {
      entry->second =
          name_of(app.empty() ? folder_of(project_.absolute() + "/" + std::string(folder)) : app);
    }
    return entry->second;
  }

  std::vector<Key> keys_in(std::string_view list) {
    static const RE2 kPair(R"re(\(\s*["']([\w.]+)["']\s*,\s*["']([\w.\-]+)["']\s*,?\s*\))re");
    static const RE2 kSwappable(
        R"re(swappable_dependency\(\s*(?:settings\.(\w+)|["'](\w+)\.\w+["']))re");
    std::vector<Key> keys;
    re2::StringPiece rest = piece(list);
    std::string app;
    std::string name;
    while (RE2::FindAndConsume(&rest, kPair, &app, &name)) keys.push_back({app, name});
    rest = piece(list);
    std::string setting;
    while (RE2::FindAndConsume(&rest, kSwappable, &setting, &app)) {
      if (!setting.empty()) app = app_of_setting(setting);
      if (!app.empty()) keys.push_back({app, "__first__"});
      setting.clear();
      app.clear();
    }
    return keys;
  }

  /// `AUTH_USER_MODEL = "people.User"` → people.
  std::string app_of_setting(const std::string& setting) {
    const auto [entry, added] = settings_.try_emplace(setting);
    if (!added) return entry->second;
    static const RE2 kSettings(R"((?:.*/)?(?:settings[^/]*|settings/[^/]*|config/[^/]*)\.py)");
    const RE2 assigned{fmt::format(R"re((?m)^{}\s*=\s*["'](\w+)\.\w+["'])re", setting)};
    for (const std::string& file : project_.files()) {
      if (!RE2::FullMatch(piece(file), kSettings)) continue;
      if (RE2::PartialMatch(project_.text(file), assigned, &entry->second)) break;
    }
    return entry->second;
  }

  Written read(const std::string& path) {
    const std::string text = without_comments(project_.text(path), Comments::Hash);
    return {keys_in(list_after(text, "dependencies")), keys_in(list_after(text, "run_before")),
            keys_in(list_after(text, "replaces"))};
  }

  /// A new database runs a squashed migration instead of those that it replaces.
  void find_replaced() {
    for (const auto& [key, i] : nodes_) {
      for (const Key& replaced : written_[i].replaced) {
        const auto node = nodes_.find(replaced);
        if (node != nodes_.end() && node->second != i) stands_for_[node->second] = i;
      }
    }
  }
  size_t standing(size_t i) const {
    // A squashed migration may be squashed again.
    for (size_t steps = 0; steps < stands_for_.size() + 1; ++steps) {
      const auto other = stands_for_.find(i);
      if (other == stands_for_.end()) break;
      i = other->second;
    }
    return i;
  }

  /// The migration that a dependency means; none where it is of another package.
  std::optional<size_t> resolve(const Key& key) const {
    const auto first = nodes_.lower_bound({key.app, ""});
    if (first == nodes_.end() || first->first.app != key.app) return std::nullopt;
    if (key.name == "__first__" || key.name == "__latest__") {
      std::optional<size_t> found;
      for (auto node = first; node != nodes_.end() && node->first.app == key.app; ++node) {
        const size_t i = standing(node->second);
        const auto has_own = [&](const std::vector<Key>& keys) {
          return std::any_of(keys.begin(), keys.end(),
                             [&](const Key& other) { return other.app == key.app; });
        };
        if (key.name == "__latest__") {
          found = i;
        } else if (!found && !has_own(written_[i].after)) {
          found = i;
        }
      }
      return found;
    }
    const auto node = nodes_.find(key);
    return node == nodes_.end() ? std::nullopt : std::optional(standing(node->second));
  }

  void connect(const std::vector<Migration>& files, std::vector<HistoryProblem>& problems) {
    for (const auto& [key, own] : nodes_) {
      const size_t i = standing(own);
      const auto edge = [&](const Key& other, bool after) {
        const auto found = resolve(other);
        if (found) {
          if (*found == i) return;
          parents_[after ? i : *found].insert(after ? *found : i);
          return;
        }
        const auto first = nodes_.lower_bound({other.app, ""});
        const bool known = first != nodes_.end() && first->first.app == other.app;
        if (!known || !after) return;
        const std::string text = project_.text(files[own].path);
        const size_t at = text.find(other.name);
        const auto begin = static_cast<uint32_t>(at == text.npos ? 0 : at);
        const auto size = static_cast<uint32_t>(at == text.npos ? 0 : other.name.size());
        problems.push_back(
            {HistoryRule::MissingFile,
             files[own].path,
             {begin, begin + size},
             fmt::format("the migration `{}.{}`, which this one depends on, does not exist",
                         other.app, other.name),
             "restore it, or correct `dependencies`"});
      };
      for (const Key& other : written_[own].after) edge(other, true);
      for (const Key& other : written_[own].before) edge(other, false);
    }
  }

  /// From each migration that none of its own app follows, in the order of their names, and before
  /// each what it depends on, the last name first.
  std::vector<size_t> walk(const std::vector<Migration>& files,
                           std::vector<HistoryProblem>& problems) const {
    std::map<size_t, Key> keys;
    for (const auto& [key, i] : nodes_) {
      if (stands_for_.count(i) == 0) keys.emplace(i, key);
    }
    std::set<size_t> followed;  // by one of the same app
    for (const auto& [child, parents] : parents_) {
      for (const size_t parent : parents) {
        if (keys.at(child).app == keys.at(parent).app) followed.insert(parent);
      }
    }
    enum class State : uint8_t { New, Open, Done };
    std::vector<State> states(files.size());
    std::vector<size_t> found;
    const auto visit = [&](size_t start) {
      std::vector<std::pair<size_t, bool>> stack = {{start, false}};
      while (!stack.empty()) {
        const auto [node, processed] = stack.back();
        stack.pop_back();
        if (states[node] == State::Done) continue;
        if (processed) {
          states[node] = State::Done;
          found.push_back(node);
          continue;
        }
        if (states[node] == State::Open) {
          problems.push_back({HistoryRule::MissingFile,
                              files[node].path,
                              {0, 0},
                              "this migration depends on one that depends on it",
                              "correct `dependencies`"});
          continue;
        }
        states[node] = State::Open;
        stack.emplace_back(node, true);
        const auto parents = parents_.find(node);
        if (parents == parents_.end()) continue;
        std::vector<size_t> sorted(parents->second.begin(), parents->second.end());
        std::sort(sorted.begin(), sorted.end(),
                  [&](size_t a, size_t b) { return keys.at(a) < keys.at(b); });
        for (const size_t parent : sorted) {
          if (states[parent] != State::Done) stack.emplace_back(parent, false);
        }
      }
    };
    for (const bool leaves : {true, false}) {
      for (const auto& [key, i] : nodes_) {
        if (stands_for_.count(i) != 0 || (leaves && followed.count(i) != 0)) continue;
        visit(i);
      }
    }
    return found;
  }

  const Project& project_;
  std::map<std::string, std::string, std::less<>> apps_;
  std::map<std::string, std::string> settings_;
  std::map<Key, size_t> nodes_;
  std::vector<Written> written_;
  std::map<size_t, size_t> stands_for_;  ///< replaced → what replaces it
  std::map<size_t, std::set<size_t>> parents_;
};

}  // namespace

void order_by_dependencies(const Project& project, Ordered& ordered) {
  Graph(project).run(ordered);
  ordered.is_line = false;
}

}  // namespace dsqlint::migrations
