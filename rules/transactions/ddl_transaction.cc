// multi_ddl_transaction, mixed_ddl_dml_transaction: what a transaction may hold, and its split.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "engine/parse/walk.h"
#include "fixers/fixers.h"
#include "rules/shared/psql_commands.h"
#include "rules/transactions/runner_transaction.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kMulti{
    .id = "multi_ddl_transaction",
    .summary = "a transaction can contain only one DDL statement",
    .why =
        "The second statement that changes the catalog is refused, and with it the\n"
        "transaction. GRANT, REVOKE and COMMENT count, and so does every CREATE, ALTER\n"
        "and DROP.\n"
        "\n"
        "The fixed form puts each DDL statement, and each run of other statements, into\n"
        "a separate transaction. It is no longer atomic: when a later statement fails,\n"
        "the earlier transactions stay committed.\n"
        "\n"
        "A client that sends several statements in one message (`psql -c 'a; b'`,\n"
        "simple queries of drivers) makes one transaction of them without any BEGIN,\n"
        "and the same rule holds. `psql -f` sends them one by one, except those that\n"
        "`\\;` separates. The text of a file does not show how else it will be sent, so\n"
        "only what is between BEGIN and COMMIT is judged, and what `\\;` puts into one\n"
        "message.",
    .bad = "BEGIN;\nCREATE TABLE a (i int);\nCREATE TABLE b (i int);\nCOMMIT;\n",
    .good = "BEGIN;\nCREATE TABLE a (i int);\nCOMMIT;\nBEGIN;\nCREATE TABLE b (i int);\nCOMMIT;\n",
    .fixes = Fixes::Sometimes,
    .phase = Phase::Transaction,
    .help = "put each DDL statement into a separate transaction",
};

constexpr RuleInfo kMixed{
    .id = "mixed_ddl_dml_transaction",
    .summary = "a transaction cannot hold both DDL and DML",
    .why =
        "Statements that change the catalog and statements that change rows are refused\n"
        "in one transaction, in either order.\n"
        "\n"
        "The fixed form puts each DDL statement, and each run of other statements, into\n"
        "a separate transaction. It is no longer atomic: when a later statement fails,\n"
        "the earlier transactions stay committed.",
    .bad = "BEGIN;\nCREATE TABLE a (i int);\nINSERT INTO a VALUES (1);\nCOMMIT;\n",
    .good =
        "BEGIN;\nCREATE TABLE a (i int);\nCOMMIT;\nBEGIN;\nINSERT INTO a VALUES (1);\nCOMMIT;\n",
    .fixes = Fixes::Sometimes,
    .phase = Phase::Transaction,
    .help =
        "put statements that change the catalog and statements that change rows into separate "
        "transactions",
};

/// BEGIN to COMMIT.
struct Block {
  size_t begin = 0;
  size_t commit = 0;
  std::vector<size_t> statements;  ///< between them, without what a fix deletes
  std::vector<size_t> nested;      ///< BEGINs that do nothing
  uint64_t ddl = 0;
  uint64_t dml = 0;
  bool readable = true;
  bool goes_back = false;   ///< to a savepoint
  bool parts_rows = false;  ///< a DDL statement stands between DML
};

bool goes_back_to_savepoint(const Statement& statement) {
  const auto* transaction = tree_of(statement).as<pg::TransactionStmt>();
  return transaction != nullptr && transaction->kind() == pg::TRANS_STMT_ROLLBACK_TO;
}

/// Ends with the transaction: SET LOCAL, SET CONSTRAINTS.
bool is_bound_to_transaction(const Statement& statement) {
  const AstRef tree = tree_of(statement);
  if (tree.as<pg::ConstraintsSetStmt>() != nullptr) return true;
  const auto* set = tree.as<pg::VariableSetStmt>();
  return set != nullptr && set->is_local() && set->name() != "TRANSACTION";
}

