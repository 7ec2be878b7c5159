#include "engine/catalog/json.h"

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/catalog/definitions.h"
#include "engine/catalog/tree_sql.h"

namespace dsqlint::catalog {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kConstraintKinds = {"check", "primary key", "unique", "foreign key",
                                         "exclusion"};
constexpr std::array kActions = {"no action", "restrict", "cascade", "set null", "set default"};
constexpr std::array kTypeKinds = {"enum", "composite", "range", "domain", "base", "shell"};
constexpr std::array kFunctionKinds = {"function", "procedure", "aggregate"};
constexpr std::array kVolatilities = {"immutable", "stable", "volatile"};
constexpr std::array kPersistences = {"permanent", "unlogged", "temporary"};

std::string_view mode_word(char mode) {
  switch (mode) {
    case 'o':
      return "out";
    case 'b':
      return "inout";
    case 'v':
      return "variadic";
    case 't':
      return "table";
    default:
      return "in";
  }
}

/// By name: the order in which they were made means nothing.
template <typename Part>
std::vector<std::shared_ptr<const Part>> by_name(std::vector<std::shared_ptr<const Part>> parts) {
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a->name < b->name; });
  return parts;
}

class Writer {
 public:
  Writer(const State& state, const Place& place) : definitions_(state), place_(place) {}

