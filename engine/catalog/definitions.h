// How the objects of a state are written as SQL, part by part. For print.cc and difference.cc only.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/catalog/catalog.h"

namespace pg_query {
class Node;
}

namespace dsqlint::catalog {

/// All need a deep stack; see tree_sql.h. Good as long as the state is.
class Definitions {
 public:
  explicit Definitions(const State& state) : state_(state) {}
  const State& state() const { return state_; }
  const Object* get(ObjectId id) const { return state_.get(id); }

  // --- names -------------------------------------------------------------------------------------
  /// With its schema, and of a function with its arguments: what DROP, COMMENT and others name.
  std::string name(const Object& object) const;
  std::string name(ObjectId id, const ObjectName& otherwise = {}) const;
  /// "TABLE", "MATERIALIZED VIEW", "DOMAIN" …
  std::string_view kind(const Object& object) const;
  std::string type(const DataType& type) const;
  /// `(a, b)`
  std::string columns(const Object& relation, const std::vector<ColumnId>& ids) const;

  // --- parts -------------------------------------------------------------------------------------
  /// The SQL of a part of `owner`. Names that mean something in the owner's own schema get it, for
  /// whoever runs the SQL has another search_path.
  std::string sql(const Tree& tree, const Object& owner) const;
  /// In parentheses where DEFAULT or CREATE INDEX require them.
  std::string operand(const Tree& tree, const Object& owner) const;
  /// As in CREATE TABLE.
  std::string column(const Object& table, const Column& column) const;
  /// `GENERATED ALWAYS AS IDENTITY (…)`
  std::string identity(const Object& table, const Column& column) const;
  /// What CREATE SEQUENCE says after the name, each with a blank before it; `all`: what is as it is
  /// without words, too.
  std::string sequence_options(const Sequence& sequence, bool all) const;
  /// All of them but the type.
  std::vector<std::string> sequence_values(const Sequence& sequence) const;
  /// ` DEFAULT …`, ` GENERATED …`, or nothing.
  std::string default_clause(const Object& table, const Column& column) const;
  /// Without its name and NOT VALID.
  std::string constraint(const Object& owner, const Constraint& constraint) const;
  /// The CREATE statement of a trigger, a policy or a rule.
  std::string attachment(const Object& relation, const Attachment& attachment) const;
  std::string options(const std::vector<Option>& options) const;
  std::string option_name(const std::string& name) const;
  std::string role(std::string_view role) const;
  std::string grant(const Object& object, const Privilege& privilege) const;
  std::string revoke(const Object& object, const Privilege& privilege) const;

  /// The statement that made an object, with its name and types as they are now.
  std::string statement(const Tree& tree, const Object& object) const;

  // --- statements --------------------------------------------------------------------------------
  /// The CREATE statement, without what `later` makes. Empty for the index of a constraint, the
  /// sequence of an identity column and the schema `public`.
  std::string create(ObjectId id) const;
  /// An object that a table or another one has brings along: the one that makes it.
  ObjectId made_by(ObjectId id) const;
  /// Is it a partition that CREATE TABLE … PARTITION OF makes as it is?
  bool is_plain_partition(const Object& table) const;
  /// Is it what a partition gets by itself for a key of its parent?
  bool is_key_of_parent(const Object& table, const Constraint& constraint) const;
  /// Can CREATE TABLE not make the constraint?
  bool is_late(const Constraint& constraint) const {
    return constraint.kind == ConstraintKind::ForeignKey || !constraint.valid;
  }
  std::string add_constraint(const Object& table, const Constraint& constraint) const;

  /// What `CREATE` of it refers to; of a table without its foreign keys.
  std::vector<ObjectId> needs(ObjectId id) const;
  std::vector<ObjectId> needs(const Tree& tree) const;

 private:
  std::string create_table(const Object& object, const Table& table) const;
  std::string create_view(const Object& object, const View& view) const;
  std::string create_index(const Object& object, const Index& index) const;
  std::string create_type(const Object& object, const UserType& type) const;
  std::string index_keys(const Object& table, const Index& index) const;
  void qualify(pg_query::Node& root, const Object& owner) const;
  void visit_needs(const Tree& tree, const std::function<void(ObjectId)>& visit) const;

  State state_;
};

}  // namespace dsqlint::catalog
