// Queries: SELECT and what it is made of.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/query.h"

namespace dsqlint::mysql {
namespace {

/// Longer lists and clauses get separate lines.
constexpr size_t kLineWidth = 100;

/// Words that end an expression or a table and so are not an alias without AS.
constexpr std::array<std::string_view, 60> kNoAlias = {"and",
                                                       "as",
                                                       "asc",
                                                       "between",
                                                       "collate",
                                                       "cross",
                                                       "desc",
                                                       "div",
                                                       "else",
                                                       "end",
                                                       "escape",
                                                       "except",
                                                       "for",
                                                       "force",
                                                       "from",
                                                       "group",
                                                       "having",
                                                       "ignore",
                                                       "in",
                                                       "inner",
                                                       "intersect",
                                                       "into",
                                                       "is",
                                                       "join",
                                                       "left",
                                                       "like",
                                                       "limit",
                                                       "lock",
                                                       "mod",
                                                       "natural",
                                                       "not",
                                                       "offset",
                                                       "on",
                                                       "or",
                                                       "order",
                                                       "outer",
                                                       "over",
                                                       "partition",
                                                       "procedure",
                                                       "regexp",
                                                       "right",
                                                       "rlike",
                                                       "select",
                                                       "separator",
                                                       "set",
                                                       "sounds",
                                                       "straight_join",
                                                       "then",
                                                       "union",
                                                       "use",
                                                       "using",
                                                       "values",
                                                       "when",
                                                       "where",
                                                       "window",
                                                       "with",
                                                       "xor",
                                                       "returning",
                                                       "lateral",
                                                       "tablesample"};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

/// Of what a UNION gives.
Class common_class_of(Class left, Class right) {
  if (right == Class::Null) return left;
  const bool numbers = is_number_class(left) && is_number_class(right);
  const bool dates = is_temporal(left) && is_temporal(right);
  return numbers || dates ? std::max(left, right) : left;
}

}  // namespace

bool Query::at_alias() const {
  if (c_.peek().kind == Kind::Name || c_.peek().kind == Kind::String) return true;
  if (c_.peek().kind != Kind::Word) return false;
  const std::string word = lower(c_.text());
  return std::find(kNoAlias.begin(), kNoAlias.end(), word) == kNoAlias.end();
}

std::string Query::alias(bool string_too) {
  const bool as = c_.accept("as");
  if (!as && !at_alias()) return {};
  if (c_.peek().kind == Kind::String) {
    if (!string_too && !as) return {};
    return c_.string();
  }
  return c_.name();
}

Text Query::clauses(std::vector<Text> parts) const {
  size_t size = 0;
  for (const Text& part : parts) size += part.size() + 1;
  const std::string_view separator = queries_ == 1 && size > kLineWidth ? "\n  " : " ";
  Text out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out.add(separator);
    out.add(parts[i]);
  }
  return out;
}

/// Empty where all keys are constants, which order nothing: ORDER BY NULL.
Text Query::order_by(const Ordered* query) {
  Text out;
  c_.expect("order");
  c_.expect("by");
  while (!c_.done()) {
    Expr key = expression();
    const std::string text = key.sql.text();
    const Item* named = nullptr;  // the item whose alias the key is
    for (size_t i = 0; query != nullptr && i < query->items.size(); ++i) {
      const Item& item = query->items[i];
      if (!item.alias.empty() && text == identifier(item.alias)) named = &item;
    }
    const Expr& value = named == nullptr ? key : named->value;
    note_folding(value, "order");
    // The text of an enum is ordered by its place among the members, JSON as such has no order.
    const bool placed = value.column != nullptr && value.column->type.base == Base::Enum;
    if (query != nullptr && query->distinct && (placed || value.cls == Class::Json)) {
      if (placed) rewritten("ORDER BY of an enum", value.sql.source(0), false);
    } else if (placed) {
      rewritten("ORDER BY of an enum", value.sql.source(0));
      const bool not_null = value.not_null;
      key = position(value);
      key.not_null = not_null;
    } else if (value.cls == Class::Json) {
      key = comparable(value);
    }
    if (query != nullptr && query->groups != nullptr && named == nullptr) {
      std::vector<Item> none;
      check_groups(none, *query->groups, {&key});
    }
    const bool desc = c_.accept("desc");
    c_.accept("asc");
    // A number without sign is the place of a column.
    const bool constant =
        key.literal && (key.literal->kind != Literal::Kind::Number || key.cls != Class::Integer ||
                        key.literal->value.starts_with("-"));
    if (!constant) {
      out.add(out.empty() ? "ORDER BY " : ", ").add(key.sql);
      if (desc) out.add(" DESC");
      // MySQL takes NULL for the least value, PostgreSQL for the greatest.
      if (!key.not_null) out.add(desc ? " NULLS LAST" : " NULLS FIRST");
    }
    if (!c_.accept_op(",")) break;
  }
  return out;
}

