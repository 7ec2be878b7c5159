#include "rules/types/refused_columns.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "engine/parse/names.h"
#include "engine/text/tokens.h"
#include "rules/shared/columns.h"
#include "rules/shared/words.h"

namespace dsqlint {
namespace {

/// May any column have the type? The common case, without making strings.
bool is_accepted(const pg::TypeName& type, const Engine& engine) {
  const int parts = type.names_size();
  if (type.array_bounds_size() != 0 || type.setof() || parts == 0 || parts > 2) return false;
  if (parts == 2 && type.names(0).string().sval() != "pg_catalog") return false;
  const KnownType* known = known_type(std::string_view(type.names(parts - 1).string().sval()));
  if (known == nullptr) return false;
  return known->family == TypeFamily::Plain ||
         (known->family == TypeFamily::Json && engine.accepts(json_capability(known->name)));
}

bool is_bytea(const pg::TypeName& type) {
  return type.array_bounds_size() == 0 && type.names_size() > 0 &&
         type.names(type.names_size() - 1).string().sval() == "bytea";
}

/// The columns in primary keys and unique constraints, of one CREATE TABLE after another.
class KeyColumns {
 public:
  const std::unordered_set<std::string>& of(const pg::CreateStmt& create) {
    if (create_ == &create) return columns_;
    create_ = &create;
    columns_.clear();
    const auto add = [&](const pg::Constraint& constraint, const std::string& column) {
      if (constraint.contype() != pg::CONSTR_PRIMARY && constraint.contype() != pg::CONSTR_UNIQUE) {
        return;
      }
      if (!column.empty()) columns_.insert(column);
      for (std::string& key : string_values(constraint.keys())) columns_.insert(std::move(key));
    };
    for (const pg::Node& element : create.table_elts()) {
      if (element.has_constraint()) add(element.constraint(), {});
      for (const pg::Node& node : element.column_def().constraints()) {
        add(node.constraint(), element.column_def().colname());
      }
    }
    return columns_;
  }

