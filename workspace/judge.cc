#include "workspace/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "engine/lint/by_file.h"
#include "engine/lint/mysql_suspicion.h"
#include "mysql/check.h"
#include "rules/rules.h"

namespace dsqlint {
namespace {

/// From this size on a text is worth several threads.
constexpr size_t kBigText = 1u << 20;
/// More is not joined to one text.
constexpr uintmax_t kUnitBytes = 1u << 20;
/// Who asks for another configuration each time must not fill the memory.
constexpr size_t kMostLinters = 256;

/// Judges the files of a unit.
class UnitRun {
 public:
  UnitRun(std::span<const UnitFile> files, Before& before, const UnitRequest& request,
          Linters& linters)
      : files_(files),
        before_(before),
        request_(request),
        linters_(linters),
        outcomes_(files.size()) {}

  std::vector<UnitOutcome> run() {
    std::vector<size_t> joined;  // up to now
    for (size_t k = 0; k < files_.size(); ++k) {
      if (files_[k].source == nullptr) continue;
      if (!files_[k].mysql) {
        joined.push_back(k);
        continue;
      }
      run_joined(joined);
      joined.clear();
      run_one(k, placement(k));
    }
    run_joined(joined);
    return std::move(outcomes_);
  }

 private:
  bool stopped() const { return request_.stop.stop_requested(); }

  Placement placement(bool takes_back) const {
    return {.history = &before_.schema,
            .takes_back = takes_back,
            .later = request_.later,
            .turn = request_.turn,
            .stop = request_.stop};
  }
  Placement placement(size_t k) const { return placement(files_[k].takes_back); }

  void run_one(size_t k, const Placement& placement) {
    if (stopped()) return;
    try {
      const UnitFile& file = files_[k];
      const auto linter = linters_.get(file.config, file.source->size());
      if (file.mysql) {
        translate(k, *linter, placement);
      } else if (!file.wanted) {
        linter->learn(file.source, placement);
      } else if (request_.fix) {
        take(k, linter->fix(file.source, request_.safety, placement));
      } else {
        outcomes_[k].checked = linter->check(file.source, placement);
      }
    } catch (const std::bad_alloc&) {
      outcomes_[k].error =
          fmt::format("{}: there is not enough memory for this file; split it", files_[k].path);
    }
  }

  void translate(size_t k, const Linter& linter, const Placement& placement) {
    const UnitFile& file = files_[k];
    const mysql::TranslateOptions translation{
        .engine = linter.config().engine,
        .choices = linter.config().mysql,
        // What a translation is told of the files before it, and adds to it.
        .history = placement.takes_back ? nullptr : &before_.mysql};
    if (file.wanted && request_.fix) {
      take(k, mysql::fix(linter, file.source, translation, request_.safety, placement));
    } else {
      outcomes_[k].checked = mysql::check(linter, file.source, translation, placement);
    }
  }

  void take(size_t k, Result<FixOutcome> outcome) {
    if (outcome) {
      outcomes_[k].fixed = std::move(*outcome);
    } else {
      outcomes_[k].error = outcome.error().message;
    }
  }

  /// Those that build the history as one text, then the down scripts among them, each judged by
  /// what there is once the files before it have run.
  void run_joined(const std::vector<size_t>& files) {
    if (stopped()) return;
    std::vector<size_t> up;
    for (const size_t k : files) {
      if (!files_[k].takes_back) up.push_back(k);
    }
    if (up.size() <= 1) {
      for (const size_t k : files) run_one(k, placement(k));
      return;
    }
    const bool down = std::any_of(files.begin(), files.end(), [&](size_t k) {
      return files_[k].takes_back && files_[k].wanted;
    });
    std::optional<Schema> before;
    if (down) {
      if (request_.turn) request_.turn();
      before = before_.schema;
    }
    try {
      const Result<void> done = run_up(up);
      if (!done) fail_all(up, done.error().message);
    } catch (const std::bad_alloc&) {
      fail_all(up, fmt::format("{}: there is not enough memory for this file and those after it; "
                               "check fewer at once",
                               files_[up.front()].path));
    }
    if (!down) return;
    for (const size_t k : files) {
      if (stopped()) return;
      Placement as_then = placement(k);
      as_then.history = &*before;
      if (!as_then.takes_back) {
        learn(k, as_then);
      } else if (files_[k].wanted) {
        run_one(k, as_then);
      }
    }
  }

  void learn(size_t k, const Placement& placement) {
    try {
      linters_.get(files_[k].config, 0)->learn(files_[k].source, placement);
    } catch (const std::bad_alloc&) {
      outcomes_[k].error =
          fmt::format("{}: there is not enough memory for this file; split it", files_[k].path);
    }
  }

  /// None of them has been judged.
  void fail_all(const std::vector<size_t>& files, const std::string& why) {
    for (const size_t k : files) {
      const std::string& path = files_[k].path;
      outcomes_[k].error =
          why.starts_with(path + ":") ? why : fmt::format("{}: is not judged: {}", path, why);
    }
  }

