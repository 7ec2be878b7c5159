// The history of a document is judged as `check FOLDER` judges it: its files are one text where
// they are of one configuration and small enough, and what comes before is learned.

#include "workspace/workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <thread>
#include <utility>

#include "engine/lint/mysql_suspicion.h"
#include "workspace/history.h"
#include "workspace/line_changes.h"
#include "workspace/sql_files.h"

namespace dsqlint {
namespace {

namespace fs = std::filesystem;

/// A folder with more files than that is no folder of migrations.
constexpr size_t kMostFiles = 20'000;

}  // namespace

const RuleInfo* RuleSet::find(std::string_view id) const {
  const auto found = std::lower_bound(
      infos.begin(), infos.end(), id,
      [](const RuleInfo* info, std::string_view wanted) { return info->id < wanted; });
  return found == infos.end() || (*found)->id != id ? nullptr : *found;
}

/// A file of a history.
struct Snapshot::Member {
  std::string name;
  bool takes_back = false;
  bool mysql = false;
  Config config = {};
  std::string key = {};  ///< of the configuration
  std::shared_ptr<const SourceFile> source = nullptr;
  std::string error = {};
};

struct Snapshot::Caches {
  explicit Caches(const WorkspaceState& state)
      : configs(state.rules.names, state.settings.config), linters(state.rules.others) {}

  ConfigFiles configs;
  ConfigFile defaults = {};
  std::map<std::string, Result<std::shared_ptr<const SourceFile>>> texts;
  Linters linters;
  std::map<std::string, std::vector<std::string>> folders;  ///< the SQL files of each
  std::map<std::string, std::vector<std::shared_ptr<const ToolHistory>>> tools;    ///< by folder
  std::map<std::string, std::shared_ptr<const ToolHistory>, std::less<>> tool_of;  ///< by file
};

/// Judges files of a history, or rewrites them, each by what those before it have made.
class Snapshot::HistoryRun {
 public:
  using Take = std::function<void(const Member& member, UnitOutcome outcome)>;

  HistoryRun(Snapshot& snapshot, const FixRequest* request, std::stop_token stop, Take take)
      : snapshot_(snapshot),
        request_{.fix = request != nullptr,
                 .safety = request == nullptr ? Safety::Review : request->wanted,
                 .stop = std::move(stop)},
        translates_(request != nullptr && request->translates),
        take_(std::move(take)) {}

  /// `wanted`: the numbers of those to take, ascending.
  void run(const std::vector<Member>& members, const std::vector<size_t>& wanted) {
    std::vector<FilePlace> places;
    for (const Member& member : members) {
      places.push_back(
          {.bytes = member.source == nullptr ? 0 : member.source->size(), .key = member.key});
    }
    for (const Unit& unit : units_of(places)) {
      if (wanted.empty() || unit.front() > wanted.back()) return;
      run_unit(members, unit, wanted);
      if (request_.stop.stop_requested()) return;
    }
  }

 private:
  void run_unit(const std::vector<Member>& members, const Unit& unit,
                const std::vector<size_t>& wanted) {
    const auto is_wanted = [&](size_t i) {
      return std::binary_search(wanted.begin(), wanted.end(), i);
    };
    std::vector<UnitFile> files;
    for (const size_t i : unit) {
      const Member& member = members[i];
      files.push_back({.path = snapshot_.shown(member.name),
                       .source = member.source,
                       .config = member.config,
                       .mysql = member.mysql,
                       .takes_back = member.takes_back,
                       // Its text is not rewritten: the translation stands beside it.
                       .wanted = is_wanted(i) && !(request_.fix && member.mysql && !translates_)});
    }
    std::vector<UnitOutcome> outcomes = judge(files, before_, request_, snapshot_.caches_->linters);
    for (size_t k = 0; k < unit.size() && !request_.stop.stop_requested(); ++k) {
      const Member& member = members[unit[k]];
      if (!is_wanted(unit[k])) continue;
      if (member.source == nullptr) outcomes[k].error = member.error;
      if (request_.fix && member.source != nullptr && member.mysql && !translates_) {
        outcomes[k].error = "MySQL text is not fixed in place";
      }
      take_(member, std::move(outcomes[k]));
    }
  }

