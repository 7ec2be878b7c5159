#include "plugins/migrations/configuration.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <toml++/toml.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "plugins/migrations/config_text.h"
#include "plugins/migrations/databases.h"
#include "plugins/migrations/piece.h"
#include "plugins/migrations/yaml.h"

namespace dsqlint::migrations {
namespace {

using Json = nlohmann::json;

/// Takes up what one configuration file says.
class Pointers {
 public:
  explicit Pointers(const Project& project) : project_(project) {}

  std::vector<Pointer> take() { return std::move(found_); }

  void begin(const std::string& config, std::string text) {
    config_ = config;
    folder_ = folder_of(config);
    text_ = std::move(text);
  }
  const std::string& text() const { return text_; }
  const std::string& folder() const { return folder_; }
  const std::string& config() const { return config_; }
  const Project& project() const { return project_; }

  /// The paths of one history, as written. Where the tool runs decides what they are relative to:
  /// mostly the configuration's folder, often one above it.
  bool add(std::string_view tool, const std::vector<std::string>& paths, bool of_another = false) {
    Pointer pointer{.tool = find_tool(tool), .config = config_, .folders = {}};
    for (const std::string& path : paths) {
      const auto folder = locate(path);
      if (!folder) continue;
      if (std::find(pointer.folders.begin(), pointer.folders.end(), *folder) ==
          pointer.folders.end()) {
        pointer.folders.push_back(*folder);
      }
      of_another = of_another || database_in(*folder) == Database::Other;
    }
    if (pointer.folders.empty()) return false;
    pointer.of_another = of_another;
    push(std::move(pointer));
    return true;
  }

  void add_root(const std::string& root) {
    Pointer pointer{.tool = find_tool("liquibase"),
                    .config = config_,
                    .folders = {std::string(folder_of(root))},
                    .root = root};
    push(std::move(pointer));
  }

  /// The folder that has files, if any does.
  std::optional<std::string> locate(std::string_view path) const {
    while (path.starts_with("./")) path.remove_prefix(2);
    std::vector<std::string> forms = {std::string(path)};
    // What is compiled stands for its source.
    for (const std::string_view built : {"dist/", "build/", "out/", "lib/"}) {
      if (!path.starts_with(built)) continue;
      forms.push_back("src/" + std::string(path.substr(built.size())));
      forms.emplace_back(path.substr(built.size()));
    }
    for (const std::string& form : forms) {
      std::string base = folder_;
      for (int level = 0; level < 8; ++level) {
        const std::string seen = project_.resolve(base, form);
        if (exists(seen)) return seen;
        if (base.empty() || base == ".." || base.ends_with("/..")) break;
        base = folder_of(base);
      }
    }
    return std::nullopt;
  }

  /// A file named so in the configuration's folder, above it, or in a folder of resources.
  std::optional<std::string> locate_file(std::string_view path) const {
    if (path.starts_with("classpath:")) path.remove_prefix(10);
    while (path.starts_with("/") || path.starts_with("./")) {
      path.remove_prefix(path.starts_with("/") ? 1 : 2);
    }
    std::string base = folder_;
    for (int level = 0; level < 8; ++level) {
      for (const std::string_view inside : {"", "src/main/resources"}) {
        const std::string seen = project_.resolve(base, path_in(inside, path));
        if (project_.has(seen)) return seen;
      }
      if (base.empty() || base == ".." || base.ends_with("/..")) break;
      base = folder_of(base);
    }
    const std::string ending = "/" + std::string(path);
    for (const std::string& file : project_.files()) {
      if (file.ends_with(ending)) return file;
    }
    return std::nullopt;
  }

 private:
  bool exists(std::string_view folder) const {
    return !folder.starts_with("..") && project_.has_below(folder);
  }

  void push(Pointer pointer) {
    for (const Pointer& known : found_) {
      if (known.tool == pointer.tool && known.folders == pointer.folders &&
          known.root == pointer.root) {
        return;
      }
    }
    found_.push_back(std::move(pointer));
  }

