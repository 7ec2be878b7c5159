// INSERT, REPLACE, UPDATE, DELETE.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/translator.h"
#include "mysql/values.h"

namespace dsqlint::mysql {
namespace {

/// What a statement of the output may hold; a transaction takes 3,000 rows and 10 MiB.
constexpr size_t kBatchRows = 1000;
constexpr size_t kBatchBytes = size_t{4} << 20;

}  // namespace

struct Translator::Insert {
  Name name;
  Table* table = nullptr;
  std::vector<std::string> names;      ///< of the list, as written; empty: no list
  std::vector<const Column*> columns;  ///< by position; null where not known
  std::string head;                    ///< INSERT INTO t (a, b)
  Text tail;                           ///< ON CONFLICT …
  Range range;
  std::vector<Text> batches;
  std::vector<size_t> batch_rows;
  QueryNotes notes;
  size_t rows = 0;
  bool changed = false;
};

Translator::Fate Translator::dropped(Cursor& cursor) {
  report_failure(cursor, "mysql_data_statement_dropped");
  return Fate::Reported;
}

bool Translator::insert_value(Cursor& cursor, Insert& insert, size_t index, Text& out) {
  const Column* column = index < insert.columns.size() ? insert.columns[index] : nullptr;
  const size_t begin = cursor.at();
  Literal literal;
  bool simple = true;
  bool negative = false;
  if (cursor.is_op("-") && cursor.peek(1).kind == Kind::Number) {
    negative = true;
    cursor.advance();
  }
  const Token token = cursor.peek();
  switch (token.kind) {
    case Kind::Number:
      literal.kind = Literal::Kind::Number;
      literal.value = (negative ? "-" : "") + std::string(cursor.slice(token));
      break;
    case Kind::String:
      literal.kind = Literal::Kind::String;
      literal.value = string_bytes(cursor.slice(token), modes_);
      break;
    case Kind::Hex:
      literal.kind = Literal::Kind::Bytes;
      literal.value = hex_bytes(cursor.slice(token));
      break;
    case Kind::Bit:
      literal.kind = Literal::Kind::Bits;
      literal.value = bit_bytes(cursor.slice(token));
      break;
    case Kind::Word: {
      const std::string_view word = cursor.slice(token);
      const Token& next = cursor.peek(1);
      if (equals(word, "null")) {
        literal.kind = Literal::Kind::Null;
      } else if (equals(word, "default")) {
        literal.kind = Literal::Kind::Default;
      } else if (word[0] == '_' && (next.kind == Kind::String || next.kind == Kind::Hex)) {
        literal.charset = lower(word.substr(1));
        const bool binary = literal.charset == "binary";
        literal.kind = binary ? Literal::Kind::Bytes : Literal::Kind::String;
        literal.value = next.kind == Kind::String ? string_bytes(cursor.slice(next), modes_)
                                                  : hex_bytes(cursor.slice(next));
        cursor.advance();
      } else {
        simple = false;
      }
      break;
    }
    case Kind::Operator:
      if (cursor.is_op("\\N")) {
        literal.kind = Literal::Kind::Null;
      } else {
        simple = false;
      }
      break;
    default:
      simple = false;
  }
  if (simple) {
    cursor.advance();
    simple = cursor.is_op(",") || cursor.is_op(")");
  }
  if (column != nullptr && column->generated && !column->plain_instead) {
    // Dumps of MariaDB print the value; only DEFAULT may be given.
    if (!simple) {
      cursor.seek(begin);
      const QueryWorld surroundings = world();
      Query query(cursor, surroundings, insert.notes);
      query.expression();
    }
    out.add("DEFAULT");
    return !cursor.failed();
  }
  if (!simple) {
    cursor.seek(begin);
    const QueryWorld surroundings = world();
    Query query(cursor, surroundings, insert.notes);
    query.open();
    if (insert.table != nullptr) {
      query.enter({.alias = insert.table->name, .name = insert.table->name, .table = insert.table});
    }
    Expr value = query.expression();
    if (cursor.failed()) return false;
    if (!value.references.empty()) {
      cursor.fail("a value refers to a column", value.sql.source(0));
      return false;
    }
    if (column != nullptr) {
      out.add(query.assign(std::move(value), *column).text());
    } else {
      out.add(value.sql.text());
    }
    return !cursor.failed();
  }
  if (column == nullptr) {
    if (literal.kind == Literal::Kind::Bytes || literal.kind == Literal::Kind::Bits) {
      cursor.fail("what these bytes are depends on the column, which is not in this file",
                  token.range());
      return false;
    }
    const Converted converted = convert(literal, charset_);
    if (!converted.problem.empty()) {
      cursor.fail(converted.problem, token.range(), converted.finding);
      return false;
    }
    out.add(converted.sql);
    return true;
  }
  if (column->auto_increment) {
    const bool zero = literal.kind != Literal::Kind::Null && !literal.value.empty() &&
                      literal.value.find_first_not_of('0') == std::string::npos &&
                      !modes_.no_auto_value_on_zero;
    if (literal.kind == Literal::Kind::Null || zero) {
      out.add("DEFAULT");
      insert.changed = true;
      return true;
    }
  }
  Converted converted = convert(literal, column->type, column->target, charset_);
  if (!converted.problem.empty()) {
    const bool zero_date = converted.problem.find("zero date") != std::string::npos;
    if (zero_date && !column->not_null) {
      out.add("NULL");
      insert.changed = true;
      return true;
    }
    cursor.fail(fmt::format("`{}`: {}", column->name, converted.problem), token.range(),
                converted.finding);
    return false;
  }
  if (literal.kind == Literal::Kind::String && converted.changed &&
      (column->target.cls == Class::Text || column->target.cls == Class::Json) &&
      column->type.base != Base::Enum && column->type.base != Base::Set && !reencoded_) {
    reencoded_ = true;
    report("mysql_string_reencoded", token.range(),
           fmt::format("texts in {} are written in UTF-8",
                       literal.charset.empty() ? charset_ : literal.charset));
  }
  insert.changed = insert.changed || converted.changed;
  out.add(converted.sql);
  return true;
}

bool Translator::insert_row(Cursor& cursor, Insert& insert, Text& out) {
  const size_t begin = cursor.at();
  cursor.accept("row");
  cursor.expect_op("(");
  Text values;
  size_t count = 0;
  values.add("(");
  while (!cursor.done() && !cursor.is_op(")")) {
    if (count > 0) values.add(", ");
    if (!insert_value(cursor, insert, count, values)) return false;
    ++count;
    if (!cursor.accept_op(",")) break;
  }
  cursor.expect_op(")");
  if (cursor.failed()) return false;
  values.add(")");
  if (count > 0 && !insert.columns.empty() && count != insert.columns.size()) {
    cursor.fail(fmt::format("the row has {} values for {} columns", count, insert.columns.size()),
                cursor.range_from(begin));
    return false;
  }
  out.add(values.text(), cursor.range_from(begin));
  return true;
}

void Translator::insert_rows(Cursor& cursor, Insert& insert) {
  Text batch;
  size_t rows = 0;
  Text row;
  const auto close = [&] {
    if (rows == 0) return;
    if (!insert.tail.empty()) batch.add("\n").add(insert.tail);
    insert.batches.push_back(std::move(batch));
    insert.batch_rows.push_back(rows);
    batch = Text();
    rows = 0;
  };
  while (!cursor.failed()) {
    row.clear();
    // `()` stands for defaults.
    if (cursor.is_op("(") && cursor.is_op(")", 1)) {
      cursor.advance(2);
      close();
      insert.batches.push_back(
          Text(insert.head.substr(0, insert.head.find(" (")) + " DEFAULT VALUES", insert.range)
              .add(insert.tail.empty() ? "" : "\n")
              .add(insert.tail));
      insert.batch_rows.push_back(1);
      ++insert.rows;
    } else {
      if (!insert_row(cursor, insert, row)) return;
      if (rows == kBatchRows || (rows > 0 && batch.size() + row.size() > kBatchBytes)) close();
      if (rows == 0) {
        batch.add(insert.head + " VALUES", insert.range);
      } else {
        batch.add(",");
      }
      batch.add("\n  ").add(row);
      ++rows;
      ++insert.rows;
    }
    if (!cursor.accept_op(",")) break;
  }
  close();
  // One row stands on one line.
  if (insert.rows == 1 && insert.batches.size() == 1) {
    std::string& bytes = insert.batches[0].bytes();
    const size_t newline =
        bytes.find(" VALUES\n  (", insert.head.size() > 8 ? insert.head.size() - 8 : 0);
    if (newline != std::string::npos && bytes.size() < 400) {
      Text line;
      line.add(insert.head + " VALUES ", insert.range).add(row);
      if (!insert.tail.empty()) line.add("\n").add(insert.tail);
      insert.batches[0] = std::move(line);
    }
  }
}

/// `ON DUPLICATE KEY UPDATE …`, from behind it.
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
  if (keys.empty()) return ambiguous("no unique key is given by the columns inserted");
  if (keys.size() > 1) return ambiguous("more than one unique key may be hit");
  std::string target;
  for (const KeyPart& part : keys[0]->parts) {
    const Column* column = insert.table->column(part.column);
    target +=
        (target.empty() ? "" : ", ") + identifier(column == nullptr ? part.column : column->name);
  }
  return Text("ON CONFLICT (" + target + ") DO UPDATE SET ");
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
    for (const Column& column : insert.table->columns) insert.names.push_back(column.name);
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
      cursor.fail("a row alias with column names is not understood", cursor.peek().range(),
                  "mysql_upsert_ambiguous");
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
      cursor.fail("more than one unique key may be hit", written.range, "mysql_upsert_ambiguous");
    } else if (keys.size() == 1) {
      insert.tail = upsert_sql(cursor, insert);
      bool first = true;
      for (const Column& column : insert.table->columns) {
        const bool in_key = std::any_of(
            keys[0]->parts.begin(), keys[0]->parts.end(),
            [&](const KeyPart& part) { return equals(part.column, lower(column.name)); });
        if (in_key || (column.generated && !column.plain_instead)) continue;
        const bool listed =
            std::any_of(insert.names.begin(), insert.names.end(),
                        [&](const std::string& n) { return equals(n, lower(column.name)); });
        insert.tail.add(first ? "" : ", ").add(identifier(column.name) + " = ");
        insert.tail.add(listed ? "EXCLUDED." + identifier(column.name) : std::string("DEFAULT"));
        first = false;
      }
      if (first) insert.tail = Text("ON CONFLICT DO NOTHING");
    }
  }
  if (!cursor.failed() && !cursor.done()) {
    cursor.fail(fmt::format("`{}` is not understood here", cursor.text()));
  }
  if (cursor.failed()) return dropped(cursor);

  const size_t end = cursor.end();
  cursor.limit(behind);
  cursor.seek(rows);
  bool query_form = false;
  if (values) {
    insert_rows(cursor, insert);
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
    const Text select = query.select();
    const auto& output = query.output();
    for (size_t i = 0; i < output.size() && i < insert.columns.size(); ++i) {
      const Class to =
          insert.columns[i] == nullptr ? Class::Unknown : insert.columns[i]->target.cls;
      const Class from = output[i].second;
      const bool number = from == Class::Integer || from == Class::Numeric || from == Class::Double;
      if ((to == Class::Bool && number) || (from == Class::Bool && to == Class::Integer)) {
        cursor.fail(fmt::format("the query gives a {} for `{}`", number ? "number" : "boolean",
                                insert.columns[i]->name),
                    insert.range);
      }
    }
    insert.batches.push_back(Text(insert.head + "\n", insert.range).add(select));
    if (!insert.tail.empty()) insert.batches.back().add("\n").add(insert.tail);
    insert.batch_rows.push_back(1);
  }
  if (!cursor.failed() && !cursor.done()) {
    cursor.fail(fmt::format("`{}` is not understood here", cursor.text()));
  }
  cursor.limit(end);
  if (cursor.failed()) return dropped(cursor);

  if (insert.table == nullptr && !query_form) {
    report("mysql_table_unknown", written.range,
           fmt::format("`{}` is not created in this file, so its values are taken as they are",
                       written.name));
  }
  report_notes(insert.notes);
  if (upsert) {
    report("mysql_upsert_converted", written.range, "ON DUPLICATE KEY UPDATE becomes ON CONFLICT");
  } else if (replace && !insert.tail.empty()) {
    report("mysql_replace_converted", written.range, "REPLACE becomes an INSERT that updates");
  } else if (ignore) {
    report("mysql_insert_ignore_converted", written.range, "INSERT IGNORE becomes ON CONFLICT");
  } else if (values && insert.table != nullptr && !insert.table->data_reported) {
    insert.table->data_reported = true;
    report("mysql_data_converted", written.range,
           fmt::format("the rows of `{}` are written for their new types", written.name));
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
               "the transaction around holds more than one may change");
      }
    }
    transaction_rows_ += insert.batch_rows[i];
    transaction_bytes_ += insert.batches[i].size();
    emit(std::move(insert.batches[i]), true);
  }
  return Fate::Translated;
}

