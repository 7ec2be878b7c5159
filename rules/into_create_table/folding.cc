// The plan of what is folded: walks the ALTER TABLEs in order and keeps, per table, what its CREATE
// TABLE offers and what happened to the table since.

#include "rules/into_create_table/folding.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "engine/parse/names.h"
#include "engine/parse/walk.h"
#include "fixers/fixers.h"
#include "rules/into_create_table/fold_targets.h"
#include "rules/shared/identity_options.h"
#include "rules/shared/psql_commands.h"

namespace dsqlint {
namespace {

/// What is known about one action when it is judged.
struct Action {
  size_t statement;
  const pg::AlterTableCmd& cmd;
  TokenSpan span;
  const Tokens& tokens;
  FoldTarget& target;
};

struct Draft {
  FoldKind kind;
  size_t statement;
  size_t action;  ///< index in its statement
  Safety safety = Safety::Exact;
  Range range;
  std::string message;
  std::vector<Note> notes;
  std::string title;
  std::vector<Edit> edits;     ///< in the CREATE TABLE
  std::vector<Range> moved;    ///< source text that lives on there
  size_t waits_for = kNoFold;  ///< another fold has to be applied first
  size_t idle_drop = kNoFold;  ///< a statement that would drop what is folded
  bool suppressed = false;
  bool alone = false;  ///< nothing of the statement stays
};

bool is_integer(const std::string& name) {
  return name == "int2" || name == "int4" || name == "int8";
}

std::string_view serial_of(const std::string& integer) {
  return integer == "int2" ? "smallserial" : integer == "int4" ? "serial" : "bigserial";
}

/// Does every value of `from` stand unchanged in `to`, whatever way it was written?
bool widens(const TypeRef& from, const TypeRef& to) {
  if (from.array || to.array || !from.schema.empty() || !to.schema.empty()) return false;
  if (is_integer(from.name) && is_integer(to.name)) return from.name <= to.name;
  if (from.name != "varchar") return false;
  if (to.name == "text") return true;
  if (to.name != "varchar") return false;
  return to.modifiers.empty() || (!from.modifiers.empty() && from.modifiers[0] <= to.modifiers[0]);
}

class Planner {
 public:
  explicit Planner(ScriptContext& ctx)
      : ctx_(ctx),
        document_(ctx.document()),
        stretches_(ctx.facts<PsqlStretches>()),
        targets_(ctx) {}

  void plan(std::array<std::vector<Fold>, kFoldKinds>& folds) {
    for (const auto& [i, alter] : StatementsOf<pg::AlterTableStmt>(document_)) {
      if (alter.objtype() != pg::OBJECT_TABLE) continue;
      if (document_.statements()[i].has_mask(MaskKind::TableAsync)) continue;
      plan_statement(i, alter);
    }
    finish(folds);
  }

 private:
  void plan_statement(size_t statement, const pg::AlterTableStmt& alter) {
    FoldTarget* target = targets_.altered_by(statement);
    const bool candidate =
        std::any_of(alter.cmds().begin(), alter.cmds().end(), [&](const pg::Node& node) {
          const auto type = node.alter_table_cmd().subtype();
          return type == pg::AT_SetCompression ||
                 (target != nullptr &&
                  (type == pg::AT_AddConstraint || type == pg::AT_SetNotNull ||
                   type == pg::AT_ColumnDefault || type == pg::AT_AlterColumnType ||
                   type == pg::AT_AddColumn || type == pg::AT_AddIdentity));
        });
    Tokens tokens;
    AlterTableParts parts;
    if (candidate) {
      if (target != nullptr) targets_.read(*target);
      tokens = document_.tokens(statement);
      parts = alter_table_parts(tokens);
    }
    const bool placed = candidate && parts.actions.size() == static_cast<size_t>(alter.cmds_size());
    const size_t first = drafts_.size();
    for (int i = 0; i < alter.cmds_size(); ++i) {
      const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
      std::optional<Draft> draft;
      if (placed)
        draft = judge(statement, cmd, parts.actions[static_cast<size_t>(i)], tokens, target);
      if (draft && !ctx_.enabled(fold_rule(draft->kind).id)) draft.reset();
      if (draft && ctx_.suppressed(fold_rule(draft->kind).id, draft->range))
        draft->suppressed = true;
      if (target != nullptr) {
        if (draft && !draft->suppressed) {
          accept(*target, cmd, *draft);
        } else {
          target->stay(cmd);
        }
      }
      if (!draft) continue;
      draft->action = static_cast<size_t>(i);
      drafts_.push_back(std::move(*draft));
    }
    remove_actions(statement, tokens, parts, first);
  }

