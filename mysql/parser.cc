// Columns, keys and tables as MySQL writes them.

#include "mysql/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/values.h"

namespace dsqlint::mysql {
namespace {

TypeSpec parse_type(Cursor& cursor) {
  TypeSpec type;
  const size_t begin = cursor.at();
  type.name = lower(cursor.text());
  if (cursor.peek().kind != Kind::Word) {
    cursor.fail("a type is expected here");
    return type;
  }
  type.base = base_of(type.name);
  if (type.base == Base::Unknown) {
    cursor.fail(fmt::format("`{}` is not a MySQL type", cursor.text()));
    return type;
  }
  const std::string word = type.name;
  cursor.advance();
  if (word == "serial") {
    type.is_unsigned = type.serial = true;
  } else if (word == "double") {
    cursor.accept("precision");
  } else if (word == "national" || word == "nchar") {
    if (word == "national" && !cursor.accept("char") && !cursor.accept("character")) {
      if (cursor.accept("varchar") || cursor.accept("varcharacter")) type.base = Base::VarChar;
    }
    if (cursor.accept("varying") || cursor.accept("varchar")) type.base = Base::VarChar;
  } else if (word == "char" || word == "character") {
    if (cursor.accept("varying")) type.base = Base::VarChar;
  } else if (word == "long") {
    if (cursor.accept("varbinary")) type.base = Base::Blob;
    if (!cursor.accept("varchar")) cursor.accept("char", "varying");
  } else if (word == "real" && cursor.modes().real_as_float) {
    type.base = Base::Float;
  }
  if (type.base == Base::Enum || type.base == Base::Set) {
    cursor.expect_op("(");
    while (!cursor.done()) {
      if (cursor.peek().kind == Kind::Word && cursor.text()[0] == '_') cursor.advance();
      if (cursor.peek().kind == Kind::Hex) {
        type.members.push_back(hex_bytes(cursor.text()));
        cursor.advance();
      } else {
        type.members.push_back(cursor.string());
      }
      // Trailing spaces of members are not stored.
      std::string& member = type.members.back();
      while (!member.empty() && member.back() == ' ') member.pop_back();
      if (!cursor.accept_op(",")) break;
    }
    cursor.expect_op(")");
  } else if (cursor.is_op("(")) {
    cursor.advance();
    type.length = cursor.integer();
    if (cursor.accept_op(",")) type.scale = cursor.integer();
    cursor.expect_op(")");
  }
  for (;;) {
    if (cursor.accept("unsigned") || cursor.accept("zerofill")) {
      type.is_unsigned = true;
    } else if (cursor.accept("binary")) {
      type.collation = "_bin";  // that of the character set, whatever its name
    } else if (cursor.accept("signed") || cursor.accept("ascii") || cursor.accept("unicode")) {
      // Of no meaning for the stored values.
    } else if (cursor.accept("byte")) {
      type.base = type.base == Base::Char      ? Base::Binary
                  : type.base == Base::VarChar ? Base::VarBinary
                                               : Base::Blob;
    } else if (cursor.accept("character", "set") || cursor.accept("charset") ||
               (cursor.is("char") && cursor.is("set", 1) && cursor.accept("char", "set"))) {
      cursor.accept_op("=");
      type.charset = cursor.peek().kind == Kind::String ? cursor.string() : cursor.name();
    } else if (cursor.accept("collate")) {
      cursor.accept_op("=");
      type.collation = cursor.peek().kind == Kind::String ? cursor.string() : cursor.name();
    } else {
      break;
    }
  }
  if (lower(type.charset) == "binary") {
    if (type.base == Base::Char) type.base = Base::Binary;
    if (type.base == Base::VarChar) type.base = Base::VarBinary;
    if (type.base == Base::Text) type.base = Base::Blob;
  }
  type.range = cursor.range_from(begin);
  return type;
}

}  // namespace

Span default_value(Cursor& cursor) {
  const size_t begin = cursor.at();
  if (cursor.is_op("(")) return cursor.brackets();
  while (cursor.is_op("+") || cursor.is_op("-")) cursor.advance();
  const Kind kind = cursor.peek().kind;
  if (kind == Kind::End || kind == Kind::Operator) {
    if (!cursor.accept_op("\\N")) cursor.fail("a default value is expected here");
    return {begin, cursor.at()};
  }
  const bool word = kind == Kind::Word;
  const bool introducer = word && cursor.text()[0] == '_' &&
                          (cursor.peek(1).kind == Kind::String ||
                           cursor.peek(1).kind == Kind::Hex || cursor.peek(1).kind == Kind::Bit);
  cursor.advance(introducer ? 2 : 1);
  if (word && !introducer && cursor.is_op("(")) cursor.skip_brackets();
  while (kind == Kind::String && cursor.peek().kind == Kind::String) cursor.advance();
  return {begin, cursor.at()};
}

void parse_references(Cursor& cursor, ForeignKey& key) {
  key.parent = cursor.object_name();
  if (cursor.is_op("(")) {
    for (const KeyPart& part : parse_key_parts(cursor)) key.parent_columns.push_back(part.column);
  }
  const auto action = [&]() -> std::string {
    if (cursor.accept("cascade")) return "CASCADE";
    if (cursor.accept("restrict")) return "RESTRICT";
    if (cursor.accept("set", "null")) return "SET NULL";
    if (cursor.accept("set", "default")) return "SET DEFAULT";
    if (cursor.accept("no", "action")) return "NO ACTION";
    cursor.fail("a referential action is expected here");
    return {};
  };
  for (;;) {
    if (cursor.accept("on", "delete")) {
      key.on_delete = action();
    } else if (cursor.is("on") && cursor.is("update", 1) && !cursor.is("current_timestamp", 2)) {
      cursor.advance(2);
      key.on_update = action();
    } else if (cursor.accept("match")) {
      key.match = lower(cursor.text());
      cursor.advance();
    } else {
      return;
    }
  }
}

void parse_check(Cursor& cursor, Check& check) {
  check.expression = cursor.brackets();
  if (cursor.accept("not", "enforced")) check.enforced = false;
  cursor.accept("enforced");
}

std::string constraint_name(Cursor& cursor) {
  if (!cursor.accept("constraint")) return {};
  for (const std::string_view word : {"primary", "unique", "foreign", "check"}) {
    if (cursor.is(word) && cursor.peek().kind == Kind::Word) return {};
  }
  return cursor.name();
}

bool begins_key(const Cursor& cursor) {
  for (const std::string_view word : {"primary", "unique", "key", "index", "fulltext", "spatial",
                                      "foreign", "check", "constraint"}) {
    if (!cursor.is(word)) continue;
    // A column may be called so: then a type follows.
    if (word == "key" || word == "index" || word == "check") {
      if (cursor.peek(1).kind == Kind::Word && !cursor.is_op("(", 2) && !cursor.is("using", 2) &&
          !cursor.is("using", 1) && base_of(lower(cursor.text(1))) != Base::Unknown) {
        return false;
      }
    }
    return true;
  }
  return false;
}

Key parse_key(Cursor& cursor, std::string constraint) {
  Key key;
  const size_t begin = cursor.at();
  if (cursor.accept("primary")) {
    cursor.expect("key");
    key.kind = KeyKind::Primary;
  } else if (cursor.accept("unique")) {
    key.kind = KeyKind::Unique;
  } else if (cursor.accept("fulltext")) {
    key.kind = KeyKind::Fulltext;
  } else if (cursor.accept("spatial")) {
    key.kind = KeyKind::Spatial;
  }
  if (key.kind != KeyKind::Primary && !cursor.accept("key")) cursor.accept("index");
  if (cursor.accept("if", "not")) {
    cursor.expect("exists");
    key.if_not_exists = true;
  }
  if (!cursor.is_op("(") && !cursor.is("using")) {
    key.name_range = cursor.peek().range();
    key.name = cursor.name();
  }
  if (cursor.accept("using") || cursor.accept("type")) cursor.advance();
  if (!constraint.empty() && key.name.empty()) key.name = std::move(constraint);
  if (key.kind == KeyKind::Primary) key.name.clear();
  key.parts = parse_key_parts(cursor);
  skip_key_options(cursor);
  key.range = cursor.range_from(begin);
  return key;
}

namespace {

void parse_option_value(Cursor& cursor) {
  if (cursor.is_op("(")) {
    cursor.skip_brackets();
  } else {
    if (cursor.is_op("-")) cursor.advance();
    cursor.advance();
  }
}

void parse_table_options(Cursor& cursor, TableOptions& options) {
  while (!cursor.done()) {
    if (cursor.accept_op(",")) continue;
    const size_t begin = cursor.at();
    if (cursor.is("partition") && cursor.is("by", 1)) {
      options.partitioned = true;
      // PARTITION BY takes the rest, up to a query.
      while (!cursor.done() && !cursor.is("select") && !cursor.is("as")) {
        if (cursor.is_op("(")) {
          cursor.skip_brackets();
        } else {
          cursor.advance();
        }
      }
      options.partition_range = cursor.range_from(begin);
      continue;
    }
    if (cursor.is("select") || cursor.is("as") || cursor.is("with") || cursor.is("ignore") ||
        cursor.is("replace") || cursor.is_op("(")) {
      if (cursor.is("with") && (cursor.is("system", 1))) {
        cursor.advance(3);
        continue;
      }
      return;
    }
    cursor.accept("default");
    const auto value = [&] {
      cursor.accept_op("=");
      const Token& token = cursor.peek();
      std::string text = token.kind == Kind::String
                             ? string_bytes(cursor.slice(token), cursor.modes())
                         : token.kind == Kind::Name ? name_bytes(cursor.slice(token))
                                                    : std::string(cursor.slice(token));
      cursor.advance();
      return text;
    };
    if (cursor.accept("engine") || cursor.accept("type")) {
      options.engine = value();
      options.engine_range = cursor.range_from(begin);
    } else if (cursor.accept("auto_increment")) {
      options.auto_increment = value();
    } else if (cursor.accept("comment")) {
      options.comment = value();
      options.has_comment = true;
      options.comment_range = cursor.range_from(begin);
    } else if (cursor.accept("character", "set") || cursor.accept("charset") ||
               cursor.accept("char", "set")) {
      options.charset = value();
    } else if (cursor.accept("collate")) {
      options.collation = value();
    } else if (cursor.accept("data", "directory") || cursor.accept("index", "directory")) {
      value();
    } else if (cursor.accept("start", "transaction")) {
      // START TRANSACTION: an internal mark of the binary log
    } else if (cursor.accept("tablespace")) {
      value();
      if (cursor.accept("storage")) cursor.advance();
    } else if (cursor.peek().kind == Kind::Word || cursor.peek().kind == Kind::Name) {
      // ROW_FORMAT=DYNAMIC, STATS_PERSISTENT 0, `ENCRYPTED`=YES, UNION=(a, b) …
      cursor.advance();
      cursor.accept_op("=");
      parse_option_value(cursor);
    } else {
      cursor.fail(fmt::format("`{}` is not supported here", cursor.text()));
    }
  }
}

void parse_elements(Cursor& cursor, CreateTable& table) {
  cursor.expect_op("(");
  table.elements.begin = cursor.at();
  while (!cursor.done()) {
    if (begins_key(cursor)) {
      const size_t begin = cursor.at();
      std::string name = constraint_name(cursor);
      if (cursor.is("foreign")) {
        ForeignKey key;
        cursor.advance();
        cursor.expect("key");
        key.name = std::move(name);
        if (!cursor.is_op("(")) {
          const std::string index = cursor.name();  // names the index that MySQL makes
          if (key.name.empty()) key.name = index;
        }
        for (const KeyPart& part : parse_key_parts(cursor)) key.columns.push_back(part.column);
        cursor.expect("references");
        parse_references(cursor, key);
        key.range = cursor.range_from(begin);
        table.foreign_keys.push_back(std::move(key));
      } else if (cursor.accept("check")) {
        Check check;
        check.name = std::move(name);
        parse_check(cursor, check);
        check.range = cursor.range_from(begin);
        table.checks.push_back(std::move(check));
      } else {
        Key key = parse_key(cursor, std::move(name));
        key.range = cursor.range_from(begin);
        table.keys.push_back(std::move(key));
      }
    } else if (cursor.is("period") && cursor.is("for", 1)) {
      cursor.fail("system-versioned tables are not supported");
    } else {
      const Range name_range = cursor.peek().range();
      std::string name = cursor.name();
      table.columns.push_back(parse_column(cursor, std::move(name), name_range));
    }
    if (!cursor.accept_op(",")) break;
  }
  table.elements.end = cursor.at();
  cursor.expect_op(")");
}

}  // namespace

std::vector<KeyPart> parse_key_parts(Cursor& cursor) {
  std::vector<KeyPart> parts;
  cursor.expect_op("(");
  while (!cursor.done()) {
    KeyPart part;
    const size_t begin = cursor.at();
    if (cursor.is_op("(")) {
      part.expression = cursor.brackets();
    } else {
      part.column = cursor.name();
      if (cursor.accept_op("(")) {
        part.prefix = cursor.integer();
        cursor.expect_op(")");
      }
    }
    if (cursor.accept("desc")) part.desc = true;
    cursor.accept("asc");
    part.range = cursor.range_from(begin);
    parts.push_back(std::move(part));
    if (!cursor.accept_op(",")) break;
  }
  cursor.expect_op(")");
  return parts;
}

void skip_key_options(Cursor& cursor) {
  for (;;) {
    if (cursor.accept("using") || cursor.accept("type")) {
      cursor.advance();
    } else if (cursor.accept("comment")) {
      cursor.string();
    } else if (cursor.accept("with", "parser")) {
      cursor.name();
    } else if (cursor.accept("key_block_size") || cursor.accept("engine_attribute") ||
               cursor.accept("secondary_engine_attribute") || cursor.accept("clustering")) {
      cursor.accept_op("=");
      cursor.advance();
    } else if (!cursor.accept("visible") && !cursor.accept("invisible") &&
               !cursor.accept("ignored") && !cursor.accept("not", "ignored")) {
      return;
    }
  }
}

Column parse_column(Cursor& cursor, std::string name, Range name_range) {
  Column column;
  column.name = std::move(name);
  column.name_range = name_range;
  column.type = parse_type(cursor);
  if (column.type.serial) {
    column.auto_increment = column.not_null = column.unique = true;
    column.auto_increment_range = column.type.range;
  }
  while (!cursor.done()) {
    const size_t begin = cursor.at();
    if (cursor.accept("not", "null")) {
      column.not_null = true;
    } else if (cursor.accept("null")) {
      column.null_given = true;
    } else if (cursor.accept("default")) {
      column.has_default = true;
      column.default_value = default_value(cursor);
      column.default_range = cursor.range_from(begin);
      const Range value = cursor.range(column.default_value);
      column.default_text = cursor.source().substr(value.begin, value.size());
    } else if (cursor.accept("on", "update")) {
      column.on_update = true;
      cursor.advance();
      if (cursor.is_op("(")) cursor.skip_brackets();
      column.on_update_range = cursor.range_from(begin);
    } else if (cursor.accept("auto_increment")) {
      column.auto_increment = true;
      column.auto_increment_range = cursor.range_from(begin);
    } else if (cursor.accept("serial", "default")) {
      cursor.expect("value");
      column.auto_increment = column.not_null = column.unique = true;
      column.auto_increment_range = cursor.range_from(begin);
    } else if (cursor.accept("unique")) {
      cursor.accept("key");
      column.unique = true;
    } else if (cursor.accept("primary")) {
      cursor.accept("key");
      column.primary = true;
    } else if (cursor.accept("key")) {
      column.primary = true;
    } else if (cursor.accept("comment")) {
      column.comment = cursor.string();
      column.has_comment = true;
      column.comment_range = cursor.range_from(begin);
    } else if (cursor.accept("collate")) {
      cursor.accept_op("=");
      column.type.collation = cursor.peek().kind == Kind::String ? cursor.string() : cursor.name();
    } else if (cursor.accept("character", "set") || cursor.accept("charset")) {
      cursor.accept_op("=");
      column.type.charset = cursor.peek().kind == Kind::String ? cursor.string() : cursor.name();
    } else if (cursor.accept("column_format") || cursor.accept("storage")) {
      cursor.advance();
    } else if (cursor.accept("engine_attribute") || cursor.accept("secondary_engine_attribute") ||
               cursor.accept("srid") || cursor.accept("ref_system_id")) {
      cursor.accept_op("=");
      cursor.advance();
    } else if (cursor.accept("generated", "always") || cursor.is("as")) {
      cursor.expect("as");
      column.generated = true;
      column.generated_as = cursor.brackets();
      const Range expression = cursor.range(column.generated_as);
      column.generated_text = cursor.source().substr(expression.begin, expression.size());
      column.stored = cursor.accept("stored") || cursor.accept("persistent");
      cursor.accept("virtual");
      column.generated_range = cursor.range_from(begin);
    } else if (cursor.accept("references")) {
      ForeignKey key;
      parse_references(cursor, key);
      column.inline_references = true;
      column.references_range = cursor.range_from(begin);
    } else if (cursor.is("constraint") || cursor.is("check")) {
      Check check;
      check.name = constraint_name(cursor);
      cursor.expect("check");
      parse_check(cursor, check);
      check.range = cursor.range_from(begin);
      column.checks.push_back(std::move(check));
    } else if (cursor.accept("invisible")) {
      column.invisible = true;
    } else if (cursor.accept("visible") || cursor.accept("compressed") ||
               cursor.accept("unsigned") || cursor.accept("zerofill") || cursor.accept("binary")) {
      // UNSIGNED is read with the type; elsewhere it is an error of MySQL's too.
    } else if (cursor.is("with") && cursor.is("system", 1)) {
      cursor.advance(3);
    } else if (cursor.is("without") && cursor.is("system", 1)) {
      cursor.advance(3);
    } else if (cursor.accept("first")) {
      column.positioned = true;
    } else if (cursor.accept("after")) {
      column.positioned = true;
      cursor.name();
    } else if (cursor.is_op(",") || cursor.is_op(")")) {
      break;
    } else {
      cursor.fail(fmt::format("`{}` is not supported here", cursor.text()));
    }
  }
  column.range = {name_range.begin, cursor.at() == 0
                                        ? name_range.end
                                        : cursor.range({cursor.at() - 1, cursor.at()}).end};
  return column;
}

CreateTable parse_create_table(Cursor& cursor) {
  CreateTable table;
  if (cursor.accept("if", "not")) {
    cursor.expect("exists");
    table.if_not_exists = true;
  }
  table.name = cursor.object_name();
  if (cursor.accept("like")) {
    table.like = cursor.object_name();
  } else if (cursor.is_op("(") && cursor.is("like", 1)) {
    cursor.advance(2);
    table.like = cursor.object_name();
    cursor.expect_op(")");
  } else if (cursor.is_op("(") && !cursor.is("select", 1)) {
    parse_elements(cursor, table);
  }
  if (!table.like) parse_table_options(cursor, table.options);
  if (cursor.accept("ignore") || cursor.accept("replace")) cursor.accept("as");
  cursor.accept("as");
  if (!cursor.done()) {
    if (cursor.is("select") || cursor.is("with") || cursor.is_op("(")) {
      table.query = cursor.at();
    } else {
      cursor.fail(fmt::format("`{}` is not supported here", cursor.text()));
    }
  }
  return table;
}

}  // namespace dsqlint::mysql
