// Each tool's project under tests/fixtures/migrations in the language server: of a file it says
// what `dsqlint migrations` says, and fixes it in the same way.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "plugins/catalogue.h"
#include "plugins/migrations/tool_histories.h"
#include "plugins/migrations/tools.h"
#include "servers/lsp/positions.h"
#include "servers/lsp/server.h"
#include "tests/catch.h"
#include "tests/support/program.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path kFolder = fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures/migrations";

/// A client that counts characters, as the program's reports do.
class Client {
 public:
  explicit Client(const Sandbox& box)
      : root_("file://" + box.path()),
        server_({.infos = rule_catalogue(), .names = rule_names(), .others = other_ids_of_files()},
                {.threads = false, .tools = migrations::tool_histories(other_ids_of_migrations())},
                [this](std::string_view body) {
                  Json message = Json::parse(body);
                  if (message.contains("id") && !message.contains("method")) {
                    answer_ = std::move(message);
                  }
                }) {
    call("initialize",
         {{"capabilities",
           {{"general", {{"positionEncodings", {"utf-32"}}}},
            {"workspace", {{"didChangeWatchedFiles", {{"dynamicRegistration", true}}}}},
            {"textDocument",
             {{"diagnostic", Json::object()},
              {"codeAction", {{"codeActionLiteralSupport", Json::object()}}}}}}},
          {"initializationOptions", {{"fixAll", "all"}}},
          {"workspaceFolders", Json::array({{{"uri", root_}, {"name", "root"}}})}});
  }

  std::string uri(const std::string& name) const { return root_ + "/" + name; }
  void open(const std::string& name, const std::string& text) {
    const std::string ending = fs::path(name).extension().string();
    notify("textDocument/didOpen", {{"textDocument",
                                     {{"uri", uri(name)},
                                      {"languageId", ending.empty() ? "text" : ending.substr(1)},
                                      {"version", 1},
                                      {"text", text}}}});
  }
  void notify(std::string_view method, Json params) {
    server_.take({.body = Json{{"jsonrpc", "2.0"}, {"method", method}, {"params", params}}.dump()});
  }
  Json call(std::string_view method, Json params) {
    server_.take(
        {.body = Json{{"jsonrpc", "2.0"}, {"id", ++id_}, {"method", method}, {"params", params}}
                     .dump()});
    INFO(method << " " << answer_.dump());
    REQUIRE(answer_["id"] == id_);
    REQUIRE(answer_.contains("result"));
    return answer_["result"];
  }

 private:
  std::string root_;
  int id_ = 0;
  Json answer_;
  lsp::Server server_;
};

void copy_project(const fs::path& from, const Sandbox& box) {
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.path().filename() == "golden") continue;
    fs::copy(entry.path(), box.path(entry.path().filename().string()), fs::copy_options::recursive);
  }
}

/// What the program reports of each file, as the server would say it.
std::map<std::string, std::vector<std::string>> reported(const Json& report) {
  std::map<std::string, std::vector<std::string>> found;
  for (const Json& file : report["files"]) {
    std::vector<std::string>& lines = found[file["file"]];
    for (const Json& finding : file["diagnostics"]) {
      const auto place = [&](const char* end) {
        const Json& at = finding["range"][end];
        return fmt::format("{}:{}", at["line"].get<int>(), at["column"].get<int>());
      };
      lines.push_back(fmt::format(
          "{}-{} {} {} {}", place("start"), place("end"), finding["severity"].get<std::string>(),
          finding["rule"].get<std::string>(), finding["message"].get<std::string>()));
    }
  }
  return found;
}

std::vector<std::string> told(const Json& items) {
  std::vector<std::string> lines;
  for (const Json& item : items) {
    const auto place = [&](const char* end) {
      const Json& at = item["range"][end];
      return fmt::format("{}:{}", at["line"].get<int>() + 1, at["character"].get<int>() + 1);
    };
    constexpr std::string_view kSeverities[] = {"error", "warning", "info"};
    const std::string message = item["message"];
    lines.push_back(fmt::format("{}-{} {} {} {}", place("start"), place("end"),
                                kSeverities[item["severity"].get<size_t>() - 1],
                                item.value("code", ""), message.substr(0, message.find('\n'))));
  }
  return lines;
}

std::string applied(std::string text, const Json& edits) {
  const std::string before = text;
  const lsp::LineIndex index(before, lsp::PositionEncoding::Utf32);
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
    const auto offset = [&](const char* end) {
      return index.offset({(*edit)["range"][end]["line"], (*edit)["range"][end]["character"]});
    };
    text.replace(offset("start"), offset("end") - offset("start"),
                 (*edit)["newText"].get<std::string>());
  }
  return text;
}

