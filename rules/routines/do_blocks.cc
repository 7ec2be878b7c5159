// unsupported_do: DO blocks. One that only wraps statements, to ignore that something exists
// already, is unwrapped.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kDo{
    .id = "unsupported_do",
    .summary = "DO blocks are not supported",
    .why =
        "There is no PL/pgSQL and no other procedural language. Migrations often use a\n"
        "block to ignore an error (`EXCEPTION WHEN duplicate_object THEN NULL`) or to\n"
        "look into a catalog first; such statements work alone, with IF NOT EXISTS or\n"
        "ON CONFLICT where they have it. Move loops and other conditions into the\n"
        "application.",
    .bad =
        "do $$ begin\n  create table t (id integer);\nexception when duplicate_table then null;\n"
        "end $$;",
    .good = "create table if not exists t (id integer);",
    .fixes = Fixes::Sometimes,
    .help =
        "run its statements one by one, and do what the block decides or repeats in the "
        "application",
};

constexpr std::string_view kShowing =
    "errors that the block ignored or avoided, because something exists already, are now raised: "
    "run the script only where it has not run before";
constexpr std::string_view kOneByOne = "its statements run one by one, no longer all or nothing";
constexpr std::string_view kDone =
    "it does nothing here: another statement creates what it creates";

/// Reads a PL/pgSQL block that holds nothing but SQL statements and handlers that do nothing.
class BlockReader {
 public:
  explicit BlockReader(const Tokens& tokens) : tokens_(tokens) {}

  /// The statements, without their terminators; nothing when there is more to the block.
  std::optional<std::vector<TokenSpan>> read() {
    size_t open = 0;    // blocks that wait for their END
    size_t guards = 0;  // IFs that wait for their END IF
    do {
      if (tokens_.is(at_, "begin")) {
        ++open;
        ++at_;
      } else if (tokens_.is(at_, "exception")) {
        ++at_;
        if (!handlers()) return std::nullopt;
        ignores_ = true;
      } else if (tokens_.is(at_, "if")) {
        if (!guard()) return std::nullopt;
        ++guards;
        asks_ = true;
      } else if (guards > 0 && tokens_.are(at_, {"end", "if"}) && tokens_.is_op(at_ + 2, ";")) {
        --guards;
        at_ += 3;
      } else if (tokens_.is(at_, "end")) {
        if (guards > 0) return std::nullopt;
        ++at_;
        --open;
        if (open > 0 && !tokens_.is_op(at_, ";")) return std::nullopt;
        if (tokens_.is_op(at_, ";")) ++at_;
      } else if (open == 0 || !statement()) {
        return std::nullopt;
      }
    } while (open > 0 && at_ < tokens_.size());
    if (open != 0 || at_ != tokens_.size() || statements_.empty()) return std::nullopt;
    return statements_;
  }
  bool ignores_errors() const { return ignores_; }
  /// Does it ask a catalog whether it has been done already?
  bool asks_first() const { return asks_; }

 private:
  size_t terminator(size_t from) const { return tokens_.find_op({from, tokens_.size()}, ";"); }

  /// IF NOT EXISTS (SELECT … FROM a catalog …) THEN: asks whether it has been done already. The
  /// condition may stand in parentheses.
  bool guard() {
    const bool wrapped = tokens_.is_op(at_ + 1, "(");
    const size_t condition = at_ + (wrapped ? 2 : 1);
    const size_t open = condition + 2;
    if (!tokens_.are(condition, {"not", "exists"}) || !tokens_.is_op(open, "(")) return false;
    const size_t close = tokens_.close(open);
    if (close == Tokens::npos) return false;
    const size_t then = close + (wrapped ? 2 : 1);
    if (!tokens_.is(then, "then") || (wrapped && !tokens_.is_op(close + 1, ")"))) return false;
    at_ = then + 1;
    for (size_t i = open; i < close; ++i) {
      if (tokens_.is(i, "information_schema") ||
          (tokens_.is_name(i) && tokens_.name(i).starts_with("pg_"))) {
        return true;
      }
    }
    return false;
  }

  bool statement() {
    constexpr std::array<std::string_view, 8> kPlain = {"alter", "comment", "create", "delete",
                                                        "drop",  "grant",   "insert", "update"};
    const auto is_word = [&](std::string_view word) { return tokens_.is(at_, word); };
    const size_t end = terminator(at_);
    if (end == Tokens::npos || std::none_of(kPlain.begin(), kPlain.end(), is_word)) return false;
    // … RETURNING x INTO variable; CREATE FUNCTION and the like contain other texts.
    if (tokens_.find({at_ + 2, end}, "into") != Tokens::npos) return false;
    statements_.push_back({at_, end});
    at_ = end + 1;
    return true;
  }

