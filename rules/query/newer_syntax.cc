// What later versions of PostgreSQL brought and the parser does not know: parts of statements that
// are hidden from it, and whole statements. ALTER VIEW … AS, which no version has, is found with
// them.

#include "engine/text/newer_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "engine/lint/rule.h"
#include "engine/parse/ranges.h"
#include "fixers/fixers.h"
#include "rules/shared/newer_syntax.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kAlterViewQuery{
    .id = "unsupported_alter_view_as_query",
    .summary = "ALTER VIEW cannot change the query",
    .why =
        "`ALTER VIEW … AS` is a syntax error, as in PostgreSQL. CREATE OR REPLACE VIEW changes "
        "the\n"
        "query; the columns that are there keep their names, types and order, and new ones follow\n"
        "them.",
    .bad = "alter view v as select 1 as a;",
    .good = "create or replace view v as select 1 as a;",
};

/// What is said of a part that is hidden from the parser.
struct HiddenPart {
  MaskKind kind;
  std::string_view what;  ///< in front of "came with PostgreSQL"
  int version;
  std::string_view help;  ///< where no fix is known
};

constexpr std::array kParts = {
    HiddenPart{MaskKind::VirtualColumn, "a virtual generated column", 18, ""},
    HiddenPart{MaskKind::UnstoredColumn, "a generated column without STORED", 18, ""},
    HiddenPart{MaskKind::TableNotNull, "NOT NULL as a constraint of the table", 18,
               "write NOT NULL after the column's type"},
    HiddenPart{MaskKind::NotNullNoInherit, "NO INHERIT after NOT NULL", 18, ""},
    HiddenPart{MaskKind::WithoutOverlaps, "WITHOUT OVERLAPS", 18,
               "store the bounds of the period in two columns, make a key of columns that are "
               "equal, and look for overlaps before each write"},
    HiddenPart{MaskKind::Period, "PERIOD in a foreign key", 18,
               "refer to columns that are equal, and look in the application whether the period "
               "is covered"},
    HiddenPart{MaskKind::ReturningAliases, "WITH after RETURNING", 18,
               "name columns alone after RETURNING: it gives the row as it is then; read the old "
               "row before, in the same transaction"},
    HiddenPart{MaskKind::GroupByAll, "GROUP BY ALL", 19, "list the expressions to group by"},
    HiddenPart{MaskKind::NullTreatment, "the treatment of nulls in a window function", 19,
               "filter the nulls in a subquery"},
    HiddenPart{MaskKind::OnlyTable, "ONLY in ANALYZE and VACUUM", 18, ""},
};

std::string newer_message(std::string_view what, int version) {
  return fmt::format("{} came with PostgreSQL {}; the engine speaks 16", what, version);
}

/// From NOT NULL in an element of a table to the column's own: the element goes, and the words come
/// to stand after the column, where that is easily found.
std::optional<Fix> move_not_null(const Mask& mask, const Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const auto* create = ctx.tree().as<pg::CreateStmt>();
  size_t i = tokens.at(mask.range.begin);
  size_t end = i;
  while (end < tokens.size() && tokens[end].begin < mask.range.end) ++end;
  if (create == nullptr) return std::nullopt;
  const TokenSpan span{i, end};
  if (tokens.is_op(i, ",")) ++i;
  std::string name;
  if (tokens.is(i, "constraint")) {
    name = fmt::format("{} ", tokens.text({i, i + 2}));
    i += 2;
  }
  const std::string column = tokens.name(i + 2);
  const std::string words = " " + name + std::string(tokens.text({i, i + 2}));
  for (const pg::Node& node : create->table_elts()) {
    if (!node.has_column_def() || node.column_def().colname() != column) continue;
    for (const pg::Node& constraint : node.column_def().constraints()) {
      if (constraint.constraint().contype() == pg::CONSTR_NOTNULL) return std::nullopt;
    }
    const ColumnParts parts = column_parts(node.column_def(), ctx);
    if (parts.type.empty()) return std::nullopt;
    return Fix{Safety::Exact,
               "write NOT NULL after the column's type",
               {fixers::insert_after(tokens, parts.type.end - 1, words),
                fixers::remove(tokens, span, ctx.source().text())}};
  }
  return std::nullopt;
}

void add_fix(const Mask& mask, const Context& ctx, Diagnostic& finding) {
  const Tokens& tokens = ctx.tokens();
  const size_t first = tokens.at(mask.range.begin);
  size_t end = first;
  while (end < tokens.size() && tokens[end].begin < mask.range.end) ++end;
  const TokenSpan span{first, end};
  constexpr std::string_view kStored =
      "the value is calculated when the row is written, and stored; queries see the same value";
  switch (mask.kind) {
    case MaskKind::VirtualColumn:
      finding.notes.push_back({std::string(kStored)});
      finding.fix = Fix{Safety::Exact,
                        "write STORED",
                        {fixers::replace(tokens, span, match_case(tokens.text(first), "STORED"))}};
      return;
    case MaskKind::UnstoredColumn: {
      const size_t close = tokens.close(end);
      if (close == Tokens::npos) return;
      finding.notes.push_back({std::string(kStored)});
      finding.fix =
          Fix{Safety::Exact,
              "add STORED",
              {fixers::insert_after(tokens, close, match_case(tokens.text(first), " STORED"))}};
      return;
    }
    case MaskKind::NotNullNoInherit:
      finding.notes.push_back({"no table inherits from another"});
      finding.fix =
          Fix{Safety::Exact, "remove it", {fixers::remove(tokens, span, ctx.source().text())}};
      return;
    case MaskKind::OnlyTable:
      finding.notes.push_back({"no table has partitions or children"});
      finding.fix = Fix{
          Safety::Exact, "remove the word", {fixers::remove(tokens, span, ctx.source().text())}};
      return;
    case MaskKind::TableNotNull:
      finding.fix = move_not_null(mask, ctx);
      return;
    default:
      return;
  }
}