  const Project& project_;
  std::string config_;
  std::string folder_;
  std::string text_;
  std::vector<Pointer> found_;
};

bool says(std::string_view text, const RE2& pattern) {
  return RE2::PartialMatch(piece(text), pattern);
}

/// All values of the first group.
std::vector<std::string> all_of(std::string_view text, const RE2& pattern) {
  std::vector<std::string> found;
  re2::StringPiece rest = piece(text);
  std::string value;
  while (RE2::FindAndConsume(&rest, pattern, &value)) found.push_back(value);
  return found;
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  for (size_t at = text.find_first_not_of(separators); at != text.npos;) {
    const size_t end = std::min(text.find_first_of(separators, at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = text.find_first_not_of(separators, end);
  }
  return parts;
}

/// A program that is configured for another database only.
bool is_of_another(std::string_view text) {
  static const RE2 kKind(
      R"re(\b(?:dialect|client|type|provider|driver|adapter)["']?\s*[:=]\s*["'`]([A-Za-z0-9\-]+)["'`])re");
  bool other = false;
  re2::StringPiece rest = piece(text);
  std::string name;
  while (RE2::FindAndConsume(&rest, kKind, &name)) {
    const Database database = database_named(name);
    if (database == Database::Postgres) return false;
    other = other || database == Database::Other;
  }
  return other;
}

void sequelizerc(Pointers& to) {
  const std::string text = without_comments(to.text(), Comments::Slashes);
  const auto paths = paths_after(text, "migrations-path|migrationsPath");
  for (const auto& one : paths) to.add("sequelize", one);
  if (paths.empty()) to.add("sequelize", {"migrations"});
}

void alembic_ini(Pointers& to) {
  static const RE2 kSection(R"((?m)^\s*\[alembic\])");
  static const RE2 kScript(R"((?m)^script_location\s*=[ \t]*(\S[^\r\n]*?)[ \t]*$)");
  static const RE2 kVersions(
      R"((?m)^version_locations\s*=[ \t]*((?:\S[^\r\n]*|\r?\n[ \t]+\S[^\r\n]*)+))");
  if (!says(to.text(), kSection) && !says(to.text(), kScript)) return;
  const auto plain = [](std::string path) {
    for (const std::string_view here : {"%(here)s", "%%(here)s"}) {
      if (const size_t at = path.find(here); at != path.npos) path.erase(0, at + here.size());
    }
    while (path.starts_with('/')) path.erase(0, 1);
    // `package:folder`: the package is a folder of that name.
    std::replace(path.begin(), path.end(), ':', '/');
    return path;
  };
  std::vector<std::string> versions;
  for (const std::string& list : all_of(to.text(), kVersions)) {
    std::string rest = list;
    for (const std::string& path : split(rest, " \t\r\n,;")) {
      // A colon separates paths, unless it stands after a package.
      if (path.find('/') != path.npos) {
        for (const std::string& one : split(path, ":")) versions.push_back(plain(one));
      } else {
        versions.push_back(plain(path));
      }
    }
  }
  if (!versions.empty() && to.add("alembic", versions)) return;
  bool any = false;
  for (const std::string& script : all_of(to.text(), kScript)) {
    const std::string folder = plain(script);
    any = to.add("alembic", {path_in(folder, "versions")}) || to.add("alembic", {folder}) || any;
  }
  if (!any) to.add("alembic", {"versions"});
}

void pyproject(Pointers& to) {
  if (to.text().find("alembic") == std::string::npos) return;
  try {
    const toml::table root = toml::parse(to.text());
    const auto script = root["tool"]["alembic"]["script_location"].value<std::string>();
    if (!script) return;
    std::string folder = *script;
    if (const size_t at = folder.find("(here)s"); at != folder.npos) folder.erase(0, at + 7);
    std::replace(folder.begin(), folder.end(), ':', '/');
    while (folder.starts_with('/')) folder.erase(0, 1);
    to.add("alembic", {path_in(folder, "versions")});
  } catch (const toml::parse_error&) {
    return;  // whoever uses the file says what is wrong with it
  }
}

void knexfile(Pointers& to) {
  const std::string text = without_comments(to.text(), Comments::Slashes);
  const bool other = is_of_another(text);
  bool any = false;
  for (const auto& paths : paths_after(text, "directory")) {
    // That of the seeds is none.
    const bool seeds = std::all_of(paths.begin(), paths.end(), [](const std::string& path) {
      return path.find("seed") != path.npos;
    });
    if (!seeds) any = to.add("knex", paths, other) || any;
  }
  if (!any) to.add("knex", {"migrations"}, other);
}

void drizzle_config(Pointers& to) {
  const std::string text = without_comments(to.text(), Comments::Slashes);
  const bool other = is_of_another(text);
  const auto paths = paths_after(text, "out");
  for (const auto& one : paths) to.add("drizzle", one, other);
  if (paths.empty()) to.add("drizzle", {"drizzle"}, other);
}

void prisma_schema(Pointers& to) {
  static const RE2 kSource(R"re((?s)\bdatasource\s+\w+\s*\{[^}]*\bprovider\s*=\s*["'](\w+)["'])re");
  std::string provider;
  RE2::PartialMatch(to.text(), kSource, &provider);
  const bool other = database_named(provider) == Database::Other;
  if (!to.add("prisma", {"migrations"}, other)) to.add("prisma", {"../migrations"}, other);
}

void prisma_config(Pointers& to) {
  static const RE2 kMigrations(R"re(\bmigrations\s*:\s*\{([^}]*)\})re");
  const std::string text = without_comments(to.text(), Comments::Slashes);
  std::string inside;
  bool any = false;
  if (RE2::PartialMatch(text, kMigrations, &inside)) {
    for (const auto& paths : paths_after(inside, "path")) any = to.add("prisma", paths) || any;
  }
  if (any) return;
  for (const auto& paths : paths_after(text, "schema")) {
    for (const std::string& path : paths) {
      const std::string folder = folder_of_pattern(path);
      if (!to.add("prisma", {path_in(folder, "migrations")})) {
        to.add("prisma", {path_in(folder_of(folder), "migrations")});
      }
    }
  }
}

void package_json(Pointers& to) {
  const Json root = Json::parse(to.text(), nullptr, false);
  if (!root.is_object()) return;
  if (const auto prisma = root.find("prisma"); prisma != root.end() && prisma->is_object()) {
    if (const auto schema = prisma->find("schema");
        schema != prisma->end() && schema->is_string()) {
      const std::string folder = folder_of_pattern(schema->get<std::string>());
      if (!to.add("prisma", {path_in(folder, "migrations")})) {
        to.add("prisma", {path_in(folder_of(folder), "migrations")});
      }
    }
  }
  const auto scripts = root.find("scripts");
  if (scripts == root.end() || !scripts->is_object()) return;
  struct Flag {
    std::string_view tool;
    std::string_view command;  ///< RE2
    std::string_view flag;     ///< RE2
  };
  constexpr Flag kFlags[] = {
      {"sequelize", "sequelize", "--migrations-path"},
      {"node-pg-migrate", "node-pg-migrate", "(?:-m|--migrations-dir)"},
      {"db-migrate", R"(\bdb-migrate)", "(?:-m|--migrations-dir)"},
      {"knex", R"(\bknex\b)", "--migrations-directory"},
      {"dbmate", "dbmate", "(?:-d|--migrations-dir)"},
  };
  for (const Json& script : *scripts) {
    if (!script.is_string()) continue;
    const auto text = script.get<std::string>();
    for (const Flag& flag : kFlags) {
      std::string path;
      const RE2 pattern{fmt::format(R"re({}.*\s{}[ =]["']?([^\s"']+))re", flag.command, flag.flag)};
      if (RE2::PartialMatch(text, pattern, &path)) to.add(flag.tool, {path});
    }
  }
}

void atlas_hcl(Pointers& to) {
  static const RE2 kDir(R"re(\bdir\s*=\s*"file://([^"?]*)(?:\?[^"]*\bformat=([\w\-]+))?[^"]*")re");
  static const RE2 kFormat(R"re(\bformat\s*=\s*"?([a-z\-]+)"?)re");
  std::string text = without_comments(to.text(), Comments::Slashes);
  text = without_comments(text, Comments::Hash);
  re2::StringPiece rest = piece(text);
  std::string path;
  std::string format;
  while (RE2::FindAndConsume(&rest, kDir, &path, &format)) {
    if (format.empty()) {
      // Beside it in the same block.
      const auto at = static_cast<size_t>(rest.data() - text.data());
      const size_t begin = text.rfind('{', at);
      const size_t end = std::min(text.find('}', at), text.size());
      if (begin != text.npos) {
        RE2::PartialMatch(piece(std::string_view(text).substr(begin, end - begin)), kFormat,
                          &format);
      }
    }
    const Tool* tool = find_tool(format.empty() ? "atlas" : format);
    to.add(tool == nullptr ? "atlas" : tool->name, {path});
    format.clear();
  }
}

/// `classpath:db/migration/{vendor}`, `filesystem:sql`, as one history.
void flyway_locations(Pointers& to, const std::vector<std::string>& locations) {
  std::vector<std::string> folders;
  for (std::string location : locations) {
    for (const std::string_view vendor : {"{vendor}", "${vendor}"}) {
      if (const size_t at = location.find(vendor); at != location.npos) {
        location.replace(at, vendor.size(), "{vendor}");
      }
    }
    const bool on_disk = location.starts_with("filesystem:");
    for (const std::string_view scheme : {"classpath:", "filesystem:"}) {
      if (location.starts_with(scheme)) location.erase(0, scheme.size());
    }
    if (const size_t star = location.find('*'); star != location.npos) location.resize(star);
    if (location.find("${") != location.npos) continue;
    while (location.starts_with('/')) location.erase(0, 1);
    while (location.ends_with('/')) location.pop_back();
    std::vector<std::string> forms = {location};
    if (const size_t at = location.find("{vendor}"); at != location.npos) {
      forms.clear();
      for (const std::string_view vendor : {"postgresql", "postgres"}) {
        forms.push_back(location.substr(0, at) + std::string(vendor) + location.substr(at + 8));
      }
    }
    for (const std::string& form : forms) {
      // Resources of the module, whatever folder of it the configuration is in.
      const size_t inside = to.folder().find("src/");
      const std::string module =
          inside == to.folder().npos ? to.folder() : to.folder().substr(0, inside);
      std::vector<std::string> places;
      if (!on_disk) {
        for (const std::string_view source :
             {"src/main/resources", "src/main/java", "src/main/kotlin", "resources"}) {
          std::string base = module;
          while (base.ends_with('/')) base.pop_back();
          places.push_back(path_in(path_in(base, source), form));
        }
      }
      for (const std::string& place : places) {
        const std::string seen = to.project().resolve("", place);
        if (!seen.starts_with("..") && to.project().has_below(seen)) {
          // From the top, so that nothing above is tried.
          folders.push_back("/" + seen);
        }
      }
      if (places.empty() || folders.empty()) folders.push_back(form);
    }
  }
  std::vector<std::string> seen;
  for (std::string& folder : folders) {
    if (folder.starts_with('/')) {
      // Written as seen from the configuration.
      std::string up;
      for (const std::string& part : split(to.folder(), "/")) up += part == ".." ? "" : "../";
      seen.push_back(up + folder.substr(1));
    } else {
      seen.push_back(std::move(folder));
    }
  }
  if (!seen.empty()) to.add("flyway", seen);
}

void flyway_conf(Pointers& to) {
  static const RE2 kLocations(R"((?m)^\s*flyway\.locations\s*[=:]\s*(\S[^\r\n]*))");
  const auto lists = all_of(to.text(), kLocations);
  for (const std::string& list : lists) flyway_locations(to, split(list, ", \t"));
  if (lists.empty()) to.add("flyway", {"sql"});
}

void flyway_toml(Pointers& to) {
  try {
    const toml::table root = toml::parse(to.text());
    std::vector<std::string> locations;
    const auto take = [&](const toml::node_view<const toml::node> node) {
      if (const auto one = node.value<std::string>()) locations.push_back(*one);
      if (const toml::array* list = node.as_array()) {
        for (const toml::node& element : *list) {
          if (const auto one = element.value<std::string>()) locations.push_back(*one);
        }
      }
    };
    take(root["flyway"]["locations"]);
    if (locations.empty()) take(root["locations"]);
    if (locations.empty()) locations = {"sql"};
    flyway_locations(to, locations);
  } catch (const toml::parse_error&) {
    return;
  }
}

/// Spring Boot, Quarkus, Micronaut.
void application(Pointers& to) {
  static const RE2 kLocations(
      R"((?m)^\s*[\w.\-"]*flyway\.locations(?:\[\d+\])?\s*=\s*(\S[^\r\n]*))");
  static const RE2 kChangelog(R"((?m)^\s*[\w.\-"]*liquibase\.change-?[lL]og\s*=\s*(\S+))");
  std::vector<std::string> locations;
  std::vector<std::string> roots;
  if (to.config().ends_with(".properties")) {
    for (const std::string& list : all_of(to.text(), kLocations)) {
      for (std::string& one : split(list, ", \t")) locations.push_back(std::move(one));
    }
    roots = all_of(to.text(), kChangelog);
  } else if (to.text().find("flyway") != std::string::npos ||
             to.text().find("liquibase") != std::string::npos) {
    const std::vector<YamlEntry> entries = yaml_entries(to.text());
    for (uint32_t i = 0; i < entries.size(); ++i) {
      if (entries[i].style == YamlStyle::None) continue;
      const std::string path = yaml_path(entries, i);
      const std::string value = to.text().substr(entries[i].value.begin, entries[i].value.size());
      if (path.ends_with("flyway.locations")) {
        for (std::string& one : split(value, ", \t")) locations.push_back(std::move(one));
      }
      if (path.find("liquibase") != path.npos &&
          (path.ends_with("change-log") || path.ends_with("changelog") ||
           path.ends_with("changeLog"))) {
        roots.push_back(value);
      }
    }
  }
  if (!locations.empty()) flyway_locations(to, locations);
  for (const std::string& root : roots) {
    if (const auto file = to.locate_file(root)) to.add_root(*file);
  }
}

