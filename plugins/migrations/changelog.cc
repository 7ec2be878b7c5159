// Liquibase: the root changelog names other changelogs, folders and SQL files, and they run in the
// order in which they are named.

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "plugins/migrations/order.h"
#include "plugins/migrations/piece.h"
#include "plugins/migrations/xml.h"
#include "plugins/migrations/yaml.h"

namespace dsqlint::migrations {
namespace {

/// One thing that a changelog runs or names.
struct Item {
  enum class Kind : uint8_t { Include, IncludeAll, SqlFile, Sql, Operation } kind;
  Range range;  ///< of the path
  std::string path;
  bool relative = false;  ///< to the changelog's folder
};

bool is_changelog(std::string_view text) {
  return text.find("databaseChangeLog") != std::string_view::npos;
}

/// Changes that are no SQL: `createTable`, `addColumn`.
bool is_operation(std::string_view word) {
  static const RE2 kChange(
      "(?:create|drop|add|rename|modify|alter|insert|update|delete|load|merge|set)[A-Z]\\w*|"
      "customChange|executeCommand");
  return RE2::FullMatch(piece(word), kChange);
}

/// Files of these endings are read whole, so only those that may be changelogs by their name.
bool may_be_changelog(std::string_view path) {
  static const RE2 kEnding(R"(.*\.(?:xml|ya?ml|json))");
  static const RE2 kOther(
      R"((?i)(?:package(?:-lock)?|tsconfig[\w.\-]*|composer|pom|docker-compose[\w.\-]*|pnpm-lock|_journal|snapshot|\d+_snapshot)\.(?:xml|ya?ml|json)|.*\.schema\.json)");
  return RE2::FullMatch(piece(path), kEnding) && !RE2::FullMatch(piece(name_of(path)), kOther);
}

bool is_formatted(std::string_view text) {
  static const RE2 kFirst(R"((?i)^(?:\xEF\xBB\xBF)?\s*--\s*liquibase formatted sql)");
  return RE2::PartialMatch(piece(text), kFirst);
}

std::optional<Item::Kind> kind_of(std::string_view word) {
  if (word == "include") return Item::Kind::Include;
  if (word == "includeAll") return Item::Kind::IncludeAll;
  if (word == "sqlFile") return Item::Kind::SqlFile;
  if (word == "sql") return Item::Kind::Sql;
  if (is_operation(word)) return Item::Kind::Operation;
  return std::nullopt;
}

/// The item with these attributes; nothing where they lack what it names.
std::optional<Item> item_of(std::string_view text, Item::Kind kind, std::string_view attributes,
                            const RE2& path_pattern) {
  static const RE2 kRelative(R"re(relativeToChangelogFile["']?\s*[:=]\s*["']?true)re");
  Item item{.kind = kind, .range = {}};
  if (kind == Item::Kind::Sql || kind == Item::Kind::Operation) return item;
  re2::StringPiece path;
  if (!RE2::PartialMatch(piece(attributes), path_pattern, &path)) return std::nullopt;
  const auto at = static_cast<uint32_t>(path.data() - text.data());
  item.range = {at, at + static_cast<uint32_t>(path.size())};
  item.path = std::string(path);
  item.relative = RE2::PartialMatch(piece(attributes), kRelative);
  return item;
}

/// The items of a changelog in XML, in their order.
std::vector<Item> xml_items(std::string_view text) {
  static const RE2 kPath(R"re(\b(?:file|path)\s*=\s*["']([^"']+)["'])re");
  std::vector<Item> items;
  for (const Tag& tag : tags_of(text)) {
    const auto kind = tag.closing ? std::nullopt : kind_of(tag.name);
    if (!kind) continue;
    const std::string_view attributes = text.substr(tag.range.begin, tag.range.size());
    if (auto item = item_of(text, *kind, attributes, kPath)) items.push_back(std::move(*item));
  }
  return items;
}

/// The same of one in YAML or JSON.
std::vector<Item> pair_items(std::string_view text) {
  const std::vector<YamlEntry> entries = yaml_entries(text);
  std::vector<Item> items;
  std::map<uint32_t, size_t> by_parent;  // items whose other settings may follow or stand before
  std::set<uint32_t> relative;
  for (uint32_t i = 0; i < entries.size(); ++i) {
    const YamlEntry& entry = entries[i];
    const std::string_view parent =
        entry.parent == YamlEntry::kNone ? std::string_view() : entries[entry.parent].key;
    if (entry.style == YamlStyle::None) {
      if (is_operation(entry.key)) {
        items.push_back({.kind = Item::Kind::Operation, .range = {}, .path = {}});
      }
      continue;
    }
    const std::string_view value = text.substr(entry.value.begin, entry.value.size());
    if (entry.key == "sql") {
      items.push_back({.kind = Item::Kind::Sql, .range = {}, .path = {}});
    } else if (entry.key == "relativeToChangelogFile") {
      if (value == "true") relative.insert(entry.parent);
    } else if (entry.key == "file" || entry.key == "path") {
      const auto kind = kind_of(parent);
      if (!kind || *kind == Item::Kind::Sql || *kind == Item::Kind::Operation) continue;
      by_parent.emplace(entry.parent, items.size());
      items.push_back({.kind = *kind, .range = entry.value, .path = std::string(value)});
    }
  }
  for (const auto& [parent, item] : by_parent) items[item].relative = relative.count(parent) != 0;
  return items;
}

