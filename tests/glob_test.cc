// Path patterns, as git reads them: a table, and git itself where it is installed.

#include "engine/lint/glob.h"

#include <cstdlib>

#include "tests/catch.h"
#include "tests/support/program.h"
#include "workspace/ignore_files.h"

namespace dsqlint::test {
namespace {

TEST_CASE("patterns match as in .gitignore", "[glob]") {
  struct Row {
    std::string_view pattern;
    std::string_view path;
    bool folder;
    bool matches;
  };
  const Row rows[] = {
      {"a.sql", "a.sql", false, true},
      {"a.sql", "x/y/a.sql", false, true},
      {"/a.sql", "x/a.sql", false, false},
      {"x/a.sql", "x/a.sql", false, true},
      {"x/a.sql", "y/x/a.sql", false, false},
      {"**/x/a.sql", "y/z/x/a.sql", false, true},
      {"**/x/a.sql", "x/a.sql", false, true},
      {"x/**", "x", true, false},
      {"x/**", "x/a/b", false, true},
      {"x/**/b", "x/b", false, true},
      {"x/**/b", "x/1/2/3/b", false, true},
      {"x/**/b", "x/1/2/3/c", false, false},
      {"build/", "build", true, true},
      {"build/", "build", false, false},
      {"build/", "x/build", true, true},
      {"*.sql", "x/a.sql", false, true},
      {"*", "anything", false, true},
      {"x/*", "x/a/b", false, false},
      {"a?c", "abc", false, true},
      {"a?c", "aéc", false, true},
      {"a?c", "a/c", false, false},
      {"[a-c]x", "bx", false, true},
      {"[!a-c]x", "bx", false, false},
      {"[^a-c]x", "dx", false, true},
      {"[]]x", "]x", false, true},
      {"[a-]x", "-x", false, true},
      {"[é]x", "éx", false, true},
      {"[ax", "[ax", false, false},
      {"\\*x", "*x", false, true},
      {"\\*x", "ax", false, false},
      {"a*b*c", "aXbYc", false, true},
      {"a*b*c", "aXbYd", false, false},
      {"foo**bar", "fooXbar", false, true},
      {"foo**bar", "foo/bar", false, false},
      {"", "a", false, false},
  };
  for (const Row& row : rows) {
    INFO(row.pattern << " on " << row.path);
    CHECK(Glob(row.pattern).matches(row.path, row.folder) == row.matches);
  }
  CHECK(Glob("vendor/").covers("vendor/a/b.sql"));
  CHECK(Glob("vendor").covers("x/vendor/b.sql"));
  CHECK(!Glob("vendor/").covers("vendor"));
}

TEST_CASE("stars cost no more than pattern times path", "[glob]") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK(!Glob(pattern + "b").matches(std::string(5'000, 'a'), false));
  std::string deep;
  std::string folders;
  for (int i = 0; i < 200; ++i) deep += "**/a/";
  for (int i = 0; i < 5'000; ++i) folders += "a/";
  CHECK(!Glob(deep + "b").matches(folders + "c", false));
}

TEST_CASE("what git ignores, we ignore", "[glob]") {
  const Sandbox box;
  const std::string quiet = " >/dev/null 2>&1";
  REQUIRE(std::system(("git init -q '" + box.path() + "'" + quiet).c_str()) == 0);
  box.write(".gitignore",
            "\xEF\xBB\xBF# a comment\r\n*.log\r\n!keep.log\n/top\nboth/sides\nfolder/\n"
            "\\#hash\n\\!bang\ntrailing   \nescaped\\ \na/**/z\n**/any\nname[0-9]\nx/*\n!x/y\n");
  box.write("sub/.gitignore", "local\n!*.log\n");
  box.write(".git/info/exclude", "secret\n");
  const char* paths[] = {"a.log",      "keep.log",     "sub/a.log", "top",          "sub/top",
                         "both/sides", "q/both/sides", "folder/f",  "sub/folder/f", "#hash",
                         "!bang",      "trailing",     "escaped ",  "a/z",          "a/b/c/z",
                         "q/any",      "name5",        "namex",     "x/y",          "x/w",
                         "sub/local",  "local",        "secret",    "sub/secret",   "# a comment",
                         "plain"};
  for (const char* path : paths) box.write(path, "x");
  const IgnoreRules top = IgnoreRules::above(box.path());
  for (const std::string path : paths) {
    // As the walk does: folder by folder, and into none that is ignored.
    IgnoreRules rules = top;
    bool ignored = false;
    std::string at = box.path();
    size_t begin = 0;
    for (size_t slash = path.find('/'); slash != std::string::npos && !ignored;
         begin = slash + 1, slash = path.find('/', begin)) {
      at += "/" + path.substr(begin, slash - begin);
      ignored = rules.ignored(at, true);
      if (!ignored) rules = rules.inside(at);
    }
    ignored = ignored || rules.ignored(box.path(path), false);
    const std::string command =
        "cd '" + box.path() + "' && git check-ignore -q --no-index './" + path + "'" + quiet;
    INFO(path);
    CHECK(ignored == (std::system(command.c_str()) == 0));
  }
}

}  // namespace
}  // namespace dsqlint::test
