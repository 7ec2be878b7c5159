// What Aurora DSQL accepts since when: the one table with dates. Rules ask it and know none.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/text/limits.h"

namespace dsqlint {

/// A calendar day, comparable; 20260826 for 2026-08-26.
struct Date {
  int32_t value = 0;
  friend auto operator<=>(const Date&, const Date&) = default;
};

/// Reads `YYYY-MM-DD`; nothing for other texts and impossible days.
std::optional<Date> parse_date(std::string_view text);
std::string to_string(Date date);
Date day_before(Date date);

/// What the engine has learned to accept, in order of date.
enum class Capability : uint8_t {
  NumericKeys,
  SequencesAndIdentity,
  AlterDefaultPrivileges,
  CreateSchemaElements,
  AlterRoleRename,
  RoutineKeyword,  ///< ALTER, DROP, COMMENT ON and GRANT … ON ROUTINE
  JsonColumns,
  StorageClause,
  JsonbColumns,
  TriggerSwitches,  ///< ENABLE/DISABLE TRIGGER ALL|USER, no-ops
  UniqueUsingIndex,
  AlterIdentity,  ///< SET GENERATED, SET option, RESTART, DROP IDENTITY
  RenameAndOwner,
  ColumnDefaults,  ///< ALTER COLUMN SET/DROP DEFAULT, DROP NOT NULL, DROP EXPRESSION
  AddGeneratedIdentity,
  DropConstraint,
  DropColumn,
  CheckNotValid,
  ValidateConstraintAsync,
  DropTriggerIfExists,
  AlterIndexRename,
  ExpressionIndexes,
  RowLocksAnywhere,
  ForKeyShare,
  WideNumeric,  ///< precision up to 1000
  ForeignKeys,  ///< with ADD … NOT VALID, ALTER CONSTRAINT and SET CONSTRAINTS
  ExtendedStatistics,
  BatchedNestedLoops,
  PartialIndexes,
  CommentOnColumn,
  SessionCharacteristics,
};

/// A set of them, as a constant.
class Capabilities {
 public:
  constexpr Capabilities() = default;
  constexpr Capabilities(std::initializer_list<Capability> capabilities) {
    for (const Capability capability : capabilities) bits_ |= bit(capability);
  }
  constexpr bool contains(Capability capability) const { return (bits_ & bit(capability)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  static constexpr uint64_t bit(Capability capability) {
    return uint64_t{1} << static_cast<unsigned>(capability);
  }
  uint64_t bits_ = 0;
};

struct CapabilityFact {
  Capability capability;
  Date since;
  std::string_view what;      ///< "foreign keys": fits "… are accepted since"
  std::string_view evidence;  ///< documented, observed, or both
};

std::span<const CapabilityFact> capability_facts();

/// The newest day the tables here speak about: the default engine.
inline constexpr Date kNewestEngine{20261015};
/// The oldest day `--engine` can be set to: the service's general availability table begins here.
inline constexpr Date kOldestEngine{20260101};

/// The engine of one day. A value; cheap to copy.
class Engine {
 public:
  Engine() = default;
  explicit Engine(Date date) : date_(date) {}
  Date date() const { return date_; }
  bool accepts(Capability capability) const;
  const CapabilityFact& fact(Capability capability) const;
  Limits limits() const;
  /// "foreign keys: accepted since 2026-08-26; the engine date of this run is 2026-08-01".
  std::string refusal(Capability capability) const;

 private:
  Date date_ = kNewestEngine;
};

enum class ParameterUse : uint8_t { Settable, Refused };

/// Can `SET name` be used? The list is closed: what is not on it is refused.
ParameterUse parameter_use(std::string_view lower_case_name, const Engine& engine);

}  // namespace dsqlint
