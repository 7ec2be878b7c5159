// DROP, RENAME and SET SCHEMA, with all that comes along.

#include <algorithm>

#include "engine/catalog/applier.h"
#include "engine/parse/names.h"
#include "engine/parse/walk.h"

namespace dsqlint::catalog {
namespace {

bool contains(const std::vector<ObjectId>& ids, ObjectId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool contains(const std::vector<ColumnId>& ids, ColumnId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Calls `change(node, parent)` for all nodes of the tree, and keeps what it makes of them. The
/// tree is a copy of our own, so that what the walk shows as constant may be changed.
template <typename Change>
void change_tree(Tree& tree, Change&& change) {
  pg::Node node;
  if (!tree || !node.ParseFromString(tree.node)) return;
  bool changed = false;
  Walker walker;
  walker.walk(unwrap(node), [&](AstRef at, const std::vector<AstRef>& parents) {
    changed |= change(at, parents.empty() ? AstRef{} : parents.back());
  });
  if (changed) tree = tree_of_node(node);
}

template <typename Message>
Message* opened(AstRef node) {
  return const_cast<Message*>(node.as<Message>());
}

/// All trees of an object.
template <typename Change>
void each_tree(Object& object, Change&& change) {
  const auto attachments = [&](std::vector<std::shared_ptr<const Attachment>>& all) {
    for (auto& one : all) change(open_part(one).statement);
  };
  if (auto* table = std::get_if<Table>(&object.what)) {
    for (auto& column : table->columns) {
      if (column->default_value) change(open_part(column).default_value);
    }
    for (auto& constraint : table->constraints) {
      if (constraint->expression) change(open_part(constraint).expression);
    }
    attachments(table->attachments);
    change(table->partition_by);
  } else if (auto* view = std::get_if<View>(&object.what)) {
    change(view->query);
    attachments(view->attachments);
  } else if (auto* index = std::get_if<Index>(&object.what)) {
    for (IndexKey& key : index->keys) change(key.expression);
    change(index->predicate);
  } else if (auto* type = std::get_if<UserType>(&object.what)) {
    change(type->default_value);
    for (auto& constraint : type->constraints) change(open_part(constraint).expression);
    change(type->statement);
  } else if (auto* function = std::get_if<Function>(&object.what)) {
    change(function->statement);
  } else if (auto* statistics = std::get_if<Statistics>(&object.what)) {
    change(statistics->statement);
  }
}

/// A list of names with the last two replaced.
void give_name(Nodes& parts, const ObjectName& name) {
  const bool qualified = parts.size() > 1;
  parts.Clear();
  if (qualified || name.schema != "public") {
    parts.Add()->mutable_string()->set_sval(name.schema);
  }
  parts.Add()->mutable_string()->set_sval(name.name);
}

}  // namespace

// --- DROP ---------------------------------------------------------------------------------------

void Applier::drop(const pg::DropStmt& drop) {
  std::vector<ObjectId> ids;
  for (const pg::Node& target : drop.objects()) {
    const bool missing_ok = drop.missing_ok();
    switch (drop.remove_type()) {
      case pg::OBJECT_TRIGGER:
      case pg::OBJECT_POLICY:
      case pg::OBJECT_RULE: {
        const std::optional<PartName> name = part_name(target);
        if (!name) break;
        const ObjectId owner = relation(name->relation, missing_ok);
        if (owner == kNoObject) break;
        const Attachment::Kind kind = attachment_kind(drop.remove_type());
        auto* known = attachments(catalog_.open(owner));
        if (known == nullptr) break;
        const size_t gone = std::erase_if(
            *known, [&](const auto& one) { return one->kind == kind && one->name == name->part; });
        if (gone == 0 && !missing_ok) {
          refuse_part(attachment_word(kind), name->relation, name->part);
        }
        break;
      }
      default:
        if (const ObjectId id = named(drop.remove_type(), target, missing_ok); id != kNoObject) {
          ids.push_back(id);
        }
        break;
    }
    if (!refusals_.empty()) return;
  }
  remove(std::move(ids));
}

void Applier::remove(std::vector<ObjectId> ids) {
  // Level by level: what goes takes others along.
  std::vector<ObjectId> gone;
  while (!ids.empty()) {
    std::vector<ObjectId> also;
    std::vector<ObjectId> level;
    for (const ObjectId id : ids) {
      const Object* known = object(id);
      if (known == nullptr || contains(gone, id)) continue;
      level.push_back(id);
      gone.push_back(id);
      if (known->kind() == ObjectKind::Schema) {
        const std::string schema = known->name.name;
        for (const ObjectId inner : now().all()) {
          if (object(inner)->name.schema == schema) also.push_back(inner);
        }
      }
    }
    std::vector<ObjectId> touched;
    for (const ObjectId id : level) {
      for (const ObjectId dependent : now().dependents(id)) {
        if (!contains(gone, dependent) && !contains(touched, dependent)) {
          touched.push_back(dependent);
        }
      }
    }
    for (const ObjectId id : level) catalog_.remove(id);
    for (const ObjectId id : touched) let_go(id, level, also);
    ids = std::move(also);
  }
}

void Applier::let_go(ObjectId id, const std::vector<ObjectId>& gone, std::vector<ObjectId>& also) {
  const Object* known = object(id);
  if (known == nullptr) return;
  const auto is_gone = [&](ObjectId one) { return one != kNoObject && contains(gone, one); };
  if (const Index* index = known->index()) {
    if (is_gone(index->table)) also.push_back(id);
    return;
  }
  if (const Sequence* sequence = known->sequence()) {
    if (is_gone(sequence->owner)) also.push_back(id);
    return;
  }
  if (const Statistics* statistics = known->statistics()) {
    if (is_gone(statistics->table)) also.push_back(id);
    return;
  }
  if (const View* view = known->view()) {
    if (std::any_of(view->relations.begin(), view->relations.end(), is_gone)) also.push_back(id);
    const auto without = [&](const auto& one) { return is_gone(one->function); };
    if (std::any_of(view->attachments.begin(), view->attachments.end(), without)) {
      std::erase_if(std::get<View>(catalog_.open(id).what).attachments, without);
    }
    return;
  }
  if (const UserType* type = known->type()) {
    if (is_gone(type->base.type)) also.push_back(id);
    const auto of_gone = [&](const auto& one) { return is_gone(one->type.type); };
    if (std::any_of(type->attributes.begin(), type->attributes.end(), of_gone)) {
      std::erase_if(std::get<UserType>(catalog_.open(id).what).attributes, of_gone);
    }
    return;
  }
  if (const Function* function = known->function()) {
    const auto of_gone = [&](const Argument& one) { return is_gone(one.type.type); };
    if (is_gone(function->result.type) ||
        std::any_of(function->arguments.begin(), function->arguments.end(), of_gone)) {
      also.push_back(id);
    }
    return;
  }
  const Table* table = known->table();
  if (table == nullptr) return;
  if (std::any_of(table->parents.begin(), table->parents.end(), is_gone) ||
      is_gone(table->of_type.type)) {
    also.push_back(id);
    return;
  }
  std::vector<std::string> columns;
  for (const auto& column : table->columns) {
    if (is_gone(column->type.type)) columns.push_back(column->name);
  }
  std::vector<std::string> constraints;
  for (const auto& constraint : table->constraints) {
    if (is_gone(constraint->target) || is_gone(constraint->index)) {
      constraints.push_back(constraint->name);
    }
  }
  for (const std::string& name : columns) drop_column(id, name, true, -1);
  for (const std::string& name : constraints) drop_constraint(id, name, true, -1);
  const auto without = [&](const auto& one) { return is_gone(one->function); };
  const Table& now_table = *object(id)->table();
  if (std::any_of(now_table.attachments.begin(), now_table.attachments.end(), without)) {
    std::erase_if(open_table(id).attachments, without);
  }
  for (const auto& column : std::vector(object(id)->table()->columns)) {
    // A default that asks a sequence that is gone.
    pg::Node expression;
    const bool owned = is_gone(column->sequence);
    bool asks = owned;
    if (!asks && column->default_value && expression.ParseFromString(column->default_value.node)) {
      Walker walker;
      walker.walk(unwrap(expression), [&](AstRef node, const std::vector<AstRef>&) {
        const auto* call = node.as<pg::FuncCall>();
        if (call == nullptr) return;
        pg::Node wrapped;
        *wrapped.mutable_func_call() = *call;
        const auto sequence = nextval_sequence(wrapped);
        if (!sequence) return;
        const State before(catalog_, now().step() - 1);
        asks |= is_gone(before.find(NameSpace::Relation, *sequence, session_.path));
      });
    }
    if (!asks) continue;
    Column* opened = open_column(id, column->name);
    if (opened == nullptr) continue;
    opened->default_value = {};
    opened->sequence = kNoObject;
    opened->identity = Identity::None;
  }
}

void Applier::drop_column(ObjectId relation, const std::string& name, bool missing_ok,
                          int location) {
  const Object* known = object(relation);
  const Column* column = known->column(name);
  if (column == nullptr) {
    const bool complete = known->table() == nullptr || known->table()->complete;
    if (!missing_ok && complete) refuse_part("column", known->name, name, location);
    return;
  }
  const ColumnId id = column->id;
  const ObjectId sequence = column->sequence;
  Object& opened = catalog_.open(relation);
  const auto same = [&](const auto& one) { return one->id == id; };
  if (auto* type = std::get_if<UserType>(&opened.what)) {
    std::erase_if(type->attributes, same);
    return;
  }
  auto* table = std::get_if<Table>(&opened.what);
  if (table == nullptr) return;
  std::vector<std::string> constraints;
  for (const auto& constraint : table->constraints) {
    if (contains(constraint->columns, id)) constraints.push_back(constraint->name);
  }
  for (const std::string& constraint : constraints) {
    drop_constraint(relation, constraint, true, -1);
  }
  std::vector<ObjectId> gone;
  if (sequence != kNoObject) gone.push_back(sequence);
  for (const ObjectId dependent : now().dependents(relation)) {
    const Object& other = *object(dependent);
    if (const Index* index = other.index(); index != nullptr && index->table == relation) {
      bool uses = contains(index->included, id);
      const auto mentions = [&](const Tree& tree) {
        pg::Node node;
        if (!tree || !node.ParseFromString(tree.node)) return false;
        const std::vector<std::string> names = columns_of(node);
        return std::find(names.begin(), names.end(), name) != names.end();
      };
      for (const IndexKey& key : index->keys) uses |= key.column == id || mentions(key.expression);
      if (uses || mentions(index->predicate)) gone.push_back(dependent);
    } else if (const Sequence* owned = other.sequence()) {
      if (owned->owner == relation && owned->owner_column == id) gone.push_back(dependent);
    } else if (const Statistics* statistics = other.statistics()) {
      if (statistics->table == relation && contains(statistics->columns, id)) {
        gone.push_back(dependent);
      }
    } else if (const Table* child = other.table()) {
      // A foreign key to it goes by CASCADE, an inherited column with its parent's.
      std::vector<std::string> keys;
      for (const auto& key : child->constraints) {
        if (key->target == relation && contains(key->target_columns, id)) {
          keys.push_back(key->name);
        }
      }
      for (const std::string& key : keys) drop_constraint(dependent, key, true, -1);
      if (contains(child->parents, relation)) {
        const Column* inherited = child->column(name);
        if (inherited != nullptr && inherited->inherited) {
          const ColumnId there = inherited->id;
          std::erase_if(open_table(dependent).columns,
                        [&](const auto& one) { return one->id == there; });
        }
      }
    }
  }
  std::erase_if(open_table(relation).columns, same);
  note_former(relation, name, id);
  remove(std::move(gone));
}

void Applier::note_former(ObjectId table, const std::string& name, ColumnId column) {
  constexpr size_t kMost = 100;
  std::vector<FormerColumn>& former = open_table(table).former;
  if (former.size() >= kMost) former.erase(former.begin());
  former.push_back({name, column, at_});
}

void Applier::drop_constraint(ObjectId table, const std::string& name, bool missing_ok,
                              int location) {
  const Object* known = object(table);
  if (known == nullptr || known->table() == nullptr) return;
  const Constraint* constraint = known->table()->constraint(name);
  if (constraint == nullptr) {
    if (!missing_ok && known->table()->complete) {
      refuse_part("constraint", known->name, name, location);
    }
    return;
  }
  const ObjectId index = constraint->index;
  const ConstraintKind kind = constraint->kind;
  const std::vector<ColumnId> columns = constraint->columns;
  catalog_.free_constraint(table, known->name.schema, name);
  std::erase_if(open_table(table).constraints, [&](const auto& one) { return one->name == name; });
  if (index != kNoObject && object(index) != nullptr) catalog_.remove(index);
  if (kind != ConstraintKind::PrimaryKey && kind != ConstraintKind::Unique) return;
  // Foreign keys that rest on it go by CASCADE.
  for (const ObjectId dependent : now().dependents(table)) {
    const Table* other = object(dependent)->table();
    if (other == nullptr) continue;
    std::vector<std::string> keys;
    for (const auto& key : other->constraints) {
      if (key->target == table && key->target_columns == columns) keys.push_back(key->name);
    }
    for (const std::string& key : keys) drop_constraint(dependent, key, true, -1);
  }
}

// --- RENAME and SET SCHEMA ----------------------------------------------------------------------

void Applier::rename_object(ObjectId id, ObjectName name) {
  const Object before = *object(id);
  const NameSpace space = name_space(before.kind());
  const State old = now();
  // Trees say names: those that mean the object get the new one.
  std::vector<ObjectId> changed = now().dependents(id);
  if (before.table() != nullptr) changed.push_back(id);
  const auto means = [&](NameSpace in, const ObjectName& wanted) {
    return in == space && wanted.name == before.name.name && old.find(in, wanted) == id;
  };
  struct Pending {
    ObjectId id;
    Object copy;
  };
  std::vector<Pending> pending;
  for (const ObjectId dependent : changed) {
    Object copy = *object(dependent);
    bool any = false;
    each_tree(copy, [&](Tree& tree) {
      change_tree(tree, [&](AstRef node, AstRef) {
        if (auto* table = opened<pg::RangeVar>(node)) {
          if (!means(NameSpace::Relation, object_name(*table))) return false;
          // The query goes on saying the old name.
          if (copy.view() != nullptr && !table->has_alias() && table->relname() != name.name) {
            table->mutable_alias()->set_aliasname(table->relname());
          }
          table->set_relname(name.name);
          if (!table->schemaname().empty() || name.schema != before.name.schema) {
            table->set_schemaname(name.schema);
          }
          return any = true;
        }
        if (auto* type = opened<pg::TypeName>(node)) {
          if (!means(NameSpace::Type, object_name(type->names()))) return false;
          give_name(*type->mutable_names(), name);
          return any = true;
        }
        if (auto* call = opened<pg::FuncCall>(node)) {
          if (means(NameSpace::Function, object_name(call->funcname()))) {
            give_name(*call->mutable_funcname(), name);
            return any = true;
          }
          pg::Node wrapped;
          *wrapped.mutable_func_call() = *call;
          const auto sequence = nextval_sequence(wrapped);
          if (!sequence || !means(NameSpace::Relation, *sequence)) return false;
          pg::Node* argument = call->mutable_args(0);
          while (argument->has_type_cast()) {
            argument = argument->mutable_type_cast()->mutable_arg();
          }
          argument->mutable_a_const()->mutable_sval()->set_sval(to_sql(name));
          return any = true;
        }
        if (auto* trigger = opened<pg::CreateTrigStmt>(node)) {
          if (!means(NameSpace::Function, object_name(trigger->funcname()))) return false;
          give_name(*trigger->mutable_funcname(), name);
          return any = true;
        }
        if (auto* function = opened<pg::CreateFunctionStmt>(node)) {
          if (dependent != id || before.function() == nullptr) return false;
          give_name(*function->mutable_funcname(), name);
          return any = true;
        }
        return false;
      });
    });
    if (any) pending.push_back({dependent, std::move(copy)});
  }
  catalog_.rename(id, name);
  for (Pending& one : pending) {
    Object& now_object = catalog_.open(one.id);
    if (one.id == id) one.copy.name = now_object.name;
    now_object.what = std::move(one.copy.what);
  }
}

void Applier::rename(const pg::RenameStmt& rename) {
  const std::string& to = rename.newname();
  const auto rename_to = [&](ObjectId id) {
    if (id == kNoObject) return;
    const ObjectName name{object(id)->name.schema, to};
    const NameSpace space = name_space(object(id)->kind());
    const ObjectId taken = now().find_in(space, name.schema, name.name);
    if (taken != kNoObject && space != NameSpace::Function) {
      return refuse_taken(kind_word(object(taken)->kind()), name, {}, object(taken)->created);
    }
    rename_object(id, name);
  };
  const bool missing_ok = rename.missing_ok();
  switch (rename.rename_type()) {
    case pg::OBJECT_TABLE:
    case pg::OBJECT_VIEW:
    case pg::OBJECT_MATVIEW:
    case pg::OBJECT_FOREIGN_TABLE:
    case pg::OBJECT_SEQUENCE:
      return rename_to(
          relation(object_name(rename.relation()), missing_ok, rename.relation().location()));
    case pg::OBJECT_INDEX: {
      const ObjectId id =
          relation(object_name(rename.relation()), missing_ok, rename.relation().location());
      if (id == kNoObject) return;
      const Index* index = object(id)->index();
      // The constraint of an index has its name.
      if (index != nullptr && index->of_constraint) {
        return rename_constraint(index->table, object(id)->name.name, to, missing_ok);
      }
      return rename_to(id);
    }
    case pg::OBJECT_COLUMN: {
      const ObjectId id =
          relation(object_name(rename.relation()), missing_ok, rename.relation().location());
      if (id != kNoObject) rename_column(id, rename.subname(), to, missing_ok);
      return;
    }
    case pg::OBJECT_ATTRIBUTE: {
      const ObjectId id = existing(ObjectKind::Type, object_name(rename.relation()), missing_ok);
      if (id != kNoObject) rename_column(id, rename.subname(), to, missing_ok);
      return;
    }
    case pg::OBJECT_TABCONSTRAINT: {
      const ObjectId id =
          relation(object_name(rename.relation()), missing_ok, rename.relation().location());
      if (id != kNoObject) rename_constraint(id, rename.subname(), to, missing_ok);
      return;
    }
    case pg::OBJECT_DOMCONSTRAINT: {
      const ObjectId id = existing(ObjectKind::Type, object_name(rename.object()), missing_ok);
      if (id == kNoObject || object(id)->type()->kind != UserTypeKind::Domain) return;
      for (auto& one : std::get<UserType>(catalog_.open(id).what).constraints) {
        if (one->name != rename.subname()) continue;
        open_part(one).name = to;
        return;
      }
      return refuse_part("constraint", object(id)->name, rename.subname());
    }
    case pg::OBJECT_TYPE:
    case pg::OBJECT_DOMAIN:
      return rename_to(existing(ObjectKind::Type, object_name(rename.object()), missing_ok));
    case pg::OBJECT_SCHEMA: {
      const ObjectId id = existing(ObjectKind::Schema, {"", rename.subname()}, missing_ok);
      if (id == kNoObject) return;
      const ObjectId taken = now().find_in(NameSpace::Schema, "", to);
      if (taken != kNoObject) {
        return refuse_taken("schema", {"", to}, {}, object(taken)->created);
      }
      for (const ObjectId inner : now().all()) {
        if (object(inner)->name.schema == rename.subname()) move_object(inner, to);
      }
      catalog_.rename(id, {"", to});
      return;
    }
    case pg::OBJECT_FUNCTION:
    case pg::OBJECT_PROCEDURE:
    case pg::OBJECT_ROUTINE:
    case pg::OBJECT_AGGREGATE:
      if (rename.object().has_object_with_args()) {
        rename_to(function_named(rename.object().object_with_args(), missing_ok, true));
      }
      return;
    case pg::OBJECT_STATISTIC_EXT:
      return rename_to(existing(ObjectKind::Statistics, object_name(rename.object()), missing_ok));
    case pg::OBJECT_TRIGGER:
    case pg::OBJECT_POLICY:
    case pg::OBJECT_RULE: {
      const ObjectId id =
          relation(object_name(rename.relation()), missing_ok, rename.relation().location());
      if (id == kNoObject) return;
      const Attachment::Kind kind = attachment_kind(rename.rename_type());
      Object& object = catalog_.open(id);
      auto* known = attachments(object);
      if (known == nullptr) return;
      for (auto& one : *known) {
        if (one->kind != kind || one->name != rename.subname()) continue;
        Attachment& part = open_part(one);
        part.name = to;
        change_tree(part.statement, [&](AstRef node, AstRef) {
          if (auto* trigger = opened<pg::CreateTrigStmt>(node)) trigger->set_trigname(to);
          if (auto* policy = opened<pg::CreatePolicyStmt>(node)) policy->set_policy_name(to);
          if (auto* rule = opened<pg::RuleStmt>(node)) rule->set_rulename(to);
          return true;
        });
        return;
      }
      if (!missing_ok) {
        refuse_part(attachment_word(kind), object.name, rename.subname());
      }
      return;
    }
    default:
      return;
  }
}

void Applier::rename_column(ObjectId relation, const std::string& from, const std::string& to,
                            bool missing_ok) {
  const Object before = *object(relation);
  const bool complete = before.table() == nullptr || before.table()->complete;
  if (before.column(from) == nullptr) {
    if (complete && !missing_ok) refuse_part("column", before.name, from);
    return;
  }
  if (const Column* taken = before.column(to)) {
    return refuse_taken("column", before.name, to, taken->origin);
  }
  Column* renamed = open_column(relation, from);
  renamed->name = to;
  if (before.table() != nullptr) note_former(relation, from, renamed->id);
  std::vector<ObjectId> changed = now().dependents(relation);
  changed.push_back(relation);
  const State old(catalog_, now().step() - 1);
  for (const ObjectId id : changed) {
    const Object& other = *object(id);
    // A view names its columns as before; what its query reads is named otherwise.
    const bool view = other.view() != nullptr;
    const bool own = id == relation || other.index() != nullptr || other.statistics() != nullptr;
    if (!own && !view && other.table() == nullptr) continue;
    Object copy = other;
    bool any = false;
    each_tree(copy, [&](Tree& tree) {
      // By which names the tree calls the relation.
      std::vector<std::string> names = {before.name.name, "new", "old"};
      bool reads = own;
      bool others = false;
      pg::Node node;
      if (!tree || !node.ParseFromString(tree.node)) return;
      Walker walker;
      walker.walk(unwrap(node), [&](AstRef at, const std::vector<AstRef>&) {
        const auto* table = at.as<pg::RangeVar>();
        if (table == nullptr) return;
        const ObjectId read = old.find(NameSpace::Relation, object_name(*table), session_.path);
        if (read == relation) {
          reads = true;
          if (table->has_alias()) names.push_back(table->alias().aliasname());
        } else if (const Object* has = old.get(read)) {
          others |= has->column(from) != nullptr;
        }
      });
      if (!reads) return;
      change_tree(tree, [&](AstRef at, AstRef parent) {
        if (auto* ref = opened<pg::ColumnRef>(at)) {
          const int n = ref->fields_size();
          if (n == 0 || string_value(ref->fields(n - 1)) != from) return false;
          if (n == 1 && others) return false;
          if (n > 1 && std::find(names.begin(), names.end(), string_value(ref->fields(n - 2))) ==
                           names.end()) {
            return false;
          }
          ref->mutable_fields(n - 1)->mutable_string()->set_sval(to);
          auto* target = opened<pg::ResTarget>(parent);
          if (view && target != nullptr && target->name().empty()) target->set_name(from);
          return any = true;
        }
        if (auto* trigger = opened<pg::CreateTrigStmt>(at)) {
          for (pg::Node& column : *trigger->mutable_columns()) {
            if (string_value(column) == from) column.mutable_string()->set_sval(to), any = true;
          }
          return any;
        }
        if (auto* element = opened<pg::StatsElem>(at)) {
          if (element->name() != from) return false;
          element->set_name(to);
          return any = true;
        }
        if (auto* part = opened<pg::PartitionElem>(at)) {
          if (part->name() != from) return false;
          part->set_name(to);
          return any = true;
        }
        return false;
      });
    });
    if (any) catalog_.open(id).what = std::move(copy.what);
    // Columns that are inherited get the name too.
    if (id != relation && object(id)->table() != nullptr &&
        contains(object(id)->table()->parents, relation) && object(id)->column(from) != nullptr) {
      open_column(id, from)->name = to;
    }
  }
}

void Applier::rename_label(ObjectId type, const std::string& from, const std::string& to) {
  for (const ObjectId id : now().dependents(type)) {
    Object copy = *object(id);
    bool any = false;
    // A constant alone is of the column's type.
    const auto relabel = [&](Tree& tree, bool alone) {
      change_tree(tree, [&](AstRef node, AstRef parent) {
        auto* constant = opened<pg::A_Const>(node);
        if (constant == nullptr || !constant->has_sval() || constant->sval().sval() != from) {
          return false;
        }
        const auto* cast = parent.as<pg::TypeCast>();
        const bool is_label =
            cast != nullptr ? find(NameSpace::Type, object_name(cast->type_name().names())) == type
                            : alone && parent.message == nullptr;
        if (!is_label) return false;
        constant->mutable_sval()->set_sval(to);
        return any = true;
      });
    };
    if (auto* table = std::get_if<Table>(&copy.what)) {
      for (auto& column : table->columns) {
        if (column->type.type != type || !column->default_value) continue;
        relabel(open_part(column).default_value, true);
      }
    } else if (auto* domain = std::get_if<UserType>(&copy.what)) {
      relabel(domain->default_value, domain->base.type == type);
    }
    each_tree(copy, [&](Tree& tree) { relabel(tree, false); });
    if (any) catalog_.open(id).what = std::move(copy.what);
  }
}

void Applier::rename_constraint(ObjectId table, const std::string& from, const std::string& to,
                                bool missing_ok) {
  const Object* known = object(table);
  if (known == nullptr || known->table() == nullptr) return;
  const ObjectName name = known->name;
  const Constraint* constraint = known->table()->constraint(from);
  if (constraint == nullptr) {
    if (known->table()->complete && !missing_ok) refuse_part("constraint", name, from);
    return;
  }
  if (!is_constraint_free(table, to, -1)) return;
  const ObjectId index = constraint->index;
  if (index != kNoObject) {
    if (!is_free(ObjectKind::Index, {name.schema, to})) return;
    catalog_.rename(index, {name.schema, to});
  }
  for (auto& one : open_table(table).constraints) {
    if (one->name == from) open_part(one).name = to;
  }
  catalog_.free_constraint(table, name.schema, from);
  catalog_.take_constraint(table, name.schema, to);
}

void Applier::move_object(ObjectId id, const std::string& schema) {
  const Object before = *object(id);
  rename_object(id, {schema, before.name.name});
  if (before.table() == nullptr) return;
  for (const auto& constraint : before.table()->constraints) {
    catalog_.free_constraint(id, before.name.schema, constraint->name);
    catalog_.take_constraint(id, schema, constraint->name);
  }
}

void Applier::move(const pg::AlterObjectSchemaStmt& move) {
  ObjectId id = kNoObject;
  switch (move.object_type()) {
    case pg::OBJECT_TABLE:
    case pg::OBJECT_VIEW:
    case pg::OBJECT_MATVIEW:
    case pg::OBJECT_SEQUENCE:
    case pg::OBJECT_FOREIGN_TABLE:
      id = relation(object_name(move.relation()), move.missing_ok(), move.relation().location());
      break;
    case pg::OBJECT_TYPE:
    case pg::OBJECT_DOMAIN:
      id = existing(ObjectKind::Type, object_name(move.object()), move.missing_ok());
      break;
    case pg::OBJECT_FUNCTION:
    case pg::OBJECT_PROCEDURE:
    case pg::OBJECT_ROUTINE:
    case pg::OBJECT_AGGREGATE:
      if (move.object().has_object_with_args()) {
        id = function_named(move.object().object_with_args(), move.missing_ok(), true);
      }
      break;
    case pg::OBJECT_STATISTIC_EXT:
      id = existing(ObjectKind::Statistics, object_name(move.object()), move.missing_ok());
      break;
    default:
      return;
  }
  if (id == kNoObject) return;
  const NameSpace space = name_space(object(id)->kind());
  const std::string name = object(id)->name.name;
  if (object(id)->name.schema == move.newschema()) return;
  const ObjectId taken = now().find_in(space, move.newschema(), name);
  if (taken != kNoObject && space != NameSpace::Function) {
    return refuse_taken(kind_word(object(taken)->kind()), {move.newschema(), name}, {},
                        object(taken)->created);
  }
  // Indexes and owned sequences stand where their table stands.
  std::vector<ObjectId> along;
  if (object(id)->table() != nullptr) {
    for (const ObjectId dependent : now().dependents(id)) {
      const Object& other = *object(dependent);
      if (other.index() != nullptr ||
          (other.sequence() != nullptr && other.sequence()->owner == id)) {
        along.push_back(dependent);
      }
    }
  }
  move_object(id, move.newschema());
  for (const ObjectId one : along) move_object(one, move.newschema());
}

}  // namespace dsqlint::catalog
