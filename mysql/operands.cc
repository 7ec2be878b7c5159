// What operators stand between: literals, columns, CASE, subqueries, JSON paths.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/query.h"

namespace dsqlint::mysql {

namespace {

struct Unit {
  std::string_view name;
  std::string_view interval;
  int factor;
};
constexpr std::array kUnits = {Unit{"microsecond", "microsecond", 1},
                               Unit{"second", "second", 1},
                               Unit{"minute", "minute", 1},
                               Unit{"hour", "hour", 1},
                               Unit{"day", "day", 1},
                               Unit{"week", "week", 1},
                               Unit{"month", "month", 1},
                               Unit{"quarter", "month", 3},
                               Unit{"year", "year", 1}};

constexpr std::array<std::string_view, 16> kCharsets = {
    "ascii",  "big5",   "binary", "cp1250", "cp1251", "cp1252", "gbk",     "koi8r",
    "latin1", "latin2", "sjis",   "ucs2",   "utf16",  "utf8",   "utf8mb3", "utf8mb4"};

}  // namespace

Expr Query::postfix() {
  Expr value = primary();
  for (;;) {
    if (c_.is_op("->") || c_.is_op("->>")) {
      const bool text = c_.is_op("->>");
      c_.advance();
      const Token path = c_.peek();
      c_.advance();
      value = json_path(std::move(value), text, path);
    } else if (c_.is("collate") && c_.is_name(1)) {
      // The collation is C; if an explicit one ignores case, that is reported where it matters.
      const std::string collation = lower(c_.text(1));
      value.letter_case =
          collation.ends_with("_bin") || collation.ends_with("_cs") || collation == "binary"
              ? Case::Counts
              : Case::Ignored;
      c_.advance(2);
    } else {
      return value;
    }
  }
}

std::optional<std::vector<std::string>> Query::json_steps(const Token& path) const {
  const std::string text =
      path.kind == Kind::String ? string_bytes(c_.slice(path), c_.modes()) : std::string();
  std::vector<std::string> steps;
  size_t i = 1;
  bool good = text.starts_with("$");
  while (good && i < text.size()) {
    if (text[i] == '.') {
      ++i;
      std::string step;
      if (i < text.size() && text[i] == '"') {
        for (++i; i < text.size() && text[i] != '"'; ++i) {
          if (text[i] == '\\' && i + 1 < text.size()) ++i;
          step += text[i];
        }
        ++i;
      } else {
        while (i < text.size() && text[i] != '.' && text[i] != '[') step += text[i++];
      }
      good = !step.empty() && step != "*" && step.find('*') == std::string::npos;
      steps.push_back(std::move(step));
    } else if (text[i] == '[') {
      const size_t close = text.find(']', i);
      std::string step = close == std::string::npos ? "" : text.substr(i + 1, close - i - 1);
      good = !step.empty() && step.find_first_not_of("0123456789") == std::string::npos;
      steps.push_back(std::move(step));
      i = close == std::string::npos ? text.size() : close + 1;
    } else {
      good = false;
    }
  }
  return good ? std::optional(std::move(steps)) : std::nullopt;
}

/// Steps as the array that `#>` takes.
std::string json_array_of(const std::vector<std::string>& steps) {
  std::string list = "{";
  for (const std::string& step : steps) {
    if (list.size() > 1) list += ',';
    const bool bare = std::all_of(step.begin(), step.end(),
                                  [](char c) {
                                    return (c >= '0' && c <= '9') ||
                                           ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
                                  }) &&
                      lower(step) != "null";
    if (bare) {
      list += step;
    } else {
      list += '"';
      for (const char c : step) {
        if (c == '"' || c == '\\') list += '\\';
        list += c;
      }
      list += '"';
    }
  }
  return list + "}";
}

/// '$.a.b[0]' as an operator of PostgreSQL's.
Expr Query::json_path(Expr base, bool as_text, const Token& path) {
  const auto found = json_steps(path);
  const std::vector<std::string> steps = found.value_or(std::vector<std::string>());
  if (!found) {
    c_.fail(fmt::format("the JSON path {} has no equivalent", c_.slice(path)), path.range(),
            "mysql_function_unsupported");
    return base;
  }
  rewritten(as_text ? "->>" : "->", path.range(), false);
  if (base.cls != Class::Json && base.cls != Class::Unknown) {
    base.sql = wrap(std::move(base), Binding::Cast).add("::json");
    base.binding = Binding::Cast;
  }
  Expr out;
  merge(out, base);
  out.sql = wrap(std::move(base), Binding::Operator);
  // '$[0]': a string literal, so that its third byte is that of the step.
  const bool index = steps.size() == 1 && c_.slice(path).substr(2, 1) == "[";
  std::string op = as_text ? "->>" : "->";
  std::string operand;
  if (steps.size() == 1) {
    operand = index ? steps[0] : quote_text(steps[0]);
  } else {
    op = as_text ? "#>>" : "#>";
    operand = quote_text(json_array_of(steps));
  }
  out.sql.add(fmt::format(" {} {}", op, operand), path.range());
  out.binding = Binding::Operator;
  out.cls = as_text ? Class::Text : Class::Json;
  return out;
}

Expr Query::literal() {
  Expr out;
  const Token token = c_.peek();
  const size_t begin = c_.at();
  Literal value;
  std::string charset;
  if (token.kind == Kind::Word) {  // an introducer
    charset = lower(c_.text().substr(1));
    c_.advance();
  }
  const Kind kind = c_.peek().kind;
  if (kind == Kind::String) {
    value.kind = Literal::Kind::String;
    // 'a' 'b' is one string.
    while (c_.peek().kind == Kind::String) {
      value.value += string_bytes(c_.text(), c_.modes());
      c_.advance();
    }
    if (charset == "binary") value.kind = Literal::Kind::Bytes;
    value.charset = charset;
    out.cls = value.kind == Literal::Kind::Bytes ? Class::Bytes : Class::Text;
  } else if (kind == Kind::Number) {
    value.kind = Literal::Kind::Number;
    value.value = std::string(c_.text());
    out.not_negative = true;
    out.cls = value.value.find_first_of("eE") != std::string::npos ? Class::Double
              : value.value.find('.') != std::string::npos         ? Class::Numeric
                                                                   : Class::Integer;
    c_.advance();
  } else {
    value.kind = kind == Kind::Hex ? Literal::Kind::Bytes : Literal::Kind::Bits;
    value.value = kind == Kind::Hex ? hex_bytes(c_.text()) : bit_bytes(c_.text());
    if (!charset.empty() && charset != "binary") {
      value.kind = Literal::Kind::String;
      value.charset = charset;
    }
    out.cls = value.kind == Literal::Kind::String ? Class::Text : Class::Bytes;
    c_.advance();
  }
  const Range range = c_.range_from(begin);
  const Converted converted = convert(value, world_.charset);
  if (!converted.problem.empty()) {
    c_.fail(converted.problem, range,
            converted.finding.empty() ? "mysql_function_unsupported" : converted.finding);
  }
  out.sql = Text(converted.sql, range);
  if (out.cls == Class::Bytes) {
    out.sql.add("::bytea");
    out.binding = Binding::Cast;
  }
  out.literal = std::move(value);
  out.not_null = true;
  return out;
}

std::optional<Expr> Query::interval_of(Expr count, const std::string& unit, Range range) {
  const auto* known =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& row) { return row.name == unit; });
  Expr out;
  out.cls = Class::Interval;
  if (known != kUnits.end()) {
    count = number(std::move(count));
    merge(out, count);
    out.sql = wrap(std::move(count), Binding::Multiply);
    if (out.sql.text().starts_with("-")) {
      Text bracketed;
      bracketed.add("(", range).add(out.sql).add(")");
      out.sql = std::move(bracketed);
    }
    out.sql.add(fmt::format(" * INTERVAL '{} {}'", known->factor, known->interval), range);
    out.binding = Binding::Multiply;
    return out;
  }
  // '1:30' HOUR_MINUTE: the numbers of a literal, the last of them for the last unit.
  const size_t score = unit.find('_');
  constexpr std::array<std::string_view, 5> kParts = {"day", "hour", "minute", "second",
                                                      "microsecond"};
  if (score == std::string::npos || !count.literal || count.cls == Class::Null) return std::nullopt;
  std::vector<std::string_view> parts;
  if (unit == "year_month") {
    parts = {"year", "month"};
  } else {
    const auto* first = std::find(kParts.begin(), kParts.end(), unit.substr(0, score));
    const auto* last = std::find(kParts.begin(), kParts.end(), unit.substr(score + 1));
    // A fraction of a second has as many digits as it is written with.
    if (first == kParts.end() || last == kParts.end() || *last == "microsecond") {
      return std::nullopt;
    }
    parts.assign(first, last + 1);
  }
  const std::string& text = count.literal->value;
  std::vector<std::string> numbers;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && (numbers.empty() || numbers.back().empty())) {
      if (numbers.empty()) numbers.emplace_back();
      numbers.back() = std::string(1, c);
    } else if (digit) {
      numbers.back() += c;
    } else if (!numbers.empty() && !numbers.back().empty()) {
      numbers.emplace_back();
    }
  }
  if (!numbers.empty() && numbers.back().empty()) numbers.pop_back();
  if (numbers.empty() || numbers.size() > parts.size()) return std::nullopt;
  const std::string_view sign = text.find('-') < text.find_first_of("0123456789") ? "-" : "";
  std::string spans;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const std::string_view part = parts[parts.size() - numbers.size() + i];
    spans += fmt::format("{}{}{} {}", spans.empty() ? "" : " ", sign, numbers[i], part);
  }
  out.sql = Text(fmt::format("INTERVAL '{}'", spans), range);
  return out;
}

