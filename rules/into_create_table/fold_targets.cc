#include "rules/into_create_table/fold_targets.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "engine/catalog/generated_names.h"
#include "engine/catalog/named_objects.h"
#include "engine/parse/names.h"
#include "engine/parse/walk.h"

namespace dsqlint {

namespace {

/// Made as the statements pass, when the trees are in the caches; the plan goes on with them.
struct NotedTargets {
  struct Noted {
    size_t statement;
    FoldTarget target;
  };
  mutable std::deque<Noted> all;
};

}  // namespace

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
    shed |= next.kind == TableEvent::Kind::Unindexed;
  }
}

void FoldTarget::stay(const pg::AlterTableCmd& cmd) {
  const auto touch = [&](uint8_t aspect) {
    if (FoldColumn* column = columns.find(cmd.name())) column->touched |= aspect;
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
    case pg::AT_DropConstraint:
      shed = true;
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
    const FoldColumn* column = columns.find(name);
    if (column == nullptr) {
      // LIKE and INHERITS bring columns we do not see.
      if (table->complete || gone.contains(name)) return false;
      continue;
    }
    if ((column->touched & aspects) != 0) return false;
    if (column->brought != kNoFold) waits_for = column->brought;
  }
  return true;
}

namespace {

/// What is folded into the table afterwards would be copied too.
void note_copied(const pg::TableLikeClause& like, NoteContext& ctx) {
  const Table* table = ctx.schema().find_table(object_name(like.relation()));
  if (table == nullptr || table->created.file < ctx.schema().file()) return;
  std::deque<NotedTargets::Noted>& all = ctx.notes<NotedTargets>().all;
  const auto noted = std::partition_point(all.begin(), all.end(), [&](const auto& one) {
    return one.statement < table->created.index;
  });
  if (noted == all.end() || noted->statement != table->created.index) return;
  noted->target.copied = std::min(noted->target.copied, ctx.index());
}

}  // namespace

void note_fold_target(const pg::CreateStmt& create, NoteContext& ctx) {
  FoldTarget& target =
      ctx.notes<NotedTargets>().all.emplace_back(NotedTargets::Noted{ctx.index(), {}}).target;
  target.tree = &create;
  target.columns.reserve(static_cast<size_t>(create.table_elts_size()));
  size_t element = 0;
  for (const pg::Node& node : create.table_elts()) {
    if (node.has_column_def()) {
      const pg::ColumnDef& column = node.column_def();
      target.columns[column.colname()].element = element;
      for (const pg::Node& constraint : column.constraints()) {
        target.add_constraint(constraint.constraint(), column.colname());
      }
    } else if (node.has_constraint()) {
      target.add_constraint(node.constraint(), "");
    } else if (node.has_table_like_clause()) {
      note_copied(node.table_like_clause(), ctx);
    }
    ++element;
  }
}

namespace {

/// Has the name been taken or freed after CREATE TABLE?
bool used_since(const FoldTarget& target, const std::string& name,
                const NameMap<size_t, std::string_view>& names) {
  const size_t* last = names.find(name);
  return last != nullptr && *last > target.table->created.index;
}

}  // namespace

FoldTargets::FoldTargets(ScriptContext& ctx)
    : ctx_(ctx), texts_(ctx.facts<CreateTableTexts>()), uses_(ctx.notes<NameUses>()) {
  const std::vector<Table>& tables = ctx.schema().tables();
  std::deque<NotedTargets::Noted>& noted = ctx.notes<NotedTargets>().all;
  first_ = ctx.schema().first_table();
  altered_.assign(ctx.document().statements().size(), kNoTable);
  targets_.reserve(tables.size() - first_);
  size_t next = 0;
  for (size_t id = first_; id < tables.size(); ++id) {
    const Table& table = tables[id];
    by_name_.add(table.name.name, static_cast<TableId>(id));
    while (next < noted.size() && noted[next].statement < table.created.index) ++next;
    const bool own = next < noted.size() && noted[next].statement == table.created.index;
    targets_.push_back(own ? &noted[next].target : nullptr);
    for (const TableEvent& event : table.events) {
      if (event.kind == TableEvent::Kind::Altered) {
        altered_[event.statement.index] = static_cast<TableId>(id);
      }
      if (event.kind != TableEvent::Kind::Renamed || !own) continue;
      const std::string& first = noted[next].target.tree->relation().relname();
      if (first != table.name.name) by_name_.add(first, static_cast<TableId>(id));
    }
  }
}

