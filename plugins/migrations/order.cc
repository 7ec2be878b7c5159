#include "plugins/migrations/order.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "plugins/migrations/atlas_sum.h"
#include "plugins/migrations/databases.h"
#include "plugins/migrations/piece.h"

namespace dsqlint::migrations {
namespace {

using Json = nlohmann::json;

/// Digits without leading zeros: compared by length, then by bytes.
std::string_view significant(std::string_view digits) {
  const size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view() : digits.substr(first);
}

int compare_numbers(std::string_view a, std::string_view b) {
  a = significant(a);
  b = significant(b);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a == b ? 0 : a < b ? -1 : 1;
}

/// The first place of `text` in a file, for a finding.
Range place_of(std::string_view file, std::string_view text) {
  const size_t at = file.find(text);
  if (at == std::string_view::npos) return {0, 0};
  return {static_cast<uint32_t>(at), static_cast<uint32_t>(at + text.size())};
}

/// Tells where and why a text is not valid JSON.
void tell_json_error(const std::string& text, HistoryProblem& problem) {
  try {
    [[maybe_unused]] const Json journal = Json::parse(text);
  } catch (const Json::parse_error& error) {
    const auto at = static_cast<uint32_t>(std::min(std::max(error.byte, size_t{1}), text.size()));
    problem.range = {at > 0 ? at - 1 : 0, at};
    // Its words are "[id] parse error at line 1, column 2: cause; last read: 'bytes'; expected …".
    std::string_view cause = error.what();
    if (const size_t column = cause.find(", column "); column != cause.npos) {
      cause = cause.substr(std::min(cause.find(": ", column), cause.size() - 2) + 2);
    }
    problem.message =
        fmt::format("the file is not valid JSON: {}", cause.substr(0, cause.find("; ")));
  }
}

/// A number of a journal's entry; 0 where there is none.
int64_t number_in(const Json& entry, const char* key) {
  const auto found = entry.find(key);
  return found != entry.end() && found->is_number() ? found->get<int64_t>() : 0;
}

class Orderer {
 public:
  Orderer(const Project& project, const Decision& decision)
      : project_(project),
        decision_(decision),
        tool_(*decision.tool),
        folders_(decision.folders),
        pattern_(std::string(tool_.file)) {}

  Ordered run() {
    collect();
    switch (tool_.order) {
      case Order::Folder:
        std::stable_sort(found().begin(), found().end(), [](const auto& a, const auto& b) {
          return std::pair(folder_of(a.path), a.down) < std::pair(folder_of(b.path), b.down);
        });
        break;
      case Order::Name:
        std::stable_sort(found().begin(), found().end(), [](const auto& a, const auto& b) {
          return std::pair(std::string_view(a.path), a.down) <
                 std::pair(std::string_view(b.path), b.down);
        });
        break;
      case Order::Number:
        by_number();
        break;
      case Order::Flyway:
        by_flyway_version();
        break;
      case Order::Journal:
        by_journal();
        break;
      case Order::Revisions:
        by_revision();
        break;
      case Order::Dependencies:
        order_by_dependencies(project_, ordered_);
        break;
      case Order::Changelog:
        return order_changelog(project_, decision_);
    }
    find_duplicates();
    if (!tool_.gaps) find_gaps();
    if (tool_.name == "atlas") {
      for (const std::string& folder : folders_) {
        for (HistoryProblem& problem : check_atlas_sum(project_, folder)) {
          ordered_.problems.push_back(std::move(problem));
        }
      }
    }
    return std::move(ordered_);
  }

 private:
  std::vector<Migration>& found() { return ordered_.migrations; }

  bool is_inside(const std::string& path) const {
    const auto in = [&](const std::string& folder) {
      return tool_.order == Order::Flyway ? is_below(path, folder) : home_of(tool_, path) == folder;
    };
    return std::any_of(folders_.begin(), folders_.end(), in) &&
           std::none_of(decision_.without.begin(), decision_.without.end(),
                        [&](const std::string& folder) { return is_below(path, folder); });
  }

