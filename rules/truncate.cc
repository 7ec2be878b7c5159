// truncate: TRUNCATE, rewritten as DELETE.

#include <fmt/format.h>

#include <array>

#include "engine/names.h"
#include "engine/rule.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kTruncate{
    .id = "truncate",
    .summary = "TRUNCATE is not supported",
    .why =
        "DELETE empties a table, but row by row: a transaction can delete 3,000 rows, so a bigger\n"
        "table needs batches, each in a transaction of its own:\n"
        "`delete from t where id in (select id from t limit 3000)` until no row is left.\n"
        "Or drop the table and create it again. DELETE restarts no identity column and follows\n"
        "foreign keys by their own ON DELETE actions.",
    .bad = "truncate table a, b;",
    .good = "delete from a;\ndelete from b;",
    .fixes = Fixes::Always,
};

constexpr size_t kMaxOrdered = 64;

/// Identity columns, and `serial` ones, which become identity columns.
std::vector<std::string> identity_columns(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) {
    if (column.identity || column.type.name.find("serial") != std::string::npos) {
      names.push_back(column.name);
    }
  }
  return names;
}

using Tables = std::vector<const Table*>;  ///< of the list; null: not in this input

bool refers_to(const Table& child, const Table* parent, const Schema& schema) {
  return parent != nullptr && std::any_of(child.foreign_keys.begin(), child.foreign_keys.end(),
                                          [&](const ForeignKey& key) {
                                            return schema.find_table(key.target) == parent;
                                          });
}

/// The order in which rows can be deleted: those that refer to others first. Positions in the list;
/// the user's order where nothing asks for another.
std::vector<size_t> deletion_order(const Tables& tables, const Schema& schema) {
  std::vector<size_t> order;
  std::vector<bool> done(tables.size(), false);
  while (order.size() < tables.size()) {
    size_t next = tables.size();
    for (size_t i = 0; i < tables.size() && next == tables.size(); ++i) {
      if (done[i]) continue;
      bool referred_to = false;
      for (size_t j = 0; j < tables.size() && !referred_to; ++j) {
        referred_to = !done[j] && j != i && tables[j] != nullptr && tables[j] != tables[i] &&
                      refers_to(*tables[j], tables[i], schema);
      }
      if (!referred_to) next = i;
    }
    // Tables that refer to each other: as they stand.
    if (next == tables.size()) {
      next = static_cast<size_t>(std::find(done.begin(), done.end(), false) - done.begin());
    }
    done[next] = true;
    order.push_back(next);
  }
  return order;
}

/// Tables outside of the list that refer to it, for CASCADE.
std::string children_of(const Tables& tables, const Schema& schema) {
  std::string names;
  for (const Table& table : schema.tables()) {
    if (table.dropped || std::find(tables.begin(), tables.end(), &table) != tables.end() ||
        std::none_of(tables.begin(), tables.end(),
                     [&](const Table* parent) { return refers_to(table, parent, schema); })) {
      continue;
    }
    names += names.empty() ? "`" : ", `";
    names += to_sql(table.name) + "`";
  }
  return names;
}

