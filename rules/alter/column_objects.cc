#include "rules/alter/column_objects.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/parse/names.h"
#include "rules/alter/type_changes.h"
#include "rules/shared/columns.h"

namespace dsqlint {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

uint32_t number_of(const Table& table, const Schema& schema) {
  return static_cast<uint32_t>(&table - schema.tables().data());
}

/// What a default looks like on one line, without comments.
std::string on_one_line(TokenSpan span, const Tokens& tokens) {
  std::string text;
  for (size_t i = span.begin; i < span.end; ++i) {
    if (i > span.begin && tokens[i].begin != tokens[i - 1].end) text += ' ';
    text += tokens.text(i);
  }
  return text;
}

const pg::Constraint* default_of(const pg::ColumnDef& column) {
  for (const pg::Node& node : column.constraints()) {
    if (node.constraint().contype() == pg::CONSTR_DEFAULT) return &node.constraint();
  }
  return nullptr;
}

std::string default_text(const pg::ColumnDef& column, const pg::Node& value,
                         const ParsedStatement& statement) {
  for (const ConstraintPart& part : column_parts(column, statement).constraints) {
    if (&part.node->raw_expr() != &value) continue;
    TokenSpan body = part.tokens;
    if (statement.tokens().is(body.begin, "constraint")) body.begin += 2;
    if (!statement.tokens().is(body.begin, "default")) return {};
    return on_one_line({body.begin + 1, body.end}, statement.tokens());
  }
  return {};
}

/// The text of a default that ALTER TABLE sets.
std::string set_text(const pg::AlterTableStmt& alter, const pg::Node& value,
                     const ParsedStatement& statement) {
  const Tokens& tokens = statement.tokens();
  const AlterTableParts parts = alter_table_parts(tokens);
  if (parts.actions.size() != static_cast<size_t>(alter.cmds_size())) return {};
  for (int i = 0; i < alter.cmds_size(); ++i) {
    if (&alter.cmds(i).alter_table_cmd().def() != &value) continue;
    const TokenSpan action = parts.actions[static_cast<size_t>(i)];
    for (size_t at = action.begin; at + 2 < action.end; ++at) {
      if (tokens.are(at, {"set", "default"})) return on_one_line({at + 2, action.end}, tokens);
    }
  }
  return {};
}

/// Where the statement that created the table defines the column.
const pg::ColumnDef* created_column(AstRef tree, const std::string& column, const Table& table) {
  const pg::ColumnDef* found = nullptr;
  each_created_table(tree, [&](const pg::CreateStmt& create) {
    // In CREATE SCHEMA there may be several.
    if (tree.as<pg::CreateStmt>() == nullptr && create.relation().relname() != table.name.name) {
      return;
    }
    for (const pg::Node& element : create.table_elts()) {
      if (element.column_def().colname() == column) found = &element.column_def();
    }
  });
  return found;
}

bool is_plain_index(const Index& index) {
  return !index.partial && !contains(index.columns, std::string());
}

std::string column_list(const std::vector<std::string>& columns) {
  std::string list = "(";
  for (const std::string& column : columns) {
    if (list.size() > 1) list += ", ";
    list += quote_identifier(column);
  }
  return list + ")";
}

/// The place of a statement of this file, for a note.
std::optional<Range> place_of(StatementRef statement, const SchemaContext& ctx) {
  if (!in_text(statement, ctx.schema())) return std::nullopt;
  const auto statements = ctx.document().statements();
  if (statement.index >= statements.size()) return std::nullopt;
  const Range range = statements[statement.index].range;
  return Range{range.begin, range.begin + 1};
}

AstRef tree_at(StatementRef statement, const SchemaContext& ctx) {
  const auto statements = ctx.document().statements();
  if (!in_text(statement, ctx.schema()) || statement.index >= statements.size() ||
      statements[statement.index].tree == nullptr) {
    return {};
  }
  return tree_of(statements[statement.index]);
}

/// The foreign key where it is written.
const pg::Constraint* written_key(const ForeignKey& key, const Table& table,
                                  const SchemaContext& ctx) {
  const AstRef tree = tree_at(key.added, ctx);
  if (tree.message == nullptr) return nullptr;
  const auto is_it = [&](const pg::Constraint& constraint, const std::string& column) {
    if (constraint.contype() != pg::CONSTR_FOREIGN) return false;
    if (!constraint.conname().empty()) return constraint.conname() == key.name;
    return column.empty() ? string_values(constraint.fk_attrs()) == key.columns
                          : key.columns.size() == 1 && key.columns.front() == column;
  };
  const pg::Constraint* found = nullptr;
  const auto look = [&](const pg::Node& element) {
    static const std::string kTable;
    if (element.has_constraint() && is_it(element.constraint(), kTable)) {
      found = &element.constraint();
    }
    for (const pg::Node& part : element.column_def().constraints()) {
      if (is_it(part.constraint(), element.column_def().colname())) found = &part.constraint();
    }
  };
  each_created_table(tree, [&](const pg::CreateStmt& create) {
    const bool only = tree.as<pg::CreateStmt>() != nullptr;
    if (!only && create.relation().relname() != table.name.name) return;
    for (const pg::Node& element : create.table_elts()) look(element);
  });
  if (const auto* alter = tree.as<pg::AlterTableStmt>()) {
    for (const pg::Node& node : alter->cmds()) look(node.alter_table_cmd().def());
  }
  return found;
}

std::string_view action_words(std::string_view action) {
  if (action == "r") return "restrict";
  if (action == "c") return "cascade";
  if (action == "n") return "set null";
  if (action == "d") return "set default";
  return {};
}

std::string references(const ForeignKey& key, const pg::Constraint& written,
                       const SchemaContext& ctx) {
  const auto cased = [&](std::string_view sql) { return in_case(ctx, sql); };
  std::string text =
      cased("foreign key ") + column_list(key.columns) + cased(" references ") + to_sql(key.target);
  if (!key.target_columns.empty()) text += " " + column_list(key.target_columns);
  if (written.fk_matchtype() == "f") text += cased(" match full");
  const std::string_view removed = action_words(written.fk_del_action());
  if (!removed.empty()) {
    text += cased(" on delete ") + cased(removed);
    if (written.fk_del_set_cols_size() != 0) {
      text += " " + column_list(string_values(written.fk_del_set_cols()));
    }
  }
  const std::string_view changed = action_words(written.fk_upd_action());
  if (!changed.empty()) text += cased(" on update ") + cased(changed);
  return text;
}

/// Does a foreign key refer to these columns of the table, or to one of them?
const Table* referring(const Table& table, const std::string& column, const Schema& schema,
                       std::string& name) {
  for (const TableId id : schema.referring_tables(table.name.name)) {
    const Table& other = schema.tables()[id];
    if (other.dropped) continue;
    for (const ForeignKey& key : other.foreign_keys) {
      if (contains(key.target_columns, column) && schema.find_table(key.target) == &table) {
        name = key.name;
        return &other;
      }
    }
  }
  return nullptr;
}

/// Does a unique constraint that is added later become an index? It does where it cannot move into
/// CREATE TABLE.
bool becomes_index(const Key& key, const Table& table) {
  const bool added = key.origin == KeyOrigin::AddConstraint || key.origin == KeyOrigin::AddColumn;
  return added && !(table.seen && table.created.file == key.added.file);
}

}  // namespace

