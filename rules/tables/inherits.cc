// inherits: INHERITS ( parents ). Where the parents are in the input, LIKE copies what they define.

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/columns.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kInfo{
    .id = "inherits",
    .summary = "table inheritance is not supported",
    .why =
        "Tables are independent of each other. `LIKE parent` copies the columns of the\n"
        "parent once; a query of the parent does not return rows of the child, so use\n"
        "UNION ALL where both are wanted. Where the parent is not in the input, its\n"
        "columns are not copied.",
    .bad = "create table b (y integer) inherits (a);",
    .good = "create table b (y integer);",
    .fixes = Fixes::Always,
};

/// The CREATE TABLE of a table of this file; null for others.
const pg::CreateStmt* create_of(const Table& table, const SchemaContext& ctx) {
  if (table.created.file < ctx.schema().file()) return nullptr;
  const pg::CreateStmt* found = nullptr;
  each_created_table(tree_of(ctx.document().statements()[table.created.index]),
                     [&](const pg::CreateStmt& create) {
                       if (create.relation().relname() == table.name.name) found = &create;
                     });
  return found;
}

/// The columns of a table as far as they are known.
struct KnownColumns {
  std::vector<const Column*> columns;
  bool complete = true;
};

/// Those that INHERITS and LIKE bring it included.
KnownColumns all_columns(const Table* table, const SchemaContext& ctx) {
  constexpr size_t kMostTables = 64;
  KnownColumns known;
  std::vector<const Table*> tables = {table};
  for (size_t i = 0; i < tables.size() && i < kMostTables; ++i) {
    if (tables[i] == nullptr) {
      known.complete = false;
      continue;
    }
    for (const Column& column : tables[i]->columns) known.columns.push_back(&column);
    if (tables[i]->complete) continue;
    const pg::CreateStmt* create = create_of(*tables[i], ctx);
    if (create == nullptr || create->has_partbound() || create->has_of_typename()) {
      known.complete = false;
      continue;
    }
    for (const pg::Node& parent : create->inh_relations()) {
      tables.push_back(ctx.schema().find_table(object_name(parent.range_var())));
    }
    for (const pg::Node& element : create->table_elts()) {
      if (!element.has_table_like_clause()) continue;
      tables.push_back(
          ctx.schema().find_table(object_name(element.table_like_clause().relation())));
    }
  }
  if (tables.size() > kMostTables) known.complete = false;
  return known;
}

/// A parent, and what is known of it.
struct Parent {
  TokenSpan written;
  const Table* table = nullptr;
  KnownColumns known = {};
  int like = -1;  ///< the element that copies it already

  /// May it have a default that a sequence feeds? Where that becomes an identity column, INCLUDING
  /// DEFAULTS does not copy it.
  bool counts() const {
    return !known.complete ||
           std::any_of(known.columns.begin(), known.columns.end(), [](const Column* column) {
             return is_serial(column->type) || column->sequence.has_value();
           });
  }
};

std::vector<Parent> parents_of(const pg::CreateStmt& create, const std::vector<TokenSpan>& written,
                               const SchemaContext& ctx) {
  std::vector<Parent> parents;
  for (int i = 0; i < create.inh_relations_size(); ++i) {
    const ObjectName name = object_name(create.inh_relations(i).range_var());
    Parent& parent = parents.emplace_back();
    parent.written = written[static_cast<size_t>(i)];
    parent.table = ctx.schema().find_table(name);
    parent.known = all_columns(parent.table, ctx);
    for (int element = 0; element < create.table_elts_size(); ++element) {
      if (!create.table_elts(element).has_table_like_clause()) continue;
      const ObjectName like =
          object_name(create.table_elts(element).table_like_clause().relation());
      if (like.name == name.name && schemas_agree(like, name)) parent.like = element;
    }
  }
  return parents;
}

/// The names of the columns that the elements of a table bring.
struct OwnColumns {
  std::set<std::string_view> names;
  bool complete = true;
};

OwnColumns own_columns(const pg::CreateStmt& create, const SchemaContext& ctx) {
  OwnColumns own;
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_column_def()) {
      own.names.insert(element.column_def().colname());
    } else if (element.has_table_like_clause()) {
      const ObjectName source = object_name(element.table_like_clause().relation());
      const KnownColumns known = all_columns(ctx.schema().find_table(source), ctx);
      for (const Column* column : known.columns) own.names.insert(column->name);
      own.complete = own.complete && known.complete;
    }
  }
  return own;
}

/// Can LIKE replace INHERITS: are the parents known, and is no column declared twice?
bool can_copy(const std::vector<Parent>& parents, const OwnColumns& own) {
  std::set<std::string_view> names = own.names;
  for (const Parent& parent : parents) {
    if (parent.like >= 0) continue;
    if (parent.table == nullptr) return false;
    for (const Column* column : parent.known.columns) {
      if (!names.insert(column->name).second) return false;
    }
  }
  return true;
}

/// A column as Aurora DSQL takes it.
std::string declare(const Column& column, const SchemaContext& ctx) {
  const std::string name = quote_identifier(column.name);
  if (is_serial(column.type)) return name + " bigint GENERATED BY DEFAULT AS IDENTITY (CACHE 1)";
  const ResolvedType type = resolve_type(column.type, ctx.schema());
  const bool refused = column_verdict(type, ctx.engine()) == TypeVerdict::Refused;
  const std::string_view stored = refused ? stored_as(type) : "";
  return name + " " + (stored.empty() ? spell_type(column.type) : std::string(stored)) +
         (column.not_null ? " NOT NULL" : "");
}

