// Functions with a syntax of their own, or whose rewriting depends on their arguments.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/query.h"

namespace dsqlint::mysql {
namespace {

struct Part {
  std::string_view name;
  std::string_view sql;  ///< `$` is the value
};
constexpr std::array kParts = {
    Part{"day", "EXTRACT(day FROM $)::integer"},
    Part{"dayofmonth", "EXTRACT(day FROM $)::integer"},
    Part{"dayofweek", "EXTRACT(dow FROM $)::integer + 1"},
    Part{"dayofyear", "EXTRACT(doy FROM $)::integer"},
    Part{"hour", "EXTRACT(hour FROM $)::integer"},
    Part{"microsecond", "EXTRACT(microseconds FROM $)::integer % 1000000"},
    Part{"minute", "EXTRACT(minute FROM $)::integer"},
    Part{"month", "EXTRACT(month FROM $)::integer"},
    Part{"quarter", "EXTRACT(quarter FROM $)::integer"},
    Part{"second", "trunc(EXTRACT(second FROM $))::integer"},
    Part{"weekday", "EXTRACT(isodow FROM $)::integer - 1"},
    Part{"year", "EXTRACT(year FROM $)::integer"},
};

}  // namespace

/// CAST and CONVERT: the type's words stand here.
Expr Query::cast(Expr value, Range range) {
  const std::string word = lower(c_.text());
  const size_t begin = c_.at();
  const auto length = [&]() -> std::string {
    if (!c_.is_op("(")) return {};
    const size_t open = c_.at();
    c_.skip_brackets();
    std::string text;
    for (size_t i = open; i < c_.at(); ++i) text += c_.slice(c_.statement().tokens[i]);
    return text;
  };
  c_.advance();
  std::string type;
  Class cls = Class::Unknown;
  if (word == "signed" || word == "unsigned") {
    if (!c_.accept("integer")) c_.accept("int");
    type = word == "signed" ? "bigint" : "numeric(20,0)";
    cls = word == "signed" ? Class::Integer : Class::Numeric;
    if (value.cls == Class::Bool) value = number(std::move(value));
  } else if (word == "char" || word == "nchar" || word == "varchar") {
    const std::string n = length();
    type = n.empty() ? "text" : "varchar" + n;
    cls = Class::Text;
    if (c_.accept("character", "set") || c_.accept("charset")) c_.advance();
  } else if (word == "datetime" || word == "timestamp") {
    type = "timestamp" + length();
    cls = Class::Timestamp;
  } else if (word == "date") {
    type = "date";
    cls = Class::Date;
  } else if (word == "time") {
    type = "time" + length();
    cls = Class::Time;
  } else if (word == "decimal" || word == "dec" || word == "numeric") {
    const std::string n = length();
    type = n.empty() ? "numeric(10,0)" : "numeric" + n;
    cls = Class::Numeric;
  } else if (word == "double" || word == "real" || word == "float") {
    c_.accept("precision");
    length();
    type = word == "float" ? "real" : "double precision";
    cls = Class::Double;
  } else if (word == "binary") {
    length();
    type = "bytea";
    cls = Class::Bytes;
  } else if (word == "json") {
    type = "json";
    cls = Class::Json;
  } else if (word == "year") {
    value.sql = Text("EXTRACT(year FROM ").add(value.sql).add(")");
    type = "integer";
    cls = Class::Integer;
  } else {
    c_.fail(fmt::format("`{}` is no type to cast to", c_.slice(c_.statement().tokens[begin])));
    return value;
  }
  rewritten("CAST", range, false);
  const bool textual = value.cls == Class::Text || value.cls == Class::Unknown;
  const bool temporal = cls == Class::Timestamp || cls == Class::Date || cls == Class::Time;
  // The reading of a date from text depends on the session; a literal's does not.
  if (textual && temporal && !value.literal) value.immutable = false;
  if (value.cls == Class::Timestamptz) value.immutable = false;
  if (value.literal && textual && temporal) {
    coerce_literal(value, Expr{.sql = {}, .cls = cls});
    std::string upper = type;
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    Expr out;
    out.sql = Text(upper + " " + value.sql.text(), range);
    out.cls = cls;
    return out;
  }
  Expr out;
  merge(out, value);
  out.sql = wrap(std::move(value), Binding::Cast).add("::" + type);
  out.binding = Binding::Cast;
  out.cls = cls;
  return out;
}

Expr Query::group_concat(Range range) {
  rewritten("GROUP_CONCAT", range);
  c_.expect_op("(");
  ++aggregates_;
  const bool distinct = c_.accept("distinct");
  std::vector<Expr> parts;
  while (!c_.done()) {
    parts.push_back(as_text(expression()));
    if (!c_.accept_op(",")) break;
  }
  Expr value;
  for (Expr& part : parts) {
    if (value.sql.empty()) {
      value = std::move(part);
    } else {
      value = binary(std::move(value), "||", std::move(part), Binding::Operator, range);
    }
  }
  Text order;
  if (c_.is("order")) {
    const size_t begin = c_.at();
    c_.advance();
    c_.expect("by");
    bool first = true;
    while (!c_.done()) {
      Expr key = expression();
      const bool same = as_text(key).sql.text() == value.sql.text();
      // With DISTINCT, PostgreSQL orders by what is aggregated and nothing else.
      const bool replaced = distinct && !same;
      if (replaced) {
        rewritten("GROUP_CONCAT(DISTINCT … ORDER BY …)", c_.range_from(begin), false);
        if (first) order.add(value.sql);
      } else {
        if (!first) order.add(", ");
        order.add(distinct ? value.sql : key.sql);
      }
      if (c_.accept("desc")) {
        if (!replaced || first) order.add(" DESC");
      } else {
        c_.accept("asc");
      }
      first = false;
      if (!c_.accept_op(",")) break;
    }
  }
  std::string separator = "','";
  if (c_.accept("separator")) {
    const Token token = c_.peek();
    const auto text = to_utf8(string_bytes(c_.slice(token), c_.modes()), world_.charset);
    c_.string();
    separator = quote_text(text.value_or(","));
  }
  if (c_.is("limit")) unsupported("GROUP_CONCAT … LIMIT", c_.peek().range());
  c_.expect_op(")");
  --aggregates_;
  Expr out;
  merge(out, value);
  out.references.clear();
  out.sql.add(distinct ? "string_agg(DISTINCT " : "string_agg(", range);
  out.sql.add(value.sql).add(", ").add(separator);
  if (!order.empty()) out.sql.add(" ORDER BY ").add(order);
  out.sql.add(")");
  out.cls = Class::Text;
  out.aggregate = true;
  return out;
}

/// `OVER (…)`, `OVER w` behind a function.
Expr Query::over(Expr function) {
  if (!c_.is("over")) return function;
  c_.advance();
  if (!c_.is_op("(")) {
    function.sql.add(" OVER ").add(identifier(c_.name()));
    function.aggregate = false;
    return function;
  }
  c_.advance();
  Text window("OVER (");
  bool blank = false;
  if (c_.accept("partition", "by")) {
    window.add("PARTITION BY ");
    bool first = true;
    do {
      if (!first) window.add(", ");
      first = false;
      window.add(expression().sql);
    } while (c_.accept_op(","));
    blank = true;
  }
  if (c_.is("order")) {
    if (blank) window.add(" ");
    window.add(order_by());
    blank = true;
  }
  while (!c_.done() && !c_.is_op(")")) {
    std::string word = lower(c_.text());
    for (char& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    window.add(blank ? " " : "").add(word);
    blank = true;
    c_.advance();
  }
  c_.expect_op(")");
  function.sql.add(" ").add(window).add(")");
  function.aggregate = false;
  return function;
}

std::optional<Expr> Query::special_call(const std::string& name, Range range) {
  Expr out;
  const auto chain = [&](std::vector<Expr> list, std::string_view sql) {
    // One type for all: text wins.
    const bool text =
        std::any_of(list.begin(), list.end(), [](const Expr& e) { return e.cls == Class::Text; });
    const bool flag =
        std::any_of(list.begin(), list.end(), [](const Expr& e) { return e.cls == Class::Bool; });
    out.sql.add(fmt::format("{}(", sql), range);
    for (size_t i = 0; i < list.size(); ++i) {
      if (i > 0) {
        out.sql.add(", ");
        coerce(list[0], list[i]);
      }
      if (text && (list[i].cls == Class::Integer || list[i].cls == Class::Numeric)) {
        list[i] = as_text(std::move(list[i]));
      }
      (void)flag;
      merge(out, list[i]);
      if (out.cls == Class::Unknown && list[i].cls != Class::Null) out.cls = list[i].cls;
      out.not_null = out.not_null || list[i].not_null;
      out.sql.add(list[i].sql);
    }
    out.sql.add(")");
    return out;
  };
  if (name == "ifnull" || name == "nvl") {
    rewritten(name == "nvl" ? "NVL" : "IFNULL", range);
    return chain(arguments(), "COALESCE");
  }
  if (name == "coalesce") return chain(arguments(), "COALESCE");
  if (name == "isnull") {
    rewritten("ISNULL", range);
    std::vector<Expr> list = arguments();
    if (list.size() != 1) return std::nullopt;
    merge(out, list[0]);
    out.sql = wrap(std::move(list[0]), Binding::Is).add(" IS NULL");
    out.binding = Binding::Is;
    out.cls = Class::Bool;
    return out;
  }
  if (name == "if") {
    rewritten("IF", range);
    std::vector<Expr> list = arguments();
    if (list.size() != 3) return std::nullopt;
    Expr test = condition(std::move(list[0]));
    const bool text = list[1].cls == Class::Text || list[2].cls == Class::Text;
    const bool numbers = list[1].cls == Class::Integer || list[2].cls == Class::Integer ||
                         list[1].cls == Class::Numeric || list[2].cls == Class::Numeric;
    for (Expr* value : {&list[1], &list[2]}) {
      if (text && value->cls != Class::Null) {
        *value = as_text(std::move(*value));
      } else if (numbers && value->cls == Class::Bool) {
        *value = number(std::move(*value));
      }
      merge(out, *value);
    }
    merge(out, test);
    out.cls = list[1].cls == Class::Null ? list[2].cls : list[1].cls;
    out.sql.add("CASE WHEN ", range).add(test.sql).add(" THEN ").add(list[1].sql);
    out.sql.add(" ELSE ").add(list[2].sql).add(" END");
    return out;
  }
  if (name == "concat") {
    std::vector<Expr> list = arguments();
    if (list.empty()) return std::nullopt;
    rewritten("CONCAT", range);
    Expr joined = as_text(std::move(list[0]));
    for (size_t i = 1; i < list.size(); ++i) {
      joined =
          binary(std::move(joined), "||", as_text(std::move(list[i])), Binding::Operator, range);
    }
    joined.cls = Class::Text;
    joined.literal.reset();
    joined.column = nullptr;
    return joined;
  }
  if (name == "group_concat") return group_concat(range);
  if (name == "date_format" || name == "str_to_date") return date_format(range);
  if (name == "count") {
    c_.expect_op("(");
    out.aggregate = true;
    out.not_null = true;
    out.cls = Class::Integer;
    if (c_.accept_op("*")) {
      c_.expect_op(")");
      out.sql.add("count(*)", range);
      return over(std::move(out));
    }
    ++aggregates_;
    const bool distinct = c_.accept("distinct");
    std::vector<Expr> list;
    do list.push_back(expression());
    while (c_.accept_op(","));
    --aggregates_;
    c_.expect_op(")");
    out.sql.add(distinct ? "count(DISTINCT " : "count(", range);
    if (list.size() > 1) out.sql.add("(");
    for (size_t i = 0; i < list.size(); ++i) out.sql.add(i > 0 ? ", " : "").add(list[i].sql);
    out.sql.add(list.size() > 1 ? "))" : ")");
    return over(std::move(out));
  }
  if (name == "cast" || name == "convert") {
    c_.expect_op("(");
    Expr value = expression();
    if (name == "convert" && c_.accept("using")) {
      c_.advance();
      c_.expect_op(")");
      rewritten("CONVERT … USING", range, false);
      return as_text(std::move(value));
    }
    if (name == "cast") {
      c_.expect("as");
    } else {
      c_.expect_op(",");
    }
    out = cast(std::move(value), range);
    c_.expect_op(")");
    return out;
  }
  if (name == "extract") {
    c_.expect_op("(");
    const std::string unit = lower(c_.text());
    c_.advance();
    c_.expect("from");
    Expr value = expression();
    c_.expect_op(")");
    if (unit.find('_') != std::string::npos) {
      unsupported(fmt::format("EXTRACT({} …)", unit), range);
      return out;
    }
    merge(out, value);
    out.immutable = out.immutable && value.cls != Class::Timestamptz;
    if (value.cls == Class::Text) {
      value.sql = wrap(std::move(value), Binding::Cast).add("::timestamp");
      out.immutable = false;
    }
    out.sql.add(fmt::format("EXTRACT({} FROM ", unit), range).add(value.sql).add(")::integer");
    out.binding = Binding::Cast;
    out.cls = Class::Integer;
    return out;
  }
  if (name == "position") {
    c_.expect_op("(");
    Expr needle = as_text(bit_or());
    c_.expect("in");
    Expr hay = as_text(expression());
    c_.expect_op(")");
    merge(out, needle);
    merge(out, hay);
    out.sql.add("strpos(", range).add(hay.sql).add(", ").add(needle.sql).add(")");
    out.cls = Class::Integer;
    return out;
  }
  if (name == "trim") {
    c_.expect_op("(");
    std::string side;
    for (const std::string_view word : {"both", "leading", "trailing"}) {
      if (c_.accept(word)) side = word;
    }
    out.cls = Class::Text;
    Expr first;
    if (!c_.is("from")) first = as_text(expression());
    const std::string_view function = side == "leading"    ? "ltrim"
                                      : side == "trailing" ? "rtrim"
                                                           : "btrim";
    merge(out, first);
    if (c_.accept("from")) {
      Expr value = as_text(expression());
      merge(out, value);
      c_.expect_op(")");
      out.sql.add(fmt::format("{}(", function), range).add(value.sql);
      if (!first.sql.empty()) {
        // PostgreSQL trims a set of characters, MySQL a string: the same for one character.
        if (!first.literal || first.literal->value.size() != 1) {
          unsupported("TRIM of more than one character", range);
        }
        out.sql.add(", ").add(first.sql);
      }
      out.sql.add(")");
      return out;
    }
    c_.expect_op(")");
    out.sql.add(fmt::format("{}(", function), range).add(first.sql).add(")");
    return out;
  }
  if (name == "substr" || name == "substring" || name == "mid") {
    c_.expect_op("(");
    std::vector<Expr> list;
    list.push_back(as_text(expression()));
    while (c_.accept_op(",") || c_.accept("from") || c_.accept("for")) {
      list.push_back(number(expression()));
    }
    c_.expect_op(")");
    if (list.size() < 2) return std::nullopt;
    for (const Expr& value : list) merge(out, value);
    out.cls = Class::Text;
    const auto& start = list[1].literal;
    if (start && start->value.starts_with("-")) {
      rewritten("SUBSTR", range);
      Text right;
      right.add("right(", range).add(list[0].sql).add(", ").add(start->value.substr(1)).add(")");
      out.sql =
          list.size() == 2 ? right : Text("left(").add(right).add(", ").add(list[2].sql).add(")");
      return out;
    }
    out.sql.add("substr(", range).add(list[0].sql).add(", ").add(list[1].sql);
    if (list.size() > 2) out.sql.add(", ").add(list[2].sql);
    out.sql.add(")");
    return out;
  }
  if (name == "substring_index") {
    std::vector<Expr> list = arguments();
    if (list.size() != 3 || !list[2].literal ||
        (list[2].literal->value != "1" && list[2].literal->value != "-1")) {
      unsupported("SUBSTRING_INDEX with another count than 1 or -1", range);
      return out;
    }
    rewritten("SUBSTRING_INDEX", range, false);
    merge(out, list[0]);
    out.sql.add("split_part(", range).add(as_text(std::move(list[0])).sql).add(", ");
    out.sql.add(list[1].sql).add(", ").add(list[2].literal->value).add(")");
    out.cls = Class::Text;
    return out;
  }
  if (name == "field" || name == "elt") {
    std::vector<Expr> list = arguments();
    if (list.size() < 2) return std::nullopt;
    rewritten(name == "field" ? "FIELD" : "ELT", range, false);
    out.sql.add("CASE ", range).add(wrap(list[0], Binding::Operator));
    for (size_t i = 1; i < list.size(); ++i) {
      if (name == "field") coerce(list[0], list[i]);
      merge(out, list[i]);
      out.sql.add(" WHEN ");
      if (name == "field") {
        out.sql.add(list[i].sql).add(fmt::format(" THEN {}", i));
      } else {
        out.sql.add(fmt::format("{} THEN ", i)).add(list[i].sql);
      }
    }
    out.sql.add(name == "field" ? " ELSE 0 END" : " END");
    merge(out, list[0]);
    out.cls = name == "field" ? Class::Integer : Class::Text;
    return out;
  }
  if (name == "now" || name == "current_timestamp" || name == "localtime" ||
      name == "localtimestamp" || name == "curtime" || name == "current_time") {
    std::string precision;
    if (c_.is_op("(")) {
      const std::vector<Expr> list = arguments();
      if (list.size() == 1 && list[0].literal) precision = "(" + list[0].literal->value + ")";
    }
    const bool time = name == "curtime" || name == "current_time";
    if (name != "current_timestamp") rewritten(time ? "CURTIME" : "NOW", range);
    out.sql.add((time ? "LOCALTIME" : "CURRENT_TIMESTAMP") + precision, range);
    out.cls = time ? Class::Time : Class::Timestamptz;
    out.immutable = false;
    out.not_null = true;
    return out;
  }
  if (name == "date_add" || name == "adddate" || name == "date_sub" || name == "subdate") {
    c_.expect_op("(");
    Expr when = expression();
    c_.expect_op(",");
    Expr span = expression();
    c_.expect_op(")");
    rewritten(name.find("add") != std::string::npos ? "DATE_ADD" : "DATE_SUB", range);
    const bool add = name.find("add") != std::string::npos;
    if (span.cls != Class::Interval) {
      span.sql = wrap(std::move(span), Binding::Multiply).add(" * INTERVAL '1 day'");
      span.binding = Binding::Multiply;
      span.cls = Class::Interval;
    }
    Class cls = when.cls;
    if (when.literal && when.literal->kind == Literal::Kind::String) {
      coerce_literal(when, Expr{.sql = {}, .cls = Class::Timestamp});
      const bool date = when.sql.size() == 12;
      when.sql = Text((date ? "DATE " : "TIMESTAMP ") + when.sql.text(), range);
      when.literal.reset();
      cls = date ? Class::Date : Class::Timestamp;
    } else if (cls == Class::Text || cls == Class::Unknown) {
      when.sql = wrap(std::move(when), Binding::Cast).add("::timestamp");
      when.binding = Binding::Cast;
      when.immutable = false;
      cls = Class::Timestamp;
    }
    const std::string& unit = span.sql.text();
    const bool days = unit.find("hour'") == std::string::npos &&
                      unit.find("minute'") == std::string::npos &&
                      unit.find("second'") == std::string::npos;
    out = binary(std::move(when), add ? "+" : "-", std::move(span), Binding::Add, range);
    out.cls = cls;
    out.immutable = out.immutable && cls != Class::Timestamptz;
    if (cls == Class::Date && days) {
      out.sql = wrap(std::move(out), Binding::Cast).add("::date");
      out.binding = Binding::Cast;
      out.cls = Class::Date;
    } else if (cls == Class::Date) {
      out.cls = Class::Timestamp;
    }
    return out;
  }
  if (name == "timestampdiff") {
    c_.expect_op("(");
    const std::string unit = lower(c_.text());
    c_.advance();
    c_.expect_op(",");
    Expr from = expression();
    c_.expect_op(",");
    Expr to = expression();
    c_.expect_op(")");
    rewritten("TIMESTAMPDIFF", range, false);
    merge(out, from);
    merge(out, to);
    out.immutable = false;
    const Text a = wrap(std::move(from), Binding::Cast).add("::timestamp");
    const Text b = wrap(std::move(to), Binding::Cast).add("::timestamp");
    const int seconds = unit == "second"   ? 1
                        : unit == "minute" ? 60
                        : unit == "hour"   ? 3600
                        : unit == "day"    ? 86400
                        : unit == "week"   ? 604800
                                           : 0;
    if (seconds > 0) {
      out.sql.add("trunc(EXTRACT(epoch FROM ", range).add(b).add(" - ").add(a);
      out.sql.add(seconds == 1 ? "))::bigint" : fmt::format(") / {})::bigint", seconds));
    } else if (unit == "year") {
      out.sql.add("EXTRACT(year FROM age(", range).add(b).add(", ").add(a).add("))::integer");
    } else if (unit == "month" || unit == "quarter") {
      out.sql.add("(EXTRACT(year FROM age(", range).add(b).add(", ").add(a);
      out.sql.add(")) * 12 + EXTRACT(month FROM age(").add(b).add(", ").add(a);
      out.sql.add(unit == "month" ? ")))::integer" : ")))::integer / 3");
      if (unit == "quarter") out.binding = Binding::Multiply;
    } else {
      unsupported(fmt::format("TIMESTAMPDIFF({} …)", unit), range);
    }
    if (out.binding == Binding::Primary) out.binding = Binding::Cast;
    out.cls = Class::Integer;
    return out;
  }
  if (name == "convert_tz") {
    std::vector<Expr> list = arguments();
    if (list.size() != 3) return std::nullopt;
    rewritten("CONVERT_TZ", range, false);
    merge(out, list[0]);
    out.immutable = out.immutable && list[0].cls == Class::Timestamp;
    out.sql = wrap(std::move(list[0]), Binding::Cast);
    if (list[0].cls != Class::Timestamp) out.sql.add("::timestamp");
    for (size_t i = 1; i < 3; ++i) {
      if (!list[i].literal || list[i].literal->kind != Literal::Kind::String) {
        unsupported("CONVERT_TZ with a computed zone", range);
        return out;
      }
      const std::string& zone = list[i].literal->value;
      // '+02:00' as a zone's name has the opposite sign in PostgreSQL; as an interval it has not.
      const bool offset = zone.starts_with("+") || zone.starts_with("-");
      out.sql.add(fmt::format(" AT TIME ZONE {}{}", offset ? "INTERVAL " : "", quote_text(zone)));
    }
    out.binding = Binding::Operator;
    out.cls = Class::Timestamp;
    return out;
  }
  if (name == "unix_timestamp") {
    std::vector<Expr> list = arguments();
    rewritten("UNIX_TIMESTAMP", range, false);
    out.sql.add("EXTRACT(epoch FROM ", range);
    if (list.empty()) {
      out.sql.add("CURRENT_TIMESTAMP");
    } else if (list[0].cls == Class::Text) {
      out.sql.add(wrap(list[0], Binding::Cast)).add("::timestamp");
    } else {
      out.sql.add(list[0].sql);
    }
    out.sql.add(")::bigint");
    if (!list.empty()) merge(out, list[0]);
    out.binding = Binding::Cast;
    out.cls = Class::Integer;
    out.immutable = false;
    return out;
  }
  if (name == "date" || name == "time" || name == "timestamp") {
    std::vector<Expr> list = arguments();
    if (list.size() != 1) return std::nullopt;
    rewritten(name == "date" ? "DATE" : name == "time" ? "TIME" : "TIMESTAMP", range);
    merge(out, list[0]);
    out.immutable = out.immutable && list[0].cls == Class::Timestamp;
    out.sql = wrap(std::move(list[0]), Binding::Cast).add("::" + name);
    out.binding = Binding::Cast;
    out.cls = name == "date" ? Class::Date : name == "time" ? Class::Time : Class::Timestamp;
    return out;
  }
  const auto* part =
      std::find_if(kParts.begin(), kParts.end(), [&](const Part& row) { return row.name == name; });
  if (part != kParts.end()) {
    std::vector<Expr> list = arguments();
    if (list.size() != 1) return std::nullopt;
    std::string upper = name;
    for (char& c : upper) c = static_cast<char>(c - 32);
    rewritten(upper, range);
    merge(out, list[0]);
    out.immutable =
        out.immutable && (list[0].cls == Class::Timestamp || list[0].cls == Class::Date);
    if (list[0].cls == Class::Text) {
      list[0].sql = wrap(std::move(list[0]), Binding::Cast).add("::timestamp");
    }
    const size_t hole = part->sql.find('$');
    out.sql.add(part->sql.substr(0, hole), range).add(list[0].sql);
    out.sql.add(part->sql.substr(hole + 1));
    out.binding = part->sql.find(" + ") != std::string_view::npos ||
                          part->sql.find(" - ") != std::string_view::npos
                      ? Binding::Add
                  : part->sql.find(" % ") != std::string_view::npos ? Binding::Multiply
                                                                    : Binding::Cast;
    out.cls = Class::Integer;
    return out;
  }
  if (name == "week") {
    std::vector<Expr> list = arguments();
    if (list.size() != 2 || !list[1].literal || list[1].literal->value != "3") {
      unsupported("WEEK() of another mode than 3", range);
      return out;
    }
    rewritten("WEEK", range);
    merge(out, list[0]);
    out.immutable = false;
    out.sql.add("EXTRACT(week FROM ", range).add(list[0].sql).add(")::integer");
    out.binding = Binding::Cast;
    out.cls = Class::Integer;
    return out;
  }
  if (name == "length") {
    std::vector<Expr> list = arguments();
    if (list.size() != 1) return std::nullopt;
    rewritten("LENGTH", range);
    Expr value = list[0].cls == Class::Bytes && !list[0].literal ? std::move(list[0])
                                                                 : as_text(std::move(list[0]));
    merge(out, value);
    out.sql.add("octet_length(", range).add(value.sql).add(")");
    out.cls = Class::Integer;
    return out;
  }
  if (name == "round" || name == "log" || name == "mod") {
    std::vector<Expr> list = arguments();
    if (list.empty() || list.size() > 2) return std::nullopt;
    for (Expr& value : list) value = number(std::move(value));
    for (const Expr& value : list) merge(out, value);
    out.cls = list[0].cls;
    if (name == "log") {
      rewritten("LOG", range);
      out.cls = Class::Double;
      if (list.size() == 1) {
        out.sql.add("ln(", range).add(list[0].sql).add(")");
      } else {
        out.sql.add("log(", range).add(wrap(list[0], Binding::Cast)).add("::numeric, ");
        out.sql.add(wrap(list[1], Binding::Cast)).add("::numeric)");
      }
      return out;
    }
    if (name == "mod") {
      if (list.size() != 2) return std::nullopt;
      rewritten("MOD", range);
      return arithmetic(std::move(list[0]), "%", std::move(list[1]), Binding::Multiply, range);
    }
    out.sql.add("round(", range);
    if (list.size() == 2 && list[0].cls != Class::Numeric && list[0].cls != Class::Integer) {
      rewritten("ROUND", range);
      out.sql.add(wrap(list[0], Binding::Cast)).add("::numeric");
      out.cls = Class::Numeric;
    } else {
      out.sql.add(list[0].sql);
    }
    if (list.size() == 2) out.sql.add(", ").add(list[1].sql);
    out.sql.add(")");
    return out;
  }
  if (name == "hex") {
    std::vector<Expr> list = arguments();
    if (list.size() != 1) return std::nullopt;
    rewritten("HEX", range);
    merge(out, list[0]);
    out.cls = Class::Text;
    if (list[0].cls == Class::Integer) {
      out.sql.add("upper(to_hex(", range).add(list[0].sql).add("))");
    } else if (list[0].cls == Class::Bytes) {
      out.sql.add("upper(encode(", range).add(list[0].sql).add(", 'hex'))");
    } else {
      out.sql.add("upper(encode(convert_to(", range).add(as_text(std::move(list[0])).sql);
      out.sql.add(", 'UTF8'), 'hex'))");
    }
    return out;
  }
  if (name == "sha2") {
    std::vector<Expr> list = arguments();
    const std::string bits = list.size() == 2 && list[1].literal ? list[1].literal->value : "";
    if (bits != "224" && bits != "256" && bits != "384" && bits != "512" && bits != "0") {
      unsupported("SHA2", range);
      return out;
    }
    rewritten("SHA2", range);
    merge(out, list[0]);
    out.sql.add(fmt::format("encode(sha{}(convert_to(", bits == "0" ? "256" : bits), range);
    out.sql.add(as_text(std::move(list[0])).sql).add(", 'UTF8')), 'hex')");
    out.cls = Class::Text;
    return out;
  }
  if (name == "uuid_to_bin") {
    std::vector<Expr> list = arguments();
    if (list.size() != 1) {
      unsupported("UUID_TO_BIN with swapped parts", range);
      return out;
    }
    rewritten("UUID_TO_BIN", range);
    if (list[0].cls == Class::Uuid) return std::move(list[0]);
    merge(out, list[0]);
    out.sql = wrap(std::move(list[0]), Binding::Cast).add("::uuid");
    out.binding = Binding::Cast;
    out.cls = Class::Uuid;
    return out;
  }
  if (name == "json_extract") {
    c_.expect_op("(");
    Expr base = expression();
    c_.expect_op(",");
    const Token path = c_.peek();
    c_.advance();
    c_.expect_op(")");
    return json_path(std::move(base), false, path);
  }
  if (name == "json_unquote") {
    std::vector<Expr> list = arguments();
    if (list.size() != 1) return std::nullopt;
    rewritten("JSON_UNQUOTE", range, false);
    if (list[0].cls == Class::Text) return std::move(list[0]);
    merge(out, list[0]);
    out.sql = wrap(std::move(list[0]), Binding::Operator).add(" #>> '{}'");
    out.binding = Binding::Operator;
    out.cls = Class::Text;
    return out;
  }
  if (name == "values" && upsert_) {
    c_.expect_op("(");
    std::string column_name = c_.name();
    if (c_.accept_op(".")) column_name = c_.name();
    c_.expect_op(")");
    const Table* table = scopes_.empty() ? nullptr : scopes_[0].sources[0].table;
    out.column = table == nullptr ? nullptr : table->column(column_name);
    if (out.column != nullptr) {
      column_name = out.column->name;
      out.cls = out.column->target.cls;
    }
    out.sql.add("EXCLUDED." + identifier(column_name), range);
    return out;
  }
  return std::nullopt;
}

}  // namespace dsqlint::mysql
