// ALTER TABLE … ALTER COLUMN and DROP COLUMN where the column, not only the action, decides.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "engine/parse/names.h"
#include "engine/parse/walk.h"
#include "fixers/fixers.h"
#include "rules/alter/column_objects.h"
#include "rules/alter/type_changes.h"
#include "rules/alter/written_by_position.h"
#include "rules/shared/alter_actions.h"
#include "rules/shared/alter_names.h"
#include "rules/shared/batches.h"
#include "rules/shared/collations.h"
#include "rules/shared/recreate_steps.h"
#include "rules/shared/table_uses.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kSetNotNull{
    .id = "at_unsupported_alter_column_set_not_null",
    .summary = "`SET NOT NULL` is not supported",
    .why =
        "A column is NOT NULL from its CREATE TABLE on. Later, a CHECK constraint that\n"
        "is added as `NOT VALID` and then validated asynchronously refuses NULL as\n"
        "well.",
    .bad = "alter table t alter column a set not null;",
    .good =
        "alter table t add constraint t_a_not_null check (a is not null) not valid;\n"
        "alter table async t validate constraint t_a_not_null;",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kSetType{
    .id = "at_unsupported_alter_column_set_type",
    .summary = "a column's type cannot be changed",
    .why =
        "This holds for every type. Add a column of the new type, fill it, and rename\n"
        "it in place of the old one. A column of the primary key needs a new table\n"
        "instead.",
    .bad = "alter table t alter column a type bigint;",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kAddGenerated{
    .id = "at_unsupported_alter_column_add_generated",
    .summary = "`ADD GENERATED … AS IDENTITY` is not supported at this engine date",
    .why = "A column can become an identity column only in CREATE TABLE.",
    .bad = "alter table t alter column a add generated always as identity (cache 1);",
    .accepted = Capability::AddGeneratedIdentity,
};

constexpr RuleInfo kDropColumn{
    .id = "at_unsupported_drop_column",
    .summary = "the column cannot be dropped",
    .why =
        "A column of the primary key cannot be dropped, because the table is stored in\n"
        "its order. Other columns can.",
    .bad = "create table t (id bigint primary key, a text);\nalter table t drop column id;",
    .accepted_parts = {Capability::DropColumn},
};

/// Calls `visit(action, cmd, table)` for the actions of one kind.
template <typename Visit>
void each_action(const pg::AlterTableStmt& alter, pg::AlterTableType type, const Context& ctx,
                 Visit&& visit) {
  if (alter.objtype() != pg::OBJECT_TABLE) return;
  std::optional<AlterTable> table;  // for all of them, when there is one
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
    if (cmd.subtype() != type) continue;
    if (!table) table = alter_table(alter, ctx);
    visit(static_cast<size_t>(i), cmd, *table);
  }
}

/// The token of the column's name in `ALTER [COLUMN] c …`.
size_t column_token(TokenSpan action, const Tokens& tokens) {
  // COLUMN is reserved: bare it is the keyword, and a column may well be called `type` or `set`.
  return action.begin + (tokens.is(action.begin + 1, "column") ? 2 : 1);
}

bool in_primary_key(const Table* table, std::string_view column) {
  const Key* key = table == nullptr ? nullptr : table->primary_key();
  return key != nullptr &&
         std::find(key->columns.begin(), key->columns.end(), column) != key->columns.end();
}