  /// What the table has once `draft` is folded.
  void accept(FoldTarget& target, const pg::AlterTableCmd& cmd, const Draft& draft) {
    const size_t index = drafts_.size();
    if (target.text != nullptr && target.text->empty_list() && target.first_element == kNoFold &&
        draft.waits_for == kNoFold && draft.kind != FoldKind::Compression) {
      target.first_element = index;
    }
    switch (draft.kind) {
      case FoldKind::PrimaryKey:
      case FoldKind::Unique:
      case FoldKind::Check:
      case FoldKind::ForeignKey:
        target.add_constraint(cmd.def().constraint(), "");
        return;
      case FoldKind::Column: {
        const pg::ColumnDef& column = cmd.def().column_def();
        target.columns[column.colname()].brought = index;
        for (const pg::Node& node : column.constraints()) {
          target.add_constraint(node.constraint(), column.colname());
        }
        return;
      }
      case FoldKind::Type:
        if (draft.waits_for == kNoFold) target.columns[cmd.name()].retyped = index;
        return;
      case FoldKind::Identity:
      case FoldKind::NullableIdentity:
        if (draft.waits_for == kNoFold) target.columns[cmd.name()].numbered = index;
        return;
      case FoldKind::NotNull:
        if (draft.waits_for == kNoFold) target.columns[cmd.name()].required = true;
        return;
      default:
        return;
    }
  }

  std::optional<Draft> judge(size_t statement, const pg::AlterTableCmd& cmd, TokenSpan span,
                             const Tokens& tokens, FoldTarget* target) {
    if (cmd.subtype() == pg::AT_SetCompression) {
      Draft draft = draft_for(FoldKind::Compression, statement, tokens, span);
      draft.message = fmt::format("column `{}` is given a compression method", cmd.name());
      draft.title = "remove the action";
      return draft;
    }
    if (target == nullptr || target->renamed || !target->text->has_list() ||
        !stretches_.hold(target->table->created.index, statement)) {
      return std::nullopt;
    }
    // LIKE copies all but foreign keys.
    if (target->copied < statement && (cmd.subtype() != pg::AT_AddConstraint ||
                                       cmd.def().constraint().contype() != pg::CONSTR_FOREIGN)) {
      return std::nullopt;
    }
    const Action action{statement, cmd, span, tokens, *target};
    std::optional<Draft> draft;
    switch (cmd.subtype()) {
      case pg::AT_AddConstraint:
        draft = judge_constraint(action);
        break;
      case pg::AT_SetNotNull:
        draft = judge_not_null(action);
        break;
      case pg::AT_ColumnDefault:
        draft = judge_default(action);
        break;
      case pg::AT_AlterColumnType:
        draft = judge_type(action);
        break;
      case pg::AT_AddColumn:
        draft = judge_column(action);
        break;
      case pg::AT_AddIdentity:
        draft = judge_identity(action);
        break;
      default:
        break;
    }
    if (draft && target->tree->if_not_exists()) {
      draft->safety = Safety::Review;
      draft->notes.push_back(
          {fmt::format("if `{0}` exists already, CREATE TABLE IF NOT EXISTS does not change it: "
                       "keep the action for databases that have an older `{0}`",
                       target->sql_name)});
    }
    if (draft) {
      draft->notes.push_back(
          {fmt::format("`{}` is created here", target->sql_name), target->text->head()});
    }
    return draft;
  }

  static Draft draft_for(FoldKind kind, size_t statement, const Tokens& tokens, TokenSpan span) {
    Draft draft;
    draft.kind = kind;
    draft.statement = statement;
    draft.range = tokens.range(span);
    return draft;
  }

  // ---------------------------------------------------------------- constraints of the table

