// bigint_not_accepted: columns that Aurora DSQL makes bigint, used where PostgreSQL takes an
// integer only.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "engine/parse/walk.h"
#include "rules/expressions/expression_type.h"
#include "rules/expressions/overloads.h"
#include "rules/expressions/query_scopes.h"

namespace dsqlint {
namespace {

using enum PgType;

constexpr RuleInfo kInfo{
    .id = "bigint_not_accepted",
    .summary = "a function, operator or cast takes an integer, not the bigint of the column",
    .why =
        "Identity columns are bigint on Aurora DSQL, and so is what `serial` becomes. Most "
        "functions\n"
        "take both types, but some have a form for integer only (42883, 42846): casts to boolean,\n"
        "`date + integer`, `lpad(text, integer)`, `chr(integer)`.",
    .bad =
        "create table t (id bigint primary key);\n"
        "create view v as select id::boolean as is_set from t;",
    .good =
        "create table t (id bigint primary key);\n"
        "create view v as select id::integer::boolean as is_set from t;",
    .fixes = Fixes::Always,
};

// --- what may be refused, told from one statement alone ---

bool is_constant(const pg::Node& node) {
  return node.has_a_const() || (node.has_type_cast() && node.type_cast().arg().has_a_const());
}

bool becomes(PgType from, PgType to, CastContext context) {
  return find_coercion(from, to, context).has_value();
}

bool takes_bigint(PgType type) { return becomes(kInt8, type, CastContext::Implicit); }
bool takes_integer_only(PgType type) {
  return becomes(kInt4, type, CastContext::Implicit) && !takes_bigint(type);
}

void look_at_cast(const pg::TypeCast& cast, Context& ctx) {
  if (is_constant(cast.arg()) || cast.type_name().array_bounds_size() != 0) return;
  const PgType to = find_pg_type(builtin_name(cast.type_name().names()));
  if (to == kNone || becomes(kInt8, to, CastContext::Explicit)) return;
  if (becomes(kInt4, to, CastContext::Explicit)) ctx.see_again();
}

void look_at_call(const pg::FuncCall& call, Context& ctx) {
  const std::string_view name = builtin_name(call.funcname());
  if (name.empty() || functions_named(name).empty()) {
    // Perhaps one that the input creates.
    if (!std::all_of(call.args().begin(), call.args().end(), is_constant)) ctx.see_again();
    return;
  }
  const auto takes = [&](size_t i, auto&& test) {
    const auto rows = functions_named(name);
    return std::any_of(rows.begin(), rows.end(), [&](const PgFunctionRow& row) {
      return i < row.size() && test(row.arguments[i]);
    });
  };
  for (size_t i = 0; i < static_cast<size_t>(call.args_size()); ++i) {
    if (is_constant(call.args(static_cast<int>(i))) || takes(i, takes_bigint)) continue;
    if (takes(i, takes_integer_only)) return ctx.see_again();
  }
}

void look_at_operator(const pg::A_Expr& expr, Context& ctx) {
  if (expr.kind() != pg::AEXPR_OP || !expr.has_lexpr()) return;
  const std::string_view name = builtin_name(expr.name());
  const bool fixed_left = is_constant(expr.lexpr());
  const bool fixed_right = is_constant(expr.rexpr());
  if (fixed_left && fixed_right) return;
  const auto rows = operators_named(name);
  const auto has = [&](PgType left, PgType right) {
    return std::any_of(rows.begin(), rows.end(), [&](const PgOperatorRow& row) {
      return row.left == left && row.right == right;
    });
  };
  // Numbers go with numbers of any size, but for a few operators.
  if (has(kInt4, kInt8) && has(kInt8, kInt4) && (fixed_left || fixed_right)) return;
  for (const PgOperatorRow& row : rows) {
    const bool right = !fixed_right && row.right == kInt4 && !has(row.left, kInt8);
    const bool left = !fixed_left && row.left == kInt4 && !has(kInt8, row.right);
    if (left || right) return ctx.see_again();
  }
}

// --- what is refused ---

bool is_bigint(PgType type) { return type == kInt8 || type == array_of(kInt8); }

/// The columns that make an argument bigint.
void add_columns(const pg::Node& argument, const QueryScopes& scopes,
                 std::vector<const pg::ColumnRef*>& columns) {
  std::vector<AstRef> pending = {unwrap(argument)};
  std::vector<AstRef> children;
  while (!pending.empty()) {
    const AstRef node = pending.back();
    pending.pop_back();
    if (node.as<pg::TypeCast>() != nullptr) continue;
    if (const auto* ref = node.as<pg::ColumnRef>()) {
      const auto type = scopes.type_of(*ref);
      if (type && type->name == "int8" && !type->array) columns.push_back(ref);
      continue;
    }
    children.clear();
    append_children(node, children);
    pending.insert(pending.end(), children.rbegin(), children.rend());
  }
}

void check(AstRef tree, SchemaContext& ctx) {
  const QueryScopes scopes(tree, ctx.schema());
  std::set<const google::protobuf::Message*> cast;  // to integer, on trial
  const ExpressionNames names{ctx.schema(),
                              [&](AstRef node) -> std::optional<TypeRef> {
                                if (cast.count(node.message) != 0)
                                  return TypeRef{.schema = {}, .name = "int4"};
                                const auto* ref = node.as<pg::ColumnRef>();
                                return ref == nullptr ? std::nullopt : scopes.type_of(*ref);
                              },
                              true};
  struct Refused {
    RefusedPart part;
    std::vector<const pg::ColumnRef*> columns;
  };
  std::vector<Refused> refused;
  for (RefusedPart& part : refused_parts(tree, names)) {
    Refused one{std::move(part), {}};
    for (size_t i = 0; i < one.part.arguments.size(); ++i) {
      if (is_bigint(one.part.types[i])) add_columns(*one.part.arguments[i], scopes, one.columns);
    }
    if (one.columns.empty()) continue;
    cast.insert(one.columns.begin(), one.columns.end());
    refused.push_back(std::move(one));
  }
  if (refused.empty()) return;
  const std::vector<RefusedPart> left = refused_parts(tree, names);
  for (const Refused& one : refused) {
    const bool stays = std::any_of(left.begin(), left.end(), [&](const RefusedPart& other) {
      return other.node.message == one.part.node.message;
    });
    if (stays) continue;  // it is refused for another reason
    Fix fix{Safety::Review, "cast the column to integer", {}};
    std::string name;
    for (const pg::ColumnRef* column : one.columns) {
      const size_t first = ctx.token_at(column->location());
      if (first == Tokens::npos) continue;
      const TokenSpan span{first, ctx.tokens().skip_name(first)};
      if (name.empty()) name = ctx.tokens().text(span);
      fix.edits.push_back(
          {{ctx.tokens().range(span).end, ctx.tokens().range(span).end}, "::integer"});
    }
    const size_t at = ctx.token_at(one.columns.front()->location());
    if (fix.edits.empty() || at == Tokens::npos) continue;
    const Range range = ctx.tokens().range(TokenSpan{at, ctx.tokens().skip_name(at)});
    std::sort(fix.edits.begin(), fix.edits.end(),
              [](const Edit& a, const Edit& b) { return a.range < b.range; });
    ctx.report({.range = range,
                .message = fmt::format("`{}` is bigint on Aurora DSQL, and there is no `{}`", name,
                                       one.part.written),
                .notes = {{"the cast fails for numbers above 2,147,483,647"}},
                .fix = std::move(fix)});
  }
}

constexpr Rule kRules[] = {rule<look_at_cast>(kInfo), rule<look_at_call>(kInfo),
                           rule<look_at_operator>(kInfo), rule<check>(kInfo)};

}  // namespace

std::span<const Rule> bigint_not_accepted() { return kRules; }

}  // namespace dsqlint
