#include "engine/lint/mysql_suspicion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>

#include "engine/text/word_filter.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kInfo{
    .id = "mysql_dialect_suspected",
    .summary = "this looks like MySQL",
    .why =
        "Parsed as PostgreSQL, much of MySQL's SQL means something else: `KEY k (a)` is\n"
        "a column, `'a\\nb'` keeps its backslash, the code in `/*! … */` is a comment.\n"
        "Reported once per file; the parse errors that follow from it are left out.",
    .bad = "create table t (id int auto_increment primary key);",
    .severity = Severity::Error,
    .help = "use --dialect mysql, which translates the file and then checks the translation",
};

/// Evidence is looked for in this much of a text; it is never far from the top.
constexpr size_t kWindow = size_t{1} << 20;
/// A dump says what it is in this much of it.
constexpr size_t kHeader = 4096;

enum Support : unsigned {
  TypeName = 1,
  ListType = 2,
  KeyColumn = 4,
  Setting = 8,
  ReplaceInto = 16,
  InsertIgnore = 32,
  CharacterSet = 64,
  HashLine = 128,
};

constexpr std::array<std::string_view, 12> kTypes = {
    "tinyint",  "mediumint", "datetime",  "longtext",   "mediumtext", "tinytext",
    "longblob", "blob",      "varbinary", "mediumblob", "tinyblob",   "year"};

/// The other words that can be a sign.
constexpr std::array<std::string_view, 14> kSigns = {
    "auto_increment", "unsigned",           "delimiter", "tables", "key",       "into", "ignore",
    "sql_mode",       "foreign_key_checks", "enum",      "set",    "extension", "copy", "utf8"};

constexpr WordFilter kMaySign = [] {
  WordFilter filter;
  filter.add(kSigns);
  filter.add(kTypes);
  filter.add_from('u', 4);  // utf8mb4 and the like
  return filter;
}();

}  // namespace

std::string_view MysqlSuspicion::text(size_t back) const {
  return back >= count_
             ? std::string_view()
             : text_.substr(history_[back].begin, history_[back].end - history_[back].begin);
}

bool MysqlSuspicion::is(size_t back, std::string_view word) const {
  return back < count_ && history_[back].end - history_[back].begin == word.size() &&
         history_[back].kind == TokenKind::Word && equals_ignoring_case(text(back), word);
}

bool MysqlSuspicion::is_op(size_t back, char op) const {
  return back < count_ && history_[back].end - history_[back].begin == 1 &&
         history_[back].kind == TokenKind::Operator && text_[history_[back].begin] == op;
}

void MysqlSuspicion::decide(Range range, std::string what) {
  if (!decisive_) decisive_ = MysqlEvidence{range, std::move(what)};
}

void MysqlSuspicion::support(unsigned kind, Range range, std::string what) {
  if (support_ == 0) first_support_ = MysqlEvidence{range, std::move(what)};
  support_ |= kind;
}

void MysqlSuspicion::see(const Token& token) {
  if (settled()) return;
  if (token.begin >= kWindow) {
    past_window_ = true;
    return;
  }
  if (token.kind == TokenKind::Comment) {
    comment(token.range());
    return;
  }
  history_[2] = history_[1];
  history_[1] = history_[0];
  history_[0] = token;
  ++count_;
  switch (token.kind) {
    case TokenKind::Operator:
      look_at_operator(token);
      break;
    case TokenKind::String: {
      const char first = text_[token.begin];
      if (first == '$' || first == 'E' || first == 'e') veto_ = true;
      break;
    }
    case TokenKind::Word:
      look_at_word(token);
      break;
    default:
      break;
  }
}

void MysqlSuspicion::see(std::span<const Token> tokens, std::span<const Range> comments) {
  auto comment = comments.begin();
  for (const Token& token : tokens) {
    for (; comment != comments.end() && comment->begin < token.begin; ++comment) {
      see({comment->begin, comment->end, TokenKind::Comment});
    }
    if (settled()) return;
    see(token);
  }
  for (; comment != comments.end(); ++comment) {
    see({comment->begin, comment->end, TokenKind::Comment});
  }
}

MysqlSuspicions::MysqlSuspicions(const SourceFile& source) : source_(source) {
  const size_t count = std::max<size_t>(source.files().size(), 1);
  for (size_t file = 0; file < count; ++file) {
    files_.emplace_back(source.slice(source.file_range(file)));
  }
}

