#include "rules/alter_names.h"

#include "engine/generated_names.h"
#include "engine/names.h"

namespace dsqlint {
namespace {

/// Calls `visit(constraint, column)` for all constraints that the statement adds; `column` is empty
/// for those of the table.
template <typename Visit>
void each_constraint(const pg::AlterTableStmt& alter, Visit&& visit) {
  static const std::string kTable;
  for (const pg::Node& node : alter.cmds()) {
    const pg::Node& def = node.alter_table_cmd().def();
    if (def.has_constraint()) visit(def.constraint(), kTable);
    if (!def.has_column_def()) continue;
    for (const pg::Node& part : def.column_def().constraints()) {
      visit(part.constraint(), def.column_def().colname());
    }
  }
}

}  // namespace

AlterNames::AlterNames(const pg::AlterTableStmt& alter, const Schema* schema)
    : table_(object_name(alter.relation())), schema_(schema) {
  each_constraint(alter, [&](const pg::Constraint& constraint, const std::string&) {
    if (!constraint.conname().empty()) given_.insert(constraint.conname());
  });
  // Names of one form are gone through once, not anew for each constraint.
  std::unordered_map<std::string, size_t> next;
  each_constraint(alter, [&](const pg::Constraint& constraint, const std::string& column) {
    const std::string_view label = constraint_label(constraint.contype());
    if (!constraint.conname().empty() || label.empty()) return;
    const std::string middle = constraint_middle(constraint, column);
    const std::string base = generated_name(table_.name, middle, label);
    const size_t known = schema_ == nullptr ? 0 : schema_->chosen_names(table_, base);
    size_t& at = next.try_emplace(base, known).first->second;
    const auto taken = [&](const std::string& name) { return is_taken(name) && ++at != 0; };
    chosen_.emplace(&constraint, free_name(table_.name, middle, label, taken, at));
    ++at;
  });
}

bool AlterNames::is_taken(const std::string& name) const {
  return given_.count(name) != 0 || (schema_ != nullptr && schema_->has_constraint(table_, name));
}

std::string AlterNames::of(const pg::Constraint& constraint) const {
  const auto chosen = chosen_.find(&constraint);
  return chosen == chosen_.end() ? constraint.conname() : chosen->second;
}

std::string AlterNames::not_null(const std::string& column) const {
  return free_name(table_.name, column, "not_null",
                   [&](const std::string& name) { return is_taken(name); });
}

ObjectName sequence_name(const std::string& column, const pg::AlterTableStmt& alter,
                         const Schema* schema) {
  const ObjectName table = object_name(alter.relation());
  const auto taken = [&](const std::string& name) {
    const ObjectName sequence{table.schema, name};
    return schema != nullptr &&
           (schema->find_sequence(sequence) != nullptr || schema->find_table(sequence) != nullptr);
  };
  return {table.schema, free_name(table.name, column, "seq", taken)};
}

}  // namespace dsqlint
