// unsupported_copy_from_file: COPY with a file or a program of the server.

#include <fmt/format.h>

#include <array>

#include "engine/lint/rule.h"

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

void check(const pg::CopyStmt& copy, Context& ctx) {
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

constexpr std::array kRules = {rule<check>(kCopyFile)};

}  // namespace

std::span<const Rule> copy() { return kRules; }

}  // namespace dsqlint
