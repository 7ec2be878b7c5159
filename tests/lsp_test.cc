// The language server: sessions as golden files (tests/fixtures/lsp, see FORMAT.md there), and what
// it does with bytes that are no messages.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "plugins/catalogue.h"
#include "plugins/migrations/tool_histories.h"
#include "plugins/print_catalogue.h"
#include "servers/lsp/positions.h"
#include "servers/lsp/server.h"
#include "servers/lsp/uri.h"
#include "servers/rpc/framing.h"
#include "tests/catch.h"
#include "tests/support/program.h"
#include "tests/support/properties.h"
#include "workspace/history.h"
#include "workspace/line_changes.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using lsp::LineIndex;
using lsp::PositionEncoding;

RuleSet rules() {
  return {.infos = rule_catalogue(), .names = rule_names(), .others = other_ids_of_files()};
}

/// Ranges as `1:2-3:4`, so that people can read them.
Json readable(const Json& value) {
  if (value.is_object() && value.size() == 2 && value.contains("start") && value.contains("end")) {
    const auto place = [](const Json& at) {
      return std::to_string(at["line"].get<int>()) + ":" +
             std::to_string(at["character"].get<int>());
    };
    return place(value["start"]) + "-" + place(value["end"]);
  }
  if (!value.is_structured()) return value;
  Json out = value;
  for (auto& [key, member] : out.items()) member = readable(member);
  return out;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// A client that writes down what it hears.
class Session {
 public:
  explicit Session(const Sandbox& box)
      : box_(box),
        server_(rules(),
                {.threads = false,
                 .version = "VERSION",
                 .tools = migrations::tool_histories(other_ids_of_migrations()),
                 .page = [](const RuleInfo& rule) { return std::string(rule.summary) + "\n"; }},
                [this](std::string_view body) { hear(Json::parse(body)); }) {}

  /// One block of a session: a command and the text below it.
  std::string run(const std::string& command, std::string text) {
    heard_.clear();
    replace_all(text, "$ROOT", "file://" + box_.path());
    std::istringstream words(command);
    std::string verb;
    std::string what;
    words >> verb >> what;
    if (verb == "request") {
      send({{"jsonrpc", "2.0"}, {"id", ++id_}, {"method", what}}, text);
    } else if (verb == "notify") {
      send({{"jsonrpc", "2.0"}, {"method", what}}, text);
    } else if (verb == "answer") {
      server_.take(
          {.body = Json{{"jsonrpc", "2.0"}, {"id", std::stoi(what)}, {"result", Json::parse(text)}}
                       .dump()});
    } else if (verb == "raw") {
      server_.take({.body = text});
    } else if (verb == "open") {
      open(what);
    } else if (verb == "apply") {
      apply(command.substr(command.find(' ') + 1));
    } else if (verb == "write") {
      box_.write(what, text);
    } else {
      FAIL("unknown command: " << command);
    }
    if (const auto code = server_.exit_code()) heard_ += "exit " + std::to_string(*code) + "\n";
    replace_all(heard_, "file://" + box_.path(), "$ROOT");
    replace_all(heard_, box_.path(), "$ROOT");
    return heard_;
  }

 private:
  struct Text {
    std::string text;
    int version = 1;
  };

  void send(Json message, const std::string& params) {
    if (!params.empty()) message["params"] = Json::parse(params);
    if (message["method"] == "textDocument/didChange") mirror(message["params"]);
    server_.take({.body = message.dump()});
  }

  void open(const std::string& name) {
    const std::string uri = "file://" + box_.path(name);
    texts_[uri] = {box_.read(name)};
    send({{"jsonrpc", "2.0"}, {"method", "textDocument/didOpen"}},
         Json{{"textDocument",
               {{"uri", uri},
                {"languageId", name.ends_with(".py") ? "python" : "sql"},
                {"version", 1},
                {"text", texts_[uri].text}}}}
             .dump());
  }

  /// The client's own text, as it applies the changes that it sends.
  void mirror(const Json& params) {
    Text& text = texts_[params["textDocument"]["uri"]];
    text.version = params["textDocument"]["version"];
    for (const Json& change : params["contentChanges"]) {
      if (!change.contains("range")) {
        text.text = change["text"];
      } else {
        replace(text.text, change["range"], change["text"]);
      }
    }
  }

  void replace(std::string& text, const Json& range, const std::string& with) const {
    const LineIndex lines(text, encoding_);
    const auto offset = [&](const Json& at) { return lines.offset({at["line"], at["character"]}); };
    const uint32_t begin = offset(range["start"]);
    const uint32_t end = offset(range["end"]);
    text.replace(begin, end - begin, with);
  }

  /// Applies the last heard action whose title begins so, and shows the text.
  void apply(const std::string& title) {
    for (const Json& action :
         last_result_.is_array() ? last_result_ : Json::array({last_result_})) {
      if (!action["title"].get<std::string>().starts_with(title)) continue;
      Json chosen = action;
      if (!chosen.contains("edit")) {
        send({{"jsonrpc", "2.0"}, {"id", ++id_}, {"method", "codeAction/resolve"}}, chosen.dump());
        chosen = last_result_;
        heard_.clear();
      }
      REQUIRE(chosen.contains("edit"));
      for (const Json& document : chosen["edit"]["documentChanges"]) {
        const std::string uri = document["textDocument"]["uri"];
        CHECK(document["textDocument"]["version"] == texts_[uri].version);
        // From the end, so that places stay what they are.
        Json edits = document["edits"];
        std::string text = texts_[uri].text;
        for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
          replace(text, (*edit)["range"], (*edit)["newText"]);
        }
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) heard_ += "| " + line + "\n";
      }
      return;
    }
    FAIL("there is no action `" << title << "`");
  }

  void hear(const Json& message) {
    REQUIRE(message["jsonrpc"] == "2.0");
    if (message.contains("result")) {
      last_result_ = message["result"];
      if (const auto can =
              last_result_.is_object() ? last_result_.find("capabilities") : last_result_.end();
          can != last_result_.end()) {
        CHECK(parse_date((*can)["experimental"]["dsqlint"]["engine"].get<std::string>()));
        const std::string encoding = (*can)["positionEncoding"];
        encoding_ = encoding == "utf-8"    ? PositionEncoding::Utf8
                    : encoding == "utf-16" ? PositionEncoding::Utf16
                                           : PositionEncoding::Utf32;
      }
    }
    Json shown = readable(message);
    shown.erase("jsonrpc");
    if (const Json::json_pointer engine("/result/capabilities/experimental/dsqlint/engine");
        shown.contains(engine)) {
      shown[engine] = "DATE";
    }
    const std::string line = shown.dump();
    // What the server can do is read once.
    const bool short_one = line.size() <= 100 || line.find("serverInfo") != std::string::npos;
    heard_ += "< " + (short_one ? line : shown.dump(1)) + "\n";
  }

  const Sandbox& box_;
  std::string heard_;
  Json last_result_;
  PositionEncoding encoding_ = PositionEncoding::Utf16;
  std::map<std::string, Text> texts_;
  int id_ = 0;
  lsp::Server server_;
};

