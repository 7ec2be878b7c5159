#include "engine/mysql_suspicion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "engine/tokens.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kInfo{
    .id = "mysql_dialect_suspected",
    .summary = "this looks like MySQL",
    .why =
        "Read as PostgreSQL, much of MySQL's SQL parses and means something else: `KEY k (a)` is "
        "a\n"
        "column, `'a\\nb'` keeps its backslash, the code in `/*! … */` is a comment. Said once "
        "per\n"
        "file; the parse errors behind it are not said one by one.",
    .bad = "create table t (id int auto_increment primary key);",
    .severity = Severity::Error,
    .help = "say --dialect mysql, which translates the file and then checks the translation"};

/// Evidence is looked for in this much of a text; it is never far from the top.
constexpr size_t kWindow = size_t{1} << 20;

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

/// Reads the last few tokens as they come.
class Evidence {
 public:
  explicit Evidence(std::string_view text) : text_(text) {}

  std::optional<MysqlEvidence> find() {
    const auto size = static_cast<uint32_t>(std::min(text_.size(), kWindow));
    Lexer lexer(text_, 0, size);
    Token token;
    while (lexer.next(token)) {
      if (token.kind == TokenKind::Comment) {
        if (comment(token.range())) return decisive_;
        continue;
      }
      history_[2] = history_[1];
      history_[1] = history_[0];
      history_[0] = token;
      ++count_;
      if (look(token)) return decisive_;
      if (text_[token.begin] == ';') {
        statement_ = count_;
        columns_.clear();
      }
    }
    unsigned kinds = 0;
    for (unsigned bit = 1; bit <= HashLine; bit *= 2) kinds += (support_ & bit) != 0 ? 1 : 0;
    if (kinds >= 2 && !veto_) return first_support_;
    return std::nullopt;
  }

 private:
  std::string_view text(size_t back) const {
    return back >= count_ || back > 2
               ? std::string_view()
               : text_.substr(history_[back].begin, history_[back].end - history_[back].begin);
  }
  bool is(size_t back, std::string_view word) const {
    return back < count_ && back <= 2 && history_[back].kind == TokenKind::Word &&
           equals_folded(text(back), word);
  }
  bool is_op(size_t back, std::string_view op) const {
    return back < count_ && history_[back].kind == TokenKind::Operator && text(back) == op;
  }
  static std::string folded(std::string_view word) {
    std::string out(word);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
  }
  bool decide(Range range, std::string what) {
    decisive_ = MysqlEvidence{range, std::move(what)};
    return true;
  }
  void support(Support kind, Range range, std::string what) {
    if (support_ == 0) first_support_ = MysqlEvidence{range, std::move(what)};
    support_ |= kind;
  }

  bool comment(Range range) {
    const std::string_view comment = text_.substr(range.begin, range.size());
    if (comment.starts_with("/*!") && comment.size() > 3 && comment[3] >= '0' &&
        comment[3] <= '9') {
      return decide({range.begin, range.begin + 3}, "`/*!` holds code for MySQL");
    }
    if (range.begin < 4096) {
      for (const std::string_view header : {"MySQL dump", "MariaDB dump", "phpMyAdmin SQL Dump"}) {
        if (comment.find(header) != std::string_view::npos) {
          return decide(range, "the header says so");
        }
      }
      if (comment.find("PostgreSQL database dump") != std::string_view::npos) veto_ = true;
    }
    return false;
  }

