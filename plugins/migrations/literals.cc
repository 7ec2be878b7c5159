#include "plugins/migrations/literals.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "engine/text/utf8.h"
#include "plugins/migrations/config_text.h"
#include "plugins/migrations/parameters.h"
#include "plugins/migrations/piece.h"
#include "plugins/migrations/xml.h"
#include "plugins/migrations/yaml.h"

namespace dsqlint::migrations {
namespace {

enum class Language : uint8_t { JavaScript, Python, Ruby, Elixir, CSharp, Xml, Pairs };

/// The calls that send SQL, and those that make it.
struct Calls {
  std::string_view tool;
  std::array<std::string_view, 2> sends;
  std::string_view operations;  ///< RE2
  /// Where values for what stands in the text follow it.
  enum class Values : uint8_t { Elsewhere, InTuple, NextArgument, InOptions } values = {};
};

constexpr Calls kCalls[] = {
    {"alembic",
     {"execute", "execute"},
     R"(\bop\.(?:create|drop|add|alter|rename|bulk|batch)_\w+\s*\()"},
    {"db-migrate",
     {"runSql", "runSql"},
     R"(\bdb\s*\.\s*(?:create|drop|add|remove|rename|change|insert)\w*\s*\()"},
    {"django",
     {"RunSQL", "RunSQL"},
     R"(\b(?:migrations\.)?(?:(?:Create|Delete|Add|Remove|Alter|Rename)(?:Model|Field|Index|Constraint|Unique|Index|Order)\w*|RunPython)\s*\()",
     Calls::Values::InTuple},
    {"ecto",
     {"execute", "execute"},
     R"((?m)^\s*(?:create|drop|alter|rename)(?:_if_(?:not_)?exists)?[ (]+(?:unique_)?(?:table|index|constraint)\b|\b(?:flush|repo)\(\)\.(?:insert|update|delete)_all\b)"},
    {"ef-core",
     {"Sql", "Sql"},
     R"(\bmigrationBuilder\.(?:Create|Drop|Add|Alter|Rename|Insert|Update|Delete)\w+\s*[(<])"},
    {"knex",
     {"raw", "raw"},
     R"(\bschema\s*\.\s*(?:create|drop|alter|rename|table)\w*\s*\()",
     Calls::Values::NextArgument},
    {"kysely",
     {"sql", "sql"},
     R"(\.\s*schema\s*\.\s*(?:create|drop|alter)\w*\s*\(|\.\s*(?:insertInto|updateTable|deleteFrom)\s*\()"},
    {"mikro-orm", {"addSql", "execute"}, R"(\bgetKnex\s*\(|\bgetEntityManager\s*\()"},
    {"node-pg-migrate",
     {"sql", "sql"},
     R"(\bpgm\s*\.\s*(?:create|drop|add|alter|rename|grant|revoke)\w*\s*\()"},
    {"rails",
     {"execute", "exec_update"},
     R"((?m)^\s*(?:create_table|drop_table|add_\w+|remove_\w+|rename_\w+|change_\w+|create_enum|enable_extension)\b)"},
    {"sequelize",
     {"query", "query"},
     R"(\bqueryInterface\s*\.\s*(?:create|drop|add|remove|change|rename|bulk)\w+\s*\()",
     Calls::Values::InOptions},
    {"typeorm",
     {"query", "query"},
     R"(\bqueryRunner\s*\.\s*(?:create|drop|add|change|rename)\w+\s*\()"},
};

/// How programs open transactions of their own.
struct OwnTransaction {
  enum class Kind : uint8_t {
    Option,    ///< a call names it among its options
    Brackets,  ///< what stands in the brackets that the match opens
    Lines,   ///< the lines that are indented deeper than the one that opens it; a group: its blanks
    Begins,  ///< what follows
    Ends,    ///< … until this
  };
  std::string_view tool;
  Kind kind;
  std::string_view pattern;  ///< RE2
};

constexpr OwnTransaction kOwnTransactions[] = {
    {"ecto", OwnTransaction::Kind::Lines, R"((?m)^([ \t]+)[^\n#]*\.transaction[ (]+fn\b[^\n]*$)"},
    {"knex", OwnTransaction::Kind::Brackets, R"(\.\s*transaction\s*\()"},
    {"kysely", OwnTransaction::Kind::Brackets,
     R"(\.\s*transaction\s*\(\s*\)(?:\s*\.\s*\w+\s*\([^()]*\))*?\s*\.\s*execute\s*\()"},
    {"rails", OwnTransaction::Kind::Lines,
     R"((?m)^([ \t]+)(?:[\w:]+\.)?transaction\b[^\n#]*\bdo\b[^\n]*$)"},
    {"sequelize", OwnTransaction::Kind::Option, R"(\.\s*transaction\s*\()"},
    {"typeorm", OwnTransaction::Kind::Brackets, R"(\.\s*transaction\s*\()"},
    {"typeorm", OwnTransaction::Kind::Begins, R"(\.\s*startTransaction\s*\()"},
    {"typeorm", OwnTransaction::Kind::Ends, R"(\.\s*(?:commit|rollback)Transaction\s*\()"},
};

constexpr std::string_view kPlaceholder = "placeholder";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// A literal as it stands in the file.
struct Literal {
  Range body;
  size_t end = 0;          ///< past the closing quote
  bool escapes = true;     ///< backslashes
  char doubled = 0;        ///< two of these are one
  std::string_view opens;  ///< of an interpolation: `${`, `#{`, `{`
  bool multiline = false;
  std::string_view barred;  ///< what must not be written into it
};

class Extractor {
 public:
  Extractor(const Tool& tool, Language language, std::string_view text)
      : tool_(tool), language_(language), text_(text) {}