/// What has to be said again in every transaction that a split makes.
class Settings {
 public:
  /// Forgets what a statement sets again, or takes away.
  void forget(AstRef tree) {
    if (const auto* set = tree.as<pg::VariableSetStmt>()) {
      forget_variable(*set);
    } else if (const auto* constraints = tree.as<pg::ConstraintsSetStmt>()) {
      if (constraints->constraints_size() != 0) return;
      std::erase_if(settings_, [](const Setting& known) { return known.variable.empty(); });
    } else if (const auto* alter = tree.as<pg::AlterTableStmt>()) {
      for (const pg::Node& node : alter->cmds()) {
        const pg::AlterTableCmd& cmd = node.alter_table_cmd();
        if (cmd.subtype() == pg::AT_DropConstraint) forget_constraint(cmd.name());
        if (cmd.subtype() == pg::AT_DropColumn) forget_named_constraints();
      }
    } else if (const auto* rename = tree.as<pg::RenameStmt>()) {
      if (rename->rename_type() == pg::OBJECT_TABCONSTRAINT) forget_constraint(rename->subname());
    } else if (const auto* drop = tree.as<pg::DropStmt>()) {
      if (drop->remove_type() == pg::OBJECT_TABLE || drop->remove_type() == pg::OBJECT_SCHEMA) {
        forget_named_constraints();
      }
    }
  }

  /// Takes in a statement that is bound to its transaction.
  void add(AstRef tree, std::string text) {
    if (const auto* set = tree.as<pg::VariableSetStmt>()) {
      settings_.push_back({set->name(), {}, std::move(text)});
    } else if (const auto* constraints = tree.as<pg::ConstraintsSetStmt>()) {
      // IMMEDIATE is about what is pending: nothing is in a transaction that begins.
      if (!constraints->deferred()) return;
      Setting& added = settings_.emplace_back(Setting{{}, {}, std::move(text)});
      for (const pg::Node& name : constraints->constraints()) {
        added.constraints.push_back(name.range_var().relname());
      }
    }
  }

  void say(std::vector<std::string>& statements) const {
    for (const Setting& setting : settings_) statements.push_back(setting.text);
  }

 private:
  struct Setting {
    std::string variable;                  ///< of SET LOCAL
    std::vector<std::string> constraints;  ///< of SET CONSTRAINTS; none: ALL
    std::string text;
  };

  void forget_variable(const pg::VariableSetStmt& set) {
    std::erase_if(settings_, [&](const Setting& known) {
      if (set.kind() != pg::VAR_RESET_ALL) return known.variable == set.name();
      // RESET ALL leaves the roles alone.
      return !known.variable.empty() && known.variable != "role" &&
             known.variable != "session_authorization";
    });
  }
  void forget_named_constraints() {
    std::erase_if(settings_, [](const Setting& known) { return !known.constraints.empty(); });
  }
  void forget_constraint(const std::string& name) {
    std::erase_if(settings_, [&](const Setting& known) {
      return std::find(known.constraints.begin(), known.constraints.end(), name) !=
             known.constraints.end();
    });
  }

  std::vector<Setting> settings_;
};

class Blocks {
 public:
  explicit Blocks(ScriptContext& ctx) : ctx_(ctx), document_(ctx.document()) {
    const std::span<const Statement> statements = document_.statements();
    std::optional<Block> open;
    uint64_t ddl_before_rows = 0;  // when the last DML of the open block was met
    for (size_t i = 0; i < statements.size(); ++i) {
      const Statement& statement = statements[i];
      if (document_.starts_file(i)) open.reset();
      if (statement.cls == StatementClass::Begin) {
        if (open) {
          open->nested.push_back(i);
        } else {
          open.emplace().begin = i;
        }
        continue;
      }
      if (!open) continue;
      if (statement.cls == StatementClass::Commit) {
        open->commit = i;
        blocks_.push_back(std::move(*open));
        open.reset();
      } else if (statement.cls == StatementClass::Rollback) {
        open.reset();
      } else if (!ctx.removed(statement)) {
        open->statements.push_back(i);
        open->readable = open->readable && statement.cls != StatementClass::Unreadable;
        open->goes_back = open->goes_back || goes_back_to_savepoint(statement);
        if (statement.cls == StatementClass::Ddl) open->ddl += statement.count;
        if (statement.cls == StatementClass::Dml) {
          open->parts_rows = open->parts_rows || (open->dml > 0 && open->ddl > ddl_before_rows);
          open->dml += statement.count;
          ddl_before_rows = open->ddl;
        }
      }
    }
  }

