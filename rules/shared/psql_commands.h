// psql's commands between the statements of a file, which may do things that the text does not
// show.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/lint/rule.h"
#include "engine/parse/document.h"

namespace dsqlint {

enum class PsqlCommand : uint8_t {
  Harmless,    ///< or none
  Runs,        ///< runs what is not in the file, or decides which parts of the file are run
  Reconnects,  ///< to another database, maybe
};

/// The worst of the commands between a statement and the next one. There is a next one.
PsqlCommand psql_commands_after(const Document& document, size_t statement);

/// The parts of a file that such commands do not divide.
class PsqlStretches {
 public:
  explicit PsqlStretches(const ScriptContext& ctx);
  /// Is everything that runs between the two statements, `first` and a later one, in the file, and
  /// does it run whenever they do?
  bool hold(size_t first, size_t last) const;

 private:
  std::vector<size_t> cuts_;  ///< statements that such a command follows
};

}  // namespace dsqlint
