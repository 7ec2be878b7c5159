// truncate: TRUNCATE, rewritten as DELETE.

#include <fmt/format.h>

#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kTruncate{
    .id = "truncate",
    .summary = "TRUNCATE is not supported",
    .why =
        "DELETE empties a table, but row by row: a transaction can delete 3,000 rows,\n"
        "so a larger table needs batches, each in a separate transaction: `delete from\n"
        "t where id in (select id from t limit 3000)` until no row is left. Or drop the\n"
        "table and create it again. DELETE does not restart identity columns, and\n"
        "applies the ON DELETE actions of foreign keys.",
    .bad = "truncate table a, b;",
    .good = "delete from a;\ndelete from b;",
    .fixes = Fixes::Always,
};

constexpr size_t kMaxOrdered = 64;

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

/// What CASCADE empties too: tables outside of the list that refer to it, or to one of them.
Tables followers(const Tables& tables, const Schema& schema) {
  Tables reached;
  for (const Table* table : tables) {
    if (table != nullptr) reached.push_back(table);
  }
  const size_t listed = reached.size();
  for (size_t i = 0; i < reached.size() && reached.size() <= kMaxOrdered; ++i) {
    for (const TableId id : schema.referring_tables(reached[i]->name.name)) {
      const Table& child = schema.tables()[id];
      if (!child.dropped && std::find(reached.begin(), reached.end(), &child) == reached.end() &&
          refers_to(child, reached[i], schema)) {
        reached.push_back(&child);
      }
    }
  }
  return {reached.begin() + static_cast<std::ptrdiff_t>(listed), reached.end()};
}

/// The number that a sequence of this file begins with.
int64_t first_number(const Sequence& sequence, const SchemaContext& ctx) {
  if (sequence.created.file < ctx.schema().file()) return 1;
  const auto* create =
      tree_of(ctx.document().statements()[sequence.created.index]).as<pg::CreateSeqStmt>();
  if (create == nullptr) return 1;
  for (const pg::Node& node : create->options()) {
    const pg::DefElem& option = node.def_elem();
    if (option.defname() == "start" && option.arg().has_integer()) {
      return option.arg().integer().ival();
    }
  }
  return 1;
}

