// Declared sizes: numeric without precision, and lengths and precisions beyond the limits.

#include <fmt/format.h>

#include <array>
#include <optional>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "fixers/fixers.h"
#include "rules/shared/columns.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kNumeric{
    .id = "numeric_without_precision",
    .summary = "numeric without precision becomes numeric(18,6)",
    .why =
        "In PostgreSQL a bare `numeric` keeps any number as it is. Aurora DSQL makes\n"
        "the column `numeric(18,6)`: values are rounded to six decimals, and more than\n"
        "twelve digits before the point are an error. Declare the precision and scale\n"
        "that the column needs.",
    .bad = "create table t (price numeric);",
    .good = "create table t (price numeric(18,6));",
    .severity = Severity::Warning,
    .fixes = Fixes::Always,
};

void check_numeric(const pg::ColumnDef& column, Context& ctx) {
  const pg::TypeName& type = column.type_name();
  if (type.typmods_size() != 0 || type.array_bounds_size() != 0) return;
  const TypeRef ref = type_ref(type);
  if (ref.name != "numeric" || !ref.schema.empty() || column_place(ctx) == ColumnPlace::None) {
    return;
  }
  const ColumnParts parts = column_parts(column, ctx);
  if (parts.type.empty()) return;
  const Tokens& tokens = ctx.tokens();
  ctx.report({
      .range = tokens.range(parts.type),
      .message = "column `" + column.colname() + "` is numeric without a precision",
      .notes = {{"the column becomes numeric(18,6): values are rounded to six decimals, and more "
                 "than twelve digits before the point are refused"}},
      // The type is written again, so that what another fix puts after it stays after it.
      .fix = Fix{Safety::Review,
                 "write `numeric(18,6)`; choose another precision if that is not enough",
                 {fixers::replace(tokens, parts.type,
                                  std::string(tokens.text(parts.type)) + "(18,6)")}},
  });
}

constexpr RuleInfo kLength{
    .id = "declared_length",
    .summary = "char and varchar lengths are limited",
    .why = "`char(n)` takes at most 4096, `varchar(n)` at most 65535. `text` holds up to 1 MiB.",
    .bad = "create table t (body varchar(100000));",
    .good = "create table t (body text);",
    .fixes = Fixes::Always,
};

/// The tokens of a column's type; none for a ColumnDef that is not a column of a table.
TokenSpan column_type(const pg::ColumnDef& column, const Context& ctx) {
  return column_place(ctx) == ColumnPlace::None ? TokenSpan{} : column_parts(column, ctx).type;
}

/// `what` is the column or domain, `span` gives the tokens of its type.
template <typename Span>
void judge_length(const pg::TypeName& type_name, std::string_view what, Context& ctx, Span&& span) {
  if (type_name.array_bounds_size() != 0) return;
  const TypeRef type = type_ref(type_name);
  if (!type.schema.empty() || type.modifiers.size() != 1) return;
  const bool varying = type.name == "varchar";
  if (!varying && type.name != "bpchar") return;
  const Limits limits = ctx.engine().limits();
  const int limit = varying ? limits.varchar_length : limits.char_length;
  if (type.modifiers[0] <= limit) return;
  const TokenSpan words = span();
  if (words.empty()) return;
  const Tokens& tokens = ctx.tokens();
  const std::string_view hand = tokens.text(words.begin);
  const bool fits_varchar = !varying && type.modifiers[0] <= limits.varchar_length;
  const std::string wanted = fits_varchar ? fmt::format("varchar({})", type.modifiers[0]) : "text";
  ctx.report({
      .range = tokens.range(words),
      .message = fmt::format("{} is longer than {}({})", what, varying ? "varchar" : "char", limit),
      .notes = {{fits_varchar ? "values are no longer padded with spaces"
                 : varying    ? "the length is no longer checked; a value may have up to 1 MiB"
                              : "values are no longer padded, and their length is not checked"}},
      .fix = Fix{Safety::Review,
                 "make it `" + wanted + "`",
                 {fixers::replace(tokens, words, match_case(hand, wanted))}},
  });
}