  template <typename Judge>
  void report(Judge&& judge) {
    for (const Block& block : blocks_) {
      const std::string what = judge(block);
      if (what.empty()) continue;
      const PsqlCommand commands = look_between(block);
      if (commands == PsqlCommand::Reconnects) continue;  // that ends the transaction
      Diagnostic finding;
      finding.range = document_.statements()[block.begin].range;
      finding.message = "the transaction " + what;
      if (block.goes_back) {
        finding.notes.push_back(
            {"ROLLBACK TO undoes statements that separate transactions would keep, so the "
             "transaction is not split: remove the savepoints first"});
      } else if (block.readable && commands == PsqlCommand::Harmless) {
        finding.notes.push_back(
            {"it is no longer all or nothing: if a later statement fails, the transactions before "
             "it stay committed"});
        if (block.parts_rows && defers(block)) {
          finding.notes.push_back(
              {"deferred foreign keys are now checked at the end of each transaction: rows that "
               "are written before the rows they refer to are rejected, so write the referenced "
               "rows first"});
        }
        finding.fix = Fix{Safety::Review, "split the transaction", split(block)};
      } else {
        finding.notes.push_back(
            {block.readable
                 ? "psql commands inside the transaction decide what is run, so it is not split"
                 : "a statement in it cannot be parsed, so the transaction is not split"});
      }
      ctx_.report(std::move(finding));
    }
  }

 private:
  /// psql's commands between the statements of a block.
  PsqlCommand look_between(const Block& block) const {
    PsqlCommand worst = PsqlCommand::Harmless;
    for (size_t i = block.begin; i < block.commit; ++i) {
      worst = std::max(worst, psql_commands_after(document_, i));
    }
    return worst;
  }

  /// Is a foreign key deferred, as far as the file tells?
  bool defers(const Block& block) {
    for (const size_t i : block.statements) {
      const Statement& statement = document_.statements()[i];
      const auto* set = tree_of(statement).as<pg::ConstraintsSetStmt>();
      if (set != nullptr && set->deferred()) return true;
      for (const RowUse& use : statement.row_uses) {
        const std::string name(ctx_.source().slice(use.name));
        if (deferring_tables().contains(parse_object_name(name).name)) return true;
      }
    }
    return false;
  }

  /// Bare names of tables with an INITIALLY DEFERRED foreign key.
  const NameSet<>& deferring_tables() {
    if (deferring_tables_) return *deferring_tables_;
    deferring_tables_.emplace();
    const auto look = [&](const pg::RangeVar& table, const pg::Constraint& constraint) {
      if (constraint.initdeferred()) deferring_tables_->insert(table.relname());
    };
    for (const auto& [i, create] : StatementsOf<pg::CreateStmt>(document_)) {
      for (const pg::Node& element : create.table_elts()) {
        look(create.relation(), element.constraint());
        // A column's own: DEFERRABLE and INITIALLY DEFERRED are nodes beside it.
        for (const pg::Node& part : element.column_def().constraints()) {
          if (part.constraint().contype() != pg::CONSTR_ATTR_DEFERRED) continue;
          deferring_tables_->insert(create.relation().relname());
        }
      }
    }
    for (const auto& [i, alter] : StatementsOf<pg::AlterTableStmt>(document_)) {
      for (const pg::Node& node : alter.cmds()) {
        look(alter.relation(), node.alter_table_cmd().def().constraint());
      }
    }
    return *deferring_tables_;
  }

