// Names: too long, equal once they are cut, or a word that Aurora DSQL reserves.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/columns.h"
#include "rules/shared/refusal.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kLong{
    .id = "identifier_too_long",
    .summary = "the name is longer than 63 bytes",
    .why =
        "Names are silently truncated to 63 bytes. Statements that write the whole name\n"
        "still find the object; catalogs, error messages and tools show the truncated\n"
        "name.",
    .bad =
        "create table a_table_with_a_name_that_is_longer_than_sixty_three_bytes_really (a "
        "integer);",
    .severity = Severity::Warning,
    .help = "choose a name of at most 63 bytes",
};

constexpr RuleInfo kCollision{
    .id = "identifier_collision",
    .summary = "two names are the same after truncation to 63 bytes",
    .why = "The second object cannot be created, or its name silently refers to the first.",
    .bad =
        "create table t (\n"
        "  -- dsqlint: ignore-file identifier_too_long: the example\n"
        "  a_column_with_a_name_that_is_longer_than_sixty_three_bytes_are_one integer,\n"
        "  a_column_with_a_name_that_is_longer_than_sixty_three_bytes_are_two integer\n"
        ");",
    .help = "make the names differ in their first 63 bytes",
};

constexpr RuleInfo kAsync{
    .id = "reserved_async",
    .summary = "`async` is a reserved word",
    .why = "PostgreSQL accepts it as a name; Aurora DSQL only in quotes.",
    .bad = "create table async (id integer);",
    .good = "create table \"async\" (id integer);",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kSystemColumn{
    .id = "system_column_name",
    .summary = "a column cannot have the name of a system column",
    .why =
        "Every table has the hidden columns tableoid, cmax, xmax, cmin, xmin and ctid. PostgreSQL\n"
        "refuses a column of such a name in a table; in a view it is allowed.",
    .bad = "create table t (id integer, xmin integer);",
    .good = "create table t (id integer, x_min integer);",
    .help = "choose another name",
};

constexpr uint32_t kNameBytes = 63;

/// The bytes of the name itself, without quotes.
size_t name_bytes(const Tokens& tokens, size_t i) {
  const Token& token = tokens[i];
  const uint32_t written = token.end - token.begin;
  if (written <= kNameBytes) return written;
  return token.kind == TokenKind::QuotedName ? tokens.name(i).size() : written;
}

void check_length(Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens.is_name(i) || name_bytes(tokens, i) <= kNameBytes) continue;
    ctx.report({.range = tokens.range(i),
                .message = fmt::format("the name is {} bytes long", name_bytes(tokens, i)),
                .notes = {{"it is truncated to 63 bytes"}}});
  }
}

bool is_system_column(std::string_view name) {
  return is_one_of(name, {"tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"});
}

void report_system_column(const std::string& name, size_t at, Context& ctx) {
  ctx.report(
      {.range = at == Tokens::npos ? ctx.head() : ctx.tokens().range(at),
       .message = fmt::format("column name `{}` conflicts with a system column name", name)});
}

void check_system_column(const pg::ColumnDef& column, Context& ctx) {
  if (!is_system_column(column.colname()) || column_place(ctx) == ColumnPlace::None) return;
  report_system_column(column.colname(), ctx.token_at(column.location()), ctx);
}

void check_system_rename(const pg::RenameStmt& rename, Context& ctx) {
  if (rename.rename_type() != pg::OBJECT_COLUMN || rename.relation_type() != pg::OBJECT_TABLE ||
      !is_system_column(rename.newname()) || !ctx.parents().empty()) {
    return;
  }
  report_system_column(rename.newname(), ctx.tokens().size() - 1, ctx);
}

/// Column names of one table, by what is left of them.
void check_columns(const pg::CreateStmt& create, Context& ctx) {
  std::unordered_map<std::string_view, size_t> seen;  // the first token of that name
  const Tokens& tokens = ctx.tokens();
  for (const pg::Node& element : create.table_elts()) {
    if (!element.has_column_def()) continue;
    const std::string& name = element.column_def().colname();
    if (name.size() + 4 <= kNameBytes) continue;  // cutting leaves at least this much
    const size_t at = ctx.token_at(element.column_def().location());
    if (at == Tokens::npos || !tokens.is_name(at)) continue;
    const auto [known, added] = seen.emplace(name, at);
    if (added || tokens.name(known->second) == tokens.name(at)) continue;
    ctx.report(
        {.range = tokens.range(at),
         .message = fmt::format("two columns have the same name after truncation: `{}`", name),
         .notes = {{"the other column", tokens.range(known->second)}}});
  }
}