/// The session again, with what is heard now.
std::string play(const std::string& known, const Sandbox& box) {
  Session session(box);
  std::string found;
  std::istringstream lines(known);
  std::string command;
  std::string text;
  const auto finish = [&] {
    if (!command.empty()) found += session.run(command, text);
    command.clear();
    text.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("> ")) {
      finish();
      command = line.substr(2);
      found += line + '\n';
    } else if (line.starts_with("#") || line.empty()) {
      finish();
      found += line + '\n';
    } else if (line.starts_with(": ")) {
      text += (text.empty() ? "" : "\n") + line.substr(2);
      found += line + '\n';
    }
    // All other lines were heard.
  }
  finish();
  return found;
}

TEST_CASE("sessions of the language server", "[lsp]") {
  std::vector<fs::path> cases;
  for (const auto& entry :
       fs::directory_iterator(fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures/lsp")) {
    if (entry.is_directory()) cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  REQUIRE(cases.size() > 5);
  for (const fs::path& path : cases) {
    INFO(path.string());
    const Sandbox box;
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.path().filename() != "session") {
        fs::copy(entry.path(), box.path(entry.path().filename().string()),
                 fs::copy_options::recursive);
      }
    }
    const std::string known = read_file((path / "session").string());
    const std::string found = play(known, box);
    if (std::getenv("DSQLINT_UPDATE") != nullptr) {
      std::ofstream(path / "session", std::ios::binary) << found;
    } else {
      CHECK(known == found);
    }
  }
}

