// Functions with a special syntax, or whose rewriting depends on their arguments. Those of text, of
// dates and over groups are in separate files.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/query.h"

namespace dsqlint::mysql {

std::optional<Expr> Query::special_call(const std::string& name, Range range) {
  Expr out;
  const auto chain = [&](std::vector<Expr> list, std::string_view sql) {
    std::vector<Expr*> values;
    for (Expr& value : list) values.push_back(&value);
    unify(values);
    out.cls = common_class({values.begin(), values.end()});
    out.sql.add(fmt::format("{}(", sql), range);
    for (size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out.sql.add(", ");
      if (list[i].letter_case != Case::Unknown && out.letter_case != Case::Counts) {
        out.letter_case = list[i].letter_case;
      }
      merge(out, list[i]);
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
    unify({&list[1], &list[2]});
    merge(out, list[1]);
    merge(out, list[2]);
    merge(out, test);
    out.cls = common_class({&list[1], &list[2]});
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
  if (name == "from_unixtime" && c_.is_op("(")) {
    const size_t open = c_.at();
    const std::vector<Expr> list = arguments();
    c_.seek(open);
    if (list.size() == 2 && !c_.failed()) return date_format(range);
  }
  if (name == "count") return count(range);
  if (name == "bit_and" || name == "bit_or" || name == "bit_xor") return bit_aggregate(name, range);
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
  if (name == "round" || name == "log" || name == "mod") {
    std::vector<Expr> list = arguments();
    if (list.empty() || list.size() > 2) return std::nullopt;
    if (name == "mod") {
      if (list.size() != 2) return std::nullopt;
      rewritten("MOD", range);
      return remainder(std::move(list[0]), std::move(list[1]), range);
    }
    for (Expr& value : list) value = number(std::move(value));
    for (const Expr& value : list) merge(out, value);
    out.cls = list[0].cls;
    if (name == "log") {
      rewritten("LOG", range);
      out.cls = Class::Double;
      // Of what is not above 0 there is none: NULL in MySQL, an error in PostgreSQL.
      const auto positive = [&](Expr value, bool numeric) {
        const bool known = value.literal && value.not_negative &&
                           value.literal->value.find_first_of("123456789") != std::string::npos;
        Text sql = known ? wrap(std::move(value), Binding::Cast)
                         : Text("NULLIF(GREATEST(", range).add(value.sql).add(", 0), 0)");
        if (numeric) sql.add("::numeric");
        return sql;
      };
      if (list.size() == 1) {
        out.sql.add("ln(", range).add(positive(list[0], false)).add(")");
      } else {
        out.sql.add("log(", range).add(positive(list[0], true)).add(", ");
        out.sql.add(positive(list[1], true)).add(")");
      }
      return out;
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
  if (name == "last_insert_id" && !world_.last_id.empty() && c_.is_op("(") && c_.is_op(")", 1)) {
    c_.advance(2);
    rewritten("LAST_INSERT_ID", range, false);
    out.sql = Text(world_.last_id, range);
    out.binding = Binding::Add;
    out.cls = Class::Integer;
    out.immutable = false;
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
  if (name.starts_with("json_")) {
    if (std::optional<Expr> json = json_call(name, range)) return json;
  }
  if (std::optional<Expr> text = text_call(name, range)) return text;
  return date_call(name, range);
}

}  // namespace dsqlint::mysql
