// MySQL's operators and their precedence in, PostgreSQL's out.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/query.h"

namespace dsqlint::mysql {

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

Expr Query::binary(Expr left, std::string_view op, Expr right, Binding binding, Range range) {
  // Chains of operators are long: what the left side refers to is not copied at each.
  Expr out;
  out.references = std::move(left.references);
  left.references.clear();
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
  for (int chained = 0; c_.is("xor"); ++chained) {
    const Range range = c_.peek().range();
    if (chained > kMaxDepth) {
      c_.fail("the expression is nested too deeply", range);
      return left;
    }
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

Expr Query::comparison() {
  Expr left = bit_or();
  // `a = b = c`: each is an operand, in brackets, of the next.
  for (int chained = 0;; ++chained) {
    if (chained > kMaxDepth) {
      c_.fail("the expression is nested too deeply");
      return left;
    }
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

/// IS, [NOT] IN, BETWEEN, LIKE, REGEXP after `left`; `left` itself where none follows.
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
      c_.fail("NULL, TRUE, FALSE or UNKNOWN is expected after IS");
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
    const bool bytes = c_.accept("binary");
    Expr pattern = bit_xor();
    if (bytes) pattern.letter_case = Case::Counts;
    if (pattern.literal) pattern = as_text(std::move(pattern));
    merge(out, pattern);
    if (!regexp) note_case(left, pattern);
    if (left.cls != Class::Text && left.cls != Class::Unknown) left = as_text(std::move(left));
    if (regexp) {
      rewritten("REGEXP", range, false);
      const bool counts = left.letter_case == Case::Counts || pattern.letter_case == Case::Counts;
      out.sql = wrap(std::move(left), Binding::Operator);
      out.sql.add(fmt::format(" {}~{} ", negated ? "!" : "", counts ? "" : "*"), range);
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
  if (negated) c_.fail("IN, BETWEEN, LIKE or REGEXP is expected after NOT");
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
    c_.fail("a date is used as a number in arithmetic", range, "mysql_function_unsupported");
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
  bool bytes = false;
  while (c_.is_op("-") || c_.is_op("+") || c_.is_op("~") || c_.is_op("!") || c_.is("binary")) {
    if (c_.is_op("-")) signs += '-';
    if (c_.is_op("~")) signs += '~';
    if (c_.is_op("!")) signs += '!';
    bytes = bytes || c_.is("binary");
    c_.advance();
  }
  if (signs.size() > static_cast<size_t>(kMaxDepth)) {
    c_.fail("the expression is nested too deeply", range);
    return {};
  }
  Expr value = postfix();
  if (bytes) value.letter_case = Case::Counts;
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

}  // namespace dsqlint::mysql
