// The shape pass: where statements begin and end in a file that psql or a migration tool would run.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/text/source.h"
#include "engine/text/tokens.h"

namespace dsqlint {

/// A statement as it stands in the file.
struct StatementText {
  Range range;       ///< first token to last, without the terminator
  uint32_t end = 0;  ///< past the terminator (`;`, `\g`…); range.end when there is none
  bool semicolon = false;
  bool copies_from_stdin = false;  ///< COPY … FROM STDIN: data follows, up to `\.`
  bool has_meta_command = false;   ///< a psql command inside, to be masked
  bool has_psql_variable = false;
  bool unterminated = false;  ///< a quote, dollar quote or comment runs into the end of file
  static constexpr uint32_t kUnknown = UINT32_MAX;
  uint32_t known = kUnknown;  ///< its number, if it was known before: see KnownText
  /// Its own among the tokens and comments of the batch.
  uint32_t first_token = 0;
  uint32_t token_count = 0;
  uint32_t first_comment = 0;
  uint32_t comment_count = 0;
};

/// Statements of a piece of the file, in order.
struct StatementBatch {
  std::vector<StatementText> statements;
  std::vector<Range> directives;  ///< comments with directives (`dsqlint:`)
  std::vector<Range> commands;    ///< of psql, between statements
  std::vector<Token> tokens;      ///< all of them, terminators too, except comments
  std::vector<Range> comments;
  std::vector<Range> rows;  ///< after COPY … FROM STDIN; whole lines, not read
  Range range;              ///< the bytes this batch covers

  Tokens tokens_of(const StatementText& statement, std::string_view text) const {
    return {text, std::span(tokens).subspan(statement.first_token, statement.token_count),
            std::span(comments).subspan(statement.first_comment, statement.comment_count)};
  }
};

/// A statement that has been read before, in another version of the text.
struct KnownText {
  uint32_t number = 0;
  Range range;       ///< in the text at hand
  uint32_t end = 0;  ///< past its `;`
  /// In the positions of the other version.
  uint32_t begin = 0;
  std::span<const Token> tokens = {};
  std::span<const Range> comments = {};
};

/// Cuts the file into statements, front to back, in one pass. Knows
/// quotes, dollar quotes, nested comments, BEGIN ATOMIC bodies, CREATE RULE's lists, psql's
/// meta-commands and COPY data. A `;` inside other parentheses still ends the statement:
/// a forgotten parenthesis costs one statement, not the rest of the file.
class Splitter {
 public:
  explicit Splitter(std::string_view text)
      : Splitter(text, {0, static_cast<uint32_t>(text.size())}) {}
  /// Only a part of it: a function's body.
  Splitter(std::string_view text, Range range)
      : text_(text.substr(0, range.end)), lexer_(text, range.begin, range.end) {}
  /// Only some parts of it, in ascending order: the end of one ends a statement, too.
  Splitter(std::string_view text, std::vector<Range> parts)
      : Splitter(text, parts.empty() ? Range{} : parts.front()) {
    whole_ = text;
    parts_ = std::move(parts);
  }
  /// The files of a source, each read by a psql of its own.
  explicit Splitter(const SourceFile& source);
  /// `find` is asked at the first token of each statement; what it knows is not read again.
  void set_known(std::function<std::optional<KnownText>(uint32_t begin)> find) {
    find_known_ = std::move(find);
  }
  /// Fills `batch` with statements of about `bytes` bytes; false when the file is done.
  bool next(StatementBatch& batch, uint32_t bytes);

 private:
  bool next_statement(StatementText& statement, StatementBatch& batch);
  bool find_end(StatementText& statement, StatementBatch& batch);
  bool take_known(uint32_t begin, StatementText& statement, StatementBatch& batch);
  void skip_copy_data(uint32_t statement_end, StatementBatch& batch);
  size_t find_dot_line(size_t from) const;

  std::string_view text_;  ///< up to the end of the current part
  Lexer lexer_;
  const SourceFile* source_ = nullptr;  ///< whose gaps need not be looked through
  std::string_view whole_;
  std::vector<Range> parts_;
  size_t part_ = 0;
  bool files_ = false;       ///< the parts are files
  uint32_t conditions_ = 0;  ///< psql's \if that are open
  std::function<std::optional<KnownText>(uint32_t begin)> find_known_;
};

}  // namespace dsqlint
