// COPY with a file or a program of the server, and options that it does not have or that do not
// fit.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/option_lists.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kCopyFile{
    .id = "unsupported_copy_from_file",
    .summary = "COPY cannot read or write files on the server",
    .why =
        "The file system of the service cannot be reached. psql's `\\copy` reads and\n"
        "writes files of the client, through COPY FROM STDIN and TO STDOUT, with at\n"
        "most 3,000 rows per transaction: split larger files.",
    .bad = "copy t from '/tmp/t.csv' with (format csv);",
};

constexpr RuleInfo kFreeze{
    .id = "copy_freeze",
    .summary = "COPY FREEZE is not supported",
    .why =
        "FREEZE requires a table that was created or truncated in the same transaction, and a\n"
        "transaction cannot hold both that and COPY. It spares PostgreSQL a later VACUUM; the "
        "rows\n"
        "are the same without it.",
    .bad = "copy t from stdin with (freeze);\n\\.\n",
    .good = "copy t from stdin;\n\\.\n",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kOption{
    .id = "invalid_copy_option",
    .summary = "COPY does not have this option, or not in this place",
    .why =
        "Each option has its formats, its direction and its values: QUOTE, ESCAPE and the FORCE\n"
        "options are those of CSV, for instance. PostgreSQL refuses the statement too.",
    .bad = "copy t from stdin with (quote '\"');\n\\.\n",
    .good = "copy t from stdin with (format csv, quote '\"');\n\\.\n",
    .help = "remove the option, or correct the format",
};

void check_file(const pg::CopyStmt& copy, Context& ctx) {
  if (copy.filename().empty()) return;
  const Tokens& tokens = ctx.tokens();
  // COPY name (columns) or COPY (query), then FROM|TO ['PROGRAM'] 'file'.
  size_t at =
      tokens.is_op(1, "(") ? tokens.close(1) : tokens.skip_name(tokens.is(1, "binary") ? 2 : 1);
  while (at < tokens.size() && !tokens.is(at, "from") && !tokens.is(at, "to")) ++at;
  const size_t file = at + (copy.is_program() ? 2 : 1);
  Diagnostic finding{.range = ctx.head(),
                     .message = copy.is_program() ? "COPY cannot run a program on the server"
                                                  : std::string(kCopyFile.summary)};
  if (file < tokens.size()) finding.range = tokens.range(TokenSpan{at, file + 1});
  const bool long_query = at > 40;
  finding.help = fmt::format("in psql: `\\copy {} {} {}'{}'`{}",
                             long_query ? "(…)" : tokens.text({1, std::min(at, tokens.size())}),
                             tokens.text(at), copy.is_program() ? "program " : "", copy.filename(),
                             copy.is_from() ? ", at most 3,000 rows at a time" : "");
  ctx.report(std::move(finding));
}

/// The value as COPY reads it; nothing where there is none.
std::optional<std::string> value_of(const pg::DefElem& option) {
  const pg::Node& arg = option.arg();
  if (arg.node_case() == pg::Node::NODE_NOT_SET) return std::nullopt;
  if (arg.has_boolean()) return arg.boolean().boolval() ? "true" : "false";
  if (const auto number = integer_value(arg)) return std::to_string(*number);
  return string_value(arg);
}

bool is_on(const std::optional<std::string>& value) {
  return !value || is_one_of(downcase(*value), {"true", "on", "1"});
}
bool is_boolean(const std::optional<std::string>& value) {
  return is_on(value) || is_one_of(downcase(*value), {"false", "off", "0"});
}

enum class CopyFormat : uint8_t { Text, Csv, Binary, Unknown };

struct CopyOption {
  std::string_view name;
  bool csv_only = false;
  bool in_binary = false;
  bool from = true;
  bool to = true;
};

// Sorted by name. `freeze` has a rule of its own, and newer_postgres_syntax those of later
// versions.
constexpr std::array kCopyOptions = {
    CopyOption{.name = "default", .to = false},
    CopyOption{.name = "delimiter"},
    CopyOption{.name = "encoding", .in_binary = true},
    CopyOption{.name = "escape", .csv_only = true},
    CopyOption{.name = "force_not_null", .csv_only = true, .to = false},
    CopyOption{.name = "force_null", .csv_only = true, .to = false},
    CopyOption{.name = "force_quote", .csv_only = true, .from = false},
    CopyOption{.name = "format", .in_binary = true},
    CopyOption{.name = "freeze", .in_binary = true},
    CopyOption{.name = "header"},
    CopyOption{.name = "log_verbosity", .in_binary = true},
    CopyOption{.name = "null"},
    CopyOption{.name = "on_error", .in_binary = true},
    CopyOption{.name = "quote", .csv_only = true},
    CopyOption{.name = "reject_limit", .in_binary = true},
};
static_assert(std::is_sorted(kCopyOptions.begin(), kCopyOptions.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));

CopyFormat format_of(const pg::CopyStmt& copy) {
  for (const pg::Node& node : copy.options()) {
    if (node.def_elem().defname() != "format") continue;
    const std::string name = value_of(node.def_elem()).value_or("");
    return name == "text"     ? CopyFormat::Text
           : name == "csv"    ? CopyFormat::Csv
           : name == "binary" ? CopyFormat::Binary
                              : CopyFormat::Unknown;
  }
  return CopyFormat::Text;
}

/// What is wrong with the option, in words that follow its name; empty where nothing is.
std::string fault(const pg::DefElem& option, const pg::CopyStmt& copy, CopyFormat format) {
  const std::string& name = option.defname();
  const auto known = std::lower_bound(
      kCopyOptions.begin(), kCopyOptions.end(), name,
      [](const CopyOption& row, std::string_view wanted) { return row.name < wanted; });
  if (known == kCopyOptions.end() || known->name != name) return "does not exist";
  if (copy.is_from() ? !known->from : !known->to) {
    return fmt::format("is available in COPY {} only", known->from ? "FROM" : "TO");
  }
  if (known->csv_only && format != CopyFormat::Csv && format != CopyFormat::Unknown) {
    return "is available in the format `csv` only";
  }
  if (!known->in_binary && format == CopyFormat::Binary) {
    return "is not available in the format `binary`";
  }
  const std::optional<std::string> value = value_of(option);
  if (name == "format" && format == CopyFormat::Unknown) return "takes `text`, `csv` or `binary`";
  if (name == "header" && !is_boolean(value)) {
    if (downcase(*value) != "match") return "takes a Boolean or `match`";
    if (!copy.is_from()) return "takes `match` in COPY FROM only";
  }
  if (name == "freeze" && !is_boolean(value)) return "takes a Boolean";
  if (name == "quote" || name == "escape" || name == "delimiter") {
    if (value.value_or("").size() != 1) return "takes a single one-byte character";
    if (name != "delimiter") return {};
    const char c = value->front();
    if (c == '\n' || c == '\r') return "cannot be a line break";
    const bool special = c == '\\' || c == '.' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (format == CopyFormat::Text && special) return fmt::format("cannot be `{}`", *value);
  }
  return {};
}

void check_options(const pg::CopyStmt& copy, Context& ctx) {
  const CopyFormat format = format_of(copy);
  for (const pg::Node& node : copy.options()) {
    const pg::DefElem& option = node.def_elem();
    const std::string wrong = fault(option, copy, format);
    if (wrong.empty()) continue;
    const size_t at = ctx.token_at(option.location());
    ctx.report({.range = at == Tokens::npos ? ctx.head() : ctx.tokens().range(at),
                .message = fmt::format("option `{}` {}", option.defname(), wrong)});
  }
}

void check_freeze(const pg::CopyStmt& copy, Context& ctx) {
  if (!copy.is_from()) return;
  for (const pg::Node& node : copy.options()) {
    const pg::DefElem& option = node.def_elem();
    if (option.defname() != "freeze" || !is_on(value_of(option))) continue;
    const size_t at = ctx.token_at(option.location());
    if (at == Tokens::npos || at == 0) continue;
    Diagnostic finding{.range = ctx.tokens().range(at),
                       .notes = {{"the rows are the same without it"}}};
    std::vector<Edit> edits = remove_listed_option(at, ctx);
    if (!edits.empty()) finding.fix = Fix{Safety::Exact, "remove the option", std::move(edits)};
    ctx.report(std::move(finding));
  }
}

constexpr std::array kRules = {rule<check_file>(kCopyFile), rule<check_options>(kOption),
                               rule<check_freeze>(kFreeze)};

}  // namespace

std::span<const Rule> copy() { return kRules; }

}  // namespace dsqlint