  Extracted run() {
    switch (language_) {
      case Language::Xml:
        xml();
        break;
      case Language::Pairs:
        pairs();
        break;
      default:
        program();
    }
    return std::move(out_);
  }

 private:
  bool at(size_t i, std::string_view word) const { return text_.substr(i, word.size()) == word; }
  size_t line_end(size_t i) const { return std::min(text_.find('\n', i), text_.size()); }

  bool skips_hash() const {
    return language_ == Language::Python || language_ == Language::Ruby ||
           language_ == Language::Elixir;
  }
  size_t skip_comment(size_t i) const {
    if (skips_hash()) return i < text_.size() && text_[i] == '#' ? line_end(i) : i;
    if (at(i, "//")) return line_end(i);
    if (!at(i, "/*")) return i;
    const size_t end = text_.find("*/", i + 2);
    return end == std::string_view::npos ? text_.size() : end + 2;
  }
  size_t skip_blanks(size_t i) const {
    for (;;) {
      while (i < text_.size() && is_blank(text_[i])) ++i;
      const size_t next = skip_comment(i);
      if (next == i) return i;
      i = next;
    }
  }

  /// Past the brace that closes an interpolation.
  size_t skip_braces(size_t i) const {
    size_t depth = 1;
    while (i < text_.size() && depth > 0) {
      if (text_[i] == '{') ++depth;
      if (text_[i] == '}') --depth;
      ++i;
    }
    return i;
  }

  /// The quote that ends what begins at `begin`; npos when none does.
  size_t closing(size_t begin, std::string_view quote, const Literal& literal) const {
    for (size_t i = begin; i < text_.size();) {
      if (literal.escapes && text_[i] == '\\') {
        i += 2;
      } else if (!literal.opens.empty() && literal.opens.size() == 2 && at(i, literal.opens)) {
        i = skip_braces(i + 2);
      } else if (literal.doubled != 0 && text_[i] == literal.doubled && i + 1 < text_.size() &&
                 text_[i + 1] == literal.doubled) {
        i += 2;
      } else if (at(i, quote)) {
        return i;
      } else if (!literal.multiline && text_[i] == '\n') {
        return std::string_view::npos;
      } else {
        ++i;
      }
    }
    return std::string_view::npos;
  }