  std::optional<Draft> judge_constraint(const Action& action) {
    const pg::Constraint& constraint = action.cmd.def().constraint();
    FoldTarget& target = action.target;
    if (!constraint.conname().empty() && target.names.contains(constraint.conname())) {
      return std::nullopt;
    }
    size_t idle_drop = kNoFold;
    if (!targets_.can_name(target, constraint, "", idle_drop)) return std::nullopt;
    std::optional<Draft> draft;
    switch (constraint.contype()) {
      case pg::CONSTR_PRIMARY:
      case pg::CONSTR_UNIQUE:
        draft = judge_key(action, constraint);
        break;
      case pg::CONSTR_CHECK:
        draft = judge_check(action, constraint);
        break;
      case pg::CONSTR_FOREIGN:
        draft = judge_foreign_key(action, constraint);
        break;
      default:
        break;
    }
    if (draft && idle_drop != kNoFold) remove_idle_drop(*draft, idle_drop);
    return draft;
  }

  void remove_idle_drop(Draft& draft, size_t statement) {
    draft.idle_drop = statement;
    const Statement& drop = document_.statements()[statement];
    const std::vector<Edit> removal = fixers::remove_statement_around_comments(
        ctx_.source(), drop, document_.tokens(statement), {});
    draft.edits.insert(draft.edits.end(), removal.begin(), removal.end());
    draft.notes.push_back(
        {"this statement finds no constraint to drop, but would find the moved one: it is removed "
         "too",
         drop.range});
  }

  std::optional<Draft> judge_key(const Action& action, const pg::Constraint& constraint) {
    FoldTarget& target = action.target;
    const bool primary = constraint.contype() == pg::CONSTR_PRIMARY;
    if (!constraint.indexname().empty() || (primary && target.has_primary_key())) {
      return std::nullopt;
    }
    // Of two keys on the same columns CREATE TABLE makes one, and the name of the other is lost.
    const std::vector<std::string> members = string_values(constraint.keys());
    const bool twice = std::any_of(target.keys.begin(), target.keys.end(),
                                   [&](const FoldKey& key) { return key.columns == members; });
    if (!primary && twice) return std::nullopt;
    size_t waits_for = kNoFold;
    if (!target.offers(members, primary ? kTypeAspect | kNullAspect : kTypeAspect, waits_for) ||
        !target.offers(string_values(constraint.including()), kTypeAspect, waits_for)) {
      return std::nullopt;
    }
    Draft draft = constraint_draft(primary ? FoldKind::PrimaryKey : FoldKind::Unique, action,
                                   primary ? "primary key" : "unique constraint", waits_for);
    if (target.changed) {
      draft.safety = Safety::Review;
      draft.notes.push_back(
          {"rows are changed or deleted before this statement: a duplicate that exists only until "
           "then is rejected if the constraint exists from the start"});
    }
    return draft;
  }

  std::optional<Draft> judge_check(const Action& action, const pg::Constraint& constraint) {
    FoldTarget& target = action.target;
    if (constraint.skip_validation() && ctx_.engine().accepts(Capability::CheckNotValid)) {
      return std::nullopt;
    }
    // Rows that were there before do not count for NOT VALID, and may pass through other states.
    if (target.changed || (constraint.skip_validation() && target.inserted)) return std::nullopt;
    if (targets_.needs_later(unwrap(action.cmd.def()), target)) return std::nullopt;
    size_t waits_for = kNoFold;
    if (!target.offers(columns_in(constraint.raw_expr()), kTypeAspect, waits_for)) {
      return std::nullopt;
    }
    return constraint_draft(FoldKind::Check, action, "check constraint", waits_for);
  }

  std::optional<Draft> judge_foreign_key(const Action& action, const pg::Constraint& constraint) {
    FoldTarget& target = action.target;
    if (constraint.skip_validation() || !ctx_.engine().accepts(Capability::ForeignKeys)) {
      return std::nullopt;
    }
    // Rows may come before those they refer to.
    if (target.inserted || target.changed) return std::nullopt;
    size_t waits_for = kNoFold;
    if (!target.offers(string_values(constraint.fk_attrs()), kTypeAspect, waits_for) ||
        !targets_.can_refer(target, constraint)) {
      return std::nullopt;
    }
    return constraint_draft(FoldKind::ForeignKey, action, "foreign key", waits_for);
  }

