// The rows of INSERT … VALUES, value by value.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/insert.h"
#include "mysql/values.h"

namespace dsqlint::mysql {
namespace {

/// What a statement of the output may hold; a transaction takes 3,000 rows and 10 MiB.
constexpr size_t kBatchRows = 1000;
constexpr size_t kBatchBytes = size_t{4} << 20;

}  // namespace

bool Translator::insert_value(Cursor& cursor, Insert& insert, size_t index, std::string& out) {
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
    out += "DEFAULT";
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
      out += query.assign(std::move(value), *column).text();
    } else {
      out += value.sql.text();
    }
    return !cursor.failed();
  }
  if (column == nullptr) {
    if (literal.kind == Literal::Kind::Bytes || literal.kind == Literal::Kind::Bits) {
      cursor.fail("the meaning of these bytes depends on the column, which is not in this file",
                  token.range());
      return false;
    }
    const Converted converted = convert(literal, charset_);
    if (!converted.problem.empty()) {
      cursor.fail(converted.problem, token.range(), converted.finding);
      return false;
    }
    out += converted.sql;
    return true;
  }
  Counter* counter = column->auto_increment && insert.table != nullptr
                         ? &insert.table->hindsight->counter
                         : nullptr;
  if (counter != nullptr && (!counter->interleaved || counter->unknown)) counter = nullptr;
  if (column->auto_increment) {
    const bool zero = literal.kind != Literal::Kind::Null && !literal.value.empty() &&
                      literal.value.find_first_not_of('0') == std::string::npos &&
                      !modes_.no_auto_value_on_zero;
    if (literal.kind == Literal::Kind::Null || literal.kind == Literal::Kind::Default || zero) {
      // Where rows with ids of their own stand between, the identity would give others.
      out += counter == nullptr ? std::string("DEFAULT") : std::to_string(counter->written++);
      return true;
    }
  }
  Converted converted = convert(literal, column->type, column->target, charset_);
  if (!modes_.strict) {
    std::string implied = lax_value(literal, *column, converted, insert.several, charset_);
    if (!implied.empty()) {
      if (insert.implied.empty()) insert.implied_range = token.range();
      insert.implied.emplace(column->name, implied);
      converted = {.sql = std::move(implied)};
    }
  }
  if (!converted.problem.empty()) {
    const bool zero_date = converted.problem.find("zero date") != std::string::npos;
    if (zero_date && !column->not_null) {
      told_zero_date(insert, *column, literal.value, token.range());
      out += "NULL";
      return true;
    }
    // The row is left out, the others stay.
    if (insert.problem.empty()) {
      insert.problem = fmt::format("`{}`: {}", column->name, converted.problem);
      insert.problem_range = token.range();
      insert.problem_rule = converted.finding;
    }
    out += "NULL";
    return true;
  }
  if (counter != nullptr && literal.kind == Literal::Kind::Number &&
      literal.value.find_first_not_of("0123456789") == std::string::npos &&
      literal.value.size() < 19) {
    counter->written = std::max<int64_t>(counter->written, std::stoll(literal.value) + 1);
  }
  if (literal.kind == Literal::Kind::String && converted.changed &&
      (column->target.cls == Class::Text || column->target.cls == Class::Json) &&
      column->type.base != Base::Enum && column->type.base != Base::Set && !reencoded_) {
    reencoded_ = true;
    report("mysql_string_reencoded", token.range(),
           fmt::format("strings in {} are converted to UTF-8",
                       literal.charset.empty() ? charset_ : literal.charset));
  }
  out += zoned(std::move(converted.sql), column->target.cls, zone_);
  return true;
}

bool Translator::insert_row(Cursor& cursor, Insert& insert, PlainWriter& plain, Text& out) {
  const size_t begin = cursor.at();
  cursor.accept("row");
  cursor.expect_op("(");
  std::string& values = insert.row;
  size_t count = 0;
  values = "(";
  insert.problem.clear();
  insert.key_values.clear();
  while (!cursor.done() && !cursor.is_op(")")) {
    if (count > 0) values += ", ";
    const size_t value_begin = values.size();
    if ((count >= insert.plain.size() || !plain.write(cursor, insert.plain[count], values)) &&
        !insert_value(cursor, insert, count, values)) {
      return false;
    }
    if (count < insert.columns.size() && insert.columns[count] != nullptr &&
        insert.columns[count]->auto_increment &&
        std::string_view(values).substr(value_begin) == "DEFAULT") {
      ++insert.generated;
    }
    if (std::find(insert.keys.begin(), insert.keys.end(), count) != insert.keys.end()) {
      insert.key_values.push_back(values.substr(value_begin));
    }
    ++count;
    if (!cursor.accept_op(",")) break;
  }
  cursor.expect_op(")");
  if (cursor.failed()) return false;
  for (const Insert::Added& added : insert.added) {
    values += ", ";
    values += added.column->auto_increment
                  ? std::to_string(insert.table->hindsight->counter.written++)
                  : added.sql;
  }
  values += ")";
  if (count > 0 && !insert.columns.empty() && count != insert.columns.size()) {
    cursor.fail(fmt::format("the row has {} values for {} columns", count, insert.columns.size()),
                cursor.range_from(begin));
    return false;
  }
  out.add(values, cursor.range_from(begin));
  if (!insert.problem.empty()) {
    insert.lost.push_back({insert.problem_range, insert.problem, insert.problem_rule});
  }
  return true;
}