  Result<void> run_up(const std::vector<size_t>& up) {
    std::vector<FilePart> parts;
    std::vector<std::shared_ptr<const SourceFile>> texts;
    for (const size_t k : up) {
      const auto number = static_cast<uint32_t>(request_.rewrite_history ? 0 : parts.size());
      parts.push_back({files_[k].path, {}, number});
      texts.push_back(files_[k].source);
    }
    const auto whole = SourceFile::join(std::move(parts), texts);
    if (!whole) return tl::unexpected(whole.error());
    const auto linter = linters_.get(files_[up.front()].config, (*whole)->size());
    if (std::none_of(up.begin(), up.end(), [&](size_t k) { return files_[k].wanted; })) {
      linter->learn(*whole, placement(false));
    } else if (request_.fix) {
      auto outcome = linter->fix(*whole, request_.safety, placement(false));
      if (!outcome) return tl::unexpected(outcome.error());
      std::vector<FixOutcome> own = by_file(std::move(*outcome), **whole);
      for (size_t i = 0; i < up.size(); ++i) outcomes_[up[i]].fixed = std::move(own[i]);
    } else {
      std::vector<CheckOutcome> own = by_file(linter->check(*whole, placement(false)), **whole);
      for (size_t i = 0; i < up.size(); ++i) outcomes_[up[i]].checked = std::move(own[i]);
    }
    return {};
  }

  std::span<const UnitFile> files_;
  Before& before_;
  const UnitRequest& request_;
  Linters& linters_;
  std::vector<UnitOutcome> outcomes_;
};

}  // namespace

Config config_for(const Settings& settings, const ConfigFile& file,
                  std::string_view absolute_path) {
  Config config = file.config_for(absolute_path);
  if (settings.engine) config.engine = Engine(*settings.engine);
  if (!settings.select.empty()) {
    config.select = {settings.select.begin(), settings.select.end()};
    // What is asked for by name is wanted, whatever the file says.
    for (const std::string& rule : settings.select) config.ignore.erase(rule);
  }
  config.ignore.insert(settings.ignore.begin(), settings.ignore.end());
  config.suppressions = settings.suppressions;
  return config;
}

std::string key_of(const Config& config) {
  std::string key =
      fmt::format("{} {} / {} / {} /", config.engine.date().value, config.suppressions,
                  fmt::join(config.select, " "), fmt::join(config.ignore, " "));
  for (const MysqlChoice& choice : kMysqlChoices) key += config.mysql.*choice.value ? '1' : '0';
  for (const auto& [rule, severity] : config.severity) {
    key += fmt::format(" {}={}", rule, severity_word(severity));
  }
  return key;
}

std::shared_ptr<const Linter> Linters::get(Config config, size_t bytes) {
  if (bytes < kBigText) config.threads = 1;
  const std::lock_guard lock(mutex_);
  std::pair key(key_of(config), config.threads);
  const auto known = linters_.find(key);
  if (known != linters_.end()) return known->second;
  if (linters_.size() >= kMostLinters) linters_.clear();
  auto linter = std::make_shared<const Linter>(all_rules(), std::move(config), others_);
  return linters_.emplace(std::move(key), std::move(linter)).first->second;
}

Result<std::shared_ptr<const SourceFile>> read_dialect(std::string_view dialect,
                                                       const ReadText& read, bool& mysql) {
  mysql = dialect == "mysql";
  if (dialect != "auto") return read(mysql ? Encoding::Bytes : Encoding::Utf8);
  auto source = read(Encoding::Bytes);
  if (!source) return source;
  mysql = looks_like_mysql((*source)->text());
  // What is PostgreSQL has to be UTF-8 after all.
  if (mysql || is_valid_text((*source)->text())) return source;
  return SourceFile::from_text(std::string((*source)->path()), std::string((*source)->text()));
}

std::vector<Unit> units_of(std::span<const FilePlace> files) {
  std::vector<Unit> units;
  uintmax_t bytes = 0;  // of the last unit
  for (size_t i = 0; i < files.size(); ++i) {
    const FilePlace& file = files[i];
    const FilePlace* before = units.empty() ? nullptr : &files[units.back().back()];
    const bool joins = before != nullptr && !before->alone && !file.alone &&
                       before->key == file.key && before->history == file.history &&
                       bytes + file.bytes < kUnitBytes;
    if (!joins) {
      units.emplace_back();
      bytes = 0;
    }
    units.back().push_back(i);
    bytes += file.bytes;
  }
  return units;
}

std::vector<UnitOutcome> judge(std::span<const UnitFile> files, Before& before,
                               const UnitRequest& request, Linters& linters) {
  return UnitRun(files, before, request, linters).run();
}

std::string NamesOfFiles::find_after(size_t file, CreatedKind kind, const ObjectName& name) {
  const std::lock_guard lock(mutex_);
  for (size_t later = file + 1; later < files_.size(); ++later) {
    if (files_[later].history != files_[file].history || !files_[later].builds) continue;
    const Names& own = names_of(later);
    const auto offset = own.names ? own.names->find(kind, name, 0) : std::nullopt;
    if (offset) {
      return fmt::format("{}:{}", files_[later].path, own.source->position(*offset).line);
    }
  }
  return {};
}

const NamesOfFiles::Names& NamesOfFiles::names_of(size_t file) {
  const auto [known, fresh] = known_.try_emplace(file);
  if (!fresh) return known->second;
  if (auto source = read_(file)) {
    known->second.source = std::move(source);
    known->second.names.emplace(*known->second.source);
  }
  return known->second;
}

}  // namespace dsqlint