  std::optional<Literal> closed(size_t begin, std::string_view quote, Literal literal) const {
    const size_t end = closing(begin, quote, literal);
    if (end == std::string_view::npos) return std::nullopt;
    literal.body = {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
    literal.end = end + quote.size();
    return literal;
  }

  std::optional<Literal> literal_at(size_t i) const {
    if (i >= text_.size()) return std::nullopt;
    switch (language_) {
      case Language::JavaScript:
        if (text_[i] == '`') {
          return closed(i + 1, "`", {.opens = "${", .multiline = true, .barred = "`\\$"});
        }
        break;
      case Language::Python: {
        size_t quote = i;
        bool raw = false;
        bool format = false;
        while (quote < text_.size() && quote < i + 2 &&
               std::string_view("rRbBfFuU").find(text_[quote]) != std::string_view::npos) {
          raw = raw || text_[quote] == 'r' || text_[quote] == 'R';
          format = format || text_[quote] == 'f' || text_[quote] == 'F';
          ++quote;
        }
        if (quote >= text_.size() || (text_[quote] != '\'' && text_[quote] != '"')) break;
        Literal literal{.escapes = !raw, .opens = format ? "{" : ""};
        literal.barred = text_[quote] == '"' ? "\"\\{}" : "'\\{}";
        for (const std::string_view triple : {"\"\"\"", "'''"}) {
          if (!at(quote, triple)) continue;
          literal.multiline = true;
          // A quote at its very end would close it too early, so none is written.
          return closed(quote + 3, triple, literal);
        }
        return closed(quote + 1, text_.substr(quote, 1), literal);
      }
      case Language::Ruby:
        if (at(i, "<<")) return heredoc(i);
        if (text_[i] == '"') {
          return closed(i + 1, "\"", {.opens = "#{", .multiline = true, .barred = "\"\\#"});
        }
        if (text_[i] == '\'') {
          return closed(i + 1, "'", {.multiline = true, .barred = "'\\"});
        }
        return std::nullopt;
      case Language::Elixir:
        if (text_[i] == '~') return sigil(i);
        if (at(i, "\"\"\"")) {
          return closed(i + 3, "\"\"\"", {.opens = "#{", .multiline = true, .barred = "\"\\#"});
        }
        if (text_[i] == '"') {
          return closed(i + 1, "\"", {.opens = "#{", .multiline = true, .barred = "\"\\#"});
        }
        return std::nullopt;
      case Language::CSharp: {
        size_t quote = i;
        bool verbatim = false;
        bool format = false;
        while (quote < text_.size() && (text_[quote] == '@' || text_[quote] == '$')) {
          verbatim = verbatim || text_[quote] == '@';
          format = format || text_[quote] == '$';
          ++quote;
        }
        const std::string_view opens = format ? "{" : "";
        if (at(quote, "\"\"\"")) {
          return closed(quote + 3, "\"\"\"",
                        {.escapes = false, .opens = opens, .multiline = true, .barred = "\"{}"});
        }
        if (quote < text_.size() && text_[quote] == '"' && verbatim) {
          return closed(quote + 1, "\"",
                        {.escapes = false,
                         .doubled = '"',
                         .opens = opens,
                         .multiline = true,
                         .barred = "\"{}"});
        }
        if (quote < text_.size() && text_[quote] == '"') {
          return closed(quote + 1, "\"", {.opens = opens, .barred = "\"\\{}"});
        }
        return std::nullopt;
      }
      default:
        break;
    }
    if (text_[i] == '"') return closed(i + 1, "\"", {.barred = "\"\\"});
    if (text_[i] == '\'') return closed(i + 1, "'", {.barred = "'\\"});
    return std::nullopt;
  }

  /// `~s(…)`, `~S"""…"""`: a letter, and what encloses the text.
  std::optional<Literal> sigil(size_t i) const {
    const char kind = i + 1 < text_.size() ? text_[i + 1] : ' ';
    if ((kind != 's' && kind != 'S') || i + 2 >= text_.size()) return std::nullopt;
    const bool raw = kind == 'S';
    Literal literal{
        .escapes = !raw, .opens = raw ? "" : "#{", .multiline = true, .barred = "\"\\#()[]{}|/"};
    if (at(i + 2, "\"\"\"")) return closed(i + 5, "\"\"\"", literal);
    constexpr std::string_view kPairs[] = {"()", "[]", "{}", "<>", "||", "//", "\"\"", "''"};
    for (const std::string_view pair : kPairs) {
      if (text_[i + 2] == pair[0]) return closed(i + 3, pair.substr(1), literal);
    }
    return std::nullopt;
  }

  /// `<<~SQL`, `<<-SQL`, `<<~'SQL'`: the text begins on the next line.
  std::optional<Literal> heredoc(size_t i) const {
    static const RE2 kOpening(R"(<<([~-]?)(['"]?)([A-Z_a-z]\w*)['"]?)");
    re2::StringPiece rest(text_.data() + i, text_.size() - i);
    std::string mode;
    std::string quote;
    std::string word;
    if (!RE2::Consume(&rest, kOpening, &mode, &quote, &word)) return std::nullopt;
    const size_t begin = line_end(i) + 1;
    for (size_t line = begin; line < text_.size(); line = line_end(line) + 1) {
      std::string_view here = text_.substr(line, line_end(line) - line);
      if (here.ends_with('\r')) here.remove_suffix(1);
      const size_t indent = mode.empty() ? 0 : std::min(here.find_first_not_of(" \t"), here.size());
      if (here.substr(indent) != word) continue;
      const bool plain = quote == "'";
      Literal literal{.body = {static_cast<uint32_t>(begin), static_cast<uint32_t>(line)},
                      .escapes = !plain,
                      .opens = plain ? "" : "#{",
                      .multiline = true,
                      .barred = plain ? "" : "\\#"};
      literal.end = line + indent + word.size();
      return literal;
    }
    return std::nullopt;
  }

  /// Takes over the text of a literal, in which `parameters` are placeholders for values.
  void take(const Literal& literal, Parameters parameters = Parameters::None) {
    MappedText& text = out_.text;
    const uint32_t first = text.size();
    uint32_t run = literal.body.begin;
    const auto flush = [&](uint32_t until) { text.copy(text_, {run, until}); };
    uint32_t i = literal.body.begin;
    const auto stands_for = [&](uint32_t until, std::string_view what) {
      flush(i);
      text.replace({i, until}, what);
      i = run = until;
    };
    const std::string_view body = text_.substr(0, literal.body.end);
    // Knex takes a `?` for a value unless it is escaped, in the program's text once more.
    const bool knex = calls_ != nullptr && calls_->values == Calls::Values::NextArgument;
    while (i < literal.body.end) {
      if (knex && at(i, R"(\\?)")) {
        stands_for(i + 3, "?");
      } else if (literal.escapes && text_[i] == '\\' && i + 1 < literal.body.end) {
        std::string decoded;
        const uint32_t end = std::min(escape(i, decoded), literal.body.end);
        stands_for(end, decoded);
      } else if (literal.doubled != 0 && text_[i] == literal.doubled) {
        stands_for(i + 2, text_.substr(i, 1));
      } else if (literal.opens == "{" && (at(i, "{{") || at(i, "}}"))) {
        stands_for(i + 2, text_.substr(i, 1));
      } else if (!literal.opens.empty() && at(i, literal.opens)) {
        const size_t end = skip_braces(i + literal.opens.size());
        stands_for(std::min(static_cast<uint32_t>(end), literal.body.end), kPlaceholder);
      } else if (const auto parameter = parameter_at(body, i, parameters)) {
        stands_for(static_cast<uint32_t>(parameter->end), parameter->sql);
      } else {
        ++i;
      }
    }
    flush(literal.body.end);
    std::string barred(literal.barred);
    if (parameters != Parameters::None) barred += "%?";
    text.quote({{first, text.size()}, std::move(barred), literal.multiline});
  }

  /// Decodes the escape at `i`; returns where it ends.
  uint32_t escape(uint32_t i, std::string& decoded) const {
    const char c = text_[i + 1];
    const auto hex = [&](uint32_t begin, uint32_t digits) -> uint32_t {
      uint32_t code = 0;
      uint32_t k = begin;
      for (; k < begin + digits && k < text_.size(); ++k) {
        const char h = text_[k];
        const int value = h >= '0' && h <= '9'   ? h - '0'
                          : h >= 'a' && h <= 'f' ? h - 'a' + 10
                          : h >= 'A' && h <= 'F' ? h - 'A' + 10
                                                 : -1;
        if (value < 0) break;
        code = code * 16 + static_cast<uint32_t>(value);
      }
      const bool character = code != 0 && code <= 0x10FFFF && (code < 0xD800 || code >= 0xE000);
      append_utf8(decoded, character ? code : 0xFFFD);
      return k;
    };
    switch (c) {
      case 'n':
        decoded = "\n";
        return i + 2;
      case 't':
        decoded = "\t";
        return i + 2;
      case 'r':
        decoded = "\r";
        return i + 2;
      case 'x':
        return hex(i + 2, 2);
      case 'u':
        return hex(i + 2, 4);
      case '\n':  // the line goes on
        return i + 2;
      default:
        decoded = c;
        return i + 2;
    }
  }

  void begin_statement() {
    statement_ = out_.text.size();
    open_ = true;
  }
  /// The lines that are indented deeper than the one that opens them; none within another.
  std::vector<Range> indented_blocks(std::string_view pattern) const {
    std::vector<Range> blocks;
    const RE2 opening{"(" + std::string(pattern) + ")"};
    re2::StringPiece rest(text_.data(), text_.size());
    re2::StringPiece line;
    re2::StringPiece indent;
    while (RE2::FindAndConsume(&rest, opening, &line, &indent)) {
      const auto begin = static_cast<size_t>(line.data() + line.size() - text_.data());
      if (!blocks.empty() && begin < blocks.back().end) continue;
      size_t end = std::min(begin + 1, text_.size());
      for (; end < text_.size(); end = std::min(line_end(end) + 1, text_.size())) {
        const std::string_view here = text_.substr(end, line_end(end) - end);
        const size_t blanks = here.find_first_not_of(" \t\r");
        if (blanks != here.npos && blanks <= indent.size()) break;
      }
      blocks.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
    }
    return blocks;
  }

  /// The one of the blocks, sorted and none within another, in which `i` stands.
  static const Range* block_at(const std::vector<Range>& blocks, size_t i) {
    const auto after =
        std::upper_bound(blocks.begin(), blocks.end(), i,
                         [](size_t place, const Range& block) { return place < block.begin; });
    if (after == blocks.begin() || i >= std::prev(after)->end) return nullptr;
    return &*std::prev(after);
  }

  /// The blocks whose calls are in no transaction, and where the program opens one itself.
  void find_blocks() {
    if (!tool_.block_opted_out.empty()) apart_ = indented_blocks(tool_.block_opted_out);
    std::string text;
    for (const OwnTransaction& row : kOwnTransactions) {
      if (row.tool != tool_.name) continue;
      if (row.kind == OwnTransaction::Kind::Option) {
        by_option_ = true;
      } else if (row.kind == OwnTransaction::Kind::Lines) {
        own_ = indented_blocks(row.pattern);
        continue;
      }
      if (text.empty()) {
        text = without_comments(text_, skips_hash() ? Comments::Hash : Comments::Slashes);
      }
      const RE2 pattern{"(" + std::string(row.pattern) + ")"};
      re2::StringPiece rest(text);
      re2::StringPiece found;
      while (RE2::FindAndConsume(&rest, pattern, &found)) {
        const auto end = static_cast<size_t>(found.data() + found.size() - text.data());
        const auto past = static_cast<uint32_t>(end);
        if (row.kind != OwnTransaction::Kind::Brackets) {
          marks_.emplace_back(past, row.kind != OwnTransaction::Kind::Ends);
        } else if (own_.empty() || past >= own_.back().end) {
          // One within another is a part of it.
          own_.push_back({past, static_cast<uint32_t>(std::min(past_closing(end), text_.size()))});
        }
      }
    }
    std::sort(marks_.begin(), marks_.end());
  }

  /// Marks what was sent since `first` with the program's transaction: by the call at `i`, the rest
  /// of whose arguments begins at `rest`. Calls come in the order of the text.
  void see_own(size_t first, size_t i, size_t rest) {
    for (; mark_ < marks_.size() && marks_[mark_].first <= i; ++mark_) {
      const auto [place, begins] = marks_[mark_];
      // One that another direction has opened says nothing here.
      if (!turns_.empty() && turns_.back().first > place) continue;
      begun_ = begins ? place : 0;
      // What follows a COMMIT of the program is no longer in the tool's transaction.
      ended_ = ended_ || !begins;
    }
    const Range* block = block_at(own_, i);
    uint32_t own = block != nullptr ? block->begin : begun_;
    bool ended = ended_;
    if (by_option_) {
      // A query without the option has a connection of its own.
      own = names_transaction(rest) ? std::max<uint32_t>(begun_, 1) : 0;
      ended = false;
    }
    for (size_t k = first; k < out_.sent.size(); ++k) {
      out_.sent[k].own = own;
      out_.sent[k].apart = out_.sent[k].apart || ended;
    }
  }

  /// `{ transaction }` or `{ transaction: t }` among the rest of the arguments from `i` on.
  bool names_transaction(size_t i) const {
    constexpr size_t kFar = 4096;
    const size_t end = std::min(i + kFar, text_.size());
    for (size_t depth = 1; depth > 0 && i < end;) {
      if (depth == 2 && at(i, "transaction") && !is_word(text_[i - 1]) && text_[i - 1] != '.') {
        const size_t next = skip_blanks(i + 11);
        const char c = next < text_.size() ? text_[next] : ' ';
        if (c == ':' || c == ',' || c == '}') return true;
      }
      i = step(i, depth);
    }
    return false;
  }

  /// Marks what was sent since `first` by the call whose arguments end at `i`.
  void see_rest_of_call(size_t first, size_t i) {
    if (block_at(apart_, i) != nullptr) {
      for (size_t k = first; k < out_.sent.size(); ++k) out_.sent[k].apart = true;
    }
    if (tool_.call_opted_out.empty()) return;
    const std::string_view rest = text_.substr(i, text_.find(';', i) - i);
    if (!RE2::PartialMatch(re2::StringPiece(rest.data(), rest.size()),
                           RE2(std::string(tool_.call_opted_out)))) {
      return;
    }
    for (; first < out_.sent.size(); ++first) out_.sent[first].apart = true;
  }

  void end_statement(bool down, Parameters parameters = Parameters::None) {
    if (!open_) return;
    open_ = false;
    for (const Literal& part : parts_) {
      if (part.end > part.body.end) {
        take(part, parameters);
      } else {
        out_.text.replace(part.body, kPlaceholder);
      }
    }
    parts_.clear();
    if (out_.text.size() > statement_) {
      out_.sent.push_back({{statement_, out_.text.size()}, down});
    }
    out_.text.add("\n");
  }

  /// Past the next thing, whatever it is; `depth` counts the brackets that are open.
  size_t step(size_t i, size_t& depth) const {
    if (const size_t past = skip_comment(i); past != i) return past;
    if (const auto literal = literal_at(i)) return literal->end;
    if (std::string_view("([{").find(text_[i]) != std::string_view::npos) ++depth;
    if (std::string_view(")]}").find(text_[i]) != std::string_view::npos) --depth;
    return i + 1;
  }

  /// Past the bracket that closes what `i` stands in.
  size_t past_closing(size_t i) const {
    for (size_t depth = 1; depth > 0 && i < text_.size();) i = step(i, depth);
    return i;
  }

  /// Which values follow a text that ends before `i`, in that many brackets?
  Parameters parameters_at(size_t i, size_t depth) const {
    if (i >= text_.size() || text_[i] != ',') return Parameters::None;
    i = skip_blanks(i + 1);
    if (i >= text_.size() || text_[i] == ')') return Parameters::None;
    switch (calls_->values) {
      case Calls::Values::Elsewhere:
        return Parameters::None;
      case Calls::Values::InTuple:
        return depth > 1 && !at(i, "None") ? Parameters::Percent : Parameters::None;
      case Calls::Values::NextArgument:
        return text_[i] == '{' ? Parameters::Names : Parameters::Positions;
      case Calls::Values::InOptions:
        return text_[i] == '{' ? parameters_in(i + 1) : Parameters::None;
    }
    return Parameters::None;
  }

  /// The same in an object of options. It is searched no further than options are long: calls may
  /// stand in calls.
  Parameters parameters_in(size_t i) const {
    static const RE2 kBind(R"(bind\b)");
    static const RE2 kNames(R"(replacements\s*:\s*\{)");
    static const RE2 kValues(R"(replacements\b)");
    constexpr size_t kFar = 4096;
    const auto begins_with = [&](const RE2& pattern) {
      re2::StringPiece rest = piece(text_.substr(i));
      return RE2::Consume(&rest, pattern);
    };
    const size_t end = std::min(i + kFar, text_.size());
    for (size_t depth = 1; depth > 0 && i < end;) {
      if (depth == 1 && !is_word(text_[i - 1])) {
        if (begins_with(kBind) || begins_with(kNames)) return Parameters::Names;
        if (begins_with(kValues)) return Parameters::Positions;
      }
      i = step(i, depth);
    }
    return Parameters::None;
  }

  /// The argument at `i`: literals, perhaps in lists, put together, or wrapped in a call. Returns
  /// where it ends.
  size_t argument(size_t i, bool down) {
    size_t depth = 0;
    bool any = false;
    const size_t begin = i;
    for (;;) {
      i = skip_blanks(i);
      if (const auto literal = literal_at(i)) {
        if (!open_) begin_statement();
        parts_.push_back(*literal);
        any = true;
        i = literal->end;
        // A call's text goes on with `+`, in Python also by itself.
        size_t next = skip_blanks(i);
        if (next < text_.size() && (text_[next] == '+' || text_[next] == '\\')) {
          next = skip_blanks(next + 1);
          if (literal_at(next)) {
            i = next;
            continue;
          }
          if (next < text_.size() && is_word(text_[next])) {
            // A value that only the program knows.
            const size_t value = next;
            while (next < text_.size() && (is_word(text_[next]) || text_[next] == '.')) ++next;
            const auto end = static_cast<uint32_t>(next);
            parts_.push_back({.body = {static_cast<uint32_t>(value), end}, .end = end});
            next = skip_blanks(next);
            if (next < text_.size() && text_[next] == '+') {
              i = next + 1;
              continue;
            }
          }
          i = next;
        } else if (language_ == Language::Python && literal_at(next)) {
          i = next;
          continue;
        }
        i = skip_blanks(i);
        end_statement(down, parameters_at(i, depth));
        if (depth > 1 && calls_->values == Calls::Values::InTuple) {
          i = skip_blanks(past_closing(i));
          --depth;
        }
        if (depth > 0 && i < text_.size() && text_[i] == ',') {
          ++i;
          continue;
        }
        return i;
      }
      if (i < text_.size() && (text_[i] == '[' || text_[i] == '(')) {
        ++depth;
        ++i;
        continue;
      }
      size_t word = i;
      while (word < text_.size() && (is_word(text_[word]) || text_[word] == '.')) ++word;
      const size_t behind = skip_blanks(word);
      const bool names = word > i && behind < text_.size();
      if (names && text_[behind] == '(' && !any) {
        i = behind + 1;
      } else if (names && text_[behind] == '=' && !any &&
                 (at(i, "sql") || at(i, "sqltext") || at(i, "statement"))) {
        i = behind + 1;
      } else {
        end_statement(down);
        if (!any) {
          out_.unreadable.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(word)});
        }
        return std::max(i, word);
      }
    }
  }

