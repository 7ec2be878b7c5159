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
      list.push_back(whole(expression(), list.size() == 2));
    }
    c_.expect_op(")");
    if (list.size() < 2) return std::nullopt;
    for (const Expr& value : list) merge(out, value);
    out.cls = Class::Text;
    const Text& text = list[0].sql;
    const auto& start = list[1].literal;
    const auto part = [&](const Text& from) {
      Text sql("substr(", range);
      sql.add(text).add(", ").add(from);
      if (list.size() > 2) sql.add(", ").add(list[2].sql);
      return sql.add(")");
    };
    const bool plain = start ? start->value.find_first_not_of("0123456789") == std::string::npos &&
                                   start->value.find_first_not_of('0') != std::string::npos
                             : list[1].cls == Class::Unknown || list[1].cls == Class::Null;
    if (plain) {
      out.sql = part(list[1].sql);
      return out;
    }
    // From 0 on there is nothing, and from before the first character neither.
    rewritten("SUBSTR", range);
    if (start && start->value.starts_with("-")) {
      const std::string back = start->value.substr(1);
      out.sql.add("CASE WHEN char_length(", range).add(text).add(") < " + back + " THEN '' ELSE ");
      Text right("right(", range);
      right.add(text).add(", " + back + ")");
      if (list.size() > 2) right = Text("left(").add(right).add(", ").add(list[2].sql).add(")");
      out.sql.add(right).add(" END");
      return out;
    }
    if (start) {
      out.sql.add("left(", range).add(text).add(", 0)");
      return out;
    }
    const Text from = wrap(list[1], Binding::Add);
    out.sql.add("CASE WHEN ", range).add(from).add(" > 0 THEN ").add(part(list[1].sql));
    if (!list[1].not_negative) {
      Text back("char_length(", range);
      back.add(text).add(") + 1 + ").add(from);
      out.sql.add(" WHEN ").add(from).add(" < 0 AND ").add(back).add(" > 0 THEN ").add(part(back));
    }
    out.sql.add(" ELSE left(").add(text).add(", 0 * ").add(wrap(list[1], Binding::Unary));
    out.sql.add(") END");
    return out;
  }
  if (name == "substring_index") {
    std::vector<Expr> list = arguments();
    const bool counted = list.size() == 3 && list[2].literal && list[2].cls == Class::Integer;
    if (!counted) {
      unsupported("SUBSTRING_INDEX with a computed count", range);
      return out;
    }
    rewritten("SUBSTRING_INDEX", range, false);
    merge(out, list[0]);
    merge(out, list[1]);
    out.cls = Class::Text;
    const std::string& count = list[2].literal->value;
    const bool empty = list[1].literal && list[1].literal->value.empty();
    Text text = as_text(std::move(list[0])).sql;
    Text part = as_text(std::move(list[1])).sql;
    if (empty || count.find_first_of("123456789") == std::string::npos) {
      out.sql.add("left(", range).add(text).add(", 0)");
    } else if (count == "1" || count == "-1") {
      out.sql.add("split_part(", range).add(text).add(", ").add(part).add(", " + count + ")");
    } else {
      // From the right: the same of what is turned around.
      const bool back = count.starts_with("-");
      if (back) {
        text = Text("reverse(", range).add(text).add(")");
        part = Text("reverse(", range).add(part).add(")");
      }
      out.sql.add("array_to_string((string_to_array(", range).add(text).add(", ").add(part);
      out.sql.add("))[1:" + count.substr(back ? 1 : 0) + "], ").add(part).add(")");
      if (back) out.sql = Text("reverse(", range).add(out.sql).add(")");
    }
    return out;
  }
  if (name == "strcmp") {
    std::vector<Expr> list = arguments();
    if (list.size() != 2) return std::nullopt;
    rewritten("STRCMP", range);
    note_case(list[0], list[1]);
    for (Expr& value : list) value = typed(as_text(std::move(value)));
    merge(out, list[0]);
    merge(out, list[1]);
    const Text a = wrap(list[0], Binding::Operator);
    const Text b = wrap(list[1], Binding::Operator);
    out.sql.add("CASE WHEN ", range).add(a).add(" < ").add(b).add(" THEN -1 WHEN ").add(a);
    out.sql.add(" > ").add(b).add(" THEN 1 WHEN ").add(a).add(" = ").add(b).add(" THEN 0 END");
    out.cls = Class::Integer;
    return out;
  }
  if (name == "bin") {
    std::vector<Expr> list = arguments();
    if (list.size() != 1) return std::nullopt;
    rewritten("BIN", range);
    Expr bits = bits_of(std::move(list[0]));
    merge(out, bits);
    out.immutable = false;
    bits.sql = wrap(std::move(bits), Binding::Cast).add("::bigint");
    out.sql.add("(SELECT string_agg((", range).add(bits.sql);
    out.sql.add(" >> bit_number & 1)::text, '' ORDER BY bit_number DESC) FROM generate_series(0, ");
    out.sql.add("63) AS bits (bit_number) WHERE bit_number = 0 OR ").add(bits.sql);
    out.sql.add(" >> bit_number <> 0)");
    out.cls = Class::Text;
    return out;
  }
  if (name == "locate") {
    std::vector<Expr> list = arguments();
    if (list.size() != 3) return std::nullopt;
    rewritten("LOCATE", range, false);
    const Text part = as_text(std::move(list[0])).sql;
    const Text text = as_text(std::move(list[1])).sql;
    const Expr from = whole(std::move(list[2]));
    for (const Expr& value : list) merge(out, value);
    Text found("strpos(substr(", range);
    found.add(text).add(", ").add(from.sql).add("), ").add(part).add(")");
    const Text start = wrap(from, Binding::Add);
    out.sql.add("CASE WHEN ", range).add(start).add(" < 1 OR ").add(start).add(" > char_length(");
    out.sql.add(text).add(") + 1 OR ").add(found).add(" = 0 THEN 0 ELSE ").add(found);
    out.sql.add(" + ").add(wrap(from, Binding::Multiply)).add(" - 1 END");
    out.cls = Class::Integer;
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
