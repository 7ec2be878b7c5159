// Identity columns: bigint only, with an explicit CACHE of 1 or at least 65536.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/alter/add_column.h"
#include "rules/shared/alter_actions.h"
#include "rules/shared/columns.h"
#include "rules/shared/identity_options.h"
#include "rules/shared/recreate_steps.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kColumn{
    .id = "identity_column",
    .summary = "identity columns are not supported at this engine date",
    .why = "A `uuid` with `gen_random_uuid()` is accepted at every date.",
    .bad = "create table t (id bigint generated always as identity (cache 1));",
    .good = "create table t (id uuid default gen_random_uuid());",
    .help = "use `uuid default gen_random_uuid()`, or let the application number the rows",
    .accepted = Capability::SequencesAndIdentity,
};

constexpr RuleInfo kType{
    .id = "identity_type",
    .summary = "identity columns have to be bigint",
    .why =
        "The engine refuses an identity column of any other type (`datatype integer not\n"
        "supported, identity column type must be bigint`), and any identity column in\n"
        "ALTER TABLE … ADD COLUMN.",
    .bad = "create table t (id integer generated always as identity (cache 1));",
    .good = "create table t (id bigint generated always as identity (cache 1));",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kCache{
    .id = "identity_cache",
    .summary = "the CACHE of an identity column has to be 1 or at least 65536",
    .why =
        "CACHE 1 assigns numbers in order, with coordination for each; CACHE 65536 and\n"
        "above is faster under load, with gaps and without order between sessions.\n"
        "Nothing between them is accepted.",
    .bad = "create table t (id bigint generated always as identity (cache 20));",
    .good = "create table t (id bigint generated always as identity (cache 1));",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kCacheMissing{
    .id = "identity_cache_missing",
    .summary = "an identity column requires an explicit CACHE",
    .why =
        "The engine does not choose between order (CACHE 1) and throughput (CACHE 65536\n"
        "and above). PostgreSQL's default is CACHE 1.",
    .bad = "create table t (id bigint generated always as identity);",
    .good = "create table t (id bigint generated always as identity (cache 1));",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kSequenceName{
    .id = "identity_sequence_name",
    .summary = "SEQUENCE NAME is not known to be accepted",
    .why =
        "An identity column's sequence is named `<table>_<column>_seq`. Naming it otherwise was\n"
        "refused in ALTER COLUMN … ADD GENERATED, and was not tried in CREATE TABLE. ALTER "
        "SEQUENCE\n"
        "… RENAME TO gives it another name.",
    .bad = "create table t (id bigint generated always as identity (sequence name t_no cache 1));",
    .good = "create table t (id bigint generated always as identity (cache 1));",
    .severity = Severity::Warning,
    .fixes = Fixes::Sometimes,
    .help =
        "remove the option and rename the sequence: `ALTER SEQUENCE <table>_<column>_seq RENAME "
        "TO …`",
};

/// The column that the Constraint of a node rule belongs to; null elsewhere.
const pg::ColumnDef* column_of(const Context& ctx) {
  return ctx.parents().empty() ? nullptr : ctx.parents().back().as<pg::ColumnDef>();
}

/// Where the column stands that the constraint of a node rule belongs to.
ColumnPlace place_of_parent(const Context& ctx) {
  const auto parents = ctx.parents();
  if (parents.size() < 2) return ColumnPlace::None;
  const AstRef above = parents[parents.size() - 2];
  if (above.kind == NodeCaseOf<pg::CreateStmt>::value) return ColumnPlace::Created;
  const auto* cmd = above.as<pg::AlterTableCmd>();
  return cmd != nullptr && cmd->subtype() == pg::AT_AddColumn ? ColumnPlace::Added
                                                              : ColumnPlace::None;
}

/// The column of CREATE TABLE, or of ALTER COLUMN … ADD GENERATED, that the identity of a node rule
/// belongs to; empty elsewhere: an added column cannot be one at all.
std::string numbered_column(const Context& ctx) {
  if (place_of_parent(ctx) == ColumnPlace::Created) {
    const pg::ColumnDef* column = column_of(ctx);
    return column == nullptr ? "" : column->colname();
  }
  const auto* cmd = ctx.parents().empty() ? nullptr : ctx.parents().back().as<pg::AlterTableCmd>();
  const bool added = cmd != nullptr && cmd->subtype() == pg::AT_AddIdentity &&
                     ctx.engine().accepts(Capability::AddGeneratedIdentity);
  return added ? cmd->name() : "";
}

/// GENERATED … AS IDENTITY [( options )] of a constraint that may begin with CONSTRAINT name.
struct IdentityTokens {
  TokenSpan all;
  size_t identity = Tokens::npos;  ///< the word IDENTITY
  size_t open = Tokens::npos;      ///< of the options
  size_t close = Tokens::npos;
};

IdentityTokens identity_tokens(const pg::Constraint& constraint, const Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  IdentityTokens found;
  const size_t first = ctx.token_at(constraint.location());
  if (first == Tokens::npos) return found;
  const TokenSpan rest = element_from(first, tokens);
  const size_t generated = tokens.find(rest, "generated");
  if (generated == Tokens::npos) return found;
  found.identity = tokens.find({generated, rest.end}, "identity");
  if (found.identity == Tokens::npos) return found;
  found.all = {generated, found.identity + 1};
  if (tokens.is_op(found.identity + 1, "(")) {
    found.open = found.identity + 1;
    found.close = tokens.close(found.open);
    if (found.close != Tokens::npos) found.all.end = found.close + 1;
  }
  return found;
}

void check_column(const pg::Constraint& constraint, Context& ctx) {
  if (constraint.contype() != pg::CONSTR_IDENTITY ||
      ctx.engine().accepts(Capability::SequencesAndIdentity)) {
    return;
  }
  const pg::ColumnDef* column = column_of(ctx);
  const IdentityTokens found = identity_tokens(constraint, ctx);
  if (column == nullptr || found.all.empty()) return;
  ctx.report({
      .range = ctx.tokens().range(found.all),
      .message = "column `" + column->colname() + "` is an identity column",
      .notes = {{ctx.engine().refusal(Capability::SequencesAndIdentity)}},
  });
}

void report_added(const pg::Constraint& constraint, const pg::ColumnDef& column,
                  std::optional<Fix> fix, Context& ctx) {
  const IdentityTokens found = identity_tokens(constraint, ctx);
  if (found.all.empty()) return;
  Diagnostic finding{
      .range = ctx.tokens().range(found.all),
      .message = "column `" + column.colname() + "` is added as an identity column",
      .fix = std::move(fix),
  };
  if (finding.fix) {
    finding.notes = {{"a sequence and a default number the rows; explicit values are still "
                      "accepted, and pg_get_serial_sequence and setval work as before"},
                     numbering_note()};
  } else {
    finding.help = "add `" + column.colname() +
                   "` as plain bigint, create a sequence with CACHE 1 and set the column's default "
                   "to its nextval";
  }
  ctx.report(std::move(finding));
}

void check_added(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  if (!ctx.engine().accepts(Capability::SequencesAndIdentity)) return;
  std::optional<AddedColumns> all;
  each_added_column(alter, [&](const pg::AlterTableCmd& cmd, const pg::ColumnDef& column) {
    for (const pg::Node& node : column.constraints()) {
      if (node.constraint().contype() != pg::CONSTR_IDENTITY) continue;
      if (!all) all.emplace(alter, ctx);
      report_added(node.constraint(), column, all->split(cmd), ctx);
    }
  });
}

/// Reports each ADD GENERATED of a column whose definition is known and fails `accepted`.
template <typename Accepted, typename Message>
void judge_generated(const pg::AlterTableStmt& alter, SchemaContext& ctx, Accepted&& accepted,
                     Message&& message) {
  if (alter.objtype() != pg::OBJECT_TABLE ||
      !ctx.engine().accepts(Capability::AddGeneratedIdentity)) {
    return;
  }
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
    if (cmd.subtype() != pg::AT_AddIdentity) continue;
    const ObjectName name = object_name(alter.relation());
    const Table* table = ctx.schema().find_altered(name);
    const Column* column = table == nullptr ? nullptr : table->column(cmd.name());
    // Of a table that the input does not create, some columns are known by name only.
    if (column == nullptr || column->type.name.empty() || accepted(*column)) continue;
    const AlterTable parts = alter_table(alter, ctx);
    ctx.report({.range = offence(parts.actions[static_cast<size_t>(i)], ctx),
                .message = message(*column),
                .help = recreate_steps(name,
                                       "`" + quote_identifier(cmd.name()) +
                                           " bigint GENERATED BY DEFAULT AS IDENTITY (CACHE 1)`",
                                       ctx.schema())});
  }
}

void check_generated_type(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  judge_generated(
      alter, ctx,
      [](const Column& column) { return column.type.name == "int8" && !column.type.array; },
      [](const Column& column) {
        return fmt::format("column `{}` is {}, and an identity column has to be bigint",
                           column.name, spell_type(column.type));
      });
}

void check_generated_null(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  judge_generated(
      alter, ctx, [](const Column& column) { return column.not_null; },
      [](const Column& column) { return nullable_identity_message(column.name); });
}

void check_type(const pg::Constraint& constraint, Context& ctx) {
  if (constraint.contype() != pg::CONSTR_IDENTITY ||
      !ctx.engine().accepts(Capability::SequencesAndIdentity)) {
    return;
  }
  const pg::ColumnDef* column = column_of(ctx);
  const ColumnPlace place = place_of_parent(ctx);
  if (column == nullptr || place == ColumnPlace::None) return;
  const Tokens& tokens = ctx.tokens();
  // Those of ALTER TABLE are check_added's, which no body reaches.
  if (place == ColumnPlace::Added && !ctx.in_body()) return;
  if (place == ColumnPlace::Added) return report_added(constraint, *column, {}, ctx);
  const TypeRef type = type_ref(column->type_name());
  if (is_serial(type)) return;  // serial_type's
  if (type.schema.empty() && type.name == "int8" && !type.array) return;
  const ColumnParts parts = column_parts(*column, ctx);
  if (parts.type.empty()) return;
  ctx.report({
      .range = tokens.range(parts.type),
      .message = "identity column `" + column->colname() + "` is not bigint",
      .notes = {{"the range becomes that of bigint"}},
      .fix = Fix{Safety::Review,
                 "make it bigint",
                 {fixers::replace(tokens, parts.type,
                                  match_case(tokens.text(parts.type.begin), "bigint"))}},
  });
}

void check_cache(const pg::Constraint& constraint, Context& ctx) {
  if (constraint.contype() != pg::CONSTR_IDENTITY ||
      !ctx.engine().accepts(Capability::SequencesAndIdentity)) {
    return;
  }
  const pg::DefElem* cache = find_option(constraint.options(), "cache");
  const std::string column = numbered_column(ctx);
  if (cache == nullptr || column.empty()) return;
  const auto value = integer_value(cache->arg());
  if (value && (*value == 1 || *value >= 65536)) return;
  const Tokens& tokens = ctx.tokens();
  const IdentityTokens found = identity_tokens(constraint, ctx);
  if (found.close == Tokens::npos) return;
  const size_t word = tokens.find({found.open + 1, found.close}, "cache");
  if (word == Tokens::npos) return;
  TokenSpan span{word, word + 2};
  if (tokens.is_op(word + 1, "-") || tokens.is_op(word + 1, "+")) ++span.end;
  const TokenSpan number{word + 1, span.end};
  Diagnostic finding{
      .range = tokens.range(span),
      .message = "identity column `" + column + "` has CACHE " + std::string(tokens.text(number)),
  };
  if (value) {
    finding.notes = {
        {"CACHE 1 keeps numbers in order; consider CACHE 65536 where many sessions "
         "insert and order does not matter"}};
    finding.fix = Fix{Safety::Review, "set the cache to 1", {fixers::replace(tokens, number, "1")}};
  } else {
    finding.help = "write CACHE 1, or CACHE 65536 where many sessions insert";
  }
  ctx.report(std::move(finding));
}

void check_cache_missing(const pg::Constraint& constraint, Context& ctx) {
  if (constraint.contype() != pg::CONSTR_IDENTITY ||
      find_option(constraint.options(), "cache") != nullptr ||
      !ctx.engine().accepts(Capability::SequencesAndIdentity)) {
    return;
  }
  const std::string column = numbered_column(ctx);
  if (column.empty()) return;
  const Tokens& tokens = ctx.tokens();
  const IdentityTokens found = identity_tokens(constraint, ctx);
  if (found.all.empty()) return;
  const std::string_view hand = tokens.text(found.identity);
  Fix fix{.safety = Safety::Exact, .title = "add CACHE 1"};
  // The word is written again, so that what another fix puts after the identity stays after it.
  fix.edits.push_back(
      found.close == Tokens::npos
          ? fixers::replace(tokens, {found.identity, found.identity + 1},
                            std::string(hand) + match_case(hand, " (cache 1)"))
          : fixers::insert_after(tokens, found.close - 1, match_case(hand, " cache 1")));
  ctx.report({
      .range = tokens.range(found.all),
      .message = "identity column `" + column + "` has no CACHE",
      .notes = {{"CACHE 1 is PostgreSQL's default; consider CACHE 65536 where many sessions insert "
                 "and order does not matter"}},
      .fix = std::move(fix),
  });
}

/// ALTER COLUMN … SET CACHE n.
void check_set_cache(const pg::AlterTableCmd& cmd, Context& ctx) {
  if (cmd.subtype() != pg::AT_SetIdentity || !ctx.engine().accepts(Capability::AlterIdentity))
    return;
  const Tokens& tokens = ctx.tokens();
  for (const pg::Node& node : cmd.def().list().items()) {
    const pg::DefElem& option = node.def_elem();
    if (option.defname() != "cache") continue;
    const auto value = integer_value(option.arg());
    if (value && (*value == 1 || *value >= 65536)) continue;
    size_t word = ctx.token_at(option.location());
    if (tokens.is(word, "set")) ++word;
    if (!tokens.is(word, "cache")) continue;
    TokenSpan span{word, word + 2};
    if (tokens.is_op(word + 1, "-") || tokens.is_op(word + 1, "+")) ++span.end;
    if (span.end > tokens.size()) continue;
    Diagnostic finding{.range = tokens.range(span),
                       .message = "identity column `" + cmd.name() + "` is given CACHE " +
                                  std::string(tokens.text({word + 1, span.end})),
                       .help = "write CACHE 1, or CACHE 65536 where many sessions insert"};
    if (value) {
      finding.notes = {
          {"CACHE 1 keeps numbers in order; consider CACHE 65536 where many sessions "
           "insert and order does not matter"}};
      finding.fix = Fix{Safety::Review,
                        "set the cache to 1",
                        {fixers::replace(tokens, {word + 1, span.end}, "1")}};
      finding.help.clear();
    }
    ctx.report(std::move(finding));
  }
}

/// The table whose column the identity is of; null elsewhere.
const pg::RangeVar* numbered_table(const Context& ctx) {
  for (const AstRef parent : ctx.parents()) {
    if (const auto* create = parent.as<pg::CreateStmt>()) return &create->relation();
    if (const auto* alter = parent.as<pg::AlterTableStmt>()) return &alter->relation();
  }
  return nullptr;
}

void check_sequence_name(const pg::Constraint& constraint, Context& ctx) {
  if (constraint.contype() != pg::CONSTR_IDENTITY ||
      !ctx.engine().accepts(Capability::SequencesAndIdentity)) {
    return;
  }
  const pg::DefElem* option = find_option(constraint.options(), "sequence_name");
  const std::string column = numbered_column(ctx);
  const pg::RangeVar* table = numbered_table(ctx);
  if (option == nullptr || column.empty() || table == nullptr) return;
  const Tokens& tokens = ctx.tokens();
  const size_t word = ctx.token_at(option->location());
  if (word == Tokens::npos || !tokens.are(word, {"sequence", "name"})) return;
  const TokenSpan span{word, tokens.skip_name(word + 2)};
  const ObjectName name = object_name(option->arg());
  const std::string made = automatic_sequence_name(table->relname(), column);
  Diagnostic finding{.range = tokens.range(span),
                     .message = "SEQUENCE NAME is not known to be accepted"};
  const bool same =
      name.name == made && (name.schema.empty() || name.schema == table->schemaname());
  if (same) {
    finding.notes.push_back({fmt::format("`{}` is the name that the sequence has anyway", made)});
    // Alone in the parentheses, it waits for the CACHE that has to stand there.
    if (constraint.options_size() > 1) {
      finding.fix = Fix{
          Safety::Exact, "remove the option", {fixers::remove(tokens, span, ctx.source().text())}};
    } else {
      finding.help = "write `CACHE 1` in its place";
    }
  } else {
    finding.notes.push_back({fmt::format("without it the sequence is named `{}`", made)});
    finding.help = fmt::format(
        "remove the option, and write `ALTER SEQUENCE {} RENAME TO {}` after "
        "the statement",
        to_sql({table->schemaname(), made}), quote_identifier(name.name));
  }
  ctx.report(std::move(finding));
}

constexpr std::array kRules = {
    rule<check_column>(kColumn),
    rule<check_type>(kType),
    rule<check_added>(kType),
    rule<check_generated_type>(kType),
    rule<check_generated_null>(kIdentityNotNull),
    rule<check_cache>(kCache),
    rule<check_set_cache>(kCache),
    rule<check_cache_missing>(kCacheMissing),
    rule<check_sequence_name>(kSequenceName),
};

}  // namespace

std::span<const Rule> identity() { return kRules; }

}  // namespace dsqlint