  /// A file's settings beside it: `V1__a.sql.conf`, `metadata.toml`. False: it is not run.
  bool read_settings(Migration& migration) const {
    static const RE2 kOff(
        R"((?mi)^\s*(?:executeInTransaction|run_in_transaction)\s*=\s*false\s*$)");
    static const RE2 kSkipped(R"((?mi)^\s*shouldExecute\s*=\s*false\s*$)");
    const std::string path = tool_.order == Order::Flyway
                                 ? migration.path + ".conf"
                                 : path_in(folder_of(migration.path), "metadata.toml");
    if (!project_.has(path)) return true;
    const std::string text = project_.text(path);
    migration.no_transaction = RE2::PartialMatch(text, kOff);
    return tool_.order != Order::Flyway || !RE2::PartialMatch(text, kSkipped);
  }

  void collect() {
    const RE2 other{std::string(tool_.other_file)};
    const RE2 database{std::string(tool_.database)};
    for (const std::string& path : project_.files()) {
      const std::string_view name = name_of(path);
      if (is_never_run(name) || !is_inside(path)) continue;
      std::string dialect;
      if (!tool_.database.empty() && RE2::PartialMatch(piece(name), database, &dialect) &&
          dialect != "all" && database_named(dialect) != Database::Postgres) {
        continue;
      }
      if (!tool_.other_file.empty() && RE2::FullMatch(piece(name), other)) {
        ordered_.unread.push_back({path, std::string(tool_.other_language)});
        continue;
      }
      std::string version;
      std::string direction;
      const int groups = pattern_.NumberOfCapturingGroups();
      const bool by_folder = tool_.order == Order::Folder;
      const bool matches =
          groups >= 2   ? RE2::FullMatch(piece(name), pattern_, &version, &direction)
          : groups == 0 ? RE2::FullMatch(piece(name), pattern_)
                        : RE2::FullMatch(piece(name), pattern_, by_folder ? &direction : &version);
      if (!matches) continue;
      Migration migration{.path = path, .version = std::move(version)};
      migration.down = direction == "down";
      if (by_folder) migration.version = name_of(folder_of(path));
      if (tool_.order == Order::Flyway) migration.down = name.starts_with("U");
      const bool has_settings = tool_.order == Order::Flyway || tool_.name == "diesel";
      if (has_settings && !read_settings(migration)) continue;
      // A program that does nothing but send the files beside it.
      if (tool_.name == "db-migrate" && !name.ends_with(".sql") &&
          project_.has(path_in(path_in(folder_of(path), "sqls"),
                               std::string(name.substr(0, name.rfind('.'))) + "-up.sql"))) {
        continue;
      }
      found().push_back(std::move(migration));
    }
    if (!tool_.database.empty()) drop_generic(database);
  }

  /// What is for all databases is not run where the same version has something for this one.
  void drop_generic(const RE2& database) {
    std::set<std::pair<std::string, bool>> special;
    const auto is_special = [&](const Migration& migration) {
      return RE2::PartialMatch(piece(name_of(migration.path)), database);
    };
    for (const Migration& migration : found()) {
      if (is_special(migration)) special.emplace(migration.version, migration.down);
    }
    std::erase_if(found(), [&](const Migration& migration) {
      return !is_special(migration) && special.count({migration.version, migration.down}) != 0;
    });
  }

  void by_number() {
    std::stable_sort(found().begin(), found().end(), [](const auto& a, const auto& b) {
      const int order = compare_numbers(a.version, b.version);
      // Files without a number come after all others, by name.
      if (a.version.empty() != b.version.empty()) return b.version.empty();
      if (order != 0) return order < 0;
      if (a.down != b.down) return b.down;
      return a.path < b.path;
    });
  }

  /// Callbacks before, baseline and versions, repeatable ones, callbacks after.
  static int flyway_group(std::string_view name) {
    if (name.starts_with("before")) return 0;
    if (name.starts_with("R__")) return 2;
    if (name.starts_with("after")) return 3;
    return 1;
  }