/// The columns that the parents have and the table has not; nothing where a parent is not known.
std::optional<std::string> missing_columns(const std::vector<Parent>& parents,
                                           const OwnColumns& own, const SchemaContext& ctx) {
  std::set<std::string_view> names = own.names;
  std::string missing;
  for (const Parent& parent : parents) {
    if (parent.like >= 0) continue;
    if (!parent.known.complete || !own.complete) return std::nullopt;
    for (const Column* column : parent.known.columns) {
      if (!names.insert(column->name).second) continue;
      missing += (missing.empty() ? "`" : ", `") + declare(*column, ctx) + "`";
    }
  }
  return missing;
}

/// ` including …`: what a child inherits, but for what LIKE copies already.
std::string including(const Parent& parent, const pg::TableLikeClause& like) {
  constexpr std::array<std::pair<pg::TableLikeOption, std::string_view>, 4> kInherited = {
      {{pg::CREATE_TABLE_LIKE_DEFAULTS, "defaults"},
       {pg::CREATE_TABLE_LIKE_CONSTRAINTS, "constraints"},
       {pg::CREATE_TABLE_LIKE_GENERATED, "generated"},
       {pg::CREATE_TABLE_LIKE_IDENTITY, "identity"}}};
  std::string words;
  for (const auto& [option, word] : kInherited) {
    if (includes(like, option)) continue;
    if (option == pg::CREATE_TABLE_LIKE_IDENTITY && !parent.counts()) continue;
    words += " including ";
    words += word;
  }
  return words;
}

void check(const pg::CreateStmt& create, SchemaContext& ctx) {
  if (create.inh_relations_size() == 0 || create.has_partbound()) return;
  const Tokens& tokens = ctx.tokens();
  const CreateTableParts parts = create_table_parts(create, ctx);
  const size_t word = tokens.find(parts.tail, "inherits");
  const size_t close = word == Tokens::npos ? word : tokens.close(word + 1);
  if (close == Tokens::npos || parts.open == Tokens::npos) return;
  const std::vector<TokenSpan> written = tokens.split({word + 2, close});
  if (written.size() != static_cast<size_t>(create.inh_relations_size())) return;
  const std::string_view text = ctx.source().text();
  const TokenSpan clause{word, close + 1};
  const std::string& name = create.relation().relname();
  Diagnostic finding{
      .range = tokens.range(clause),
      .message =
          "table `" + name + "` inherits from " + std::string(tokens.text({word + 2, close})),
      .fix =
          Fix{Safety::Review, "remove the clause", {fixers::remove_clause(tokens, clause, text)}},
  };
  const std::vector<Parent> parents = parents_of(create, written, ctx);
  const OwnColumns own = own_columns(create, ctx);
  if (can_copy(parents, own)) {
    finding.fix->title = "copy the parent's columns with LIKE";
    finding.notes = {{"queries of the parent no longer see the rows of `" + name +
                      "`, and later changes of the parent do not apply to it"}};
    std::string copied;
    for (const Parent& parent : parents) {
      for (const Column* column : parent.known.columns) {
        if (!is_serial(column->type)) continue;
        finding.notes.push_back(
            {"`" + column->name + "` of `" + name +
             "` has its own counter: its numbers are unique within one table only"});
      }
      if (parent.like >= 0) {
        const auto element = static_cast<size_t>(parent.like);
        const pg::TableLikeClause& like = create.table_elts(parent.like).table_like_clause();
        const std::string words = match_case(tokens.text(word), including(parent, like));
        if (element < parts.elements.size() && !words.empty()) {
          finding.fix->edits.push_back(
              fixers::insert_after(tokens, parts.elements[element].end - 1, words));
        }
        continue;
      }
      copied += copied.empty() ? "" : ", ";
      copied += match_case(tokens.text(word), "like ") + std::string(tokens.text(parent.written)) +
                match_case(tokens.text(word), including(parent, pg::TableLikeClause()));
    }
    if (copied.empty()) {
      finding.fix->title = "copy the columns with LIKE";
    } else if (parts.open + 1 == parts.close) {
      // Both parentheses are taken, so that no other fix adds a first element at the same time.
      const Range list{tokens[parts.open].begin, tokens[parts.close].end};
      finding.fix->edits.push_back(touches_comment(tokens, list)
                                       ? fixers::insert_after(tokens, parts.open, copied)
                                       : fixers::replace(list, "(" + copied + ")"));
    } else {
      const uint32_t first = tokens[parts.open + 1].begin;
      const bool own_line =
          text.substr(tokens[parts.open].end, first - tokens[parts.open].end).find('\n') !=
          std::string_view::npos;
      copied += ",";
      copied += own_line ? std::string(fixers::line_break(text)) +
                               std::string(fixers::indentation(text, first))
                         : " ";
      finding.fix->edits.push_back(fixers::insert_before(tokens, parts.open + 1, copied));
    }
  } else {
    const std::optional<std::string> missing = missing_columns(parents, own, ctx);
    std::string note = "queries of the parent no longer see the rows of `" + name + "`";
    if (!missing || !missing->empty()) {
      note =
          "the columns of the parent are NOT copied: add " + missing.value_or("them") + "; " + note;
    }
    finding.notes = {{std::move(note)}};
  }
  ctx.report(std::move(finding));
}

void check_in_schema(const pg::CreateSchemaStmt& schema, SchemaContext& ctx) {
  for (const pg::Node& element : schema.schema_elts()) {
    if (element.has_create_stmt()) check(element.create_stmt(), ctx);
  }
}

constexpr std::array kRules = {rule<check>(kInfo), rule<check_in_schema>(kInfo)};

}  // namespace

std::span<const Rule> inherits() { return kRules; }

}  // namespace dsqlint
