// A column of the output: type, default, generated expression, CHECKs.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "mysql/translator.h"
#include "mysql/values.h"

namespace dsqlint::mysql {

namespace {

/// Does the text compare without regard to case, as most of MySQL's collations do?
bool ignores_case(const TypeSpec& type, const Table& table) {
  if (type.base != Base::Char && type.base != Base::VarChar && type.base != Base::Text) {
    return false;
  }
  std::string collation = lower(type.collation);
  if (collation.empty() && type.charset.empty()) collation = lower(table.collation);
  return !collation.ends_with("_bin") && !collation.ends_with("_cs") && collation != "binary" &&
         lower(type.charset) != "binary";
}

}  // namespace

void Translator::set_type(Column& column, const Table& table) {
  column.ignores_case = ignores_case(column.type, table);
  const auto found = table.hindsight->overrides.find(lower(column.name));
  Override with = found == table.hindsight->overrides.end() ? column.override_with : found->second;
  if (column.auto_increment) with = Override::Identity;
  column.override_with = with;
  column.target =
      target_type(column.type, with, options_.choices, options_.engine.limits().numeric_precision);
  column.auto_increment = with == Override::Identity;
  column.blank =
      column.type.base == Base::Enum && table.hindsight->blanks.count(lower(column.name)) != 0;
  if (column.blank && !column.target.check.empty()) {
    column.target.check.back() = ',';
    column.target.check += " '')";
    column.target.message += ", which accepts '', too: rows of this file hold it";
  }
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
  table.collation = definition.options.collation;
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
    const auto retyped = table.hindsight->retyped.find(lower(column.name));
    if (retyped != table.hindsight->retyped.end()) {
      const Range range = column.type.range;
      column.type = retyped->second;
      column.type.range = range;
    }
    set_type(column, table);
    if (!surveying_) name_column(column);
    table.columns.push_back(column);
    const std::string& written = column.original.empty() ? column.name : column.original;
    if (column.primary) {
      Key key;
      key.kind = KeyKind::Primary;
      key.parts.push_back({.column = written});
      table.keys.push_back(std::move(key));
    } else if (column.unique) {
      Key key;
      key.kind = KeyKind::Unique;
      key.name = written;
      key.constraint = true;
      key.parts.push_back({.column = written});
      table.keys.push_back(std::move(key));
    }
  }
  for (const Key& key : definition.keys) table.keys.push_back(key);
  table.foreign_keys = definition.foreign_keys;
  for (ForeignKey& key : table.foreign_keys) name_foreign_key(table, key);
  return table;
}

/// PostgreSQL's own columns, which every table has.
constexpr std::array<std::string_view, 6> kSystemColumns = {"cmax",     "cmin", "ctid",
                                                            "tableoid", "xmax", "xmin"};

/// Gives the column a name that PostgreSQL takes, and keeps the one it has here.
void Translator::name_column(Column& column) {
  std::string name = bounded(column.name, column.name_range);
  if (std::find(kSystemColumns.begin(), kSystemColumns.end(), name) != kSystemColumns.end()) {
    name += '_';
    report("mysql_column_renamed", column.name_range,
           fmt::format("the column `{}` is named `{}`", column.name, name));
  }
  if (name == column.name) return;
  column.original = column.name;
  column.name = std::move(name);
}

/// The names that MySQL and PostgreSQL give to a foreign key that has none.
void Translator::name_foreign_key(const Table& table, ForeignKey& key) {
  const std::string prefix = lower(table.name) + "_ibfk_";
  if (!key.name.empty()) {
    key.target = key.name;
    return;
  }
  int number = 0;
  for (const ForeignKey& other : table.foreign_keys) {
    const std::string name = lower(other.name.empty() ? other.automatic : other.name);
    if (!name.starts_with(prefix)) continue;
    number = std::max(number, std::atoi(name.c_str() + prefix.size()));
  }
  key.automatic = fmt::format("{}_ibfk_{}", table.name, number + 1);
  std::string name = table.name;
  for (const std::string& column : key.columns) {
    const Column* known_column = table.column(column);
    name += "_" + (known_column == nullptr ? column : known_column->name);
  }
  name += "_fkey";
  key.target = name;
  const auto taken = [&] {
    return std::any_of(
        table.foreign_keys.begin(), table.foreign_keys.end(),
        [&](const ForeignKey& other) { return &other != &key && other.target == key.target; });
  };
  for (int i = 1; taken(); ++i) key.target = name + std::to_string(i);
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
         fmt::format("the default of `{}` is not valid for {}", column.name, column.target.sql),
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
    problem = "the expression is not supported";
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
               fmt::format("the generated column `{}` becomes STORED", column.name));
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
    // `?` is replaced with the column, except in the strings of the list.
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
    // Some tools write AUTO_INCREMENT=1 beside rows with greater ids.
    const Counter& counter = table.hindsight->counter;
    const int64_t next = counter.first_generated != 0 && !counter.interleaved
                             ? counter.first_generated
                             : counter.next;
    const bool raised = counter.given && !altering &&
                        (seed.empty() || (seed.size() < 19 && std::stoll(seed) != next &&
                                          (literal_seed || std::stoll(seed) < next)));
    if (raised) seed = std::to_string(next);
    const bool beyond =
        seed.size() > 19 || (seed.size() == 19 && seed > std::string("9223372036854775807"));
    std::string identity = " GENERATED BY DEFAULT AS IDENTITY (CACHE 65536";
    if (!seed.empty() && !beyond && seed != "0") identity += " START WITH " + seed;
    out.add(identity + ")",
            column.auto_increment_range.empty() ? column.range : column.auto_increment_range);
    std::string told =
        beyond ? fmt::format(
                     "AUTO_INCREMENT={} has more than 64 bits and is removed; the "
                     "identity starts at 1",
                     seed)
        : seed.empty() || seed == "0"
            ? std::string(
                  "the start value is not known, so it starts at 1: after loading "
                  "rows, run ALTER COLUMN … RESTART WITH the largest id plus 1")
        : raised ? fmt::format("it starts at {}, as MySQL's counter does for these rows", seed)
        : literal_seed ? fmt::format("it starts at {}, above the ids this file inserts", seed)
                       : fmt::format("it starts at {}", seed);
    report("mysql_auto_increment_to_identity",
           column.auto_increment_range.empty() ? column.range : column.auto_increment_range,
           fmt::format("`{}` becomes a BIGINT identity column", column.name),
           {{std::move(told)},
            {"ids are assigned in blocks of 65536 per session, with gaps; rows are stored in key "
             "order, so for a table with many inserts gen_random_uuid() is better"}});
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
      if (altering) continue;
      out.add(" ", check.range);
      if (!check.name.empty()) {
        out.add("CONSTRAINT " + identifier(bounded(check.name, check.range)) + " ");
      }
      out.add("CHECK (").add(*sql).add(")");
    } else {
      report("mysql_expression_dropped", check.range, "the CHECK has no equivalent");
    }
  }
  if (column.inline_references) {
    report("mysql_inline_references_dropped", column.references_range,
           "REFERENCES on a column, which MySQL up to 8.4 parses and ignores");
  }
  if (column.invisible) {
    report("mysql_invisible_column", column.range,
           fmt::format("the invisible column `{}` becomes visible", column.name));
  }
  return true;
}

}  // namespace dsqlint::mysql
