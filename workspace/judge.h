// Judging the files of a history, each by what those before it have made of the database: what
// every front end does with its texts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "engine/catalog/schema.h"
#include "engine/lint/config_file.h"
#include "engine/lint/linter.h"
#include "mysql/translate.h"

namespace dsqlint {

/// What a client wants whatever the configuration files say.
struct Settings {
  std::optional<Date> engine = std::nullopt;
  std::string dialect = {};  ///< empty: not given
  std::vector<std::string> select = {};
  std::vector<std::string> ignore = {};
  std::optional<std::string> config = std::nullopt;  ///< empty: no configuration file at all
  bool suppressions = true;
};

/// What a file is to be judged with: its configuration file and what the client wants.
Config config_for(const Settings& settings, const ConfigFile& file, std::string_view absolute_path);
/// All of a configuration that findings depend on.
std::string key_of(const Config& config);

/// Linters, one for each distinct configuration, made when first needed. Safe to use from several
/// threads.
class Linters {
 public:
  explicit Linters(OtherIds others) : others_(std::move(others)) {}
  /// For a text of so many bytes: `threads` of the configuration are for big ones only.
  std::shared_ptr<const Linter> get(Config config, size_t bytes);

 private:
  OtherIds others_;
  std::mutex mutex_;
  std::map<std::pair<std::string, unsigned>, std::shared_ptr<const Linter>> linters_;
};

using ReadText = std::function<Result<std::shared_ptr<const SourceFile>>(Encoding encoding)>;
/// Reads a text by `read`, and settles what it is written in. `dialect`: `postgres`, `mysql`,
/// `auto`; empty means `postgres`.
Result<std::shared_ptr<const SourceFile>> read_dialect(std::string_view dialect,
                                                       const ReadText& read, bool& mysql);

/// How a file stands among those of a run.
struct FilePlace {
  size_t history = 0;  ///< files of one number set up one database, in their order
  bool alone = false;  ///< it cannot be joined with others
  uintmax_t bytes = 0;
  std::string key = {};  ///< of its configuration
};

/// Files of one history and configuration that are judged together, by number.
using Unit = std::vector<size_t>;
/// In order. Much text is judged in pieces: each knows what those before it have made.
std::vector<Unit> units_of(std::span<const FilePlace> files);

/// A file of a unit.
struct UnitFile {
  std::string path = {};                               ///< for messages
  std::shared_ptr<const SourceFile> source = nullptr;  ///< null: there is nothing to judge
  Config config = {};
  bool mysql = false;
  bool takes_back = false;  ///< a down or undo script
  bool wanted = true;       ///< otherwise it is only read, for those after it
};

/// What the files before a unit have made; what its own make is added.
struct Before {
  Schema schema = {};
  mysql::History mysql = {};
};

struct UnitRequest {
  bool fix = false;
  Safety safety = Safety::Review;  ///< of the fixes to apply
  /// The files have not been run anywhere: a fix may change an earlier one.
  bool rewrite_history = false;
  std::stop_token stop = {};
  LaterFiles::Find later = nullptr;  ///< what the files after the unit create
  /// Returns when the units before have been read. Null: they have.
  std::function<void()> turn = nullptr;
};

/// What becomes of a file: `checked`, or `fixed` where the request is to fix, or an error.
struct UnitOutcome {
  CheckOutcome checked = {};
  FixOutcome fixed = {};
  std::string error = {};
};

/// In the order of the files. MySQL files that are to be fixed are translated. Once it is stopped,
/// what comes out is of no use.
std::vector<UnitOutcome> judge(std::span<const UnitFile> files, Before& before,
                               const UnitRequest& request, Linters& linters);

/// What each file of a run creates, read when a file before it misses something. Used by several
/// threads.
class NamesOfFiles {
 public:
  struct File {
    std::string path = {};
    size_t history = 0;
    bool builds = true;  ///< its history has what it creates
  };
  /// `read` returns null for what cannot be read.
  using Read = std::function<std::shared_ptr<const SourceFile>(size_t file)>;
  NamesOfFiles(std::vector<File> files, Read read)
      : files_(std::move(files)), read_(std::move(read)) {}

  /// The place, in the files of one history that follow the given one, where the name is created.
  std::string find_after(size_t file, CreatedKind kind, const ObjectName& name);

 private:
  struct Names {
    std::shared_ptr<const SourceFile> source = nullptr;
    std::optional<CreatedNames> names = std::nullopt;  ///< nothing where it cannot be read
  };
  const Names& names_of(size_t file);

  std::vector<File> files_;
  Read read_;
  std::mutex mutex_;
  std::map<size_t, Names> known_;
};

}  // namespace dsqlint
