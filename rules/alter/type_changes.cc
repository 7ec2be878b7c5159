#include "rules/alter/type_changes.h"

#include <algorithm>

#include "engine/parse/names.h"

namespace dsqlint {
namespace {

/// Does anything in the input depend on the column?
bool stands_alone(const Table& table, const Column& column) {
  const auto named = [&](const auto& object) {
    return std::find(object.columns.begin(), object.columns.end(), column.name) !=
           object.columns.end();
  };
  const auto any = [&](const auto& objects) {
    return std::any_of(objects.begin(), objects.end(), named);
  };
  // An expression or a predicate may use any column.
  const bool opaque = std::any_of(table.indexes.begin(), table.indexes.end(), [](const Index& i) {
    return i.partial ||
           std::find(i.columns.begin(), i.columns.end(), std::string()) != i.columns.end();
  });
  const bool mentioned = std::any_of(
      table.events.begin(), table.events.end(),
      [](const TableEvent& event) { return event.kind == TableEvent::Kind::Mentioned; });
  return table.complete && !column.has_default && !opaque && !mentioned && !any(table.keys) &&
         !any(table.indexes) && !any(table.checks) && !any(table.foreign_keys);
}

/// What stays the same when the table gets another name, if the input creates it.
std::string key_of(const Table& table, const Schema& schema) {
  return "#" + std::to_string(&table - schema.tables().data());
}
std::string key_of(const ObjectName& name, const Schema& schema) {
  const Table* table = schema.find_table(name);
  return table == nullptr ? name.name : key_of(*table, schema);
}

/// Is it a name that an old column gets?
bool is_kept_name(std::string_view name) {
  const size_t last = name.find_last_not_of("0123456789_");
  return last != std::string_view::npos && name.substr(0, last + 1).ends_with("_old");
}

std::optional<uint32_t> number_of(const UserType* type, const Schema& schema) {
  if (type == nullptr) return std::nullopt;
  return static_cast<uint32_t>(type - schema.types().data());
}

}  // namespace

bool old_column_stays(const Table* table, const std::string& name, uint32_t file) {
  const Column* column = table == nullptr ? nullptr : table->column(name);
  if (column == nullptr || table->created.file != file || !stands_alone(*table, *column)) {
    return true;
  }
  return std::any_of(table->events.begin(), table->events.end(), [](const TableEvent& event) {
    return event.kind == TableEvent::Kind::Inserted || event.kind == TableEvent::Kind::Changed;
  });
}

std::string old_column_name(const std::string& name, const Table* table, uint32_t file,
                            const std::set<std::string>& taken) {
  const bool first = file == 0 || (table != nullptr && table->created.file == file);
  return first_free(name + "_old" + (first ? "" : std::to_string(file)), [&](const auto& wanted) {
    return taken.contains(wanted) || (table != nullptr && table->column(wanted) != nullptr);
  });
}

const UserType* type_since(const TypeRef& type, StatementRef added, const Schema& schema) {
  const ObjectName name{type.schema, type.name};
  const UserType* best = nullptr;
  bool best_exact = false;
  for (const UserType& known : schema.types()) {
    if (!(known.created < added)) continue;
    const bool named = known.name.name == name.name && schemas_agree(known.name, name);
    if (!named && !known.had_name(name)) continue;
    const bool exact = known.name.schema == name.schema;
    if (best == nullptr || std::pair(exact, known.created) > std::pair(best_exact, best->created)) {
      best = &known;
      best_exact = exact;
    }
  }
  return best;
}

void TypeChanges::note(const pg::AlterTableStmt& alter, NoteContext& ctx) {
  if (alter.objtype() != pg::OBJECT_TABLE) return;
  const Schema& schema = ctx.schema();
  const ObjectName name = object_name(alter.relation());
  for (const pg::Node& node : alter.cmds()) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    if (cmd.subtype() != pg::AT_AlterColumnType) continue;
    const Table* table = schema.find_table(name);
    const Column* column = table == nullptr ? nullptr : table->column(cmd.name());
    Changed& changed = changed_[key_of(name, schema)];
    const auto earlier = changed.types.find(cmd.name());
    // The fix of an earlier change writes rows, so that this one's keeps what it has made.
    if (earlier != changed.types.end() || old_column_stays(table, cmd.name(), ctx.file())) {
      std::string old = old_column_name(cmd.name(), table, ctx.file(), changed.names);
      Kept kept{to_sql(name), quote_identifier(old)};
      changed.names.insert(std::move(old));
      if (column == nullptr) {
        if (!unknown_) unknown_ = std::move(kept);
      } else {
        const auto former = type_of(*table, *column, schema);
        if (former) kept_.emplace(*former, std::move(kept));
      }
    }
    const TypeRef type = type_ref(cmd.def().column_def().type_name());
    changed.types.insert_or_assign(cmd.name(),
                                   number_of(schema.find_type({type.schema, type.name}), schema));
  }
}