void check_part(Context& ctx) {
  for (const Mask& mask : ctx.statement().masks) {
    const auto known = std::find_if(kParts.begin(), kParts.end(),
                                    [&](const HiddenPart& part) { return part.kind == mask.kind; });
    if (known == kParts.end()) continue;
    Diagnostic finding{.range = mask.range,
                       .message = newer_message(known->what, known->version),
                       .help = std::string(known->help)};
    add_fix(mask, ctx, finding);
    if (finding.fix) finding.help.clear();
    ctx.report(std::move(finding));
  }
}

struct NewerStatement {
  KnownSyntax kind;
  std::string_view what;
  int version;
  std::string_view help;
  bool removable = false;  ///< it changes nothing that a query sees
};

constexpr std::array kStatements = {
    NewerStatement{KnownSyntax::AddNotNull, "NOT NULL as a constraint of the table", 18, ""},
    NewerStatement{KnownSyntax::ConstraintInherit, "INHERIT of a constraint", 18,
                   "remove the statement: no table inherits from another", true},
    NewerStatement{KnownSyntax::ConstraintEnforced, "ENFORCED of a constraint", 18,
                   "remove the statement: every constraint is enforced"},
    NewerStatement{KnownSyntax::SplitPartition, "SPLIT PARTITION", 19,
                   "remove the statement: tables have no partitions"},
    NewerStatement{KnownSyntax::MergePartitions, "MERGE PARTITIONS", 19,
                   "remove the statement: tables have no partitions"},
    NewerStatement{KnownSyntax::ConflictSelect, "ON CONFLICT DO SELECT", 19,
                   "write ON CONFLICT … DO NOTHING, and select the row afterwards"},
    NewerStatement{KnownSyntax::PortionOf, "FOR PORTION OF", 19,
                   "change the bounds and insert the remaining rows in statements of their own"},
    NewerStatement{KnownSyntax::Repack, "REPACK", 19, "", true},
    NewerStatement{KnownSyntax::WaitFor, "WAIT FOR", 19, "", true},
    NewerStatement{KnownSyntax::PropertyGraph, "a property graph", 19,
                   "write the joins out in a view"},
};

/// ADD [CONSTRAINT n] NOT NULL c …, as a check.
Fix write_check(TokenSpan action, const Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  size_t i = action.begin + 1;
  if (tokens.is(i, "constraint")) i += 2;
  const TokenSpan words{i, i + 3};  // NOT NULL c
  const std::string check = match_case(tokens.text(i), "CHECK (") +
                            std::string(tokens.text(i + 2)) +
                            match_case(tokens.text(i), " IS NOT NULL)");
  return {
      Safety::Review, fmt::format("write `{}`", check), {fixers::replace(tokens, words, check)}};
}

void check_statement(Context& ctx) {
  if (ctx.statement().cls != StatementClass::Unreadable || ctx.tokens().empty()) return;
  const auto found = known_statement(ctx.tokens());
  if (!found || found->kind == KnownSyntax::AlterViewQuery) return;
  const auto known =
      std::find_if(kStatements.begin(), kStatements.end(),
                   [&](const NewerStatement& one) { return one.kind == found->kind; });
  if (known == kStatements.end()) return;
  Diagnostic finding{.range = ctx.tokens().range(found->words),
                     .message = newer_message(known->what, known->version),
                     .help = std::string(known->help)};
  if (found->kind == KnownSyntax::AddNotNull) {
    finding.notes.push_back({"a check keeps nulls out in the same way"});
    finding.fix = write_check(found->words, ctx);
  } else if (known->removable) {
    finding.help.clear();
    finding.fix = Fix{Safety::Review,
                      "remove the statement",
                      {fixers::remove_statement(ctx.source(), ctx.statement())}};
  }
  ctx.report(std::move(finding));
}

void check_view_query(Context& ctx) {
  if (ctx.statement().cls != StatementClass::Unreadable || ctx.tokens().empty()) return;
  const Tokens& tokens = ctx.tokens();
  const auto found = known_statement(tokens);
  if (!found || found->kind != KnownSyntax::AlterViewQuery) return;
  const size_t name = tokens.are(2, {"if", "exists"}) ? 4 : 2;
  const std::string_view view = tokens.text({name, tokens.skip_name(name)});
  ctx.report({.range = tokens.range(found->words),
              .message = fmt::format("the query of view `{}` cannot be altered", view),
              .help = fmt::format("write `CREATE OR REPLACE VIEW {} AS …`", view)});
}

constexpr std::array kRules = {
    rule<check_part>(kNewerSyntax),
    rule<check_statement>(kNewerSyntax),
    rule<check_view_query>(kAlterViewQuery),
};

}  // namespace

std::span<const Rule> newer_syntax() { return kRules; }

}  // namespace dsqlint
