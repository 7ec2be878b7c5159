// tests/fixtures/<rule>/<case>.sql with its golden files beside it.
//
// In the SQL: `-- expect: rule[, rule]` behind the line where findings begin, `-- expect-below: …`
// on the line before it. `-- fixture: engine=2026-08-01 rules=a,b` sets the engine's date and the
// rules that run; otherwise the folder names the one rule, and `all` means every rule. `oracle=no`
// keeps the file from tests/oracle/postgres.py. A line `-- file: name` begins the next file of a
// history.
// <case>.expected holds the findings as printed, <case>.fixed.sql the fixed text where it differs.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "engine/lint/by_file.h"
#include "engine/lint/rule.h"
#include "mysql/rules.h"
#include "plugins/catalogue.h"
#include "plugins/migrations/history_rules.h"
#include "rules/rules.h"
#include "tests/catch.h"
#include "tests/support/properties.h"
#include "workspace/reports/print_text.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;

using Expected = std::multiset<std::pair<uint32_t, std::string>>;  // line, rule

std::vector<std::string> words(std::string_view list) {
  std::vector<std::string> found;
  std::string word;
  for (const char c : std::string(list) + ",") {
    if (c == ',' || c == ' ' || c == '*' || c == '/') {
      if (!word.empty()) found.push_back(word);
      word.clear();
    } else {
      word += c;
    }
  }
  return found;
}

struct Fixture {
  fs::path path;
  std::shared_ptr<const SourceFile> source;
  Config config;
  Expected expected;
};

/// The text, or its files as one history.
std::shared_ptr<const SourceFile> source_of(const std::string& name, const std::string& text) {
  constexpr std::string_view kMark = "-- file: ";
  std::vector<FilePart> files;
  std::vector<std::shared_ptr<const SourceFile>> texts;
  for (size_t begin = 0; begin < text.size() || files.empty();) {
    const size_t next = text.find("\n" + std::string(kMark), begin);
    const size_t end = next == std::string::npos ? text.size() : next + 1;
    const std::string part = text.substr(begin, end - begin);
    std::string file = name;
    if (part.starts_with(kMark)) {
      file = part.substr(kMark.size(), part.find_first_of("\r\n") - kMark.size());
    }
    auto source = SourceFile::from_text(file, part);
    REQUIRE(source);
    files.push_back({file, {}, static_cast<uint32_t>(files.size())});
    texts.push_back(*source);
    begin = end;
  }
  if (texts.size() == 1) return texts.front();
  auto whole = SourceFile::join(std::move(files), texts);
  REQUIRE(whole);
  return *whole;
}

/// The texts of its files, one after another.
std::string without_separators(std::string_view text) {
  std::string joined(text);
  std::erase(joined, kBetweenFiles);
  return joined;
}

Fixture read_fixture(const fs::path& path) {
  Fixture fixture;
  fixture.path = path;
  fixture.source = source_of(path.filename().string(), read_file(path.string()));
  const std::string folder = path.parent_path().filename().string();
  // A statement that a rule's own fixture gets wrong has to show.
  if (folder != "all") fixture.config.select = {folder, "parse_error"};
  const std::string text = without_separators(fixture.source->text());
  uint32_t line = 0;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string row = text.substr(begin, end - begin);
    begin = end + 1;
    ++line;
    const auto after = [&](std::string_view key) {
      const size_t at = row.find(key);
      std::string rest = at == std::string::npos ? "" : row.substr(at + key.size());
      while (!rest.empty() && (rest.back() == '\r' || rest.back() == ' ')) rest.pop_back();
      return rest;
    };
    for (const std::string& rule : words(after("expect: "))) fixture.expected.emplace(line, rule);
    for (const std::string& rule : words(after("expect-below: "))) {
      fixture.expected.emplace(line + 1, rule);
    }
    std::string settings = after("-- fixture: ");
    while (!settings.empty()) {
      const size_t space = std::min(settings.find(' '), settings.size());
      const std::string setting = settings.substr(0, space);
      settings.erase(0, space + 1);
      if (setting.starts_with("engine=")) {
        const auto date = parse_date(setting.substr(7));
        REQUIRE(date);
        fixture.config.engine = Engine(*date);
      } else if (setting.starts_with("rules=")) {
        for (const std::string& rule : words(setting.substr(6))) fixture.config.select.insert(rule);
      } else if (setting == "oracle=no") {
        // What the oracle's server makes of it proves nothing.
      } else {
        FAIL("unknown setting " + setting);
      }
    }
  }
  return fixture;
}

bool updating() { return std::getenv("DSQLINT_UPDATE") != nullptr; }

/// Compares with the golden file, or writes it. Empty content: there is to be no file.
void check_golden(const fs::path& path, const std::string& content) {
  if (updating()) {
    if (content.empty()) {
      fs::remove(path);
    } else if (!fs::exists(path) || read_file(path.string()) != content) {
      std::ofstream(path, std::ios::binary) << content;
    }
    return;
  }
  const std::string known = fs::exists(path) ? read_file(path.string()) : "";
  INFO("golden file " << path.string() << "; DSQLINT_UPDATE=1 scripts/test --quick rewrites it");
  CHECK(known == content);
}

std::string with_crlf(std::string_view text) {
  std::string changed;
  for (const char c : text) changed += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return changed;
}

