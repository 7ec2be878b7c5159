// Checking and fixing one migration as its tool runs it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/lint/linter.h"
#include "plugins/migrations/sections.h"
#include "plugins/migrations/tools.h"

namespace dsqlint::migrations {

using Placeholders = std::map<std::string, std::string, std::less<>>;

struct RunOptions {
  SectionOptions sections = {};
  bool may_write_beside = false;  ///< no settings file of the tool exists beside this one
  Placeholders placeholders = {};
  std::optional<Safety> fix = std::nullopt;  ///< applies fixes of at least that safety
  Placement placement = {};                  ///< its layout is replaced
  bool rewrites = false;    ///< no database has run the files: a fix may change an earlier one
  bool learn_only = false;  ///< only adds to the history
  /// Problems of the folder that are reported at this file. Nothing where its SQL is in literals.
  std::vector<Diagnostic> known = {};
};

struct Run {
  std::vector<Diagnostic> findings;  ///< in the positions of the file, sorted
  std::vector<Suppressed> suppressed;
  bool changed = false;
  std::shared_ptr<const SourceFile> fixed;  ///< fixing: the new text; it may have gaps
  std::vector<Diagnostic> left;             ///< fixing: what a check of it finds
  bool needs_beside = false;  ///< a finding is fixed by the tool's settings file beside this one
  Carried carried;
  size_t unreadable = 0;  ///< calls whose SQL only the program knows
  size_t operations = 0;  ///< calls that make SQL
};

Result<Run> run_migration(const Linter& linter, const Tool& tool,
                          const std::shared_ptr<const SourceFile>& source,
                          const RunOptions& options);

/// Can it be judged together with the migrations before and after it? Its text is all SQL, what
/// goes down is not asked for, and no transaction comes from or goes on in another file.
bool can_join(const Tool& tool, const SourceFile& source, const RunOptions& options);
/// Several of those, in the order in which they are run, as one text. They have the same placement
/// and wish the same fixes.
Result<std::vector<Run>> run_migrations(
    const Linter& linter, const Tool& tool,
    const std::vector<std::shared_ptr<const SourceFile>>& sources,
    const std::vector<RunOptions>& options);

/// What one of the tool's transactions spans in a file, from its first statement to the end of its
/// last, in the order of the text.
struct Spanned {
  Range range;
  RunnerTransaction transaction;
};
std::vector<Spanned> transactions_in(const Tool& tool, const SourceFile& source,
                                     const RunOptions& options);
/// The stretches of the file that the tool runs.
std::vector<Range> parts_in(const Tool& tool, const SourceFile& source, const RunOptions& options);

/// The reason that `dsqlint: ignore-file RULE: reason` gives, in a file whose comments are not
/// SQL's.
std::optional<std::string> ignored_in_file(std::string_view text, std::string_view rule);

/// Is the SQL in string literals of the file?
bool holds_literals(const Tool& tool, std::string_view path);

}  // namespace dsqlint::migrations
