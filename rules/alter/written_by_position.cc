// Rows that are written by the order of the columns, after the type of one has changed: fixing that
// makes a new column of it, which stands last. Or after a generated column was added, which becomes
// an ordinary one.

#include "rules/alter/written_by_position.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/alter/type_changes.h"

namespace dsqlint {
namespace {

/// An INSERT or COPY that names no columns.
struct Writing {
  Range name;                      ///< of the table
  size_t last = 0;                 ///< token that the list belongs after
  std::optional<size_t> count;     ///< of values in a row, where that can be seen
  bool rows_as_they_come = false;  ///< COPY: each row has all columns
};

bool begins_query(const Tokens& tokens, size_t at) {
  return tokens.is(at, "select") || tokens.is(at, "values") || tokens.is(at, "with") ||
         tokens.is(at, "table") || (at < tokens.size() && tokens.text(at) == "(");
}

/// `INSERT INTO name [AS alias]` with its name at `at`.
std::optional<Writing> insert_at(const Tokens& tokens, size_t at) {
  const size_t end = tokens.skip_name(at);
  if (end == at) return std::nullopt;
  size_t next = end;
  if (tokens.is(next, "as")) next += 2;
  if (next >= tokens.size() || tokens.is(next, "default")) return std::nullopt;
  if (tokens.text(next) == "(" && !begins_query(tokens, next + 1)) return std::nullopt;
  Writing writing{tokens.range(TokenSpan{at, end}), next - 1, {}, false};
  while (tokens.is(next, "overriding")) next += 3;  // OVERRIDING USER VALUE
  if (tokens.is(next, "values") && next + 1 < tokens.size() && tokens.text(next + 1) == "(") {
    const size_t close = tokens.close(next + 1);
    if (close != Tokens::npos) writing.count = tokens.split({next + 2, close}).size();
  }
  return writing;
}

std::optional<Writing> copy_at(const Tokens& tokens, size_t at) {
  const size_t end = tokens.skip_name(at);
  if (end == at || !tokens.is(end, "from")) return std::nullopt;
  return Writing{tokens.range(TokenSpan{at, end}), end - 1, {}, true};
}

/// Is it an earlier one that stays in the text?
bool precedes(StatementRef earlier, size_t statement, const ScriptContext& ctx) {
  if (!in_text(earlier, ctx.schema())) return true;
  return earlier.index < statement && !ctx.removed(ctx.document().statements()[earlier.index]);
}

ColumnOrders::Places places_of(const Table& table) {
  ColumnOrders::Places places;
  for (const Column& column : table.columns) {
    places.push_back({column.name, column.generated, column.added});
  }
  return places;
}

/// Is it a generated column that ADD COLUMN brings?
bool is_added(const ColumnOrders::Place& place, const Table& table) {
  return place.generated && place.added != table.created;
}

/// The columns that the row fills, for its list.
std::optional<std::string> columns_of(const Table& table, const ColumnOrders::Places& places,
                                      const Writing& writing) {
  if (!table.complete || (!writing.count && !writing.rows_as_they_come)) return std::nullopt;
  std::string list;
  size_t left = writing.count.value_or(places.size());
  for (const ColumnOrders::Place& place : places) {
    if (left == 0) break;
    // COPY reads no generated columns; VALUES has DEFAULT for them.
    if (writing.rows_as_they_come && place.generated) continue;
    list += (list.empty() ? "" : ", ") + quote_identifier(place.name);
    --left;
  }
  if (writing.count && left != 0) return std::nullopt;
  return list;
}

void report(Diagnostic finding, const std::optional<std::string>& list, const Writing& writing,
            const Tokens& tokens, ScriptContext& ctx) {
  if (list) {
    finding.fix = Fix{Safety::Exact,
                      "name the columns",
                      {fixers::insert_after(tokens, writing.last, " (" + *list + ")")}};
  } else {
    finding.help = "list the columns after the table name";
  }
  ctx.report(std::move(finding));
}

/// Calls `visit(statement, table, writing, tokens)` for the statements that name no columns, where
/// `worth(statement, table)`.
template <typename Worth, typename Visit>
void each_writing(ScriptContext& ctx, Worth&& worth, Visit&& visit) {
  const auto statements = ctx.document().statements();
  const auto table_of = [&](size_t i, Range name) -> const Table* {
    const Table* table =
        ctx.schema().find_table(parse_object_name(std::string(ctx.source().slice(name))));
    return table != nullptr && worth(i, *table) ? table : nullptr;
  };
  for (size_t i = 0; i < statements.size(); ++i) {
    const auto& uses = statements[i].row_uses;
    if (std::none_of(uses.begin(), uses.end(),
                     [&](const RowUse& use) { return table_of(i, use.name) != nullptr; })) {
      continue;
    }
    const Tokens tokens = ctx.document().tokens(i);
    for (size_t at = 0; at < tokens.size(); ++at) {
      std::optional<Writing> writing;
      if (tokens.are(at, {"insert", "into"})) {
        writing = insert_at(tokens, at + 2);
      } else if (at == 0 && tokens.is(at, "copy")) {
        writing = copy_at(tokens, at + 1);
      }
      const Table* table = writing ? table_of(i, writing->name) : nullptr;
      if (table != nullptr) visit(i, *table, *writing, tokens);
    }
  }
}

}  // namespace

void ColumnOrders::note(const ObjectName& name, NoteContext& ctx) {
  const Table* table = ctx.schema().find_table(name);
  if (table == nullptr) return;
  const bool added = std::any_of(
      table->columns.begin(), table->columns.end(),
      [&](const Column& column) { return column.generated && column.added != table->created; });
  if (!table->retyped && !added) return;
  const auto id = static_cast<TableId>(table - ctx.schema().tables().data());
  by_table_[id].push_back({ctx.index(), places_of(*table)});
}

ColumnOrders::Places ColumnOrders::at(size_t statement, const Table& table,
                                      const Schema& schema) const {
  const auto known = by_table_.find(static_cast<TableId>(&table - schema.tables().data()));
  if (known != by_table_.end()) {
    const auto next =
        std::find_if(known->second.begin(), known->second.end(),
                     [&](const Before& before) { return before.statement > statement; });
    if (next != known->second.end()) return next->places;
  }
  return places_of(table);
}

std::set<TableId> ColumnOrders::extended(const Schema& schema) const {
  std::set<TableId> found;
  for (const auto& [id, orders] : by_table_) found.insert(id);
  for (TableId id = 0; id < schema.tables().size(); ++id) {
    const Table& table = schema.tables()[id];
    if (std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
          return column.generated && column.added != table.created;
        })) {
      found.insert(id);
    }
  }
  return found;
}