std::vector<Item> items_of(const std::string& file, std::string_view text) {
  return file.ends_with(".xml") ? xml_items(text) : pair_items(text);
}

std::string joined(std::string_view folder, std::string_view path) {
  std::vector<std::string> parts;
  const std::string whole = folder.empty() ? std::string(path) : fmt::format("{}/{}", folder, path);
  size_t begin = 0;
  while (begin <= whole.size()) {
    const size_t end = std::min(whole.find('/', begin), whole.size());
    const std::string part = whole.substr(begin, end - begin);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    begin = end + 1;
  }
  return fmt::format("{}", fmt::join(parts, "/"));
}

class Walk {
 public:
  Walk(const Project& project, const std::vector<std::string>& folders)
      : project_(project), folders_(folders) {}

  /// What `root` names; where it is empty, what is in the folders decides.
  Ordered run(std::string root) {
    if (root.empty()) root = find_root();
    if (root.empty()) {
      for (const std::string& file : project_.files()) {
        if (inside(file) && is_formatted(project_.text(file)))
          ordered_.migrations.push_back({file});
      }
      return std::move(ordered_);
    }
    std::set<std::string> seen;
    follow(root, seen);
    const auto [roots, named_by_any] = changelogs();
    for (const std::string& file : project_.files()) {
      if (seen.count(file) != 0 || named_by_any.count(file) != 0 || !inside(file) ||
          !file.ends_with(".sql") || !is_formatted(project_.head(file))) {
        continue;
      }
      ordered_.problems.push_back(
          {HistoryRule::Unlisted,
           file,
           {0, 0},
           fmt::format("{} does not name this file, so it is never run", name_of(root))});
    }
    return std::move(ordered_);
  }

  /// All that the root names, itself included.
  std::vector<std::string> reached(const std::string& root) {
    std::set<std::string> seen;
    follow(root, seen);
    return {seen.begin(), seen.end()};
  }

 private:
  /// Adds what is run, in its order.
  void follow(const std::string& root, std::set<std::string>& seen) {
    // What is left to run, last first: a changelog puts what it names in its own place.
    std::vector<std::string> pending = {root};
    while (!pending.empty()) {
      const std::string file = std::move(pending.back());
      pending.pop_back();
      if (!seen.insert(file).second) continue;
      const std::string text = project_.text(file);
      if (file.ends_with(".sql") || !is_changelog(text)) {
        ordered_.migrations.push_back({.path = file});
        continue;
      }
      std::vector<std::string> named;
      bool has_sql = false;
      for (const Item& item : items_of(file, text)) {
        if (item.kind == Item::Kind::Sql || item.kind == Item::Kind::Operation) {
          has_sql = true;
        } else {
          resolve(file, item, named);
        }
      }
      if (has_sql) ordered_.migrations.push_back({.path = file});
      if (file.ends_with(".xml")) check_tags(file, text);
      pending.insert(pending.end(), named.rbegin(), named.rend());
    }
  }

  bool inside(std::string_view file) const {
    return std::any_of(folders_.begin(), folders_.end(), [&](const std::string& folder) {
      return folder.empty() || (file.starts_with(folder) && file.size() > folder.size() &&
                                file[folder.size()] == '/');
    });
  }

  std::string locate(std::string_view path, std::string_view base, bool relative) const {
    if (path.starts_with("classpath:")) path.remove_prefix(10);
    while (path.starts_with("/")) path.remove_prefix(1);
    const std::string beside = joined(folder_of(base), path);
    if (relative || project_.has(beside)) return beside;
    std::string plain = joined("", path);
    if (project_.has(plain)) return plain;
    // In another folder of resources; of several the nearest one.
    const std::string ending = "/" + plain;
    const std::string* nearest = nullptr;
    size_t shared = 0;
    for (const std::string& file : project_.files()) {
      if (!file.ends_with(ending)) continue;
      const auto differs = std::mismatch(file.begin(), file.end(), base.begin(), base.end());
      const auto common = static_cast<size_t>(differs.first - file.begin());
      if (nearest != nullptr && common <= shared) continue;
      nearest = &file;
      shared = common;
    }
    return nearest == nullptr ? beside : *nearest;
  }

  void resolve(const std::string& file, const Item& item, std::vector<std::string>& named) {
    if (item.kind == Item::Kind::IncludeAll) {
      const std::vector<std::string> found = all_in(file, item);
      if (found.empty()) {
        missing(file, item);
        return;
      }
      std::copy_if(found.begin(), found.end(), std::back_inserter(named),
                   [&](const std::string& other) { return other != file; });
      return;
    }
    std::string path = locate(item.path, file, item.relative);
    if (!project_.has(path)) {
      missing(file, item);
      return;
    }
    named.push_back(std::move(path));
  }