  Snapshot& snapshot_;
  UnitRequest request_;
  bool translates_;
  Take take_;
  Before before_;
};

Snapshot::Snapshot(std::shared_ptr<const WorkspaceState> state)
    : state_(std::move(state)), caches_(std::make_unique<Caches>(*state_)) {}
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

const OpenDocument* Snapshot::document(std::string_view name) const {
  const auto found = state_->documents.find(name);
  return found == state_->documents.end() ? nullptr : found->second.get();
}

std::string Snapshot::shown(const std::string& name) const {
  std::string_view nearest;
  for (const std::string& folder : state_->folders) {
    if (folder.size() > nearest.size() && is_below(name, folder)) nearest = folder;
  }
  return nearest.empty() ? name : fs::path(name).lexically_relative(nearest).string();
}

Result<std::shared_ptr<const SourceFile>> Snapshot::read(const std::string& name) {
  const auto known = caches_->texts.find(name);
  if (known != caches_->texts.end()) return known->second;
  // What is PostgreSQL has to be UTF-8; whether it is, is settled when the dialect is known.
  Result<std::shared_ptr<const SourceFile>> source;
  if (const OpenDocument* open = document(name)) {
    source = SourceFile::from_text(shown(name), open->text, Encoding::Bytes);
  } else if (auto loaded = SourceFile::load(name, Encoding::Bytes)) {
    source = SourceFile::from_text(shown(name), std::string((*loaded)->text()), Encoding::Bytes);
  } else {
    source = tl::unexpected(loaded.error());
  }
  return caches_->texts.emplace(name, std::move(source)).first->second;
}

Result<const ConfigFile*> Snapshot::config_file(const std::string& name) {
  std::string folder;
  if (name.starts_with('/')) {
    folder = fs::path(name).parent_path().string();
  } else if (!state_->folders.empty()) {
    folder = state_->folders.front();
  } else {
    return &caches_->defaults;  // of a text without a place
  }
  return caches_->configs.nearest(folder);
}

Result<std::shared_ptr<const SourceFile>> Snapshot::read_text(const std::string& name) {
  auto source = read(name);
  if (!source || is_valid_text((*source)->text())) return source;
  // Says where it is not.
  return SourceFile::from_text(std::string((*source)->path()), std::string((*source)->text()));
}

bool Snapshot::is_sql(const std::string& name) const {
  if (const OpenDocument* open = document(name)) return !open->program;
  return is_sql_name(name);
}

bool Snapshot::is_mysql(const std::string& name) {
  const OpenDocument* open = document(name);
  std::string dialect = state_->settings.dialect;
  if (dialect.empty() && open != nullptr && open->mysql) return true;
  if (dialect.empty()) {
    const auto config = config_file(name);
    if (config) dialect = (*config)->dialect;
  }
  if (dialect != "auto") return dialect == "mysql";
  const auto source = read(name);
  return source && looks_like_mysql((*source)->text());
}

Result<Config> Snapshot::config(const std::string& name, const FixRequest* request) {
  const auto file = config_file(name);
  if (!file) return tl::unexpected(file.error());
  Config config = config_for(state_->settings, **file, name);
  if (request != nullptr && !request->rule.empty()) {
    config.select = {request->rule};
    config.ignore.erase(request->rule);
  }
  return config;
}

bool Snapshot::is_excluded(const std::string& name) {
  const auto config = config_file(name);
  return config && (*config)->excludes(name);
}

Snapshot::Member Snapshot::member(const std::string& name, const FixRequest* request) {
  Member member{.name = name,
                .takes_back = !name_taken_back(fs::path(name).filename().string()).empty()};
  auto config = this->config(name, request);
  if (!config) {
    member.error = config.error().message;
    return member;
  }
  member.config = std::move(*config);
  member.config.threads = std::max(1u, std::thread::hardware_concurrency());
  member.key = key_of(member.config);
  member.mysql = is_mysql(name);
  auto source = member.mysql ? read(name) : read_text(name);
  if (source) {
    member.source = std::move(*source);
  } else {
    member.error = source.error().message;
  }
  return member;
}

bool Snapshot::is_translation(const std::string& name) {
  constexpr std::string_view kEnding = "-fixed.sql";
  std::error_code error;
  return name.ends_with(kEnding) &&
         fs::exists(name.substr(0, name.size() - kEnding.size()) + ".sql", error) && is_mysql(name);
}

std::vector<std::string> Snapshot::files(const std::string& folder) {
  const auto known = caches_->folders.find(folder);
  if (known != caches_->folders.end()) return known->second;
  std::vector<std::string> files;
  const auto add = [&](const std::string& name) {
    const auto config = config_file(name);
    if (config && (*config)->excludes(name)) return;
    if (is_sql(name) && !is_translation(name)) files.push_back(name);
  };
  std::error_code error;
  if (fs::is_directory(folder, error)) {
    walk_files(
        folder, [](std::string_view name, std::string_view) { return is_sql_name(name); },
        [&](FoundFile found) {
          if (found.error.empty() && document(found.absolute) == nullptr) add(found.absolute);
          return files.size() < kMostFiles;
        });
  }
  for (const auto& [name, document] : state_->documents) {
    if (is_below(name, folder) && is_sql_name(name)) add(name);
  }
  sort_as_run(files);
  return caches_->folders.emplace(folder, std::move(files)).first->second;
}

const std::vector<std::shared_ptr<const ToolHistory>>& Snapshot::tool_histories(
    const std::string& folder) {
  const auto known = caches_->tools.find(folder);
  if (known != caches_->tools.end()) return known->second;
  auto& histories = caches_->tools[folder];
  if (!state_->tools) return histories;
  histories = state_->tools(*this, folder);
  for (const auto& history : histories) {
    for (const std::string& file : history->files) caches_->tool_of.emplace(file, history);
  }
  return histories;
}

std::shared_ptr<const ToolHistory> Snapshot::tool_history(const std::string& name) {
  for (const std::string& folder : state_->folders) {
    if (is_below(name, folder)) tool_histories(folder);
  }
  const auto found = caches_->tool_of.find(name);
  // The tools' runs are of PostgreSQL.
  if (found == caches_->tool_of.end() || is_mysql(name)) return nullptr;
  return found->second;
}

std::vector<std::string> Snapshot::history(const std::string& name) {
  if (const auto tool = tool_history(name)) return tool->files;
  if (!is_sql(name)) return {name};
  const auto config = config_file(name);
  const std::string folder =
      config && name.starts_with('/') ? migration_folder(name, **config) : std::string();
  if (folder.empty()) return {name};
  std::vector<std::string> all = files(folder);
  // Not one that the configuration of another folder speaks for.
  std::erase_if(all, [&](const std::string& file) {
    const auto own = config_file(file);
    return file != name && (!own || migration_folder(file, **own) != folder);
  });
  if (std::find(all.begin(), all.end(), name) == all.end()) return {name};
  return all;
}

std::optional<Judged> Snapshot::check(const std::string& name, std::stop_token stop) {
  std::optional<Judged> judged;
  check_all({name}, std::move(stop), [&](Judged one) { judged = std::move(one); });
  return judged;
}

void Snapshot::check_all(const std::vector<std::string>& names, std::stop_token stop,
                         const std::function<void(Judged)>& take) {
  const std::set<std::string, std::less<>> wanted(names.begin(), names.end());
  std::set<std::string, std::less<>> done;
  for (const std::string& name : names) {
    if (stop.stop_requested()) return;
    if (done.count(name) != 0) continue;
    const auto tool = is_excluded(name) ? nullptr : tool_history(name);
    if (is_excluded(name) || (tool == nullptr && !is_sql(name))) {
      take(judged(name, nullptr, {}, {}));
      continue;
    }
    if (tool != nullptr) {
      std::set<std::string, std::less<>> of_tool;
      for (const std::string& file : tool->files) {
        if (wanted.count(file) != 0 && done.insert(file).second) of_tool.insert(file);
      }
      check_with_tool(*tool, of_tool, stop, take);
      continue;
    }
    std::vector<Member> members;
    std::vector<size_t> places;
    for (const std::string& file : history(name)) {
      if (wanted.count(file) != 0 && done.insert(file).second) places.push_back(members.size());
      members.push_back(member(file, nullptr));
    }
    HistoryRun run(*this, nullptr, stop, [&](const Member& member, UnitOutcome outcome) {
      take(judged(member.name, member.source, std::move(outcome.checked.findings),
                  std::move(outcome.error)));
    });
    run.run(members, places);
  }
}

Judged Snapshot::judged(const std::string& name, std::shared_ptr<const SourceFile> source,
                        std::vector<Diagnostic> findings, std::string error) const {
  Judged judged{.name = name, .source = std::move(source), .error = std::move(error)};
  if (const OpenDocument* open = document(name)) judged.version = open->version;
  for (Diagnostic& finding : findings) judged.findings.push_back(to_finding(std::move(finding)));
  return judged;
}

void Snapshot::check_with_tool(const ToolHistory& history,
                               const std::set<std::string, std::less<>>& wanted,
                               const std::stop_token& stop,
                               const std::function<void(Judged)>& take) {
  history.run(*this, wanted, nullptr, stop, [&](const std::string& file, ToolVerdict verdict) {
    if (stop.stop_requested()) return;
    take(judged(file, std::move(verdict.source), std::move(verdict.findings),
                std::move(verdict.error)));
  });
}

std::optional<Result<Snapshot::Fixed>> Snapshot::fixed(const std::string& name,
                                                       const FixRequest& request,
                                                       std::stop_token stop) {
  std::optional<Result<Fixed>> result;
  if (const auto tool = tool_history(name)) {
    tool->run(*this, {name}, &request, stop, [&](const std::string&, ToolVerdict verdict) {
      if (verdict.error.empty()) {
        const bool changed = verdict.fixed != nullptr;
        result = Fixed{std::move(verdict.source),
                       {.fixed = std::move(verdict.fixed), .changed = changed}};
      } else {
        result = fail(std::move(verdict.error));
      }
    });
    if (stop.stop_requested()) return std::nullopt;
    return result;
  }
  std::vector<Member> members;
  std::vector<size_t> places;
  for (const std::string& file : history(name)) {
    if (file == name) places.push_back(members.size());
    members.push_back(member(file, &request));
  }
  HistoryRun run(*this, &request, stop, [&](const Member& member, UnitOutcome outcome) {
    if (outcome.error.empty()) {
      result = Fixed{member.source, std::move(outcome.fixed)};
    } else {
      result = fail(outcome.error);
    }
  });
  run.run(members, places);
  if (stop.stop_requested()) return std::nullopt;
  return result;
}

std::optional<Result<Rewritten>> Snapshot::fix(const std::string& name, const FixRequest& request,
                                               std::stop_token stop) {
  const auto fixed = this->fixed(name, request, std::move(stop));
  if (!fixed) return std::nullopt;
  if (!*fixed) return tl::unexpected(fixed->error());
  Rewritten rewritten{.source = (*fixed)->source};
  if ((*fixed)->outcome.changed) {
    rewritten.edits = changed_lines(rewritten.source->text(), (*fixed)->outcome.text());
  }
  return rewritten;
}

Texts Snapshot::fixed_texts(const std::vector<std::string>& history, std::stop_token stop) {
  Texts texts;
  if (history.empty()) return texts;
  const FixRequest request;
  if (const auto tool = tool_history(history.front())) {
    tool->run(*this, {history.begin(), history.end()}, &request, stop,
              [&](const std::string& file, ToolVerdict verdict) {
                if (verdict.fixed != nullptr) texts[file] = std::move(verdict.fixed);
              });
    return texts;
  }
  std::vector<Member> members;
  std::vector<size_t> places;
  for (const std::string& file : history) {
    places.push_back(members.size());
    members.push_back(member(file, &request));
  }
  HistoryRun run(*this, &request, stop, [&](const Member& member, UnitOutcome outcome) {
    if (outcome.error.empty() && outcome.fixed.changed) texts[member.name] = outcome.fixed.fixed;
  });
  run.run(members, places);
  return texts;
}

std::optional<Result<std::string>> Snapshot::translation(const std::string& name,
                                                         std::stop_token stop) {
  const auto source = read(name);
  if (!source) return tl::unexpected(source.error());
  if (!is_mysql(name)) {
    return fail(
        fmt::format("{} is not MySQL text, so there is no translation; set `dialect` to "
                    "\"mysql\" if it is",
                    shown(name)));
  }
  const auto fixed = this->fixed(name, {.translates = true}, std::move(stop));
  if (!fixed) return std::nullopt;
  if (!*fixed) return tl::unexpected(fixed->error());
  return (*fixed)->outcome.text();
}

Date Snapshot::engine_date(const std::string& name) {
  const auto config = config_file(name);
  return config_for(state_->settings, config ? **config : caches_->defaults, name).engine.date();
}

Workspace::Workspace(RuleSet rules, FindToolHistories tools)
    : state_(std::make_shared<WorkspaceState>(
          WorkspaceState{.rules = std::move(rules), .tools = std::move(tools)})) {}

WorkspaceState& Workspace::changed() {
  // Snapshots on other threads may hold the state as it is.
  state_ = std::make_shared<WorkspaceState>(*state_);
  return *state_;
}

void Workspace::open(OpenDocument document) {
  std::string name = document.name;
  changed().documents[std::move(name)] = std::make_shared<const OpenDocument>(std::move(document));
}

void Workspace::close(const std::string& name) { changed().documents.erase(name); }

void Workspace::set_folders(std::vector<std::string> folders) {
  renew();
  state_->folders = std::move(folders);
}

void Workspace::set_settings(Settings settings) {
  renew();
  state_->settings = std::move(settings);
}

}  // namespace dsqlint
