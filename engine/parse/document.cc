// The pipeline from bytes to trees: cut, mask, parse; in parallel by pieces of the file.

#include "engine/parse/document.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

#include "engine/parse/ast.h"
#include "engine/parse/function_body.h"
#include "engine/parse/generated_rows.h"
#include "engine/parse/names.h"
#include "engine/parse/stack.h"
#include "engine/parse/walk.h"
#include "engine/text/limits.h"
#include "engine/text/newer_syntax.h"
#include "engine/text/plain_insert.h"

namespace dsqlint {

/// A statement's own among the tokens and comments of its piece.
struct KeptTokens {
  uint32_t piece = 0;
  uint32_t first_token = 0;
  uint32_t token_count = 0;
  uint32_t first_comment = 0;
  uint32_t comment_count = 0;
  uint32_t arena = 0;  ///< of its tree, among those of the piece or of the document
};

/// What became of one batch of statements.
struct DocumentPiece {
  StatementBatch batch;
  std::vector<Statement> statements;
  std::vector<UnreadableStatement> unreadable;
  std::vector<KeptTokens> kept;
  std::vector<std::shared_ptr<google::protobuf::Arena>> arenas;
  uint32_t own_arena = kNone;  ///< the one for new trees, among them
  static constexpr uint32_t kNone = UINT32_MAX;
  bool parsed = false;
};

namespace {

/// Enough statements to be worth a lock, few enough that their trees, some thirty times as big, are
/// still in the cache when the schema model takes them in.
constexpr uint32_t kBatchBytes = 32u << 10;

/// Of what an arena takes at once: trees are big, and the allocator is asked less often.
constexpr size_t kArenaBlock = 64u << 10;

google::protobuf::ArenaOptions arena_options() {
  google::protobuf::ArenaOptions options;
  options.start_block_size = 4096;
  options.max_block_size = kArenaBlock;
  return options;
}

/// A run of INSERTs goes on over this many tables.
constexpr size_t kMaxRunTargets = 32;

/// May an unquoted word be an operator of expressions or queries, or nest them?
bool is_nesting_word(std::string_view word) {
  switch (word.size()) {
    case 2:
      return equals_ignoring_case(word, "is") || equals_ignoring_case(word, "at");
    case 3:
      return equals_ignoring_case(word, "not");
    case 4:
      return equals_ignoring_case(word, "join") || equals_ignoring_case(word, "case");
    case 5:
      return equals_ignoring_case(word, "union");
    case 6:
      return equals_ignoring_case(word, "select") || equals_ignoring_case(word, "except");
    case 7:
      return equals_ignoring_case(word, "collate");
    case 8:
      return equals_ignoring_case(word, "operator");
    case 9:
      return equals_ignoring_case(word, "intersect");
    default:
      return false;
  }
}

/// An upper bound on how deep the tree can be: operators and words of each open bracket. `outer` is
/// memory to work with.
size_t nesting(const Tokens& tokens, std::vector<size_t>& outer) {
  outer.clear();
  size_t open = 0;     // of all brackets around
  size_t current = 0;  // in this one
  size_t deepest = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == TokenKind::Operator) {
      const char c = tokens.text(i)[0];
      if (c == '(' || c == '[') {
        outer.push_back(current);
        open += current + 1;
        current = 0;
      } else if ((c == ')' || c == ']') && !outer.empty()) {
        current = outer.back();
        open -= current + 1;
        outer.pop_back();
      } else if (c != ',' && c != '.') {
        ++current;
      }
    } else if (tokens[i].kind == TokenKind::Word && is_nesting_word(tokens.text(i))) {
      ++current;
    }
    deepest = std::max(deepest, open + current);
  }
  return deepest;
}

bool writes_in_cte(const pg::WithClause& with) {
  return std::any_of(with.ctes().begin(), with.ctes().end(), [](const pg::Node& node) {
    const int query = node.common_table_expr().ctequery().node_case();
    return query == pg::Node::kInsertStmt || query == pg::Node::kUpdateStmt ||
           query == pg::Node::kDeleteStmt || query == pg::Node::kMergeStmt;
  });
}

bool may_write_rows(int kind) {
  return kind == pg::Node::kInsertStmt || kind == pg::Node::kUpdateStmt ||
         kind == pg::Node::kDeleteStmt || kind == pg::Node::kMergeStmt ||
         kind == pg::Node::kSelectStmt || kind == pg::Node::kCopyStmt ||
         kind == pg::Node::kTruncateStmt;
}

