// unsupported_merge: MERGE, rewritten as INSERT … ON CONFLICT where it is an upsert by key, and as
// UPDATE or DELETE where it is only that.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "engine/parse/walk.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kMerge{
    .id = "unsupported_merge",
    .summary = "MERGE is not supported",
    .why =
        "INSERT … ON CONFLICT updates an existing row; it requires a primary key or\n"
        "unique index on the columns that decide. UPDATE … FROM and DELETE … USING do\n"
        "the rest, as separate statements in the same transaction.",
    .bad =
        "merge into t using s on t.id = s.id when matched then update set n = s.n\n"
        "when not matched then insert (id, n) values (s.id, s.n);",
    .good =
        "insert into t (id, n)\n"
        "select s.id, s.n\n"
        "from s\n"
        "on conflict (id) do update set n = excluded.n;",
    .fixes = Fixes::Sometimes,
};

/// `WHEN [NOT] MATCHED [AND condition] THEN action` by tokens.
struct Branch {
  bool matched = false;
  TokenSpan condition;  ///< empty when there is none
  TokenSpan action;
};

/// A MERGE taken apart; the spans are those of its tokens.
struct Merge {
  size_t word = Tokens::npos;  ///< MERGE
  TokenSpan target;            ///< between INTO and USING
  TokenSpan source;            ///< between USING and ON
  TokenSpan condition;         ///< between ON and the first WHEN
  std::vector<Branch> branches;
};

/// Calls `visit(i)` for the tokens outside of brackets and CASE expressions until it returns false.
template <typename Visit>
void each_outer(const Tokens& tokens, TokenSpan span, Visit&& visit) {
  size_t cases = 0;
  for (size_t i = span.begin; i < span.end; ++i) {
    if (tokens.is_op(i, "(") || tokens.is_op(i, "[")) {
      const size_t close = tokens.close(i);
      if (close == Tokens::npos) return;
      i = close;
      continue;
    }
    // `s.case` is a name.
    const bool qualified = i > 0 && tokens.is_op(i - 1, ".");
    if (!qualified && tokens.is(i, "case")) {
      ++cases;
    } else if (!qualified && cases != 0 && tokens.is(i, "end")) {
      --cases;
    } else if (cases == 0 && !visit(i)) {
      return;
    }
  }
}

size_t find_outer(const Tokens& tokens, TokenSpan span, std::string_view word) {
  size_t found = Tokens::npos;
  each_outer(tokens, span, [&](size_t i) {
    if (tokens.is(i, word)) found = i;
    return found == Tokens::npos;
  });
  return found;
}

/// The parts between the outer words `word`.
std::vector<TokenSpan> split_outer(const Tokens& tokens, TokenSpan span, std::string_view word) {
  std::vector<TokenSpan> parts{{span.begin, span.end}};
  each_outer(tokens, span, [&](size_t i) {
    if (tokens.is(i, word)) {
      parts.back().end = i;
      parts.push_back({i + 1, span.end});
    }
    return true;
  });
  return parts;
}

std::optional<Merge> take_apart(const pg::MergeStmt& tree, const Tokens& tokens) {
  Merge merge;
  each_outer(tokens, tokens.all(), [&](size_t i) {
    if (tokens.are(i, {"merge", "into"})) merge.word = i;
    return merge.word == Tokens::npos;
  });
  if (merge.word == Tokens::npos) return std::nullopt;  // nested
  const TokenSpan rest{merge.word + 2, tokens.size()};
  const size_t use = find_outer(tokens, rest, "using");
  if (use == Tokens::npos) return std::nullopt;
  const size_t on = find_outer(tokens, {use + 1, rest.end}, "on");
  if (on == Tokens::npos) return std::nullopt;
  merge.target = {rest.begin, use};
  merge.source = {use + 1, on};
  const std::vector<TokenSpan> parts = split_outer(tokens, {on + 1, rest.end}, "when");
  merge.condition = parts.front();
  if (parts.size() != static_cast<size_t>(tree.merge_when_clauses_size()) + 1) return std::nullopt;
  for (size_t p = 1; p < parts.size(); ++p) {
    const TokenSpan part = parts[p];
    Branch branch{tokens.is(part.begin, "matched"), {}, {}};
    size_t at = part.begin + (branch.matched ? 1 : 2);
    if (tokens.are(at, {"by", "target"})) at += 2;
    const size_t then = find_outer(tokens, {at, part.end}, "then");
    if (then == Tokens::npos) return std::nullopt;
    if (tokens.is(at, "and")) {
      branch.condition = {at + 1, then};
    } else if (at != then) {
      return std::nullopt;  // BY SOURCE
    }
    branch.action = {then + 1, part.end};
    merge.branches.push_back(branch);
  }
  return merge;
}

