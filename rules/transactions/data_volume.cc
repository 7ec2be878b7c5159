// insert_row_limit, copy_row_limit, transaction_row_limit: more rows than a transaction can change,
// as far as the text tells.

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>

#include "engine/lint/rule.h"
#include "engine/lint/runner_segments.h"
#include "engine/parse/generated_rows.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kInsert{
    .id = "insert_row_limit",
    .summary = "the INSERT adds more rows than a transaction can change",
    .why =
        "A transaction changes at most 3,000 rows, whatever their size, and 10 MiB; the\n"
        "statement that passes the limit fails (54000), without BEGIN too. Insert in\n"
        "batches, each in a separate transaction.",
    .bad = "",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kCopy{
    .id = "copy_row_limit",
    .summary = "COPY loads more rows than a transaction can change",
    .why =
        "A COPY is one transaction, and a transaction changes at most 3,000 rows and 10\n"
        "MiB. Load the data in batches, each with a separate COPY.",
    .bad = "",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kTransaction{
    .id = "transaction_row_limit",
    .summary = "the transaction inserts more rows than it can",
    .why =
        "A transaction changes at most 3,000 rows, all its statements together; cascading foreign\n"
        "keys count too. COMMIT after each batch.",
    .bad = "",
    .help = "COMMIT and BEGIN again before 3,000 rows have been inserted",
};

/// The data after COPY … FROM STDIN.
struct CopyData {
  uint64_t rows = 0;
  uint64_t bytes = 0;
  std::vector<uint32_t> batches;  ///< where the lines of each further batch begin
};

/// A statement, or run of statements, that adds rows.
struct Load {
  size_t statement = 0;
  uint64_t rows = 0;
  uint64_t bytes = 0;  ///< as written; what is stored differs somewhat
  bool in_block = false;
  std::optional<CopyData> copy;
};

struct Block {
  size_t begin = 0;
  size_t end = 0;  ///< its COMMIT
  uint64_t rows = 0;
  uint64_t bytes = 0;
  uint32_t statements = 0;
};

/// A transaction of the runner that adds too many rows.
struct RunnerBlock {
  uint32_t transaction = 0;
  size_t statement = 0;  ///< with which it does
  uint64_t rows = 0;
  bool certain = true;  ///< every row that is counted is one that is added
};

/// Is the statement COPY … FROM STDIN?
bool copies_from_stdin(const Tokens& tokens) {
  const size_t from = tokens.find(tokens.all(), "from");
  return from != Tokens::npos && (tokens.is(from + 1, "stdin") || tokens.is(from + 1, "stdout"));
}

enum class CopyFormat : uint8_t { Text, Csv, Other };

struct CopyOptions {
  CopyFormat format = CopyFormat::Text;
  bool header = false;
};

CopyOptions copy_options(const Tokens& tokens) {
  CopyOptions options;
  bool quotes = false;  // other characters than usual enclose values
  for (size_t i = tokens.find(tokens.all(), "from"); i < tokens.size(); ++i) {
    if (tokens.is(i, "csv") || equals_ignoring_case(tokens.text(i), "'csv'")) {
      options.format = CopyFormat::Csv;
    }
    if (tokens.is(i, "binary") || equals_ignoring_case(tokens.text(i), "'binary'")) {
      options.format = CopyFormat::Other;
    }
    if (tokens.is(i, "header")) options.header = true;
    if (tokens.is(i, "quote") || tokens.is(i, "escape")) quotes = true;
  }
  if (options.format == CopyFormat::Csv && quotes) options.format = CopyFormat::Other;
  return options;
}

/// What a batch may hold: less than a transaction, for index entries count too.
constexpr uint32_t kBatchBytes = 8u << 20;

/// In CSV a quoted value can hold line breaks. A gap of the text holds whole lines.
CopyData read_copy_data(const SourceFile& source, uint32_t statement_end, CopyOptions options,
                        uint64_t limit) {
  constexpr uint32_t kRelease = 16u << 20;
  constexpr uint32_t kWorthReleasing = 64u << 10;
  CopyData data;
  size_t line = source.text().find('\n', statement_end);
  if (line == std::string_view::npos) return data;
  ++line;
  std::string_view rest;  // from the line on, as far as it is at hand
  uint32_t released = statement_end;
  bool quoted = false;
  uint64_t in_batch = 0;
  size_t batch = line;
  while (line < source.size()) {
    if (rest.empty()) rest = source.stretch(static_cast<uint32_t>(line));
    const std::string_view row = rest.substr(0, rest.find('\n'));
    const size_t end = line + row.size();
    if (row == "\\." || row == "\\.\r") break;
    const bool begins = !quoted;
    if (options.format == CopyFormat::Csv && std::count(row.begin(), row.end(), '"') % 2 != 0) {
      quoted = !quoted;
    }
    if (begins && in_batch > 0 && (in_batch == limit || end - batch > kBatchBytes)) {
      data.batches.push_back(static_cast<uint32_t>(line));
      in_batch = 0;
    }
    if (in_batch == 0) batch = line;
    if (begins) ++data.rows;
    if (begins) ++in_batch;
    data.bytes += row.size();
    if (line - released > kRelease) {
      source.release({released, static_cast<uint32_t>(line)});
      released = static_cast<uint32_t>(line);
    }
    rest.remove_prefix(std::min(row.size() + 1, rest.size()));
    line = end + 1;
  }
  line = std::min<size_t>(line, source.size());
  if (line - released > kWorthReleasing) source.release({released, static_cast<uint32_t>(line)});
  if (options.header && data.rows > 0) --data.rows;
  return data;
}

/// May some of the rows that the statement lists not be added: ON CONFLICT DO NOTHING, and COPY
/// with WHERE?
bool may_skip_rows(const Tokens& tokens) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens.are(i, {"do", "nothing"})) return true;
    if (tokens.is(0, "copy") && tokens.is(i, "where")) return true;
  }
  return false;
}