  Draft constraint_draft(FoldKind kind, const Action& action, std::string_view what,
                         size_t waits_for) {
    FoldTarget& target = action.target;
    Draft draft = draft_for(kind, action.statement, action.tokens, action.span);
    draft.message =
        fmt::format("table `{}` gets its {} after it was created", target.sql_name, what);
    draft.title = fmt::format("move the {} into CREATE TABLE `{}`", what, target.sql_name);
    // ADD [CONSTRAINT n] …, without a NOT VALID that says nothing about a new table.
    TokenSpan moved{action.span.begin + 1, action.span.end};
    if (moved.size() > 2 && action.tokens.are(moved.end - 2, {"not", "valid"})) moved.end -= 2;
    const pg::Constraint& constraint = action.cmd.def().constraint();
    if (kind != FoldKind::ForeignKey && (constraint.deferrable() || constraint.initdeferred())) {
      const TokenSpan words = deferrable_words(action.tokens, moved);
      if (!words.empty() && words.end == moved.end) moved.end = words.begin;
      draft.safety = Safety::Review;
      draft.notes.push_back(
          {"it is checked after each statement, no longer at the end of the transaction: only "
           "foreign keys can be deferrable"});
    }
    append(draft, target, action.tokens, moved);
    if (draft.waits_for == kNoFold) draft.waits_for = waits_for;
    return draft;
  }

  /// Appends the tokens as an element of the CREATE TABLE.
  void append(Draft& draft, FoldTarget& target, const Tokens& tokens, TokenSpan moved) {
    if (target.first_element != kNoFold) {
      draft.waits_for = target.first_element;
    } else {
      draft.edits.push_back(target.text->append_element(tokens.text(moved)));
    }
    draft.moved.push_back(tokens.range(moved));
  }

  static std::vector<std::string> columns_in(const pg::Node& expression) {
    std::vector<std::string> columns;
    Walker walker;
    walker.walk(unwrap(expression), [&](AstRef node, const std::vector<AstRef>&) {
      const auto* column = node.as<pg::ColumnRef>();
      if (column == nullptr || column->fields_size() == 0) return;
      const std::string& name = string_value(column->fields(column->fields_size() - 1));
      if (!name.empty()) columns.push_back(name);
    });
    return columns;
  }

  // -------------------------------------------------------------------------- columns

  /// The state of the column an action is about, when it can be folded at all.
  static FoldColumn* column_of(const Action& action, uint8_t aspects) {
    FoldColumn* column = action.target.columns.find(action.cmd.name());
    return column != nullptr && (column->touched & aspects) == 0 ? column : nullptr;
  }

  Draft column_draft(FoldKind kind, const Action& action, const FoldColumn& column,
                     std::string_view what) {
    Draft draft = draft_for(kind, action.statement, action.tokens, action.span);
    draft.title = fmt::format("move {} into CREATE TABLE `{}`", what, action.target.sql_name);
    draft.waits_for = column.brought;
    return draft;
  }

  /// The last `count` tokens of an action, to be written after a column.
  static std::string words_behind(const Action& action, TokenSpan span) {
    return " " + std::string(action.tokens.text(span));
  }

  std::optional<Draft> judge_not_null(const Action& action) {
    const FoldColumn* column = column_of(action, kNullAspect | kIdentityAspect);
    if (column == nullptr || action.target.changed) return std::nullopt;
    Draft draft = column_draft(FoldKind::NotNull, action, *column, "NOT NULL");
    draft.message =
        fmt::format("column `{}` becomes NOT NULL after the table was created", action.cmd.name());
    if (draft.waits_for != kNoFold || column->required) return draft;
    const ColumnParts parts = action.target.text->column_parts(column->element);
    for (const ConstraintPart& part : parts.constraints) {
      switch (part.node->contype()) {
        case pg::CONSTR_NOTNULL:
        case pg::CONSTR_PRIMARY:
        case pg::CONSTR_IDENTITY:
          return draft;  // it is NOT NULL already
        case pg::CONSTR_NULL:
          draft.edits.push_back(fixers::insert_before(
              action.target.text->tokens(), part.tokens.begin,
              match_case(action.target.text->tokens().text(part.tokens.begin), "NOT ")));
          return draft;
        default:
          break;
      }
    }
    // … SET NOT NULL
    const TokenSpan words{action.span.end - 2, action.span.end};
    draft.edits.push_back(
        action.target.text->lengthen(column->element, words_behind(action, words)));
    return draft;
  }