struct WrittenTable {
  const pg::RangeVar* relation;
  bool changes;
  const pg::InferClause* infer = nullptr;
};

/// The tables whose rows the statement writes, those of its common table expressions included.
std::vector<WrittenTable> written_tables(AstRef tree) {
  std::vector<WrittenTable> written;
  std::vector<AstRef> pending = {tree};
  const auto add_ctes = [&](const pg::WithClause& with) {
    for (const pg::Node& node : with.ctes()) {
      pending.push_back(unwrap(node.common_table_expr().ctequery()));
    }
  };
  while (!pending.empty()) {
    const AstRef next = pending.back();
    pending.pop_back();
    if (const auto* insert = next.as<pg::InsertStmt>()) {
      const bool upserts = insert->on_conflict_clause().action() == pg::ONCONFLICT_UPDATE;
      written.push_back({&insert->relation(), upserts, &insert->on_conflict_clause().infer()});
      add_ctes(insert->with_clause());
    } else if (const auto* update = next.as<pg::UpdateStmt>()) {
      written.push_back({&update->relation(), true});
      add_ctes(update->with_clause());
    } else if (const auto* del = next.as<pg::DeleteStmt>()) {
      written.push_back({&del->relation(), true});
      add_ctes(del->with_clause());
    } else if (const auto* merge = next.as<pg::MergeStmt>()) {
      written.push_back({&merge->relation(), true});
      add_ctes(merge->with_clause());
    } else if (const auto* select = next.as<pg::SelectStmt>()) {
      add_ctes(select->with_clause());
    } else if (const auto* copy = next.as<pg::CopyStmt>()) {
      if (copy->is_from() && copy->has_relation()) written.push_back({&copy->relation(), false});
      if (copy->has_query()) pending.push_back(unwrap(copy->query()));
    } else if (const auto* truncate = next.as<pg::TruncateStmt>()) {
      for (const pg::Node& node : truncate->relations())
        written.push_back({&node.range_var(), true});
    }
  }
  return written;
}

/// EXPLAIN ANALYZE runs what it explains.
bool executes(const pg::ExplainStmt& explain) {
  for (const pg::Node& node : explain.options()) {
    const pg::DefElem& option = node.def_elem();
    if (option.defname() != "analyze") continue;
    const std::string& value = string_value(option.arg());
    return value != "off" && value != "false" && integer_value(option.arg()) != 0;
  }
  return false;
}

StatementClass class_of(AstRef tree) {
  switch (tree.kind) {
    case pg::Node::kSelectStmt: {
      const auto& select = *tree.as<pg::SelectStmt>();
      if (select.has_into_clause()) return StatementClass::Ddl;
      return writes_in_cte(select.with_clause()) ? StatementClass::Dml : StatementClass::Query;
    }
    case pg::Node::kInsertStmt:
    case pg::Node::kUpdateStmt:
    case pg::Node::kDeleteStmt:
    case pg::Node::kMergeStmt:
      return StatementClass::Dml;
    case pg::Node::kCopyStmt: {
      const auto& copy = *tree.as<pg::CopyStmt>();
      if (copy.is_from()) return StatementClass::Dml;
      return copy.has_query() ? class_of(unwrap(copy.query())) : StatementClass::Query;
    }
    case pg::Node::kTransactionStmt:
      switch (tree.as<pg::TransactionStmt>()->kind()) {
        case pg::TRANS_STMT_BEGIN:
        case pg::TRANS_STMT_START:
          return StatementClass::Begin;
        case pg::TRANS_STMT_COMMIT:
          return StatementClass::Commit;
        case pg::TRANS_STMT_ROLLBACK:
          return StatementClass::Rollback;
        default:
          return StatementClass::Session;
      }
    case pg::Node::kExplainStmt:
      return executes(*tree.as<pg::ExplainStmt>())
                 ? class_of(unwrap(tree.as<pg::ExplainStmt>()->query()))
                 : StatementClass::Query;
    case pg::Node::kVariableShowStmt:
    case pg::Node::kCallStmt:
    case pg::Node::kFetchStmt:
    case pg::Node::kExecuteStmt:
      return StatementClass::Query;
    case pg::Node::kVariableSetStmt:
    case pg::Node::kConstraintsSetStmt:
    case pg::Node::kPrepareStmt:
    case pg::Node::kDeallocateStmt:
    case pg::Node::kDeclareCursorStmt:
    case pg::Node::kClosePortalStmt:
    case pg::Node::kDiscardStmt:
    case pg::Node::kListenStmt:
    case pg::Node::kUnlistenStmt:
    case pg::Node::kNotifyStmt:
    case pg::Node::kLoadStmt:
    case pg::Node::kLockStmt:
    case pg::Node::kDoStmt:
    case pg::Node::kCheckPointStmt:
    case pg::Node::kVacuumStmt:
    case pg::Node::kClusterStmt:
    case pg::Node::kReindexStmt:
      return StatementClass::Session;
    default:
      return StatementClass::Ddl;
  }
}