void check_set_not_null(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  std::optional<AlterNames> names;
  std::unordered_set<std::string> seen;
  each_action(
      alter, pg::AT_SetNotNull, ctx,
      [&](size_t i, const pg::AlterTableCmd& cmd, const AlterTable& table) {
        const AlterAction& action = table.actions[i];
        Diagnostic finding{.range = offence(action, ctx)};
        const Table* known = ctx.schema().find_altered(object_name(alter.relation()));
        const Column* known_column = known == nullptr ? nullptr : known->column(cmd.name());
        const bool not_null = known_column != nullptr && known_column->not_null;
        if (!seen.insert(cmd.name()).second || not_null) {
          finding.message = fmt::format("column `{}` is NOT NULL already", cmd.name());
          if (!action.tokens.empty()) {
            finding.fix = Fix{Safety::Review,
                              alter.cmds_size() == 1 ? "remove the statement" : "remove the action",
                              remove_action(table, i, ctx)};
          } else {
            finding.help = "delete it";
          }
        } else if (!ctx.engine().accepts(Capability::CheckNotValid)) {
          finding.help =
              recreate_steps(object_name(alter.relation()),
                             "`" + quote_identifier(cmd.name()) + " … NOT NULL`", ctx.schema());
        } else if (!action.tokens.empty()) {
          if (!names) names.emplace(alter, &ctx.schema());
          const std::string name = quote_identifier(names->not_null(cmd.name()));
          const std::string column(ctx.tokens().text(column_token(action.tokens, ctx.tokens())));
          finding.notes = {
              {fmt::format("a CHECK constraint rejects NULL; the catalog still lists the column as "
                           "nullable, and `DROP CONSTRAINT {}` removes the rule, not DROP NOT NULL",
                           name)},
              {"new and changed rows are checked at once; existing rows are checked by a "
               "background job, which can fail later: see sys.jobs"}};
          if (alter.missing_ok()) finding.notes.push_back(missing_table_note(alter));
          finding.fix =
              Fix{Safety::Review, "add a CHECK constraint, and validate it in the background",
                  fixers::replace_around_comments(ctx.tokens(), action.tokens,
                                                  in_case(ctx, "add constraint ") + name +
                                                      in_case(ctx, " check (") + column +
                                                      in_case(ctx, " is not null) not valid"),
                                                  ctx.source().text(), {})};
          finding.fix->edits.push_back(fixers::insert_statement_after(
              ctx.source(), ctx.statement(), validation(table, name, ctx)));
        }
        ctx.report(std::move(finding));
      });
}

/// The column that takes the place of one whose type changes.
struct NewColumn {
  std::string type;
  std::string value;    ///< what fills it
  bool stored = false;  ///< it stores the values of a type that no column can have
};

/// `expression`, what USING gives, for a column that stores values of type `refused` as `type`: a
/// cast to that type at its top becomes one to `type`. Nothing where a cast to a type that is not
/// there stays inside.
std::optional<std::string> stored_value(const pg::Node& expression, TokenSpan span,
                                        const TypeRef& refused, std::string_view type,
                                        const SchemaContext& ctx) {
  const Tokens& tokens = ctx.tokens();
  const auto exists = [&](const pg::TypeName& name) {
    const ResolvedType cast = resolve_type(type_ref(name), ctx.schema());
    // Arrays and inet are known in queries.
    return cast.type.array || (cast.known != nullptr && cast.known->name == "inet") ||
           column_verdict(cast, ctx.engine()) != TypeVerdict::Refused;
  };
  TokenSpan top;
  bool all_exist = true;
  Walker walker;
  walker.walk(unwrap(expression), [&](AstRef node, const std::vector<AstRef>& parents) {
    const auto* cast = node.as<pg::TypeCast>();
    if (cast == nullptr) return;
    if (parents.empty() && !refused.array && type_ref(cast->type_name()) == refused) {
      top = type_span(cast->type_name(), ctx);
      if (!top.empty()) return;
    }
    all_exist = all_exist && exists(cast->type_name());
  });
  if (!all_exist) return std::nullopt;
  if (top.empty()) return std::string(tokens.text(span));
  const std::string_view text = ctx.source().text();
  const Range whole = tokens.range(span);
  const Range old = tokens.range(top);
  std::string value(text.substr(whole.begin, old.begin - whole.begin));
  value += match_case(tokens.text(top.begin), type);
  value += text.substr(old.end, whole.end - old.end);
  return value;
}

/// Do values of other types become the ones that `stored_as` stores?
bool carries_over(const ResolvedType& type, const Column* from) {
  if (type.type.array || type.known == nullptr || type.known->name == "hstore") {
    return type.type.array;
  }
  if (type.known->family != TypeFamily::Bits) return true;
  // The digits of a number are not its bits.
  return from != nullptr && !from->type.array &&
         (from->type.name == "text" || from->type.name == "varchar");
}