/// What RESTART IDENTITY does to the table's counters.
void add_restarts(const Table& table, std::string_view hand, const SchemaContext& ctx,
                  std::vector<std::string>& statements) {
  const auto set = [&](const Column& column, int64_t first) {
    statements.push_back(match_case(hand, "SELECT") +
                         fmt::format(" setval(pg_get_serial_sequence({}, {}), {}, false)",
                                     quote_literal(to_sql(table.name)), quote_literal(column.name),
                                     first));
  };
  for (const Column& column : table.columns) {
    if (!column.identity && !is_serial(column.type)) continue;
    // One that is added later may draw from a sequence instead.
    if (column.added != table.created) {
      set(column, 1);
      continue;
    }
    statements.push_back(fmt::format("{} {} {} {} {}", match_case(hand, "ALTER TABLE"),
                                     to_sql(table.name), match_case(hand, "ALTER COLUMN"),
                                     quote_identifier(column.name), match_case(hand, "RESTART")));
  }
  // By the column: the sequence may become an identity column's.
  for (const Column& column : table.columns) {
    const Sequence* sequence =
        column.sequence ? ctx.schema().find_sequence(*column.sequence) : nullptr;
    if (sequence == nullptr || !sequence->owner || sequence->owner_column != column.name ||
        ctx.schema().find_table(*sequence->owner) != &table) {
      continue;
    }
    set(column, first_number(*sequence, ctx));
  }
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
      {"a transaction can delete 3,000 rows: empty a bigger table in batches, or drop and recreate "
       "it"});
  const std::string opening = match_case(tokens.text(0), "DELETE FROM ");
  const std::string_view text = ctx.source().text();
  const bool cascades = truncate.behavior() == pg::DROP_CASCADE;
  const bool ordered = known.size() == tables.size() && known.size() <= kMaxOrdered;
  const Tables more = cascades && ordered ? followers(known, ctx.schema()) : Tables();
  std::vector<Edit> edits;
  if (!more.empty()) {
    Tables all = known;
    all.insert(all.end(), more.begin(), more.end());
    std::string line = ";" + std::string(fixers::line_break(text)) +
                       std::string(fixers::indentation(text, ctx.statement().range.begin));
    std::string statements;
    for (const size_t i : deletion_order(all, ctx.schema())) {
      if (!statements.empty()) statements += line;
      statements += opening;
      statements += i < tables.size() ? std::string(tokens.text(tables[i])) : to_sql(all[i]->name);
    }
    std::vector<Range> spent;
    for (const TokenSpan table : tables) spent.push_back(tokens.range(table));
    edits =
        fixers::replace_around_comments(tokens, tokens.all(), std::move(statements), text, spent);
  } else {
    edits = fixers::split_statement(ctx.source(), tokens, tables, opening);
    const std::vector<Edit> head = fixers::replace_around_comments(
        tokens, {0, first}, opening.substr(0, opening.size() - 1), text, {});
    edits.insert(edits.end(), head.begin(), head.end());
    if (end < tokens.size()) {
      const Range tail{tokens[end - 1].end, tokens[tokens.size() - 1].end};
      if (touches_comment(tokens, tail)) {
        const std::vector<Edit> removal =
            fixers::remove_around_comments(tokens, TokenSpan{end, tokens.size()}, text, {});
        edits.insert(edits.end(), removal.begin(), removal.end());
      } else {
        edits.push_back({tail, ""});
      }
    }
    // A long list is not worth the search.
    if (ordered) {
      const std::vector<size_t> order = deletion_order(known, ctx.schema());
      for (size_t i = 0; i < order.size(); ++i) {
        if (order[i] == i) continue;
        edits.push_back(
            fixers::replace(tokens, tables[i], std::string(tokens.text(tables[order[i]]))));
      }
    }
  }
  if (truncate.restart_seqs()) {
    std::vector<std::string> restarts;
    for (size_t i = 0; i < known.size(); ++i) {
      if (known[i] != nullptr) {
        add_restarts(*known[i], tokens.text(0), ctx, restarts);
        continue;
      }
      finding.notes.push_back(
          {fmt::format("`{0}` is not created in this input: if it has an identity column, restart "
                       "it with `ALTER TABLE {0} ALTER COLUMN … RESTART`",
                       to_sql(object_name(truncate.relations(static_cast<int>(i)).range_var())))});
    }
    for (const Table* table : more) add_restarts(*table, tokens.text(0), ctx, restarts);
    if (!restarts.empty()) {
      edits.push_back(fixers::insert_statements_after(ctx.source(), ctx.statement(), restarts));
    }
  } else {
    finding.notes.push_back(
        {"identity columns are not reset: they continue counting, as after TRUNCATE without "
         "RESTART IDENTITY"});
  }
  if (cascades) {
    std::string names;
    for (const Table* table : more) {
      names += names.empty() ? "`" : ", `";
      names += to_sql(table->name) + "`";
    }
    finding.notes.push_back(
        {names.empty()
             ? std::string("rows that refer to these are not deleted: delete from the tables that "
                           "refer to these first, unless their foreign keys have ON DELETE CASCADE")
             : fmt::format("CASCADE also empties the tables that refer to this one: {}; tables "
                           "that this input does not create have to be emptied first",
                           names)});
  }
  finding.fix = Fix{
      Safety::Review,
      tables.size() == 1 && more.empty() ? "delete the rows" : "delete the rows, table by table",
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
  ctx.report(
      {.range = ctx.head(),
       .notes = {{"a transaction can delete 3,000 rows: call it only for tables that stay small"},
                 {"identity columns are not reset"}},
       .fix = Fix{Safety::Review,
                  "delete the rows",
                  {fixers::replace(tokens, tokens.all(), std::move(deletes))}}});
}

constexpr std::array kRules = {rule<check>(kTruncate), rule<check_in_body>(kTruncate)};

}  // namespace

std::span<const Rule> truncate() { return kRules; }

}  // namespace dsqlint
