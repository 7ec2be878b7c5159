// Views: created in the order they need each other, dropped before what they read.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/translator.h"

namespace dsqlint::mysql {

/// MySQL lets a view stand without what it reads; PostgreSQL refuses the DROP.
void Translator::drop_readers(const std::vector<Name>& relations) {
  const std::vector<Name> views = symbols_.readers(relations);
  if (views.empty()) return;
  std::string list;
  std::string told;
  for (const Name& view : views) {
    list += (list.empty() ? "" : ", ") + qualified(view.schema, view.name);
    told += (told.empty() ? "`" : ", `") + view.name + "`";
    symbols_.drop(view);
    gone_views_.insert(lower(view.name));
  }
  emit(Text("DROP VIEW " + list, relations[0].range));
  report("mysql_drop_under_view", relations[0].range,
         fmt::format("{} {} {}", told, views.size() == 1 ? "reads" : "read",
                     relations.size() == 1 ? "`" + relations[0].name + "`"
                                           : std::string("the relations that are dropped here")));
}

/// A view is replaced by one with the same columns, and more after them, or not at all: drops the
/// one there is when it has others.
bool Translator::drop_changed_view(const Table& view, Range range) {
  const Table* old = symbols_.find({view.schema, view.name, range});
  if (old == nullptr || !old->is_view || old->view_columns.empty() || view.view_columns.empty()) {
    return false;
  }
  const auto& before = old->view_columns;
  const auto& now = view.view_columns;
  if (now.size() >= before.size() && std::equal(before.begin(), before.end(), now.begin())) {
    return false;
  }
  const Name name{view.schema, view.name, range};
  drop_readers({name});
  symbols_.drop(name);
  emit(Text("DROP VIEW " + qualified(view.schema, view.name), range));
  report("mysql_view_recreated", range, fmt::format("the columns of `{}` change", view.name));
  return true;
}

Translator::Fate Translator::view(Cursor& cursor, bool or_replace) {
  const bool if_not_exists = cursor.accept("if");
  if (if_not_exists) cursor.accept("not", "exists");
  const Name written = cursor.object_name();
  if (cursor.failed()) {
    report_failure(cursor, "parse_error");
    return Fate::Reported;
  }
  const auto last = last_views_.find(lower(written.name));
  // A dump writes the view twice: first a stand-in, so that later views can refer to it.
  if (cursor.statement().executable && last != last_views_.end() &&
      last->second.statement != ordinal_) {
    return Fate::Noise;
  }
  const Table* table = nullptr;
  Name name = resolve(written, table);
  name.name = bounded(written.name, written.range);
  bool clause = false;
  bool invoker = false;
  for (size_t i = 0; i < cursor.at(); ++i) {
    const std::string_view text = cursor.slice(cursor.statement().tokens[i]);
    clause =
        clause || equals(text, "algorithm") || equals(text, "definer") || equals(text, "security");
    invoker = invoker || (i > 0 && equals(text, "invoker") &&
                          equals(cursor.slice(cursor.statement().tokens[i - 1]), "security"));
  }
  std::string columns;
  Table symbol;
  symbol.schema = name.schema;
  symbol.name = name.name;
  symbol.is_view = true;
  if (cursor.accept_op("(")) {
    do {
      symbol.view_columns.push_back(cursor.name());
      columns += (columns.empty() ? "" : ", ") + identifier(symbol.view_columns.back());
    } while (cursor.accept_op(","));
    cursor.expect_op(")");
  }
  cursor.expect("as");
  QueryNotes notes;
  QueryWorld surroundings = world();
  std::vector<std::string> needs;
  std::vector<Name> read;
  surroundings.resolve = [&](const Name& wanted, const Table*& found) {
    const std::string lowered = lower(wanted.name);
    const auto other = last_views_.find(lowered);
    if (other != last_views_.end() && other->second.statement > ordinal_) needs.push_back(lowered);
    read.push_back(resolve_for_query(wanted, found));
    return read.back();
  };
  Query query(cursor, surroundings, notes);
  Text sql(qualified(name.schema, name.name), written.range);
  if (!columns.empty()) sql.add(" (" + columns + ")");
  sql.add(" AS\n").add(query.select());
  const bool named = !symbol.view_columns.empty();
  for (size_t i = 0; i < query.output().size(); ++i) {
    const Output& output = query.output()[i];
    if (!named) symbol.view_columns.push_back(output.name);
    if (i >= symbol.view_columns.size()) break;
    symbol.columns.push_back(column_of(output));
    symbol.columns.back().name = symbol.view_columns[i];
  }
  if (cursor.accept("with")) {
    const bool local = cursor.accept("local");
    if (!local) cursor.accept("cascaded");
    cursor.expect("check");
    cursor.expect("option");
    sql.add(local ? "\nWITH LOCAL CHECK OPTION" : "\nWITH CASCADED CHECK OPTION");
  }
  if (!cursor.failed() && !cursor.done()) {
    cursor.fail(fmt::format("`{}` is not supported here", cursor.text()));
  }
  if (cursor.failed()) {
    report_failure(cursor, "mysql_statement_unsupported");
    return Fate::Reported;
  }
  if (clause) {
    report("mysql_view_clause_dropped", written.range,
           invoker ? fmt::format("`{}` was read with the privileges of the user of the view",
                                 written.name)
                   : fmt::format("the ALGORITHM, DEFINER or SQL SECURITY clause of `{}` is removed",
                                 written.name));
    if (invoker) {
      Diagnostic& finding = result_.findings.back();
      finding.notes.push_back(
          {"it is now read with the privileges of its owner: grant it only to roles that may read "
           "its tables"});
      finding.fix->safety = Safety::Review;
      finding.severity = Severity::Warning;
    }
  }
  report_notes(notes);
  if (or_replace) or_replace = !drop_changed_view(symbol, written.range);
  sql = Text(or_replace ? "CREATE OR REPLACE VIEW " : "CREATE VIEW ", cursor.statement().range)
            .add(sql);
  gone_views_.erase(lower(name.name));
  symbols_.reads(name, read);
  symbols_.define(std::move(symbol));
  if (!needs.empty()) {
    pending_views_.push_back({std::move(sql), std::move(needs), lower(name.name)});
    return Fate::Translated;
  }
  emit(std::move(sql));
  emitted_views_.insert(lower(name.name));
  // Those that waited for this one.
  for (bool again = true; again;) {
    again = false;
    for (auto it = pending_views_.begin(); it != pending_views_.end(); ++it) {
      const bool ready = std::all_of(it->needs.begin(), it->needs.end(), [&](const auto& need) {
        return emitted_views_.count(need) != 0;
      });
      if (!ready) continue;
      emitted_views_.insert(it->name);
      emit(std::move(it->sql));
      pending_views_.erase(it);
      again = true;
      break;
    }
  }
  return Fate::Translated;
}

}  // namespace dsqlint::mysql