/// Nothing where no column could hold what the change makes, or not by a plain UPDATE.
std::optional<NewColumn> new_column(const pg::AlterTableCmd& cmd, const AlterAction& action,
                                    std::string_view column, const SchemaContext& ctx,
                                    const Column* known) {
  const pg::ColumnDef& def = cmd.def().column_def();
  const Tokens& tokens = ctx.tokens();
  const TokenSpan span = type_span(def.type_name(), ctx);
  NewColumn fresh{.type = std::string(tokens.text(span)), .value = {}};
  const ResolvedType type = resolve_type(type_ref(def.type_name()), ctx.schema());
  // CREATE DOMAIN is where a domain gets another type, and CREATE TYPE an enum.
  if (type.domain == nullptr && column_verdict(type, ctx.engine()) == TypeVerdict::Refused &&
      (type.user == nullptr || type.type.array || type.user->kind != TypeKind::Enum)) {
    if (stored_as(type).empty() || !carries_over(type, known)) return std::nullopt;
    fresh.type = match_case(tokens.text(span.begin), stored_as(type));
    fresh.stored = true;
  }
  fresh.value = std::string(column) + "::" + fresh.type;
  const size_t with = action.tokens.empty() ? Tokens::npos : tokens.find(action.tokens, "using");
  if (!def.has_raw_default() || with == Tokens::npos) return fresh;
  const TokenSpan expression{with + 1, action.tokens.end};
  fresh.value = std::string(tokens.text(expression));
  if (!fresh.stored) return fresh;
  auto value =
      stored_value(def.raw_default(), expression, type_ref(def.type_name()), fresh.type, ctx);
  if (!value) return std::nullopt;
  fresh.value = std::move(*value);
  return fresh;
}

/// How to give a column another type, step by step.
std::string swap_steps(const pg::AlterTableStmt& alter, const pg::AlterTableCmd& cmd,
                       const AlterAction& action, const SchemaContext& ctx) {
  const ObjectName name = object_name(alter.relation());
  const std::string column = quote_identifier(cmd.name());
  const Table* table = ctx.schema().find_table(name);
  const auto made =
      new_column(cmd, action, column, ctx, table == nullptr ? nullptr : table->column(cmd.name()));
  if (!made) {
    return fmt::format(
        "keep `{}` as it is, and add columns of built-in types to `{}` for what the application "
        "derives from its values",
        column, to_sql(name));
  }
  if (in_primary_key(table, cmd.name()) || !ctx.engine().accepts(Capability::DropColumn)) {
    return recreate_steps(name, "`" + column + " " + made->type + "`", ctx.schema());
  }
  const std::string fresh = quote_identifier(cmd.name() + "_new");
  return fmt::format(
      "replace it with a new column: `ALTER TABLE {0} ADD COLUMN {1} {2}`; `UPDATE {0} SET {1} = "
      "{3} WHERE {1} IS NULL AND {4} IS NOT NULL`, in batches of at most 3,000 rows; `ALTER TABLE "
      "{0} DROP COLUMN {4}`; `ALTER TABLE {0} RENAME COLUMN {1} TO {4}`; then add its default, "
      "constraints and indexes again",
      to_sql(name), fresh, made->type, made->value, column);
}

/// What the other actions of the statement do to the column.
struct Companions {
  bool allowed = true;                  ///< none that the new column would miss
  bool drops_default = false;           ///< or the identity, before the type changes
  std::optional<size_t> default_value;  ///< the action that sets its default
};
Companions companions(const AlterTable& table, size_t type_change, const std::string& column,
                      const Tokens& tokens) {
  Companions found;
  for (size_t i = 0; i < table.actions.size(); ++i) {
    if (i == type_change) continue;
    const AlterAction& action = table.actions[i];
    bool concerned = false;
    for (size_t t = action.tokens.begin; t < action.tokens.end && !concerned; ++t) {
      concerned = tokens.is_name(t) && tokens.name(t) == column;
    }
    if (!concerned) continue;
    const pg::AlterTableType type = action.cmd->subtype();
    // These are done before the type changes, whatever the order.
    if (type == pg::AT_DropNotNull) continue;
    if (type == pg::AT_DropIdentity) {
      found.drops_default = true;
      continue;
    }
    if (type == pg::AT_ColumnDefault && action.cmd->name() == column) {
      if (!action.cmd->has_def()) {
        found.drops_default = true;
        continue;
      }
      if (!found.default_value) {
        found.default_value = i;
        continue;
      }
    }
    found.allowed = false;
  }
  return found;
}