 private:
  const pg::CreateStmt* create_ = nullptr;
  std::unordered_set<std::string> columns_;
};

void note_columns(NoteContext& ctx) {
  KeyColumns keys;
  each_column(ctx.tree(), [&](const pg::ColumnDef& column, const pg::RangeVar& table,
                              const pg::CreateStmt* create) {
    if (!column.has_type_name()) return;
    const bool bytes = create != nullptr && is_bytea(column.type_name()) &&
                       keys.of(*create).count(column.colname()) != 0;
    if (!bytes && is_accepted(column.type_name(), ctx.engine())) return;
    const ResolvedType type = resolve_type(type_ref(column.type_name()), ctx.schema());
    std::optional<TypeKind> defined;
    if (type.user != nullptr) defined = type.user->kind;
    if (type.domain != nullptr) defined = TypeKind::Domain;
    ctx.notes<DoubtfulColumns>().all.push_back(
        {ctx.index(), &column, &table, create, bytes, type.row, defined});
  });
}

/// `array`: the column itself is one, perhaps of a domain.
std::optional<RefusedKind> kind_of(const ResolvedType& type, bool array, const Engine& engine) {
  if (column_verdict(type, engine) == TypeVerdict::Accepted) return std::nullopt;
  if (array) return RefusedKind::Array;
  if (type.domain != nullptr) return std::nullopt;  // said where the domain is made
  if (type.type.array) return RefusedKind::Array;
  if (type.user != nullptr) {
    // CREATE TYPE … AS ENUM becomes a domain of the same name, which a column may have.
    if (type.user->kind == TypeKind::Enum) return std::nullopt;
    return type.user->kind == TypeKind::Range ? RefusedKind::Range : RefusedKind::UserDefined;
  }
  if (type.row) return RefusedKind::UserDefined;
  if (type.known == nullptr) return RefusedKind::Unknown;
  switch (type.known->family) {
    case TypeFamily::Json:
      return RefusedKind::Json;
    case TypeFamily::Money:
      return RefusedKind::Money;
    case TypeFamily::Network:
      return RefusedKind::Network;
    case TypeFamily::Bits:
      return RefusedKind::Bits;
    case TypeFamily::Geometric:
      return RefusedKind::Geometric;
    case TypeFamily::Xml:
      return RefusedKind::Xml;
    case TypeFamily::TextSearch:
      return RefusedKind::TextSearch;
    case TypeFamily::Range:
      return RefusedKind::Range;
    case TypeFamily::System:
      return RefusedKind::System;
    case TypeFamily::Pseudo:
      return RefusedKind::Pseudo;
    case TypeFamily::Extension:
      return RefusedKind::Extension;
    case TypeFamily::Serial:  // serial_type's
    case TypeFamily::Plain:
      break;
  }
  return std::nullopt;
}

/// Statements whose text may compute with a column; those of tables and indexes are looked at
/// closer.
bool computes(int kind) {
  switch (kind) {
    case pg::Node::kSelectStmt:
    case pg::Node::kInsertStmt:
    case pg::Node::kUpdateStmt:
    case pg::Node::kDeleteStmt:
    case pg::Node::kMergeStmt:
    case pg::Node::kViewStmt:
    case pg::Node::kCreateFunctionStmt:
    case pg::Node::kCreatePolicyStmt:
    case pg::Node::kAlterPolicyStmt:
    case pg::Node::kRuleStmt:
    case pg::Node::kCreateTableAsStmt:
    case pg::Node::kDoStmt:
    case pg::Node::kExplainStmt:
    case pg::Node::kPrepareStmt:
    case pg::Node::kDeclareCursorStmt:
    case pg::Node::kIndexStmt:
    case pg::Node::kAlterTableStmt:
    case pg::Node::kCommentStmt:
      return true;
    default:
      return false;
  }
}

/// Does an index or an ALTER TABLE compute with columns, rather than name them?
bool computes(AstRef tree) {
  if (const auto* index = tree.as<pg::IndexStmt>()) {
    if (index->access_method() != "btree" && index->access_method() != "hash") return true;
    if (index->has_where_clause()) return true;
    for (const pg::Node& element : index->index_params()) {
      if (element.index_elem().has_expr()) return true;
    }
    return false;
  }
  if (const auto* alter = tree.as<pg::AlterTableStmt>()) {
    for (const pg::Node& node : alter->cmds()) {
      const pg::AlterTableCmd& cmd = node.alter_table_cmd();
      switch (cmd.subtype()) {
        case pg::AT_ColumnDefault:
        case pg::AT_AlterColumnType:
          return true;
        case pg::AT_AddColumn:
          for (const pg::Node& part : cmd.def().column_def().constraints()) {
            const auto type = part.constraint().contype();
            if (type == pg::CONSTR_GENERATED || type == pg::CONSTR_CHECK) return true;
          }
          break;
        case pg::AT_AddConstraint:
          if (cmd.def().constraint().contype() == pg::CONSTR_CHECK ||
              cmd.def().constraint().contype() == pg::CONSTR_EXCLUSION) {
            return true;
          }
          break;
        default:
          break;
      }
    }
    return false;
  }
  if (const auto* comment = tree.as<pg::CommentStmt>()) {
    return comment->objtype() == pg::OBJECT_COLUMN;
  }
  return true;
}

/// Does it do something to a column that is there, which it would miss?
bool needs_column(AstRef tree) {
  if (const auto* rename = tree.as<pg::RenameStmt>()) {
    return rename->rename_type() == pg::OBJECT_COLUMN;
  }
  const auto* alter = tree.as<pg::AlterTableStmt>();
  return alter != nullptr &&
         std::any_of(alter->cmds().begin(), alter->cmds().end(), [](const pg::Node& node) {
           const pg::AlterTableType type = node.alter_table_cmd().subtype();
           return type == pg::AT_DropColumn || type == pg::AT_DropExpression;
         });
}

/// Money becomes a number, which queries take as they took money; but an amount in a string, as a
/// default may be written, can have a currency sign.
bool minds(const RefusedColumn& column, const Statement& statement) {
  if (column.kind != RefusedKind::Money) return true;
  if (statement.tree == nullptr) return false;
  const auto* alter = tree_of(statement).as<pg::AlterTableStmt>();
  return alter != nullptr &&
         std::any_of(alter->cmds().begin(), alter->cmds().end(), [](const pg::Node& node) {
           const pg::AlterTableCmd& cmd = node.alter_table_cmd();
           const pg::A_Const& value = cmd.def().a_const();
           return cmd.subtype() == pg::AT_ColumnDefault && cmd.has_def() &&
                  !(cmd.def().has_a_const() &&
                    (value.has_ival() || value.has_fval() || value.isnull()));
         });
}

/// A text-search column as its file goes on.
struct Followed {
  std::string table;   ///< what it is called by now
  std::string column;  ///< what it is called by now
  bool gone = false;   ///< dropped: a later column of that name is another one
};

/// What a statement is to the column.
enum class Bond : uint8_t { None, Follows, Uses };

Bond bond_of_alter(const pg::AlterTableStmt& alter, Followed& column, Follower& follower) {
  if (alter.relation().relname() != column.table) return Bond::None;
  Bond bond = Bond::None;
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
    if (cmd.name() == column.column) {
      if (cmd.subtype() == pg::AT_DropColumn) {
        column.gone = true;
        if (cmd.missing_ok()) continue;
        follower.actions.push_back(static_cast<size_t>(i));
        bond = Bond::Follows;
        continue;
      }
      if (cmd.subtype() == pg::AT_ColumnDefault || cmd.subtype() == pg::AT_AlterColumnType ||
          cmd.subtype() == pg::AT_DropExpression) {
        return Bond::Uses;
      }
    }
    if (cmd.subtype() == pg::AT_AlterColumnType && cmd.def().column_def().has_raw_default()) {
      return Bond::Uses;
    }
    // Any column may stand in an expression.
    const auto computed = [](const pg::Constraint& constraint) {
      return constraint.contype() == pg::CONSTR_GENERATED ||
             constraint.contype() == pg::CONSTR_CHECK ||
             constraint.contype() == pg::CONSTR_EXCLUSION;
    };
    if (cmd.def().has_constraint() && computed(cmd.def().constraint())) return Bond::Uses;
    for (const pg::Node& part : cmd.def().column_def().constraints()) {
      if (computed(part.constraint())) return Bond::Uses;
    }
  }
  if (follower.actions.size() == static_cast<size_t>(alter.cmds_size())) follower.actions.clear();
  return bond;
}

/// Does the statement go with the column: a comment on it, an index with it (not an expression over
/// it) as a key, what renames or drops it?
Bond bond_of(const Statement& statement, Followed& column, Follower& follower) {
  if (column.gone) return Bond::None;
  if (statement.tree == nullptr) return Bond::Uses;
  const AstRef tree = tree_of(statement);
  if (const auto* comment = tree.as<pg::CommentStmt>()) {
    const auto path = string_values(comment->object().list().items());
    const bool its =
        path.size() >= 2 && path.back() == column.column && path[path.size() - 2] == column.table;
    return its ? Bond::Follows : Bond::None;
  }
  if (const auto* rename = tree.as<pg::RenameStmt>()) {
    if (rename->relation().relname() != column.table) return Bond::None;
    if (rename->subname() != column.column) return Bond::None;
    column.column = rename->newname();
    return Bond::Follows;
  }
  if (const auto* alter = tree.as<pg::AlterTableStmt>()) {
    return bond_of_alter(*alter, column, follower);
  }
  const auto* index = tree.as<pg::IndexStmt>();
  if (index == nullptr || index->has_where_clause() ||
      index->relation().relname() != column.table) {
    return Bond::Uses;
  }
  bool found = false;
  for (const pg::Node& element : index->index_params()) {
    if (element.index_elem().has_expr()) return Bond::Uses;
    found = found || element.index_elem().name() == column.column;
  }
  return found ? Bond::Follows : Bond::Uses;
}

/// What the word scan can find of a name: `"Odd Name"` is known by its first word.
std::string first_word(const std::string& name) {
  size_t end = 0;
  while (end < name.size() && is_word(name[end])) ++end;
  return downcase(std::string_view(name).substr(0, end));
}

/// What the columns and their tables are called, those names too that the file gives them later.
/// What the word scan finds is known by its first word.
struct Names {
  std::unordered_map<std::string, std::vector<size_t>> columns;  ///< word → columns, by number
  std::unordered_set<std::string> tables;                        ///< words
  std::vector<std::vector<std::string>> tables_of;               ///< words, by column
};

Names names_of(const std::vector<RefusedColumn>& columns, const Document& document) {
  Names names;
  names.tables_of.resize(columns.size());
  std::map<std::string, std::set<size_t>> by_table;  // names as they are
  std::set<std::pair<size_t, std::string>> named;
  const auto call_table = [&](size_t id, const std::string& name) {
    if (!by_table[name].insert(id).second) return;
    names.tables.insert(first_word(name));
    names.tables_of[id].push_back(first_word(name));
  };
  const auto call_column = [&](size_t id, const std::string& name) {
    if (named.emplace(id, name).second) {
      names.columns[first_word(name)].push_back(id);
    }
  };
  for (size_t id = 0; id < columns.size(); ++id) {
    call_table(id, columns[id].table.name);
    call_column(id, columns[id].column->colname());
  }
  for (const auto& [i, rename] : StatementsOf<pg::RenameStmt>(document)) {
    const auto found = by_table.find(rename.relation().relname());
    if (found == by_table.end()) continue;
    const std::set<size_t> ids = found->second;
    for (const size_t id : ids) {
      if (rename.rename_type() == pg::OBJECT_TABLE) call_table(id, rename.newname());
      if (rename.rename_type() == pg::OBJECT_COLUMN && named.count({id, rename.subname()}) != 0) {
        call_column(id, rename.newname());
      }
    }
  }
  return names;
}

/// Calls `visit(word, computes)` for the words of a statement. Any of them may stand in something
/// computed, those in strings too, which may be code; of an INSERT only those outside strings that
/// come with a query, ON CONFLICT or RETURNING, for its columns take what they are given.
template <typename Visit>
void each_telling_word(const Document& document, size_t index, Visit&& visit) {
  const Statement& statement = document.statements()[index];
  const std::string_view text = document.source().slice(statement.range);
  if (statement.kind != pg::Node::kInsertStmt) {
    return each_word(text, [&](std::string_view word, size_t) { visit(word, true); });
  }
  const Tokens tokens = document.tokens(index);
  bool computes = false;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens.is_name(i)) continue;
    computes = computes || tokens.is(i, "select") || tokens.is(i, "with") ||
               tokens.is(i, "conflict") || tokens.is(i, "returning");
    each_word(tokens.text(i), [&](std::string_view word, size_t) { visit(word, computes); });
  }
}

