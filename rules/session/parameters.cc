// The parameters of PostgreSQL that scripts set and Aurora DSQL refuses, as a table.

#include "rules/session/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/parse/names.h"
#include "engine/text/tokens.h"

namespace dsqlint {
namespace {

/// Values that mean what holds anyway.
enum class Neutral : uint8_t { None, Any, On, Off, Zero, Hex, Heap, Empty, Origin, Repeatable };

struct Parameter {
  std::string_view name;
  Neutral neutral;
  std::string_view note = {};  ///< the consequence at other values
  std::string_view help = {};  ///< set: at other values the SET must not just go
};

constexpr std::string_view kLevels =
    "every transaction is REPEATABLE READ: it sees one snapshot, and COMMIT fails with 40001 when "
    "others changed the same rows";
constexpr std::string_view kTransactionAge = "only a transaction's age is limited, to 300 s";
constexpr std::string_view kLocale = "formats and messages are those of the locale `C`";
constexpr std::string_view kReadOnly = "write READ ONLY in the BEGIN of each transaction";

// Sorted by name.
constexpr std::array kParameters = {
    Parameter{"array_nulls", Neutral::On, "the word NULL in an array literal is null"},
    Parameter{"bytea_output", Neutral::Hex, "bytea values are shown in hex"},
    Parameter{"check_function_bodies", Neutral::On,
              "function bodies are checked when they are created: a function that uses what the "
              "file creates later has to be moved after it"},
    Parameter{"default_table_access_method", Neutral::Heap, "there is one kind of table storage"},
    Parameter{"default_tablespace", Neutral::Empty, "there are no tablespaces"},
    Parameter{"default_text_search_config", Neutral::None, "there is no text search"},
    Parameter{"default_transaction_deferrable", Neutral::Any},
    Parameter{"default_transaction_isolation", Neutral::Repeatable, kLevels},
    Parameter{"default_transaction_read_only", Neutral::Off, {}, kReadOnly},
    Parameter{"default_with_oids", Neutral::Off, "tables have no oid column"},
    Parameter{"idle_in_transaction_session_timeout", Neutral::Zero, kTransactionAge},
    Parameter{"idle_session_timeout", Neutral::Zero, "a connection ends after 60 minutes"},
    Parameter{"lc_messages", Neutral::None, kLocale},
    Parameter{"lc_monetary", Neutral::None, kLocale},
    Parameter{"lc_numeric", Neutral::None, kLocale},
    Parameter{"lc_time", Neutral::None, kLocale},
    Parameter{"row_security", Neutral::Any},
    Parameter{"seed", Neutral::None, {}, "call `SELECT setseed(…)` with the value"},
    Parameter{"session_replication_role", Neutral::Origin,
              "foreign keys cannot be switched off: load parents before their children"},
    Parameter{"standard_conforming_strings",
              Neutral::On,
              {},
              "write strings that hold backslash escapes as E'…'"},
    Parameter{"statement_timeout", Neutral::Zero,
              "no statement is cancelled; a transaction still ends after 300 s"},
    Parameter{"synchronous_commit", Neutral::On, "COMMIT returns when the change is durable"},
    Parameter{"timezone_abbreviations",
              Neutral::None,
              {},
              "write time zones as offsets or by their full names"},
    Parameter{"transaction_deferrable", Neutral::Any},
    Parameter{"transaction_isolation", Neutral::Repeatable, kLevels},
    Parameter{"transaction_read_only", Neutral::Off, {}, kReadOnly},
    Parameter{"transaction_timeout", Neutral::Zero, kTransactionAge},
    Parameter{"transform_null_equals", Neutral::Off, {}, "write `x IS NULL` instead of `x = NULL`"},
    Parameter{"xmlbinary", Neutral::Any},
    Parameter{"xmloption", Neutral::Any},
};
static_assert(std::is_sorted(kParameters.begin(), kParameters.end(),
                             [](const Parameter& a, const Parameter& b) {
                               return a.name < b.name;
                             }));

/// Parameters whose names begin so decide how fast something runs or what is logged, never a
/// result. Lock waits do not exist, so what limits them belongs here too.
constexpr std::array<std::string_view, 48> kTuning = {"auto_explain.",
                                                      "autovacuum",
                                                      "backend_flush_after",
                                                      "client_min_messages",
                                                      "commit_delay",
                                                      "compute_query_id",
                                                      "constraint_exclusion",
                                                      "cpu_",
                                                      "cursor_tuple",
                                                      "deadlock_timeout",
                                                      "debug_",
                                                      "default_statistics_target",
                                                      "effective_",
                                                      "enable_",
                                                      "escape_string_warning",
                                                      "fsync",
                                                      "from_collapse",
                                                      "full_page_writes",
                                                      "geqo",
                                                      "gin_",
                                                      "hash_mem_multiplier",
                                                      "jit",
                                                      "join_collapse",
                                                      "lock_timeout",
                                                      "log_",
                                                      "logical_decoding",
                                                      "maintenance_",
                                                      "max_parallel_",
                                                      "max_wal_size",
                                                      "min_parallel_",
                                                      "parallel_",
                                                      "pg_hint_plan.",
                                                      "pg_stat_statements.",
                                                      "plan_cache_mode",
                                                      "plpgsql.",
                                                      "random_page_cost",
                                                      "recursive_worktable",
                                                      "seq_page_cost",
                                                      "stats_fetch",
                                                      "synchronize_seqscans",
                                                      "temp_buffers",
                                                      "temp_file_limit",
                                                      "temp_tablespaces",
                                                      "track_",
                                                      "vacuum_",
                                                      "wal_",
                                                      "work_mem",
                                                      "max_stack_depth"};

bool is_neutral(Neutral neutral, const std::optional<std::string>& written) {
  if (neutral == Neutral::Any) return true;
  if (!written) return false;
  const std::string value = downcase(*written);
  switch (neutral) {
    case Neutral::On:
      return is_one_of(value, {"on", "true", "yes", "1"});
    case Neutral::Off:
      return is_one_of(value, {"off", "false", "no", "0"});
    case Neutral::Zero:
      return is_one_of(value, {"0", "0ms", "0s", "0min"});
    case Neutral::Hex:
      return value == "hex";
    case Neutral::Heap:
      return value == "heap";
    case Neutral::Empty:
      return value.empty();
    case Neutral::Origin:
      return value == "origin";
    case Neutral::Repeatable:
      return value == "repeatable read";
    default:
      return false;
  }
}

}  // namespace

ParameterLoss parameter_loss(std::string_view name, const std::optional<std::string>& value) {
  const auto known = std::lower_bound(
      kParameters.begin(), kParameters.end(), name,
      [](const Parameter& parameter, std::string_view wanted) { return parameter.name < wanted; });
  if (known != kParameters.end() && known->name == name) {
    if (is_neutral(known->neutral, value)) return {Safety::Exact, "", ""};
    if (!known->help.empty()) return {Safety::Manual, "", std::string(known->help)};
    return {Safety::Review, std::string(known->note), ""};
  }
  if (std::any_of(kTuning.begin(), kTuning.end(),
                  [&](std::string_view prefix) { return name.starts_with(prefix); })) {
    return {Safety::Exact, "", ""};
  }
  if (name.find('.') != std::string_view::npos) {
    return {Safety::Manual, "",
            fmt::format("pass the value with each query, or keep it in a table: "
                        "`current_setting('{}')` does not return it",
                        name)};
  }
  return {Safety::Review, fmt::format("`{}` keeps the value of the engine", name), ""};
}

}  // namespace dsqlint