/// Maven and Gradle.
void java_build(Pointers& to) {
  static const RE2 kLocation(R"(<location>\s*([^<\s]+)\s*</location>)");
  static const RE2 kChangelog(R"(<changeLogFile>\s*([^<\s]+)\s*</changeLogFile>)");
  static const RE2 kGradle(R"re(\bchangelogFile\s*[=:(]?\s*["']([^"']+)["'])re");
  if (to.config().ends_with(".xml")) {
    const auto locations = all_of(to.text(), kLocation);
    if (!locations.empty()) flyway_locations(to, locations);
  } else if (to.text().find("flyway") != std::string::npos) {
    const std::string text = without_comments(to.text(), Comments::Slashes);
    for (const auto& paths : paths_after(text, "locations")) flyway_locations(to, paths);
  }
  for (const RE2* pattern : {&kChangelog, &kGradle}) {
    for (const std::string& root : all_of(to.text(), *pattern)) {
      if (const auto file = to.locate_file(root)) to.add_root(*file);
    }
  }
}

void liquibase_properties(Pointers& to) {
  static const RE2 kSetting(R"((?mi)^\s*(?:liquibase\.command\.)?changeLog-?File\s*[:=]\s*(\S+))");
  for (const std::string& root : all_of(to.text(), kSetting)) {
    if (const auto file = to.locate_file(root)) to.add_root(*file);
  }
}

