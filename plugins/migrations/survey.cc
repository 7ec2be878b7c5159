#include "plugins/migrations/survey.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

#include "engine/text/tokens.h"
#include "plugins/migrations/databases.h"
#include "plugins/migrations/order.h"
#include "plugins/migrations/piece.h"

namespace dsqlint::migrations {
namespace {

/// What speaks for a tool in a folder of migrations.
struct Evidence {
  enum class Kind : uint8_t {
    Name,    ///< a migration is called so (RE2, below the folder)
    Mark,    ///< a migration of such a name holds `text` (RE2)
    Beside,  ///< this file lies in the folder or the one above it
    Where,   ///< the folder's path ends so
    Config,  ///< a configuration of that name (RE2) holds `text` (RE2)
  };
  std::string_view tool;
  Kind kind;
  std::string_view path;
  std::string_view text = {};
  int weight = 0;
};

using Kind = Evidence::Kind;

// What only the tool itself writes decides; then names that few have; configuration tells apart
// what names leave open. A configuration that names the folder weighs more than all of it.
constexpr int kNamed = 40;
constexpr int kMark = 16;
constexpr int kOwn = 8;
constexpr int kForm = 7;
constexpr int kFile = 4;
constexpr int kLibrary = 3;
constexpr int kLanguage = 2;
constexpr int kAny = 1;

constexpr Evidence kEvidence[] = {
    {"alembic", Kind::Mark, R"(.*\.py)", R"((?m)^down_revision\b)", kMark},
    {"alembic", Kind::Config, R"(alembic\.ini)", "", kFile},
    {"atlas", Kind::Beside, "atlas.sum", "", kOwn},
    {"atlas", Kind::Config, R"(atlas\.hcl)", "", kFile},
    {"db-migrate", Kind::Mark, R"([^/]*\.[cm]?[jt]s)",
     R"(\bexports\._meta\s*=|\bdbm\b|\bdb\.runSql\b)", kMark},
    {"db-migrate", Kind::Name, R"(sqls/\d{14}-.*-up\.sql)", "", kOwn},
    {"db-migrate", Kind::Config, R"(package\.json)", R"re("db-migrate")re", kLibrary},
    {"dbmate", Kind::Mark, R"(\d+.*\.sql)", R"((?m)^--\s*migrate:up)", kMark},
    {"diesel", Kind::Name, R"(\d[\d\-]*_[^/]*/up\.sql)", "", kForm},
    {"diesel", Kind::Config, R"(diesel\.toml)", "", kFile},
    {"diesel", Kind::Config, R"(Cargo\.toml)", R"(\bdiesel)", kLibrary},
    {"django", Kind::Mark, R"(\d{4}_.*\.py)", R"(migrations\.Migration\b)", kMark},
    {"django", Kind::Config, R"(manage\.py)", "", kFile},
    {"drizzle", Kind::Beside, "meta/_journal.json", "", kOwn},
    {"drizzle", Kind::Name, R"(\d{14}_[^/]*/snapshot\.json)", "", kOwn + 1},
    {"drizzle", Kind::Config, R"(drizzle[\w.\-]*\.(?:[cm]?[jt]s|json))", "", kFile},
    {"ecto", Kind::Mark, R"(\d+_.*\.exs)", R"(\buse\s+Ecto\.Migration\b)", kMark},
    {"ef-core", Kind::Mark, R"(\d{14}_.*\.cs)", R"(\bMigrationBuilder\b)", kMark},
    {"flyway", Kind::Name, R"(.*[VB][0-9][0-9._]*__[^/]*\.(?:sql|java|kt))", "", kForm},
    {"flyway", Kind::Config, R"(flyway[\w.\-]*\.(?:conf|toml))", "", kFile},
    {"flyway", Kind::Config, R"(pom\.xml|build\.gradle|build\.gradle\.kts)", R"((?i)flyway)",
     kLibrary},
    {"golang-migrate", Kind::Name, R"([0-9]+_.*\.(?:up|down)\.sql)", "", kForm + kAny},
    {"golang-migrate", Kind::Config, R"(go\.mod)", "golang-migrate/migrate", kLibrary},
    {"golang-migrate", Kind::Config, R"(go\.mod)", "", kLanguage},
    {"goose", Kind::Mark, R"(\d+_.*\.sql)", R"((?mi)^\s*--\s*\+goose\s+up)", kMark},
    {"goose", Kind::Mark, R"(\d+_.*\.go)", R"(\bgoose\.Add)", kMark},
    {"goose", Kind::Config, R"(go\.mod)", "pressly/goose", kLibrary},
    {"hasura", Kind::Name, R"(\d{13}_[^/]*/up\.sql)", "", kOwn},
    {"hasura", Kind::Config, R"(config\.yaml)", R"(metadata_directory|\bhasura\b)", kFile},
    {"hibernate", Kind::Config, R"(persistence\.xml|hibernate\.properties|application\.properties)",
     R"(schema-generation\.scripts)", kFile},
    {"hibernate", Kind::Config, R"(application\.ya?ml)", R"(schema-generation)", kFile},
    {"knex", Kind::Mark, R"(\d+_.*\.[cm]?[jt]s)", R"(\bknex\b)", kOwn},
    {"knex", Kind::Config, R"(knexfile[\w.\-]*\.[cm]?[jt]s)", "", kFile},
    {"kysely", Kind::Mark, R"([^/]*\.[cm]?[jt]s)", R"(\bKysely\s*<|from\s+['"]kysely['"])", kMark},
    {"liquibase", Kind::Config, R"(liquibase[\w.\-]*\.properties)", "", kFile},
    {"mikro-orm", Kind::Name, R"(Migration\d{14}.*\.[cm]?[jt]s)", "", kForm},
    {"mikro-orm", Kind::Mark, R"(Migration\d+.*\.[cm]?[jt]s)", R"(\baddSql\s*\(|@mikro-orm/)",
     kMark},
    {"node-pg-migrate", Kind::Mark, R"(\d+.*\.sql)", R"((?mi)^\s*--[\s-]*(up|down)\s+migration)",
     kMark},
    {"node-pg-migrate", Kind::Mark, R"(\d+.*\.[cm]?[jt]s)", R"(\bpgm\s*\.)", kMark},
    {"node-pg-migrate", Kind::Config, R"(package\.json)", R"re("node-pg-migrate")re", kLibrary},
    {"pgroll", Kind::Mark, R"(\d+_.*\.(?:json|ya?ml))",
     R"re((?m)^operations\s*:|"operations"\s*:)re", kForm},
    {"prisma", Kind::Name, R"(\d{14}_[^/]*/migration\.sql)", "", kForm},
    {"prisma", Kind::Name, R"([^/]+/migration\.sql)", "", kLanguage},
    {"prisma", Kind::Beside, "migration_lock.toml", "", kOwn},
    {"prisma", Kind::Config, R"([\w.\-]+\.prisma)", "", kFile},
    {"rails", Kind::Mark, R"(\d{14}_.*\.rb)", R"(ActiveRecord::Migration)", kMark},
    {"refinery", Kind::Name, R"([VU]\d+(?:\.\d+)?__\w+\.(?:sql|rs))", "", kForm - 1},
    {"refinery", Kind::Config, R"(Cargo\.toml)", R"(\brefinery)", kLibrary},
    {"refinery", Kind::Config, R"(Cargo\.toml)", "", kLanguage},
    {"sequelize", Kind::Mark, R"([^/]*\.[cm]?[jt]s)", R"(\bqueryInterface\b)", kMark},
    {"sequelize", Kind::Config, R"(\.sequelizerc)", "", kFile},
    {"soda", Kind::Name, R"(\d+_[^.]+\.(?:postgres|mysql|sqlite3?|cockroach|all)\.up\.sql)", "",
     kOwn + kAny},
    {"soda", Kind::Name, R"(\d+_[^.]+\.up\.fizz)", "", kOwn + kAny},
    {"soda", Kind::Config, R"(go\.mod)", R"(gobuffalo/pop|ory/pop)", kLibrary},
    {"soda", Kind::Config, R"(go\.mod)", "", kLanguage},
    {"sql-migrate", Kind::Mark, R"([^/]*\.sql)", R"((?mi)^\s*--\s*\+migrate\s+up)", kMark},
    {"sqlx", Kind::Config, R"(sqlx\.toml)", "", kFile},
    {"sqlx", Kind::Config, R"(Cargo\.toml)", R"(\bsqlx)", kLibrary},
    {"sqlx", Kind::Config, R"(Cargo\.toml)", "", kLanguage},
    {"sqlx", Kind::Name, R"(\d+_.*\.(?:up|down)\.sql)", "", kForm},
    {"sqlx", Kind::Name, R"(\d+_[^/]*\.sql)", "", kAny},
    {"sqlx", Kind::Mark, R"(\d+_[^/]*\.sql)", R"(^-- no-transaction)", kMark},
    {"supabase", Kind::Config, R"(config\.toml)", R"((?m)^project_id\s*=|^\[db\.migrations\])",
     kFile},
    {"supabase", Kind::Where, "supabase/migrations", "", kOwn},
    {"supabase", Kind::Name, R"(\d{14}_[^/]*\.sql)", "", kAny},
    {"tern", Kind::Config, R"(tern\.conf)", "", kFile},
    {"tern", Kind::Mark, R"(\d+_[^/]*\.sql)",
     R"(---- (?:create above / drop below|tern: disable-tx) ----)", kMark},
    {"tern", Kind::Name, R"(0*1_[^/]*\.sql)", "", kAny},
    {"typeorm", Kind::Mark, R"(\d+-.*\.[cm]?[jt]s)", R"(\bqueryRunner\b)", kMark},
};

/// Names that are looked at only in folders of certain names: too many files are called so.
struct Likely {
  std::string_view tool;
  std::string_view name;    ///< RE2 of the file's name
  std::string_view folder;  ///< RE2 of its folder's path, partial
};

constexpr Likely kLikely[] = {
    {"alembic", R"([^_.][^/]*\.py)", R"((?i)version|migrat|alembic|revision)"},
    {"hibernate", R"(.*)", R"(.*)"},
    {"kysely", R"([^/]*\.[cm]?[jt]s)", R"((?i)migrat)"},
    {"sequelize", R"(\d[^/]*\.[cm]?[jt]s)", R"(.*)"},
    {"sql-migrate", R"([^/]*\.sql)", R"(.*)"},
    {"atlas", R"((?:\d+(?:_.*)?)\.sql)", R"(.*)"},
};

/// Folders of these names hold migrations; what matches elsewhere by its name alone may be
/// anything.
constexpr std::array<std::string_view, 10> kUsual = {
    "migrations", "migration",  "migrate", "versions", "drizzle",
    "changelog",  "changesets", "sql",     "db",       "schema"};

constexpr std::array<std::string_view, 28> kTestData = {"stub",      "stubs",
                                                        "test",      "tests",
                                                        "testdata",  "test-data",
                                                        "test_data", "testing",
                                                        "__tests__", "fixtures",
                                                        "fixture",   "__fixtures__",
                                                        "spec",      "specs",
                                                        "e2e",       "mocks",
                                                        "__mocks__", "examples",
                                                        "example",   "samples",
                                                        "sample",    "docs",
                                                        "doc",       "template",
                                                        "templates", "integration-tests",
                                                        "testsuite", "benchmarks"};

constexpr std::array<std::string_view, 6> kCommon = {"common", "shared",  "all",
                                                     "base",   "generic", "default"};

/// Rows to begin with: a command of its own writes them.
constexpr std::array<std::string_view, 4> kSeeds = {"seeds", "seeders", "seed", "seeder"};

/// What is no longer run.
constexpr std::array<std::string_view, 7> kOld = {"archive", "archived", "old",     "backup",
                                                  "legacy",  "squashed", "_archive"};

template <typename Words>
bool is_one_of(std::string_view word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

template <typename Words>
bool has_part(std::string_view path, const Words& words) {
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    if (is_one_of(path.substr(0, slash), words)) return true;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return false;
}

bool is_recursive(const Tool& tool) { return tool.order == Order::Flyway; }

std::string quoted_list(const std::vector<std::string>& names, std::string_view last) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? fmt::format(" {} ", last) : ", ";
    text += names[i];
  }
  return text;
}

std::string tool_names() {
  std::vector<std::string> names;
  for (const Tool& tool : tools()) names.emplace_back(tool.name);
  return quoted_list(names, "or");
}

/// A tool that may run what is in a folder.
struct Candidate {
  const Tool* tool = nullptr;
  std::vector<std::string_view> files;  ///< a sample of its migrations, below the top
  int points = 0;
  int local = 0;  ///< those of the folder itself
  int best = 0;
  std::string because = {};
  const Pointer* pointer = nullptr;

