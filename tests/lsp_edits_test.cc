// Random edits, in all encodings of positions: what the language server says at the end is what a
// fresh one says of the same texts. DSQLINT_EDITS=60 goes on for that many seconds.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>

#include "plugins/catalogue.h"
#include "plugins/migrations/tool_histories.h"
#include "servers/lsp/server.h"
#include "servers/rpc/framing.h"
#include "tests/catch.h"
#include "tests/support/program.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;
using Random = std::mt19937;

constexpr std::array<std::string_view, 3> kEncodings = {"utf-8", "utf-16", "utf-32"};

size_t below(Random& random, size_t bound) { return bound == 0 ? 0 : random() % bound; }
bool chance(Random& random, unsigned percent) { return random() % 100 < percent; }

/// How a client counts: on purpose not with the server's own code.
struct Text {
  std::string text;
  std::string language = "sql";
  int version = 1;

  bool is_boundary(size_t at) const {
    if (at >= text.size()) return true;
    if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) return false;
    return !(at > 0 && text[at] == '\n' && text[at - 1] == '\r');
  }
  size_t boundary(size_t at) const {
    while (!is_boundary(at)) --at;
    return at;
  }
  Json place(size_t offset, std::string_view encoding) const {
    int line = 0;
    int character = 0;
    for (size_t at = 0; at < offset; ++at) {
      const auto byte = static_cast<unsigned char>(text[at]);
      const bool pair = byte == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
      if (byte == '\n' || (byte == '\r' && !pair)) {
        ++line;
        character = 0;
      } else if (encoding == "utf-8") {
        ++character;
      } else if ((byte & 0xC0) != 0x80) {
        character += encoding == "utf-16" && byte >= 0xF0 ? 2 : 1;
      }
    }
    return {{"line", line}, {"character", character}};
  }
  bool ends_line(size_t at) const {
    return at == text.size() || text[at] == '\n' || text[at] == '\r';
  }
};

struct Wish {
  std::string_view encoding = "utf-16";
  bool pulls = false;
  bool threads = false;
};

/// A client with its documents, and what it was told about them.
class Client {
 public:
  Client(const Sandbox& box, Wish wish)
      : root_("file://" + box.path()),
        wish_(wish),
        server_({.infos = rule_catalogue(), .names = rule_names(), .others = other_ids_of_files()},
                {.threads = wish.threads,
                 .debounce = std::chrono::milliseconds(1),
                 .tools = migrations::tool_histories(other_ids_of_migrations())},
                [this](std::string_view body) { hear(Json::parse(body)); }) {
    Json can = {{"general", {{"positionEncodings", {wish.encoding}}}},
                {"workspace",
                 {{"workspaceEdit", {{"documentChanges", true}}},
                  {"didChangeWatchedFiles", {{"dynamicRegistration", true}}}}},
                {"textDocument",
                 {{"codeAction",
                   {{"codeActionLiteralSupport", {{"codeActionKind", {{"valueSet", {""}}}}}}}},
                  {"publishDiagnostics", {{"relatedInformation", true}}},
                  {"documentSymbol", {{"hierarchicalDocumentSymbolSupport", true}}}}}};
    if (wish.pulls) can["textDocument"]["diagnostic"] = Json::object();
    const Json result =
        call("initialize",
             {{"capabilities", can},
              {"workspaceFolders", Json::array({{{"uri", root_}, {"name", "root"}}})}})["result"];
    REQUIRE(result["capabilities"]["positionEncoding"] == wish.encoding);
    notify("initialized", Json::object());
  }

  std::string uri(const std::string& name) const { return root_ + "/" + name; }
  const std::map<std::string, Text>& texts() const { return texts_; }
  std::string_view encoding() const { return wish_.encoding; }

  void open(const std::string& name, Text text) {
    texts_[name] = text;
    notify("textDocument/didOpen", {{"textDocument",
                                     {{"uri", uri(name)},
                                      {"languageId", text.language},
                                      {"version", text.version},
                                      {"text", text.text}}}});
  }

