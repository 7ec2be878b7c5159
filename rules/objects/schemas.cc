// CREATE SCHEMA with elements, and what was not accepted before its day: names, schemas and owners
// of objects other than tables.

#include <fmt/format.h>

#include <array>

#include "engine/parse/names.h"
#include "rules/shared/object_names.h"
#include "rules/shared/refusal.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kElement{
    .id = "create_schema_element",
    .summary = "CREATE SCHEMA cannot contain this element",
    .why =
        "Tables, views, sequences and grants can be elements of CREATE SCHEMA. An index\n"
        "is built in the background (CREATE INDEX ASYNC), which has to be a separate\n"
        "statement.",
    .bad = "create schema app create table t (a integer) create index t_a on t (a);",
    .accepted_parts = {Capability::CreateSchemaElements},
};

constexpr RuleInfo kMove{
    .id = "rename_or_owner",
    .summary = "the name, schema or owner of the object cannot be changed at this engine date",
    .why = "RENAME, SET SCHEMA and OWNER TO are refused. Create the object again instead.",
    .bad = "alter view v rename to w;",
    .accepted = Capability::RenameAndOwner,
};

void check_elements(const pg::CreateSchemaStmt& create, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  for (const pg::Node& element : create.schema_elts()) {
    std::string_view what;
    std::string_view help;
    size_t at = Tokens::npos;
    std::vector<Note> notes;
    switch (element.node_case()) {
      case pg::Node::kIndexStmt:
        what = "an index";
        help = "write CREATE INDEX ASYNC as a separate statement, with the table's schema";
        break;
      case pg::Node::kCreateTrigStmt:
        what = "a trigger";
        help = "let the application do what the trigger does";
        break;
      case pg::Node::kCreateSeqStmt:
      case pg::Node::kGrantStmt:
        if (ctx.engine().accepts(Capability::CreateSchemaElements)) continue;
        what = element.has_grant_stmt() ? "a grant" : "a sequence";
        help = "write it as a separate statement";
        notes.push_back({ctx.engine().refusal(Capability::CreateSchemaElements)});
        break;
      default:
        continue;
    }
    // Elements have no position in the tree: the first words that can begin one.
    const bool index = element.has_index_stmt();
    for (size_t i = 2; i + 1 < tokens.size() && at == Tokens::npos; ++i) {
      if (element.has_grant_stmt() ? tokens.is(i, "grant") : tokens.is(i, "create")) {
        const size_t next = tokens.is(i + 1, "unique") ? i + 2 : i + 1;
        if (element.has_grant_stmt() ||
            tokens.is(next, index                           ? "index"
                            : element.has_create_seq_stmt() ? "sequence"
                                                            : "trigger")) {
          at = i;
        }
      }
    }
    ctx.report({.range = at == Tokens::npos
                             ? ctx.head()
                             : tokens.range(TokenSpan{at, std::min(at + 2, tokens.size())}),
                .message = fmt::format("{} cannot be created inside CREATE SCHEMA", what),
                .notes = std::move(notes),
                .help = std::string(help)});
  }
}

bool is_judged(pg::ObjectType kind) {
  return kind == pg::OBJECT_VIEW || kind == pg::OBJECT_FUNCTION || kind == pg::OBJECT_ROUTINE ||
         kind == pg::OBJECT_DOMAIN || kind == pg::OBJECT_SCHEMA;
}

void report_move(pg::ObjectType kind, std::string_view what, Context& ctx) {
  if (!is_judged(kind) || ctx.engine().accepts(Capability::RenameAndOwner)) return;
  const ObjectPlace place = object_place(ctx.tokens(), object_noun(kind));
  ctx.report({.range = ctx.tokens().range(place.head),
              .message = fmt::format("{} cannot get another {}",
                                     describe_object(ctx.tokens(), object_noun(kind), place), what),
              .notes = {{ctx.engine().refusal(Capability::RenameAndOwner)}},
              .help = "drop the object and recreate it"});
}

void check_rename(const pg::RenameStmt& rename, Context& ctx) {
  report_move(rename.rename_type(), "name", ctx);
}
void check_move(const pg::AlterObjectSchemaStmt& move, Context& ctx) {
  report_move(move.object_type(), "schema", ctx);
}
void check_owner(const pg::AlterOwnerStmt& owner, Context& ctx) {
  report_move(owner.object_type(), "owner", ctx);
}

constexpr std::array kRules = {rule<check_elements>(kElement), rule<check_rename>(kMove),
                               rule<check_move>(kMove), rule<check_owner>(kMove)};

}  // namespace

std::span<const Rule> schemas() { return kRules; }

}  // namespace dsqlint