Text Query::limit() {
  Text out;
  if (!c_.accept("limit")) return out;
  const Range range = c_.peek().range();
  const auto count = [&]() -> std::string {
    const Token token = c_.peek();
    if (token.kind != Kind::Number) {
      c_.fail("a number is expected after LIMIT", token.range());
      return {};
    }
    c_.advance();
    return std::string(c_.slice(token));
  };
  std::string rows = count();
  std::string offset;
  if (c_.accept_op(",")) {
    offset = std::move(rows);
    rows = count();
  } else if (c_.accept("offset")) {
    offset = count();
  }
  // All rows, in MySQL's way of saying it.
  if (rows.size() < 19) out.add("LIMIT " + rows, range);
  if (!offset.empty()) out.add((out.empty() ? "OFFSET " : " OFFSET ") + offset, range);
  return out;
}

/// The place of the FROM of the select list that begins here; the end if there is no FROM.
size_t Query::find_from() const {
  const auto& tokens = c_.statement().tokens;
  int depth = 0;
  for (size_t i = c_.at(); i < c_.end(); ++i) {
    const std::string_view text = c_.slice(tokens[i]);
    if (tokens[i].kind == Kind::Operator) {
      if (text == "(") ++depth;
      if (text == ")" && --depth < 0) return c_.end();
    } else if (tokens[i].kind == Kind::Word && depth == 0) {
      if (equals(text, "from")) return i;
      if (equals(text, "union") || equals(text, "except") || equals(text, "intersect")) break;
    }
  }
  return c_.end();
}

Query::Item Query::select_item() {
  Item item;
  const Range range = c_.peek().range();
  if (c_.accept_op("*")) {
    item.star = true;
    item.value.sql = Text("*", range);
    if (!scopes_.empty()) {
      for (const Source& source : scopes_.back().sources) output_all(source);
    }
    return item;
  }
  if (c_.is_name() && c_.is_op(".", 1) &&
      (c_.is_op("*", 2) || (c_.is_name(2) && c_.is_op(".", 3) && c_.is_op("*", 4)))) {
    std::string table = c_.name();
    c_.expect_op(".");
    if (!c_.is_op("*")) {
      table = c_.name();
      c_.expect_op(".");
    }
    c_.expect_op("*");
    item.star = true;
    if (!scopes_.empty()) {
      for (const Source& source : scopes_.back().sources) {
        if (equals(source.alias, lower(table))) {
          table = source.alias;
          output_all(source);
        }
      }
    }
    item.star_of = table;
    item.value.sql = Text(identifier(table) + ".*", range);
    return item;
  }
  const size_t begin = c_.at();
  item.value = expression();
  const size_t end = c_.at();
  item.alias = alias(true);
  std::string shown = item.alias;
  if (shown.empty() && end == begin + 1 && item.value.column != nullptr) {
    shown = item.value.column->name;
  } else if (shown.empty() && end > begin) {
    const Token& last = c_.statement().tokens[end - 1];
    if (last.kind == Kind::Word) shown = std::string(c_.slice(last));
    if (last.kind == Kind::Name) shown = name_bytes(c_.slice(last));
  }
  const Expr& value = item.value;
  const bool names_only =
      end == begin + 1 || (end > begin + 2 && c_.slice(c_.statement().tokens[begin + 1]) == "." &&
                           end <= begin + 5 && c_.slice(c_.statement().tokens[end - 2]) == ".");
  output_.push_back(
      {shown, value.cls, value.column, value.letter_case, value.not_null,
       names_only && value.references.size() == 1 ? value.references[0] : Reference{}});
  return item;
}