  std::vector<Edit> split(const Block& block) const {
    const std::span<const Statement> statements = document_.statements();
    const std::string begin = text_of(block.begin);
    const std::string commit = match_case(begin.substr(0, begin.find(' ')), "COMMIT");
    std::vector<Edit> edits;
    for (const size_t nested : block.nested) {
      edits.push_back(fixers::remove_statement(ctx_.source(), statements[nested]));
    }
    Settings carried;
    bool alone = false;      // the transaction so far holds a DDL statement
    bool something = false;  // or anything but what is carried
    for (size_t k = 0; k < block.statements.size(); ++k) {
      const size_t i = block.statements[k];
      const bool ddl = statements[i].cls == StatementClass::Ddl;
      carried.forget(tree_of(statements[i]));
      if (something && (alone || ddl)) {
        std::vector<std::string> between = {commit, begin};
        carried.say(between);
        edits.push_back(insert_between(block.statements[k - 1], i, between));
        something = alone = false;
      }
      if (is_bound_to_transaction(statements[i])) {
        carried.add(tree_of(statements[i]), text_of(i));
      } else {
        something = true;
        alone = alone || ddl;
      }
    }
    return edits;
  }

  /// The statement on one line, without comments.
  std::string text_of(size_t i) const {
    const Tokens tokens = document_.tokens(i);
    if (tokens.comments().empty()) return std::string(tokens.text(tokens.all()));
    std::string text;
    for (size_t t = 0; t < tokens.size(); ++t) {
      if (t > 0 && !tokens.is_op(t, ",")) text += ' ';
      text += tokens.text(t);
    }
    return text;
  }

  Edit insert_between(size_t before, size_t after, const std::vector<std::string>& added) const {
    const Statement& statement = document_.statements()[before];
    const Statement& next = document_.statements()[after];
    const std::string_view text = ctx_.source().text();
    if (statement.kind == pg::Node::kCopyStmt) {
      const size_t end = text.find("\n\\.", statement.end);
      if (end < next.range.begin) {
        // After the rows.
        const uint32_t at = static_cast<uint32_t>(end) + 3;
        std::string inserted;
        for (const std::string& sql : added) {
          inserted += std::string(fixers::line_break(text)) + sql + ";";
        }
        return {{at, at}, std::move(inserted), 2};
      }
    }
    const std::string_view gap = text.substr(statement.end, next.range.begin - statement.end);
    if (gap.find('\n') != std::string_view::npos) {
      return fixers::insert_statements_after(ctx_.source(), statement, added);
    }
    std::string inserted;
    for (const std::string& sql : added) inserted += " " + sql + ";";
    return {{statement.end, statement.end}, std::move(inserted), 2};
  }

  ScriptContext& ctx_;
  const Document& document_;
  std::vector<Block> blocks_;
  std::optional<NameSet<>> deferring_tables_;
};

/// Statements with psql's `\;` between them, which are one message and so one transaction. A BEGIN
/// in the message makes one transaction of what stands before it and what follows.
struct Message {
  std::vector<size_t> statements;  ///< outside of BEGIN … COMMIT, without what a fix deletes
  uint64_t ddl = 0;                ///< up to COMMIT
  uint64_t dml = 0;
  Carried block;  ///< of that, after BEGIN
  bool has_begin = false;
  bool rolled_back = false;
};

/// A command between the two, \gset or \g, may send what has been read so far.
bool continues_message(const Statement& statement, const Statement* next, std::string_view text) {
  if (statement.semicolon || !text.substr(0, statement.end).ends_with("\\;")) return false;
  if (next == nullptr) return false;
  Lexer lexer(text, statement.end, next->range.begin);
  Token token;
  while (lexer.next(token)) {
    if (token.kind == TokenKind::MetaCommand) return false;
  }
  return true;
}

