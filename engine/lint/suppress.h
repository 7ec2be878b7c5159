// `-- dsqlint: ignore rule[, rule]: reason` and `-- dsqlint: ignore-file rule[, rule]: reason`.
#pragma once

#include <string>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/lint/findings.h"
#include "engine/parse/document.h"

namespace dsqlint {

/// One directive comment. `ignore` on a line with SQL before it means findings on that line; alone
/// on its line it means the next statement. Without a rule it means every rule.
struct Suppression {
  Range comment;
  std::vector<std::string> rules;
  std::string reason;
  Range scope;  ///< findings that begin in it are covered
  bool used = false;
  std::string problem = {};  ///< why the comment cannot be understood
};

/// Reads a comment with `dsqlint:` in it. The scope is empty where the next statement is meant.
Suppression read_suppression(const SourceFile& source, Range comment);
std::vector<Suppression> find_suppressions(const Document& document);

/// Moves the findings (sorted by place) that `suppressions` cover to `suppressed`, and marks those
/// suppressions as used.
void apply_suppressions(std::vector<Suppression>& suppressions, Findings& findings,
                        std::vector<Suppressed>& suppressed);

}  // namespace dsqlint