/// Of tables, indexes, views and sequences, which share one namespace: those that may have been
/// cut.
struct LongNames {
  struct LongName {
    size_t statement;
    std::string name;  ///< as it is once cut
  };
  std::vector<LongName> all;
};

void note_name(const std::string& name, NoteContext& ctx) {
  if (name.size() + 4 <= kNameBytes) return;  // cutting leaves at least this much
  ctx.notes<LongNames>().all.push_back({ctx.index(), name});
}
void note_table(const pg::CreateStmt& create, NoteContext& ctx) {
  note_name(create.relation().relname(), ctx);
}
void note_index(const pg::IndexStmt& index, NoteContext& ctx) { note_name(index.idxname(), ctx); }
void note_view(const pg::ViewStmt& view, NoteContext& ctx) {
  note_name(view.view().relname(), ctx);
}
void note_sequence(const pg::CreateSeqStmt& create, NoteContext& ctx) {
  note_name(create.sequence().relname(), ctx);
}

void check_relations(ScriptContext& ctx) {
  struct First {
    std::string full;
    Range place;
  };
  std::unordered_map<std::string, First> seen;
  for (const auto& [statement, name] : ctx.notes<LongNames>().all) {
    const Tokens tokens = ctx.document().tokens(statement);
    for (size_t k = 0; k < tokens.size(); ++k) {
      if (!tokens.is_name(k) || tokens[k].end - tokens[k].begin < name.size()) continue;
      std::string full = tokens.name(k);
      if (!full.starts_with(name)) continue;
      const auto [known, added] = seen.emplace(name, First{full, tokens.range(k)});
      if (!added && known->second.full != full) {
        ctx.report(
            {.range = tokens.range(k),
             .message = fmt::format("two objects have the same name after truncation: `{}`", name),
             .notes = {{"the other object", known->second.place}}});
      }
      break;
    }
  }
}

/// Is the AS at `as` that of a table in FROM? Its alias has to be a name that is not reserved; that
/// of a column in a SELECT list need not.
bool names_relation(const Tokens& tokens, size_t as) {
  size_t brackets = 0;
  for (size_t i = as; i-- > 0;) {
    if (tokens.is_op(i, ")")) ++brackets;
    if (tokens.is_op(i, "(")) {
      if (brackets == 0) return false;
      --brackets;
    }
    if (brackets != 0) continue;
    if (tokens.is(i, "from") || tokens.is(i, "join") || tokens.is(i, "using") ||
        tokens.is(i, "update") || tokens.is(i, "into")) {
      return true;
    }
    if (tokens.is(i, "select") || tokens.is(i, "returning")) return false;
  }
  return false;
}

/// Bare words only: quoted, after the AS of a column or after a dot it is a name for Aurora DSQL
/// too.
void check_async(Context& ctx) {
  if (ctx.statement().cls == StatementClass::Unreadable) return;  // what a word is, is not known
  const Tokens& tokens = ctx.tokens();
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens.is(i, "async")) continue;
    const Range range = tokens.range(i);
    const auto& masks = ctx.statement().masks;
    const bool masked = std::any_of(masks.begin(), masks.end(),
                                    [&](const Mask& mask) { return mask.range == range; });
    if (masked || (i > 0 && tokens.is_op(i - 1, "."))) continue;
    if (i > 0 && tokens.is(i - 1, "as") && !names_relation(tokens, i - 1)) continue;
    ctx.report(
        {.range = range,
         .message = "`async` is a reserved word",
         .fix = Fix{
             Safety::Exact, "quote the name", {fixers::replace(tokens, {i, i + 1}, "\"async\"")}}});
  }
}

constexpr std::array kRules = {rule<check_length>(kLong),
                               rule<check_columns>(kCollision),
                               rule<check_relations>(kCollision),
                               rule<check_async>(kAsync),
                               rule<check_system_column>(kSystemColumn),
                               rule<check_system_rename>(kSystemColumn),
                               rule<note_table>(kCollision),
                               rule<note_index>(kCollision),
                               rule<note_view>(kCollision),
                               rule<note_sequence>(kCollision)};

}  // namespace

std::span<const Rule> identifiers() { return kRules; }

}  // namespace dsqlint