void ColumnDefaults::note(const pg::AlterTableStmt& alter, NoteContext& ctx) {
  if (alter.objtype() != pg::OBJECT_TABLE) return;
  const Table* table = nullptr;
  for (const pg::Node& node : alter.cmds()) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    const pg::ColumnDef& def = cmd.def().column_def();
    const pg::Constraint* added = cmd.subtype() == pg::AT_AddColumn ? default_of(def) : nullptr;
    if (cmd.subtype() != pg::AT_ColumnDefault && added == nullptr) continue;
    if (table == nullptr) table = ctx.schema().find_table(object_name(alter.relation()));
    if (table == nullptr) return;
    if (added != nullptr && table->column(def.colname()) != nullptr) continue;  // IF NOT EXISTS
    const Place place{number_of(*table, ctx.schema()),
                      added == nullptr ? cmd.name() : def.colname()};
    set_.insert_or_assign(place, added == nullptr ? Source{ctx.index(), &cmd.def(), nullptr}
                                                  : Source{ctx.index(), &added->raw_expr(), &def});
  }
}

void ColumnDefaults::note(const pg::RenameStmt& rename, NoteContext& ctx) {
  if (rename.rename_type() != pg::OBJECT_COLUMN) return;
  const Table* table = ctx.schema().find_table(object_name(rename.relation()));
  if (table == nullptr) return;
  const uint32_t id = number_of(*table, ctx.schema());
  const Place from{id, rename.subname()};
  const Place to{id, rename.newname()};
  set_.erase(to);
  auto moved = set_.extract(from);
  if (!moved.empty()) {
    moved.key() = to;
    set_.insert(std::move(moved));
  }
  auto first = first_names_.extract(from);
  first_names_.insert_or_assign(to, first.empty() ? rename.subname() : first.mapped());
}

