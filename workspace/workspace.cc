// The history of a document is judged as `check FOLDER` judges it: its files are one text where
// they are of one configuration and small enough, and what comes before is learned.

#include "workspace/workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <thread>
#include <utility>

#include "engine/catalog/schema.h"
#include "engine/lint/by_file.h"
#include "engine/lint/mysql_suspicion.h"
#include "mysql/check.h"
#include "rules/rules.h"
#include "workspace/history.h"
#include "workspace/line_changes.h"
#include "workspace/sql_files.h"

namespace dsqlint {
namespace {

namespace fs = std::filesystem;

/// From this size on a text is worth several threads.
constexpr size_t kBigText = 1u << 20;
/// More is judged in pieces: each piece knows what those before it have made of the database.
constexpr size_t kUnitBytes = 1u << 20;
/// A folder with more files than that is no folder of migrations.
constexpr size_t kMostFiles = 20'000;

/// All of a configuration that findings depend on.
std::string key_of(const Config& config) {
  std::string key = fmt::format("{} / {} / {} /", config.engine.date().value,
                                fmt::join(config.select, " "), fmt::join(config.ignore, " "));
  for (const MysqlChoice& choice : kMysqlChoices) key += config.mysql.*choice.value ? '1' : '0';
  for (const auto& [rule, severity] : config.severity) {
    key += fmt::format(" {}={}", rule, severity_word(severity));
  }
  return key;
}

Config config_for(const Settings& settings, const ConfigFile& file, const std::string& name) {
  Config config = file.config_for(name);
  if (settings.engine) config.engine = Engine(*settings.engine);
  if (!settings.select.empty()) {
    config.select = {settings.select.begin(), settings.select.end()};
    // What is asked for by name is wanted, whatever the file says.
    for (const std::string& rule : settings.select) config.ignore.erase(rule);
  }
  config.ignore.insert(settings.ignore.begin(), settings.ignore.end());
  return config;
}

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
      : configs(state.rules.names, state.settings.config) {}

  ConfigFiles configs;
  ConfigFile defaults = {};
  std::map<std::string, Result<std::shared_ptr<const SourceFile>>> texts;
  std::map<std::pair<std::string, bool>, std::unique_ptr<Linter>> linters;
  std::map<std::string, std::vector<std::string>> folders;  ///< the SQL files of each
};

/// Judges files of a history, or rewrites them, each by what those before it have made.
class Snapshot::HistoryRun {
 public:
  /// What becomes of a file.
  struct Outcome {
    CheckOutcome checked = {};
    FixOutcome fixed = {};
    std::string error = {};
  };
  using Take = std::function<void(const Member& member, Outcome outcome)>;

  HistoryRun(Snapshot& snapshot, const FixRequest* request, std::stop_token stop, Take take)
      : snapshot_(snapshot), request_(request), stop_(std::move(stop)), take_(std::move(take)) {}

  /// `wanted`: the numbers of those to take, ascending.
  void run(const std::vector<Member>& members, const std::vector<size_t>& wanted) {
    if (wanted.empty()) return;
    for (size_t begin = 0; begin <= wanted.back();) {
      if (stop_.stop_requested()) return;
      size_t end = begin + 1;
      size_t bytes = size_of(members[begin]);
      while (end < members.size() && members[end].key == members[begin].key &&
             bytes + size_of(members[end]) < kUnitBytes) {
        bytes += size_of(members[end++]);
      }
      const auto first = std::lower_bound(wanted.begin(), wanted.end(), begin);
      const auto last = std::lower_bound(wanted.begin(), wanted.end(), end);
      run_unit(members, begin, end, {first, last});
      begin = end;
    }
  }

 private:
  static size_t size_of(const Member& member) {
    return member.source == nullptr ? 0 : member.source->size();
  }

  Placement placement(bool takes_back) {
    return {.history = &schema_, .takes_back = takes_back, .stop = stop_};
  }