  void add(int weight, std::string why, bool of_folder) {
    points += weight;
    if (of_folder) local += weight;
    if (weight > best) {
      best = weight;
      because = std::move(why);
    }
  }
};

struct Home {
  std::string folder;
  std::vector<Candidate> candidates;
  std::vector<const Candidate*> chosen = {};  ///< several: nothing tells them apart
  bool weak = false;                          ///< a few digits in names, and nothing else
};

class Surveyor {
 public:
  Surveyor(const Project& project, const Wanted& wanted)
      : project_(project),
        wanted_(wanted),
        shown_(project.top() == "." ? "this folder" : project.top()) {}

  Result<Survey> run() {
    pointers_ = pointers_of(project_);
    if (wanted_.tool != nullptr) {
      std::erase_if(pointers_,
                    [&](const Pointer& p) { return p.tool->name != wanted_.tool->name; });
    }
    collect();
    for (Home& home : homes_) weigh(home);
    for (Home& home : homes_) choose(home);
    std::erase_if(homes_, [](const Home& home) { return home.chosen.empty(); });
    leave_out();
    if (auto clear = check_alternatives(); !clear) return tl::unexpected(clear.error());
    if (auto clear = check_choice(); !clear) return tl::unexpected(clear.error());
    decide();
    decide_changelogs();
    if (survey_.decisions.empty()) {
      if (auto without = decide_without_files()) return std::move(*without);
      return fail(wanted_.tool != nullptr
                      ? fmt::format("{}: no migration of {} was found; name the folder, as in "
                                    "--migrations {}:FOLDER",
                                    shown_, wanted_.tool->title, wanted_.tool->name)
                      : fmt::format("{}: no migrations of a known tool were found; name their "
                                    "folder, and the tool with --tool: {}",
                                    shown_, tool_names()));
    }
    std::stable_sort(
        survey_.decisions.begin(), survey_.decisions.end(),
        [](const Decision& a, const Decision& b) { return a.folders.front() < b.folders.front(); });
    for (Decision& decision : survey_.decisions) {
      decision.settings = settings_of(project_, *decision.tool, decision.folders);
    }
    return std::move(survey_);
  }

