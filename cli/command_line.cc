// The commands and flags of `dsqlint`.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <filesystem>

#include "cli/about.h"
#include "cli/catalog.h"
#include "cli/clean_cache.h"
#include "cli/lint.h"
#include "cli/migrations.h"
#include "cli/options.h"
#include "cli/program.h"
#include "plugins/catalogue.h"
#include "plugins/migrations/tool_histories.h"
#include "plugins/migrations/tools.h"
#include "plugins/print_catalogue.h"
#include "servers/lsp/stdio.h"
#include "workspace/reports/printer.h"
#include "workspace/version.h"
#include "workspace/write_file.h"

namespace dsqlint {
namespace {

constexpr const char* kAbout =
    "Finds SQL that Amazon Aurora DSQL does not support or treats differently, and rewrites it.";
constexpr const char* kExitCodes =
    "Exit codes: 0 nothing left to do; 1 findings at or above --fail-on are left, or a file could "
    "not be read or written; 2 wrong usage or configuration; 3 (fix) all fixed, but some fixes "
    "need review.";

/// Writes to the standard output; a closed pipe is no failure.
int print(std::string_view text) {
  Output out(STDOUT_FILENO);
  out.write(text);
  out.flush();
  if (out.failure() == 0) return 0;
  fmt::print(stderr, "dsqlint: standard output: {}\n", std::strerror(out.failure()));
  return 1;
}

struct ColorFlag {
  std::string when = "auto";
  ColorWhen value() const {
    return when == "always"  ? ColorWhen::Always
           : when == "never" ? ColorWhen::Never
                             : ColorWhen::Auto;
  }
};

/// What the parser fills in as text, to be checked afterwards with messages of our own.
struct RawFlags {
  std::string engine;
  std::string fail_on;
  std::string config;
  bool no_config = false;
  bool no_suppressions = false;
  ColorFlag color;
};

void add_common(CLI::App& command, Options& options, RawFlags& raw) {
  command.add_option(
      "PATH", options.paths,
      "files; folders, searched for *.sql; patterns (*, **); or - for standard input");
  command
      .add_option(
          "--dialect", options.dialect,
          "the dialect of the SQL: postgres (the default), mysql (translated to PostgreSQL), "
          "or auto (detected)")
      ->type_name("DIALECT")
      ->check(CLI::IsMember({"postgres", "mysql", "auto"}));
  command
      .add_option("--engine", raw.engine,
                  fmt::format("check against what Aurora DSQL accepted on this date (default: {})",
                              to_string(kNewestEngine)))
      ->type_name("DATE");
  command.add_option("--select", options.select, "check only these rules")
      ->type_name("RULE,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--ignore", options.ignore, "leave out these rules")
      ->type_name("RULE,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      .add_option("--fail-on", raw.fail_on,
                  "the lowest severity that makes the run fail (default: error)")
      ->type_name("SEVERITY")
      ->check(CLI::IsMember({"error", "warning", "info"}));
  std::vector<std::string> formats;
  for (const Printer* printer : printers()) formats.emplace_back(printer->name);
  command.add_option("--format", options.format, "the report's format (default: text)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(formats));
  command
      .add_option("--config", raw.config,
                  "use this configuration file for all paths instead of the nearest dsqlint.toml")
      ->type_name("FILE");
  command.add_flag("--no-config", raw.no_config, "use no configuration file");
  command.add_flag("--force-exclude", options.force_exclude,
                   "apply `exclude` of the configuration to files named here, too");
  command
      .add_flag("--staged", options.staged,
                options.fix
                    ? "only SQL files that are completely staged in git; the fixes are not staged"
                    : "only SQL files that are staged in git, with their staged content")
      ->excludes(
          command
              .add_option(
                  "--since", options.since,
                  "only SQL files that were changed since this commit or are not tracked by git")
              ->type_name("COMMIT"));
  command
      .add_option("--stdin-filename", options.stdin_filename,
                  "the file name to report for `-`; it also selects the configuration")
      ->type_name("NAME");
  command.add_flag("--no-ignore-comments", raw.no_suppressions,
                   "report findings even where a `dsqlint: ignore` comment silences them");
  command.add_option("--color", raw.color.when, "auto, always or never; NO_COLOR is respected")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  command.add_flag("--statistics", options.statistics,
                   "count the findings by rule and status, at the end of the report");
  command.add_flag("-q,--quiet", options.quiet, "no summary line");
  command
      .add_option("-j,--jobs", options.jobs,
                  "how many files to check at the same time (default: one per processor)")
      ->type_name("N")
      ->check(CLI::Range(1u, 1024u));
  command.footer(kExitCodes);
}

void add_catalog(CLI::App& command, CatalogOptions& options, RawFlags& raw) {
  command.add_option("PATH", options.inputs.paths,
                     "files, in the order in which they are run; folders, searched for *.sql; "
                     "patterns (*, **); or - for standard input");
  command
      .add_option("--diff", options.other,
                  "print instead what makes of the database of PATH that of these files")
      ->type_name("PATH...");
  command.add_option("--format", options.format, "the output's format (default: sql)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"sql", "json"}));
  command
      .add_option("--dialect", options.inputs.dialect,
                  "postgres: the files are PostgreSQL, even if they look like MySQL")
      ->type_name("DIALECT")
      ->check(CLI::IsMember({"postgres", "mysql", "auto"}));
  command
      .add_option("--config", raw.config,
                  "use this configuration file for all paths instead of the nearest dsqlint.toml")
      ->type_name("FILE");
  command.add_flag("--no-config", raw.no_config, "use no configuration file");
  command.footer(
      "Exit codes: 0 printed; with --diff: there is no difference; 1 a file could not be read, or "
      "with --diff: there are differences; 2 wrong usage or configuration.");
}

constexpr const char* kRewriteHistory =
    "the files have not been run on any database: a fix may change an earlier one";

/// What `migrations` has beside the flags of `check`.
void add_migrations(CLI::App& command, MigrationsOptions& options, RawFlags& raw) {
  add_common(command, options.lint, raw);
  command.get_option("PATH")->description(
      "folders of projects or of their migrations (default: the current folder)");
  std::vector<std::string> names;
  for (const migrations::Tool& tool : migrations::tools()) names.emplace_back(tool.name);
  command.add_option("--tool", options.tool, "the migration tool, if it cannot be detected")
      ->type_name("TOOL")
      ->check(CLI::IsMember(names));
  command
      .add_option("--migrations", options.migrations,
                  "the tool and its folder below PATH, if they cannot be detected")
      ->type_name("TOOL:FOLDER");
  command
      .add_option(
          "--from", options.from,
          "check the SQL that this shell command prints, such as `alembic upgrade head --sql`")
      ->type_name("COMMAND");
  command
      .add_option("--after", options.after,
                  "report only on migrations after this version; all of them are read")
      ->type_name("VERSION");
  command
      .add_option(
          "--transaction", options.transaction,
          "what the tool runs in one transaction: a statement, a block, a file or all files")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"statement", "block", "file", "all"}));
  command
      .add_option("--placeholder", options.placeholders,
                  "the value of a placeholder (Flyway, Liquibase, goose, tern)")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_flag("--check-down", options.check_down,
                   "also check the SQL that reverts migrations");
  command.add_flag("--rewrite-history", options.lint.rewrite_history, kRewriteHistory);
  CLI::Option* fix = command.add_flag("--fix", options.lint.fix, "rewrite the files in place");
  command
      .add_flag("--diff", options.lint.diff,
                "with --fix: print the changes as a diff, and change no file")
      ->needs(fix);
  command
      .add_flag("--safe-only", options.lint.safe_only,
                "with --fix: apply only fixes that need no review")
      ->needs(fix);
  command
      .add_option("--baseline", options.lint.baseline,
                  "hide the findings recorded in this file; its paths are relative to its folder")
      ->type_name("FILE");
  command
      .add_flag("--update-baseline", options.lint.update_baseline,
                "record the findings of this run in the baseline")
      ->excludes(command.add_flag("--prune-baseline", options.lint.prune_baseline,
                                  "remove recorded findings that are no longer found"));
}

Result<void> take_common(const RawFlags& raw, Options& options) {
  if (!raw.engine.empty()) {
    const auto date = engine_date(raw.engine, "--engine");
    if (!date) return tl::unexpected(date.error());
    options.engine = *date;
  }
  if (!raw.fail_on.empty()) options.fail_on = parse_severity(raw.fail_on);
  if (!raw.config.empty()) options.config = raw.config;
  if (raw.no_config) options.config = "";
  options.suppressions = !raw.no_suppressions;
  // The SQL is no file to replace then: the report would be lost with it, or stand among it.
  if (!options.output.empty() && is_standard_output(options.output)) options.output = "-";
  options.color = raw.color.value();
  return {};
}

int explain(const std::string& rule) {
  if (const RuleInfo* info = find_rule(rule)) return print(rule_page(*info));
  for (const RetiredRule& retired : retired_rules()) {
    if (retired.id == rule) {
      return print(fmt::format("{}: never emitted today\n\n  {}\n", rule, retired.reason));
    }
  }
  fmt::print(stderr, "dsqlint: {}\n", unknown_rule(rule, rule_names()));
  return 2;
}

int serve_editor() {
  const std::string cache = CleanCache::default_path();
  lsp::ServerOptions options{.version = std::string(kVersion),
                             .tools = migrations::tool_histories(other_ids_of_migrations()),
                             .page = [](const RuleInfo& rule) { return rule_page(rule); }};
  if (!cache.empty()) {
    options.pages_folder = (std::filesystem::path(cache).parent_path() / "rules").string();
  }
  return lsp::serve_stdio(
      {.infos = rule_catalogue(), .names = rule_names(), .others = other_ids_of_files()},
      std::move(options));
}

}  // namespace

