// `dsql-lint`: the flags, texts, JSON, exit codes and destinations of the interop contract.
// Findings and statuses are those of dsqlint; only what the contract says differently is done here.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/inputs.h"
#include "cli/output.h"
#include "cli/program.h"
#include "cli/stdin_text.h"
#include "engine/lint/linter.h"
#include "mysql/check.h"
#include "rules/rules.h"
#include "workspace/reports/contract.h"
#include "workspace/write_file.h"

namespace dsqlint {
namespace {

using Json = nlohmann::ordered_json;

struct ContractOptions {
  std::vector<std::string> files;
  bool fix = false;
  std::string output = {};
  std::string format = "text";
  std::string dialect = "postgres";
};

struct ContractFile {
  std::string name;
  std::shared_ptr<const SourceFile> source = nullptr;
  std::vector<Diagnostic> findings = {};
  std::string error = {};
  std::string output_file = {};
  std::string text = {};  ///< fix mode: the fixed SQL
  bool to_stdout = false;

  size_t count(Safety safety, bool fixing) const;
};

bool is_about_transaction(const Diagnostic& finding) {
  const std::string_view rule = finding.rule->id;
  return rule == "multi_ddl_transaction" || rule == "mixed_ddl_dml_transaction";
}

/// Cutting a transaction is offered in fix mode only.
Safety status_of(const Diagnostic& finding, bool fixing) {
  return !fixing && is_about_transaction(finding) ? Safety::Manual : safety_of(finding);
}

std::string preview_of(const Diagnostic& finding, const ContractFile& file, bool fixing) {
  return fixing && is_about_transaction(finding)
             ? begin_preview(finding, *file.source, file.findings)
             : statement_preview(finding, *file.source);
}

size_t ContractFile::count(Safety safety, bool fixing) const {
  return static_cast<size_t>(std::count_if(
      findings.begin(), findings.end(),
      [&](const Diagnostic& finding) { return status_of(finding, fixing) == safety; }));
}

void write_fixed(const ContractOptions& options, bool is_stdin, ContractFile& file) {
  if (options.output.empty() ? is_stdin : is_standard_output(options.output)) {
    file.to_stdout = true;
    return;
  }
  const std::string path = options.output.empty() ? fixed_path(file.name) : options.output;
  if (!is_stdin && same_file(path, file.name)) {
    file.error =
        fmt::format("{}: the output is the same as input; name another file with -o", path);
    file.findings.clear();
    return;
  }
  if (const auto written = write_file(path, file.text); !written) {
    file.error = written.error().message;
    file.findings.clear();
    return;
  }
  file.output_file = path;
}

ContractFile process(const ContractOptions& options, const std::string& name,
                     const Linter& linter) {
  const bool is_stdin = name == "-";
  ContractFile file{.name = is_stdin ? std::string(kStdinName) : name};
  try {
    const bool mysql = options.dialect == "mysql";
    const Encoding encoding = mysql ? Encoding::Bytes : Encoding::Utf8;
    auto source = is_stdin ? read_stdin(file.name, encoding) : SourceFile::load(name, encoding);
    if (!source) {
      file.error = source.error().message;
      return file;
    }
    file.source = std::move(*source);
    if (options.fix) {
      auto outcome = mysql ? mysql::fix(linter, file.source, {.choices = mysql::contract_choices()})
                           : linter.fix(file.source);
      if (!outcome) {
        file.error = outcome.error().message;
        return file;
      }
      file.findings = std::move(outcome->findings);
      file.text = outcome->text();
    } else {
      file.findings = linter.check(file.source).findings;
    }
    sort_as_contract(file.findings, *file.source);
    if (options.fix) write_fixed(options, is_stdin, file);
  } catch (const std::bad_alloc&) {
    file.error = fmt::format("{}: there is not enough memory for this file; split it", file.name);
    file.findings.clear();
  }
  return file;
}

struct Summary {
  size_t unfixable = 0;
  size_t warnings = 0;
  size_t fixed = 0;
  size_t failures = 0;