/// What the statements of a file add, as far as it can be counted.
struct DataVolume {
  std::vector<Load> loads;
  std::vector<Block> blocks;  ///< with COMMIT; that add anything
  std::vector<RunnerBlock> runner_blocks;

  explicit DataVolume(ScriptContext& ctx) {
    const auto limit = static_cast<uint64_t>(ctx.engine().limits().rows_per_transaction);
    const auto most_bytes = static_cast<uint64_t>(ctx.engine().limits().bytes_per_transaction);
    const auto statements = ctx.document().statements();
    std::optional<Block> open;
    std::vector<RunnerSegment> segments = runner_segments(ctx.document(), ctx.layout());
    std::vector<size_t> segment_of(segments.empty() ? 0 : statements.size(), segments.size());
    for (size_t s = 0; s < segments.size(); ++s) {
      for (const size_t i : segments[s].statements) segment_of[i] = s;
      for (const size_t i : segments[s].block) segment_of[i] = s;
    }
    std::vector<RunnerBlock> sums(segments.size());
    bool first = true;
    for (size_t s = 0; s < segments.size(); ++s) {
      sums[s].transaction = segments[s].transaction;
      if (segments[s].transaction == 0 && first) {
        sums[s].rows = ctx.carried().rows;
        first = false;
      }
    }
    for (size_t i = 0; i < statements.size(); ++i) {
      const Statement& statement = statements[i];
      const bool in_runner = !segment_of.empty() && segment_of[i] < segments.size();
      if (ctx.document().starts_file(i)) open.reset();
      switch (statement.cls) {
        case StatementClass::Begin:
          if (!open) open = Block{.begin = i};
          break;
        case StatementClass::Commit:
          if (open && open->rows > 0) {
            open->end = i;
            blocks.push_back(*open);
          }
          open.reset();
          break;
        case StatementClass::Rollback:
          open.reset();
          break;
        default:
          break;
      }
      Load load{.statement = i,
                .rows = statement.all_rows,
                .bytes = statement.all_rows == 0 ? 0 : statement.range.size(),
                .in_block = open.has_value() || in_runner};
      if (statement.kind == pg::Node::kCopyStmt && statement.cls == StatementClass::Dml) {
        const Tokens tokens = ctx.document().tokens(i);
        const CopyOptions options = copy_options(tokens);
        if (copies_from_stdin(tokens) && options.format != CopyFormat::Other) {
          load.copy = read_copy_data(ctx.source(), statement.end, options, limit);
          load.rows = load.copy->rows;
          load.bytes = load.copy->bytes;
        }
      }
      if (load.rows == 0) continue;
      if (open) {
        open->rows += load.rows;
        open->bytes += load.bytes;
        open->statements += statement.count;
      }
      // A block with nothing before it in its transaction is reported as a block.
      if (in_runner && (!open || sums[segment_of[i]].rows > 0)) {
        RunnerBlock& sum = sums[segment_of[i]];
        if (sum.certain) sum.certain = !may_skip_rows(ctx.document().tokens(i));
        // A single statement that is too big is reported where it stands.
        const bool passes = sum.rows > 0 && sum.rows <= limit && sum.rows + load.rows > limit;
        sum.rows += load.rows;
        if (passes) {
          sum.statement = i;
          runner_blocks.push_back(sum);
        }
      }
      const bool too_much =
          load.copy ? load.rows > limit || load.bytes > most_bytes : statement.rows > limit;
      if (too_much) loads.push_back(std::move(load));
    }
  }
};