void Query::output_all(const Source& source) {
  for (const Output& output : source.columns) output_.push_back(output);
  if (source.table == nullptr) return;
  for (const Column& column : source.table->columns) {
    Output output{column.name, column.target.cls, &column};
    output.letter_case = case_of(column);
    output.not_null = (column.not_null || column.primary) && !source.optional;
    output.from = {source.alias, lower(column.name)};
    output_.push_back(std::move(output));
  }
}

/// Makes the values of the list what the columns store that they are inserted into, or what the
/// terms of a UNION have in common.
void Query::convert_items(std::vector<Item>& items, bool stored) {
  std::vector<Item> converted;
  size_t at = 0;
  bool changed = false;
  const auto take = [&](Item item) {
    const Column* column = stored && at < into_.size() ? into_[at] : nullptr;
    const Class wanted = !stored && at < united_.size() ? united_[at] : Class::Unknown;
    ++at;
    const bool null = item.value.literal && item.value.literal->kind == Literal::Kind::Null;
    if (wanted != Class::Unknown && !null) {
      const std::string before = item.value.sql.text();
      item.value = wanted == Class::Text ? typed(as_text(std::move(item.value)))
                                         : number(std::move(item.value));
      changed = changed || item.value.sql.text() != before;
    }
    if (column != nullptr && !null) {
      // The queries of a UNION have to agree on a type.
      if (column->target.cls == Class::Text && is_number_class(item.value.cls) &&
          !item.value.literal && column->type.base != Base::Enum) {
        item.value = as_text(std::move(item.value));
        changed = true;
      }
      const std::string before = item.value.sql.text();
      item.value.sql = assign(item.value, *column);
      item.value.binding = Binding::Cast;
      changed = changed || item.value.sql.text() != before;
    }
    converted.push_back(std::move(item));
  };
  for (const Item& item : items) {
    if (!item.star) {
      take(item);
      continue;
    }
    // The columns of a star are written out where one of them has to be converted.
    for (const Source& source : scopes_.back().sources) {
      if (!item.star_of.empty() && !equals(source.alias, lower(item.star_of))) continue;
      std::vector<std::string> names;
      for (const Output& output : source.columns) names.push_back(output.name);
      if (source.table != nullptr) {
        for (const Column& column : source.table->columns) {
          names.push_back(column.original.empty() ? column.name : column.original);
        }
      }
      if (names.empty()) return;  // nobody knows them
      const Range range = item.value.sql.source(0);
      const bool qualified_name = scopes_.back().sources.size() > 1 || !item.star_of.empty();
      for (const std::string& name : names) {
        std::vector<std::string> parts;
        if (qualified_name) parts.push_back(source.alias);
        parts.push_back(name);
        take({.value = column(std::move(parts), range), .alias = {}, .star_of = {}});
      }
    }
  }
  if (changed) items = std::move(converted);
}

