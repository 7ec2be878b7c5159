// BEGIN, COMMIT and SET TRANSACTION: isolation levels and modes, AND CHAIN, two-phase commit, and
// SET CONSTRAINTS.

#include <fmt/format.h>

#include <array>
#include <optional>

#include "engine/lint/rule.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kIsolation{
    .id = "transaction_isolation",
    .summary = "every transaction is REPEATABLE READ",
    .why =
        "Aurora DSQL runs each transaction on one snapshot and finds conflicts at\n"
        "COMMIT, which then fails with 40001; retry the transaction. Other isolation\n"
        "levels are refused. Code written for SERIALIZABLE has to lock what it reads\n"
        "and relies on with `FOR UPDATE`; code written for READ COMMITTED no longer\n"
        "sees what others commit in the meantime.",
    .bad = "begin isolation level serializable;\nselect 1;\ncommit;",
    .good = "begin isolation level repeatable read;\nselect 1;\ncommit;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kDeferrable{
    .id = "transaction_deferrable",
    .summary = "a transaction cannot be DEFERRABLE",
    .why =
        "In PostgreSQL the mode makes a serializable, read-only transaction wait for a\n"
        "safe snapshot, and does nothing at any other isolation level. Aurora DSQL\n"
        "refuses it.",
    .bad = "begin read only, deferrable;\nselect 1;\ncommit;",
    .good = "begin read only;\nselect 1;\ncommit;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kSetTransaction{
    .id = "set_transaction",
    .summary = "SET TRANSACTION is not supported",
    .why =
        "It is refused in every form, even for the isolation level that is used anyway,\n"
        "and the refusal aborts the transaction. Write the modes in BEGIN.",
    .bad = "begin;\nset transaction read only;\nselect 1;\ncommit;",
    .good = "begin read only;\nselect 1;\ncommit;",
    .fixes = Fixes::Sometimes,
    .help =
        "write the modes after BEGIN, where the transaction starts: `BEGIN ISOLATION LEVEL "
        "REPEATABLE READ READ ONLY`",
};

constexpr RuleInfo kSessionCharacteristics{
    .id = "set_session_characteristics",
    .summary = "SET SESSION CHARACTERISTICS is not supported",
    .why =
        "Without it every transaction is REPEATABLE READ READ WRITE, unless its BEGIN says READ\n"
        "ONLY.",
    .bad = "set session characteristics as transaction read write;",
    .fixes = Fixes::Sometimes,
    .help = "write READ ONLY in each BEGIN",
    .accepted = Capability::SessionCharacteristics,
};

constexpr RuleInfo kChain{
    .id = "transaction_chain",
    .summary = "AND CHAIN is not supported",
    .why = "End the transaction, then begin the next one with a separate BEGIN.",
    .bad = "begin read only;\nselect 1;\ncommit and chain;\nselect 2;\ncommit;",
    .good = "begin read only;\nselect 1;\ncommit;\nbegin read only;\nselect 2;\ncommit;",
    .fixes = Fixes::Sometimes,
    .help = "remove AND CHAIN and write the BEGIN of the next transaction, with its modes",
};

constexpr RuleInfo kTwoPhase{
    .id = "two_phase_commit",
    .summary = "two-phase commit is not supported",
    .why =
        "There is no PREPARE TRANSACTION and therefore no COMMIT PREPARED or ROLLBACK\n"
        "PREPARED: a transaction begins and ends in one session, within five minutes.",
    .bad = "begin;\nselect 1;\nprepare transaction 'order-17';",
    .help =
        "COMMIT here, and keep several systems consistent with an outbox table or compensating "
        "statements",
};

constexpr RuleInfo kConstraints{
    .id = "set_constraints",
    .summary = "SET CONSTRAINTS requires foreign keys, which are not supported at this engine date",
    .why =
        "Only foreign keys can be deferred. Without them the statement is refused, and\n"
        "has nothing to do.",
    .bad = "begin;\nset constraints all deferred;\nselect 1;\ncommit;",
    .good = "begin;\nselect 1;\ncommit;",
    .fixes = Fixes::Always,
    .accepted = Capability::ForeignKeys,
};