/// Trees of statements that only read or write rows are not needed after the visit. SELECT INTO
/// makes a table.
bool keeps_tree(const Tokens& tokens) {
  if (tokens.is(0, "select") || tokens.is(0, "with")) {
    const size_t into = tokens.find(tokens.all(), "into");
    return into != Tokens::npos && !tokens.is(into - 1, "insert") && !tokens.is(into - 1, "merge");
  }
  for (const std::string_view word :
       {"insert", "update", "delete", "values", "copy", "table", "merge"}) {
    if (tokens.is(0, word)) return false;
  }
  return !tokens.is_op(0, "(");
}

/// The text for the parser, at kLocationShift.
void fill_buffer(std::string& buffer, const SourceFile& source, Range range, const Tokens& tokens,
                 const std::vector<Mask>& masks) {
  buffer.assign(1, ' ');
  buffer.append(source.slice(range));
  empty_comments(buffer, tokens.comments(), range.begin - kLocationShift);
  if (!masks.empty()) apply_masks(buffer, range.begin - kLocationShift, masks);
}

void shift_by(Range& range, uint32_t shift) {
  range.begin += shift;
  range.end += shift;
}

}  // namespace

/// One worker: re-uses its buffers from statement to statement.
class DocumentWorker {
 public:
  DocumentWorker(const SourceFile& source, const Document::Visitors& visitors,
                 const Document* before)
      : source_(source), visitors_(visitors), before_(before), scratch_(scratch_options()) {}

  void process(DocumentPiece& piece, size_t slot) {
    slot_ = slot;
    piece.statements.reserve(std::min<size_t>(piece.batch.statements.size(), 4096));
    for (const StatementText& text : piece.batch.statements) {
      if (text.known == StatementText::kUnknown) {
        process(text, piece);
      } else {
        reuse(text, piece);
      }
    }
    piece.batch.statements = {};
    hear_directives(piece);
    keep_tokens(piece);
  }

 private:
  google::protobuf::ArenaOptions scratch_options() {
    google::protobuf::ArenaOptions options = arena_options();
    scratch_block_.resize(kArenaBlock / 4);
    options.initial_block = scratch_block_.data();
    options.initial_block_size = scratch_block_.size();
    return options;
  }

  /// Throws the tokens away that no statement keeps.
  static void keep_tokens(DocumentPiece& piece) {
    if (piece.kept.empty()) return;
    auto& tokens = piece.batch.tokens;
    auto& comments = piece.batch.comments;
    size_t token = 0;
    size_t comment = 0;
    const auto move_down = [](auto& all, uint32_t& first, uint32_t count, size_t& to) {
      const auto begin = all.begin() + first;
      if (first != to) std::copy(begin, begin + count, all.begin() + static_cast<ptrdiff_t>(to));
      first = static_cast<uint32_t>(to);
      to += count;
    };
    for (KeptTokens& kept : piece.kept) {
      move_down(tokens, kept.first_token, kept.token_count, token);
      move_down(comments, kept.first_comment, kept.comment_count, comment);
    }
    const bool sparse = token < tokens.size() / 2;
    tokens.resize(token);
    comments.resize(comment);
    if (!sparse) return;
    tokens.shrink_to_fit();
    comments.shrink_to_fit();
  }

  /// Statements with comments in them that speak to us are read again each time.
  static void hear_directives(DocumentPiece& piece) {
    for (const Range directive : piece.batch.directives) {
      const auto around = std::partition_point(
          piece.statements.begin(), piece.statements.end(),
          [&](const Statement& statement) { return statement.end <= directive.begin; });
      if (around != piece.statements.end() && around->range.begin < directive.begin) {
        around->silent = false;
      }
    }
  }

