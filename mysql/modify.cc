// UPDATE and DELETE.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/translator.h"
#include "mysql/values.h"

namespace dsqlint::mysql {

std::optional<Text> Translator::limited_where(const Table* table, const std::string& shown,
                                              Text where, Text order, Text limit) {
  const Key* primary = table == nullptr ? nullptr : table->primary_key();
  if (primary == nullptr || primary->parts.empty()) return std::nullopt;
  std::string columns;
  for (const KeyPart& part : primary->parts) {
    const Column* column = table->column(part.column);
    columns +=
        (columns.empty() ? "" : ", ") + identifier(column == nullptr ? part.column : column->name);
  }
  const bool several = primary->parts.size() > 1;
  Text out(several ? "(" + columns + ")" : columns);
  out.add(fmt::format(" IN (SELECT {} FROM {}", columns, shown));
  if (!where.empty()) out.add(" WHERE ").add(where);
  if (!order.empty()) out.add(" ").add(order);
  out.add(" ").add(limit).add(")");
  return out;
}

bool Translator::add_where(Text& out, const Table* table, const std::string& shown,
                           const Text& where, const Text& order, const Text& limit, Range place) {
  Text condition = where;
  if (!limit.empty()) {
    auto limited = limited_where(table, shown, where, order, limit);
    if (!limited) return false;
    condition = std::move(*limited);
    report("mysql_limited_dml_rewritten", place, "the rows of the LIMIT are selected by their key");
  }
  if (!condition.empty()) out.add(" WHERE ").add(condition);
  return true;
}

namespace {

/// The conditions of inner joins, for WHERE; false if a join is not an inner one.
bool join_conditions(const std::vector<Joined>& tables, Text& out) {
  for (size_t i = 0; i < tables.size(); ++i) {
    const Joined& table = tables[i];
    if (!table.how.empty() && table.how != "JOIN" && table.how != "CROSS JOIN" &&
        table.how != ",") {
      return false;
    }
    if (!table.using_columns.empty()) {
      const std::string& list = table.using_columns.text();
      if (i == 0 || list.find(',') != std::string::npos) return false;
      out.add(out.empty() ? "" : " AND ");
      out.add(fmt::format("{}.{} = {}.{}", identifier(tables[0].source.alias), list,
                          identifier(table.source.alias), list));
    }
    if (!table.on.sql.empty()) {
      Expr on = table.on;
      out.add(out.empty() ? "" : " AND ").add(Query::wrap(std::move(on), Binding::And));
    }
  }
  return true;
}

/// The name of the table that changes where it is joined to others under its own.
constexpr std::string_view kChanged = "changed";

Text changed_sql(const Joined& target) {
  const std::string& sql = target.sql.text();
  return Text(sql.substr(0, sql.find(" AS "))).add(" AS ").add(kChanged);
}

/// With outer joins the table is joined once more, to the rows of the join that are its own.
bool join_itself(const std::vector<Joined>& tables, size_t target, Text& condition) {
  const Source& source = tables[target].source;
  const Key* primary = source.table == nullptr ? nullptr : source.table->primary_key();
  if (primary == nullptr || primary->parts.empty()) return false;
  for (const Joined& table : tables) {
    if (table.how == "," || equals(table.source.alias, kChanged)) return false;
  }
  for (const KeyPart& part : primary->parts) {
    const Column* column = source.table->column(part.column);
    const std::string name = identifier(column == nullptr ? part.column : column->name);
    condition.add(fmt::format("{}{}.{} = {}.{}", condition.empty() ? "" : " AND ", kChanged, name,
                              identifier(source.alias), name));
  }
  return true;
}

Text others_sql(const std::vector<Joined>& tables, size_t target) {
  Text out;
  for (size_t i = 0; i < tables.size(); ++i) {
    if (i == target) continue;
    out.add(out.empty() ? "" : ", ").add(tables[i].sql);
  }
  return out;
}

}  // namespace

Translator::Fate Translator::update(Cursor& cursor) {
  cursor.advance();
  cursor.accept("low_priority");
  QueryNotes notes;
  if (cursor.accept("ignore")) {
    notes.review.insert("UPDATE IGNORE");
    notes.first = cursor.range({0, 2});
  }
  const QueryWorld surroundings = world();
  Query query(cursor, surroundings, notes);
  query.open();
  std::vector<Joined> tables = query.table_references();
  cursor.expect("set");
  if (cursor.failed()) return dropped(cursor);

  struct Assignment {
    std::string column;
    Text value;
  };
  std::vector<Assignment> assignments;
  std::set<std::string> assigned;
  size_t target = tables.size();
  do {
    const Range range = cursor.peek().range();
    std::string first = cursor.name();
    std::string qualifier;
    while (cursor.accept_op(".")) {
      qualifier = std::move(first);
      first = cursor.name();
    }
    cursor.expect_op("=");
    size_t at = tables.size() == 1 ? 0 : tables.size();
    for (size_t i = 0; i < tables.size() && at == tables.size(); ++i) {
      const Source& source = tables[i].source;
      if (!qualifier.empty() ? equals(source.alias, lower(qualifier))
                             : source.table != nullptr && source.table->column(first) != nullptr) {
        at = i;
      }
    }
    if (at == tables.size() || (target != tables.size() && at != target)) {
      cursor.fail(at == tables.size() ? fmt::format("the table of column `{}` is not known", first)
                                      : std::string("the statement writes to two tables"),
                  range);
      break;
    }
    target = at;
    const Table* table = tables[at].source.table;
    const Column* column = table == nullptr ? nullptr : table->column(first);
    Expr value = query.expression();
    if (cursor.failed()) break;
    if (at != 0) {
      for (const Reference& reference : value.references) {
        if (reference.source == tables[at].source.alias && assigned.count(reference.column) != 0) {
          cursor.fail("an assignment reads what an earlier one wrote", range);
        }
      }
    }
    Expr kept = value;
    Text sql = column == nullptr ? value.sql : query.assign(std::move(value), *column);
    if (surveying_ && table != nullptr) {
      table->hindsight->counted.insert(query.counted().begin(), query.counted().end());
    }
    if (column != nullptr && column->generated && !column->plain_instead) sql = Text("DEFAULT");
    const std::string name = column == nullptr ? first : column->name;
    if (at == 0 && !kept.literal) {
      query.substitute(lower(name), std::move(kept));
    } else if (at == 0) {
      kept.sql = sql;
      query.substitute(lower(name), std::move(kept));
    }
    assigned.insert(lower(name));
    assignments.push_back({name, std::move(sql)});
  } while (cursor.accept_op(",") && !cursor.done());
  if (cursor.failed()) return dropped(cursor);

  // WHERE sees the values as they were.
  const size_t where_at = cursor.at();
  Cursor rest(text_, cursor.statement(), modes_);
  rest.seek(where_at);
  Query filter(rest, surroundings, notes);
  filter.open();
  for (const Joined& table : tables) filter.enter(table.source);
  Expr where;
  if (rest.accept("where")) where = filter.condition(filter.expression());
  Text order;
  if (rest.is("order")) order = filter.order_by();
  Text limit = filter.limit();
  if (rest.failed() || !rest.done()) {
    if (!rest.failed()) rest.fail(fmt::format("`{}` is not supported here", rest.text()));
    return dropped(rest);
  }
  Text out("UPDATE ", cursor.statement().range);
  out.add(tables[target].sql).add(" SET ");
  for (size_t i = 0; i < assignments.size(); ++i) {
    out.add(i > 0 ? ", " : "").add(identifier(assignments[i].column) + " = ");
    out.add(assignments[i].value);
  }
  const Range place = cursor.range({0, 1});
  if (tables.size() == 1) {
    const Table* table = tables[0].source.table;
    if (!order.empty() && limit.empty()) {
      // The order in which rows change is to be seen in unique keys alone.
      const auto unique = table == nullptr ? std::vector<const Key*>() : table->unique_keys();
      const bool keyed = std::any_of(unique.begin(), unique.end(), [&](const Key* key) {
        return std::any_of(key->parts.begin(), key->parts.end(), [&](const KeyPart& part) {
          const Column* column = table->column(part.column);
          return assigned.count(lower(column == nullptr ? part.column : column->name)) != 0;
        });
      });
      if (keyed || table == nullptr) {
        cursor.fail("ORDER BY keeps a unique key free of collisions, and rows change in no order",
                    place);
        return dropped(cursor);
      }
      if (notes.exact.empty() && notes.review.empty()) notes.first = place;
      notes.exact.insert("UPDATE … ORDER BY");
    }
    if (!add_where(out, table, tables[0].sql.text(), where.sql, order, limit, place)) {
      cursor.fail("LIMIT requires a primary key, which identifies the rows", place);
      return dropped(cursor);
    }
  } else {
    Text condition;
    Text from;
    if (!limit.empty()) {
      cursor.fail("an UPDATE of several tables has a LIMIT", place);
      return dropped(cursor);
    }
    if (join_conditions(tables, condition)) {
      from = others_sql(tables, target);
    } else {
      condition.clear();
      if (!join_itself(tables, target, condition)) {
        cursor.fail(
            "an UPDATE with an outer join requires a primary key, which identifies the rows",
            place);
        return dropped(cursor);
      }
      from = Query::joined_sql(tables);
      out = Text("UPDATE ", cursor.statement().range).add(changed_sql(tables[target]));
      out.add(" SET ");
      for (size_t i = 0; i < assignments.size(); ++i) {
        out.add(i > 0 ? ", " : "").add(identifier(assignments[i].column) + " = ");
        out.add(assignments[i].value);
      }
    }
    if (!where.sql.empty()) {
      condition.add(condition.empty() ? "" : " AND ").add(Query::wrap(where, Binding::And));
    }
    out.add(" FROM ").add(from);
    if (!condition.empty()) out.add(" WHERE ").add(condition);
    report("mysql_join_dml_rewritten", place, "the joined tables are moved to FROM");
  }
  report_notes(notes);
  emit(std::move(out), true);
  return Fate::Translated;
}

Translator::Fate Translator::remove(Cursor& cursor) {
  cursor.advance();
  bool ignores = false;
  for (;;) {
    if (cursor.accept("ignore")) {
      ignores = true;
    } else if (!cursor.accept("low_priority") && !cursor.accept("quick")) {
      break;
    }
  }
  const Range place = cursor.range({0, 1});
  QueryNotes notes;
  if (ignores) {
    notes.review.insert("DELETE IGNORE");
    notes.first = place;
  }
  const QueryWorld surroundings = world();
  Query query(cursor, surroundings, notes);
  query.open();
  std::vector<Name> targets;
  const auto read_targets = [&] {
    do {
      Name name = cursor.object_name();
      if (cursor.accept_op(".")) cursor.expect_op("*");
      targets.push_back(std::move(name));
    } while (cursor.accept_op(","));
  };
  std::vector<Joined> tables;
  bool joined = false;
  if (cursor.accept("from")) {
    const size_t begin = cursor.at();
    read_targets();
    if (cursor.accept("using")) {
      joined = true;
    } else {
      cursor.seek(begin);
      targets.clear();
    }
  } else {
    read_targets();
    cursor.expect("from");
    joined = true;
  }
  tables = query.table_references();
  if (cursor.failed()) return dropped(cursor);
  if (!joined && tables.size() != 1) {
    cursor.fail("the statement names more than one table", place);
    return dropped(cursor);
  }
  size_t target = 0;
  if (joined) {
    if (targets.size() != 1) {
      cursor.fail("the statement deletes from more than one table", place);
      return dropped(cursor);
    }
    target = tables.size();
    for (size_t i = 0; i < tables.size(); ++i) {
      if (equals(tables[i].source.alias, lower(targets[0].name))) target = i;
    }
    if (target == tables.size()) {
      cursor.fail(fmt::format("`{}` is not among the tables", targets[0].name), targets[0].range);
      return dropped(cursor);
    }
  }
  Expr where;
  if (cursor.accept("where")) where = query.condition(query.expression());
  Text order;
  if (cursor.is("order")) order = query.order_by();
  Text limit = query.limit();
  if (!cursor.failed() && !cursor.done()) {
    cursor.fail(fmt::format("`{}` is not supported here", cursor.text()));
  }
  if (cursor.failed()) return dropped(cursor);
  Text out("DELETE FROM ", cursor.statement().range);
  out.add(tables[target].sql);
  if (tables.size() == 1) {
    const Table* table = tables[0].source.table;
    if (!add_where(out, table, tables[0].sql.text(), where.sql, order, limit, place)) {
      cursor.fail("LIMIT requires a primary key, which identifies the rows", place);
      return dropped(cursor);
    }
  } else {
    Text condition;
    Text from;
    if (join_conditions(tables, condition)) {
      from = others_sql(tables, target);
    } else {
      condition.clear();
      if (!join_itself(tables, target, condition)) {
        cursor.fail("a DELETE with an outer join requires a primary key, which identifies the rows",
                    place);
        return dropped(cursor);
      }
      from = Query::joined_sql(tables);
      out = Text("DELETE FROM ", cursor.statement().range).add(changed_sql(tables[target]));
    }
    if (!where.sql.empty()) {
      condition.add(condition.empty() ? "" : " AND ").add(Query::wrap(where, Binding::And));
    }
    out.add(" USING ").add(from);
    if (!condition.empty()) out.add(" WHERE ").add(condition);
    report("mysql_join_dml_rewritten", place, "the joined tables are moved to USING");
  }
  report_notes(notes);
  emit(std::move(out), true);
  return Fate::Translated;
}

}  // namespace dsqlint::mysql