  /// Does the word say in which direction what follows runs?
  void turn(std::string_view word, size_t begin, size_t end) {
    const bool up = word == "up" || word == "Up" || word == "upgrade" || word == "change";
    const bool down = word == "down" || word == "Down" || word == "downgrade";
    if (!up && !down) return;
    const size_t next =
        end + std::min(text_.substr(end).find_first_not_of(" \t"), text_.size() - end);
    const bool opens =
        next < text_.size() && std::string_view("(=:{").find(text_[next]) != std::string_view::npos;
    const bool ruby = (language_ == Language::Ruby || language_ == Language::Elixir) &&
                      ((begin >= 4 && text_.substr(begin - 4, 4) == "def ") ||
                       (begin > 0 && text_[begin - 1] == '.'));
    if (!opens && !ruby) return;
    down_ = down;
    turns_.emplace_back(begin, down);
    begun_ = 0;
    ended_ = false;
  }

  bool has_bare_calls() const {
    return language_ == Language::Ruby || language_ == Language::Elixir;
  }

  /// `` sql`…`.execute(db) ``, perhaps with a type before the text; `end` is that of the word.
  size_t template_call(size_t end) {
    size_t i = skip_blanks(end);
    if (i < text_.size() && text_[i] == '<') {
      const size_t close = text_.find_first_of("`\n;", i);
      if (close == text_.npos || text_[close] != '`') return end;
      i = close;
    }
    const bool raw = at(i, ".raw(");
    if (raw) i = skip_blanks(i + 5);
    const auto literal = literal_at(i);
    if (!literal || (!raw && text_[i] != '`')) return end;
    size_t past = skip_blanks(literal->end);
    if (raw && past < text_.size() && text_[past] == ')') past = skip_blanks(past + 1);
    if (!at(past, ".") || !at(skip_blanks(past + 1), "execute")) return literal->end;
    begin_statement();
    parts_.push_back(*literal);
    end_statement(down_);
    return literal->end;
  }

