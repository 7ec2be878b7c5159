// What there is to say about a text, without anything of the engine that found it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/lint/diagnostic.h"

namespace dsqlint {

/// A plain value; places are bytes of the text that was judged.
struct Finding {
  std::string rule;  ///< its id
  Severity severity = Severity::Error;
  Safety status = Safety::Manual;  ///< what fixing does about it
  Range range;
  Range statement;  ///< the statement it is about; empty when it is about the file
  std::string message;
  std::vector<Note> notes;
  std::string help;  ///< what to do, imperative; empty where a fix does it
  /// Its edits are for the text as it stands. There are none where the fix follows from others.
  std::optional<Fix> fix;
};

Finding to_finding(Diagnostic diagnostic);

}  // namespace dsqlint
