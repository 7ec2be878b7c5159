// Names are looked up from the innermost query outwards. What a query does not know for sure ends
// the search.

#include "rules/expressions/query_scopes.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/catalog/catalog.h"
#include "engine/parse/names.h"
#include "engine/parse/result_name.h"
#include "engine/parse/walk.h"
#include "rules/expressions/expression_type.h"

namespace dsqlint {
namespace {

/// What a FROM item gives.
struct Relation {
  struct Column {
    std::string name;
    std::optional<TypeRef> type;  ///< nothing: not known
  };
  std::vector<Column> columns;
  bool complete = true;  ///< false: it may have others

  const Column* column(const std::string& wanted) const {
    for (const Column& column : columns) {
      if (column.name == wanted) return &column;
    }
    return nullptr;
  }
};

/// A relation of one query; null: something of which nothing is known.
struct Source {
  std::string alias;
  const Relation* relation = nullptr;
};

enum class Answer : uint8_t { Found, Missing, Unknown };

TypeRef bigint() { return {.schema = {}, .name = "int8"}; }

TypeRef column_type(const Column& column) {
  return column.identity || is_serial(column.type) ? bigint() : column.type;
}

Relation relation_of(const Table& table) {
  Relation relation{.complete = table.complete};
  for (const Column& column : table.columns) {
    relation.columns.push_back({column.name, column_type(column)});
  }
  return relation;
}

Relation relation_of(const catalog::View& view) {
  Relation relation{.complete = view.complete};
  for (const auto& column : view.columns) {
    const TypeRef& type = column->type.ref;
    relation.columns.push_back(
        {column->name, type.name.empty() ? std::nullopt : std::optional(type)});
  }
  return relation;
}

/// A query, or a statement whose columns can be named without one.
class Level {
 public:
  void add(std::string alias, const Relation* relation) {
    sources_.push_back({std::move(alias), relation});
  }
  bool empty() const { return sources_.empty(); }
  const std::vector<Source>& sources() const { return sources_; }

  Answer find(const pg::ColumnRef& ref, TypeRef& type) const {
    const int n = ref.fields_size();
    if (n == 0 || n > 2) return Answer::Unknown;
    const std::string& alias = n == 2 ? string_value(ref.fields(0)) : std::string();
    const std::string& name = string_value(ref.fields(n - 1));
    if (name.empty()) return Answer::Unknown;
    Answer answer = Answer::Missing;
    for (const Source& source : sources_) {
      if (!alias.empty() && source.alias != alias) continue;
      if (source.relation == nullptr) return Answer::Unknown;
      const Relation::Column* column = source.relation->column(name);
      if (column == nullptr && !source.relation->complete) return Answer::Unknown;
      if (column == nullptr) {
        // `t.x` of a column that is not there is no column of an outer `t`.
        if (!alias.empty()) return Answer::Unknown;
        continue;
      }
      if (!column->type) return Answer::Unknown;
      // Merged by USING, or ambiguous.
      if (answer == Answer::Found && !(*column->type == type)) return Answer::Unknown;
      type = *column->type;
      answer = Answer::Found;
    }
    return answer;
  }

 private:
  std::vector<Source> sources_;
};

/// The tables that a statement makes are known after it only.
Relation made_by(const pg::CreateStmt& create) {
  Relation relation{.complete = create.inh_relations_size() == 0 && !create.has_of_typename()};
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_table_like_clause()) relation.complete = false;
    if (!element.has_column_def()) continue;
    const pg::ColumnDef& def = element.column_def();
    Column column;
    column.type = type_ref(def.type_name());
    for (const pg::Node& part : def.constraints()) {
      column.identity |= part.constraint().contype() == pg::CONSTR_IDENTITY;
    }
    relation.columns.push_back({def.colname(), column_type(column)});
  }
  return relation;
}

/// Queries are met after those within them.
class Levels {
 public:
  Levels(AstRef statement, const Schema& schema) : schema_(schema) {
    Walker walker;
    // A query may stand before the WITH whose names it uses.
    walker.walk(statement, [&](AstRef node, const std::vector<AstRef>&) {
      const auto* cte = node.as<pg::CommonTableExpr>();
      if (cte != nullptr) ++ctes_[cte->ctename()].count;
    });
    std::vector<AstRef> open;
    walker.walk(statement, [&](AstRef node, const std::vector<AstRef>& parents) {
      while (open.size() > parents.size()) {
        close(open.back());
        open.pop_back();
      }
      open.push_back(node);
    });
    for (; !open.empty(); open.pop_back()) close(open.back());
  }

  /// The level that the node opens; null where it opens none.
  const Level* of(AstRef node) const {
    const auto known = levels_.find(node.message);
    return known == levels_.end() ? nullptr : &known->second;
  }

