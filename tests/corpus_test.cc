// Every promise over real SQL: the folder DSQLINT_CORPUS (PostgreSQL files of public projects).

#include <fmt/format.h>
#include <pg_query.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "engine/parse/document.h"
#include "engine/parse/stack.h"
#include "engine/text/statements.h"
#include "rules/rules.h"
#include "tests/catch.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> corpus_files() {
  std::vector<fs::path> files;
  const char* folder = std::getenv("DSQLINT_CORPUS");
  if (folder == nullptr || !fs::is_directory(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".sql") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// What PostgreSQL's parser says about the statement as it stands in the file; empty: it reads it.
std::string verdict(const SourceFile& source, Range statement) {
  const std::string sql(source.slice(statement));
  PgQueryProtobufParseResult result = pg_query_parse_protobuf(sql.c_str());
  std::string message;
  if (result.error != nullptr) message = result.error->message;
  pg_query_free_protobuf_parse_result(result);
  return message;
}

struct Counts {
  size_t statements = 0;
  size_t fixed_files = 0;
  std::map<Safety, size_t> by_status;
  std::map<std::string, size_t> by_rule;
  std::vector<std::string> parse_errors;
  std::vector<std::string> violations;

  void add(const Counts& other) {
    statements += other.statements;
    fixed_files += other.fixed_files;
    for (const auto& [status, count] : other.by_status) by_status[status] += count;
    for (const auto& [rule, count] : other.by_rule) by_rule[rule] += count;
    const auto append = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(parse_errors, other.parse_errors);
    append(violations, other.violations);
  }
};

/// May stand on a caller's small stack: everything that parses is on threads of its own.
Counts examine(const fs::path& path, const std::string& name) {
  Counts counts;
  auto source = SourceFile::load(path.string());
  if (!source) {
    counts.violations.push_back(fmt::format("{}: given up: {}", name, source.error().message));
    return counts;
  }
  const SourceFile& file = **source;
  counts.statements = Document::parse(*source).statements().size();

  const Linter linter = make_linter({});
  const std::vector<Diagnostic> findings = linter.check(*source).findings;
  for (const Diagnostic& finding : findings) {
    ++counts.by_status[safety_of(finding)];
    ++counts.by_rule[std::string(finding.rule->id)];
    if (finding.rule->id != "parse_error") continue;
    const Position at = file.position(finding.range.begin);
    counts.parse_errors.push_back(
        fmt::format("{}:{}:{}: {}", name, at.line, at.column, finding.message));
    std::string told;
    run_on_big_stacks(1, [&](unsigned) { told = verdict(file, finding.statement); });
    if (told.empty()) {
      counts.violations.push_back(
          fmt::format("{}:{}: parse_error, but PostgreSQL reads this", name, at.line));
    }
  }

  const Properties properties = check_properties(*source, {});
  counts.fixed_files = properties.fixed.changed ? 1 : 0;
  for (const std::string& violation : properties.violations) {
    counts.violations.push_back(name + ": " + violation);
  }
  if (findings.empty() && properties.fixed.text() != file.text()) {
    counts.violations.push_back(name + ": no finding, but other bytes");
  }

  Config parallel;
  parallel.threads = 3;
  const std::vector<Diagnostic> threaded = make_linter(parallel).check(*source).findings;
  const auto same = [](const Diagnostic& a, const Diagnostic& b) {
    return a.range == b.range && a.rule->id == b.rule->id && a.message == b.message;
  };
  if (!std::equal(findings.begin(), findings.end(), threaded.begin(), threaded.end(), same)) {
    counts.violations.push_back(name + ": other findings on three threads");
  }
  return counts;
}

TEST_CASE("every promise holds over the corpus", "[corpus]") {
  const std::vector<fs::path> files = corpus_files();
  if (files.empty()) {
    skip("corpus", "there is no DSQLINT_CORPUS");
    return;
  }
  const fs::path root = std::getenv("DSQLINT_CORPUS");
  std::vector<Counts> results(files.size());
  std::atomic<size_t> next = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&] {
      for (size_t k = next++; k < files.size(); k = next++) {
        results[k] = examine(files[k], fs::relative(files[k], root).string());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  Counts total;
  for (const Counts& counts : results) total.add(counts);
  fmt::print("corpus: {} files, {} statements, {} files fixed\n", files.size(), total.statements,
             total.fixed_files);
  for (const auto& [status, count] : total.by_status) {
    fmt::print("{:8}  {}\n", count, wire_status(status));
  }
  std::vector<std::pair<size_t, std::string>> rules;
  for (const auto& [rule, count] : total.by_rule) rules.emplace_back(count, rule);
  std::sort(rules.rbegin(), rules.rend());
  fmt::print("by rule:\n");
  for (const auto& [count, rule] : rules) fmt::print("{:8}  {}\n", count, rule);
  fmt::print("what PostgreSQL's parser rejects too:\n");
  for (const std::string& error : total.parse_errors) fmt::print("  {}\n", error);
  CHECK(total.statements > files.size());
  for (const std::string& violation : total.violations) FAIL_CHECK(violation);
}

}  // namespace
}  // namespace dsqlint::test
