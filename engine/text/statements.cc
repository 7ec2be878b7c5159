// The shape pass. Follows psql's psqlscan.l in what ends a statement.

#include "engine/text/statements.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace dsqlint {
namespace {

/// Is one of `names`, which are sorted, a command of this line? Several can share it:
/// `\bind 'x' \g`.
bool has_command(std::string_view line, std::span<const std::string_view> names) {
  for (size_t i = 0; i != std::string_view::npos; i = line.find(" \\", i)) {
    if (i != 0) ++i;
    const std::string_view rest = line.substr(i);
    if (std::binary_search(names.begin(), names.end(),
                           rest.substr(0, rest.find_first_of(" \t(|")))) {
      return true;
    }
    if (i == 0) i = 1;
  }
  return false;
}

/// psql commands that send what has been typed or throw it away, and so end the statement before
/// them.
bool ends_query(std::string_view command) {
  constexpr std::array<std::string_view, 9> kEnding = {
      "\\crosstabview", "\\g", "\\gdesc", "\\gexec", "\\gset", "\\gx", "\\r", "\\reset", "\\watch"};
  return has_command(command, kEnding);
}

constexpr std::array<std::string_view, 1> kIf = {"\\if"};
constexpr std::array<std::string_view, 1> kEndIf = {"\\endif"};

/// psql reads no further after these, unless they stand within \\if, which may not hold.
bool ends_file(std::string_view command) {
  constexpr std::array<std::string_view, 2> kQuit = {"\\q", "\\quit"};
  return has_command(command, kQuit);
}

/// psql's \\copy … FROM STDIN: the rows follow in the script, unlike those of FROM PSTDIN.
bool copies_from_script(std::string_view text, Range command) {
  constexpr std::string_view kCopy = "\\copy";
  const std::string_view words = text.substr(command.begin, command.end - command.begin);
  if (!words.starts_with(kCopy) || words.find_first_of(" \t") != kCopy.size()) return false;
  Lexer lexer(text, command.begin + kCopy.size(), command.end);
  Token token;
  bool after_from = false;
  for (uint32_t depth = 0; lexer.next(token);) {
    const std::string_view word = text.substr(token.begin, token.end - token.begin);
    if (word == "(") ++depth;
    if (word == ")" && depth > 0) --depth;
    if (depth > 0 || token.kind == TokenKind::Comment) continue;
    const bool bare = token.kind == TokenKind::Word;
    if (after_from)
      return bare && (equals_ignoring_case(word, "stdin") || equals_ignoring_case(word, "stdout"));
    after_from = bare && equals_ignoring_case(word, "from");
  }
  return false;
}

/// What the first words say about where a statement can end.
enum class Form : uint8_t { Ordinary, Copy, Routine, Rule };

/// Collects the first words of a statement until they tell its form.
class Opening {
 public:
  void add(std::string_view text, const Token& token) {
    if (count_ == kWords) return;
    words_[count_++] =
        token.kind == TokenKind::Word ? text.substr(token.begin, token.end - token.begin) : "";
    form_ = decide();
  }
  Form form() const { return form_; }

 private:
  static constexpr size_t kWords = 4;  // CREATE OR REPLACE FUNCTION

  bool is(size_t i, std::string_view word) const {
    return i < count_ && equals_ignoring_case(words_[i], word);
  }
  Form decide() const {
    if (is(0, "copy")) return Form::Copy;
    if (!is(0, "create")) return Form::Ordinary;
    const size_t i = is(1, "or") && is(2, "replace") ? 3 : 1;
    if (is(i, "function") || is(i, "procedure")) return Form::Routine;
    return is(i, "rule") ? Form::Rule : Form::Ordinary;
  }

  std::array<std::string_view, kWords> words_ = {};
  size_t count_ = 0;
  Form form_ = Form::Ordinary;
};

}  // namespace

Splitter::Splitter(const SourceFile& source) : Splitter(source.text()) {
  source_ = &source;
  if (source.files().empty()) return;
  std::vector<Range> parts;
  for (const FilePart& file : source.files()) parts.push_back(file.range);
  *this = Splitter(source.text(), std::move(parts));
  source_ = &source;
  files_ = true;
}

