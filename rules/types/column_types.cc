// Columns of types that Aurora DSQL refuses, and what to store instead. One row per kind of type;
// what the columns are is found once per file (refused_columns.h).

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/catalog/created_names.h"
#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "engine/parse/walk.h"
#include "fixers/fixers.h"
#include "rules/shared/type_references.h"
#include "rules/types/refused_columns.h"

namespace dsqlint {
namespace {

/// A column with its tokens.
struct Site {
  const RefusedColumn& column;
  const Context& ctx;
  ColumnParts parts;
};

std::string name_of(const Site& site) { return quote_identifier(site.column.column->colname()); }

const pg::Constraint* constraint_of(const pg::ColumnDef& column, pg::ConstrType type) {
  for (const pg::Node& node : column.constraints()) {
    if (node.constraint().contype() == type) return &node.constraint();
  }
  return nullptr;
}

bool mentions(const pg::Node& expression, std::string_view column) {
  bool found = false;
  Walker walker;
  walker.walk(unwrap(expression), [&](AstRef node, const std::vector<AstRef>&) {
    const auto* reference = node.as<pg::ColumnRef>();
    if (reference == nullptr || reference->fields_size() == 0) return;
    found = found || string_value(*reference->fields().rbegin()) == column;
  });
  return found;
}

/// Does an exclusion constraint compare the column, or look at it?
bool excludes_by(const pg::Constraint& constraint, std::string_view column) {
  return mentions(constraint.where_clause(), column) ||
         std::any_of(constraint.exclusions().begin(), constraint.exclusions().end(),
                     [&](const pg::Node& pair) {
                       const pg::IndexElem& element = pair.list().items(0).index_elem();
                       return element.name() == column || mentions(element.expr(), column);
                     });
}

/// Does a CHECK, an exclusion or a generated column of the same CREATE TABLE compute with it?
bool used_in_table(const RefusedColumn& column) {
  const std::string& name = column.column->colname();
  const auto computes = [&](const pg::Constraint& constraint) {
    if (constraint.contype() == pg::CONSTR_EXCLUSION) return excludes_by(constraint, name);
    return (constraint.contype() == pg::CONSTR_CHECK ||
            constraint.contype() == pg::CONSTR_GENERATED) &&
           mentions(constraint.raw_expr(), name);
  };
  const auto column_computes = [&](const pg::ColumnDef& definition) {
    return std::any_of(definition.constraints().begin(), definition.constraints().end(),
                       [&](const pg::Node& node) { return computes(node.constraint()); });
  };
  if (column.create == nullptr) return column_computes(*column.column);
  return std::any_of(column.create->table_elts().begin(), column.create->table_elts().end(),
                     [&](const pg::Node& element) {
                       if (element.has_constraint()) return computes(element.constraint());
                       return element.has_column_def() && column_computes(element.column_def());
                     });
}

bool excluded_in_table(const RefusedColumn& column) {
  return column.create != nullptr &&
         std::any_of(column.create->table_elts().begin(), column.create->table_elts().end(),
                     [&](const pg::Node& element) {
                       const pg::Constraint& constraint = element.constraint();
                       return constraint.contype() == pg::CONSTR_EXCLUSION &&
                              excludes_by(constraint, column.column->colname());
                     });
}

bool has_rows(const RefusedColumn& column, const Schema& schema) {
  const Table* table = schema.find_table(column.table);
  return table != nullptr &&
         std::any_of(table->events.begin(), table->events.end(), [](const TableEvent& event) {
           return event.kind == TableEvent::Kind::Inserted ||
                  event.kind == TableEvent::Kind::Changed;
         });
}

bool is_literal(const pg::Node& node) {
  if (node.has_a_const()) return true;
  if (!node.has_a_array_expr()) return false;
  const auto& elements = node.a_array_expr().elements();
  return std::all_of(elements.begin(), elements.end(),
                     [](const pg::Node& element) { return element.has_a_const(); });
}

bool is_plain(const pg::TypeName& type) {
  const KnownType* known = known_type(type_ref(type));
  return known != nullptr &&
         (known->family == TypeFamily::Plain || known->family == TypeFamily::Json);
}

/// ARRAY[…] of literals, cast to plain types or not: it becomes text by itself when it is assigned.
bool is_array_of_literals(const pg::Node& value) {
  if (!value.has_a_array_expr()) return false;
  bool literal = true;
  Walker walker;
  walker.walk(unwrap(value), [&](AstRef node, const std::vector<AstRef>& parents) {
    if (const auto* cast = node.as<pg::TypeCast>()) {
      literal = literal && is_plain(cast->type_name());
      return;
    }
    const bool inside = std::any_of(parents.begin(), parents.end(), [](AstRef parent) {
      return parent.as<pg::TypeName>() != nullptr || parent.as<pg::A_Const>() != nullptr;
    });
    literal =
        literal && (inside || node.as<pg::TypeName>() != nullptr ||
                    node.as<pg::A_ArrayExpr>() != nullptr || node.as<pg::A_Const>() != nullptr);
  });
  return literal;
}

/// What the DEFAULT of a column needs so that it fits `type`: nothing for a literal; the type of a
/// cast of one is replaced where the old one is unknown to the engine. False: the default is more
/// than a literal.
bool adapt_default(const Site& site, std::string_view type, std::vector<Edit>& edits) {
  const pg::Constraint* constraint = constraint_of(*site.column.column, pg::CONSTR_DEFAULT);
  if (constraint == nullptr) return true;
  const pg::Node* value = &constraint->raw_expr();
  if (is_literal(*value)) return true;
  if (is_array_of_literals(*value) && value->a_array_expr().elements_size() != 0) return true;
  if (!value->has_type_cast()) return false;
  const pg::TypeName& cast = value->type_cast().type_name();
  if (is_array_of_literals(value->type_cast().arg())) return is_plain(cast);
  if (!is_literal(value->type_cast().arg())) return false;
  // An array of a plain type is known in queries, and becomes text by itself.
  if (is_plain(cast)) return true;
  const TokenSpan span = type_span(cast, site.ctx);
  if (span.empty()) return false;
  edits.push_back(fixers::replace(site.ctx.tokens(), span,
                                  match_case(site.ctx.tokens().text(site.parts.type.begin), type)));
  return true;
}

/// The tokens of the DEFAULT's expression; empty when there is none.
TokenSpan default_value(const Site& site) {
  for (const ConstraintPart& part : site.parts.constraints) {
    if (part.node->contype() != pg::CONSTR_DEFAULT) continue;
    const size_t word = site.ctx.tokens().find(part.tokens, "default");
    if (word != Tokens::npos) return {word + 1, part.tokens.end};
  }
  return {};
}

const pg::Node* default_literal(const Site& site) {
  const pg::Constraint* constraint = constraint_of(*site.column.column, pg::CONSTR_DEFAULT);
  if (constraint == nullptr) return nullptr;
  const pg::Node& value = constraint->raw_expr();
  return value.has_type_cast() ? &value.type_cast().arg() : &value;
}

/// '$1,234.50' and its like as a number; nothing for what is not an amount.
std::optional<std::string> amount(const std::string& text) {
  std::string number;
  size_t digits = 0;
  for (const char c : text) {
    if (c == '$' || c == ',' || c == ' ') continue;
    if (c >= '0' && c <= '9') ++digits;
    if (!(c >= '0' && c <= '9') && c != '.' && !(c == '-' && number.empty())) return std::nullopt;
    number += c;
  }
  if (digits == 0 || std::count(number.begin(), number.end(), '.') > 1) return std::nullopt;
  return number;
}

bool adapt_money_default(const Site& site, std::vector<Edit>& edits) {
  const pg::Node* literal = default_literal(site);
  if (literal == nullptr) return true;
  if (!literal->has_a_const()) return false;
  const pg::Constraint* constraint = constraint_of(*site.column.column, pg::CONSTR_DEFAULT);
  const bool cast = constraint->raw_expr().has_type_cast();
  if (!literal->a_const().has_sval()) return !cast;
  const auto number = amount(literal->a_const().sval().sval());
  const TokenSpan span = default_value(site);
  if (!number || span.empty()) return false;
  edits.push_back(fixers::replace(site.ctx.tokens(), span, *number));
  return true;
}

bool adapt_hstore_default(const Site& site, std::vector<Edit>& edits) {
  const pg::Node* literal = default_literal(site);
  if (literal == nullptr) return true;
  const TokenSpan span = default_value(site);
  if (!literal->has_a_const() || !literal->a_const().sval().sval().empty() || span.empty()) {
    return literal->has_a_const() && literal->a_const().isnull();
  }
  edits.push_back(fixers::replace(site.ctx.tokens(), span, "'{}'"));
  return true;
}

Note use_note(const Site& site, const ScriptContext& script) {
  const Statement& use = script.document().statements()[*site.column.use];
  const Tokens words(script.source().text(), use.range);
  return {"this use of it would have to change too", words.empty() ? use.range : words.range(0)};
}

/// Replaces the type where nothing in the file shows that this would break something.
void replace_type(const Site& site, ScriptContext& script, Diagnostic& finding, bool strict,
                  std::string_view type, bool (*adapt)(const Site&, std::vector<Edit>&)) {
  const Tokens& tokens = site.ctx.tokens();
  if (strict && used_in_table(site.column)) {
    finding.notes.push_back({excluded_in_table(site.column)
                                 ? "an exclusion constraint of the table compares it"
                                 : "a constraint or a generated column of the table uses it"});
    return;
  }
  if (strict && site.column.use) {
    finding.notes.push_back(use_note(site, script));
    return;
  }
  std::vector<Edit> edits;
  const bool fits = adapt != nullptr ? adapt(site, edits) : adapt_default(site, type, edits);
  if (!fits) {
    finding.notes.push_back({"its default has to be rewritten too"});
    return;
  }
  edits.push_back(fixers::replace(tokens, site.parts.type,
                                  match_case(tokens.text(site.parts.type.begin), type)));
  finding.fix = Fix{Safety::Review, "store it as `" + std::string(type) + "`", std::move(edits)};
  finding.help.clear();
}

std::string type_text(const Site& site) {
  return std::string(site.ctx.tokens().text(site.parts.type));
}

void judge_array(const Site& site, ScriptContext& script, Diagnostic& finding) {
  finding.message = "column `" + site.column.column->colname() + "` is an array";
  TypeRef array = site.column.type.type;
  array.modifiers.clear();
  array.array = true;
  finding.help = "store it as jsonb, in a child table, or as text read with `" + name_of(site) +
                 "::" + spell_type(array) + "`, and change what uses it";
  const UserType* element = site.column.type.user;
  const bool exists = element == nullptr || element->kind == TypeKind::Enum;
  finding.notes = {
      {"it holds the array as text (`{a,b}`), which INSERT, COPY and defaults write as "
       "before; array operators and functions on it " +
       (exists ? "need a cast, `" + name_of(site) + "::" + spell_type(array) + "`"
               : std::string("fail, because the type of its elements cannot exist")) +
       "; jsonb or a child table may suit queries better"}};
  replace_type(site, script, finding, true, "text", nullptr);
  if (!finding.fix) finding.notes.erase(finding.notes.begin());
}

void judge_json(const Site& site, ScriptContext& script, Diagnostic& finding) {
  finding.message = "column `" + site.column.column->colname() + "` is " + type_text(site);
  finding.help = "store it as text and cast it where it is used as JSON";
  replace_type(site, script, finding, true, "text", nullptr);
  finding.notes.push_back({script.engine().refusal(json_capability(site.column.type.known->name))});
  if (finding.fix) finding.notes.push_back({"the text is not checked to be valid JSON"});
}

void judge_money(const Site& site, ScriptContext& script, Diagnostic& finding) {
  finding.message = "column `" + site.column.column->colname() + "` is money";
  finding.help = "make it `numeric(19,4)` and write amounts without currency signs and commas";
  if (has_rows(site.column, script.schema())) {
    finding.notes.push_back(
        {"rows of the table are written in this file, perhaps with currency signs"});
    return;
  }
  if (site.column.use) {
    finding.notes.push_back(use_note(site, script));
    return;
  }
  replace_type(site, script, finding, false, "numeric(19,4)", adapt_money_default);
  if (finding.fix) {
    finding.notes.push_back(
        {"amounts are plain numbers: no currency sign, no commas, on input and "
         "output"});
  }
}

void judge_network(const Site& site, ScriptContext& script, Diagnostic& finding) {
  const std::string type = site.column.type.type.name;
  finding.message = "column `" + site.column.column->colname() + "` is " + type;
  finding.help =
      "store it as text" +
      std::string(type == "inet" ? " and cast it in queries: `" + name_of(site) + "::inet`" : "");
  replace_type(site, script, finding, true, "text", nullptr);
  if (!finding.fix) return;
  finding.notes.push_back(
      {type == "inet" ? "addresses are no longer checked and sort as text; network operators need "
                        "a cast, `" +
                            name_of(site) + "::inet`"
                      : "values are no longer checked or normalized, and sort as text"});
}

void judge_bits(const Site& site, ScriptContext& script, Diagnostic& finding) {
  finding.message = "column `" + site.column.column->colname() + "` is a bit string";
  finding.help = "store it as text, as bytea, or one bit as boolean";
  replace_type(site, script, finding, true, "text", nullptr);
  if (finding.fix) {
    finding.notes.push_back(
        {"it holds the digits as text: their number is not checked, and bit "
         "operators do not apply"});
  }
}

void judge_geometric(const Site& site, ScriptContext& script, Diagnostic& finding) {
  const std::string name = site.column.column->colname();
  finding.message = "column `" + name + "` is a " + site.column.type.type.name;
  finding.help = site.column.type.type.name == "point"
                     ? "store two double precision columns, `" + quote_identifier(name + "_x") +
                           "` and `" + quote_identifier(name + "_y") + "`, or text"
                     : "store its coordinates in double precision columns, or as text";
  replace_type(site, script, finding, true, "text", nullptr);
  if (finding.fix) {
    finding.notes.push_back(
        {"it holds the text as it was written; geometric operators and functions are not "
         "supported, not even in queries"});
  }
}

void judge_xml(const Site& site, ScriptContext& script, Diagnostic& finding) {
  finding.message = "column `" + site.column.column->colname() + "` is xml";
  finding.help = "store it as text and read it in the application";
  replace_type(site, script, finding, true, "text", nullptr);
  if (finding.fix) {
    finding.notes.push_back(
        {"the text is not checked to be valid XML, and xpath does not apply to it"});
  }
}

/// The edits that take the column out of its CREATE or ALTER TABLE; none where nothing would stay.
std::vector<Edit> remove_column(const Site& site, const ScriptContext& script) {
  const Tokens& tokens = site.ctx.tokens();
  const std::string_view text = site.ctx.source().text();
  const auto holds = [&](TokenSpan span) {
    return span.begin <= site.parts.name.begin && site.parts.name.begin < span.end;
  };
  const auto without = [&](const std::vector<TokenSpan>& elements) -> std::vector<Edit> {
    const auto found = std::find_if(elements.begin(), elements.end(), holds);
    if (found == elements.end()) return {};
    return fixers::remove_elements(tokens, elements,
                                   {static_cast<size_t>(found - elements.begin())}, text);
  };
  if (site.column.create != nullptr) {
    if (site.column.create->table_elts_size() < 2) return {};
    return without(create_table_parts(*site.column.create, site.ctx).elements);
  }
  const AlterTableParts parts = alter_table_parts(tokens);
  if (parts.actions.size() > 1) return without(parts.actions);
  return {fixers::remove_statement(script.source(),
                                   script.document().statements()[site.column.statement])};
}

/// The edits that take out what goes with a column.
std::vector<Edit> remove_follower(const Follower& follower, const ScriptContext& script) {
  const Statement& statement = script.document().statements()[follower.statement];
  if (follower.actions.empty()) return {fixers::remove_statement(script.source(), statement)};
  const Tokens tokens = script.document().tokens(follower.statement);
  return fixers::remove_elements(tokens, alter_table_parts(tokens).actions, follower.actions,
                                 script.source().text());
}

void judge_text_search(const Site& site, ScriptContext& script, Diagnostic& finding) {
  const pg::ColumnDef& column = *site.column.column;
  finding.message = "column `" + column.colname() + "` is a " + site.column.type.type.name;
  finding.help =
      "remove `" + column.colname() + "`, its index and what fills it, and use a search service";
  // A generated column that only indexes name can go as it came.
  if (constraint_of(column, pg::CONSTR_GENERATED) == nullptr || site.column.use ||
      used_in_table(site.column)) {
    return;
  }
  std::vector<Edit> edits = remove_column(site, script);
  if (edits.empty()) return;
  for (const Follower& follower : site.column.followers) {
    const std::vector<Edit> removal = remove_follower(follower, script);
    edits.insert(edits.end(), removal.begin(), removal.end());
  }
  finding.fix =
      Fix{Safety::Review,
          site.column.followers.empty() ? "remove the generated column"
                                        : "remove the generated column and what belongs to it",
          std::move(edits)};
  finding.notes = {{"text search is not supported: use a search service"}};
  finding.follows = true;
  finding.help.clear();
}

void judge_range(const Site& site, ScriptContext&, Diagnostic& finding) {
  const std::string& name = site.column.column->colname();
  const std::string& type = site.column.type.type.name;
  finding.message = "column `" + name + "` is a range";
  const std::pair<std::string_view, std::string_view> bounds[] = {
      {"int4range", "integer"}, {"int8range", "bigint"},  {"numrange", "numeric(38,10)"},
      {"daterange", "date"},    {"tsrange", "timestamp"}, {"tstzrange", "timestamptz"}};
  const auto* bound = std::find_if(std::begin(bounds), std::end(bounds),
                                   [&](const auto& row) { return row.first == type; });
  if (bound == std::end(bounds)) {
    finding.help = type.ends_with("multirange")
                       ? "store the ranges in a child table, with a column for each bound"
                       : "store two columns, one for each bound";
    return;
  }
  finding.help = "store two columns, `" + quote_identifier(name + "_from") + " " +
                 std::string(bound->second) + "` and `" + quote_identifier(name + "_to") + " " +
                 std::string(bound->second) + "`, and compare the bounds in queries";
}

void judge_system(const Site& site, ScriptContext& script, Diagnostic& finding) {
  const KnownType* known = site.column.type.known;
  finding.message = "column `" + site.column.column->colname() + "` has the system type " +
                    spell_type(site.column.type.type);
  finding.help = "store it as " + std::string(known->replacement);
  replace_type(site, script, finding, false, known->replacement, nullptr);
  if (finding.fix && known->replacement == "bigint") {
    finding.notes.push_back({"it becomes an ordinary number, without the meaning of its old type"});
  } else if (finding.fix) {
    finding.notes.push_back({"it becomes ordinary text, without the meaning of its old type"});
  }
}

void judge_pseudo(const Site& site, ScriptContext&, Diagnostic& finding) {
  if (site.column.column->type_name().setof()) {
    finding.message = "column `" + site.column.column->colname() + "` is declared SETOF";
    finding.help = "remove SETOF, or store the values in a child table, one row for each";
    finding.notes = {
        {"SETOF is only for function results; PostgreSQL refuses it in columns as well (42P16)"}};
    return;
  }
  finding.message = "column `" + site.column.column->colname() + "` has the pseudo-type " +
                    site.column.type.type.name;
  finding.help = "give `" + site.column.column->colname() +
                 "` a real type; PostgreSQL refuses pseudo-types in columns as well";
}

void judge_extension(const Site& site, ScriptContext& script, Diagnostic& finding) {
  const KnownType* known = site.column.type.known;
  finding.message = "column `" + site.column.column->colname() + "` has the type " +
                    spell_type(site.column.type.type) + " of the extension " +
                    std::string(known->extension);
  if (known->name == "hstore") {
    finding.help = "make it jsonb, write values as JSON, and use its operators";
    if (has_rows(site.column, script.schema())) {
      finding.notes.push_back(
          {"rows of the table are written in this file, in the format of hstore"});
      return;
    }
    replace_type(site, script, finding, true, "jsonb", adapt_hstore_default);
    if (finding.fix) {
      finding.notes.push_back(
          {"values are written as JSON (`{\"a\": \"b\"}`), and the functions of hstore are not "
           "available"});
    }
  } else if (known->name == "citext") {
    finding.help = "make it text and compare with lower()";
    replace_type(site, script, finding, false, "text", nullptr);
    if (finding.fix) {
      finding.notes.push_back(
          {"comparison, uniqueness and sorting become case-sensitive: compare "
           "with `lower(" +
           name_of(site) +
           ")`, and create a unique index on that if the values have to be unique"});
    }
  } else if (!known->replacement.empty()) {
    finding.help = "store it as " + std::string(known->replacement);
    replace_type(site, script, finding, true, known->replacement, nullptr);
    if (finding.fix) finding.notes.push_back({"the operators of the extension do not exist"});
  } else {
    finding.help = known->extension == "vector"
                       ? "keep the vectors in a vector store, or store them as text or bytea"
                       : "store it as text or bytea, or as columns of plain types";
  }
}

void judge_user_defined(const Site& site, ScriptContext&, Diagnostic& finding) {
  finding.message = "column `" + site.column.column->colname() + "` has the " +
                    (site.column.type.row ? "row type" : "user-defined type") + " `" +
                    spell_type(site.column.type.type) + "`";
  finding.help = "flatten it into a column for each field, or store it as jsonb";
}

void judge_unknown(const Site& site, ScriptContext& script, Diagnostic& finding) {
  const TypeRef& type = site.column.type.type;
  const auto& later = script.notes<LaterFiles>().find;
  const std::string place =
      later ? later(CreatedKind::Type, ObjectName{type.schema, type.name}) : std::string();
  finding.message =
      fmt::format("type `{}` of column `{}` is {}", spell_type(type), site.column.column->colname(),
                  place.empty() ? "not defined in the input" : "defined only later, in " + place);
  if (!place.empty()) {
    finding.help = "name the files in the order they run";
    return;
  }
  finding.help =
      "define it first, as a domain over a built-in type; enums, composite types and types of "
      "extensions are not supported";
}

void judge_key_bytes(const Site& site, ScriptContext& script, Diagnostic& finding) {
  const std::string name = name_of(site);
  finding.message = "column `" + site.column.column->colname() + "` is bytea and part of a key";
  finding.help = "store `" + name +
                 "` as text in hexadecimal, with all columns that refer to it, or give `" +
                 to_sql(site.column.table) + "` a key of another type, for example a uuid";
  replace_type(site, script, finding, true, "text", nullptr);
  if (!finding.fix) return;
  finding.notes = {
      {"it holds the bytes as text of the form `\\x0a1b`: a bytea value that is written to it is "
       "converted; text that the application writes or reads has to have that form, in lower case"},
      {"bytes are read with a cast, `" + name +
       "::bytea`; the text sorts like the bytes, and takes twice as much of the about 1 KiB of a "
       "key"}};
}

struct KindRow {
  RefusedKind kind;
  void (*judge)(const Site& site, ScriptContext& script, Diagnostic& finding);
  RuleInfo info;
};

constexpr KindRow kKinds[] = {
    {RefusedKind::Array,
     judge_array,
     {
         .id = "array_type",
         .summary = "array columns are not supported",
         .why = "Arrays exist in queries only. Use a child table with a row per element, or\n"
                "jsonb to keep the value together. A text column accepts what was written\n"
                "before (`{a,b}`), and is read with a cast: `tags::text[]`.",
         .bad = "create table t (tags text[]);",
         .good = "create table t (tags text);",
         .fixes = Fixes::Sometimes,
     }},
    {RefusedKind::Json,
     judge_json,
     {
         .id = "json_type",
         .summary = "json and jsonb columns are not supported at this engine date",
         .why = "Store JSON as text and cast it in queries.",
         .bad = "create table t (doc jsonb);",
         .good = "create table t (doc text);",
         .fixes = Fixes::Sometimes,
         .accepted = Capability::JsonbColumns,
         .accepted_parts = {Capability::JsonColumns},
     }},
    {RefusedKind::Money,
     judge_money,
     {
         .id = "money_type",
         .summary = "`money` columns are not supported",
         .why = "`numeric(19,4)` holds every amount that money does, with two more decimals.",
         .bad = "create table t (price money);",
         .good = "create table t (price numeric(19,4));",
         .fixes = Fixes::Sometimes,
     }},
    {RefusedKind::Network,
     judge_network,
     {
         .id = "network_type",
         .summary = "`inet`, `cidr` and `macaddr` columns are not supported",
         .why = "inet exists in queries only: store text and cast it, `addr::inet`. cidr and\n"
                "macaddr do not exist; store them as text.",
         .bad = "create table t (addr inet);",
         .good = "create table t (addr text);",
         .fixes = Fixes::Sometimes,
     }},
    {RefusedKind::Bits,
     judge_bits,
     {
         .id = "bit_type",
         .summary = "`bit` columns are not supported",
         .why = "Store the digits as text, the bytes as bytea, or a single bit as boolean.",
         .bad = "create table t (flags bit(8));",
         .good = "create table t (flags text);",
         .fixes = Fixes::Sometimes,
     }},
    {RefusedKind::Geometric,
     judge_geometric,
     {
         .id = "geometric_type",
         .summary = "geometric columns are not supported",
         .why = "Points, lines and shapes do not exist, not even in queries. Store coordinates\n"
                "in double precision columns, or the value as text for the application to read.",
         .bad = "create table t (place point);",
         .good = "create table t (place text);",
         .fixes = Fixes::Sometimes,
     }},
    {RefusedKind::Xml,
     judge_xml,
     {
         .id = "xml_type",
         .summary = "`xml` columns are not supported",
         .why = "Store the document as text.",
         .bad = "create table t (doc xml);",
         .good = "create table t (doc text);",
         .fixes = Fixes::Sometimes,
     }},
    {RefusedKind::TextSearch,
     judge_text_search,
     {
         .id = "text_search_type",
         .summary = "text-search columns are not supported",
         .why = "tsvector, tsquery and their functions do not exist. Use a search service; for\n"
                "small tables LIKE and regular expressions are enough.",
         .bad = "create table t (body text, words tsvector);",
         .good = "create table t (body text);",
         .fixes = Fixes::Sometimes,
     }},
    {RefusedKind::Range,
     judge_range,
     {
         .id = "range_type",
         .summary = "range columns are not supported",
         .why = "Store the bounds in two columns and compare them.",
         .bad = "create table t (during tstzrange);",
         .good = "create table t (during_from timestamptz, during_to timestamptz);",
     }},
    {RefusedKind::System,
     judge_system,
     {
         .id = "system_type",
         .summary = "columns of PostgreSQL's internal types are not supported",
         .why = "Object identifiers, transaction ids, log positions, `name` and `\"char\"` are\n"
                "for the catalogs of PostgreSQL. Store numbers as bigint, and the rest as text.",
         .bad = "create table t (relation regclass);",
         .good = "create table t (relation text);",
         .fixes = Fixes::Sometimes,
     }},
    {RefusedKind::Pseudo,
     judge_pseudo,
     {
         .id = "pseudo_type",
         .summary = "pseudo-types cannot be columns",
         .why = "They are allowed in function signatures only, in PostgreSQL too.",
         .bad = "create table t (x record);",
         .good = "create table t (x jsonb);",
     }},
    {RefusedKind::Extension,
     judge_extension,
     {
         .id = "extension_type",
         .summary = "types of extensions are not supported",
         .why = "There are no extensions. Use text compared with `lower(…)` for citext, jsonb\n"
                "for hstore, and text for ltree; store vectors and geometries as text or bytea,\n"
                "or outside the database.",
         .bad = "create table t (name citext);",
         .good = "create table t (name text);",
         .fixes = Fixes::Sometimes,
     }},
    {RefusedKind::UserDefined,
     judge_user_defined,
     {
         .id = "composite_type",
         .summary = "composite types are not supported",
         .why = "The row type of a table exists in queries only, and CREATE TYPE is refused, so\n"
                "no column can have a composite type. Flatten it into columns, or store it as\n"
                "jsonb.",
         .bad = "create table a (x integer); create table b (one a);",
         .good = "create table a (x integer); create table b (one_x integer);",
     }},
    {RefusedKind::Unknown,
     judge_unknown,
     {
         .id = "unknown_type",
         .summary = "the type of a column is not known",
         .why = "The input does not define it, and PostgreSQL does not have it. If it exists,\n"
                "it has to be a domain; other types, made by CREATE TYPE or an extension, are\n"
                "refused.",
         .bad = "create table t (feeling mood);",
         .good = "create domain mood as text; create table t (feeling mood);",
         .severity = Severity::Warning,
     }},
    {RefusedKind::KeyBytes,
     judge_key_bytes,
     {
         .id = "bytea_key",
         .summary = "bytea cannot be part of a key",
         .why = "Primary keys, unique constraints and indexes cannot contain bytea. As text in\n"
                "hexadecimal (`\\x0a1b`) the values compare and sort as before; cast them where\n"
                "bytes are needed. For a 16-byte id, uuid may be the better type.",
         .bad = "create table t (digest bytea primary key);",
         .good = "create table t (digest text primary key);",
         .fixes = Fixes::Sometimes,
     }},
};

template <size_t row>
void check(ScriptContext& script) {
  for (const RefusedColumn& column : script.facts<RefusedColumns>().all()) {
    if (column.kind != kKinds[row].kind) continue;
    const Statement& statement = script.document().statements()[column.statement];
    Tokens tokens(script.source().text(), statement.range);
    std::vector<Diagnostic> unused;
    const Context ctx(script.source(), statement, tokens, script.engine(), unused);
    const Site site{column, ctx, column_parts(*column.column, ctx)};
    if (site.parts.type.empty()) continue;
    Diagnostic finding{.range = tokens.range(site.parts.type)};
    kKinds[row].judge(site, script, finding);
    const bool removed = finding.fix && !column.followers.empty();
    script.report(std::move(finding));
    if (!removed) continue;
    for (const Follower& follower : column.followers) {
      if (!follower.actions.empty()) continue;
      script.claim(script.document().statements()[follower.statement]);
    }
  }
}

constexpr bool is_user_defined(const KindRow& row) { return row.kind == RefusedKind::UserDefined; }

template <size_t... rows>
constexpr auto make_rules(std::index_sequence<rows...>) {
  constexpr const RuleInfo& user_defined =
      std::find_if(std::begin(kKinds), std::end(kKinds), is_user_defined)->info;
  return std::array{
      rule<check<rows>>(kKinds[rows].info)...,   rule<check_view_types>(user_defined),
      rule<check_function_types>(user_defined),  rule<note_created_columns>(kKinds[0].info),
      rule<note_schema_columns>(kKinds[0].info), rule<note_added_columns>(kKinds[0].info)};
}

constexpr auto kRules = make_rules(std::make_index_sequence<std::size(kKinds)>());

}  // namespace

std::span<const Rule> column_types() { return kRules; }

}  // namespace dsqlint
