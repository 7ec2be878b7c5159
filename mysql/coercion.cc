// Values of one kind where another is wanted: conditions, numbers, texts, what a column stores.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/query.h"

namespace dsqlint::mysql {
namespace {

/// What MySQL reads of a text as a number: what it begins with, else the 0 put behind it.
constexpr std::string_view kNumberPattern = R"('^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|0$')";

/// A JSON string of it, as a literal of PostgreSQL.
std::string json_string(std::string_view utf8) {
  std::string out = "\"";
  for (const char c : utf8) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return quote_text(out + '"');
}

bool is_enum(const Expr& value) {
  return value.column != nullptr && value.column->type.base == Base::Enum &&
         value.cls == Class::Text;
}
bool is_set(const Expr& value) {
  return value.column != nullptr && value.column->type.base == Base::Set &&
         value.cls == Class::Text;
}
bool is_string(const Expr& value) {
  return value.literal && value.literal->kind == Literal::Kind::String;
}

/// The type that holds what an expression of this class gives.
Base base_for(Class cls) {
  switch (cls) {
    case Class::Bool:
    case Class::Integer:
      return Base::BigInt;
    case Class::Numeric:
      return Base::Decimal;
    case Class::Double:
      return Base::Double;
    case Class::Text:
      return Base::Text;
    case Class::Bytes:
      return Base::Blob;
    case Class::Date:
      return Base::Date;
    case Class::Time:
      return Base::Time;
    case Class::Timestamp:
    case Class::Timestamptz:
      return Base::DateTime;
    case Class::Json:
      return Base::Json;
    default:
      return Base::Unknown;
  }
}

/// Dates and times as MySQL's numbers, 20240131 and 20240131235959.
std::string_view number_template(Class cls) {
  switch (cls) {
    case Class::Date:
      return "YYYYMMDD";
    case Class::Timestamp:
    case Class::Timestamptz:
      return "YYYYMMDDHH24MISS";
    case Class::Time:
      return "HH24MISS";
    default:
      return {};
  }
}

}  // namespace

Case case_of(const Column& column) {
  if (column.target.cls != Class::Text || column.type.base == Base::Enum ||
      column.type.base == Base::Set) {
    return Case::Unknown;
  }
  return column.ignores_case ? Case::Ignored : Case::Counts;
}

Column column_of(const Output& output) {
  Column column;
  if (output.column != nullptr) {
    column.type = output.column->type;
    column.target = output.column->target;
    column.ignores_case = output.column->ignores_case;
    column.blank = output.column->blank;
    column.override_with = output.column->override_with;
  } else {
    column.target.cls = output.cls;
    column.type.base = base_for(output.cls);
    column.ignores_case = output.letter_case == Case::Ignored;
  }
  column.name = output.name;
  column.not_null = output.not_null;
  return column;
}

Expr Query::condition(Expr value) {
  if (value.literal && value.literal->kind == Literal::Kind::String) {
    value.literal = Literal{Literal::Kind::Number, leading_number(value.literal->value), {}};
  }
  if (value.literal && value.literal->kind == Literal::Kind::Number) {
    const std::string& digits = value.literal->value;
    const bool zero =
        digits.substr(0, digits.find_first_of("eE")).find_first_not_of("0.+-") == std::string::npos;
    value.sql = Text(zero ? "FALSE" : "TRUE", value.sql.source(0));
    value.binding = Binding::Primary;
    value.cls = Class::Bool;
    value.literal.reset();
    return value;
  }
  if (value.cls == Class::Text) value = number(std::move(value));
  if (is_number_class(value.cls)) {
    if (value.bits) {
      value.sql = *value.bits;
      value.binding = Binding::Operator;
    }
    Expr out;
    merge(out, value);
    out.not_null = value.not_null;
    out.sql = wrap(std::move(value), Binding::Like).add(" <> 0");
    out.binding = Binding::Comparison;
    out.cls = Class::Bool;
    return out;
  }
  if (value.cls != Class::Bool && value.cls != Class::Null && value.cls != Class::Unknown) {
    c_.fail("a date, bytes or JSON is used as a condition", value.sql.source(0),
            "mysql_function_unsupported");
  }
  return value;
}

Expr Query::position(Expr value) {
  Expr out;
  merge(out, value);
  out.not_null = value.not_null;
  const Column* column = value.column;
  std::string members;
  // What no member is, MySQL stores as '', whose number is 0.
  if (column->blank) members = "''";
  for (const std::string& member : column->type.members) {
    members += (members.empty() ? "" : ", ") + quote_text(member);
  }
  out.sql.add("array_position(ARRAY[" + members + "], ", value.sql.source(0));
  out.sql.add(wrap(std::move(value), Binding::Cast)).add("::text)");
  out.cls = Class::Integer;
  out.not_negative = true;
  if (column->blank) {
    out.sql.add(" - 1");
    out.binding = Binding::Add;
  }
  return out;
}

void Query::note_counted(const Expr& value) {
  if (value.column == nullptr || value.table == nullptr || value.cls != Class::Bool ||
      value.column->type.base == Base::Bit) {
    return;
  }
  value.table->hindsight->counted.insert(
      lower(value.column->original.empty() ? value.column->name : value.column->original));
}

Expr Query::number(Expr value) {
  if (value.literal &&
      (value.literal->kind == Literal::Kind::Bytes || value.literal->kind == Literal::Kind::Bits)) {
    if (const auto n = number_of(value.literal->value)) {
      value.sql = Text(std::to_string(*n), value.sql.source(0));
      value.literal = Literal{Literal::Kind::Number, std::to_string(*n), {}};
      value.cls = Class::Integer;
      value.not_negative = true;
    }
    return value;
  }
  if (is_string(value)) {
    TargetType target;
    target.cls = Class::Numeric;
    Literal digits{Literal::Kind::Number, leading_number(value.literal->value), {}};
    const Converted converted = convert(digits, {}, target, world_.charset);
    value.sql = Text(converted.sql, value.sql.source(0));
    value.binding = converted.sql.starts_with("-") ? Binding::Unary : Binding::Primary;
    value.cls = Class::Numeric;
    value.literal = std::move(digits);
    value.not_negative = !converted.sql.starts_with("-");
    return value;
  }
  if (is_enum(value)) {
    rewritten("an enum as a number", value.sql.source(0));
    return position(std::move(value));
  }
  if (is_set(value)) {
    c_.fail("a SET is used as a number", value.sql.source(0), "mysql_function_unsupported");
    return value;
  }
  const std::string_view digits = number_template(value.cls);
  if (value.cls == Class::Bool) {
    if (value.literal) {
      value.sql = Text(value.literal->value, value.sql.source(0));
    } else {
      value.sql = wrap(std::move(value), Binding::Cast).add("::integer");
      value.binding = Binding::Cast;
    }
    value.cls = Class::Integer;
    value.not_negative = true;
  } else if (value.cls == Class::Text) {
    const Range range = value.sql.source(0);
    if (notes_.number_range.empty()) notes_.number_range = range;
    Text sql;
    sql.add("substring(", range).add(wrap(std::move(value), Binding::Add)).add(" || ' 0' FROM ");
    value.sql = sql.add(kNumberPattern).add(")::numeric");
    value.binding = Binding::Cast;
    value.cls = Class::Numeric;
  } else if (!digits.empty()) {
    Text sql;
    sql.add("to_char(", value.sql.source(0)).add(value.sql);
    value.sql = sql.add(fmt::format(", '{}')::bigint", digits));
    value.binding = Binding::Cast;
    value.cls = Class::Integer;
    value.immutable = false;
    value.not_negative = true;
  } else {
    return value;
  }
  value.literal = value.literal && value.cls == Class::Integer && value.binding == Binding::Primary
                      ? value.literal
                      : std::nullopt;
  value.column = nullptr;
  value.letter_case = Case::Unknown;
  return value;
}

Expr Query::as_text(Expr value) {
  if (value.cls == Class::Text) {
    // CHAR(n) has its padding as itself, not as text.
    if (value.column != nullptr && value.column->type.base == Base::Char) {
      value.sql = wrap(std::move(value), Binding::Cast).add("::text");
      value.binding = Binding::Cast;
      value.column = nullptr;
    }
    return value;
  }
  if (value.literal && value.literal->kind == Literal::Kind::Number) {
    value.sql = Text(quote_text(value.literal->value), value.sql.source(0));
    value.cls = Class::Text;
    value.binding = Binding::Primary;
    value.literal->kind = Literal::Kind::String;
    return value;
  }
  if (value.literal && value.cls == Class::Bytes) {
    coerce_literal(value, Expr{.sql = {}, .cls = Class::Text});
    value.literal->kind = Literal::Kind::String;
    return value;
  }
  if (value.cls == Class::Bool) value = number(std::move(value));
  // The text of a date depends on the session's settings.
  const bool stable = is_temporal(value.cls) || value.cls == Class::Unknown;
  value.immutable = value.immutable && !stable;
  if (value.cls == Class::Timestamptz) {
    // Without the offset, in the session's zone, as MySQL has it.
    const int digits = value.column == nullptr ? 0 : std::max(0, value.column->type.length);
    value.sql =
        wrap(std::move(value), Binding::Cast).add(fmt::format("::timestamp({})::text", digits));
  } else if (value.cls == Class::Bytes) {
    rewritten("bytes as a text", value.sql.source(0), false);
    Text sql;
    sql.add("convert_from(", value.sql.source(0)).add(value.sql).add(", 'UTF8')");
    value.sql = std::move(sql);
  } else {
    value.sql = wrap(std::move(value), Binding::Cast).add("::text");
  }
  value.binding = value.cls == Class::Bytes ? Binding::Primary : Binding::Cast;
  value.cls = Class::Text;
  value.column = nullptr;
  value.literal.reset();
  return value;
}

Expr Query::comparable(Expr value) {
  if (value.cls != Class::Json || world_.options.choices.jsonb) return value;
  value.sql = wrap(std::move(value), Binding::Cast).add("::jsonb");
  value.binding = Binding::Cast;
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
  if (!raw && is_number_class(target.cls) && literal.literal->kind == Literal::Kind::Number) {
    if (literal.cls == Class::Bool) literal = number(std::move(literal));
    return;
  }
  // A text that is no number is what it begins with.
  if (is_number_class(target.cls) && is_string(literal) && type.base != Base::Bit &&
      type.base != Base::Year) {
    literal = number(std::move(literal));
    return;
  }
  if (target.cls == Class::Time && literal.literal->kind == Literal::Kind::Number) return;
  Converted converted = convert(*literal.literal, type, target, world_.charset);
  if (!converted.problem.empty()) {
    c_.fail(converted.problem, literal.sql.source(0), "mysql_function_unsupported");
    return;
  }
  literal.sql = Text(zoned(converted.sql, target.cls, world_.zone), literal.sql.source(0));
  literal.cls = target.cls;
  literal.binding = converted.sql.starts_with("-") ? Binding::Unary : Binding::Primary;
}

/// Letters are what a comparison without regard to case is about.
void Query::note_case(const Expr& left, const Expr& right) {
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
  note_folding(folds, "comparison");
}

void Query::note_folding(const Expr& value, std::string_view what) {
  if (!notes_.case_range.empty() || value.letter_case != Case::Ignored) return;
  notes_.case_range = value.sql.source(0);
  notes_.case_what = what;
}

/// JSON is compared as jsonb; what is compared with it becomes a JSON value, as in MySQL.
void Query::coerce_json(Expr& left, Expr& right) {
  for (Expr* side : {&left, &right}) {
    const Range range = side->sql.source(0);
    if (side->cls == Class::Json) {
      *side = comparable(std::move(*side));
    } else if (is_string(*side)) {
      const auto utf8 = to_utf8(side->literal->value, world_.charset);
      side->sql = Text(json_string(utf8.value_or(side->literal->value)) + "::jsonb", range);
      side->binding = Binding::Cast;
    } else if (side->literal && side->literal->kind == Literal::Kind::Number) {
      const std::string value = side->cls == Class::Bool
                                    ? (side->literal->value == "1" ? "true" : "false")
                                    : side->sql.text();
      side->sql = Text("'" + value + "'::jsonb", range);
      side->binding = Binding::Cast;
    } else if (!side->literal && side->cls != Class::Unknown && side->cls != Class::Null) {
      // A comparison is a number as a text, and true as JSON.
      Expr value = side->cls == Class::Bool && side->column != nullptr ? number(*side)
                   : side->cls == Class::Text                          ? as_text(*side)
                                                                       : *side;
      const bool text = value.cls == Class::Text;
      side->sql = Text("to_jsonb(", range);
      side->sql.add(text ? wrap(std::move(value), Binding::Cast).add("::text") : value.sql);
      side->sql.add(")");
      side->binding = Binding::Primary;
    }
  }
  rewritten("JSON in a comparison", left.sql.source(0), false);
}

/// Makes both sides of a comparison of one kind.
void Query::coerce(Expr& left, Expr& right, bool ordered) {
  note_case(left, right);
  const auto null = [](const Expr& e) { return e.cls == Class::Null; };
  if (null(left) || null(right)) return;
  if (left.cls == Class::Json || right.cls == Class::Json) return coerce_json(left, right);
  if (left.literal && right.literal) {
    if (left.cls == right.cls) return;
    if (is_string(left) && is_number_class(right.cls)) left = number(std::move(left));
    if (is_string(right) && is_number_class(left.cls)) right = number(std::move(right));
    return;
  }
  for (int turn = 0; turn < 2; ++turn) {
    Expr& one = turn == 0 ? left : right;
    Expr& other = turn == 0 ? right : left;
    const bool number_literal = other.literal && other.literal->kind == Literal::Kind::Number;
    if (one.literal) continue;
    if (one.cls == Class::Bool && other.literal) {
      // 0 and 1 are values of a flag, others make it a number.
      const std::string digits =
          is_string(other) ? leading_number(other.literal->value) : other.literal->value;
      const bool flag = digits == "0" || digits == "1" || other.cls == Class::Bool ||
                        (!number_literal && !is_string(other));
      if (flag && !ordered) return coerce_literal(other, one);
      if (!flag) note_counted(one);
      one = number(std::move(one));
      other = number(std::move(other));
      return;
    }
    if (is_enum(one) && (number_literal || is_number_class(other.cls))) {
      const std::string index = number_literal ? other.literal->value : std::string();
      const bool member = number_literal && index.size() < 5 &&
                          index.find_first_not_of("0123456789") == std::string::npos &&
                          index != "0" && std::stoul(index) <= one.column->type.members.size();
      if (member && !ordered) return coerce_literal(other, one);
      one = number(std::move(one));
      return;
    }
    if (is_set(one) && is_number_class(other.cls) && (ordered || !number_literal)) {
      one = number(std::move(one));
      return;
    }
    if (one.cls == Class::Text && !is_set(one) && is_number_class(other.cls)) {
      one = number(std::move(one));
      other = number(std::move(other));
      return;
    }
    if (other.literal && is_number_class(one.cls) && other.cls == Class::Bool) {
      other = number(std::move(other));
      return;
    }
  }
  if (right.literal) return coerce_literal(right, left);
  if (left.literal) return coerce_literal(left, right);
  if (left.cls == right.cls) return;
  for (int turn = 0; turn < 2; ++turn) {
    Expr& one = turn == 0 ? left : right;
    Expr& other = turn == 0 ? right : left;
    const bool temporal = is_temporal(one.cls) || one.cls == Class::Time;
    if (one.cls == Class::Bool && is_number_class(other.cls)) {
      note_counted(one);
      one = number(std::move(one));
    } else if (one.cls == Class::Bool && other.cls == Class::Text) {
      one = number(std::move(one));
      other = number(std::move(other));
    } else if (temporal && (is_number_class(other.cls) || other.cls == Class::Bool)) {
      one = number(std::move(one));
      other = number(std::move(other));
    } else if (other.cls == Class::Text &&
               (temporal || one.cls == Class::Uuid || one.cls == Class::Bytes)) {
      rewritten("a comparison with a text", one.sql.source(0), false);
      one = as_text(std::move(one));
    } else {
      continue;
    }
    return;
  }
}

void Query::coerce_all(Expr& left, std::vector<Expr>& values, bool ordered) {
  for (Expr& value : values) {
    Expr before = left;
    coerce(left, value, ordered);
    // The left side has changed its kind: so do those that were compared with what it was.
    if (before.cls == left.cls) continue;
    for (Expr& earlier : values) {
      if (&earlier == &value) break;
      if (is_number_class(left.cls)) earlier = number(std::move(earlier));
      if (left.cls == Class::Text) earlier = as_text(std::move(earlier));
    }
  }
}

void Query::unify(const std::vector<Expr*>& values) {
  bool text = false;
  bool texts = false;  // other than literals
  bool numbers = false;
  bool flags = false;
  bool others = false;  // numbers that are neither 0 nor 1
  bool json = false;
  const Expr* moment = nullptr;
  for (const Expr* value : values) {
    const bool literal = value->literal.has_value();
    text = text || value->cls == Class::Text;
    texts = texts || (value->cls == Class::Text && !literal);
    json = json || value->cls == Class::Json;
    if (is_number_class(value->cls)) {
      numbers = numbers || !literal;
      others = others || (literal && value->literal->value != "0" && value->literal->value != "1");
    }
    flags = flags || (value->cls == Class::Bool && !literal);
    if ((is_temporal(value->cls) || value->cls == Class::Time) && moment == nullptr) moment = value;
  }
  // Dates beside literals that are dates.
  if (moment != nullptr && text && !texts && !numbers && !flags) {
    TargetType target;
    target.cls = moment->cls;
    const bool all = std::all_of(values.begin(), values.end(), [&](const Expr* value) {
      return !is_string(*value) ||
             convert(*value->literal, {}, target, world_.charset).problem.empty();
    });
    if (all) {
      const Expr kind = *moment;
      for (Expr* value : values) {
        if (value->literal) coerce_literal(*value, kind);
      }
      return;
    }
  }
  const bool several = json && std::any_of(values.begin(), values.end(), [](const Expr* value) {
                         return value->cls != Class::Json && value->cls != Class::Null;
                       });
  if (text || several || (moment != nullptr && (numbers || flags))) {
    for (Expr* value : values) {
      if (value->cls != Class::Null) *value = as_text(std::move(*value));
    }
    return;
  }
  for (Expr* value : values) {
    const bool flag_literal = value->literal && value->literal->kind == Literal::Kind::Number;
    if (flags && !numbers && !others && flag_literal) {
      *value = condition(std::move(*value));
    } else if (value->cls == Class::Bool && (numbers || others)) {
      *value = number(std::move(*value));
    }
  }
}

Text Query::assign(Expr value, const Column& column) {
  const Range range = value.sql.source(0);
  const Class to = column.target.cls;
  if (value.literal && value.cls != Class::Interval) {
    Literal literal = *value.literal;
    const Converted converted = convert(literal, column.type, column.target, world_.charset);
    if (converted.problem.empty()) {
      return Text(zoned(converted.sql, to, world_.zone), range);
    }
    const bool number_literal = literal.kind == Literal::Kind::Number;
    if (to != Class::Bool || !number_literal) {
      c_.fail(converted.problem, range, converted.finding);
      return Text(converted.sql, range);
    }
    // Only now is it known to be more than a flag.
    value.cls = Class::Numeric;
    value.literal.reset();
  }
  const Class from = value.cls;
  const auto refuse = [&](std::string_view what, std::string_view as) {
    c_.fail(fmt::format("{} is stored as {} in `{}`", what, as, column.name), range);
    return Text(value.sql);
  };
  const auto cast = [&](Expr of, std::string_view type) {
    return wrap(std::move(of), Binding::Cast).add("::").add(type);
  };
  const bool temporal = is_temporal(from) || from == Class::Time;
  if (to == Class::Unknown || from == Class::Unknown || from == Class::Null) {
    return std::move(value.sql);
  }
  switch (to) {
    case Class::Bool: {
      if (from == Class::Bool) return std::move(value.sql);
      if (temporal || from == Class::Json || from == Class::Bytes || from == Class::Uuid) {
        return refuse("a date, bytes or JSON", "a flag");
      }
      if (column.type.base != Base::Bit) {
        counted_.insert(lower(column.original.empty() ? column.name : column.original));
      }
      rewritten(fmt::format("a number stored in the flag {}", column.name), range, false);
      return condition(std::move(value)).sql;
    }
    case Class::Integer:
    case Class::Numeric:
    case Class::Double: {
      if (from == Class::Json) {
        return Text("(").add(value.sql).add(" #>> '{}')::" + column.target.sql);
      }
      if (from == Class::Bytes || from == Class::Uuid) return refuse("bytes", "a number");
      if (from == Class::Bool || temporal || is_enum(value) || is_set(value)) {
        value = number(std::move(value));
      } else if (from == Class::Text) {
        // In strict mode a text that is no number is an error in both.
        rewritten("a text stored as a number", range, false);
        value.sql = cast(std::move(value), "numeric");
        value.binding = Binding::Cast;
        if (to == Class::Integer) value.sql.add("::" + column.target.sql);
      }
      if (value.bits && to == Class::Integer) return *value.bits;
      if (to == Class::Double && column.type.scale >= 0) {
        // DOUBLE(m, d) keeps d digits.
        Text rounded("round(", range);
        rounded.add(cast(std::move(value), "numeric"));
        return rounded.add(fmt::format(", {})", column.type.scale));
      }
      return std::move(value.sql);
    }
    case Class::Text:
      if (column.type.base == Base::Enum && (is_number_class(from) || from == Class::Bool)) {
        return refuse("a number", "a member of an enum");
      }
      if (from == Class::Bool || from == Class::Timestamptz || from == Class::Bytes) {
        return as_text(std::move(value)).sql;
      }
      return std::move(value.sql);
    case Class::Date:
    case Class::Time:
    case Class::Timestamp:
    case Class::Timestamptz:
      if (is_number_class(from) || from == Class::Bool) return refuse("a number", "a date");
      if (from == Class::Text) return cast(std::move(value), column.target.sql);
      if (from == Class::Json) {
        return Text("(").add(value.sql).add(" #>> '{}')::" + column.target.sql);
      }
      if (from == Class::Time && to != Class::Time) return refuse("a time", "a date");
      return std::move(value.sql);
    case Class::Bytes:
      if (from == Class::Uuid) {
        // No cast leads from one to the other.
        return Text("decode(replace(", range)
            .add(wrap(std::move(value), Binding::Cast))
            .add("::text, '-', ''), 'hex')");
      }
      if (from == Class::Text) {
        return Text("convert_to(", range).add(as_text(std::move(value)).sql).add(", 'UTF8')");
      }
      if (from != Class::Bytes) return refuse("a number or date", "bytes");
      return std::move(value.sql);
    case Class::Json: {
      if (from == Class::Json) return std::move(value.sql);
      if (from == Class::Text) return cast(std::move(value), column.target.sql);
      if (from == Class::Bool && value.column != nullptr) value = number(std::move(value));
      return Text(world_.options.choices.jsonb ? "to_jsonb(" : "to_json(", range)
          .add(value.sql)
          .add(")");
    }
    case Class::Uuid:
      if (from == Class::Bytes || from == Class::Text) return cast(std::move(value), "UUID");
      return std::move(value.sql);
    default:
      return std::move(value.sql);
  }
}

}  // namespace dsqlint::mysql
