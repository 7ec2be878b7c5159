// The rules that report folding: alter_*_collapse, alter_*_fold and the like. What is folded
// is decided in folding.cc.

#include <array>

#include "rules/into_create_table/fold_targets.h"
#include "rules/into_create_table/folding.h"
#include "rules/shared/identity_options.h"

namespace dsqlint {
namespace {

/// What the rule says of its other findings stands for a fold too.
constexpr RuleInfo kNullableIdentity = [] {
  RuleInfo info = kIdentityNotNull;
  info.phase = Phase::Idiom;
  return info;
}();

/// By FoldKind.
constexpr std::array<RuleInfo, kFoldKinds> kInfos = {
    RuleInfo{
        .id = "alter_add_primary_key_collapse",
        .summary = "a primary key cannot be added to an existing table",
        .why = "A table is stored in the order of its primary key, so the key has to be part\n"
               "of CREATE TABLE. Where the same input creates the table, the key moves there.",
        .bad = "create table t (id bigint, n text);\nalter table t add primary key (id);\n",
        .good = "create table t (id bigint, n text, primary key (id));\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_add_unique_collapse",
        .summary = "a unique constraint can only be added to an existing table from an index",
        .why = "It is part of CREATE TABLE, or is made from a unique index that has been\n"
               "built. Where the same input creates the table, the constraint moves into\n"
               "CREATE TABLE.",
        .bad = "create table t (id bigint, n text);\nalter table t add constraint u unique (n);\n",
        .good = "create table t (id bigint, n text, constraint u unique (n));\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_add_check_fold",
        .summary = "a CHECK constraint can only be added to an existing table as NOT VALID",
        .why = "A background job then has to validate it. Where the same input creates the\n"
               "table, the constraint moves into CREATE TABLE, which needs neither.",
        .bad = "create table t (id bigint, n text);\nalter table t add check (n <> '');\n",
        .good = "create table t (id bigint, n text, check (n <> ''));\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_add_foreign_key_fold",
        .summary = "a foreign key can only be added to an existing table as NOT VALID",
        .why = "A background job then has to validate it. Where the same input creates the\n"
               "table, after the table that the key refers to and without rows written in\n"
               "between, the constraint moves into CREATE TABLE, which needs neither.",
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
        .why = "Where the same input creates the table, NOT NULL moves into CREATE TABLE.",
        .bad = "create table t (id bigint);\nalter table t alter id set not null;\n",
        .good = "create table t (id bigint not null);\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_set_default_fold",
        .summary = "SET DEFAULT is not supported at this engine date",
        .why = "Where the same input creates the table, the default moves into CREATE TABLE.",
        .bad = "create table t (id bigint);\nalter table t alter id set default 1;\n",
        .good = "create table t (id bigint default 1);\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
        .accepted = Capability::ColumnDefaults,
    },
    RuleInfo{
        .id = "alter_column_type_fold",
        .summary = "the type of a column cannot be changed after its table was created",
        .why = "Where the same input creates the table and no rows can be affected, the new\n"
               "type moves into CREATE TABLE.",
        .bad = "create table t (id integer);\nalter table t alter id type bigint;\n",
        .good = "create table t (id bigint);\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "alter_add_column_fold",
        .summary = "a column with a default or constraints cannot be added to an existing table",
        .why = "ADD COLUMN accepts only a name and a type. Where the same input creates the\n"
               "table and no rows have been written yet, the column moves into CREATE TABLE.",
        .bad =
            "create table t (id bigint);\nalter table t add column n text not null default '';\n",
        .good = "create table t (id bigint, n text not null default '');\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    RuleInfo{
        .id = "identity_add_generated_collapse",
        .summary = "an identity is added after CREATE TABLE, as pg_dump does",
        .why = "CREATE TABLE can define it. The fixed form has an explicit CACHE, which Aurora\n"
               "DSQL requires, and keeps the options that are not the default. The sequence\n"
               "gets its automatic name: where the dump gives it another one, calls with that\n"
               "name fail.",
        .bad = "create table t (id bigint not null);\n"
               "alter table t alter id add generated by default as identity\n"
               "  (sequence name t_id_seq cache 1);\n",
        .good = "create table t (id bigint not null generated by default as identity (cache 1));\n",
        .fixes = Fixes::Always,
        .phase = Phase::Idiom,
    },
    kNullableIdentity,
    RuleInfo{
        .id = "alter_column_set_compression_strip",
        .summary = "a compression method cannot be chosen",
        .why = "The storage compresses long values by itself; nothing is lost without the\n"
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

constexpr std::array kRules = {
    fold_hook<FoldKind::PrimaryKey>(),   fold_hook<FoldKind::Unique>(),
    fold_hook<FoldKind::Check>(),        fold_hook<FoldKind::ForeignKey>(),
    fold_hook<FoldKind::NotNull>(),      fold_hook<FoldKind::Default>(),
    fold_hook<FoldKind::Type>(),         fold_hook<FoldKind::Column>(),
    fold_hook<FoldKind::Identity>(),     fold_hook<FoldKind::NullableIdentity>(),
    fold_hook<FoldKind::Compression>(),  rule<note_fold_target>(kInfos[0]),
    rule<note_index_name>(kInfos[0]),    rule<note_sequence_name>(kInfos[0]),
    rule<note_dropped_names>(kInfos[0]), rule<note_renamed_names>(kInfos[0]),
    rule<note_moved_names>(kInfos[0]),   rule<note_dropped_constraints>(kInfos[0])};

}  // namespace

const RuleInfo& fold_rule(FoldKind kind) { return kInfos[index_of(kind)]; }

std::span<const Rule> fold_rules() { return kRules; }

}  // namespace dsqlint
