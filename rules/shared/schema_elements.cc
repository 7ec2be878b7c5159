// The tree gives elements of CREATE SCHEMA no place: each begins with CREATE or GRANT, reserved
// words that mean something else only where any word may stand.

#include "rules/shared/schema_elements.h"

namespace dsqlint {

std::vector<TokenSpan> schema_elements(const pg::CreateSchemaStmt& create, const Tokens& tokens) {
  std::vector<TokenSpan> elements;
  size_t i = 1;
  while (i < tokens.size()) {
    if (tokens.is_op(i, "(")) {
      const size_t close = tokens.close(i);
      if (close == Tokens::npos) return {};
      i = close + 1;
      continue;
    }
    // `AS create` and `t.grant` name columns, GRANT USAGE, CREATE ON … a privilege; WITH GRANT
    // OPTION ends a grant.
    const bool name = tokens.is(i - 1, "as") || tokens.is_op(i - 1, ".");
    const bool option = tokens.is(i - 1, "with") && tokens.is(i + 1, "option");
    const bool privilege = tokens.is(i + 1, "on") || tokens.is_op(i + 1, ",");
    if (!name && !option && !privilege && (tokens.is(i, "create") || tokens.is(i, "grant"))) {
      if (!elements.empty()) elements.back().end = i;
      elements.push_back({i, tokens.size()});
    }
    ++i;
  }
  if (elements.size() != static_cast<size_t>(create.schema_elts_size())) return {};
  return elements;
}

}  // namespace dsqlint