  /// WHEN condition THEN NULL; or RAISE NOTICE …;
  bool handlers() {
    while (tokens_.is(at_, "when")) {
      const size_t then = tokens_.find({at_, tokens_.size()}, "then");
      if (then == Tokens::npos) return false;
      at_ = then + 1;
      while (tokens_.is(at_, "null") || tokens_.is(at_, "raise")) {
        if (tokens_.is(at_, "raise") && !tokens_.is(at_ + 1, "notice") &&
            !tokens_.is(at_ + 1, "warning") && !tokens_.is(at_ + 1, "info") &&
            !tokens_.is(at_ + 1, "debug") && !tokens_.is(at_ + 1, "log")) {
          return false;
        }
        const size_t end = terminator(at_);
        if (end == Tokens::npos) return false;
        at_ = end + 1;
      }
    }
    return tokens_.is(at_, "end");
  }

  const Tokens& tokens_;
  size_t at_ = 0;
  std::vector<TokenSpan> statements_;
  bool ignores_ = false;
  bool asks_ = false;
};

/// The inside of $tag$…$tag$; empty for other strings, whose text is not what runs.
Range dollar_body(std::string_view text, Range literal) {
  if (text[literal.begin] != '$') return {};
  const size_t tag = text.find('$', literal.begin + 1) + 1 - literal.begin;
  if (literal.size() < 2 * tag) return {};
  return {literal.begin + static_cast<uint32_t>(tag), literal.end - static_cast<uint32_t>(tag)};
}

/// What takes the place of the block's words between two statements: `opening` and the comments.
std::string between(std::string_view text, const std::vector<Range>& comments, Range gap,
                    std::string opening, const std::string& new_line) {
  uint32_t last = gap.begin;
  for (const Range comment : comments) {
    if (!gap.contains(comment)) continue;
    const std::string_view before = text.substr(last, comment.begin - last);
    if (!opening.empty()) opening += before.find('\n') == std::string_view::npos ? " " : new_line;
    opening += text.substr(comment.begin, comment.size());
    last = comment.end;
  }
  return opening;
}

std::vector<Edit> unwrap_edits(const SourceFile& source, const Statement& whole,
                               const Tokens& tokens, const Tokens& body,
                               const std::vector<TokenSpan>& statements) {
  const std::string_view text = source.text();
  std::vector<Range> comments(tokens.comments().begin(), tokens.comments().end());
  comments.insert(comments.end(), body.comments().begin(), body.comments().end());
  std::sort(comments.begin(), comments.end());
  std::string new_line(fixers::line_break(text));
  new_line += fixers::indentation(text, whole.range.begin);

  std::vector<Edit> edits;
  uint32_t at = whole.range.begin;
  for (const TokenSpan statement : statements) {
    const Range range = body.range(statement);
    const Range gap{at, range.begin};
    std::string kept = between(text, comments, gap, at == whole.range.begin ? "" : ";", new_line);
    if (!kept.empty()) kept += new_line;
    edits.push_back({gap, std::move(kept)});
    at = range.end;
  }
  // With the block's own terminator, so that no comment swallows it.
  std::string tail = between(text, comments, {at, whole.end}, ";", new_line);
  const size_t line = std::min(text.find('\n', whole.end), text.size());
  if (tail.find("--") != std::string::npos &&
      text.substr(whole.end, line - whole.end).find_first_not_of(" \t\r") !=
          std::string_view::npos) {
    tail += new_line;
  }
  edits.push_back({{at, whole.end}, std::move(tail)});
  return edits;
}

/// One statement of a block that has to bear what it makes, or drops, being there already or not.
class Tolerance {
 public:
  Tolerance(std::string_view text, const Tokens& body, TokenSpan statement)
      : tokens_(text, body.range(statement)) {}

  /// Adds IF NOT EXISTS and the like; false where the statement has no such words.
  bool add(bool ignores_errors, std::vector<Edit>& edits) const {
    if (tokens_.is(0, "create")) return create(edits);
    if (tokens_.are(0, {"alter", "table"})) return add_columns(edits);
    if (!ignores_errors) return false;
    if (tokens_.is(0, "drop")) return drop(edits);
    return tokens_.is(0, "insert") && insert(edits);
  }

