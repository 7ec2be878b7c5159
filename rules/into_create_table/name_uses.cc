#include "rules/into_create_table/name_uses.h"

#include "engine/parse/names.h"

namespace dsqlint {

namespace {

/// Statements that each take all indexes of a table along could name them without end.
constexpr size_t kMaxUses = 1u << 20;

void add(NameUse::Kind kind, const std::string& name, NoteContext& ctx) {
  NameUses& uses = ctx.notes<NameUses>();
  if (uses.all.size() == kMaxUses) uses.complete = false;
  if (!name.empty() && uses.complete) uses.all.push_back({kind, ctx.index(), name});
}

/// A table that goes takes the names of its indexes along.
void add_indexes_of(const ObjectName& name, NoteContext& ctx) {
  const Table* table = ctx.schema().find_altered(name);
  if (table == nullptr) return;
  for (const Key& key : table->keys) add(NameUse::Kind::Index, key.name, ctx);
  for (const Index& index : table->indexes) add(NameUse::Kind::Index, index.name, ctx);
}

}  // namespace

void note_index_name(const pg::IndexStmt& index, NoteContext& ctx) {
  add(NameUse::Kind::Index, index.idxname(), ctx);
}

void note_sequence_name(const pg::CreateSeqStmt& sequence, NoteContext& ctx) {
  add(NameUse::Kind::Index, sequence.sequence().relname(), ctx);
}

void note_dropped_names(const pg::DropStmt& drop, NoteContext& ctx) {
  for (const pg::Node& object : drop.objects()) {
    if (drop.remove_type() == pg::OBJECT_INDEX) {
      add(NameUse::Kind::Index, object_name(object).name, ctx);
    } else if (drop.remove_type() == pg::OBJECT_TABLE) {
      add_indexes_of(object_name(object), ctx);
    }
  }
}

void note_renamed_names(const pg::RenameStmt& rename, NoteContext& ctx) {
  const bool constraint = rename.rename_type() == pg::OBJECT_TABCONSTRAINT;
  // ALTER TABLE renames indexes too. The constraint goes with the index of a key.
  if (!constraint && rename.rename_type() != pg::OBJECT_INDEX &&
      rename.rename_type() != pg::OBJECT_TABLE) {
    return;
  }
  add(NameUse::Kind::Constraint, constraint ? rename.subname() : rename.relation().relname(), ctx);
  add(NameUse::Kind::Constraint, rename.newname(), ctx);
}

void note_moved_names(const pg::AlterObjectSchemaStmt& move, NoteContext& ctx) {
  if (move.object_type() == pg::OBJECT_TABLE) add_indexes_of(object_name(move.relation()), ctx);
}

void note_dropped_constraints(const pg::AlterTableStmt& alter, NoteContext& ctx) {
  for (const pg::Node& node : alter.cmds()) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    if (cmd.subtype() == pg::AT_DropColumn) {
      add_indexes_of(object_name(alter.relation()), ctx);
    } else if (cmd.subtype() == pg::AT_DropConstraint) {
      const bool idle = alter.cmds_size() == 1 && cmd.missing_ok() &&
                        !ctx.schema().has_constraint(object_name(alter.relation()), cmd.name());
      add(idle ? NameUse::Kind::IdleDrop : NameUse::Kind::Constraint, cmd.name(), ctx);
    }
  }
}

}  // namespace dsqlint