 private:
  /// A configuration as it is named in a line.
  std::string told(const std::string& config) const {
    return config.starts_with("../") ? fmt::format("{} above it", name_of(config))
                                     : project_.shown(config);
  }

  bool is_wanted(const Tool& tool) const {
    return wanted_.tool == nullptr || tool.name == wanted_.tool->name;
  }

  /// Folders with files that a tool would run.
  void collect() {
    struct Pattern {
      const Tool* tool;
      std::unique_ptr<RE2> name;
      std::unique_ptr<RE2> folder;
    };
    std::vector<Pattern> patterns;
    const auto take = [&](const Tool& tool) {
      if (!is_wanted(tool) || tool.files == Files::None || tool.order == Order::Changelog) return;
      std::string name = tool.other_file.empty()
                             ? std::string(tool.file)
                             : fmt::format("(?:{})|(?:{})", tool.file, tool.other_file);
      std::string folder = ".*";
      for (const Likely& likely : kLikely) {
        if (likely.tool != tool.name || likely.name == ".*") continue;
        name = likely.name;
        folder = likely.folder;
      }
      patterns.push_back({&tool, std::make_unique<RE2>(name),
                          folder == ".*" ? nullptr : std::make_unique<RE2>(folder)});
    };
    for (const Tool& tool : tools()) take(tool);
    for (const Tool& tool : newer_tools()) take(tool);
    const RE2 endings{R"(.*\.(?:sql|ddl|py|rb|exs|cs|go|rs|java|kt|fizz|[cm]?[jt]s|json|ya?ml))"};
    std::map<std::string, std::map<const Tool*, std::vector<std::string_view>>, std::less<>> found;
    constexpr size_t kSamples = 20;
    for (const std::string& file : project_.files()) {
      const std::string_view name = name_of(file);
      if (!RE2::FullMatch(piece(name), endings) || is_never_run(name)) continue;
      for (const Pattern& pattern : patterns) {
        if (!RE2::FullMatch(piece(name), *pattern.name)) continue;
        const std::string_view home = home_of(*pattern.tool, file);
        const std::string_view where = home.empty() ? name_of(project_.absolute()) : home;
        if (pattern.folder != nullptr && !RE2::PartialMatch(piece(where), *pattern.folder))
          continue;
        auto& files = found[std::string(home)][pattern.tool];
        if (files.size() < kSamples) files.push_back(file);
      }
    }
    // What a configuration names counts, whatever the files are called.
    for (const Pointer& pointer : pointers_) {
      if (pointer.tool->order == Order::Changelog) continue;
      for (const std::string& folder : pointer.folders) {
        const Tool* tool = layout_in(*pointer.tool, folder, found);
        auto& files = found[folder][tool];
        const RE2 pattern{std::string(tool->file)};
        for (const std::string& file : project_.files()) {
          if (files.size() >= kSamples) break;
          const bool in =
              is_recursive(*tool) ? is_below(file, folder) : home_of(*tool, file) == folder;
          if (!in || !RE2::FullMatch(piece(name_of(file)), pattern) ||
              is_never_run(name_of(file))) {
            continue;
          }
          if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
        }
        if (files.empty()) found[folder].erase(tool);
      }
    }
    for (auto& [folder, tools] : found) {
      if (tools.empty()) continue;
      Home home{.folder = folder, .candidates = {}};
      for (auto& [tool, files] : tools) {
        home.candidates.push_back({.tool = tool, .files = std::move(files)});
      }
      std::sort(home.candidates.begin(), home.candidates.end(),
                [](const Candidate& a, const Candidate& b) { return a.tool->name < b.tool->name; });
      homes_.push_back(std::move(home));
    }
  }

