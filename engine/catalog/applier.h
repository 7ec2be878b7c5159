// Applying one statement to the catalog. Only for the files that do so.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/catalog/apply.h"
#include "engine/catalog/generated_names.h"
#include "engine/parse/ast.h"

namespace dsqlint::catalog {

using Nodes = google::protobuf::RepeatedPtrField<pg::Node>;

inline Tree tree_of_node(const pg::Node& node) {
  return node.node_case() == pg::Node::NODE_NOT_SET ? Tree{} : Tree{node.SerializeAsString()};
}

/// The parts of a relation that are shared by its versions, opened for a change of one.
template <typename Part>
Part& open_part(std::shared_ptr<const Part>& part) {
  auto copy = std::make_shared<Part>(*part);
  Part& opened = *copy;
  part = std::move(copy);
  return opened;
}

/// What is to be applied, with what it may refuse. One step of the catalog at the most.
class Applier {
 public:
  Applier(Catalog& catalog, Session& session, Origin at)
      : catalog_(catalog), session_(session), at_(at) {}

  /// The step has begun already.
  void apply(AstRef tree, bool asynchronous);
  std::vector<Refusal> take_refusals() { return std::move(refusals_); }

 private:
  // apply.cc: looking up, refusing, and what is no table.
  State now() const { return catalog_.now(); }
  const std::string& creation_schema() const;
  ObjectName full_name(const ObjectName& name, bool temporary = false) const;
  ObjectId find(NameSpace space, const ObjectName& name) const {
    return now().find(space, name, session_.path);
  }
  const Object* object(ObjectId id) const { return now().get(id); }
  /// One of that kind, or kNoObject after a refusal where it has been there once.
  ObjectId existing(ObjectKind kind, const ObjectName& name, bool missing_ok, int location = -1);
  /// What the object of a DROP, COMMENT ON or OWNER TO means; as `existing`.
  ObjectId named(pg::ObjectType type, const pg::Node& target, bool missing_ok);
  /// A table, a view, an index … whatever kind.
  ObjectId relation(const ObjectName& name, bool missing_ok, int location = -1);
  void refuse_part(std::string_view what, const ObjectName& name, std::string part,
                   int location = -1);
  void refuse_absent(std::string_view what, const ObjectName& name, const Absence& absence,
                     int location = -1);
  void refuse_taken(std::string_view what, const ObjectName& name, std::string part,
                    const Origin& by, int location = -1);
  /// Is the name free for a new object? True also where `skip` makes the statement do nothing; see
  /// `skipped`. `replaces`: OR REPLACE.
  bool is_free(ObjectKind kind, const ObjectName& name, int location = -1);
  DataType data_type(const pg::TypeName& type);
  /// Those that the tree names get `from` as their dependent.
  void depend(const Tree& tree, ObjectId from);
  void depend(AstRef tree, ObjectId from);

  void create_schema(const pg::CreateSchemaStmt& create);
  void create_view(const pg::ViewStmt& create);
  void create_materialized_view(const pg::CreateTableAsStmt& create);
  void add_view(ObjectName name, View view, const pg::Node& query, const Nodes& aliases,
                bool replace, int location);
  /// `expanded` gets the targets without `*`; nothing where there is none, or it cannot be told.
  std::vector<std::shared_ptr<const Column>> query_columns(const pg::Node& query,
                                                           const Nodes& aliases, bool& complete,
                                                           Nodes* expanded = nullptr);
  void create_function(const pg::CreateFunctionStmt& create);
  void alter_function(const pg::AlterFunctionStmt& alter);
  void create_aggregate(const pg::DefineStmt& define);
  void create_sequence(const pg::CreateSeqStmt& create);
  void alter_sequence(const pg::AlterSeqStmt& alter);
  void set_options(Sequence& sequence, const Nodes& options);
  void set_owner(ObjectId id, const Nodes& options);
  void create_enum(const pg::CreateEnumStmt& create);
  void alter_enum(const pg::AlterEnumStmt& alter);
  void create_composite(const pg::CompositeTypeStmt& create);
  void create_range(const pg::CreateRangeStmt& create);
  void create_domain(const pg::CreateDomainStmt& create);
  void alter_domain(const pg::AlterDomainStmt& alter);
  void define(const pg::DefineStmt& define);
  void add_domain_constraint(UserType& domain, const ObjectName& name,
                             const pg::Constraint& constraint);
  void add_type(const ObjectName& name, UserType type, int location = -1);
  void create_statistics(const pg::CreateStatsStmt& create);
  void create_extension(const pg::CreateExtensionStmt& create);
  void attach(const pg::CreateTrigStmt& create);
  void attach(const pg::CreatePolicyStmt& create);
  void attach(const pg::RuleStmt& create);
  void add_attachment(const ObjectName& relation, Attachment attachment, bool replace,
                      int location);
  void alter_policy(const pg::AlterPolicyStmt& alter);
  void comment(const pg::CommentStmt& comment);
  void set_owner(const pg::AlterOwnerStmt& alter);
  void grant(const pg::GrantStmt& grant);
  std::vector<ObjectId> granted_objects(const pg::GrantStmt& grant);
  Remarks& remarks(ObjectId id);
  std::vector<std::shared_ptr<const Attachment>>* attachments(Object& object);
  /// The function that an ObjectWithArgs means; kNoObject where it is not known.
  ObjectId function_named(const pg::ObjectWithArgs& wanted, bool missing_ok, bool refuse);
  void set_variable(const pg::VariableSetStmt& set);
  void set_path(const pg::SelectStmt& select);