constexpr std::string_view kLevel = "REPEATABLE READ";

enum class ModeKind : uint8_t { Level, ReadOnly, ReadWrite, Deferrable };

struct Mode {
  ModeKind kind = ModeKind::Level;
  TokenSpan tokens;  ///< the whole mode
  TokenSpan value;   ///< of a level: its name
  bool off = false;  ///< NOT DEFERRABLE
};

/// The transaction modes from token `i` on, commas or not.
std::vector<Mode> modes_from(const Tokens& tokens, size_t i) {
  std::vector<Mode> modes;
  while (i < tokens.size()) {
    Mode mode;
    if (tokens.are(i, {"isolation", "level"})) {
      const size_t level = i + 2;
      const size_t end =
          std::min(level + (tokens.is(level, "serializable") ? 1 : 2), tokens.size());
      mode = {ModeKind::Level, {i, end}, {level, end}};
    } else if (tokens.is(i, "read")) {
      const size_t end = std::min(i + 2, tokens.size());
      mode = {tokens.is(i + 1, "only") ? ModeKind::ReadOnly : ModeKind::ReadWrite, {i, end}, {}};
    } else if (tokens.is(i, "deferrable")) {
      mode = {ModeKind::Deferrable, {i, i + 1}, {}};
    } else if (tokens.are(i, {"not", "deferrable"})) {
      mode = {ModeKind::Deferrable, {i, i + 2}, {}, true};
    } else {
      ++i;
      continue;
    }
    i = mode.tokens.end;
    modes.push_back(mode);
  }
  return modes;
}

bool is_accepted(const Mode& mode, const Tokens& tokens) {
  return tokens.are(mode.value.begin, {"repeatable", "read"});
}

std::string level_note(std::string_view level) {
  return equals_ignoring_case(level, "serializable")
             ? "two transactions that read what the other one writes can now both commit: lock the "
               "rows that they rely on with `FOR UPDATE`, and retry on 40001"
             : "the transaction sees one snapshot from its start on, and COMMIT fails with 40001 "
               "if others changed the same rows: retry it";
}

/// Deletes one mode of a list whose commas are optional.
Edit remove_mode(const Tokens& tokens, TokenSpan mode, std::string_view text) {
  if (tokens.is_op(mode.begin - 1, ",")) {
    --mode.begin;
  } else if (tokens.is_op(mode.end, ",")) {
    ++mode.end;
  }
  return fixers::remove(tokens, mode, text);
}

bool is_begin(const pg::TransactionStmt& statement) {
  return statement.kind() == pg::TRANS_STMT_BEGIN || statement.kind() == pg::TRANS_STMT_START;
}

/// Past SET SESSION CHARACTERISTICS AS TRANSACTION.
constexpr size_t kCharacteristics = 5;

bool is_characteristics(const pg::VariableSetStmt& set) {
  return set.kind() == pg::VAR_SET_MULTI && set.name() == "SESSION CHARACTERISTICS";
}

void report_levels(Context& ctx, size_t first) {
  const Tokens& tokens = ctx.tokens();
  for (const Mode& mode : modes_from(tokens, first)) {
    if (mode.kind != ModeKind::Level || is_accepted(mode, tokens)) continue;
    const std::string_view level = tokens.text(mode.value);
    ctx.report({
        .range = tokens.range(mode.value),
        .message = fmt::format("isolation level `{}` is not supported", level),
        .notes = {{level_note(level)}},
        .fix = Fix{Safety::Review,
                   "replace the level with `REPEATABLE READ`",
                   {fixers::replace(tokens, mode.value, match_case(level, kLevel))}},
    });
  }
}

void check_isolation(const pg::TransactionStmt& statement, Context& ctx) {
  if (is_begin(statement) && statement.options_size() > 0) report_levels(ctx, 1);
}

