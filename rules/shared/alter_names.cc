#include "rules/shared/alter_names.h"

#include <algorithm>
#include <vector>

#include "engine/catalog/generated_names.h"
#include "engine/catalog/named_objects.h"
#include "engine/parse/names.h"

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

bool has(const pg::ColumnDef& column, pg::ConstrType type) {
  return std::any_of(column.constraints().begin(), column.constraints().end(),
                     [&](const pg::Node& node) { return node.constraint().contype() == type; });
}

bool is_numbered(const pg::ColumnDef& column) {
  return is_serial(type_ref(column.type_name())) || has(column, pg::CONSTR_IDENTITY);
}

/// Names for the columns of one table. Those that are cut may be the same.
class ColumnNames {
 public:
  ColumnNames(const std::string& table, std::string_view label) : table_(table), label_(label) {}

  template <typename Taken>
  std::string next(const std::string& column, const Taken& is_taken) {
    // Names of one form are gone through once, not again for each column.
    size_t& at = next_[generated_name(table_, column, label_)];
    const auto taken = [&](const std::string& name) {
      return (chosen_.count(name) != 0 || is_taken(name)) && ++at != 0;
    };
    std::string name = free_name(table_, column, label_, taken, at);
    ++at;
    chosen_.insert(name);
    return name;
  }

 private:
  const std::string& table_;
  std::string_view label_;
  std::unordered_map<std::string, size_t> next_;
  std::unordered_set<std::string> chosen_;
};

}  // namespace

AlterNames::AlterNames(const pg::AlterTableStmt& alter, const Schema* schema)
    : table_(object_name(alter.relation())), schema_(schema) {
  each_constraint(alter, [&](const pg::Constraint& constraint, const std::string&) {
    if (!constraint.conname().empty()) given_.insert(constraint.conname());
  });
  // Names of one form are gone through once, not again for each constraint.
  std::unordered_map<std::string, size_t> next;
  each_constraint(alter, [&](const pg::Constraint& constraint, const std::string& column) {
    const std::string_view label = constraint_label(constraint.contype());
    if (!constraint.conname().empty() || label.empty()) return;
    const std::string middle = constraint_middle(constraint, column);
    const std::string base = generated_name(table_.name, middle, label);
    const size_t known = schema_ == nullptr ? 0 : schema_->chosen_names(table_, base);
    size_t& at = next.try_emplace(base, known).first->second;
    const bool index = has_index(constraint.contype());
    const auto taken = [&](const std::string& name) {
      const bool clashes =
          is_taken(name) || (index && schema_ != nullptr && is_relation(*schema_, table_, name));
      return clashes && ++at != 0;
    };
    chosen_.emplace(&constraint, free_name(table_.name, middle, label, taken, at));
    ++at;
  });
  name_not_nulls(alter);
  name_sequences(alter);
}

void AlterNames::name_not_nulls(const pg::AlterTableStmt& alter) {
  const Table* table = schema_ == nullptr ? nullptr : schema_->find_altered(table_);
  ColumnNames names(table_.name, "not_null");
  const auto choose = [&](const std::string& column) {
    if (not_nulls_.contains(column)) return;
    not_nulls_[column] =
        names.next(column, [&](const std::string& name) { return is_taken(name); });
  };
  for (const pg::Node& node : alter.cmds()) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    const pg::ColumnDef& def = cmd.def().column_def();
    if (cmd.subtype() == pg::AT_AddColumn) {
      if (is_numbered(def) || has(def, pg::CONSTR_NOTNULL)) choose(def.colname());
    } else if (cmd.subtype() == pg::AT_SetNotNull || cmd.subtype() == pg::AT_AlterColumnType) {
      const Column* column = table == nullptr ? nullptr : table->column(cmd.name());
      const bool not_null = column != nullptr && column->not_null;
      if (not_null == (cmd.subtype() == pg::AT_AlterColumnType)) choose(cmd.name());
    }
  }
}

void AlterNames::name_sequences(const pg::AlterTableStmt& alter) {
  std::vector<std::string> added;
  for (const pg::Node& node : alter.cmds()) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    if (cmd.subtype() == pg::AT_AddColumn && is_numbered(cmd.def().column_def())) {
      added.push_back(cmd.def().column_def().colname());
    }
  }
  if (added.empty()) return;
  const auto taken = [&](const std::string& name) {
    const ObjectName sequence{table_.schema, name};
    return schema_ != nullptr && (schema_->find_sequence(sequence) != nullptr ||
                                  schema_->find_table(sequence) != nullptr);
  };
  ColumnNames names(table_.name, "seq");
  // The columns that are there have theirs, which only a cut name can meet.
  if (const Table* table = schema_ == nullptr ? nullptr : schema_->find_altered(table_)) {
    for (const Column& column : table->columns) {
      if (!column.identity && !is_serial(column.type)) continue;
      if (generated_name(table_.name, column.name, "seq").size() ==
              table_.name.size() + column.name.size() + std::string_view("__seq").size() ||
          std::find(added.begin(), added.end(), column.name) != added.end()) {
        continue;
      }
      names.next(column.name, taken);
    }
  }
  for (const std::string& column : added) {
    if (!sequences_.contains(column)) sequences_[column] = names.next(column, taken);
  }
}

bool AlterNames::is_taken(const std::string& name) const {
  return given_.count(name) != 0 || (schema_ != nullptr && schema_->has_constraint(table_, name));
}

std::string AlterNames::of(const pg::Constraint& constraint) const {
  const auto chosen = chosen_.find(&constraint);
  return chosen == chosen_.end() ? constraint.conname() : chosen->second;
}

std::string AlterNames::not_null(const std::string& column) const {
  const auto chosen = not_nulls_.find(column);
  if (chosen != not_nulls_.end()) return chosen->second;
  return free_name(table_.name, column, "not_null",
                   [&](const std::string& name) { return is_taken(name); });
}

ObjectName AlterNames::sequence(const std::string& column) const {
  const auto chosen = sequences_.find(column);
  return {table_.schema,
          chosen == sequences_.end() ? generated_name(table_.name, column, "seq") : chosen->second};
}

}  // namespace dsqlint
