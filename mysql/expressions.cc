// Expressions: MySQL's operators and their precedence in, PostgreSQL's out.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/query.h"

namespace dsqlint::mysql {
namespace {

/// Deepest nesting of brackets, CASEs and subqueries. Readers recurse per level; MySQL's own limit
/// (its thread stack) is of this order.
// Of parentheses: a level is a dozen calls, on a stack of 8 MB or less.
constexpr int kMaxDepth = 100;

bool is_number_class(Class cls) {
  return cls == Class::Integer || cls == Class::Numeric || cls == Class::Double;
}
bool is_temporal(Class cls) {
  return cls == Class::Date || cls == Class::Timestamp || cls == Class::Timestamptz;
}

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

void Query::enter(Source source) {
  if (scopes_.empty()) scopes_.emplace_back();
  scopes_.back().sources.push_back(std::move(source));
}

Text Query::wrap(Expr value, Binding at_least) {
  if (value.binding >= at_least) return std::move(value.sql);
  Text sql;
  const Range source = value.sql.source(0);
  sql.add("(", source).add(value.sql).add(")");
  return sql;
}

void Query::merge(Expr& into, const Expr& from) {
  into.immutable = into.immutable && from.immutable;
  into.aggregate = into.aggregate || from.aggregate;
  into.references.insert(into.references.end(), from.references.begin(), from.references.end());
}

Expr Query::deep(Expr (Query::*part)()) {
  if (depth_ >= kMaxDepth) {
    c_.fail("the expression is nested too deeply");
    return {};
  }
  ++depth_;
  Expr value = (this->*part)();
  --depth_;
  return value;
}

Expr Query::expression() { return deep(&Query::logical_or); }

Expr Query::condition(Expr value) {
  if (value.literal && value.literal->kind == Literal::Kind::Number) {
    const bool zero = value.literal->value.find_first_not_of("0.") == std::string::npos;
    value.sql = Text(zero ? "FALSE" : "TRUE", value.sql.source(0));
    value.binding = Binding::Primary;
    value.cls = Class::Bool;
    value.literal.reset();
    return value;
  }
  if (is_number_class(value.cls)) {
    Expr out;
    merge(out, value);
    out.not_null = value.not_null;
    out.sql = wrap(std::move(value), Binding::Like).add(" <> 0");
    out.binding = Binding::Comparison;
    out.cls = Class::Bool;
    return out;
  }
  if (value.cls == Class::Text || is_temporal(value.cls)) {
    c_.fail("a text or date is used as a condition", value.sql.source(0),
            "mysql_function_unsupported");
  }
  return value;
}

Expr Query::number(Expr value) {
  if (value.literal &&
      (value.literal->kind == Literal::Kind::Bytes || value.literal->kind == Literal::Kind::Bits)) {
    if (const auto n = number_of(value.literal->value)) {
      value.sql = Text(std::to_string(*n), value.sql.source(0));
      value.literal = Literal{Literal::Kind::Number, std::to_string(*n), {}};
      value.cls = Class::Integer;
    }
    return value;
  }
  if (value.literal && value.literal->kind == Literal::Kind::String) {
    TypeSpec type;
    TargetType target;
    target.cls = Class::Numeric;
    const Converted converted = convert(*value.literal, type, target, world_.charset);
    if (!converted.problem.empty()) {
      c_.fail(converted.problem, value.sql.source(0), "mysql_function_unsupported");
      return value;
    }
    value.sql = Text(converted.sql, value.sql.source(0));
    value.cls = Class::Numeric;
    value.literal->kind = Literal::Kind::Number;
    return value;
  }
  if (value.cls == Class::Bool || value.cls == Class::Text) {
    const bool flag = value.cls == Class::Bool;
    value.sql = wrap(std::move(value), Binding::Cast).add(flag ? "::integer" : "::numeric");
    value.binding = Binding::Cast;
    value.cls = flag ? Class::Integer : Class::Numeric;
    value.literal.reset();
    value.column = nullptr;
  }
  return value;
}

Expr Query::as_text(Expr value) {
  if (value.cls == Class::Text) return value;
  if (value.literal && value.literal->kind == Literal::Kind::Number) {
    value.sql = Text(quote_text(value.literal->value), value.sql.source(0));
    value.cls = Class::Text;
    value.literal->kind = Literal::Kind::String;
    return value;
  }
  // The text of a date depends on the session's settings.
  const bool stable = is_temporal(value.cls) || value.cls == Class::Unknown;
  value.immutable = value.immutable && !stable;
  value.sql = wrap(std::move(value), Binding::Cast).add("::text");
  value.binding = Binding::Cast;
  value.cls = Class::Text;
  value.column = nullptr;
  value.literal.reset();
  return value;
}

Expr Query::binary(Expr left, std::string_view op, Expr right, Binding binding, Range range) {
  Expr out;
  merge(out, left);
  merge(out, right);
  out.not_null = left.not_null && right.not_null;
  const Binding tighter = static_cast<Binding>(static_cast<int>(binding) + 1);
  // Comparisons do not associate in PostgreSQL.
  const bool left_bare = binding != Binding::Comparison && binding != Binding::Like;
  out.sql = wrap(std::move(left), left_bare ? binding : tighter);
  out.sql.add(fmt::format(" {} ", op), range);
  out.sql.add(wrap(std::move(right),
                   binding == Binding::Or || binding == Binding::And ? binding : tighter));
  out.binding = binding;
  return out;
}

Expr Query::logical_or() {
  Expr left = logical_xor();
  while (c_.is("or") || (c_.is_op("||") && !c_.modes().pipes_as_concat)) {
    const Range range = c_.peek().range();
    if (c_.is_op("||")) rewritten("||", range);
    c_.advance();
    Expr right = logical_xor();
    left =
        binary(condition(std::move(left)), "OR", condition(std::move(right)), Binding::Or, range);
    left.cls = Class::Bool;
  }
  return left;
}

Expr Query::logical_xor() {
  Expr left = logical_and();
  while (c_.is("xor")) {
    const Range range = c_.peek().range();
    rewritten("XOR", range);
    c_.advance();
    Expr right = logical_and();
    left = binary(condition(std::move(left)), "<>", condition(std::move(right)),
                  Binding::Comparison, range);
    left.cls = Class::Bool;
  }
  return left;
}

Expr Query::logical_and() {
  Expr left = logical_not();
  while (c_.is("and") || c_.is_op("&&")) {
    const Range range = c_.peek().range();
    if (c_.is_op("&&")) rewritten("&&", range);
    c_.advance();
    Expr right = logical_not();
    left =
        binary(condition(std::move(left)), "AND", condition(std::move(right)), Binding::And, range);
    left.cls = Class::Bool;
  }
  return left;
}

Expr Query::logical_not() {
  size_t nots = 0;
  const Range range = c_.peek().range();
  while (c_.accept("not")) ++nots;
  Expr value = comparison();
  if (nots == 0) return value;
  Expr out;
  merge(out, value);
  out.sql.add(nots % 2 == 1 ? "NOT " : "NOT NOT ", range);
  out.sql.add(wrap(condition(std::move(value)), Binding::Not));
  out.binding = Binding::Not;
  out.cls = Class::Bool;
  return out;
}

void Query::coerce_literal(Expr& literal, const Expr& other) {
  if (literal.literal->kind == Literal::Kind::Null) return;
  TypeSpec type;
  TargetType target;
  target.cls = other.cls;
  if (other.column != nullptr) {
    type = other.column->type;
    target = other.column->target;
  }
  const bool raw =
      literal.literal->kind == Literal::Kind::Bytes || literal.literal->kind == Literal::Kind::Bits;
  if (target.cls == Class::Unknown || target.cls == Class::Null || target.cls == Class::Interval) {
    return;
  }
  // A number stays a number next to numbers, a text next to texts.
  if (!raw && is_number_class(target.cls) && literal.literal->kind == Literal::Kind::Number) return;
  if (target.cls == Class::Time && literal.literal->kind == Literal::Kind::Number) return;
  const Converted converted = convert(*literal.literal, type, target, world_.charset);
  if (!converted.problem.empty()) {
    c_.fail(converted.problem, literal.sql.source(0), "mysql_function_unsupported");
    return;
  }
  literal.sql = Text(converted.sql, literal.sql.source(0));
  literal.cls = target.cls;
  literal.binding = converted.sql.starts_with("-") ? Binding::Unary : Binding::Primary;
}

/// Makes both sides of a comparison of one kind.
void Query::coerce(Expr& left, Expr& right) {
  if (right.literal && !left.literal) return coerce_literal(right, left);
  if (left.literal && !right.literal) return coerce_literal(left, right);
  if (left.cls == right.cls) return;
  if (left.cls == Class::Bool && is_number_class(right.cls)) {
    left = number(std::move(left));
  } else if (right.cls == Class::Bool && is_number_class(left.cls)) {
    right = number(std::move(right));
  } else if (left.cls == Class::Text && is_number_class(right.cls)) {
    right = as_text(std::move(right));
  } else if (right.cls == Class::Text && is_number_class(left.cls)) {
    left = as_text(std::move(left));
  } else if (left.cls == Class::Json && right.cls != Class::Unknown) {
    left = as_text(std::move(left));
    right = as_text(std::move(right));
  }
}

Expr Query::comparison() {
  Expr left = bit_or();
  for (;;) {
    constexpr std::array<std::string_view, 8> kOperators = {
        "=", "<=>", ">=", "<=", "<>", "!=", "<", ">"};
    const auto* op = std::find_if(kOperators.begin(), kOperators.end(),
                                  [&](std::string_view o) { return c_.is_op(o); });
    if (op != kOperators.end()) {
      const Range range = c_.peek().range();
      c_.advance();
      if (c_.is("any") || c_.is("some") || c_.is("all")) {
        const std::string word = c_.is("all") ? "ALL " : "ANY ";
        c_.advance();
        Expr right = subquery(word);
        left = binary(std::move(left), *op == "!=" ? "<>" : *op, std::move(right),
                      Binding::Comparison, range);
      } else {
        Expr right = bit_or();
        coerce(left, right);
        const bool same = *op == "<=>";
        if (same) rewritten("<=>", range);
        left = binary(std::move(left),
                      same          ? "IS NOT DISTINCT FROM"
                      : *op == "!=" ? "<>"
                                    : *op,
                      std::move(right), same ? Binding::Is : Binding::Comparison, range);
      }
      left.cls = Class::Bool;
      continue;
    }
    const size_t before = c_.at();
    left = predicate(std::move(left));
    if (c_.at() == before || c_.failed()) return left;
  }
}

/// IS, [NOT] IN, BETWEEN, LIKE, REGEXP behind `left`; `left` itself where none follows.
Expr Query::predicate(Expr left) {
  const Range range = c_.peek().range();
  if (c_.accept("is")) {
    const bool negated = c_.accept("not");
    const std::string word = lower(c_.text());
    Expr out;
    if (word == "null" || word == "unknown") {
      merge(out, left);
      out.sql = wrap(std::move(left), Binding::Is);
    } else if (word == "true" || word == "false") {
      Expr flag = condition(std::move(left));
      merge(out, flag);
      out.sql = wrap(std::move(flag), Binding::Is);
    } else {
      c_.fail("IS is followed by NULL, TRUE, FALSE or UNKNOWN");
      return left;
    }
    c_.advance();
    std::string upper = word;
    for (char& ch : upper) ch = static_cast<char>(ch - 32);
    out.sql.add(fmt::format(" IS {}{}", negated ? "NOT " : "", upper), range);
    out.binding = Binding::Is;
    out.cls = Class::Bool;
    out.not_null = true;
    return out;
  }
  const bool negated = c_.is("not") && (c_.is("in", 1) || c_.is("between", 1) || c_.is("like", 1) ||
                                        c_.is("regexp", 1) || c_.is("rlike", 1));
  const std::string_view no = negated ? "NOT " : "";
  if (negated) c_.advance();
  Expr out;
  out.binding = Binding::Like;
  out.cls = Class::Bool;
  merge(out, left);
  if (c_.accept("in")) {
    if (c_.is_op("(") && (c_.is("select", 1) || c_.is("with", 1))) {
      Expr list = subquery("");
      merge(out, list);
      out.sql = wrap(std::move(left), Binding::Operator);
      out.sql.add(fmt::format(" {}IN ", no), range).add(list.sql);
      return out;
    }
    c_.expect_op("(");
    Text list;
    bool first = true;
    while (!c_.done()) {
      Expr value = expression();
      coerce(left, value);
      merge(out, value);
      if (!first) list.add(", ");
      list.add(value.sql);
      first = false;
      if (!c_.accept_op(",")) break;
    }
    c_.expect_op(")");
    out.sql = wrap(std::move(left), Binding::Operator);
    out.sql.add(fmt::format(" {}IN (", no), range).add(list).add(")");
    return out;
  }
  if (c_.accept("between")) {
    Expr low = bit_or();
    c_.expect("and");
    Expr high = bit_or();
    coerce(left, low);
    coerce(left, high);
    merge(out, low);
    merge(out, high);
    out.sql = wrap(std::move(left), Binding::Operator);
    out.sql.add(fmt::format(" {}BETWEEN ", no), range);
    out.sql.add(wrap(std::move(low), Binding::Operator)).add(" AND ");
    out.sql.add(wrap(std::move(high), Binding::Operator));
    return out;
  }
  const bool regexp = c_.is("regexp") || c_.is("rlike");
  if (c_.is("like") || regexp) {
    c_.advance();
    c_.accept("binary");
    Expr pattern = bit_xor();
    if (pattern.literal) pattern = as_text(std::move(pattern));
    merge(out, pattern);
    if (left.cls != Class::Text && left.cls != Class::Unknown) left = as_text(std::move(left));
    if (regexp) {
      rewritten("REGEXP", range, false);
      out.sql = wrap(std::move(left), Binding::Operator);
      out.sql.add(negated ? " !~* " : " ~* ", range);
      out.sql.add(wrap(std::move(pattern), Binding::Add));
      out.binding = Binding::Operator;
      return out;
    }
    out.sql = wrap(std::move(left), Binding::Operator);
    out.sql.add(fmt::format(" {}LIKE ", no), range);
    out.sql.add(wrap(std::move(pattern), Binding::Operator));
    if (c_.accept("escape")) {
      Expr escape = primary();
      out.sql.add(" ESCAPE ").add(escape.sql);
    }
    return out;
  }
  if (c_.is("sounds") || (c_.is("member") && c_.is("of", 1))) {
    unsupported(c_.is("sounds") ? "SOUNDS LIKE" : "MEMBER OF", range);
  }
  if (negated) c_.fail("NOT is followed by IN, BETWEEN, LIKE or REGEXP");
  return left;
}

Expr Query::bit_or() {
  Expr left = bit_and();
  while (c_.is_op("|")) {
    const Range range = c_.peek().range();
    c_.advance();
    Expr right = bit_and();
    left = arithmetic(std::move(left), "|", std::move(right), Binding::Operator, range);
  }
  return left;
}

Expr Query::bit_and() {
  Expr left = shift();
  while (c_.is_op("&")) {
    const Range range = c_.peek().range();
    c_.advance();
    Expr right = shift();
    left = arithmetic(std::move(left), "&", std::move(right), Binding::Operator, range);
  }
  return left;
}

Expr Query::shift() {
  Expr left = additive();
  while (c_.is_op("<<") || c_.is_op(">>")) {
    const std::string op(c_.text());
    const Range range = c_.peek().range();
    c_.advance();
    Expr right = additive();
    left = arithmetic(std::move(left), op, std::move(right), Binding::Operator, range);
  }
  return left;
}

Expr Query::arithmetic(Expr left, std::string_view op, Expr right, Binding binding, Range range) {
  left = number(std::move(left));
  right = number(std::move(right));
  Class cls = Class::Unknown;
  if (left.cls == Class::Double || right.cls == Class::Double) {
    cls = Class::Double;
  } else if (left.cls == Class::Numeric || right.cls == Class::Numeric) {
    cls = Class::Numeric;
  } else if (left.cls == Class::Integer && right.cls == Class::Integer) {
    cls = Class::Integer;
  }
  if (binding == Binding::Operator) {
    // Bits: PostgreSQL has them for integers only.
    for (Expr* side : {&left, &right}) {
      if (side->cls == Class::Numeric || side->cls == Class::Double) {
        side->sql = wrap(std::move(*side), Binding::Cast).add("::bigint");
        side->binding = Binding::Cast;
        side->cls = Class::Integer;
      }
    }
    cls = Class::Integer;
  }
  const bool plain = left.cls != Class::Date && right.cls != Class::Date &&
                     !is_temporal(left.cls) && !is_temporal(right.cls);
  if (!plain && left.cls != Class::Interval && right.cls != Class::Interval) {
    c_.fail("arithmetic with a date as a number", range, "mysql_function_unsupported");
  }
  Expr out = binary(std::move(left), op, std::move(right), binding, range);
  out.cls = cls;
  return out;
}

Expr Query::additive() {
  Expr left = multiplicative();
  for (;;) {
    const Range range = c_.peek().range();
    const bool concat = c_.is_op("||") && c_.modes().pipes_as_concat;
    if (concat) {
      c_.advance();
      Expr right = multiplicative();
      left = binary(as_text(std::move(left)), "||", as_text(std::move(right)), Binding::Operator,
                    range);
      left.cls = Class::Text;
      continue;
    }
    if (!c_.is_op("+") && !c_.is_op("-")) return left;
    const std::string op(c_.text());
    c_.advance();
    Expr right = multiplicative();
    if (left.cls == Class::Interval || right.cls == Class::Interval) {
      rewritten("INTERVAL", range);
      if (left.cls == Class::Interval) std::swap(left, right);
      Class cls = left.cls;
      if (left.literal && left.literal->kind == Literal::Kind::String) {
        TargetType target;
        target.cls = Class::Timestamp;
        const Converted when = convert(*left.literal, {}, target, world_.charset);
        if (!when.problem.empty()) c_.fail(when.problem, range, "mysql_function_unsupported");
        const bool date = when.sql.size() == 12;
        left.sql = Text((date ? "DATE " : "TIMESTAMP ") + when.sql, range);
        left.literal.reset();
        cls = date ? Class::Date : Class::Timestamp;
      } else if (left.cls == Class::Text) {
        left.sql = wrap(std::move(left), Binding::Cast).add("::timestamp");
        left.binding = Binding::Cast;
        cls = Class::Timestamp;
        left.immutable = false;
      }
      const bool days = right.sql.text().find(" day'") != std::string::npos ||
                        right.sql.text().find(" month'") != std::string::npos ||
                        right.sql.text().find(" week'") != std::string::npos ||
                        right.sql.text().find(" year'") != std::string::npos;
      left = binary(std::move(left), op, std::move(right), Binding::Add, range);
      left.cls = cls;
      left.immutable = left.immutable && cls != Class::Timestamptz;
      if (cls == Class::Date && days) {
        left.sql = wrap(std::move(left), Binding::Cast).add("::date");
        left.binding = Binding::Cast;
        left.cls = Class::Date;
      } else if (cls == Class::Date) {
        left.cls = Class::Timestamp;
      }
      continue;
    }
    left = arithmetic(std::move(left), op, std::move(right), Binding::Add, range);
  }
}

Expr Query::divide(Expr left, Expr right, Range range) {
  left = number(std::move(left));
  right = number(std::move(right));
  rewritten("/", range);
  const bool exact = left.cls == Class::Double || right.cls == Class::Double ||
                     left.cls == Class::Numeric || right.cls == Class::Numeric;
  const Class cls =
      left.cls == Class::Double || right.cls == Class::Double ? Class::Double : Class::Numeric;
  if (!exact) {
    left.sql = wrap(std::move(left), Binding::Cast).add("::numeric");
    left.binding = Binding::Cast;
  }
  const bool literal = right.literal && right.literal->kind == Literal::Kind::Number &&
                       right.literal->value.find_first_of("123456789") != std::string::npos;
  if (!literal) {
    Text sql;
    sql.add("NULLIF(", range).add(right.sql).add(", 0)");
    right.sql = std::move(sql);
    right.binding = Binding::Primary;
  }
  Expr out = binary(std::move(left), "/", std::move(right), Binding::Multiply, range);
  out.cls = cls;
  return out;
}

Expr Query::multiplicative() {
  Expr left = bit_xor();
  for (;;) {
    const Range range = c_.peek().range();
    if (c_.accept_op("*")) {
      left = arithmetic(std::move(left), "*", bit_xor(), Binding::Multiply, range);
    } else if (c_.accept_op("/")) {
      left = divide(std::move(left), bit_xor(), range);
    } else if (c_.accept("div")) {
      rewritten("DIV", range);
      Expr right = number(bit_xor());
      left = number(std::move(left));
      Expr out;
      merge(out, left);
      merge(out, right);
      out.sql.add("div(", range).add(left.sql).add(", NULLIF(").add(right.sql).add(", 0))");
      out.cls = Class::Numeric;
      left = std::move(out);
    } else if (c_.is_op("%") || (c_.is("mod") && !c_.is_op("(", 1))) {
      c_.advance();
      Expr right = number(bit_xor());
      Expr out = arithmetic(std::move(left), "%", std::move(right), Binding::Multiply, range);
      left = std::move(out);
    } else {
      return left;
    }
  }
}

Expr Query::bit_xor() {
  Expr left = unary();
  while (c_.is_op("^")) {
    const Range range = c_.peek().range();
    rewritten("^", range);
    c_.advance();
    left = arithmetic(std::move(left), "#", unary(), Binding::Operator, range);
  }
  return left;
}

Expr Query::unary() {
  std::string signs;
  const Range range = c_.peek().range();
  while (c_.is_op("-") || c_.is_op("+") || c_.is_op("~") || c_.is_op("!") || c_.is("binary")) {
    if (c_.is_op("-")) signs += '-';
    if (c_.is_op("~")) signs += '~';
    if (c_.is_op("!")) signs += '!';
    c_.advance();
  }
  Expr value = postfix();
  for (auto sign = signs.rbegin(); sign != signs.rend(); ++sign) {
    Expr out;
    merge(out, value);
    if (*sign == '!') {
      rewritten("!", range);
      out.sql.add("NOT ", range);
      out.sql.add(wrap(condition(std::move(value)), Binding::Not));
      out.binding = Binding::Not;
      out.cls = Class::Bool;
    } else if (*sign == '-' && value.literal && value.literal->kind == Literal::Kind::Number &&
               !value.literal->value.starts_with("-")) {
      out.literal = Literal{Literal::Kind::Number, "-" + value.literal->value, {}};
      out.sql.add("-", range).add(value.sql);
      out.cls = value.cls;
      out.binding = Binding::Unary;
    } else {
      value = number(std::move(value));
      out.cls = value.cls;
      out.sql.add(*sign == '-' ? "-" : "~", range);
      out.sql.add(wrap(std::move(value), Binding::Cast));
      out.binding = Binding::Unary;
    }
    value = std::move(out);
  }
  return value;
}

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
      c_.advance(2);
    } else {
      return value;
    }
  }
}