  /// Takes over what is known of a statement that stands elsewhere now.
  void reuse(const StatementText& text, DocumentPiece& piece) const {
    const Statement& known = before_->statements()[text.known];
    Statement statement = known;
    const uint32_t shift = text.range.begin - known.range.begin;  // may wrap around
    statement.range = text.range;
    statement.end = text.end;
    for (Mask& mask : statement.masks) shift_by(mask.range, shift);
    for (RowUse& use : statement.row_uses) {
      shift_by(use.name, shift);
      if (!use.conflict.empty()) shift_by(use.conflict, shift);
    }
    if (known.kept_tokens != kNoTokens) {
      const KeptTokens& kept = before_->kept_tokens_[known.kept_tokens];
      const auto& arena = before_->arenas_[kept.arena];
      // Neighbours have been neighbours before.
      if (piece.arenas.empty() || piece.arenas.back() != arena) piece.arenas.push_back(arena);
      statement.kept_tokens = static_cast<uint32_t>(piece.kept.size());
      piece.kept.push_back({0, text.first_token, text.token_count, text.first_comment,
                            text.comment_count, static_cast<uint32_t>(piece.arenas.size() - 1)});
    }
    piece.statements.push_back(std::move(statement));
  }

  void process(const StatementText& text, DocumentPiece& piece) {
    keep_ = true;
    const size_t unreadable = piece.unreadable.size();
    found_ = false;
    tokens_ = piece.batch.tokens_of(text, source_.text());
    Statement statement;
    statement.range = text.range;
    statement.end = text.end;
    statement.semicolon = text.semicolon;

    const uint32_t limit = Limits().message_bytes;
    if (text.range.size() <= limit && !text.unterminated) {
      if (const auto rows = plain_insert_rows(tokens_)) {
        add_plain(statement, *rows, piece);
        return;
      }
    }
    if (is_aws_iam(tokens_)) {
      if (std::string error = aws_iam_error(tokens_); !error.empty()) {
        piece.unreadable.push_back(
            {text.range, text.range, UnreadableReason::Syntax, std::move(error)});
      } else {
        statement.cls = StatementClass::Ddl;
      }
    } else if (text.range.size() > limit) {
      piece.unreadable.push_back({{text.range.begin, text.range.begin},
                                  text.range,
                                  UnreadableReason::TooLarge,
                                  std::to_string(text.range.size())});
      statement.rows = statement.all_rows = plain_insert_rows(tokens_).value_or(0);
    } else if (const size_t depth = depth_of(tokens_); depth > kMaxNesting) {
      piece.unreadable.push_back(
          {text.range, text.range, UnreadableReason::TooDeep, std::to_string(depth)});
    } else if (text.unterminated) {
      // Not for the parser: it reads what may be an open comment again and again.
      const Token& last = tokens_[tokens_.size() - 1];
      piece.unreadable.push_back(
          {{last.begin, last.begin + 1}, text.range, UnreadableReason::Unterminated, {}});
    } else {
      parse(text, statement, piece);
    }
    if (visitors_.parallel) {
      const Visit visit = visitors_.parallel({source_, statement, tokens_}, slot_);
      found_ |= visit.found;
      statement.asked = visit.asked;
      if (const auto* create = tree_of(statement).as<pg::CreateFunctionStmt>()) {
        visit_body(*create, statement, piece);
      }
    }
    // Where the rows of a COPY end is looked for each time.
    statement.silent = !found_ && !statement.asked && piece.unreadable.size() == unreadable &&
                       !text.copies_from_stdin;
    if (keep_ && statement.tree != nullptr) {
      statement.kept_tokens = static_cast<uint32_t>(piece.kept.size());
      piece.kept.push_back({0, text.first_token, text.token_count, text.first_comment,
                            text.comment_count, piece.own_arena});
    } else if (!keep_) {
      statement.tree = nullptr;
      scratch_.Reset();
    }
    piece.statements.push_back(std::move(statement));
  }