void MysqlSuspicions::see(std::span<const Token> tokens, std::span<const Range> comments) {
  if (files_.size() == 1) return files_.front().see(tokens, comments);
  std::vector<Token> own;
  std::vector<Range> own_comments;
  while (!tokens.empty() || !comments.empty()) {
    const uint32_t first = std::min(tokens.empty() ? UINT32_MAX : tokens.front().begin,
                                    comments.empty() ? UINT32_MAX : comments.front().begin);
    const size_t file = source_.file_at(first);
    const Range range = source_.file_range(file);
    own.clear();
    own_comments.clear();
    for (; !tokens.empty() && tokens.front().begin < range.end; tokens = tokens.subspan(1)) {
      const Token& token = tokens.front();
      own.push_back({token.begin - range.begin, token.end - range.begin, token.kind});
    }
    for (; !comments.empty() && comments.front().begin < range.end;
         comments = comments.subspan(1)) {
      own_comments.push_back(
          {comments.front().begin - range.begin, comments.front().end - range.begin});
    }
    files_[file].see(own, own_comments);
  }
}

std::vector<MysqlEvidence> MysqlSuspicions::evidence() const {
  std::vector<MysqlEvidence> all;
  for (size_t file = 0; file < files_.size(); ++file) {
    std::optional<MysqlEvidence> found = files_[file].evidence();
    if (!found) continue;
    const uint32_t shift = source_.file_range(file).begin;
    found->range = {found->range.begin + shift, found->range.end + shift};
    all.push_back(std::move(*found));
  }
  return all;
}

std::optional<MysqlEvidence> MysqlSuspicion::evidence() const {
  if (decisive_) return decisive_;
  return std::popcount(support_) >= 2 && !veto_ ? first_support_ : std::nullopt;
}

void MysqlSuspicion::comment(Range range) {
  const std::string_view comment = text_.substr(range.begin, range.size());
  if (comment.starts_with("/*!") && comment.size() > 3 && comment[3] >= '0' && comment[3] <= '9') {
    decide({range.begin, range.begin + 3}, "`/*!` contains code for MySQL");
    return;
  }
  if (range.begin >= kHeader) return;
  for (const std::string_view header : {"MySQL dump", "MariaDB dump", "phpMyAdmin SQL Dump"}) {
    if (comment.find(header) != std::string_view::npos)
      decide(range, "the file has the header of a MySQL dump");
  }
  if (comment.find("PostgreSQL database dump") != std::string_view::npos) veto_ = true;
}

void MysqlSuspicion::look_at_operator(const Token& token) {
  const std::string_view now = text(0);
  const Range range = token.range();
  if (now == ";") {
    statement_ = count_;
    columns_.clear();
    lower_columns_.clear();
    return;
  }
  if (const size_t tick = now.find('`'); tick != std::string_view::npos) {
    // a word between backticks
    const size_t open = token.begin + tick;
    const size_t close = text_.find('`', open + 1);
    const std::string_view inner =
        close == std::string_view::npos ? "" : text_.substr(open + 1, close - open - 1);
    if (!inner.empty() && inner.size() <= 64 && inner.find('\n') == std::string_view::npos) {
      decide({static_cast<uint32_t>(open), static_cast<uint32_t>(close) + 1},
             "names are in backticks");
      return;
    }
  }
  if (now == "::") veto_ = true;
  if (now == "=" && is(1, "engine")) {
    decide(history_[1].range(), "`ENGINE =` is a table option of MySQL");
  } else if (now[0] == '#' && (token.begin == 0 || text_[token.begin - 1] == '\n')) {
    support(HashLine, range, "`#` starts a comment");
  }
}