std::optional<Text> Translator::limited_where(const Table* table, const std::string& shown,
                                              Text where, Text order, Text limit) {
  const Key* primary = table == nullptr ? nullptr : table->primary_key();
  if (primary == nullptr || primary->parts.empty()) return std::nullopt;
  std::string columns;
  for (const KeyPart& part : primary->parts) {
    const Column* column = table->column(part.column);
    columns +=
        (columns.empty() ? "" : ", ") + identifier(column == nullptr ? part.column : column->name);
  }
  const bool several = primary->parts.size() > 1;
  Text out(several ? "(" + columns + ")" : columns);
  out.add(fmt::format(" IN (SELECT {} FROM {}", columns, shown));
  if (!where.empty()) out.add(" WHERE ").add(where);
  if (!order.empty()) out.add(" ").add(order);
  out.add(" ").add(limit).add(")");
  return out;
}

namespace {

/// The conditions of inner joins, for WHERE; false where a join is none.
bool join_conditions(const std::vector<Joined>& tables, Text& out) {
  for (size_t i = 0; i < tables.size(); ++i) {
    const Joined& table = tables[i];
    if (!table.how.empty() && table.how != "JOIN" && table.how != "CROSS JOIN" &&
        table.how != ",") {
      return false;
    }
    if (!table.using_columns.empty()) {
      const std::string& list = table.using_columns.text();
      if (i == 0 || list.find(',') != std::string::npos) return false;
      out.add(out.empty() ? "" : " AND ");
      out.add(fmt::format("{}.{} = {}.{}", identifier(tables[0].source.alias), list,
                          identifier(table.source.alias), list));
    }
    if (!table.on.sql.empty()) {
      Expr on = table.on;
      out.add(out.empty() ? "" : " AND ").add(Query::wrap(std::move(on), Binding::And));
    }
  }
  return true;
}

Text others_sql(const std::vector<Joined>& tables, size_t target) {
  Text out;
  for (size_t i = 0; i < tables.size(); ++i) {
    if (i == target) continue;
    out.add(out.empty() ? "" : ", ").add(tables[i].sql);
  }
  return out;
}

}  // namespace