void check(const pg::TruncateStmt& truncate, SchemaContext& ctx) {
  const Tokens& tokens = ctx.tokens();
  const size_t first = tokens.is(1, "table") ? 2 : 1;
  // The list ends where RESTART, CONTINUE, CASCADE or RESTRICT begins.
  size_t end = first;
  while (end < tokens.size() && !tokens.are(end, {"restart", "identity"}) &&
         !tokens.are(end, {"continue", "identity"}) &&
         !(end > first && !tokens.is_op(end - 1, ",") && !tokens.is_op(end - 1, ".") &&
           !tokens.is(end - 1, "only") &&
           (tokens.is(end, "cascade") || tokens.is(end, "restrict")))) {
    ++end;
  }
  const std::vector<TokenSpan> tables = tokens.split({first, end});
  Tables known;
  for (const pg::Node& node : truncate.relations()) {
    known.push_back(ctx.schema().find_table(object_name(node.range_var())));
  }

  Diagnostic finding{.range = ctx.head()};
  if (truncate.relations_size() == 1) {
    finding.message = fmt::format("table `{}` cannot be truncated",
                                  to_sql(object_name(truncate.relations(0).range_var())));
  }
  finding.notes.push_back(
      {"a transaction can delete 3,000 rows: empty a bigger table in batches, "
       "or drop and create it again"});
  const std::string opening = match_case(tokens.text(0), "DELETE FROM ");
  std::vector<Edit> edits = fixers::split_statement(ctx.source(), tokens, tables, opening);
  edits.push_back(fixers::replace(tokens, {0, first}, opening.substr(0, opening.size() - 1)));
  if (end < tokens.size()) {
    const Range tail{tokens[end - 1].end, tokens[tokens.size() - 1].end};
    edits.push_back(touches_comment(tokens, tail)
                        ? fixers::remove(tokens, {end, tokens.size()}, ctx.source().text())
                        : Edit{tail, ""});
  }
  // A long list is not worth the search.
  if (known.size() == tables.size() && known.size() <= kMaxOrdered) {
    const std::vector<size_t> order = deletion_order(known, ctx.schema());
    for (size_t i = 0; i < order.size(); ++i) {
      if (order[i] == i) continue;
      edits.push_back(
          fixers::replace(tokens, tables[i], std::string(tokens.text(tables[order[i]]))));
    }
  }
  std::string restarts;
  for (const pg::Node& node : truncate.relations()) {
    const ObjectName name = object_name(node.range_var());
    const Table* table = ctx.schema().find_table(name);
    if (!truncate.restart_seqs()) continue;
    if (table == nullptr) {
      finding.notes.push_back(
          {fmt::format("`{0}` is not created here: where it has an identity column, restart "
                       "it with `ALTER TABLE {0} ALTER COLUMN … RESTART`",
                       to_sql(name))});
      continue;
    }
    for (const std::string& column : identity_columns(*table)) {
      if (!restarts.empty()) {
        restarts += ';';
        restarts += fixers::line_break(ctx.source().text());
        restarts += fixers::indentation(ctx.source().text(), ctx.statement().range.begin);
      }
      restarts += fmt::format("{} {} {} {} {}", match_case(tokens.text(0), "ALTER TABLE"),
                              to_sql(name), match_case(tokens.text(0), "ALTER COLUMN"),
                              quote_identifier(column), match_case(tokens.text(0), "RESTART"));
    }
  }
  if (!restarts.empty()) {
    edits.push_back(fixers::insert_statement_after(ctx.source(), ctx.statement(), restarts));
  }
  if (!truncate.restart_seqs()) {
    finding.notes.push_back(
        {"identity columns are not reset: they go on counting, as after TRUNCATE without RESTART "
         "IDENTITY"});
  }
  if (truncate.behavior() == pg::DROP_CASCADE) {
    const std::string children = children_of(known, ctx.schema());
    finding.notes.push_back(
        {fmt::format("what refers to these rows is not deleted with them: delete first from {}, "
                     "unless foreign keys say ON DELETE CASCADE",
                     children.empty() ? "the tables that refer to these" : children)});
  }
  finding.fix = Fix{Safety::Review,
                    tables.size() == 1 ? "delete the rows" : "delete the rows, table by table",
                    std::move(edits)};
  ctx.report(std::move(finding));
}

/// In a function's body the tables are emptied one after the other, without a look at the schema.
void check_in_body(const pg::TruncateStmt& truncate, Context& ctx) {
  if (!ctx.in_body() || !ctx.parents().empty()) return;
  const Tokens& tokens = ctx.tokens();
  std::string deletes;
  for (const pg::Node& node : truncate.relations()) {
    if (!deletes.empty()) deletes += "; ";
    const bool only = !node.range_var().inh();
    deletes += match_case(tokens.text(0), only ? "DELETE FROM ONLY " : "DELETE FROM ");
    deletes += to_sql(object_name(node.range_var()));
  }
  ctx.report({.range = ctx.head(),
              .notes = {{"a transaction can delete 3,000 rows: call it for tables that stay small"},
                        {"identity columns are not reset"}},
              .fix = Fix{Safety::Review,
                         "delete the rows",
                         {fixers::replace(tokens, tokens.all(), std::move(deletes))}}});
}

constexpr std::array kRules = {rule<check>(kTruncate), rule<check_in_body>(kTruncate)};

}  // namespace

std::span<const Rule> truncate() { return kRules; }

}  // namespace dsqlint