  void add(const ContractFile& file, bool fixing) {
    unfixable += file.count(Safety::Manual, fixing);
    warnings += file.count(Safety::Review, fixing);
    fixed += file.count(Safety::Exact, fixing);
    failures += file.error.empty() ? 0 : 1;
  }
  int exit_code(bool fixing) const {
    if (failures > 0 || unfixable > 0) return 1;
    if (!fixing) return warnings + fixed > 0 ? 1 : 0;
    return warnings > 0 ? 3 : 0;
  }
};

Json file_json(const ContractFile& file, bool fixing) {
  Json diagnostics = Json::array();
  for (const Diagnostic& finding : file.findings) {
    Json json = contract_diagnostic(finding, *file.source);
    json["rule"] = contract_id(finding, *file.source);
    json["line"] = contract_line(finding, *file.source);
    if (status_of(finding, fixing) == Safety::Manual) {
      json["fix_result"] = {{"status", wire_status(Safety::Manual)}};
    }
    json["statement_preview"] = preview_of(finding, file, fixing);
    diagnostics.push_back(std::move(json));
  }
  return {{"file", file.name},
          {"diagnostics", std::move(diagnostics)},
          {"error", file.error.empty() ? Json() : Json(file.error)},
          {"output_file", file.output_file.empty() ? Json() : Json(file.output_file)},
          {"fixed_sql", file.to_stdout && file.error.empty() ? Json(file.text) : Json()}};
}

void print_remarks(const Diagnostic& finding, const ContractFile& file, bool fixing,
                   std::string& out) {
  if (const std::string what = suggestion(finding); !what.empty()) {
    out += fmt::format("  → {}\n", what);
  }
  if (const std::string preview = preview_of(finding, file, fixing); !preview.empty()) {
    out += fmt::format("  | {}\n", preview);
  }
}

std::string lint_text(const ContractFile& file) {
  if (!file.error.empty()) return file.error + '\n';
  std::string out;
  for (const Diagnostic& finding : file.findings) {
    const Safety status = status_of(finding, false);
    out += fmt::format("{}:{}: {} — {}\n", file.name, contract_line(finding, *file.source),
                       status == Safety::Manual   ? "ERROR"
                       : status == Safety::Review ? "WARNING"
                                                  : "INFO",
                       finding.message);
    print_remarks(finding, file, false, out);
  }
  return out;
}

std::string fix_text(const ContractFile& file) {
  if (!file.error.empty()) return file.error + '\n';
  std::string out;
  for (const Diagnostic& finding : file.findings) {
    const std::string place = fmt::format("{}:{}", file.name, contract_line(finding, *file.source));
    switch (safety_of(finding)) {
      case Safety::Exact:
        out += fmt::format("{}: FIXED — {}\n", place, fix_detail(finding));
        break;
      case Safety::Review:
        out += fmt::format("{}: WARNING — {}\n", place, fix_detail(finding));
        break;
      case Safety::Manual:
        out += fmt::format("{}: ERROR (unfixable) — {}\n", place, finding.message);
        print_remarks(finding, file, true, out);
        break;
    }
  }
  if (file.output_file.empty()) return out;
  const size_t unfixable = file.count(Safety::Manual, true);
  const size_t warnings = file.count(Safety::Review, true);
  if (unfixable > 0) {
    out += fmt::format("Partial fix written to: {} ({} unfixable error(s) remain)\n",
                       file.output_file, unfixable);
  } else if (file.text.empty() && file.source->size() > 0) {
    out +=
        fmt::format("Fixed output is empty — all statements were removed: {}\n", file.output_file);
  } else if (warnings > 0) {
    out += fmt::format("Fixed output written to: {} ({} warning(s) — review recommended)\n",
                       file.output_file, warnings);
  } else {
    out += fmt::format("Fixed output written to: {}\n", file.output_file);
  }
  return out;
}

int write_failed(const Output& out) {
  fmt::print(stderr, "dsql-lint: standard output: {}\n", std::strerror(out.failure()));
  return 1;
}

int run_json(const ContractOptions& options, const Linter& linter) {
  Json files = Json::array();
  Summary summary;
  for (const std::string& name : options.files) {
    const ContractFile file = process(options, name, linter);
    summary.add(file, options.fix);
    files.push_back(file_json(file, options.fix));
  }
  const Json report = {{"schema_version", 1},
                       {"files", std::move(files)},
                       {"summary",
                        {{"errors", summary.unfixable + summary.failures},
                         {"warnings", summary.warnings},
                         {"fixed", options.fix ? summary.fixed : 0}}}};
  Output out(STDOUT_FILENO);
  out.write(to_text(report, 2));
  out.write("\n");
  out.flush();
  if (out.failure() != 0) return write_failed(out);
  return out.closed() ? 0 : summary.exit_code(options.fix);
}

int run_text(const ContractOptions& options, const Linter& linter) {
  Output out(STDOUT_FILENO);
  Output err(STDERR_FILENO);
  Summary summary;
  size_t incomplete = 0;
  for (const std::string& name : options.files) {
    const ContractFile file = process(options, name, linter);
    summary.add(file, options.fix);
    if (file.count(Safety::Manual, options.fix) > 0) ++incomplete;
    if (file.to_stdout && file.error.empty()) {
      out.write(file.text);
      out.flush();
    }
    err.write(options.fix ? fix_text(file) : lint_text(file));
    err.flush();
  }
  const size_t issues = summary.unfixable + summary.warnings + summary.fixed;
  if (!options.fix) {
    if (issues > 0) {
      err.write(fmt::format("\n{} issue(s) found.\n", issues));
    } else if (summary.failures == 0) {
      err.write("All statements compatible with DSQL.\n");
    }
  } else if (incomplete > 0) {
    err.write(fmt::format("{} file(s) had unfixable errors\n", incomplete));
  }
  err.flush();
  if (out.failure() != 0) return write_failed(out);
  return out.closed() ? 0 : summary.exit_code(options.fix);
}

/// What the contract calls a usage error beyond unknown flags and values; empty when there is none.
std::string usage_problem(const ContractOptions& options) {
  const auto dashes = std::count(options.files.begin(), options.files.end(), "-");
  if (options.files.empty()) return "no input files; name at least one, or - for standard input";
  if (dashes > 1) return "- can be given only once";
  if (!options.output.empty() && !options.fix) return "--output requires --fix";
  if (options.dialect == "mysql" && !options.fix) {
    return "--dialect mysql requires --fix: the translation is what is checked";
  }
  if (!options.output.empty() && options.files.size() > 1) {
    return "--output requires exactly one input";
  }
  if (dashes == 1 && ::isatty(STDIN_FILENO) == 1) {
    return "- reads standard input, which is a terminal here; pipe the SQL in, or name a file";
  }
  return {};
}

int usage_error(std::string_view problem) {
  fmt::print(stderr, "dsql-lint: {}\nRun `dsql-lint --help` for usage.\n", problem);
  return 2;
}

}  // namespace

int run_dsql_lint(int argc, char** argv) {
  ContractOptions options;
  CLI::App app("Checks SQL for Amazon Aurora DSQL, and fixes it.", "dsql-lint");
  app.set_version_flag("-V,--version", fmt::format("dsql-lint {}", kContractVersion));
  app.add_option("FILE", options.files, "SQL files, or - for standard input");
  app.add_flag("--fix", options.fix, "write a fixed copy, NAME-fixed.EXT, beside each file");
  app.add_option("-o,--output", options.output, "write the fixed text of the single input here")
      ->type_name("PATH");
  app.add_option("--format", options.format, "text or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--dialect", options.dialect, "the dialect of the SQL")
      ->type_name("DIALECT")
      ->check(CLI::IsMember({"postgres", "mysql"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {
    std::ostringstream text;
    app.exit(wanted, text, text);
    Output out(STDOUT_FILENO);
    out.write(text.str());
    out.flush();
    return out.failure() == 0 ? 0 : write_failed(out);
  } catch (const CLI::ParseError& problem) {
    return usage_error(problem.what());
  }
  if (const std::string problem = usage_problem(options); !problem.empty()) {
    return usage_error(problem);
  }
  // The contract knows no comments, and so none that has no effect.
  const Linter linter(all_rules(), Config{.ignore = {"unused_suppression"}});
  return options.format == "json" ? run_json(options, linter) : run_text(options, linter);
}

}  // namespace dsqlint
