// unsupported_do: DO blocks. One that only wraps statements, to ignore that something exists
// already, is unwrapped.

#include <fmt/format.h>

#include <array>
#include <optional>

#include "engine/rule.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kDo{
    .id = "unsupported_do",
    .summary = "DO blocks are not supported",
    .why =
        "There is no PL/pgSQL and no other procedural language. Migrations often use a block only "
        "to\n"
        "ignore an error (`EXCEPTION WHEN duplicate_object THEN NULL`); its statements can stand\n"
        "alone, with IF NOT EXISTS where they have it. Loops and conditions belong into the\n"
        "program.",
    .bad =
        "do $$ begin\n  insert into t values (1);\nexception when unique_violation then null;\n"
        "end $$;",
    .good = "insert into t values (1);",
    .fixes = Fixes::Sometimes,
    .help =
        "run its statements one by one, and do what the block decides or repeats in the program",
};

constexpr std::string_view kShowing =
    "errors that the block ignored or avoided, because something is there already, now show: run "
    "the script where it has not run before";
constexpr std::string_view kOneByOne = "its statements run one by one, not all or none";

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
        handled_ = true;
      } else if (tokens_.are(at_, {"if", "not", "exists"})) {
        if (!guard()) return std::nullopt;
        ++guards;
        handled_ = true;
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
  /// Did it ignore errors, or avoid them by asking first?
  bool handled() const { return handled_; }

 private:
  size_t terminator(size_t from) const { return tokens_.find_op({from, tokens_.size()}, ";"); }

  /// IF NOT EXISTS (SELECT … FROM a catalog …) THEN: asks whether it has been done already.
  bool guard() {
    const size_t open = at_ + 3;
    const size_t close = tokens_.is_op(open, "(") ? tokens_.close(open) : Tokens::npos;
    if (close == Tokens::npos || !tokens_.is(close + 1, "then")) return false;
    bool catalog = false;
    for (size_t i = open; i < close; ++i) {
      catalog = catalog || tokens_.is(i, "information_schema") ||
                (tokens_.is_name(i) && tokens_.name(i).starts_with("pg_"));
    }
    at_ = close + 2;
    return catalog;
  }

  bool statement() {
    constexpr std::array<std::string_view, 8> kPlain = {"alter", "comment", "create", "delete",
                                                        "drop",  "grant",   "insert", "update"};
    const auto is_word = [&](std::string_view word) { return tokens_.is(at_, word); };
    const size_t end = terminator(at_);
    if (end == Tokens::npos || std::none_of(kPlain.begin(), kPlain.end(), is_word)) return false;
    // … RETURNING x INTO variable; CREATE FUNCTION and the like hold texts of their own.
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
  bool handled_ = false;
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

std::vector<Edit> unwrap_edits(const Context& ctx, const Tokens& body,
                               const std::vector<TokenSpan>& statements) {
  const std::string_view text = ctx.source().text();
  const Statement& whole = ctx.statement();
  std::vector<Range> comments = ctx.tokens().comments();
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

void check(const pg::DoStmt&, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  Diagnostic finding{.range = tokens.range(0)};
  Range body;
  for (size_t i = 1; i < tokens.size() && body.empty(); ++i) {
    if (tokens[i].kind != TokenKind::String) continue;
    body = dollar_body(ctx.source().text(), tokens.range(i));
  }
  const Tokens inside(ctx.source().text(), body);
  BlockReader reader(inside);
  const auto statements = inside.empty() ? std::nullopt : reader.read();
  if (statements) {
    finding.notes = {Note{std::string(reader.handled() ? kShowing : kOneByOne)}};
    finding.fix = Fix{Safety::Review, "unwrap the block", unwrap_edits(ctx, inside, *statements)};
  }
  ctx.report(std::move(finding));
}

constexpr std::array kRules = {rule<check>(kDo)};

}  // namespace

std::span<const Rule> do_blocks() { return kRules; }

}  // namespace dsqlint