Translator::Fate Translator::update(Cursor& cursor) {
  cursor.advance();
  cursor.accept("low_priority");
  cursor.accept("ignore");
  QueryNotes notes;
  const QueryWorld surroundings = world();
  Query query(cursor, surroundings, notes);
  query.open();
  std::vector<Joined> tables = query.table_references();
  cursor.expect("set");
  if (cursor.failed()) return dropped(cursor);

  struct Assignment {
    std::string column;
    Text value;
  };
  std::vector<Assignment> assignments;
  std::set<std::string> assigned;
  size_t target = tables.size();
  do {
    const Range range = cursor.peek().range();
    std::string first = cursor.name();
    std::string qualifier;
    while (cursor.accept_op(".")) {
      qualifier = std::move(first);
      first = cursor.name();
    }
    cursor.expect_op("=");
    size_t at = tables.size() == 1 ? 0 : tables.size();
    for (size_t i = 0; i < tables.size() && at == tables.size(); ++i) {
      const Source& source = tables[i].source;
      if (!qualifier.empty() ? equals(source.alias, lower(qualifier))
                             : source.table != nullptr && source.table->column(first) != nullptr) {
        at = i;
      }
    }
    if (at == tables.size() || (target != tables.size() && at != target)) {
      cursor.fail(at == tables.size() ? fmt::format("whose column `{}` is is not known", first)
                                      : std::string("it writes to two tables"),
                  range);
      break;
    }
    target = at;
    const Table* table = tables[at].source.table;
    const Column* column = table == nullptr ? nullptr : table->column(first);
    Expr value = query.expression();
    if (cursor.failed()) break;
    if (at != 0) {
      for (const Reference& reference : value.references) {
        if (reference.source == tables[at].source.alias && assigned.count(reference.column) != 0) {
          cursor.fail("an assignment reads what an earlier one wrote", range);
        }
      }
    }
    Expr kept = value;
    Text sql = column == nullptr ? value.sql : query.assign(std::move(value), *column);
    if (column != nullptr && column->generated && !column->plain_instead) sql = Text("DEFAULT");
    const std::string name = column == nullptr ? first : column->name;
    if (at == 0 && !kept.literal) {
      query.substitute(lower(name), std::move(kept));
    } else if (at == 0) {
      kept.sql = sql;
      query.substitute(lower(name), std::move(kept));
    }
    assigned.insert(lower(name));
    assignments.push_back({name, std::move(sql)});
  } while (cursor.accept_op(",") && !cursor.done());
  if (cursor.failed()) return dropped(cursor);

  // WHERE sees the values as they were.
  const size_t where_at = cursor.at();
  Cursor rest(text_, cursor.statement(), modes_);
  rest.seek(where_at);
  Query filter(rest, surroundings, notes);
  filter.open();
  for (const Joined& table : tables) filter.enter(table.source);
  Expr where;
  if (rest.accept("where")) where = filter.condition(filter.expression());
  Text order;
  if (rest.is("order")) order = filter.order_by();
  Text limit = filter.limit();
  if (rest.failed() || !rest.done()) {
    if (!rest.failed()) rest.fail(fmt::format("`{}` is not understood here", rest.text()));
    return dropped(rest);
  }
  Text out("UPDATE ", cursor.statement().range);
  out.add(tables[target].sql).add(" SET ");
  for (size_t i = 0; i < assignments.size(); ++i) {
    out.add(i > 0 ? ", " : "").add(identifier(assignments[i].column) + " = ");
    out.add(assignments[i].value);
  }
  const Range place = cursor.range({0, 1});
  if (tables.size() == 1) {
    Text condition = where.sql;
    if (!limit.empty()) {
      auto limited =
          limited_where(tables[0].source.table, tables[0].sql.text(), where.sql, order, limit);
      if (!limited) {
        cursor.fail("a LIMIT needs a primary key to say which rows", place);
        return dropped(cursor);
      }
      condition = std::move(*limited);
      report("mysql_limited_dml_rewritten", place, "the rows of the LIMIT are picked by their key");
    }
    if (!condition.empty()) out.add(" WHERE ").add(condition);
  } else {
    Text condition;
    if (!join_conditions(tables, condition) || !limit.empty()) {
      cursor.fail("an UPDATE over an outer join has no counterpart", place);
      return dropped(cursor);
    }
    if (!where.sql.empty()) {
      condition.add(condition.empty() ? "" : " AND ").add(Query::wrap(where, Binding::And));
    }
    out.add(" FROM ").add(others_sql(tables, target));
    if (!condition.empty()) out.add(" WHERE ").add(condition);
    report("mysql_join_dml_rewritten", place, "the joined tables stand in FROM");
  }
  report_notes(notes);
  emit(std::move(out), true);
  return Fate::Translated;
}