constexpr std::string_view kBatches =
    "each batch is committed separately: if a later one fails, the rows of the earlier ones stay";

/// A VALUES list and what stands around it.
struct ValuesParts {
  size_t values = Tokens::npos;
  std::vector<TokenSpan> rows;
  TokenSpan tail;
};

ValuesParts values_parts(const Tokens& tokens) {
  ValuesParts parts;
  parts.values = tokens.find(tokens.all(), "values");
  if (parts.values == Tokens::npos) return parts;
  size_t i = parts.values + 1;
  while (tokens.is_op(i, "(")) {
    const size_t close = tokens.close(i);
    if (close == Tokens::npos) break;
    parts.rows.push_back({i, close + 1});
    i = close + 1;
    if (!tokens.is_op(i, ",")) break;
    ++i;
  }
  parts.tail = {i, tokens.size()};
  return parts;
}

/// Cuts the VALUES list into statements of at most `limit` rows and 8 MiB; nothing where that could
/// change what the statement does.
std::optional<Fix> batches_of(const SourceFile& source, const Statement& statement,
                              const Tokens& tokens, uint64_t limit) {
  const ValuesParts parts = values_parts(tokens);
  if (tokens.is(0, "with") || parts.rows.empty()) return std::nullopt;
  if (!parts.tail.empty() && (!tokens.are(parts.tail.begin, {"on", "conflict"}) ||
                              !tokens.are(tokens.size() - 2, {"do", "nothing"}) ||
                              touches_comment(tokens, tokens.range(parts.tail)))) {
    return std::nullopt;
  }
  const std::string_view text = source.text();
  const Token& first = tokens[parts.rows[0].begin];
  const Token& values = tokens[parts.values];
  std::string opening(text.substr(tokens[0].begin, values.end - tokens[0].begin));
  opening += touches_comment(tokens, {values.end, first.begin})
                 ? " "
                 : text.substr(values.end, first.begin - values.end);
  std::string closing;
  if (!parts.tail.empty()) {
    closing = " ";
    closing += tokens.text(parts.tail);
  }
  closing += ';';
  std::string new_line(fixers::line_break(text));
  new_line += fixers::indentation(text, statement.range.begin);

  Fix fix{.safety = Safety::Review};
  uint64_t rows = 0;
  uint32_t begin = first.begin;
  for (size_t i = 0; i < parts.rows.size(); ++i) {
    const Range row = tokens.range(parts.rows[i]);
    if (rows == limit || (rows > 0 && row.end - begin > kBatchBytes)) {
      const Token& comma = tokens[parts.rows[i - 1].end];
      if (touches_comment(tokens, {comma.end, row.begin})) {
        fix.edits.push_back({comma.range(), closing});
        fix.edits.push_back({{row.begin, row.begin}, opening});
      } else {
        fix.edits.push_back({{comma.begin, row.begin}, closing + new_line + opening});
      }
      rows = 0;
      begin = row.begin;
    }
    ++rows;
  }
  if (fix.edits.empty()) return std::nullopt;
  fix.title = fmt::format("split it into INSERTs of at most {} rows", limit);
  return fix;
}