  void by_flyway_version() {
    // A baseline replaces all versions up to its own.
    std::string baseline;
    for (const Migration& migration : found()) {
      if (name_of(migration.path).starts_with("B") && !migration.version.empty() &&
          (baseline.empty() || compare_versions(baseline, migration.version) < 0)) {
        baseline = migration.version;
      }
    }
    if (!baseline.empty()) {
      std::erase_if(found(), [&](const Migration& migration) {
        const std::string_view name = name_of(migration.path);
        const int order =
            migration.version.empty() ? 1 : compare_versions(migration.version, baseline);
        return flyway_group(name) == 1 && (order < 0 || (order == 0 && !name.starts_with("B")));
      });
    }
    std::stable_sort(found().begin(), found().end(), [](const auto& a, const auto& b) {
      const std::string_view left = name_of(a.path);
      const std::string_view right = name_of(b.path);
      const int group = flyway_group(left);
      if (group != flyway_group(right)) return group < flyway_group(right);
      if (group == 1) {
        const int order = compare_versions(a.version, b.version);
        if (order != 0) return order < 0;
        if (a.down != b.down) return b.down;
      }
      return left < right;
    });
  }

  void by_journal() {
    std::vector<Migration> files = std::move(found());
    found().clear();
    std::set<std::string> listed;
    for (const std::string& folder : folders_) {
      const std::string path = (folder.empty() ? "" : folder + "/") + "meta/_journal.json";
      const std::string text = project_.text(path);
      const Json journal = Json::parse(text, nullptr, false);
      if (!journal.is_object() || !journal.contains("entries") || !journal["entries"].is_array()) {
        HistoryProblem problem{HistoryRule::MissingFile,
                               path,
                               {0, 0},
                               "the journal has no list of `entries`",
                               "restore it: `drizzle-kit generate` writes it"};
        if (!project_.has(path)) {
          problem.path = files.empty() ? path : files.front().path;
          problem.message = fmt::format("there is no {}", path);
        } else if (journal.is_discarded()) {
          tell_json_error(text, problem);
        }
        ordered_.problems.push_back(std::move(problem));
        found() = std::move(files);
        by_number();
        return;
      }
      // Drizzle runs the entries as they stand in the list, whatever their index, and a database
      // has run those whose time is not after that of the newest it knows.
      std::map<int64_t, std::string> by_index;
      int64_t newest = 0;
      std::string newest_tag;
      for (const Json& entry : journal["entries"]) {
        if (!entry.is_object() || !entry.contains("tag") || !entry["tag"].is_string()) continue;
        const auto tag = entry["tag"].get<std::string>();
        const int64_t index = number_in(entry, "idx");
        const int64_t when = number_in(entry, "when");
        const auto [known, added] = by_index.emplace(index, tag);
        if (!added) {
          ordered_.problems.push_back(
              {HistoryRule::DuplicateVersion, path, place_of(text, "\"" + tag + "\""),
               fmt::format("`{}` and `{}` have the index {}", known->second, tag, index),
               "give the later entry a new number"});
        }
        if (!newest_tag.empty() && entry.contains("when") && when <= newest) {
          ordered_.problems.push_back(
              {HistoryRule::OutOfOrder, path, place_of(text, "\"" + tag + "\""),
               fmt::format("`when` of `{}` is not after that of `{}` before it, so a database that "
                           "has run that one skips it",
                           tag, newest_tag),
               "give it a `when` after all before it"});
        } else {
          newest = when;
          newest_tag = tag;
        }
        const std::string file = (folder.empty() ? "" : folder + "/") + tag + ".sql";
        listed.insert(file);
        if (!project_.has(file)) {
          ordered_.problems.push_back(
              {HistoryRule::MissingFile, path, place_of(text, "\"" + tag + "\""),
               fmt::format("the journal names `{}.sql`, which does not exist", tag)});
          continue;
        }
        found().push_back({.path = file, .version = std::to_string(index)});
      }
    }
    for (const Migration& file : files) {
      if (listed.count(file.path) != 0) continue;
      ordered_.problems.push_back({HistoryRule::Unlisted,
                                   file.path,
                                   {0, 0},
                                   "the journal has no entry for this file, so it is never run",
                                   "let `drizzle-kit generate` write it, or remove the file"});
    }
  }