  std::optional<Draft> judge_default(const Action& action) {
    if (ctx_.engine().accepts(Capability::ColumnDefaults) || !action.cmd.has_def() ||
        nextval_sequence(action.cmd.def())) {
      return std::nullopt;
    }
    FoldTarget& target = action.target;
    const FoldColumn* column = column_of(action, kTypeAspect | kDefaultAspect | kIdentityAspect);
    if (column == nullptr || column->element == kNoFold || target.inserted || target.changed ||
        targets_.needs_later(unwrap(action.cmd.def()), target)) {
      return std::nullopt;
    }
    const ColumnParts parts = target.text->column_parts(column->element);
    for (const ConstraintPart& part : parts.constraints) {
      const auto type = part.node->contype();
      if (type == pg::CONSTR_DEFAULT || type == pg::CONSTR_IDENTITY ||
          type == pg::CONSTR_GENERATED) {
        return std::nullopt;
      }
    }
    Draft draft = column_draft(FoldKind::Default, action, *column, "the default");
    draft.message =
        fmt::format("column `{}` gets its default after the table was created", action.cmd.name());
    const size_t set = action.tokens.find(action.span, "set");
    if (set == Tokens::npos || set + 2 >= action.span.end) return std::nullopt;
    const TokenSpan expression{set + 2, action.span.end};
    const int kind = action.cmd.def().node_case();
    // A column's default is a narrower expression than SET DEFAULT's.
    const bool simple = kind == pg::Node::kAConst || kind == pg::Node::kFuncCall ||
                        kind == pg::Node::kTypeCast || kind == pg::Node::kSqlvalueFunction;
    const std::string text(action.tokens.text(expression));
    draft.edits.push_back(target.text->lengthen(
        column->element,
        fmt::format(" {} {}", action.tokens.text(set + 1), simple ? text : "(" + text + ")")));
    draft.moved.push_back(action.tokens.range(expression));
    return draft;
  }

  std::optional<Draft> judge_type(const Action& action) {
    FoldTarget& target = action.target;
    const FoldColumn* column = column_of(action, 0xFF);
    const pg::ColumnDef& def = action.cmd.def().column_def();
    // What was dropped may have been in the way of the new type.
    if (column == nullptr || target.changed || target.mentioned || target.shed ||
        def.has_coll_clause() || targets_.needs_later(unwrap(action.cmd.def()), target)) {
      return std::nullopt;
    }
    Draft draft = column_draft(FoldKind::Type, action, *column, "the type");
    draft.message =
        fmt::format("column `{}` changes its type after the table was created", action.cmd.name());
    if (draft.waits_for == kNoFold) draft.waits_for = column->retyped;
    if (draft.waits_for != kNoFold) return target.inserted ? std::nullopt : std::optional(draft);
    const pg::ColumnDef& known =
        target.tree->table_elts(static_cast<int>(column->element)).column_def();
    const TypeRef from = type_ref(known.type_name());
    const TypeRef to = type_ref(def.type_name());
    if (known.has_coll_clause()) return std::nullopt;
    if (target.inserted && (!widens(from, to) || def.has_raw_default())) return std::nullopt;
    const size_t word = action.tokens.find(action.span, "type");
    if (word == Tokens::npos) return std::nullopt;
    const size_t usage = action.tokens.find({word, action.span.end}, "using");
    const TokenSpan type{word + 1, usage == Tokens::npos ? action.span.end : usage};
    std::string text(action.tokens.text(type));
    if (is_serial(from)) {
      // The default stays what serial made it.
      if (!to.schema.empty() || to.array || !is_integer(to.name)) return std::nullopt;
      text = match_case(action.tokens.text(type), serial_of(to.name));
    } else {
      draft.moved.push_back(action.tokens.range(type));
    }
    const ColumnParts parts = target.text->column_parts(column->element);
    if (parts.type.empty() || type.empty()) return std::nullopt;
    draft.edits.push_back(fixers::replace(target.text->tokens(), parts.type, std::move(text)));
    return draft;
  }

