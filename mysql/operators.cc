// MySQL's operators and their precedence in, PostgreSQL's out.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "mysql/query.h"

namespace dsqlint::mysql {

void Query::enter(Source source) {
  if (scopes_.empty()) scopes_.emplace_back();
  scopes_.back().sources.push_back(std::move(source));
}

Text Query::wrap(Expr&& value, Binding at_least) {
  if (value.binding >= at_least) return std::move(value.sql);
  Text sql;
  const Range source = value.sql.source(0);
  sql.add("(", source).add(value.sql).add(")");
  return sql;
}

Text Query::wrap(const Expr& value, Binding at_least) {
  if (value.binding >= at_least) return value.sql;
  Text sql;
  sql.add("(", value.sql.source(0)).add(value.sql).add(")");
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
  // Some forms have an argument twice: calls within calls would double each time.
  if (value.sql.size() > kSmallText + kMostGrowth * c_.bytes()) {
    c_.fail("the translation of this expression is too long; calculate its parts in subqueries");
  }
  if (c_.failed()) return {};
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
        note_case(left, right);
        coerce_to_query(left, right, range);
        left = binary(std::move(left), *op == "!=" ? "<>" : *op, std::move(right),
                      Binding::Comparison, range);
      } else {
        Expr right = bit_or();
        const bool same = *op == "<=>";
        coerce(left, right, !same && *op != "=" && *op != "<>" && *op != "!=");
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

/// Only one side can be changed where the other is a query.
void Query::coerce_to_query(Expr& left, const Expr& query, Range range) {
  if (left.cls == query.cls || query.cls == Class::Unknown || query.cls == Class::Null) return;
  if (is_number_class(query.cls) && (left.cls == Class::Bool || left.cls == Class::Text)) {
    left = number(std::move(left));
  }
  const bool numbers = is_number_class(left.cls) && is_number_class(query.cls);
  if (left.cls == query.cls || numbers || left.cls == Class::Unknown || left.cls == Class::Null ||
      (is_temporal(left.cls) && is_temporal(query.cls))) {
    return;
  }
  c_.fail("a query gives another type than the expression it is compared with", range,
          "mysql_function_unsupported");
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
      note_case(left, list);
      coerce_to_query(left, list, range);
      merge(out, list);
      out.sql = wrap(std::move(left), Binding::Operator);
      out.sql.add(fmt::format(" {}IN ", no), range).add(list.sql);
      return out;
    }
    c_.expect_op("(");
    std::vector<Expr> values;
    while (!c_.done()) {
      values.push_back(expression());
      if (!c_.accept_op(",")) break;
    }
    c_.expect_op(")");
    // Each value is compared by its own type: numbers with the text as a number, texts with it as
    // it is.
    struct Part {
      Expr left;
      Text list;
    };
    std::vector<Part> parts;
    for (Expr& value : values) {
      Expr same = left;
      coerce(same, value);
      merge(out, value);
      const auto part = std::find_if(parts.begin(), parts.end(), [&](const Part& p) {
        return p.left.sql.text() == same.sql.text();
      });
      if (part == parts.end()) {
        parts.push_back({std::move(same), value.sql});
      } else {
        part->list.add(", ").add(value.sql);
      }
    }
    if (parts.size() > 1) {
      for (const Part& part : parts) {
        if (!out.sql.empty()) out.sql.add(negated ? " AND " : " OR ");
        out.sql.add(wrap(part.left, Binding::Operator));
        out.sql.add(fmt::format(" {}IN (", no), range).add(part.list).add(")");
      }
      out.binding = negated ? Binding::And : Binding::Or;
      return out;
    }
    Text list;
    if (!parts.empty()) {
      left = std::move(parts[0].left);
      list = std::move(parts[0].list);
    }
    out.sql = wrap(std::move(left), Binding::Operator);
    out.sql.add(fmt::format(" {}IN (", no), range).add(list).add(")");
    return out;
  }
  if (c_.accept("between")) {
    Expr low = bit_or();
    c_.expect("and");
    Expr high = bit_or();
    std::vector<Expr> bounds = {std::move(low), std::move(high)};
    const auto any = [&](const auto& test) {
      return test(left.cls) || test(bounds[0].cls) || test(bounds[1].cls);
    };
    // MySQL has rules of its own for these.
    if (any([](Class cls) { return is_temporal(cls) || cls == Class::Time; }) &&
        any([](Class cls) { return is_number_class(cls) || cls == Class::Bool; })) {
      c_.fail("BETWEEN compares dates with numbers", range, "mysql_function_unsupported");
    }
    coerce_all(left, bounds, true);
    low = std::move(bounds[0]);
    high = std::move(bounds[1]);
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
    if (left.cls != Class::Unknown) left = as_text(std::move(left));
    if (pattern.cls != Class::Unknown && !pattern.literal) pattern = as_text(std::move(pattern));
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
    left = bitwise(std::move(left), "|", bit_and(), range);
  }
  return left;
}

