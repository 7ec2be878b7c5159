// Dispatch: which thread a message belongs to, and what its answer waits for.

#include "servers/lsp/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "servers/lsp/uri.h"
#include "workspace/sql_files.h"

namespace dsqlint::lsp {
namespace {

using rpc::Answer;
using rpc::ErrorCode;
using rpc::Incoming;
using rpc::refuse;

/// A text that is changed is judged when the typing rests; others only follow from it.
constexpr int kOthersLater = 3;

std::string background_key(const std::string& name) { return "judge " + name; }

/// What libraries throw becomes an answer.
template <typename Do>
Answer guarded(Do&& work) {
  try {
    return work();
  } catch (const BadParams& bad) {
    return refuse(ErrorCode::InvalidParams, bad.message);
  } catch (const Json::exception& problem) {
    return refuse(ErrorCode::InvalidParams, problem.what());
  } catch (const std::bad_alloc&) {
    return refuse(ErrorCode::RequestFailed, "there is not enough memory");
  } catch (const std::exception& problem) {
    return refuse(ErrorCode::InternalError, problem.what());
  }
}

Answer diagnostic(const View& view, const Json& params) {
  const std::string uri = required_text(params, {"textDocument", "uri"});
  const auto judged = view.judge(view.names.name_of(uri));
  if (judged == nullptr) return stopped();
  Json items = diagnostics_json(*judged, uri, view.capabilities);
  const std::string id = result_id(items);
  if (text_at(params, {"previousResultId"}) == id) {
    return Json{{"kind", "unchanged"}, {"resultId", id}};
  }
  return Json{{"kind", "full"}, {"resultId", id}, {"items", std::move(items)}};
}

/// Of a MySQL document: what it becomes.
Answer translation(const View& view, const Json& params) {
  const std::string uri = required_text(params, {"textDocument", "uri"});
  const std::string name = view.names.name_of(uri);
  const OpenDocument* open = view.snapshot.document(name);
  const Json version = open == nullptr ? Json() : Json(open->version);
  auto text = view.snapshot.translation(name, view.stop);
  if (!text) return stopped();
  if (!*text) return refuse(ErrorCode::RequestFailed, text->error().message);
  return Json{{"text", std::move(**text)}, {"version", version}};
}

std::vector<Names::Folder> folders_of(const Json& list) {
  std::vector<Names::Folder> folders;
  if (!list.is_array()) return folders;
  for (const Json& folder : list) {
    const std::string uri = text_at(folder, {"uri"});
    const std::string path = path_of(uri);
    if (!path.empty()) folders.push_back({uri, absolute_path(path)});
  }
  return folders;
}

}  // namespace

tl::unexpected<rpc::ResponseError> stopped() {
  return refuse(ErrorCode::RequestCancelled, "the request was stopped");
}

tl::expected<Asked, rpc::ResponseError> asked_document(const View& view, const Json& params) {
  Asked asked{.uri = required_text(params, {"textDocument", "uri"}), .name = {}, .source = {}};
  asked.name = view.names.name_of(asked.uri);
  auto source = view.snapshot.read(asked.name);
  if (!source) return refuse(ErrorCode::InvalidParams, source.error().message);
  asked.source = std::move(*source);
  return asked;
}

/// The workspace, and what the client calls and wants, at one moment.
struct Server::Moment {
  std::shared_ptr<const WorkspaceState> state;
  std::shared_ptr<const Names> names;
  std::shared_ptr<const ClientSettings> settings;
};

/// A request that the worker answers.
struct Server::Method {
  std::string_view name;
  Answer (*answer)(const View& view, const Json& params);
};

const std::vector<Server::Method>& Server::methods() {
  static const std::vector<Method> kMethods = {
      {"textDocument/diagnostic", diagnostic},
      {"textDocument/codeAction", code_actions},
      {"codeAction/resolve", resolve_code_action},
      {"textDocument/hover", hover},
      {"textDocument/completion", completion},
      {"textDocument/documentSymbol", document_symbols},
      {"workspace/symbol", workspace_symbols},
      {"textDocument/definition", definition},
      {"textDocument/references", references},
      {"textDocument/inlayHint", inlay_hints},
      {"dsqlint/translation", translation},
  };
  return kMethods;
}

Server::Server(RuleSet rules, ServerOptions options, std::function<void(std::string_view)> write)
    : options_(std::move(options)),
      connection_(std::move(write)),
      workspace_(std::move(rules), options_.tools),
      worker_(options_.threads),
      all_files_(options_.threads) {}

Server::~Server() = default;

void Server::take(const rpc::Frame& frame) {
  if (!frame.problem.empty()) {
    return connection_.answer_nobody({ErrorCode::ParseError, frame.problem});
  }
  const Incoming message = rpc::read_message(frame.body);
  switch (message.kind) {
    case Incoming::Kind::Request:
      return take_request(message);
    case Incoming::Kind::Notification: {
      const Answer done = guarded([&]() -> Answer {
        take_notification(message);
        return Json();
      });
      // Nobody waits for an answer; whoever looks at the client's log wants to know.
      if (!done) {
        connection_.notify(
            "window/logMessage",
            {{"type", 2}, {"message", message.method + ": " + done.error().message}});
      }
      return;
    }
    case Incoming::Kind::Response:
      (void)guarded([&]() -> Answer {
        connection_.settle(message.id, message.answer);
        return Json();
      });
      return;
    case Incoming::Kind::Invalid:
      if (message.id.is_null()) return connection_.answer_nobody(message.problem);
      if (connection_.begin(message.id, {}, std::stop_source(std::nostopstate))) {
        connection_.answer(message.id, tl::unexpected(message.problem));
      }
      return;
  }
}

void Server::take_request(const Incoming& message) {
  const auto answer_now = [&](const auto& work) {
    if (!connection_.begin(message.id, {}, std::stop_source(std::nostopstate))) return;
    connection_.answer(message.id, guarded(work));
  };
  if (message.method == "initialize") {
    return answer_now([&] { return initialize(message.params); });
  }
  if (phase_ == Phase::New) {
    return answer_now([]() -> Answer {
      return refuse(ErrorCode::ServerNotInitialized, "`initialize` has to come first");
    });
  }
  if (phase_ == Phase::ShutDown) {
    return answer_now([]() -> Answer {
      return refuse(ErrorCode::InvalidRequest, "the server is shut down; only `exit` follows");
    });
  }
  if (message.method == "shutdown") {
    connection_.cancel_all(ErrorCode::RequestCancelled, "the server is shutting down");
    phase_ = Phase::ShutDown;
    return answer_now([]() -> Answer { return Json(); });
  }
  if (message.method == "workspace/executeCommand") {
    return answer_now([&] { return execute_command(message.params); });
  }
  if (message.method == "workspace/diagnostic") {
    return answer_later(message.id, {}, all_files_, [this, params = message.params](const View& v) {
      Json reports = workspace_reports(v, params);
      if (v.stop.stop_requested()) return Answer(stopped());
      return Answer(std::move(reports));
    });
  }
  for (const Method& method : methods()) {
    if (method.name != message.method) continue;
    std::string about = text_at(message.params, {"textDocument", "uri"});
    if (about.empty()) about = text_at(message.params, {"data", "uri"});
    return answer_later(message.id, std::move(about), worker_,
                        [answer = method.answer, params = message.params](const View& v) {
                          return answer(v, params);
                        });
  }
  answer_now([&]() -> Answer {
    return refuse(ErrorCode::MethodNotFound, fmt::format("`{}` is not known", message.method));
  });
}

void Server::take_notification(const Incoming& message) {
  const std::string& method = message.method;
  if (method == "exit") {
    exit_code_ = phase_ == Phase::ShutDown ? 0 : 1;
    return;
  }
  if (method == "$/cancelRequest") return connection_.cancel(at(message.params, {"id"}));
  if (phase_ != Phase::Running) return;
  const Json& params = message.params;
  if (method == "initialized") return initialized();
  if (method == "textDocument/didOpen") return did_open(params);
  if (method == "textDocument/didChange") return did_change(params);
  if (method == "textDocument/didClose") return did_close(params);
  if (method == "textDocument/didSave") return did_save();
  if (method == "workspace/didChangeWorkspaceFolders") return did_change_folders(params);
  if (method == "workspace/didChangeWatchedFiles") return did_change_files();
  if (method == "workspace/didChangeConfiguration") {
    if (capabilities_.configuration) return ask_for_settings();
    return take_settings(at(params, {"settings", "dsqlint"}));
  }
}

// --- starting -----------------------------------------------------------------------------------

Answer Server::initialize(const Json& params) {
  if (phase_ != Phase::New) {
    return refuse(ErrorCode::InvalidRequest, "the server is initialized already");
  }
  capabilities_ = Capabilities::of(params);
  std::vector<Names::Folder> folders = folders_of(at(params, {"workspaceFolders"}));
  const std::string root = text_at(params, {"rootUri"});
  if (folders.empty() && !path_of(root).empty()) {
    folders.push_back({root, absolute_path(path_of(root))});
  }
  take_folders(std::move(folders));
  take_settings(at(params, {"initializationOptions"}));
  phase_ = Phase::Running;
  constexpr std::string_view kEncodings[] = {"utf-8", "utf-16", "utf-32"};
  Json can = {
      {"positionEncoding", kEncodings[static_cast<size_t>(capabilities_.encoding)]},
      {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", true}}},
      {"codeActionProvider",
       {{"codeActionKinds", {"quickfix", "source.fixAll", "source.fixAll.dsqlint"}},
        {"resolveProvider", true}}},
      {"hoverProvider", true},
      {"completionProvider", {{"triggerCharacters", {" ", ","}}}},
      {"documentSymbolProvider", true},
      {"workspaceSymbolProvider", true},
      {"definitionProvider", true},
      {"referencesProvider", true},
      {"inlayHintProvider", true},
      {"executeCommandProvider", {{"commands", {kOpenRule}}}},
      {"workspace", {{"workspaceFolders", {{"supported", true}, {"changeNotifications", true}}}}}};
  // What the client may show, and ask for beside what the protocol has.
  Snapshot snapshot = workspace_.snapshot();
  const std::vector<std::string>& tops = snapshot.state().folders;
  const std::string anywhere = tops.empty() ? std::string() : tops.front() + "/x.sql";
  can["experimental"]["dsqlint"] = {{"engine", to_string(snapshot.engine_date(anywhere))},
                                    {"translation", true}};
  if (capabilities_.pulls) {
    can["diagnosticProvider"] = {
        {"identifier", "dsqlint"}, {"interFileDependencies", true}, {"workspaceDiagnostics", true}};
  }
  return Json{{"capabilities", std::move(can)},
              {"serverInfo", {{"name", "dsqlint"}, {"version", options_.version}}}};
}

void Server::initialized() {
  Json registrations = Json::array();
  if (capabilities_.watches) {
    Json watchers = Json::array();
    // Configurations, SQL, and what migration tools read.
    for (const char* glob :
         {"**/*.{sql,ddl,toml,xml,yaml,yml,json,ini,cfg,conf,env,properties,hcl,sum,mod,lock}",
          "**/*.{py,rb,js,cjs,mjs,ts,cts,mts,java,kt,cs,csproj,go,ex,exs,php,prisma}"}) {
      watchers.push_back({{"globPattern", glob}});
    }
    registrations.push_back({{"id", "dsqlint.files"},
                             {"method", "workspace/didChangeWatchedFiles"},
                             {"registerOptions", {{"watchers", std::move(watchers)}}}});
  }
  if (capabilities_.registers_configuration) {
    registrations.push_back({{"id", "dsqlint.settings"},
                             {"method", "workspace/didChangeConfiguration"},
                             {"registerOptions", {{"section", "dsqlint"}}}});
  }
  if (!registrations.empty()) {
    connection_.request("client/registerCapability", {{"registrations", std::move(registrations)}});
  }
  if (capabilities_.configuration) ask_for_settings();
}

void Server::ask_for_settings() {
  connection_.request("workspace/configuration",
                      {{"items", Json::array({{{"section", "dsqlint"}}})}},
                      [this](const Answer& answer) {
                        if (answer && answer->is_array() && !answer->empty()) {
                          take_settings(answer->front());
                        }
                      });
}

void Server::take_settings(const Json& settings) {
  // Nothing said is nothing changed: not all clients know that section.
  if (!settings.is_object()) return;
  auto taken = std::make_shared<ClientSettings>(
      ClientSettings::of(settings, workspace_.state().rules.names));
  for (const std::string& problem : taken->problems) show_message(problem);
  workspace_.set_settings(taken->settings);
  settings_ = std::move(taken);
  judge_again();
}

void Server::take_folders(std::vector<Names::Folder> folders) {
  auto names = std::make_shared<Names>(*names_);
  names->folders = std::move(folders);
  std::vector<std::string> paths;
  for (const Names::Folder& folder : names->folders) paths.push_back(folder.path);
  names_ = std::move(names);
  workspace_.set_folders(std::move(paths));
}

void Server::show_message(const std::string& text) {
  connection_.notify("window/showMessage", {{"type", 2}, {"message", "dsqlint: " + text}});
}

// --- documents ----------------------------------------------------------------------------------

void Server::did_open(const Json& params) {
  const std::string uri = required_text(params, {"textDocument", "uri"});
  const Json& version = at(params, {"textDocument", "version"});
  const std::string language = text_at(params, {"textDocument", "languageId"});
  OpenDocument document{.name = names_->name_of(uri),
                        .version = version.is_number_integer() ? version.get<int64_t>() : 0,
                        .text = required_text(params, {"textDocument", "text"}),
                        .mysql = language == "mysql" || language == "mariadb"};
  document.program = !language.empty() && !document.mysql && !is_sql_name(document.name) &&
                     language.find("sql") == std::string::npos &&
                     language.find("postgres") == std::string::npos;
  auto names = std::make_shared<Names>(*names_);
  names->open[document.name] = uri;
  names_ = std::move(names);
  connection_.overtake(uri);
  const std::string name = document.name;
  const bool differs = differs_from_file(document);
  workspace_.open(std::move(document));
  renew_without_news();
  judge(name, std::chrono::milliseconds(0));
  // The others know the file's text.
  if (differs) judge_others(name);
}

void Server::did_change(const Json& params) {
  const std::string uri = required_text(params, {"textDocument", "uri"});
  const std::string name = names_->name_of(uri);
  const auto known = workspace_.state().documents.find(name);
  if (known == workspace_.state().documents.end()) {
    throw BadParams{uri + " is not open"};
  }
  OpenDocument document = *known->second;
  const Json& version = at(params, {"textDocument", "version"});
  document.version = version.is_number_integer() ? version.get<int64_t>() : document.version + 1;
  const Json& changes = at(params, {"contentChanges"});
  if (!changes.is_array()) throw BadParams{"`contentChanges` has to be a list"};
  for (const Json& change : changes) {
    std::string text = required_text(change, {"text"});
    const Json& range = at(change, {"range"});
    if (range.is_null()) {
      document.text = std::move(text);
      continue;
    }
    const LineIndex lines(document.text, capabilities_.encoding);
    const uint32_t begin = lines.offset(required_place(at(range, {"start"})));
    const uint32_t end = lines.offset(required_place(at(range, {"end"})));
    document.text.replace(std::min(begin, end), std::max(begin, end) - std::min(begin, end), text);
  }
  connection_.overtake(uri);
  workspace_.open(std::move(document));
  judge(name, options_.debounce);
  // A client that asks for diagnostics knows that it has to ask for those of the others again.
  if (!capabilities_.pulls) judge_others(name);
}

void Server::did_close(const Json& params) {
  const std::string uri = required_text(params, {"textDocument", "uri"});
  const std::string name = names_->name_of(uri);
  auto names = std::make_shared<Names>(*names_);
  if (names->open.erase(name) == 0) return;
  names_ = std::move(names);
  connection_.overtake(uri);
  const bool differs = differs_from_file(*workspace_.state().documents.at(name));
  workspace_.close(name);
  renew_without_news();
  {
    const std::lock_guard lock(publishing_);
    worker_.drop(background_key(name));
    published_.erase(name);
  }
  if (differs) judge_others(name);
  if (!capabilities_.pulls) {
    connection_.notify("textDocument/publishDiagnostics",
                       {{"uri", uri}, {"diagnostics", Json::array()}});
  }
}

void Server::did_save() {
  if (capabilities_.watches) return;
  renew_without_news();
  judge_again();
}

void Server::renew_without_news() {
  // Often enough, and not with every key.
  if (!capabilities_.watches) workspace_.renew();
}

bool Server::differs_from_file(const OpenDocument& document) const {
  if (document.mysql) return true;  // the name alone does not say that
  const auto loaded = SourceFile::load(document.name, Encoding::Bytes);
  return !loaded || (*loaded)->text() != document.text;
}

void Server::did_change_folders(const Json& params) {
  std::vector<Names::Folder> folders = names_->folders;
  for (const Names::Folder& gone : folders_of(at(params, {"event", "removed"}))) {
    std::erase_if(folders, [&](const Names::Folder& folder) { return folder.path == gone.path; });
  }
  for (Names::Folder& added : folders_of(at(params, {"event", "added"}))) {
    folders.push_back(std::move(added));
  }
  take_folders(std::move(folders));
  judge_again();
}

void Server::did_change_files() {
  workspace_.renew();
  judge_again();
}

// --- work ---------------------------------------------------------------------------------------

std::shared_ptr<const Server::Moment> Server::moment() const {
  return std::make_shared<Moment>(Moment{workspace_.shared_state(), names_, settings_});
}

View Server::view(const Moment& moment, Snapshot& snapshot, std::stop_token stop) {
  return {.snapshot = snapshot,
          .names = *moment.names,
          .capabilities = capabilities_,
          .settings = *moment.settings,
          .stop = stop,
          .judge = [this, &snapshot,
                    stop](const std::string& name) { return judged(snapshot, name, stop); },
          .symbols =
              [this, &snapshot](const std::vector<std::string>& history) {
                return symbols(snapshot, history);
              }};
}

void Server::forget_older(const Snapshot& snapshot) {
  if (judged_state_ == snapshot.shared_state()) return;
  judged_.clear();
  symbols_.clear();
  judged_state_ = snapshot.shared_state();
}

std::shared_ptr<const Symbols> Server::symbols(Snapshot& snapshot,
                                               const std::vector<std::string>& history) {
  forget_older(snapshot);
  std::shared_ptr<const Symbols>& known = symbols_[history];
  if (known == nullptr) known = std::make_shared<const Symbols>(snapshot, history);
  return known;
}

std::shared_ptr<const Judged> Server::judged(Snapshot& snapshot, const std::string& name,
                                             const std::stop_token& stop) {
  forget_older(snapshot);
  const auto known = judged_.find(name);
  if (known != judged_.end()) return known->second;
  // Open documents of one history are judged at once.
  std::vector<std::string> names = {name};
  if (const std::vector<std::string> history = snapshot.history(name); history.size() > 1) {
    for (const std::string& file : history) {
      if (file != name && snapshot.document(file) != nullptr) names.push_back(file);
    }
  }
  snapshot.check_all(names, stop, [&](Judged judged) {
    std::string of = judged.name;
    judged_[std::move(of)] = std::make_shared<const Judged>(std::move(judged));
  });
  const auto found = judged_.find(name);
  return found == judged_.end() ? nullptr : found->second;
}

void Server::answer_later(const Json& id, std::string about, Worker& worker, Work work) {
  const std::stop_source stop;
  if (!connection_.begin(id, std::move(about), stop)) return;
  worker.request([this, id, moment = moment(), stop = stop.get_token(), work = std::move(work)] {
    if (stop.stop_requested()) return;  // it has been answered
    Snapshot snapshot(moment->state);
    connection_.answer(id, guarded([&] { return work(view(*moment, snapshot, stop)); }));
  });
}

void Server::judge_again() {
  if (phase_ != Phase::Running) return;
  if (capabilities_.pulls) {
    if (capabilities_.refreshes) connection_.request("workspace/diagnostic/refresh", nullptr);
    return;
  }
  for (const auto& [name, uri] : names_->open) judge(name, options_.debounce);
}

void Server::judge_others(const std::string& name) {
  // Files of one history depend on each other.
  for (const auto& [other, open] : names_->open) {
    if (other != name) judge(other, options_.debounce * kOthersLater);
  }
  if (capabilities_.pulls && capabilities_.refreshes && names_->open.size() > 1) {
    connection_.request("workspace/diagnostic/refresh", nullptr);
  }
}

void Server::judge(const std::string& name, std::chrono::milliseconds delay) {
  if (capabilities_.pulls) return;
  const std::string key = background_key(name);
  {
    // What is being published now belongs to the text before; nothing of it comes after this.
    const std::lock_guard lock(publishing_);
    worker_.drop(key);
  }
  worker_.background(key, delay, [this, name, moment = moment()](const std::stop_token& stop) {
    const auto uri = moment->names->open.find(name);
    if (uri == moment->names->open.end()) return;
    (void)guarded([&]() -> Answer {
      Snapshot snapshot(moment->state);
      if (const auto found = judged(snapshot, name, stop)) publish(*found, uri->second, stop);
      return Json();
    });
  });
}

void Server::publish(const Judged& judged, const std::string& uri, const std::stop_token& stop) {
  Json params = {{"uri", uri}, {"diagnostics", diagnostics_json(judged, uri, capabilities_)}};
  if (judged.version) params["version"] = *judged.version;
  std::string id = result_id(params);
  const std::lock_guard lock(publishing_);
  if (stop.stop_requested()) return;
  // An edit of another file has changed nothing here.
  std::string& known = published_[judged.name];
  if (known == id) return;
  known = std::move(id);
  connection_.notify("textDocument/publishDiagnostics", std::move(params));
}

Json Server::workspace_reports(const View& view, const Json& params) {
  std::map<std::string, std::string> known;  // result ids by URI
  for (const Json& previous : at(params, {"previousResultIds"})) {
    known[text_at(previous, {"uri"})] = text_at(previous, {"value"});
  }
  // Without news of the files, they may have changed.
  if (reported_state_ != view.snapshot.shared_state() || !capabilities_.watches) {
    Json reports = Json::array();
    for (const std::string& folder : view.snapshot.state().folders) {
      std::vector<std::string> names = view.snapshot.files(folder);
      // Programs with migrations, and what tools read besides.
      const std::set<std::string> sql(names.begin(), names.end());
      for (const auto& history : view.snapshot.tool_histories(folder)) {
        for (const std::string& file : history->files) {
          if (sql.count(file) == 0 && !view.snapshot.is_excluded(file)) names.push_back(file);
        }
      }
      view.snapshot.check_all(names, view.stop, [&](const Judged& judged) {
        const std::string uri = view.names.uri_of(judged.name);
        Json items = diagnostics_json(judged, uri, view.capabilities);
        Json report = {{"kind", "full"},
                       {"uri", uri},
                       {"version", judged.version ? Json(*judged.version) : Json()},
                       {"resultId", result_id(items)},
                       {"items", std::move(items)}};
        reports.push_back(std::move(report));
      });
    }
    if (view.stop.stop_requested()) return nullptr;
    reported_ = std::move(reports);
    reported_state_ = view.snapshot.shared_state();
  }
  Json items = Json::array();
  for (const Json& report : reported_) {
    const auto previous = known.find(report["uri"].get<std::string>());
    if (previous != known.end() && previous->second == report["resultId"].get<std::string>()) {
      items.push_back({{"kind", "unchanged"},
                       {"uri", report["uri"]},
                       {"version", report["version"]},
                       {"resultId", report["resultId"]}});
      known.erase(previous);
      continue;
    }
    if (previous != known.end()) known.erase(previous);
    items.push_back(report);
  }
  // Files that are gone have no findings any more.
  for (const auto& [uri, id] : known) {
    if (uri.empty()) continue;
    items.push_back({{"kind", "full"},
                     {"uri", uri},
                     {"version", nullptr},
                     {"resultId", result_id(Json::array())},
                     {"items", Json::array()}});
  }
  const Json& token = at(params, {"partialResultToken"});
  if (!token.is_null() && !items.empty()) {
    connection_.notify("$/progress", {{"token", token}, {"value", {{"items", std::move(items)}}}});
    return {{"items", Json::array()}};
  }
  return {{"items", std::move(items)}};
}

// --- commands -----------------------------------------------------------------------------------

Answer Server::execute_command(const Json& params) {
  const std::string command = required_text(params, {"command"});
  if (command != kOpenRule) {
    return refuse(ErrorCode::InvalidParams, fmt::format("`{}` is not a command", command));
  }
  const Json& arguments = at(params, {"arguments"});
  const std::string id = arguments.is_array() && !arguments.empty() && arguments.front().is_string()
                             ? arguments.front().get<std::string>()
                             : std::string();
  const RuleInfo* rule = workspace_.state().rules.find(id);
  if (rule == nullptr || !options_.page) {
    return refuse(ErrorCode::InvalidParams, fmt::format("`{}` is not a rule", id));
  }
  const std::string page = options_.page(*rule);
  if (!capabilities_.shows_documents || options_.pages_folder.empty()) return Json(page);
  std::error_code error;
  std::filesystem::create_directories(options_.pages_folder, error);
  const std::string path = fmt::format("{}/{}.txt", options_.pages_folder, id);
  if (!(std::ofstream(path, std::ios::binary) << page)) {
    return refuse(ErrorCode::RequestFailed, path + ": cannot be written");
  }
  connection_.request("window/showDocument", {{"uri", lsp::uri_of(path)}, {"takeFocus", true}});
  return Json(page);
}

}  // namespace dsqlint::lsp