// --- the stream ---------------------------------------------------------------------------------

std::vector<rpc::Frame> frames(std::string_view bytes, size_t piece) {
  rpc::Framing framing;
  std::vector<rpc::Frame> found;
  while (!bytes.empty()) {
    framing.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (const auto frame = framing.next()) found.push_back(*frame);
  }
  return found;
}

TEST_CASE("messages are cut out of the stream, in whatever pieces it comes", "[lsp]") {
  const std::string stream = rpc::framed("{}") +
                             "content-type: x\r\nCONTENT-LENGTH:  3 \r\n\r\nabc" +
                             "Content-Length: 1\n\nz" + rpc::framed("") + rpc::framed("é");
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, stream.size()}) {
    const auto found = frames(stream, piece);
    REQUIRE(found.size() == 5);
    CHECK(found[0].body == "{}");
    CHECK(found[1].body == "abc");
    CHECK(found[2].body == "z");
    CHECK(found[3].body.empty());
    CHECK(found[4].body == "é");
  }
}

TEST_CASE("after what is no message the next one is found", "[lsp]") {
  const std::vector<std::string> garbage = {
      "Content-Length: many\r\n\r\n",
      "Content-Length: -5\r\n\r\n",
      "Content-Length: 99999999999999999999999\r\n\r\n",
      "Content-Type: text\r\n\r\n",
      "\r\n\r\n",
      std::string(20'000, 'x'),
      "{\"jsonrpc\":\"2.0\"}\n\n",
      "Content-Length\r\n\r\n",
  };
  for (const std::string& bytes : garbage) {
    INFO(bytes.substr(0, 40));
    for (const size_t piece : {size_t{1}, size_t{1000}, bytes.size() + 100}) {
      const auto found = frames(rpc::framed("a") + bytes + rpc::framed("b"), piece);
      REQUIRE(found.size() == 3);
      CHECK(found[0].body == "a");
      CHECK(!found[1].problem.empty());
      CHECK(found[2].body == "b");
    }
  }
}

TEST_CASE("a message that is too long is skipped", "[lsp]") {
  rpc::Framing framing;
  const size_t length = rpc::Framing::kLongestMessage + 1;
  framing.feed("Content-Length: " + std::to_string(length) + "\r\n\r\n");
  auto frame = framing.next();
  REQUIRE(frame);
  CHECK(!frame->problem.empty());
  const std::string block(1 << 20, 'x');
  for (size_t left = length; left > 0; left -= std::min(left, block.size())) {
    framing.feed(std::string_view(block).substr(0, left));
    CHECK(!framing.next());
  }
  framing.feed(rpc::framed("b"));
  frame = framing.next();
  REQUIRE(frame);
  CHECK(frame->body == "b");
}

/// What a server that nobody has spoken to says to one body.
std::vector<Json> answers(const std::vector<std::string>& bodies) {
  std::vector<Json> heard;
  lsp::Server server(rules(), {.threads = false},
                     [&](std::string_view body) { heard.push_back(Json::parse(body)); });
  for (const std::string& body : bodies) server.take({.body = body});
  return heard;
}

TEST_CASE("what is no request gets an error, and the server goes on", "[lsp]") {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::vector<std::pair<std::string, int>> bad = {
      {"", -32700},
      {"{", -32700},
      {"\xFF\xFE", -32700},
      {deep, -32700},
      {"[]", -32600},
      {"1", -32600},
      {"{}", -32600},
      {R"({"jsonrpc":"1.0","id":1,"method":"shutdown"})", -32600},
      {R"({"jsonrpc":"2.0","id":1,"method":7})", -32600},
      {R"({"jsonrpc":"2.0","id":{},"method":"shutdown"})", -32600},
      {R"({"jsonrpc":"2.0","id":1,"method":"shutdown","params":"x"})", -32600},
      {R"({"jsonrpc":"2.0","id":1,"method":"textDocument/hover"})", -32002},
      {R"({"jsonrpc":"2.0","id":1,"method":"nothing"})", -32002},
  };
  for (const auto& [body, code] : bad) {
    INFO(body.substr(0, 60));
    const auto heard =
        answers({body, R"({"jsonrpc":"2.0","id":2,"method":"initialize","params":{}})"});
    REQUIRE(heard.size() == 2);
    CHECK(heard[0]["error"]["code"] == code);
    CHECK(heard[1].contains("result"));
  }
}

TEST_CASE("parameters of any kind are refused or understood", "[lsp]") {
  const std::string start = R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{}})";
  for (const char* method :
       {"textDocument/hover", "textDocument/codeAction", "textDocument/completion",
        "textDocument/diagnostic", "textDocument/documentSymbol", "textDocument/definition",
        "textDocument/references", "codeAction/resolve", "workspace/executeCommand",
        "workspace/diagnostic", "workspace/symbol"}) {
    for (const char* params :
         {"{}", "[]", R"({"textDocument":7})", R"({"textDocument":{"uri":7}})",
          R"({"textDocument":{"uri":"file:///nowhere/x.sql"},"position":{"line":-1}})",
          R"({"textDocument":{"uri":"untitled:x"},"range":[],"position":[1]})",
          R"({"data":7,"arguments":{},"command":"x"})"}) {
      INFO(method << " " << params);
      const auto heard = answers({start, std::string(R"({"jsonrpc":"2.0","id":1,"method":")") +
                                             method + R"(","params":)" + params + "}"});
      REQUIRE(heard.size() == 2);
      CHECK(heard[1]["id"] == 1);
    }
  }
  for (const char* method :
       {"textDocument/didOpen", "textDocument/didChange", "textDocument/didClose",
        "workspace/didChangeWorkspaceFolders", "workspace/didChangeConfiguration",
        "$/cancelRequest", "initialized"}) {
    for (const char* params :
         {"{}", "[]", R"({"textDocument":{"uri":7,"text":[]}})",
          R"({"id":{}, "event":{"added":[1,{}]},"settings":{"dsqlint":[]}})"}) {
      INFO(method << " " << params);
      // Nothing but a line of the log.
      for (const Json& message : answers({std::string(R"({"jsonrpc":"2.0","method":")") + method +
                                          R"(","params":)" + params + "}"})) {
        CHECK(message["method"] == "window/logMessage");
      }
    }
  }
}

