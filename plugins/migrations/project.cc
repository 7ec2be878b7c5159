#include "plugins/migrations/project.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "plugins/migrations/piece.h"

namespace dsqlint::migrations {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 14> kNeverWalked = {
    ".git", ".hg",   ".svn", "node_modules", "vendor", "target", "build",
    "dist", ".venv", "venv", "__pycache__",  ".next",  "bin",    "obj"};

constexpr uintmax_t kLargestRead = 1u << 20;

/// Evidence for a tool.
struct Evidence {
  enum class Kind : uint8_t {
    File,    ///< a file whose path ends so exists, here or above
    Config,  ///< such a file holds `text`
    Name,    ///< a migration file is called so (RE2)
    Mark,    ///< a file of such a name (RE2) holds `text` (RE2)
  };
  std::string_view tool;
  Kind kind;
  std::string_view path;
  std::string_view text = {};
  int weight = 3;
};

using Kind = Evidence::Kind;

constexpr Evidence kEvidence[] = {
    {"alembic", Kind::File, "alembic.ini"},
    {"alembic", Kind::Mark, R"(.*\.py)", R"((?m)^down_revision\b)"},
    {"atlas", Kind::File, "atlas.sum", "", 4},
    {"atlas", Kind::File, "atlas.hcl"},
    {"dbmate", Kind::Mark, R"(\d+.*\.sql)", R"((?m)^--\s*migrate:up)"},
    {"django", Kind::File, "manage.py"},
    {"django", Kind::Mark, R"(\d{4}_.*\.py)", R"(migrations\.Migration\b)"},
    {"drizzle", Kind::File, "drizzle.config.ts"},
    {"drizzle", Kind::File, "drizzle.config.js"},
    {"drizzle", Kind::File, "meta/_journal.json"},
    {"ef-core", Kind::Mark, R"(\d{14}_.*\.cs)", R"(\bMigrationBuilder\b)"},
    {"flyway", Kind::File, "flyway.conf"},
    {"flyway", Kind::File, "flyway.toml"},
    {"flyway", Kind::Name, R"(V[0-9][0-9._]*__.*\.sql)"},
    {"golang-migrate", Kind::Name, R"([0-9]+_.*\.(?:up|down)\.sql)", "", 3},
    {"golang-migrate", Kind::Config, "go.mod", "golang-migrate/migrate", 2},
    {"goose", Kind::Mark, R"(\d+_.*\.sql)", R"((?mi)^\s*--\s*\+goose\s+up)"},
    {"goose", Kind::Config, "go.mod", "pressly/goose", 1},
    {"gorm", Kind::Config, "go.mod", "gorm.io/gorm", 1},
    {"hibernate", Kind::File, "persistence.xml", "", 2},
    {"hibernate", Kind::Config, "persistence.xml", "schema-generation.scripts"},
    {"hibernate", Kind::Config, "hibernate.properties", "schema-generation.scripts"},
    {"hibernate", Kind::Config, "application.properties", "schema-generation.scripts"},
    {"hibernate", Kind::Config, "application.yml", "schema-generation"},
    {"knex", Kind::File, "knexfile.js"},
    {"knex", Kind::File, "knexfile.ts"},
    {"knex", Kind::Mark, R"(\d+_.*\.[cm]?[jt]s)", R"(\bknex\b)", 2},
    {"liquibase", Kind::File, "liquibase.properties"},
    {"liquibase", Kind::Mark, R"(.*\.sql)", R"((?i)^\s*--\s*liquibase formatted sql)"},
    {"liquibase", Kind::Mark, R"(.*\.(?:xml|ya?ml|json))", "databaseChangeLog"},
    {"node-pg-migrate", Kind::Mark, R"(\d+.*\.sql)", R"((?mi)^\s*--[\s-]*(up|down)\s+migration)"},
    {"node-pg-migrate", Kind::Mark, R"(\d+.*\.[cm]?[jt]s)", R"(\bpgm\s*\.)"},
    {"node-pg-migrate", Kind::Config, "package.json", "\"node-pg-migrate\"", 2},
    {"pgroll", Kind::Mark, R"(\d+_.*\.(?:json|ya?ml))", R"(\boperations\b)"},
    {"prisma", Kind::File, "schema.prisma"},
    {"prisma", Kind::File, "migration_lock.toml"},
    {"prisma", Kind::Name, R"(migration\.sql)", "", 2},
    {"rails", Kind::Mark, R"(\d{14}_.*\.rb)", R"(ActiveRecord::Migration)"},
    {"sequelize", Kind::File, ".sequelizerc"},
    {"sequelize", Kind::Mark, R"(.*\.[cm]?[jt]s)", R"(\bqueryInterface\b)"},
    {"sql-migrate", Kind::Mark, R"(.*\.sql)", R"((?mi)^\s*--\s*\+migrate\s+up)"},
    {"sqlx", Kind::File, "sqlx.toml"},
    {"sqlx", Kind::Config, "Cargo.toml", "sqlx", 2},
    {"sqlx", Kind::Name, R"(\d+_.*\.(?:up|down)\.sql)", "", 2},
    {"sqlx", Kind::Name, R"(\d+_.*\.sql)", "", 1},
    {"sqlx", Kind::Mark, R"(\d+_.*\.sql)", R"(^-- no-transaction)"},
    {"supabase", Kind::File, "supabase/config.toml"},
    {"supabase", Kind::Name, R"(\d{14}_.*\.sql)", "", 1},
    {"tern", Kind::File, "tern.conf"},
    {"tern", Kind::Mark, R"(\d+_.*\.sql)",
     R"(---- (?:create above / drop below|tern: disable-tx) ----)"},
    {"tern", Kind::Name, R"(0*1_.*\.sql)", "", 1},
    {"typeorm", Kind::Mark, R"(\d+-.*\.[cm]?[jt]s)", R"(\bqueryRunner\b)"},
};

/// Configuration files that are looked for above the folder, too.
constexpr std::array<std::string_view, 24> kConfigs = {"alembic.ini",
                                                       "atlas.hcl",
                                                       "manage.py",
                                                       "drizzle.config.ts",
                                                       "drizzle.config.js",
                                                       "flyway.conf",
                                                       "flyway.toml",
                                                       "go.mod",
                                                       "hibernate.properties",
                                                       "knexfile.js",
                                                       "knexfile.ts",
                                                       "liquibase.properties",
                                                       "package.json",
                                                       "schema.prisma",
                                                       ".sequelizerc",
                                                       "sqlx.toml",
                                                       "Cargo.toml",
                                                       "tern.conf",
                                                       "dbconfig.yml",
                                                       "config.toml",
                                                       "persistence.xml",
                                                       "application.yml",
                                                       "application.properties",
                                                       "supabase/config.toml"};

/// Folders of these names hold migrations; what matches elsewhere may be test data.
constexpr std::array<std::string_view, 10> kUsual = {
    "migrations", "migration",  "migrate", "versions", "drizzle",
    "changelog",  "changesets", "sql",     "db",       "schema"};

std::string read_text(const fs::path& path, uintmax_t largest = kLargestRead) {
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  if (error || size > largest) return {};
  std::ifstream stream(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

bool ends_with_path(std::string_view path, std::string_view end) {
  return path.ends_with(end) &&
         (path.size() == end.size() || path[path.size() - end.size() - 1] == '/');
}

/// The folder whose content is this migration's: Prisma's own lie in a folder each.
std::string_view home_of(const Tool& tool, std::string_view path) {
  const std::string_view folder = folder_of(path);
  return tool.order == Order::Folder ? folder_of(folder) : folder;
}

struct Score {
  int points = 0;
  int best = 0;
  std::string because;
  void add(int weight, std::string why) {
    points += weight;
    if (weight > best) {
      best = weight;
      because = std::move(why);
    }
  }
};

bool below(std::string_view path, std::string_view folder) {
  return folder.empty() ||
         (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

/// How much evidence there is for each tool, in files below `folder` and configurations anywhere.
std::map<std::string_view, Score> scores(const Project& project, std::string_view folder) {
  // A few files of each kind tell enough.
  constexpr int kSamples = 20;
  std::map<std::string_view, Score> found;
  std::map<std::string, std::string, std::less<>> texts;
  const auto text_of = [&](const std::string& path) -> const std::string& {
    const auto [entry, added] = texts.try_emplace(path);
    if (added) entry->second = project.text(path);
    return entry->second;
  };
  for (const Evidence& evidence : kEvidence) {
    Score& score = found[evidence.tool];
    if (evidence.kind == Kind::File || evidence.kind == Kind::Config) {
      const auto holds = [&](const std::string& text) {
        return evidence.kind == Kind::File || text.find(evidence.text) != std::string::npos;
      };
      bool hit = false;
      for (const std::string& file : project.files()) {
        if (!ends_with_path(file, evidence.path)) continue;
        if (evidence.kind == Kind::File || holds(text_of(file))) {
          hit = true;
          score.add(evidence.weight, file);
          break;
        }
      }
      const auto above = project.above().find(std::string(evidence.path));
      if (!hit && above != project.above().end() && holds(above->second)) {
        score.add(evidence.weight, fmt::format("{} above it", evidence.path));
      }
      continue;
    }
    const RE2 name{std::string(evidence.path)};
    const RE2 text{std::string(evidence.text)};
    int samples = 0;
    for (const std::string& file : project.files()) {
      if (!below(file, folder) || !RE2::FullMatch(piece(name_of(file)), name)) continue;
      if (++samples > kSamples) break;
      if (evidence.kind == Kind::Mark && !RE2::PartialMatch(text_of(file), text)) continue;
      score.add(evidence.weight, evidence.kind == Kind::Mark
                                     ? fmt::format("the marks in {}", name_of(file))
                                     : fmt::format("names like {}", name_of(file)));
      break;
    }
  }
  return found;
}

/// Folders with files that the tool would run.
std::vector<std::string> homes(const Project& project, const Tool& tool) {
  const RE2 pattern{std::string(tool.file)};
  std::set<std::string> all;
  std::set<std::string> usual;
  for (const std::string& file : project.files()) {
    if (tool.files == Files::None || !RE2::FullMatch(piece(name_of(file)), pattern)) continue;
    if (tool.order == Order::Changelog) {
      const std::string text = project.text(file);
      if (text.find("databaseChangeLog") == std::string::npos &&
          text.find("liquibase formatted") == std::string::npos) {
        continue;
      }
    }
    const std::string home(home_of(tool, file));
    all.insert(home);
    if (std::find(kUsual.begin(), kUsual.end(), name_of(home)) != kUsual.end()) usual.insert(home);
  }
  if (all.count("") != 0) return {""};
  // Tools that look into the folders below.
  if (tool.order == Order::Flyway || tool.order == Order::Changelog) {
    std::set<std::string> tops = usual.empty() ? all : usual;
    for (auto it = tops.begin(); it != tops.end();) {
      const bool inside = std::any_of(tops.begin(), tops.end(), [&](const std::string& other) {
        return other != *it && below(*it, other);
      });
      it = inside ? tops.erase(it) : std::next(it);
    }
    if (tool.order == Order::Changelog && !tops.empty()) return {*tops.begin()};
    return {tops.begin(), tops.end()};
  }
  const std::set<std::string>& chosen = usual.empty() ? all : usual;
  return {chosen.begin(), chosen.end()};
}

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

}  // namespace

std::string_view folder_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

Result<Project> Project::read(const std::string& top) {
  Project project;
  project.top_ = top;
  std::error_code error;
  if (!fs::is_directory(top, error)) {
    return fail(fmt::format("{}: {}; name the folder of the project or of its migrations", top,
                            fs::exists(top, error) ? "that is a file" : "there is no such folder"));
  }
  std::vector<std::string> pending = {""};
  while (!pending.empty()) {
    const std::string folder = std::move(pending.back());
    pending.pop_back();
    fs::directory_iterator listing(fs::path(top) / folder, error);
    for (; !error && listing != fs::directory_iterator(); listing.increment(error)) {
      const std::string name = listing->path().filename().string();
      std::string path = folder.empty() ? name : folder + "/" + name;
      std::error_code ignored;
      if (listing->is_directory(ignored)) {
        if (listing->is_symlink(ignored) ||
            std::find(kNeverWalked.begin(), kNeverWalked.end(), name) != kNeverWalked.end()) {
          continue;
        }
        pending.push_back(std::move(path));
      } else if (listing->is_regular_file(ignored) ||
                 (listing->is_symlink(ignored) && !listing->exists(ignored))) {
        // A broken link is reported when the migration is read.
        project.files_.push_back(std::move(path));
      }
    }
    if (error) {
      return fail(fmt::format("{}: cannot be read: {}", (fs::path(top) / folder).string(),
                              error.message()));
    }
  }
  std::sort(project.files_.begin(), project.files_.end());
  fs::path folder = fs::weakly_canonical(fs::absolute(top, error), error);
  constexpr int kLevels = 6;
  for (int level = 0; level < kLevels; ++level) {
    if (fs::exists(folder / ".git", error) || folder == folder.parent_path()) break;
    folder = folder.parent_path();
    for (const std::string_view name : kConfigs) {
      const fs::path path = folder / name;
      if (!fs::is_regular_file(path, error)) continue;
      project.above_.try_emplace(std::string(name), read_text(path));
    }
  }
  return project;
}

bool Project::has(std::string_view path) const {
  return std::binary_search(files_.begin(), files_.end(), path);
}

std::string Project::shown(std::string_view path) const {
  if (top_ == "." || top_.empty()) return std::string(path);
  return (fs::path(top_) / path).string();
}

std::string Project::text(std::string_view path) const { return read_text(fs::path(top_) / path); }

std::string Project::whole_text(std::string_view path) const {
  return read_text(fs::path(top_) / path, UINTMAX_MAX);
}

Result<Decision> decide(const Project& project, const Wanted& wanted) {
  Decision decision;
  const std::string shown = project.top() == "." ? "this folder" : project.top();
  if (wanted.tool != nullptr) {
    decision.tool = wanted.tool;
    decision.because = "as asked for";
  } else {
    const auto found = scores(project, wanted.folder.value_or(""));
    std::vector<const Tool*> best;
    int points = 0;
    for (const Tool& tool : tools()) {
      const auto score = found.find(tool.name);
      if (score == found.end() || score->second.points == 0) continue;
      // A tool without migrations to run does not count, except one that never has any.
      if (tool.files != Files::None && homes(project, tool).empty()) continue;
      if (score->second.points > points) {
        best.clear();
        points = score->second.points;
      }
      if (score->second.points == points) best.push_back(&tool);
    }
    if (best.empty()) {
      return fail(
          fmt::format("{}: no migrations of a known tool were found; name their folder, and the "
                      "tool with --tool: {}",
                      shown, tool_names()));
    }
    if (best.size() > 1) {
      std::vector<std::string> names;
      std::vector<std::string> reasons;
      for (const Tool* tool : best) {
        names.emplace_back(tool->name);
        reasons.push_back(fmt::format("{} ({})", tool->title, found.at(tool->name).because));
      }
      return fail(fmt::format("{}: the migrations fit {}; choose one: --tool {}", shown,
                              quoted_list(reasons, "and"), quoted_list(names, "or --tool")));
    }
    decision.tool = best.front();
    decision.because = found.at(decision.tool->name).because;
  }
  if (wanted.folder) {
    decision.folders = {*wanted.folder};
    return decision;
  }
  decision.folders = homes(project, *decision.tool);
  if (decision.folders.empty() && decision.tool->files != Files::None) {
    return fail(fmt::format(
        "{}: no migration of {} was found; name the folder, as in --migrations {}:FOLDER", shown,
        decision.tool->title, decision.tool->name));
  }
  const bool several = decision.tool->name == "django" || decision.tool->order == Order::Flyway;
  if (decision.folders.size() > 1 && !several) {
    return fail(fmt::format("{}: {} has migrations in {}; choose one: --migrations {}:{}", shown,
                            decision.tool->title, quoted_list(decision.folders, "and"),
                            decision.tool->name, decision.folders.front()));
  }
  return decision;
}

}  // namespace dsqlint::migrations
