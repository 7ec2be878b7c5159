// Building the model, statement by statement. Only for the files that do so.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/catalog/schema.h"
#include "engine/parse/ast.h"
#include "engine/parse/document.h"
#include "engine/parse/ranges.h"

namespace dsqlint {

/// Makes `id` the object that `name` means. Entries that no look-up can mean any more go: a file
/// that makes and drops the same name again and again must not grow slower with each.
template <typename Object>
void index_name(const std::vector<Object>& objects, NameIndex& by_name, const ObjectName& name,
                uint32_t id) {
  by_name.erase_if(name.name, [&](uint32_t known) {
    return objects[known].dropped || objects[known].name == name;
  });
  by_name.add(name.name, id);
}

/// Applies one statement. Has access to the schema's insides for the length of the call.
class SchemaBuilder {
 public:
  SchemaBuilder(Schema& schema, const Document& document, uint32_t statement)
      : schema_(schema),
        document_(document),
        at_{schema.file() + document.file_number(statement), statement} {}

  void apply(AstRef tree);
  void write_rows(const ObjectName& name, bool changes);

 private:
  /// The object, open to change.
  template <auto objects, typename Object>
  Object* changing(const Object* object) {
    if (object == nullptr) return nullptr;
    const auto id = static_cast<uint32_t>(object - (schema_.*objects).data());
    schema_.keep<objects>(id);
    return &(schema_.*objects)[id];
  }

  /// Adds an object and makes it the one that its name means.
  template <auto objects, auto names>
  auto& add(ObjectName name) {
    schema_.keep_names<names>(name.name);
    const auto id = static_cast<uint32_t>((schema_.*objects).size());
    index_name(schema_.*objects, schema_.*names, name, id);
    auto& added = (schema_.*objects).emplace_back();
    added.name = std::move(name);
    added.created = at_;
    return added;
  }

  /// Gives an object another name.
  template <auto objects, auto names, typename Object>
  void give_name(Object& object, const std::string& name) {
    const auto id = static_cast<uint32_t>(&object - (schema_.*objects).data());
    schema_.keep_names<names>(object.name.name);
    (schema_.*names).erase_if(object.name.name, [&](uint32_t known) { return known == id; });
    schema_.keep_names<names>(name);
    index_name(schema_.*objects, schema_.*names, {object.name.schema, name}, id);
    object.name.name = name;
  }

  /// Calls `visit(key, id)` for the foreign keys that refer to the table, and their tables.
  template <typename Visit>
  void each_reference(const Table& target, Visit&& visit) {
    if (!target.seen) return;
    for (const TableId id : schema_.referring_tables(target.name.name)) {
      schema_.keep<&Schema::tables_>(id);
      for (ForeignKey& key : schema_.tables_[id].foreign_keys) {
        if (key.target.name == target.name.name && schema_.find_table(key.target) == &target) {
          visit(key, id);
        }
      }
    }
  }

  /// A file that creates what an earlier one has created does not go on from it: they are two ways
  /// to set up the same, or a down and an up script.
  template <typename Object>
  bool is_set_up_again(const Object* known, const ObjectName& name) const {
    return known != nullptr && known->created.file != at_.file && known->name.schema == name.schema;
  }

  // schema_builder.cc
  void add_schema(const pg::CreateSchemaStmt& create);
  void apply_element(AstRef element);
  void create_function(const pg::CreateFunctionStmt& create);
  void add_view(ObjectName name, bool or_known, bool materialized);
  View* view_named(const ObjectName& name);
  void drop_view(View& known);
  void create_statistics(const pg::CreateStatsStmt& create);
  Sequence* sequence_named(const ObjectName& name);
  void create_sequence(const pg::CreateSeqStmt& create);
  void set_owner(Sequence& sequence, const google::protobuf::RepeatedPtrField<pg::Node>& options);
  void drop_sequence(Sequence& known);
  UserType& add_type(ObjectName name, TypeKind kind);
  /// The one that has the name now.
  UserType* type_named(const ObjectName& name);
  Table* table(const ObjectName& name);
  /// Of a run of such events one is kept.
  void note(Table& table, TableEvent::Kind kind);
  void mention_tables(AstRef tree);
  void drop_objects(const pg::DropStmt& drop);

