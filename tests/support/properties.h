// What has to hold for every input: used by fixtures, corpus and fuzzer alike.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/lint/config.h"
#include "engine/lint/linter.h"
#include "engine/text/source.h"

namespace dsqlint::test {

/// All rules, in the order of the list or in reverse.
Linter make_linter(Config config, bool reversed = false);

struct Properties {
  FixOutcome fixed;                     ///< what fixing gave
  std::vector<std::string> violations;  ///< promises that were broken, one line each
};

/// Checks and fixes `source`, and holds the result to the promises: findings lie inside the text;
/// edits are sorted and disjoint; a text without fixable findings stays as it is; the fixed text
/// has no new unreadable statement and no fixable finding left; fixing again changes nothing; every
/// comment that no edit replaces survives; the rules' order does not matter.
Properties check_properties(const std::shared_ptr<const SourceFile>& source, const Config& config);

/// Reads a whole file; fails the program when it cannot.
std::string read_file(const std::string& path);

}  // namespace dsqlint::test