void note_altered_order(const pg::AlterTableStmt& alter, NoteContext& ctx) {
  if (alter.objtype() != pg::OBJECT_TABLE) return;
  ctx.notes<ColumnOrders>().note(object_name(alter.relation()), ctx);
}

void note_renamed_order(const pg::RenameStmt& rename, NoteContext& ctx) {
  if (rename.rename_type() != pg::OBJECT_COLUMN) return;
  ctx.notes<ColumnOrders>().note(object_name(rename.relation()), ctx);
}

void check_written_by_position(ScriptContext& ctx) {
  if (!ctx.schema().any_retyped()) return;
  const auto worth = [&](size_t i, const Table& table) {
    return table.retyped && precedes(table.retyped->statement, i, ctx);
  };
  each_writing(
      ctx, worth, [&](size_t i, const Table& table, const Writing& writing, const Tokens& tokens) {
        const auto places = ctx.notes<ColumnOrders>().at(i, table, ctx.schema());
        Diagnostic finding{
            .range = writing.name,
            .message = fmt::format("rows are written to `{}` without a column list, and an "
                                   "earlier statement changes the type of `{}`",
                                   table.name.name, table.retyped->column),
            .notes = {{"the fix of that change replaces the column with a new one, which "
                       "is the last column"}}};
        finding.follows = true;
        report(std::move(finding), columns_of(table, places, writing), writing, tokens, ctx);
      });
}

void check_copied_by_position(ScriptContext& ctx) {
  const std::set<TableId> extended = ctx.notes<ColumnOrders>().extended(ctx.schema());
  if (extended.empty()) return;
  const auto worth = [&](size_t i, const Table& table) {
    return ctx.document().statements()[i].kind == pg::Node::kCopyStmt &&
           extended.contains(static_cast<TableId>(&table - ctx.schema().tables().data()));
  };
  each_writing(
      ctx, worth, [&](size_t i, const Table& table, const Writing& writing, const Tokens& tokens) {
        if (!writing.rows_as_they_come) return;
        const auto places = ctx.notes<ColumnOrders>().at(i, table, ctx.schema());
        const auto ordinary = [&](const ColumnOrders::Place& place) {
          if (!is_added(place, table)) return false;
          // A fold does not cross files.
          return in_text(place.added, ctx.schema()) ? precedes(place.added, i, ctx)
                                                    : place.added.file != table.created.file;
        };
        const auto found = std::find_if(places.begin(), places.end(), ordinary);
        if (found == places.end()) return;
        Diagnostic finding{.range = writing.name,
                           .message = fmt::format(
                               "rows are copied to `{}` without a column list, and `{}` becomes "
                               "an ordinary column",
                               table.name.name, found->name),
                           .notes = {{"COPY reads no generated column, but each ordinary one"}}};
        finding.follows = true;
        report(std::move(finding), columns_of(table, places, writing), writing, tokens, ctx);
      });
}

}  // namespace dsqlint
