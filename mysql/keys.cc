// Keys: indexes and their names, foreign keys.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/translator.h"
#include "mysql/values.h"

namespace dsqlint::mysql {

bool Translator::key_fits(const Table& table, const Key& key) {
  return std::none_of(key.parts.begin(), key.parts.end(), [&](const KeyPart& part) {
    const Column* column = table.column(part.column);
    return column != nullptr &&
           (column->target.cls == Class::Bytes || column->target.cls == Class::Json);
  });
}

std::optional<Text> Translator::index_parts(Cursor& cursor, const Table& table, const Key& key) {
  Text out;
  bool first = true;
  for (const KeyPart& part : key.parts) {
    if (!first) out.add(", ");
    first = false;
    if (part.column.empty()) {
      const auto sql = expression_sql(cursor, table, part.expression, true, false);
      if (!sql) return std::nullopt;
      out.add("(", part.range).add(*sql).add(")");
    } else {
      const Column* column = table.column(part.column);
      const std::string name = identifier(column == nullptr ? part.column : column->name);
      const bool text = column != nullptr && column->target.cls == Class::Text;
      const bool whole =
          column != nullptr && column->type.length >= 0 && part.prefix >= column->type.length;
      if (part.prefix > 0 && text && !whole && key.kind == KeyKind::Unique &&
          options_.choices.prefix_indexes) {
        out.add(fmt::format("(left({}, {}))", name, part.prefix), part.range);
      } else {
        out.add(name, part.range);
      }
    }
    if (part.desc) out.add(" DESC");
  }
  return out;
}

std::optional<Text> Translator::index_sql(Cursor& cursor, Table& table, Key& key, size_t& indexes) {
  const std::string shown =
      key.name.empty() ? std::string("without a name") : fmt::format("`{}`", key.name);
  if (key.kind == KeyKind::Fulltext || key.kind == KeyKind::Spatial) {
    key.dropped = true;
    const bool text = key.kind == KeyKind::Fulltext;
    report(text ? "mysql_fulltext_index_dropped" : "mysql_spatial_index_dropped", key.range,
           fmt::format("the {} index {} is removed", text ? "full-text" : "spatial", shown));
    return std::nullopt;
  }
  if (!key_fits(table, key)) {
    key.dropped = true;
    report("mysql_binary_index_dropped", key.range,
           fmt::format("the index {} has a column of bytes or JSON", shown));
    return std::nullopt;
  }
  const auto limits = options_.engine.limits();
  if (static_cast<int>(key.parts.size()) > limits.key_columns ||
      static_cast<int>(indexes) >= limits.indexes_per_table) {
    key.dropped = true;
    report("mysql_index_limit_exceeded", key.range,
           static_cast<int>(key.parts.size()) > limits.key_columns
               ? fmt::format("the index {} has {} columns; the limit is {}", shown,
                             key.parts.size(), limits.key_columns)
               : fmt::format("the index {} exceeds the limit of {} indexes per table", shown,
                             limits.indexes_per_table));
    return std::nullopt;
  }
  const auto parts = index_parts(cursor, table, key);
  if (!parts) {
    key.dropped = true;
    report("mysql_expression_dropped", key.range,
           fmt::format("the index {} is over an expression that is not immutable", shown));
    return std::nullopt;
  }
  ++indexes;
  for (const KeyPart& part : key.parts) {
    const Column* column = table.column(part.column);
    if (column == nullptr || column->target.cls != Class::Text) continue;
    const bool prefix_kept = key.kind == KeyKind::Unique && part.prefix > 0;
    if (part.prefix > 0 && !prefix_kept &&
        (column->type.base == Base::Text || column->type.length > 256)) {
      report("mysql_index_key_long", part.range,
             fmt::format("the index covers all of `{}`, not its first {} characters", column->name,
                         part.prefix));
    }
  }
  if (!key.name.empty()) {
    key.target = index_name(table, key.name, key.name_range);
    report("mysql_index_renamed", key.name_range.empty() ? key.range : key.name_range,
           fmt::format("the index `{}` is named `{}`", key.name, key.target));
  }
  Text out(key.kind == KeyKind::Unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ", key.range);
  if (!key.target.empty()) {
    out.add((key.if_not_exists ? "IF NOT EXISTS " : "") + identifier(key.target) + " ");
  }
  out.add("ON " + qualified(table.schema, table.name) + " (");
  out.add(*parts).add(")");
  return out;
}

bool Translator::parent_is_unique(const ForeignKey& key) {
  const Table* parent = nullptr;
  resolve(key.parent, parent);
  if (parent == nullptr || parent->columns.empty()) return true;
  std::set<std::string> wanted;
  for (const std::string& name : key.parent_columns) wanted.insert(lower(name));
  const auto covers = [&](const std::vector<std::string>& columns) {
    return std::set<std::string>(columns.begin(), columns.end()) == wanted;
  };
  for (const Key* unique : parent->unique_keys()) {
    std::vector<std::string> columns;
    for (const KeyPart& part : unique->parts) columns.push_back(lower(part.column));
    if (!unique->dropped && covers(columns)) return true;
  }
  std::vector<std::string> later;
  for (const std::string& name : parent->hindsight->primary_key) later.push_back(lower(name));
  return covers(later);
}

Text Translator::foreign_key_sql(const Table& table, const ForeignKey& key) {
  Text out;
  if (!key.name.empty()) {
    out.add("CONSTRAINT " + identifier(bounded(key.name, key.range)) + " ", key.range);
  }
  const auto list = [](const Table* of, const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
      const Column* column = of == nullptr ? nullptr : of->column(name);
      text += (text.empty() ? "" : ", ") + identifier(column == nullptr ? name : column->name);
    }
    return text;
  };
  const Table* parent = nullptr;
  const Name name = resolve(key.parent, parent);
  if (parent == nullptr && equals(table.name, lower(key.parent.name))) parent = &table;
  out.add(fmt::format("FOREIGN KEY ({}) REFERENCES {}", list(&table, key.columns),
                      qualified(name.schema, parent == nullptr ? name.name : parent->name)),
          key.range);
  if (!key.parent_columns.empty()) {
    out.add(fmt::format(" ({})", list(parent, key.parent_columns)));
  }
  if (key.match == "full") out.add(" MATCH FULL");
  if (!key.on_delete.empty()) out.add(" ON DELETE " + key.on_delete);
  if (!key.on_update.empty()) out.add(" ON UPDATE " + key.on_update);
  return out;
}

/// MySQL keeps an index on the referring columns; PostgreSQL does not.
void Translator::add_missing_index(Table& table, const ForeignKey& key, std::vector<Text>& behind) {
  std::vector<std::string> wanted;
  for (const std::string& name : key.columns) wanted.push_back(lower(name));
  const auto starts = [&](const std::vector<std::string>& columns) {
    return columns.size() >= wanted.size() &&
           std::equal(wanted.begin(), wanted.end(), columns.begin());
  };
  for (const auto& columns : table.hindsight->key_columns) {
    if (starts(columns)) return;
  }
  Key index;
  index.name = key.name.empty() ? key.columns[0] : key.name;
  for (const std::string& name : key.columns) index.parts.push_back({.column = name});
  if (!key_fits(table, index)) return;
  table.hindsight->key_columns.push_back(wanted);
  index.target = index_name(table, index.name, {});
  std::string columns;
  for (const std::string& name : key.columns) {
    const Column* column = table.column(name);
    columns += (columns.empty() ? "" : ", ") + identifier(column == nullptr ? name : column->name);
  }
  behind.emplace_back(fmt::format("CREATE INDEX {} ON {} ({})", identifier(index.target),
                                  qualified(table.schema, table.name), columns),
                      key.range);
  report("mysql_foreign_key_index_added", key.range,
         fmt::format("the foreign key gets the index `{}`, which MySQL creates automatically",
                     index.target));
  table.keys.push_back(std::move(index));
}

Translator::Fate Translator::create_index(Cursor& cursor, KeyKind kind) {
  Key key;
  key.kind = kind;
  key.if_not_exists = guarded_;
  if (cursor.accept("if", "not")) {
    cursor.expect("exists");
    key.if_not_exists = true;
  }
  key.name_range = cursor.peek().range();
  key.name = cursor.name();
  if (cursor.accept("using")) cursor.advance();
  cursor.expect("on");
  const Name name = cursor.object_name();
  key.parts = parse_key_parts(cursor);
  skip_key_options(cursor);
  // ALGORITHM and LOCK say how.
  while (cursor.accept("algorithm") || cursor.accept("lock")) {
    cursor.accept_op("=");
    cursor.advance();
  }
  if (cursor.failed() || !cursor.done()) {
    report_failure(cursor, "parse_error");
    return Fate::Reported;
  }
  key.range = cursor.statement().range;
  Table* table = known(name);
  Table unknown;
  if (table == nullptr) {
    const Table* none = nullptr;
    const Name target = resolve(name, none);
    unknown.schema = target.schema;
    unknown.name = target.name;
    table = &unknown;
  }
  size_t indexes = 0;
  for (const Key& other : table->keys) indexes += other.dropped ? 0 : 1;
  auto sql = index_sql(cursor, *table, key, indexes);
  if (sql) emit(std::move(*sql));
  table->keys.push_back(std::move(key));
  return sql ? Fate::Translated : Fate::Reported;
}

Translator::Fate Translator::drop_index(Cursor& cursor) {
  const bool if_exists = cursor.accept("if", "exists");
  const Range range = cursor.peek().range();
  const std::string index = cursor.name();
  cursor.expect("on");
  const Name name = cursor.object_name();
  while (cursor.accept("algorithm") || cursor.accept("lock")) {
    cursor.accept_op("=");
    cursor.advance();
  }
  if (cursor.failed() || !cursor.done()) {
    report_failure(cursor, "parse_error");
    return Fate::Reported;
  }
  Table* table = known(name);
  Action action;
  action.kind = ActionKind::DropKey;
  action.old_name = index;
  action.if_exists = if_exists || guarded_;
  action.range = range;
  alter_key(cursor, table, name, action);
  return Fate::Translated;
}

}  // namespace dsqlint::mysql
