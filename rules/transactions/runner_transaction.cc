// What a runner's transaction may hold, and how it is taken from the runner.

#include "rules/transactions/runner_transaction.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/lint/runner_segments.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

std::string counted(uint64_t n, std::string_view kind) {
  return fmt::format("{} {} statement{}", n, kind, n == 1 ? "" : "s");
}

/// The statements of a file by what the runner commits together, for all rules that ask.
struct RunnerFacts {
  struct Held {
    RunnerSegment segment;        ///< without what a fix deletes
    std::vector<size_t> members;  ///< before BEGIN and after it
    std::vector<size_t> ddl;
    std::vector<size_t> dml;
    Carried before;
    bool readable = true;
  };
  std::vector<Held> held;

  explicit RunnerFacts(ScriptContext& ctx) {
    const std::span<const Statement> statements = ctx.document().statements();
    bool first = true;
    for (RunnerSegment& segment : runner_segments(ctx.document(), ctx.layout())) {
      Held next;
      if (segment.transaction == 0 && first) {
        next.before = ctx.carried();
        first = false;
      }
      for (std::vector<size_t>* members : {&segment.statements, &segment.block}) {
        std::erase_if(*members, [&](size_t i) { return ctx.removed(statements[i]); });
        next.members.insert(next.members.end(), members->begin(), members->end());
      }
      for (const size_t i : next.members) {
        const StatementClass cls = statements[i].cls;
        if (cls == StatementClass::Unreadable) next.readable = false;
        if (cls == StatementClass::Ddl) next.ddl.push_back(i);
        if (cls == StatementClass::Dml) next.dml.push_back(i);
      }
      next.segment = std::move(segment);
      held.push_back(std::move(next));
    }
  }
};

uint64_t count_of(std::span<const Statement> statements, const std::vector<size_t>& indexes) {
  uint64_t n = 0;
  for (const size_t i : indexes) n += statements[i].count;
  return n;
}

/// Does what stands before a BEGIN of the text hold a statement of these? Of a block that breaks a
/// rule alone, the rules about BEGIN … COMMIT speak.
bool adds_any(const RunnerFacts::Held& held, const std::vector<size_t>& indexes) {
  const std::vector<size_t>& own = held.segment.statements;
  return !own.empty() && !indexes.empty() && indexes.front() <= own.back();
}

/// The first word or two.
Range head_of(const Document& document, size_t statement) {
  const Tokens tokens = document.tokens(statement);
  return tokens.range(TokenSpan{0, std::min<size_t>(2, tokens.size())});
}

/// BEGIN and COMMIT around each DDL statement and around each run of others, as far as the text has
/// no BEGIN of its own; none around a statement that is alone.
std::vector<Edit> blocks_around(const ScriptContext& ctx, const RunnerFacts::Held& held) {
  const std::span<const Statement> statements = ctx.document().statements();
  const std::vector<size_t>& members = held.segment.statements;
  if (members.empty() || (members.size() == 1 && !held.segment.has_begin)) return {};
  const std::string_view text = ctx.source().text();
  // Not the name after it, which may have been quoted for its upper and lower case.
  const Tokens first = ctx.document().tokens(members.front());
  const std::string_view sample = first.text(TokenSpan{0, std::min<size_t>(1, first.size())});
  const std::string begin = match_case(sample, "BEGIN");
  const std::string commit = match_case(sample, "COMMIT");
  const uint32_t at = statements[members.front()].range.begin;
  std::vector<Edit> edits;
  std::string opening = begin + ";";
  opening += fixers::line_break(text);
  opening += fixers::indentation(text, at);
  edits.push_back({{at, at}, std::move(opening), 3});
  for (size_t k = 1; k < members.size(); ++k) {
    const bool apart = statements[members[k - 1]].cls == StatementClass::Ddl ||
                       statements[members[k]].cls == StatementClass::Ddl;
    if (!apart) continue;
    edits.push_back(
        fixers::insert_statements_after(ctx.source(), statements[members[k - 1]], {commit, begin}));
  }
  edits.push_back(
      fixers::insert_statements_after(ctx.source(), statements[members.back()], {commit}));
  return edits;
}

/// The runner's mark after each DDL statement and before it, where another one stands there.
std::vector<Edit> marks_between(const ScriptContext& ctx, const RunnerFacts::Held& held,
                                std::string_view mark) {
  const std::span<const Statement> statements = ctx.document().statements();
  const std::vector<size_t>& members = held.segment.statements;
  const std::string_view text = ctx.source().text();
  std::vector<Edit> edits;
  for (size_t k = 1; k <= members.size(); ++k) {
    const Statement& before = statements[members[k - 1]];
    if (k == members.size()) {
      if (!held.segment.has_begin) break;
    } else if (before.cls != StatementClass::Ddl &&
               statements[members[k]].cls != StatementClass::Ddl) {
      continue;
    }
    std::string added(mark);
    // The mark is a comment: it must not swallow a statement on its line.
    const size_t next = text.find_first_not_of(" \t", before.end);
    const size_t after = members[k - 1] + 1;
    if (after < statements.size() && next == statements[after].range.begin) {
      added += fixers::line_break(text);
    }
    edits.push_back({{before.end, before.end}, std::move(added), 3});
  }
  return edits;
}

