// The rules that speak about folding: alter_*_collapse, alter_*_fold and their like. What is folded
// is decided in folding.cc.

#include <array>

#include "rules/into_create_table/fold_targets.h"
#include "rules/into_create_table/folding.h"

namespace dsqlint {
namespace {

/// By FoldKind.
constexpr std::array<RuleInfo, kFoldKinds> kInfos = {
    RuleInfo{
        .id = "alter_add_primary_key_collapse",
        .summary = "a primary key cannot be added to a table that exists",
        .why =
            "A table is stored in the order of its primary key, so the key has to be there when\n"
            "the table is created. Where the same file creates the table, the key moves there.",
        .bad = "create table t (id bigint, n text);\nalter table t add primary key (id);\n",
        .good = "create table t (id bigint, n text, primary key (id));\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_add_unique_collapse",
        .summary = "a unique constraint cannot be added to a table that exists",
        .why =
            "It belongs into CREATE TABLE. Where the same file creates the table, the constraint\n"
            "moves there.",
        .bad = "create table t (id bigint, n text);\nalter table t add constraint u unique (n);\n",
        .good = "create table t (id bigint, n text, constraint u unique (n));\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_add_check_fold",
        .summary = "a check constraint cannot be added as valid to a table that exists",
        .why =
            "It can only be added as NOT VALID, and has to be validated by a background job then.\n"
            "Where the same file creates the table, the constraint moves into CREATE TABLE, which\n"
            "needs neither.",
        .bad = "create table t (id bigint, n text);\nalter table t add check (n <> '');\n",
        .good = "create table t (id bigint, n text, check (n <> ''));\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_add_foreign_key_fold",
        .summary = "a foreign key cannot be added as valid to a table that exists",
        .why =
            "It can only be added as NOT VALID, and has to be validated by a background job then.\n"
            "Where the same file creates the table, after the table referred to and with no rows\n"
            "in between, the constraint moves into CREATE TABLE, which needs neither.",
        .bad = "create table p (id bigint primary key);\n"
               "create table c (p bigint);\n"
               "alter table c add foreign key (p) references p;\n",
        .good = "create table p (id bigint primary key);\n"
                "create table c (p bigint, foreign key (p) references p);\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_set_not_null_fold",
        .summary = "a column cannot be made NOT NULL after its table was created",
        .why = "Where the same file creates the table, NOT NULL moves into CREATE TABLE.",
        .bad = "create table t (id bigint);\nalter table t alter id set not null;\n",
        .good = "create table t (id bigint not null);\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_set_default_fold",
        .summary = "a column cannot be given a default after its table was created",
        .why =
            "SET DEFAULT is accepted since 2026-07-06. For an engine before that day, and where\n"
            "the same file creates the table, the default moves into CREATE TABLE.",
        .bad = "create table t (id bigint);\nalter table t alter id set default 1;\n",
        .good = "create table t (id bigint default 1);\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
        .accepted = Capability::ColumnDefaults,
    },
    RuleInfo{
        .id = "alter_column_type_fold",
        .summary = "the type of a column cannot be changed after its table was created",
        .why = "Where the same file creates the table and no rows can be affected, the new type "
               "moves\n"
               "into CREATE TABLE.",
        .bad = "create table t (id integer);\nalter table t alter id type bigint;\n",
        .good = "create table t (id bigint);\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_add_column_fold",
        .summary = "a column with a default or constraints cannot be added to a table that exists",
        .why =
            "ADD COLUMN takes a name and a type and nothing else. Where the same file creates the\n"
            "table and no rows were written yet, the column moves into CREATE TABLE.",
        .bad =
            "create table t (id bigint);\nalter table t add column n text not null default '';\n",
        .good = "create table t (id bigint, n text not null default '');\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "identity_add_generated_collapse",
        .summary = "an identity is added after its table was created, as pg_dump does",
        .why = "CREATE TABLE can say it in one place. The fixed form names a cache, which Aurora "
               "DSQL\n"
               "demands, and keeps the options that are not the default. The sequence gets its\n"
               "automatic name: where the dump named it otherwise, calls by that name miss it.",
        .bad = "create table t (id bigint not null);\n"
               "alter table t alter id add generated by default as identity (cache 1);\n",
        .good = "create table t (id bigint not null generated by default as identity (cache 1));\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_column_set_compression_strip",
        .summary = "compression methods cannot be chosen",
        .why = "Long values are compressed by the storage as it sees fit; nothing is lost without "
               "the\n"
               "statement.",
        .bad = "create table t (n text);\nalter table t alter n set compression lz4;\n",
        .good = "create table t (n text);\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
};

constexpr size_t index_of(FoldKind kind) { return static_cast<size_t>(kind); }

template <FoldKind kind>
void report_folds(ScriptContext& ctx) {
  for (Fold& fold : ctx.facts<FoldPlan>().of(kind)) {
    ctx.report(std::move(fold.finding));
    // What stays of the statement keeps its own findings.
    ctx.claim(ctx.document().statements()[fold.statement], fold.claimed);
    if (fold.idle_drop) ctx.claim(ctx.document().statements()[*fold.idle_drop]);
  }
}

template <FoldKind kind>
constexpr Rule fold_hook() {
  return rule<report_folds<kind>>(kInfos[index_of(kind)]);
}

constexpr std::array kRules = {fold_hook<FoldKind::PrimaryKey>(),
                               fold_hook<FoldKind::Unique>(),
                               fold_hook<FoldKind::Check>(),
                               fold_hook<FoldKind::ForeignKey>(),
                               fold_hook<FoldKind::NotNull>(),
                               fold_hook<FoldKind::Default>(),
                               fold_hook<FoldKind::Type>(),
                               fold_hook<FoldKind::Column>(),
                               fold_hook<FoldKind::Identity>(),
                               fold_hook<FoldKind::Compression>(),
                               rule<note_fold_target>(kInfos[0]),
                               rule<note_index_name>(kInfos[0]),
                               rule<note_sequence_name>(kInfos[0]),
                               rule<note_dropped_names>(kInfos[0]),
                               rule<note_renamed_names>(kInfos[0]),
                               rule<note_moved_names>(kInfos[0]),
                               rule<note_dropped_constraints>(kInfos[0])};

}  // namespace

const RuleInfo& fold_rule(FoldKind kind) { return kInfos[index_of(kind)]; }

std::span<const Rule> fold_rules() { return kRules; }

}  // namespace dsqlint