  /// Drizzle's older or newer layout, whichever the folder has.
  template <typename Found>
  const Tool* layout_in(const Tool& tool, const std::string& folder, const Found& found) const {
    const auto home = found.find(folder);
    if (home == found.end()) return &tool;
    for (const Tool& newer : newer_tools()) {
      if (newer.name == tool.name && home->second.count(&newer) != 0 &&
          home->second.count(&tool) == 0) {
        return &newer;
      }
    }
    return &tool;
  }

  const std::string& text_of(std::string_view path) {
    const auto [entry, added] = texts_.try_emplace(std::string(path));
    if (added) entry->second = path.starts_with("../") ? project_.text(path) : project_.head(path);
    return entry->second;
  }

  const RE2& pattern(std::string_view text) {
    auto& known = patterns_[std::string(text)];
    if (known == nullptr) known = std::make_unique<RE2>(std::string(text));
    return *known;
  }

  /// Configurations of that name, with the folder for which each counts.
  const std::vector<std::string>& configs(std::string_view name) {
    const auto [entry, added] = configs_.try_emplace(std::string(name));
    if (added) entry->second = configurations(project_, name, "");
    return entry->second;
  }

  static bool governs(std::string_view config, std::string_view home) {
    return config.starts_with("../") || folder_of(config) == home ||
           is_below(home, folder_of(config));
  }

