// What files leave behind when they are run one after another on an empty database: as SQL, as
// JSON, or against what others leave.

#include "cli/catalog.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "cli/inputs.h"
#include "cli/output.h"
#include "cli/stdin_text.h"
#include "engine/catalog/apply.h"
#include "engine/catalog/json.h"
#include "engine/catalog/print.h"
#include "engine/lint/mysql_suspicion.h"
#include "engine/parse/document.h"
#include "engine/text/tokens.h"
#include "plugins/catalogue.h"
#include "workspace/reports/print_text.h"

namespace dsqlint {
namespace {

std::string to_sql(const ObjectName& name) {
  return (name.schema.empty() ? "" : quote_identifier(name.schema) + ".") +
         quote_identifier(name.name);
}

void say(const std::string& message) { fmt::print(stderr, "dsqlint: {}\n", visible(message)); }

/// The files of one side, and what they have made.
struct Side {
  std::vector<std::shared_ptr<const SourceFile>> files;  ///< by Origin::file
  catalog::Catalog catalog;

  /// `a.sql:3`, or nothing.
  std::string place(const catalog::Origin& origin) const {
    if (origin.kind != catalog::Origin::Kind::Statement || origin.file >= files.size()) return {};
    const SourceFile& file = *files[origin.file];
    return fmt::format("{}:{}", file.path(), file.position(origin.place).line);
  }
};

/// Null where it is MySQL and `others` are not: then the warning has been given.
Result<std::shared_ptr<const SourceFile>> read(const Input& input, const std::string& asked,
                                               bool others) {
  if (!input.error.empty()) return fail(input.error);
  const std::string& dialect = asked.empty() ? input.config->dialect : asked;
  auto source = input.is_stdin ? read_stdin(input.path, Encoding::Bytes)
                               : SourceFile::load(input.path, Encoding::Bytes);
  if (!source) return source;
  if (dialect == "mysql" || (asked != "postgres" && looks_like_mysql((*source)->text()))) {
    if (dialect != "mysql" && others) {
      say(
          fmt::format("{}: warning: this looks like MySQL; the file is left out (`--dialect "
                      "postgres` reads it)",
                      input.path));
      return nullptr;
    }
    return fail(fmt::format(
        "{}: this is MySQL, and the catalog is one of PostgreSQL; translate it first (`dsqlint fix "
        "--dialect mysql -o translated.sql {}`), or use `--dialect postgres` if it is PostgreSQL",
        input.path, input.path));
  }
  if (is_valid_text((*source)->text())) return source;
  // What is wrong with it.
  return SourceFile::from_text(input.path, std::string((*source)->text()));
}

/// Why the server would refuse the statement.
std::string reason(const catalog::Refusal& refusal, const Side& side) {
  std::string name = fmt::format("{} `{}`", refusal.what, to_sql(refusal.name));
  if (!refusal.part.empty()) {
    name = fmt::format("{} `{}` of `{}`", refusal.what, refusal.part, to_sql(refusal.name));
  }
  if (refusal.code == catalog::Refusal::Code::DuplicateObject) {
    const std::string place = side.place(refusal.evidence);
    return name + (place.empty() ? " exists already" : fmt::format(" exists since {}", place));
  }
  const std::string place = side.place(refusal.evidence);
  const std::string by = place.empty() ? std::string() : fmt::format(" by {}", place);
  switch (refusal.absence.why) {
    case catalog::Absence::Why::Dropped:
      return fmt::format("{} has been dropped{}", name, by);
    case catalog::Absence::Why::Renamed:
      return fmt::format("{} has been renamed to `{}`{}", name, to_sql(refusal.absence.now), by);
    case catalog::Absence::Why::NeverThere:
    case catalog::Absence::Why::Unmade:
      break;
  }
  return name + " does not exist";
}

/// Applies a file. What it cannot do is said and left out.
void run_file(const std::shared_ptr<const SourceFile>& source, unsigned threads, Side& side) {
  const auto number = static_cast<uint32_t>(side.files.size());
  side.files.push_back(source);
  catalog::Session session;
  session.sets_up_again = false;
  Document::Visitors visitors;
  visitors.in_order = [&](const Document& document, size_t statement) {
    const auto refusals = catalog::apply(side.catalog, session, document, statement, number);
    if (refusals.empty()) return;
    const Statement& refused = document.statements()[statement];
    const uint32_t offset =
        refused.range.begin + (refusals[0].location < static_cast<int>(kLocationShift)
                                   ? 0
                                   : static_cast<uint32_t>(refusals[0].location) - kLocationShift);
    say(fmt::format("{}:{}: warning: {}; the statement is left out", source->path(),
                    source->position(offset).line, reason(refusals[0], side)));
  };
  const Document document = Document::parse(source, threads, visitors);
  catalog::end_session(side.catalog, session);
  for (const UnreadableStatement& unreadable : document.unreadable()) {
    say(fmt::format("{}:{}: warning: {}; the statement is left out", source->path(),
                    source->position(unreadable.range.begin).line,
                    unreadable.message.empty() ? "it cannot be read" : unreadable.message));
  }
}

/// False where a file cannot be read: then the catalog would not be that of the input.
Result<bool> run_files(const Options& options, Side& side) {
  ConfigFiles configs(rule_names(), options.config);
  const Result<std::vector<Input>> inputs = find_inputs(options, configs);
  if (!inputs) return tl::unexpected(inputs.error());
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  bool all = true;
  for (const Input& input : *inputs) {
    // What takes a migration back is not run with it.
    if (input.takes_back && input.error.empty()) continue;
    const auto source = read(input, options.dialect, inputs->size() > 1);
    if (source && *source != nullptr) {
      run_file(*source, threads, side);
    } else if (!source) {
      say(source.error().message);
      all = false;
    }
  }
  return all;
}

std::string script(const std::vector<std::string>& statements) {
  std::string text;
  for (const std::string& statement : statements) text += statement + ";\n";
  return text;
}

/// Texts of files may have any bytes.
std::string dumped(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

int print(const std::string& text) {
  Output out(STDOUT_FILENO);
  out.write(text);
  out.flush();
  if (out.failure() == 0) return 0;
  say(fmt::format("standard output: {}", std::strerror(out.failure())));
  return 1;
}

}  // namespace

int print_catalog(const CatalogOptions& options) {
  Options one = options.inputs;
  Options other = options.inputs;
  other.paths = options.other;
  // `--diff A B` are the two.
  if (one.paths.empty() && other.paths.size() == 2) {
    one.paths = {other.paths[0]};
    other.paths = {other.paths[1]};
  }
  if (one.paths.empty()) {
    say(options.other.empty() ? "nothing to do: name files or folders, or `-` for standard input"
                              : "name what to compare: `dsqlint catalog A --diff B`");
    return 2;
  }
  Side from;
  Side to;
  bool all = true;
  for (const auto& [inputs, side] : {std::pair(&one, &from), {&other, &to}}) {
    if (inputs->paths.empty()) continue;
    const Result<bool> done = run_files(*inputs, *side);
    if (!done) {
      say(done.error().message);
      return 2;
    }
    all = all && *done;
  }
  if (!all) return 1;
  const bool json = options.format == "json";
  if (options.other.empty()) {
    const catalog::Place place = [&](const catalog::Origin& origin) { return from.place(origin); };
    return print(json ? dumped(catalog::to_json(from.catalog.now(), place))
                      : script(catalog::create_statements(from.catalog.now())));
  }
  const std::vector<std::string> statements =
      catalog::difference(from.catalog.now(), to.catalog.now());
  const int failed =
      print(json ? dumped({{"version", 1}, {"statements", statements}}) : script(statements));
  return failed != 0 || !statements.empty() ? 1 : 0;
}

}  // namespace dsqlint
