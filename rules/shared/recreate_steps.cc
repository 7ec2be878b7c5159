#include "rules/shared/recreate_steps.h"

#include <fmt/format.h>

#include <string>

#include "engine/parse/names.h"

namespace dsqlint {

namespace {

/// Longer lists are not worth reading.
constexpr size_t kMaxListed = 24;

void append_name(std::string& list, const std::string& name) {
  if (!list.empty()) list += ", ";
  list += quote_identifier(name);
}

/// The statement that copies one batch.
std::string copy_batch(std::string_view fresh, const ObjectName& name, const Table* table,
                       std::string_view without) {
  const std::string old = to_sql(name);
  std::string list;
  if (table != nullptr && table->complete && table->columns.size() <= kMaxListed) {
    for (const Column& column : table->columns) {
      if (!column.generated && column.name != without) append_name(list, column.name);
    }
  }
  const Key* key = table == nullptr ? nullptr : table->primary_key();
  if (list.empty() || key == nullptr || key->columns.empty()) {
    return fmt::format("INSERT INTO {} SELECT {} FROM {} ORDER BY … LIMIT 3000", fresh,
                       list.empty() ? "…" : list, old);
  }
  std::string by;
  for (const std::string& column : key->columns) append_name(by, column);
  return fmt::format(
      "INSERT INTO {0} ({1}) SELECT {1} FROM {2} WHERE {3} > … ORDER BY {4} LIMIT 3000", fresh,
      list, old, key->columns.size() == 1 ? by : "(" + by + ")", by);
}

}  // namespace

std::string recreate_steps(const ObjectName& table, std::string_view with, const Schema& schema,
                           std::string_view without) {
  const std::string fresh = to_sql({table.schema, table.name + "_new"});
  const Table* known = schema.find_table(table);
  const bool here = known != nullptr && known->created.file >= schema.file();
  return fmt::format(
      "{5}recreate the table: create `{0}` with {2}, copy the rows in batches of at most 3,000 "
      "(`{4}`, starting after the last key copied), run `DROP TABLE {1}` and `ALTER TABLE {0} "
      "RENAME TO {3}`, each in its own transaction, and recreate the indexes, grants and views",
      fresh, to_sql(table), with, quote_identifier(table.name),
      copy_batch(fresh, table, known, without),
      here ? "change its CREATE TABLE if that has not run yet; otherwise " : "");
}

std::optional<Note> earlier_file_note(const Table* table, const SchemaContext& ctx) {
  const bool earlier = table != nullptr && table->created.file >= ctx.schema().file() &&
                       table->created.file != ctx.file();
  if (!earlier) return std::nullopt;
  return Note{
      "an earlier file creates the table: if no database has run it, `--rewrite-history` can "
      "change it there",
      ctx.document().statements()[table->created.index].range};
}

}  // namespace dsqlint