Expr Query::bit_and() {
  Expr left = shift();
  while (c_.is_op("&")) {
    const Range range = c_.peek().range();
    c_.advance();
    left = bitwise(std::move(left), "&", shift(), range);
  }
  return left;
}

Expr Query::shift() {
  Expr left = additive();
  while (c_.is_op("<<") || c_.is_op(">>")) {
    const std::string op(c_.text());
    const Range range = c_.peek().range();
    c_.advance();
    left = bitwise(std::move(left), op, additive(), range);
  }
  return left;
}

/// 64 bits, for which PostgreSQL has integers only.
Expr Query::bits_of(Expr value) {
  value = number(std::move(value));
  if (value.bits) {
    value.sql = *value.bits;
    value.binding = Binding::Operator;
    value.not_negative = false;
    value.bits.reset();
  } else if (value.literal && value.literal->value.size() >= 19 && value.not_negative &&
             value.literal->value.find_first_not_of("0123456789") == std::string::npos) {
    // Above what a bigint holds.
    errno = 0;
    const uint64_t bits = std::strtoull(value.literal->value.c_str(), nullptr, 10);
    if (errno == 0 && bits > static_cast<uint64_t>(INT64_MAX)) {
      const auto same = static_cast<int64_t>(bits);
      value.sql = Text(same == INT64_MIN ? "-9223372036854775807 - 1" : std::to_string(same),
                       value.sql.source(0));
      value.binding = same == INT64_MIN ? Binding::Add : Binding::Unary;
      value.literal.reset();
      value.not_negative = false;
    }
  } else if (value.cls == Class::Numeric && value.not_negative && !value.literal) {
    const Text tested = wrap(value, Binding::Add);
    Text sql("(CASE WHEN ", value.sql.source(0));
    sql.add(tested).add(" > 9223372036854775807 THEN ").add(tested);
    sql.add(" - 18446744073709551616 ELSE ").add(value.sql).add(" END)::bigint");
    value.sql = std::move(sql);
    value.binding = Binding::Cast;
    value.not_negative = false;
  } else if (value.cls == Class::Numeric || value.cls == Class::Double ||
             value.cls == Class::Unknown) {
    value.sql = wrap(std::move(value), Binding::Cast).add("::bigint");
    value.binding = Binding::Cast;
  }
  value.cls = Class::Integer;
  return value;
}

/// The unsigned number that MySQL makes of 64 bits.
Expr Query::unsigned_of(Expr bits, Range range) {
  rewritten("bit operators on negative numbers", range);
  Expr out = bits;
  out.bits = bits.sql;
  out.sql = Text("(", range).add(wrap(std::move(bits), Binding::Cast));
  out.sql.add("::numeric + 18446744073709551616) % 18446744073709551616");
  out.binding = Binding::Multiply;
  out.cls = Class::Numeric;
  out.not_negative = true;
  out.literal.reset();
  out.column = nullptr;
  return out;
}

Expr Query::bitwise(Expr left, std::string_view op, Expr right, Range range) {
  note_counted(left);
  note_counted(right);
  left = bits_of(std::move(left));
  right = bits_of(std::move(right));
  const bool both = left.not_negative && right.not_negative;
  const auto small = [](const Expr& e, size_t digits) {
    return e.literal && e.not_negative && e.literal->value.size() <= digits;
  };
  if (op == "<<" || op == ">>") {
    if (op == "<<" && !small(left, 18)) {
      left.sql = wrap(std::move(left), Binding::Cast).add("::bigint");
      left.binding = Binding::Cast;
    }
    if (op == "<<" && small(left, 18)) {
      left.sql = Text(left.sql).add("::bigint");
      left.binding = Binding::Cast;
    }
    if (!right.literal) {
      right.sql = wrap(std::move(right), Binding::Cast).add("::integer");
      right.binding = Binding::Cast;
    }
  }
  if (op == ">>" && !left.not_negative) {
    // Zeros come in from the left, not the sign.
    Expr whole = unsigned_of(std::move(left), range);
    Expr out;
    merge(out, whole);
    merge(out, right);
    out.sql.add("div(", range).add(whole.sql).add(", power(2::numeric, ").add(right.sql).add("))");
    out.cls = Class::Numeric;
    out.not_negative = true;
    return out;
  }
  const bool positive = op == "&"    ? left.not_negative || right.not_negative
                        : op == "<<" ? small(left, 6) && small(right, 2)
                                     : both;
  Expr out = binary(std::move(left), op, std::move(right), Binding::Operator, range);
  out.cls = Class::Integer;
  out.not_negative = positive;
  return positive ? out : unsigned_of(std::move(out), range);
}