void diesel_toml(Pointers& to) {
  try {
    const toml::table root = toml::parse(to.text());
    const auto folder = root["migrations_directory"]["dir"].value<std::string>();
    to.add("diesel", {folder.value_or("migrations")});
  } catch (const toml::parse_error&) {
    return;
  }
}

void hasura_config(Pointers& to) {
  static const RE2 kHasura(R"((?m)^(?:metadata_directory|metadata_v3|endpoint|version)\s*:)");
  static const RE2 kFolder(R"re((?m)^migrations_directory\s*:\s*["']?([^\s"']+))re");
  if (!says(to.text(), kHasura)) return;
  std::string folder = "migrations";
  RE2::PartialMatch(to.text(), kFolder, &folder);
  // Since its third version a folder for each database.
  const auto seen = to.locate(folder);
  if (!seen) return;
  static const RE2 kBelow(R"(([^/]+)/\d+_[^/]*/up\.sql)");
  std::vector<std::string> databases;
  for (const std::string& file : to.project().files()) {
    if (!is_below(file, *seen)) continue;
    std::string database;
    const std::string_view rest =
        std::string_view(file).substr(seen->empty() ? 0 : seen->size() + 1);
    if (!RE2::FullMatch(piece(rest), kBelow, &database)) continue;
    if (databases.empty() || databases.back() != database) databases.push_back(database);
  }
  for (const std::string& database : databases) to.add("hasura", {path_in(folder, database)});
  if (databases.empty()) to.add("hasura", {folder});
}