FoldTarget* FoldTargets::altered_by(size_t statement) {
  const TableId id = altered_[statement];
  FoldTarget* target = id == kNoTable ? nullptr : target_of(id);
  if (target == nullptr) return nullptr;
  target->catch_up(statement);
  catch_up(statement);
  // What an earlier file creates stays as it is.
  return ctx_.is_beside(target->table->created, statement) ? target : nullptr;
}

void FoldTargets::catch_up(size_t statement) {
  const std::vector<NameUse>& uses = uses_.all;
  for (; next_use_ < uses.size() && uses[next_use_].statement <= statement; ++next_use_) {
    const NameUse& use = uses[next_use_];
    if (use.kind == NameUse::Kind::Index) {
      index_names_[use.name] = use.statement;
      continue;
    }
    const TableId id =
        use.kind == NameUse::Kind::IdleDrop ? altered_[use.statement] : TableId{kNoTable};
    FoldTarget* target = id == kNoTable ? nullptr : target_of(id);
    if (target != nullptr && !target->idle_drops.contains(use.name)) {
      target->idle_drops[use.name] = use.statement;
    } else {
      constraint_names_[use.name] = use.statement;
    }
  }
}

void FoldTargets::read(FoldTarget& target) const {
  if (target.text != nullptr) return;
  target.text = &texts_.of(target.table->created.index);
  target.sql_name = to_sql(object_name(target.tree->relation()));
}

FoldTarget* FoldTargets::target_of(TableId id) {
  FoldTarget* target = targets_[id - first_];
  if (target != nullptr) target->table = &ctx_.schema().tables()[id];
  return target;
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

bool FoldTargets::was_called(TableId id, const std::string& name) const {
  const FoldTarget* target = targets_[id - first_];
  return target != nullptr && target->tree->relation().relname() == name;
}

bool FoldTargets::can_refer(const FoldTarget& target, const pg::Constraint& constraint) {
  const std::vector<Table>& tables = ctx_.schema().tables();
  const ObjectName name = object_name(constraint.pktable());
  const std::vector<std::string> wanted = string_values(constraint.pk_attrs());
  const Table* parent = find_named(tables, by_name_, name, [&](TableId id) {
    return tables[id].name.name == name.name || was_called(id, name.name);
  });
  if (parent == nullptr) return true;  // it is there already
  FoldTarget* referred = target_of(static_cast<TableId>(parent - tables.data()));
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

bool FoldTargets::can_number(const FoldTarget& target, const std::string& column) const {
  const std::string name = generated_name(target.tree->relation().relname(), column, "seq");
  return uses_.complete && !used_since(target, name, index_names_);
}

bool FoldTargets::can_name(const FoldTarget& target, const pg::Constraint& constraint,
                           const std::string& column, size_t& idle_drop) const {
  const std::string_view label = constraint_label(constraint.contype());
  if (label.empty()) return true;
  if (!uses_.complete) return false;
  const std::string name = constraint.conname().empty()
                               ? generated_name(target.tree->relation().relname(),
                                                constraint_middle(constraint, column), label)
                               : constraint.conname();
  const bool key =
      constraint.contype() == pg::CONSTR_PRIMARY || constraint.contype() == pg::CONSTR_UNIQUE;
  if (used_since(target, name, constraint_names_)) return false;
  if (key && used_since(target, name, index_names_)) return false;
  const size_t* drop = target.idle_drops.find(name);
  if (drop == nullptr) return true;
  idle_drop = *drop;
  // LIKE, INHERITS or an older table of that name may have brought what it drops.
  return target.table->complete && !target.tree->if_not_exists();
}

}  // namespace dsqlint