  /// The statement that has made it, as far as that schema knows.
  std::optional<StatementRef> made_by(const Schema& schema) const {
    if (tokens_.is(0, "create") && (tokens_.is(1, "type") || tokens_.is(1, "domain"))) {
      const TokenSpan name{2, tokens_.skip_name(2)};
      const UserType* type = schema.find_type(parse_object_name(std::string(tokens_.text(name))));
      return type == nullptr ? std::nullopt : std::optional(type->created);
    }
    if (!tokens_.are(0, {"alter", "table"})) return std::nullopt;
    const AlterTableParts parts = alter_table_parts(tokens_);
    if (parts.actions.size() != 1 || !tokens_.is(parts.actions[0].begin, "add")) {
      return std::nullopt;
    }
    const Table* table =
        schema.find_table(parse_object_name(std::string(tokens_.text(parts.name))));
    if (table == nullptr) return std::nullopt;
    size_t i = parts.actions[0].begin + 1;
    if (tokens_.is(i, "constraint")) {
      const std::string name = tokens_.name(i + 1);
      std::optional<StatementRef> made;
      const auto look_at = [&](const auto& constraints) {
        for (const auto& constraint : constraints) {
          if (constraint.name == name) made = constraint.added;
        }
      };
      look_at(table->keys);
      look_at(table->checks);
      look_at(table->foreign_keys);
      if (made) return made;
      i += 2;
    }
    const Key* key = tokens_.are(i, {"primary", "key"}) ? table->primary_key() : nullptr;
    return key == nullptr ? std::nullopt : std::optional(key->added);
  }

  /// The same for the same statement, however it is laid out.
  std::string normal_form() const { return normal_form(tokens_); }
  static std::string normal_form(const Tokens& tokens) {
    std::string form;
    for (size_t i = 0; i < tokens.size(); ++i) {
      form += tokens[i].kind == TokenKind::Word ? downcase(tokens.text(i)) : tokens.text(i);
      form += ' ';
    }
    return form;
  }

 private:
  bool insert_words(size_t token, std::string_view words, std::vector<Edit>& edits) const {
    if (token >= tokens_.size()) return false;
    if (!tokens_.is(token, "if")) {
      edits.push_back(fixers::insert_before(tokens_, token, match_case(tokens_.text(0), words)));
    }
    return true;
  }

  bool create(std::vector<Edit>& edits) const {
    size_t i = 1;
    while (tokens_.is(i, "temp") || tokens_.is(i, "temporary") || tokens_.is(i, "unlogged") ||
           tokens_.is(i, "unique")) {
      ++i;
    }
    const bool index = tokens_.is(i, "index");
    if (!index && !tokens_.is(i, "table") && !tokens_.is(i, "schema") &&
        !tokens_.is(i, "sequence")) {
      return false;
    }
    ++i;
    if (index && tokens_.is(i, "concurrently")) ++i;
    // An index needs a name to be looked for.
    return !(index && tokens_.is(i, "on")) && insert_words(i, "IF NOT EXISTS ", edits);
  }

  bool add_columns(std::vector<Edit>& edits) const {
    constexpr std::array<std::string_view, 6> kConstraints = {"check",   "constraint", "exclude",
                                                              "foreign", "primary",    "unique"};
    bool all = true;
    for (const TokenSpan action : alter_table_parts(tokens_).actions) {
      const size_t i = action.begin + (tokens_.is(action.begin + 1, "column") ? 2 : 1);
      const auto is_word = [&](std::string_view word) { return tokens_.is(i, word); };
      const bool column = tokens_.is(action.begin, "add") &&
                          std::none_of(kConstraints.begin(), kConstraints.end(), is_word);
      all = column && insert_words(i, "IF NOT EXISTS ", edits) && all;
    }
    return all;
  }

  bool drop(std::vector<Edit>& edits) const {
    size_t i = tokens_.is(1, "materialized") ? 2 : 1;
    constexpr std::array<std::string_view, 8> kKinds = {"domain",   "function", "index", "schema",
                                                        "sequence", "table",    "type",  "view"};
    const auto is_word = [&](std::string_view word) { return tokens_.is(i, word); };
    if (std::none_of(kKinds.begin(), kKinds.end(), is_word)) return false;
    ++i;
    if (tokens_.is(i, "concurrently")) ++i;
    return insert_words(i, "IF EXISTS ", edits);
  }

  bool insert(std::vector<Edit>& edits) const {
    if (tokens_.find(tokens_.all(), "returning") != Tokens::npos) return false;
    if (tokens_.find(tokens_.all(), "conflict") == Tokens::npos) {
      edits.push_back(fixers::insert_after(tokens_, tokens_.size() - 1,
                                           match_case(tokens_.text(0), " ON CONFLICT DO NOTHING")));
    }
    return true;
  }

  Tokens tokens_;
};