/// A file with CRLF comes out as the same file with LF does, but for its line ends.
void check_line_ends(const Fixture& fixture, const Linter& linter, std::string_view fixed) {
  const std::string text = without_separators(fixture.source->text());
  if (text.find('\n') == std::string::npos || text.find('\r') != std::string::npos) return;
  auto outcome = linter.fix(source_of("crlf.sql", with_crlf(text)));
  REQUIRE(outcome);
  CHECK(without_separators(outcome->text()) == with_crlf(fixed));
}

/// Was there a finding of the rule that has a fix, and one that has not?
struct Seen {
  bool fixed = false;
  bool left = false;
};
using SeenByRule = std::map<std::string_view, Seen>;

void check_fixture(const fs::path& path, SeenByRule& seen) {
  INFO(path.string());
  const Fixture fixture = read_fixture(path);
  const Linter linter = make_linter(fixture.config);
  const std::vector<Diagnostic> findings = linter.check(fixture.source).findings;
  Expected found;
  std::string printed;
  const auto note = [&](const Diagnostic& finding, const SourceFile& source, uint32_t lines) {
    found.emplace(lines + source.position(finding.range.begin).line, finding.rule->id);
    const bool fixed = safety_of(finding) >= Safety::Review;
    (fixed ? seen[finding.rule->id].fixed : seen[finding.rule->id].left) = true;
    print_finding(finding, source, source.path(), {}, printed);
    printed += '\n';
  };
  if (fixture.source->files().empty()) {
    for (const Diagnostic& finding : findings) note(finding, *fixture.source, 0);
  } else {
    const SourceFile& whole = *fixture.source;
    const std::vector<CheckOutcome> parts = by_file(CheckOutcome{.findings = findings}, whole);
    uint32_t lines = 0;  // before the file
    for (size_t file = 0; file < parts.size(); ++file) {
      const std::string_view text = whole.slice(whole.file_range(file));
      auto source = SourceFile::from_text(whole.files()[file].path, std::string(text));
      REQUIRE(source);
      for (const Diagnostic& finding : parts[file].findings) note(finding, **source, lines);
      lines += static_cast<uint32_t>(std::count(text.begin(), text.end(), '\n'));
    }
  }
  std::string difference;
  for (const auto& [line, rule] : fixture.expected) {
    if (found.count({line, rule}) < fixture.expected.count({line, rule})) {
      difference += fmt::format("line {}: expected {}\n", line, rule);
    }
  }
  for (const auto& [line, rule] : found) {
    if (fixture.expected.count({line, rule}) < found.count({line, rule})) {
      difference += fmt::format("line {}: unexpected {}\n", line, rule);
    }
  }
  CHECK(difference == "");
  fs::path golden = path;
  check_golden(golden.replace_extension(".expected"), printed);

  const Properties properties = check_properties(fixture.source, fixture.config);
  for (const std::string& violation : properties.violations) {
    INFO(violation);
    CHECK(false);
  }
  golden = path;
  golden.replace_extension(".fixed.sql");
  // An empty fixed text is a golden file of one line that says so.
  const std::string text = without_separators(properties.fixed.text());
  const std::string fixed = text.empty() ? "-- nothing is left\n" : text;
  check_golden(golden, properties.fixed.changed ? fixed : "");
  check_line_ends(fixture, linter, text);
}

fs::path fixtures() { return fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures"; }

TEST_CASE("fixtures", "[fixture]") {
  std::vector<fs::path> folders;
  std::vector<std::string> known = {"all"};
  for (const RuleInfo* rule : rule_catalogue()) known.emplace_back(rule->id);
  for (const auto& entry : fs::directory_iterator(fixtures())) {
    const std::string name = entry.path().filename().string();
    // Fixtures of the front ends have formats and tests of their own.
    if (!fs::exists(entry.path() / "FORMAT.md")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  const char* only = std::getenv("DSQLINT_FIXTURE");
  SeenByRule seen;
  for (const fs::path& folder : folders) {
    const std::string name = folder.filename().string();
    if (only != nullptr && name.find(only) == std::string::npos) continue;
    INFO("a fixture folder has a rule's name");
    CHECKED_IF(std::find(known.begin(), known.end(), name) != known.end()) {
      std::vector<fs::path> cases;
      for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string file = entry.path().filename().string();
        if (file.ends_with(".sql") && !file.ends_with(".fixed.sql")) cases.push_back(entry.path());
      }
      std::sort(cases.begin(), cases.end());
      for (const fs::path& path : cases) check_fixture(path, seen);
    }
    CHECKED_ELSE(std::find(known.begin(), known.end(), name) != known.end()) {
      FAIL_CHECK("tests/fixtures/" + name + ": there is no such rule");
    }
  }
  for (const RuleInfo* rule : rule_catalogue()) {
    // The other two promises are held against the rule's example, in catalogue_test.cc.
    if (only != nullptr || rule->fixes != Fixes::Sometimes) continue;
    // Those of the MySQL translation and of a folder of migrations have fixtures of their own.
    if (mysql::find_translation_rule(rule->id) != nullptr || is_history_rule(rule->id)) continue;
    INFO(rule->id << ": of a rule that fixes sometimes, the fixtures show a finding that is fixed, "
                     "and one that is not");
    CHECK(seen[rule->id].fixed);
    CHECK(seen[rule->id].left);
  }
}

}  // namespace
}  // namespace dsqlint::test
