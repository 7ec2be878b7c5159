// CREATE TABLE, CREATE INDEX, DROP INDEX.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/translator.h"
#include "mysql/values.h"

namespace dsqlint::mysql {
void Translator::table_findings(const CreateTable& definition, const Table& table) {
  const TableOptions& options = definition.options;
  const std::string engine = lower(options.engine);
  for (const std::string_view special :
       {"memory", "heap", "federated", "merge", "mrg_myisam", "blackhole", "archive", "csv"}) {
    if (engine == special) {
      report(
          "mysql_engine_semantics_lost", options.engine_range,
          fmt::format("the engine {} behaves differently from an ordinary table", options.engine));
    }
  }
  if (options.partitioned) {
    report("mysql_partition_dropped", options.partition_range,
           fmt::format("the partitions of `{}` are removed", table.name));
  }
  for (const Key& key : table.keys) {
    if (key.kind != KeyKind::Primary && key.kind != KeyKind::Unique) continue;
    const auto folding = std::find_if(key.parts.begin(), key.parts.end(), [&](const KeyPart& part) {
      const Column* column = table.column(part.column);
      return column != nullptr && column->ignores_case;
    });
    if (folding == key.parts.end()) continue;
    report("mysql_collation_dropped", definition.name.range,
           fmt::format(
               "`{}` has a string column in a unique key: 'Bob' and 'bob' are now different values",
               table.name));
    break;
  }
}

/// A zero date as the default of a NOT NULL column, where rows of the file rely on it: there is no
/// such date, and NULL has to be allowed instead.
void Translator::loosen_zero_defaults(Table& table) {
  for (Column& column : table.columns) {
    if (!column.not_null || !column.has_default ||
        table.hindsight->omitted.count(lower(column.name)) == 0) {
      continue;
    }
    if (!is_temporal(column.target.cls)) continue;
    if (column.default_text.find("0000-00-00") == std::string::npos && column.default_text != "0" &&
        column.default_text != "'0'") {
      continue;
    }
    const Key* primary = table.primary_key();
    const bool in_key =
        primary != nullptr &&
        std::any_of(primary->parts.begin(), primary->parts.end(),
                    [&](const KeyPart& part) { return equals(part.column, lower(column.name)); });
    if (in_key) continue;
    column.not_null = column.has_default = false;
    report("mysql_not_null_dropped", column.range,
           fmt::format("`{}` accepts NULL: rows of this file leave it to its default, a zero date",
                       column.name));
  }
}

/// CREATE TABLE t (…) SELECT …: the query's columns that the list does not name are columns, too.
bool Translator::add_query_columns(Cursor& cursor, CreateTable& definition) {
  Cursor inside(text_, cursor.statement(), modes_);
  inside.seek(definition.query);
  QueryNotes notes;
  const QueryWorld surroundings = world();
  Query query(inside, surroundings, notes);
  query.select();
  if (inside.failed()) return true;  // is reported when its rows are inserted
  const Range place = cursor.statement().tokens[definition.query].range();
  for (const Output& output : query.output()) {
    const std::string name = lower(output.name);
    const bool named = std::any_of(definition.columns.begin(), definition.columns.end(),
                                   [&](const Column& column) { return equals(column.name, name); });
    if (named) continue;
    Column column = column_of(output);
    if (column.type.base == Base::Unknown || output.name.empty()) {
      cursor.fail(fmt::format("the type of the query's column `{}` is not known", output.name),
                  place);
      return false;
    }
    if (column.type.base == Base::Decimal && output.column == nullptr) {
      column.type.length = 38;
      column.type.scale = 10;
    }
    column.type.name = column.type.name.empty() ? "the query's type" : column.type.name;
    column.name_range = column.range = column.type.range = place;
    definition.columns.push_back(std::move(column));
  }
  return true;
}

Translator::Fate Translator::create_table(Cursor& cursor, bool temporary, bool or_replace) {
  CreateTable definition = parse_create_table(cursor);
  const size_t number = create_tables_++;
  auto hindsight =
      number < hindsights_.size() ? hindsights_[number] : std::make_shared<Hindsight>();
  if (cursor.failed()) {
    report_failure(cursor, "parse_error");
    return Fate::Reported;
  }
  // The stand-in for a view that a dump defines later.
  if (cursor.statement().executable && last_views_.count(lower(definition.name.name)) != 0) {
    return Fate::Noise;
  }
  const Table* existing = nullptr;
  Name name = resolve(definition.name, existing);
  name.name = bounded(definition.name.name, definition.name.range);
  const std::string shown = qualified(name.schema, name.name);
  const std::string head = fmt::format("CREATE {}TABLE {}", temporary ? "TEMPORARY " : "",
                                       definition.if_not_exists ? "IF NOT EXISTS " : "");
  if (or_replace) {
    emit(Text("DROP TABLE IF EXISTS " + shown, definition.name.range));
    symbols_.drop(name);
    existing = nullptr;
  }
  if (definition.like) {
    const Table* model = nullptr;
    const Name from = resolve(*definition.like, model);
    emit(Text(
        fmt::format("{}{} (LIKE {} INCLUDING ALL)", head, shown, qualified(from.schema, from.name)),
        definition.name.range));
    Table copy;
    if (model != nullptr) copy = *model;
    copy.hindsight = std::move(hindsight);
    copy.schema = name.schema;
    copy.name = name.name;
    symbols_.define(std::move(copy));
    return Fate::Translated;
  }
  if (definition.columns.empty() && definition.query > 0) {
    cursor.seek(definition.query);
    QueryNotes notes;
    const QueryWorld surroundings = world();
    Query query(cursor, surroundings, notes);
    const Text select = query.select();
    if (cursor.failed() || !cursor.done()) {
      report_failure(cursor, "mysql_statement_unsupported");
      return Fate::Reported;
    }
    report_notes(notes);
    emit(Text(head + shown + " AS\n", definition.name.range).add(select));
    Table table;
    table.schema = name.schema;
    table.name = name.name;
    table.is_view = true;
    for (const Output& output : query.output()) table.columns.push_back(column_of(output));
    symbols_.define(std::move(table));
    return Fate::Translated;
  }
  if (definition.query > 0 && !add_query_columns(cursor, definition)) {
    report_failure(cursor, "mysql_statement_unsupported");
    return Fate::Reported;
  }
  Table table = build(cursor, definition, hindsight);
  if (name.name != definition.name.name) table.original = definition.name.name;
  table.name = name.name;
  const bool repeated =
      definition.if_not_exists && existing != nullptr && !existing->hindsight->earlier;
  // A file that recreates a table starts from an empty one.
  if (existing != nullptr && !repeated) symbols_.drop(name);

  loosen_zero_defaults(table);

  // Keys that cannot be keys make the whole table impossible.
  for (const Key& key : table.keys) {
    const bool needed = key.kind == KeyKind::Primary || key.kind == KeyKind::Unique;
    if (!needed) continue;
    if (!key_fits(table, key)) {
      refused_.insert(lower(definition.name.name));
      return unsupported("mysql_binary_key_unsupported",
                         key.range.empty() ? definition.name.range : key.range,
                         fmt::format("`{}` has a key over bytes, which a key cannot contain",
                                     definition.name.name));
    }
    if (static_cast<int>(key.parts.size()) > options_.engine.limits().key_columns &&
        key.kind == KeyKind::Primary) {
      refused_.insert(lower(definition.name.name));
      return unsupported("mysql_index_limit_exceeded", key.range,
                         fmt::format("the primary key has {} columns; the limit is {}",
                                     key.parts.size(), options_.engine.limits().key_columns));
    }
  }
  struct Element {
    Text sql;
    Range range;
  };
  std::vector<Element> elements;
  std::vector<Text> behind;  // statements that follow the table
  size_t indexes = table.primary_key() != nullptr ? 1 : 0;
  for (Column& column : table.columns) {
    Text sql;
    column_sql(cursor, table, column, definition.options, sql, false);
    elements.push_back({std::move(sql), column.range});
  }
  if (table.primary_key() == nullptr && !hindsight->primary_key.empty()) {
    Key key;
    key.kind = KeyKind::Primary;
    for (const std::string& column : hindsight->primary_key)
      key.parts.push_back({.column = column});
    table.keys.push_back(std::move(key));
    ++indexes;
  }
  for (Key& key : table.keys) {
    const bool inline_key =
        key.parts.size() == 1 && key.range.empty() && key.parts[0].range.empty();
    if (key.kind == KeyKind::Primary) {
      const Column* column = inline_key ? table.column(key.parts[0].column) : nullptr;
      if (column != nullptr && column->primary) continue;  // said with the column
      std::string columns;
      for (const KeyPart& part : key.parts) {
        const Column* known_column = table.column(part.column);
        columns += (columns.empty() ? "" : ", ") +
                   identifier(known_column == nullptr ? part.column : known_column->name);
        if (part.prefix > 0) {
          report("mysql_index_prefix_dropped", part.range,
                 fmt::format("the primary key uses all of `{}`, not its first {} characters",
                             part.column, part.prefix));
        }
      }
      elements.push_back({Text("PRIMARY KEY (" + columns + ")", key.range), key.range});
      continue;
    }
    if (key.constraint) {  // UNIQUE of a column
      ++indexes;
      continue;
    }
    const bool prefixed = std::any_of(key.parts.begin(), key.parts.end(), [&](const KeyPart& part) {
      const Column* column = table.column(part.column);
      return part.column.empty() ||
             (part.prefix > 0 && !(column != nullptr && column->type.length >= 0 &&
                                   part.prefix >= column->type.length));
    });
    const bool too_many =
        static_cast<int>(key.parts.size()) > options_.engine.limits().key_columns ||
        static_cast<int>(indexes) >= options_.engine.limits().indexes_per_table;
    const bool functional = std::any_of(key.parts.begin(), key.parts.end(), [](const KeyPart& p) {
      return p.column.empty() || p.desc;
    });
    if (key.kind == KeyKind::Unique && !too_many && !functional &&
        !(prefixed && options_.choices.prefix_indexes)) {
      key.constraint = true;
      ++indexes;
      std::string columns;
      for (const KeyPart& part : key.parts) {
        const Column* column = table.column(part.column);
        columns += (columns.empty() ? "" : ", ") +
                   identifier(column == nullptr ? part.column : column->name);
        if (part.prefix > 0 && prefixed) {
          report("mysql_index_prefix_dropped", part.range,
                 fmt::format("the unique key uses all of `{}`, not its first {} characters",
                             part.column, part.prefix));
        }
      }
      Text sql;
      if (!key.name.empty()) {
        key.target = index_name(table, key.name, key.name_range);
        report("mysql_index_renamed", key.name_range.empty() ? key.range : key.name_range,
               fmt::format("the unique key `{}` is named `{}`", key.name, key.target));
        sql.add("CONSTRAINT " + identifier(key.target) + " ", key.range);
      }
      sql.add("UNIQUE (" + columns + ")", key.range);
      elements.push_back({std::move(sql), key.range});
      continue;
    }
    if (auto sql = index_sql(cursor, table, key, indexes)) behind.push_back(std::move(*sql));
  }
  for (const Check& check : definition.checks) {
    if (!check.enforced) {
      report("mysql_check_not_enforced_dropped", check.range, "a CHECK that is NOT ENFORCED");
      continue;
    }
    const auto sql = expression_sql(cursor, table, check.expression, false, true);
    if (!sql) {
      report("mysql_expression_dropped", check.range, "the CHECK has no equivalent");
      continue;
    }
    Text element;
    if (!check.name.empty()) {
      element.add("CONSTRAINT " + identifier(bounded(check.name, check.range)) + " ", check.range);
    }
    element.add("CHECK (", check.range).add(*sql).add(")");
    elements.push_back({std::move(element), check.range});
  }
  std::vector<ForeignKey> deferred;
  for (const ForeignKey& key : table.foreign_keys) {
    const Table* parent = nullptr;
    const Name parent_name = resolve(key.parent, parent);
    const bool self = equals(parent_name.name, lower(definition.name.name));
    const bool later = !self && parent == nullptr && created_.count(lower(key.parent.name)) != 0;
    // Without checks, rows may stand before those that they refer to.
    const Hindsight* rows = self                ? hindsight.get()
                            : parent == nullptr ? nullptr
                                                : parent->hindsight.get();
    const size_t unchecked = hindsight->first_unchecked_rows;
    const bool early = rows != nullptr && unchecked != 0 && rows->last_rows > unchecked;
    if (!later && !early) {
      if (!self && parent != nullptr && !parent_is_unique(key)) {
        report("mysql_foreign_key_dropped", key.range,
               fmt::format("the columns that it refers to are not a key of `{}`", key.parent.name));
      } else {
        elements.push_back({foreign_key_sql(table, key), key.range});
      }
    } else {
      deferred.push_back(key);
    }
  }
  table_findings(definition, table);

  // Comments stand by the elements they stood by.
  Text sql(head + shown + " (", definition.name.range);
  std::vector<Range> comments;
  for (const Range comment : cursor.statement().comments) {
    if (comment.begin > cursor.statement().range.begin) comments.push_back(comment);
  }
  size_t next_comment = 0;
  const auto put_comment = [&](Range range) {
    return Text(comment_text(source_.slice(range)), range);
  };
  std::stable_sort(elements.begin(), elements.end(), [](const Element& a, const Element& b) {
    return !a.range.empty() && !b.range.empty() && a.range.begin < b.range.begin;
  });
  for (size_t i = 0; i < elements.size(); ++i) {
    while (next_comment < comments.size() && !elements[i].range.empty() &&
           comments[next_comment].begin < elements[i].range.begin) {
      sql.add("\n  ").add(put_comment(comments[next_comment++]));
    }
    sql.add("\n  ").add(elements[i].sql);
    if (i + 1 < elements.size()) sql.add(",");
    // Those on the element's own line stay on it.
    while (next_comment < comments.size() && !elements[i].range.empty()) {
      const std::string_view between = text_.substr(
          elements[i].range.end, comments[next_comment].begin > elements[i].range.end
                                     ? comments[next_comment].begin - elements[i].range.end
                                     : 0);
      if (comments[next_comment].begin >= elements[i].range.end &&
          between.find('\n') != std::string_view::npos) {
        break;
      }
      if (comments[next_comment].begin < elements[i].range.begin) break;
      sql.add(" ").add(put_comment(comments[next_comment++]));
    }
  }
  while (next_comment < comments.size()) sql.add("\n  ").add(put_comment(comments[next_comment++]));
  sql.add("\n)");
  emit(std::move(sql));
  if (!repeated) {
    for (const ForeignKey& key : definition.foreign_keys) add_missing_index(table, key, behind);
    for (Text& statement : behind) emit(std::move(statement));
    if (definition.options.has_comment && !definition.options.comment.empty()) {
      const auto comment = to_utf8(definition.options.comment, charset_);
      if (comment && comment->find('\0') == std::string::npos) {
        report("mysql_comment_lifted", definition.options.comment_range,
               "the table comment is a separate statement");
        emit(Text(fmt::format("COMMENT ON TABLE {} IS {}", shown, quote_text(*comment)),
                  definition.options.comment_range));
      }
    }
    if (options_.choices.column_comments) {
      for (const Column& column : table.columns) {
        const auto comment = to_utf8(column.comment, charset_);
        if (!column.has_comment || !comment || comment->find('\0') != std::string::npos) continue;
        emit(Text(fmt::format("COMMENT ON COLUMN {}.{} IS {}", shown, identifier(column.name),
                              quote_text(*comment)),
                  column.comment_range));
      }
    }
    for (ForeignKey& key : deferred) {
      const Table* parent = nullptr;
      resolve(key.parent, parent);
      const bool exists = parent != nullptr || equals(key.parent.name, lower(table.name));
      report("mysql_foreign_key_deferred", key.range,
             fmt::format("{}`{}` {} later, so the foreign key is added at the end",
                         exists ? "rows of " : "", key.parent.name,
                         exists ? "are inserted" : "is created"));
      pending_keys_.push_back({table.schema, table.name, std::move(key), statement_});
    }
    Table& defined = symbols_.define(std::move(table));
    symbols_.take_name(defined.schema, defined.name);
    if (definition.query > 0) {
      // CREATE TABLE t (…) SELECT …: the rows are inserted by a separate statement.
      cursor.seek(definition.query);
      QueryNotes notes;
      const QueryWorld surroundings = world();
      Query query(cursor, surroundings, notes);
      const Text select = query.select();
      if (cursor.failed() || !cursor.done()) {
        report_failure(cursor, "mysql_data_statement_dropped");
      } else {
        report_notes(notes);
        std::string columns;
        for (const Output& output : query.output()) {
          const Column* known_column = defined.column(output.name);
          if (known_column == nullptr) columns = "?";
          if (columns != "?") {
            columns += (columns.empty() ? "" : ", ") + identifier(known_column->name);
          }
        }
        report("mysql_create_select_split", definition.name.range,
               "the rows of the query are inserted by a separate statement");
        emit(Text("INSERT INTO " + shown + (columns == "?" ? "" : " (" + columns + ")") + "\n",
                  definition.name.range)
                 .add(select),
             true);
      }
    }
  }
  return Fate::Translated;
}

}  // namespace dsqlint::mysql