/// MySQL may be set to take any row's value for a column that is not grouped; PostgreSQL refuses.
void Query::check_groups(std::vector<Item>& items, const std::vector<Expr>& groups,
                         std::vector<Expr*> others) {
  std::set<Reference> grouped;
  std::set<std::string> texts;
  for (const Expr& group : groups) {
    texts.insert(group.sql.text());
    for (const Reference& reference : group.references) grouped.insert(reference);
  }
  // A grouped primary key determines its table's other columns.
  std::set<std::string> determined;
  for (const Source& source : scopes_.back().sources) {
    const Key* primary = source.table == nullptr ? nullptr : source.table->primary_key();
    if (primary == nullptr || primary->parts.empty()) continue;
    const bool whole =
        std::all_of(primary->parts.begin(), primary->parts.end(), [&](const KeyPart& part) {
          return grouped.count({source.alias, lower(part.column)}) != 0;
        });
    if (whole) determined.insert(source.alias);
  }
  const auto fits = [&](const Expr& value) {
    if (texts.count(value.sql.text()) != 0) return true;
    return std::all_of(value.references.begin(), value.references.end(),
                       [&](const Reference& reference) {
                         return reference.source.empty() || grouped.count(reference) != 0 ||
                                determined.count(reference.source) != 0;
                       });
  };
  const auto mend = [&](Expr& value) {
    if (fits(value)) return;
    if (value.aggregate || value.cls == Class::Json || value.cls == Class::Bytes) {
      c_.fail("a column is neither grouped nor aggregated", value.sql.source(0),
              "mysql_function_unsupported");
      return;
    }
    if (!notes_.loose_group) notes_.loose_group_range = value.sql.source(0);
    notes_.loose_group = true;
    const bool flag = value.cls == Class::Bool;
    Text sql;
    sql.add(flag ? "bool_or(" : "min(", value.sql.source(0)).add(value.sql).add(")");
    value.sql = std::move(sql);
    value.binding = Binding::Primary;
  };
  for (Item& item : items) {
    if (item.star) continue;
    if (!item.alias.empty() && texts.count(identifier(item.alias)) != 0) continue;
    mend(item.value);
  }
  for (Expr* other : others) mend(*other);
}