  void weigh_config(const Evidence& evidence, const Home& home, Candidate& candidate) {
    // The nearest of that name counts; where none is above the folder, one elsewhere counts less.
    const std::string* nearest = nullptr;
    const std::string* elsewhere = nullptr;
    for (const std::string& config : configs(evidence.path)) {
      if (governs(config, home.folder)) {
        const bool deeper =
            nearest == nullptr || (!config.starts_with("../") && config.size() > nearest->size());
        if (deeper) nearest = &config;
      } else if (holds(config, evidence.text)) {
        elsewhere = &config;
      }
    }
    if (nearest != nullptr && holds(*nearest, evidence.text)) {
      candidate.add(
          evidence.weight,
          nearest->starts_with("../") ? fmt::format("{} above it", name_of(*nearest)) : *nearest,
          false);
    } else if (elsewhere != nullptr && nearest == nullptr) {
      candidate.add(kAny, told(*elsewhere), false);
    }
  }

  bool holds(const std::string& config, std::string_view text) {
    return text.empty() || RE2::PartialMatch(text_of(config), pattern(text));
  }

  void weigh(Home& home) {
    for (Candidate& candidate : home.candidates) {
      for (const Pointer& pointer : pointers_) {
        if (pointer.tool->name != candidate.tool->name) continue;
        const bool named = std::any_of(
            pointer.folders.begin(), pointer.folders.end(), [&](const std::string& folder) {
              return folder == home.folder ||
                     (is_recursive(*candidate.tool) && is_below(home.folder, folder));
            });
        if (!named || candidate.pointer != nullptr) continue;
        candidate.pointer = &pointer;
        candidate.add(kNamed, told(pointer.config), true);
      }
      for (const Evidence& evidence : kEvidence) {
        if (evidence.tool != candidate.tool->name) continue;
        switch (evidence.kind) {
          case Kind::Config:
            weigh_config(evidence, home, candidate);
            break;
          case Kind::Beside:
            for (const std::string_view folder :
                 {std::string_view(home.folder), folder_of(home.folder)}) {
              const std::string path = path_in(folder, evidence.path);
              if (!project_.has(path)) continue;
              candidate.add(evidence.weight, told(path), true);
              break;
            }
            break;
          case Kind::Where: {
            const std::string ending = "/" + std::string(evidence.path);
            const std::string whole = home.folder.empty() ? project_.absolute() : "/" + home.folder;
            if (whole.ends_with(ending)) {
              candidate.add(evidence.weight, fmt::format("the folder {}", evidence.path), true);
            }
            break;
          }
          case Kind::Name:
          case Kind::Mark:
            weigh_files(evidence, home, candidate);
        }
      }
    }
  }

  void weigh_files(const Evidence& evidence, const Home& home, Candidate& candidate) {
    const size_t skip = home.folder.empty() ? 0 : home.folder.size() + 1;
    const auto see = [&](std::string_view file) {
      if (!RE2::FullMatch(piece(file.substr(std::min(skip, file.size()))),
                          pattern(evidence.path))) {
        return false;
      }
      if (evidence.kind == Kind::Mark) {
        if (!RE2::PartialMatch(text_of(file), pattern(evidence.text))) return false;
        candidate.add(evidence.weight, fmt::format("the marks in {}", name_of(file)), true);
      } else {
        candidate.add(evidence.weight, fmt::format("names like {}", file.substr(skip)), true);
      }
      return true;
    };
    if (std::any_of(candidate.files.begin(), candidate.files.end(), see)) return;
    // Some lie beside the migrations: `0001_a/snapshot.json`.
    if (evidence.kind != Kind::Name || candidate.files.empty() ||
        candidate.tool->order != Order::Folder) {
      return;
    }
    const std::string beside = std::string(folder_of(candidate.files.front())) + "/snapshot.json";
    if (project_.has(beside)) see(beside);
  }

  void choose(Home& home) {
    int points = 0;
    for (Candidate& candidate : home.candidates) {
      const bool by_config = candidate.tool->name == "hibernate";
      if (wanted_.tool == nullptr && candidate.local == 0 && !by_config) continue;
      if (wanted_.tool == nullptr && candidate.points == 0) continue;
      // Where the tool is given, one of its layouts still has to be told from the other.
      if (wanted_.tool != nullptr && candidate.points == 0) candidate.points = 1;
      if (candidate.points > points) {
        home.chosen.clear();
        points = candidate.points;
      }
      if (candidate.points == points) home.chosen.push_back(&candidate);
    }
    if (home.chosen.empty()) return;
    if (wanted_.tool != nullptr) {
      home.chosen.resize(1);
      // Code that only has the right name is a migration of the tool only in a usual folder.
      home.weak = home.chosen.front()->local == 0;
    } else {
      home.weak =
          home.chosen.front()->local <= kAny && home.chosen.front()->points <= kAny + kLanguage;
    }
  }