  // schema_tables.cc
  /// The table, or what is known of one that the input does not create.
  Table* altered_table(const ObjectName& name);
  /// Begins to remember such a table. Null where one of its name in another schema is known.
  Table* unseen_table(const ObjectName& name);
  void forget_unseen(const ObjectName& name);
  Table& add_table(ObjectName name, bool if_not_exists);
  void create_table(const pg::CreateStmt& create);
  /// Takes over what LIKE copies from a table that is known.
  void copy_table(Table& table, const pg::TableLikeClause& like);
  void drop_table(Table& target);
  /// No foreign key refers to a table that is gone: there was none, or CASCADE took it.
  void drop_references(const Table& target);
  void add_column(Table& table, const pg::ColumnDef& def);
  /// `column` is the one a column constraint stands at, empty for a table constraint.
  void add_constraint(Table& table, const pg::Constraint& constraint, const std::string& column);
  void add_key(Table& table, const pg::Constraint& constraint, const std::string& column,
               std::string name);
  void create_index(const pg::IndexStmt& index);
  void note_index(const Table& table, const std::string& name);
  /// The index or key of that name is gone, or has another name.
  void forget_index(const Table& table, const std::string& name);
  /// The table that has an index or a key of that name.
  Table* table_of_index(const ObjectName& name);
  /// Remembers the constraint's name, or the one the server chooses; returns it.
  std::string name_constraint(const ObjectName& table, const pg::Constraint& constraint,
                              const std::string& column);
  /// Of what ADD brings, only the names of its constraints.
  void name_constraints(const ObjectName& table, const pg::Node& def);
  /// The name that a CHECK gets which stands for NOT NULL; the same as AlterNames gives it.
  std::string not_null_name(const Table& table, const std::string& column) const;
  void make_late(const Table& table, Column& column, LateNotNull::By by, uint32_t place);
  /// A byte of the file, from a tree's location.
  uint32_t place(int location) const;
  void note_retyped(Table& table, const Column& column);
  void add_partition(Table& partition, ObjectName parent);
  void alter_table(const pg::AlterTableStmt& alter);
  void alter_column(Table& table, const pg::AlterTableCmd& cmd, size_t action);
  /// Where the last token of action `i` begins: findings about it cover that.
  uint32_t place_of_action(size_t i);

  // schema_renames.cc
  void rename_object(const pg::RenameStmt& rename);
  void rename_table(Table& target, const std::string& name);
  /// The names of its constraints go with a table.
  void rename_names(const Table& target, const std::string& name);
  void rename_index(const pg::RenameStmt& rename);
  /// Columns made before keep saying the earlier name, so that finds it too.
  void rename_type(UserType& type, ObjectName name);
  void rename_schema(const std::string& name, const std::string& new_name);
  void move_object(const pg::AlterObjectSchemaStmt& move);
  /// Leaves out of those that refer to a table of that name the ones that do so no longer.
  void forget_references(const std::string& name);

  Schema& schema_;
  const Document& document_;
  StatementRef at_;
  bool alters_ = false;                    ///< what is added comes by ALTER TABLE
  std::unordered_set<std::string> given_;  ///< names of constraints that the statement adds
  Tokens tokens_;                          ///< of an ALTER TABLE, once they are asked for
  std::optional<AlterTableParts> parts_;
};

template <auto objects>
void Schema::keep(uint32_t id) {
  if (!keeps()) return;
  const auto& known = this->*objects;
  if (known[id].created.file >= file_) return;  // goes as a whole
  if (!kept_.emplace(&known, id).second) return;
  undo_.push_back([id, old = known[id]](Schema& schema) { (schema.*objects)[id] = old; });
}

template <auto map>
void Schema::keep_entry(const std::string& key) {
  if (!keeps() || !kept_entries_.emplace(&(this->*map), key).second) return;
  if (const auto* found = (this->*map).find(key)) {
    undo_.push_back([key, old = *found](Schema& schema) { (schema.*map)[key] = old; });
  } else {
    undo_.push_back([key](Schema& schema) { (schema.*map).erase(key); });
  }
}

template <auto names>
void Schema::keep_names(const std::string& name) {
  if (!keeps()) return;
  std::vector<uint32_t> ids;
  (this->*names).each(name, [&](uint32_t id) { ids.push_back(id); });
  undo_.push_back([name, ids = std::move(ids)](Schema& schema) {
    (schema.*names).erase_if(name, [](uint32_t) { return true; });
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) (schema.*names).add(name, *id);
  });
}

}  // namespace dsqlint
