#include "plugins/migrations/sections.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "engine/text/tokens.h"
#include "plugins/migrations/piece.h"

namespace dsqlint::migrations {
namespace {

/// A line without its line break.
struct Line {
  Range range;
  uint32_t next = 0;  ///< begin of the next line
};

/// Goes through a text line by line.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  bool next(Line& line) {
    if (at_ >= text_.size()) return false;
    const size_t found = std::min(text_.find('\n', at_), text_.size());
    size_t end = found;
    if (end > at_ && text_[end - 1] == '\r') --end;
    line.range = {static_cast<uint32_t>(at_), static_cast<uint32_t>(end)};
    at_ = std::min(found + 1, text_.size());
    line.next = static_cast<uint32_t>(at_);
    return true;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// Follows where goose thinks that a statement ends: at a `;` that ends a line, comments aside.
struct OpenStatement {
  std::optional<Range> line;  ///< the last one of a statement that has not ended

  void see(std::string_view text, Range range) {
    if (!line && (trimmed(text).empty() || trimmed(text).starts_with("--"))) return;
    std::string_view last;
    for (size_t at = text.find_first_not_of(" \t"); at != text.npos;) {
      const size_t end = std::min(text.find_first_of(" \t", at), text.size());
      const std::string_view word = text.substr(at, end - at);
      if (word.starts_with("--")) break;
      last = word;
      at = text.find_first_not_of(" \t", end);
    }
    if (last.ends_with(';')) {
      line.reset();
    } else if (!last.empty() || !line) {
      line = range;
    }
  }
};

std::string_view line_break(std::string_view text) {
  const size_t end = text.find('\n');
  return end != std::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

/// What stands after `--` and `prefix` on the line, in lower case; nothing for other lines.
std::optional<std::string> mark_of(std::string_view line, std::string_view prefix) {
  line = trimmed(line);
  if (!line.starts_with("--")) return std::nullopt;
  line = trimmed(line.substr(2));
  if (line.size() < prefix.size() || !equals_ignoring_case(line.substr(0, prefix.size()), prefix)) {
    return std::nullopt;
  }
  return downcase(trimmed(line.substr(prefix.size())));
}

/// Builds the layout of a file, section by section.
class Slicer {
 public:
  Slicer(const Tool& tool, std::string_view text, const SectionOptions& options)
      : tool_(tool), text_(text), options_(options), span_(options.span.value_or(tool.span)) {}

  Sliced run() {
    switch (tool_.sections) {
      case Sections::Whole:
        whole();
        break;
      case Sections::Breakpoints:
        breakpoints();
        break;
      case Sections::Goose:
        goose();
        break;
      case Sections::Dbmate:
        dbmate();
        break;
      case Sections::SqlMigrate:
        sql_migrate();
        break;
      case Sections::NodePgMigrate:
        node_pg_migrate();
        break;
      case Sections::Tern:
        tern();
        break;
      case Sections::Changesets:
        changesets();
        break;
      case Sections::Lines:
        lines();
        break;
    }
    return std::move(sliced_);
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t size() const { return static_cast<uint32_t>(text_.size()); }

  /// Is the direction read?
  bool reads(Direction direction) const {
    return direction == Direction::Up || (direction == Direction::Down && options_.check_down);
  }

  uint32_t add(RunnerTransaction transaction) {
    sliced_.layout.transactions.push_back(std::move(transaction));
    return static_cast<uint32_t>(sliced_.layout.transactions.size()) - 1;
  }

  void section(Range range, Direction direction) {
    if (range.empty()) return;
    sliced_.sections.push_back({range, direction});
  }
  /// A section that is one part.
  void part(Range range, Direction direction, uint32_t transaction) {
    section(range, direction);
    if (!range.empty() && reads(direction)) sliced_.layout.parts.push_back({range, transaction});
  }
  void problem(Range range, std::string message, std::string help) {
    sliced_.problems.push_back({range, std::move(message), std::move(help)});
  }

  /// The transaction around a file or a block; kSingly where the tool makes none, or is told not
  /// to.
  uint32_t transaction(std::vector<Edit> edits) {
    if (span_ == Span::Statement || options_.no_transaction) return Part::kSingly;
    RunnerTransaction made = runner_transaction(tool_, span_);
    made.edits = std::move(edits);
    return add(std::move(made));
  }
  /// The message that a text without a transaction of the tool is sent in.
  uint32_t message(std::string_view what) {
    RunnerTransaction made;
    made.subject = fmt::format("the message in which {} sends {}", tool_.title, what);
    made.message = true;
    made.opt_out = OptOut::Blocks;
    made.title = "put BEGIN and COMMIT around each DDL statement of the message";
    return add(std::move(made));
  }

  /// The mark on a separate line at the top of the file.
  std::vector<Edit> at_top() const {
    if (tool_.opt_out.mark.empty()) return {};
    std::string mark(tool_.opt_out.mark);
    // Atlas wants an empty line after it.
    if (mark.ends_with('\n')) {
      mark.pop_back();
      mark += line_break(text_);
    }
    mark += line_break(text_);
    const uint32_t at = text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    return {{{at, at}, std::move(mark), 0}};
  }
  /// The mark after another one, on its line.
  std::vector<Edit> behind(Line line) const {
    uint32_t at = line.range.end;
    while (at > line.range.begin && (text_[at - 1] == ' ' || text_[at - 1] == '\t')) --at;
    return {{{at, at}, std::string(tool_.opt_out.mark), 0}};
  }

  bool opted_out_at_top() const {
    if (tool_.name == "sqlx") return text_.starts_with("-- no-transaction");
    if (tool_.name != "atlas") return false;
    Lines lines(text_);
    for (Line line; lines.next(line);) {
      const std::string_view here = slice_of(line.range);
      if (!trimmed(here).starts_with("--")) return false;
      const auto mark = mark_of(here, "atlas:txmode");
      if (mark) return *mark == "none";
    }
    return false;
  }

  std::string_view slice_of(Range range) const {
    return text_.substr(range.begin, range.end - range.begin);
  }

  void whole() {
    const Direction direction = options_.down_file ? Direction::Down : Direction::Up;
    uint32_t made = Part::kSingly;
    const bool message_apart = options_.no_transaction && tool_.message_apart;
    if (opted_out_at_top() || message_apart) {
      if (tool_.opt_out.after == OptOut::Blocks || message_apart) made = message("the file");
    } else {
      made = transaction(at_top());
    }
    part({0, size()}, direction, made);
  }

  void breakpoints() {
    constexpr std::string_view kMark = "--> statement-breakpoint";
    const bool apart = span_ == Span::Statement;
    const uint32_t whole = apart ? Part::kSingly : transaction({});
    uint32_t begin = 0;
    for (;;) {
      const size_t mark = text_.find(kMark, begin);
      const uint32_t end = mark == std::string_view::npos ? size() : static_cast<uint32_t>(mark);
      uint32_t made = whole;
      if (apart && begin < end) {
        made = message("the text between two breakpoints");
        RunnerTransaction& sent = sliced_.layout.transactions[made];
        sent.opt_out = OptOut::Marks;
        sent.mark = kMark;
        sent.title = fmt::format("write `{}` between its statements", kMark);
      }
      part({begin, end}, Direction::Up, made);
      if (mark == std::string_view::npos) return;
      begin = end + static_cast<uint32_t>(kMark.size());
    }
  }

  void goose() {
    bool singly = false;
    Lines scan(text_);
    for (Line line; scan.next(line);) {
      const auto mark = mark_of(slice_of(line.range), "+goose");
      if (mark == "no transaction") singly = true;
    }
    uint32_t of[2] = {kNone, kNone};
    const auto made_for = [&](Direction direction) {
      if (singly || !reads(direction)) return Part::kSingly;
      uint32_t& made = of[direction == Direction::Down];
      if (made == kNone) made = transaction(at_top());
      return made;
    };
    Direction direction = Direction::Up;
    bool marked = false;
    bool seen_down = false;
    std::optional<Line> block;
    uint32_t begin = 0;
    OpenStatement open;
    const auto statement_ends = [&](Range mark) {
      if (!open.line || !reads(direction)) return;
      problem(*open.line,
              mark.empty() ? "the last statement has no `;` at the end of its line"
                           : "this statement has no `;` at the end of a line",
              "goose rejects the file without it; write it after the statement");
    };
    Lines lines(text_);
    for (Line line; lines.next(line);) {
      const std::string_view here = slice_of(line.range);
      const auto mark = mark_of(here, "+goose");
      if (!mark) {
        if (marked && !block) open.see(here, line.range);
        continue;
      }
      if (!here.starts_with("--")) {
        problem(line.range, "goose rejects a mark that is not at the start of its line",
                "remove the spaces before it");
      }
      if (*mark == "up" || *mark == "down" || *mark == "statementbegin") {
        statement_ends(line.range);
        open.line.reset();
      }
      const bool turns = mark == "up" || mark == "down";
      if (turns || mark == "statementbegin" || mark == "statementend") {
        const bool was_block = block.has_value();
        const uint32_t made = was_block && singly && reads(direction)
                                  ? message("the text between StatementBegin and StatementEnd")
                                  : made_for(direction);
        part({begin, line.range.begin}, direction, made);
        begin = line.range.begin;
        block.reset();
        if (turns && was_block) {
          problem(line.range, "`StatementBegin` is not closed before this",
                  "write `-- +goose StatementEnd` before it");
        }
        if (mark == "statementbegin") {
          block = line;
          begin = line.next;
        } else if (mark == "statementend") {
          if (!was_block) {
            problem(line.range, "`StatementEnd` has no `StatementBegin`",
                    "write `-- +goose StatementBegin` before the statement, or remove it");
          }
          begin = line.next;
        }
        if (mark == "up") {
          if (seen_down) {
            problem(line.range, "`+goose Up` comes after `+goose Down`",
                    "write the up section first");
          }
          direction = Direction::Up;
        }
        if (mark == "down") {
          direction = Direction::Down;
          seen_down = true;
        }
        marked = marked || turns;
      }
    }
    part({begin, size()}, direction, made_for(direction));
    statement_ends({});
    if (block) {
      problem(block->range, "`StatementBegin` is not closed",
              "write `-- +goose StatementEnd` after the statement");
    }
    if (!marked) missing_mark("-- +goose Up");
  }

  void missing_mark(std::string_view mark) {
    problem(
        {0, 0},
        fmt::format("{} requires the mark `{}`, which the file does not have", tool_.title, mark),
        fmt::format("write `{}` before the statements", mark));
  }

  void dbmate() {
    Direction direction = Direction::Up;
    bool marked = false;
    uint32_t begin = 0;
    uint32_t made = Part::kSingly;
    const auto close = [&](uint32_t end) {
      if (!marked) {
        // Comments only, unless it is an error that dbmate itself reports.
        return;
      }
      part({begin, end}, direction, made);
    };
    Lines lines(text_);
    for (Line line; lines.next(line);) {
      const auto mark = mark_of(slice_of(line.range), "migrate:");
      if (!mark || !(mark->starts_with("up") || mark->starts_with("down"))) continue;
      close(line.range.begin);
      if (!marked && mark->starts_with("down")) {
        problem(line.range, "`migrate:down` comes before `migrate:up`",
                "write the up section first");
      }
      begin = marked ? line.range.begin : 0;
      marked = true;
      direction = mark->starts_with("down") ? Direction::Down : Direction::Up;
      made = !reads(direction)                                      ? Part::kSingly
             : mark->find("transaction:false") != std::string::npos ? message("the block")
                                                                    : transaction(behind(line));
    }
    close(size());
    if (!marked) {
      missing_mark("-- migrate:up");
      part({0, size()}, Direction::Ignored, Part::kSingly);
    }
  }

  void sql_migrate() {
    Direction direction = Direction::Up;
    bool marked = false;
    uint32_t begin = 0;
    uint32_t made = Part::kSingly;
    Lines lines(text_);
    for (Line line; lines.next(line);) {
      const auto mark = mark_of(slice_of(line.range), "+migrate");
      if (!mark || !(mark->starts_with("up") || mark->starts_with("down"))) continue;
      if (marked) part({begin, line.range.begin}, direction, made);
      begin = marked ? line.range.begin : 0;
      marked = true;
      direction = mark->starts_with("down") ? Direction::Down : Direction::Up;
      made = !reads(direction) || mark->find("notransaction") != std::string::npos
                 ? Part::kSingly
                 : transaction(behind(line));
    }
    if (marked) {
      part({begin, size()}, direction, made);
    } else {
      missing_mark("-- +migrate Up");
      part({0, size()}, Direction::Ignored, Part::kSingly);
    }
  }

  void node_pg_migrate() {
    static const RE2 kMark(R"((?i)^\s*--[\s-]*(up|down)\s+migration)");
    Direction direction = Direction::Up;
    uint32_t begin = 0;
    if (options_.down_file) direction = Direction::Down;
    // Going down is another run, so it has another transaction.
    const uint32_t up = transaction({});
    const uint32_t down = options_.check_down ? transaction({}) : Part::kSingly;
    const auto close = [&](uint32_t end) {
      part({begin, end}, direction, direction == Direction::Down ? down : up);
    };
    Lines lines(text_);
    for (Line line; lines.next(line);) {
      std::string word;
      if (!RE2::PartialMatch(piece(slice_of(line.range)), kMark, &word)) continue;
      close(line.range.begin);
      begin = line.range.begin;
      direction = downcase(word) == "down" ? Direction::Down : Direction::Up;
    }
    close(size());
  }

  void tern() {
    // Each of the two parts says for itself that it runs without a transaction.
    bool singly[2] = {false, false};
    std::optional<Line> split;
    Lines lines(text_);
    for (Line line; lines.next(line);) {
      const std::string_view here = slice_of(line.range);
      if (here == "---- tern: disable-tx ----") singly[split ? 1 : 0] = true;
      if (!split && here.find("---- create above / drop below ----") != here.npos) split = line;
    }
    const uint32_t end = split ? split->range.begin : size();
    part({0, end}, Direction::Up, singly[0] ? Part::kSingly : transaction(at_top()));
    if (!split) return;
    std::vector<Edit> edits = at_top();
    for (Edit& edit : edits) edit.range = {split->next, split->next};
    part({end, size()}, Direction::Down,
         singly[1] || !options_.check_down ? Part::kSingly : transaction(std::move(edits)));
  }

  /// `name:value` among a changeset's attributes.
  static std::string attribute(std::string_view line, std::string_view name) {
    for (size_t at = line.find(name); at != line.npos; at = line.find(name, at + 1)) {
      if (at > 0 && line[at - 1] != ' ' && line[at - 1] != '\t') continue;
      std::string_view rest = line.substr(at + name.size());
      if (!rest.starts_with(":")) continue;
      rest.remove_prefix(1);
      const char quote = rest.empty() ? ' ' : rest[0];
      if (quote == '"' || quote == '\'')
        return std::string(rest.substr(1, rest.find(quote, 1) - 1));
      return std::string(rest.substr(0, rest.find_first_of(" \t")));
    }
    return {};
  }

  static bool for_postgres(const std::string& dbms) {
    if (dbms.empty() || dbms == "all") return true;
    if (dbms.find("!postgresql") != std::string::npos) return false;
    return dbms.find("postgresql") != std::string::npos || dbms.find('!') != std::string::npos;
  }

  void changesets() {
    Lines scan(text_);
    Line first;
    if (!scan.next(first) || !mark_of(slice_of(first.range), "liquibase formatted sql")) {
      // A file that a changelog runs as it is: `sqlFile`, or a root that includes .sql.
      part({0, size()}, Direction::Up, transaction({}));
      if (!sliced_.layout.transactions.empty()) {
        sliced_.layout.transactions[0].opt_out = OptOut::Impossible;
      }
      return;
    }
    uint32_t begin = 0;
    uint32_t made = Part::kSingly;
    Direction direction = Direction::Ignored;
    bool ignoring = false;
    bool any = false;
    std::string delimiter;
    const auto close = [&](uint32_t end) {
      if (begin < end) part({begin, end}, ignoring ? Direction::Ignored : direction, made);
      begin = end;
    };
    Lines lines(text_);
    for (Line line; lines.next(line);) {
      const std::string_view here = slice_of(line.range);
      if (const auto mark = mark_of(here, "changeset"); mark && !mark->empty()) {
        close(line.range.begin);
        any = true;
        ignoring = false;
        direction = for_postgres(attribute(here, "dbms")) ? Direction::Up : Direction::Ignored;
        delimiter = attribute(here, "endDelimiter");
        const std::string id = mark->substr(0, mark->find_first_of(" \t"));
        made = Part::kSingly;
        if (direction != Direction::Up) continue;
        if (attribute(here, "runInTransaction") == "false") {
          if (attribute(here, "splitStatements") == "false") {
            made = message(fmt::format("the changeset `{}`", id));
          }
        } else if (made = transaction(behind(line)); made != Part::kSingly) {
          RunnerTransaction& runner = sliced_.layout.transactions[made];
          runner.subject = fmt::format("the transaction of the changeset `{}`", id);
          if (attribute(here, "splitStatements") == "false") {
            runner.opt_out = OptOut::Impossible;
          }
        }
        continue;
      }
      if (!any && mark_of(here, "dsqlint:")) {
        // Nothing before the first changeset is run, but what is said of the whole file counts.
        close(line.range.begin);
        sliced_.layout.parts.push_back({line.range, Part::kSingly});
        continue;
      }
      const auto ignore = mark_of(here, "ignorelines:");
      if (ignore) {
        close(line.range.begin);
        ignoring = *ignore == "start";
        if (!ignoring) begin = line.next;
      } else if (!delimiter.empty() && direction == Direction::Up && !ignoring) {
        const std::string_view tail = trimmed(here);
        if (tail.size() < delimiter.size() ||
            !equals_ignoring_case(tail.substr(tail.size() - delimiter.size()),
                                  downcase(delimiter))) {
          continue;
        }
        const auto end = static_cast<uint32_t>(tail.data() + tail.size() - text_.data());
        close(end - static_cast<uint32_t>(delimiter.size()));
        begin = end;
      }
    }
    close(size());
    if (!any) missing_mark("--changeset author:id");
  }

  void lines() {
    if (text_.find(';') != std::string_view::npos) {
      part({0, size()}, Direction::Up, Part::kSingly);
      return;
    }
    Lines lines(text_);
    uint32_t begin = 0;
    for (Line line; lines.next(line);) {
      const std::string_view here = trimmed(slice_of(line.range));
      if (here.empty()) {
        if (!trimmed(slice_of({begin, line.range.begin})).empty()) {
          part({begin, line.range.begin}, Direction::Up, Part::kSingly);
        }
        begin = line.next;
        continue;
      }
      // Formatted statements are indented, and end at an empty line.
      const char start = text_[line.range.begin];
      if (start == ' ' || start == '\t') continue;
      part({begin, line.range.end}, Direction::Up, Part::kSingly);
      begin = line.next;
    }
    if (begin < size()) part({begin, size()}, Direction::Up, Part::kSingly);
  }

  const Tool& tool_;
  std::string_view text_;
  const SectionOptions& options_;
  Span span_;
  Sliced sliced_;
};

}  // namespace

RunnerTransaction runner_transaction(const Tool& tool, Span span) {
  RunnerTransaction made;
  const std::string_view what = span == Span::AllPending ? "all pending files"
                                : span == Span::Block    ? "this block"
                                                         : "this file";
  made.message = tool.message;
  made.subject = tool.message
                     ? fmt::format("the message in which {} sends {}", tool.title, what)
                     : fmt::format("the transaction in which {} runs {}", tool.title, what);
  if (tool.records) made.record = fmt::format("{}'s own record of the migration", tool.title);
  made.opt_out = tool.opt_out.after;
  made.title = tool.opt_out.title;
  made.help = tool.help;
  return made;
}

Sliced slice(const Tool& tool, std::string_view text, const SectionOptions& options) {
  return Slicer(tool, text, options).run();
}

}  // namespace dsqlint::migrations
