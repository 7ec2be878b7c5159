// Functions of JSON whose rewriting depends on their arguments.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/query.h"

namespace dsqlint::mysql {

/// JSON_SET and its like change a jsonb; JSON_VALUE reads.
std::optional<Expr> Query::json_call(const std::string& name, Range range) {
  Expr out;
  const bool jsonb = world_.options.choices.jsonb;
  const bool removes = name == "json_remove";
  if (name == "json_value") {
    c_.expect_op("(");
    Expr base = expression();
    c_.expect_op(",");
    const Token path = c_.peek();
    c_.advance();
    if (!c_.is_op(")")) unsupported("JSON_VALUE with options", c_.peek().range());
    c_.expect_op(")");
    return json_path(std::move(base), true, path);
  }
  if (name != "json_set" && name != "json_insert" && name != "json_replace" && !removes) {
    return std::nullopt;
  }
  c_.expect_op("(");
  Expr base = expression();
  merge(out, base);
  if (base.cls != Class::Json || !jsonb) {
    if (base.cls != Class::Json && base.cls != Class::Unknown) base = as_text(std::move(base));
    base.sql = wrap(std::move(base), Binding::Cast).add("::jsonb");
    base.binding = Binding::Cast;
  }
  while (c_.accept_op(",") && !c_.failed()) {
    const Token path = c_.peek();
    const auto steps = json_steps(path);
    if (!steps || steps->empty()) {
      c_.fail(fmt::format("the JSON path {} has no equivalent", c_.slice(path)), path.range(),
              "mysql_function_unsupported");
      return out;
    }
    c_.advance();
    const std::string place = quote_text(json_array_of(*steps));
    Text sql;
    if (removes) {
      sql.add(wrap(std::move(base), Binding::Operator)).add(" #- " + place, path.range());
      base.binding = Binding::Operator;
    } else {
      c_.expect_op(",");
      Expr value = json_value(expression());
      merge(out, value);
      Text json;
      if (value.cls == Class::Null) {
        json.add("'null'", value.sql.source(0));
      } else if (value.cls == Class::Json) {
        json.add(wrap(value, Binding::Cast)).add("::jsonb");
      } else {
        json.add("to_jsonb(", value.sql.source(0)).add(typed(value).sql).add(")");
      }
      if (!value.not_null && value.cls != Class::Null) {
        json = Text("COALESCE(", value.sql.source(0)).add(json).add(", 'null')");
      }
      const Text before = base.sql;
      sql.add("jsonb_set(", path.range()).add(before).add(", " + place + ", ").add(json);
      sql.add(name == "json_replace" ? ", FALSE)" : ")");
      if (name == "json_insert") {
        Text kept("CASE WHEN ", path.range());
        kept.add(wrap(base, Binding::Operator)).add(" #> " + place + " IS NULL THEN ").add(sql);
        sql = kept.add(" ELSE ").add(before).add(" END");
      }
      base.binding = Binding::Primary;
    }
    base.sql = std::move(sql);
  }
  c_.expect_op(")");
  rewritten(removes                 ? "JSON_REMOVE"
            : name == "json_set"    ? "JSON_SET"
            : name == "json_insert" ? "JSON_INSERT"
                                    : "JSON_REPLACE",
            range, false);
  out.sql = std::move(base.sql);
  out.binding = base.binding;
  out.cls = Class::Json;
  if (!jsonb) {
    base.sql = out.sql;
    out.sql = wrap(std::move(base), Binding::Cast).add("::json");
    out.binding = Binding::Cast;
  }
  return out;
}

}  // namespace dsqlint::mysql