  void program() {
    for (const Calls& row : kCalls) {
      if (row.tool == tool_.name) calls_ = &row;
    }
    if (calls_ == nullptr) return;
    find_blocks();
    for (size_t i = 0; i < text_.size();) {
      if (const size_t past = skip_comment(i); past != i) {
        i = past;
        continue;
      }
      if (is_word(text_[i])) {
        size_t end = i;
        while (end < text_.size() && is_word(text_[end])) ++end;
        if (const auto literal = literal_at(i)) {  // a Python prefix
          i = literal->end;
          continue;
        }
        const std::string_view word = text_.substr(i, end - i);
        turn(word, i, end);
        const size_t next = skip_blanks(end);
        const bool sends = word == calls_->sends[0] || word == calls_->sends[1];
        const bool defined = i >= 4 && text_.substr(i - 4, 4) == "def ";
        if (word == "reverse_sql" && next < text_.size() && text_[next] == '=') {
          i = argument(next + 1, true);
        } else if (sends && !defined && next < text_.size() && text_[next] == '(') {
          const size_t first = out_.sent.size();
          const size_t call = i;
          i = argument(next + 1, down_);
          see_rest_of_call(first, std::min(i, text_.size()));
          see_own(first, call, std::min(i, text_.size()));
        } else if (sends && !defined && has_bare_calls() && literal_at(next)) {
          const size_t first = out_.sent.size();
          const size_t call = i;
          i = argument(next, down_);
          see_own(first, call, i);
        } else if (sends && tool_.name == "kysely") {
          const size_t first = out_.sent.size();
          const size_t call = i;
          i = template_call(end);
          see_own(first, call, i);
        } else {
          i = end;
        }
        continue;
      }
      const auto literal = literal_at(i);
      i = literal ? literal->end : i + 1;
    }
    count_operations();
  }

