// GROUP_CONCAT, COUNT and windows.

#include "mysql/query.h"

namespace dsqlint::mysql {

Expr Query::group_concat(Range range) {
  rewritten("GROUP_CONCAT", range);
  c_.expect_op("(");
  ++aggregates_;
  const bool distinct = c_.accept("distinct");
  std::vector<Expr> parts;
  while (!c_.done()) {
    parts.push_back(expression());
    if (!c_.accept_op(",")) break;
  }
  if (parts.empty()) {
    c_.fail("GROUP_CONCAT requires an argument", range);
    return {};
  }
  if (distinct) note_folding(parts[0], "grouping");
  // Numbers are ordered as numbers, and only what is aggregated can be ordered by with DISTINCT.
  Expr single = parts[0].cls == Class::Bool ? number(parts[0]) : parts[0];
  const bool numbers = distinct && parts.size() == 1 && is_number_class(single.cls);
  for (Expr& part : parts) part = as_text(std::move(part));
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
      if (numbers && key.cls == Class::Bool) key = number(std::move(key));
      const bool same = (numbers ? key.sql.text() : as_text(key).sql.text()) ==
                        (numbers ? single.sql.text() : value.sql.text());
      // With DISTINCT, PostgreSQL orders by what is aggregated and nothing else.
      const bool replaced = distinct && !same;
      if (replaced) {
        rewritten("GROUP_CONCAT(DISTINCT … ORDER BY …)", c_.range_from(begin), false);
        if (first) order.add(numbers ? single.sql : value.sql);
      } else {
        if (!first) order.add(", ");
        order.add(distinct && !numbers ? value.sql : key.sql);
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
  if (numbers && !order.empty()) {
    out.sql.add("array_to_string(array_agg(DISTINCT ", range).add(single.sql).add(" ORDER BY ");
    out.sql.add(order).add(")");
    if (!single.not_null) {
      out.sql.add(" FILTER (WHERE ").add(wrap(single, Binding::Is)).add(" IS NOT NULL)");
    }
    out.sql.add(", ").add(separator).add(")");
  } else {
    out.sql.add(distinct ? "string_agg(DISTINCT " : "string_agg(", range);
    out.sql.add(value.sql).add(", ").add(separator);
    if (!order.empty()) out.sql.add(" ORDER BY ").add(order);
    out.sql.add(")");
  }
  out.cls = Class::Text;
  out.aggregate = true;
  return out;
}

/// BIT_AND, BIT_OR and BIT_XOR give unsigned 64 bits, of no rows, too.
Expr Query::bit_aggregate(const std::string& name, Range range) {
  c_.expect_op("(");
  ++aggregates_;
  const bool distinct = c_.accept("distinct");
  Expr value = expression();
  --aggregates_;
  c_.expect_op(")");
  note_counted(value);
  if (value.cls == Class::Null) {
    value.sql = Text("NULL::bigint", range);
    value.cls = Class::Integer;
    value.literal.reset();
  }
  value = bits_of(std::move(value));
  Expr inner;
  merge(inner, value);
  inner.references.clear();
  inner.aggregate = true;
  inner.sql.add(name + (distinct ? "(DISTINCT " : "("), range).add(value.sql).add(")");
  inner = over(std::move(inner));
  rewritten(name == "bit_and" ? "BIT_AND" : name == "bit_or" ? "BIT_OR" : "BIT_XOR", range);
  Expr out;
  merge(out, inner);
  out.aggregate = inner.aggregate;
  out.sql.add("COALESCE(", range).add(inner.sql).add(name == "bit_and" ? ", -1)" : ", 0)");
  out.cls = Class::Integer;
  out.not_null = true;
  out.not_negative = value.not_negative && name != "bit_and";
  return out.not_negative ? out : unsigned_of(std::move(out), range);
}

/// `OVER (…)`, `OVER w` after a function.
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
    const Text order = order_by();
    if (!order.empty()) {
      window.add(blank ? " " : "").add(order);
      blank = true;
    }
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

/// After the name.
Expr Query::count(Range range) {
  Expr out;
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
  std::string nullable;
  for (size_t i = 0; i < list.size(); ++i) {
    if (distinct) {
      note_folding(list[i], "grouping");
      list[i] = typed(comparable(std::move(list[i])));
    }
    out.sql.add(i > 0 ? ", " : "").add(list[i].sql);
    if (list[i].not_null) continue;
    nullable += (nullable.empty() ? "" : " AND ") + wrap(list[i], Binding::Is).text();
    nullable += " IS NOT NULL";
  }
  out.sql.add(list.size() > 1 ? "))" : ")");
  // MySQL leaves out rows in which any of them is NULL; to PostgreSQL a row is a value.
  if (list.size() > 1 && !nullable.empty()) {
    rewritten("COUNT(DISTINCT …, …)", range);
    out.sql.add(" FILTER (WHERE " + nullable + ")");
  }
  return over(std::move(out));
}

}  // namespace dsqlint::mysql
