// Where a file takes or frees names of constraints and indexes: a constraint that is folded into
// CREATE TABLE has its name sooner, and what stands in between must not meet it.
#pragma once

#include <string>
#include <vector>

#include "engine/lint/rule.h"

namespace dsqlint {

struct NameUse {
  enum class Kind : uint8_t {
    Index,       ///< of an index, a key's included, or a sequence
    Constraint,  ///< dropped or renamed
    IdleDrop,    ///< ALTER TABLE t DROP CONSTRAINT IF EXISTS, and nothing else, where t has none
  } kind;
  size_t statement;
  std::string name;
};

struct NameUses {
  std::vector<NameUse> all;  ///< in order
  bool complete = true;      ///< false: there are more than anybody writes
};

void note_index_name(const pg::IndexStmt& index, NoteContext& ctx);
void note_sequence_name(const pg::CreateSeqStmt& sequence, NoteContext& ctx);
void note_dropped_names(const pg::DropStmt& drop, NoteContext& ctx);
void note_renamed_names(const pg::RenameStmt& rename, NoteContext& ctx);
void note_moved_names(const pg::AlterObjectSchemaStmt& move, NoteContext& ctx);
void note_dropped_constraints(const pg::AlterTableStmt& alter, NoteContext& ctx);

}  // namespace dsqlint