  /// Files of one configuration; `wanted` are those among them.
  void run_unit(const std::vector<Member>& members, size_t begin, size_t end,
                const std::vector<size_t>& wanted) {
    std::vector<size_t> joined;
    for (size_t i = begin; i < end; ++i) {
      const bool is_wanted = std::binary_search(wanted.begin(), wanted.end(), i);
      if (members[i].source == nullptr) {
        if (is_wanted) take_(members[i], {.error = members[i].error});
      } else if (!members[i].mysql) {
        joined.push_back(i);
      } else {
        run_joined(members, joined, wanted);
        joined.clear();
        run_one(members[i], placement(members[i].takes_back), is_wanted);
      }
    }
    run_joined(members, joined, wanted);
  }

  void run_one(const Member& member, const Placement& placement, bool wanted) {
    const Linter& linter = snapshot_.linter(member.config, size_of(member) >= kBigText);
    Outcome outcome;
    if (member.mysql) {
      const mysql::TranslateOptions translation{
          .engine = linter.config().engine,
          .choices = linter.config().mysql,
          .history = placement.takes_back ? nullptr : &mysql_};
      // Its text is not rewritten: the translation stands beside it.
      outcome.checked = mysql::check(linter, member.source, translation, placement);
      if (request_ != nullptr) outcome.error = "MySQL text is not fixed in place";
    } else if (!wanted) {
      linter.learn(member.source, placement);
      return;
    } else if (request_ == nullptr) {
      outcome.checked = linter.check(member.source, placement);
    } else {
      take_fixed(linter.fix(member.source, request_->wanted, placement), outcome);
    }
    if (wanted && !stop_.stop_requested()) take_(member, std::move(outcome));
  }

  static void take_fixed(Result<FixOutcome> fixed, Outcome& outcome) {
    if (fixed) {
      outcome.fixed = std::move(*fixed);
    } else {
      outcome.error = fixed.error().message;
    }
  }

  /// Those that build the history as one text, then the down scripts among them, each judged by
  /// what there is once the files before it have run.
  void run_joined(const std::vector<Member>& members, const std::vector<size_t>& files,
                  const std::vector<size_t>& wanted) {
    const auto is_wanted = [&](size_t i) {
      return std::binary_search(wanted.begin(), wanted.end(), i);
    };
    std::vector<size_t> up;
    for (const size_t i : files) {
      if (!members[i].takes_back) up.push_back(i);
    }
    if (up.size() <= 1) {
      for (const size_t i : files) {
        run_one(members[i], placement(members[i].takes_back), is_wanted(i));
      }
      return;
    }
    const bool down = std::any_of(files.begin(), files.end(),
                                  [&](size_t i) { return members[i].takes_back && is_wanted(i); });
    std::optional<Schema> before;
    if (down) before = schema_;
    run_up(members, up, wanted);
    if (!down) return;
    for (const size_t i : files) {
      if (stop_.stop_requested()) return;
      Placement as_then = placement(members[i].takes_back);
      as_then.history = &*before;
      if (as_then.takes_back) {
        if (is_wanted(i)) run_one(members[i], as_then, true);
      } else {
        snapshot_.linter(members[i].config, false).learn(members[i].source, as_then);
      }
    }
  }

  void run_up(const std::vector<Member>& members, const std::vector<size_t>& up,
              const std::vector<size_t>& wanted) {
    const auto is_wanted = [&](size_t i) {
      return std::binary_search(wanted.begin(), wanted.end(), i);
    };
    std::vector<FilePart> parts;
    std::vector<std::shared_ptr<const SourceFile>> texts;
    for (const size_t i : up) {
      parts.push_back(
          {std::string(members[i].source->path()), {}, static_cast<uint32_t>(parts.size())});
      texts.push_back(members[i].source);
    }
    const auto whole = SourceFile::join(std::move(parts), texts);
    std::string error = whole ? std::string() : whole.error().message;
    std::vector<Outcome> outcomes(up.size());
    if (whole) {
      const Member& first = members[up.front()];
      const Linter& linter = snapshot_.linter(first.config, (*whole)->size() >= kBigText);
      if (std::none_of(up.begin(), up.end(), is_wanted)) {
        linter.learn(*whole, placement(false));
        return;
      }
      if (request_ == nullptr) {
        auto checked = by_file(linter.check(*whole, placement(false)), **whole);
        for (size_t k = 0; k < up.size(); ++k) outcomes[k].checked = std::move(checked[k]);
      } else if (auto fixed = linter.fix(*whole, request_->wanted, placement(false))) {
        auto parted = by_file(std::move(*fixed), **whole);
        for (size_t k = 0; k < up.size(); ++k) outcomes[k].fixed = std::move(parted[k]);
      } else {
        error = fixed.error().message;
      }
    }
    if (stop_.stop_requested()) return;
    for (size_t k = 0; k < up.size(); ++k) {
      if (!is_wanted(up[k])) continue;
      outcomes[k].error = error;
      take_(members[up[k]], std::move(outcomes[k]));
    }
  }