Text Query::select_core() {
  c_.expect("select");
  scopes_.emplace_back();
  output_.clear();
  std::vector<Text> parts;
  std::string head = "SELECT ";
  for (;;) {
    if (c_.accept("distinct") || c_.accept("distinctrow")) {
      head = "SELECT DISTINCT ";
    } else if (!c_.accept("all") && !c_.accept("straight_join") && !c_.accept("high_priority") &&
               !c_.accept("sql_small_result") && !c_.accept("sql_big_result") &&
               !c_.accept("sql_buffer_result") && !c_.accept("sql_no_cache") &&
               !c_.accept("sql_cache")) {
      if (!c_.is("sql_calc_found_rows")) break;
      unsupported("SQL_CALC_FOUND_ROWS", c_.peek().range());
      break;
    }
  }
  // FROM first: the list is read knowing the tables.
  const size_t list = c_.at();
  const size_t from = find_from();
  size_t behind = list;
  std::vector<Joined> tables;
  if (from < c_.end()) {
    c_.seek(from + 1);
    tables = table_references();
    behind = c_.at();
  }
  c_.seek(list);
  output_.clear();
  std::vector<Item> items;
  while (!c_.done()) {
    items.push_back(select_item());
    if (!c_.accept_op(",")) break;
  }
  const auto output = output_;
  if (c_.is("into")) {
    c_.fail("SELECT … INTO writes a variable or a file", c_.peek().range(), "mysql_user_variable");
  }
  if (from < c_.end()) {
    if (c_.at() != from) c_.fail(fmt::format("`{}` is not supported here", c_.text()));
    c_.seek(behind);
  }
  Text where;
  if (c_.accept("where")) {
    Expr filter = condition(expression());
    const bool filters_more = c_.is("having");
    where.add("WHERE ");
    where.add(filters_more ? wrap(std::move(filter), Binding::And) : filter.sql);
  }

  std::vector<Expr> groups;
  bool rollup = false;
  const bool distinct = head == "SELECT DISTINCT ";
  if (distinct) {
    for (const Output& column : output) {
      Expr value;
      value.sql = Text("", c_.statement().tokens[list].range());
      value.letter_case = column.letter_case;
      if (items.size() != output.size()) note_folding(value, "grouping");
    }
    for (Item& item : items) {
      note_folding(item.value, "grouping");
      item.value = comparable(std::move(item.value));
    }
  }
  const bool grouped = c_.accept("group", "by");
  if (grouped) {
    while (!c_.done()) {
      // A number names an item of the list, an alias its expression.
      groups.push_back(expression());
      Expr& group = groups.back();
      note_folding(group, "grouping");
      if (group.literal &&
          (group.literal->kind != Literal::Kind::Number || group.cls != Class::Integer)) {
        // A constant makes one group of all rows, and of none, none.
        group.sql = wrap(group, Binding::Cast).add("::text");
        group.binding = Binding::Cast;
        group.literal.reset();
        if (!c_.accept_op(",")) break;
        continue;
      }
      if (group.cls == Class::Json) {
        const std::string before = group.sql.text();
        group = comparable(std::move(group));
        for (Item& item : items) {
          if (item.value.sql.text() == before) item.value = comparable(std::move(item.value));
        }
      }
      if (group.literal && group.literal->kind == Literal::Kind::Number &&
          group.literal->value.size() < 4) {
        const auto n = static_cast<size_t>(std::max(1, std::atoi(group.literal->value.c_str())));
        if (n <= items.size()) {
          group.references = items[n - 1].value.references;
          note_folding(items[n - 1].value, "grouping");
        }
      }
      for (const Item& item : items) {
        if (!item.alias.empty() && group.sql.text() == identifier(item.alias)) {
          group.references = item.value.references;
        }
      }
      if (!c_.accept("desc")) c_.accept("asc");
      if (!c_.accept_op(",")) break;
    }
    if (c_.accept("with", "rollup")) {
      rollup = true;
      rewritten("WITH ROLLUP", c_.peek().range());
    }
  }
  Text having;
  for (const Item& item : items) {
    if (!item.alias.empty()) {
      Expr value = item.value;
      value.sql = wrap(std::move(value), Binding::Primary);
      value.binding = Binding::Primary;
      scopes_.back().aliases[lower(item.alias)] = std::move(value);
    }
  }
  const bool any_aggregate = std::any_of(items.begin(), items.end(),
                                         [](const Item& item) { return item.value.aggregate; });
  if (c_.accept("having")) {
    const Range place = c_.peek().range();
    Expr filter = condition(expression());
    if (grouped || any_aggregate || filter.aggregate) {
      having.add("HAVING ").add(filter.sql);
    } else {
      // Without groups it filters rows.
      rewritten("HAVING", place);
      where.add(where.empty() ? "WHERE " : " AND ");
      where.add(wrap(std::move(filter), Binding::And));
    }
  }
  scopes_.back().aliases.clear();
  Text window;
  if (c_.accept("window")) {
    window.add("WINDOW ");
    do {
      window.add(window.size() > 7 ? ", " : "").add(identifier(c_.name()));
      c_.expect("as");
      const size_t open = c_.at();
      c_.skip_brackets();
      const size_t close = c_.at();
      window.add(" AS (");
      c_.seek(open + 1);
      bool blank = false;
      if (c_.accept("partition", "by")) {
        window.add("PARTITION BY ");
        bool first = true;
        do {
          window.add(first ? "" : ", ").add(expression().sql);
          first = false;
        } while (c_.accept_op(","));
        blank = true;
      }
      if (c_.is("order")) {
        const Text order = order_by();
        if (!order.empty()) window.add(blank ? " " : "").add(order);
      }
      if (c_.at() + 1 != close) c_.fail("the window is not supported");
      c_.seek(close);
      window.add(")");
    } while (c_.accept_op(","));
  }
  // ORDER BY belongs to the query around, but has to agree with GROUP BY, and is read knowing FROM.
  Text order;
  if (c_.is("order")) {
    const Ordered ordered{items, grouped && !rollup ? &groups : nullptr, distinct};
    order = order_by(&ordered);
  }
  if ((grouped && !rollup) || (any_aggregate && !grouped)) check_groups(items, groups, {});
  const bool converts = !into_.empty() && queries_ == into_level_;
  const bool unites = !united_.empty() && queries_ == united_level_;
  if (converts || unites) convert_items(items, converts);

  std::vector<Text> shown;
  size_t width = 0;
  for (const Item& item : items) {
    shown.push_back(item.value.sql);
    if (!item.alias.empty()) shown.back().add(" AS " + identifier(item.alias));
    width += shown.back().size() + 2;
  }
  // Long lists stand below each other.
  const std::string_view comma = queries_ == 1 && width > kLineWidth ? ",\n       " : ", ";
  Text items_sql(head);
  for (size_t i = 0; i < shown.size(); ++i) items_sql.add(i > 0 ? comma : "").add(shown[i]);
  parts.push_back(std::move(items_sql));
  Text from_sql = joined_sql(tables);
  if (queries_ == 1 && from_sql.size() > kLineWidth) from_sql = joined_sql(tables, "\n    ");
  if (!from_sql.empty()) parts.push_back(Text("FROM ").add(from_sql));
  if (!where.empty()) parts.push_back(std::move(where));
  if (grouped) {
    Text group(rollup ? "GROUP BY ROLLUP(" : "GROUP BY ");
    for (size_t i = 0; i < groups.size(); ++i) group.add(i > 0 ? ", " : "").add(groups[i].sql);
    if (rollup) group.add(")");
    if (groups.empty()) group = Text("GROUP BY ()");
    parts.push_back(std::move(group));
  }
  if (!having.empty()) parts.push_back(std::move(having));
  if (!window.empty()) parts.push_back(std::move(window));
  if (!order.empty()) parts.push_back(std::move(order));
  Text limit_sql = limit();
  if (!limit_sql.empty()) parts.push_back(std::move(limit_sql));
  if (c_.is("procedure")) unsupported("PROCEDURE ANALYSE", c_.peek().range());
  if (c_.is("into")) {
    c_.fail("SELECT … INTO writes a variable or a file", c_.peek().range(), "mysql_user_variable");
  }
  while (c_.is("for") || c_.is("lock")) {
    if (c_.accept("lock", "in")) {
      c_.expect("share");
      c_.expect("mode");
      parts.emplace_back("FOR SHARE");
    } else {
      c_.expect("for");
      std::string lock = c_.accept("update") ? "FOR UPDATE" : "FOR SHARE";
      if (lock == "FOR SHARE") c_.expect("share");
      if (c_.accept("of")) {
        lock += " OF ";
        do lock += (lock.ends_with("OF ") ? "" : ", ") + identifier(c_.name());
        while (c_.accept_op(","));
      }
      if (c_.accept("nowait")) lock += " NOWAIT";
      if (c_.accept("skip", "locked")) lock += " SKIP LOCKED";
      parts.emplace_back(lock);
    }
    notes_.row_lock = true;
  }
  output_ = output;
  for (size_t i = 0; unites && i < united_.size() && i < output_.size(); ++i) {
    if (united_[i] == Class::Unknown || output_[i].cls == Class::Null) continue;
    output_[i].column = nullptr;
    if (united_[i] == Class::Text || output_[i].cls == Class::Bool) output_[i].cls = united_[i];
  }
  scopes_.pop_back();
  return clauses(std::move(parts));
}

