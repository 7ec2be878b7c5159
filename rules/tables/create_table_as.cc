// create_table_as, select_into: tables made from a query. Where the query's columns are known they
// become a CREATE TABLE and an INSERT.

#include <fmt/format.h>

#include <array>
#include <set>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/expressions/query_columns.h"

namespace dsqlint {
namespace {

constexpr std::string_view kWhy =
    "Create the table with its columns listed, and fill it with `INSERT INTO …\n"
    "SELECT` in a separate transaction, at most 3,000 rows at a time. Give it a\n"
    "primary key in CREATE TABLE: it cannot be added later, and the table is stored\n"
    "in its order.";

constexpr RuleInfo kAs{
    .id = "create_table_as",
    .summary = "CREATE TABLE AS is not supported",
    .why = kWhy,
    .bad = "create table t as select * from elsewhere;",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kInto{
    .id = "select_into",
    .summary = "SELECT INTO is not supported",
    .why = kWhy,
    .bad = "select * into t from elsewhere;",
    .fixes = Fixes::Sometimes,
};

/// The table to be made.
struct Target {
  const pg::IntoClause& into;
  bool if_not_exists = false;

  std::string name() const { return to_sql(object_name(into.rel())); }
};

/// Names and types for the new table: those of its column list first.
std::vector<QueryColumn> columns_of(const Target& target,
                                    std::optional<std::vector<QueryColumn>> columns) {
  std::vector<QueryColumn> result = columns.value_or(std::vector<QueryColumn>());
  const auto& names = target.into.col_names();
  if (static_cast<size_t>(names.size()) > result.size()) {
    result.resize(static_cast<size_t>(names.size()));
  }
  for (int i = 0; i < names.size(); ++i) {
    result[static_cast<size_t>(i)].name = string_value(names[i]);
  }
  return result;
}

bool complete(const std::vector<QueryColumn>& columns) {
  std::set<std::string_view> names;
  return !columns.empty() &&
         std::all_of(columns.begin(), columns.end(), [&](const QueryColumn& column) {
           return !column.name.empty() && !column.type.empty() && names.insert(column.name).second;
         });
}

/// `a integer, b …`; what is unknown as `…`.
std::string spell(const std::vector<QueryColumn>& columns, std::string_view separator) {
  std::string list;
  for (const QueryColumn& column : columns) {
    if (!list.empty()) list += separator;
    list += column.name.empty() ? "…" : quote_identifier(column.name);
    list += ' ';
    list += column.type.empty() ? "…" : column.type;
  }
  return list.empty() ? "…" : list;
}

/// CREATE TABLE name (columns), in the user's case and indentation.
std::string create_table(const SchemaContext& ctx, const Target& target,
                         const std::vector<QueryColumn>& columns) {
  const std::string_view text = ctx.source().text();
  std::string line(fixers::line_break(text));
  line += fixers::indentation(text, ctx.statement().range.begin);
  const std::string_view verb =
      target.if_not_exists ? "CREATE TABLE IF NOT EXISTS" : "CREATE TABLE";
  return fmt::format("{} {} ({}    {}{})", match_case(ctx.tokens().text(0), verb), target.name(),
                     line, spell(columns, "," + line + "    "), line);
}

Diagnostic describe(const Target& target, const std::vector<QueryColumn>& columns, bool fixable) {
  Diagnostic finding;
  if (fixable) {
    finding.notes.push_back(
        {"CREATE TABLE and INSERT are two transactions, and the INSERT can add "
         "3,000 rows: copy more in batches"});
  } else {
    finding.help = fmt::format(
        "write `CREATE TABLE {0} ({1})`, then `INSERT INTO {0} SELECT …` in a "
        "transaction of its own",
        target.name(), spell(columns, ", "));
  }
  if (target.into.rel().relpersistence() == "t") {
    finding.notes.push_back({"the table becomes permanent: drop it when done"});
  }
  return finding;
}

void check_as(const pg::CreateTableAsStmt& as, SchemaContext& ctx) {
  if (as.objtype() != pg::OBJECT_TABLE) return;
  const Tokens& tokens = ctx.tokens();
  const Target target{as.into(), as.if_not_exists()};
  std::optional<std::vector<QueryColumn>> known;
  if (as.query().has_select_stmt()) known = query_columns(as.query().select_stmt(), ctx);
  const std::vector<QueryColumn> columns = columns_of(target, std::move(known));
  // CREATE … AS, with nothing in between that could be another AS.
  const size_t table = tokens.find(tokens.all(), "table");
  const size_t word = tokens.find({table == Tokens::npos ? 0 : table, tokens.size()}, "as");
  const bool fix = complete(columns) && word != Tokens::npos &&
                   !touches_comment(tokens, tokens.range(TokenSpan{0, word + 1}));
  Diagnostic finding = describe(target, columns, fix);
  finding.range = ctx.head();
  finding.message = fmt::format("table `{}` is created from a query", target.name());
  if (fix) {
    std::string create = create_table(ctx, target, columns);
    Fix& made = finding.fix.emplace();
    made.title = "create the table, then insert";
    if (target.into.skip_data()) {
      made.edits = {fixers::replace(tokens, tokens.all(), std::move(create))};
      made.title = "create the table";
    } else {
      const std::string_view text = ctx.source().text();
      create += ';';
      create += fixers::line_break(text);
      create += fixers::indentation(text, ctx.statement().range.begin);
      create += fmt::format("{} {}", match_case(tokens.text(0), "INSERT INTO"), target.name());
      size_t end = tokens.size();
      if (tokens.are(end - 2, {"with", "data"})) {
        made.edits.push_back(fixers::remove(tokens, {end - 2, end}, text));
        end -= 2;
      }
      if (target.if_not_exists) {
        // CREATE TABLE AS adds no rows to a table that is there.
        create += match_case(tokens.text(0), " SELECT * FROM");
        made.edits.push_back(fixers::insert_before(tokens, word + 1, "("));
        made.edits.push_back(fixers::insert_after(
            tokens, end - 1,
            fmt::format("){}made{}{})", match_case(tokens.text(0), " AS "),
                        match_case(tokens.text(0), " WHERE NOT EXISTS (SELECT 1 FROM "),
                        target.name())));
        finding.notes.push_back(
            {"the INSERT adds rows only while the table is empty, so that the next run adds none"});
      }
      made.edits.push_back(fixers::replace(tokens, {0, word + 1}, std::move(create)));
    }
  }
  ctx.report(std::move(finding));
}

void check_into(const pg::SelectStmt& select, SchemaContext& ctx) {
  const pg::SelectStmt* first = &select;  // of a UNION
  while (!first->has_into_clause() && first->has_larg()) first = &first->larg();
  if (!first->has_into_clause()) return;
  const Tokens& tokens = ctx.tokens();
  const Target target{first->into_clause()};
  std::optional<std::vector<QueryColumn>> known = query_columns(select, ctx);
  const std::vector<QueryColumn> columns = columns_of(target, std::move(known));
  const size_t into = tokens.find(tokens.all(), "into");
  if (into == Tokens::npos) return;
  // INTO [TEMP | UNLOGGED …] [TABLE] name
  size_t name = into + 1;
  while (tokens.is(name, "temp") || tokens.is(name, "temporary") || tokens.is(name, "local") ||
         tokens.is(name, "global") || tokens.is(name, "unlogged") || tokens.is(name, "table")) {
    ++name;
  }
  const size_t end = tokens.skip_name(name);
  const bool fix = complete(columns);
  Diagnostic finding = describe(target, columns, fix);
  finding.range = tokens.range(TokenSpan{into, std::max(end, into + 1)});
  finding.message = fmt::format("table `{}` is created from a query", target.name());
  if (fix) {
    const std::string_view text = ctx.source().text();
    std::string create = create_table(ctx, target, columns);
    create += ';';
    create += fixers::line_break(text);
    create += fixers::indentation(text, ctx.statement().range.begin);
    create += fmt::format("{} {} ", match_case(tokens.text(0), "INSERT INTO"), target.name());
    finding.fix = Fix{Safety::Review,
                      "create the table, then insert",
                      {fixers::insert_before(tokens, 0, std::move(create)),
                       fixers::remove(tokens, {into, end}, text)}};
  }
  ctx.report(std::move(finding));
}

void check_in_body(const pg::CreateTableAsStmt& as, Context& ctx) {
  if (!ctx.in_body() || !ctx.parents().empty() || as.objtype() != pg::OBJECT_TABLE) return;
  ctx.report({.range = ctx.head(),
              .message = fmt::format("table `{}` is created from a query",
                                     to_sql(object_name(as.into().rel()))),
              .help = "create the table outside of the function, and insert the rows in it"});
}

constexpr std::array kRules = {
    rule<check_as>(kAs),
    rule<check_in_body>(kAs),
    rule<check_into>(kInto),
};

}  // namespace

std::span<const Rule> create_table_as() { return kRules; }

}  // namespace dsqlint