/// What a type was that the file has dropped by its end, for the columns that had it.
std::optional<TypeKind> former_type(const TypeRef& type, const Schema& schema) {
  for (size_t i = schema.first_type(); i < schema.types().size(); ++i) {
    const UserType& known = schema.types()[i];
    if (known.dropped &&
        (known.name.name == type.name || known.had_name({type.schema, type.name}))) {
      return known.kind;
    }
  }
  for (size_t i = schema.first_table(); i < schema.tables().size(); ++i) {
    const Table& known = schema.tables()[i];
    if (known.dropped && known.name.name == type.name) return TypeKind::Composite;
  }
  return std::nullopt;
}

}  // namespace

void note_created_columns(const pg::CreateStmt&, NoteContext& ctx) { note_columns(ctx); }
void note_schema_columns(const pg::CreateSchemaStmt&, NoteContext& ctx) { note_columns(ctx); }
void note_added_columns(const pg::AlterTableStmt&, NoteContext& ctx) { note_columns(ctx); }

RefusedColumns::RefusedColumns(ScriptContext& ctx) {
  for (const DoubtfulColumns::Doubt& doubt : ctx.notes<DoubtfulColumns>().all) {
    const TypeRef written = type_ref(doubt.column->type_name());
    ResolvedType type = resolve_type(written, ctx.schema());
    type.row = type.row || doubt.row;
    auto kind = doubt.key_bytes ? std::optional(RefusedKind::KeyBytes)
                                : kind_of(type, written.array, ctx.engine());
    if (kind == RefusedKind::Unknown) {
      const auto former = doubt.defined ? doubt.defined : former_type(type.type, ctx.schema());
      if (former) {
        if (*former == TypeKind::Enum || *former == TypeKind::Domain) continue;
        kind = *former == TypeKind::Range ? RefusedKind::Range : RefusedKind::UserDefined;
      }
    }
    if (doubt.column->type_name().setof()) kind = RefusedKind::Pseudo;
    if (!kind) continue;
    // A variable may contain any type.
    if (*kind == RefusedKind::Unknown &&
        ctx.document().statements()[doubt.statement].has_mask(MaskKind::PsqlVariable)) {
      continue;
    }
    columns_.push_back({*kind,
                        doubt.statement,
                        doubt.column,
                        doubt.create,
                        object_name(*doubt.table),
                        std::move(type),
                        {}});
  }
  if (columns_.empty()) return;
  find_uses(ctx);
  find_foreign_keys(ctx);
}

