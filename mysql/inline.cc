// CALL of a procedure that holds definitions back: its statements stand where it is called.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/translator.h"

namespace dsqlint::mysql {
namespace {

std::string value_of(const Argument& argument, const std::vector<std::string>& arguments) {
  if (argument.parameter < 0) return argument.text;
  const auto index = static_cast<size_t>(argument.parameter);
  return index < arguments.size() ? arguments[index] : std::string();
}

/// Actions that are names alone, so that their text need not be in the file.
bool only_names(const Action& action) {
  switch (action.kind) {
    case ActionKind::DropColumn:
    case ActionKind::DropForeignKey:
    case ActionKind::DropConstraint:
    case ActionKind::DropKey:
    case ActionKind::RenameColumn:
    case ActionKind::RenameIndex:
      return true;
    default:
      return false;
  }
}

Statement part_of(const Statement& statement, Span span) {
  Statement part;
  const auto at = [&](size_t i) {
    return statement.tokens.begin() + static_cast<std::ptrdiff_t>(i);
  };
  part.tokens.assign(at(span.begin), at(span.end));
  part.range = {part.tokens.front().begin, part.tokens.back().end};
  part.end = part.range.end;
  part.terminated = true;
  return part;
}

}  // namespace

/// What a step does, as actions of ALTER TABLE; without any where it cannot be read.
AlterTable Translator::changes_of(const Procedure& procedure, const Step& step,
                                  const std::vector<std::string>& arguments) {
  if (step.statement.empty()) {
    std::string text;
    for (const Argument& part : step.dynamic) text += value_of(part, arguments);
    Splitter splitter(text, modes_, mariadb_);
    Statement statement;
    if (!splitter.next(statement) || statement.unterminated) return {};
    Cursor cursor(text, statement, modes_);
    if (!cursor.accept("alter", "table")) return {};
    AlterTable alter = parse_alter_table(cursor);
    Statement more;
    const bool names = std::all_of(alter.actions.begin(), alter.actions.end(), only_names);
    if (cursor.failed() || !names || splitter.next(more)) return {};
    return alter;
  }
  const Statement statement = part_of(procedure.statement, step.statement);
  Cursor cursor(text_, statement, modes_);
  if (cursor.accept("alter", "table")) {
    AlterTable alter = parse_alter_table(cursor);
    return cursor.failed() ? AlterTable{} : alter;
  }
  AlterTable alter;
  Action action;
  if (cursor.accept("drop", "index")) {
    action.kind = ActionKind::DropKey;
    cursor.accept("if", "exists");
    action.old_name = cursor.name();
    cursor.expect("on");
    alter.name = cursor.object_name();
  } else {
    cursor.expect("create");
    action.kind = ActionKind::AddKey;
    if (cursor.accept("unique")) action.key.kind = KeyKind::Unique;
    cursor.expect("index");
    if (cursor.accept("if", "not")) cursor.expect("exists");
    action.key.name = cursor.name();
    if (cursor.accept("using")) cursor.advance();
    cursor.expect("on");
    alter.name = cursor.object_name();
    action.key.parts = parse_key_parts(cursor);
  }
  if (cursor.failed()) return {};
  alter.actions.push_back(std::move(action));
  return alter;
}

Translator::Answer Translator::ask(const Guard& guard, const Name& table_name,
                                   const std::string& name, const AlterTable& changes) {
  const Table* table = known(table_name);
  const std::string lowered = lower(name);
  const auto decided = [&](bool there) {
    return there == guard.exists ? Answer::Holds : Answer::Fails;
  };
  // What must not be there is what the step adds; else nobody can tell.
  const auto if_added = [&](auto&& adds) {
    if (guard.exists) return Answer::Assumed;
    return std::any_of(changes.actions.begin(), changes.actions.end(), adds) ? Answer::Assumed
                                                                             : Answer::Unclear;
  };
  const auto is_unique_over = [&](const Key& key) {
    return key.kind == KeyKind::Unique && !key.parts.empty() &&
           equals(key.parts[0].column, lowered);
  };
  switch (guard.kind) {
    case Guard::Kind::Table:
      if (table != nullptr) return decided(true);
      return guard.exists ? Answer::Assumed : Answer::Unclear;
    case Guard::Kind::Column:
      if (table != nullptr) return decided(table->column(name) != nullptr);
      return if_added([&](const Action& action) {
        return action.kind == ActionKind::AddColumn && equals(action.column.name, lowered);
      });
    case Guard::Kind::UniqueColumn:
      if (table != nullptr) {
        return decided(std::any_of(table->keys.begin(), table->keys.end(), [&](const Key& key) {
          return is_unique_over(key) && key.parts.size() == 1;
        }));
      }
      if (guard.exists) return Answer::Unclear;
      return if_added([&](const Action& action) {
        return action.kind == ActionKind::AddKey && is_unique_over(action.key);
      });
    case Guard::Kind::Key: {
      if (table != nullptr) {
        const bool there =
            table->key(name) != nullptr ||
            std::any_of(table->foreign_keys.begin(), table->foreign_keys.end(),
                        [&](const ForeignKey& key) { return equals(key.name, lowered); });
        if (there) return decided(true);
      }
      return if_added([&](const Action& action) {
        return (action.kind == ActionKind::AddKey && equals(action.key.name, lowered)) ||
               (action.kind == ActionKind::AddForeignKey &&
                equals(action.foreign_key.name, lowered)) ||
               (action.kind == ActionKind::AddCheck && equals(action.check.name, lowered));
      });
    }
  }
  return Answer::Unclear;
}

Translator::Answer Translator::ask(const Procedure& procedure, const Step& step,
                                   const std::vector<std::string>& arguments) {
  const AlterTable changes = changes_of(procedure, step, arguments);
  if (changes.actions.empty()) return Answer::Unclear;
  Answer all = Answer::Holds;
  for (const Guard& guard : step.guards) {
    const Name table{{}, value_of(guard.table, arguments), {}};
    const Answer one = ask(guard, table, value_of(guard.name, arguments), changes);
    if (one == Answer::Fails || one == Answer::Unclear) return one;
    if (one == Answer::Assumed) all = one;
  }
  if (!step.tolerant) return all;
  // An error that is passed over: the column is there already.
  const Table* table = known(changes.name);
  const bool repeats =
      table != nullptr &&
      std::any_of(changes.actions.begin(), changes.actions.end(), [&](const Action& action) {
        return action.kind == ActionKind::AddColumn && table->column(action.column.name) != nullptr;
      });
  return repeats ? Answer::Fails : Answer::Assumed;
}

/// Keeps a procedure whose CALLs can be replaced with its statements, and reports it.
bool Translator::remember_procedure(Cursor& cursor, const std::string& name) {
  if (called_.count(name) == 0) return false;
  const Range range = cursor.range({0, 1});
  std::optional<Procedure> procedure = parse_procedure(cursor);
  if (!procedure) return false;
  if (procedure->parameters.empty()) {
    for (const Step& step : procedure->steps) {
      if (ask(*procedure, step, {}) == Answer::Unclear) return false;
    }
  }
  report("mysql_procedure_inlined", range,
         fmt::format("the call of the procedure `{}` is replaced with its statements", name));
  procedures_[name] = std::move(*procedure);
  return true;
}

void Translator::run_step(const Procedure& procedure, const Step& step,
                          const std::vector<std::string>& arguments, uint32_t& behind) {
  const Answer answer = ask(procedure, step, arguments);
  if (answer == Answer::Fails) return;
  guarded_ = answer == Answer::Assumed;
  if (step.statement.empty()) {
    AlterTable alter = changes_of(procedure, step, arguments);
    alter.name.range = statement_;
    for (Action& action : alter.actions) action.range = statement_;
    const Statement none;
    Cursor cursor(text_, none, modes_);
    alter_actions(cursor, alter);
  } else {
    const Statement statement = part_of(procedure.statement, step.statement);
    const Range outer = statement_;
    statement_ = statement.range;
    // What was said of it, since the statement before.
    for (const Range comment : procedure.statement.comments) {
      if (comment.begin < behind || comment.begin > statement.range.end) continue;
      open_line();
      pending_.add(comment_text(source_.slice(comment)), comment);
      pending_.add("\n");
    }
    behind = statement.range.end;
    Cursor cursor(text_, statement, modes_);
    dispatch(cursor);
    statement_ = outer;
  }
  guarded_ = false;
}

Translator::Fate Translator::call(Cursor& cursor) {
  cursor.advance();
  const Range place = cursor.range({0, 1});
  const std::string name = cursor.is_name() ? cursor.object_name().name : std::string();
  const auto found = procedures_.find(lower(name));
  const auto refuse = [&] {
    return unsupported("mysql_routine_unsupported", place,
                       fmt::format("`CALL {}` has no equivalent", name),
                       "write what the procedure does here, or do it in the application");
  };
  if (found == procedures_.end()) return refuse();
  std::vector<std::string> arguments;
  if (cursor.accept_op("(")) {
    while (cursor.peek().kind == Kind::String) {
      arguments.push_back(cursor.string());
      if (!cursor.accept_op(",")) break;
    }
    cursor.expect_op(")");
  }
  const Procedure& procedure = found->second;
  if (cursor.failed() || !cursor.done() || arguments.size() != procedure.parameters.size()) {
    return refuse();
  }
  const bool clear = std::none_of(
      procedure.steps.begin(), procedure.steps.end(),
      [&](const Step& step) { return ask(procedure, step, arguments) == Answer::Unclear; });
  if (!clear) return refuse();
  uint32_t behind = procedure.statement.range.begin;
  for (const Step& step : procedure.steps) run_step(procedure, step, arguments, behind);
  return Fate::Translated;
}

}  // namespace dsqlint::mysql