  std::optional<Draft> judge_column(const Action& action) {
    FoldTarget& target = action.target;
    const pg::ColumnDef& column = action.cmd.def().column_def();
    const std::string& name = column.colname();
    const bool plain = std::all_of(
        column.constraints().begin(), column.constraints().end(),
        [](const pg::Node& node) { return node.constraint().contype() == pg::CONSTR_NULL; });
    if (plain && !column.has_coll_clause() && !is_serial(type_ref(column.type_name()))) {
      return std::nullopt;  // accepted where it is
    }
    if (target.order_lost || target.inserted || target.changed || target.mentioned ||
        target.columns.contains(name) || target.gone.contains(name) ||
        targets_.needs_later(unwrap(action.cmd.def()), target)) {
      return std::nullopt;
    }
    size_t idle_drop = kNoFold;
    bool numbers = is_serial(type_ref(column.type_name()));
    for (const pg::Node& node : column.constraints()) {
      const pg::Constraint& constraint = node.constraint();
      numbers = numbers || constraint.contype() == pg::CONSTR_IDENTITY;
      if ((constraint.contype() == pg::CONSTR_PRIMARY && target.has_primary_key()) ||
          (constraint.contype() == pg::CONSTR_FOREIGN && !targets_.can_refer(target, constraint)) ||
          (!constraint.conname().empty() && target.names.contains(constraint.conname())) ||
          !targets_.can_name(target, constraint, name, idle_drop) || idle_drop != kNoFold) {
        return std::nullopt;
      }
    }
    if (numbers && !targets_.can_number(target, name)) return std::nullopt;
    size_t begin = action.span.begin + 1;
    if (action.tokens.is(begin, "column")) ++begin;
    if (action.tokens.are(begin, {"if", "not", "exists"})) begin += 3;
    if (begin >= action.span.end) return std::nullopt;
    Draft draft = draft_for(FoldKind::Column, action.statement, action.tokens, action.span);
    draft.message = fmt::format("column `{}` is added to table `{}` after it was created", name,
                                target.sql_name);
    draft.title = fmt::format("move the column into CREATE TABLE `{}`", target.sql_name);
    append(draft, target, action.tokens, {begin, action.span.end});
    return draft;
  }

  /// Does CREATE TABLE, with what is folded into it, leave the column nullable?
  static bool is_nullable(const FoldTarget& target, std::string_view name,
                          const FoldColumn& column) {
    if (column.required) return false;
    const auto holds = [&](const FoldKey& key) {
      return key.kind == KeyKind::Primary &&
             std::find(key.columns.begin(), key.columns.end(), name) != key.columns.end();
    };
    if (std::any_of(target.keys.begin(), target.keys.end(), holds)) return false;
    if (column.element == kNoFold) return true;
    const pg::ColumnDef& known =
        target.tree->table_elts(static_cast<int>(column.element)).column_def();
    return !is_serial(type_ref(known.type_name())) &&
           std::none_of(known.constraints().begin(), known.constraints().end(),
                        [](const pg::Node& node) {
                          const auto type = node.constraint().contype();
                          return type == pg::CONSTR_NOTNULL || type == pg::CONSTR_PRIMARY ||
                                 type == pg::CONSTR_IDENTITY;
                        });
  }

  /// Is it a bigint that nothing numbers yet?
  static bool is_plain_bigint(const FoldTarget& target, const FoldColumn& column) {
    if (column.element == kNoFold || column.numbered != kNoFold) return false;
    const pg::ColumnDef& known =
        target.tree->table_elts(static_cast<int>(column.element)).column_def();
    const TypeRef type = type_ref(known.type_name());
    return type.schema.empty() && type.name == "int8" && !type.array &&
           std::none_of(known.constraints().begin(), known.constraints().end(),
                        [](const pg::Node& node) {
                          return node.constraint().contype() == pg::CONSTR_IDENTITY;
                        });
  }