void Translator::told_zero_date(const Insert& insert, const Column& column,
                                const std::string& value, Range range) {
  ZeroDates& dates = zero_dates_[{insert.table->name, column.name}];
  if (dates.count++ == 0) {
    dates.range = range;
    dates.statement = statement_;
  }
  const bool partial = value.find_first_of("123456789") != std::string::npos;
  if (partial && dates.partial.size() < 4) dates.partial.insert(value);
}

/// What MySQL writes into columns that the list leaves out, and PostgreSQL would refuse or give
/// another value.
void Translator::add_columns(Insert& insert) {
  if (insert.table == nullptr || insert.names.empty()) return;
  for (const Column& column : insert.table->columns) {
    const std::string name = lower(column.original.empty() ? column.name : column.original);
    const bool listed = std::any_of(insert.names.begin(), insert.names.end(),
                                    [&](const std::string& n) { return equals(n, name); });
    if (listed || (column.generated && !column.plain_instead)) continue;
    const Counter& counter = insert.table->hindsight->counter;
    std::string sql;
    if (column.auto_increment) {
      if (!counter.interleaved || counter.unknown) continue;
    } else {
      if (modes_.strict || !column.not_null || column.has_default ||
          column.type.base == Base::Enum) {
        continue;
      }
      sql = implicit_default(column);
      if (sql.empty()) continue;
      if (insert.implied.empty()) insert.implied_range = insert.range;
      insert.implied.emplace(column.name, sql);
    }
    insert.added_names += ", " + identifier(column.name);
    insert.added.push_back({&column, std::move(sql)});
  }
}

void Translator::report_rows(Insert& insert, const Name& written) {
  if (!insert.lost.empty()) {
    const size_t count = insert.lost.size();
    std::vector<Note> notes;
    for (size_t i = 0; i < count && i < 5; ++i) {
      notes.push_back({fmt::format("line {}: {}", source_.position(insert.lost[i].range.begin).line,
                                   insert.lost[i].problem)});
    }
    if (count > 5) notes.push_back({fmt::format("and {} more", count - 5)});
    const std::string_view rule = insert.lost[0].rule;
    report(rule.empty() ? "mysql_data_statement_dropped" : rule, insert.lost[0].range,
           fmt::format("{} of `{}` {} removed; the other rows stay",
                       count == 1 ? std::string("1 row") : fmt::format("{} rows", count),
                       written.name, count == 1 ? "is" : "are"),
           std::move(notes), "give the rows values that their columns can hold");
  }
  if (!insert.implied.empty()) {
    std::string list;
    for (const auto& [column, value] : insert.implied) {
      list += (list.empty() ? "" : ", ") + fmt::format("`{}` = {}", column, value);
      if (list.size() > 200) break;
    }
    report("mysql_lax_value", insert.implied_range,
           fmt::format("rows of `{}` get the values that MySQL stores instead: {}", written.name,
                       list));
  }
}

void Translator::insert_rows(Cursor& cursor, Insert& insert) {
  Text batch;
  size_t rows = 0;
  Text row;
  PlainWriter plain(modes_, charset_);
  insert.plain.clear();
  for (const Column* column : insert.columns) {
    insert.plain.push_back(plain_column(column));
    // Times in a zone of the session's own are written out with it.
    const bool moved =
        column != nullptr && column->target.cls == Class::Timestamptz && !zone_.empty();
    // Ids that are counted here, and values that have to be looked at.
    const bool counted = column != nullptr && column->auto_increment && insert.table != nullptr &&
                         insert.table->hindsight->counter.interleaved;
    if (moved || counted) insert.plain.back() = {};
    if (!modes_.strict) insert.plain.back().be_careful();
  }
  {
    // One row is held to more than several are.
    int depth = 0;
    for (size_t i = cursor.at(); i < cursor.end() && !insert.several; ++i) {
      const Token& token = cursor.statement().tokens[i];
      if (token.kind != Kind::Operator) continue;
      if (text_[token.begin] == '(') ++depth;
      if (text_[token.begin] == ')') --depth;
      insert.several = text_[token.begin] == ',' && depth == 0;
    }
  }
  const auto close = [&] {
    insert.batch_keys.clear();
    if (rows == 0) return;
    if (!insert.tail.empty()) batch.add("\n").add(insert.tail);
    insert.batches.push_back(std::move(batch));
    insert.batch_rows.push_back(rows);
    batch = Text();
    rows = 0;
  };
  while (!cursor.failed()) {
    row.clear();
    // `()` means defaults.
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
      if (!insert_row(cursor, insert, plain, row)) return;
      if (!insert.problem.empty()) {
        if (!cursor.accept_op(",")) break;
        continue;
      }
      if (!insert.keys.empty()) {
        // The same key twice: PostgreSQL changes a row once per statement.
        std::string key;
        for (const std::string& part : insert.key_values) key += part + '\x1F';
        if (key.find("DEFAULT") == std::string::npos) {
          if (insert.batch_keys.count(key) != 0) close();
          insert.batch_keys.insert(std::move(key));
        }
      }
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
  if (insert.rows == 0 && !insert.lost.empty()) {
    // Nothing is left of it.
    cursor.fail(insert.lost[0].problem, insert.lost[0].range, insert.lost[0].rule);
    return;
  }
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

}  // namespace dsqlint::mysql
