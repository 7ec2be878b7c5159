// Actions of ALTER TABLE that are refused as they are, or were until a date: one row each.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/lint/rule.h"
#include "fixers/fixers.h"
#include "rules/shared/alter_actions.h"

namespace dsqlint {
namespace {

/// What fixing does about the action.
enum class Remedy : uint8_t {
  None,
  Remove,        ///< nothing depends on it, but the user should know
  RemoveSilent,  ///< it means nothing here
};

constexpr RuleInfo kInherit{
    .id = "at_unsupported_inherit",
    .summary = "table inheritance is not supported",
    .why =
        "A query of the parent does not see the rows of other tables. A view with\n"
        "`UNION ALL` does.",
    .bad = "alter table t inherit parent;",
    .good = "",
    .fixes = Fixes::Always,
};

struct Refused {
  /// The actions, a run of neighbours in PostgreSQL's enumeration.
  pg::AlterTableType first;
  pg::AlterTableType last;
  RuleInfo info;
  Remedy remedy = Remedy::None;
  std::string_view note = {};
  /// Refused only while the engine has not learned this.
  std::optional<Capability> until = std::nullopt;
};

constexpr std::array kRefused = {
    Refused{
        pg::AT_ReplicaIdentity,
        pg::AT_ReplicaIdentity,
        {
            .id = "at_unsupported_replica_identity",
            .summary = "`REPLICA IDENTITY` is not supported",
            .why = "It tells logical replication what to send of old rows. Aurora DSQL has no\n"
                   "logical replication; change data capture is configured outside the database.",
            .bad = "alter table t replica identity full;",
            .good = "",
            .fixes = Fixes::Always,
        },
        Remedy::Remove,
        "logical replication is not supported; change data capture is set up for the cluster",
    },
    Refused{
        pg::AT_ClusterOn,
        pg::AT_DropCluster,
        {
            .id = "at_unsupported_cluster_on",
            .summary = "`CLUSTER ON` is not supported",
            .why =
                "A table is stored in the order of its primary key; no other order can be chosen.",
            .bad = "alter table t cluster on t_a_idx;",
            .good = "",
            .fixes = Fixes::Always,
        },
        Remedy::Remove,
        "rows are stored in the order of the primary key",
    },
    Refused{
        pg::AT_SetLogged,
        pg::AT_SetUnLogged,
        {
            .id = "at_unsupported_set_logged",
            .summary = "`SET LOGGED` and `SET UNLOGGED` are not supported",
            .why = "Every table is stored durably.",
            .bad = "alter table t set unlogged;",
            .good = "",
            .fixes = Fixes::Always,
        },
        Remedy::Remove,
        "everything is stored durably; nothing is emptied after a crash",
    },
    Refused{
        pg::AT_DropOids,
        pg::AT_DropOids,
        {
            .id = "at_unsupported_set_without_oids",
            .summary = "`SET WITHOUT OIDS` is not supported",
            .why = "No table has had such a column since PostgreSQL 12.",
            .bad = "alter table t set without oids;",
            .good = "",
            .fixes = Fixes::Always,
        },
        Remedy::RemoveSilent,
        "no table has had oids since PostgreSQL 12",
    },
    Refused{
        pg::AT_SetAccessMethod,
        pg::AT_SetAccessMethod,
        {
            .id = "at_unsupported_set_access_method",
            .summary = "`SET ACCESS METHOD` is not supported",
            .why = "There is one storage method, and it cannot be chosen.",
            .bad = "alter table t set access method columnar;",
            .good = "",
            .fixes = Fixes::Always,
        },
        Remedy::Remove,
        "the features that the access method was chosen for are not available",
    },
    Refused{
        pg::AT_SetTableSpace,
        pg::AT_SetTableSpace,
        {
            .id = "at_unsupported_set_tablespace",
            .summary = "`SET TABLESPACE` is not supported",
            .why = "The service manages storage; there are no tablespaces.",
            .bad = "alter table t set tablespace fast;",
            .good = "",
            .fixes = Fixes::Always,
        },
        Remedy::Remove,
        "where rows are stored cannot be chosen",
    },
    Refused{
        pg::AT_SetRelOptions,
        pg::AT_ReplaceRelOptions,
        {
            .id = "at_unsupported_storage_parameters",
            .summary = "storage parameters are not supported",
            .why = "`fillfactor`, the `autovacuum_…` parameters and the like configure a storage\n"
                   "that Aurora DSQL does not use.",
            .bad = "alter table t set (fillfactor = 70);",
            .good = "",
            .fixes = Fixes::Always,
        },
        Remedy::Remove,
        "storage is managed by the service; there is nothing to tune",
    },
    Refused{
        pg::AT_SetStatistics,
        pg::AT_SetStatistics,
        {
            .id = "at_unsupported_alter_column_set_statistics",
            .summary = "`SET STATISTICS` is not supported",
            .why = "The service chooses how detailed a column's statistics are. Extended\n"
                   "statistics (`CREATE STATISTICS`) are available.",
            .bad = "alter table t alter column a set statistics 500;",
            .good = "",
            .fixes = Fixes::Always,
        },
        Remedy::Remove,
        "query plans may change; `CREATE STATISTICS` is available instead",
    },
    Refused{
        pg::AT_SetOptions,
        pg::AT_ResetOptions,
        {
            .id = "at_unsupported_alter_column_set_options",
            .summary = "column options are not supported",
            .why =
                "`n_distinct` and `n_distinct_inherited` correct statistics, which are gathered\n"
                "automatically.",
            .bad = "alter table t alter column a set (n_distinct = 100);",
            .good = "",
            .fixes = Fixes::Always,
        },
        Remedy::Remove,
        "query plans may change; `CREATE STATISTICS` is available instead",
    },
    Refused{
        pg::AT_EnableRule,
        pg::AT_DisableRule,
        {
            .id = "at_unsupported_rewrite_rule",
            .summary = "rewrite rules are not supported",
            .why = "There are no rules to enable or disable: a view or the application has to do\n"
                   "what a rule did.",
            .bad = "alter table t disable rule r;",
            .help =
                "delete the statement, and do what the rule did in a view or in the application",
        },
    },
    Refused{
        pg::AT_EnableRowSecurity,
        pg::AT_NoForceRowSecurity,
        {
            .id = "at_unsupported_row_level_security",
            .summary = "row-level security is not supported",
            .why =
                "There are no policies: every role that may read a table reads all of its rows.\n"
                "Instead of the table, grant access to a view that filters, or filter in the\n"
                "application's queries.",
            .bad = "alter table t enable row level security;",
            .help =
                "delete it, and grant access to views that filter by role instead of to the table",
        },
    },
    Refused{
        pg::AT_AddInherit,
        pg::AT_AddInherit,
        kInherit,
        Remedy::Remove,
        "a query of the parent does not see the rows of this table: read both through a view with "
        "`UNION ALL`",
    },
    Refused{
        pg::AT_DropInherit,
        pg::AT_DropInherit,
        kInherit,
        Remedy::RemoveSilent,
        "no table inherits from another",
    },
    Refused{
        pg::AT_AddOf,
        pg::AT_DropOf,
        {
            .id = "at_unsupported_of_type",
            .summary = "typed tables are not supported",
            .why = "Composite types do not exist; a table has its own columns.",
            .bad = "alter table t of address;",
            .help = "delete it; the table keeps the columns it was created with",
        },
    },
    Refused{
        pg::AT_AttachPartition,
        pg::AT_AttachPartition,
        {
            .id = "at_unsupported_attach_partition",
            .summary = "partitions are not supported",
            .why = "The service distributes every table by itself. Keep all rows in one table.",
            .bad = "alter table t attach partition t_2026 for values from (2026) to (2027);",
            .help = "delete it together with the partition, and write its rows into the parent",
        },
    },
    Refused{
        pg::AT_DetachPartition,
        pg::AT_DetachPartitionFinalize,
        {
            .id = "at_unsupported_detach_partition",
            .summary = "partitions are not supported",
            .why = "Where detaching a partition was a way to drop old rows, delete them in batches "
                   "of\n"
                   "at most 3,000.",
            .bad = "alter table t detach partition t_2025;",
            .help =
                "delete the partition's rows from the table in batches of at most 3,000 instead",
        },
    },
    Refused{
        pg::AT_GenericOptions,
        pg::AT_GenericOptions,
        {
            .id = "at_unsupported_options",
            .summary = "options of a foreign table are not supported",
            .why = "There are no foreign tables.",
            .bad = "alter table t options (add delimiter '|');",
            .help = "delete it; foreign tables do not exist",
        },
    },
    Refused{
        pg::AT_AlterColumnGenericOptions,
        pg::AT_AlterColumnGenericOptions,
        {
            .id = "at_unsupported_alter_column_options",
            .summary = "options of a foreign table's column are not supported",
            .why = "There are no foreign tables.",
            .bad = "alter table t alter column a options (set column_name 'b');",
            .help = "delete it; foreign tables do not exist",
        },
    },
    Refused{
        pg::AT_SetExpression,
        pg::AT_SetExpression,
        {
            .id = "at_unsupported_alter_column_set_expression",
            .summary = "`SET EXPRESSION` is not supported",
            .why = "It is newer than PostgreSQL 16, whose dialect Aurora DSQL speaks. A generated\n"
                   "column cannot be added later either: drop the expression and let the\n"
                   "application write the column, or create a new table.",
            .bad = "alter table t alter column a set expression as (b * 2);",
            .help = "create a new table with the new expression and copy the rows, or `DROP "
                    "EXPRESSION` and write the column from the application",
        },
    },
    // Accepted by now.
    Refused{
        pg::AT_ColumnDefault,
        pg::AT_ColumnDefault,
        {
            .id = "at_unsupported_alter_column_default",
            .summary = "`SET DEFAULT` and `DROP DEFAULT` are not supported at this engine date",
            .why = "A default can be given only in CREATE TABLE.",
            .bad = "alter table t alter column a set default 1;",
            .help =
                "write the default into the CREATE TABLE, or make a new table and copy the rows",
            .accepted = Capability::ColumnDefaults,
        },
        Remedy::None,
        "",
        Capability::ColumnDefaults,
    },
    Refused{
        pg::AT_DropNotNull,
        pg::AT_DropNotNull,
        {
            .id = "at_unsupported_alter_column_drop_not_null",
            .summary = "`DROP NOT NULL` is not supported at this engine date",
            .why = "NOT NULL can be chosen only in CREATE TABLE.",
            .bad = "alter table t alter column a drop not null;",
            .help = "make a new table without the constraint and copy the rows",
            .accepted = Capability::ColumnDefaults,
        },
        Remedy::None,
        "",
        Capability::ColumnDefaults,
    },
    Refused{
        pg::AT_DropExpression,
        pg::AT_DropExpression,
        {
            .id = "at_unsupported_alter_column_drop_expression",
            .summary = "`DROP EXPRESSION` is not supported at this engine date",
            .why = "A generated column cannot become a plain one.",
            .bad = "alter table t alter column a drop expression;",
            .help = "make a new table with a plain column and copy the rows",
            .accepted = Capability::ColumnDefaults,
        },
        Remedy::None,
        "",
        Capability::ColumnDefaults,
    },
    Refused{
        pg::AT_SetIdentity,
        pg::AT_DropIdentity,
        {
            .id = "at_unsupported_alter_column_identity",
            .summary = "an identity column cannot be changed at this engine date",
            .why =
                "`SET GENERATED`, `RESTART`, the other sequence options and `DROP IDENTITY` are\n"
                "refused.",
            .bad = "alter table t alter column a restart with 100;",
            .help =
                "move the counter with `setval(pg_get_serial_sequence('t', 'a'), …)`, or make a "
                "new table and copy the rows",
            .accepted = Capability::AlterIdentity,
        },
        Remedy::None,
        "",
        Capability::AlterIdentity,
    },
    Refused{
        pg::AT_SetStorage,
        pg::AT_SetStorage,
        {
            .id = "at_unsupported_alter_column_set_storage",
            .summary = "`SET STORAGE` is not supported at this engine date",
            .why = "The storage mode of a column cannot be chosen.",
            .bad = "alter table t alter column a set storage external;",
            .good = "",
            .fixes = Fixes::Always,
            .accepted = Capability::StorageClause,
        },
        Remedy::Remove,
        "the column keeps its type's storage mode",
        Capability::StorageClause,
    },
    Refused{
        pg::AT_EnableTrigAll,
        pg::AT_DisableTrigUser,
        {
            .id = "at_unsupported_trigger_switch",
            .summary = "no trigger exists that could be enabled or disabled",
            .why =
                "Triggers cannot be created, so a statement that names one fails (42704). ALL and\n"
                "USER are accepted and have no effect.",
            .bad = "alter table t disable trigger audit;",
            .good = "",
            .fixes = Fixes::Always,
            .accepted_parts = {Capability::TriggerSwitches},
        },
        Remedy::RemoveSilent,
        "there are no triggers",
        Capability::TriggerSwitches,
    },
    Refused{
        pg::AT_AlterConstraint,
        pg::AT_AlterConstraint,
        {
            .id = "at_unsupported_alter_constraint",
            .summary = "`ALTER CONSTRAINT` is not supported at this engine date",
            .why = "It changes when a foreign key is checked, and there are no foreign keys.",
            .bad = "alter table t alter constraint t_a_fkey deferrable;",
            .help = "delete it; the foreign key does not exist",
            .accepted = Capability::ForeignKeys,
        },
        Remedy::None,
        "",
        Capability::ForeignKeys,
    },
    Refused{
        pg::AT_ChangeOwner,
        pg::AT_ChangeOwner,
        {
            .id = "at_unsupported_owner_to",
            .summary = "`OWNER TO` is not supported at this engine date",
            .why = "A table belongs to the role that created it.",
            .bad = "alter table t owner to app;",
            .good = "",
            .fixes = Fixes::Always,
            .accepted = Capability::RenameAndOwner,
        },
        Remedy::Remove,
        "the table belongs to the role that creates it",
        Capability::RenameAndOwner,
    },
};

// Renaming and moving are separate statements in the tree.

constexpr RuleInfo kRename{
    .id = "at_unsupported_rename",
    .summary = "`RENAME` is not supported at this engine date",
    .why = "Tables, columns and constraints keep their names.",
    .bad = "alter table t rename to u;",
    .help = "create it under the new name and copy the rows",
    .accepted = Capability::RenameAndOwner,
};

constexpr RuleInfo kSetSchema{
    .id = "at_unsupported_set_schema",
    .summary = "`SET SCHEMA` is not supported at this engine date",
    .why = "A table stays in its schema.",
    .bad = "alter table t set schema app;",
    .help = "create the table in the other schema and copy the rows",
    .accepted = Capability::RenameAndOwner,
};

void report_not_yet(Context& ctx) {
  if (!ctx.parents().empty() || ctx.engine().accepts(Capability::RenameAndOwner)) return;
  ctx.report({.range = ctx.head(), .notes = {{ctx.engine().refusal(Capability::RenameAndOwner)}}});
}

void check_rename(const pg::RenameStmt& rename, Context& ctx) {
  const pg::ObjectType type = rename.rename_type();
  const bool column = type == pg::OBJECT_COLUMN && rename.relation_type() == pg::OBJECT_TABLE;
  if (column || type == pg::OBJECT_TABLE || type == pg::OBJECT_TABCONSTRAINT ||
      type == pg::OBJECT_SEQUENCE) {
    report_not_yet(ctx);
  }
}

void check_set_schema(const pg::AlterObjectSchemaStmt& move, Context& ctx) {
  if (move.object_type() == pg::OBJECT_TABLE || move.object_type() == pg::OBJECT_SEQUENCE) {
    report_not_yet(ctx);
  }
}

constexpr bool is_tablespace(const Refused& refused) {
  return refused.first == pg::AT_SetTableSpace;
}

/// `ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b`.
void check_move_all(const pg::AlterTableMoveAllStmt& move, Context& ctx) {
  if (!ctx.parents().empty() || move.objtype() != pg::OBJECT_TABLE) return;
  const Refused& row = *std::find_if(kRefused.begin(), kRefused.end(), is_tablespace);
  ctx.report({.range = ctx.head(),
              .notes = {{std::string(row.note)}},
              .fix = Fix{Safety::Review,
                         "remove the statement",
                         {fixers::remove_statement(ctx.source(), ctx.statement())}}});
}

constexpr bool is_trigger_switch(const Refused& refused) {
  return refused.first == pg::AT_EnableTrigAll;
}

/// ALTER TABLE reaches sequences and views too; foreign tables and types are reported by other
/// rules.
bool is_ours(const pg::AlterTableStmt& alter) {
  return alter.objtype() == pg::OBJECT_TABLE || alter.objtype() == pg::OBJECT_SEQUENCE ||
         alter.objtype() == pg::OBJECT_VIEW;
}

bool names_trigger(const pg::AlterTableCmd& cmd) {
  return cmd.subtype() >= pg::AT_EnableTrig && cmd.subtype() <= pg::AT_DisableTrig;
}

void check_named_triggers(const pg::AlterTableStmt& alter, Context& ctx) {
  if (!ctx.parents().empty() || !is_ours(alter)) return;
  std::optional<AlterTable> table;
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
    if (!names_trigger(cmd)) continue;
    if (!table) table = alter_table(alter, ctx);
    const AlterAction& action = table->actions[static_cast<size_t>(i)];
    Diagnostic finding{.range = offence(action, ctx),
                       .message = fmt::format("trigger `{}` does not exist", cmd.name()),
                       .notes = {{"triggers cannot be created, and a statement that names one "
                                  "fails; only ALL and USER are accepted"}}};
    if (!action.tokens.empty()) {
      finding.fix =
          Fix{Safety::Review, alter.cmds_size() == 1 ? "remove the statement" : "remove the action",
              remove_action(*table, static_cast<size_t>(i), ctx)};
    }
    ctx.report(std::move(finding));
  }
}

template <size_t row>
void check(const pg::AlterTableStmt& alter, Context& ctx) {
  constexpr const Refused& refused = kRefused[row];
  if (!ctx.parents().empty() || !is_ours(alter)) return;
  // The options of a view are not about storage: security_barrier, security_invoker, check_option.
  if (refused.first == pg::AT_SetRelOptions && alter.objtype() == pg::OBJECT_VIEW) return;
  if (refused.until && ctx.engine().accepts(*refused.until)) return;
  const auto concerns = [&](const pg::AlterTableCmd& cmd) {
    return cmd.subtype() >= refused.first && cmd.subtype() <= refused.last;
  };
  std::optional<AlterTable> table;  // read when there is something to report
  for (int i = 0; i < alter.cmds_size(); ++i) {
    if (!concerns(alter.cmds(i).alter_table_cmd())) continue;
    if (!table) table = alter_table(alter, ctx);
    const AlterAction& action = table->actions[static_cast<size_t>(i)];
    Diagnostic finding{.range = offence(action, ctx)};
    if (!refused.note.empty()) finding.notes.push_back({std::string(refused.note)});
    if (refused.until) finding.notes.push_back({ctx.engine().refusal(*refused.until)});
    if (refused.remedy != Remedy::None && !action.tokens.empty()) {
      finding.fix = Fix{refused.remedy == Remedy::Remove ? Safety::Review : Safety::Exact,
                        alter.cmds_size() == 1 ? "remove the statement" : "remove the action",
                        remove_action(*table, static_cast<size_t>(i), ctx)};
    }
    ctx.report(std::move(finding));
  }
}

template <size_t... row>
constexpr std::array<Rule, sizeof...(row) + 4> make_rules(std::index_sequence<row...>) {
  constexpr const Refused& tablespace =
      *std::find_if(kRefused.begin(), kRefused.end(), is_tablespace);
  constexpr const Refused& trigger =
      *std::find_if(kRefused.begin(), kRefused.end(), is_trigger_switch);
  return {rule<check<row>>(kRefused[row].info)..., rule<check_move_all>(tablespace.info),
          rule<check_named_triggers>(trigger.info), rule<check_rename>(kRename),
          rule<check_set_schema>(kSetSchema)};
}

constexpr auto kRules = make_rules(std::make_index_sequence<kRefused.size()>());

}  // namespace

std::span<const Rule> alter_table() { return kRules; }

}  // namespace dsqlint
