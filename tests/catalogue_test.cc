// What every rule owes its readers.

#include "plugins/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "engine/lint/rule.h"
#include "mysql/check.h"
#include "mysql/rules.h"
#include "plugins/migrations/history_rules.h"
#include "plugins/print_catalogue.h"
#include "rules/rules.h"
#include "tests/catch.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::vector<Diagnostic> findings_in(std::string_view sql, const Linter& linter) {
  auto source = SourceFile::from_text("example.sql", std::string(sql));
  REQUIRE(source);
  return linter.check(*source).findings;
}

/// Rules whose `bad` would be too big to print, or would have to be a folder.
constexpr std::string_view kWithoutExample[] = {"copy_row_limit",
                                                "duplicate_migration_version",
                                                "expression_too_deep",
                                                "insert_row_limit",
                                                "migration_checksum_mismatch",
                                                "migration_out_of_order",
                                                "migration_version_gap",
                                                "misplaced_migration_mark",
                                                "missing_migration_file",
                                                "mysql_insert_batched",
                                                "mysql_transaction_split",
                                                "removed_index_reference",
                                                "statement_too_large",
                                                "too_many_columns",
                                                "too_many_indexes",
                                                "too_many_sequences",
                                                "too_many_tables",
                                                "too_many_views",
                                                "transaction_row_limit",
                                                "refused_transaction_override",
                                                "unlisted_migration",
                                                "unread_migration",
                                                "unresolved_placeholder",
                                                "view_definition_size"};

/// What the program finds in a rule's example by `engine`.
std::vector<Diagnostic> findings_in_bad(const RuleInfo& info, Engine engine) {
  auto source = SourceFile::from_text("example.sql", std::string(info.bad), Encoding::Bytes);
  REQUIRE(source);
  const Linter linter = make_linter({.engine = engine});
  return mysql::find_translation_rule(info.id) == nullptr
             ? linter.check(*source).findings
             : mysql::check(linter, *source, {.engine = engine}).findings;
}

bool has_rule(const std::vector<Diagnostic>& findings, std::string_view id) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Diagnostic& finding) { return finding.rule->id == id; });
}

TEST_CASE("every example is true of the engine that its page names", "[catalogue]") {
  for (const RuleInfo* info : rule_catalogue()) {
    INFO(info->id);
    const bool without = std::find(std::begin(kWithoutExample), std::end(kWithoutExample),
                                   info->id) != std::end(kWithoutExample);
    CHECK(info->bad.empty() == without);
    const std::string page = rule_page(*info);
    const auto since = accepted_since(*info);
    CHECK(contains(page, since ? "Accepted since " + to_string(*since) : "As of "));
    if (info->bad.empty()) continue;
    if (!since) {
      CHECK(has_rule(findings_in_bad(*info, Engine()), info->id));
    } else {
      CHECK(findings_in_bad(*info, Engine()).empty());
      CHECK(findings_in_bad(*info, Engine(*since)).empty());
      CHECK(has_rule(findings_in_bad(*info, Engine(day_before(*since))), info->id));
    }
    // The page shows what `check` finds.
    CHECK(contains(page, fmt::format("[{}]: ", info->id)));
    const bool fixed = rule_example(*info).fixed.has_value();
    if (info->fixes == Fixes::Always) CHECK(fixed);
    if (info->fixes == Fixes::Never && mysql::find_translation_rule(info->id) == nullptr) {
      CHECK(!fixed);
    }
  }
}

TEST_CASE("every dated fact stands on the page of a rule", "[catalogue]") {
  const std::vector<const RuleInfo*> catalogue = rule_catalogue();
  for (const CapabilityFact& fact : capability_facts()) {
    INFO(fact.what);
    CHECK(std::any_of(catalogue.begin(), catalogue.end(), [&](const RuleInfo* info) {
      return info->accepted == fact.capability || info->accepted_parts.contains(fact.capability);
    }));
  }
}

TEST_CASE("a rule about what is accepted by now has no finding by the newest engine",
          "[catalogue]") {
  std::set<std::string_view> accepted;
  for (const RuleInfo* info : rule_catalogue()) {
    if (info->accepted) accepted.insert(info->id);
  }
  CHECK(!accepted.empty());
  const fs::path fixtures = fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures";
  size_t read = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fixtures)) {
    if (entry.path().extension() != ".expected") continue;
    fs::path sql = entry.path();
    sql.replace_extension(".sql");
    if (!fs::exists(sql) || contains(read_file(sql.string()), "engine=")) continue;
    const std::string golden = read_file(entry.path().string());
    INFO(sql);
    ++read;
    for (const std::string_view id : accepted) CHECK(!contains(golden, fmt::format("[{}]: ", id)));
  }
  CHECK(read > 500);
}