  std::optional<Draft> judge_identity(const Action& action) {
    FoldTarget& target = action.target;
    if (!ctx_.engine().accepts(Capability::SequencesAndIdentity)) return std::nullopt;
    const FoldColumn* column = column_of(action, kTypeAspect | kDefaultAspect | kIdentityAspect);
    const pg::Constraint& identity = action.cmd.def().constraint();
    const bool always = identity.generated_when() == "a";
    // Rows with explicit numbers are rejected if the column is GENERATED ALWAYS.
    if (column == nullptr || target.changed || (always && target.inserted)) return std::nullopt;
    if (!targets_.can_number(target, action.cmd.name())) return std::nullopt;
    const IdentityOptions options = read_identity_options(identity.options());
    if (!options.understood) return std::nullopt;
    FoldKind kind = FoldKind::Identity;
    if (!options.name && ctx_.engine().accepts(Capability::AddGeneratedIdentity)) {
      const bool nullable = is_nullable(target, action.cmd.name(), *column);
      if (!nullable && is_plain_bigint(target, *column))
        return std::nullopt;  // accepted where it is
      if (nullable) kind = FoldKind::NullableIdentity;
    }
    Draft draft = column_draft(kind, action, *column, "the identity");
    draft.message =
        kind == FoldKind::Identity
            ? fmt::format("column `{}` becomes an identity column after the table was created",
                          action.cmd.name())
            : nullable_identity_message(action.cmd.name());
    if (draft.waits_for == kNoFold) draft.waits_for = column->numbered;
    if (draft.waits_for != kNoFold) return draft;

    const size_t generated = action.tokens.find(action.span, "generated");
    const size_t word = action.tokens.find(action.span, "identity");
    if (generated == Tokens::npos || word == Tokens::npos) return std::nullopt;
    const std::string words(action.tokens.text(TokenSpan{generated, word + 1}));
    const std::string text = words + " " + options.sql(action.tokens.text(word));
    const ColumnParts parts = target.text->column_parts(column->element);
    const pg::ColumnDef& known =
        target.tree->table_elts(static_cast<int>(column->element)).column_def();
    if (is_serial(type_ref(known.type_name())) && !parts.type.empty()) {
      // Or the column would be numbered twice.
      const std::string_view hand = target.text->tokens().text(parts.type.begin);
      draft.edits.push_back(
          fixers::replace(target.text->tokens(), parts.type, match_case(hand, "bigint")));
      draft.safety = Safety::Review;
      draft.notes.push_back({"the identity replaces the sequence of the serial column"});
    }
    bool replaced = false;
    for (const ConstraintPart& part : parts.constraints) {
      const auto type = part.node->contype();
      if (type == pg::CONSTR_DEFAULT || type == pg::CONSTR_GENERATED) return std::nullopt;
      if (type != pg::CONSTR_IDENTITY) continue;
      draft.edits.push_back(fixers::replace(target.text->tokens(), part.tokens, text));
      replaced = true;
    }
    if (!replaced) draft.edits.push_back(target.text->lengthen(column->element, " " + text));

    const std::string made =
        automatic_sequence_name(target.tree->relation().relname(), action.cmd.name());
    if (options.name && options.name->name != made) {
      draft.safety = Safety::Review;
      draft.notes.push_back({fmt::format(
          "the sequence of the column is named `{}`, no longer `{}`: `setval('{}', …)` does not "
          "find it, and the next INSERT may get a number that is already used; call "
          "`setval(pg_get_serial_sequence('{}', '{}'), …)` instead",
          made, options.name->name, to_sql(*options.name), target.sql_name, action.cmd.name())});
    }
    return draft;
  }

  // -------------------------------------------------------- taking the actions out

