// CREATE, ALTER and DROP TYPE. An enum becomes a domain of the same name, so that columns, casts
// and functions keep theirs; other types have no counterpart.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "engine/catalog/generated_names.h"
#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/alter/column_objects.h"
#include "rules/alter/type_changes.h"
#include "rules/shared/batches.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kCreate{
    .id = "unsupported_create_type",
    .summary = "CREATE TYPE is not supported",
    .why =
        "A domain over text with a CHECK takes the place of an enum: it has the same name, so\n"
        "columns, casts and functions keep theirs. Its values sort as text, not in the order\n"
        "of the list, and the list cannot grow later. Composite types are flattened into\n"
        "columns or stored as jsonb, ranges as two columns.",
    .bad = "create type mood as enum ('glad', 'sad');",
    .good = "create domain mood as text check (value in ('glad', 'sad'));",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kAlter{
    .id = "unsupported_alter_type",
    .summary = "ALTER TYPE is not supported",
    .why =
        "An enum becomes a domain (see unsupported_create_type). Values that the same\n"
        "input adds later go into its list; the owner, name and schema of a domain can\n"
        "be changed. Its CHECK cannot be replaced later.",
    .bad = "alter type mood add value 'calm';",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kDrop{
    .id = "unsupported_drop_type",
    .summary = "DROP TYPE is not supported",
    .why =
        "There are no types to drop, so it fails with IF EXISTS as well. A domain that\n"
        "replaced an enum is dropped with DROP DOMAIN, without CASCADE.",
    .bad = "drop type mood;",
    .good = "drop domain if exists mood;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kFunction{
    .id = "enum_function",
    .summary = "enum functions require an enum type",
    .why =
        "There are no enums: a domain replaces one, and these functions cannot list a\n"
        "domain's values. Write the values where they are needed, or keep them in a\n"
        "table.",
    .bad = "select unnest(enum_range(null::mood));",
    .good = "select unnest(array['glad', 'sad']);",
    .help =
        "write the values themselves: `ARRAY[…]` in place of enum_range, with `unnest` for rows, "
        "and the single value in place of enum_first and enum_last",
};

/// The list of values of CREATE TYPE … AS ENUM ( … ), or of the domain it became.
struct LabelList {
  size_t open = Tokens::npos;
  size_t close = Tokens::npos;
};

LabelList enum_list(const Tokens& tokens) {
  const size_t word = tokens.find(tokens.all(), "enum");
  if (word == Tokens::npos || !tokens.is_op(word + 1, "(")) return {};
  return {word + 1, tokens.close(word + 1)};
}

LabelList domain_list(const Tokens& tokens) {
  for (size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (tokens.are(i, {"value", "in"}) && tokens.is_op(i + 2, "(")) {
      return {i + 2, tokens.close(i + 2)};
    }
  }
  return {};
}

void check_enum(const pg::CreateEnumStmt& create, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const std::string name = to_sql(object_name(create.type_name()));
  Diagnostic finding{
      .range = ctx.head(),
      .message = "type `" + name + "` is an enum",
      .notes = {{"values sort as text, not in the order of the list; enum_range and similar "
                 "functions do not apply; the list cannot be changed later"}},
  };
  const LabelList list = enum_list(tokens);
  if (create.vals_size() == 0 || list.close == Tokens::npos || !tokens.is(1, "type")) {
    finding.notes.clear();
    finding.help = "make it a domain over text that lists its values: `create domain " + name +
                   " as text check (value in ('…'))`";
  } else {
    const std::string_view hand = tokens.text(list.open - 1);
    finding.fix = Fix{
        Safety::Review,
        "make it a domain over text",
        {fixers::replace(tokens, {1, 2}, match_case(tokens.text(1), "domain")),
         fixers::replace(tokens, {list.open - 1, list.open},
                         "text " + match_case(hand, "check (value in")),
         fixers::insert_after(tokens, list.close, ")")},
    };
  }
  ctx.report(std::move(finding));
}

void refuse(Context& ctx, std::string message, std::string help) {
  ctx.report({.range = ctx.head(), .message = std::move(message), .help = std::move(help)});
}

void check_composite(const pg::CompositeTypeStmt& create, Context& ctx) {
  const std::string name = to_sql(object_name(create.typevar()));
  std::string fields;
  for (const pg::Node& node : create.coldeflist()) {
    if (!fields.empty()) fields += ", ";
    fields += "`" + node.column_def().colname() + "`";
  }
  refuse(ctx, "type `" + name + "` is composite",
         "give each table that uses it the columns " + fields + ", or store it as jsonb");
}

void check_range(const pg::CreateRangeStmt& create, Context& ctx) {
  refuse(ctx, "type `" + to_sql(object_name(create.type_name())) + "` is a range",
         "store the bounds in two columns and compare them");
}

void check_base(const pg::DefineStmt& define, Context& ctx) {
  if (define.kind() != pg::OBJECT_TYPE) return;
  refuse(ctx, "type `" + to_sql(object_name(define.defnames())) + "` is a base type",
         "use a built-in type, or a domain over one");
}

bool is_type(pg::ObjectType kind) { return kind == pg::OBJECT_TYPE || kind == pg::OBJECT_DOMAIN; }

/// The enums of a file, and the domains they became, by bare name in order of creation.
struct EnumTypes {
  explicit EnumTypes(ScriptContext& ctx) : schema(ctx.schema()) {
    const std::vector<UserType>& types = schema.types();
    for (size_t i = schema.first_type(); i < types.size(); ++i) {
      if (!is_listed(types[i])) continue;
      add(types[i], types[i].name);
      for (const ObjectName& earlier : types[i].earlier_names) add(types[i], earlier);
    }
    for (const auto& [i, rename] : StatementsOf<pg::RenameStmt>(ctx.document())) {
      if (is_type(rename.rename_type())) note_departure(rename.object(), i);
    }
    for (const auto& [i, move] : StatementsOf<pg::AlterObjectSchemaStmt>(ctx.document())) {
      if (is_type(move.object_type())) note_departure(move.object(), i);
    }
  }
  static bool is_listed(const UserType& type) {
    return type.kind == TypeKind::Enum || type.kind == TypeKind::Domain;
  }
  void add(const UserType& type, const ObjectName& name) {
    std::vector<const UserType*>& known = by_name[name.name];
    if (known.empty() || known.back() != &type) known.push_back(&type);
  }
  void note_departure(const pg::Node& object, size_t statement) {
    departures[object_name(object).name].push_back(statement);
  }
  /// Is the schema that the name says, or leaves out, the type's own, at `statement`?
  bool is_exact(const UserType& type, const ObjectName& name, size_t statement) const {
    if (type.name == name) return true;
    if (std::find(type.earlier_names.begin(), type.earlier_names.end(), name) ==
        type.earlier_names.end()) {
      return false;
    }
    const auto left = departures.find(name.name);
    const size_t since = type.created.file >= schema.file() ? type.created.index : 0;
    return left == departures.end() ||
           std::none_of(left->second.begin(), left->second.end(),
                        [&](size_t i) { return i >= since && i < statement; });
  }
  /// Of this file's that are made before `statement`: the newest of exactly that schema, else the
  /// newest that the name can mean; else one of earlier files, or any.
  const UserType* find(const ObjectName& name, size_t statement) const {
    const UserType* earlier = schema.find_type(name);
    if (earlier != nullptr && (earlier->created.file >= schema.file() || !is_listed(*earlier))) {
      earlier = nullptr;
    }
    const auto known = by_name.find(name.name);
    if (known == by_name.end()) return earlier;
    const UserType* found = nullptr;
    const auto rank = [&](const UserType& type) {
      return std::pair(type.created.index < statement, is_exact(type, name, statement));
    };
    for (const UserType* type : known->second) {
      if (!schemas_agree(type->name, name) && !type->had_name(name)) continue;
      if (found == nullptr || rank(*type) > rank(*found) ||
          (rank(*type) == rank(*found) && type->created.index < statement)) {
        found = type;
      }
    }
    if (earlier != nullptr && (found == nullptr || (is_exact(*earlier, name, statement) &&
                                                    !is_exact(*found, name, statement)))) {
      return earlier;
    }
    return found;
  }
  const Schema& schema;
  std::unordered_map<std::string, std::vector<const UserType*>> by_name;
  /// By bare name: the statements by which a type of that name gets another one, or another schema.
  std::unordered_map<std::string, std::vector<size_t>> departures;
};

Range head_of(const Tokens& tokens) {
  return tokens.range(TokenSpan{0, std::min<size_t>(2, tokens.size())});
}

/// TYPE becomes DOMAIN.
Edit name_domain(const Tokens& tokens) {
  return fixers::replace(tokens, {1, 2}, match_case(tokens.text(1), "domain"));
}

/// Takes out a statement whose meaning moves elsewhere; its comments stay.
void take_out(const Statement& statement, const Tokens& tokens, const SourceFile& source,
              std::vector<Edit>& edits) {
  const std::vector<Edit> removal =
      fixers::remove_statement_around_comments(source, statement, tokens, {});
  edits.insert(edits.end(), removal.begin(), removal.end());
}

/// ALTER TYPE … ADD VALUE: into the list of the CREATE TYPE of the same file.
void fold_value(const pg::AlterEnumStmt& alter, size_t index, const UserType& type,
                std::set<std::pair<const UserType*, std::string>>& added, ScriptContext& ctx,
                Diagnostic& finding) {
  if (!ctx.is_beside(type.created, index) || type.created.index >= index) return;
  const auto statements = ctx.document().statements();
  const std::string_view text = ctx.source().text();
  const Tokens create = ctx.document().tokens(type.created.index);
  const LabelList list = type.kind == TypeKind::Enum ? enum_list(create) : domain_list(create);
  if (list.close == Tokens::npos || list.close == list.open + 1) return;
  const Tokens tokens = ctx.document().tokens(index);
  size_t label = tokens.find(tokens.all(), "value");
  if (label == Tokens::npos) return;
  ++label;
  if (tokens.are(label, {"if", "not", "exists"})) label += 3;
  if (label >= tokens.size() || tokens[label].kind != TokenKind::String) return;
  Fix fix{.safety = Safety::Review, .title = "list the value where the type is created"};
  const bool listed =
      std::find(type.labels.begin(), type.labels.end(), alter.new_val()) != type.labels.end();
  if (!listed && added.emplace(&type, alter.new_val()).second) {
    fix.edits.push_back(
        fixers::append_element(create, list.open, list.close, tokens.text(label), text));
  }
  take_out(statements[index], tokens, ctx.source(), fix.edits);
  finding.fix = std::move(fix);
  finding.notes = {{"the value is allowed from the start"}};
}

std::string in_quotes(const std::string& label) {
  std::string quoted = "'";
  for (const char c : label) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

/// A column of an enum when one of its values gets another name.
struct LabeledColumn {
  ObjectName table;
  std::string column;
  bool defaults = false;  ///< to that value
  bool unclear = false;   ///< it has a default that another file writes
};

/// The columns of enums at the statements that change their values.
struct LabeledColumns {
  std::unordered_map<size_t, std::vector<LabeledColumn>> by_statement;
};

/// Is the default that label, perhaps with a cast?
bool is_label(const pg::Node& value, const std::string& label) {
  const pg::Node& inner = value.has_type_cast() ? value.type_cast().arg() : value;
  return inner.a_const().has_sval() && inner.a_const().sval().sval() == label;
}

/// The tables that have, or have had, a column of a type of that bare name.
class TypedTables {
 public:
  /// What ALTER TABLE may bring is looked for when it is asked for next.
  void note(TableId table) { altered_.push_back(table); }
  /// In order.
  std::vector<TableId> find(const UserType& type, const Schema& schema) {
    for (const TableId table : altered_) add(table, schema);
    altered_.clear();
    for (; known_ < schema.tables().size(); ++known_) add(known_, schema);
    std::vector<TableId> found = by_type_[type.name.name];
    for (const ObjectName& earlier : type.earlier_names) {
      const std::vector<TableId>& more = by_type_[earlier.name];
      found.insert(found.end(), more.begin(), more.end());
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

 private:
  void add(TableId table, const Schema& schema) {
    for (const Column& column : schema.tables()[table].columns) {
      std::vector<TableId>& tables = by_type_[column.type.name];
      if (tables.empty() || tables.back() != table) tables.push_back(table);
    }
  }

  std::unordered_map<std::string, std::vector<TableId>> by_type_;
  TableId known_ = 0;  ///< tables before it are
  std::vector<TableId> altered_;
};

void note_altered_tables(const pg::AlterTableStmt& alter, NoteContext& ctx) {
  const Table* table = ctx.schema().find_table(object_name(alter.relation()));
  if (table == nullptr) return;
  ctx.notes<TypedTables>().note(static_cast<TableId>(table - ctx.schema().tables().data()));
}

void note_labeled_columns(const pg::AlterEnumStmt& alter, NoteContext& ctx) {
  const Schema& schema = ctx.schema();
  const UserType* type = schema.find_type(object_name(alter.type_name()));
  // A value that is added goes into a list of the same file.
  const bool listed = alter.old_val().empty();
  if (type == nullptr || (listed && type->created.file == ctx.file())) return;
  const auto number = static_cast<uint32_t>(type - schema.types().data());
  std::vector<LabeledColumn>& columns = ctx.notes<LabeledColumns>().by_statement[ctx.index()];
  for (const TableId id : ctx.notes<TypedTables>().find(*type, schema)) {
    const Table& table = schema.tables()[id];
    if (table.dropped) continue;
    for (const Column& column : table.columns) {
      const ObjectName name{column.type.schema, column.type.name};
      if (column.type.array || (name.name != type->name.name && !type->had_name(name)) ||
          ctx.notes<TypeChanges>().type_of(table, column, schema) != number) {
        continue;
      }
      const auto source = ctx.notes<ColumnDefaults>().find(table, column, schema);
      columns.push_back({table.name, column.name,
                         source && is_label(*source->value, alter.old_val()),
                         column.has_default && !source});
    }
  }
}

const std::vector<LabeledColumn>& columns_of(size_t statement, const ScriptContext& ctx) {
  static const std::vector<LabeledColumn> kNone;
  const auto& known = ctx.notes<LabeledColumns>().by_statement;
  const auto found = known.find(statement);
  return found == known.end() ? kNone : found->second;
}

/// Where the values that ALTER TYPE renames are written, other than in such statements and in rows.
class WrittenLabels {
 public:
  explicit WrittenLabels(ScriptContext& ctx) {
    size_t longest = 0;
    for (const auto& [index, alter] : StatementsOf<pg::AlterEnumStmt>(ctx.document())) {
      if (alter.old_val().empty()) continue;
      const std::string label = in_quotes(alter.old_val());
      longest = std::max(longest, label.size());
      places_.try_emplace(label);
    }
    if (places_.empty()) return;
    const std::string_view text = ctx.source().text();
    uint32_t begin = 0;
    for (const Range rows : ctx.document().rows()) {
      find(text.substr(0, rows.begin), begin, longest, ctx.document());
      begin = rows.end;
    }
    find(text, begin, longest, ctx.document());
  }

  /// Is it written from `begin` on, before `end`?
  bool any(const std::string& label, uint32_t begin, uint32_t end) const {
    const auto known = places_.find(label);
    if (known == places_.end()) return false;
    const auto place = std::lower_bound(known->second.begin(), known->second.end(), begin);
    return place != known->second.end() && *place < end;
  }

 private:
  /// Between two quotes, or, with quotes in it, between several.
  void find(std::string_view text, uint32_t begin, size_t longest, const Document& document) {
    for (size_t at = text.find('\'', begin); at != std::string_view::npos;
         at = text.find('\'', at + 1)) {
      for (size_t end = text.find('\'', at + 1);
           end != std::string_view::npos && end - at < longest; end = text.find('\'', end + 1)) {
        const auto known = places_.find(text.substr(at, end + 1 - at));
        if (known != places_.end() && !is_of_type(static_cast<uint32_t>(at), document)) {
          known->second.push_back(static_cast<uint32_t>(at));
        }
        // Quotes in a label are doubled.
        if (end + 1 == text.size() || text[end + 1] != '\'') break;
        ++end;
      }
    }
  }
  static bool is_of_type(uint32_t at, const Document& document) {
    const size_t i = document.statement_at(at);
    return i < document.statements().size() &&
           document.statements()[i].kind == NodeCaseOf<pg::AlterEnumStmt>::value &&
           document.statements()[i].tree != nullptr;
  }

  std::map<std::string, std::vector<uint32_t>, std::less<>> places_;
};

/// Is the label written anywhere between the type's creation and `statement`, other than where
/// types are altered?
bool is_written(const std::string& label, const UserType& type, size_t statement,
                ScriptContext& ctx) {
  const auto statements = ctx.document().statements();
  return ctx.facts<WrittenLabels>().any(label, statements[type.created.index].end,
                                        statements[statement].range.begin);
}

/// The statements take the place of `statement`, whose comments stay after them.
std::vector<Edit> replace_statement(const Statement& statement, const Tokens& tokens,
                                    const std::vector<std::string>& statements,
                                    const SourceFile& source) {
  if (statements.empty()) {
    return fixers::remove_statement_around_comments(source, statement, tokens, {});
  }
  std::string line(fixers::line_break(source.text()));
  line += fixers::indentation(source.text(), statement.range.begin);
  std::string text;
  for (const std::string& sql : statements) {
    if (!text.empty()) text += ";" + line;
    for (const char c : sql) text += c == '\n' ? line : std::string(1, c);
  }
  return fixers::replace_around_comments(tokens, tokens.all(), std::move(text), source.text(), {});
}

/// What gives the rows of an enum's columns the new label, and their defaults.
std::vector<std::string> relabel(const std::vector<LabeledColumn>& columns, std::string_view sample,
                                 std::string_view old_label, std::string_view new_label,
                                 const Engine& engine) {
  const auto cased = [&](std::string_view sql) { return match_case(sample, sql); };
  std::vector<std::string> statements;
  for (const LabeledColumn& column : columns) {
    const std::string table = to_sql(column.table);
    const std::string name = quote_identifier(column.column);
    if (column.defaults && engine.accepts(Capability::ColumnDefaults)) {
      statements.push_back(cased("alter table ") + table + cased(" alter column ") + name +
                           cased(" set default ") + std::string(new_label));
    }
    statements.push_back(std::string(kInBatches) + cased("update ") + table + cased(" set ") +
                         name + " = " + std::string(new_label) + cased(" where ") + name + " = " +
                         std::string(old_label));
  }
  return statements;
}

constexpr std::string_view kRenameValue = "rename the value where the type is created";
constexpr std::string_view kListNewValue = "list the new value where the type is created";

Note stays_allowed(const std::string& label, size_t statement, const ScriptContext& ctx) {
  std::string message =
      "`" + label + "` stays allowed, because statements before this one write it";
  const auto& columns = columns_of(statement, ctx);
  const bool known = ctx.engine().accepts(Capability::ColumnDefaults) &&
                     std::none_of(columns.begin(), columns.end(),
                                  [](const LabeledColumn& column) { return column.unclear; });
  if (!known) {
    message += "; a default of that value stays too: give the column a new one with SET DEFAULT";
  }
  return {std::move(message)};
}

/// ALTER TYPE … RENAME VALUE: in the list of the CREATE TYPE of the same file. Where statements in
/// between write the old label, it stays beside the new one.
void fold_rename(const pg::AlterEnumStmt& alter, size_t index, const UserType& type,
                 ScriptContext& ctx, Diagnostic& finding) {
  if (!ctx.is_beside(type.created, index) || type.created.index >= index) return;
  const auto statements = ctx.document().statements();
  const std::string_view text = ctx.source().text();
  const Tokens create = ctx.document().tokens(type.created.index);
  const LabelList list = type.kind == TypeKind::Enum ? enum_list(create) : domain_list(create);
  if (list.close == Tokens::npos) return;
  const std::string old_label = in_quotes(alter.old_val());
  size_t label = list.open + 1;
  while (label < list.close && create.text(label) != old_label) ++label;
  const Tokens tokens = ctx.document().tokens(index);
  const size_t last = tokens.size() - 1;
  if (label == list.close || tokens.text(last) != in_quotes(alter.new_val())) return;
  Fix fix{.safety = Safety::Review, .title = std::string(kRenameValue)};
  if (is_written(old_label, type, index, ctx)) {
    fix.title = kListNewValue;
    fix.edits.push_back(
        fixers::append_element(create, list.open, list.close, tokens.text(last), text));
    const std::vector<Edit> edits = replace_statement(
        statements[index], tokens,
        relabel(columns_of(index, ctx), tokens.text(0), old_label, tokens.text(last), ctx.engine()),
        ctx.source());
    fix.edits.insert(fix.edits.end(), edits.begin(), edits.end());
    finding.notes = {stays_allowed(alter.old_val(), index, ctx)};
  } else {
    fix.edits.push_back(
        fixers::replace(create, {label, label + 1}, std::string(tokens.text(last))));
    take_out(statements[index], tokens, ctx.source(), fix.edits);
    finding.notes = {{"it has its new name from the start"}};
  }
  finding.fix = std::move(fix);
}

/// The names that types which no file creates get in this one, each with the name it had before.
using TypeRenames = std::map<std::string, std::string>;

/// What PostgreSQL has called the CHECK of the domain: after the domain's name at its creation, for
/// it does not follow a later one.
std::string check_name(const ObjectName& name, const UserType* type, const TypeRenames& renames) {
  std::string made = name.name;
  if (type != nullptr) {
    made = type->earlier_names.empty() ? type->name.name : type->earlier_names.front().name;
  } else if (const auto renamed = renames.find(made); renamed != renames.end()) {
    made = renamed->second;
  }
  return generated_name(made, {}, "check");
}

/// What has been done in this pass, by type as SQL.
struct Released {
  std::set<std::string> types;    ///< whose CHECK goes
  std::set<std::string> renamed;  ///< that have had a value renamed
};

/// The type is a domain by now, made by an earlier file or run: its CHECK goes, and the columns can
/// be checked instead.
void release(const pg::AlterEnumStmt& alter, size_t index, const ObjectName& name,
             const UserType* type, const TypeRenames& type_renames, Released& released,
             ScriptContext& ctx, Diagnostic& finding) {
  const Tokens tokens = ctx.document().tokens(index);
  const Statement& statement = ctx.document().statements()[index];
  const std::vector<LabeledColumn>& columns = columns_of(index, ctx);
  const bool renames = !alter.old_val().empty();
  // Of a type that the input creates all columns are known.
  if (!tokens.is(1, "type") || (renames && columns.empty() && type == nullptr)) return;
  const std::string spelled = to_sql(name);
  if (renames && !released.renamed.insert(spelled).second) {
    finding.notes = {
        {"an earlier statement renames a value of the type, too: that has to be "
         "replaced first"}};
    return;
  }
  Fix fix{.safety = Safety::Review, .title = "let the domain that replaced it accept any text"};
  std::vector<std::string> instead;
  if (released.types.insert(spelled).second) {
    instead.push_back(match_case(tokens.text(0), "alter domain ") + spelled +
                      match_case(tokens.text(0), " drop constraint if exists ") +
                      quote_identifier(check_name(name, type, type_renames)));
  }
  if (renames) {
    const std::vector<std::string> updates =
        relabel(columns, tokens.text(0), in_quotes(alter.old_val()), in_quotes(alter.new_val()),
                ctx.engine());
    instead.insert(instead.end(), updates.begin(), updates.end());
  }
  fix.edits = replace_statement(statement, tokens, instead, ctx.source());
  std::string where = columns.empty() ? "its columns" : "";
  for (const LabeledColumn& column : columns) {
    if (!where.empty()) where += ", ";
    where += "`" + to_sql(column.table) + "." + quote_identifier(column.column) + "`";
  }
  finding.notes = {{"a type created by an earlier run is a domain by now, whose CHECK cannot be "
                    "replaced: without the CHECK any text is allowed"},
                   {"to keep checking the values, add `CONSTRAINT … CHECK (… IN ('…')) NOT VALID` "
                    "with all values to the tables of " +
                    where + ", and validate it with ALTER TABLE ASYNC"}};
  finding.fix = std::move(fix);
}

void note_rename(const pg::RenameStmt& rename, TypeRenames& renames) {
  if (!is_type(rename.rename_type())) return;
  std::string made = object_name(rename.object()).name;
  if (const auto earlier = renames.extract(made)) made = earlier.mapped();
  renames[rename.newname()] = std::move(made);
}

/// What makes a value that a later statement renames again.
struct MadeValue {
  Fix fix;
  bool written;  ///< by UPDATEs, so that it has to stay
};

void check_alter(ScriptContext& ctx) {
  std::set<std::pair<const UserType*, std::string>> added;
  Released released;
  TypeRenames type_renames;
  std::map<std::pair<const UserType*, std::string>, MadeValue> made;
  const auto statements = ctx.document().statements();
  for (size_t i = 0; i < statements.size(); ++i) {
    if (statements[i].tree == nullptr) continue;
    const AstRef tree = tree_of(statements[i]);
    ObjectName name;
    std::string what;
    bool renames = false;
    const auto* value = tree.as<pg::AlterEnumStmt>();
    if (value != nullptr) {
      name = object_name(value->type_name());
      what = value->old_val().empty() ? "adds a value to" : "renames a value of";
    } else if (const auto* owner = tree.as<pg::AlterOwnerStmt>()) {
      if (owner->object_type() != pg::OBJECT_TYPE) continue;
      name = object_name(owner->object());
      what = "changes the owner of";
      renames = true;
    } else if (const auto* rename = tree.as<pg::RenameStmt>()) {
      note_rename(*rename, type_renames);
      if (rename->rename_type() == pg::OBJECT_ATTRIBUTE) {
        name = object_name(rename->relation());
        what = "renames an attribute of";
      } else if (rename->rename_type() == pg::OBJECT_TYPE) {
        name = object_name(rename->object());
        what = "renames";
        renames = true;
      } else {
        continue;
      }
    } else if (const auto* move = tree.as<pg::AlterObjectSchemaStmt>()) {
      if (move->object_type() != pg::OBJECT_TYPE) continue;
      name = object_name(move->object());
      what = "moves";
      renames = true;
    } else if (const auto* property = tree.as<pg::AlterTypeStmt>()) {
      name = object_name(property->type_name());
      what = "changes properties of";
    } else if (const auto* attribute = tree.as<pg::AlterTableStmt>()) {
      if (attribute->objtype() != pg::OBJECT_TYPE) continue;
      name = object_name(attribute->relation());
      what = "changes the attributes of";
    } else {
      continue;
    }
    const Tokens tokens = ctx.document().tokens(i);
    Diagnostic finding{
        .range = head_of(tokens),
        .message = "ALTER TYPE " + what + " `" + to_sql(name) + "`",
    };
    const UserType* type = ctx.facts<EnumTypes>().find(name, i);
    if (type != nullptr && renames && tokens.is(1, "type")) {
      finding.fix = Fix{Safety::Review, "alter the domain that it becomes", {name_domain(tokens)}};
      finding.notes = {{"the enum becomes a domain of the same name"}};
    } else if (type != nullptr && value != nullptr && value->old_val().empty()) {
      fold_value(*value, i, *type, added, ctx, finding);
    } else if (type != nullptr && value != nullptr) {
      fold_rename(*value, i, *type, ctx, finding);
      const auto waits_for = made.find({type, value->old_val()});
      // The value gets its earlier name first, in this pass.
      if (!finding.fix && waits_for != made.end()) {
        finding.fix = waits_for->second.fix;
        if (waits_for->second.written || is_written(in_quotes(value->old_val()), *type, i, ctx)) {
          finding.fix->title = kListNewValue;
          finding.notes = {stays_allowed(value->old_val(), i, ctx)};
        } else {
          finding.fix->title = kRenameValue;
        }
      }
    }
    if (finding.fix && value != nullptr) {
      const bool written = finding.fix->title == kListNewValue && !columns_of(i, ctx).empty();
      made.emplace(std::pair(type, value->new_val()), MadeValue{*finding.fix, written});
    }
    const bool made_before = type == nullptr || !ctx.is_beside(type->created, i);
    if (!finding.fix && value != nullptr && made_before) {
      release(*value, i, name, type, type_renames, released, ctx, finding);
    }
    if (!finding.fix && value != nullptr) {
      finding.help = "change the list of `" + to_sql(name) +
                     "` where it is created as a domain; the CHECK of an existing domain cannot be "
                     "replaced: drop it, and check the columns instead (ADD CONSTRAINT … CHECK … "
                     "NOT VALID)";
    } else if (!finding.fix) {
      finding.help = "change the columns that replaced `" + to_sql(name) + "`";
    }
    ctx.report(std::move(finding));
  }
}

/// A name that nothing has, for a domain that stays where PostgreSQL drops a type. An earlier file
/// may have left one as well: see old_column_name.
std::string leftover_name(const std::string& name, const std::set<std::string>& chosen,
                          uint32_t number, ScriptContext& ctx) {
  const std::string file = number == 0 ? "" : std::to_string(number);
  const std::vector<UserType>& types = ctx.schema().types();
  return first_free(name + "_kept" + file, [&](const std::string& wanted) {
    return chosen.contains(wanted) ||
           std::any_of(types.begin(), types.end(), [&](const UserType& type) {
             return type.name.name == wanted || type.had_name({"", wanted});
           });
  });
}

/// What takes the place of a DROP TYPE when columns that stay use one of the domains: those get
/// other names, so that theirs are free. Of one that the input does not create nothing is known.
void keep_domains(const pg::DropStmt& drop, const std::vector<TypeChanges::DroppedType>& types,
                  size_t index, std::set<std::string>& chosen, ScriptContext& ctx,
                  Diagnostic& finding) {
  const Tokens tokens = ctx.document().tokens(index);
  const auto cased = [&](std::string_view sql) { return match_case(tokens.text(0), sql); };
  const auto limit = static_cast<size_t>(ctx.engine().limits().identifier_bytes);
  std::vector<std::string> statements;
  bool renames = false;
  for (size_t i = 0; i < types.size(); ++i) {
    const ObjectName name = object_name(drop.objects(static_cast<int>(i)));
    const auto& kept = types[i].kept;
    if (!kept) {
      statements.push_back(cased("drop domain ") +
                           cased(drop.missing_ok() || !types[i].type ? "if exists " : "") +
                           to_sql(name));
      continue;
    }
    std::string why = fmt::format(
        "{2} cannot be dropped while a column uses it, and `{1}` may use it: run `ALTER TABLE {0} "
        "DROP COLUMN {1}` first, then `DROP DOMAIN`",
        kept->table, kept->column,
        drop.remove_type() == pg::OBJECT_DOMAIN ? "a domain" : "the domain that replaced the enum");
    const std::string leftover = leftover_name(name.name, chosen, ctx.file(index), ctx);
    if (types[i].type && leftover.size() <= limit) {
      chosen.insert(leftover);
      statements.push_back(cased("alter domain ") + to_sql(name) + cased(" rename to ") +
                           quote_identifier(leftover));
      why += fmt::format(" {}; until then its name is free", quote_identifier(leftover));
      renames = true;
    }
    finding.notes.push_back({std::move(why)});
  }
  const char* title = renames              ? "give the domain another name"
                      : statements.empty() ? "remove the statement"
                                           : "drop the domains that no column uses";
  finding.fix =
      Fix{Safety::Review, title,
          replace_statement(ctx.document().statements()[index], tokens, statements, ctx.source())};
}

void check_drop(ScriptContext& ctx) {
  const auto statements = ctx.document().statements();
  std::set<std::string> chosen;  // names of domains that stay
  for (size_t i = 0; i < statements.size(); ++i) {
    const auto* drop = tree_of(statements[i]).as<pg::DropStmt>();
    if (statements[i].tree == nullptr || drop == nullptr) continue;
    const auto& types = ctx.notes<TypeChanges>().dropped_by(i);
    const bool kept =
        std::any_of(types.begin(), types.end(), [](const auto& type) { return type.kept; });
    const bool domain = drop->remove_type() == pg::OBJECT_DOMAIN;
    if (domain ? !kept : drop->remove_type() != pg::OBJECT_TYPE) continue;
    const Tokens tokens = ctx.document().tokens(i);
    std::string names;
    bool known = true;  // all of them
    for (const pg::Node& object : drop->objects()) {
      const ObjectName name = object_name(object);
      if (!names.empty()) names += ", ";
      names += "`" + to_sql(name) + "`";
      known = known && ctx.facts<EnumTypes>().find(name, i) != nullptr;
    }
    Diagnostic finding{
        .range = head_of(tokens),
        .message =
            domain ? "columns that stay use " + names : "DROP TYPE is not supported for " + names,
    };
    if (!domain && !tokens.is(1, "type")) {
      finding.help = "write DROP DOMAIN IF EXISTS, without CASCADE";
      ctx.report(std::move(finding));
      continue;
    }
    if (kept) {
      keep_domains(*drop, types, i, chosen, ctx, finding);
      ctx.report(std::move(finding));
      continue;
    }
    Fix fix{
        .safety = Safety::Review,
        .title = known ? "drop the domain that it becomes" : "drop the domain, if there is one"};
    fix.edits.push_back(name_domain(tokens));
    std::string note =
        known ? "the enum becomes a domain of the same name"
              : "user-defined types are not supported; a domain may have replaced an enum";
    if (!known && !drop->missing_ok()) {
      fix.edits.push_back(
          fixers::insert_before(tokens, 2, match_case(tokens.text(0), "IF EXISTS ")));
    }
    if (drop->behavior() == pg::DROP_CASCADE && tokens.is(tokens.size() - 1, "cascade")) {
      fix.edits.push_back(
          fixers::remove(tokens, {tokens.size() - 1, tokens.size()}, ctx.source().text()));
      note +=
          "; DROP DOMAIN does not support CASCADE, so what uses the domain has to be dropped first";
    }
    finding.notes = {{std::move(note)}};
    finding.fix = std::move(fix);
    ctx.report(std::move(finding));
  }
}

void check_function(const pg::FuncCall& call, Context& ctx) {
  const std::string_view name = builtin_name(call.funcname());
  if (!is_one_of(name, {"enum_first", "enum_last", "enum_range"})) return;
  const size_t at = ctx.token_at(call.location());
  if (at == Tokens::npos) return;
  ctx.report({
      .range = ctx.tokens().range(TokenSpan{at, std::max(ctx.tokens().skip_name(at), at + 1)}),
      .message = fmt::format("function `{}` requires an enum, and enums are not supported", name),
  });
}

constexpr std::array kRules = {
    rule<check_enum>(kCreate),         rule<check_composite>(kCreate),
    rule<check_range>(kCreate),        rule<check_base>(kCreate),
    rule<check_alter>(kAlter),         rule<check_drop>(kDrop),
    rule<check_function>(kFunction),   rule<note_labeled_columns>(kAlter),
    rule<note_altered_tables>(kAlter),
};

}  // namespace

std::span<const Rule> enum_types() { return kRules; }

}  // namespace dsqlint