std::string counted(uint64_t rows) {
  return rows < kManyRows ? fmt::format("{} rows", rows) : "a trillion rows or more";
}

bool names_series(const Tokens& tokens) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens.is(i, "generate_series")) return true;
  }
  return false;
}

void check_insert(ScriptContext& ctx) {
  const auto limit = static_cast<uint64_t>(ctx.engine().limits().rows_per_transaction);
  for (const Load& load : ctx.facts<DataVolume>().loads) {
    if (load.copy) continue;
    const Statement& statement = ctx.document().statements()[load.statement];
    const Tokens tokens = ctx.document().tokens(load.statement);
    Diagnostic finding{.range = tokens.range(TokenSpan{0, std::min<size_t>(2, tokens.size())}),
                       .message = fmt::format("this statement adds {}; a transaction can change {}",
                                              counted(load.rows), limit)};
    if (!load.in_block) finding.fix = batches_of(ctx.source(), statement, tokens, limit);
    if (finding.fix) {
      finding.notes.push_back({std::string(kBatches)});
    } else if (load.in_block) {
      finding.help = fmt::format(
          "take it out of the transaction, and insert at most {} rows at a time", limit);
    } else if (values_parts(tokens).rows.empty() && names_series(tokens)) {
      finding.help = fmt::format(
          "insert at most {} rows at a time: run it once for each part of the series, and commit "
          "in between",
          limit);
    } else {
      finding.help = fmt::format(
          "insert at most {} rows at a time; what it returns or updates then comes in parts",
          limit);
    }
    ctx.report(std::move(finding));
  }
}

/// Rounded up, so that a little too much is not shown as the limit.
std::string mebibytes(uint64_t bytes) {
  return fmt::format("{} MiB", (bytes + (1u << 20) - 1) >> 20);
}

void check_copy(ScriptContext& ctx) {
  const auto limit = static_cast<uint64_t>(ctx.engine().limits().rows_per_transaction);
  const auto most_bytes = static_cast<uint64_t>(ctx.engine().limits().bytes_per_transaction);
  for (const Load& load : ctx.facts<DataVolume>().loads) {
    if (!load.copy) continue;
    const Statement& statement = ctx.document().statements()[load.statement];
    const Tokens tokens = ctx.document().tokens(load.statement);
    Diagnostic finding{
        .range = tokens.range(TokenSpan{0, std::max<size_t>(tokens.skip_name(1), 1)}),
        .message = load.rows > limit
                       ? fmt::format("this statement loads {} rows; a transaction can change {}",
                                     load.rows, limit)
                       : fmt::format("this statement loads {}; a transaction can change {}",
                                     mebibytes(load.bytes), mebibytes(most_bytes))};
    if (load.in_block || copy_options(tokens).header || !statement.semicolon) {
      finding.help = fmt::format(
          "{}load the data in batches of at most {} rows and 8 MiB, each with a separate COPY",
          load.in_block ? "end the transaction before it, and " : "", limit);
    } else {
      const std::string_view line_break = fixers::line_break(ctx.source().text());
      std::string again = fmt::format("\\.{0}{0}", line_break);
      again += ctx.source().slice({statement.range.begin, statement.end});
      again += line_break;
      Fix fix{.safety = Safety::Review,
              .title = fmt::format("split the data into COPYs of at most {} rows{}", limit,
                                   load.bytes > most_bytes ? " and 8 MiB" : "")};
      for (const uint32_t batch : load.copy->batches) {
        fix.edits.push_back({{batch, batch}, again});
      }
      finding.notes.push_back({std::string(kBatches)});
      finding.fix = std::move(fix);
    }
    ctx.report(std::move(finding));
  }
}