bool is_default_collation(const pg::ColumnDef& def) {
  return compares_bytes(def.coll_clause().collname());
}

Note collation_note(const pg::ColumnDef& def) {
  return {is_default_collation(def) ? "C is the only collation, so nothing changes"
                                    : "strings are compared byte by byte (collation C): ORDER BY, "
                                      "LIKE and range comparisons may give different results"};
}

/// Does the change say `type`, without computing anything: no USING, or USING c or c::type?
bool only_names_type(const pg::ColumnDef& def, const std::string& column, const TypeRef& type) {
  if (!(type_ref(def.type_name()) == type)) return false;
  if (!def.has_raw_default()) return true;
  const bool cast = def.raw_default().has_type_cast();
  const pg::TypeCast& outer = def.raw_default().type_cast();
  if (cast && !(type_ref(outer.type_name()) == type)) return false;
  const pg::Node& value = cast ? outer.arg() : def.raw_default();
  return value.column_ref().fields_size() == 1 &&
         string_value(value.column_ref().fields(0)) == column;
}

/// Do the fixes of what numbers the column make it an identity one? What they do to it depends on
/// the file that creates it, so a change of its type must leave it alone. `plain`: the statement
/// drops its default or its identity.
bool is_numbered(const Column& column, bool plain, const Schema& schema) {
  return is_serial(column.type) ||
         (!plain && (column.identity ||
                     (column.sequence && schema.find_sequence(*column.sequence) != nullptr)));
}

/// The default that the new column gets from the old one; PostgreSQL casts it to the new type, as
/// SET DEFAULT does.
std::optional<std::string> kept_default(const Table* table, const Column* column,
                                        const NewColumn& made, const SchemaContext& ctx) {
  if (table == nullptr || column == nullptr) return std::nullopt;
  auto known = known_default(*table, *column, ctx);
  if (!known) return std::nullopt;
  // A text takes what is written in quotes as it is.
  if (made.stored && !known->value->a_const().has_sval()) return std::nullopt;
  bool exists = true;
  Walker walker;
  walker.walk(unwrap(*known->value), [&](AstRef node, const std::vector<AstRef>&) {
    const auto* cast = node.as<pg::TypeCast>();
    if (cast == nullptr) return;
    const ResolvedType type = resolve_type(type_ref(cast->type_name()), ctx.schema());
    const bool is_enum = type.user != nullptr && type.user->kind == TypeKind::Enum;
    exists = exists && (is_enum || column_verdict(type, ctx.engine()) == TypeVerdict::Accepted);
  });
  if (!exists) return std::nullopt;
  return std::move(known->text);
}

/// Does the change give the column the type that it has? A later type may have the name by now.
bool keeps_type(const pg::ColumnDef& def, const Column& column, const Schema& schema) {
  if (!only_names_type(def, column.name, column.type)) return false;
  return schema.find_type({column.type.schema, column.type.name}) ==
         type_since(column.type, column.added, schema);
}