void mikro_orm_config(Pointers& to) {
  const std::string text = without_comments(to.text(), Comments::Slashes);
  const bool other = is_of_another(text);
  bool any = false;
  for (const std::string_view key : {"pathTs", "path"}) {
    for (const auto& paths : paths_after(text, key)) {
      any = any || to.add("mikro-orm", {folder_of_pattern(paths.front())}, other);
    }
  }
  if (any) return;
  if (!to.add("mikro-orm", {"migrations"}, other)) to.add("mikro-orm", {"src/migrations"}, other);
}

void typeorm_source(Pointers& to) {
  static const RE2 kSource(R"(\bDataSource\b|\bTypeOrm|typeorm|ormconfig)");
  if (!says(to.text(), kSource) && name_of(to.config()).find("ormconfig") == std::string::npos) {
    return;
  }
  const std::string text = without_comments(to.text(), Comments::Slashes);
  const bool other = is_of_another(text);
  for (const std::string_view key : {"migrations", "migrationsDir"}) {
    for (const auto& paths : paths_after(text, key)) {
      std::vector<std::string> folders;
      for (const std::string& path : paths) {
        // `[__dirname + "/migrations/*"]`, not the names of classes or tables.
        if (path.find('/') == path.npos) continue;
        folders.push_back(folder_of_pattern(path));
      }
      to.add("typeorm", folders, other);
    }
  }
}

