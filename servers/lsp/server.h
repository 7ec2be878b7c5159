// The language server: one client, its documents, and what is said about them.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "servers/lsp/convert.h"
#include "servers/lsp/features.h"
#include "servers/lsp/worker.h"
#include "servers/rpc/connection.h"
#include "servers/rpc/framing.h"
#include "workspace/workspace.h"

namespace dsqlint::lsp {

struct ServerOptions {
  bool threads = true;  ///< false: everything is done within `take`, and nothing waits
  std::chrono::milliseconds debounce{150};
  std::string version = {};           ///< of the program
  FindToolHistories tools = nullptr;  ///< as Workspace has it
  std::string pages_folder = {};  ///< where pages of rules are written to be shown; empty: nowhere
  /// A rule's page as text.
  std::function<std::string(const RuleInfo& rule)> page = nullptr;
};

/// Takes messages on one thread, and works on others.
class Server {
 public:
  /// `write` gets one message after another, without its header.
  Server(RuleSet rules, ServerOptions options, std::function<void(std::string_view)> write);
  ~Server();

  void take(const rpc::Frame& frame);
  /// The process's exit code, once the client has sent `exit`.
  std::optional<int> exit_code() const { return exit_code_; }

 private:
  enum class Phase : uint8_t { New, Running, ShutDown };
  using Work = std::function<rpc::Answer(const View& view)>;
  /// What the work of a moment needs; shared with the thread that does it.
  struct Moment;
  struct Method;

  static const std::vector<Method>& methods();
  void take_request(const rpc::Incoming& message);
  void take_notification(const rpc::Incoming& message);

  rpc::Answer initialize(const Json& params);
  rpc::Answer execute_command(const Json& params);
  /// Has `work` done on another thread, and answers with what it gives. `about` is the URI of the
  /// document whose edits overtake the request.
  void answer_later(const Json& id, std::string about, Worker& worker, Work work);
  Json workspace_reports(const View& view, const Json& params);

  void initialized();
  void did_open(const Json& params);
  void did_change(const Json& params);
  void did_close(const Json& params);
  void did_save();
  /// Where nobody tells of files, they may have changed.
  void renew_without_news();
  void did_change_folders(const Json& params);
  void did_change_files();
  void take_settings(const Json& settings);
  void ask_for_settings();

  /// Has open documents judged again, or the client ask again.
  void judge_again();
  void judge(const std::string& name, std::chrono::milliseconds delay);
  /// The document's text has changed for the files that know it.
  void judge_others(const std::string& name);
  bool differs_from_file(const OpenDocument& document) const;
  void publish(const Judged& judged, const std::string& uri, const std::stop_token& stop);
  std::shared_ptr<const Moment> moment() const;
  View view(const Moment& moment, Snapshot& snapshot, std::stop_token stop);
  std::shared_ptr<const Judged> judged(Snapshot& snapshot, const std::string& name,
                                       const std::stop_token& stop);
  std::shared_ptr<const Symbols> symbols(Snapshot& snapshot,
                                         const std::vector<std::string>& history);
  /// What is known is of one state only.
  void forget_older(const Snapshot& snapshot);
  void take_folders(std::vector<Names::Folder> folders);
  void show_message(const std::string& text);

  ServerOptions options_;
  rpc::Connection connection_;

  // Of the thread that takes messages.
  Workspace workspace_;
  Phase phase_ = Phase::New;
  std::optional<int> exit_code_;
  std::shared_ptr<const Names> names_ = std::make_shared<Names>();
  std::shared_ptr<const ClientSettings> settings_ = std::make_shared<ClientSettings>();

  Capabilities capabilities_;  ///< set before any work is given away

  std::mutex publishing_;  ///< held while something is published, or decided against
  std::map<std::string, std::string> published_;  ///< by name, the result id of what was

  // Of the worker: what it has found out about one state of the workspace.
  std::shared_ptr<const WorkspaceState> judged_state_;
  std::map<std::string, std::shared_ptr<const Judged>> judged_;
  std::map<std::vector<std::string>, std::shared_ptr<const Symbols>> symbols_;  ///< by history
  // Of the other one.
  std::shared_ptr<const WorkspaceState> reported_state_;
  Json reported_;

  // Last: their work uses the others.
  Worker worker_;
  Worker all_files_;  ///< for what takes long, and nobody is waiting for with a cursor
};

}  // namespace dsqlint::lsp
