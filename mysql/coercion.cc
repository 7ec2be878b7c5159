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

Expr Query::member_bits(Expr value) {
  Expr out;
  merge(out, value);
  out.not_null = value.not_null;
  const Range range = value.sql.source(0);
  const std::vector<std::string>& members = value.column->type.members;
  const Text list = Text("string_to_array(", range).add(value.sql).add(", ',')");
  Text sum;
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0) sum.add(" + ");
    sum.add("(" + quote_text(members[i]) + " = ANY (", range).add(list).add("))::integer");
    if (i > 0) sum.add(fmt::format(" * {}", uint64_t{1} << i));
  }
  out.sql = std::move(sum);
  out.binding = members.size() > 1 ? Binding::Add : Binding::Cast;
  out.cls = Class::Integer;
  out.not_negative = true;
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
    // The sum of integers: as many as those have bits.
    if (value.column->type.members.size() > 16) {
      c_.fail("a SET of more than 16 members is used as a number", value.sql.source(0),
              "mysql_function_unsupported");
      return value;
    }
    rewritten("a SET as a number", value.sql.source(0));
    return member_bits(std::move(value));
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

Expr Query::whole(Expr value, bool not_below_zero) {
  value = number(std::move(value));
  if (value.cls == Class::Unknown || value.cls == Class::Null) return value;
  if (value.literal && value.cls == Class::Integer) {
    if (not_below_zero && value.literal->value.starts_with("-")) {
      value.sql = Text("0", value.sql.source(0));
      value.binding = Binding::Primary;
    }
    return value;
  }
  const bool fits = value.column != nullptr && (value.column->target.sql == "INTEGER" ||
                                                value.column->target.sql == "SMALLINT");
  if (!fits || value.cls != Class::Integer) {
    value.sql = wrap(std::move(value), Binding::Cast).add("::integer");
    value.binding = Binding::Cast;
  }
  if (not_below_zero && !value.not_negative) {
    const Range range = value.sql.source(0);
    const Text tested = wrap(value, Binding::Operator);
    value.sql = Text("CASE WHEN ", range).add(tested).add(" < 0 THEN 0 ELSE ").add(value.sql);
    value.sql.add(" END");
    value.binding = Binding::Primary;
  }
  value.cls = Class::Integer;
  value.literal.reset();
  return value;
}

Expr Query::typed(Expr value) {
  if (value.cls == Class::Null || is_string(value)) {
    value.sql.add("::text");
    value.binding = Binding::Cast;
  }
  return value;
}

