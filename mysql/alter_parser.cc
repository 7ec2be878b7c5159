// The actions of ALTER TABLE.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/parser.h"

namespace dsqlint::mysql {

namespace {

constexpr std::array<std::string_view, 17> kStorageWords = {
    "algorithm", "auto_rows", "avg_row_length", "checksum",       "disable", "discard",
    "enable",    "force",     "import",         "key_block_size", "lock",    "max_rows",
    "min_rows",  "order",     "pack_keys",      "row_format",     "with"};

constexpr std::array<std::string_view, 9> kPartitionWords = {"analyze",  "check",      "coalesce",
                                                             "exchange", "optimize",   "rebuild",
                                                             "remove",   "reorganize", "repair"};

template <size_t N>
bool is_any(const Cursor& cursor, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return cursor.is(word); });
}

void skip_action(Cursor& cursor) {
  while (!cursor.done() && !cursor.is_op(",")) {
    if (cursor.is_op("(")) {
      cursor.skip_brackets();
    } else {
      cursor.advance();
    }
  }
}

void parse_add(Cursor& cursor, Action action, std::vector<Action>& actions) {
  const size_t begin = cursor.at() - 1;
  if (cursor.is("partition") || cursor.is("period")) {
    action.kind = cursor.is("partition") ? ActionKind::Partition : ActionKind::Unknown;
    while (!cursor.done()) cursor.advance();
  } else if (begins_key(cursor)) {
    std::string name = constraint_name(cursor);
    if (cursor.accept("foreign")) {
      cursor.expect("key");
      if (cursor.accept("if", "not")) cursor.expect("exists");
      action.kind = ActionKind::AddForeignKey;
      action.foreign_key.name = std::move(name);
      if (!cursor.is_op("(")) {
        const std::string index = cursor.name();
        if (action.foreign_key.name.empty()) action.foreign_key.name = index;
      }
      for (const KeyPart& part : parse_key_parts(cursor)) {
        action.foreign_key.columns.push_back(part.column);
      }
      cursor.expect("references");
      parse_references(cursor, action.foreign_key);
      action.foreign_key.range = cursor.range_from(begin);
    } else if (cursor.accept("check")) {
      action.kind = ActionKind::AddCheck;
      action.check.name = std::move(name);
      parse_check(cursor, action.check);
    } else {
      action.kind = ActionKind::AddKey;
      action.key = parse_key(cursor, std::move(name));
      action.key.range = cursor.range_from(begin);
    }
  } else {
    cursor.accept("column");
    if (cursor.accept("if", "not")) {
      cursor.expect("exists");
      action.if_exists = true;
    }
    action.kind = ActionKind::AddColumn;
    if (cursor.accept_op("(")) {
      // ADD (a int, b int, KEY (a))
      while (!cursor.done()) {
        Action one = action;
        const size_t element = cursor.at();
        if (begins_key(cursor)) {
          parse_add(cursor, one, actions);
        } else {
          const Range range = cursor.peek().range();
          std::string name = cursor.name();
          one.column = parse_column(cursor, std::move(name), range);
          one.range = cursor.range_from(element);
          actions.push_back(std::move(one));
        }
        if (!cursor.accept_op(",")) break;
      }
      cursor.expect_op(")");
      return;
    }
    const Range range = cursor.peek().range();
    std::string name = cursor.name();
    action.column = parse_column(cursor, std::move(name), range);
  }
  action.range = cursor.range_from(begin);
  actions.push_back(std::move(action));
}

void parse_drop(Cursor& cursor, Action& action) {
  if (cursor.is("partition")) {
    action.kind = ActionKind::Partition;
    while (!cursor.done()) cursor.advance();
    return;
  }
  if (cursor.accept("primary", "key")) {
    action.kind = ActionKind::DropPrimaryKey;
    return;
  }
  if (cursor.accept("foreign", "key")) {
    action.kind = ActionKind::DropForeignKey;
  } else if ((cursor.is("index") || cursor.is("key")) && cursor.is_name(1)) {
    cursor.advance();
    action.kind = ActionKind::DropKey;
  } else if ((cursor.is("constraint") || cursor.is("check")) && cursor.is_name(1)) {
    cursor.advance();
    action.kind = ActionKind::DropConstraint;
  } else {
    cursor.accept("column");
    action.kind = ActionKind::DropColumn;
  }
  if (cursor.accept("if", "exists")) action.if_exists = true;
  action.old_name = cursor.name();
  cursor.accept("restrict");
  cursor.accept("cascade");
}

