// Session settings, transactions, renames, queries.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/translator.h"
#include "mysql/values.h"

namespace dsqlint::mysql {

/// Keeps sql_mode and the character set; `@x` holds either of them in dumps.
Translator::Fate Translator::session(Cursor& cursor, bool report_variables) {
  Fate fate = Fate::Noise;
  const auto value_text = [&]() -> std::string {
    std::string text;
    int depth = 0;
    while (!cursor.done() && !(depth == 0 && cursor.is_op(","))) {
      if (cursor.is_op("(")) ++depth;
      if (cursor.is_op(")")) --depth;
      const Token& token = cursor.peek();
      text += token.kind == Kind::String ? string_bytes(cursor.slice(token), modes_)
                                         : std::string(cursor.slice(token));
      cursor.advance();
    }
    return text;
  };
  while (!cursor.done()) {
    while (cursor.accept("session") || cursor.accept("global") || cursor.accept("local") ||
           cursor.accept("persist") || cursor.accept("persist_only")) {
    }
    const Token token = cursor.peek();
    std::string name = lower(cursor.slice(token));
    if (cursor.accept("names") || cursor.accept("character", "set") || cursor.accept("charset")) {
      const std::string set = lower(value_text());
      charset_ = set.substr(0, set.find("collate"));
      if (charset_ == "default") charset_ = options_.charset;
      continue;
    }
    cursor.advance();
    while (cursor.is_op(".")) {
      cursor.advance(2);
    }
    if (!cursor.accept_op(":=")) cursor.accept_op("=");
    const bool of_statement = name.starts_with("@") && !name.starts_with("@@") &&
                              remember_variable(name, cursor) && used_variables_.count(name) != 0;
    const std::string value = value_text();
    if (of_statement) {
      cursor.accept_op(",");
      continue;
    }
    const std::string lowered = lower(value);
    if (name.starts_with("@@")) {
      name = name.substr(2);
      const size_t dot = name.find('.');
      if (dot != std::string::npos) name = name.substr(dot + 1);
    } else if (name.starts_with("@")) {
      const bool saves = lowered.starts_with("@@") || name.find("old") != std::string::npos ||
                         name.find("saved") != std::string::npos ||
                         name.find("previous") != std::string::npos;
      if (lowered.find("sql_mode") != std::string::npos) {
        saved_[name] =
            fmt::format("mode:{}{}{}{}{}{}", modes_.ansi_quotes, modes_.no_backslash_escapes,
                        modes_.pipes_as_concat, modes_.real_as_float, modes_.no_auto_value_on_zero,
                        modes_.strict);
      } else if (lowered.find("character_set") != std::string::npos) {
        saved_[name] = "charset:" + charset_;
      } else if (!saves && report_variables) {
        fate = unsupported("mysql_user_variable", token.range(),
                           fmt::format("`{}` is a session variable", cursor.slice(token)));
      }
      cursor.accept_op(",");
      continue;
    }
    if (name == "sql_mode") {
      const auto saved = saved_.find(lowered);
      if (lowered.starts_with("@") && saved != saved_.end() && saved->second.starts_with("mode:")) {
        std::vector<bool> flags;
        std::string_view rest = std::string_view(saved->second).substr(5);
        while (!rest.empty()) {
          flags.push_back(rest[0] == 't');
          rest.remove_prefix(std::min(rest.size(), rest[0] == 't' ? size_t{4} : size_t{5}));
        }
        if (flags.size() == 6) {
          modes_ = {flags[0], flags[1], flags[2], flags[3], flags[4], flags[5]};
        }
      } else if (!lowered.starts_with("@")) {
        Modes modes = lowered.starts_with("concat") ? modes_ : Modes{};
        const auto has = [&](std::string_view word) {
          return lowered.find(word) != std::string::npos;
        };
        const bool ansi = lowered == "ansi" || has("ansi,") || has(",ansi");
        modes.ansi_quotes = modes.ansi_quotes || has("ansi_quotes") || ansi;
        modes.no_backslash_escapes = modes.no_backslash_escapes || has("no_backslash_escapes");
        modes.pipes_as_concat = modes.pipes_as_concat || has("pipes_as_concat") || ansi;
        modes.real_as_float = modes.real_as_float || has("real_as_float") || ansi;
        modes.no_auto_value_on_zero = modes.no_auto_value_on_zero || has("no_auto_value_on_zero");
        if (!lowered.starts_with("concat") && lowered != "default") {
          modes.strict = has("strict_") || has("traditional");
        }
        modes_ = modes;
      }
    } else if (name == "autocommit") {
      const bool on = lowered != "0" && lowered != "off" && lowered != "false";
      // Turning it on commits.
      if (on && !autocommit_ && open_transaction_ != nullptr && open_transaction_->implicit) {
        open_transaction_ = nullptr;
        transaction_dropped_ = false;
      }
      autocommit_ = on;
    } else if (name == "foreign_key_checks") {
      foreign_key_checks_ = lowered != "0" && lowered != "off" && lowered != "false";
    } else if (name == "time_zone") {
      // Dumps keep the old one in a variable, and SYSTEM is not known: as it was.
      const bool utc = lowered == "+00:00" || lowered == "utc" || lowered == "system" ||
                       lowered == "default" || lowered.starts_with("@");
      zone_ = utc ? std::string() : value;
    } else if (name == "character_set_client") {
      const auto saved = saved_.find(lowered);
      if (saved != saved_.end() && saved->second.starts_with("charset:")) {
        charset_ = saved->second.substr(8);
      } else if (!lowered.starts_with("@") && !lowered.empty()) {
        charset_ = lowered;
      }
    } else if (name == "password" || name == "role" || name == "default") {
      while (!cursor.done()) cursor.advance();
      fate = report_variables ? without_counterpart(cursor) : Fate::Reported;
    }
    cursor.accept_op(",");
  }
  return fate;
}

Translator::Fate Translator::set(Cursor& cursor) {
  cursor.advance();
  if (cursor.is("transaction") || (cursor.is("transaction", 1))) return Fate::Noise;
  return session(cursor, !surveying_);
}

Translator::Fate Translator::transaction(Cursor& cursor) {
  const std::string word = lower(cursor.text());
  const Range range = cursor.statement().range;
  if (word == "start" || word == "begin") {
    open_transaction_ =
        next_transaction_ < transactions_.size() ? &transactions_[next_transaction_] : nullptr;
    ++next_transaction_;
    transaction_rows_ = transaction_bytes_ = 0;
    transaction_split_ = false;
    transaction_dropped_ = open_transaction_ != nullptr && open_transaction_->definitions;
    if (transaction_dropped_) {
      report("mysql_transaction_wrapper_dropped", range,
             "the transaction contains DDL statements, which MySQL commits one by one");
      return Fate::Translated;
    }
    emit(Text("BEGIN", range));
    return Fate::Translated;
  }
  if (word == "commit" || word == "rollback") {
    cursor.advance();
    cursor.accept("work");
    const bool to_savepoint = cursor.is("to");
    if (!to_savepoint) {
      const bool open = open_transaction_ != nullptr && !transaction_dropped_;
      open_transaction_ = nullptr;
      transaction_dropped_ = false;
      if (!open) return Fate::Noise;
      emit(Text(word == "commit" ? "COMMIT" : "ROLLBACK", range));
      return Fate::Translated;
    }
    cursor.advance();
    cursor.accept("savepoint");
    emit(Text("ROLLBACK TO SAVEPOINT " + identifier(cursor.name()), range));
    return Fate::Translated;
  }
  cursor.advance();
  cursor.accept("savepoint");
  emit(Text((word == "savepoint" ? "SAVEPOINT " : "RELEASE SAVEPOINT ") + identifier(cursor.name()),
            range));
  return Fate::Translated;
}

/// Without autocommit, what changes rows begins a transaction. It is written out where a ROLLBACK
/// ends it; else each statement may stand for itself.
void Translator::begin_implicitly() {
  if (autocommit_ || open_transaction_ != nullptr || next_transaction_ >= transactions_.size() ||
      !transactions_[next_transaction_].implicit) {
    return;
  }
  open_transaction_ = &transactions_[next_transaction_++];
  transaction_rows_ = transaction_bytes_ = 0;
  transaction_split_ = false;
  transaction_dropped_ = !open_transaction_->rolled_back;
  if (transaction_dropped_) return;
  emit(Text("BEGIN", statement_));
  report("mysql_transaction_written", statement_,
         "without autocommit a transaction begins here, which ROLLBACK ends");
}

/// Foreign keys that wait for their parents go with the table.
void Translator::rename_table(const Name& from, const Name& to) {
  symbols_.rename(from, to);
  for (PendingForeignKey& pending : pending_keys_) {
    if (pending.table == from.name && pending.table_schema == from.schema) {
      pending.table = to.name;
      pending.table_schema = to.schema;
    }
  }
}

Translator::Fate Translator::rename(Cursor& cursor) {
  cursor.advance();
  if (!cursor.accept("table") && !cursor.accept("tables")) {
    return without_counterpart(cursor);
  }
  size_t count = 0;
  do {
    const size_t begin = cursor.at();
    const Table* table = nullptr;
    const Name from = resolve(cursor.object_name(), table);
    cursor.expect("to");
    Name to = cursor.object_name();
    if (cursor.failed()) break;
    emit(Text(fmt::format("ALTER TABLE {} RENAME TO {}", qualified(from.schema, from.name),
                          identifier(to.name)),
              cursor.range_from(begin)));
    to.schema = from.schema;
    rename_table(from, to);
    ++count;
  } while (cursor.accept_op(","));
  if (cursor.failed() || !cursor.done()) {
    report_failure(cursor, "parse_error");
    return Fate::Reported;
  }
  if (count > 1) {
    report("mysql_rename_not_atomic", cursor.range({0, 2}),
           fmt::format("{} tables are renamed one after the other", count));
  }
  return Fate::Translated;
}

Translator::Fate Translator::query(Cursor& cursor) {
  QueryNotes notes;
  const QueryWorld surroundings = world();
  Query query(cursor, surroundings, notes);
  const Text sql = query.select();
  // WITH … UPDATE and DELETE
  if (!cursor.failed() && !cursor.done()) {
    cursor.fail(fmt::format("`{}` is not supported here", cursor.text()));
  }
  if (cursor.failed()) {
    report_failure(cursor, "mysql_statement_unsupported");
    return Fate::Reported;
  }
  report_notes(notes);
  emit(sql, true);
  return Fate::Translated;
}

}  // namespace dsqlint::mysql