int run_dsqlint(int argc, char** argv) {
  CLI::App app(kAbout, "dsqlint");
  app.require_subcommand(1);
  app.set_version_flag("-V,--version", fmt::format("dsqlint {}", kVersion));
  app.footer("`dsqlint COMMAND --help` lists the flags of a command.");

  Options check_options;
  RawFlags check_raw;
  CLI::App* check = app.add_subcommand("check", "print findings");
  add_common(*check, check_options, check_raw);

  check->add_flag("--cache", check_options.cache,
                  "remember files without findings, and skip them while they are unchanged");
  check
      ->add_option("--baseline", check_options.baseline,
                   "hide the findings recorded in this file; its paths are relative to its folder")
      ->type_name("FILE");
  check
      ->add_flag("--update-baseline", check_options.update_baseline,
                 "record the findings of this run in the baseline")
      ->excludes(check->add_flag("--prune-baseline", check_options.prune_baseline,
                                 "remove recorded findings that are no longer found"));

  Options fix_options;
  RawFlags fix_raw;
  fix_options.fix = true;
  CLI::App* fix =
      app.add_subcommand("fix", "rewrite files in place; standard input goes to standard output");
  add_common(*fix, fix_options, fix_raw);
  fix->add_flag("--safe-only", fix_options.safe_only, "apply only fixes that need no review");
  for (const auto& [command, options] : {std::pair(check, &check_options), {fix, &fix_options}}) {
    command->add_flag("--rewrite-history", options->rewrite_history, kRewriteHistory);
  }
  CLI::Option* diff =
      fix->add_flag("--diff", fix_options.diff,
                    "print the changes as a diff for `patch -p0`, and change no file");
  fix->add_option("-o,--output", fix_options.output,
                  "write the fixed text of one file here instead; - is the standard output")
      ->type_name("FILE")
      ->excludes(diff);

  MigrationsOptions migrations;
  RawFlags migrations_raw;
  CLI::App* migrations_command =
      app.add_subcommand("migrations", "check a folder of migrations as its tool would run them");
  add_migrations(*migrations_command, migrations, migrations_raw);

  CatalogOptions catalog;
  RawFlags catalog_raw;
  CLI::App* catalog_command = app.add_subcommand(
      "catalog", "print what files make of an empty database, or how two inputs differ");
  add_catalog(*catalog_command, catalog, catalog_raw);

  std::string rules_format = "text";
  CLI::App* rules = app.add_subcommand("rules", "list the rules");
  rules->add_option("--format", rules_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));

  std::string rule;
  CLI::App* explain_command =
      app.add_subcommand("explain", "say what a rule is about and what to do");
  explain_command->add_option("RULE", rule, "the rule's id, as findings show it")->required();

  bool stdio = false;
  CLI::App* lsp_command = app.add_subcommand(
      "lsp", "serve an editor: the language server, on standard input and output");
  lsp_command->add_flag("--stdio", stdio, "what it does anyway; some editors say it");

  std::string shell;
  CLI::App* completions_command =
      app.add_subcommand("completions", "print completions for a shell");
  completions_command->add_option("SHELL", shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  CLI::App* manual = app.add_subcommand("man", "print the manual page, for man");
  CLI::App* schema = app.add_subcommand("schema", "print a JSON Schema for dsqlint.toml");

  std::vector<std::string_view> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
  if (argc > 1 && argv[1][0] != '-' &&
      std::find(commands.begin(), commands.end(), argv[1]) == commands.end()) {
    const std::string_view near = nearest_name(argv[1], commands);
    fmt::print(stderr, "dsqlint: `{}` is not a command; {}\n", argv[1],
               near.empty() ? fmt::format("the commands are {}", fmt::join(commands, ", "))
                            : fmt::format("did you mean `{}`?", near));
    return 2;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {
    std::ostringstream text;
    app.exit(wanted, text, text);
    return print(text.str());
  } catch (const CLI::ParseError& problem) {
    fmt::print(stderr, "dsqlint: {}\nRun `dsqlint --help` for usage.\n", problem.what());
    return 2;
  }

  if (*rules) return print(rules_format == "json" ? catalogue_json() : catalogue_text());
  if (*explain_command) return explain(rule);
  if (*completions_command) return print(completions(app, shell));
  if (*lsp_command) return serve_editor();
  if (*manual) return print(manual_page(app));
  if (*schema) return print(configuration_schema());
  if (*catalog_command) {
    if (!catalog_raw.config.empty()) catalog.inputs.config = catalog_raw.config;
    if (catalog_raw.no_config) catalog.inputs.config = "";
    return print_catalog(catalog);
  }
  Options& options = *migrations_command ? migrations.lint : *fix ? fix_options : check_options;
  const RawFlags& raw = *migrations_command ? migrations_raw : *fix ? fix_raw : check_raw;
  if (const auto taken = take_common(raw, options); !taken) {
    fmt::print(stderr, "dsqlint: {}\n", taken.error().message);
    return 2;
  }
  return *migrations_command ? check_migrations(migrations) : lint(options);
}

}  // namespace dsqlint