  void add_plain(Statement& statement, uint64_t rows, DocumentPiece& piece) {
    statement.cls = StatementClass::Dml;
    statement.silent = true;
    statement.plain_insert = true;
    statement.rows = statement.all_rows = rows;
    // INSERT INTO name …
    const Range target = tokens_.range(TokenSpan{2, tokens_.skip_name(2)});
    // What is too big for one transaction stands alone, so that a rule can point at it.
    const uint64_t limit = static_cast<uint64_t>(Limits().rows_per_transaction);
    if (rows <= limit && !piece.statements.empty() && piece.statements.back().plain_insert &&
        piece.statements.back().rows <= limit && adjoins(piece.statements.back(), statement) &&
        joins(piece.statements.back(), target)) {
      Statement& run = piece.statements.back();
      run.range.end = statement.range.end;
      run.end = statement.end;
      run.semicolon = statement.semicolon;
      run.rows = std::max(run.rows, rows);
      run.all_rows += rows;
      ++run.count;
      return;
    }
    statement.row_uses.push_back({target, false});
    piece.statements.push_back(std::move(statement));
  }

  /// Is there no psql command between a run and the statement? What it does must not stay hidden.
  bool adjoins(const Statement& run, const Statement& statement) const {
    const std::string_view gap = source_.slice({run.range.end, statement.range.begin});
    return gap.find('\\') == std::string_view::npos;
  }

  /// Notes that a run inserts into the table named at `target`; false when the run names too many.
  bool joins(Statement& run, Range target) const {
    const auto known = std::any_of(
        run.row_uses.rbegin(), run.row_uses.rend(),
        [&](const RowUse& use) { return source_.slice(use.name) == source_.slice(target); });
    if (known) return true;
    if (run.row_uses.size() == kMaxRunTargets) return false;
    run.row_uses.push_back({target, false});
    return true;
  }

  void note_row_uses(AstRef tree, Statement& statement) const {
    for (const WrittenTable& written : written_tables(tree)) {
      const int location = written.relation->location();
      if (location < static_cast<int>(kLocationShift)) continue;
      const size_t first =
          tokens_.at(statement.range.begin + static_cast<uint32_t>(location) - kLocationShift);
      if (first == Tokens::npos) continue;
      const size_t end = tokens_.skip_name(first);
      if (end == first) continue;
      statement.row_uses.push_back({tokens_.range(TokenSpan{first, end}), written.changes});
      if (written.infer == nullptr || written.infer->conname().empty()) continue;
      const size_t on =
          tokens_.at(statement.range.begin + static_cast<uint32_t>(written.infer->location()) -
                     kLocationShift);
      if (on != Tokens::npos && tokens_.are(on, {"on", "constraint"}) && on + 2 < tokens_.size()) {
        statement.row_uses.back().conflict = tokens_.range(TokenSpan{on, on + 3});
      }
    }
  }

  void parse(const StatementText& text, Statement& statement, DocumentPiece& piece) {
    keep_ = keeps_tree(tokens_);
    statement.masks = find_masks(tokens_, text, false);
    Parsed parsed = parse_masked(text, statement.masks, piece);
    if (parsed.error && text.has_psql_variable) {
      std::vector<Mask> masks = find_masks(tokens_, text, true);
      // Where this fails too, its error is not just the first of the variables.
      parsed = parse_masked(text, masks, piece);
      if (!parsed.error) statement.masks = std::move(masks);
    }
    if (parsed.error) parsed = parse_newer(text, statement, std::move(parsed), piece);
    if (parsed.error) {
      piece.unreadable.push_back(describe(text, *parsed.error));
      return;
    }
    const AstRef tree = unwrap(*parsed.node);
    statement.kind = tree.kind;
    statement.tree = tree.message;
    statement.cls = class_of(tree);
    statement.rows = statement.all_rows = inserted_rows(tree);
    if (may_write_rows(tree.kind)) note_row_uses(tree, statement);
  }

  /// What does not parse once more, with what later versions of PostgreSQL brought hidden; `failed`
  /// where that is no better.
  Parsed parse_newer(const StatementText& text, Statement& statement, Parsed failed,
                     DocumentPiece& piece) {
    std::vector<Mask> masks = newer_masks(tokens_);
    if (masks.empty()) return failed;
    masks.insert(masks.end(), statement.masks.begin(), statement.masks.end());
    std::sort(masks.begin(), masks.end(),
              [](const Mask& a, const Mask& b) { return a.range < b.range; });
    Parsed parsed = parse_masked(text, masks, piece);
    if (parsed.error) return failed;
    statement.masks = std::move(masks);
    return parsed;
  }

