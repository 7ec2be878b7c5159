// Views and functions that name a type of the input which cannot exist.

#include "rules/shared/type_references.h"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <vector>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "engine/parse/walk.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

/// What a type is that cannot exist, as "the composite type"; empty for the others.
std::string_view describe(const ResolvedType& type) {
  if (type.domain != nullptr || type.user == nullptr) return {};
  switch (type.user->kind) {
    case TypeKind::Composite:
      return "a composite type";
    case TypeKind::Range:
      return "a range type";
    case TypeKind::Base:
      return "a base type";
    default:
      return {};
  }
}

void check_tree(AstRef tree, SchemaContext& ctx) {
  std::set<uint32_t> reported;  // a node may be reached twice
  Walker walker;
  walker.walk(tree, [&](AstRef node, const std::vector<AstRef>&) {
    const auto* name = node.as<pg::TypeName>();
    if (name == nullptr || name->names_size() == 0 || name->pct_type()) return;
    const TypeRef ref = type_ref(*name);
    const ResolvedType type = resolve_type(ref, ctx.schema());
    const std::string_view what = describe(type);
    const TokenSpan span = what.empty() ? TokenSpan{} : type_span(*name, ctx);
    if (span.empty() || !reported.insert(ctx.tokens()[span.begin].begin).second) return;
    Diagnostic finding{
        .range = ctx.tokens().range(span),
        .message = fmt::format("`{}` is {}, which is not supported", spell_type(ref), what)};
    finding.help =
        type.user->kind == TypeKind::Composite
            ? fmt::format("list the fields of `{}` as separate columns or parameters, or use jsonb",
                          spell_type(ref))
            : fmt::format("replace `{}` with a built-in type", spell_type(ref));
    ctx.report(std::move(finding));
  });
}

}  // namespace

void check_view_types(const pg::ViewStmt& view, SchemaContext& ctx) {
  check_tree(unwrap(view.query()), ctx);
}

void check_function_types(const pg::CreateFunctionStmt& function, SchemaContext& ctx) {
  // Functions in other languages are refused as they are.
  for (const pg::Node& option : function.options()) {
    if (option.def_elem().defname() == "language" &&
        downcase(option.def_elem().arg().string().sval()) != "sql") {
      return;
    }
  }
  check_tree(ctx.tree(), ctx);
}

}  // namespace dsqlint
