#include "rules/alter_names.h"

#include <algorithm>

#include "engine/generated_names.h"
#include "engine/names.h"

namespace dsqlint {
namespace {

/// Is the name in use on the table, or given to another constraint by this statement?
bool is_taken(const std::string& name, const pg::AlterTableStmt& alter, const Schema* schema) {
  if (schema != nullptr && schema->has_constraint(object_name(alter.relation()), name)) return true;
  return std::any_of(alter.cmds().begin(), alter.cmds().end(), [&](const pg::Node& node) {
    const pg::Node& def = node.alter_table_cmd().def();
    if (def.has_constraint()) return def.constraint().conname() == name;
    if (!def.has_column_def()) return false;
    const auto& constraints = def.column_def().constraints();
    return std::any_of(constraints.begin(), constraints.end(),
                       [&](const pg::Node& c) { return c.constraint().conname() == name; });
  });
}

std::string chosen(const std::string& column, std::string_view label,
                   const pg::AlterTableStmt& alter, const Schema* schema) {
  return free_name(alter.relation().relname(), column, label,
                   [&](const std::string& name) { return is_taken(name, alter, schema); });
}

/// How many constraints of the same statement would get the same name before `constraint`.
size_t earlier_namesakes(const pg::Constraint& constraint, const std::string& base,
                         const pg::AlterTableStmt& alter) {
  size_t count = 0;
  const auto same = [&](const pg::Constraint& other, const std::string& column) {
    return other.conname().empty() && other.contype() == constraint.contype() &&
           constraint_middle(other, column) == base;
  };
  for (const pg::Node& node : alter.cmds()) {
    const pg::Node& def = node.alter_table_cmd().def();
    if (def.has_constraint()) {
      if (&def.constraint() == &constraint) return count;
      if (same(def.constraint(), {})) ++count;
    } else if (def.has_column_def()) {
      for (const pg::Node& part : def.column_def().constraints()) {
        if (&part.constraint() == &constraint) return count;
        if (same(part.constraint(), def.column_def().colname())) ++count;
      }
    }
  }
  return count;
}

}  // namespace

std::string constraint_name(const pg::Constraint& constraint, const std::string& column,
                            const pg::AlterTableStmt& alter, const Schema* schema) {
  const std::string base = constraint_middle(constraint, column);
  size_t skip = earlier_namesakes(constraint, base, alter);
  const std::string& table = alter.relation().relname();
  const std::string_view label = constraint_label(constraint.contype());
  const size_t known = schema == nullptr ? 0
                                         : schema->chosen_names(object_name(alter.relation()),
                                                                generated_name(table, base, label));
  const auto taken = [&](const std::string& name) {
    return is_taken(name, alter, schema) || skip-- > 0;
  };
  return free_name(table, base, label, taken, known);
}

std::string not_null_name(const std::string& column, const pg::AlterTableStmt& alter,
                          const Schema* schema) {
  return chosen(column, "not_null", alter, schema);
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