  /// The statements of a function's body, as if they stood in the file. Functions that they create
  /// are not looked into.
  void visit_body(const pg::CreateFunctionStmt& create, const Statement& outer,
                  DocumentPiece& piece) {
    if (function_language(create) != "sql") return;
    const auto body = function_body(create, tokens_, source_.text(), outer.range.begin);
    if (!body) return;
    if (body->verbatim) {
      visit_body(*body, source_, body->text, outer, piece);
      return;
    }
    if (auto unescaped = SourceFile::from_text(std::string(source_.path()), body->unescaped)) {
      visit_body(*body, **unescaped, {0, (*unescaped)->size()}, outer, piece);
    }
  }

  void visit_body(const FunctionBody& body, const SourceFile& source, Range range,
                  const Statement& outer, DocumentPiece& piece) {
    Splitter splitter(source.text(), range);
    StatementBatch batch;
    while (splitter.next(batch, range.size() + 1)) {
      for (const StatementText& text : batch.statements) {
        body_tokens_ = batch.tokens_of(text, source.text());
        Statement statement;
        statement.range = text.range;
        statement.end = text.end;
        statement.semicolon = text.semicolon;
        statement.masks = find_masks(body_tokens_, text, false);
        Parsed parsed;
        if (depth_of(body_tokens_) > kMaxNesting) {
          parsed.error = SyntaxError{"the expression is nested too deeply", 0};
        } else if (text.unterminated) {
          const Token& last = body_tokens_[body_tokens_.size() - 1];
          parsed.error = SyntaxError{"the quote or comment that starts here is not closed",
                                     last.begin - text.range.begin};
        } else {
          fill_buffer(buffer_, source, text.range, body_tokens_, statement.masks);
          parsed = parse_statement(buffer_, scratch_);
        }
        if (parsed.error) {
          const size_t at = body_tokens_.at(text.range.begin + parsed.error->offset);
          const bool placed = body.verbatim && at != Tokens::npos;
          piece.unreadable.push_back({placed ? body_tokens_.range(at) : body.literal,
                                      body.verbatim ? text.range : outer.range,
                                      UnreadableReason::Syntax, std::move(parsed.error->message)});
        } else {
          const AstRef tree = unwrap(*parsed.node);
          statement.kind = tree.kind;
          statement.tree = tree.message;
          statement.cls = class_of(tree);
          found_ |= visitors_.parallel({source, statement, body_tokens_, &body}, slot_).found;
        }
        scratch_.Reset();
      }
    }
  }

  /// 0 where there are too few tokens for what would be too deep.
  size_t depth_of(const Tokens& tokens) {
    return tokens.size() > kMaxNesting ? nesting(tokens, outer_) : 0;
  }

  Parsed parse_masked(const StatementText& text, const std::vector<Mask>& masks,
                      DocumentPiece& piece) {
    fill_buffer(buffer_, source_, text.range, tokens_, masks);
    if (!keep_) return parse_statement(buffer_, scratch_);
    if (piece.own_arena == DocumentPiece::kNone) {
      piece.own_arena = static_cast<uint32_t>(piece.arenas.size());
      piece.arenas.push_back(std::make_shared<google::protobuf::Arena>(arena_options()));
    }
    return parse_statement(buffer_, *piece.arenas[piece.own_arena]);
  }

  UnreadableStatement describe(const StatementText& text, SyntaxError& error) {
    UnreadableStatement unreadable{text.range, text.range, UnreadableReason::Syntax,
                                   std::move(error.message)};
    if (tokens_[0].kind == TokenKind::PsqlVariable) {
      unreadable.reason = UnreadableReason::Variable;
      unreadable.range = tokens_.range(0);
      return unreadable;
    }
    if (known_statement(tokens_)) {
      unreadable.reason = UnreadableReason::Known;
      return unreadable;
    }
    // The parser's own stack holds 10,000 symbols, fewer than kMaxNesting levels of brackets.
    if (unreadable.message.starts_with("memory exhausted")) {
      unreadable.reason = UnreadableReason::TooDeep;
      unreadable.message = std::to_string(nesting(tokens_, outer_));
      return unreadable;
    }
    const size_t at = tokens_.at(text.range.begin + error.offset);
    unreadable.range =
        at == Tokens::npos ? Range{text.range.end, text.range.end} : tokens_.range(at);
    // What the parser saw there was the mask.
    if (at != Tokens::npos && tokens_[at].kind == TokenKind::PsqlVariable) {
      unreadable.reason = UnreadableReason::Variable;
    }
    return unreadable;
  }