  Snapshot& snapshot_;
  const FixRequest* request_;
  std::stop_token stop_;
  Take take_;
  Schema schema_;
  mysql::History mysql_;
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

Snapshot::Member Snapshot::member(const std::string& name, const FixRequest* request) {
  Member member{.name = name,
                .takes_back = !name_taken_back(fs::path(name).filename().string()).empty()};
  const auto config = config_file(name);
  if (!config) {
    member.error = config.error().message;
    return member;
  }
  member.config = config_for(state_->settings, **config, name);
  if (request != nullptr && !request->rule.empty()) {
    member.config.select = {request->rule};
    member.config.ignore.erase(request->rule);
  }
  member.key = key_of(member.config);
  auto source = read(name);
  if (source) member.mysql = is_mysql(name);
  if (source && !member.mysql && !is_valid_text((*source)->text())) {
    // Says where it is not.
    source = SourceFile::from_text(std::string((*source)->path()), std::string((*source)->text()));
  }
  if (source) {
    member.source = std::move(*source);
  } else {
    member.error = source.error().message;
  }
  return member;
}

const Linter& Snapshot::linter(const Config& config, bool big) {
  auto& linter = caches_->linters[{key_of(config), big}];
  if (linter == nullptr) {
    Config with_threads = config;
    with_threads.threads = big ? std::max(1u, std::thread::hardware_concurrency()) : 1;
    linter = std::make_unique<Linter>(all_rules(), std::move(with_threads), state_->rules.others);
  }
  return *linter;
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
    if (!is_translation(name)) files.push_back(name);
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

std::vector<std::string> Snapshot::history(const std::string& name) {
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
    if (const auto config = config_file(name); config && (*config)->excludes(name)) {
      const OpenDocument* open = document(name);
      take(
          {.name = name, .version = open == nullptr ? std::nullopt : std::optional(open->version)});
      continue;
    }
    std::vector<Member> members;
    std::vector<size_t> places;
    for (const std::string& file : history(name)) {
      if (wanted.count(file) != 0 && done.insert(file).second) places.push_back(members.size());
      members.push_back(member(file, nullptr));
    }
    HistoryRun run(*this, nullptr, stop, [&](const Member& member, HistoryRun::Outcome outcome) {
      Judged judged{.name = member.name, .source = member.source, .error = outcome.error};
      if (const OpenDocument* open = document(member.name)) judged.version = open->version;
      for (Diagnostic& finding : outcome.checked.findings) {
        judged.findings.push_back(to_finding(std::move(finding)));
      }
      take(std::move(judged));
    });
    run.run(members, places);
  }
}

std::optional<Result<Rewritten>> Snapshot::fix(const std::string& name, const FixRequest& request,
                                               std::stop_token stop) {
  std::vector<Member> members;
  std::vector<size_t> places;
  for (const std::string& file : history(name)) {
    if (file == name) places.push_back(members.size());
    members.push_back(member(file, &request));
  }
  std::optional<Result<Rewritten>> result;
  HistoryRun run(*this, &request, stop, [&](const Member& member, HistoryRun::Outcome outcome) {
    if (!outcome.error.empty()) {
      result = fail(outcome.error);
      return;
    }
    Rewritten rewritten{.source = member.source};
    if (outcome.fixed.changed) {
      rewritten.edits = changed_lines(member.source->text(), outcome.fixed.text());
    }
    result = std::move(rewritten);
  });
  run.run(members, places);
  if (stop.stop_requested()) return std::nullopt;
  return result;
}

Workspace::Workspace(RuleSet rules)
    : state_(std::make_shared<WorkspaceState>(WorkspaceState{.rules = std::move(rules)})) {}

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
  changed().folders = std::move(folders);
}

void Workspace::set_settings(Settings settings) { changed().settings = std::move(settings); }

}  // namespace dsqlint
