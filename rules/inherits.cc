// inherits: INHERITS ( parents ). Where the parents are in the input, LIKE copies what they define.

#include <algorithm>
#include <array>
#include <set>

#include "engine/names.h"
#include "engine/rule.h"
#include "fixers/fixers.h"
#include "rules/columns.h"
#include "rules/type_verdicts.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kInfo{
    .id = "inherits",
    .summary = "table inheritance is not supported",
    .why =
        "Tables stand alone. `LIKE parent` copies the columns of the parent once; a query of the\n"
        "parent no longer sees rows of the child, so write UNION ALL where both are wanted.\n"
        "Where the parent is not in the input its columns are not copied.",
    .bad = "create table b (y integer) inherits (a);",
    .good = "create table b (y integer);",
    .fixes = Fixes::Always,
};

/// Can LIKE stand for INHERITS: are the parents known, and no column declared twice?
bool can_copy(const pg::CreateStmt& create, const Schema& schema) {
  std::set<std::string_view> names;
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_column_def()) names.insert(element.column_def().colname());
  }
  for (const pg::Node& node : create.inh_relations()) {
    const Table* parent = schema.find_table(object_name(node.range_var()));
    if (parent == nullptr) return false;
    for (const Column& column : parent->columns) {
      if (!names.insert(column.name).second) return false;
    }
  }
  return true;
}

/// The columns that the parents have and the table has not, as they are declared; empty where a
/// parent is not known.
std::string missing_columns(const pg::CreateStmt& create, const Schema& schema) {
  std::set<std::string> names;
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_column_def()) names.insert(element.column_def().colname());
  }
  std::string missing;
  for (const pg::Node& node : create.inh_relations()) {
    const Table* parent = schema.find_table(object_name(node.range_var()));
    if (parent == nullptr || !parent->complete) return {};
    for (const Column& column : parent->columns) {
      if (!names.insert(column.name).second) continue;
      missing += missing.empty() ? "`" : ", `";
      missing += quote_identifier(column.name) + " " + spell_type(column.type) +
                 (column.not_null ? " NOT NULL`" : "`");
    }
  }
  return missing;
}

void check(const pg::CreateStmt& create, SchemaContext& ctx) {
  if (create.inh_relations_size() == 0 || create.has_partbound()) return;
  const Tokens& tokens = ctx.tokens();
  const CreateTableParts parts = create_table_parts(create, ctx);
  const size_t word = tokens.find(parts.tail, "inherits");
  const size_t close = word == Tokens::npos ? word : tokens.close(word + 1);
  if (close == Tokens::npos || parts.open == Tokens::npos) return;
  const std::string_view text = ctx.source().text();
  const TokenSpan clause{word, close + 1};
  Diagnostic finding{
      .range = tokens.range(clause),
      .message = "table `" + create.relation().relname() + "` inherits from " +
                 std::string(tokens.text({word + 2, close})),
      .fix =
          Fix{Safety::Review, "remove the clause", {fixers::remove_clause(tokens, clause, text)}},
  };
  if (can_copy(create, ctx.schema())) {
    finding.fix->title = "copy the parent's columns with LIKE";
    finding.notes = {{"queries of the parent no longer see the rows of `" +
                      create.relation().relname() + "`, and later changes of it do not reach it"}};
    std::string copied;
    for (const TokenSpan parent : tokens.split({word + 2, close})) {
      copied += copied.empty() ? "" : ", ";
      copied += match_case(tokens.text(word), "like ") + std::string(tokens.text(parent)) +
                match_case(tokens.text(word),
                           " including defaults including constraints including generated");
    }
    if (parts.open + 1 == parts.close) {
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
    const std::string missing = missing_columns(create, ctx.schema());
    finding.notes = {{"the columns of the parent are NOT copied: add " +
                      (missing.empty() ? std::string("them") : missing) +
                      "; queries of the parent no longer see the rows of `" +
                      create.relation().relname() + "`"}};
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