// --- places -------------------------------------------------------------------------------------

TEST_CASE("places are counted in what was agreed on", "[lsp]") {
  const std::string text = "aé😀b\r\nx\ry\n";
  struct Case {
    PositionEncoding encoding;
    uint32_t b;  // the column of `b`
  };
  for (const Case& one : {Case{PositionEncoding::Utf8, 7}, Case{PositionEncoding::Utf16, 4},
                          Case{PositionEncoding::Utf32, 3}}) {
    const LineIndex lines(text, one.encoding);
    CHECK(lines.place(7) == lsp::Place{0, one.b});
    CHECK(lines.offset({0, one.b}) == 7);
    CHECK(lines.place(10) == lsp::Place{1, 0});
    CHECK(lines.place(12) == lsp::Place{2, 0});
    CHECK(lines.place(static_cast<uint32_t>(text.size())) == lsp::Place{3, 0});
    CHECK(lines.offset({0, 99}) == 8);
    CHECK(lines.offset({99, 0}) == text.size());
    // Between the two of a line break is the line's end.
    CHECK(lines.place(9) == lsp::Place{0, one.b + 1});
    for (uint32_t offset = 0; offset <= text.size(); ++offset) {
      const uint32_t back = lines.offset(lines.place(offset));
      CHECK(back <= offset);
      CHECK(lines.place(back) == lines.place(offset));
    }
  }
  // In the middle of a character is before it.
  CHECK(LineIndex(text, PositionEncoding::Utf16).offset({0, 3}) == 3);
}