/// `a.b`: the qualifier and the column of a column reference; empty when the tokens are none.
struct Reference {
  std::string relation;
  std::string column;
};
Reference reference(const Tokens& tokens, TokenSpan span) {
  const bool dotted = span.size() >= 3 && span.size() % 2 == 1 &&
                      tokens.skip_name(span.begin) == span.end && tokens.is_op(span.end - 2, ".");
  if (!dotted) return {};
  return {tokens.name(span.end - 3), tokens.name(span.end - 1)};
}

/// The name by which a relation's columns are called.
std::string called(const pg::RangeVar& relation) {
  return relation.has_alias() ? relation.alias().aliasname() : relation.relname();
}

/// What is inserted into a column.
struct Value {
  std::string column;
  TokenSpan name;
  TokenSpan value;
};

class Rewriting {
 public:
  Rewriting(const pg::MergeStmt& tree, const Merge& merge, const Context& ctx)
      : tree_(tree), merge_(merge), ctx_(ctx), tokens_(ctx.tokens()) {}

  /// One branch that changes or deletes the rows that match: UPDATE … FROM, DELETE … USING.
  std::optional<Fix> change() {
    const std::vector<Branch>& branches = merge_.branches;
    if (tree_.returning_list_size() != 0 || !tree_.relation().inh() || branches.size() != 1 ||
        !branches.front().matched) {
      return std::nullopt;
    }
    const Branch& branch = branches.front();
    const bool updates = tokens_.is(branch.action.begin, "update");
    if (!updates && !tokens_.is(branch.action.begin, "delete")) return std::nullopt;
    const std::string separator = line();
    std::string text = cased(updates ? "update " : "delete from ") + move(merge_.target);
    if (updates) text += separator + move({branch.action.begin + 1, branch.action.end});
    text += separator + cased(updates ? "from " : "using ") + move(merge_.source);
    // AND binds closer than OR.
    const auto operand = [&](TokenSpan span) {
      const std::string written = move(span);
      const bool plain =
          branch.condition.empty() || find_outer(tokens_, span, "or") == Tokens::npos;
      return plain ? written : "(" + written + ")";
    };
    text += separator + cased("where ") + operand(merge_.condition);
    if (!branch.condition.empty()) text += cased(" and ") + operand(branch.condition);
    Fix fix{Safety::Review, updates ? "write UPDATE … FROM" : "write DELETE … USING", {}};
    fix.edits = fixers::replace_around_comments(tokens_, {merge_.word, tokens_.size()},
                                                std::move(text), ctx_.source().text(), moved_);
    return fix;
  }

  std::optional<Fix> upsert() {
    if (tree_.returning_list_size() != 0 || !tree_.relation().inh() || !read_source() ||
        !read_branches() || !read_keys()) {
      return std::nullopt;
    }
    const std::string separator = line();
    std::string text = cased("insert into ") + target() + " (" + columns() + ")" + separator +
                       cased("select ") + values() + separator + cased("from ") +
                       move(merge_.source);
    if (insert_->condition.size() != 0) {
      text += separator + cased("where ") + move(insert_->condition);
    }
    text += separator + cased("on conflict (") + keys() + cased(") do ");
    if (update_ == nullptr) {
      text += cased("nothing");
    } else {
      const auto set = rewritten({update_->action.begin + 1, update_->action.end});
      if (!set) return std::nullopt;
      text += cased("update ") + *set;
      if (update_->condition.size() != 0) {
        const auto condition = rewritten(update_->condition);
        if (!condition) return std::nullopt;
        text += separator + cased("where ") + *condition;
      }
    }
    Fix fix{Safety::Review, "write INSERT … ON CONFLICT", {}};
    fix.edits = fixers::replace_around_comments(tokens_, {merge_.word, tokens_.size()},
                                                std::move(text), ctx_.source().text(), moved_);
    return fix;
  }

  /// The columns that decide, known once `upsert` has been asked for.
  std::string keys() const {
    std::string list;
    for (const std::string& key : keys_) {
      if (!list.empty()) list += ", ";
      list += quote_identifier(key);
    }
    return list;
  }

 private:
  std::string cased(std::string_view sql) const {
    return match_case(tokens_.text(merge_.word), sql);
  }
  /// The text of tokens, which lives on with its comments.
  std::string move(TokenSpan span) {
    moved_.push_back(tokens_.range(span));
    return std::string(tokens_.text(span));
  }
  /// A line of its own, where the user gives clauses one.
  std::string line() const {
    const Range range = tokens_.range(TokenSpan{merge_.word, tokens_.size()});
    const std::string_view text = ctx_.source().text();
    if (text.substr(range.begin, range.size()).find('\n') == std::string_view::npos) return " ";
    return std::string(fixers::line_break(text)) +
           std::string(fixers::indentation(text, tokens_[merge_.word].begin));
  }

