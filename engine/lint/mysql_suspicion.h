// MySQL text that was given as PostgreSQL: much of it parses, and means something else.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/text/source.h"
#include "engine/text/tokens.h"

namespace dsqlint {

/// Where the first evidence is, and what it is.
struct MysqlEvidence {
  Range range;
  std::string what;
};

/// Looks for MySQL among the tokens of a text as they come: one decisive sign (a backtick,
/// `ENGINE =`, AUTO_INCREMENT, `/*!40101`, …), or two kinds of supporting ones without anything
/// that only PostgreSQL has. Strings, comments and dollar quotes are not evidence; the header
/// comment of a dump is.
class MysqlSuspicion {
 public:
  explicit MysqlSuspicion(std::string_view text) : text_(text) {}

  /// The next token, comments included. Those far from the top are not looked at.
  void see(const Token& token);
  /// The next tokens, and the comments among them.
  void see(std::span<const Token> tokens, std::span<const Range> comments);
  /// Nothing that follows can change the answer.
  bool settled() const { return decisive_.has_value() || past_window_; }
  std::optional<MysqlEvidence> evidence() const;

 private:
  // `back`: 0 for the newest token, up to 2.
  std::string_view text(size_t back) const;
  bool is(size_t back, std::string_view word) const;
  bool is_op(size_t back, char op) const;
  void decide(Range range, std::string what);
  void support(unsigned kind, Range range, std::string what);
  void comment(Range range);
  void look_at_operator(const Token& token);
  void look_at_word(const Token& token);
  void look_at_column(Range range);

  std::string_view text_;
  Token history_[3];  ///< the last three tokens, the newest first
  size_t count_ = 0;
  size_t statement_ = 0;  ///< tokens up to the last `;`
  size_t key_at_ = 0;     ///< tokens up to the last KEY or INDEX where a column may begin
  std::vector<std::string_view> columns_;  ///< words where a column may begin, in this statement
  std::unordered_set<std::string> lower_columns_;
  unsigned support_ = 0;
  bool veto_ = false;
  bool past_window_ = false;
  std::optional<MysqlEvidence> decisive_;
  std::optional<MysqlEvidence> first_support_;
};

/// The same for each file of a source.
class MysqlSuspicions {
 public:
  explicit MysqlSuspicions(const SourceFile& source);
  /// The next tokens of the source, and the comments among them.
  void see(std::span<const Token> tokens, std::span<const Range> comments);
  /// In the source's positions, at most one for a file.
  std::vector<MysqlEvidence> evidence() const;

 private:
  const SourceFile& source_;
  std::vector<MysqlSuspicion> files_;
};

/// For `--dialect auto`: about the beginning of the text.
bool looks_like_mysql(std::string_view text);

/// The finding at the first evidence.
Diagnostic mysql_finding(const MysqlEvidence& evidence);
/// Removes the parse errors that a suspicion in the same file explains, and counts them in its
/// notes. The findings are those of `source`.
void merge_parse_errors(std::vector<Diagnostic>& findings, const SourceFile& source);

const RuleInfo& mysql_dialect_info();

}  // namespace dsqlint