Expr Query::interval() {
  const Range range = c_.peek(0).range();
  Expr count = expression();
  const std::string unit = lower(c_.text());
  auto out = interval_of(std::move(count), unit, range);
  if (!out) {
    unsupported(fmt::format("INTERVAL … {}", c_.text()), c_.peek().range());
    return {};
  }
  c_.advance();
  return std::move(*out);
}

Expr Query::case_expression() {
  Expr out;
  const Range range = c_.peek().range();
  c_.expect("case");
  out.sql.add("CASE", range);
  const bool simple = !c_.is("when");
  Expr subject;
  if (simple) {
    subject = expression();
    merge(out, subject);
  }
  struct Branch {
    Expr when;
    Expr then;
  };
  std::vector<Branch> branches;
  while (c_.accept("when")) {
    Branch branch;
    branch.when = expression();
    if (simple) {
      coerce(subject, branch.when);
    } else {
      branch.when = condition(std::move(branch.when));
    }
    c_.expect("then");
    branch.then = expression();
    branches.push_back(std::move(branch));
  }
  if (c_.accept("else")) {
    Branch branch;
    branch.then = expression();
    branches.push_back(std::move(branch));
  }
  c_.expect("end");
  // Results of one type: text wins over numbers, numbers over booleans.
  std::vector<Expr*> results;
  for (Branch& branch : branches) results.push_back(&branch.then);
  unify(results);
  out.cls = common_class({results.begin(), results.end()});
  if (simple) out.sql.add(" ").add(wrap(std::move(subject), Binding::Operator));
  for (Branch& branch : branches) {
    merge(out, branch.when);
    merge(out, branch.then);
    if (branch.when.sql.empty()) {
      out.sql.add(" ELSE ");
    } else {
      out.sql.add(" WHEN ").add(branch.when.sql).add(" THEN ");
    }
    out.sql.add(branch.then.sql);
  }
  out.sql.add(" END");
  return out;
}

