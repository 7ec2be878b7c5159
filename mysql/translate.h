// MySQL text in, PostgreSQL text out, with a way back for positions.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/config.h"
#include "engine/lint/diagnostic.h"
#include "engine/lint/engine.h"
#include "engine/text/result.h"
#include "engine/text/source.h"
#include "mysql/lexer.h"
#include "mysql/text.h"

namespace dsqlint::mysql {

using Choices = MysqlChoices;

/// What dsql-lint does.
Choices contract_choices();

/// What the files of one run have defined, for the files after them. Used by one file at a time.
class History {
 public:
  History();
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

struct TranslateOptions {
  Engine engine;
  Modes modes;                      ///< sql_mode at the beginning
  std::string charset = "utf8mb4";  ///< of the connection at the beginning
  Choices choices;
  History* history = nullptr;  ///< of the files before this one, and then of this one, too
};

/// What became of the statements.
struct StatementCounts {
  size_t read = 0;
  size_t translated = 0;
  size_t noise = 0;     ///< of no meaning for a schema or its data: nothing to say
  size_t reported = 0;  ///< no output; a finding says why
};

struct Translation {
  Text text;
  std::vector<Diagnostic> findings;  ///< in the MySQL text's positions, in stable order
  StatementCounts counts;
  std::vector<Range> statements;  ///< of the MySQL text, in order
  std::vector<Range> directives;  ///< its comments with directives (`dsqlint:`), in order
};

/// Takes the output piece by piece, in order; pieces end between statements.
using Sink = std::function<void(const Text& piece)>;

/// Translates the whole text; all of it parses as PostgreSQL, for what would not is withheld and
/// reported as parse_error.
Translation translate(const SourceFile& source, const TranslateOptions& options);

/// The same in one pass over the text (after one that reads what it defines), with memory for the
/// largest statement, the findings and the symbol table. The text of the result is empty.
Translation translate(const SourceFile& source, const TranslateOptions& options, const Sink& sink);

/// Reads MySQL text, whose strings may contain bytes that are not UTF-8.
Result<std::shared_ptr<const SourceFile>> load(const std::string& path);

}  // namespace dsqlint::mysql