Expr Query::arithmetic(Expr left, std::string_view op, Expr right, Binding binding, Range range) {
  note_counted(left);
  note_counted(right);
  // What has no counterpart as a number stays, and is refused.
  for (Expr* side : {&left, &right}) {
    if (side->cls == Class::Json || side->cls == Class::Uuid ||
        (side->cls == Class::Bytes && !side->literal)) {
      c_.fail("JSON or bytes are used as a number", side->sql.source(0),
              "mysql_function_unsupported");
    }
    if (side->cls != Class::Interval) *side = number(std::move(*side));
  }
  Class cls = Class::Unknown;
  if (left.cls == Class::Double || right.cls == Class::Double) {
    cls = Class::Double;
  } else if (left.cls == Class::Numeric || right.cls == Class::Numeric) {
    cls = Class::Numeric;
  } else if (left.cls == Class::Integer && right.cls == Class::Integer) {
    cls = Class::Integer;
  }
  const bool positive = op != "-" && left.not_negative && right.not_negative;
  Expr out = binary(std::move(left), op, std::move(right), binding, range);
  out.cls = cls;
  out.not_negative = positive;
  return out;
}

/// NULL instead of 0, so that a division by it gives NULL.
Expr Query::divisor(Expr value, Range range) {
  const bool nonzero = value.literal && value.literal->kind == Literal::Kind::Number &&
                       value.literal->value.find_first_of("123456789") != std::string::npos;
  if (nonzero) return value;
  Text sql;
  sql.add("NULLIF(", range).add(value.sql).add(", 0)");
  value.sql = std::move(sql);
  value.binding = Binding::Primary;
  value.not_null = false;
  value.literal.reset();
  return value;
}

/// `%` and MOD
Expr Query::remainder(Expr left, Expr right, Range range) {
  note_counted(left);
  note_counted(right);
  left = number(std::move(left));
  right = number(std::move(right));
  const bool floating = left.cls == Class::Double || right.cls == Class::Double;
  if (floating) {
    for (Expr* side : {&left, &right}) {
      if (side->cls != Class::Double || side->literal) continue;
      side->sql = wrap(std::move(*side), Binding::Cast).add("::numeric");
      side->binding = Binding::Cast;
      side->cls = Class::Numeric;
    }
  }
  return arithmetic(std::move(left), "%", divisor(std::move(right), range), Binding::Multiply,
                    range);
}

Expr Query::add_interval(Expr when, std::string_view op, Expr span, Range range) {
  if (when.cls == Class::Unknown) {
    when.sql = wrap(std::move(when), Binding::Cast).add("::timestamp");
    when.binding = Binding::Cast;
    when.immutable = false;
    when.cls = Class::Timestamp;
  } else if (when.cls != Class::Time) {
    when = moment(std::move(when));
  }
  const Class cls = when.cls == Class::Null ? Class::Timestamp : when.cls;
  const std::string& unit = span.sql.text();
  const bool days = unit.find("hour'") == std::string::npos &&
                    unit.find("minute'") == std::string::npos &&
                    unit.find("second'") == std::string::npos;
  Expr out = binary(std::move(when), op, std::move(span), Binding::Add, range);
  out.cls = cls;
  out.not_null = false;
  out.immutable = out.immutable && cls != Class::Timestamptz;
  if (cls == Class::Date && days) {
    out.sql = wrap(std::move(out), Binding::Cast).add("::date");
    out.binding = Binding::Cast;
  } else if (cls == Class::Date) {
    out.cls = Class::Timestamp;
  }
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
      left = add_interval(std::move(left), op, std::move(right), range);
      continue;
    }
    left = arithmetic(std::move(left), op, std::move(right), Binding::Add, range);
  }
}

Expr Query::divide(Expr left, Expr right, Range range) {
  note_counted(left);
  note_counted(right);
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
  right = divisor(std::move(right), range);
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
      Expr right = bit_xor();
      note_counted(left);
      note_counted(right);
      right = number(std::move(right));
      left = number(std::move(left));
      for (Expr* side : {&left, &right}) {
        if (side->cls != Class::Double || side->literal) continue;
        side->sql = wrap(std::move(*side), Binding::Cast).add("::numeric");
        side->binding = Binding::Cast;
      }
      right = divisor(std::move(right), range);
      Expr out;
      merge(out, left);
      merge(out, right);
      out.sql.add("div(", range).add(left.sql).add(", ").add(right.sql).add(")");
      out.not_negative = left.not_negative && right.not_negative;
      out.cls = Class::Numeric;
      left = std::move(out);
    } else if (c_.is_op("%") || (c_.is("mod") && !c_.is_op("(", 1))) {
      c_.advance();
      left = remainder(std::move(left), bit_xor(), range);
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
    left = bitwise(std::move(left), "#", unary(), range);
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
    } else if (*sign == '~') {
      note_counted(value);
      value = bits_of(std::move(value));
      out.cls = Class::Integer;
      out.sql.add("~", range).add(wrap(std::move(value), Binding::Cast));
      out.binding = Binding::Operator;
      out = unsigned_of(std::move(out), range);
    } else {
      note_counted(value);
      value = number(std::move(value));
      out.cls = value.cls;
      out.sql.add("-", range);
      out.sql.add(wrap(std::move(value), Binding::Cast));
      out.binding = Binding::Unary;
    }
    value = std::move(out);
  }
  return value;
}

}  // namespace dsqlint::mysql