Expr Query::subquery(std::string_view before) {
  Expr out;
  const Range range = c_.peek().range();
  c_.expect_op("(");
  out.sql.add(fmt::format("{}(", before), range);
  out.sql.add(select());
  c_.expect_op(")");
  out.sql.add(")");
  if (output_.size() == 1) {
    out.cls = output_[0].cls;
    out.letter_case = output_[0].letter_case;
  }
  out.immutable = false;
  return out;
}

Expr Query::primary() {
  const Token& token = c_.peek();
  const Range range = token.range();
  switch (token.kind) {
    case Kind::String:
    case Kind::Number:
    case Kind::Hex:
    case Kind::Bit:
      return literal();
    case Kind::Variable:
      c_.fail(fmt::format("`{}` is a session variable", c_.text()), range, "mysql_user_variable");
      return {};
    case Kind::Operator:
      if (c_.is_op("(")) {
        if (c_.is("select", 1) || c_.is("with", 1)) return subquery("");
        c_.advance();
        Expr first = expression();
        if (!c_.is_op(",")) {
          c_.expect_op(")");
          // Brackets of the user's own stay where they matter; wrap() puts them back.
          first.literal =
              first.literal && first.binding == Binding::Primary ? first.literal : std::nullopt;
          return first;
        }
        Expr row;
        merge(row, first);
        row.sql.add("(", range).add(first.sql);
        row.row.push_back(std::move(first));
        while (c_.accept_op(",")) {
          Expr next = expression();
          merge(row, next);
          row.sql.add(", ").add(next.sql);
          row.row.push_back(std::move(next));
        }
        c_.expect_op(")");
        row.sql.add(")");
        return row;
      }
      if (c_.accept_op("\\N")) {
        Expr null;
        null.sql = Text("NULL", range);
        null.cls = Class::Null;
        null.literal = Literal{Literal::Kind::Null, {}, {}};
        return null;
      }
      break;
    case Kind::Word:
    case Kind::Name:
      return name_or_call();
    default:
      break;
  }
  c_.fail(token.kind == Kind::End ? std::string("an expression is expected here")
                                  : fmt::format("`{}` is not supported here", c_.text()));
  return {};
}