void sql_migrate_config(Pointers& to) {
  const std::vector<YamlEntry> entries = yaml_entries(to.text());
  for (const YamlEntry& entry : entries) {
    if (entry.key != "dir" || entry.style == YamlStyle::None) continue;
    to.add("sql-migrate", {to.text().substr(entry.value.begin, entry.value.size())});
  }
}

void db_migrate_rc(Pointers& to) {
  const Json root = Json::parse(to.text(), nullptr, false);
  const std::string folder =
      root.is_object() ? root.value("migrations-dir", "migrations") : std::string("migrations");
  to.add("db-migrate", {folder});
}

void environment(Pointers& to) {
  static const RE2 kDbmate(
      R"re((?m)^\s*(?:export\s+)?DBMATE_MIGRATIONS_DIR\s*=\s*["']?([^\s"']+))re");
  static const RE2 kGoose(R"re((?m)^\s*(?:export\s+)?GOOSE_MIGRATION_DIR\s*=\s*["']?([^\s"']+))re");
  for (const std::string& path : all_of(to.text(), kDbmate)) to.add("dbmate", {path});
  for (const std::string& path : all_of(to.text(), kGoose)) to.add("goose", {path});
}

void supabase_config(Pointers& to) {
  if (name_of(to.folder()) == "supabase" || to.folder() == "..") to.add("supabase", {"migrations"});
}

struct Kind {
  std::string_view name;  ///< RE2
  void (*read)(Pointers&);
};

const Kind kKinds[] = {
    {R"(\.sequelizerc[^/]*)", sequelizerc},
    {R"([\w.\-]*alembic[\w.\-]*\.ini|[\w\-]+\.ini)", alembic_ini},
    {R"(pyproject\.toml)", pyproject},
    {R"(knexfile[\w.\-]*\.[cm]?[jt]s)", knexfile},
    {R"(drizzle[\w.\-]*\.config\.(?:[cm]?[jt]s|json)|drizzle\.config[\w.\-]*\.(?:[cm]?[jt]s|json))",
     drizzle_config},
    {R"([\w.\-]+\.prisma)", prisma_schema},
    {R"(prisma\.config\.[cm]?[jt]s)", prisma_config},
    {R"(package\.json)", package_json},
    {R"(atlas[\w.\-]*\.hcl)", atlas_hcl},
    {R"(flyway[\w.\-]*\.conf)", flyway_conf},
    {R"(flyway[\w.\-]*\.toml)", flyway_toml},
    {R"((?:application|bootstrap)[\w.\-]*\.(?:properties|ya?ml))", application},
    {R"(pom\.xml|build\.gradle|build\.gradle\.kts)", java_build},
    {R"(liquibase[\w.\-]*\.properties)", liquibase_properties},
    {R"(diesel\.toml)", diesel_toml},
    {R"(config\.yaml)", hasura_config},
    {R"(mikro-?orm[\w.\-]*\.[cm]?[jt]s)", mikro_orm_config},
    {R"((?i)(?:[\w.\-]*data-?source[\w.\-]*|ormconfig[\w.\-]*|[\w.\-]*typeorm[\w.\-]*|database[\w.\-]*|db[\w.\-]*|connection[\w.\-]*|app\.module|orm[\w.\-]*)\.(?:[cm]?[jt]s|json))",
     typeorm_source},
    {R"(dbconfig\.ya?ml)", sql_migrate_config},
    {R"(\.db-migraterc)", db_migrate_rc},
    {R"(\.env[\w.\-]*|\.envrc)", environment},
    {R"(config\.toml)", supabase_config},
};

