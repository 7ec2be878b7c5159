// How a migration tool runs a source: which stretches of it, and in which transactions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/edit.h"
#include "engine/text/source.h"

namespace dsqlint {

/// How a transaction that the runner opens can be avoided.
enum class OptOut : uint8_t {
  Impossible,
  Singly,  ///< afterwards every statement is sent and committed separately
  Blocks,  ///< afterwards the text is sent in one message, in which BEGIN and COMMIT decide
  Marks,   ///< `mark` after a statement ends the message
};

/// A transaction that is not in the text: the runner begins it, or sends everything at once.
struct RunnerTransaction {
  std::string subject = {};  ///< "the transaction in which goose runs this file"
  std::string record = {};   ///< "goose's own record of the migration"; empty: none is made in it
  bool message = false;      ///< one message makes it, without a BEGIN
  OptOut opt_out = OptOut::Impossible;
  std::string_view mark = {};    ///< of OptOut::Marks, a comment
  std::vector<Edit> edits = {};  ///< that take the transaction away; none when the text has no part
  std::string title = {};        ///< of that change, imperative
  std::string help = {};         ///< what to do where it is impossible
};

/// Statements never go past the end of a part.
struct Part {
  static constexpr uint32_t kSingly = UINT32_MAX;
  Range range;
  uint32_t transaction = kSingly;  ///< index into Layout::transactions
};

/// In the order of the text. What lies outside of the parts is not read.
struct Layout {
  std::vector<Part> parts;
  std::vector<RunnerTransaction> transactions;
};

/// What a transaction over several sources already holds.
struct Carried {
  uint64_t ddl = 0;
  uint64_t dml = 0;
  uint64_t rows = 0;
};

}  // namespace dsqlint