  /// Those that go up.
  void count_operations() {
    const bool hash = skips_hash();
    const std::string text = without_comments(text_, hash ? Comments::Hash : Comments::Slashes);
    const RE2 operations{"(" + std::string(calls_->operations) + ")"};
    re2::StringPiece rest(text);
    re2::StringPiece found;
    auto turn = turns_.begin();
    bool down = false;
    while (RE2::FindAndConsume(&rest, operations, &found)) {
      const auto at = static_cast<size_t>(found.data() - text.data());
      for (; turn != turns_.end() && turn->first <= at; ++turn) down = turn->second;
      if (!down) ++out_.operations;
    }
  }

  void xml() {
    static const RE2 kChange(
        "(?:create|drop|add|rename|modify|alter|insert|update|delete|load|merge|set)[A-Z]\\w*|"
        "customChange|executeCommand");
    size_t rollbacks = 0;  // their content undoes a migration
    std::optional<uint32_t> body;
    for (const Tag& tag : tags_of(text_)) {
      if (tag.name == "rollback" && !tag.empty) {
        if (!tag.closing) {
          ++rollbacks;
        } else if (rollbacks > 0) {
          --rollbacks;
        }
      } else if (tag.name == "sql" && !tag.closing && !tag.empty) {
        body = tag.range.end;
      } else if (tag.name == "sql" && body) {
        begin_statement();
        copy_element(text_, {*body, tag.range.begin}, out_.text);
        end_statement(rollbacks > 0);
        body.reset();
      } else if (!tag.closing && rollbacks == 0 && RE2::FullMatch(piece(tag.name), kChange)) {
        ++out_.operations;
      }
    }
  }

