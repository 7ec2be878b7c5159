// The rows of INSERT … VALUES, value by value.

#include <fmt/format.h>

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
  if (column->auto_increment) {
    const bool zero = literal.kind != Literal::Kind::Null && !literal.value.empty() &&
                      literal.value.find_first_not_of('0') == std::string::npos &&
                      !modes_.no_auto_value_on_zero;
    if (literal.kind == Literal::Kind::Null || zero) {
      out += "DEFAULT";
      return true;
    }
  }
  Converted converted = convert(literal, column->type, column->target, charset_);
  if (!converted.problem.empty()) {
    const bool zero_date = converted.problem.find("zero date") != std::string::npos;
    if (zero_date && !column->not_null) {
      out += "NULL";
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
           fmt::format("strings in {} are converted to UTF-8",
                       literal.charset.empty() ? charset_ : literal.charset));
  }
  out += converted.sql;
  return true;
}

bool Translator::insert_row(Cursor& cursor, Insert& insert, PlainWriter& plain, Text& out) {
  const size_t begin = cursor.at();
  cursor.accept("row");
  cursor.expect_op("(");
  std::string& values = insert.row;
  size_t count = 0;
  values = "(";
  while (!cursor.done() && !cursor.is_op(")")) {
    if (count > 0) values += ", ";
    if ((count >= insert.plain.size() || !plain.write(cursor, insert.plain[count], values)) &&
        !insert_value(cursor, insert, count, values)) {
      return false;
    }
    ++count;
    if (!cursor.accept_op(",")) break;
  }
  cursor.expect_op(")");
  if (cursor.failed()) return false;
  values += ")";
  if (count > 0 && !insert.columns.empty() && count != insert.columns.size()) {
    cursor.fail(fmt::format("the row has {} values for {} columns", count, insert.columns.size()),
                cursor.range_from(begin));
    return false;
  }
  out.add(values, cursor.range_from(begin));
  return true;
}

void Translator::insert_rows(Cursor& cursor, Insert& insert) {
  Text batch;
  size_t rows = 0;
  Text row;
  PlainWriter plain(modes_, charset_);
  insert.plain.clear();
  for (const Column* column : insert.columns) insert.plain.push_back(plain_column(column));
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

}  // namespace dsqlint::mysql
