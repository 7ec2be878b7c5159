// Histories that migration tools run, as whoever knows the tools tells of them.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/text/source.h"

namespace dsqlint {

struct FixRequest;
class Snapshot;

/// What a tool's run has to say of one of its files.
struct ToolVerdict {
  std::vector<Diagnostic> findings = {};               ///< in stable order
  std::shared_ptr<const SourceFile> source = nullptr;  ///< the file's text
  std::shared_ptr<const SourceFile> fixed = nullptr;   ///< null: a fix changes nothing
  std::string error = {};                              ///< why there is nothing else
};

/// Statements that the tool runs in a transaction which is not in the text.
struct RunnerSpan {
  Range range;           ///< from the first to the end of the last
  bool begins = true;    ///< false: it has begun in a file before
  bool ends = true;      ///< false: it goes on in a file after
  std::string subject;   ///< "the transaction in which goose runs this file"
  std::string record;    ///< "goose's own record of the migration", made in it; empty: none
  bool message = false;  ///< one message makes it, without a BEGIN
};

/// The files of one database, in the order in which a tool runs them.
struct ToolHistory {
  using Take = std::function<void(const std::string& file, ToolVerdict verdict)>;

  std::string title;               ///< of the tool, as its users write it
  std::vector<std::string> files;  ///< absolute
  /// Judges the files that are `wanted`, by what all of them make; with a request, fixes them.
  std::function<void(Snapshot& snapshot, const std::set<std::string, std::less<>>& wanted,
                     const FixRequest* request, const std::stop_token& stop, const Take& take)>
      run;
  /// Of a file that goes up, in the order of its text.
  std::function<std::vector<RunnerSpan>(Snapshot& snapshot, const std::string& file)> transactions;
  /// Which stretches of a text of the file go up.
  std::function<std::vector<Range>(const std::string& file, const SourceFile& source)> up;
};

/// Those of the files below a folder of the workspace, open documents included. Safe to use from
/// several threads.
using FindToolHistories = std::function<std::vector<std::shared_ptr<const ToolHistory>>(
    Snapshot& snapshot, const std::string& folder)>;

}  // namespace dsqlint