  /// A chain of `down_revision`; branches in the order of their names.
  void by_revision() {
    struct Revision {
      std::string id;
      std::vector<std::string> after;
    };
    static const RE2 kId(R"((?m)^revision\s*(?::[^=\n]*)?=\s*['"]([^'"]+)['"])");
    static const RE2 kAfter(R"((?m)^down_revision\s*(?::[^=\n]*)?=\s*(.*))");
    static const RE2 kName(R"(['"]([^'"]+)['"])");
    std::vector<Migration> files = std::move(found());
    found().clear();
    std::map<std::string, size_t> by_id;
    std::vector<Revision> revisions(files.size());
    std::vector<bool> placed(files.size());
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    for (size_t i = 0; i < files.size(); ++i) {
      const std::string text = project_.text(files[i].path);
      if (!RE2::PartialMatch(text, kId, &revisions[i].id)) {
        placed[i] = true;  // a helper beside the revisions
        continue;
      }
      files[i].version = revisions[i].id;
      std::string after;
      if (RE2::PartialMatch(text, kAfter, &after)) {
        std::string name;
        re2::StringPiece rest(after);
        while (RE2::FindAndConsume(&rest, kName, &name)) revisions[i].after.push_back(name);
      }
      by_id.emplace(revisions[i].id, i);
    }
    for (size_t i = 0; i < files.size(); ++i) {
      for (const std::string& after : revisions[i].after) {
        if (by_id.count(after) != 0) continue;
        const std::string text = project_.text(files[i].path);
        ordered_.problems.push_back(
            {HistoryRule::MissingFile, files[i].path, place_of(text, after),
             fmt::format("the revision `{}`, which this one follows, does not exist", after)});
      }
    }
    // Round after round, those whose predecessors stand already: a chain is one round in the order
    // of its links, so each file is looked at again only when something before it was placed.
    std::multimap<std::string, size_t> followers;
    std::vector<size_t> waits(files.size());
    std::set<std::pair<std::string, size_t>> ready;
    for (size_t i = 0; i < files.size(); ++i) {
      if (placed[i]) continue;
      for (const std::string& after : revisions[i].after) {
        if (by_id.count(after) == 0) continue;
        followers.emplace(after, i);
        ++waits[i];
      }
      if (waits[i] == 0) ready.emplace(files[i].path, i);
    }
    while (!ready.empty()) {
      const size_t i = ready.begin()->second;
      ready.erase(ready.begin());
      placed[i] = true;
      const auto [begin, end] = followers.equal_range(revisions[i].id);
      for (auto it = begin; it != end; ++it) {
        if (--waits[it->second] == 0) ready.emplace(files[it->second].path, it->second);
      }
      found().push_back(files[i]);
    }
    for (size_t i = 0; i < files.size(); ++i) {
      if (placed[i]) continue;
      ordered_.problems.push_back({HistoryRule::MissingFile,
                                   files[i].path,
                                   {0, 0},
                                   "this revision follows one that follows it",
                                   "correct `down_revision`"});
      found().push_back(files[i]);
    }
  }

  void find_duplicates() {
    const bool by_folder = tool_.name == "django" || tool_.name == "sequelize";
    if (by_folder || tool_.order == Order::Journal) return;
    std::map<std::pair<std::string, bool>, const Migration*> first;
    for (const Migration& migration : found()) {
      if (migration.version.empty()) continue;
      std::string key = migration.version;
      if (tool_.order == Order::Number) key = significant(key);
      if (tool_.order == Order::Flyway) {
        key.clear();
        // `1_0` and `1.0.0` are `1`.
        std::string part;
        std::vector<std::string> parts;
        for (const char c : migration.version + ".") {
          if (c == '.' || c == '_') {
            parts.emplace_back(significant(part));
            part.clear();
          } else {
            part += c;
          }
        }
        while (!parts.empty() && parts.back().empty()) parts.pop_back();
        key = fmt::format("{}", fmt::join(parts, "."));
        if (name_of(migration.path).starts_with("B")) key += " baseline";
      }
      const auto [known, added] = first.try_emplace({key, migration.down}, &migration);
      if (added) continue;
      ordered_.problems.push_back({HistoryRule::DuplicateVersion,
                                   migration.path,
                                   {0, 0},
                                   fmt::format("the version {} is also that of {}",
                                               migration.version, name_of(known->second->path))});
    }
  }

  void find_gaps() {
    uint64_t expected = 1;
    for (const Migration& migration : found()) {
      const std::string wanted = std::to_string(expected);
      if (compare_numbers(migration.version, wanted) > 0) {
        ordered_.problems.push_back(
            {HistoryRule::VersionGap,
             migration.path,
             {0, 0},
             fmt::format("{} requires version {} here, which does not exist", tool_.title,
                         expected)});
        if (migration.version.size() > 18) return;
        expected = std::stoull(migration.version);
      }
      if (compare_numbers(migration.version, std::to_string(expected)) == 0) ++expected;
    }
  }

  const Project& project_;
  const Decision& decision_;
  const Tool& tool_;
  const std::vector<std::string>& folders_;
  RE2 pattern_;
  Ordered ordered_;
};

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const size_t left = std::min(a.find_first_of("._"), a.size());
    const size_t right = std::min(b.find_first_of("._"), b.size());
    const int order = compare_numbers(a.substr(0, left), b.substr(0, right));
    if (order != 0) return order;
    a.remove_prefix(std::min(left + 1, a.size()));
    b.remove_prefix(std::min(right + 1, b.size()));
  }
  return 0;
}

Ordered order_migrations(const Project& project, const Decision& decision) {
  return Orderer(project, decision).run();
}

std::optional<std::set<std::string_view>> migrations_after(const Ordered& ordered,
                                                           std::string_view limit) {
  const auto is_number = [](std::string_view version) {
    return !version.empty() && version.find_first_not_of("0123456789._") == version.npos;
  };
  const std::string_view bare = limit.substr(limit.starts_with('V') ? 1 : 0);
  const std::vector<Migration>& all = ordered.migrations;
  const auto named = std::find_if(all.begin(), all.end(), [&](const Migration& migration) {
    return migration.path == limit || name_of(migration.path) == limit ||
           (!migration.version.empty() && migration.version == limit) ||
           (is_number(bare) && is_number(migration.version) &&
            compare_versions(migration.version, bare) == 0);
  });
  if (named == all.end()) return std::nullopt;
  std::set<std::string_view> after;
  bool behind = false;  // in the tool's order, where versions are not numbers
  for (const Migration& migration : all) {
    const bool same =
        &migration == &*named || (!named->version.empty() && migration.version == named->version);
    behind = behind || &migration == &*named;
    if (same) continue;
    const bool numbers = is_number(named->version) && is_number(migration.version);
    const bool unversioned = migration.version.empty() && !named->version.empty();
    const bool is_after =
        numbers ? compare_versions(migration.version, named->version) > 0 : behind || unversioned;
    if (is_after) after.insert(migration.path);
  }
  return after;
}

std::vector<HistoryProblem> out_of_order(const Ordered& ordered,
                                         const std::vector<std::string>& known) {
  if (!ordered.is_line) return {};
  const std::set<std::string_view> before(known.begin(), known.end());
  size_t last = 0;
  std::string_view newest;
  for (size_t i = 0; i < ordered.migrations.size(); ++i) {
    const Migration& migration = ordered.migrations[i];
    if (migration.down || migration.version.empty() || before.count(migration.path) == 0) continue;
    last = i;
    newest = migration.path;
  }
  std::vector<HistoryProblem> problems;
  for (size_t i = 0; i < last; ++i) {
    const Migration& migration = ordered.migrations[i];
    if (migration.down || migration.version.empty() || before.count(migration.path) != 0) continue;
    problems.push_back(
        {HistoryRule::OutOfOrder,
         migration.path,
         {0, 0},
         fmt::format("this new migration comes before {}, which exists already", name_of(newest))});
  }
  return problems;
}

}  // namespace dsqlint::migrations