Expr Query::name_or_call() {
  const Token token = c_.peek();
  const Range range = token.range();
  if (token.kind == Kind::Word) {
    const std::string word = lower(c_.text());
    if (word[0] == '_' &&
        std::find(kCharsets.begin(), kCharsets.end(), word.substr(1)) != kCharsets.end() &&
        (c_.peek(1).kind == Kind::String || c_.peek(1).kind == Kind::Hex ||
         c_.peek(1).kind == Kind::Bit)) {
      return literal();
    }
    if (word == "null" || word == "true" || word == "false") {
      c_.advance();
      Expr out;
      if (word == "null") {
        out.sql = Text("NULL", range);
        out.cls = Class::Null;
        out.literal = Literal{Literal::Kind::Null, {}, {}};
      } else {
        out.sql = Text(word == "true" ? "TRUE" : "FALSE", range);
        out.cls = Class::Bool;
        out.literal = Literal{Literal::Kind::Number, word == "true" ? "1" : "0", {}};
        out.not_null = true;
      }
      return out;
    }
    if (word == "case") return case_expression();
    if (word == "interval" && !c_.is_op("(", 1)) {
      c_.advance();
      return interval();
    }
    if (word == "interval") {
      // INTERVAL (n) DAY, or the function INTERVAL(n, a, b).
      c_.advance();
      return interval();
    }
    if (word == "exists" && c_.is_op("(", 1)) {
      c_.advance();
      Expr out = subquery("EXISTS ");
      out.cls = Class::Bool;
      return out;
    }
    if (word == "default" && !c_.is_op("(", 1)) {
      c_.advance();
      Expr out;
      out.sql = Text("DEFAULT", range);
      out.literal = Literal{Literal::Kind::Default, {}, {}};
      return out;
    }
    if ((word == "date" || word == "time" || word == "timestamp") &&
        c_.peek(1).kind == Kind::String) {
      c_.advance();
      Expr value = literal();
      TargetType target;
      target.cls = word == "date" ? Class::Date : word == "time" ? Class::Time : Class::Timestamp;
      coerce_literal(value, Expr{.sql = {}, .cls = target.cls});
      std::string upper = word;
      for (char& ch : upper) ch = static_cast<char>(ch - 32);
      value.sql = Text(upper + " " + value.sql.text(), range);
      value.cls = target.cls;
      value.literal.reset();
      return value;
    }
    if (word == "row" && c_.is_op("(", 1)) {
      c_.advance();
      return primary();
    }
    if (word == "match" && c_.is_op("(", 1)) {
      unsupported("MATCH … AGAINST", range);
      return {};
    }
    constexpr std::array<std::string_view, 8> kBare = {
        "current_date", "current_time",   "current_timestamp", "current_user",
        "localtime",    "localtimestamp", "utc_date",          "utc_timestamp"};
    if (std::find(kBare.begin(), kBare.end(), word) != kBare.end() || c_.is_op("(", 1)) {
      c_.advance();
      return call(word, range);
    }
  }
  std::vector<std::string> parts;
  const size_t begin = c_.at();
  parts.push_back(c_.name());
  while (c_.is_op(".") && parts.size() < 3) {
    c_.advance();
    if (c_.is_op("*")) {
      c_.fail("`.*` is not expected here");
      return {};
    }
    parts.push_back(c_.name());
  }
  if (parts.size() > 1 && c_.is_op("(")) {
    unsupported(parts.back() + "()", c_.range_from(begin));
    return {};
  }
  return column(std::move(parts), c_.range_from(begin));
}

