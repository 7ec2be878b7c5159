// A parsed source: statements with trees and positions.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/parse/parse.h"
#include "engine/text/dialect.h"
#include "engine/text/edit.h"
#include "engine/text/source.h"
#include "engine/text/statements.h"
#include "engine/text/tokens.h"

namespace google::protobuf {
class Arena;
class Message;
}  // namespace google::protobuf

namespace dsqlint {

struct AstRef;
struct DocumentPiece;
struct KeptTokens;
struct FunctionBody;
struct Revision;

/// What a statement is to a transaction.
enum class StatementClass : uint8_t {
  Unreadable,
  Query,  ///< reads only
  Ddl,    ///< changes the catalog; GRANT and REVOKE too
  Dml,    ///< changes rows
  Begin,
  Commit,
  Rollback,  ///< of the whole transaction
  Session,   ///< SET, SHOW, savepoints and all that is neither
};

/// A table whose rows a statement touches.
struct RowUse {
  Range name;            ///< as it stands in the text, schema and all
  bool changes = false;  ///< existing rows too, not only new ones
  Range conflict = {};   ///< `ON CONSTRAINT name` of its ON CONFLICT, where it has that
};

inline constexpr uint32_t kNoTokens = static_cast<uint32_t>(-1);

/// One statement, or a run of plain INSERTs (`count` of them) that no rule can object to.
struct Statement {
  Range range;       ///< first token to last, without the `;`
  uint32_t end = 0;  ///< past the terminator; range.end when there is none
  bool semicolon = false;
  /// No visitor has found anything on it, and no comment in it speaks to us: while its text is the
  /// same, there is nothing new to say of it alone.
  bool silent = false;
  bool plain_insert = false;  ///< checked by our own grammar, not parsed; see plain_insert.h
  /// A visitor wants to see it again when those before it are known: see Document::read_again.
  bool asked = false;
  StatementClass cls = StatementClass::Unreadable;
  uint32_t count = 1;
  /// Where the document keeps its tokens: like the tree, not for statements that write rows, of
  /// which there may be millions.
  uint32_t kept_tokens = kNoTokens;
  uint64_t rows = 0;      ///< that an INSERT adds, the most of a run; 0: its words do not tell
  uint64_t all_rows = 0;  ///< of all INSERTs of the run together
  int kind = 0;           ///< pg::Node::NodeCase of the tree; 0 when there is none
  /// The tree; null when it did not parse, and after parsing for statements that only read or
  /// write rows. Owned by the document.
  const google::protobuf::Message* tree = nullptr;
  std::vector<Mask> masks;
  std::vector<RowUse> row_uses;  ///< of statements that write rows

  bool has_mask(MaskKind kind) const;
};

/// Why a statement has no tree.
enum class UnreadableReason : uint8_t {
  Syntax,
  TooLarge,
  TooDeep,
  Unterminated,
  Variable,  ///< a psql variable stands for SQL that is not in the file
  Known,     ///< a rule speaks of it: see known_statement
};

struct UnreadableStatement {
  Range range;  ///< the place of the error: a token, or the statement
  Range statement;
  UnreadableReason reason = UnreadableReason::Syntax;
  std::string message;
};

/// What a visitor says of one statement.
struct Visit {
  bool found = false;  ///< there is something on it
  bool asked = false;  ///< see Statement::asked; only for statements of the document
};

/// What a visitor sees of one statement: valid during the call only.
struct StatementView {
  const SourceFile& source;  ///< the file, or the text of a body that is not verbatim
  const Statement& statement;
  const Tokens& tokens;
  /// Set for the statements in the body of a LANGUAGE sql function; they are seen after the CREATE
  /// FUNCTION that contains them, and are not statements of the document.
  const FunctionBody* body = nullptr;
};

class Document {
 public:
  struct Visitors {
    /// Called once per statement, those in function bodies included, on the worker's thread, while
    /// the tree is available; `slot` identifies the piece of the file: calls for one slot come from
    /// one thread, in order. Not called for a silent statement that a revision has not changed.
    std::function<Visit(const StatementView& view, size_t slot)> parallel;
    /// Called once per statement, in the order of the file, by one thread at a time, while later
    /// pieces are still being parsed. `document` knows the statements up to this one.
    std::function<void(const Document& document, size_t statement)> in_order;
    /// Called with all tokens of the file, piece by piece in its order, by one thread at a time.
    std::function<void(std::span<const Token> tokens, std::span<const Range> comments)> lexed;
  };