Expr Query::moment(Expr value, bool time_of_day) {
  const Range range = value.sql.source(0);
  if (is_temporal(value.cls) || value.cls == Class::Unknown) return value;
  if (value.cls == Class::Time && time_of_day) return value;
  if (value.cls == Class::Null) {
    value.sql = Text("NULL::timestamp", range);
    value.binding = Binding::Cast;
    return value;
  }
  if (is_string(value)) {
    const std::string& text = value.literal->value;
    const bool time = text.find(':') != std::string::npos && text.find('-') == std::string::npos;
    TargetType target;
    target.cls = time ? Class::Time : Class::Timestamp;
    const Converted when = convert(*value.literal, {}, target, world_.charset);
    const bool date = !time && when.sql.size() == 12;
    if (!when.problem.empty() || time != (time_of_day && time) || (date && time_of_day)) {
      c_.fail(fmt::format("'{}' is not a {}", text, time_of_day ? "time" : "date"), range,
              "mysql_function_unsupported");
      return value;
    }
    value.sql = Text((time ? "TIME " : date ? "DATE " : "TIMESTAMP ") + when.sql, range);
    value.cls = time ? Class::Time : date ? Class::Date : Class::Timestamp;
    value.literal.reset();
    return value;
  }
  if (value.cls == Class::Text && !is_enum(value) && !is_set(value)) {
    rewritten(time_of_day ? "a text as a time" : "a text as a date", range, false);
    value.sql = wrap(std::move(value), Binding::Cast).add("::timestamp");
    value.binding = Binding::Cast;
    value.cls = Class::Timestamp;
    value.column = nullptr;
    value.immutable = false;
    return value;
  }
  c_.fail(value.cls == Class::Time ? "a time is used as a date"
                                   : "a value that is no date is used as one",
          range, "mysql_function_unsupported");
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
  if (target.cls == Class::Date && is_string(literal)) {
    // With a time of its own it is compared as a time.
    TargetType with_time;
    with_time.cls = Class::Timestamp;
    const Converted when = convert(*literal.literal, {}, with_time, world_.charset);
    if (when.problem.empty() && when.sql.size() > 12) {
      literal.sql = Text("TIMESTAMP " + when.sql, literal.sql.source(0));
      literal.cls = Class::Timestamp;
      literal.binding = Binding::Primary;
      literal.literal.reset();
      return;
    }
  }
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
  if (!left.row.empty() || !right.row.empty()) {
    if (left.row.size() != right.row.size()) {
      c_.fail("rows of different widths are compared", right.sql.source(0),
              "mysql_function_unsupported");
      return;
    }
    for (Expr* side : {&left, &right}) side->sql = Text("(", side->sql.source(0));
    for (size_t i = 0; i < left.row.size(); ++i) {
      coerce(left.row[i], right.row[i], ordered);
      left.sql.add(i > 0 ? ", " : "").add(left.row[i].sql);
      right.sql.add(i > 0 ? ", " : "").add(right.row[i].sql);
    }
    left.sql.add(")");
    right.sql.add(")");
    return;
  }
  const auto counts = [](const Expr& e) { return is_number_class(e.cls) || e.cls == Class::Bool; };
  if (left.literal && right.literal) {
    if (left.cls == right.cls) return;
    if ((counts(left) && (counts(right) || is_string(right))) ||
        (is_string(left) && counts(right))) {
      left = number(std::move(left));
      right = number(std::move(right));
    }
    return;
  }
  // A comparison is a number beside others, and beside texts.
  for (int turn = 0; turn < 2; ++turn) {
    Expr& one = turn == 0 ? left : right;
    Expr& other = turn == 0 ? right : left;
    if (one.cls == Class::Time && counts(other)) {
      c_.fail("a time is compared with a number", one.sql.source(0), "mysql_function_unsupported");
      return;
    }
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
    // MySQL gives them as they are written.
    const bool all = std::all_of(values.begin(), values.end(), [&](const Expr* value) {
      if (!is_string(*value)) return value->cls == moment->cls || value->cls == Class::Null;
      const Converted when = convert(*value->literal, {}, target, world_.charset);
      return when.problem.empty() && when.sql == quote_text(value->literal->value) &&
             (when.sql.size() == 12) == (moment->cls == Class::Date);
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
  const bool counted = std::any_of(values.begin(), values.end(), [](const Expr* value) {
    return is_number_class(value->cls) || value->cls == Class::Bool;
  });
  const bool time_and_date =
      moment != nullptr && std::any_of(values.begin(), values.end(), [&](const Expr* value) {
        return is_temporal(moment->cls) ? value->cls == Class::Time : is_temporal(value->cls);
      });
  if (text || several || time_and_date || (moment != nullptr && counted)) {
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

Class Query::common_class(const std::vector<const Expr*>& values) {
  Class out = Class::Unknown;
  for (const Expr* value : values) {
    const Class cls = value->cls;
    if (cls == Class::Null || cls == Class::Unknown) continue;
    if (out == Class::Unknown || (is_number_class(out) && is_number_class(cls) && cls > out) ||
        (is_temporal(out) && is_temporal(cls) && cls > out)) {
      out = cls;
    }
  }
  return out;
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
      if (column.type.base == Base::Year && temporal && from != Class::Time) {
        return Text("EXTRACT(year FROM ", range).add(value.sql).add(")::integer");
      }
      if (column.type.base == Base::Year && (is_number_class(from) || from == Class::Bool)) {
        // 1 to 69 are years from 2001 on, 70 to 99 those from 1970 on.
        const Expr year = whole(std::move(value));
        const Text tested = wrap(year, Binding::Add);
        Text sql("CASE WHEN ", range);
        sql.add(tested).add(" BETWEEN 1 AND 69 THEN ").add(tested).add(" + 2000 WHEN ");
        sql.add(tested).add(" BETWEEN 70 AND 99 THEN ").add(tested).add(" + 1900 ELSE ");
        return sql.add(year.sql).add(" END");
      }
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
      if ((column.type.base == Base::Enum || column.type.base == Base::Set) &&
          from != Class::Text) {
        return refuse("what is no text",
                      column.type.base == Base::Enum ? "a member of an enum" : "a SET");
      }
      if ((column.type.base == Base::Enum || column.type.base == Base::Set) &&
          value.column != &column) {
        rewritten("a text stored as a member", range, false);
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
