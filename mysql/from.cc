// FROM: tables, subqueries, joins.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/query.h"

namespace dsqlint::mysql {

const Output* Source::output(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Output& o) { return equals(o.name, name); });
  return found == columns.end() ? nullptr : &*found;
}

Joined Query::table_factor() {
  Joined out;
  const size_t begin = c_.at();
  c_.accept("lateral");
  const bool lateral = c_.at() > begin;
  if (c_.is_op("(") && (c_.is("select", 1) || c_.is("with", 1) || c_.is("values", 1))) {
    c_.advance();
    const auto saved = output_;
    Text query = select();
    out.source.columns = output_;
    output_ = saved;
    out.source.derived = true;
    c_.expect_op(")");
    out.source.alias = alias(false);
    if (out.source.alias.empty()) c_.fail("a subquery in FROM requires an alias");
    out.sql.add(lateral ? "LATERAL (" : "(").add(query);
    out.sql.add(") AS " + identifier(out.source.alias));
    return out;
  }
  if (c_.is_op("(")) {
    // (a JOIN b ON …), or (a, b), which MySQL reads as a cross join
    c_.advance();
    if (depth_ >= kMaxDepth) {
      c_.fail("the joins are nested too deeply");
      return out;
    }
    ++depth_;
    std::vector<Joined> inner = table_references();
    --depth_;
    c_.expect_op(")");
    if (c_.failed()) return out;
    for (Joined& part : inner) {
      if (part.how == ",") part.how = "CROSS JOIN";
    }
    if (inner.size() == 1) return std::move(inner[0]);
    out.sql.add("(").add(joined_sql(inner)).add(")");
    if (!scopes_.empty()) {
      for (Joined& part : inner) scopes_.back().sources.push_back(part.source);
    }
    out.source.derived = true;
    return out;
  }
  if (c_.is("json_table")) {
    unsupported("JSON_TABLE", c_.peek().range());
    return out;
  }
  if (c_.accept("dual")) {
    out.source.derived = true;
    return out;
  }
  const Range range = c_.peek().range();
  Name name = c_.object_name();
  if (c_.accept("partition")) c_.skip_brackets();
  out.source.name = name.name;
  const auto with = name.schema.empty() ? with_.find(lower(name.name)) : with_.end();
  std::string shown;
  if (with != with_.end()) {
    shown = identifier(name.name);
    out.source.derived = true;
    out.source.columns = with->second;
  } else {
    const Name target = world_.resolve(name, out.source.table);
    shown = qualified(target.schema, target.name);
    name.name = target.name;
  }
  out.source.alias = alias(false);
  out.sql.add(shown, range);
  if (!out.source.alias.empty()) {
    out.sql.add(" AS " + identifier(out.source.alias));
  } else {
    out.source.alias = name.name;
  }
  // Index hints say how, not what.
  while ((c_.is("use") || c_.is("force") || c_.is("ignore")) &&
         (c_.is("index", 1) || c_.is("key", 1))) {
    c_.advance(2);
    if (c_.accept("for")) {
      if (!c_.accept("join")) c_.advance(2);
    }
    c_.skip_brackets();
    c_.accept_op(",");
  }
  return out;
}

std::vector<Joined> Query::table_references() {
  std::vector<Joined> list;
  const auto take = [&](std::string how) {
    Joined next = table_factor();
    next.how = std::move(how);
    if (!scopes_.empty() && (!next.source.alias.empty() || next.source.table != nullptr)) {
      scopes_.back().sources.push_back(next.source);
    }
    list.push_back(std::move(next));
  };
  take("");
  while (!c_.done()) {
    if (c_.accept_op(",")) {
      take(",");
      continue;
    }
    std::string how;
    const bool natural = c_.accept("natural");
    if (c_.accept("left") || (c_.is("right") && c_.is("join", 1) ? (c_.advance(), true) : false) ||
        c_.accept("right", "outer")) {
      const std::string side =
          lower(c_.slice(c_.statement().tokens[c_.at() - 1])) == "left" ? "LEFT" : "RIGHT";
      c_.accept("outer");
      c_.expect("join");
      how = side + " JOIN";
    } else if (c_.accept("inner") || c_.accept("cross")) {
      c_.expect("join");
      how = "JOIN";
    } else if (c_.accept("join") || c_.accept("straight_join")) {
      how = "JOIN";
    } else if (natural) {
      c_.fail("a join is expected after NATURAL");
      break;
    } else {
      break;
    }
    take(natural ? "NATURAL " + how : how);
    Joined& joined = list.back();
    if (how == "LEFT JOIN") {
      joined.source.optional = true;
      if (!scopes_.empty() && !scopes_.back().sources.empty()) {
        scopes_.back().sources.back().optional = true;
      }
    } else if (how == "RIGHT JOIN" && !scopes_.empty()) {
      for (size_t i = 0; i + 1 < scopes_.back().sources.size(); ++i) {
        scopes_.back().sources[i].optional = true;
      }
    }
    if (c_.accept("on")) {
      joined.on = condition(expression());
    } else if (c_.accept("using")) {
      c_.expect_op("(");
      bool first = true;
      while (!c_.done()) {
        if (!first) joined.using_columns.add(", ");
        first = false;
        const Range range = c_.peek().range();
        const std::string name = c_.name();
        const Column* known =
            joined.source.table == nullptr ? nullptr : joined.source.table->column(name);
        joined.using_columns.add(identifier(known == nullptr ? name : known->name), range);
        if (known != nullptr && known->ignores_case) {
          note_folding({.sql = Text("", range), .letter_case = Case::Ignored}, "comparison");
        }
        if (!c_.accept_op(",")) break;
      }
      c_.expect_op(")");
    } else if (joined.how == "JOIN") {
      joined.how = "CROSS JOIN";
    }
  }
  return list;
}

Text Query::joined_sql(const std::vector<Joined>& joined, std::string_view before_join) {
  Text out;
  for (const Joined& part : joined) {
    if (part.sql.empty()) continue;  // DUAL
    if (part.how == ",") {
      out.add(", ");
    } else if (!part.how.empty()) {
      out.add(before_join).add(part.how).add(" ");
    }
    out.add(part.sql);
    if (!part.on.sql.empty()) out.add(" ON ").add(part.on.sql);
    if (!part.using_columns.empty()) out.add(" USING (").add(part.using_columns).add(")");
  }
  return out;
}

}  // namespace dsqlint::mysql
