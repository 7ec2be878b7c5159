// Functions that differ by name and order: a table. Those with a special syntax are in
// calls.cc.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/query.h"

namespace dsqlint::mysql {
namespace {

constexpr int kMany = 99;

/// In `sql`, $n is an argument as it is, @n with brackets where it needs them, ~n as text, #n as a
/// number, |n as one that is no numeric, :n as an integer, ;n as one not below 0, +n as a number
/// above 0 and !n as one not below 0, else NULL, %n as a date, ?n as a condition, =n as a JSON
/// value, $* all of them, &* all as texts, ^* all as JSON values.
struct FunctionRow {
  std::string_view name;
  int least;
  int most;
  std::string_view sql;
  Class cls = Class::Unknown;  ///< Null: that of the first argument
  bool exact = true;
  bool immutable = true;
  Binding binding = Binding::Primary;
  bool aggregate = false;
};

constexpr std::array kFunctions = {
    FunctionRow{"abs", 1, 1, "abs(#1)", Class::Null},
    FunctionRow{"acos", 1, 1, "acos(CASE WHEN @1 BETWEEN -1 AND 1 THEN #1 END)", Class::Double},
    FunctionRow{"any_value", 1, 1, "min($1)", Class::Null, false, true, Binding::Primary, true},
    FunctionRow{"ascii", 1, 1, "ascii(~1)", Class::Integer},
    FunctionRow{"asin", 1, 1, "asin(CASE WHEN @1 BETWEEN -1 AND 1 THEN #1 END)", Class::Double},
    FunctionRow{"atan", 1, 1, "atan(|1)", Class::Double},
    FunctionRow{"atan2", 2, 2, "atan2(|1, |2)", Class::Double},
    FunctionRow{"avg", 1, 1, "avg(#1)", Class::Numeric, true, true, Binding::Primary, true},
    FunctionRow{"bin_to_uuid", 1, 1, "@1::text", Class::Text, true, true, Binding::Cast},
    FunctionRow{"bit_length", 1, 1, "bit_length(~1)", Class::Integer},
    FunctionRow{"ceil", 1, 1, "ceil(#1)", Class::Null},
    FunctionRow{"ceiling", 1, 1, "ceil(#1)", Class::Null},
    FunctionRow{"char_length", 1, 1, "char_length(~1)", Class::Integer},
    FunctionRow{"character_length", 1, 1, "char_length(~1)", Class::Integer},
    FunctionRow{"concat_ws", 2, kMany, "concat_ws(&*)", Class::Text, true, false},
    FunctionRow{"connection_id", 0, 0, "pg_backend_pid()", Class::Integer, false, false},
    FunctionRow{"cos", 1, 1, "cos(|1)", Class::Double},
    FunctionRow{"cot", 1, 1, "cot(|1)", Class::Double},
    FunctionRow{"cume_dist", 0, 0, "cume_dist()", Class::Double},
    FunctionRow{"curdate", 0, 0, "CURRENT_DATE", Class::Date, true, false},
    FunctionRow{"current_date", 0, 0, "CURRENT_DATE", Class::Date, true, false},
    FunctionRow{"current_user", 0, 0, "CURRENT_USER", Class::Text, false, false},
    FunctionRow{"database", 0, 0, "current_schema()", Class::Text, true, false},
    FunctionRow{"datediff", 2, 2, "%1::date - %2::date", Class::Integer, false, false,
                Binding::Add},
    FunctionRow{"dayname", 1, 1, "to_char(%1, 'FMDay')", Class::Text, true, false},
    FunctionRow{"degrees", 1, 1, "degrees(|1)", Class::Double},
    FunctionRow{"dense_rank", 0, 0, "dense_rank()", Class::Integer},
    FunctionRow{"exp", 1, 1, "exp(|1)", Class::Double},
    FunctionRow{"find_in_set", 2, 2, "COALESCE(array_position(string_to_array(~2, ','), ~1), 0)",
                Class::Integer, false},
    FunctionRow{"first_value", 1, 1, "first_value($1)", Class::Null},
    FunctionRow{"floor", 1, 1, "floor(#1)", Class::Null},
    FunctionRow{"from_base64", 1, 1, "decode(~1, 'base64')", Class::Bytes, false},
    FunctionRow{"from_unixtime", 1, 1, "to_timestamp(#1)", Class::Timestamptz, false, false},
    FunctionRow{"greatest", 2, kMany, "GREATEST($*)", Class::Null, false},
    FunctionRow{"instr", 2, 2, "strpos(~1, ~2)", Class::Integer, false},
    FunctionRow{"json_array", 0, kMany, "json_build_array(^*)", Class::Json, false, false},
    FunctionRow{"json_arrayagg", 1, 1, "json_agg(=1)", Class::Json, false, false, Binding::Primary,
                true},
    FunctionRow{"json_contains", 2, 2, "@1::jsonb @> @2::jsonb", Class::Bool, false, true,
                Binding::Operator},
    FunctionRow{"json_length", 1, 1, "json_array_length(@1::json)", Class::Integer, false},
    FunctionRow{"json_object", 0, kMany, "json_build_object(^*)", Class::Json, false, false},
    FunctionRow{"json_objectagg", 2, 2, "json_object_agg(~1, =2)", Class::Json, false, false,
                Binding::Primary, true},
    FunctionRow{"json_valid", 1, 1, "@1::text IS JSON", Class::Bool, false, true, Binding::Is},
    FunctionRow{"lag", 1, 3, "lag($*)", Class::Null},
    FunctionRow{"last_day", 1, 1,
                "(date_trunc('month', %1) + INTERVAL '1 month' - INTERVAL '1 day')::date",
                Class::Date, true, false, Binding::Cast},
    FunctionRow{"last_insert_id", 0, 0, "lastval()", Class::Integer, false, false},
    FunctionRow{"last_value", 1, 1, "last_value($1)", Class::Null},
    FunctionRow{"lcase", 1, 1, "lower(~1)", Class::Text},
    FunctionRow{"lead", 1, 3, "lead($*)", Class::Null},
    FunctionRow{"least", 2, kMany, "LEAST($*)", Class::Null, false},
    FunctionRow{"left", 2, 2, "left(~1, ;2)", Class::Text},
    FunctionRow{"ln", 1, 1, "ln(+1)", Class::Double},
    FunctionRow{"locate", 2, 2, "strpos(~2, ~1)", Class::Integer, false},
    FunctionRow{"log10", 1, 1, "log(+1)", Class::Double},
    FunctionRow{"log2", 1, 1, "log(2, +1::numeric)", Class::Numeric},
    FunctionRow{"lower", 1, 1, "lower(~1)", Class::Text},
    FunctionRow{"lpad", 3, 3, "lpad(~1, :2, ~3)", Class::Text},
    FunctionRow{"ltrim", 1, 1, "ltrim(~1)", Class::Text},
    FunctionRow{"max", 1, 1, "max($1)", Class::Null, true, true, Binding::Primary, true},
    FunctionRow{"md5", 1, 1, "md5(~1)", Class::Text},
    FunctionRow{"min", 1, 1, "min($1)", Class::Null, true, true, Binding::Primary, true},
    FunctionRow{"monthname", 1, 1, "to_char(%1, 'FMMonth')", Class::Text, true, false},
    FunctionRow{"nth_value", 2, 2, "nth_value($*)", Class::Null},
    FunctionRow{"ntile", 1, 1, "ntile(#1)", Class::Integer},
    FunctionRow{"nullif", 2, 2, "NULLIF($1, $2)", Class::Null},
    FunctionRow{"octet_length", 1, 1, "octet_length(~1)", Class::Integer},
    FunctionRow{"percent_rank", 0, 0, "percent_rank()", Class::Double},
    FunctionRow{"pi", 0, 0, "pi()", Class::Double},
    FunctionRow{"pow", 2, 2, "power(|1, |2)", Class::Double},
    FunctionRow{"power", 2, 2, "power(|1, |2)", Class::Double},
    FunctionRow{"radians", 1, 1, "radians(|1)", Class::Double},
    FunctionRow{"rand", 0, 0, "random()", Class::Double, true, false},
    FunctionRow{"rank", 0, 0, "rank()", Class::Integer},
    FunctionRow{"regexp_like", 2, 2, "@1 ~* @2", Class::Bool, false, true, Binding::Operator},
    FunctionRow{"regexp_replace", 3, 3, "regexp_replace(~1, ~2, ~3, 'gi')", Class::Text, false},
    FunctionRow{"regexp_substr", 2, 2, "substring(~1 FROM ~2)", Class::Text, false},
    FunctionRow{"repeat", 2, 2, "repeat(~1, :2)", Class::Text},
    FunctionRow{"replace", 3, 3, "replace(~1, ~2, ~3)", Class::Text},
    FunctionRow{"reverse", 1, 1, "reverse(~1)", Class::Text},
    FunctionRow{"right", 2, 2, "right(~1, ;2)", Class::Text},
    FunctionRow{"row_number", 0, 0, "row_number()", Class::Integer},
    FunctionRow{"rpad", 3, 3, "rpad(~1, :2, ~3)", Class::Text},
    FunctionRow{"rtrim", 1, 1, "rtrim(~1)", Class::Text},
    FunctionRow{"schema", 0, 0, "current_schema()", Class::Text, true, false},
    FunctionRow{"session_user", 0, 0, "SESSION_USER", Class::Text, false, false},
    FunctionRow{"sign", 1, 1, "sign(#1)", Class::Numeric},
    FunctionRow{"sin", 1, 1, "sin(|1)", Class::Double},
    FunctionRow{"sleep", 1, 1, "pg_sleep(#1)", Class::Unknown, false, false},
    FunctionRow{"space", 1, 1, "repeat(' ', :1)", Class::Text},
    FunctionRow{"sqrt", 1, 1, "sqrt(!1)", Class::Double},
    FunctionRow{"std", 1, 1, "stddev_pop(|1)", Class::Double, true, true, Binding::Primary, true},
    FunctionRow{"stddev", 1, 1, "stddev_pop(|1)", Class::Double, true, true, Binding::Primary,
                true},
    FunctionRow{"stddev_pop", 1, 1, "stddev_pop(|1)", Class::Double, true, true, Binding::Primary,
                true},
    FunctionRow{"stddev_samp", 1, 1, "stddev_samp(|1)", Class::Double, true, true, Binding::Primary,
                true},
    FunctionRow{"sum", 1, 1, "sum(#1)", Class::Numeric, true, true, Binding::Primary, true},
    FunctionRow{"sysdate", 0, 1, "clock_timestamp()", Class::Timestamptz, true, false},
    FunctionRow{"tan", 1, 1, "tan(|1)", Class::Double},
    FunctionRow{"time_to_sec", 1, 1, "EXTRACT(epoch FROM %1)::integer", Class::Integer, true, false,
                Binding::Cast},
    FunctionRow{"to_base64", 1, 1, "encode(@1::bytea, 'base64')", Class::Text, false, false},
    FunctionRow{"to_days", 1, 1, "%1::date - DATE '0001-01-01' + 366", Class::Integer, true, false,
                Binding::Add},
    FunctionRow{"truncate", 2, 2, "trunc(@1::numeric, :2)", Class::Numeric},
    FunctionRow{"ucase", 1, 1, "upper(~1)", Class::Text},
    FunctionRow{"unhex", 1, 1, "decode(~1, 'hex')", Class::Bytes},
    FunctionRow{"upper", 1, 1, "upper(~1)", Class::Text},
    FunctionRow{"user", 0, 0, "CURRENT_USER", Class::Text, false, false},
    FunctionRow{"utc_date", 0, 0, "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')::date", Class::Date, true,
                false, Binding::Cast},
    FunctionRow{"utc_timestamp", 0, 1, "CURRENT_TIMESTAMP AT TIME ZONE 'UTC'", Class::Timestamp,
                true, false, Binding::Operator},
    FunctionRow{"uuid", 0, 0, "gen_random_uuid()", Class::Uuid, true, false},
    FunctionRow{"var_pop", 1, 1, "var_pop(|1)", Class::Double, true, true, Binding::Primary, true},
    FunctionRow{"var_samp", 1, 1, "var_samp(|1)", Class::Double, true, true, Binding::Primary,
                true},
    FunctionRow{"variance", 1, 1, "var_pop(|1)", Class::Double, true, true, Binding::Primary, true},
    FunctionRow{"version", 0, 0, "version()", Class::Text, false, false},
    FunctionRow{"weekofyear", 1, 1, "EXTRACT(week FROM %1)::integer", Class::Integer, true, false,
                Binding::Cast},
};
std::string upper_of(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return text;
}
static_assert(std::is_sorted(kFunctions.begin(), kFunctions.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));

}  // namespace

void Query::rewritten(std::string_view name, Range range, bool exact) {
  if (notes_.exact.empty() && notes_.review.empty()) notes_.first = range;
  (exact ? notes_.exact : notes_.review).insert(std::string(name));
}

void Query::unsupported(std::string_view name, Range range) {
  c_.fail(fmt::format("`{}` has no equivalent", name), range, "mysql_function_unsupported");
}

std::vector<Expr> Query::arguments() {
  std::vector<Expr> list;
  c_.expect_op("(");
  if (c_.accept_op(")")) return list;
  while (!c_.done()) {
    list.push_back(expression());
    if (!c_.accept_op(",")) break;
  }
  c_.expect_op(")");
  return list;
}

/// As json_build_object and its like take it: a flag is the number it is stored as.
Expr Query::json_value(Expr value) {
  if (value.cls == Class::Bool && value.column != nullptr) return number(std::move(value));
  // With a blank between date and time.
  if (value.cls == Class::Timestamp || value.cls == Class::Timestamptz) {
    return as_text(std::move(value));
  }
  return value.cls == Class::Text && !value.literal ? as_text(std::move(value)) : value;
}

Expr Query::call(const std::string& name, Range range) {
  const size_t begin = c_.at();
  const std::string shown(c_.slice(c_.statement().tokens[begin - 1]));
  if (std::optional<Expr> special = special_call(name, range)) return std::move(*special);
  if (c_.failed()) return {};
  c_.seek(begin);
  const auto row = std::lower_bound(
      kFunctions.begin(), kFunctions.end(), name,
      [](const FunctionRow& r, std::string_view wanted) { return r.name < wanted; });
  if (row == kFunctions.end() || row->name != name) {
    unsupported(shown + "()", range);
    return {};
  }
  bool distinct = false;
  std::vector<Expr> list;
  if (c_.is_op("(")) {
    if (row->aggregate) ++aggregates_;
    if (row->aggregate && c_.is("distinct", 1)) {
      c_.advance(2);
      distinct = true;
      list.push_back(expression());
      c_.expect_op(")");
    } else {
      list = arguments();
    }
    if (row->aggregate) --aggregates_;
  }
  const auto count = static_cast<int>(list.size());
  if (count < row->least || count > row->most) {
    unsupported(fmt::format("{}() with {} arguments", shown, count), range);
    return {};
  }
  const bool renamed = !row->sql.starts_with(name + "(") || !row->exact;
  if (renamed) {
    rewritten(upper_of(shown), range, row->exact);
  }
  Expr out;
  if (name == "nullif") coerce(list[0], list[1]);
  if (name == "greatest" || name == "least") {
    std::vector<Expr*> values;
    for (Expr& value : list) values.push_back(&value);
    unify(values);
    list[0].cls = common_class({values.begin(), values.end()});
  }
  if (name == "sum" || name == "avg") {
    for (const Expr& value : list) note_counted(value);
  }
  if (name == "min" || name == "max") note_folding(list[0], "order");
  if (distinct) {
    note_folding(list[0], "grouping");
    list[0] = comparable(std::move(list[0]));
  }
  // Below 128, letters have the same two forms everywhere.
  const bool folds = name == "lower" || name == "upper" || name == "lcase" || name == "ucase";
  if (folds && !list[0].literal) rewritten(upper_of(shown), range, false);
  if (row->aggregate || row->cls == Class::Null) {
    if (list.size() == 1 && list[0].cls == Class::Null && row->cls != Class::Null) {
      list[0].sql = Text("NULL::numeric", range);
      list[0].cls = Class::Numeric;
      list[0].literal.reset();
    }
    const bool chosen = name == "min" || name == "max" || name.ends_with("_value") ||
                        name == "lag" || name == "lead";
    if (chosen && !list.empty()) list[0] = typed(std::move(list[0]));
  }
  for (const Expr& value : list) merge(out, value);
  // min and max exist for no boolean.
  if ((name == "min" || name == "max") && list[0].cls == Class::Bool) {
    list[0] = number(std::move(list[0]));
  }
  out.cls = row->cls == Class::Null && !list.empty() ? list[0].cls : row->cls;
  if (name == "sum" && !list.empty() && list[0].cls == Class::Integer) out.cls = Class::Integer;
  if (row->cls == Class::Null && !list.empty()) out.letter_case = list[0].letter_case;
  const std::string_view sql = row->sql;
  out.sql.mark(range);
  bool first_argument = true;
  for (size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    const bool all = i + 1 < sql.size() && sql[i + 1] == '*' &&
                     std::string_view("$&^").find(c) != std::string_view::npos;
    const bool hole = i + 1 < sql.size() &&
                      std::string_view("$@~#|:;?%+!=&^").find(c) != std::string_view::npos &&
                      ((sql[i + 1] >= '1' && sql[i + 1] <= '9') || all);
    if (!hole) {
      out.sql.add(std::string_view(&sql[i], 1));
      continue;
    }
    ++i;
    if (sql[i] == '*') {
      for (size_t k = 0; k < list.size(); ++k) {
        Expr value = list[k];
        if (c == '&') value = as_text(std::move(value));
        if (c == '^') value = json_value(std::move(value));
        out.sql.add(k > 0 ? ", " : "").add(value.sql);
      }
      continue;
    }
    const auto index = static_cast<size_t>(sql[i] - '1');
    if (index >= list.size()) continue;
    if (distinct && first_argument) out.sql.add("DISTINCT ");
    first_argument = false;
    Expr value = list[index];
    if (c == '~') value = as_text(std::move(value));
    if (c == '#' || c == '+' || c == '!') value = number(std::move(value));
    if (c == '=') value = json_value(std::move(value));
    const bool known = value.literal && value.not_negative &&
                       value.literal->value.find_first_of("123456789") != std::string::npos;
    if (c == '+' && !known) {
      value.sql = Text("NULLIF(GREATEST(", range).add(value.sql).add(", 0), 0)");
    } else if (c == '!' && !known && !value.not_negative) {
      const Text tested = wrap(value, Binding::Operator);
      value.sql = Text("CASE WHEN ", range).add(tested).add(" >= 0 THEN ").add(value.sql);
      value.sql.add(" END");
    }
    if (c == '?') value = condition(std::move(value));
    if (c == '|' || c == ':' || c == ';') {
      value = c == '|' ? number(std::move(value)) : whole(std::move(value), c == ';');
      if (c == '|' && value.cls == Class::Numeric) {
        value.sql = wrap(std::move(value), Binding::Cast).add("::double precision");
      }
    }
    const bool whole_date = c == '%' && sql.substr(i + 1).starts_with("::date");
    if (c == '%') value = moment(std::move(value), name == "time_to_sec");
    out.sql.add(c == '@' || whole_date ? wrap(std::move(value), Binding::Cast) : value.sql);
  }
  out.binding = row->binding;
  out.immutable = out.immutable && row->immutable;
  out.aggregate = out.aggregate || row->aggregate;
  if (row->aggregate) out.references.clear();
  return over(std::move(out));
}

}  // namespace dsqlint::mysql
