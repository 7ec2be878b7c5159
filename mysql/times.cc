// Functions of dates and times whose rewriting depends on their arguments.

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

/// Units of several parts, whose digits stand after each other; `sql` is the template.
constexpr std::array kSeveral = {
    Part{"year_month", "YYYYMM"},
    Part{"day_hour", "DDHH24"},
    Part{"day_minute", "DDHH24MI"},
    Part{"day_second", "DDHH24MISS"},
    Part{"day_microsecond", "DDHH24MISSUS"},
    Part{"hour_minute", "HH24MI"},
    Part{"hour_second", "HH24MISS"},
    Part{"hour_microsecond", "HH24MISSUS"},
    Part{"minute_second", "MISS"},
    Part{"minute_microsecond", "MISSUS"},
    Part{"second_microsecond", "SSUS"},
};

}  // namespace

std::optional<Expr> Query::date_call(const std::string& name, Range range) {
  Expr out;
  if (name == "extract") {
    c_.expect_op("(");
    const std::string unit = lower(c_.text());
    c_.advance();
    c_.expect("from");
    Expr value = expression();
    c_.expect_op(")");
    const auto* several = std::find_if(kSeveral.begin(), kSeveral.end(),
                                       [&](const Part& row) { return row.name == unit; });
    if (several != kSeveral.end()) {
      rewritten("EXTRACT", range);
      value = moment(std::move(value), unit.starts_with("hour") || unit.starts_with("minute") ||
                                           unit.starts_with("second"));
      merge(out, value);
      out.sql.add("to_char(", range).add(value.sql);
      out.sql.add(fmt::format(", '{}')::bigint", several->sql));
      out.binding = Binding::Cast;
      out.cls = Class::Integer;
      out.immutable = false;
      return out;
    }
    if (unit.find('_') != std::string::npos) {
      unsupported(fmt::format("EXTRACT({} …)", unit), range);
      return out;
    }
    const bool time =
        unit == "hour" || unit == "minute" || unit == "second" || unit == "microsecond";
    value = moment(std::move(value), time);
    merge(out, value);
    out.immutable = out.immutable && value.cls != Class::Timestamptz;
    out.sql.add(fmt::format("EXTRACT({} FROM ", unit), range).add(value.sql).add(")::integer");
    out.binding = Binding::Cast;
    out.cls = Class::Integer;
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
    if (span.cls != Class::Interval) span = *interval_of(std::move(span), "day", range);
    return add_interval(std::move(when), add ? "+" : "-", std::move(span), range);
  }
  if (name == "timestampadd") {
    c_.expect_op("(");
    std::string unit = lower(c_.text());
    if (unit.starts_with("sql_tsi_")) unit = unit.substr(8);
    c_.advance();
    c_.expect_op(",");
    Expr count = expression();
    c_.expect_op(",");
    Expr when = expression();
    c_.expect_op(")");
    auto span = interval_of(std::move(count), unit, range);
    if (!span) {
      unsupported(fmt::format("TIMESTAMPADD({} …)", unit), range);
      return out;
    }
    rewritten("TIMESTAMPADD", range);
    return add_interval(std::move(when), "+", std::move(*span), range);
  }
  if (name == "makedate") {
    std::vector<Expr> list = arguments();
    if (list.size() != 2) return std::nullopt;
    // Two digits of a year are those of 1970 to 2069.
    rewritten("MAKEDATE", range, false);
    for (Expr& value : list) value = whole(std::move(value));
    merge(out, list[0]);
    merge(out, list[1]);
    const Text day = wrap(list[1], Binding::Add);
    out.sql.add("CASE WHEN ", range).add(day).add(" > 0 THEN make_date(").add(list[0].sql);
    out.sql.add(", 1, 1) + ").add(wrap(list[1], Binding::Multiply)).add(" - 1 END");
    out.cls = Class::Date;
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
    from = moment(std::move(from));
    to = moment(std::move(to));
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
    } else {
      list[0] = moment(std::move(list[0]));
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
    list[0] = moment(std::move(list[0]), name == "time");
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
    const bool time =
        name == "hour" || name == "minute" || name == "second" || name == "microsecond";
    list[0] = moment(std::move(list[0]), time);
    merge(out, list[0]);
    out.immutable =
        out.immutable && (list[0].cls == Class::Timestamp || list[0].cls == Class::Date);
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
      unsupported("WEEK() with a mode other than 3", range);
      return out;
    }
    rewritten("WEEK", range);
    list[0] = moment(std::move(list[0]));
    merge(out, list[0]);
    out.immutable = false;
    out.sql.add("EXTRACT(week FROM ", range).add(list[0].sql).add(")::integer");
    out.binding = Binding::Cast;
    out.cls = Class::Integer;
    return out;
  }
  return std::nullopt;
}

}  // namespace dsqlint::mysql