  /// What `includeAll` of a changelog means.
  std::vector<std::string> all_in(const std::string& file, const Item& item) const {
    std::string_view path = item.path;
    if (path.starts_with("classpath:")) path.remove_prefix(10);
    const std::string folder = joined(item.relative ? folder_of(file) : "", path);
    std::vector<std::string> found = below(folder);
    if (found.empty()) found = below(joined(folder_of(file), path));
    if (found.empty()) found = below_named(folder);
    return found;
  }

  std::vector<std::string> below(const std::string& folder) const {
    std::vector<std::string> found;
    for (const std::string& file : project_.files()) {
      if (!folder.empty() && file.starts_with(folder + "/")) found.push_back(file);
    }
    return found;
  }
  /// The folder may be named from a place above ours: `db/changelog/` of src/main/resources.
  std::vector<std::string> below_named(const std::string& folder) const {
    std::vector<std::string> found;
    for (const std::string& file : project_.files()) {
      if (file.find("/" + folder + "/") != std::string::npos) found.push_back(file);
    }
    return found;
  }

  /// Liquibase reads nothing of a changelog whose tags do not fit.
  void check_tags(const std::string& file, std::string_view text) {
    std::vector<Tag> open;
    const auto tell = [&](const Tag& tag, std::string message) {
      ordered_.problems.push_back(
          {HistoryRule::MissingFile, file, tag.range, std::move(message),
           "correct it: Liquibase rejects a changelog that is not valid XML"});
    };
    for (const Tag& tag : tags_of(text)) {
      if (!tag.closing) {
        if (!tag.empty) open.push_back(tag);
        continue;
      }
      if (open.empty() || open.back().name != tag.name) {
        tell(tag, open.empty() ? fmt::format("`</{}>` has no opening tag", tag.name)
                               : fmt::format("`</{}>` is found where `<{}>` is open", tag.name,
                                             open.back().name));
        return;
      }
      open.pop_back();
    }
    if (!open.empty()) tell(open.back(), fmt::format("`<{}>` is not closed", open.back().name));
  }

  void missing(const std::string& file, const Item& item) {
    ordered_.problems.push_back(
        {HistoryRule::MissingFile, file, item.range,
         fmt::format("the changelog names `{}`, which does not exist", item.path)});
  }

  /// The changelog of liquibase.properties, else the one that names others and is named by none.
  std::string find_root() const {
    static const RE2 kSetting(
        R"((?mi)^\s*(?:liquibase\.command\.)?changeLog-?File\s*[:=]\s*(\S+))");
    for (const std::string& file : project_.files()) {
      if (name_of(file) != "liquibase.properties") continue;
      std::string path;
      if (!RE2::PartialMatch(project_.text(file), kSetting, &path)) continue;
      path = locate(path, file, false);
      if (project_.has(path)) return path;
    }
    const auto [roots, named] = changelogs();
    return roots.empty() ? std::string() : roots.front();
  }

 public:
  /// The changelogs of the folders that no other names, and what these name.
  std::pair<std::vector<std::string>, std::set<std::string>> changelogs() const {
    std::vector<std::string> changelogs;
    std::set<std::string> named;
    for (const std::string& file : project_.files()) {
      if (!inside(file) || file.ends_with(".sql") || !may_be_changelog(file) ||
          !is_changelog(project_.head(file))) {
        continue;
      }
      changelogs.push_back(file);
      for (const Item& item : items_of(file, project_.text(file))) {
        if (item.kind == Item::Kind::Include || item.kind == Item::Kind::SqlFile) {
          named.insert(locate(item.path, file, item.relative));
        }
        if (item.kind == Item::Kind::IncludeAll) {
          for (const std::string& other : all_in(file, item)) {
            if (other != file) named.insert(other);
          }
        }
      }
    }
    std::erase_if(changelogs, [&](const std::string& file) { return named.count(file) != 0; });
    return {std::move(changelogs), std::move(named)};
  }

 private:
  const Project& project_;
  const std::vector<std::string>& folders_;
  Ordered ordered_;
};

}  // namespace

Ordered order_changelog(const Project& project, const Decision& decision) {
  return Walk(project, decision.folders).run(decision.root);
}

std::vector<std::string> changelog_roots(const Project& project) {
  const std::vector<std::string> top = {""};
  auto [roots, named] = Walk(project, top).changelogs();
  for (const std::string& file : project.files()) {
    if (!file.ends_with(".sql") || named.count(file) != 0) continue;
    if (is_formatted(project.head(file))) roots.push_back(file);
  }
  std::sort(roots.begin(), roots.end());
  return std::move(roots);
}

std::vector<std::string> changelog_files(const Project& project, const std::string& root) {
  const std::vector<std::string> folders = {std::string(folder_of(root))};
  return Walk(project, folders).reached(root);
}

}  // namespace dsqlint::migrations