void MysqlSuspicion::look_at_word(const Token& token) {
  const std::string_view now = text(0);
  const Range range = token.range();
  if (history_[1].kind == TokenKind::Operator && count_ > 1 && history_[1].end == token.begin &&
      text(1).ends_with("@@")) {
    decide({history_[1].begin, range.end}, "`@@name` is a MySQL variable");
    return;
  }
  if (is_op(1, '(') || is_op(1, ',')) {
    look_at_column(range);
  }
  if (!kMaySign.may_hold(now)) return;
  if (is(0, "auto_increment")) {
    decide(range, "AUTO_INCREMENT is MySQL syntax");
  } else if (is(0, "unsigned") &&
             (is(1, "int") || is(1, "bigint") || is(1, "tinyint") || is(1, "smallint") ||
              is(1, "mediumint") || is(1, "integer") || is(1, "decimal") || is(1, "float") ||
              is(1, "double") || text(1) == ")")) {
    decide(range, "UNSIGNED is MySQL syntax");
  } else if (is(0, "delimiter") && (token.begin == 0 || text_[token.begin - 1] == '\n') &&
             count_ - 1 == statement_) {
    decide(range, "DELIMITER is a command of the MySQL client");
  } else if (is(0, "tables") && is(1, "lock") && count_ - 2 == statement_) {
    decide({history_[1].begin, range.end}, "LOCK TABLES is MySQL syntax");
  } else if (is(0, "key") && is(1, "duplicate") && is(2, "on")) {
    decide({history_[2].begin, range.end}, "ON DUPLICATE KEY UPDATE is MySQL syntax");
  }
  if (decisive_) return;
  if (is(0, "into") && is(1, "replace"))
    support(ReplaceInto, range, "REPLACE INTO is MySQL syntax");
  if (is(0, "ignore") && is(1, "insert"))
    support(InsertIgnore, range, "INSERT IGNORE is MySQL syntax");
  if (is(0, "foreign_key_checks") || is(0, "sql_mode")) {
    support(Setting, range, "a MySQL setting");
  }
  if (is(1, "set") && (is(2, "character") || is(2, "char")) && now.size() >= 4 &&
      equals_ignoring_case(now.substr(0, 4), "utf8")) {
    support(CharacterSet, range, "CHARACTER SET is MySQL syntax");
  }
  const bool type = std::any_of(kTypes.begin(), kTypes.end(), [&](std::string_view name) {
    return equals_ignoring_case(now, name);
  });
  // A type stands after a column's name.
  if (type && count_ > 1 &&
      (history_[1].kind == TokenKind::Word || history_[1].kind == TokenKind::QuotedName) &&
      !is(1, "as") && !is(1, "select") && !is(1, "by") && count_ - 1 > statement_) {
    support(TypeName, range, fmt::format("`{}` is a MySQL type", now));
  }
  if ((is(0, "enum") || is(0, "set")) && token.end < text_.size()) {
    const size_t open = text_.find_first_not_of(" \t", token.end);
    if (open != std::string_view::npos && text_[open] == '(' && open + 1 < text_.size() &&
        text_[open + 1] == '\'' && count_ - 1 > statement_ && !is(1, "as")) {
      support(ListType, range, "a list of values as a type is MySQL syntax");
    }
  }
  if (is(0, "extension") && is(1, "create")) veto_ = true;
  if (is(0, "copy") && count_ - 1 == statement_) veto_ = true;
}

/// `KEY k (a)` is to PostgreSQL a column of a type `k` with a modifier; where `a` is a column, it
/// is a key.
void MysqlSuspicion::look_at_column(Range range) {
  if ((support_ & KeyColumn) != 0) return;
  if (is_op(1, '(') && count_ == key_at_ + 3) {
    // Columns are put in lower case when they are first asked for: in most texts never.
    for (const std::string_view column : columns_) lower_columns_.insert(downcase(column));
    columns_.clear();
    if (lower_columns_.count(downcase(text(0))) != 0) {
      support(KeyColumn, range, "a key in the list of columns is MySQL syntax");
    }
  }
  if (is(0, "key") || is(0, "index")) key_at_ = count_;
  columns_.push_back(text(0));
}

const RuleInfo& mysql_dialect_info() { return kInfo; }

bool looks_like_mysql(std::string_view text) {
  MysqlSuspicion suspicion(text);
  Lexer lexer(text, 0, static_cast<uint32_t>(std::min(text.size(), kWindow)));
  Token token;
  while (!suspicion.settled() && lexer.next(token)) suspicion.see(token);
  return suspicion.evidence().has_value();
}

Diagnostic mysql_finding(const MysqlEvidence& evidence) {
  Diagnostic finding{.range = evidence.range};
  finding.rule = &kInfo;
  finding.severity = kInfo.severity;
  finding.message = "this looks like MySQL: " + evidence.what;
  finding.help = std::string(kInfo.help);
  return finding;
}

void merge_parse_errors(std::vector<Diagnostic>& findings, const SourceFile& source) {
  std::map<size_t, size_t> parse_errors;  // by file that is suspected
  const auto file_of = [&](const Diagnostic& finding) {
    return source.file_at(finding.range.begin);
  };
  for (const Diagnostic& finding : findings) {
    if (finding.rule == &kInfo) parse_errors.emplace(file_of(finding), 0);
  }
  if (parse_errors.empty()) return;
  std::erase_if(findings, [&](const Diagnostic& other) {
    if (other.rule->id != "parse_error") return false;
    const auto suspected = parse_errors.find(file_of(other));
    if (suspected == parse_errors.end()) return false;
    ++suspected->second;
    return true;
  });
  for (Diagnostic& finding : findings) {
    if (finding.rule != &kInfo) continue;
    const size_t count = parse_errors.at(file_of(finding));
    if (count == 0) continue;
    finding.notes.push_back({fmt::format("{} statement{} cannot be parsed as PostgreSQL", count,
                                         count == 1 ? "" : "s")});
  }
}

}  // namespace dsqlint