/// A column of the new type replaces the old one. If something may depend on the old one, or
/// rows may not have come over, it stays under another name, so that nothing is lost.
bool swap_column(const pg::AlterTableStmt& alter, size_t index, const AlterTable& parts,
                 const SchemaContext& ctx, Diagnostic& finding) {
  const Engine& engine = ctx.engine();
  const AlterAction& action = parts.actions[index];
  const pg::AlterTableCmd& cmd = *action.cmd;
  const pg::ColumnDef& def = cmd.def().column_def();
  if (action.tokens.empty() || !engine.accepts(Capability::ColumnDefaults) ||
      !engine.accepts(Capability::DropColumn) || !engine.accepts(Capability::RenameAndOwner)) {
    return false;
  }
  const ObjectName name = object_name(alter.relation());
  const Table* table = ctx.schema().find_table(name);
  const Column* known = table == nullptr ? nullptr : table->column(cmd.name());
  const auto has_column = [&](const std::string& wanted) {
    return table != nullptr && table->column(wanted) != nullptr;
  };
  const std::string fresh_name = first_free(cmd.name() + "_new", has_column);
  const auto& changes = ctx.notes<TypeChanges>();
  const std::string old_name =
      old_column_name(cmd.name(), table, ctx.file(), changes.names(name, ctx.schema()));
  const auto limit = static_cast<size_t>(engine.limits().identifier_bytes);
  const Companions others = companions(parts, index, cmd.name(), ctx.tokens());
  if (fresh_name.size() > limit || old_name.size() > limit || in_primary_key(table, cmd.name()) ||
      (known != nullptr &&
       (is_numbered(*known, others.drops_default, ctx.schema()) || known->generated))) {
    return false;
  }
  if (changes.pending(name, cmd.name(), ctx.schema())) {
    finding.notes.push_back(
        {"an earlier statement changes the type of the column, too: that has "
         "to be replaced first"});
    return false;
  }
  if (ctx.facts<TableUses>().written_by_position(name.name, ctx.statement().end)) {
    finding.notes.push_back(
        {"rows are inserted or copied later in this file without a column list, so an additional "
         "column would change what they fill"});
    return false;
  }
  const Tokens& tokens = ctx.tokens();
  if (!others.allowed) {
    finding.notes.push_back(
        {"other actions of this statement change the same column: they have to be applied to the "
         "new one"});
    return false;
  }
  const TokenSpan type = type_span(def.type_name(), ctx);
  const std::string head = alter_head(parts, ctx);
  if (type.empty() || head.empty()) return false;

  const auto cased = [&](std::string_view sql) { return in_case(ctx, sql); };
  const std::string column(tokens.text(column_token(action.tokens, tokens)));
  const std::string fresh = quote_identifier(fresh_name);
  const std::string old = quote_identifier(old_name);
  const size_t with = tokens.find(action.tokens, "using");
  const bool computed = def.has_raw_default() && with != Tokens::npos;
  const auto made = new_column(cmd, action, column, ctx, known);
  if (!made) {
    finding.notes.push_back({fmt::format(
        "no column can have the type `{}`, and no supported type stores these values unchanged",
        tokens.text(type))});
    return false;
  }
  const bool alone = !old_column_stays(table, cmd.name(), ctx.file());
  const std::string add = cased("add column ") + fresh + " " + made->type;
  std::string fill = std::string(kInBatches) + cased("update ") + table_text(parts, ctx) +
                     cased(" set ") + fresh + " = " + made->value + cased(" where ") + fresh +
                     cased(" is null");
  std::vector<Range> moved = {tokens.range(type)};
  if (computed) {
    moved.push_back(tokens.range(TokenSpan{with + 1, action.tokens.end}));
  } else {
    fill += cased(" and ") + column + cased(" is not null");
  }
  // The old column must accept NULL once nobody writes it.
  const bool loosen = !alone && (known == nullptr || known->not_null);
  // Its NOT NULL may be a CHECK.
  const Check* check = known == nullptr ? nullptr : not_null_check(*table, cmd.name());
  std::string checked = check == nullptr ? "" : check->name;
  if (loosen && known != nullptr && known->late) checked = known->late->name;
  if (!engine.accepts(Capability::DropConstraint)) checked.clear();
  const bool first_adds = !loosen && checked.empty();
  std::vector<std::string> steps;
  if (!first_adds) steps.push_back(head + add);
  steps.push_back(std::move(fill));
  steps.push_back(alone ? head + cased("drop column ") + column
                        : head + cased("rename column ") + column + cased(" to ") + old);
  steps.push_back(head + cased("rename column ") + fresh + cased(" to ") + column);
  bool has_default = others.default_value.has_value();
  if (others.default_value) {
    steps.push_back(head + std::string(tokens.text(parts.actions[*others.default_value].tokens)));
  } else if (!others.drops_default) {
    if (const auto value = kept_default(table, known, *made, ctx)) {
      steps.push_back(head + cased("alter column ") + column + cased(" set default ") + *value);
      has_default = true;
    }
  }
  if (known != nullptr && (known->not_null || check != nullptr) &&
      engine.accepts(Capability::CheckNotValid)) {
    const std::string not_null =
        quote_identifier(AlterNames(alter, &ctx.schema()).not_null(cmd.name()));
    steps.push_back(head + cased("add constraint ") + not_null + cased(" check (") + column +
                    cased(" is not null) not valid"));
    steps.push_back(validation(parts, not_null, ctx));
    finding.notes.push_back(
        {"a CHECK rejects NULL in the new column; the catalog still lists it as nullable"});
  }
  if (made->stored) {
    finding.notes.push_back(
        {fmt::format("no column can have the type `{}`: the new one is `{}`, which stores the "
                     "values without checking them",
                     tokens.text(type), made->type)});
  }
  if (def.has_coll_clause()) finding.notes.push_back(collation_note(def));
  const std::string spelled = to_sql(name);
  if (alter.missing_ok()) finding.notes.push_back(missing_table_note(alter));
  if (alone) {
    finding.notes.push_back({fmt::format(
        "`{}` becomes the last column, which affects SELECT * and INSERT without a column list",
        cmd.name())});
  } else {
    const bool lacks_default =
        !has_default && !others.drops_default && (known == nullptr || known->has_default);
    finding.notes.push_back({fmt::format(
        "the old column is kept as `{0}`, with its {3}indexes, constraints and views: create those "
        "that are needed for `{1}` ({4}`CREATE INDEX ASYNC … ON {2} ({1})`), then run `ALTER TABLE "
        "{2} DROP COLUMN {0}`; the new column is the last one, which affects SELECT * and INSERT "
        "without a column list",
        old, quote_identifier(cmd.name()), spelled, lacks_default ? "default, " : "",
        lacks_default ? fmt::format("`ALTER TABLE {} ALTER COLUMN {} SET DEFAULT …`, ", spelled,
                                    quote_identifier(cmd.name()))
                      : "")});
    if (known != nullptr) {
      Successors more = successors(*table, cmd.name(), old_name, parts, ctx);
      steps.insert(steps.end(), std::make_move_iterator(more.steps.begin()),
                   std::make_move_iterator(more.steps.end()));
      finding.notes.insert(finding.notes.end(), std::make_move_iterator(more.notes.begin()),
                           std::make_move_iterator(more.notes.end()));
    }
    if (table == nullptr) {
      finding.notes.push_back({fmt::format(
          "`{0}` is not created in this input: if `{1}` is part of its primary key, the first step "
          "fails and nothing has changed; the table then has to be recreated",
          spelled, quote_identifier(cmd.name()))});
    }
  }
  std::string first = add;
  if (!first_adds) {
    first.clear();
    if (loosen) first = cased("alter column ") + column + cased(" drop not null");
    if (!checked.empty()) {
      first += cased(loosen ? ", drop constraint if exists " : "drop constraint if exists ") +
               quote_identifier(checked);
    }
  }
  Fix fix{Safety::Review, "replace it with a new column", {}};
  // In order, because they may be neighbours and share a comma.
  std::vector<size_t> doomed = {index};
  if (others.default_value) {
    doomed.insert(*others.default_value < index ? doomed.begin() : doomed.end(),
                  *others.default_value);
    moved.push_back(tokens.range(parts.actions[*others.default_value].tokens));
  }
  if (parts.actions.size() == doomed.size()) {
    const TokenSpan all{parts.actions.front().tokens.begin, parts.actions.back().tokens.end};
    fix.edits =
        fixers::replace_around_comments(tokens, all, std::move(first), ctx.source().text(), moved);
  } else {
    steps.insert(steps.begin(), head + first);
    fix.edits = remove_actions(parts, doomed, ctx);
  }
  fix.edits.push_back(fixers::insert_statements_after(ctx.source(), ctx.statement(), steps));
  finding.fix = std::move(fix);
  return true;
}

