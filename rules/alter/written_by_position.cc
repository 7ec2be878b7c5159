// Rows that a file writes by the order of the columns, after an earlier file has changed the type
// of one: fixing that one makes a new column of it, which stands last.

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/alter/alter_column.h"

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

/// Where the type of one of its columns has been changed by an earlier file.
const Table* retyped_table(const ScriptContext& ctx, size_t statement, Range name) {
  const Table* table =
      ctx.schema().find_table(parse_object_name(std::string(ctx.source().slice(name))));
  const bool retyped =
      table != nullptr && table->retyped && table->retyped->statement.file < ctx.file(statement);
  return retyped ? table : nullptr;
}

/// Does the file change the table's columns, so that they are not the same all through it?
bool is_altered(const Table& table, uint32_t file) {
  return std::any_of(table.events.begin(), table.events.end(), [&](const TableEvent& event) {
    return event.statement.file == file &&
           (event.kind == TableEvent::Kind::Altered || event.kind == TableEvent::Kind::Renamed);
  });
}

/// The columns that the row fills, for its list.
std::optional<std::string> columns_of(const Table& table, const Writing& writing) {
  if (!table.complete || (!writing.count && !writing.rows_as_they_come)) return std::nullopt;
  std::string list;
  size_t left = writing.count.value_or(table.columns.size());
  for (const Column& column : table.columns) {
    if (left == 0) break;
    // COPY reads no generated columns; VALUES has DEFAULT for them.
    if (writing.rows_as_they_come && column.generated) continue;
    list += (list.empty() ? "" : ", ") + quote_identifier(column.name);
    --left;
  }
  if (writing.count && left != 0) return std::nullopt;
  return list;
}

void report(const Table& table, const std::optional<std::string>& list, const Writing& writing,
            const Tokens& tokens, ScriptContext& ctx) {
  Diagnostic finding{
      .range = writing.name,
      .message = fmt::format("rows are written to `{}` without a column list, and an earlier file "
                             "changes the type of `{}`",
                             table.name.name, table.retyped->column),
      .notes = {
          {"the fix of that change replaces the column with a new one, which is the last column"}}};
  if (list) {
    finding.fix = Fix{Safety::Exact,
                      "name the columns",
                      {fixers::insert_after(tokens, writing.last, " (" + *list + ")")}};
  } else {
    finding.help = "list the columns after the table name";
  }
  ctx.report(std::move(finding));
}

}  // namespace

void check_written_by_position(ScriptContext& ctx) {
  if (!ctx.schema().any_retyped()) return;
  std::unordered_map<const Table*, bool> altered;  // in this file
  const auto statements = ctx.document().statements();
  for (size_t i = 0; i < statements.size(); ++i) {
    const auto& uses = statements[i].row_uses;
    const bool worth = std::any_of(uses.begin(), uses.end(), [&](const RowUse& use) {
      return retyped_table(ctx, i, use.name) != nullptr;
    });
    if (!worth) continue;
    const Tokens tokens = ctx.document().tokens(i);
    for (size_t at = 0; at < tokens.size(); ++at) {
      std::optional<Writing> writing;
      if (tokens.are(at, {"insert", "into"})) {
        writing = insert_at(tokens, at + 2);
      } else if (at == 0 && tokens.is(at, "copy")) {
        writing = copy_at(tokens, at + 1);
      }
      const Table* table = writing ? retyped_table(ctx, i, writing->name) : nullptr;
      if (table == nullptr) continue;
      const auto [known, fresh] = altered.try_emplace(table, false);
      if (fresh) known->second = is_altered(*table, ctx.file(i));
      report(*table, known->second ? std::nullopt : columns_of(*table, *writing), *writing, tokens,
             ctx);
    }
  }
}

}  // namespace dsqlint
