// Functions of text whose rewriting depends on their arguments.

#include <fmt/format.h>

#include "mysql/query.h"

namespace dsqlint::mysql {

std::optional<Expr> Query::text_call(const std::string& name, Range range) {
  Expr out;
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
      unsupported("SUBSTRING_INDEX with a count other than 1 or -1", range);
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
    Expr subject = std::move(list[0]);
    std::vector<Expr> values(std::make_move_iterator(list.begin() + 1),
                             std::make_move_iterator(list.end()));
    if (name == "field") {
      coerce_all(subject, values, false);
    } else {
      subject = number(std::move(subject));
      std::vector<Expr*> results;
      for (Expr& value : values) results.push_back(&value);
      unify(results);
    }
    list.assign(1, std::move(subject));
    for (Expr& value : values) list.push_back(std::move(value));
    out.sql.add("CASE ", range).add(wrap(list[0], Binding::Operator));
    for (size_t i = 1; i < list.size(); ++i) {
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
  return std::nullopt;
}

}  // namespace dsqlint::mysql
