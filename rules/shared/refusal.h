// Kinds of object that cannot exist on Aurora DSQL: one value per id describes what is refused and
// what to do instead; the statements that it covers are listed with it.
#pragma once

#include <array>
#include <string_view>
#include <type_traits>

#include "engine/lint/rule.h"

namespace dsqlint {

struct Refusal {
  RuleInfo info;
  std::array<pg::ObjectType, 4> kinds = {};
  /// What to do where there is no fix; `{name}` and `{table}` are replaced with those of the
  /// statement.
  std::string_view help = {};
  /// Set if a CREATE or ALTER can be removed: what is missing then.
  std::string_view lost = {};
};

enum class Verb : uint8_t { Create, Alter, Rename, Own, Move, Drop };

void report_refusal(const Refusal& refusal, Verb verb, pg::ObjectType kind, Context& ctx);

namespace refusal_detail {

template <typename Node, typename... Known>
inline constexpr bool kOneOf = (std::is_same_v<Node, Known> || ...);

template <typename Node>
constexpr Verb verb_of() {
  if (kOneOf<Node, pg::DropStmt, pg::DropdbStmt, pg::DropTableSpaceStmt, pg::DropUserMappingStmt,
             pg::DropSubscriptionStmt>) {
    return Verb::Drop;
  }
  if (kOneOf<Node, pg::RenameStmt>) return Verb::Rename;
  if (kOneOf<Node, pg::AlterOwnerStmt>) return Verb::Own;
  if (kOneOf<Node, pg::AlterObjectSchemaStmt, pg::AlterObjectDependsStmt>) return Verb::Move;
  if (kOneOf<Node, pg::AlterOperatorStmt, pg::AlterOpFamilyStmt, pg::AlterCollationStmt,
             pg::AlterTSDictionaryStmt, pg::AlterTSConfigurationStmt, pg::AlterFdwStmt,
             pg::AlterForeignServerStmt, pg::AlterUserMappingStmt, pg::AlterPublicationStmt,
             pg::AlterSubscriptionStmt, pg::AlterTableSpaceOptionsStmt, pg::AlterDatabaseStmt,
             pg::AlterDatabaseSetStmt, pg::AlterDatabaseRefreshCollStmt, pg::AlterExtensionStmt,
             pg::AlterExtensionContentsStmt, pg::AlterFunctionStmt, pg::AlterPolicyStmt,
             pg::AlterTableStmt, pg::AlterEventTrigStmt>) {
    return Verb::Alter;
  }
  return Verb::Create;
}

// The kind of object, for statements that exist for several kinds.
inline pg::ObjectType kind_of(const pg::DropStmt& s) { return s.remove_type(); }
inline pg::ObjectType kind_of(const pg::RenameStmt& s) { return s.rename_type(); }
inline pg::ObjectType kind_of(const pg::AlterOwnerStmt& s) { return s.object_type(); }
inline pg::ObjectType kind_of(const pg::AlterObjectSchemaStmt& s) { return s.object_type(); }
inline pg::ObjectType kind_of(const pg::AlterObjectDependsStmt& s) { return s.object_type(); }
inline pg::ObjectType kind_of(const pg::DefineStmt& s) { return s.kind(); }
inline pg::ObjectType kind_of(const pg::AlterFunctionStmt& s) { return s.objtype(); }
inline pg::ObjectType kind_of(const pg::AlterTableStmt& s) { return s.objtype(); }
inline pg::ObjectType kind_of(const pg::CreateFunctionStmt& s) {
  return s.is_procedure() ? pg::OBJECT_PROCEDURE : pg::OBJECT_FUNCTION;
}
inline pg::ObjectType kind_of(const pg::CreateOpClassStmt&) { return pg::OBJECT_OPCLASS; }
inline pg::ObjectType kind_of(const pg::CreateOpFamilyStmt&) { return pg::OBJECT_OPFAMILY; }
inline pg::ObjectType kind_of(const pg::AlterOpFamilyStmt&) { return pg::OBJECT_OPFAMILY; }
inline pg::ObjectType kind_of(const pg::AlterOperatorStmt&) { return pg::OBJECT_OPERATOR; }
inline pg::ObjectType kind_of(const pg::AlterTSDictionaryStmt&) { return pg::OBJECT_TSDICTIONARY; }
inline pg::ObjectType kind_of(const pg::AlterTSConfigurationStmt&) {
  return pg::OBJECT_TSCONFIGURATION;
}

template <const Refusal& refusal, typename Node>
void check(const Node& node, Context& ctx) {
  if (!ctx.parents().empty()) return;
  pg::ObjectType kind = refusal.kinds[0];
  if constexpr (requires { kind_of(node); }) {
    kind = kind_of(node);
    bool meant = false;
    for (const pg::ObjectType known : refusal.kinds) meant = meant || known == kind;
    if (!meant || kind == pg::OBJECT_TYPE_UNDEFINED) return;
  }
  report_refusal(refusal, verb_of<Node>(), kind, ctx);
}

}  // namespace refusal_detail

/// One rule per statement listed.
template <const Refusal& refusal, typename... Nodes>
constexpr std::array<Rule, sizeof...(Nodes)> refuses() {
  return {rule<refusal_detail::check<refusal, Nodes>>(refusal.info)...};
}

template <size_t... sizes>
constexpr auto join_rules(const std::array<Rule, sizes>&... tables) {
  std::array<Rule, (sizes + ...)> all{};
  size_t at = 0;
  const auto append = [&](const auto& table) {
    for (const Rule& rule : table) all[at++] = rule;
  };
  (append(tables), ...);
  return all;
}

}  // namespace dsqlint