  /// Parses `source` on `threads` threads (0: as many as the machine has). Bad SQL is in
  /// `unreadable()`, not a failure. Memory stays near that of the definitions: rows are not kept.
  /// Given `parts`, only those stretches are read. Given a `revision`, what it has left as it was
  /// is taken from the document before.
  static Document parse(std::shared_ptr<const SourceFile> source, unsigned threads = 1,
                        const Visitors& visitors = {},
                        std::optional<std::vector<Range>> parts = std::nullopt,
                        const Revision* revision = nullptr);

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  const SourceFile& source() const { return *source_; }
  std::span<const Statement> statements() const { return statements_; }
  /// Those that have a tree of this kind (pg::Node::NodeCase), as numbers in `statements()`, in
  /// order. See StatementsOf.
  std::span<const uint32_t> of_kind(int kind) const;
  std::span<const UnreadableStatement> unreadable() const { return unreadable_; }
  std::span<const Range> directives() const { return directives_; }
  /// psql's commands between statements, each up to the end of its line.
  std::span<const Range> commands() const { return commands_; }
  /// The rows after COPY … FROM STDIN, in whole lines.
  std::span<const Range> rows() const { return rows_; }
  /// As many as were useful to read the file.
  unsigned threads() const { return threads_; }
  /// Frees the trees on all of these threads, which takes time, and calls `others` meanwhile. The
  /// document must not be used afterwards.
  void free_with(std::span<const std::function<void()>> others);
  /// Slots given to visitors are below this.
  static size_t max_slots(const SourceFile& source);
  /// The silent statement that begins at `begin` in the text that `edits` have made of this one, if
  /// they have not touched it.
  std::optional<KnownText> find_known(uint32_t begin, const EditedText& edits) const;

  /// Views into the document, or, of statements whose tokens it does not keep, read again.
  Tokens tokens(size_t statement) const;
  /// Calls `visit(tree)` with the tree of a statement that could be read; where it is not kept, it
  /// is parsed once more for the time of the call. On a stack for parsing: in the visitors' calls
  /// only.
  void read_again(size_t statement, const std::function<void(AstRef tree)>& visit) const;
  /// The statement that contains or follows `offset`; statements().size() past the last.
  size_t statement_at(uint32_t offset) const;

  /// Of the source's files, the one that the statement stands in, and its number.
  size_t file_of(size_t statement) const {
    return source_->file_at(statements_[statement].range.begin);
  }
  uint32_t file_number(size_t statement) const { return source_->file_number(file_of(statement)); }
  /// Is it the first of a file that follows another? What a session holds has ended before it.
  bool starts_file(size_t statement) const {
    return statement > 0 && !source_->files().empty() &&
           file_of(statement) != file_of(statement - 1);
  }

 private:
  friend class DocumentWorker;

  Document();
  void absorb(DocumentPiece& piece, const Visitors& visitors);

  /// The tokens of a piece of the file.
  struct PieceTokens {
    std::vector<Token> tokens;
    std::vector<Range> comments;
  };

  std::shared_ptr<const SourceFile> source_;
  std::vector<Statement> statements_;
  std::unordered_map<int, std::vector<uint32_t>> by_kind_;
  std::vector<UnreadableStatement> unreadable_;
  std::vector<Range> directives_;
  std::vector<Range> commands_;
  std::vector<Range> rows_;
  std::vector<PieceTokens> piece_tokens_;
  std::vector<KeptTokens> kept_tokens_;  ///< by Statement::kept_tokens
  /// Of the trees; shared with the documents of later revisions.
  std::vector<std::shared_ptr<google::protobuf::Arena>> arenas_;
  unsigned threads_ = 1;
};

/// A text as edits have made it from that of another document.
struct Revision {
  const Document& before;
  const EditedText& edits;
};

/// The tree of a statement, null kind when it has none.
AstRef tree_of(const Statement& statement);

/// A statement with its tokens: what it takes to find the place of a part of its tree.
class ParsedStatement {
 public:
  ParsedStatement(const Statement& statement, const Tokens& tokens)
      : statement_(statement), tokens_(tokens) {}

  const Statement& statement() const { return statement_; }
  const Tokens& tokens() const { return tokens_; }
  /// The tree of the whole statement; kind 0 when it has none.
  AstRef tree() const;
  /// The token at a tree's `location`; npos when the location is unset.
  size_t token_at(int location) const {
    return location < static_cast<int>(kLocationShift)
               ? Tokens::npos
               : tokens_.at(statement_.range.begin + static_cast<uint32_t>(location) -
                            kLocationShift);
  }

 private:
  const Statement& statement_;
  const Tokens& tokens_;
};

}  // namespace dsqlint