  /// YAML and JSON: the values of the keys that mean SQL.
  void pairs() {
    static const RE2 kChange(
        "(?:create|drop|add|rename|modify|alter|insert|update|delete|load|merge|set)[A-Z]\\w*|"
        "customChange|executeCommand");
    const bool pgroll = tool_.name == "pgroll";
    const std::vector<YamlEntry> entries = yaml_entries(text_);
    const auto key_of = [&](uint32_t entry) {
      return entry == YamlEntry::kNone ? std::string_view() : entries[entry].key;
    };
    const auto parent_of = [&](uint32_t entry) {
      return entry == YamlEntry::kNone ? YamlEntry::kNone : entries[entry].parent;
    };
    std::vector<bool> takes_back(entries.size());  // it stands in a rollback
    for (uint32_t i = 0; i < entries.size(); ++i) {
      const YamlEntry& entry = entries[i];
      const std::string_view parent = key_of(entry.parent);
      takes_back[i] =
          entry.key == "rollback" || (entry.parent != YamlEntry::kNone && takes_back[entry.parent]);
      if (entry.style == YamlStyle::None) {
        const bool operation = pgroll ? entry.key != "sql" && !entry.key.empty() &&
                                            key_of(parent_of(entry.parent)) == "operations"
                                      : RE2::FullMatch(piece(entry.key), kChange);
        if (operation && !takes_back[i]) ++out_.operations;
        continue;
      }
      const bool sends = pgroll ? parent == "sql" && (entry.key == "up" || entry.key == "down")
                                : entry.key == "sql" || entry.key == "rollback";
      if (!sends || entry.value.empty()) continue;
      begin_statement();
      const auto literal = entry.style == YamlStyle::Single || entry.style == YamlStyle::Double
                               ? quoted_value(entry.value.begin - 1)
                               : std::nullopt;
      if (literal) {
        take(*literal);
      } else {
        out_.text.copy(text_, entry.value);
      }
      end_statement(pgroll ? entry.key == "down" : takes_back[i]);
    }
  }