void check_set_type(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  each_action(
      alter, pg::AT_AlterColumnType, ctx,
      [&](size_t i, const pg::AlterTableCmd& cmd, const AlterTable& table) {
        const AlterAction& action = table.actions[i];
        Diagnostic finding{
            .range = offence(action, ctx),
            .message = fmt::format("the type of column `{}` cannot be changed", cmd.name())};
        const Table* known = ctx.schema().find_table(object_name(alter.relation()));
        const Column* column = known == nullptr ? nullptr : known->column(cmd.name());
        const pg::ColumnDef& def = cmd.def().column_def();
        // Identity columns are bigint on Aurora DSQL, serial ones become such where they are made.
        const bool numbered =
            column != nullptr && (column->identity || is_serial(column->type)) &&
            ctx.engine().accepts(Capability::SequencesAndIdentity) &&
            only_names_type(def, cmd.name(),
                            TypeRef{.schema = {}, .name = "int8", .modifiers = {}});
        const bool named = column != nullptr && keeps_type(def, *column, ctx.schema());
        if ((numbered || named) && !action.tokens.empty()) {
          finding.notes = {{named ? "the column has that type already"
                                  : "the column numbers its rows: on Aurora DSQL it is an identity "
                                    "column, which is bigint already"}};
          if (def.has_coll_clause()) finding.notes.push_back(collation_note(def));
          const bool same = named && (!def.has_coll_clause() || is_default_collation(def));
          finding.fix = Fix{same ? Safety::Exact : Safety::Review,
                            alter.cmds_size() == 1 ? "remove the statement" : "remove the action",
                            remove_action(table, i, ctx)};
        } else if (!swap_column(alter, i, table, ctx, finding)) {
          finding.help = swap_steps(alter, cmd, action, ctx);
          if (auto note = earlier_file_note(known, ctx)) finding.notes.push_back(std::move(*note));
        }
        ctx.report(std::move(finding));
      });
}

