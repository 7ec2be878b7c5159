// CREATE TABLE, CREATE INDEX, DROP INDEX.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/translator.h"
#include "mysql/values.h"

namespace dsqlint::mysql {
namespace {

bool is_binary(const Column& column) { return column.target.cls == Class::Bytes; }

/// Does the text compare without regard to case, as most of MySQL's collations do?
bool folds_case(const Column& column, const TableOptions& options) {
  if (column.type.base != Base::Char && column.type.base != Base::VarChar &&
      column.type.base != Base::Text) {
    return false;
  }
  std::string collation = lower(column.type.collation);
  if (collation.empty() && column.type.charset.empty()) collation = lower(options.collation);
  return !collation.ends_with("_bin") && !collation.ends_with("_cs") && collation != "binary" &&
         lower(column.type.charset) != "binary";
}

}  // namespace

void Translator::set_type(Column& column, const Table& table) {
  const auto found = table.hindsight->overrides.find(lower(column.name));
  Override with = found == table.hindsight->overrides.end() ? column.override_with : found->second;
  if (column.auto_increment) with = Override::Identity;
  column.override_with = with;
  column.target =
      target_type(column.type, with, options_.choices, options_.engine.limits().numeric_precision);
  column.auto_increment = with == Override::Identity;
}

Table Translator::build(Cursor& cursor, CreateTable& definition,
                        std::shared_ptr<Hindsight> hindsight) {
  Table table;
  table.hindsight = std::move(hindsight);
  Name name = definition.name;
  const Table* known_table = nullptr;
  name = resolve(name, known_table);
  table.schema = name.schema;
  table.name = definition.name.name;
  for (Column& column : definition.columns) {
    // MariaDB's JSON: longtext CHECK (json_valid(c)).
    if (column.type.base == Base::Text) {
      const auto json =
          std::find_if(column.checks.begin(), column.checks.end(), [&](const Check& check) {
            const auto& tokens = cursor.statement().tokens;
            return check.expression.end - check.expression.begin == 6 &&
                   equals(cursor.slice(tokens[check.expression.begin + 1]), "json_valid");
          });
      if (json != column.checks.end()) {
        column.override_with = Override::JsonChecked;
        column.checks.erase(json);
      }
    }
    set_type(column, table);
    if (!surveying_) {
      const std::string bounded_name = bounded(column.name, column.name_range);
      if (bounded_name != column.name) {
        column.original = column.name;
        column.name = bounded_name;
      }
    }
    table.columns.push_back(column);
    if (column.primary) {
      Key key;
      key.kind = KeyKind::Primary;
      key.parts.push_back({.column = column.name});
      table.keys.push_back(std::move(key));
    } else if (column.unique) {
      Key key;
      key.kind = KeyKind::Unique;
      key.name = column.name;
      key.constraint = true;
      key.parts.push_back({.column = column.name});
      table.keys.push_back(std::move(key));
    }
  }
  for (const Key& key : definition.keys) table.keys.push_back(key);
  table.foreign_keys = definition.foreign_keys;
  return table;
}

std::optional<Text> Translator::expression_sql(Cursor& cursor, const Table& table, Span span,
                                               bool immutable, bool as_condition, Expr* result) {
  Cursor inner(text_, cursor.statement(), modes_);
  const auto& tokens = cursor.statement().tokens;
  const bool bracketed = span.end - span.begin >= 2 && text_[tokens[span.begin].begin] == '(' &&
                         text_[tokens[span.end - 1].begin] == ')';
  // MySQL prints brackets around brackets; ours are put where they are needed.
  inner.seek(span.begin + (bracketed ? 1 : 0));
  inner.limit(span.end - (bracketed ? 1 : 0));
  QueryNotes notes;
  const QueryWorld surroundings = world();
  Query query(inner, surroundings, notes);
  query.enter({.alias = table.name, .name = table.name, .table = &table});
  Expr value = query.expression();
  if (as_condition) value = query.condition(std::move(value));
  if (inner.failed() || inner.at() != inner.end() || (immutable && !value.immutable)) {
    return std::nullopt;
  }
  Text sql = value.sql;
  if (result != nullptr) *result = std::move(value);
  return sql;
}

bool Translator::default_sql(Cursor& cursor, const Column& column, Text& out) {
  const Span span = column.default_value;
  const auto& tokens = cursor.statement().tokens;
  const Range range = column.default_range;
  Cursor inner(text_, cursor.statement(), modes_);
  const bool bracketed = text_[tokens[span.begin].begin] == '(';
  inner.seek(span.begin + (bracketed ? 1 : 0));
  inner.limit(span.end - (bracketed ? 1 : 0));
  QueryNotes notes;
  const QueryWorld surroundings = world();
  Query query(inner, surroundings, notes);
  const bool json_object = inner.is("json_object") && inner.is_op(")", 2);
  const bool json_array = inner.is("json_array") && inner.is_op(")", 2);
  std::string problem;
  if (json_object || json_array) {
    out.add(json_object ? " DEFAULT '{}'" : " DEFAULT '[]'", range);
    return true;
  }
  Expr value = query.expression();
  if (value.literal && value.literal->kind == Literal::Kind::Null) return true;
  if (inner.failed()) {
    problem = inner.problem();
  } else if (value.literal) {
    const Converted converted = convert(*value.literal, column.type, column.target, charset_);
    if (converted.problem.empty()) {
      // Defaults on bytes are for what MySQL itself takes: strings and hexadecimal literals.
      const bool number = value.literal->kind == Literal::Kind::Number;
      if (column.target.cls == Class::Bytes && number && !bracketed) {
        problem = fmt::format("{} is a number", value.sql.text());
      } else {
        out.add(" DEFAULT " + converted.sql, range);
        return true;
      }
    } else {
      problem = converted.problem;
    }
  } else if (!value.references.empty()) {
    problem = "it reads other columns";
  } else {
    // CURRENT_TIMESTAMP on a date, a UUID on text: assignment casts do the rest.
    const Text sql = query.assign(std::move(value), column);
    if (!inner.failed()) {
      out.add(" DEFAULT ", range).add(sql);
      return true;
    }
    problem = inner.problem();
  }
  std::vector<Note> told = {{problem}};
  const bool zero = problem.find("zero date") != std::string::npos;
  if (column.not_null) {
    told.push_back({zero ? "the column is NOT NULL: an INSERT that omits it now fails; drop NOT "
                           "NULL if it stood for \"no date\""
                         : "the column is NOT NULL: an INSERT that omits it now fails"});
  }
  report("mysql_invalid_default_dropped", range,
         fmt::format("the default of `{}` cannot be one in {}", column.name, column.target.sql),
         std::move(told));
  return false;
}

void Translator::generated_sql(Cursor& cursor, const Table& table, Column& column, Text& out) {
  Cursor inner(text_, cursor.statement(), modes_);
  inner.seek(column.generated_as.begin + 1);
  inner.limit(column.generated_as.end - 1);
  QueryNotes notes;
  const QueryWorld surroundings = world();
  Query query(inner, surroundings, notes);
  query.enter({.alias = table.name, .name = table.name, .table = &table});
  Expr value = query.expression();
  std::string problem;
  if (inner.failed()) {
    problem = inner.problem();
  } else if (inner.at() != inner.end()) {
    problem = "the expression is not understood";
  } else if (!value.immutable) {
    problem = "its value depends on settings of the session, or changes with time";
  }
  for (const Reference& reference : value.references) {
    const Column* read = table.column(reference.column);
    if (read != nullptr && read->generated && !read->plain_instead) {
      problem = fmt::format("it reads the generated column `{}`", read->name);
    }
  }
  const Class from = value.cls;
  const Class to = column.target.cls;
  if (problem.empty() && (from == Class::Text || from == Class::Json) &&
      (to == Class::Date || to == Class::Timestamp || to == Class::Timestamptz ||
       to == Class::Time)) {
    problem = "reading a date from text depends on settings of the session";
  }
  if (problem.empty()) {
    const Text sql = query.assign(std::move(value), column);
    if (inner.failed()) {
      problem = inner.problem();
    } else {
      out.add(" GENERATED ALWAYS AS (", column.generated_range).add(sql).add(") STORED");
      if (!column.stored) {
        report("mysql_virtual_to_stored", column.generated_range,
               fmt::format("the generated column `{}` is stored now", column.name));
      }
      return;
    }
  }
  column.plain_instead = true;
  report("mysql_generated_column_dropped", column.generated_range,
         fmt::format("`{}` becomes an ordinary column", column.name),
         {{problem}, {"fill it in the application, or in the INSERT"}});
}

Text Translator::check_sql(const Column& column) const {
  const TargetType& target = column.target;
  if (!options_.choices.checks) return {};
  const std::string name = identifier(column.name);
  std::string condition;
  if (!target.check.empty()) {
    // `?` stands for the column, except in the list's own texts.
    bool quoted = false;
    for (const char c : target.check) {
      if (c == '\'') quoted = !quoted;
      if (c == '?' && !quoted) {
        condition += name;
      } else {
        condition += c;
      }
    }
  } else if (!target.low.empty()) {
    condition = target.high.empty()
                    ? fmt::format("{} >= {}", name, target.low)
                    : fmt::format("{} BETWEEN {} AND {}", name, target.low, target.high);
  }
  return condition.empty() ? Text() : Text(" CHECK (" + condition + ")");
}

bool Translator::column_sql(Cursor& cursor, const Table& table, Column& column,
                            const TableOptions& options, Text& out, bool altering) {
  out.add(identifier(column.name), column.name_range);
  out.add(" " + column.target.sql, column.type.range);
  if (!column.target.finding.empty()) {
    report(column.target.finding, column.type.range,
           fmt::format("`{}`: {}", column.name, column.target.message));
  }
  Text tail;
  if (column.generated) generated_sql(cursor, table, column, tail);
  const bool not_null = column.not_null && !column.plain_instead;
  if (not_null) out.add(" NOT NULL");
  out.add(tail);
  if (column.auto_increment) {
    std::string seed =
        !options.auto_increment.empty() ? options.auto_increment : table.hindsight->seed;
    const auto literals = table.hindsight->literals.find(
        lower(column.original.empty() ? column.name : column.original));
    const bool literal_seed = seed.empty() && literals != table.hindsight->literals.end() &&
                              literals->second.second > 0 && literals->second.second < INT64_MAX;
    if (literal_seed) seed = std::to_string(literals->second.second + 1);
    const bool beyond =
        seed.size() > 19 || (seed.size() == 19 && seed > std::string("9223372036854775807"));
    std::string identity = " GENERATED BY DEFAULT AS IDENTITY (CACHE 65536";
    if (!seed.empty() && !beyond && seed != "0") identity += " START WITH " + seed;
    out.add(identity + ")",
            column.auto_increment_range.empty() ? column.range : column.auto_increment_range);
    std::string told =
        beyond ? fmt::format(
                     "AUTO_INCREMENT={} is beyond 64 bits and was left out; the identity "
                     "starts at 1",
                     seed)
        : seed.empty() || seed == "0"
            ? std::string(
                  "no start value is known, so it starts at 1: after loading rows, ALTER "
                  "COLUMN … RESTART WITH the largest id plus 1")
        : literal_seed ? fmt::format("it starts at {}, above the ids this file inserts", seed)
                       : fmt::format("it starts at {}", seed);
    report("mysql_auto_increment_to_identity",
           column.auto_increment_range.empty() ? column.range : column.auto_increment_range,
           fmt::format("`{}` becomes a BIGINT identity column", column.name),
           {{std::move(told)},
            {"ids come in blocks of 65536 per session, not in dense order; rows are stored in key "
             "order, so a table under heavy inserts is better off with gen_random_uuid()"}});
  } else if (column.has_default) {
    default_sql(cursor, column, out);
  } else if (column.type.base == Base::Enum && not_null && !column.generated && !altering &&
             !column.type.members.empty()) {
    // MySQL's own rule: such a column's default is the first member, even in strict mode.
    out.add(" DEFAULT " + quote_text(column.type.members[0]), column.range);
  }
  if (column.on_update) {
    report("mysql_on_update_dropped", column.on_update_range,
           fmt::format("`{}` is no longer set by every UPDATE", column.name));
  }
  if (column.unique && !column.primary && !altering) out.add(" UNIQUE");
  if (column.primary && !altering) out.add(" PRIMARY KEY");
  if (!altering) out.add(check_sql(column));
  for (const Check& check : column.checks) {
    if (!check.enforced) {
      report("mysql_check_not_enforced_dropped", check.range, "a CHECK that is NOT ENFORCED");
      continue;
    }
    if (const auto sql = expression_sql(cursor, table, check.expression, false, true)) {
      if (!altering) out.add(" CHECK (", check.range).add(*sql).add(")");
    } else {
      report("mysql_expression_dropped", check.range, "the CHECK has no counterpart");
    }
  }
  if (column.inline_references) {
    report("mysql_inline_references_dropped", column.references_range,
           "REFERENCES on a column, which MySQL up to 8.4 reads and ignores");
  }
  if (column.invisible) {
    report("mysql_invisible_column", column.range,
           fmt::format("the invisible column `{}` is visible now", column.name));
  }
  return true;
}

bool Translator::key_fits(const Table& table, const Key& key) {
  return std::none_of(key.parts.begin(), key.parts.end(), [&](const KeyPart& part) {
    const Column* column = table.column(part.column);
    return column != nullptr && (is_binary(*column) || column->target.cls == Class::Json);
  });
}

std::optional<Text> Translator::index_parts(Cursor& cursor, const Table& table, const Key& key) {
  Text out;
  bool first = true;
  for (const KeyPart& part : key.parts) {
    if (!first) out.add(", ");
    first = false;
    if (part.column.empty()) {
      const auto sql = expression_sql(cursor, table, part.expression, true, false);
      if (!sql) return std::nullopt;
      out.add("(", part.range).add(*sql).add(")");
    } else {
      const Column* column = table.column(part.column);
      const std::string name = identifier(column == nullptr ? part.column : column->name);
      const bool text = column != nullptr && column->target.cls == Class::Text;
      const bool whole =
          column != nullptr && column->type.length >= 0 && part.prefix >= column->type.length;
      if (part.prefix > 0 && text && !whole && key.kind == KeyKind::Unique &&
          options_.choices.prefix_indexes) {
        out.add(fmt::format("(left({}, {}))", name, part.prefix), part.range);
      } else {
        out.add(name, part.range);
      }
    }
    if (part.desc) out.add(" DESC");
  }
  return out;
}

std::optional<Text> Translator::index_sql(Cursor& cursor, Table& table, Key& key, size_t& indexes) {
  const std::string shown =
      key.name.empty() ? std::string("an index") : fmt::format("`{}`", key.name);
  if (key.kind == KeyKind::Fulltext || key.kind == KeyKind::Spatial) {
    key.dropped = true;
    const bool text = key.kind == KeyKind::Fulltext;
    report(text ? "mysql_fulltext_index_dropped" : "mysql_spatial_index_dropped", key.range,
           fmt::format("the {} index {} is left out", text ? "full-text" : "spatial", shown));
    return std::nullopt;
  }
  if (!key_fits(table, key)) {
    key.dropped = true;
    report("mysql_binary_index_dropped", key.range,
           fmt::format("the index {} has a column of bytes or JSON", shown));
    return std::nullopt;
  }
  const auto limits = options_.engine.limits();
  if (static_cast<int>(key.parts.size()) > limits.key_columns ||
      static_cast<int>(indexes) >= limits.indexes_per_table) {
    key.dropped = true;
    report("mysql_index_limit_exceeded", key.range,
           static_cast<int>(key.parts.size()) > limits.key_columns
               ? fmt::format("the index {} has {} columns; {} are the limit", shown,
                             key.parts.size(), limits.key_columns)
               : fmt::format("the index {} is one more than the {} a table may have", shown,
                             limits.indexes_per_table));
    return std::nullopt;
  }
  const auto parts = index_parts(cursor, table, key);
  if (!parts) {
    key.dropped = true;
    report("mysql_expression_dropped", key.range,
           fmt::format("the index {} is over an expression without a fixed value", shown));
    return std::nullopt;
  }
  ++indexes;
  for (const KeyPart& part : key.parts) {
    const Column* column = table.column(part.column);
    if (column == nullptr || column->target.cls != Class::Text) continue;
    const bool prefix_kept = key.kind == KeyKind::Unique && part.prefix > 0;
    if (part.prefix > 0 && !prefix_kept &&
        (column->type.base == Base::Text || column->type.length > 256)) {
      report("mysql_index_key_long", part.range,
             fmt::format("the index is over all of `{}`, not its first {} characters", column->name,
                         part.prefix));
    }
  }
  if (!key.name.empty()) {
    key.target = index_name(table, key.name, key.name_range);
    report("mysql_index_renamed", key.name_range.empty() ? key.range : key.name_range,
           fmt::format("the index `{}` is called `{}`", key.name, key.target));
  }
  Text out(key.kind == KeyKind::Unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ", key.range);
  if (!key.target.empty()) out.add(identifier(key.target) + " ");
  out.add("ON " + qualified(table.schema, table.name) + " (");
  out.add(*parts).add(")");
  return out;
}

bool Translator::parent_is_unique(const ForeignKey& key) {
  const Table* parent = nullptr;
  resolve(key.parent, parent);
  if (parent == nullptr || parent->columns.empty()) return true;
  std::set<std::string> wanted;
  for (const std::string& name : key.parent_columns) wanted.insert(lower(name));
  const auto covers = [&](const std::vector<std::string>& columns) {
    return std::set<std::string>(columns.begin(), columns.end()) == wanted;
  };
  for (const Key* unique : parent->unique_keys()) {
    std::vector<std::string> columns;
    for (const KeyPart& part : unique->parts) columns.push_back(lower(part.column));
    if (!unique->dropped && covers(columns)) return true;
  }
  std::vector<std::string> later;
  for (const std::string& name : parent->hindsight->primary_key) later.push_back(lower(name));
  return covers(later);
}

Text Translator::foreign_key_sql(const Table& table, const ForeignKey& key) {
  Text out;
  if (!key.name.empty()) {
    out.add("CONSTRAINT " + identifier(bounded(key.name, key.range)) + " ", key.range);
  }
  const auto list = [](const Table* of, const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
      const Column* column = of == nullptr ? nullptr : of->column(name);
      text += (text.empty() ? "" : ", ") + identifier(column == nullptr ? name : column->name);
    }
    return text;
  };
  const Table* parent = nullptr;
  const Name name = resolve(key.parent, parent);
  if (parent == nullptr && equals(table.name, lower(key.parent.name))) parent = &table;
  out.add(fmt::format("FOREIGN KEY ({}) REFERENCES {}", list(&table, key.columns),
                      qualified(name.schema, parent == nullptr ? name.name : parent->name)),
          key.range);
  if (!key.parent_columns.empty()) {
    out.add(fmt::format(" ({})", list(parent, key.parent_columns)));
  }
  if (key.match == "full") out.add(" MATCH FULL");
  if (!key.on_delete.empty()) out.add(" ON DELETE " + key.on_delete);
  if (!key.on_update.empty()) out.add(" ON UPDATE " + key.on_update);
  return out;
}

/// MySQL keeps an index on the referring columns; PostgreSQL does not.
void Translator::add_missing_index(Table& table, const ForeignKey& key, std::vector<Text>& behind) {
  std::vector<std::string> wanted;
  for (const std::string& name : key.columns) wanted.push_back(lower(name));
  const auto starts = [&](const std::vector<std::string>& columns) {
    return columns.size() >= wanted.size() &&
           std::equal(wanted.begin(), wanted.end(), columns.begin());
  };
  for (const auto& columns : table.hindsight->key_columns) {
    if (starts(columns)) return;
  }
  Key index;
  index.name = key.name.empty() ? key.columns[0] : key.name;
  for (const std::string& name : key.columns) index.parts.push_back({.column = name});
  if (!key_fits(table, index)) return;
  table.hindsight->key_columns.push_back(wanted);
  index.target = index_name(table, index.name, {});
  std::string columns;
  for (const std::string& name : key.columns) {
    const Column* column = table.column(name);
    columns += (columns.empty() ? "" : ", ") + identifier(column == nullptr ? name : column->name);
  }
  behind.emplace_back(fmt::format("CREATE INDEX {} ON {} ({})", identifier(index.target),
                                  qualified(table.schema, table.name), columns),
                      key.range);
  report("mysql_foreign_key_index_added", key.range,
         fmt::format("the foreign key gets the index `{}`, which MySQL makes by itself",
                     index.target));
  table.keys.push_back(std::move(index));
}

void Translator::table_findings(const CreateTable& definition, const Table& table) {
  const TableOptions& options = definition.options;
  const std::string engine = lower(options.engine);
  for (const std::string_view special :
       {"memory", "heap", "federated", "merge", "mrg_myisam", "blackhole", "archive", "csv"}) {
    if (engine == special) {
      report(
          "mysql_engine_semantics_lost", options.engine_range,
          fmt::format("the engine {} behaves differently from an ordinary table", options.engine));
    }
  }
  if (options.partitioned) {
    report("mysql_partition_dropped", options.partition_range,
           fmt::format("the partitions of `{}` are left out", table.name));
  }
  for (const Key& key : table.keys) {
    if (key.kind != KeyKind::Primary && key.kind != KeyKind::Unique) continue;
    const auto folding = std::find_if(key.parts.begin(), key.parts.end(), [&](const KeyPart& part) {
      const Column* column = table.column(part.column);
      return column != nullptr && folds_case(*column, options);
    });
    if (folding == key.parts.end()) continue;
    report("mysql_collation_dropped", definition.name.range,
           fmt::format("`{}` has a text in a unique key: 'Bob' and 'bob' are two values now",
                       table.name));
    break;
  }
}

Translator::Fate Translator::create_table(Cursor& cursor, bool temporary, bool or_replace) {
  CreateTable definition = parse_create_table(cursor);
  const size_t number = create_tables_++;
  auto hindsight =
      number < hindsights_.size() ? hindsights_[number] : std::make_shared<Hindsight>();
  if (cursor.failed()) {
    report_failure(cursor, "parse_error");
    return Fate::Reported;
  }
  // The stand-in for a view that a dump defines later.
  if (cursor.statement().executable && last_views_.count(lower(definition.name.name)) != 0) {
    return Fate::Noise;
  }
  const Table* existing = nullptr;
  Name name = resolve(definition.name, existing);
  name.name = bounded(definition.name.name, definition.name.range);
  const std::string shown = qualified(name.schema, name.name);
  const std::string head = fmt::format("CREATE {}TABLE {}", temporary ? "TEMPORARY " : "",
                                       definition.if_not_exists ? "IF NOT EXISTS " : "");
  if (or_replace) {
    emit(Text("DROP TABLE IF EXISTS " + shown, definition.name.range));
    symbols_.drop(name);
    existing = nullptr;
  }
  if (definition.like) {
    const Table* model = nullptr;
    const Name from = resolve(*definition.like, model);
    emit(Text(
        fmt::format("{}{} (LIKE {} INCLUDING ALL)", head, shown, qualified(from.schema, from.name)),
        definition.name.range));
    Table copy;
    if (model != nullptr) copy = *model;
    copy.hindsight = std::make_shared<Hindsight>(*copy.hindsight);
    copy.schema = name.schema;
    copy.name = name.name;
    symbols_.define(std::move(copy));
    return Fate::Translated;
  }
  if (definition.columns.empty() && definition.query > 0) {
    cursor.seek(definition.query);
    QueryNotes notes;
    const QueryWorld surroundings = world();
    Query query(cursor, surroundings, notes);
    const Text select = query.select();
    if (cursor.failed() || !cursor.done()) {
      report_failure(cursor, "mysql_statement_unsupported");
      return Fate::Reported;
    }
    report_notes(notes);
    emit(Text(head + shown + " AS\n", definition.name.range).add(select));
    Table table;
    table.schema = name.schema;
    table.name = name.name;
    table.is_view = true;
    symbols_.define(std::move(table));
    return Fate::Translated;
  }
  Table table = build(cursor, definition, hindsight);
  if (name.name != definition.name.name) table.original = definition.name.name;
  table.name = name.name;
  const bool repeated = definition.if_not_exists && existing != nullptr;

  // Keys that cannot be keys make the whole table impossible.
  for (const Key& key : table.keys) {
    const bool needed = key.kind == KeyKind::Primary || key.kind == KeyKind::Unique;
    if (!needed) continue;
    if (!key_fits(table, key)) {
      return unsupported(
          "mysql_binary_key_unsupported", key.range.empty() ? definition.name.range : key.range,
          fmt::format("`{}` has a key over bytes, which no key can have", definition.name.name));
    }
    if (static_cast<int>(key.parts.size()) > options_.engine.limits().key_columns &&
        key.kind == KeyKind::Primary) {
      return unsupported("mysql_index_limit_exceeded", key.range,
                         fmt::format("the primary key has {} columns; {} are the limit",
                                     key.parts.size(), options_.engine.limits().key_columns));
    }
  }
  struct Element {
    Text sql;
    Range range;
  };
  std::vector<Element> elements;
  std::vector<Text> behind;  // statements that follow the table
  size_t indexes = table.primary_key() != nullptr ? 1 : 0;
  for (Column& column : table.columns) {
    Text sql;
    column_sql(cursor, table, column, definition.options, sql, false);
    elements.push_back({std::move(sql), column.range});
  }
  if (table.primary_key() == nullptr && !hindsight->primary_key.empty()) {
    Key key;
    key.kind = KeyKind::Primary;
    for (const std::string& column : hindsight->primary_key)
      key.parts.push_back({.column = column});
    table.keys.push_back(std::move(key));
    ++indexes;
  }
  for (Key& key : table.keys) {
    const bool inline_key =
        key.parts.size() == 1 && key.range.empty() && key.parts[0].range.empty();
    if (key.kind == KeyKind::Primary) {
      const Column* column = inline_key ? table.column(key.parts[0].column) : nullptr;
      if (column != nullptr && column->primary) continue;  // said with the column
      std::string columns;
      for (const KeyPart& part : key.parts) {
        const Column* known_column = table.column(part.column);
        columns += (columns.empty() ? "" : ", ") +
                   identifier(known_column == nullptr ? part.column : known_column->name);
        if (part.prefix > 0) {
          report("mysql_index_prefix_dropped", part.range,
                 fmt::format("the primary key takes all of `{}`, not its first {} characters",
                             part.column, part.prefix));
        }
      }
      elements.push_back({Text("PRIMARY KEY (" + columns + ")", key.range), key.range});
      continue;
    }
    if (key.constraint) {  // UNIQUE of a column
      ++indexes;
      continue;
    }
    const bool prefixed = std::any_of(key.parts.begin(), key.parts.end(), [&](const KeyPart& part) {
      const Column* column = table.column(part.column);
      return part.column.empty() ||
             (part.prefix > 0 && !(column != nullptr && column->type.length >= 0 &&
                                   part.prefix >= column->type.length));
    });
    const bool too_many =
        static_cast<int>(key.parts.size()) > options_.engine.limits().key_columns ||
        static_cast<int>(indexes) >= options_.engine.limits().indexes_per_table;
    const bool functional = std::any_of(key.parts.begin(), key.parts.end(), [](const KeyPart& p) {
      return p.column.empty() || p.desc;
    });
    if (key.kind == KeyKind::Unique && !too_many && !functional &&
        !(prefixed && options_.choices.prefix_indexes)) {
      key.constraint = true;
      ++indexes;
      std::string columns;
      for (const KeyPart& part : key.parts) {
        const Column* column = table.column(part.column);
        columns += (columns.empty() ? "" : ", ") +
                   identifier(column == nullptr ? part.column : column->name);
        if (part.prefix > 0 && prefixed) {
          report("mysql_index_prefix_dropped", part.range,
                 fmt::format("the unique key takes all of `{}`, not its first {} characters",
                             part.column, part.prefix));
        }
      }
      Text sql;
      if (!key.name.empty()) {
        key.target = index_name(table, key.name, key.name_range);
        report("mysql_index_renamed", key.name_range.empty() ? key.range : key.name_range,
               fmt::format("the unique key `{}` is called `{}`", key.name, key.target));
        sql.add("CONSTRAINT " + identifier(key.target) + " ", key.range);
      }
      sql.add("UNIQUE (" + columns + ")", key.range);
      elements.push_back({std::move(sql), key.range});
      continue;
    }
    if (auto sql = index_sql(cursor, table, key, indexes)) behind.push_back(std::move(*sql));
  }
  for (const Check& check : definition.checks) {
    if (!check.enforced) {
      report("mysql_check_not_enforced_dropped", check.range, "a CHECK that is NOT ENFORCED");
      continue;
    }
    const auto sql = expression_sql(cursor, table, check.expression, false, true);
    if (!sql) {
      report("mysql_expression_dropped", check.range, "the CHECK has no counterpart");
      continue;
    }
    Text element;
    if (!check.name.empty()) {
      element.add("CONSTRAINT " + identifier(bounded(check.name, check.range)) + " ", check.range);
    }
    element.add("CHECK (", check.range).add(*sql).add(")");
    elements.push_back({std::move(element), check.range});
  }
  std::vector<ForeignKey> deferred;
  for (const ForeignKey& key : definition.foreign_keys) {
    const Table* parent = nullptr;
    const Name parent_name = resolve(key.parent, parent);
    const bool self = equals(parent_name.name, lower(definition.name.name));
    const bool later = !self && parent == nullptr && created_.count(lower(key.parent.name)) != 0;
    if (self || !later) {
      if (!self && parent != nullptr && !parent_is_unique(key)) {
        report("mysql_foreign_key_dropped", key.range,
               fmt::format("the columns it refers to are no key of `{}`", key.parent.name));
      } else {
        elements.push_back({foreign_key_sql(table, key), key.range});
      }
    } else {
      deferred.push_back(key);
    }
  }
  table_findings(definition, table);

  // Comments stand by the elements they stood by.
  Text sql(head + shown + " (", definition.name.range);
  std::vector<Range> comments;
  for (const Range comment : cursor.statement().comments) {
    if (comment.begin > cursor.statement().range.begin) comments.push_back(comment);
  }
  size_t next_comment = 0;
  const auto put_comment = [&](Range range) {
    return Text(comment_text(source_.slice(range)), range);
  };
  std::stable_sort(elements.begin(), elements.end(), [](const Element& a, const Element& b) {
    return !a.range.empty() && !b.range.empty() && a.range.begin < b.range.begin;
  });
  for (size_t i = 0; i < elements.size(); ++i) {
    while (next_comment < comments.size() && !elements[i].range.empty() &&
           comments[next_comment].begin < elements[i].range.begin) {
      sql.add("\n  ").add(put_comment(comments[next_comment++]));
    }
    sql.add("\n  ").add(elements[i].sql);
    if (i + 1 < elements.size()) sql.add(",");
    // Those on the element's own line stay on it.
    while (next_comment < comments.size() && !elements[i].range.empty()) {
      const std::string_view between = text_.substr(
          elements[i].range.end, comments[next_comment].begin > elements[i].range.end
                                     ? comments[next_comment].begin - elements[i].range.end
                                     : 0);
      if (comments[next_comment].begin >= elements[i].range.end &&
          between.find('\n') != std::string_view::npos) {
        break;
      }
      if (comments[next_comment].begin < elements[i].range.begin) break;
      sql.add(" ").add(put_comment(comments[next_comment++]));
    }
  }
  while (next_comment < comments.size()) sql.add("\n  ").add(put_comment(comments[next_comment++]));
  sql.add("\n)");
  emit(std::move(sql));
  if (!repeated) {
    for (const ForeignKey& key : definition.foreign_keys) add_missing_index(table, key, behind);
    for (Text& statement : behind) emit(std::move(statement));
    if (definition.options.has_comment && !definition.options.comment.empty()) {
      const auto comment = to_utf8(definition.options.comment, charset_);
      if (comment && comment->find('\0') == std::string::npos) {
        report("mysql_comment_lifted", definition.options.comment_range,
               "the table's comment is a statement of its own");
        emit(Text(fmt::format("COMMENT ON TABLE {} IS {}", shown, quote_text(*comment)),
                  definition.options.comment_range));
      }
    }
    if (options_.choices.column_comments) {
      for (const Column& column : table.columns) {
        const auto comment = to_utf8(column.comment, charset_);
        if (!column.has_comment || !comment || comment->find('\0') != std::string::npos) continue;
        emit(Text(fmt::format("COMMENT ON COLUMN {}.{} IS {}", shown, identifier(column.name),
                              quote_text(*comment)),
                  column.comment_range));
      }
    }
    for (ForeignKey& key : deferred) {
      report("mysql_foreign_key_deferred", key.range,
             fmt::format("`{}` is created later, so the foreign key is added at the end",
                         key.parent.name));
      pending_keys_.push_back({table.schema, table.name, std::move(key), statement_});
    }
    Table& defined = symbols_.define(std::move(table));
    symbols_.take_name(defined.schema, defined.name);
    if (definition.query > 0) {
      // CREATE TABLE t (…) SELECT …: the rows are inserted by a statement of their own.
      cursor.seek(definition.query);
      QueryNotes notes;
      const QueryWorld surroundings = world();
      Query query(cursor, surroundings, notes);
      const Text select = query.select();
      if (cursor.failed() || !cursor.done()) {
        report_failure(cursor, "mysql_data_statement_dropped");
      } else {
        report_notes(notes);
        std::string columns;
        for (const auto& [column, cls] : query.output()) {
          const Column* known_column = defined.column(column);
          if (known_column == nullptr) columns = "?";
          if (columns != "?") {
            columns += (columns.empty() ? "" : ", ") + identifier(known_column->name);
          }
        }
        report("mysql_create_select_split", definition.name.range,
               "the rows of the query are inserted by a statement of their own");
        emit(Text("INSERT INTO " + shown + (columns == "?" ? "" : " (" + columns + ")") + "\n",
                  definition.name.range)
                 .add(select),
             true);
      }
    }
  }
  return Fate::Translated;
}

Translator::Fate Translator::create_index(Cursor& cursor, KeyKind kind) {
  Key key;
  key.kind = kind;
  if (cursor.accept("if", "not")) cursor.expect("exists");
  key.name_range = cursor.peek().range();
  key.name = cursor.name();
  if (cursor.accept("using")) cursor.advance();
  cursor.expect("on");
  const Name name = cursor.object_name();
  key.parts = parse_key_parts(cursor);
  skip_key_options(cursor);
  // ALGORITHM and LOCK say how.
  while (cursor.accept("algorithm") || cursor.accept("lock")) {
    cursor.accept_op("=");
    cursor.advance();
  }
  if (cursor.failed() || !cursor.done()) {
    report_failure(cursor, "parse_error");
    return Fate::Reported;
  }
  key.range = cursor.statement().range;
  Table* table = known(name);
  Table unknown;
  if (table == nullptr) {
    const Table* none = nullptr;
    const Name target = resolve(name, none);
    unknown.schema = target.schema;
    unknown.name = target.name;
    table = &unknown;
  }
  size_t indexes = 0;
  for (const Key& other : table->keys) indexes += other.dropped ? 0 : 1;
  auto sql = index_sql(cursor, *table, key, indexes);
  if (sql) emit(std::move(*sql));
  table->keys.push_back(std::move(key));
  return sql ? Fate::Translated : Fate::Reported;
}

Translator::Fate Translator::drop_index(Cursor& cursor) {
  const bool if_exists = cursor.accept("if", "exists");
  const Range range = cursor.peek().range();
  const std::string index = cursor.name();
  cursor.expect("on");
  const Name name = cursor.object_name();
  while (cursor.accept("algorithm") || cursor.accept("lock")) {
    cursor.accept_op("=");
    cursor.advance();
  }
  if (cursor.failed() || !cursor.done()) {
    report_failure(cursor, "parse_error");
    return Fate::Reported;
  }
  Table* table = known(name);
  Action action;
  action.kind = ActionKind::DropKey;
  action.old_name = index;
  action.if_exists = if_exists;
  action.range = range;
  alter_key(cursor, table, name, action);
  return Fate::Translated;
}

}  // namespace dsqlint::mysql