  Json write() const {
    struct Named {
      std::tuple<ObjectKind, std::string, std::string, std::string> key;
      ObjectId id;
    };
    std::vector<Named> all;
    for (const ObjectId id : definitions_.state().all()) {
      const Object& object = *definitions_.get(id);
      all.push_back(
          {{object.kind(), object.name.schema, object.name.name, definitions_.name(object)}, id});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Named& a, const Named& b) { return a.key < b.key; });
    Json objects = Json::array();
    for (const Named& one : all) objects.push_back(object(*definitions_.get(one.id)));
    return {{"version", 1}, {"objects", std::move(objects)}};
  }

 private:
  // What is not there is left out.
  static void set(Json& json, const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  }
  static void set(Json& json, const char* name, bool value) {
    if (value) json[name] = true;
  }
  static void set(Json& json, const char* name, Json value) {
    if (!value.empty()) json[name] = std::move(value);
  }

  Json name(const ObjectName& name) const {
    Json json = Json::object();
    set(json, "schema", name.schema);
    json["name"] = name.name;
    return json;
  }
  Json name(ObjectId id) const {
    const Object* object = definitions_.get(id);
    return object == nullptr ? Json::object() : name(object->name);
  }
  static std::string joined(const ObjectName& name) {
    return name.schema.empty() ? name.name : name.schema + "." + name.name;
  }
  Json columns(const Object* relation, const std::vector<ColumnId>& ids) const {
    Json names = Json::array();
    if (relation == nullptr) return names;
    for (const ColumnId id : ids) {
      for (const auto& column : relation->columns()) {
        if (column->id == id) names.push_back(column->name);
      }
    }
    return names;
  }
  static Json options(const std::vector<Option>& options) {
    Json json = Json::object();
    for (const Option& option : options) json[option.name] = option.value;
    return json;
  }
  std::string type(const DataType& type) const {
    return type.ref.name.empty() ? std::string() : definitions_.type(type);
  }

  Json column(const Object& owner, const Column& column) const {
    Json json = {{"name", column.name}};
    set(json, "type", type(column.type));
    set(json, "collation", joined(column.collation));
    set(json, "not_null", column.not_null);
    set(json, "default", definitions_.sql(column.default_value, owner));
    set(json, "generated", column.generated);
    if (column.identity != Identity::None) {
      json["identity"] = column.identity == Identity::Always ? "always" : "by default";
      set(json, "sequence", name(column.sequence));
    }
    set(json, "storage", column.storage);
    set(json, "compression", column.compression);
    set(json, "comment", column.comment);
    set(json, "inherited", column.inherited);
    set(json, "created", place_(column.origin));
    return json;
  }
  Json all_columns(const Object& owner) const {
    Json json = Json::array();
    for (const auto& one : owner.columns()) json.push_back(column(owner, *one));
    return json;
  }

  Json constraints(const Object& owner,
                   const std::vector<std::shared_ptr<const Constraint>>& all) const {
    Json list = Json::array();
    for (const auto& one : by_name(all)) {
      Json json = {{"name", one->name}, {"kind", kConstraintKinds[static_cast<size_t>(one->kind)]}};
      set(json, "columns", columns(&owner, one->columns));
      set(json, "expression", definitions_.sql(one->expression, owner));
      if (one->kind == ConstraintKind::ForeignKey) {
        const Object* known = definitions_.get(one->target);
        Json target = name(known == nullptr ? one->target_name : known->name);
        Json names = columns(known, one->target_columns);
        for (const std::string& column : one->target_column_names) {
          if (known == nullptr) names.push_back(column);
        }
        set(target, "columns", std::move(names));
        json["target"] = std::move(target);
        json["on_update"] = kActions[static_cast<size_t>(one->on_update)];
        json["on_delete"] = kActions[static_cast<size_t>(one->on_delete)];
      }
      set(json, "set_columns", columns(&owner, one->set_columns));
      set(json, "match_full", one->match_full);
      set(json, "deferrable", one->deferrable);
      set(json, "deferred", one->deferred);
      set(json, "not_valid", !one->valid);
      set(json, "no_inherit", one->no_inherit);
      set(json, "inherited", one->inherited);
      set(json, "comment", one->comment);
      set(json, "created", place_(one->origin));
      list.push_back(std::move(json));
    }
    return list;
  }

  void attachments(Json& json, const Object& owner,
                   const std::vector<std::shared_ptr<const Attachment>>& all) const {
    constexpr std::array kLists = {"triggers", "policies", "rules"};
    for (const auto& one : by_name(all)) {
      Json part = {{"name", one->name}, {"statement", definitions_.attachment(owner, *one)}};
      set(part, "function", name(one->function));
      if (one->enabled != 'O') {
        part["enabled"] = one->enabled == 'D' ? "no" : one->enabled == 'R' ? "replica" : "always";
      }
      set(part, "comment", one->comment);
      set(part, "created", place_(one->origin));
      json[kLists[static_cast<size_t>(one->kind)]].push_back(std::move(part));
    }
  }

  static void persistence(Json& json, Persistence persistence) {
    if (persistence == Persistence::Permanent) return;
    json["persistence"] = kPersistences[static_cast<size_t>(persistence)];
  }

  void write(Json& json, const Object& object, const Table& table) const {
    persistence(json, table.persistence);
    set(json, "foreign", table.foreign);
    set(json, "incomplete", !table.complete);
    set(json, "columns", all_columns(object));
    set(json, "constraints", constraints(object, table.constraints));
    attachments(json, object, table.attachments);
    set(json, "row_security", table.row_security);
    set(json, "force_row_security", table.force_row_security);
    if (table.replica_identity != 'd') {
      json["replica_identity"] = table.replica_identity == 'n'   ? "nothing"
                                 : table.replica_identity == 'f' ? "full"
                                                                 : "index";
      set(json, "replica_index", name(table.replica_index));
    }
    Json parents = Json::array();
    for (const ObjectId parent : table.parents) parents.push_back(name(parent));
    set(json, "parents", std::move(parents));
    set(json, "partition_bound", definitions_.sql(table.partition_bound, object));
    set(json, "partition_by", definitions_.sql(table.partition_by, object));
    set(json, "of_type", type(table.of_type));
    set(json, "options", options(table.options));
    set(json, "access_method", table.access_method);
  }

  void write(Json& json, const Object& object, const View& view) const {
    set(json, "materialized", view.materialized);
    set(json, "not_populated", !view.populated);
    set(json, "recursive", view.recursive);
    if (view.temporary) json["persistence"] = "temporary";
    set(json, "incomplete", !view.complete);
    set(json, "columns", all_columns(object));
    set(json, "query", definitions_.sql(view.query, object));
    set(json, "check_option", view.check_option);
    set(json, "options", options(view.options));
    Json relations = Json::array();
    for (const ObjectId id : view.relations) {
      if (definitions_.get(id) != nullptr) relations.push_back(name(id));
    }
    set(json, "relations", std::move(relations));
    attachments(json, object, view.attachments);
  }

  void write(Json& json, const Object& object, const Index& index) const {
    const Object* table = definitions_.get(index.table);
    set(json, "table", name(index.table));
    json["method"] = index.method;
    Json keys = Json::array();
    for (const IndexKey& key : index.keys) {
      Json one = Json::object();
      const Json column = columns(table, {key.column});
      if (!column.empty()) one["column"] = column[0];
      set(one, "expression", definitions_.sql(key.expression, object));
      set(one, "opclass", joined(key.opclass));
      set(one, "collation", joined(key.collation));
      set(one, "descending", key.descending);
      set(one, "nulls_first", key.nulls_first);
      keys.push_back(std::move(one));
    }
    set(json, "keys", std::move(keys));
    set(json, "included", columns(table, index.included));
    set(json, "predicate", definitions_.sql(index.predicate, object));
    set(json, "unique", index.unique);
    set(json, "primary", index.primary);
    set(json, "of_constraint", index.of_constraint);
    set(json, "nulls_not_distinct", index.nulls_not_distinct);
    set(json, "not_valid", !index.valid);
    set(json, "asynchronous", index.asynchronous);
    set(json, "options", options(index.options));
  }

  void write(Json& json, const Sequence& sequence) const {
    persistence(json, sequence.persistence);
    json["type"] = sequence.type.name.empty() ? std::string("bigint")
                                              : definitions_.type(DataType{.ref = sequence.type});
    json["increment"] = sequence.increment;
    if (sequence.start) json["start"] = *sequence.start;
    if (sequence.minimum) json["minimum"] = *sequence.minimum;
    if (sequence.maximum) json["maximum"] = *sequence.maximum;
    json["cache"] = sequence.cache;
    set(json, "cycle", sequence.cycle);
    set(json, "identity", sequence.identity);
    if (const Object* owner = definitions_.get(sequence.owner)) {
      Json owned = name(owner->name);
      const Json column = columns(owner, {sequence.owner_column});
      if (!column.empty()) owned["column"] = column[0];
      json["owned_by"] = std::move(owned);
    }
  }

  void write(Json& json, const Object& object, const UserType& type) const {
    json["type_kind"] = kTypeKinds[static_cast<size_t>(type.kind)];
    set(json, "labels", Json(type.labels));
    set(json, "base", this->type(type.base));
    set(json, "collation", joined(type.collation));
    set(json, "not_null", type.not_null);
    set(json, "default", definitions_.sql(type.default_value, object));
    set(json, "constraints", constraints(object, type.constraints));
    set(json, "attributes", all_columns(object));
    if (type.statement) json["statement"] = definitions_.statement(type.statement, object);
  }

  void write(Json& json, const Object& object, const Function& function) const {
    json["function_kind"] = kFunctionKinds[static_cast<size_t>(function.kind)];
    Json arguments = Json::array();
    for (const Argument& argument : function.arguments) {
      Json one = Json::object();
      set(one, "name", argument.name);
      one["mode"] = mode_word(argument.mode);
      one["type"] = type(argument.type);
      set(one, "default", definitions_.sql(argument.default_value, object));
      arguments.push_back(std::move(one));
    }
    set(json, "arguments", std::move(arguments));
    set(json, "result", type(function.result));
    set(json, "returns_set", function.returns_set);
    set(json, "language", function.language);
    if (function.kind != Function::Kind::Aggregate) {
      json["volatility"] = kVolatilities[static_cast<size_t>(function.volatility)];
    }
    set(json, "strict", function.strict);
    set(json, "security_definer", function.security_definer);
    json["statement"] = definitions_.statement(function.statement, object);
  }

  Json object(const Object& object) const {
    Json json = {{"kind", kind_word(object.kind())}};
    set(json, "schema", object.name.schema);
    json["name"] = object.name.name;
    if (const Table* table = object.table()) {
      write(json, object, *table);
    } else if (const View* view = object.view()) {
      write(json, object, *view);
    } else if (const Index* index = object.index()) {
      write(json, object, *index);
    } else if (const Sequence* sequence = object.sequence()) {
      write(json, *sequence);
    } else if (const UserType* type = object.type()) {
      write(json, object, *type);
    } else if (const Function* function = object.function()) {
      write(json, object, *function);
    } else if (const Statistics* statistics = object.statistics()) {
      set(json, "table", name(statistics->table));
      set(json, "columns", columns(definitions_.get(statistics->table), statistics->columns));
      json["statement"] = definitions_.statement(statistics->statement, object);
    } else if (const auto* extension = std::get_if<Extension>(&object.what)) {
      set(json, "version", extension->version);
    }
    if (object.remarks != nullptr) {
      set(json, "comment", object.remarks->comment);
      set(json, "owner", object.remarks->owner);
      Json privileges = Json::array();
      std::vector<Privilege> sorted = object.remarks->privileges;
      std::stable_sort(sorted.begin(), sorted.end(), [](const Privilege& a, const Privilege& b) {
        return std::tie(a.role, a.columns) < std::tie(b.role, b.columns);
      });
      for (const Privilege& privilege : sorted) {
        Json one = {{"role", privilege.role}, {"privileges", privilege.privileges}};
        set(one, "columns", Json(privilege.columns));
        set(one, "grant_option", privilege.grant_option);
        privileges.push_back(std::move(one));
      }
      set(json, "privileges", std::move(privileges));
    }
    // Nothing makes `public`.
    const bool given = object.kind() == ObjectKind::Schema && object.created == Origin{};
    const std::string created = given ? std::string() : place_(object.created);
    const std::string changed =
        given && object.changed == Origin{} ? std::string() : place_(object.changed);
    set(json, "created", created);
    if (changed != created) set(json, "changed", changed);
    return json;
  }

  Definitions definitions_;
  const Place& place_;
};

}  // namespace

nlohmann::ordered_json to_json(const State& state, const Place& place) {
  Json json;
  on_deep_stack([&] { json = Writer(state, place).write(); });
  return json;
}

}  // namespace dsqlint::catalog
