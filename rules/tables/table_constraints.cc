// What constraints may not say: DEFERRABLE outside foreign keys, EXCLUDE, storage of their indexes.

#include <algorithm>
#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/columns.h"

namespace dsqlint {
namespace {

std::string_view kind_word(pg::ConstrType type) {
  switch (type) {
    case pg::CONSTR_PRIMARY:
      return "the primary key";
    case pg::CONSTR_UNIQUE:
      return "a unique constraint";
    case pg::CONSTR_CHECK:
      return "a check constraint";
    case pg::CONSTR_EXCLUSION:
      return "an exclusion constraint";
    case pg::CONSTR_NOTNULL:
    case pg::CONSTR_NULL:
      return "NOT NULL";
    default:
      return "a constraint";
  }
}

/// The tokens of a constraint with its attributes: of a column's, up to the next one; of a table's,
/// its whole element.
TokenSpan constraint_span(const pg::Constraint& constraint, const Context& ctx) {
  if (!ctx.parents().empty()) {
    if (const auto* column = ctx.parents().back().as<pg::ColumnDef>()) {
      const ColumnParts parts = column_parts(*column, ctx);
      for (const ConstraintPart& part : parts.constraints) {
        if (part.node == &constraint) return part.tokens;
      }
      return {};
    }
  }
  const size_t first = ctx.token_at(constraint.location());
  return first == Tokens::npos ? TokenSpan{} : element_from(first, ctx.tokens());
}

constexpr RuleInfo kDeferrable{
    .id = "deferrable_constraint",
    .summary = "only foreign keys can be deferrable",
    .why =
        "Primary keys, unique and check constraints are checked by each statement. Code\n"
        "that breaks one temporarily inside a transaction (to swap two values) has to\n"
        "use another order.",
    .bad = "create table t (id bigint primary key deferrable initially deferred);",
    .good = "create table t (id bigint primary key);",
    .fixes = Fixes::Always,
};

void report_deferrable(const pg::Constraint& constraint, TokenSpan span, Context& ctx) {
  const TokenSpan words = deferrable_words(ctx.tokens(), span);
  if (words.empty()) return;
  ctx.report({
      .range = ctx.tokens().range(words),
      .message = std::string(kind_word(constraint.contype())) + " is deferrable",
      .notes = {{"it is checked after each statement, not at the end of the transaction"}},
      .fix = Fix{Safety::Review,
                 "remove it",
                 {fixers::remove(ctx.tokens(), words, ctx.source().text())}},
  });
}

void check_deferrable(const pg::Constraint& constraint, Context& ctx) {
  // A table's constraint carries the flags itself; NOT DEFERRABLE alone says nothing.
  if ((constraint.deferrable() || constraint.initdeferred()) &&
      constraint.contype() != pg::CONSTR_FOREIGN) {
    report_deferrable(constraint, constraint_span(constraint, ctx), ctx);
  }
}

void check_deferrable_column(const pg::ColumnDef& column, Context& ctx) {
  const auto defers = [](const pg::Node& node) {
    return node.constraint().contype() == pg::CONSTR_ATTR_DEFERRABLE ||
           node.constraint().contype() == pg::CONSTR_ATTR_DEFERRED;
  };
  if (std::none_of(column.constraints().begin(), column.constraints().end(), defers)) return;
  if (column_place(ctx) == ColumnPlace::None) return;
  for (const ConstraintPart& part : column_parts(column, ctx).constraints) {
    if (part.node->contype() == pg::CONSTR_FOREIGN) continue;
    const Tokens& tokens = ctx.tokens();
    const size_t word = tokens.find(part.tokens, "deferrable");
    const bool deferrable = word != Tokens::npos && !tokens.is(word - 1, "not");
    const size_t initially = tokens.find(part.tokens, "initially");
    if (deferrable || (initially != Tokens::npos && tokens.is(initially + 1, "deferred"))) {
      report_deferrable(*part.node, part.tokens, ctx);
    }
  }
}

constexpr RuleInfo kExclude{
    .id = "exclude_constraint",
    .summary = "EXCLUDE constraints are not supported",
    .why =
        "They need an index that compares by operators other than equality; only B-tree\n"
        "indexes exist. For equality alone, use a UNIQUE constraint. Look for overlaps\n"
        "in the transaction that writes, and let all writers of a group update one\n"
        "common row, so that two of them conflict.",
    .bad = "create table t (room integer, exclude using btree (room with =));",
    .good = "create table t (room integer, unique (room));",
};

void check_exclude(const pg::CreateStmt& create, Context& ctx) {
  for (const pg::Node& element : create.table_elts()) {
    const pg::Constraint& constraint = element.constraint();
    if (!element.has_constraint() || constraint.contype() != pg::CONSTR_EXCLUSION) continue;
    const size_t first = ctx.token_at(constraint.location());
    if (first == Tokens::npos) continue;
    std::string columns;
    bool equality = true;
    for (const pg::Node& exclusion : constraint.exclusions()) {
      const auto& pair = exclusion.list().items();
      if (pair.size() != 2) continue;
      const std::string& column = pair[0].index_elem().name();
      if (!columns.empty()) columns += ", ";
      columns += column.empty() ? "an expression" : quote_identifier(column);
      equality = equality && !column.empty() && object_name(pair[1].list().items()).name == "=";
    }
    ctx.report({
        .range = ctx.tokens().range(element_from(first, ctx.tokens())),
        .message = "table `" + create.relation().relname() + "` has an exclusion constraint",
        .help = equality
                    ? "replace it with `unique (" + columns + ")`"
                    : "remove it, and check for conflicting rows (by " + columns +
                          ") in the transaction that writes `" + create.relation().relname() + "`",
    });
  }
}

constexpr RuleInfo kStorage{
    .id = "constraint_storage_parameters",
    .summary = "storage parameters of constraints are not supported",
    .why =
        "WITH ( … ) after a PRIMARY KEY or UNIQUE constraint configures its index, and\n"
        "USING INDEX TABLESPACE chooses where it is stored; the service decides both.",
    .bad = "create table t (id bigint primary key with (fillfactor = 70));",
    .good = "create table t (id bigint primary key);",
    .fixes = Fixes::Always,
};

void check_storage(const pg::Constraint& constraint, Context& ctx) {
  if (constraint.contype() != pg::CONSTR_PRIMARY && constraint.contype() != pg::CONSTR_UNIQUE) {
    return;
  }
  if (constraint.options_size() == 0 && constraint.indexspace().empty()) return;
  const Tokens& tokens = ctx.tokens();
  const TokenSpan span = constraint_span(constraint, ctx);
  const auto report = [&](TokenSpan words) {
    ctx.report({
        .range = tokens.range(words),
        .message =
            std::string(kind_word(constraint.contype())) +
            (tokens.is(words.begin, "with") ? " has storage parameters" : " names a tablespace"),
        .notes = {{"storage is managed by the service"}},
        .fix =
            Fix{Safety::Exact, "remove it", {fixers::remove(tokens, words, ctx.source().text())}},
    });
  };
  const size_t with = tokens.find(span, "with");
  if (constraint.options_size() != 0 && with != Tokens::npos) {
    const size_t close = tokens.close(with + 1);
    if (close != Tokens::npos && close < span.end) report({with, close + 1});
  }
  for (size_t i = span.begin; !constraint.indexspace().empty() && i + 3 < span.end; ++i) {
    if (tokens.are(i, {"using", "index", "tablespace"})) report({i, i + 4});
  }
}

constexpr std::array kRules = {
    rule<check_deferrable>(kDeferrable),
    rule<check_deferrable_column>(kDeferrable),
    rule<check_exclude>(kExclude),
    rule<check_storage>(kStorage),
};

}  // namespace

std::span<const Rule> table_constraints() { return kRules; }

}  // namespace dsqlint