/// Is every row that is counted from `begin` to `end` one that is added? psql may leave out what
/// stands between its commands.
bool is_certain(size_t begin, size_t end, const ScriptContext& ctx) {
  const Document& document = ctx.document();
  const auto statements = document.statements();
  const Range whole{statements[begin].range.begin, statements[end].range.end};
  const auto within = [&](Range command) { return whole.contains(command); };
  if (std::any_of(document.commands().begin(), document.commands().end(), within)) return false;
  for (size_t i = begin; i <= end; ++i) {
    if (statements[i].all_rows == 0 && statements[i].kind != pg::Node::kCopyStmt) continue;
    if (may_skip_rows(document.tokens(i))) return false;
  }
  return true;
}

void check_transaction(ScriptContext& ctx) {
  const auto limit = static_cast<uint64_t>(ctx.engine().limits().rows_per_transaction);
  const auto most_bytes = static_cast<uint64_t>(ctx.engine().limits().bytes_per_transaction);
  for (const Block& block : ctx.facts<DataVolume>().blocks) {
    // A single statement that is too big is reported where it stands.
    if ((block.rows <= limit && block.bytes <= most_bytes) || block.statements < 2) continue;
    const Statement& begin = ctx.document().statements()[block.begin];
    if (block.rows > limit) {
      const bool certain = is_certain(block.begin, block.end, ctx);
      ctx.report({.range = begin.range,
                  .message = fmt::format(
                      "{} statements of this transaction add {}; a transaction can change {}",
                      block.statements, counted(block.rows), limit),
                  .severity = certain ? Severity::Error : Severity::Warning});
    } else {
      ctx.report({.range = begin.range,
                  .message = fmt::format(
                      "{} statements of this transaction add {}; a transaction can change {}",
                      block.statements, mebibytes(block.bytes), mebibytes(most_bytes)),
                  .help = "COMMIT and BEGIN again before 10 MiB have been written, index entries "
                          "included",
                  .severity = Severity::Warning});
    }
  }
  for (const RunnerBlock& block : ctx.facts<DataVolume>().runner_blocks) {
    const RunnerTransaction& runner = ctx.layout().transactions[block.transaction];
    const Tokens tokens = ctx.document().tokens(block.statement);
    Diagnostic finding{
        .range = tokens.range(TokenSpan{0, std::min<size_t>(2, tokens.size())}),
        .message = fmt::format("with this statement, {} adds {}; a transaction can change {}",
                               runner.subject, counted(block.rows), limit)};
    if (!block.certain) finding.severity = Severity::Warning;
    if (runner.opt_out == OptOut::Impossible && !runner.help.empty()) {
      finding.help = runner.help;
    } else if (!runner.title.empty()) {
      finding.help = fmt::format("{}, and insert at most {} rows at a time", runner.title, limit);
    }
    ctx.report(std::move(finding));
  }
}

constexpr std::array kRules = {
    rule<check_insert>(kInsert),
    rule<check_copy>(kCopy),
    rule<check_transaction>(kTransaction),
};

}  // namespace

std::span<const Rule> data_volume() { return kRules; }

}  // namespace dsqlint