/// '$.a.b[0]' as an operator of PostgreSQL's.
Expr Query::json_path(Expr base, bool as_text, const Token& path) {
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
  if (!good) {
    c_.fail(fmt::format("the JSON path {} has no counterpart", c_.slice(path)), path.range(),
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
  const bool index = steps.size() == 1 && text[1] == '[';
  std::string op = as_text ? "->>" : "->";
  std::string operand;
  if (steps.size() == 1) {
    operand = index ? steps[0] : quote_text(steps[0]);
  } else {
    op = as_text ? "#>>" : "#>";
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
    operand = quote_text(list + "}");
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
  out.literal = std::move(value);
  out.not_null = true;
  return out;
}

Expr Query::interval() {
  const Range range = c_.peek(0).range();
  Expr count = expression();
  const std::string unit = lower(c_.text());
  const auto* known =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& row) { return row.name == unit; });
  if (known == kUnits.end()) {
    unsupported(fmt::format("INTERVAL … {}", c_.text()), c_.peek().range());
    return count;
  }
  c_.advance();
  count = number(std::move(count));
  Expr out;
  merge(out, count);
  out.sql = wrap(std::move(count), Binding::Multiply);
  if (out.sql.text().starts_with("-")) {
    Text bracketed;
    bracketed.add("(", range).add(out.sql).add(")");
    out.sql = std::move(bracketed);
  }
  out.sql.add(fmt::format(" * INTERVAL '{} {}'", known->factor, known->interval), range);
  out.binding = Binding::Multiply;
  out.cls = Class::Interval;
  return out;
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
  bool text = false;
  bool number_seen = false;
  for (const Branch& branch : branches) {
    text = text || branch.then.cls == Class::Text;
    number_seen = number_seen || is_number_class(branch.then.cls);
  }
  if (simple) out.sql.add(" ").add(wrap(std::move(subject), Binding::Operator));
  for (Branch& branch : branches) {
    merge(out, branch.when);
    merge(out, branch.then);
    if (text && (is_number_class(branch.then.cls) || branch.then.cls == Class::Bool)) {
      branch.then = as_text(std::move(branch.then));
    } else if (number_seen && branch.then.cls == Class::Bool) {
      branch.then = number(std::move(branch.then));
    }
    if (branch.then.cls != Class::Null && out.cls == Class::Unknown) out.cls = branch.then.cls;
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
  if (output_.size() == 1) out.cls = output_[0].second;
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
      c_.fail(fmt::format("`{}` is a variable of the session", c_.text()), range,
              "mysql_user_variable");
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
        while (c_.accept_op(",")) {
          Expr next = expression();
          merge(row, next);
          row.sql.add(", ").add(next.sql);
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
                                  : fmt::format("`{}` is not understood here", c_.text()));
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
  const std::string folded = lower(name);
  std::string qualifier = parts.size() > 1 ? parts[parts.size() - 2] : std::string();
  if (upsert_ && !excluded_alias_.empty() && equals(qualifier, lower(excluded_alias_))) {
    const Table* table = scopes_.empty() ? nullptr : scopes_[0].sources[0].table;
    out.column = table == nullptr ? nullptr : table->column(name);
    out.sql =
        Text("EXCLUDED." + identifier(out.column == nullptr ? name : out.column->name), range);
    if (out.column != nullptr) out.cls = out.column->target.cls;
    return out;
  }
  // Innermost query first.
  bool open = false;  // a source whose columns are not known
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (qualifier.empty() && &*scope == &scopes_.back()) {
      const auto substitute = substitutes_.find(folded);
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
      const auto derived = source.columns.find(folded);
      if (found == nullptr && derived == source.columns.end()) {
        const bool unknown = source.derived
                                 ? source.columns.empty()
                                 : source.table == nullptr || source.table->columns.empty();
        open = open || unknown || !qualifier.empty();
        if (qualifier.empty()) continue;
      }
      if (found != nullptr) {
        const auto substitute = substitutes_.find(folded);
        if (substitute != substitutes_.end() && &source == &scopes_.front().sources.front()) {
          Expr value = substitute->second;
          value.sql = wrap(std::move(value), Binding::Primary);
          value.binding = Binding::Primary;
          return value;
        }
        out.column = found;
        out.cls = found->target.cls;
        out.not_null = (found->not_null || found->primary) && !source.optional;
      } else if (derived != source.columns.end()) {
        out.cls = derived->second;
      }
      std::string shown = found == nullptr ? name : found->name;
      std::string text = identifier(shown);
      const std::string prefix = !qualifier.empty() ? qualifier
                                 : !qualifier_.empty() && &*scope == &scopes_.front()
                                     ? qualifier_
                                     : std::string();
      if (!prefix.empty()) text = identifier(prefix) + "." + text;
      out.sql = Text(text, range);
      if (aggregates_ == 0) out.references.push_back({source.alias, folded});
      return out;
    }
    const auto alias = scope->aliases.find(folded);
    if (qualifier.empty() && alias != scope->aliases.end()) return alias->second;
  }
  if (parts.size() == 3) parts.erase(parts.begin());
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + identifier(part);
  if (parts.size() == 1 && !qualifier_.empty() && scopes_.size() == 1) {
    text = identifier(qualifier_) + "." + text;
  }
  out.sql = Text(text, range);
  if (aggregates_ == 0) out.references.push_back({"", folded});
  return out;
}

Text Query::assign(Expr value, const Column& column) {
  const Range range = value.sql.source(0);
  if (value.literal) {
    const Converted converted = convert(*value.literal, column.type, column.target, world_.charset);
    if (!converted.problem.empty()) c_.fail(converted.problem, range, converted.finding);
    return Text(converted.sql, range);
  }
  const Class to = column.target.cls;
  const Class from = value.cls;
  if (to == Class::Bool && is_number_class(from)) return condition(std::move(value)).sql;
  if (is_number_class(to) && from == Class::Bool) return number(std::move(value)).sql;
  const bool textual = from == Class::Text || from == Class::Json;
  if ((textual && to != Class::Text && to != Class::Unknown && to != from) ||
      (from == Class::Bytes && to == Class::Uuid)) {
    Text sql = wrap(std::move(value), Binding::Cast);
    if (from == Class::Json && to != Class::Text) {
      return Text("(").add(sql).add(" #>> '{}')::" + column.target.sql);
    }
    return sql.add("::" + column.target.sql);
  }
  return std::move(value.sql);
}

}  // namespace dsqlint::mysql
