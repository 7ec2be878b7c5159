// The dated facts. Sources: the service's documentation and observations on live clusters, 2026.

#include "engine/lint/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace dsqlint {
namespace {

using enum Capability;

// In the order of the enumeration, so that a capability is its own index.
constexpr std::array kFacts = {
    CapabilityFact{NumericKeys, {20260203}, "numeric columns in keys", "documented"},
    CapabilityFact{
        SequencesAndIdentity, {20260213}, "sequences and identity columns", "documented"},
    CapabilityFact{AlterDefaultPrivileges, {20260424}, "ALTER DEFAULT PRIVILEGES", "documented"},
    CapabilityFact{CreateSchemaElements,
                   {20260424},
                   "sequences and grants inside CREATE SCHEMA",
                   "documented"},
    CapabilityFact{AlterRoleRename, {20260424}, "renaming roles", "documented"},
    CapabilityFact{RoutineKeyword, {20260424}, "the word ROUTINE", "documented"},
    CapabilityFact{JsonColumns, {20260504}, "json columns", "documented, observed"},
    CapabilityFact{StorageClause, {20260513}, "the STORAGE clause", "documented, observed"},
    CapabilityFact{JsonbColumns, {20260608}, "jsonb columns", "documented, observed"},
    CapabilityFact{
        TriggerSwitches, {20260615}, "ENABLE/DISABLE TRIGGER ALL and USER", "documented, observed"},
    CapabilityFact{UniqueUsingIndex, {20260701}, "ADD UNIQUE USING INDEX", "documented, observed"},
    CapabilityFact{
        AlterIdentity, {20260701}, "SET GENERATED, RESTART and DROP IDENTITY", "documented"},
    CapabilityFact{RenameAndOwner, {20260701}, "RENAME, SET SCHEMA and OWNER TO", "documented"},
    CapabilityFact{ColumnDefaults,
                   {20260706},
                   "SET/DROP DEFAULT, DROP NOT NULL and DROP EXPRESSION",
                   "documented"},
    CapabilityFact{AddGeneratedIdentity, {20260706}, "ADD GENERATED AS IDENTITY", "documented"},
    CapabilityFact{DropConstraint, {20260706}, "DROP CONSTRAINT", "documented"},
    CapabilityFact{DropColumn, {20260803}, "DROP COLUMN", "documented"},
    CapabilityFact{CheckNotValid, {20260803}, "ADD CHECK … NOT VALID", "documented, observed"},
    CapabilityFact{ValidateConstraintAsync,
                   {20260803},
                   "ALTER TABLE ASYNC … VALIDATE CONSTRAINT",
                   "documented, observed"},
    CapabilityFact{DropTriggerIfExists, {20260807}, "DROP TRIGGER IF EXISTS … ON", "observed"},
    CapabilityFact{AlterIndexRename, {20260807}, "ALTER INDEX … RENAME", "observed"},
    CapabilityFact{ExpressionIndexes, {20260813}, "expression indexes", "documented, observed"},
    CapabilityFact{RowLocksAnywhere, {20260818}, "FOR UPDATE with any predicate", "observed"},
    CapabilityFact{ForKeyShare, {20260825}, "FOR KEY SHARE", "documented, observed"},
    CapabilityFact{WideNumeric, {20260825}, "numeric precision up to 1000", "documented, observed"},
    CapabilityFact{ForeignKeys, {20260826}, "foreign keys", "documented, observed"},
    CapabilityFact{ExtendedStatistics, {20260827}, "CREATE STATISTICS", "documented, observed"},
    CapabilityFact{BatchedNestedLoops, {20260911}, "batched nested-loop joins", "documented"},
    CapabilityFact{PartialIndexes, {20260915}, "partial indexes", "documented, observed"},
    CapabilityFact{CommentOnColumn, {20261003}, "COMMENT ON COLUMN", "observed"},
    CapabilityFact{SessionCharacteristics, {20261014}, "SET SESSION CHARACTERISTICS", "observed"},
};

constexpr bool in_order() {
  for (size_t i = 0; i < kFacts.size(); ++i) {
    if (static_cast<size_t>(kFacts[i].capability) != i) return false;
  }
  return true;
}
static_assert(in_order());
static_assert(kFacts.size() <= 64, "Capabilities holds a bit for each");

constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

constexpr bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

constexpr std::array<std::string_view, 17> kSettable = {"application_name",
                                                        "client_encoding",
                                                        "datestyle",
                                                        "disable_sync_create_index",
                                                        "enable_bitmapscan",
                                                        "enable_hashjoin",
                                                        "enable_indexonlyscan",
                                                        "enable_indexscan",
                                                        "enable_material",
                                                        "enable_mergejoin",
                                                        "enable_nestloop",
                                                        "enable_seqscan",
                                                        "extra_float_digits",
                                                        "intervalstyle",
                                                        "role",
                                                        "search_path",
                                                        "timezone"};

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&](size_t from, size_t count) {
    int value = -1;
    const char* end = text.data() + from + count;
    const auto [rest, error] = std::from_chars(text.data() + from, end, value);
    return error == std::errc() && rest == end ? value : -1;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1) return std::nullopt;
  if (day > kDays[static_cast<size_t>(month - 1)] || (month == 2 && day == 29 && !is_leap(year))) {
    return std::nullopt;
  }
  return Date{year * 10000 + month * 100 + day};
}

std::string to_string(Date date) {
  return fmt::format("{:04}-{:02}-{:02}", date.value / 10000, date.value / 100 % 100,
                     date.value % 100);
}

Date day_before(Date date) {
  const int day = date.value % 100;
  if (day > 1) return Date{date.value - 1};
  const int month = date.value / 100 % 100;
  const int year = date.value / 10000;
  if (month == 1) return Date{(year - 1) * 10000 + 1231};
  const int last = month == 3 && !is_leap(year) ? 28 : kDays[static_cast<size_t>(month - 2)];
  return Date{year * 10000 + (month - 1) * 100 + last};
}

std::span<const CapabilityFact> capability_facts() { return kFacts; }

bool Engine::accepts(Capability capability) const { return fact(capability).since <= date_; }

const CapabilityFact& Engine::fact(Capability capability) const {
  return kFacts[static_cast<size_t>(capability)];
}

Limits Engine::limits() const {
  Limits limits;
  if (!accepts(Capability::WideNumeric)) {
    limits.numeric_precision = 38;
    limits.numeric_min_scale = 0;
    limits.numeric_max_scale = 37;
  }
  return limits;
}

std::string Engine::refusal(Capability capability) const {
  const CapabilityFact& known = fact(capability);
  return fmt::format("{}: accepted since {}; the engine date of this run is {}", known.what,
                     to_string(known.since), to_string(date_));
}

ParameterUse parameter_use(std::string_view lower_case_name, const Engine& engine) {
  if (lower_case_name == "dsql.enable_batched_nestloop") {
    return engine.accepts(Capability::BatchedNestedLoops) ? ParameterUse::Settable
                                                          : ParameterUse::Refused;
  }
  return std::binary_search(kSettable.begin(), kSettable.end(), lower_case_name)
             ? ParameterUse::Settable
             : ParameterUse::Refused;
}

}  // namespace dsqlint
