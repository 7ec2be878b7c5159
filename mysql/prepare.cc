// `SET @sql = IF((SELECT COUNT(*) FROM information_schema.columns …) > 0, 'SELECT 1', 'ALTER …')`,
// PREPARE, EXECUTE: what migrations have where MySQL lacks IF NOT EXISTS. The text that would run
// is in the file, and is read where it stands.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/translator.h"
#include "mysql/values.h"

namespace dsqlint::mysql {

/// The value of what stands at the cursor, up to the `,` or bracket that ends it; nothing where it
/// cannot be told from the file.
std::optional<Translator::Variable> Translator::variable_value(Cursor& cursor, int depth) {
  if (depth > 8) return std::nullopt;
  Variable value;
  if (cursor.peek().kind == Kind::String) {
    value.text = cursor.peek().range();
    cursor.advance();
    return value;
  }
  if (cursor.peek().kind == Kind::Number) {
    value.number = std::string(cursor.text()) == "0" ? 0 : 1;
    cursor.advance();
    return value;
  }
  if (cursor.peek().kind == Kind::Variable) {
    const auto known_variable = variables_.find(lower(cursor.text()));
    if (known_variable == variables_.end()) return std::nullopt;
    reading_.insert(known_variable->first);
    cursor.advance();
    return known_variable->second;
  }
  if ((cursor.is("database") || cursor.is("schema")) && cursor.is_op("(", 1)) {
    cursor.advance(3);
    value.database = true;
    return value;
  }
  const bool bracketed = cursor.is_op("(");
  if (bracketed) cursor.advance();
  if (cursor.is("select") && !cursor.is("if", 1)) {
    const auto there = schema_has(cursor);
    if (!there) return std::nullopt;
    value.number = *there ? 1 : 0;
  } else {
    cursor.accept("select");
    if (cursor.accept("exists")) {
      if (!cursor.accept_op("(")) return std::nullopt;
      const auto there = schema_has(cursor);
      if (!there || !cursor.accept_op(")")) return std::nullopt;
      value.number = *there ? 1 : 0;
    } else if (cursor.accept("if") || cursor.accept("ifnull")) {
      if (!cursor.accept_op("(")) return std::nullopt;
      const auto holds = variable_condition(cursor, depth + 1);
      if (!holds || !cursor.accept_op(",")) return std::nullopt;
      const auto first = variable_value(cursor, depth + 1);
      if (!first || !cursor.accept_op(",")) return std::nullopt;
      const auto second = variable_value(cursor, depth + 1);
      if (!second || !cursor.accept_op(")")) return std::nullopt;
      value = *holds ? *first : *second;
    } else if (bracketed) {
      const auto inner = variable_value(cursor, depth + 1);
      if (!inner) return std::nullopt;
      value = *inner;
    } else {
      return std::nullopt;
    }
  }
  if (bracketed && !cursor.accept_op(")")) return std::nullopt;
  return value;
}

/// `… > 0`, `= 0`, `>= 1`, `IS NOT NULL` …, NOT before it.
std::optional<bool> Translator::variable_condition(Cursor& cursor, int depth) {
  const bool negated = cursor.accept("not");
  const auto value = variable_value(cursor, depth);
  if (!value || !value->number) return std::nullopt;
  const int there = *value->number;
  bool holds = there != 0;
  for (const std::string_view op : {">", ">=", "=", "<", "<=", "<>", "!="}) {
    if (!cursor.is_op(op)) continue;
    cursor.advance();
    const std::string digits(cursor.text());
    if (digits != "0" && digits != "1") return std::nullopt;
    cursor.advance();
    const int other = digits == "1" ? 1 : 0;
    holds = op == ">"    ? there > other
            : op == ">=" ? there >= other
            : op == "="  ? there == other
            : op == "<"  ? there < other
            : op == "<=" ? there <= other
                         : there != other;
    break;
  }
  return holds != negated;
}

/// SELECT … FROM information_schema.x WHERE table_name = 't' AND … : is there what it asks for?
std::optional<bool> Translator::schema_has(Cursor& cursor) {
  cursor.expect("select");
  int depth = 0;
  while (!cursor.done() && !(depth == 0 && cursor.is("from"))) {
    if (cursor.is_op("(")) ++depth;
    if (cursor.is_op(")") && --depth < 0) return std::nullopt;
    cursor.advance();
  }
  if (!cursor.accept("from")) return std::nullopt;
  const Name view = cursor.object_name();
  if (!equals(view.schema, "information_schema") || !cursor.accept("where")) return std::nullopt;
  std::map<std::string, std::string> asked;
  do {
    const bool open = cursor.accept_op("(");
    std::string column = lower(cursor.name());
    if (cursor.accept_op(".")) column = lower(cursor.name());
    if (!cursor.accept_op("=")) return std::nullopt;
    if (cursor.peek().kind == Kind::String) {
      asked[column] = cursor.string();
    } else {
      const auto value = variable_value(cursor, 4);
      if (!value || (!value->database && value->text.empty())) return std::nullopt;
      if (!value->database) asked[column] = string_bytes(source_.slice(value->text), modes_);
    }
    if (open && !cursor.accept_op(")")) return std::nullopt;
  } while (cursor.accept("and"));
  if (cursor.failed()) return std::nullopt;
  if (cursor.accept("limit")) cursor.advance();
  asked.erase("table_schema");
  asked.erase("constraint_schema");
  asked.erase("index_schema");
  const auto name = asked.find("table_name");
  if (name == asked.end()) return std::nullopt;
  const Table* table = known({{}, name->second, {}});
  asked.erase(name);
  const std::string source = lower(view.name);
  if (table == nullptr) {
    // One that no file of the run has made: nobody can tell.
    return std::nullopt;
  }
  if (source == "tables" && asked.empty()) return true;
  if (asked.size() != 1) return std::nullopt;
  const std::string wanted = lower(asked.begin()->second);
  const std::string& by = asked.begin()->first;
  if (source == "columns" && by == "column_name") return table->column(wanted) != nullptr;
  const bool key = std::any_of(table->keys.begin(), table->keys.end(),
                               [&](const Key& k) { return equals(k.name, wanted); });
  const bool foreign = std::any_of(
      table->foreign_keys.begin(), table->foreign_keys.end(),
      [&](const ForeignKey& k) { return equals(k.name, wanted) || equals(k.automatic, wanted); });
  if (source == "statistics" && by == "index_name") {
    return key || (wanted == "primary" && table->primary_key() != nullptr);
  }
  if ((source == "table_constraints" || source == "key_column_usage" ||
       source == "referential_constraints") &&
      by == "constraint_name") {
    return key || foreign || (wanted == "primary" && table->primary_key() != nullptr);
  }
  return std::nullopt;
}

/// `SET @x = …`, at the value: keeps what it is, if the file tells. The cursor is where it was.
bool Translator::remember_variable(const std::string& name, Cursor& cursor) {
  Cursor value_cursor(text_, cursor.statement(), modes_);
  value_cursor.seek(cursor.at());
  std::set<std::string> read;
  reading_.swap(read);
  const auto value = variable_value(value_cursor, 0);
  reading_.swap(read);
  if (!value || value_cursor.failed() || (!value_cursor.done() && !value_cursor.is_op(","))) {
    variables_.erase(name);
    return false;
  }
  variables_[name] = *value;
  variable_reads_[name] = std::move(read);
  return true;
}

/// PREPARE, EXECUTE and DEALLOCATE of such a text; nothing for those of others.
std::optional<Translator::Fate> Translator::prepared(Cursor& cursor) {
  Cursor ahead(text_, cursor.statement(), modes_);
  if (ahead.accept("prepare")) {
    const std::string name = lower(ahead.name());
    ahead.expect("from");
    std::set<std::string> read;
    reading_.swap(read);
    const auto value = variable_value(ahead, 0);
    reading_.swap(read);
    prepared_.erase(name);
    if (!value || value->text.empty() || ahead.failed() || !ahead.done()) return std::nullopt;
    // With what those variables were made of.
    for (bool more = true; more;) {
      const size_t size = read.size();
      for (const auto& [variable, others] : variable_reads_) {
        if (read.count(variable) != 0) read.insert(others.begin(), others.end());
      }
      more = read.size() != size;
    }
    prepared_[name] = {value->text, std::move(read)};
    return Fate::Noise;
  }
  if (ahead.accept("execute")) {
    const auto found = prepared_.find(lower(ahead.name()));
    if (found == prepared_.end() || !ahead.done()) return std::nullopt;
    const auto fate = execute(found->second.text);
    if (fate && surveying_) {
      used_variables_.insert(found->second.variables.begin(), found->second.variables.end());
    }
    return fate;
  }
  if (!ahead.accept("deallocate") && !ahead.accept("drop")) return std::nullopt;
  if (!ahead.accept("prepare") || prepared_.erase(lower(ahead.name())) == 0) return std::nullopt;
  return Fate::Noise;
}

/// Runs the text of a string literal, which is read in place.
std::optional<Translator::Fate> Translator::execute(Range literal) {
  const std::string_view inside = text_.substr(literal.begin + 1, literal.end - literal.begin - 2);
  // One with escapes is not the text that runs.
  const char quote = text_[literal.begin];
  if (literal.size() < 3 || (quote != '\'' && quote != '"') ||
      inside.find(quote) != std::string_view::npos || inside.find('\\') != std::string_view::npos) {
    return std::nullopt;
  }
  Splitter splitter(text_.substr(0, literal.end - 1), modes_, mariadb_, literal.begin + 1);
  Statement statement;
  if (!splitter.next(statement) || statement.unterminated) return std::nullopt;
  Statement more;
  if (splitter.next(more)) return std::nullopt;
  Cursor inner(text_, statement, modes_);
  // `SELECT 1`: nothing is to be done.
  const bool reads = std::any_of(statement.tokens.begin(), statement.tokens.end(), [&](Token t) {
    return t.kind == Kind::Word && equals(inner.slice(t), "from");
  });
  if ((inner.is("select") && !reads) || inner.is("do")) return Fate::Noise;
  if (inner.is("prepare") || inner.is("execute") || inner.is("set")) return std::nullopt;
  if (surveying_) {
    survey_statement(statement, ordinal_);
    return Fate::Translated;
  }
  report("mysql_prepare_inlined", statement_, "the prepared statement is written out");
  return dispatch(inner);
}

}  // namespace dsqlint::mysql
