// add_column_constraint: ADD COLUMN takes a name and a type, and nothing else.

#include "rules/alter/add_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/alter/written_by_position.h"
#include "rules/shared/batches.h"
#include "rules/shared/identity_options.h"
#include "rules/shared/recreate_steps.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kInfo{
    .id = "add_column_constraint",
    .summary = "ADD COLUMN accepts only a name and a type",
    .why =
        "A default, NOT NULL, CHECK, UNIQUE, REFERENCES and GENERATED are refused. Add\n"
        "the column alone, then set its default (`ALTER COLUMN … SET DEFAULT`), fill\n"
        "the existing rows in batches of at most 3,000, and add its constraints as `NOT\n"
        "VALID`, for a background job to validate.",
    .bad = "alter table t add column a integer default 0;",
    .good =
        "alter table t add column a integer;\n"
        "alter table t alter column a set default 0;\n"
        "-- One statement changes at most 3,000 rows: on a bigger table, run it in batches.\n"
        "update t set a = default where a is null;",
    .fixes = Fixes::Sometimes,
};

/// DEFAULT NULL is what a column has anyway.
bool is_null_default(const pg::Constraint& constraint) {
  return constraint.contype() == pg::CONSTR_DEFAULT && constraint.raw_expr().a_const().isnull();
}

/// The statements that follow the plain ADD COLUMN, in the order in which they have to run.
struct Steps {
  std::vector<std::string> counter;  ///< the sequence
  std::string value;                 ///< SET DEFAULT …
  std::string fill;                  ///< UPDATE with what the column was to be generated from
  std::vector<std::string> rules;    ///< constraints, NOT VALID
  std::vector<std::string> indexes;
  std::vector<std::string> checks;  ///< validations
};

}  // namespace

class AddedColumn {
 public:
  AddedColumn(const pg::AlterTableCmd& cmd, const AddedColumns& all)
      : column_(cmd.def().column_def()),
        ctx_(all.ctx_),
        tokens_(ctx_.tokens()),
        table_(all.table_),
        names_(all.names_),
        parts_(column_parts(column_, ctx_)),
        name_(parts_.name.empty() ? "" : tokens_.text(parts_.name)),
        serial_(is_serial(type_ref(column_.type_name()))),
        missing_ok_(cmd.missing_ok()) {}

  /// `there`: the table has the column already, so that the action does nothing. `explains`: a
  /// comment says what an UPDATE has to take care of.
  std::optional<Fix> split(bool there = false, bool explains = true) {
    if (parts_.type.empty() || alter_head(table_, ctx_).empty()) return std::nullopt;
    Fix fix{Safety::Review,
            "add the column with its type only, and the rest in separate statements",
            {}};
    if (serial_) {
      if (!add_counter({}, true)) return std::nullopt;
      if (accepts(Capability::CheckNotValid)) add_not_null();
      fix.edits.push_back(fixers::replace(tokens_, parts_.type,
                                          match_case(tokens_.text(parts_.type.begin), "bigint")));
    }
    for (const ConstraintPart& part : parts_.constraints) {
      if (part.node->contype() == pg::CONSTR_NULL) continue;
      if (!add(part)) return std::nullopt;
      const std::vector<Edit> removal =
          fixers::remove_around_comments(tokens_, part.tokens, ctx_.source().text(), moved_);
      fix.edits.insert(fix.edits.end(), removal.begin(), removal.end());
      const bool bigint = type_ref(column_.type_name()).name == "int8";
      if (part.node->contype() == pg::CONSTR_IDENTITY && !bigint && !serial_) {
        fix.edits.push_back(fixers::replace(tokens_, parts_.type,
                                            match_case(tokens_.text(parts_.type.begin), "bigint")));
      }
    }
    const std::vector<std::string> statements = in_order(explains);
    if (there) {
      fix.title = "add the column with its type only, if it is missing";
    } else if (statements.empty() && !serial_) {
      fix.safety = Safety::Exact;
      fix.title = "add the column with its type only";
    } else if (!statements.empty()) {
      fix.edits.push_back(
          fixers::insert_statements_after(ctx_.source(), ctx_.statement(), statements));
    }
    return fix.edits.empty() ? std::nullopt : std::optional(std::move(fix));
  }

  /// Is there an UPDATE in the fix?
  bool updates() const { return !steps_.value.empty() || !steps_.fill.empty(); }

 private:
  bool accepts(Capability capability) const { return ctx_.engine().accepts(capability); }
  std::string cased(std::string_view sql) const { return in_case(ctx_, sql); }
  std::string head() const { return alter_head(table_, ctx_); }