  bool read_source() {
    target_ = called(tree_.relation());
    const pg::Node& source = tree_.source_relation();
    if (source.has_range_var()) {
      source_ = called(source.range_var());
    } else if (source.has_range_subselect()) {
      source_ = source.range_subselect().alias().aliasname();
    } else if (source.has_range_function()) {
      source_ = source.range_function().alias().aliasname();
    }
    return !source_.empty() && source_ != target_;
  }

  /// One branch that inserts, and at most one that updates.
  bool read_branches() {
    for (const Branch& branch : merge_.branches) {
      const bool nothing = tokens_.are(branch.action.begin, {"do", "nothing"});
      if (branch.matched && nothing && branch.condition.empty()) continue;
      const Branch*& kind = branch.matched ? update_ : insert_;
      if (kind != nullptr || nothing ||
          !tokens_.is(branch.action.begin, branch.matched ? "update" : "insert")) {
        return false;
      }
      kind = &branch;
    }
    if (insert_ == nullptr) return false;
    // A row that is not inserted for its condition could still be there to be updated.
    if (!insert_->condition.empty() && update_ != nullptr) return false;
    return read_values();
  }

  /// INSERT ( columns ) VALUES ( values ).
  bool read_values() {
    const size_t open = insert_->action.begin + 1;
    const size_t close = tokens_.is_op(open, "(") ? tokens_.close(open) : Tokens::npos;
    if (close == Tokens::npos || !tokens_.is(close + 1, "values")) return false;
    const size_t list = close + 2;
    const size_t end = tokens_.is_op(list, "(") ? tokens_.close(list) : Tokens::npos;
    if (end == Tokens::npos || end + 1 != insert_->action.end) return false;
    const std::vector<TokenSpan> names = tokens_.split({open + 1, close});
    const std::vector<TokenSpan> values = tokens_.split({list + 1, end});
    if (names.size() != values.size()) return false;
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i].size() != 1 || values[i].empty()) return false;
      // What is left out gets its default.
      if (values[i].size() == 1 && tokens_.is(values[i].begin, "default")) continue;
      values_.push_back({tokens_.name(names[i].begin), names[i], values[i]});
      const Reference given = reference(tokens_, values[i]);
      if (given.relation == source_) inserted_as_.emplace(given.column, values_.back().column);
    }
    return !values_.empty();
  }

  std::string columns() {
    std::string list;
    for (const Value& value : values_) {
      if (!list.empty()) list += ", ";
      list += move(value.name);
    }
    return list;
  }
  std::string values() {
    std::string list;
    for (const Value& value : values_) {
      if (!list.empty()) list += ", ";
      list += move(value.value);
    }
    return list;
  }

  /// INSERT wants AS before an alias.
  std::string target() {
    const size_t past = tokens_.skip_name(merge_.target.begin);
    std::string text = move({merge_.target.begin, past});
    if (tree_.relation().has_alias()) {
      text += cased(" as ") + move({merge_.target.end - 1, merge_.target.end});
    }
    return text;
  }

  /// ON target.key = value AND …: the keys, where the same value is inserted into each.
  bool read_keys() {
    TokenSpan condition = merge_.condition;
    while (condition.size() > 2 && tokens_.is_op(condition.begin, "(") &&
           tokens_.close(condition.begin) == condition.end - 1) {
      condition = {condition.begin + 1, condition.end - 1};
    }
    for (const TokenSpan part : split_outer(tokens_, condition, "and")) {
      const size_t equals = tokens_.find_op(part, "=");
      if (equals == Tokens::npos) return false;
      TokenSpan key{part.begin, equals};
      TokenSpan value{equals + 1, part.end};
      if (reference(tokens_, key).relation != target_) std::swap(key, value);
      const Reference column = reference(tokens_, key);
      const Reference other = reference(tokens_, value);
      if (column.relation != target_ || other.relation != source_) return false;
      const bool inserted = std::any_of(values_.begin(), values_.end(), [&](const Value& known) {
        const Reference given = reference(tokens_, known.value);
        return known.column == column.column && given.relation == source_ &&
               given.column == other.column;
      });
      if (!inserted) return false;
      keys_.push_back(column.column);
    }
    return true;
  }

  /// With the source's columns called by what they are inserted into: `excluded`. Nothing where one
  /// is not inserted, or where it is not clear whose column a name is.
  std::optional<std::string> rewritten(TokenSpan span) {
    std::string text;
    uint32_t at = tokens_[span.begin].begin;
    bool assigned = tokens_.is(span.begin, "set");  // the next name is a column to be set
    size_t depth = 0;                               // of brackets
    const auto keep = [&](size_t end) { text += ctx_.source().slice({at, tokens_[end].begin}); };
    for (size_t i = span.begin + (assigned ? 1 : 0); i < span.end; ++i) {
      if (assigned) {
        // Only `column = value`.
        if (!tokens_.is_name(i) || !tokens_.is_op(i + 1, "=")) return std::nullopt;
        assigned = false;
        ++i;
        continue;
      }
      if (tokens_.is(i, "select")) return std::nullopt;
      if (tokens_.is_op(i, "(") || tokens_.is_op(i, "[")) ++depth;
      if (tokens_.is_op(i, ")") || tokens_.is_op(i, "]")) --depth;
      if (tokens_.is_op(i, ",") && depth == 0) {
        assigned = tokens_.is(span.begin, "set");
        continue;
      }
      if (!tokens_.is_name(i)) continue;
      const size_t past = tokens_.skip_name(i);
      const Reference column = reference(tokens_, {i, past});
      if (column.relation == source_) {
        const auto value = inserted_as_.find(column.column);
        if (value == inserted_as_.end()) return std::nullopt;
        keep(i);
        text += cased("excluded") + "." + quote_identifier(value->second);
        at = tokens_[past - 1].end;
      }
      i = past - 1;
    }
    text += ctx_.source().slice({at, tokens_[span.end - 1].end});
    moved_.push_back(tokens_.range(span));
    return text;
  }

  const pg::MergeStmt& tree_;
  const Merge& merge_;
  const Context& ctx_;
  const Tokens& tokens_;
  std::string target_;
  std::string source_;
  const Branch* insert_ = nullptr;
  const Branch* update_ = nullptr;
  std::vector<Value> values_;
  std::unordered_map<std::string, std::string> inserted_as_;  ///< the source's columns
  std::vector<std::string> keys_;
  std::vector<Range> moved_;  ///< source text that lives on
};

