// INSERT and REPLACE: columns, upserts, where rows come from, how many stand in one statement.

#include "mysql/insert.h"

#include <fmt/format.h>

#include <algorithm>

#include "mysql/values.h"

namespace dsqlint::mysql {

Translator::Fate Translator::dropped(Cursor& cursor) {
  report_failure(cursor, "mysql_data_statement_dropped");
  return Fate::Reported;
}

/// `ON DUPLICATE KEY UPDATE …`, from the token after it.
Text Translator::upsert_sql(Cursor& cursor, Insert& insert) {
  const size_t begin = cursor.at();
  const auto ambiguous = [&](std::string message) {
    cursor.fail(std::move(message), cursor.range_from(begin > 0 ? begin - 1 : begin),
                "mysql_upsert_ambiguous");
    return Text();
  };
  if (insert.table == nullptr) return ambiguous("the table's keys are not in this file");
  std::vector<const Key*> keys;
  for (const Key* key : insert.table->unique_keys()) {
    const bool supplied =
        !key->parts.empty() &&
        std::all_of(key->parts.begin(), key->parts.end(), [&](const KeyPart& part) {
          return std::any_of(insert.names.begin(), insert.names.end(),
                             [&](const std::string& n) { return equals(n, lower(part.column)); });
        });
    if (supplied) keys.push_back(key);
  }
  if (keys.empty()) return ambiguous("the inserted columns contain no unique key");
  if (keys.size() > 1) return ambiguous("more than one unique key may conflict");
  std::string target;
  for (const KeyPart& part : keys[0]->parts) {
    const auto at = std::find_if(insert.names.begin(), insert.names.end(),
                                 [&](const auto& n) { return equals(n, lower(part.column)); });
    insert.keys.push_back(static_cast<size_t>(at - insert.names.begin()));
    const Column* column = insert.table->column(part.column);
    target +=
        (target.empty() ? "" : ", ") + identifier(column == nullptr ? part.column : column->name);
  }
  return Text("ON CONFLICT (" + target + ") DO UPDATE SET ");
}

/// LAST_INSERT_ID() after this INSERT: the first id that it was given.
void Translator::note_last_id(const Insert& insert, bool unclear) {
  if (insert.table == nullptr) {
    last_id_.clear();
    return;
  }
  const auto& columns = insert.table->columns;
  const auto id = std::find_if(columns.begin(), columns.end(),
                               [](const Column& column) { return column.auto_increment; });
  if (id == columns.end()) return;
  const bool listed =
      std::any_of(insert.columns.begin(), insert.columns.end(),
                  [](const Column* column) { return column != nullptr && column->auto_increment; });
  const size_t generated = listed ? insert.generated : insert.rows;
  const Counter& counter = insert.table->hindsight->counter;
  if (unclear || (counter.interleaved && !counter.unknown)) {
    last_id_.clear();
  } else if (generated > 0) {
    last_id_ = fmt::format("currval(pg_get_serial_sequence({}, {}))",
                           quote_text(qualified(insert.table->schema, insert.table->name)),
                           quote_text(id->name));
    if (generated > 1) last_id_ += fmt::format(" - {}", generated - 1);
  }
}

Translator::Fate Translator::insert(Cursor& cursor, bool replace) {
  Insert insert;
  insert.range = cursor.statement().range;
  cursor.advance();
  bool ignore = false;
  for (;;) {
    if (cursor.accept("ignore")) {
      ignore = true;
    } else if (!cursor.accept("low_priority") && !cursor.accept("delayed") &&
               !cursor.accept("high_priority")) {
      break;
    }
  }
  cursor.accept("into");
  const Name written = cursor.object_name();
  if (cursor.failed()) return dropped(cursor);
  const Table* found = nullptr;
  insert.name = resolve(written, found);
  insert.table = known(written);
  insert.range = written.range;
  if (insert.table != nullptr && insert.table->columns.empty()) insert.table = nullptr;
  if (cursor.accept("partition")) cursor.skip_brackets();

  if (cursor.is_op("(") && !cursor.is("select", 1) && !cursor.is("with", 1) &&
      !cursor.is_op("(", 1)) {
    cursor.advance();
    while (!cursor.done() && !cursor.is_op(")")) {
      std::string name = cursor.name();
      if (cursor.accept_op(".")) name = cursor.name();
      insert.names.push_back(std::move(name));
      if (!cursor.accept_op(",")) break;
    }
    cursor.expect_op(")");
  }
  const bool set_form = cursor.is("set") && insert.names.empty();
  if (set_form) {
    // SET a = 1, b = 2: the names first, the values when the rest is known
    const size_t begin = cursor.at();
    cursor.advance();
    int depth = 0;
    bool name_next = true;
    for (size_t i = cursor.at(); i < cursor.end(); ++i) {
      cursor.seek(i);
      if (cursor.is_op("(")) ++depth;
      if (cursor.is_op(")")) --depth;
      if (depth == 0 && cursor.is("on") && cursor.is("duplicate", 1)) break;
      if (name_next && depth == 0) {
        std::string name = cursor.name();
        if (cursor.accept_op(".")) name = cursor.name();
        insert.names.push_back(std::move(name));
        name_next = false;
        i = cursor.at() - 1;
      } else if (depth == 0 && cursor.is_op(",")) {
        name_next = true;
      }
    }
    cursor.seek(begin);
  }
  if (insert.table != nullptr && insert.names.empty()) {
    for (const Column& column : insert.table->columns) {
      insert.names.push_back(column.original.empty() ? column.name : column.original);
    }
  }
  std::string columns;
  for (const std::string& name : insert.names) {
    const Column* column = insert.table == nullptr ? nullptr : insert.table->column(name);
    if (insert.table != nullptr && column == nullptr) {
      cursor.fail(fmt::format("`{}` has no column `{}`", written.name, name), written.range);
      return dropped(cursor);
    }
    insert.columns.push_back(column);
    columns += (columns.empty() ? "" : ", ") + identifier(column == nullptr ? name : column->name);
  }
  if (!set_form) {
    add_columns(insert);
    columns += insert.added_names;
  }
  const std::string target = qualified(insert.name.schema, insert.name.name);
  insert.head = "INSERT INTO " + target + (columns.empty() ? "" : " (" + columns + ")");

  // What follows the rows decides how they end, so it is read first.
  const bool values = cursor.accept("values") || cursor.accept("value");
  const size_t rows = cursor.at();
  size_t behind = rows;
  {
    int depth = 0;
    const auto& tokens = cursor.statement().tokens;
    for (; behind < tokens.size(); ++behind) {
      const Token& token = tokens[behind];
      if (token.kind == Kind::Operator) {
        if (text_[token.begin] == '(') ++depth;
        if (text_[token.begin] == ')') --depth;
      } else if (token.kind == Kind::Word && depth == 0) {
        const std::string_view word = cursor.slice(token);
        if (values && !equals(word, "row")) break;
        if (equals(word, "on") && behind + 1 < tokens.size() &&
            equals(cursor.slice(tokens[behind + 1]), "duplicate")) {
          break;
        }
      }
    }
  }
  std::string alias;
  cursor.seek(behind);
  if (values && cursor.accept("as")) {
    alias = cursor.name();
    if (cursor.is_op("(")) {
      cursor.fail("a row alias with column names is not supported", cursor.peek().range(),
                  "mysql_upsert_ambiguous");
    }
  }
  std::vector<std::pair<Reference, std::string>> inserted;
  if (!values && !set_form && cursor.is("on")) {
    // What the query's columns are, for the assignments behind it.
    Cursor before(text_, cursor.statement(), modes_);
    before.seek(rows);
    before.limit(behind);
    QueryNotes none;
    const QueryWorld surroundings = world();
    Query probe(before, surroundings, none);
    probe.select();
    for (size_t i = 0; i < probe.output().size() && i < insert.names.size(); ++i) {
      if (!probe.output()[i].from.column.empty()) {
        inserted.emplace_back(probe.output()[i].from, insert.names[i]);
      }
    }
  }
  std::string returning;
  bool upsert = false;
  if (cursor.accept("on", "duplicate")) {
    upsert = true;
    cursor.expect("key");
    cursor.expect("update");
    insert.tail = upsert_sql(cursor, insert);
    if (!cursor.failed()) {
      const QueryWorld surroundings = world();
      Query query(cursor, surroundings, insert.notes);
      query.enter({.alias = insert.name.name, .name = insert.name.name, .table = insert.table});
      query.excluded(alias);
      query.inserted(std::move(inserted));
      query.qualify(insert.name.name);
      bool first = true;
      do {
        std::string name = cursor.name();
        if (cursor.accept_op(".")) name = cursor.name();
        cursor.expect_op("=");
        const Column* column = insert.table->column(name);
        if (column == nullptr) {
          cursor.fail(fmt::format("`{}` has no column `{}`", written.name, name));
          break;
        }
        const Range range = cursor.peek().range();
        Text value;
        if (cursor.is("last_insert_id") && cursor.is_op("(", 1) && cursor.is_name(2) &&
            cursor.is_op(")", 3)) {
          cursor.advance(4);
          returning = identifier(column->name);
          value = Text(identifier(insert.name.name) + "." + identifier(column->name), range);
        } else {
          Expr expression = query.expression();
          Expr kept = expression;
          value = query.assign(std::move(expression), *column);
          query.substitute(lower(column->name), std::move(kept));
        }
        insert.tail.add(first ? "" : ", ").add(identifier(column->name) + " = ").add(value);
        first = false;
      } while (cursor.accept_op(",") && !cursor.done());
      if (!returning.empty()) insert.tail.add(" RETURNING " + returning);
    }
  } else if (ignore) {
    insert.tail = Text("ON CONFLICT DO NOTHING");
  }
  if (replace && insert.table == nullptr) {
    cursor.fail("what REPLACE deletes depends on the table's keys, which are not in this file",
                written.range, "mysql_upsert_ambiguous");
  } else if (replace) {
    std::vector<const Key*> keys = insert.table->unique_keys();
    if (keys.size() > 1) {
      cursor.fail("more than one unique key may conflict", written.range, "mysql_upsert_ambiguous");
    } else if (keys.size() == 1) {
      insert.tail = upsert_sql(cursor, insert);
      bool first = true;
      for (const Column& column : insert.table->columns) {
        const std::string here = lower(column.original.empty() ? column.name : column.original);
        const bool in_key =
            std::any_of(keys[0]->parts.begin(), keys[0]->parts.end(),
                        [&](const KeyPart& part) { return equals(part.column, here); });
        if (in_key || (column.generated && !column.plain_instead)) continue;
        const bool listed = std::any_of(insert.names.begin(), insert.names.end(),
                                        [&](const std::string& n) { return equals(n, here); });
        insert.tail.add(first ? "" : ", ").add(identifier(column.name) + " = ");
        insert.tail.add(listed ? "EXCLUDED." + identifier(column.name) : std::string("DEFAULT"));
        first = false;
      }
      if (first) insert.tail = Text("ON CONFLICT DO NOTHING");
    }
  }
  if (!cursor.failed() && !cursor.done()) {
    cursor.fail(fmt::format("`{}` is not supported here", cursor.text()));
  }
  if (cursor.failed()) return dropped(cursor);

  const size_t end = cursor.end();
  cursor.limit(behind);
  cursor.seek(rows);
  bool query_form = false;
  if (values) {
    insert_rows(cursor, insert);
    if (!cursor.failed()) report_rows(insert, written);
  } else if (set_form) {
    cursor.advance();
    Text row("(");
    for (size_t i = 0; i < insert.columns.size() && !cursor.failed(); ++i) {
      cursor.name();
      if (cursor.accept_op(".")) cursor.name();
      cursor.expect_op("=");
      if (i > 0) row.add(", ");
      const QueryWorld surroundings = world();
      Query query(cursor, surroundings, insert.notes);
      Expr value = query.expression();
      const Column* column = insert.columns[i];
      if (column != nullptr && column->auto_increment && value.literal &&
          (value.literal->kind == Literal::Kind::Null ||
           (value.literal->value == "0" && !modes_.no_auto_value_on_zero))) {
        row.add("DEFAULT");
        ++insert.generated;
      } else if (column != nullptr) {
        row.add(query.assign(std::move(value), *column));
      } else {
        row.add(value.sql);
      }
      if (!cursor.accept_op(",")) break;
    }
    row.add(")");
    insert.batches.push_back(Text(insert.head + " VALUES ", insert.range).add(row));
    if (!insert.tail.empty()) insert.batches.back().add("\n").add(insert.tail);
    insert.batch_rows.push_back(1);
    insert.rows = 1;
  } else {
    query_form = true;
    const QueryWorld surroundings = world();
    Query query(cursor, surroundings, insert.notes);
    query.into(insert.columns);
    const Text select = query.select();
    insert.batches.push_back(Text(insert.head + "\n", insert.range).add(select));
    if (!insert.tail.empty()) insert.batches.back().add("\n").add(insert.tail);
    insert.batch_rows.push_back(1);
  }
  if (!cursor.failed() && !cursor.done()) {
    cursor.fail(fmt::format("`{}` is not supported here", cursor.text()));
  }
  cursor.limit(end);
  if (cursor.failed()) return dropped(cursor);

  if (insert.table == nullptr && !query_form) {
    report("mysql_table_unknown", written.range,
           fmt::format("`{}` is not created in this file, so its values are not converted",
                       written.name));
  }
  note_last_id(insert, query_form || upsert || replace || ignore);
  report_notes(insert.notes);
  if (upsert) {
    report("mysql_upsert_converted", written.range, "ON DUPLICATE KEY UPDATE becomes ON CONFLICT");
  } else if (replace && !insert.tail.empty()) {
    report("mysql_replace_converted", written.range, "REPLACE becomes an INSERT that updates");
  } else if (ignore) {
    report("mysql_insert_ignore_converted", written.range, "INSERT IGNORE becomes ON CONFLICT");
  } else if (values && insert.table != nullptr && rows_told_.insert(insert.table).second) {
    report("mysql_data_converted", written.range,
           fmt::format("the rows of `{}` are converted to the new types", written.name));
  }
  if (insert.batches.size() > 1 && insert.rows > 1) {
    report("mysql_insert_batched", written.range,
           fmt::format("{} rows become {} INSERTs", insert.rows, insert.batches.size()));
  }
  for (size_t i = 0; i < insert.batches.size(); ++i) {
    // A transaction of the user's that holds too much is cut between INSERTs.
    if (open_transaction_ != nullptr && !transaction_dropped_ &&
        (transaction_rows_ + insert.batch_rows[i] > 3000 ||
         transaction_bytes_ + insert.batches[i].size() > (size_t{9} << 20)) &&
        transaction_rows_ > 0) {
      emit(Text("COMMIT", insert.range));
      emit(Text("BEGIN", insert.range));
      transaction_rows_ = transaction_bytes_ = 0;
      if (!transaction_split_) {
        transaction_split_ = true;
        report("mysql_transaction_split", written.range,
               "the transaction adds more rows or bytes than a transaction can change");
      }
    }
    transaction_rows_ += insert.batch_rows[i];
    transaction_bytes_ += insert.batches[i].size();
    emit(std::move(insert.batches[i]), true);
  }
  return Fate::Translated;
}

}  // namespace dsqlint::mysql