TEST_CASE("every rule keeps its promises", "[catalogue]") {
  const fs::path fixtures = fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures";
  for (const RuleInfo* info : rule_catalogue()) {
    INFO(info->id);
    CHECK(std::all_of(info->id.begin(), info->id.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }));
    for (const RetiredRule& retired : retired_rules()) CHECK(info->id != retired.id);
    CHECK(!info->summary.empty());
    CHECK(!info->why.empty());
    // Those of the MySQL translation are held to theirs in mysql_test.cc.
    if (mysql::find_translation_rule(info->id) != nullptr) continue;
    // Those of a folder of migrations are found in tests/fixtures/migrations.
    if (is_history_rule(info->id)) continue;
    CHECK(fs::is_directory(fixtures / info->id));
    if (info->bad.empty()) continue;

    const Linter linter = make_linter({.engine = example_engine(*info)});
    const std::vector<Diagnostic> bad = findings_in(info->bad, linter);
    for (const Diagnostic& finding : bad) CHECK(finding.rule->id == info->id);
    if (!info->good.empty()) {
      for (const Diagnostic& finding : findings_in(info->good, linter)) {
        FAIL_CHECK("finding in `good`: " << finding.rule->id << ": " << finding.message);
      }
    }
    auto source = SourceFile::from_text("bad.sql", std::string(info->bad));
    REQUIRE(source);
    auto fixed = linter.fix(*source);
    REQUIRE(fixed);
    if (info->fixes == Fixes::Always) CHECK(fixed->text() == info->good);
    if (info->fixes == Fixes::Never) {
      CHECK(!fixed->changed);
      for (const Diagnostic& finding : bad) CHECK(!finding.help.empty());
    }
  }
}

TEST_CASE("two rules with one id are one rule with two hooks", "[catalogue]") {
  std::map<std::string_view, const RuleInfo*> seen;
  for (const std::span<const Rule> table : all_rules()) {
    for (const Rule& rule : table) {
      const auto [known, added] = seen.emplace(rule.info.id, &rule.info);
      if (added) continue;
      INFO(rule.info.id);
      CHECK(known->second->summary == rule.info.summary);
      CHECK(known->second->why == rule.info.why);
    }
  }
}

// What no text for users says, in small letters: words that a reader whose second language is
// English stumbles over, each with a plainer one.
constexpr std::string_view kBanned[] = {
    "anew",           // again
    "at hand",        // available
    "behind",         // after
    "belong into",    // belong in
    "belongs into",   // belongs in
    "bring along",    // bring
    "come along",     // follow
    "comes along",    // follows
    "for ever",       // always
    "go with it",     // is removed with it
    "goes with it",   // is removed with it
    "in silence",     // silently
    "its like",       // the functions that are meant
    "none are",       // there are no …
    "of one's own",   // user-defined
    "said once",      // reported once
    "say so",         // write it
    "says so",        // declares it
    "speak of",       // are about
    "speaks of",      // is about
    "stand for",      // represent
    "stands for",     // represents
    "supported yet",  // supported
    "take back",      // undo
    "takes along",    // removes too
    "takes back",     // undoes
};

/// The banned phrases of a text, in whole words; line breaks are blanks.
std::vector<std::string_view> banned_in(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (blank && (plain.empty() || plain.back() == ' ')) continue;
    plain += blank ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  const auto in_word = [&](size_t at) {
    return at < plain.size() &&
           (std::isalnum(static_cast<unsigned char>(plain[at])) != 0 || plain[at] == '_');
  };
  std::vector<std::string_view> found;
  for (const std::string_view phrase : kBanned) {
    for (size_t at = plain.find(phrase); at != std::string::npos; at = plain.find(phrase, at + 1)) {
      if (in_word(at - 1) || in_word(at + phrase.size())) continue;
      found.push_back(phrase);
      break;
    }
  }
  return found;
}

void check_english(std::string_view text) {
  for (const std::string_view phrase : banned_in(text)) FAIL_CHECK(phrase << " in: " << text);
}

TEST_CASE("banned words are found as words", "[catalogue]") {
  CHECK(banned_in("Write it\n  anew.") == std::vector<std::string_view>{"anew"});
  CHECK(banned_in("Says\nso, and what\tBEHIND it stands") ==
        std::vector<std::string_view>{"behind", "says so"});
  CHECK(banned_in("renewals and canew, behinder, says_so").empty());
}