/// In the order of the text. Inside of BEGIN … COMMIT, `\;` makes no difference.
std::vector<Message> messages(const ScriptContext& ctx) {
  std::vector<Message> found;
  // A runner does not know psql's commands.
  if (!ctx.layout().transactions.empty()) return found;
  const std::string_view text = ctx.source().text();
  const std::span<const Statement> statements = ctx.document().statements();
  bool in_block = false;
  bool open = false;     // the last message goes on
  bool holding = false;  // found.back() is not committed yet
  for (size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    const StatementClass cls = statement.cls;
    if (ctx.document().starts_file(i)) in_block = open = holding = false;
    const bool ends_file = i + 1 == statements.size() || ctx.document().starts_file(i + 1);
    const bool more = continues_message(statement, ends_file ? nullptr : &statements[i + 1], text);
    if (cls == StatementClass::Begin) {
      in_block = true;
      if (holding) found.back().has_begin = true;
    } else if (cls == StatementClass::Commit || cls == StatementClass::Rollback) {
      if (holding) found.back().rolled_back = cls == StatementClass::Rollback;
      in_block = holding = false;
    } else if (!ctx.removed(statement)) {
      if (!in_block && !holding && (more || open)) {
        found.emplace_back();
        holding = true;
      }
      if (holding) {
        Message& message = found.back();
        const uint64_t ddl = cls == StatementClass::Ddl ? statement.count : 0;
        const uint64_t dml = cls == StatementClass::Dml ? statement.count : 0;
        message.ddl += ddl;
        message.dml += dml;
        if (in_block) {
          message.block.ddl += ddl;
          message.block.dml += dml;
        } else {
          message.statements.push_back(i);
        }
      }
    }
    open = more;
    if (!more && !in_block) holding = false;
  }
  return found;
}

template <typename Judge>
void report_messages(ScriptContext& ctx, Judge&& judge) {
  const std::span<const Statement> statements = ctx.document().statements();
  for (const Message& message : messages(ctx)) {
    const std::string what = judge(message);
    // Of a block that breaks the rule alone, Blocks speaks.
    if (what.empty() || what == judge(message.block)) continue;
    // Each DDL statement becomes a separate message, and each run of others one.
    std::vector<Edit> edits;
    for (size_t k = 0; k < message.statements.size(); ++k) {
      const Statement& statement = statements[message.statements[k]];
      if (k + 1 < message.statements.size()) {
        const Statement& next = statements[message.statements[k + 1]];
        if (statement.cls != StatementClass::Ddl && next.cls != StatementClass::Ddl) continue;
      } else if (!message.has_begin) {
        break;
      }
      edits.push_back(fixers::replace({statement.end - 2, statement.end - 1}, ""));
    }
    const uint32_t at = edits.front().range.begin;
    Diagnostic finding{.range = {at, at + 2}};
    if (message.has_begin) {
      finding.message = fmt::format("the transaction formed by `\\;` and BEGIN {}", what);
      finding.notes.push_back(
          {"in a message, BEGIN does not commit what stands before it: that belongs to the same "
           "transaction"});
    } else {
      finding.message = fmt::format("the message formed by `\\;` {}", what);
    }
    if (message.rolled_back) {
      finding.notes.push_back(
          {"ROLLBACK undoes statements that separate transactions would keep, so the message is "
           "not split"});
    } else {
      finding.notes.push_back(
          {"one message is one transaction; with `;` its statements are sent, and committed, one "
           "by "
           "one"});
      finding.fix = Fix{Safety::Review, "write `;`", std::move(edits)};
    }
    ctx.report(std::move(finding));
  }
}

std::string count(uint64_t n, std::string_view kind) {
  return fmt::format("{} {} statement{}", n, kind, n == 1 ? "" : "s");
}

std::string too_much_ddl(uint64_t ddl) {
  return ddl < 2 ? "" : fmt::format("holds {}", count(ddl, "DDL"));
}

std::string mixture(uint64_t ddl, uint64_t dml) {
  return ddl == 0 || dml == 0
             ? ""
             : fmt::format("mixes {} with {}", count(ddl, "DDL"), count(dml, "DML"));
}

void check_multi(ScriptContext& ctx) {
  const auto judge = [](const auto& held) { return too_much_ddl(held.ddl); };
  Blocks(ctx).report(judge);
  report_messages(ctx, judge);
  report_runner_multi_ddl(ctx);
}

void check_mixed(ScriptContext& ctx) {
  const auto judge = [](const auto& held) { return mixture(held.ddl, held.dml); };
  Blocks(ctx).report(judge);
  report_messages(ctx, judge);
  report_runner_mixed(ctx);
}

constexpr std::array kRules = {rule<check_multi>(kMulti), rule<check_mixed>(kMixed)};

}  // namespace

std::span<const Rule> ddl_transaction() { return kRules; }

}  // namespace dsqlint