Expr Query::column(std::vector<std::string> parts, Range range) {
  Expr out;
  const std::string name = parts.back();
  const std::string lowered = lower(name);
  std::string qualifier = parts.size() > 1 ? parts[parts.size() - 2] : std::string();
  if (upsert_ && !excluded_alias_.empty() && equals(qualifier, lower(excluded_alias_))) {
    const Table* table = scopes_.empty() ? nullptr : scopes_[0].sources[0].table;
    out.column = table == nullptr ? nullptr : table->column(name);
    out.sql =
        Text("EXCLUDED." + identifier(out.column == nullptr ? name : out.column->name), range);
    if (out.column != nullptr) out.cls = out.column->target.cls;
    return out;
  }
  // What the query of an INSERT reads is at hand as far as it is inserted.
  const bool of_target =
      upsert_ && !scopes_.empty() && !scopes_[0].sources.empty() &&
      (qualifier.empty() ? scopes_[0].sources[0].table != nullptr &&
                               scopes_[0].sources[0].table->column(name) != nullptr
                         : equals(scopes_[0].sources[0].alias, lower(qualifier)));
  if (upsert_ && scopes_.size() == 1 && !of_target) {
    for (const auto& [from, target] : inserted_) {
      if (from.column != lowered ||
          (!qualifier.empty() && !equals(from.source, lower(qualifier)))) {
        continue;
      }
      const Table* table = scopes_[0].sources[0].table;
      out.column = table == nullptr ? nullptr : table->column(target);
      if (out.column != nullptr) out.cls = out.column->target.cls;
      out.sql =
          Text("EXCLUDED." + identifier(out.column == nullptr ? target : out.column->name), range);
      return out;
    }
    c_.fail(fmt::format("`{}` is read by the query, but not inserted", name), range,
            "mysql_upsert_ambiguous");
    return out;
  }
  // Innermost query first.
  bool open = false;  // a source whose columns are not known
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (qualifier.empty() && &*scope == &scopes_.back()) {
      const auto substitute = substitutes_.find(lowered);
      if (substitute != substitutes_.end()) {
        Expr value = substitute->second;
        value.sql = wrap(std::move(value), Binding::Primary);
        value.binding = Binding::Primary;
        return value;
      }
    }
    for (const Source& source : scope->sources) {
      if (!qualifier.empty()) {
        if (!equals(source.alias, lower(qualifier))) continue;
        qualifier = source.alias;
      }
      const Column* found = source.table == nullptr ? nullptr : source.table->column(name);
      const Output* derived = source.output(lowered);
      if (found == nullptr && derived == nullptr) {
        const bool unknown = source.derived
                                 ? source.columns.empty()
                                 : source.table == nullptr || source.table->columns.empty();
        open = open || unknown || !qualifier.empty();
        if (qualifier.empty()) continue;
      }
      if (found != nullptr) {
        const auto substitute = substitutes_.find(lowered);
        if (substitute != substitutes_.end() && &source == &scopes_.front().sources.front()) {
          Expr value = substitute->second;
          value.sql = wrap(std::move(value), Binding::Primary);
          value.binding = Binding::Primary;
          return value;
        }
        out.column = found;
        out.table = source.table;
        out.cls = found->target.cls;
        out.not_null = (found->not_null || found->primary) && !source.optional;
        out.letter_case = case_of(*found);
        out.not_negative = found->type.is_unsigned || found->type.base == Base::Bit ||
                           found->type.base == Base::Year;
      } else if (derived != nullptr) {
        out.column = derived->column;
        // PostgreSQL makes a text of a NULL that a query gives.
        out.cls = derived->cls == Class::Null ? Class::Text : derived->cls;
        out.letter_case = derived->letter_case;
        out.not_null = derived->not_null && !source.optional;
      }
      std::string shown = found == nullptr ? name : found->name;
      std::string text = identifier(shown);
      const std::string prefix = !qualifier.empty() ? qualifier
                                 : !qualifier_.empty() && &*scope == &scopes_.front()
                                     ? qualifier_
                                     : std::string();
      if (!prefix.empty()) text = identifier(prefix) + "." + text;
      out.sql = Text(text, range);
      if (aggregates_ == 0) out.references.push_back({source.alias, lowered});
      return out;
    }
    const auto alias = scope->aliases.find(lowered);
    if (qualifier.empty() && alias != scope->aliases.end()) return alias->second;
  }
  if (parts.size() == 3) parts.erase(parts.begin());
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + identifier(part);
  if (parts.size() == 1 && !qualifier_.empty() && scopes_.size() == 1) {
    text = identifier(qualifier_) + "." + text;
  }
  out.sql = Text(text, range);
  if (aggregates_ == 0) out.references.push_back({"", lowered});
  return out;
}

}  // namespace dsqlint::mysql
