#include "rules/fold_targets.h"

#include <algorithm>
#include <optional>

#include "engine/names.h"
#include "engine/walk.h"

namespace dsqlint {

bool FoldTarget::has_primary_key() const {
  return std::any_of(keys.begin(), keys.end(),
                     [](const FoldKey& key) { return key.kind == KeyKind::Primary; });
}

void FoldTarget::catch_up(size_t statement) {
  for (; event < table->events.size(); ++event) {
    const TableEvent& next = table->events[event];
    if (next.statement.index >= statement) break;
    renamed |= next.kind == TableEvent::Kind::Renamed;
    inserted |= next.kind == TableEvent::Kind::Inserted;
    changed |= next.kind == TableEvent::Kind::Changed;
    mentioned |= next.kind == TableEvent::Kind::Mentioned;
  }
}

void FoldTarget::stay(const pg::AlterTableCmd& cmd) {
  const auto touch = [&](uint8_t aspect) {
    const auto column = columns.find(cmd.name());
    if (column != columns.end()) column->second.touched |= aspect;
  };
  switch (cmd.subtype()) {
    case pg::AT_AddColumn:
      order_lost = true;
      return;
    case pg::AT_DropColumn:
      columns.erase(cmd.name());
      gone.insert(cmd.name());
      return;
    case pg::AT_AddConstraint:
      if (!cmd.def().constraint().conname().empty()) {
        names.insert(cmd.def().constraint().conname());
      }
      return;
    case pg::AT_AlterColumnType:
      return touch(kTypeAspect);
    case pg::AT_SetNotNull:
    case pg::AT_DropNotNull:
      return touch(kNullAspect);
    case pg::AT_ColumnDefault:
    case pg::AT_DropExpression:
      return touch(kDefaultAspect);
    case pg::AT_AddIdentity:
    case pg::AT_SetIdentity:
    case pg::AT_DropIdentity:
      return touch(kIdentityAspect);
    default:
      return;
  }
}

void FoldTarget::add_constraint(const pg::Constraint& constraint, const std::string& column) {
  if (!constraint.conname().empty()) names.insert(constraint.conname());
  if (constraint.contype() != pg::CONSTR_PRIMARY && constraint.contype() != pg::CONSTR_UNIQUE) {
    return;
  }
  keys.push_back({constraint.contype() == pg::CONSTR_PRIMARY ? KeyKind::Primary : KeyKind::Unique,
                  column.empty() ? string_values(constraint.keys()) : std::vector{column}});
}

bool FoldTarget::offers(const std::vector<std::string>& wanted, uint8_t aspects,
                        size_t& waits_for) const {
  for (const std::string& name : wanted) {
    const auto column = columns.find(name);
    if (column == columns.end()) {
      // LIKE and INHERITS bring columns we do not see.
      if (table->complete || gone.count(name) != 0) return false;
      continue;
    }
    if ((column->second.touched & aspects) != 0) return false;
    if (column->second.brought != kNoFold) waits_for = column->second.brought;
  }
  return true;
}

FoldTargets::FoldTargets(ScriptContext& ctx) : ctx_(ctx), texts_(ctx.facts<CreateTableTexts>()) {
  const std::span<const Statement> statements = ctx.document().statements();
  const std::vector<Table>& tables = ctx.schema().tables();
  first_ = ctx.schema().first_table();
  targets_.resize(tables.size() - first_);
  altered_.assign(statements.size(), kNoTable);
  for (size_t id = first_; id < tables.size(); ++id) {
    const Table& table = tables[id];
    by_name_.emplace(table.name.name, id);
    const auto* tree = tree_of(statements[table.created.index]).as<pg::CreateStmt>();
    if (tree == nullptr) continue;
    if (tree->relation().relname() != table.name.name) {
      by_name_.emplace(tree->relation().relname(), id);
    }
    for (const TableEvent& event : table.events) {
      if (event.kind == TableEvent::Kind::Altered) altered_[event.statement.index] = id;
    }
  }
}

FoldTarget* FoldTargets::altered_by(size_t statement) {
  const size_t id = altered_[statement];
  FoldTarget* target = id == kNoTable ? nullptr : target_of(id);
  if (target == nullptr) return nullptr;
  target->catch_up(statement);
  return target;
}

void FoldTargets::read(FoldTarget& target) const {
  if (target.text != nullptr) return;
  target.text = &texts_.of(target.table->created.index);
  target.sql_name = to_sql(object_name(target.tree->relation()));
}

FoldTarget* FoldTargets::target_of(size_t id) {
  std::unique_ptr<FoldTarget>& known = targets_[id - first_];
  if (known != nullptr) return known->tree == nullptr ? nullptr : known.get();
  known = std::make_unique<FoldTarget>();
  FoldTarget& target = *known;
  target.table = &ctx_.schema().tables()[id];
  const Statement& created = ctx_.document().statements()[target.table->created.index];
  target.tree = tree_of(created).as<pg::CreateStmt>();
  if (target.tree == nullptr) return nullptr;
  int element = 0;
  target.columns.reserve(static_cast<size_t>(target.tree->table_elts_size()));
  for (const pg::Node& node : target.tree->table_elts()) {
    if (node.has_column_def()) {
      const pg::ColumnDef& column = node.column_def();
      target.columns[column.colname()].element = static_cast<size_t>(element);
      for (const pg::Node& constraint : column.constraints()) {
        target.add_constraint(constraint.constraint(), column.colname());
      }
    } else if (node.has_constraint()) {
      target.add_constraint(node.constraint(), "");
    }
    ++element;
  }
  return &target;
}

bool FoldTargets::needs_later(AstRef tree, const FoldTarget& target) const {
  const Schema& schema = ctx_.schema();
  const StatementRef created = target.table->created;
  bool later = false;
  Walker walker;
  walker.walk(tree, [&](AstRef node, const std::vector<AstRef>&) {
    if (const auto* call = node.as<pg::FuncCall>()) {
      const Function* function = schema.find_function(object_name(call->funcname()));
      later |= function != nullptr && function->created > created;
    } else if (const auto* type = node.as<pg::TypeName>()) {
      const TypeRef ref = type_ref(*type);
      const UserType* user = schema.find_type({ref.schema, ref.name});
      later |= user != nullptr && user->created > created;
    } else if (const auto* constraint = node.as<pg::Constraint>()) {
      if (const auto sequence = nextval_sequence(constraint->raw_expr())) {
        const Sequence* known = schema.find_sequence(*sequence);
        later |= known != nullptr && known->created > created;
      }
    }
  });
  return later;
}

bool FoldTargets::can_refer(const FoldTarget& target, const pg::Constraint& constraint) {
  const std::vector<Table>& tables = ctx_.schema().tables();
  const ObjectName name = object_name(constraint.pktable());
  const std::vector<std::string> wanted = string_values(constraint.pk_attrs());
  std::optional<size_t> parent;
  const auto [begin, end] = by_name_.equal_range(name.name);
  for (auto it = begin; it != end; ++it) {
    const Table& table = tables[it->second];
    if (!name.schema.empty() && !table.name.schema.empty() && table.name.schema != name.schema) {
      continue;
    }
    const bool exact = table.name.schema == name.schema;
    const bool best_exact = parent && tables[*parent].name.schema == name.schema;
    if (!parent || (exact && !best_exact) ||
        (exact == best_exact && table.created > tables[*parent].created)) {
      parent = it->second;
    }
  }
  if (!parent) return true;  // it is there already
  FoldTarget* referred = target_of(*parent);
  if (referred == nullptr || referred->renamed) return false;
  if (referred->table->created > target.table->created) return false;
  if (!referred->table->complete) return true;
  return std::any_of(referred->keys.begin(), referred->keys.end(), [&](const FoldKey& key) {
    return wanted.empty()
               ? key.kind == KeyKind::Primary
               : key.columns.size() == wanted.size() &&
                     std::is_permutation(key.columns.begin(), key.columns.end(), wanted.begin());
  });
}

}  // namespace dsqlint