  static bool is_unusual(const Home& home) {
    return home.weak && !home.folder.empty() && !is_one_of(name_of(home.folder), kUsual) &&
           home.folder.find("migrat") == std::string::npos;
  }

  /// Test data, and names that say little, where there is something better.
  void leave_out() {
    const auto drop = [&](auto fits, std::string why) {
      std::vector<std::string> folders;
      for (const Home& home : homes_) {
        if (fits(home)) folders.push_back(home.folder);
      }
      if (folders.empty() || (folders.size() == homes_.size() && changelogs().empty())) return;
      std::erase_if(homes_, [&](const Home& home) { return is_one_of(home.folder, folders); });
      if (!why.empty()) survey_.left_out.push_back({std::move(folders), std::move(why)});
    };
    drop(is_unusual, "");
    drop(
        [](const Home& home) {
          return home.chosen.front()->pointer == nullptr && has_part(home.folder, kSeeds);
        },
        "");
    drop([](const Home& home) { return has_part(home.folder, kTestData); },
         "they look like test data or examples");
    drop([](const Home& home) { return home.weak && home.chosen.front()->pointer == nullptr; },
         "only the digits in their names make them look like migrations");
    drop(
        [&](const Home& home) {
          return is_one_of(name_of(home.folder), kOld) &&
                 std::any_of(homes_.begin(), homes_.end(), [&](const Home& other) {
                   return other.folder == folder_of(home.folder) ||
                          (other.chosen.front()->tool == home.chosen.front()->tool &&
                           folder_of(other.folder) == folder_of(home.folder) &&
                           !is_one_of(name_of(other.folder), kOld));
                 });
        },
        "their name says that they are no longer run");
  }

  bool of_another(const Home& home) const {
    const Candidate& candidate = *home.chosen.front();
    if (candidate.pointer != nullptr && candidate.pointer->of_another) return true;
    if (database_in(home.folder) != Database::Other) return false;
    // A word in a path says little unless there is something beside it.
    const std::string form = without_database(home.folder);
    std::string plain = form;
    const size_t star = plain.find('*');
    size_t begin = star;
    size_t end = star + 1;
    constexpr std::string_view kBetween = "/-_.";
    if (begin > 0 && kBetween.find(plain[begin - 1]) != kBetween.npos) {
      --begin;
    } else if (end < plain.size() && kBetween.find(plain[end]) != kBetween.npos) {
      ++end;
    }
    plain.erase(begin, end - begin);
    return std::any_of(homes_.begin(), homes_.end(), [&](const Home& other) {
      if (other.folder == home.folder) return false;
      return downcase(other.folder) == plain || without_database(other.folder) == form;
    });
  }

  /// Folders that differ in the name of a database only are alternatives.
  Result<void> check_alternatives() {
    std::vector<std::string> others;
    for (const Home& home : homes_) {
      if (of_another(home)) others.push_back(home.folder);
    }
    if (others.empty()) return {};
    const bool any_left = others.size() < homes_.size() || !changelogs().empty();
    if (!any_left) {
      if (others.size() == 1) return {};
      std::vector<std::string> options;
      for (const std::string& folder : others) {
        options.push_back(fmt::format("dsqlint migrations {}", project_.shown(folder)));
      }
      return fail(
          fmt::format("{}: there are migrations for several databases, and none for "
                      "PostgreSQL; choose one: {}",
                      shown_, quoted_list(options, "or")));
    }
    std::erase_if(homes_, [&](const Home& home) { return is_one_of(home.folder, others); });
    survey_.left_out.push_back({std::move(others), "they are for other databases than PostgreSQL"});
    return {};
  }

  Result<void> check_choice() {
    for (const Home& home : homes_) {
      if (home.chosen.size() < 2) continue;
      std::vector<std::string> names;
      std::vector<std::string> options;
      std::vector<std::string> reasons;
      const bool alone = homes_.size() == 1;
      for (const Candidate* candidate : home.chosen) {
        names.emplace_back(candidate->tool->name);
        options.push_back(alone ? fmt::format("--tool {}", candidate->tool->name)
                                : fmt::format("--migrations {}:{}", candidate->tool->name,
                                              home.folder.empty() ? "." : home.folder));
        reasons.push_back(fmt::format("{} ({})", candidate->tool->title, candidate->because));
      }
      std::string message =
          fmt::format("{}: the migrations {}fit {}; choose one: {}", shown_,
                      alone ? "" : fmt::format("in {} ", project_.shown(home.folder)),
                      quoted_list(reasons, "and"), quoted_list(options, "or"));
      if (!alone)
        message += fmt::format("; or list all in dsqlint.toml: migrations = [{}]", listed());
      return fail(message);
    }
    return {};
  }