void report_deferrable(Context& ctx, size_t first) {
  const Tokens& tokens = ctx.tokens();
  const std::vector<Mode> modes = modes_from(tokens, first);
  const bool serializable = std::any_of(modes.begin(), modes.end(), [&](const Mode& mode) {
    return mode.kind == ModeKind::Level && tokens.is(mode.value.begin, "serializable");
  });
  for (const Mode& mode : modes) {
    if (mode.kind != ModeKind::Deferrable) continue;
    const bool waits = serializable && !mode.off;
    const Safety safety = waits ? Safety::Review : Safety::Exact;
    // SET SESSION CHARACTERISTICS without a mode is no statement.
    const bool only = first == kCharacteristics && modes.size() == 1;
    ctx.report({
        .range = tokens.range(mode.tokens),
        .message = fmt::format("`{}` is not supported", tokens.text(mode.tokens)),
        .notes = {{waits ? "the transaction no longer waits for a snapshot without anomalies"
                         : "it has no effect at this isolation level"}},
        .fix = only ? Fix{safety,
                          "remove the statement",
                          {fixers::remove_statement(ctx.source(), ctx.statement())}}
                    : Fix{safety,
                          "remove the mode",
                          {remove_mode(tokens, mode.tokens, ctx.source().text())}},
    });
  }
}

void check_deferrable(const pg::TransactionStmt& statement, Context& ctx) {
  if (is_begin(statement) && statement.options_size() > 0) report_deferrable(ctx, 1);
}

/// The transaction that the statements being read are in.
struct Block {
  size_t begin = Tokens::npos;  ///< its BEGIN; npos: unknown
  bool fresh = false;           ///< only SET has run so far
  bool level = false;           ///< BEGIN, or a SET TRANSACTION merged into it, names a level
  std::optional<ModeKind> access;
};

Block open_block(const Tokens& tokens, size_t index) {
  Block block{.begin = index, .fresh = true};
  for (const Mode& mode : modes_from(tokens, 1)) {
    if (mode.kind == ModeKind::Level) block.level = true;
    if (mode.kind == ModeKind::ReadOnly || mode.kind == ModeKind::ReadWrite) {
      block.access = mode.kind;
    }
  }
  return block;
}

/// What SET TRANSACTION says that its block's BEGIN does not say yet; nothing when it contradicts.
std::optional<std::string> missing_modes(const std::vector<Mode>& modes, Block& block) {
  Block merged = block;
  std::string added;
  for (const Mode& mode : modes) {
    switch (mode.kind) {
      case ModeKind::Level:
        if (!merged.level) added += fmt::format(" ISOLATION LEVEL {}", kLevel);
        merged.level = true;
        break;
      case ModeKind::ReadOnly:
      case ModeKind::ReadWrite:
        if (merged.access && *merged.access != mode.kind) return std::nullopt;
        if (!merged.access) {
          added += mode.kind == ModeKind::ReadOnly ? " READ ONLY" : " READ WRITE";
        }
        merged.access = mode.kind;
        break;
      case ModeKind::Deferrable:
        break;
    }
  }
  block = merged;
  return added;
}

void report_set_transaction(ScriptContext& ctx, size_t index, Block& block) {
  const Document& document = ctx.document();
  const Statement& statement = document.statements()[index];
  const Tokens tokens = document.tokens(index);
  const size_t word = tokens.find(tokens.all(), "transaction");
  Diagnostic finding{.range = tokens.range(TokenSpan{0, word == Tokens::npos ? 1 : word + 1})};
  const bool snapshot = tokens.is(word + 1, "snapshot");
  if (snapshot) {
    finding.message = "SET TRANSACTION SNAPSHOT is not supported";
    finding.help = "read what has to be consistent in one transaction: snapshots cannot be shared";
  } else if (word != Tokens::npos && block.begin != Tokens::npos && block.fresh) {
    const std::vector<Mode> modes = modes_from(tokens, word + 1);
    if (const auto added = missing_modes(modes, block)) {
      for (const Mode& mode : modes) {
        if (mode.kind != ModeKind::Level || is_accepted(mode, tokens)) continue;
        const std::string_view level = tokens.text(mode.value);
        finding.notes.push_back({fmt::format("`{}` becomes `{}`: {}", level,
                                             match_case(level, kLevel), level_note(level))});
      }
      finding.fix =
          Fix{Safety::Review, "move the modes into BEGIN",
              fixers::remove_statement_around_comments(ctx.source(), statement, tokens, {})};
      const Tokens begin = document.tokens(block.begin);
      if (!added->empty()) {
        finding.fix->edits.push_back(
            fixers::insert_after(begin, begin.size() - 1, match_case(begin.text(0), *added)));
      }
    }
  }
  ctx.report(std::move(finding));
}

