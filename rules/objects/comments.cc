// COMMENT ON objects that have no comment, or do not exist.

#include <fmt/format.h>

#include <array>

#include "fixers/fixers.h"
#include "rules/shared/object_names.h"
#include "rules/shared/refusal.h"

namespace dsqlint {
namespace {

constexpr std::string_view kWhy =
    "Tables, columns, views, indexes, sequences, schemas, roles, functions and constraints of\n"
    "tables can have a comment.";

constexpr RuleInfo kObject{
    .id = "unsupported_comment",
    .summary = "this kind of object does not exist, so it cannot have a comment",
    .why = kWhy,
    .bad = "comment on extension plpgsql is 'PL/pgSQL';",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kUnverified{
    .id = "unverified_comment",
    .summary = "a comment on this kind of object is not known to be accepted",
    .why = kWhy,
    .bad = "comment on domain email is 'an address';",
    .severity = Severity::Warning,
    .help = "keep the text in a comment of the script, or on a table that uses the object",
};

constexpr RuleInfo kColumn{
    .id = "comment_on_column",
    .summary = "a column cannot have a comment at this engine date",
    .why = "Keep the text in a comment of the script, or in the table's comment.",
    .bad = "comment on column orders.placed is 'when';",
    .fixes = Fixes::Always,
    .accepted = Capability::CommentOnColumn,
};

enum class Target : uint8_t { Accepted, Unverified, Impossible };

Target target_of(pg::ObjectType kind) {
  switch (kind) {
    case pg::OBJECT_TABLE:
    case pg::OBJECT_COLUMN:
    case pg::OBJECT_VIEW:
    case pg::OBJECT_INDEX:
    case pg::OBJECT_SEQUENCE:
    case pg::OBJECT_SCHEMA:
    case pg::OBJECT_ROLE:
    case pg::OBJECT_FUNCTION:
    case pg::OBJECT_ROUTINE:
    case pg::OBJECT_TABCONSTRAINT:
      return Target::Accepted;
    case pg::OBJECT_DATABASE:
    case pg::OBJECT_DOMAIN:
    case pg::OBJECT_DOMCONSTRAINT:
    case pg::OBJECT_STATISTIC_EXT:
      return Target::Unverified;
    default:
      return Target::Impossible;
  }
}

Fix removal(const Context& ctx) {
  return {Safety::Review,
          "remove the comment",
          {fixers::remove_statement(ctx.source(), ctx.statement())}};
}

void check_object(const pg::CommentStmt& comment, Context& ctx) {
  if (target_of(comment.objtype()) != Target::Impossible) return;
  const Tokens& tokens = ctx.tokens();
  const std::string_view noun = object_noun(comment.objtype());
  const ObjectPlace place = object_place(tokens, noun);
  Diagnostic finding{.range = tokens.range(place.head)};
  finding.message =
      describe_object(tokens, noun, place) + " cannot exist, so it cannot have a comment";
  if (comment.objtype() == pg::OBJECT_MATVIEW && place.head.size() > 2) {
    const size_t word = place.head.end - 2;
    finding.notes.push_back({"it is a view on Aurora DSQL"});
    finding.fix = Fix{Safety::Review,
                      "comment on the view",
                      {fixers::remove(tokens, {word, word + 1}, ctx.source().text())}};
  } else {
    finding.notes.push_back({"the comment is lost"});
    finding.fix = removal(ctx);
  }
  ctx.report(std::move(finding));
}

void check_unverified(const pg::CommentStmt& comment, Context& ctx) {
  if (target_of(comment.objtype()) != Target::Unverified) return;
  const Tokens& tokens = ctx.tokens();
  const std::string_view noun = object_noun(comment.objtype());
  const ObjectPlace place = object_place(tokens, noun);
  ctx.report({.range = tokens.range(place.head),
              .message = fmt::format("a comment on {} is not known to be accepted",
                                     describe_object(tokens, noun, place))});
}

void check_column(const pg::CommentStmt& comment, Context& ctx) {
  if (comment.objtype() != pg::OBJECT_COLUMN || ctx.engine().accepts(Capability::CommentOnColumn)) {
    return;
  }
  const Tokens& tokens = ctx.tokens();
  const ObjectPlace place = object_place(tokens, "column");
  ctx.report(
      {.range = tokens.range(place.head),
       .message = describe_object(tokens, "column", place) + " cannot have a comment",
       .notes = {{ctx.engine().refusal(Capability::CommentOnColumn)}, {"the comment is lost"}},
       .fix = removal(ctx)});
}

constexpr std::array kRules = {rule<check_object>(kObject), rule<check_unverified>(kUnverified),
                               rule<check_column>(kColumn)};

}  // namespace

std::span<const Rule> comments() { return kRules; }

}  // namespace dsqlint
