// What a run has found out about one file, and about all of them.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/text/source.h"

namespace dsqlint {

struct CheckOutcome;
struct FixOutcome;

/// A finding that is not reported, except where a format has a place for such.
struct HiddenFinding {
  Diagnostic finding;
  bool by_baseline = false;  ///< otherwise by a comment in the source
  std::string reason = {};   ///< that the comment gives
};

struct FileReport {
  std::string path;                                    ///< as the user knows it
  std::string absolute = {};                           ///< empty: it is no file
  std::shared_ptr<const SourceFile> source = nullptr;  ///< null when it could not be read
  std::vector<Diagnostic> findings = {};               ///< in the positions of `source`
  std::string error = {};                              ///< why reading or writing failed
  Severity fail_on = Severity::Error;
  std::vector<HiddenFinding> hidden = {};

  bool fixing = false;
  Safety wanted = Safety::Review;  ///< fixes of at least this safety were applied
  bool changed = false;
  std::shared_ptr<const SourceFile> fixed = nullptr;  ///< fixing: the new text; it may have gaps
  std::string written_to = {};  ///< fixing: the file that holds `fixed` now; empty: none
  /// Fixing in place: the file holds `fixed`, and `left` is left, in its positions.
  bool in_place = false;
  std::vector<Diagnostic> left = {};

  /// Takes over what checking, or fixing, has made of the source.
  void take(CheckOutcome outcome);
  void take(FixOutcome outcome);
  /// Fixing: all of the new text.
  std::string text() const { return fixed == nullptr ? std::string() : fixed->whole_text(); }
  /// Was the finding's fix applied (when checking: would `fix` apply it)?
  bool is_fixed(const Diagnostic& finding) const {
    return finding.fix && finding.fix->safety >= wanted;
  }
};

/// Sums over the files of a run.
struct Totals {
  size_t files = 0;
  size_t files_with_findings = 0;
  size_t failures = 0;                  ///< files that could not be read or written
  std::array<size_t, 3> severity = {};  ///< findings by Severity
  std::array<size_t, 3> safety = {};    ///< findings by Safety, as if all fixes were wanted
  std::map<std::string_view, std::array<size_t, 3>> by_rule = {};  ///< the same of each rule
  size_t fixed = 0;                                        ///< fixes applied, or to be applied
  size_t known = 0;                                        ///< findings that a baseline hides
  std::map<std::string_view, const RuleInfo*> rules = {};  ///< of what stays, hidden included
  std::vector<std::pair<std::string, std::string>> errors = {};  ///< path and message
  size_t changed = 0;                                            ///< files that fixing changes
  bool failing = false;  ///< a finding at or above fail-on is left
  size_t review = 0;     ///< those of `fixed` that need review

  void add(const FileReport& report);
  void add(const Totals& other);
  size_t findings() const { return severity[0] + severity[1] + severity[2]; }
};

/// The product's exit codes; see README.
int exit_code(const Totals& totals, bool fixing);

/// A path as tools compare it: without `./` before it.
std::string plain_path(std::string_view path);

/// "1 file", "2 files".
std::string counted(size_t count, std::string_view noun, std::string_view ending = "s");

}  // namespace dsqlint