bool ColumnDefaults::is_set(const Table& table, const std::string& column,
                            const Schema& schema) const {
  return set_.contains(Place{number_of(table, schema), column});
}

std::optional<ColumnDefaults::Source> ColumnDefaults::find(const Table& table, const Column& column,
                                                           const Schema& schema) const {
  if (!column.has_default) return std::nullopt;
  const Place place{number_of(table, schema), column.name};
  const auto set = set_.find(place);
  if (set != set_.end()) return set->second;
  const auto creation = creations_.find(column.added.index);
  if (!in_text(column.added, schema) || creation == creations_.end()) return std::nullopt;
  const auto first = first_names_.find(place);
  const pg::ColumnDef* created = created_column(
      creation->second, first == first_names_.end() ? column.name : first->second, table);
  const pg::Constraint* constraint = created == nullptr ? nullptr : default_of(*created);
  if (constraint == nullptr) return std::nullopt;
  return Source{column.added.index, &constraint->raw_expr(), created};
}

void note_set_defaults(const pg::AlterTableStmt& alter, NoteContext& ctx) {
  ctx.notes<ColumnDefaults>().note(alter, ctx);
}
void note_moved_defaults(const pg::RenameStmt& rename, NoteContext& ctx) {
  ctx.notes<ColumnDefaults>().note(rename, ctx);
}
void note_created_defaults(const pg::CreateStmt&, NoteContext& ctx) {
  ctx.notes<ColumnDefaults>().note(ctx.tree(), ctx);
}
void note_schema_defaults(const pg::CreateSchemaStmt&, NoteContext& ctx) {
  ctx.notes<ColumnDefaults>().note(ctx.tree(), ctx);
}

std::optional<KnownDefault> known_default(const Table& table, const Column& column,
                                          const SchemaContext& ctx) {
  const auto source = ctx.notes<ColumnDefaults>().find(table, column, ctx.schema());
  if (!source) return std::nullopt;
  const Statement& statement = ctx.document().statements()[source->statement];
  const Tokens tokens = ctx.document().tokens(source->statement);
  const ParsedStatement parsed(statement, tokens);
  std::string text =
      source->column != nullptr
          ? default_text(*source->column, *source->value, parsed)
          : set_text(*tree_of(statement).as<pg::AlterTableStmt>(), *source->value, parsed);
  if (text.empty()) return std::nullopt;
  return KnownDefault{source->value, std::move(text)};
}

const Check* not_null_check(const Table& table, const std::string& column) {
  constexpr std::string_view kLabel = "_not_null";
  for (const Check& check : table.checks) {
    if (check.columns.size() != 1 || check.columns.front() != column) continue;
    const size_t last = check.name.find_last_not_of("0123456789");
    if (last != std::string::npos &&
        std::string_view(check.name).substr(0, last + 1).ends_with(kLabel)) {
      return &check;
    }
  }
  return nullptr;
}

