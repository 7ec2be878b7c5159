// `check` says what `fix` does: the same findings at the same places with the same statuses, over
// every fixture, example and, where there is one, the corpus; alone and as files of a history.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "engine/catalog/schema.h"
#include "engine/lint/rule.h"
#include "engine/parse/document.h"
#include "mysql/check.h"
#include "tests/catch.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;
using Source = std::shared_ptr<const SourceFile>;

std::vector<fs::path> sql_below(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".sql") && !name.ends_with(".fixed.sql")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Of an environment variable that names a corpus; empty where there is none.
fs::path corpus(const char* variable) {
  const char* folder = std::getenv(variable);
  return folder == nullptr ? fs::path() : fs::path(folder);
}

std::vector<Source> sources_below(const std::vector<fs::path>& folders, Encoding encoding) {
  std::vector<Source> sources;
  for (const fs::path& folder : folders) {
    for (const fs::path& path : sql_below(folder)) {
      if (auto source = SourceFile::load(path.string(), encoding)) sources.push_back(*source);
    }
  }
  return sources;
}

fs::path in_repository(std::string_view path) { return fs::path(DSQLINT_SOURCE_DIR) / path; }

/// One line for each finding that only one of them tells, or tells otherwise.
std::string difference(const std::vector<Diagnostic>& checked, const std::vector<Diagnostic>& fixed,
                       const SourceFile& source) {
  const auto lines = [&](const std::vector<Diagnostic>& findings) {
    std::vector<std::string> told;
    for (const Diagnostic& finding : findings) {
      const Position at = source.position(finding.range.begin);
      told.push_back(fmt::format("{}:{}: {} {}", at.line, at.column, finding.rule->id,
                                 wire_status(safety_of(finding))));
    }
    std::sort(told.begin(), told.end());
    return told;
  };
  const std::vector<std::string> a = lines(checked);
  const std::vector<std::string> b = lines(fixed);
  std::string text;
  const auto only = [&](const auto& in, const auto& out, std::string_view who) {
    std::vector<std::string> rest;
    std::set_difference(in.begin(), in.end(), out.begin(), out.end(), std::back_inserter(rest));
    for (const std::string& line : rest) text += fmt::format("  only {}: {}\n", who, line);
  };
  only(a, b, "check");
  only(b, a, "fix");
  return text.empty() ? text : fmt::format("{}\n{}", source.path(), text);
}

void expect_none(const std::vector<std::string>& differences, size_t inputs) {
  REQUIRE(inputs > 0);
  INFO(differences.size() << " of " << inputs << " inputs");
  for (const std::string& text : differences) FAIL_CHECK(text);
}

TEST_CASE("check says what fix does to a file", "[check_fix]") {
  const std::vector<Source> sources = sources_below(
      {in_repository("tests/fixtures"), in_repository("examples"), corpus("DSQLINT_CORPUS")},
      Encoding::Utf8);
  const Linter linter = make_linter({});
  std::vector<std::string> differences;
  for (const Source& source : sources) {
    const auto fixed = linter.fix(source);
    REQUIRE(fixed);
    std::string text = difference(linter.check(source).findings, fixed->findings, *source);
    if (!text.empty()) differences.push_back(std::move(text));
  }
  expect_none(differences, sources.size());
}

TEST_CASE("check says what fix does to a MySQL file", "[check_fix]") {
  const std::vector<Source> sources = sources_below(
      {in_repository("tests/fixtures/mysql"), corpus("DSQLINT_MYSQL_CORPUS")}, Encoding::Bytes);
  const Linter linter = make_linter({});
  std::vector<std::string> differences;
  for (const Source& source : sources) {
    const auto fixed = mysql::fix(linter, source, {});
    REQUIRE(fixed);
    std::string text =
        difference(mysql::check(linter, source, {}).findings, fixed->findings, *source);
    if (!text.empty()) differences.push_back(std::move(text));
  }
  expect_none(differences, sources.size());
}

/// The text in two halves, cut between statements; none where there is nothing to cut.
std::vector<Source> halves(const Source& source) {
  const Document document = Document::parse(source);
  if (document.statements().size() < 2) return {};
  const uint32_t cut = document.statements()[document.statements().size() / 2].range.begin;
  std::vector<Source> parts;
  for (const Range range : {Range{0, cut}, Range{cut, source->size()}}) {
    auto part = SourceFile::from_text(fmt::format("{}, from {}", source->path(), range.begin),
                                      std::string(source->slice(range)));
    if (part) parts.push_back(*part);
  }
  return parts;
}

TEST_CASE("check says what fix does to the files of a history", "[check_fix]") {
  const std::vector<Source> sources =
      sources_below({in_repository("tests/fixtures"), in_repository("examples")}, Encoding::Utf8);
  const Linter linter = make_linter({});
  std::vector<std::string> differences;
  for (const Source& source : sources) {
    Schema checking;
    Schema fixing;
    for (const Source& half : halves(source)) {
      const CheckOutcome checked = linter.check(half, {.history = &checking});
      const auto fixed = linter.fix(half, Safety::Review, {.history = &fixing});
      REQUIRE(fixed);
      std::string text = difference(checked.findings, fixed->findings, *half);
      if (!text.empty()) differences.push_back(std::move(text));
    }
  }
  expect_none(differences, sources.size());
}

}  // namespace
}  // namespace dsqlint::test
