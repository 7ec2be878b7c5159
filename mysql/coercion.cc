// Values of one kind where another is wanted: conditions, numbers, texts, what a column stores.

#include <algorithm>

#include "mysql/query.h"

namespace dsqlint::mysql {

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
    c_.fail("a string or date is used as a condition", value.sql.source(0),
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
  if (value.literal && value.cls == Class::Bytes) {
    coerce_literal(value, Expr{.sql = {}, .cls = Class::Text});
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

/// Letters are what a comparison without regard to case is about.
void Query::note_case(const Expr& left, const Expr& right) {
  if (!notes_.case_range.empty()) return;
  if (left.letter_case == Case::Counts || right.letter_case == Case::Counts) return;
  const Expr& folds = left.letter_case == Case::Ignored ? left : right;
  const Expr& other = &folds == &left ? right : left;
  if (folds.letter_case != Case::Ignored) return;
  if (other.literal) {
    const bool letters =
        std::any_of(other.literal->value.begin(), other.literal->value.end(),
                    [](char c) { return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c & 0x80) != 0; });
    if (other.literal->kind != Literal::Kind::String || !letters) return;
  } else if (other.cls != Class::Text) {
    return;
  }
  notes_.case_range = folds.sql.source(0);
}

/// Makes both sides of a comparison of one kind.
void Query::coerce(Expr& left, Expr& right) {
  note_case(left, right);
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
  if (from == Class::Uuid && to == Class::Bytes) {
    // No cast leads from one to the other.
    return Text("decode(replace(", range)
        .add(wrap(std::move(value), Binding::Cast))
        .add("::text, '-', ''), 'hex')");
  }
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