bool Splitter::next(StatementBatch& batch, uint32_t bytes) {
  batch.statements.clear();
  batch.directives.clear();
  batch.commands.clear();
  batch.tokens.clear();
  batch.comments.clear();
  batch.rows.clear();
  const uint32_t start = lexer_.offset();
  // A token every five bytes is usual.
  batch.tokens.reserve(std::min<size_t>(bytes, text_.size() - start) / 5);
  StatementText statement;
  while (lexer_.offset() - start < bytes && next_statement(statement, batch)) {
    batch.statements.push_back(statement);
  }
  batch.range = {start, lexer_.offset()};
  return lexer_.offset() > start;
}

bool Splitter::next_statement(StatementText& statement, StatementBatch& batch) {
  statement = {};
  if (!find_end(statement, batch)) return false;
  // What stands between its last token and its terminator is not the statement's.
  const auto count = [&](const auto& all, uint32_t first) {
    const auto end = std::partition_point(all.begin() + first, all.end(), [&](const auto& one) {
      return one.begin < statement.range.end;
    });
    return static_cast<uint32_t>(end - all.begin()) - first;
  };
  statement.token_count = count(batch.tokens, statement.first_token);
  statement.comment_count = count(batch.comments, statement.first_comment);
  return true;
}

bool Splitter::find_end(StatementText& statement, StatementBatch& batch) {
  Opening opening;
  Token token;
  bool started = false;
  uint32_t parentheses = 0;
  uint32_t atomic_depth = 0;
  bool after_begin = false;
  bool after_from = false;
  const auto word = [&](const Token& t, std::string_view expected) {
    return t.kind == TokenKind::Word &&
           equals_ignoring_case(text_.substr(t.begin, t.end - t.begin), expected);
  };
  for (;;) {
    if (!lexer_.next(token)) {
      if (started || part_ + 1 >= parts_.size()) return started;
      if (files_) conditions_ = 0;
      const Range part = parts_[++part_];
      text_ = whole_.substr(0, part.end);
      lexer_ = Lexer(whole_, part.begin, part.end);
      continue;
    }
    if (token.kind != TokenKind::Comment) batch.tokens.push_back(token);
    switch (token.kind) {
      case TokenKind::Comment: {
        batch.comments.push_back(token.range());
        const std::string_view comment = text_.substr(token.begin, token.end - token.begin);
        if (comment.find("dsqlint:") != std::string_view::npos) {
          batch.directives.push_back(token.range());
        }
        continue;
      }
      case TokenKind::MetaCommand: {
        const std::string_view command = text_.substr(token.begin, token.end - token.begin);
        if (has_command(command, kIf)) ++conditions_;
        if (has_command(command, kEndIf) && conditions_ > 0) --conditions_;
        if (conditions_ == 0 && ends_file(command)) {
          // What was typed before it is not sent.
          if (!started) batch.commands.push_back(token.range());
          started = false;
          statement = {};
          opening = {};
          parentheses = atomic_depth = 0;
          after_begin = after_from = false;
          lexer_.seek(static_cast<uint32_t>(text_.size()));
          // Nor is what follows in the file read.
          const size_t end = whole_.find(kBetweenFiles, text_.size());
          while (part_ + 1 < parts_.size() && parts_[part_ + 1].begin < end) ++part_;
          continue;
        }
        if (!started) {
          if (command == "\\;") continue;
          batch.commands.push_back(token.range());
          if (copies_from_script(text_, token.range())) skip_copy_data(token.end, batch);
          continue;
        }
        if (command == "\\;" || ends_query(command)) {
          statement.end = token.end;
          return true;
        }
        statement.has_meta_command = true;
        continue;
      }
      case TokenKind::Operator: {
        const char c = text_[token.begin];
        if (c == ';') {
          if (!started) continue;  // an empty statement does not count
          if (atomic_depth == 0 && (parentheses == 0 || opening.form() != Form::Rule)) {
            statement.end = token.end;
            statement.semicolon = true;
            if (statement.copies_from_stdin) skip_copy_data(token.end, batch);
            return true;
          }
        } else if (c == '(') {
          ++parentheses;
        } else if (c == ')' && parentheses > 0) {
          --parentheses;
        }
        break;
      }
      case TokenKind::PsqlVariable:
        statement.has_psql_variable = true;
        break;
      case TokenKind::Unterminated:
        statement.unterminated = true;
        break;
      default:
        break;
    }
    if (!started) {
      if (find_known_ && take_known(token.begin, statement, batch)) return true;
      started = true;
      statement.range.begin = token.begin;
      statement.first_token = static_cast<uint32_t>(batch.tokens.size() - 1);
      statement.first_comment = static_cast<uint32_t>(batch.comments.size());
    }
    statement.range.end = token.end;
    statement.end = token.end;
    opening.add(text_, token);
    if (token.kind != TokenKind::Word) {
      after_begin = after_from = false;
      continue;
    }
    if (opening.form() == Form::Copy) {
      // COPY … FROM STDOUT means the same to PostgreSQL.
      if (after_from && parentheses == 0 && (word(token, "stdin") || word(token, "stdout"))) {
        statement.copies_from_stdin = true;
      }
      after_from = word(token, "from");
    } else if (opening.form() == Form::Routine && parentheses == 0) {
      if (after_begin && word(token, "atomic")) {
        ++atomic_depth;
      } else if (atomic_depth > 0 && word(token, "case")) {
        ++atomic_depth;
      } else if (atomic_depth > 0 && word(token, "end")) {
        --atomic_depth;
      }
      after_begin = word(token, "begin");
    }
  }
}