  std::optional<Literal> quoted_value(size_t i) const {
    if (i >= text_.size()) return std::nullopt;
    if (text_[i] == '"') return closed(i + 1, "\"", {.multiline = true, .barred = "\"\\"});
    if (text_[i] != '\'') return std::nullopt;
    return closed(i + 1, "'",
                  {.escapes = false, .doubled = '\'', .multiline = true, .barred = "'"});
  }

  const Tool& tool_;
  Language language_;
  std::string_view text_;
  const Calls* calls_ = nullptr;
  Extracted out_;
  /// Of the statement that is open: literals, and values that only the program knows, which have no
  /// closing quote.
  std::vector<Literal> parts_;
  uint32_t statement_ = 0;
  bool open_ = false;
  bool down_ = false;
  std::vector<std::pair<size_t, bool>> turns_;  ///< where what follows goes up or down
  std::vector<Range> apart_;
  std::vector<Range> own_;                        ///< transactions of the program
  std::vector<std::pair<uint32_t, bool>> marks_;  ///< where one begins or ends
  size_t mark_ = 0;                               ///< the next of them
  uint32_t begun_ = 0;                            ///< where the open one begins; 0: none is
  bool ended_ = false;                            ///< one has ended, and the tool's with it
  bool by_option_ = false;
};

Language language_of(std::string_view path) {
  if (path.ends_with(".py")) return Language::Python;
  if (path.ends_with(".rb")) return Language::Ruby;
  if (path.ends_with(".cs")) return Language::CSharp;
  if (path.ends_with(".xml")) return Language::Xml;
  if (path.ends_with(".json") || path.ends_with(".yml") || path.ends_with(".yaml")) {
    return Language::Pairs;
  }
  if (path.ends_with(".exs")) return Language::Elixir;
  return Language::JavaScript;
}

}  // namespace

Extracted extract(const Tool& tool, std::string_view path, std::string_view file) {
  return Extractor(tool, language_of(path), file).run();
}

}  // namespace dsqlint::migrations