Translator::Fate Translator::remove(Cursor& cursor) {
  cursor.advance();
  while (cursor.accept("low_priority") || cursor.accept("quick") || cursor.accept("ignore")) {
  }
  const Range place = cursor.range({0, 1});
  QueryNotes notes;
  const QueryWorld surroundings = world();
  Query query(cursor, surroundings, notes);
  query.open();
  std::vector<Name> targets;
  const auto read_targets = [&] {
    do {
      Name name = cursor.object_name();
      if (cursor.accept_op(".")) cursor.expect_op("*");
      targets.push_back(std::move(name));
    } while (cursor.accept_op(","));
  };
  std::vector<Joined> tables;
  bool joined = false;
  if (cursor.accept("from")) {
    const size_t begin = cursor.at();
    read_targets();
    if (cursor.accept("using")) {
      joined = true;
    } else {
      cursor.seek(begin);
      targets.clear();
    }
  } else {
    read_targets();
    cursor.expect("from");
    joined = true;
  }
  tables = query.table_references();
  if (cursor.failed()) return dropped(cursor);
  if (!joined && tables.size() != 1) {
    cursor.fail("it names more than one table", place);
    return dropped(cursor);
  }
  size_t target = 0;
  if (joined) {
    if (targets.size() != 1) {
      cursor.fail("it deletes from more than one table", place);
      return dropped(cursor);
    }
    target = tables.size();
    for (size_t i = 0; i < tables.size(); ++i) {
      if (equals(tables[i].source.alias, lower(targets[0].name))) target = i;
    }
    if (target == tables.size()) {
      cursor.fail(fmt::format("`{}` is not among the tables", targets[0].name), targets[0].range);
      return dropped(cursor);
    }
  }
  Expr where;
  if (cursor.accept("where")) where = query.condition(query.expression());
  Text order;
  if (cursor.is("order")) order = query.order_by();
  Text limit = query.limit();
  if (!cursor.failed() && !cursor.done()) {
    cursor.fail(fmt::format("`{}` is not understood here", cursor.text()));
  }
  if (cursor.failed()) return dropped(cursor);
  Text out("DELETE FROM ", cursor.statement().range);
  out.add(tables[target].sql);
  if (tables.size() == 1) {
    Text condition = where.sql;
    if (!limit.empty()) {
      auto limited =
          limited_where(tables[0].source.table, tables[0].sql.text(), where.sql, order, limit);
      if (!limited) {
        cursor.fail("a LIMIT needs a primary key to say which rows", place);
        return dropped(cursor);
      }
      condition = std::move(*limited);
      report("mysql_limited_dml_rewritten", place, "the rows of the LIMIT are picked by their key");
    }
    if (!condition.empty()) out.add(" WHERE ").add(condition);
  } else {
    Text condition;
    if (!join_conditions(tables, condition)) {
      cursor.fail("a DELETE over an outer join has no counterpart", place);
      return dropped(cursor);
    }
    if (!where.sql.empty()) {
      condition.add(condition.empty() ? "" : " AND ").add(Query::wrap(where, Binding::And));
    }
    out.add(" USING ").add(others_sql(tables, target));
    if (!condition.empty()) out.add(" WHERE ").add(condition);
    report("mysql_join_dml_rewritten", place, "the joined tables stand in USING");
  }
  report_notes(notes);
  emit(std::move(out), true);
  return Fate::Translated;
}

}  // namespace dsqlint::mysql