  /// All homes as `migrations` of dsqlint.toml takes them.
  std::string listed() const {
    std::vector<std::string> entries;
    for (const Home& home : homes_) {
      const std::string folder = home.folder.empty() ? "." : home.folder;
      entries.push_back(fmt::format("\"{}:{}\"", home.chosen.front()->tool->name, folder));
    }
    return fmt::format("{}", fmt::join(entries, ", "));
  }

  /// What of a home's history lies in other folders: the same key.
  std::string key_of(const Home& home) const {
    const Candidate& candidate = *home.chosen.front();
    const Tool& tool = *candidate.tool;
    if (candidate.pointer != nullptr) {
      return fmt::format("{} {}", tool.name, candidate.pointer - pointers_.data());
    }
    if (tool.name == "django") {
      for (std::string_view at = home.folder;; at = folder_of(at)) {
        if (project_.has(path_in(at, "manage.py"))) return fmt::format("django in {}", at);
        if (at.empty()) return "django";
      }
    }
    if (is_recursive(tool)) {
      // Resources and code of one module.
      std::string form = home.folder;
      for (const std::string_view source : {"src/main/java", "src/main/kotlin"}) {
        if (const size_t at = form.find(source); at != form.npos) {
          form.replace(at, source.size(), "src/main/resources");
        }
      }
      std::string top = form;
      for (const Home& other : homes_) {
        if (other.chosen.front()->tool != &tool) continue;
        const bool above = is_below(form, other.folder) && !other.folder.empty();
        if (above && other.folder.size() < top.size()) top = other.folder;
      }
      return fmt::format("{} in {}", tool.name, top);
    }
    return fmt::format("{} only in {}", tool.name, home.folder);
  }

  /// Migrations for all databases beside those for PostgreSQL.
  bool is_common_to(const Home& common, const Home& home) const {
    if (common.chosen.front()->tool != home.chosen.front()->tool) return false;
    if (database_in(home.folder) != Database::Postgres) return false;
    const std::string form = without_database(home.folder);
    const size_t star = form.find('*');
    return std::any_of(kCommon.begin(), kCommon.end(), [&](std::string_view name) {
      std::string path = form;
      path.replace(star, 1, name);
      return downcase(common.folder) == path;
    });
  }

  void decide() {
    std::map<std::string, size_t> by_key;
    for (const Home& home : homes_) {
      std::string key = key_of(home);
      for (const Home& other : homes_) {
        if (&other != &home && is_common_to(home, other)) key = key_of(other);
      }
      const Candidate& candidate = *home.chosen.front();
      const auto [entry, added] = by_key.emplace(key, survey_.decisions.size());
      if (added) {
        survey_.decisions.push_back(
            {.tool = candidate.tool,
             .folders = {},
             .because = wanted_.tool != nullptr ? "as asked for" : candidate.because});
      }
      survey_.decisions[entry->second].folders.push_back(home.folder);
    }
    for (Decision& decision : survey_.decisions) {
      std::sort(decision.folders.begin(), decision.folders.end());
      if (!is_recursive(*decision.tool)) continue;
      // A folder stands for those below it, but for the ones that were left out.
      std::vector<std::string> tops;
      for (const std::string& folder : decision.folders) {
        if (tops.empty() || !is_below(folder, tops.back())) tops.push_back(folder);
      }
      decision.folders = std::move(tops);
      for (const LeftOut& left : survey_.left_out) {
        for (const std::string& folder : left.folders) {
          const bool inside = std::any_of(
              decision.folders.begin(), decision.folders.end(),
              [&](const std::string& top) { return is_below(folder, top) || folder == top; });
          if (inside) decision.without.push_back(folder);
        }
      }
    }
  }

  /// The changelogs of the project, those that no other names.
  const std::vector<std::string>& changelogs() {
    if (!changelogs_) {
      changelogs_.emplace();
      if (wanted_.tool == nullptr || wanted_.tool->order == Order::Changelog) {
        *changelogs_ = changelog_roots(project_);
      }
    }
    return *changelogs_;
  }