void TypeChanges::note(const pg::RenameStmt& rename, NoteContext& ctx) {
  const bool table = rename.rename_type() == pg::OBJECT_TABLE;
  if (!table && rename.rename_type() != pg::OBJECT_COLUMN) return;
  const std::string key = key_of(object_name(rename.relation()), ctx.schema());
  if (!table) changed_[key].names.insert(rename.newname());
  const auto found = changed_.find(key);
  if (found == changed_.end()) return;
  if (!table) {
    auto moved = found->second.types.extract(rename.subname());
    if (moved.empty()) return;
    moved.key() = rename.newname();
    found->second.types.insert(std::move(moved));
  } else if (!key.starts_with('#')) {
    Changed changed = std::move(found->second);
    changed_.erase(found);
    changed_.insert_or_assign(rename.newname(), std::move(changed));
  }
}

void TypeChanges::note(const pg::DropStmt& drop, NoteContext& ctx) {
  const bool domain = drop.remove_type() == pg::OBJECT_DOMAIN;
  if (!domain && drop.remove_type() != pg::OBJECT_TYPE) return;
  const Schema& schema = ctx.schema();
  std::vector<DroppedType>& types = drops_[ctx.index()];
  for (const pg::Node& object : drop.objects()) {
    const ObjectName name = object_name(object);
    const UserType* type = schema.find_type(name);
    if (type != nullptr && type->name.name != name.name) type = nullptr;  // it had that name once
    DroppedType dropped{number_of(type, schema), domain ? std::nullopt : unknown_};
    if (dropped.type) {
      const auto kept = kept_.find(*dropped.type);
      if (kept != kept_.end()) {
        dropped.kept = kept->second;
      } else if (auto made = kept_before(*dropped.type, schema)) {
        dropped.kept = std::move(made);
      }
    }
    types.push_back(std::move(dropped));
  }
}

std::optional<TypeChanges::Kept> TypeChanges::kept_before(uint32_t type,
                                                          const Schema& schema) const {
  for (const Table& table : schema.tables()) {
    if (table.dropped) continue;
    for (const Column& column : table.columns) {
      if (is_kept_name(column.name) && type_of(table, column, schema) == type) {
        return Kept{to_sql(table.name), quote_identifier(column.name)};
      }
    }
  }
  return std::nullopt;
}

std::optional<uint32_t> TypeChanges::type_of(const Table& table, const Column& column,
                                             const Schema& schema) const {
  const auto found = changed_.find(key_of(table, schema));
  if (found != changed_.end()) {
    const auto changed = found->second.types.find(column.name);
    if (changed != found->second.types.end()) return changed->second;
  }
  // Of what an earlier file has changed only the name of the type is left.
  if (!in_text(column.added, schema)) {
    return number_of(schema.find_type({column.type.schema, column.type.name}), schema);
  }
  return number_of(type_since(column.type, column.added, schema), schema);
}

bool TypeChanges::pending(const ObjectName& table, const std::string& column,
                          const Schema& schema) const {
  const auto found = changed_.find(key_of(table, schema));
  return found != changed_.end() && found->second.types.contains(column);
}

const std::set<std::string>& TypeChanges::names(const ObjectName& table,
                                                const Schema& schema) const {
  static const std::set<std::string> kNone;
  const auto found = changed_.find(key_of(table, schema));
  return found == changed_.end() ? kNone : found->second.names;
}

const std::vector<TypeChanges::DroppedType>& TypeChanges::dropped_by(size_t statement) const {
  static const std::vector<DroppedType> kNone;
  const auto found = drops_.find(statement);
  return found == drops_.end() ? kNone : found->second;
}

void note_type_changes(const pg::AlterTableStmt& alter, NoteContext& ctx) {
  ctx.notes<TypeChanges>().note(alter, ctx);
}
void note_renamed_columns(const pg::RenameStmt& rename, NoteContext& ctx) {
  ctx.notes<TypeChanges>().note(rename, ctx);
}
void note_dropped_types(const pg::DropStmt& drop, NoteContext& ctx) {
  ctx.notes<TypeChanges>().note(drop, ctx);
}

}  // namespace dsqlint