/// On an engine that refuses the statement.
void report_characteristics(Context& ctx, bool wrong_level) {
  const Tokens& tokens = ctx.tokens();
  std::vector<Note> notes = {{ctx.engine().refusal(Capability::SessionCharacteristics)}};
  bool read_only = false;
  bool wrong = false;
  for (const Mode& mode : modes_from(tokens, kCharacteristics)) {
    read_only = read_only || mode.kind == ModeKind::ReadOnly;
    if (mode.kind != ModeKind::Level || is_accepted(mode, tokens)) continue;
    wrong = true;
    notes.push_back({level_note(tokens.text(mode.value))});
  }
  if (wrong != wrong_level) return;
  Diagnostic finding{.range = tokens.range(TokenSpan{0, kCharacteristics}),
                     .notes = std::move(notes)};
  if (read_only) {
    finding.help = kSessionCharacteristics.help;
  } else {
    finding.notes.push_back({"without it transactions are REPEATABLE READ READ WRITE"});
    finding.fix = Fix{Safety::Review,
                      "remove the statement",
                      {fixers::remove_statement(ctx.source(), ctx.statement())}};
  }
  ctx.report(std::move(finding));
}

void check_session_isolation(const pg::VariableSetStmt& set, Context& ctx) {
  if (!is_characteristics(set)) return;
  if (ctx.engine().accepts(Capability::SessionCharacteristics)) {
    report_levels(ctx, kCharacteristics);
  } else {
    report_characteristics(ctx, true);
  }
}

void check_session_deferrable(const pg::VariableSetStmt& set, Context& ctx) {
  if (is_characteristics(set) && ctx.engine().accepts(Capability::SessionCharacteristics)) {
    report_deferrable(ctx, kCharacteristics);
  }
}

void check_session_characteristics(const pg::VariableSetStmt& set, Context& ctx) {
  if (is_characteristics(set) && !ctx.engine().accepts(Capability::SessionCharacteristics)) {
    report_characteristics(ctx, false);
  }
}

bool is_set(const Statement& statement, std::string_view what) {
  const auto* set = tree_of(statement).as<pg::VariableSetStmt>();
  return set != nullptr && set->kind() == pg::VAR_SET_MULTI && set->name() == what;
}

void check_set_transaction(ScriptContext& ctx) {
  const auto statements = ctx.document().statements();
  const std::span<const uint32_t> sets = ctx.document().of_kind(pg::Node::kVariableSetStmt);
  const bool any = std::any_of(sets.begin(), sets.end(), [&](uint32_t i) {
    return is_set(statements[i], "TRANSACTION") || is_set(statements[i], "TRANSACTION SNAPSHOT");
  });
  if (!any) return;
  Block block;
  for (size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    if (ctx.document().starts_file(i)) block = {};
    if (is_set(statement, "TRANSACTION") || is_set(statement, "TRANSACTION SNAPSHOT")) {
      report_set_transaction(ctx, i, block);
    } else if (statement.cls == StatementClass::Begin && block.begin == Tokens::npos) {
      block = open_block(ctx.document().tokens(i), i);
    } else if (statement.cls == StatementClass::Commit ||
               statement.cls == StatementClass::Rollback) {
      block = {};
    } else if (statement.kind != pg::Node::kVariableSetStmt) {
      block.fresh = false;
    }
  }
}