Text Query::query_term() {
  if (c_.is_op("(")) {
    Text out("(");
    c_.advance();
    const bool same_rows = queries_ == into_level_;
    const bool same_terms = queries_ == united_level_ && !united_.empty();
    if (same_rows) ++into_level_;
    if (same_terms) ++united_level_;
    out.add(select());
    if (same_rows) --into_level_;
    if (same_terms) --united_level_;
    c_.expect_op(")");
    return out.add(")");
  }
  if (c_.is("values")) {
    c_.advance();
    Text out("VALUES ");
    bool first = true;
    output_.clear();
    do {
      c_.expect("row");
      std::vector<Expr> row = arguments();
      out.add(first ? "(" : ", (");
      for (size_t i = 0; i < row.size(); ++i) out.add(i > 0 ? ", " : "").add(row[i].sql);
      out.add(")");
      first = false;
    } while (c_.accept_op(","));
    return out;
  }
  if (c_.is("table")) {
    c_.advance();
    const Table* table = nullptr;
    const Name name = world_.resolve(c_.object_name(), table);
    return Text("TABLE " + qualified(name.schema, name.name));
  }
  return select_core();
}

Text Query::query_terms(std::vector<std::vector<Output>>& terms) {
  Text out = query_term();
  auto output = output_;
  terms.push_back(output_);
  while (c_.is("union") || c_.is("except") || c_.is("intersect")) {
    std::string word = upper(c_.text());
    const Range range = c_.peek().range();
    c_.advance();
    const bool all = c_.accept("all");
    if (all) {
      word += " ALL";
    } else {
      c_.accept("distinct");
    }
    out.add(queries_ == 1 ? "\n" : " ").add(word).add(queries_ == 1 ? "\n" : " ");
    out.add(query_term());
    terms.push_back(output_);
    for (size_t i = 0; i < output.size() && i < output_.size(); ++i) {
      const bool folds =
          output[i].letter_case == Case::Ignored || output_[i].letter_case == Case::Ignored;
      if (!all && folds) {
        Expr column;
        column.sql = Text("", range);
        column.letter_case = Case::Ignored;
        note_folding(column, "comparison");
      }
      if (output[i].cls != output_[i].cls) {
        const Class mine = output[i].cls == Class::Null ? output_[i].cls : output[i].cls;
        output[i] = {output[i].name, common_class_of(mine, output_[i].cls)};
      }
    }
  }
  output_ = output;
  return out;
}

