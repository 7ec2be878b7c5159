// YAML and JSON as configuration files and changelogs hold them.

#include "plugins/migrations/yaml.h"

#include <fmt/format.h>

#include <string>

#include "plugins/migrations/config_text.h"
#include "tests/catch.h"

namespace dsqlint::test {
namespace {

using namespace migrations;

/// `path=value`, an entry a line.
std::string entries_of(std::string_view text) {
  const std::vector<YamlEntry> entries = yaml_entries(text);
  std::string out;
  for (uint32_t i = 0; i < entries.size(); ++i) {
    if (entries[i].style == YamlStyle::None) continue;
    out += fmt::format("{}={}\n", yaml_path(entries, i),
                       text.substr(entries[i].value.begin, entries[i].value.size()));
  }
  return out;
}

TEST_CASE("values stand at the path of their keys", "[yaml]") {
  CHECK(entries_of("a:\n  b: 1  # one\n  'c d': \"x: y\"\ne: [1, {f: 2}]\n") ==
        "a.b=1\na.c d=x: y\ne=1\ne.f=2\n");
  CHECK(entries_of("a:\n- b: 1\n  c: 2\n- b: 3\nd: 4\n") == "a.b=1\na.c=2\na.b=3\nd=4\n");
  CHECK(entries_of("a: |\n  x: 1\n\n  y\nb: >-\n  z\n") == "a=  x: 1\n\n  y\n\nb=  z\n\n");
  CHECK(entries_of("a: one\n  two # not this\nb: 2\n") == "a=one\n  two # not this\nb=2\n");
  CHECK(entries_of("a: 'it''s'\r\nb: &x !!str c\r\n") == "a=it''s\nb=c\n");
  CHECK(entries_of("---\na: 1\n---\n  b: 2\n") == "a=1\nb=2\n");
  CHECK(entries_of("{\"a\": {\"b\": [\"c\", \"d\\\"e\"]}, \"f\": null}") ==
        "a.b=c\na.b=d\\\"e\nf=null\n");
  CHECK(entries_of("- - a\n  - b: c\n") == "=a\nb=c\n");
}

TEST_CASE("what is no YAML is passed over", "[yaml]") {
  for (const char* text :
       {"", ":", "-", "a:", "\"", "'a", "{", "}", "[[[", "a: {b", "a: 'b\nc: 1", "\xEF\xBB\xBF",
        "a: |", "\t- x", "- : -", "{a: }", "{:::}", "%", "a: &"}) {
    INFO(text);
    yaml_entries(text);
  }
  // Deep, and long.
  for (const char* part :
       {"{a: ", "[", "- ", "\"", "'", "a: {", " a:\n", "a: |\n", "}", "a:\n - "}) {
    INFO(part);
    std::string text;
    while (text.size() < 1u << 20) text += part;
    const std::vector<YamlEntry> entries = yaml_entries(text);
    CHECK(entries.size() <= text.size());
    if (!entries.empty())
      CHECK(yaml_path(entries, static_cast<uint32_t>(entries.size()) - 1).size() < text.size());
  }
}

TEST_CASE("paths are read from programs", "[yaml]") {
  const auto paths = [](std::string_view text) {
    std::string out;
    for (const auto& list : paths_after(text, "directory|out")) {
      out += fmt::format("{};", fmt::join(list, ","));
    }
    return out;
  };
  CHECK(paths("{ directory: './db' }") == "./db;");
  CHECK(paths("{ \"out\": path.join(__dirname, 'a', \"b\"), x: 'y' }") == "a/b;");
  CHECK(paths("out: require('path').resolve('a') + '/b',") == "a/b;");
  CHECK(paths("directory: [`${root}/a`, 'b'],\nout: `c`") == "/a,b;c;");
  CHECK(paths("layout: 'no', out = 'yes'\nnext('no')") == "yes;");
  CHECK(paths("out: process.env.OUT ?? 'a'") == "a;");
  CHECK(paths("out: [[[[['a'") == "a;");
  CHECK(without_comments("a // b\n'// c' /* d */ e", Comments::Slashes) ==
        "a     \n'// c'         e");
  CHECK(without_comments("a # b\n\"# c\" # d", Comments::Hash) == "a    \n\"# c\"    ");
  CHECK(folder_of_pattern("src/a/*.ts") == "src/a");
  CHECK(folder_of_pattern("src/a/*{.ts,.js}") == "src/a");
  CHECK(folder_of_pattern("src/a/**/b.ts") == "src/a");
  CHECK(folder_of_pattern("src/a/index.ts") == "src/a");
  CHECK(folder_of_pattern("src/a") == "src/a");
  CHECK(folder_of_pattern("*.ts") == "");
}

}  // namespace
}  // namespace dsqlint::test