  const SourceFile& source_;
  const Document::Visitors& visitors_;
  const Document* before_;  ///< null, or of what is known
  Tokens tokens_;
  Tokens body_tokens_;
  std::string buffer_;
  std::vector<size_t> outer_;
  std::vector<char> scratch_block_;  ///< the arena's first block, which a reset does not give back
  google::protobuf::Arena scratch_;
  bool keep_ = true;
  bool found_ = false;  ///< a visitor has found something on the statement
  size_t slot_ = 0;
};

bool Statement::has_mask(MaskKind wanted) const {
  return std::any_of(masks.begin(), masks.end(),
                     [&](const Mask& mask) { return mask.kind == wanted; });
}

AstRef tree_of(const Statement& statement) { return {statement.kind, statement.tree}; }

AstRef ParsedStatement::tree() const { return tree_of(statement_); }

Document::Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() { free_with({}); }

void Document::free_with(std::span<const std::function<void()>> others) {
  // Trees are big: freeing them takes a tenth of the time that building them took.
  std::atomic<size_t> next = 0;
  const auto free_next = [&](unsigned) {
    for (size_t i = next++; i < others.size() + arenas_.size(); i = next++) {
      if (i < others.size()) {
        others[i]();
      } else {
        arenas_[i - others.size()].reset();
      }
    }
  };
  if (threads_ > 1 && arenas_.size() >= 4) {
    run_on_big_stacks(threads_, free_next);
  } else {
    free_next(0);
  }
  arenas_.clear();
}

void Document::absorb(DocumentPiece& piece, const Visitors& visitors) {
  const size_t first = statements_.size();
  const auto known = static_cast<uint32_t>(kept_tokens_.size());
  for (Statement& statement : piece.statements) {
    if (statement.kept_tokens != kNoTokens) statement.kept_tokens += known;
  }
  for (KeptTokens& kept : piece.kept) {
    kept.piece = static_cast<uint32_t>(piece_tokens_.size());
    kept.arena += static_cast<uint32_t>(arenas_.size());
    kept_tokens_.push_back(kept);
  }
  piece_tokens_.push_back({std::move(piece.batch.tokens), std::move(piece.batch.comments)});
  piece.kept = {};
  if (statements_.empty()) {
    // As many as the rest of the file will hold when it goes on like this, within reason.
    const size_t pieces = std::min<size_t>(max_slots(*source_), 64);
    statements_.reserve(std::min<size_t>(piece.statements.size() * pieces, 1u << 16));
  }
  for (Statement& statement : piece.statements) {
    if (statement.tree != nullptr) {
      by_kind_[statement.kind].push_back(static_cast<uint32_t>(statements_.size()));
    }
    statements_.push_back(std::move(statement));
  }
  std::move(piece.unreadable.begin(), piece.unreadable.end(), std::back_inserter(unreadable_));
  directives_.insert(directives_.end(), piece.batch.directives.begin(),
                     piece.batch.directives.end());
  commands_.insert(commands_.end(), piece.batch.commands.begin(), piece.batch.commands.end());
  rows_.insert(rows_.end(), piece.batch.rows.begin(), piece.batch.rows.end());
  std::move(piece.arenas.begin(), piece.arenas.end(), std::back_inserter(arenas_));
  piece.arenas = {};
  piece.statements = {};
  piece.unreadable = {};
  if (!visitors.in_order) return;
  for (size_t i = first; i < statements_.size(); ++i) visitors.in_order(*this, i);
}