  bool add(const ConstraintPart& part) {
    const pg::Constraint& constraint = *part.node;
    TokenSpan body = part.tokens;
    if (tokens_.is(body.begin, "constraint")) body.begin += 2;
    switch (constraint.contype()) {
      case pg::CONSTR_DEFAULT: {
        if (!accepts(Capability::ColumnDefaults) || body.size() < 2) return false;
        if (is_null_default(constraint)) return true;
        steps_.value = head() + cased("alter column ") + name_ + cased(" set default ") +
                       move({body.begin + 1, body.end});
        return true;
      }
      case pg::CONSTR_NOTNULL:
        return add_not_null();
      case pg::CONSTR_CHECK:
        if (!accepts(Capability::CheckNotValid)) return false;
        add_rule(constraint, move(body));
        return true;
      case pg::CONSTR_FOREIGN:
        if (!accepts(Capability::ForeignKeys)) return false;
        add_rule(constraint, cased("foreign key (") + name_ + ") " + move(body));
        return true;
      case pg::CONSTR_UNIQUE: {
        std::string index = cased("create unique index async ") +
                            cased(missing_ok_ ? "if not exists " : "") + name_of(constraint) +
                            cased(" on ") + table_text(table_, ctx_) + " (" + name_ + ")";
        if (constraint.nulls_not_distinct()) index += cased(" nulls not distinct");
        steps_.indexes.push_back(std::move(index));
        return true;
      }
      case pg::CONSTR_IDENTITY: {
        const size_t open = tokens_.find_op(body, "(");
        const size_t close = open == Tokens::npos ? open : tokens_.close(open);
        return add_counter(close == Tokens::npos ? TokenSpan{} : TokenSpan{open + 1, close},
                           find_option(constraint.options(), "cache") == nullptr) &&
               add_not_null();
      }
      case pg::CONSTR_GENERATED: {
        const size_t open = tokens_.find_op(body, "(");
        const size_t close = open == Tokens::npos ? open : tokens_.close(open);
        if (close == Tokens::npos) return false;
        steps_.fill = cased("update ") + table_text(table_, ctx_) + cased(" set ") + name_ + " = " +
                      move({open, close + 1}) + cased(" where ") + name_ + cased(" is null");
        return true;
      }
      default:
        return false;  // PRIMARY KEY, EXCLUDE
    }
  }

  /// The text of tokens that come to stand in another statement, comments and all.
  std::string move(TokenSpan span) {
    moved_.push_back(tokens_.range(span));
    return std::string(tokens_.text(span));
  }

  std::string name_of(const pg::Constraint& constraint) const {
    return quote_identifier(names_.of(constraint));
  }

  bool add_not_null() {
    if (!accepts(Capability::CheckNotValid)) return false;
    if (not_null_) return true;
    not_null_ = true;
    const std::string name = quote_identifier(names_.not_null(column_.colname()));
    add_rule(name, cased("check (") + name_ + cased(" is not null)"));
    return true;
  }

  void add_rule(const pg::Constraint& constraint, const std::string& body) {
    add_rule(name_of(constraint), body);
  }
  void add_rule(const std::string& name, const std::string& body) {
    steps_.rules.push_back(head() + cased("add constraint ") + name + " " + body +
                           cased(" not valid"));
    steps_.checks.push_back(validation(table_, name, ctx_));
  }

  /// A separate sequence for the column with the options of an identity column, except its name.
  bool add_counter(TokenSpan options, bool cache) {
    if (!accepts(Capability::SequencesAndIdentity) || !accepts(Capability::ColumnDefaults)) {
      return false;
    }
    const std::string sequence = to_sql(names_.sequence(column_.colname()));
    std::string create =
        cased("create sequence ") + cased(missing_ok_ ? "if not exists " : "") + sequence;
    size_t i = options.begin;
    while (i < options.end) {
      if (tokens_.are(i, {"sequence", "name"})) {
        i = tokens_.skip_name(i + 2);
        continue;
      }
      create += ' ';
      create += tokens_.text(i);
      ++i;
    }
    if (cache) create += cased(" cache 1");
    create += cased(" owned by ") + table_text(table_, ctx_) + "." + name_;
    steps_.counter = {std::move(create)};
    steps_.value = head() + cased("alter column ") + name_ + cased(" set default ") + "nextval(" +
                   quote_literal(sequence) + ")";
    return true;
  }