/// The statements up to here in normal form, and the names that they have dropped.
class Earlier {
 public:
  void see(const Tokens& tokens, size_t statement) {
    const std::string form = Tolerance::normal_form(tokens);
    made_[form] = statement;
    size_t at = form.starts_with("drop ") ? 0 : form.find(" drop ");
    if (at == std::string::npos) return;
    each_word(std::string_view(form).substr(at), [&](std::string_view word) {
      constexpr std::array<std::string_view, 13> kNoNames = {
          "drop", "if",   "exists", "column", "constraint", "table",  "type",
          "",     "view", "index",  ",",      "domain",     "cascade"};
      if (std::find(kNoNames.begin(), kNoNames.end(), word) == kNoNames.end()) {
        dropped_[std::string(word)] = statement;
      }
    });
  }
  /// Has the same statement run before, and nothing that it names been dropped since? It has run
  /// now.
  bool repeats(const std::string& form, size_t statement) {
    const auto [known, is_new] = made_.emplace(form, statement);
    bool stands = !is_new;
    each_word(form, [&](std::string_view word) {
      const auto dropped = dropped_.find(std::string(word));
      stands = stands && (dropped == dropped_.end() || dropped->second < known->second);
    });
    known->second = statement;
    return stands;
  }

 private:
  template <typename Visit>
  static void each_word(std::string_view form, Visit&& visit) {
    for (size_t at = 0; at < form.size();) {
      const size_t end = std::min(form.find(' ', at), form.size());
      visit(form.substr(at, end - at));
      at = end + 1;
    }
  }

  std::unordered_map<std::string, size_t> made_;
  std::unordered_map<std::string, size_t> dropped_;
};

/// By DO statement: which of its statements make what is there when the block runs. Later files may
/// drop it, and later statements make it again.
struct MadeBefore {
  std::unordered_map<size_t, std::vector<bool>> blocks;
};

void note_made_before(const pg::DoStmt& block, NoteContext& ctx) {
  for (const pg::Node& argument : block.args()) {
    if (argument.def_elem().defname() != "as") continue;
    const std::string& text = string_value(argument.def_elem().arg());
    const Tokens body(text, {0, static_cast<uint32_t>(text.size())});
    const auto statements = BlockReader(body).read();
    if (!statements) return;
    std::vector<bool>& made = ctx.notes<MadeBefore>().blocks[ctx.index()];
    for (const TokenSpan span : *statements) {
      made.push_back(Tolerance(text, body, span).made_by(ctx.schema()).has_value());
    }
  }
}

Diagnostic judge(ScriptContext& ctx, size_t index, const Tokens& tokens, Earlier& earlier) {
  const Statement& whole = ctx.document().statements()[index];
  const std::string_view text = ctx.source().text();
  Diagnostic finding{.range = tokens.range(0)};
  Range inside;
  for (size_t i = 1; i < tokens.size() && inside.empty(); ++i) {
    if (tokens[i].kind == TokenKind::String) inside = dollar_body(text, tokens.range(i));
  }
  const Tokens body(text, inside);
  BlockReader reader(body);
  const auto statements = body.empty() ? std::nullopt : reader.read();
  if (!statements) return finding;

  const bool guarded = reader.ignores_errors() || reader.asks_first();
  std::vector<Edit> edits = unwrap_edits(ctx.source(), whole, tokens, body, *statements);
  bool tolerant = true;
  size_t there = 0;
  const auto& blocks = ctx.notes<MadeBefore>().blocks;
  const auto made_before = blocks.find(index);
  for (size_t i = 0; i < statements->size(); ++i) {
    if (!guarded) break;
    const TokenSpan span = (*statements)[i];
    const Tolerance statement(text, body, span);
    if (statement.add(reader.ignores_errors(), edits)) continue;
    tolerant = false;
    const bool repeated = earlier.repeats(statement.normal_form(), index);
    const bool before =
        made_before != blocks.end() && i < made_before->second.size() && made_before->second[i];
    // A later statement of the file makes it where the block does not.
    const auto made_by = statement.made_by(ctx.schema());
    if (repeated || before || (made_by && ctx.is_beside(*made_by, index))) ++there;
  }
  if (there == statements->size()) {
    finding.notes = {Note{std::string(kDone)}};
    finding.fix =
        Fix{Safety::Review, "remove the block", {fixers::remove_statement(ctx.source(), whole)}};
  } else if (there > 0) {
    finding.help =
        "move its statements out of the block, except those whose work another statement does";
  } else {
    finding.notes = {Note{std::string(tolerant ? kOneByOne : kShowing)}};
    finding.fix = Fix{Safety::Review, "unwrap the block", std::move(edits)};
  }
  return finding;
}

void check(ScriptContext& ctx) {
  const auto statements = ctx.document().statements();
  if (ctx.document().of_kind(pg::Node::kDoStmt).empty()) return;
  Earlier earlier;
  for (size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    if (tree_of(statement).as<pg::DoStmt>() != nullptr) {
      ctx.report(judge(ctx, i, ctx.document().tokens(i), earlier));
    } else if (statement.cls == StatementClass::Ddl) {
      earlier.see(ctx.document().tokens(i), i);
    }
  }
}

constexpr std::array kRules = {rule<check>(kDo), rule<note_made_before>(kDo)};

}  // namespace

std::span<const Rule> do_blocks() { return kRules; }

}  // namespace dsqlint
