// Documents by name and version, with the dialect, the configuration and the history of each: what
// every front end that stays with its texts holds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/config_file.h"
#include "engine/lint/linter.h"
#include "workspace/finding.h"
#include "workspace/judge.h"
#include "workspace/tool_history.h"

namespace dsqlint {

/// The rules, as told by whoever knows all of them.
struct RuleSet {
  std::vector<const RuleInfo*> infos;   ///< sorted by id
  std::vector<std::string_view> names;  ///< that users may write, sorted
  OtherIds others;                      ///< as for a Linter of files

  /// Null where there is no such id.
  const RuleInfo* find(std::string_view id) const;
};

/// A text that a client has open. The file of its name, if there is one, is not looked at.
struct OpenDocument {
  std::string name;  ///< an absolute path, or whatever the client calls a text without a file
  int64_t version = 0;
  std::string text;
  bool mysql = false;    ///< the client says so
  bool program = false;  ///< the client says that it is no SQL
};

/// What was found out about a document.
struct Judged {
  std::string name;
  std::optional<int64_t> version = std::nullopt;       ///< of an open document
  std::shared_ptr<const SourceFile> source = nullptr;  ///< null where there is an error
  std::vector<Finding> findings = {};                  ///< in stable order
  std::string error = {};                              ///< why there are no findings
};

/// A document as fixes make it.
struct Rewritten {
  std::shared_ptr<const SourceFile> source;
  std::vector<Edit> edits;  ///< in order, by lines; none when nothing changes
};

/// Texts of files by their names.
using Texts = std::map<std::string, std::shared_ptr<const SourceFile>, std::less<>>;

/// What a fix is to do.
struct FixRequest {
  Safety wanted = Safety::Review;
  std::string rule = {};    ///< of this rule alone; empty: of all
  bool translates = false;  ///< MySQL text becomes its translation; else it is an error
};

/// What stands where, as a client sees it: a value, cheap to copy.
struct WorkspaceState {
  RuleSet rules;
  FindToolHistories tools = nullptr;  ///< null: no tools are known
  std::vector<std::string> folders;   ///< absolute
  Settings settings;
  uint64_t disk = 0;  ///< how often files may have changed
  std::map<std::string, std::shared_ptr<const OpenDocument>, std::less<>> documents;
};

/// The workspace at one moment. It reads files and configurations when it first needs them, each
/// once. Used by one thread at a time; several snapshots share nothing that changes.
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const WorkspaceState> state);
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;
  ~Snapshot();

  const WorkspaceState& state() const { return *state_; }
  const std::shared_ptr<const WorkspaceState>& shared_state() const { return state_; }
  const OpenDocument* document(std::string_view name) const;
  /// As the client calls it: relative to its folder of the workspace.
  std::string shown(const std::string& name) const;
  /// The text of an open document or of a file.
  Result<std::shared_ptr<const SourceFile>> read(const std::string& name);
  /// The same where it is text: valid UTF-8 without NUL bytes.
  Result<std::shared_ptr<const SourceFile>> read_text(const std::string& name);
  /// Is it translated from MySQL?
  bool is_mysql(const std::string& name);
  /// False for programs, which may have SQL in their strings.
  bool is_sql(const std::string& name) const;
  /// The configuration that a file goes by.
  Result<const ConfigFile*> config_file(const std::string& name);
  /// What a file is checked with, or fixed.
  Result<Config> config(const std::string& name, const FixRequest* request = nullptr);
  bool is_excluded(const std::string& name);
  /// The files that are run one after another with this one among them; only this one where it
  /// stands alone.
  std::vector<std::string> history(const std::string& name);
  /// The history in which a tool runs the file; null where none does.
  std::shared_ptr<const ToolHistory> tool_history(const std::string& name);
  /// All of a folder of the workspace.
  const std::vector<std::shared_ptr<const ToolHistory>>& tool_histories(const std::string& folder);
  /// The SQL files of a folder of the workspace, without those that its configuration excludes, in
  /// the order in which they would be run; open documents are among them.
  std::vector<std::string> files(const std::string& folder);

  /// What is to be said of a document in its history; nothing when it was stopped.
  std::optional<Judged> check(const std::string& name, std::stop_token stop = {});
  /// The same for many, those of one history at once. `take` is called for each of them, histories
  /// in order of their first.
  void check_all(const std::vector<std::string>& names, std::stop_token stop,
                 const std::function<void(Judged)>& take);
  /// What fixing makes of the document, with its history as it stands; nothing when stopped.
  std::optional<Result<Rewritten>> fix(const std::string& name, const FixRequest& request,
                                       std::stop_token stop = {});
  /// What fixing makes of the files of a history; without those that cannot be fixed in place.
  Texts fixed_texts(const std::vector<std::string>& history, std::stop_token stop = {});
  /// What `dsqlint fix` writes beside a MySQL document: its translation, with all fixes made. An
  /// error where the document is no MySQL; nothing when stopped.
  std::optional<Result<std::string>> translation(const std::string& name,
                                                 std::stop_token stop = {});
  /// The date that findings of the document rest on.
  Date engine_date(const std::string& name);

 private:
  struct Member;
  struct Caches;
  struct Fixed {
    std::shared_ptr<const SourceFile> source;
    FixOutcome outcome;
  };
  class HistoryRun;

  std::optional<Result<Fixed>> fixed(const std::string& name, const FixRequest& request,
                                     std::stop_token stop);
  /// What `fix --dialect mysql` has written beside the file it was made from?
  bool is_translation(const std::string& name);
  void check_with_tool(const ToolHistory& history, const std::set<std::string, std::less<>>& wanted,
                       const std::stop_token& stop, const std::function<void(Judged)>& take);
  Judged judged(const std::string& name, std::shared_ptr<const SourceFile> source,
                std::vector<Diagnostic> findings, std::string error) const;
  /// How a file is judged, and its text.
  Member member(const std::string& name, const FixRequest* request);

  std::shared_ptr<const WorkspaceState> state_;
  std::unique_ptr<Caches> caches_;
};

/// Takes changes, and gives out snapshots. Used by one thread.
class Workspace {
 public:
  explicit Workspace(RuleSet rules, FindToolHistories tools = nullptr);
  /// Opens it, or replaces its text.
  void open(OpenDocument document);
  void close(const std::string& name);
  void set_folders(std::vector<std::string> folders);
  void set_settings(Settings settings);
  /// Files have changed: what is known of this state holds no longer.
  void renew() { ++changed().disk; }
  const WorkspaceState& state() const { return *state_; }
  std::shared_ptr<const WorkspaceState> shared_state() const { return state_; }
  Snapshot snapshot() const { return Snapshot(state_); }

 private:
  /// A copy that nobody else holds: it has pointers to the texts.
  WorkspaceState& changed();
  std::shared_ptr<WorkspaceState> state_;
};

}  // namespace dsqlint
