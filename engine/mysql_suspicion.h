// MySQL text that was given as PostgreSQL: much of it parses, and means something else.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.h"

namespace dsqlint {

/// Where the first evidence stands, and what it is.
struct MysqlEvidence {
  Range range;
  std::string what;
};

/// One decisive sign (a backtick, `ENGINE =`, AUTO_INCREMENT, `/*!40101`, …), or two kinds of
/// supporting ones without anything that only PostgreSQL has. Strings, comments and dollar quotes
/// are no evidence; a dump's header comment is.
std::optional<MysqlEvidence> find_mysql_evidence(std::string_view text);

/// For `--dialect auto`: about the beginning of the text.
bool looks_like_mysql(std::string_view text);

/// One finding at the first evidence, where there is any.
std::vector<Diagnostic> mysql_suspicion(std::string_view text);
/// Leaves out the parse errors that a suspicion among them explains, and says so in its notes.
void fold_parse_errors(std::vector<Diagnostic>& findings);

const RuleInfo& mysql_dialect_info();

}  // namespace dsqlint