  // apply_tables.cc
  void create_table(const pg::CreateStmt& create, const Nodes* foreign = nullptr);
  void create_table_as(const pg::IntoClause& into, const pg::Node& query, bool if_not_exists);
  struct NewConstraint {
    const pg::Constraint* node = nullptr;
    std::string column;  ///< empty: of the table
    bool deferrable = false;
    bool deferred = false;
  };
  /// The column alone; its keys, checks and foreign keys are added to `constraints`.
  void add_column(ObjectId table, const pg::ColumnDef& def,
                  std::vector<NewConstraint>& constraints);
  void collect(const Nodes& nodes, const std::string& column,
               std::vector<NewConstraint>& constraints);
  void own_sequence(ObjectId table, const std::string& column, Sequence sequence,
                    const Nodes* options);
  void add_check(ObjectId table, const NewConstraint& added);
  void add_key(ObjectId table, const NewConstraint& added);
  void add_foreign_key(ObjectId table, const NewConstraint& added);
  void add_constraint_part(ObjectId table, Constraint constraint);
  bool is_constraint_free(ObjectId table, const std::string& name, int location);
  void inherit(ObjectId table, const pg::RangeVar& parent, bool partition);
  void copy_like(ObjectId table, const pg::TableLikeClause& like);
  void copy_indexes(ObjectId table, const Object& from);
  void create_index(const pg::IndexStmt& create, bool asynchronous);
  ObjectId add_index(const std::string& name, ObjectId table, Index index);
  std::vector<ColumnId> columns_named(const Object& table, const std::vector<std::string>& names,
                                      int location);
  std::vector<ColumnId> columns_in(const Object& table, const pg::Node& expression);
  std::string choose_relation_name(const std::string& first, const std::string& second,
                                   std::string_view label, const std::string& schema,
                                   bool constraint) const;
  std::string choose_constraint_name(const std::string& first, const std::string& second,
                                     std::string_view label, const std::string& schema) const;
  /// As PostgreSQL's ChooseIndexNameAddition.
  std::string index_middle(const Object& table, const Index& index) const;
  /// Remembers that the column had that name until now.
  void note_former(ObjectId table, const std::string& name, ColumnId column);
  Table& open_table(ObjectId id) { return std::get<Table>(catalog_.open(id).what); }

  // apply_alter.cc
  void alter_table(const pg::AlterTableStmt& alter);
  void alter(ObjectId table, const pg::AlterTableCmd& cmd, std::vector<NewConstraint>& constraints);
  Column* open_column(ObjectId relation, const std::string& name, int location = -1);
  void change_type(ObjectId table, const pg::AlterTableCmd& cmd);
  void add_identity(ObjectId table, const std::string& column, const pg::Constraint& identity);
  void alter_composite(const pg::AlterTableStmt& alter);

  // apply_drop.cc
  void drop(const pg::DropStmt& drop);
  /// The objects go, with all that cannot be without them.
  void remove(std::vector<ObjectId> ids);
  void drop_column(ObjectId relation, const std::string& name, bool missing_ok, int location);
  void drop_constraint(ObjectId table, const std::string& name, bool missing_ok, int location);
  /// Of `id`, what is about the objects that are gone.
  void let_go(ObjectId id, const std::vector<ObjectId>& gone, std::vector<ObjectId>& also);
  void rename(const pg::RenameStmt& rename);
  void rename_object(ObjectId id, ObjectName name);
  void rename_column(ObjectId relation, const std::string& from, const std::string& to,
                     bool missing_ok);
  /// A label of an enum, where defaults and casts say it.
  void rename_label(ObjectId type, const std::string& from, const std::string& to);
  void rename_constraint(ObjectId table, const std::string& from, const std::string& to,
                         bool missing_ok);
  void move(const pg::AlterObjectSchemaStmt& move);
  void move_object(ObjectId id, const std::string& schema);

  Catalog& catalog_;
  Session& session_;
  Origin at_;
  std::vector<Refusal> refusals_;
};

/// So many constraints, triggers, labels … of one object are known: no schema has more, and each
/// version of the object has them all.
inline constexpr size_t kMostParts = 4000;

/// A column, a constraint, a trigger … of a relation, from the list of its name.
struct PartName {
  ObjectName relation;
  std::string part;
};
std::optional<PartName> part_name(const pg::Node& list);
/// Of a trigger, a policy or a rule.
Attachment::Kind attachment_kind(pg::ObjectType type);
std::string_view attachment_word(Attachment::Kind kind);
/// Its name, or the word: public, current_user, session_user.
std::string role_name(const pg::RoleSpec& role);
/// True where the option stands alone.
bool flag_value(const pg::DefElem& option);
/// WITH (…), SET (…).
std::vector<Option> read_options(const Nodes& nodes);

}  // namespace dsqlint::catalog