TEST_CASE("URIs and paths", "[lsp]") {
  CHECK(lsp::path_of("file:///a/b%20c.sql") == "/a/b c.sql");
  CHECK(lsp::path_of("file://localhost/a") == "/a");
  CHECK(lsp::path_of("file:///a%2") == "/a%2");
  CHECK(lsp::path_of("file:///a%00b").empty());
  CHECK(lsp::path_of("untitled:Untitled-1").empty());
  CHECK(lsp::uri_of("/a/é b.sql") == "file:///a/%C3%A9%20b.sql");
}

TEST_CASE("changed lines become edits that make the other text", "[lsp]") {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"", "a\n"},
      {"a\n", ""},
      {"a\nb\nc\n", "a\nB\nc\n"},
      {"a\r\nb\r\n", "a\r\nbb\r\nc\r\n"},
      {"a\r\n", "a\n"},
      {"é\n", "è\n"},
      {"x😀y", "x😁y"},
      {"a\nb\nc\nd\n", "b\nc\nx\nd\ne"},
  };
  for (const auto& [before, after] : texts) {
    INFO(before << " -> " << after);
    std::string text = before;
    const std::vector<Edit> edits = changed_lines(before, after);
    for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
      text.replace(edit->range.begin, edit->range.size(), edit->text);
      // Whole characters, and no place within a line break.
      const LineIndex lines(before, PositionEncoding::Utf16);
      CHECK(lines.offset(lines.place(edit->range.begin)) == edit->range.begin);
      CHECK(lines.offset(lines.place(edit->range.end)) == edit->range.end);
    }
    CHECK(text == after);
  }
}

TEST_CASE("files of a history stand in the order in which they are run", "[lsp]") {
  std::vector<std::string> files = {"/m/10_c.sql", "/m/2_b.down.sql", "/m/sub/1.sql",
                                    "/m/1_a.sql",  "/m/2_b.up.sql",   "/m/U1__x.sql",
                                    "/m/V1__x.sql"};
  sort_as_run(files);
  CHECK(files == std::vector<std::string>{"/m/1_a.sql", "/m/2_b.up.sql", "/m/2_b.down.sql",
                                          "/m/10_c.sql", "/m/V1__x.sql", "/m/U1__x.sql",
                                          "/m/sub/1.sql"});
  ConfigFile config{.folder = "/p", .migrations = {"goose:api/db:file", "web"}};
  CHECK(migration_folder("/p/api/db/a.sql", config) == "/p/api/db");
  CHECK(migration_folder("/p/web/deep/x.sql", config) == "/p/web");
  CHECK(migration_folder("/p/other/a.sql", config).empty());
  CHECK(migration_folder("/p/other/0001_a.sql", config) == "/p/other");
  CHECK(migration_folder("/p/other/V2__a.sql", config) == "/p/other");
  CHECK(migration_folder("/p/m/20260801_x/migration.sql", config) == "/p/m");
  CHECK(migration_folder("/p/other/Version.sql", config).empty());
}

}  // namespace
}  // namespace dsqlint::test
