// Which files and which findings a run is about: git, standard input by name, baselines.

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/support/program.h"

namespace dsqlint::test {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kBad = "create temp table t (id int);\n";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Ended dsqlint(const Sandbox& box, std::vector<std::string> arguments, std::string input = {}) {
  return run({.arguments = std::move(arguments), .folder = box.path(), .input = std::move(input)});
}

/// Does git do it? As somebody: where nobody is named it refuses to commit, and to merge.
bool git_does(const Sandbox& box, const std::string& arguments) {
  const std::string command = "cd '" + box.path() +
                              "' && git -c user.name=t -c user.email=t@example.org " + arguments +
                              " >/dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

void git(const Sandbox& box, const std::string& arguments) {
  INFO(arguments);
  REQUIRE(git_does(box, arguments));
}

std::vector<std::string> files_of(const Ended& ended) {
  INFO(ended.err);
  REQUIRE(ended.exit_code != 2);
  std::vector<std::string> files;
  const Json report = Json::parse(ended.out);
  for (const Json& file : report["files"]) files.push_back(file["file"]);
  return files;
}

using Names = std::vector<std::string>;

TEST_CASE("--staged and --since take the files that git names", "[scope]") {
  const Sandbox box;
  git(box, "init -q -b main");
  for (const char* name : {"old.sql", "gone.sql", "sub/moved.sql", "sub/edited.sql"}) {
    box.write(name, kBad);
  }
  git(box, "add .");
  git(box, "commit -q -m first");
  git(box, "checkout -q -b work");
  box.write("sub/edited.sql", std::string(kBad) + "select 1;\n");
  box.write("new file.sql", kBad);
  box.write("notes.txt", "x");
  git(box, "mv sub/moved.sql sub/target.sql");
  git(box, "rm -q gone.sql");
  git(box, "add .");
  box.write("unknown.sql", kBad);
  box.write("ignored.sql", kBad);
  box.write(".gitignore", "ignored.sql\n");
  const std::vector<std::string> json = {"check", "--format", "json"};
  const auto check = [&](std::vector<std::string> flags, const std::string& folder = "") {
    flags.insert(flags.begin(), json.begin(), json.end());
    return files_of(run({.arguments = flags, .folder = box.path(folder)}));
  };
  CHECK(check({"--staged"}) == Names{"new file.sql", "sub/edited.sql", "sub/target.sql"});
  CHECK(check({"--staged", "sub"}) == Names{"sub/edited.sql", "sub/target.sql"});
  CHECK(check({"--staged"}, "sub") == Names{"../new file.sql", "edited.sql", "target.sql"});
  CHECK(check({"--since", "main"}) ==
        Names{"new file.sql", "unknown.sql", "sub/edited.sql", "sub/target.sql"});
  CHECK(check({"--since", "main", "sub/*.sql"}) == Names{"sub/edited.sql", "sub/target.sql"});
  CHECK(check({"--staged", "**/t*.sql", "new file.sql"}) ==
        Names{"new file.sql", "sub/target.sql"});
  CHECK(check({"--staged", "none*.sql"}).empty());
  const Ended misspelt = dsqlint(box, {"check", "--staged", "subs"});
  CHECK(misspelt.exit_code == 1);
  CHECK(contains(misspelt.err, "subs: there is no such file or folder"));
  git(box, "commit -q -m second");
  CHECK(check({"--staged"}).empty());
  CHECK(dsqlint(box, {"check", "--staged"}).exit_code == 0);
  // What main has gained meanwhile is not of this branch.
  git(box, "stash -q -u");
  git(box, "checkout -q main");
  box.write("elsewhere.sql", kBad);
  git(box, "add .");
  git(box, "commit -q -m third");
  git(box, "checkout -q work");
  CHECK(check({"--since", "main"}) == Names{"new file.sql", "sub/edited.sql", "sub/target.sql"});

  const Ended unknown = dsqlint(box, {"check", "--since", "nothing"});
  CHECK(unknown.exit_code == 2);
  CHECK(contains(unknown.err, "--since: git could not say what has changed"));
  CHECK(dsqlint(box, {"check", "--since", "--output=x"}).exit_code == 2);
  CHECK(dsqlint(box, {"check", "--staged", "--since", "main"}).exit_code == 2);
  CHECK(dsqlint(box, {"check", "--staged", "-"}).exit_code == 2);
}

TEST_CASE("git's files are one history, in the order that people count in", "[scope]") {
  const Sandbox box;
  git(box, "init -q -b main");
  box.write("m/V2__b.sql", "create table t (id uuid primary key, d jsonb);\n");
  box.write("m/V10__a.sql", "create index async i on t (d);\n");
  git(box, "add .");
  CHECK(contains(dsqlint(box, {"check", "--staged"}).out, "error[index_key_type]"));
  // As a shell names them; who says something else is believed.
  CHECK(contains(dsqlint(box, {"check", "m/V10__a.sql", "m/V2__b.sql"}).out, "[index_key_type]"));
  box.write("m/z.sql", "select 1;\n");
  CHECK(!contains(dsqlint(box, {"check", "m/z.sql", "m/V10__a.sql", "m/V2__b.sql"}).out,
                  "[index_key_type]"));
}

TEST_CASE("--staged checks what would be committed, not what lies in the folder", "[scope]") {
  const Sandbox box;
  git(box, "init -q -b main");
  // What the index has: a finding, none, one; what the folder has: the opposite, or nothing.
  box.write("bad staged.sql", "-- é\n" + std::string(kBad));
  box.write("good\nstaged.sql", "select 1;\n");
  box.write("gone.sql", kBad);
  box.write("latin.sql", "select '\xE9';\n");
  box.write("empty.sql", "");
  git(box, "add .");
  box.write("bad staged.sql", "select 1;\n");
  box.write("good\nstaged.sql", kBad);
  std::system(("rm '" + box.path("gone.sql") + "'").c_str());
  std::system(("ln -s empty.sql '" + box.path("link.sql") + "'").c_str());
  git(box, "add link.sql");
  const Ended ended = dsqlint(box, {"check", "--staged", "--format", "json"});
  CHECK(ended.exit_code == 1);
  const Json report = Json::parse(ended.out);
  Names bad;
  for (const Json& file : report["files"]) {
    if (!file["diagnostics"].empty()) bad.push_back(file["file"]);
  }
  CHECK(bad == Names{"bad staged.sql", "gone.sql"});
  CHECK(report["files"].size() == 5);
  const std::string text = dsqlint(box, {"check", "--staged"}).out;
  CHECK(contains(text, "bad staged.sql:2:8: error[temp_table]"));
  CHECK(contains(text, "4 files checked"));
  // The same from below, and for many at once.
  box.write("sub/x.sql", "select 1;\n");
  CHECK(contains(run({.arguments = {"check", "--staged"}, .folder = box.path("sub")}).out,
                 "../bad staged.sql:2:8: "));
  for (int i = 0; i < 300; ++i) box.write("many/" + std::to_string(i) + ".sql", kBad);
  git(box, "add many");
  std::system(("rm -r '" + box.path("many") + "'").c_str());
  CHECK(contains(dsqlint(box, {"check", "--staged", "-j", "4", "many"}).out, "300 errors"));
}

TEST_CASE("fix --staged leaves a file alone that is staged only in part", "[scope]") {
  const Sandbox box;
  git(box, "init -q -b main");
  box.write("partly.sql", kBad);
  box.write("wholly.sql", kBad);
  git(box, "add .");
  const std::string more = std::string(kBad) + "select 'not staged';\n";
  box.write("partly.sql", more);
  const Ended ended = dsqlint(box, {"fix", "--staged"});
  CHECK(ended.exit_code == 1);
  CHECK(contains(ended.err, "partly.sql: is staged only in part, and not fixed; stage the rest"));
  CHECK(box.read("partly.sql") == more);
  CHECK(box.read("wholly.sql") == "create table t (id int);\n");
  // The fix is not staged: what was staged still is.
  CHECK(dsqlint(box, {"check", "--staged", "wholly.sql"}).exit_code == 1);
  git(box, "add .");
  CHECK(dsqlint(box, {"check", "--staged", "wholly.sql"}).exit_code == 0);
}

TEST_CASE("--staged says which file has conflicts", "[scope]") {
  const Sandbox box;
  git(box, "init -q -b main");
  box.write("a.sql", "select 0;\n");
  git(box, "add .");
  git(box, "commit -q -m first");
  git(box, "branch other");
  for (const std::string branch : {"main", "other"}) {
    git(box, "checkout -q " + branch);
    box.write("a.sql", "select '" + branch + "';\n");
    git(box, "commit -q -a -m second");
  }
  CHECK(!git_does(box, "merge main"));
  const Ended ended = dsqlint(box, {"check", "--staged"});
  CHECK(ended.exit_code == 1);
  CHECK(contains(ended.err, "a.sql: has conflicts; resolve them and `git add` it"));
}

TEST_CASE("outside of a repository git's words are passed on", "[scope]") {
  const Sandbox box;
  const Ended ended = run({.arguments = {"check", "--staged"},
                           .folder = box.path(),
                           .environment = {{"GIT_CEILING_DIRECTORIES", box.path() + "/.."}}});
  CHECK(ended.exit_code == 2);
  CHECK(contains(ended.err, "run this in a repository"));
}

TEST_CASE("--stdin-filename names the text and finds its configuration", "[scope]") {
  const Sandbox box;
  box.write("sub/dsqlint.toml", "[severity]\ntemp_table = \"warning\"\n");
  const Ended ended =
      dsqlint(box, {"check", "--stdin-filename", "sub/a.sql", "-"}, std::string(kBad));
  CHECK(contains(ended.out, "sub/a.sql:1:8: warning[temp_table]"));
  CHECK(ended.exit_code == 0);
  const Ended diff =
      dsqlint(box, {"fix", "--diff", "--stdin-filename", "sub/a.sql", "-"}, std::string(kBad));
  CHECK(diff.out.starts_with("--- sub/a.sql\n"));
  CHECK(dsqlint(box, {"check", "--stdin-filename", "a.sql", "b.sql"}).exit_code == 2);
}

TEST_CASE("a baseline hides what is known, wherever it has moved", "[scope]") {
  const Sandbox box;
  box.write("sub/a.sql", kBad);
  box.write("b.sql", kBad);
  CHECK(dsqlint(box, {"check", "--baseline", "known.json", "."}).exit_code == 2);
  const Ended made =
      dsqlint(box, {"check", "-q", "--baseline", "known.json", "--update-baseline", "."});
  CHECK(made.exit_code == 0);
  const Ended known = dsqlint(box, {"check", "--baseline", "known.json", "."});
  CHECK(known.exit_code == 0);
  CHECK(contains(known.out, "2 known from the baseline"));
  // Moved and laid out differently: still known. The same once more: new.
  box.write("sub/a.sql", "select 1;\n\n-- moved\nCREATE TEMP TABLE t\n  (id int);\n");
  CHECK(dsqlint(box, {"check", "--baseline", "known.json", "."}).exit_code == 0);
  CHECK(run({.arguments = {"check", "--baseline", "../known.json", "a.sql"},
             .folder = box.path("sub")})
            .exit_code == 0);
  box.write("sub/a.sql", std::string(kBad) + std::string(kBad));
  const Ended twice = dsqlint(box, {"check", "--baseline", "known.json", "."});
  CHECK(twice.exit_code == 1);
  CHECK(contains(twice.out, "sub/a.sql:2:8"));
  CHECK(!contains(twice.out, "sub/a.sql:1:8"));
  // The configuration can name it.
  box.write("sub/a.sql", kBad);
  box.write("dsqlint.toml", "baseline = \"known.json\"\n");
  CHECK(dsqlint(box, {"check", "."}).exit_code == 0);
  CHECK(run({.arguments = {"check", "a.sql"}, .folder = box.path("sub")}).exit_code == 0);
  box.write("dsqlint.toml", "\nbaseline = \"none.json\"\n");
  const Ended missing = dsqlint(box, {"check", "."});
  CHECK(missing.exit_code == 2);
  CHECK(contains(missing.err, "dsqlint.toml:2:12: "));
  CHECK(contains(missing.err, "none.json: there is no such baseline; create it with"));
  // Fixing does not spare old findings.
  CHECK(dsqlint(box, {"fix", "b.sql"}).exit_code == 3);
}

TEST_CASE("pruning forgets what is gone and learns nothing", "[scope]") {
  const Sandbox box;
  for (const char* name : {"a.sql", "b.sql", "c.sql"}) box.write(name, kBad);
  const std::vector<std::string> known = {"check", "-q", "--baseline", "known.json"};
  const auto check = [&](std::vector<std::string> more) {
    more.insert(more.begin(), known.begin(), known.end());
    return dsqlint(box, more);
  };
  CHECK(check({"--update-baseline", "."}).exit_code == 0);
  box.write("a.sql", "select 1;\n");
  box.write("b.sql", std::string(kBad) + "create temp table fresh (id int);\n");
  std::system(("rm '" + box.path("c.sql") + "'").c_str());
  CHECK(check({"--prune-baseline", "."}).exit_code == 1);
  const Json pruned = Json::parse(box.read("known.json"));
  CHECK(pruned["findings"].size() == 1);
  CHECK(pruned["findings"]["b.sql"].size() == 1);
  // A part of the files leaves what is known of the others.
  CHECK(check({"--update-baseline", "a.sql"}).exit_code == 0);
  CHECK(Json::parse(box.read("known.json")) == pruned);
  CHECK(check({"--update-baseline", "b.sql", "none.sql"}).exit_code == 1);
  CHECK(Json::parse(box.read("known.json")) == pruned);
  box.write("known.json", "[]");
  const Ended broken = check({"b.sql"});
  CHECK(broken.exit_code == 2);
  CHECK(contains(broken.err, "known.json: this is not a baseline"));
  CHECK(dsqlint(box, {"check", "--update-baseline", "a.sql"}).exit_code == 2);
  CHECK(box.read("known.json") == "[]");
}

TEST_CASE("the cache skips what is clean, and nothing else", "[scope]") {
  const Sandbox box;
  box.write("clean.sql", "select 1;\n");
  box.write("bad.sql", kBad);
  const auto check = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"check", "--cache"});
    return run({.arguments = more,
                .folder = box.path(),
                .environment = {{"XDG_CACHE_HOME", box.path("cache")}}});
  };
  const Ended first = check({"bad.sql", "clean.sql"});
  CHECK(first.exit_code == 1);
  const std::string known = box.read("cache/dsqlint/clean");
  CHECK(known.size() == std::string("dsqlint clean files 1\n").size() + 16);
  CHECK(check({"bad.sql", "clean.sql"}).out == first.out);
  CHECK(box.read("cache/dsqlint/clean") == known);
  // Another configuration and another text are other questions.
  CHECK(check({"--ignore", "temp_table", "bad.sql"}).exit_code == 0);
  CHECK(check({"bad.sql"}).exit_code == 1);
  box.write("clean.sql", kBad);
  CHECK(check({"clean.sql"}).exit_code == 1);
  box.write("cache/dsqlint/clean", "broken");
  CHECK(check({"bad.sql"}).exit_code == 1);
  CHECK(run({.arguments = {"check", "--cache", "clean.sql"},
             .folder = box.path(),
             .environment = {{"HOME", "/dev/null"}}})
            .exit_code == 1);
}

}  // namespace
}  // namespace dsqlint::test