/// The tokens of a known statement come where those read would stand; its first is there already.
bool Splitter::take_known(uint32_t begin, StatementText& statement, StatementBatch& batch) {
  const std::optional<KnownText> known = find_known_(begin);
  if (!known || known->end > text_.size()) return false;
  batch.tokens.pop_back();
  statement = {.range = known->range, .end = known->end, .semicolon = true};
  statement.known = known->number;
  statement.first_token = static_cast<uint32_t>(batch.tokens.size());
  statement.first_comment = static_cast<uint32_t>(batch.comments.size());
  const uint32_t shift = begin - known->begin;  // wraps around where the text has become shorter
  for (const Token& token : known->tokens) {
    batch.tokens.push_back({token.begin + shift, token.end + shift, token.kind});
  }
  for (const Range comment : known->comments) {
    batch.comments.push_back({comment.begin + shift, comment.end + shift});
  }
  lexer_.seek(known->end);
  return true;
}

/// The data begins on the line after the statement's and ends with a line `\.`, or the file.
void Splitter::skip_copy_data(uint32_t statement_end, StatementBatch& batch) {
  size_t i = text_.find('\n', statement_end);
  const size_t begin = i == std::string_view::npos ? text_.size() : i + 1;
  const auto skip_to = [&](size_t end, size_t next) {
    if (end > begin) {
      batch.rows.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
    }
    lexer_.seek(static_cast<uint32_t>(next));
  };
  while (i != std::string_view::npos) {
    const size_t line = i + 1;
    if (text_.substr(line, 2) == "\\.") {
      const std::string_view rest = text_.substr(line + 2, 2);
      if (rest.empty() || rest[0] == '\n' || rest == "\r\n" || rest == "\r") {
        return skip_to(line, line + 2);
      }
    }
    i = find_dot_line(line);
  }
  skip_to(text_.size(), text_.size());
}

/// The line break before the next line that begins with `\.`.
size_t Splitter::find_dot_line(size_t from) const {
  for (;;) {
    const Range gap = source_ == nullptr ? Range{} : source_->next_gap(static_cast<uint32_t>(from));
    const size_t end = gap.empty() ? text_.size() : std::max<size_t>(from, gap.begin);
    const void* found = ::memmem(text_.data() + from, end - from, "\n\\.", 3);
    if (found != nullptr) {
      return static_cast<size_t>(static_cast<const char*>(found) - text_.data());
    }
    if (gap.empty()) return std::string_view::npos;
    from = gap.end;
  }
}

}  // namespace dsqlint