  void close(const std::string& name) {
    texts_.erase(name);
    notify("textDocument/didClose", {{"textDocument", {{"uri", uri(name)}}}});
  }

  /// Replaces bytes of the text, as an editor tells it.
  struct Change {
    size_t begin;
    size_t end;
    std::string text;
  };
  void change(const std::string& name, const std::vector<Change>& changes, Random& random) {
    Text& text = texts_.at(name);
    Json list = Json::array();
    for (const Change& change : changes) {
      Json begin = text.place(change.begin, encoding());
      Json end = text.place(change.end, encoding());
      // Past the end of a line is its end.
      if (text.ends_line(change.end) && chance(random, 10)) end["character"] = 1'000'000;
      list.push_back({{"range", {{"start", begin}, {"end", end}}}, {"text", change.text}});
      text.text.replace(change.begin, change.end - change.begin, change.text);
    }
    ++text.version;
    notify("textDocument/didChange",
           {{"textDocument", {{"uri", uri(name)}, {"version", text.version}}},
            {"contentChanges", std::move(list)}});
  }

  void notify(std::string_view method, Json params) {
    take({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
  }
  int ask(std::string_view method, Json params) {
    take({{"jsonrpc", "2.0"}, {"id", ++id_}, {"method", method}, {"params", std::move(params)}});
    return id_;
  }
  /// The whole answer.
  Json call(std::string_view method, Json params) {
    const int id = ask(method, std::move(params));
    wait([&] { return answers_.count(id) != 0; });
    const std::lock_guard lock(mutex_);
    REQUIRE(answers_[id].size() == 1);
    return answers_[id].front();
  }
  /// What is shown of each document now.
  std::map<std::string, Json> diagnostics() {
    std::map<std::string, Json> all;
    for (const auto& [name, text] : texts_) {
      if (!wish_.pulls) {
        const std::lock_guard lock(mutex_);
        all[name] = published_[uri(name)];
        continue;
      }
      Json& known = pulled_[name];
      Json params = {{"textDocument", {{"uri", uri(name)}}}};
      if (!known.is_null()) params["previousResultId"] = known["resultId"];
      const Json report = call("textDocument/diagnostic", params)["result"];
      if (report["kind"] == "full") {
        known = report;
      } else {
        CHECK(report["resultId"] == known["resultId"]);
      }
      all[name] = known["items"];
    }
    return all;
  }
  std::map<int, std::vector<Json>> answers() {
    const std::lock_guard lock(mutex_);
    return answers_;
  }
  /// Versions of a document in the order in which something was published about them.
  std::vector<int> versions(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return versions_[uri(name)];
  }
  template <typename Done>
  bool wait(Done done) {
    const auto end = Clock::now() + std::chrono::seconds(wish_.threads ? 30 : 0);
    while (true) {
      {
        const std::lock_guard lock(mutex_);
        if (done()) return true;
      }
      if (Clock::now() >= end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

 private:
  void take(const Json& message) { server_.take({.body = message.dump()}); }

  void hear(const Json& message) {
    const std::lock_guard lock(mutex_);
    if (!message.contains("method")) {
      answers_[message["id"].is_number() ? message["id"].get<int>() : -1].push_back(message);
      return;
    }
    if (message["method"] != "textDocument/publishDiagnostics") return;
    const Json& params = message["params"];
    published_[params["uri"]] = params["diagnostics"];
    if (params.contains("version")) versions_[params["uri"]].push_back(params["version"]);
  }

  std::string root_;
  Wish wish_;
  std::map<std::string, Text> texts_;
  int id_ = 0;
  std::mutex mutex_;
  std::map<int, std::vector<Json>> answers_;
  std::map<std::string, Json> published_;
  std::map<std::string, std::vector<int>> versions_;
  std::map<std::string, Json> pulled_;
  lsp::Server server_;  ///< last: it speaks to the others
};

/// Texts of the fixtures, by whether they are MySQL; not the longest.
struct Pool {
  std::vector<std::string> postgres;
  std::vector<std::string> mysql;
};
const Pool& pool() {
  static const Pool kPool = [] {
    constexpr size_t kLongest = 2500;
    std::vector<std::string> paths;
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures")) {
      const std::string path = entry.path().generic_string();
      if (path.ends_with(".sql") && path.find(".fixed.") == std::string::npos &&
          path.find(".translated.") == std::string::npos && entry.file_size() < kLongest) {
        paths.push_back(path);
      }
    }
    std::sort(paths.begin(), paths.end());
    Pool found;
    for (const std::string& path : paths) {
      std::string text = read_file(path);
      if (!is_valid_text(text)) continue;
      const bool mysql = path.find("/fixtures/mysql/") != std::string::npos;
      (mysql ? found.mysql : found.postgres).push_back(std::move(text));
    }
    return found;
  }();
  return kPool;
}

const std::string& any_of(const std::vector<std::string>& texts, Random& random) {
  return texts[below(random, texts.size())];
}

std::string snippet(Random& random) {
  static const std::vector<std::string> kPieces = {
      "é",
      "😀",
      "'",
      "\"",
      "$$",
      "$a$",
      "/*",
      "*/",
      "--",
      ";",
      "\n",
      "\r\n",
      "\r",
      "(",
      ")",
      " ",
      "x",
      "create table orders (id serial primary key, note jsonb);\n",
      "drop table orders;\n",
      "create index async i on orders (id);\r\n",
      "alter table orders add column a int;\n",
      "begin;\n",
      "commit;\n",
      "-- dsqlint: ignore serial_type: it is\n",
      "-- dsqlint: ignore-file truncate\n",
      "\\q\n",
      "copy t from stdin;\n1\t2\n\\.\n",
      "truncate orders",
      "select 1",
      "E'\\",
      "DELIMITER //\n",
      "create function f() returns int language sql as $$ truncate orders; $$;\n"};
  if (chance(random, 1)) return std::string(1, '\0');
  if (chance(random, 70)) return any_of(kPieces, random);
  const Text text{any_of(pool().postgres, random)};
  const size_t begin = text.boundary(below(random, text.text.size()));
  const size_t end = text.boundary(std::min(text.text.size(), begin + below(random, 200)));
  return text.text.substr(begin, std::max(begin, end) - begin);
}

Client::Change any_change(const Text& text, Random& random) {
  const size_t begin = text.boundary(below(random, text.text.size() + 1));
  const size_t most = chance(random, 5) ? text.text.size() : 40;
  size_t end = begin;
  if (chance(random, 50)) {
    end = std::max(begin, text.boundary(std::min(text.text.size(), begin + below(random, most))));
  }
  return {begin, end, chance(random, 80) ? snippet(random) : ""};
}

std::vector<Client::Change> any_changes(Text text, Random& random) {
  std::vector<Client::Change> changes;
  do {
    changes.push_back(any_change(text, random));
    const Client::Change& last = changes.back();
    text.text.replace(last.begin, last.end - last.begin, last.text);
  } while (chance(random, 25));
  return changes;
}

const std::vector<std::string> kNames = {"db/0001_a.sql", "db/0002_b.sql", "alone.sql", "dump.sql"};

Text any_text(const std::string& name, Random& random) {
  if (name == "dump.sql") return {any_of(pool().mysql, random), "mysql"};
  return {any_of(pool().postgres, random)};
}

/// One thing that an editor asks for, at a place.
std::pair<std::string, Json> any_request(const Client& client, Random& random) {
  static const std::vector<std::string> kMethods = {
      "textDocument/hover",      "textDocument/definition", "textDocument/references",
      "textDocument/codeAction", "textDocument/completion", "textDocument/documentSymbol",
      "workspace/symbol",        "dsqlint/translation"};
  auto one = client.texts().begin();
  std::advance(one, static_cast<long>(below(random, client.texts().size())));
  const auto& [name, text] = *one;
  const size_t begin = text.boundary(below(random, text.text.size() + 1));
  const size_t end = text.boundary(std::min(text.text.size(), begin + below(random, 100)));
  const Json from = text.place(begin, client.encoding());
  return {
      any_of(kMethods, random),
      {{"textDocument", {{"uri", client.uri(name)}}},
       {"position", from},
       {"range", {{"start", from}, {"end", text.place(std::max(begin, end), client.encoding())}}},
       {"context", {{"diagnostics", Json::array()}, {"includeDeclaration", true}}},
       {"query", ""}}};
}

std::string all_texts(const Client& client) {
  std::string all;
  for (const auto& [name, text] : client.texts()) {
    all += fmt::format("--- {} {}\n{}\n", name, text.version, Json(text.text).dump());
  }
  return all;
}

/// A server that has seen nothing but the texts as they are now.
std::unique_ptr<Client> fresh(const Sandbox& box, const Client& like, bool pulls) {
  auto client = std::make_unique<Client>(box, Wish{like.encoding(), pulls});
  for (const auto& [name, text] : like.texts()) client->open(name, text);
  return client;
}

void one_round(unsigned seed) {
  INFO("seed " << seed);
  Random random(seed);
  const Wish wish{kEncodings[seed % kEncodings.size()], chance(random, 50)};
  const Sandbox box;
  Client client(box, wish);
  for (const std::string& name : kNames) {
    const Text text = any_text(name, random);
    box.write(name, chance(random, 70) ? text.text : any_text(name, random).text);
    client.open(name, text);
  }
  for (int step = 1; step <= 24; ++step) {
    const std::string name = kNames[below(random, kNames.size())];
    if (client.texts().count(name) == 0) {
      client.open(name, any_text(name, random));
    } else if (client.texts().size() > 1 && chance(random, 5)) {
      client.close(name);
    } else if (chance(random, 5)) {
      box.write(name, any_text(name, random).text);
      client.notify("workspace/didChangeWatchedFiles", {{"changes", Json::array()}});
    } else {
      client.change(name, any_changes(client.texts().at(name), random), random);
    }
    if (step % 6 != 0) continue;
    INFO("step " << step << "\n" << all_texts(client));
    const auto again = fresh(box, client, wish.pulls);
    CHECK(client.diagnostics() == again->diagnostics());
    for (int i = 0; i < 3; ++i) {
      const auto [method, params] = any_request(client, random);
      INFO(method << " " << params.dump());
      Json one = client.call(method, params);
      Json other = again->call(method, params);
      CHECK(one["result"] == other["result"]);
      CHECK(one["error"] == other["error"]);
      if (one.contains("error") && one["error"].is_object()) CHECK(one["error"]["code"] != -32603);
    }
  }
}

TEST_CASE("random edits end with what a fresh server says", "[lsp_edits]") {
  REQUIRE(pool().postgres.size() > 100);
  REQUIRE(pool().mysql.size() > 10);
  const char* seconds = std::getenv("DSQLINT_EDITS");
  if (seconds == nullptr) {
    for (unsigned seed = 0; seed < 12; ++seed) one_round(seed);
    return;
  }
  const auto end = Clock::now() + std::chrono::seconds(std::atoi(seconds));
  unsigned seed = std::random_device()();
  size_t rounds = 0;
  for (; Clock::now() < end; ++rounds) one_round(seed++);
  WARN(rounds << " rounds");
}

TEST_CASE("each prefix of a text is judged as it stands", "[lsp_edits]") {
  Random random(7);
  size_t prefixes = 0;
  for (size_t i = 0; i < pool().postgres.size(); i += 97) {
    const std::string& whole = pool().postgres[i];
    const bool mysql = i % 2 == 1;
    const std::string& typed = mysql ? any_of(pool().mysql, random) : whole;
    const Sandbox box;
    Client client(box, {kEncodings[i % 3]});
    client.open("a.sql", {"", mysql ? "mysql" : "sql"});
    for (size_t at = 0; at < std::min<size_t>(typed.size(), 500);) {
      size_t end = at + 1;
      while (!Text{typed}.is_boundary(end)) ++end;
      const size_t size = client.texts().at("a.sql").text.size();
      client.change("a.sql", {{size, size, typed.substr(at, end - at)}}, random);
      at = end;
      ++prefixes;
      CHECK(client.versions("a.sql").back() == client.texts().at("a.sql").version);
      if (!chance(random, 2)) continue;
      INFO(all_texts(client));
      CHECK(client.diagnostics() == fresh(box, client, false)->diagnostics());
    }
  }
  CHECK(prefixes > 1000);
}

TEST_CASE("on threads, edits that overtake each other end in the same way", "[lsp_edits]") {
  for (unsigned seed = 0; seed < 3; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const Sandbox box;
    Client client(box, {kEncodings[seed % 3], seed == 2, true});
    for (const std::string& name : kNames) client.open(name, any_text(name, random));
    std::vector<int> asked;
    for (int step = 0; step < 60; ++step) {
      const std::string name = kNames[below(random, kNames.size())];
      client.change(name, any_changes(client.texts().at(name), random), random);
      if (chance(random, 50)) {
        const auto [method, params] = any_request(client, random);
        asked.push_back(client.ask(method, params));
      }
      if (chance(random, 20) && !asked.empty()) {
        client.notify("$/cancelRequest", {{"id", asked[below(random, asked.size())]}});
      }
      if (chance(random, 50))
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 4000));
    }
    const auto expected = fresh(box, client, seed == 2)->diagnostics();
    INFO(all_texts(client));
    const auto end = Clock::now() + std::chrono::seconds(30);
    while (client.diagnostics() != expected && Clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    CHECK(client.diagnostics() == expected);
    // An answer to something that is asked now comes after all others.
    client.call("workspace/symbol", {{"query", ""}});
    CHECK(client.diagnostics() == expected);
    auto answers = client.answers();
    for (const int id : asked) {
      CHECK(answers[id].size() == 1);
      for (const Json& answer : answers[id]) {
        if (answer.contains("error")) CHECK(answer["error"]["code"] != -32603);
      }
    }
    for (const std::string& name : kNames) {
      const std::vector<int> versions = client.versions(name);
      CHECK(std::is_sorted(versions.begin(), versions.end()));
    }
  }
}

// --- streams ------------------------------------------------------------------------------------

std::string message(Json body) {
  body["jsonrpc"] = "2.0";
  return rpc::framed(body.dump());
}

/// What an editor says from beginning to end.
std::string whole_session(const std::string& uri) {
  const Json document = {{"uri", uri}};
  return message({{"id", 1},
                  {"method", "initialize"},
                  {"params", {{"capabilities", Json::object()}}}}) +
         message({{"method", "initialized"}, {"params", Json::object()}}) +
         message({{"method", "textDocument/didOpen"},
                  {"params",
                   {{"textDocument",
                     {{"uri", uri},
                      {"languageId", "sql"},
                      {"version", 1},
                      {"text", "truncate é;\n"}}}}}}) +
         message({{"id", 2},
                  {"method", "textDocument/hover"},
                  {"params",
                   {{"textDocument", document}, {"position", {{"line", 0}, {"character", 3}}}}}}) +
         message({{"id", 3}, {"method", "textDocument/nothing"}}) +
         message({{"id", 4}, {"method", "shutdown"}}) +
         message({{"id", 5},
                  {"method", "textDocument/hover"},
                  {"params", {{"textDocument", document}}}}) +
         message({{"method", "exit"}});
}

/// The bodies of a stream that is nothing but messages.
std::vector<Json> bodies(const std::string& stream) {
  rpc::Framing framing;
  framing.feed(stream);
  std::vector<Json> found;
  size_t bytes = 0;
  while (const auto frame = framing.next()) {
    REQUIRE(frame->problem.empty());
    bytes += rpc::framed(frame->body).size();
    found.push_back(Json::parse(frame->body));
  }
  CHECK(bytes == stream.size());
  return found;
}

TEST_CASE("the program writes messages and nothing else, wherever its client stops",
          "[lsp_edits]") {
  const std::string session = whole_session("untitled:a");
  const auto play = [](const std::string& input) {
    return run({.arguments = {"lsp"}, .input = input});
  };
  const Ended whole = play(session);
  CHECK(whole.exit_code == 0);
  CHECK(whole.err.empty());
  std::map<int, Json> answers;
  for (const Json& body : bodies(whole.out)) {
    if (body.contains("id")) CHECK(answers.emplace(body["id"].get<int>(), body).second);
  }
  REQUIRE(answers.size() == 5);
  CHECK(answers[2].contains("error") != answers[2].contains("result"));
  CHECK(answers[3]["error"]["code"] == -32601);
  CHECK(answers[4]["result"].is_null());
  CHECK(answers[5]["error"]["code"] == -32600);
  // A client that dies in the middle of a word.
  for (size_t end = 0; end < session.size(); end += 61) {
    INFO(end);
    const Ended ended = play(session.substr(0, end));
    CHECK(ended.exit_code == 1);
    CHECK(ended.err.empty());
    bodies(ended.out);
  }
  // Wrong lengths, and what is no message, before all that is right.
  for (const std::string& noise :
       {std::string("Content-Length: 3\r\n\r\n{}"), std::string("Content-Length: 1\r\n\r\n{}"),
        std::string("\xFF\xFE\0\n\n", 5), std::string(9000, '\n'),
        std::string("Content-Length: 99999999999\r\n\r\n")}) {
    INFO(noise.substr(0, 40));
    const Ended ended = play(noise + session);
    CHECK(ended.err.empty());
    const std::vector<Json> said = bodies(ended.out);
    CHECK((ended.exit_code == 0 || ended.exit_code == 1));
    const bool told = std::any_of(said.begin(), said.end(), [](const Json& body) {
      return body.contains("error") && body["id"].is_null();
    });
    CHECK(told);
  }
  // A header that it does not know is skipped: all that follows is answered.
  CHECK(bodies(play("hello\n" + session).out).size() == bodies(whole.out).size());
  // Nobody reads: it ends, and not by a signal.
  const Ended unread = run({.arguments = {"lsp"}, .input = session, .out = Out::ClosedPipe});
  CHECK((unread.exit_code == 0 || unread.exit_code == 1));
}

TEST_CASE("each prefix of a stream is taken", "[lsp_edits]") {
  const std::string session = whole_session("untitled:a");
  for (size_t end = 0; end <= session.size(); end += 5) {
    rpc::Framing framing;
    framing.feed(session.substr(0, end));
    std::set<Json> ids;
    lsp::Server server({.infos = rule_catalogue(), .names = rule_names()}, {.threads = false},
                       [&](std::string_view body) {
                         const Json said = Json::parse(body);
                         if (said.contains("id") && !said.contains("method")) {
                           CHECK(ids.insert(said["id"]).second);
                         }
                       });
    while (const auto frame = framing.next()) server.take(*frame);
    CHECK(ids.size() <= 5);
  }
}

TEST_CASE("the translation is what fix writes", "[lsp_edits]") {
  for (size_t i = 0; i < pool().mysql.size(); i += 11) {
    const std::string& text = pool().mysql[i];
    INFO(text);
    const Sandbox box;
    box.write("dump.sql", text);
    const Ended fixed =
        run({.arguments = {"fix", "-q", "--dialect", "mysql", "-o", "-", "dump.sql"},
             .folder = box.path()});
    Client client(box, {});
    client.open("dump.sql", {text, "mysql"});
    const Json answer =
        client.call("dsqlint/translation", {{"textDocument", {{"uri", client.uri("dump.sql")}}}});
    CHECK(answer["result"]["text"] == fixed.out);
    CHECK(answer["result"]["version"] == 1);
  }
}

}  // namespace
}  // namespace dsqlint::test
