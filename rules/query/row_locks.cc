// unsupported_row_lock, for_update_predicate: FOR SHARE and the like after a query.

#include <algorithm>
#include <array>
#include <iterator>

#include "engine/lint/rule.h"
#include "engine/parse/walk.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kRowLock{
    .id = "unsupported_row_lock",
    .summary = "only FOR UPDATE and FOR KEY SHARE are supported",
    .why =
        "The clauses add the rows to what COMMIT checks for conflicts; they never wait.\n"
        "FOR UPDATE conflicts with every change of the row, FOR KEY SHARE with its\n"
        "deletion and a change of its key.",
    .bad = "select id from t for share;",
    .good = "select id from t for key share;",
    .fixes = Fixes::Always,
    .accepted_parts = {Capability::ForKeyShare},
};

constexpr RuleInfo kPredicate{
    .id = "for_update_predicate",
    .summary = "FOR UPDATE requires one table and its primary key at this engine date",
    .why = "The query has to read one table and select its rows by the primary key.",
    .bad = "select a.id from a join b using (id) for update;",
    .help = "select the keys first, then the rows by key with FOR UPDATE, table by table",
    .accepted = Capability::RowLocksAnywhere,
};

struct LockWords {
  pg::LockClauseStrength strength = pg::LOCK_CLAUSE_STRENGTH_UNDEFINED;
  TokenSpan words;
};

/// The words of a locking clause at token `i`; empty when there are none.
LockWords lock_words(const Tokens& tokens, size_t i) {
  if (tokens.is(i + 1, "update")) return {pg::LCS_FORUPDATE, {i, i + 2}};
  if (tokens.is(i + 1, "share")) return {pg::LCS_FORSHARE, {i, i + 2}};
  if (tokens.are(i + 1, {"key", "share"})) return {pg::LCS_FORKEYSHARE, {i, i + 3}};
  if (tokens.are(i + 1, {"no", "key", "update"})) return {pg::LCS_FORNOKEYUPDATE, {i, i + 4}};
  return {};
}

bool is_for(const Tokens& tokens, size_t i) {
  return tokens[i].kind == TokenKind::Word && tokens[i].end - tokens[i].begin == 3 &&
         tokens.is(i, "for");
}

std::vector<LockWords> written_locks(const Tokens& tokens) {
  std::vector<LockWords> found;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!is_for(tokens, i)) continue;
    const LockWords words = lock_words(tokens, i);
    if (!words.words.empty()) found.push_back(words);
  }
  return found;
}

std::vector<LockWords> of_strength(const std::vector<LockWords>& all,
                                   pg::LockClauseStrength strength) {
  std::vector<LockWords> found;
  std::copy_if(all.begin(), all.end(), std::back_inserter(found),
               [&](const LockWords& lock) { return lock.strength == strength; });
  return found;
}

size_t count_locks(const Context& ctx, pg::LockClauseStrength strength) {
  size_t count = 0;
  Walker walker;
  walker.walk(ctx.tree(), [&](AstRef node, const std::vector<AstRef>&) {
    const auto* lock = node.as<pg::LockingClause>();
    if (lock != nullptr && lock->strength() == strength) ++count;
  });
  return count;
}

void report(Context& ctx, const LockWords& lock, bool sure) {
  const Tokens& tokens = ctx.tokens();
  const std::string_view text = ctx.source().text();
  const size_t share = lock.words.end - 1;
  Diagnostic finding{.range = tokens.range(lock.words),
                     .message = "`" + std::string(tokens.text(lock.words)) + "` is not supported"};
  Fix fix{Safety::Review, {}, {}};
  const bool has_key_share = ctx.engine().accepts(Capability::ForKeyShare);
  if (lock.strength == pg::LCS_FORSHARE && has_key_share) {
    finding.notes.push_back(
        {"FOR KEY SHARE allows others to change columns outside the key; use FOR UPDATE if any "
         "change has to be detected"});
    fix.title = "use FOR KEY SHARE";
    fix.edits = {fixers::insert_before(tokens, share, match_case(tokens.text(share), "KEY "))};
  } else {
    if (lock.strength == pg::LCS_FORKEYSHARE) {
      finding.notes.push_back({ctx.engine().refusal(Capability::ForKeyShare)});
    }
    finding.notes.push_back(
        {"FOR UPDATE is stronger: two transactions that use it on the same row conflict, and one "
         "has to be retried"});
    fix.title = "use FOR UPDATE";
    if (lock.strength == pg::LCS_FORNOKEYUPDATE) {
      fix.edits = {fixers::remove(tokens, {lock.words.begin + 1, share}, text)};
    } else {
      if (lock.strength == pg::LCS_FORKEYSHARE) {
        fix.edits.push_back(fixers::remove(tokens, {lock.words.begin + 1, share}, text));
      }
      fix.edits.push_back(
          fixers::replace(tokens, {share, share + 1}, match_case(tokens.text(share), "UPDATE")));
    }
  }
  if (sure) {
    finding.fix = std::move(fix);
  } else {
    finding.help = "write FOR KEY SHARE or FOR UPDATE";
  }
  ctx.report(std::move(finding));
}

/// Locking clauses have no place in the tree, so the words are looked for: any statement can hold
/// them at any depth.
void check_locks(Context& ctx) {
  if (ctx.tree().message == nullptr) return;
  const std::vector<LockWords> all = written_locks(ctx.tokens());
  if (all.empty()) return;
  for (const pg::LockClauseStrength strength :
       {pg::LCS_FORSHARE, pg::LCS_FORNOKEYUPDATE, pg::LCS_FORKEYSHARE}) {
    if (strength == pg::LCS_FORKEYSHARE && ctx.engine().accepts(Capability::ForKeyShare)) continue;
    const std::vector<LockWords> written = of_strength(all, strength);
    if (written.empty()) continue;
    // `substring(a for share)` writes the same words.
    const size_t count = count_locks(ctx, strength);
    for (size_t i = 0; i < std::min(count, written.size()); ++i) {
      report(ctx, written[i], count == written.size());
    }
  }
}

void check_predicate(const pg::SelectStmt& select, Context& ctx) {
  if (select.locking_clause_size() == 0 || ctx.engine().accepts(Capability::RowLocksAnywhere)) {
    return;
  }
  const bool one_table =
      select.from_clause_size() == 1 && select.from_clause(0).node_case() == pg::Node::kRangeVar;
  const bool for_update = std::any_of(
      select.locking_clause().begin(), select.locking_clause().end(),
      [](const pg::Node& node) { return node.locking_clause().strength() == pg::LCS_FORUPDATE; });
  if (!for_update || (one_table && select.has_where_clause())) return;
  const std::vector<LockWords> written =
      of_strength(written_locks(ctx.tokens()), pg::LCS_FORUPDATE);
  ctx.report({.range = written.empty() ? ctx.head() : ctx.tokens().range(written[0].words),
              .message = "FOR UPDATE is not supported for this query",
              .notes = {{ctx.engine().refusal(Capability::RowLocksAnywhere)}}});
}

constexpr std::array kRules = {
    rule<check_locks>(kRowLock),
    rule<check_predicate>(kPredicate),
};

}  // namespace

std::span<const Rule> row_locks() { return kRules; }

}  // namespace dsqlint