/// Names that only tell which tool is in use, or how it runs.
constexpr std::string_view kOthers =
    R"(manage\.py|env\.py|settings[\w.\-]*\.py|go\.mod|Cargo\.toml|sqlx\.toml|tern\.conf|mix\.exs|hibernate\.properties|persistence\.xml|database\.ya?ml|database\.json)";

const std::vector<std::unique_ptr<RE2>>& kind_patterns() {
  static const std::vector<std::unique_ptr<RE2>> kPatterns = [] {
    std::vector<std::unique_ptr<RE2>> patterns;
    for (const Kind& kind : kKinds)
      patterns.push_back(std::make_unique<RE2>(std::string(kind.name)));
    return patterns;
  }();
  return kPatterns;
}

}  // namespace

bool is_configuration(std::string_view name) {
  static const RE2 kAny = [] {
    std::string all(kOthers);
    for (const Kind& kind : kKinds) all += fmt::format("|(?:{})", kind.name);
    return RE2(all);
  }();
  return RE2::FullMatch(piece(name), kAny);
}

std::vector<Pointer> pointers_of(const Project& project) {
  Pointers pointers(project);
  const auto read = [&](const std::string& path) {
    if (!is_configuration(name_of(path))) return;
    for (size_t i = 0; i < std::size(kKinds); ++i) {
      if (!RE2::FullMatch(piece(name_of(path)), *kind_patterns()[i])) continue;
      pointers.begin(path, project.text(path));
      kKinds[i].read(pointers);
      return;
    }
  };
  for (const std::string& file : project.files()) read(file);
  for (const Project::Above& file : project.above()) read(file.path);
  return pointers.take();
}

std::vector<std::string> configurations(const Project& project, std::string_view name,
                                        std::string_view folder) {
  const RE2 pattern{std::string(name)};
  std::vector<std::string> all;
  for (const std::string& file : project.files()) {
    if (RE2::FullMatch(piece(name_of(file)), pattern)) all.push_back(file);
  }
  const auto near = [&](const std::string& file) {
    // Deeper means nearer, if it lies on the way up.
    return is_below(folder, folder_of(file)) || folder == folder_of(file)
               ? 1 + std::count(file.begin(), file.end(), '/')
               : 0;
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](const std::string& a, const std::string& b) { return near(a) > near(b); });
  const auto far = std::find_if(all.begin(), all.end(),
                                [&](const std::string& file) { return near(file) == 0; });
  std::vector<std::string> above;
  for (const Project::Above& file : project.above()) {
    if (RE2::FullMatch(piece(name_of(file.path)), pattern)) above.push_back(file.path);
  }
  all.insert(far, above.begin(), above.end());
  return all;
}