void check_length(const pg::ColumnDef& column, Context& ctx) {
  if (column.type_name().typmods_size() != 1) return;
  judge_length(column.type_name(), "column `" + column.colname() + "`", ctx,
               [&] { return column_type(column, ctx); });
}
void check_domain_length(const pg::CreateDomainStmt& domain, Context& ctx) {
  judge_length(domain.type_name(), "domain `" + to_sql(object_name(domain.domainname())) + "`", ctx,
               [&] { return type_span(domain.type_name(), ctx); });
}

constexpr RuleInfo kPrecision{
    .id = "numeric_precision",
    .summary = "numeric precision and scale are limited",
    .why =
        "Precision is from 1 to 1000 and scale from -1000 to 1000; at earlier engine\n"
        "dates, up to 38 and from 0 to 37.",
    .bad = "create table t (n numeric(1001,2));",
    .good = "create table t (n numeric(38,19));",
    .help = "choose a precision and scale within the limits, or store the number as text",
    .accepted_parts = {Capability::WideNumeric},
};

/// The bound that numeric(precision, scale) oversteps; nothing where it fits.
std::optional<std::string> overstepped(int64_t precision, int64_t scale, const Limits& limits) {
  if (precision < 1) return "has a precision below 1";
  if (scale < limits.numeric_min_scale) {
    return fmt::format("has a scale below {}", limits.numeric_min_scale);
  }
  if (precision <= limits.numeric_precision && scale <= limits.numeric_max_scale) {
    return std::nullopt;
  }
  return fmt::format("is beyond numeric({},{})", limits.numeric_precision,
                     limits.numeric_max_scale);
}

template <typename Span>
void judge_precision(const pg::TypeName& type_name, std::string_view what, Context& ctx,
                     Span&& span) {
  const TypeRef type = type_ref(type_name);
  if (!type.schema.empty() || type.name != "numeric" || type.modifiers.empty()) return;
  const int64_t precision = type.modifiers[0];
  const int64_t scale = type.modifiers.size() > 1 ? type.modifiers[1] : 0;
  const auto offence = overstepped(precision, scale, ctx.engine().limits());
  if (!offence) return;
  const TokenSpan words = span();
  if (words.empty()) return;
  Diagnostic finding{.range = ctx.tokens().range(words),
                     .message = fmt::format("{} {}", what, *offence)};
  if (!ctx.engine().accepts(Capability::WideNumeric) &&
      !overstepped(precision, scale, Engine().limits())) {
    finding.notes = {{ctx.engine().refusal(Capability::WideNumeric)}};
  }
  ctx.report(std::move(finding));
}

void check_precision(const pg::ColumnDef& column, Context& ctx) {
  const pg::TypeName& type = column.type_name();
  if (type.typmods_size() == 0 || type.array_bounds_size() != 0) return;
  judge_precision(column.type_name(), "column `" + column.colname() + "`", ctx,
                  [&] { return column_type(column, ctx); });
}
void check_domain_precision(const pg::CreateDomainStmt& domain, Context& ctx) {
  if (domain.type_name().array_bounds_size() != 0) return;
  judge_precision(domain.type_name(), "domain `" + to_sql(object_name(domain.domainname())) + "`",
                  ctx, [&] { return type_span(domain.type_name(), ctx); });
}

/// In casts, parameters, results and the like: a type that is out of bounds is not valid anywhere.
void check_used_precision(const pg::TypeName& type, Context& ctx) {
  if (type.typmods_size() == 0) return;
  const auto parents = ctx.parents();
  if (parents.empty()) return;
  const AstRef parent = parents.back();
  if (parent.as<pg::CreateDomainStmt>() != nullptr) return;
  if (parent.as<pg::ColumnDef>() != nullptr && parents.size() > 1) {
    const AstRef owner = parents[parents.size() - 2];
    if (owner.as<pg::CreateStmt>() != nullptr) return;
    const auto* cmd = owner.as<pg::AlterTableCmd>();
    if (cmd != nullptr && cmd->subtype() == pg::AT_AddColumn) return;
  }
  judge_precision(type, "the type", ctx, [&] { return type_span(type, ctx); });
}

constexpr std::array kRules = {
    rule<check_numeric>(kNumeric),
    rule<check_length>(kLength),
    rule<check_domain_length>(kLength),
    rule<check_precision>(kPrecision),
    rule<check_domain_precision>(kPrecision),
    rule<check_used_precision>(kPrecision),
};

}  // namespace

std::span<const Rule> type_sizes() { return kRules; }

}  // namespace dsqlint