Successors successors(const Table& table, const std::string& column, const std::string& old,
                      const AlterTable& parts, const SchemaContext& ctx) {
  Successors made;
  const Engine& engine = ctx.engine();
  const auto cased = [&](std::string_view sql) { return in_case(ctx, sql); };
  const std::string head = alter_head(parts, ctx);
  const std::string spelled = table_text(parts, ctx);
  const std::string schema = parse_object_name(spelled).schema;
  std::string referrer;
  const Table* referred = referring(table, column, ctx.schema(), referrer);
  if (referred != nullptr) {
    made.notes.push_back(
        {fmt::format("the foreign key `{}` of `{}` still refers to `{}`: drop it, and add it again "
                     "when the unique index of `{}` is complete",
                     quote_identifier(referrer), to_sql(referred->name), quote_identifier(old),
                     quote_identifier(column))});
  }
  const auto stays = [&](std::string_view kind, const std::string& name, StatementRef added) {
    made.notes.push_back(
        {fmt::format("{} {} remains on `{}`; `{}` has none like it", kind,
                     name.empty() ? "without a name" : "`" + quote_identifier(name) + "`",
                     quote_identifier(old), quote_identifier(column)),
         place_of(added, ctx)});
  };
  const auto unique = [&](std::string drop, const std::string& name,
                          const std::vector<std::string>& columns,
                          const std::vector<std::string>& included, bool nulls,
                          StatementRef added) {
    made.steps.push_back(std::move(drop));
    std::string create = cased("create unique index async ") + quote_identifier(name) +
                         cased(" on ") + spelled + " " + column_list(columns);
    if (!included.empty()) create += cased(" include ") + column_list(included);
    if (!nulls) create += cased(" nulls not distinct");
    made.steps.push_back(std::move(create));
    made.notes.push_back(
        {fmt::format("the unique index `{}` is built again, by a background job, which fails on "
                     "duplicates: wait for it",
                     quote_identifier(name)),
         place_of(added, ctx)});
  };
  for (const Index& index : table.indexes) {
    if (!contains(index.columns, column) && !contains(index.included, column)) continue;
    if (!index.unique || index.name.empty() || !is_plain_index(index) || referred != nullptr) {
      stays("the index", index.name, index.created);
      continue;
    }
    const auto* written = tree_at(index.created, ctx).as<pg::IndexStmt>();
    unique(cased("drop index ") + to_sql({schema, index.name}), index.name, index.columns,
           index.included, written == nullptr || !written->nulls_not_distinct(), index.created);
  }
  for (const Key& key : table.keys) {
    if (!contains(key.columns, column) && !contains(key.included, column)) continue;
    if (key.kind != KeyKind::Unique || key.name.empty() || referred != nullptr ||
        !engine.accepts(Capability::DropConstraint)) {
      stays("the constraint", key.name, key.added);
      continue;
    }
    unique(becomes_index(key, table)
               ? cased("drop index ") + to_sql({schema, key.name})
               : head + cased("drop constraint ") + quote_identifier(key.name),
           key.name, key.columns, key.included, true, key.added);
  }
  for (const ForeignKey& key : table.foreign_keys) {
    if (!contains(key.columns, column)) continue;
    const pg::Constraint* written = written_key(key, table, ctx);
    if (written == nullptr || key.name.empty() || !engine.accepts(Capability::DropConstraint) ||
        !engine.accepts(Capability::ForeignKeys)) {
      stays("the foreign key", key.name, key.added);
      continue;
    }
    const std::string name = quote_identifier(key.name);
    made.steps.push_back(head + cased("drop constraint ") + name);
    made.steps.push_back(head + cased("add constraint ") + name + " " +
                         references(key, *written, ctx) + cased(" not valid"));
    made.steps.push_back(validation(parts, name, ctx));
    made.notes.push_back(
        {fmt::format("the foreign key `{}` is added again for `{}`, and a background job validates "
                     "it",
                     name, quote_identifier(column)),
         place_of(key.added, ctx)});
  }
  const Check* not_null = not_null_check(table, column);
  for (const Check& check : table.checks) {
    if (contains(check.columns, column) && &check != not_null) {
      stays("the CHECK constraint", check.name, check.added);
    }
  }
  return made;
}

}  // namespace dsqlint