namespace {

/// A setting that changes how a tool runs its migrations.
struct Setting {
  std::string_view tool;
  std::string_view file;  ///< RE2 of the configuration's name
  std::string_view text;  ///< RE2
  std::string_view name;  ///< as it is told
  Span span;
};

constexpr std::string_view kDjangoAdapter = "`aurora_dsql_django`";

constexpr std::string_view kTypeormFiles =
    R"((?i).*(?:data-?source|ormconfig|typeorm|database|connection|app\.module|orm|db).*\.(?:[cm]?[jt]s|json)|package\.json)";

constexpr Setting kSettings[] = {
    {"typeorm", kTypeormFiles, R"re(\bmigrationsTransactionMode["']?\s*:\s*["'`]none["'`])re",
     "`migrationsTransactionMode: \"none\"`", Span::Statement},
    {"typeorm", kTypeormFiles, R"re(\bmigrationsTransactionMode["']?\s*:\s*["'`]each["'`])re",
     "`migrationsTransactionMode: \"each\"`", Span::File},
    {"typeorm", R"(package\.json)",
     R"(migration:run\b[^"\n]*\s(?:-t|--t|--transaction)[ =]+(?:\\")?none\b)",
     "`--transaction none`", Span::Statement},
    {"typeorm", R"(package\.json)",
     R"(migration:run\b[^"\n]*\s(?:-t|--t|--transaction)[ =]+(?:\\")?each\b)",
     "`--transaction each`", Span::File},
    {"knex", R"(knexfile[\w.\-]*\.[cm]?[jt]s)", R"(\bdisableTransactions["']?\s*:\s*true\b)",
     "`disableTransactions: true`", Span::Statement},
    {"alembic", R"(env\.py)", R"re(\bisolation_level["']?\s*[=:]\s*["']AUTOCOMMIT["'])re",
     "`isolation_level=\"AUTOCOMMIT\"`", Span::Statement},
    {"alembic", R"(env\.py)", R"(\btransaction_per_migration\s*=\s*True\b)",
     "`transaction_per_migration=True`", Span::File},
    {"mikro-orm", R"(mikro-?orm[\w.\-]*\.[cm]?[jt]s)", R"(\btransactional\s*:\s*false\b)",
     "`transactional: false`", Span::Statement},
    {"mikro-orm", R"(mikro-?orm[\w.\-]*\.[cm]?[jt]s)", R"(\ballOrNothing\s*:\s*false\b)",
     "`allOrNothing: false`", Span::File},
    {"flyway",
     R"(flyway[\w.\-]*\.(?:conf|toml)|(?:application|bootstrap)[\w.\-]*\.(?:properties|ya?ml))",
     R"((?i)\bexecute-?InTransaction\s*[=:]\s*false\b)", "`executeInTransaction=false`",
     Span::Statement},
    {"flyway", R"(flyway[\w.\-]*\.(?:conf|toml)|(?:application|bootstrap)[\w.\-]*\.(?:properties))",
     R"((?m)^\s*(?:[\w.]*\.)?group\s*=\s*true\b)", "`group=true`", Span::AllPending},
    {"django", R"(settings[\w.\-]*\.py|base\.py|production\.py|prod\.py)",
     R"re(["']ENGINE["']\s*:\s*["']aurora_dsql_django["'])re", kDjangoAdapter, Span::Statement},
    {"db-migrate", R"(package\.json)", R"(db-migrate\b[^"\n]*\s--non-transactional\b)",
     "`--non-transactional`", Span::Statement},
};

/// The folder of the package in which `folder` lies.
std::string package_of(const Project& project, std::string_view folder) {
  constexpr std::string_view kMarkers[] = {"package.json", "manage.py",    "alembic.ini",
                                           "pom.xml",      "build.gradle", "build.gradle.kts"};
  for (std::string_view at = folder;; at = folder_of(at)) {
    for (const std::string_view marker : kMarkers) {
      if (project.has(path_in(at, marker))) return std::string(at);
    }
    if (at.empty()) return {};
  }
}

}  // namespace

RunSettings settings_of(const Project& project, const Tool& tool,
                        const std::vector<std::string>& folders) {
  const std::string_view folder = folders.empty() ? std::string_view() : folders.front();
  const std::string package = package_of(project, folder);
  std::string_view pattern;
  std::vector<std::string> files;
  for (const Setting& setting : kSettings) {
    if (setting.tool != tool.name) continue;
    if (setting.file != pattern) {
      pattern = setting.file;
      files = configurations(project, pattern, folder);
      std::erase_if(files, [&](const std::string& file) {
        return !file.starts_with("../") && package_of(project, folder_of(file)) != package;
      });
      // A folder of revisions has an environment of its own.
      if (tool.order == Order::Revisions && !files.empty()) files.resize(1);
    }
    const RE2 text{std::string(setting.text)};
    for (const std::string& file : files) {
      const bool python = file.ends_with(".py");
      const std::string found =
          without_comments(project.text(file), python ? Comments::Hash : Comments::Slashes);
      if (!RE2::PartialMatch(found, text)) continue;
      return {setting.span, fmt::format("{} in {}", setting.name, name_of(file)),
              setting.name == kDjangoAdapter};
    }
  }
  if (tool.name == "flyway") {
    for (const std::string& file :
         configurations(project, R"(pom\.xml|build\.gradle|build\.gradle\.kts)", folder)) {
      if (project.text(file).find("aurora-dsql-flyway-support") == std::string::npos) continue;
      return {.adapter = true};
    }
  }
  return {};
}

}  // namespace dsqlint::migrations