void parse_action(Cursor& cursor, std::vector<Action>& actions) {
  Action action;
  const size_t begin = cursor.at();
  if (cursor.accept("add")) return parse_add(cursor, action, actions);
  if (cursor.accept("drop")) {
    parse_drop(cursor, action);
  } else if (cursor.accept("modify") || cursor.accept("change")) {
    const bool change = equals(cursor.slice(cursor.statement().tokens[begin]), "change");
    cursor.accept("column");
    action.kind = ActionKind::ChangeColumn;
    if (cursor.accept("if", "exists")) action.if_exists = true;
    Range range = cursor.peek().range();
    action.old_name = cursor.name();
    std::string name = action.old_name;
    if (change) {
      range = cursor.peek().range();
      name = cursor.name();
    }
    action.column = parse_column(cursor, std::move(name), range);
  } else if (cursor.accept("alter")) {
    if (cursor.accept("index")) {
      action.kind = ActionKind::Storage;  // visibility
      skip_action(cursor);
    } else if (cursor.accept("check") || cursor.accept("constraint")) {
      action.kind = ActionKind::Unknown;
      skip_action(cursor);
    } else {
      cursor.accept("column");
      action.old_name = cursor.name();
      if (cursor.accept("drop", "default")) {
        action.kind = ActionKind::DropDefault;
      } else if (cursor.accept("set", "default")) {
        action.kind = ActionKind::SetDefault;
        action.value = default_value(cursor);
      } else {
        action.kind = ActionKind::Storage;  // SET VISIBLE, SET INVISIBLE
        skip_action(cursor);
      }
    }
  } else if (cursor.accept("rename")) {
    if (cursor.accept("column")) {
      action.kind = ActionKind::RenameColumn;
    } else if (cursor.accept("index") || cursor.accept("key")) {
      action.kind = ActionKind::RenameIndex;
    } else {
      if (!cursor.accept("to") && !cursor.accept("as")) cursor.accept_op("=");
      action.kind = ActionKind::RenameTable;
      action.table = cursor.object_name();
    }
    if (action.kind != ActionKind::RenameTable) {
      action.old_name = cursor.name();
      cursor.expect("to");
      action.new_name = cursor.name();
    }
  } else if (cursor.accept("auto_increment")) {
    cursor.accept_op("=");
    action.kind = ActionKind::AutoIncrement;
    action.text = std::string(cursor.text());
    cursor.advance();
  } else if (cursor.accept("comment")) {
    cursor.accept_op("=");
    action.kind = ActionKind::Comment;
    action.text = cursor.string();
  } else if (is_any(cursor, kPartitionWords) || cursor.is("partition") || cursor.is("truncate")) {
    action.kind = ActionKind::Partition;
    while (!cursor.done()) cursor.advance();
  } else if (cursor.is("engine") || cursor.is("convert") || cursor.is("character") ||
             cursor.is("charset") || cursor.is("collate") || cursor.is("default") ||
             cursor.is("tablespace") || cursor.is("without") || is_any(cursor, kStorageWords) ||
             lower(cursor.text()).starts_with("stats_") || cursor.is("data") ||
             cursor.is("index") || cursor.is("insert_method") || cursor.is("union") ||
             cursor.is("encryption") || cursor.is("compression") || cursor.is("nowait") ||
             cursor.is("wait")) {
    action.kind = ActionKind::Storage;
    const bool order = cursor.is("order");
    if (order) {
      while (!cursor.done()) cursor.advance();
    } else {
      skip_action(cursor);
    }
  } else {
    action.kind = ActionKind::Unknown;
    skip_action(cursor);
  }
  action.range = cursor.range_from(begin);
  actions.push_back(std::move(action));
}

}  // namespace

AlterTable parse_alter_table(Cursor& cursor) {
  AlterTable alter;
  alter.if_exists = cursor.accept("if", "exists");
  alter.name = cursor.object_name();
  while (!cursor.done()) {
    const size_t before = cursor.at();
    parse_action(cursor, alter.actions);
    // Table options may follow each other without commas.
    if (!cursor.accept_op(",") && cursor.at() == before) {
      cursor.fail(fmt::format("`{}` is not supported here", cursor.text()));
    }
  }
  return alter;
}

}  // namespace dsqlint::mysql