void check_chain(ScriptContext& ctx) {
  if (ctx.document().of_kind(pg::Node::kTransactionStmt).empty()) return;
  const auto statements = ctx.document().statements();
  Block block;
  Block said;         // by BEGIN and the SET TRANSACTIONs after it
  std::string modes;  // the same, as the next BEGIN has to say it
  for (size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    if (ctx.document().starts_file(i)) block = {};
    const bool begins = statement.cls == StatementClass::Begin && block.begin == Tokens::npos;
    if (begins) {
      block.begin = i;
      said = {};
      modes.clear();
    }
    if (begins || is_set(statement, "TRANSACTION")) {
      modes += missing_modes(modes_from(ctx.document().tokens(i), 1), said).value_or("");
    }
    if (statement.cls != StatementClass::Commit && statement.cls != StatementClass::Rollback) {
      continue;
    }
    const auto* end = tree_of(statement).as<pg::TransactionStmt>();
    if (end == nullptr || !end->chain()) {
      block = {};
      continue;
    }
    const Tokens tokens = ctx.document().tokens(i);
    const size_t chain = tokens.find(tokens.all(), "and");
    if (chain == Tokens::npos) continue;
    const TokenSpan words{chain, tokens.size()};
    Diagnostic finding{.range = tokens.range(words)};
    if (block.begin != Tokens::npos) {
      const Tokens begin = ctx.document().tokens(block.begin);
      const std::vector<Mode> first = modes_from(begin, 1);
      std::string next(begin.text({0, first.empty() ? begin.size() : first[0].tokens.begin}));
      next += match_case(begin.text(0), modes);
      finding.notes.push_back({"other sessions may commit between the two statements"});
      finding.fix = Fix{Safety::Review,
                        fmt::format("begin the next transaction with `{}`", next),
                        {fixers::remove(tokens, words, ctx.source().text()),
                         fixers::insert_statement_after(ctx.source(), statement, next)}};
    }
    ctx.report(std::move(finding));
  }
}

void check_two_phase(const pg::TransactionStmt& statement, Context& ctx) {
  std::string_view command;
  switch (statement.kind()) {
    case pg::TRANS_STMT_PREPARE:
      ctx.report({.range = ctx.head(),
                  .message = fmt::format("transaction `{}` is prepared for a two-phase commit",
                                         statement.gid())});
      return;
    case pg::TRANS_STMT_COMMIT_PREPARED:
      command = "COMMIT PREPARED";
      break;
    case pg::TRANS_STMT_ROLLBACK_PREPARED:
      command = "ROLLBACK PREPARED";
      break;
    default:
      return;
  }
  ctx.report({.range = ctx.head(),
              .message = fmt::format("{} is not supported", command),
              .help = "remove it: no transaction can be prepared"});
}

void check_constraints(const pg::ConstraintsSetStmt&, Context& ctx) {
  if (ctx.engine().accepts(Capability::ForeignKeys)) return;
  ctx.report({
      .range = ctx.head(),
      .message = "SET CONSTRAINTS is not supported",
      .notes = {{ctx.engine().refusal(Capability::ForeignKeys)}},
      .fix = Fix{Safety::Review,
                 "remove the statement",
                 {fixers::remove_statement(ctx.source(), ctx.statement())}},
  });
}

constexpr std::array kRules = {
    rule<check_isolation>(kIsolation),
    rule<check_session_isolation>(kIsolation),
    rule<check_deferrable>(kDeferrable),
    rule<check_session_deferrable>(kDeferrable),
    rule<check_set_transaction>(kSetTransaction),
    rule<check_session_characteristics>(kSessionCharacteristics),
    rule<check_chain>(kChain),
    rule<check_two_phase>(kTwoPhase),
    rule<check_constraints>(kConstraints),
};

}  // namespace

std::span<const Rule> transaction_statements() { return kRules; }

}  // namespace dsqlint