TEST_CASE("the pages of the rules are plain English", "[catalogue]") {
  for (const RuleInfo* info : rule_catalogue()) {
    INFO(info->id);
    for (const std::string_view text :
         {info->summary, info->why, info->help, info->bad, info->good}) {
      check_english(text);
    }
    // One line without a period; the reasons are sentences.
    CHECK(!contains(info->summary, "\n"));
    CHECK(!info->summary.ends_with('.'));
    CHECK((info->why.ends_with('.') || info->why.ends_with("`")));
    CHECK(!info->help.ends_with('.'));
  }
}

/// The string literals of a C++ source, those that stand side by side as one.
std::vector<std::string> literals_of(std::string_view code) {
  std::vector<std::string> literals;
  bool adjacent = false;
  for (size_t i = 0; i < code.size(); ++i) {
    const std::string_view rest = code.substr(i);
    if (rest.starts_with("//")) {
      i = std::min(code.find('\n', i), code.size());
    } else if (rest.starts_with("R\"")) {
      const size_t open = code.find('(', i);
      const std::string end = ")" + std::string(code.substr(i + 2, open - i - 2)) + '"';
      const size_t close = code.find(end, open);
      if (close == std::string_view::npos) break;
      literals.emplace_back(code.substr(open + 1, close - open - 1));
      i = close + end.size() - 1;
    } else if (rest.starts_with("'") && i > 0 &&
               std::isalnum(static_cast<unsigned char>(code[i - 1])) == 0) {
      for (++i; i < code.size() && code[i] != '\''; ++i) i += code[i] == '\\' ? 1 : 0;
      adjacent = false;
    } else if (code[i] == '"') {
      if (!adjacent) literals.emplace_back();
      for (++i; i < code.size() && code[i] != '"'; ++i) {
        const bool escaped = code[i] == '\\' && i + 1 < code.size();
        if (escaped) ++i;
        literals.back() += escaped && code[i] == 'n' ? '\n' : code[i];
      }
      adjacent = true;
    } else if (std::isspace(static_cast<unsigned char>(code[i])) == 0) {
      adjacent = false;
    }
  }
  return literals;
}

TEST_CASE("literals are read as the compiler reads them", "[catalogue]") {
  CHECK(literals_of("f(\"a \\\"b\\\"\"\n  \" c\", 'x', '\"', \"d\");  // \"e\"\n\"f\\n\"") ==
        std::vector<std::string>{"a \"b\" c", "d", "f\n"});
  CHECK(literals_of("R\"x(a \"b\")x\" 1'000 \"c\"") == std::vector<std::string>{"a \"b\"", "c"});
}

TEST_CASE("the texts of the program are plain English", "[catalogue]") {
  const fs::path root = DSQLINT_SOURCE_DIR;
  size_t read = 0;
  for (const std::string_view folder :
       {"engine", "fixers", "rules", "mysql", "workspace", "plugins", "servers", "cli"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
      INFO(entry.path());
      ++read;
      for (const std::string& text : literals_of(read_file(entry.path().string()))) {
        check_english(text);
      }
    }
  }
  CHECK(read > 200);
}

TEST_CASE("findings are plain English", "[catalogue]") {
  const fs::path fixtures = fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures";
  size_t read = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fixtures)) {
    if (entry.path().extension() != ".expected") continue;
    INFO(entry.path());
    std::ifstream golden(entry.path());
    for (std::string line; std::getline(golden, line);) {
      const size_t head = line.find("]: ");
      const size_t note = line.find_first_not_of(' ');
      if (note != std::string::npos && line.compare(note, 2, "= ") == 0) {
        check_english(std::string_view(line).substr(note));
      } else if (note == 0 && head != std::string::npos) {
        check_english(std::string_view(line).substr(head));
      } else {
        continue;
      }
      ++read;
    }
  }
  CHECK(read > 2000);
}

TEST_CASE("rules/README.md is the catalogue", "[catalogue]") {
  const std::string path = std::string(DSQLINT_SOURCE_DIR) + "/rules/README.md";
  const std::string catalogue = catalogue_markdown();
  if (std::getenv("DSQLINT_UPDATE") != nullptr) {
    std::ofstream(path, std::ios::binary) << catalogue;
  } else {
    INFO("DSQLINT_UPDATE=1 scripts/test --quick rewrites it");
    CHECK((fs::exists(path) ? read_file(path) : "") == catalogue);
  }
}

}  // namespace
}  // namespace dsqlint::test