  void decide_changelogs() {
    const Tool* liquibase = find_tool("liquibase");
    std::vector<std::string> roots = changelogs();
    std::set<std::string> named;
    for (const Pointer& pointer : pointers_) {
      if (pointer.root.empty() || !is_wanted(*liquibase)) continue;
      if (has_part(pointer.config, kTestData)) continue;
      if (!named.insert(pointer.root).second) continue;
      survey_.decisions.push_back({.tool = liquibase,
                                   .folders = {std::string(folder_of(pointer.root))},
                                   .because = told(pointer.config),
                                   .root = pointer.root});
    }
    std::set<std::string> reached;
    for (const std::string& root : named) {
      for (std::string& file : changelog_files(project_, root)) reached.insert(std::move(file));
    }
    std::erase_if(roots, [&](const std::string& root) { return reached.count(root) != 0; });
    const auto leave = [&](auto fits, std::string_view why) {
      const bool others =
          !survey_.decisions.empty() || !std::all_of(roots.begin(), roots.end(), fits);
      if (!others) return;
      std::vector<std::string> left;
      std::copy_if(roots.begin(), roots.end(), std::back_inserter(left), fits);
      std::erase_if(roots, fits);
      if (!left.empty()) survey_.left_out.push_back({std::move(left), std::string(why)});
    };
    leave([](const std::string& root) { return has_part(folder_of(root), kTestData); },
          "they look like test data or examples");
    leave([](const std::string& root) { return database_in(root) == Database::Other; },
          "they are for other databases than PostgreSQL");
    std::set<std::string> folders;  // of files that no changelog names
    for (const std::string& root : roots) {
      std::string folder(folder_of(root));
      const bool formatted = root.ends_with(".sql");
      if (formatted && !folders.insert(folder).second) continue;
      // Said of the changelog beside it.
      const bool inside =
          formatted &&
          std::any_of(
              survey_.decisions.begin(), survey_.decisions.end(), [&](const Decision& other) {
                return !other.root.empty() &&
                       (other.folders.front() == folder || is_below(folder, other.folders.front()));
              });
      if (inside) continue;
      survey_.decisions.push_back({.tool = liquibase,
                                   .folders = {std::move(folder)},
                                   .because = wanted_.tool != nullptr
                                                  ? "as asked for"
                                                  : fmt::format("the marks in {}", name_of(root)),
                                   .root = formatted ? std::string() : root});
    }
  }

  /// A tool that never has files.
  std::optional<Result<Survey>> decide_without_files() {
    for (const Tool& tool : tools()) {
      if (tool.files != Files::None || !is_wanted(tool)) continue;
      const bool wanted = wanted_.tool != nullptr;
      const std::vector<std::string> modules = configurations(project_, R"(go\.mod)", "");
      const auto names_it =
          std::find_if(modules.begin(), modules.end(), [&](const std::string& file) {
            return text_of(file).find("gorm.io/gorm") != std::string::npos;
          });
      if (!wanted && names_it == modules.end()) continue;
      survey_.decisions.push_back(
          {.tool = &tool, .folders = {""}, .because = wanted ? "as asked for" : told(*names_it)});
      return std::move(survey_);
    }
    return std::nullopt;
  }

  const Project& project_;
  const Wanted& wanted_;
  std::string shown_;
  std::vector<Pointer> pointers_;
  std::vector<Home> homes_;
  std::optional<std::vector<std::string>> changelogs_;
  std::map<std::string, std::string, std::less<>> texts_;
  std::map<std::string, std::unique_ptr<RE2>, std::less<>> patterns_;
  std::map<std::string, std::vector<std::string>, std::less<>> configs_;
  Survey survey_;
};

}  // namespace

std::string_view home_of(const Tool& tool, std::string_view path) {
  const std::string_view folder = folder_of(path);
  if (tool.order == Order::Folder) return folder_of(folder);
  if (tool.name == "db-migrate" && name_of(folder) == "sqls") return folder_of(folder);
  return folder;
}

bool is_never_run(std::string_view name) {
  static const RE2 kNever(
      R"(.*\.d\.[cm]?ts|.*\.(?:spec|test)\.[cm]?[jt]sx?|index\.[cm]?[jt]s|.*\.config\.[cm]?[jt]s)"
      R"(|knexfile\..*|__init__\.py|env\.py|conftest\.py|.*_test\.(?:go|py)|.*\.Designer\.cs)"
      R"(|.*ModelSnapshot\.cs)");
  return RE2::FullMatch(piece(name), kNever);
}

Result<Survey> survey(const Project& project, const Wanted& wanted) {
  if (wanted.tool != nullptr && wanted.folder) {
    const Tool* tool = wanted.tool;
    for (const Tool& newer : newer_tools()) {
      if (newer.name == tool->name && !project.has(path_in(*wanted.folder, "meta/_journal.json"))) {
        const bool folders = std::any_of(project.files().begin(), project.files().end(),
                                         [&](const std::string& file) {
                                           return name_of(file) == "migration.sql" &&
                                                  folder_of(folder_of(file)) == *wanted.folder;
                                         });
        if (folders) tool = &newer;
      }
    }
    Survey found;
    found.decisions.push_back({.tool = tool,
                               .folders = {*wanted.folder},
                               .because = "as asked for",
                               .settings = settings_of(project, *tool, {*wanted.folder})});
    return found;
  }
  return Surveyor(project, wanted).run();
}

}  // namespace dsqlint::migrations
