// What folding knows of the tables that a file creates: what each CREATE TABLE offers, and what has
// happened to the table since.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/catalog/name_index.h"
#include "engine/lint/rule.h"
#include "rules/into_create_table/create_table_text.h"
#include "rules/into_create_table/name_uses.h"

namespace dsqlint {

inline constexpr size_t kNoFold = static_cast<size_t>(-1);

/// Aspects of a column that an ALTER which stays has changed: a later change of the same aspect
/// must not overtake it.
enum Aspect : uint8_t { kTypeAspect = 1, kNullAspect = 2, kDefaultAspect = 4, kIdentityAspect = 8 };

/// Folds are counted as in their plan.
struct FoldColumn {
  size_t element = kNoFold;   ///< of the CREATE TABLE
  size_t brought = kNoFold;   ///< or the fold that brings it there
  size_t retyped = kNoFold;   ///< the fold that replaces its type
  size_t numbered = kNoFold;  ///< the fold that makes it an identity
  bool required = false;      ///< a fold makes it NOT NULL
  uint8_t touched = 0;        ///< Aspects
};

struct FoldKey {
  KeyKind kind;
  std::vector<std::string> columns;
};

/// A table that the file creates. Names are the trees' own.
struct FoldTarget {
  const Table* table = nullptr;
  const pg::CreateStmt* tree = nullptr;
  const CreateTableText* text = nullptr;  ///< null until it is read
  std::string sql_name;                   ///< as it has to be written; empty until it is read
  NameMap<FoldColumn, std::string_view> columns;
  NameSet<std::string_view> gone;                ///< names of dropped columns
  NameSet<std::string_view> names;               ///< of constraints
  NameMap<size_t, std::string_view> idle_drops;  ///< statements, by the name they do not find
  std::vector<FoldKey> keys;
  size_t event = 0;         ///< the next one to look at
  size_t copied = kNoFold;  ///< the first statement that makes another table LIKE it
  bool renamed = false;
  bool inserted = false;           ///< rows were added since it was created
  bool changed = false;            ///< rows were changed or removed
  bool mentioned = false;          ///< something else was built on it
  bool shed = false;               ///< a constraint or an index of it was dropped
  bool order_lost = false;         ///< an ADD COLUMN stayed: later columns must stay after it
  size_t first_element = kNoFold;  ///< the fold that puts the first element into an empty list

  bool has_primary_key() const;
  /// Takes in what happened before `statement`.
  void catch_up(size_t statement);
  /// Takes in an action that stays where it is.
  void stay(const pg::AlterTableCmd& cmd);
  /// Takes in a constraint, of `column` or of the table.
  void add_constraint(const pg::Constraint& constraint, const std::string& column);
  /// Are the columns there when the table is created, and still what they were then? Sets
  /// `waits_for` where one comes with a fold.
  bool offers(const std::vector<std::string>& wanted, uint8_t aspects, size_t& waits_for) const;
};

/// Notes what a CREATE TABLE offers.
void note_fold_target(const pg::CreateStmt& create, NoteContext& ctx);

class FoldTargets {
 public:
  explicit FoldTargets(ScriptContext& ctx);
  /// The table of an ALTER TABLE, as it is before it; null where the file does not create it.
  FoldTarget* altered_by(size_t statement);
  /// Makes its text ready.
  void read(FoldTarget& target) const;
  /// Does it use a function, type or sequence that is made after the table?
  bool needs_later(AstRef tree, const FoldTarget& target) const;
  /// Is the table a foreign key names there, with its key, when `target` is created?
  bool can_refer(const FoldTarget& target, const pg::Constraint& constraint);
  /// Has nothing taken or freed the name of a constraint, of `column` or of the table, between
  /// CREATE TABLE and here? A statement that would find it only once it is folded, and has to go
  /// then, is put into `idle_drop`.
  bool can_name(const FoldTarget& target, const pg::Constraint& constraint,
                const std::string& column, size_t& idle_drop) const;
  /// The same of the sequence that a serial or identity column brings.
  bool can_number(const FoldTarget& target, const std::string& column) const;

 private:
  static constexpr TableId kNoTable = static_cast<TableId>(-1);

  FoldTarget* target_of(TableId id);
  /// Takes in the names used up to `statement`.
  void catch_up(size_t statement);
  /// Was that the table's name when it was created?
  bool was_called(TableId id, const std::string& name) const;

  const ScriptContext& ctx_;
  const CreateTableTexts& texts_;
  std::vector<TableId> altered_;  ///< by statement, kNoTable where it alters none
  NameIndex by_name_;             ///< TableIds by bare name, first and last
  /// By TableId, from first_ on; null where the table is made otherwise.
  std::vector<FoldTarget*> targets_;
  size_t first_ = 0;  ///< of this file
  const NameUses& uses_;
  size_t next_use_ = 0;
  // The last statements that used them.
  NameMap<size_t, std::string_view> index_names_;
  NameMap<size_t, std::string_view> constraint_names_;
};

}  // namespace dsqlint