/// Why the transaction stays as it is; empty where it can be taken apart.
std::string_view obstacle(const RunnerFacts::Held& held, const RunnerTransaction& transaction) {
  if (held.segment.rolled_back) {
    return "ROLLBACK undoes statements that separate transactions would keep, so the transaction "
           "is not split";
  }
  if (held.segment.has_begin && held.segment.last && !transaction.message) {
    return "the text does not commit what it begins with BEGIN, so the transaction is not split: "
           "write COMMIT, or remove BEGIN";
  }
  if (transaction.opt_out == OptOut::Blocks && !held.readable) {
    return "a statement in it cannot be parsed, so the transaction is not split";
  }
  return {};
}

/// Has it more DDL statements than one, or DML beside one, with what stands before BEGIN?
bool breaks_a_rule(const ScriptContext& ctx, const RunnerFacts::Held& held) {
  const std::span<const Statement> statements = ctx.document().statements();
  const bool more = count_of(statements, held.ddl) > 1 || !held.dml.empty();
  return !held.ddl.empty() && more && (adds_any(held, held.ddl) || adds_any(held, held.dml));
}

void report(ScriptContext& ctx, const RunnerFacts::Held& held, size_t at, std::string message) {
  const RunnerTransaction& transaction = ctx.layout().transactions[held.segment.transaction];
  Diagnostic finding{.range = head_of(ctx.document(), at), .message = std::move(message)};
  finding.statement = ctx.document().statements()[at].range;
  const bool in_blocks = transaction.opt_out == OptOut::Blocks;
  if (held.segment.has_begin && !held.segment.block.empty()) {
    finding.notes.push_back(
        {transaction.message
             ? "in a message, BEGIN does not commit what stands before it: that belongs to the "
               "same "
               "transaction"
             : "BEGIN does nothing here, because the transaction has already begun"});
  }
  const std::string_view whole = obstacle(held, transaction);
  if (transaction.opt_out == OptOut::Impossible) {
    finding.help = transaction.help;
  } else if (!whole.empty()) {
    if (in_blocks && !held.segment.rolled_back) {
      finding.help = "write BEGIN and COMMIT around each DDL statement, and around the others";
    }
    finding.notes.push_back({std::string(whole)});
  } else {
    Fix fix{.safety = Safety::Review, .title = transaction.title, .edits = transaction.edits};
    if (in_blocks) {
      for (const RunnerFacts::Held& other : ctx.facts<RunnerFacts>().held) {
        // What takes the transaction away makes a message of all that the text does in it.
        const bool goes_along =
            &other == &held || (!transaction.message && breaks_a_rule(ctx, other) &&
                                other.segment.transaction == held.segment.transaction &&
                                obstacle(other, transaction).empty());
        if (!goes_along) continue;
        for (Edit& edit : blocks_around(ctx, other)) fix.edits.push_back(std::move(edit));
      }
    }
    if (transaction.opt_out == OptOut::Marks) {
      fix.edits = marks_between(ctx, held, transaction.mark);
    }
    finding.notes.push_back(
        {"it is no longer all or nothing: if a later statement fails, the changes before it stay"});
    finding.fix = std::move(fix);
  }
  ctx.report(std::move(finding));
}

}  // namespace

void report_runner_multi_ddl(ScriptContext& ctx) {
  if (ctx.layout().transactions.empty()) return;
  const std::span<const Statement> statements = ctx.document().statements();
  for (const RunnerFacts::Held& held : ctx.facts<RunnerFacts>().held) {
    const uint64_t ddl = held.before.ddl + count_of(statements, held.ddl);
    if (held.ddl.empty() || ddl < 2) continue;
    if (held.before.ddl == 0 && !adds_any(held, held.ddl)) continue;
    const std::string& subject = ctx.layout().transactions[held.segment.transaction].subject;
    report(ctx, held, held.ddl[held.before.ddl > 0 || held.ddl.size() < 2 ? 0 : 1],
           held.before.ddl > 0
               ? fmt::format("{} has {} before this file", subject, counted(held.before.ddl, "DDL"))
               : fmt::format("{} holds {}", subject, counted(ddl, "DDL")));
  }
}

void report_runner_mixed(ScriptContext& ctx) {
  if (ctx.layout().transactions.empty()) return;
  const std::span<const Statement> statements = ctx.document().statements();
  for (const RunnerFacts::Held& held : ctx.facts<RunnerFacts>().held) {
    const RunnerTransaction& transaction = ctx.layout().transactions[held.segment.transaction];
    const uint64_t ddl = held.before.ddl + count_of(statements, held.ddl);
    const uint64_t dml = held.before.dml + count_of(statements, held.dml);
    const bool mixed_before = held.before.ddl > 0 && held.before.dml > 0;
    const bool adds = held.before.ddl > 0 || held.before.dml > 0 || adds_any(held, held.ddl) ||
                      adds_any(held, held.dml);
    if (ddl > 0 && dml > 0 && adds && !mixed_before) {
      // Where the second kind comes in.
      bool has_ddl = held.before.ddl > 0;
      bool has_dml = held.before.dml > 0;
      for (const size_t i : held.members) {
        has_ddl = has_ddl || statements[i].cls == StatementClass::Ddl;
        has_dml = has_dml || statements[i].cls == StatementClass::Dml;
        if (!has_ddl || !has_dml) continue;
        report(ctx, held, i,
               fmt::format("{} mixes {} with {}", transaction.subject, counted(ddl, "DDL"),
                           counted(dml, "DML")));
        break;
      }
    } else if (ddl == 1 && dml == 0 && !held.ddl.empty() && held.segment.last &&
               !transaction.record.empty()) {
      report(
          ctx, held, held.ddl[0],
          fmt::format("{} mixes this statement with {}", transaction.subject, transaction.record));
    }
  }
}

}  // namespace dsqlint
