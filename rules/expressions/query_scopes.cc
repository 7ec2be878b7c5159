// Names are looked up from the innermost query outwards. What a query does not know for sure ends
// the search.

#include "rules/expressions/query_scopes.h"

#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/parse/names.h"
#include "engine/parse/walk.h"

namespace dsqlint {
namespace {

/// A table of one query; null: something whose columns are not known.
struct Source {
  std::string alias;
  const Table* table = nullptr;
};

enum class Answer : uint8_t { Found, Missing, Unknown };

TypeRef bigint() { return {.schema = {}, .name = "int8"}; }

TypeRef column_type(const Column& column) {
  return column.identity || is_serial(column.type) ? bigint() : column.type;
}

/// A query, or a statement whose columns can be named without one.
class Level {
 public:
  void add(std::string alias, const Table* table) { sources_.push_back({std::move(alias), table}); }
  bool empty() const { return sources_.empty(); }

  Answer find(const std::string& alias, const std::string& name, TypeRef& type) const {
    Answer answer = Answer::Missing;
    for (const Source& source : sources_) {
      if (!alias.empty() && source.alias != alias) continue;
      if (source.table == nullptr) return Answer::Unknown;
      const Column* column = source.table->column(name);
      if (column == nullptr && !source.table->complete) return Answer::Unknown;
      if (column == nullptr) {
        // `t.x` of a column that is not there is no column of an outer `t`.
        if (!alias.empty()) return Answer::Unknown;
        continue;
      }
      TypeRef found = column_type(*column);
      // Merged by USING, or ambiguous.
      if (answer == Answer::Found && !(found == type)) return Answer::Unknown;
      type = std::move(found);
      answer = Answer::Found;
    }
    return answer;
  }

 private:
  std::vector<Source> sources_;
};

/// The tables that a statement makes are known after it only.
Table made_by(const pg::CreateStmt& create) {
  Table table;
  table.complete = create.inh_relations_size() == 0 && !create.has_of_typename();
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_table_like_clause()) table.complete = false;
    if (!element.has_column_def()) continue;
    const pg::ColumnDef& def = element.column_def();
    Column column;
    column.name = def.colname();
    column.type = type_ref(def.type_name());
    for (const pg::Node& part : def.constraints()) {
      column.identity |= part.constraint().contype() == pg::CONSTR_IDENTITY;
    }
    table.columns.push_back(std::move(column));
  }
  return table;
}

class Levels {
 public:
  Levels(AstRef statement, const Schema& schema) : schema_(schema) {
    Walker walker;
    walker.walk(statement, [&](AstRef node, const std::vector<AstRef>&) {
      if (const auto* cte = node.as<pg::CommonTableExpr>()) ctes_.insert(cte->ctename());
    });
  }

  /// The level that the node opens; null where it opens none.
  const Level* of(AstRef node) {
    const auto known = levels_.find(node.message);
    if (known != levels_.end()) return known->second;
    const Level level = make(node);
    const Level* kept = level.empty() ? nullptr : &all_.emplace_back(level);
    levels_.emplace(node.message, kept);
    return kept;
  }

 private:
  Level make(AstRef node) {
    Level level;
    if (const auto* select = node.as<pg::SelectStmt>()) {
      add_items(select->from_clause(), level);
    } else if (const auto* update = node.as<pg::UpdateStmt>()) {
      add_table(update->relation(), level);
      add_items(update->from_clause(), level);
    } else if (const auto* remove = node.as<pg::DeleteStmt>()) {
      add_table(remove->relation(), level);
      add_items(remove->using_clause(), level);
    } else if (const auto* insert = node.as<pg::InsertStmt>()) {
      add_table(insert->relation(), level);
      level.add("excluded", schema_.find_table(object_name(insert->relation())));
    } else if (const auto* index = node.as<pg::IndexStmt>()) {
      add_table(index->relation(), level);
    } else if (const auto* alter = node.as<pg::AlterTableStmt>()) {
      add_table(alter->relation(), level);
    } else if (const auto* policy = node.as<pg::CreatePolicyStmt>()) {
      add_table(policy->table(), level);
    } else if (const auto* create = node.as<pg::CreateStmt>()) {
      level.add(create->relation().relname(), &made_.emplace_back(made_by(*create)));
    }
    return level;
  }

  void add_items(const google::protobuf::RepeatedPtrField<pg::Node>& items, Level& level) {
    std::vector<const pg::Node*> pending;
    for (const pg::Node& item : items) pending.push_back(&item);
    while (!pending.empty()) {
      const pg::Node& item = *pending.back();
      pending.pop_back();
      if (item.has_join_expr()) {
        const pg::JoinExpr& join = item.join_expr();
        if (join.has_alias()) level.add(join.alias().aliasname(), nullptr);
        pending.push_back(&join.larg());
        pending.push_back(&join.rarg());
      } else if (item.has_range_var()) {
        add_table(item.range_var(), level);
      } else if (item.has_range_table_sample()) {
        pending.push_back(&item.range_table_sample().relation());
      } else {
        level.add(item.has_range_subselect()  ? item.range_subselect().alias().aliasname()
                  : item.has_range_function() ? item.range_function().alias().aliasname()
                                              : std::string(),
                  nullptr);
      }
    }
  }

  void add_table(const pg::RangeVar& relation, Level& level) {
    const bool cte = relation.schemaname().empty() && ctes_.count(relation.relname()) != 0;
    const bool renamed = relation.alias().colnames_size() != 0;
    level.add(relation.has_alias() ? relation.alias().aliasname() : relation.relname(),
              cte || renamed ? nullptr : schema_.find_table(object_name(relation)));
  }

  const Schema& schema_;
  std::unordered_set<std::string> ctes_;
  std::deque<Level> all_;
  std::deque<Table> made_;
  std::unordered_map<const google::protobuf::Message*, const Level*> levels_;
};

}  // namespace

QueryScopes::QueryScopes(AstRef statement, const Schema& schema) {
  Levels levels(statement, schema);
  Walker walker;
  walker.walk(statement, [&](AstRef node, const std::vector<AstRef>& parents) {
    const auto* ref = node.as<pg::ColumnRef>();
    if (ref == nullptr || ref->fields_size() == 0 || ref->fields_size() > 2) return;
    const std::string& name = string_value(ref->fields(ref->fields_size() - 1));
    const std::string& alias =
        ref->fields_size() == 2 ? string_value(ref->fields(0)) : std::string();
    if (name.empty()) return;
    TypeRef type;
    for (auto parent = parents.rbegin(); parent != parents.rend(); ++parent) {
      const Level* level = levels.of(*parent);
      if (level == nullptr) continue;
      const Answer answer = level->find(alias, name, type);
      if (answer == Answer::Missing) continue;
      if (answer == Answer::Found) types_.emplace(ref, std::move(type));
      return;
    }
  });
}

std::optional<TypeRef> QueryScopes::type_of(const pg::ColumnRef& ref) const {
  const auto known = types_.find(&ref);
  return known == types_.end() ? std::nullopt : std::optional(known->second);
}

}  // namespace dsqlint
