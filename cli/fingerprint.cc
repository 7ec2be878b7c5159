#include "cli/fingerprint.h"

#include <fmt/format.h>

#include "engine/tokens.h"

namespace dsqlint {
namespace {

/// FNV-1a: stored in baselines and by services, so it is never to change.
struct Hash {
  uint64_t value = 14695981039346656037ULL;
  void add(std::string_view text) {
    for (const char c : text) {
      value ^= static_cast<unsigned char>(c);
      value *= 1099511628211ULL;
    }
    value ^= 0xFF;  // which is in no UTF-8 text: `a b` is not `ab`
    value *= 1099511628211ULL;
  }
};

}  // namespace

std::string fingerprint(const Diagnostic& finding, const SourceFile& source) {
  Hash hash;
  hash.add(finding.rule->id);
  const Range about = finding.statement.empty() ? finding.range : finding.statement;
  Lexer lexer(source.text(), about.begin, about.end);
  Token token;
  while (lexer.next(token)) {
    const std::string_view text = source.slice(token.range());
    if (token.kind == TokenKind::Word) {
      hash.add(fold(text));
    } else if (token.kind != TokenKind::Comment || finding.statement.empty()) {
      hash.add(text);
    }
  }
  return fmt::format("{:016x}", hash.value);
}

}  // namespace dsqlint