  bool look(const Token& token) {
    const std::string_view now = text(0);
    const Range range = token.range();
    if (token.kind == TokenKind::Unterminated) return false;
    if (token.kind == TokenKind::Operator) {
      if (now.find('`') != std::string_view::npos) {
        // a word between backticks
        const size_t close = text_.find('`', token.begin + now.find('`') + 1);
        const auto begin = static_cast<uint32_t>(token.begin + now.find('`'));
        const std::string_view inner =
            close == std::string_view::npos ? "" : text_.substr(begin + 1, close - begin - 1);
        if (!inner.empty() && inner.size() <= 64 && inner.find('\n') == std::string_view::npos) {
          return decide({begin, static_cast<uint32_t>(close) + 1}, "names stand in backticks");
        }
      }
      if (now == "::") veto_ = true;
      if (now == "=" && is(1, "engine")) {
        return decide(history_[1].range(), "`ENGINE =` is a table option of MySQL");
      }
      if (now.starts_with("#") && (token.begin == 0 || text_[token.begin - 1] == '\n')) {
        support(HashLine, range, "`#` begins a comment");
      }
      return false;
    }
    if (token.kind == TokenKind::String) {
      if (now[0] == '$' || now[0] == 'E' || now[0] == 'e') veto_ = true;
      return false;
    }
    if (token.kind != TokenKind::Word) return false;
    if (is(0, "auto_increment")) return decide(range, "AUTO_INCREMENT is MySQL's");
    if (is(0, "unsigned") &&
        (is(1, "int") || is(1, "bigint") || is(1, "tinyint") || is(1, "smallint") ||
         is(1, "mediumint") || is(1, "integer") || is(1, "decimal") || is(1, "float") ||
         is(1, "double") || text(1) == ")")) {
      return decide(range, "UNSIGNED is MySQL's");
    }
    if (is(0, "delimiter") && (token.begin == 0 || text_[token.begin - 1] == '\n') &&
        count_ - 1 == statement_) {
      return decide(range, "DELIMITER is a command of MySQL's client");
    }
    if (is(0, "tables") && is(1, "lock") && count_ - 2 == statement_) {
      return decide({history_[1].begin, range.end}, "LOCK TABLES is MySQL's");
    }
    if (is(0, "key") && is(1, "duplicate") && is(2, "on")) {
      return decide({history_[2].begin, range.end}, "ON DUPLICATE KEY UPDATE is MySQL's");
    }
    if (text(1).ends_with("@@") && history_[1].end == token.begin) {
      return decide({history_[1].begin, range.end}, "`@@name` is a variable of MySQL's");
    }
    // `KEY k (a)` is to PostgreSQL a column of a type `k` with a modifier; here `a` is a column.
    if (is_op(1, "(") && count_ == key_at_ + 3 && columns_.count(folded(now)) != 0) {
      support(KeyColumn, range, "a key in the list of columns is MySQL's");
    }
    if (is_op(1, "(") || is_op(1, ",")) {
      if (is(0, "key") || is(0, "index")) key_at_ = count_;
      columns_.insert(folded(now));
    }
    if (is(0, "into") && is(1, "replace")) support(ReplaceInto, range, "REPLACE INTO is MySQL's");
    if (is(0, "ignore") && is(1, "insert"))
      support(InsertIgnore, range, "INSERT IGNORE is MySQL's");
    if (is(0, "foreign_key_checks") || is(0, "sql_mode")) {
      support(Setting, range, "a setting of MySQL's");
    }
    if (is(1, "set") && (is(2, "character") || is(2, "char")) && now.size() >= 4 &&
        equals_folded(now.substr(0, 4), "utf8")) {
      support(CharacterSet, range, "CHARACTER SET is MySQL's");
    }
    const bool type = std::any_of(kTypes.begin(), kTypes.end(),
                                  [&](std::string_view name) { return equals_folded(now, name); });
    // A type stands behind a column's name.
    if (type && count_ > 1 &&
        (history_[1].kind == TokenKind::Word || history_[1].kind == TokenKind::QuotedName) &&
        !is(1, "as") && !is(1, "select") && !is(1, "by") && count_ - 1 > statement_) {
      support(TypeName, range, fmt::format("`{}` is a type of MySQL's", now));
    }
    if ((is(0, "enum") || is(0, "set")) && token.end < text_.size()) {
      const size_t open = text_.find_first_not_of(" \t", token.end);
      if (open != std::string_view::npos && text_[open] == '(' && open + 1 < text_.size() &&
          text_[open + 1] == '\'' && count_ - 1 > statement_ && !is(1, "as")) {
        support(ListType, range, "a list of values as a type is MySQL's");
      }
    }
    if (is(0, "extension") && is(1, "create")) veto_ = true;
    if (is(0, "copy") && count_ - 1 == statement_) veto_ = true;
    return false;
  }

  std::string_view text_;
  Token history_[3];
  size_t count_ = 0;
  size_t statement_ = 0;  ///< tokens up to the last `;`
  size_t key_at_ = 0;     ///< tokens up to the last KEY or INDEX where a column may begin
  std::unordered_set<std::string> columns_;  ///< words where a column may begin, in this statement
  unsigned support_ = 0;
  bool veto_ = false;
  std::optional<MysqlEvidence> decisive_;
  std::optional<MysqlEvidence> first_support_;
};

}  // namespace

const RuleInfo& mysql_dialect_info() { return kInfo; }

std::optional<MysqlEvidence> find_mysql_evidence(std::string_view text) {
  return Evidence(text).find();
}

bool looks_like_mysql(std::string_view text) { return find_mysql_evidence(text).has_value(); }

std::vector<Diagnostic> mysql_suspicion(std::string_view text) {
  const auto evidence = find_mysql_evidence(text);
  if (!evidence) return {};
  Diagnostic finding{.range = evidence->range};
  finding.rule = &kInfo;
  finding.severity = kInfo.severity;
  finding.message = "this looks like MySQL: " + evidence->what;
  finding.help = std::string(kInfo.help);
  return {std::move(finding)};
}

void fold_parse_errors(std::vector<Diagnostic>& findings) {
  const auto suspicion = [](const Diagnostic& finding) { return finding.rule == &kInfo; };
  if (std::none_of(findings.begin(), findings.end(), suspicion)) return;
  const auto folded = static_cast<size_t>(std::erase_if(
      findings, [](const Diagnostic& other) { return other.rule->id == "parse_error"; }));
  if (folded == 0) return;
  std::find_if(findings.begin(), findings.end(), suspicion)
      ->notes.push_back({fmt::format("{} statement{} cannot be read as PostgreSQL", folded,
                                     folded == 1 ? "" : "s")});
}

}  // namespace dsqlint