  std::vector<std::string> in_order(bool explains) const {
    const std::string comment(explains ? kInBatches : "");
    std::vector<std::string> all = steps_.counter;
    if (!steps_.value.empty()) {
      all.push_back(steps_.value);
      all.push_back(comment + cased("update ") + table_text(table_, ctx_) + cased(" set ") + name_ +
                    cased(" = default where ") + name_ + cased(" is null"));
    }
    if (!steps_.fill.empty()) all.push_back(comment + steps_.fill);
    all.insert(all.end(), steps_.rules.begin(), steps_.rules.end());
    all.insert(all.end(), steps_.indexes.begin(), steps_.indexes.end());
    all.insert(all.end(), steps_.checks.begin(), steps_.checks.end());
    return all;
  }

  const pg::ColumnDef& column_;
  const SchemaContext& ctx_;
  const Tokens& tokens_;
  const AlterTable& table_;
  const AlterNames& names_;
  ColumnParts parts_;
  std::string name_;
  bool serial_;
  bool missing_ok_;  ///< IF NOT EXISTS
  Steps steps_;
  std::vector<Range> moved_;  ///< source text that lives on in another statement
  bool not_null_ = false;
};

AddedColumns::AddedColumns(const pg::AlterTableStmt& alter, const SchemaContext& ctx)
    : alter_(alter), ctx_(ctx), table_(alter_table(alter, ctx)), names_(alter, &ctx.schema()) {}

std::optional<Fix> AddedColumns::split(const pg::AlterTableCmd& cmd) const {
  return AddedColumn(cmd, *this).split(is_there(cmd));
}

bool AddedColumns::is_there(const pg::AlterTableCmd& cmd) const {
  if (!cmd.missing_ok()) return false;
  const Table* known = ctx_.schema().find_table(object_name(alter_.relation()));
  return known != nullptr && known->column(cmd.def().column_def().colname()) != nullptr;
}