Document Document::parse(std::shared_ptr<const SourceFile> source, unsigned threads,
                         const Visitors& visitors, std::optional<std::vector<Range>> parts,
                         const Revision* revision) {
  Document document;
  document.source_ = std::move(source);
  const SourceFile& file = *document.source_;
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  threads = static_cast<unsigned>(std::min<size_t>(threads, max_slots(file)));
  document.threads_ = threads;

  std::mutex mutex;  // guards the splitter and the list of pieces
  Splitter splitter = parts ? Splitter(file.text(), std::move(*parts)) : Splitter(file);
  if (revision != nullptr) {
    splitter.set_known([&before = revision->before, &edits = revision->edits](uint32_t begin) {
      return before.find_known(begin, edits);
    });
  }
  std::deque<DocumentPiece> pieces;
  std::mutex order;  // held by whoever takes pieces over, in their order
  size_t absorbed = 0;
  const auto absorb_ready = [&] {
    for (;;) {
      DocumentPiece* piece = nullptr;
      {
        const std::lock_guard lock(mutex);
        if (absorbed == pieces.size() || !pieces[absorbed].parsed) return;
        piece = &pieces[absorbed];
      }
      document.absorb(*piece, visitors);
      ++absorbed;
    }
  };
  const auto work = [&](unsigned) {
    DocumentWorker worker(file, visitors, revision == nullptr ? nullptr : &revision->before);
    StatementBatch batch;
    for (;;) {
      DocumentPiece* piece = nullptr;
      size_t slot = 0;
      {
        const std::lock_guard lock(mutex);
        if (!splitter.next(batch, kBatchBytes)) return;
        if (visitors.lexed) visitors.lexed(batch.tokens, batch.comments);
        slot = pieces.size();
        piece = &pieces.emplace_back();
        piece->batch = std::move(batch);
      }
      worker.process(*piece, slot);
      if (piece->kept.empty()) {
        // Rows: their tokens go, and the memory serves the next batch.
        batch.tokens = std::move(piece->batch.tokens);
        batch.comments = std::move(piece->batch.comments);
        piece->batch.tokens = {};
        piece->batch.comments = {};
      }
      file.release(piece->batch.range);
      {
        const std::lock_guard lock(mutex);
        piece->parsed = true;
      }
      // Whoever comes by does what has to be done in order; the others go on parsing.
      const std::unique_lock turn(order, std::try_to_lock);
      if (turn.owns_lock()) absorb_ready();
    }
  };
  run_on_big_stacks(threads, work);
  if (absorbed < pieces.size()) run_on_big_stacks(1, [&](unsigned) { absorb_ready(); });
  return document;
}

std::optional<KnownText> Document::find_known(uint32_t begin, const EditedText& edits) const {
  const auto stretch = edits.stretch(begin);
  if (!stretch) return std::nullopt;
  const uint32_t shift = stretch->range.begin - stretch->original;  // may wrap around
  const size_t index = statement_at(begin - shift);
  if (index == statements_.size()) return std::nullopt;
  const Statement& statement = statements_[index];
  // What ends a statement other than a `;` may have been the end of the text.
  if (statement.range.begin + shift != begin || !statement.silent || !statement.semicolon ||
      statement.end + shift > stretch->range.end) {
    return std::nullopt;
  }
  KnownText known{.number = static_cast<uint32_t>(index),
                  .range = {begin, statement.range.end + shift},
                  .end = statement.end + shift,
                  .begin = statement.range.begin};
  if (statement.kept_tokens == kNoTokens) return known;
  const KeptTokens& kept = kept_tokens_[statement.kept_tokens];
  const PieceTokens& piece = piece_tokens_[kept.piece];
  known.tokens = std::span(piece.tokens).subspan(kept.first_token, kept.token_count);
  known.comments = std::span(piece.comments).subspan(kept.first_comment, kept.comment_count);
  return known;
}

size_t Document::max_slots(const SourceFile& source) { return source.size() / kBatchBytes + 1; }

std::span<const uint32_t> Document::of_kind(int kind) const {
  const auto known = by_kind_.find(kind);
  return known == by_kind_.end() ? std::span<const uint32_t>() : known->second;
}

Tokens Document::tokens(size_t index) const {
  const Statement& statement = statements_[index];
  if (statement.kept_tokens == kNoTokens) return {source_->text(), statement.range};
  const KeptTokens& kept = kept_tokens_[statement.kept_tokens];
  const PieceTokens& piece = piece_tokens_[kept.piece];
  return {source_->text(), std::span(piece.tokens).subspan(kept.first_token, kept.token_count),
          std::span(piece.comments).subspan(kept.first_comment, kept.comment_count)};
}

void Document::read_again(size_t index, const std::function<void(AstRef tree)>& visit) const {
  const Statement& statement = statements_[index];
  if (statement.tree != nullptr) return visit(tree_of(statement));
  std::string buffer;
  fill_buffer(buffer, *source_, statement.range, tokens(index), statement.masks);
  google::protobuf::Arena arena(arena_options());
  const Parsed parsed = parse_statement(buffer, arena);
  if (!parsed.error) visit(unwrap(*parsed.node));
}

size_t Document::statement_at(uint32_t offset) const {
  const auto found = std::partition_point(statements_.begin(), statements_.end(),
                                          [&](const Statement& s) { return s.end <= offset; });
  return static_cast<size_t>(found - statements_.begin());
}

}  // namespace dsqlint