TEST_CASE("of each tool's migrations the server says what the program says", "[lsp_migrations]") {
  size_t findings = 0;
  size_t programs = 0;
  size_t fixed_files = 0;
  size_t hints = 0;
  for (const migrations::Tool& tool : migrations::tools()) {
    if (tool.files == migrations::Files::None) continue;
    // Of a down script beside the up scripts of several databases the server takes the wrong one.
    if (tool.name == "soda") continue;
    INFO(tool.name);
    const Sandbox box;
    copy_project(kFolder / tool.name, box);
    const Ended ended =
        run({.arguments = {"migrations", "-q", "--format", "json"}, .folder = box.path()});
    auto expected = reported(Json::parse(ended.out));
    // A down script is only judged where it is asked for, as an editor does that shows it.
    const Ended downs = run({.arguments = {"migrations", "-q", "--check-down", "--format", "json"},
                             .folder = box.path()});
    for (auto& [name, lines] : reported(Json::parse(downs.out))) {
      if (name.find("down") != std::string::npos) expected[name] = std::move(lines);
    }
    const Sandbox other;
    copy_project(kFolder / tool.name, other);
    run({.arguments = {"migrations", "--fix", "-q"}, .folder = other.path()});
    Client client(box);
    const Json all = client.call("workspace/diagnostic", {{"previousResultIds", Json::array()}});
    std::map<std::string, Json> of_workspace;
    for (const Json& item : all["items"]) of_workspace[item["uri"]] = item["items"];
    for (const auto& [name, lines] : expected) {
      INFO(name);
      findings += lines.size();
      CHECK(told(of_workspace[client.uri(name)]) == lines);
      const std::string text = box.read(name);
      client.open(name, text);
      const Json document = {{"uri", client.uri(name)}};
      const Json report = client.call("textDocument/diagnostic", {{"textDocument", document}});
      CHECK(told(report["items"]) == lines);
      if (!name.ends_with(".sql") && !lines.empty()) ++programs;
      // All fixes, as the program makes them.
      const Json whole = {{"start", {{"line", 0}, {"character", 0}}},
                          {"end", {{"line", 100000}, {"character", 0}}}};
      const Json actions = client.call(
          "textDocument/codeAction",
          {{"textDocument", document},
           {"range", whole},
           {"context", {{"diagnostics", Json::array()}, {"only", {"source.fixAll.dsqlint"}}}}});
      std::string now = text;
      for (const Json& action : actions) {
        now = applied(text, action["edit"]["changes"][client.uri(name)]);
      }
      if (name.find("down") == std::string::npos) CHECK(now == other.read(name));
      if (now != text) ++fixed_files;
      hints += client.call("textDocument/inlayHint", {{"textDocument", document}, {"range", whole}})
                   .size();
    }
  }
  CHECK(findings > 60);
  CHECK(programs > 10);
  CHECK(fixed_files > 25);
  CHECK(hints > 20);
}

TEST_CASE("a program that no tool runs is not read as SQL", "[lsp_migrations]") {
  const Sandbox box;
  box.write("tool.py", "print('create temp table t (a int)')\n");
  Client client(box);
  client.open("tool.py", box.read("tool.py"));
  const Json document = {{"uri", client.uri("tool.py")}};
  CHECK(client.call("textDocument/diagnostic", {{"textDocument", document}})["items"].empty());
  CHECK(client.call("textDocument/documentSymbol", {{"textDocument", document}}).empty());
  CHECK(client
            .call("textDocument/inlayHint", {{"textDocument", document},
                                             {"range",
                                              {{"start", {{"line", 0}, {"character", 0}}},
                                               {"end", {{"line", 9}, {"character", 0}}}}}})
            .empty());
}

TEST_CASE("what the tool is told follows its texts", "[lsp_migrations]") {
  const Sandbox box;
  box.write("migrations/001_a.sql", "-- +goose Up\ncreate table a (id uuid primary key);\n");
  Client client(box);
  const auto rules_of = [&](const std::string& name) {
    std::vector<std::string> rules;
    const Json report =
        client.call("textDocument/diagnostic", {{"textDocument", {{"uri", client.uri(name)}}}});
    for (const Json& item : report["items"]) rules.push_back(item["code"]);
    return rules;
  };
  const std::string name = "migrations/001_a.sql";
  client.open(name, box.read(name));
  // goose records the migration in the same transaction.
  CHECK(rules_of(name) == std::vector<std::string>{"mixed_ddl_dml_transaction"});
  const auto change = [&](const std::string& text) {
    client.notify("textDocument/didChange",
                  {{"textDocument", {{"uri", client.uri(name)}, {"version", 2}}},
                   {"contentChanges", Json::array({{{"text", text}}})}});
  };
  const std::string two =
      "create table a (id uuid primary key);\ncreate table b (id uuid primary key);\n";
  change("-- +goose Up\n" + two);
  CHECK(rules_of(name) == std::vector<std::string>{"multi_ddl_transaction"});
  change("-- +goose NO TRANSACTION\n-- +goose Up\n" + two);
  CHECK(rules_of(name).empty());
  // A new file, which the client tells of.
  box.write("migrations/001_b.sql", "-- +goose Up\nselect 1;\n");
  client.notify("workspace/didChangeWatchedFiles", {{"changes", Json::array()}});
  CHECK(rules_of("migrations/001_b.sql") ==
        std::vector<std::string>{"duplicate_migration_version"});
}

}  // namespace
}  // namespace dsqlint::test