 private:
  void close(AstRef node) {
    if (const auto* cte = node.as<pg::CommonTableExpr>()) {
      Cte& known = ctes_[cte->ctename()];
      if (known.count == 1 && cte->aliascolnames_size() == 0) {
        known.relation = given_by(cte->ctequery());
      }
      return;
    }
    Level level = make(node);
    if (!level.empty()) levels_.emplace(node.message, std::move(level));
  }

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
      level.add("excluded", find(insert->relation()));
    } else if (const auto* index = node.as<pg::IndexStmt>()) {
      add_table(index->relation(), level);
    } else if (const auto* alter = node.as<pg::AlterTableStmt>()) {
      add_table(alter->relation(), level);
    } else if (const auto* policy = node.as<pg::CreatePolicyStmt>()) {
      add_table(policy->table(), level);
    } else if (const auto* create = node.as<pg::CreateStmt>()) {
      level.add(create->relation().relname(), keep(made_by(*create)));
    }
    return level;
  }

  const Relation* keep(Relation relation) { return &relations_.emplace_back(std::move(relation)); }

  const Relation* given_by(const pg::Node& query) {
    if (!query.has_select_stmt()) return nullptr;
    const pg::SelectStmt& select = query.select_stmt();
    if (select.target_list_size() == 0) return nullptr;
    const Level* level = of(unwrap(query));
    Relation relation;
    for (const pg::Node& node : select.target_list()) {
      const pg::ResTarget& target = node.res_target();
      const pg::ColumnRef& ref = target.val().column_ref();
      const int n = ref.fields_size();
      const std::string& alias = n == 2 ? string_value(ref.fields(0)) : std::string();
      if (n > 0 && ref.fields(n - 1).has_a_star()) {
        relation.complete =
            relation.complete && n <= 2 && level != nullptr && expand(*level, alias, relation);
        continue;
      }
      std::string name = target.name().empty() ? result_name(target.val()) : target.name();
      relation.columns.push_back({std::move(name), type_in(target.val(), level)});
    }
    return keep(std::move(relation));
  }

  /// Of an expression that stands in a query of its own level.
  std::optional<TypeRef> type_in(const pg::Node& value, const Level* level) const {
    const ExpressionNames names{schema_, [level](AstRef node) -> std::optional<TypeRef> {
                                  const auto* ref = node.as<pg::ColumnRef>();
                                  TypeRef type;
                                  const bool found = ref != nullptr && level != nullptr &&
                                                     level->find(*ref, type) == Answer::Found;
                                  return found ? std::optional(type) : std::nullopt;
                                }};
    const ExpressionType type = analyze_expression(value, names).type;
    return type.certain ? type.ref() : std::nullopt;
  }

  static bool expand(const Level& level, const std::string& alias, Relation& relation) {
    for (const Source& source : level.sources()) {
      if (!alias.empty() && source.alias != alias) continue;
      if (source.relation == nullptr || !source.relation->complete) return false;
      relation.columns.insert(relation.columns.end(), source.relation->columns.begin(),
                              source.relation->columns.end());
    }
    return true;
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
      } else if (item.has_range_subselect()) {
        const pg::RangeSubselect& query = item.range_subselect();
        level.add(query.alias().aliasname(),
                  query.alias().colnames_size() == 0 ? given_by(query.subquery()) : nullptr);
      } else {
        level.add(item.range_function().alias().aliasname(), nullptr);
      }
    }
  }

  void add_table(const pg::RangeVar& relation, Level& level) {
    const bool renamed = relation.alias().colnames_size() != 0;
    level.add(relation.has_alias() ? relation.alias().aliasname() : relation.relname(),
              renamed ? nullptr : find(relation));
  }

  const Relation* find(const pg::RangeVar& written) {
    if (written.schemaname().empty()) {
      const auto cte = ctes_.find(written.relname());
      if (cte != ctes_.end()) return cte->second.relation;
    }
    const ObjectName name = object_name(written);
    if (const Table* table = schema_.find_table(name)) {
      const Relation*& known = tables_[table];
      if (known == nullptr) known = keep(relation_of(*table));
      return known;
    }
    const catalog::Object* object = schema_.catalog().now().get(catalog::NameSpace::Relation, name);
    const catalog::View* view = object == nullptr ? nullptr : object->view();
    return view == nullptr ? nullptr : keep(relation_of(*view));
  }

  const Schema& schema_;
  struct Cte {
    size_t count = 0;  ///< of that name
    const Relation* relation = nullptr;
  };
  std::unordered_map<std::string, Cte> ctes_;
  std::deque<Relation> relations_;
  std::unordered_map<const Table*, const Relation*> tables_;
  std::unordered_map<const google::protobuf::Message*, Level> levels_;
};

}  // namespace

QueryScopes::QueryScopes(AstRef statement, const Schema& schema) {
  const Levels levels(statement, schema);
  Walker walker;
  walker.walk(statement, [&](AstRef node, const std::vector<AstRef>& parents) {
    const auto* ref = node.as<pg::ColumnRef>();
    if (ref == nullptr) return;
    TypeRef type;
    for (auto parent = parents.rbegin(); parent != parents.rend(); ++parent) {
      const Level* level = levels.of(*parent);
      if (level == nullptr) continue;
      const Answer answer = level->find(*ref, type);
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