/// Does an expression call a column by its bare name? It may be either table's.
bool has_bare_column(AstRef tree) {
  bool bare = false;
  Walker walker;
  walker.walk(tree, [&](AstRef node, const std::vector<AstRef>&) {
    const auto* column = node.as<pg::ColumnRef>();
    bare |= column != nullptr && column->fields_size() == 1;
  });
  return bare;
}

bool is_clear(const pg::MergeStmt& merge) {
  for (const pg::Node& node : merge.merge_when_clauses()) {
    const pg::MergeWhenClause& branch = node.merge_when_clause();
    if (branch.command_type() != pg::CMD_UPDATE) continue;
    if (has_bare_column(unwrap(branch.condition()))) return false;
    for (const pg::Node& target : branch.target_list()) {
      if (has_bare_column(unwrap(target.res_target().val()))) return false;
    }
  }
  return true;
}

void check(const pg::MergeStmt& tree, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const std::string target = to_sql(object_name(tree.relation()));
  const std::optional<Merge> merge = take_apart(tree, tokens);
  // Nested in a CTE it begins elsewhere.
  size_t at = merge ? merge->word : 0;
  while (!merge && at < tokens.size() && !tokens.are(at, {"merge", "into"})) ++at;
  if (at == tokens.size()) at = 0;
  Diagnostic finding{.range = tokens.range(TokenSpan{at, std::min(at + 2, tokens.size())}),
                     .message = fmt::format("MERGE into `{}` is not supported", target)};
  const Note volume{"a transaction can change at most 3,000 rows: merge more in batches"};
  if (merge) {
    finding.fix = Rewriting(tree, *merge, ctx).change();
    if (finding.fix) {
      finding.notes = {{"if several source rows match one target row, one of them is used, where "
                        "MERGE raises an error"},
                       volume};
    }
  }
  if (merge && !finding.fix && is_clear(tree)) {
    Rewriting rewriting(tree, *merge, ctx);
    finding.fix = rewriting.upsert();
    if (finding.fix) {
      finding.notes = {
          {fmt::format(
              "`{}` requires a primary key or a unique index on ({}); without one the INSERT fails",
              target, rewriting.keys())},
          volume};
    }
  }
  if (!finding.fix) {
    finding.help = fmt::format(
        "write `INSERT INTO {0} … SELECT … ON CONFLICT (…) DO UPDATE SET …` for the rows that are "
        "new or change, `UPDATE {0} SET … FROM …` where nothing is inserted, and `DELETE FROM {0} "
        "USING …` where rows are deleted",
        target);
  }
  ctx.report(std::move(finding));
}

constexpr std::array kRules = {rule<check>(kMerge)};

}  // namespace

std::span<const Rule> merge_statement() { return kRules; }

}  // namespace dsqlint