namespace {

/// What the user has to know, by what the column had.
std::vector<Note> notes_for(const pg::AlterTableStmt& alter, const pg::ColumnDef& column,
                            const SchemaContext& ctx) {
  std::vector<Note> notes;
  const auto has = [&](pg::ConstrType type) {
    return std::any_of(column.constraints().begin(), column.constraints().end(),
                       [&](const pg::Node& node) { return node.constraint().contype() == type; });
  };
  const bool valued = std::any_of(column.constraints().begin(), column.constraints().end(),
                                  [](const pg::Node& node) {
                                    return node.constraint().contype() == pg::CONSTR_DEFAULT &&
                                           !is_null_default(node.constraint());
                                  });
  if (valued) {
    const ObjectName name = object_name(alter.relation());
    const Table* table = ctx.schema().find_table(name);
    const Key* key = table == nullptr ? nullptr : table->primary_key();
    const std::string id = key != nullptr && key->columns.size() == 1
                               ? quote_identifier(key->columns.front())
                               : "<primary key>";
    notes.push_back(
        {fmt::format("existing rows get the default from an UPDATE of at most 3,000 rows; on a "
                     "bigger table, repeat `UPDATE {0} SET {1} = DEFAULT WHERE {2} IN (SELECT {2} "
                     "FROM {0} WHERE {1} IS NULL LIMIT 3000)` until it changes no rows",
                     to_sql(name), quote_identifier(column.colname()), id)});
  }
  if (has(pg::CONSTR_GENERATED)) {
    notes.push_back({fmt::format(
        "`{0}` becomes an ordinary column that is not computed: existing rows are filled once, at "
        "most 3,000 per UPDATE, and from then on the application has to write it in every INSERT "
        "and UPDATE of `{1}`; a view that computes it, or an index on the expression, avoids that; "
        "only a new table can have a generated column",
        quote_identifier(column.colname()), to_sql(object_name(alter.relation())))});
  }
  if (has(pg::CONSTR_NOTNULL) || has(pg::CONSTR_CHECK) || has(pg::CONSTR_FOREIGN)) {
    notes.push_back(
        {"new and changed rows are checked at once; existing rows are checked by a background job, "
         "which can fail later: see sys.jobs"});
  }
  if (has(pg::CONSTR_NOTNULL)) {
    notes.push_back({"a CHECK rejects NULL; the catalog still lists the column as nullable"});
  }
  if (has(pg::CONSTR_UNIQUE)) {
    notes.push_back(
        {"the unique index is built by a background job, which fails on duplicates: wait for it; "
         "then `ADD CONSTRAINT … UNIQUE USING INDEX` turns it into a constraint, if one is "
         "needed"});
  }
  return notes;
}

/// What to do if the column cannot be split.
std::string way_out(const pg::AlterTableStmt& alter, const pg::ColumnDef& column,
                    const SchemaContext& ctx) {
  const ObjectName table = object_name(alter.relation());
  const std::string name = quote_identifier(column.colname());
  for (const pg::Node& node : column.constraints()) {
    switch (node.constraint().contype()) {
      case pg::CONSTR_PRIMARY:
        return recreate_steps(table, "`" + name + "` as its primary key", ctx.schema());
      default:
        break;
    }
  }
  return fmt::format(
      "add `{0}` without them, or recreate the table; the engine of {1} does not support adding "
      "them later",
      name, to_string(ctx.engine().date()));
}

void check(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  std::optional<AddedColumns> all;
  bool explained = false;  // once for all columns of the statement
  each_added_column(alter, [&](const pg::AlterTableCmd& cmd, const pg::ColumnDef& column) {
    const ColumnParts parts = column_parts(column, ctx);
    TokenSpan offending;
    for (const ConstraintPart& part : parts.constraints) {
      // A bare NULL passes; identity_type reports identity columns, and foreign_key foreign keys
      // before their date.
      const auto type = part.node->contype();
      if (type == pg::CONSTR_NULL || type == pg::CONSTR_IDENTITY) continue;
      if (type == pg::CONSTR_FOREIGN && !ctx.engine().accepts(Capability::ForeignKeys)) continue;
      if (offending.empty()) offending = part.tokens;
      offending.end = part.tokens.end;
    }
    if (offending.empty()) return;
    Diagnostic finding{
        .range = ctx.tokens().range(offending),
        .message = fmt::format("column `{}` is added with more than its type", column.colname())};
    if (!all) all.emplace(alter, ctx);
    const bool there = all->is_there(cmd);
    AddedColumn added(cmd, *all);
    finding.fix = added.split(there, !explained);
    explained |= finding.fix && !there && added.updates();
    const std::string name = quote_identifier(column.colname());
    if (finding.fix && there) {
      finding.notes.push_back(there_note(column));
    } else if (finding.fix && finding.fix->safety == Safety::Review) {
      finding.notes = notes_for(alter, column, ctx);
      const bool generated = std::any_of(
          column.constraints().begin(), column.constraints().end(),
          [](const pg::Node& part) { return part.constraint().contype() == pg::CONSTR_GENERATED; });
      if (cmd.missing_ok()) {
        finding.notes.push_back(
            {fmt::format("if `{}` exists already, ADD COLUMN does nothing, but the statements "
                         "after it act on the existing column{}",
                         name, generated ? ": if that is generated, the UPDATE fails" : "")});
      }
      if (alter.missing_ok()) finding.notes.push_back(missing_table_note(alter));
    } else if (finding.fix) {
      finding.notes.push_back({"NULL is the default of every column"});
    } else {
      finding.help = way_out(alter, column, ctx);
    }
    ctx.report(std::move(finding));
  });
}

/// DROP EXPRESSION of a column that is an ordinary one by now.
void check_drop_expression(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  if (alter.objtype() != pg::OBJECT_TABLE) return;
  std::optional<AlterTable> parts;
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
    if (cmd.subtype() != pg::AT_DropExpression || cmd.missing_ok()) continue;
    const Table* table = ctx.schema().find_table(object_name(alter.relation()));
    const Column* column = table == nullptr ? nullptr : table->column(cmd.name());
    if (column == nullptr || column->generated || column->added == table->created) continue;
    if (!parts) parts = alter_table(alter, ctx);
    const AlterAction& action = parts->actions[static_cast<size_t>(i)];
    Diagnostic finding{
        .range = offence(action, ctx),
        .message = fmt::format("column `{}` is not generated: it was added as an ordinary column",
                               cmd.name())};
    if (action.tokens.empty()) {
      finding.help = "delete it";
    } else {
      finding.fix =
          Fix{Safety::Review, alter.cmds_size() == 1 ? "remove the statement" : "remove the action",
              remove_action(*parts, static_cast<size_t>(i), ctx)};
    }
    ctx.report(std::move(finding));
  }
}

constexpr std::array kRules = {rule<check>(kInfo), rule<check_drop_expression>(kInfo),
                               rule<check_copied_by_position>(kInfo)};

}  // namespace

Note numbering_note() {
  return {
      "existing rows are numbered by an UPDATE of at most 3,000 rows at a time; a CHECK, which a "
      "background job validates, rejects NULL"};
}

Note there_note(const pg::ColumnDef& column) {
  return {
      fmt::format("the table has `{}` already, so the action does nothing; in a database whose "
                  "table is older, the column is added without the rest",
                  quote_identifier(column.colname()))};
}

std::span<const Rule> add_column() { return kRules; }

}  // namespace dsqlint