void RefusedColumns::find_foreign_keys(const ScriptContext& ctx) {
  const auto is_bytes = [](const RefusedColumn& column) {
    return column.kind == RefusedKind::KeyBytes;
  };
  if (std::none_of(columns_.begin(), columns_.end(), is_bytes)) return;
  std::set<std::pair<std::string, std::string>> bound;  // table, column; no column: its key
  for (const Table& table : ctx.schema().tables()) {
    for (const ForeignKey& key : table.foreign_keys) {
      for (const std::string& column : key.columns) bound.emplace(table.name.name, column);
      for (const std::string& column : key.target_columns) bound.emplace(key.target.name, column);
      if (key.target_columns.empty()) bound.emplace(key.target.name, std::string());
    }
  }
  for (RefusedColumn& column : columns_) {
    if (is_bytes(column) && (bound.count({column.table.name, column.column->colname()}) != 0 ||
                             bound.count({column.table.name, std::string()}) != 0)) {
      column.use = column.statement;
    }
  }
}

void RefusedColumns::find_uses(const ScriptContext& ctx) {
  Names names = names_of(columns_, ctx.document());
  std::unordered_set<std::string> seen_tables;
  std::unordered_set<std::string> seen_columns;
  std::vector<Followed> followed;
  std::unordered_map<std::string, std::vector<size_t>> by_table;  // as it is called by now
  for (size_t id = 0; id < columns_.size(); ++id) {
    const RefusedColumn& column = columns_[id];
    followed.push_back({column.table.name, column.column->colname()});
    if (column.kind == RefusedKind::TextSearch) by_table[column.table.name].push_back(id);
  }
  const auto statements = ctx.document().statements();
  for (size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    const AstRef tree = statement.tree == nullptr ? AstRef() : tree_of(statement);
    const auto* rename = tree.as<pg::RenameStmt>();
    if (rename != nullptr && rename->rename_type() == pg::OBJECT_TABLE) {
      auto moved = by_table.extract(rename->relation().relname());
      if (moved.empty()) continue;
      for (const size_t id : moved.mapped()) followed[id].table = rename->newname();
      moved.key() = rename->newname();
      by_table.insert(std::move(moved));
      continue;
    }
    const bool computing =
        computes(statement.kind) && (statement.tree == nullptr || computes(tree));
    if (!computing && !needs_column(tree)) continue;
    seen_tables.clear();
    seen_columns.clear();
    each_telling_word(ctx.document(), i, [&](std::string_view written, bool computed) {
      std::string word = downcase(written);
      if (names.tables.contains(word)) seen_tables.insert(word);
      if (computed && names.columns.contains(word)) seen_columns.insert(std::move(word));
    });
    if (seen_tables.empty()) continue;
    for (const std::string& name : seen_columns) {
      std::vector<size_t>& called = names.columns.at(name);
      for (const size_t id : called) {
        RefusedColumn& column = columns_[id];
        if (column.use || column.statement == i || !minds(column, statement)) continue;
        const auto seen = [&](const std::string& table) { return seen_tables.contains(table); };
        const auto& tables = names.tables_of[id];
        if (std::none_of(tables.begin(), tables.end(), seen)) continue;
        if (column.kind == RefusedKind::TextSearch && i > column.statement) {
          if (!column.followers.empty() && column.followers.back().statement == i) continue;
          Follower follower{i, {}};
          const Bond bond = bond_of(statement, followed[id], follower);
          if (bond == Bond::Uses) {
            column.use = i;
          } else if (bond == Bond::Follows) {
            column.followers.push_back(std::move(follower));
          }
        } else if (computing && statement.kind != pg::Node::kCommentStmt) {
          column.use = i;
        }
      }
      // One use is enough.
      std::erase_if(called, [&](size_t id) { return columns_[id].use.has_value(); });
    }
  }
}

}  // namespace dsqlint