  /// Adds to the drafts from `first` on, all of one statement, the edits of the ALTER TABLE.
  void remove_actions(size_t index, const Tokens& tokens, const AlterTableParts& parts,
                      size_t first) {
    const size_t count = parts.actions.size();
    if (first == drafts_.size()) return;
    // What leaves the statement in this pass; Review ones may not be wanted.
    std::vector<const Draft*> of(count, nullptr);
    bool all = true;
    bool all_exact = true;
    for (size_t i = first; i < drafts_.size(); ++i) of[drafts_[i].action] = &drafts_[i];
    const auto leaves = [](const Draft* draft) {
      return draft != nullptr && draft->waits_for == kNoFold && !draft->suppressed;
    };
    for (const Draft* draft : of) {
      all = all && leaves(draft);
      all_exact = all_exact && leaves(draft) && draft->safety == Safety::Exact;
    }
    std::vector<Edit> whole;
    if (all) {
      std::vector<Range> spent;
      for (const Draft* draft : of) {
        whole.insert(whole.end(), draft->edits.begin(), draft->edits.end());
        spent.insert(spent.end(), draft->moved.begin(), draft->moved.end());
      }
      const std::vector<Edit> removal = fixers::remove_statement_around_comments(
          ctx_.source(), document_.statements()[index], tokens, spent);
      whole.insert(whole.end(), removal.begin(), removal.end());
    }
    const Safety together = all_exact ? Safety::Exact : Safety::Review;
    // All of it goes with one of them; the others are valid alone. In one run they meet that one at
    // the same place, and are gone with it.
    size_t leader = kNoFold;
    // The element after or before it that stays takes one comma with it.
    size_t last_stays = kNoFold;
    size_t stays_before = kNoFold;
    for (size_t k = 0; k < count; ++k) {
      if (leaves(of[k]) && !(all && of[k]->safety == Safety::Review)) continue;
      stays_before = last_stays;
      last_stays = k;
    }
    for (size_t i = first; i < drafts_.size(); ++i) {
      Draft& draft = drafts_[i];
      draft.alone = all;
      if (draft.waits_for != kNoFold) continue;
      if (all && leader == kNoFold && (all_exact || draft.safety == Safety::Review)) {
        leader = i;
        continue;
      }
      // Where nothing stays, all but the leader rely on it.
      size_t survivor = last_stays != draft.action ? last_stays : stays_before;
      if (survivor == kNoFold && leader != kNoFold) survivor = drafts_[leader].action;
      if (survivor == kNoFold) {
        // Alone in its statement, and suppressed.
        draft.edits.push_back(
            fixers::remove_statement(ctx_.source(), document_.statements()[index]));
        continue;
      }
      TokenSpan span = parts.actions[draft.action];
      if (draft.action < survivor) {
        span.end = parts.actions[draft.action + 1].begin;
      } else {
        span.begin = parts.actions[draft.action - 1].end;
      }
      const std::vector<Edit> removal = fixers::remove_around_comments(
          tokens, tokens.range(span), ctx_.source().text(), draft.moved);
      draft.edits.insert(draft.edits.end(), removal.begin(), removal.end());
    }
    if (leader == kNoFold) return;
    drafts_[leader].edits = std::move(whole);
    drafts_[leader].safety = together;
  }

  void finish(std::array<std::vector<Fold>, kFoldKinds>& folds) {
    // Those that go on in the next pass: what stands in their way goes first.
    for (Draft& draft : drafts_) {
      if (draft.waits_for == kNoFold) continue;
      draft.edits = drafts_[draft.waits_for].edits;
      draft.safety = std::min(draft.safety, drafts_[draft.waits_for].safety);
    }
    for (Draft& draft : drafts_) {
      Fold fold{draft.statement,
                draft.alone ? document_.statements()[draft.statement].range : draft.range,
                {}};
      fold.finding.range = draft.range;
      fold.finding.statement = document_.statements()[draft.statement].range;
      fold.finding.message = std::move(draft.message);
      fold.finding.notes = std::move(draft.notes);
      fold.finding.fix = Fix{draft.safety, std::move(draft.title), std::move(draft.edits)};
      if (draft.idle_drop != kNoFold) fold.idle_drop = draft.idle_drop;
      folds[static_cast<size_t>(draft.kind)].push_back(std::move(fold));
    }
  }

  const ScriptContext& ctx_;
  const Document& document_;
  const PsqlStretches& stretches_;
  FoldTargets targets_;
  std::vector<Draft> drafts_;
};

}  // namespace

FoldPlan::FoldPlan(ScriptContext& ctx) { Planner(ctx).plan(folds_); }

}  // namespace dsqlint