void check_add_generated(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  if (ctx.engine().accepts(Capability::AddGeneratedIdentity)) return;
  each_action(alter, pg::AT_AddIdentity, ctx,
              [&](size_t i, const pg::AlterTableCmd& cmd, const AlterTable& table) {
                ctx.report({.range = offence(table.actions[i], ctx),
                            .notes = {{ctx.engine().refusal(Capability::AddGeneratedIdentity)}},
                            .help = recreate_steps(object_name(alter.relation()),
                                                   "`" + quote_identifier(cmd.name()) +
                                                       " bigint GENERATED BY DEFAULT AS IDENTITY "
                                                       "(CACHE 1)`",
                                                   ctx.schema())});
              });
}

void check_drop_column(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  each_action(alter, pg::AT_DropColumn, ctx,
              [&](size_t i, const pg::AlterTableCmd& cmd, const AlterTable& table) {
                const ObjectName name = object_name(alter.relation());
                const bool key = in_primary_key(ctx.schema().find_table(name), cmd.name());
                if (!key && ctx.engine().accepts(Capability::DropColumn)) return;
                Diagnostic finding{.range = offence(table.actions[i], ctx)};
                if (key) {
                  finding.message = fmt::format(
                      "column `{}` cannot be dropped: it is part of the primary key", cmd.name());
                } else {
                  finding.message = "dropping columns is not supported";
                  finding.notes.push_back({ctx.engine().refusal(Capability::DropColumn)});
                }
                finding.help =
                    recreate_steps(name, "all columns but `" + quote_identifier(cmd.name()) + "`",
                                   ctx.schema(), cmd.name());
                ctx.report(std::move(finding));
              });
}

constexpr std::array kRules = {
    rule<note_type_changes>(kSetType),        rule<note_renamed_columns>(kSetType),
    rule<note_dropped_types>(kSetType),       rule<note_set_defaults>(kSetType),
    rule<note_moved_defaults>(kSetType),      rule<note_created_defaults>(kSetType),
    rule<note_schema_defaults>(kSetType),     rule<check_set_not_null>(kSetNotNull),
    rule<check_set_type>(kSetType),           rule<check_written_by_position>(kSetType),
    rule<note_altered_order>(kSetType),       rule<note_renamed_order>(kSetType),
    rule<check_add_generated>(kAddGenerated), rule<check_drop_column>(kDropColumn),
};

}  // namespace

std::span<const Rule> alter_column() { return kRules; }

}  // namespace dsqlint
