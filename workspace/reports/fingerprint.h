// What a finding is recognised by when lines have moved: its rule and its statement.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/lint/diagnostic.h"
#include "engine/text/source.h"

namespace dsqlint {

/// For the findings of one source. A statement is read once per rule that speaks of it, as long as
/// its findings are asked for in a row. Not thread-safe.
class Fingerprints {
 public:
  explicit Fingerprints(const SourceFile& source) : source_(source) {}
  /// Sixteen hexadecimal digits over the rule and the statement's tokens: the same after changes of
  /// layout, comments and letter case, and wherever the statement stands. Not unique in a file.
  std::string of(const Diagnostic& finding);

 private:
  std::string read(const Diagnostic& finding) const;

  const SourceFile& source_;
  Range statement_;
  std::map<std::string_view, std::string> by_rule_;  ///< of that statement
};

}  // namespace dsqlint