Text Query::select() {
  if (depth_ >= 200) {
    c_.fail("the query is nested too deeply");
    return {};
  }
  ++depth_;
  ++queries_;
  Text out;
  const auto outer_with = with_;
  if (c_.accept("with")) {
    const bool recursive = c_.accept("recursive");
    out.add(recursive ? "WITH RECURSIVE " : "WITH ");
    bool first = true;
    do {
      const std::string name = c_.name();
      if (!first) out.add(", ");
      first = false;
      out.add(identifier(name));
      std::vector<std::string> columns;
      if (c_.accept_op("(")) {
        out.add(" (");
        do {
          columns.push_back(c_.name());
          out.add(columns.size() > 1 ? ", " : "").add(identifier(columns.back()));
        } while (c_.accept_op(","));
        c_.expect_op(")");
        out.add(")");
      }
      c_.expect("as");
      c_.expect_op("(");
      std::vector<Output> known;
      for (const std::string& column : columns) known.push_back({column});
      if (recursive) with_[lower(name)] = known;
      out.add(" AS (").add(select()).add(")");
      c_.expect_op(")");
      known = output_;
      for (size_t i = 0; i < columns.size() && i < known.size(); ++i) known[i].name = columns[i];
      with_[lower(name)] = known;
    } while (c_.accept_op(",") && !c_.failed());
    out.add(" ");
  }
  const size_t begin = c_.at();
  std::vector<std::vector<Output>> terms;
  const auto outer_united = std::move(united_);
  const int outer_level = united_level_;
  united_.clear();
  Text joined = query_terms(terms);
  // PostgreSQL refuses terms of different kinds, MySQL finds a kind for them.
  std::vector<Class> united;
  for (size_t i = 0; i < terms[0].size() && terms.size() > 1; ++i) {
    std::set<Class> classes;
    for (const auto& term : terms) {
      if (i < term.size()) classes.insert(term[i].cls);
    }
    classes.erase(Class::Null);
    const auto all = [&](const auto& test) {
      return std::all_of(classes.begin(), classes.end(), test);
    };
    Class wanted = Class::Unknown;
    if (classes.size() > 1 && classes.count(Class::Unknown) == 0 && !all(is_temporal) &&
        !all(is_number_class)) {
      wanted = all([](Class cls) { return cls == Class::Bool || is_number_class(cls); })
                   ? Class::Integer
                   : Class::Text;
    }
    if (wanted != Class::Unknown) united.resize(i + 1, Class::Unknown);
    if (wanted != Class::Unknown) united[i] = wanted;
  }
  // Each level reads what is below it twice.
  if (!united.empty() && queries_ > 4) {
    c_.fail("queries of different kinds are united too deep inside each other",
            c_.range_from(begin), "mysql_function_unsupported");
  }
  if (!united.empty() && !c_.failed()) {
    united_ = std::move(united);
    united_level_ = queries_;
    c_.seek(begin);
    terms.clear();
    joined = query_terms(terms);
  }
  united_ = outer_united;
  united_level_ = outer_level;
  out.add(joined);
  auto output = output_;
  output_ = output;
  if (c_.is("order")) {
    scopes_.emplace_back();
    const Text order = order_by();
    if (!order.empty()) out.add(" ").add(order);
    scopes_.pop_back();
  }
  Text rows = limit();
  if (!rows.empty()) out.add(" ").add(rows);
  with_ = outer_with;
  --queries_;
  --depth_;
  return out;
}

}  // namespace dsqlint::mysql
