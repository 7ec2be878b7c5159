#include "workspace/reports/fingerprint.h"

#include <fmt/format.h>

#include "engine/text/tokens.h"

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

std::string Fingerprints::of(const Diagnostic& finding) {
  if (finding.statement.empty()) return read(finding);
  if (finding.statement != statement_) {
    statement_ = finding.statement;
    by_rule_.clear();
  }
  std::string& known = by_rule_[finding.rule->id];
  if (known.empty()) known = read(finding);
  return known;
}

std::string Fingerprints::read(const Diagnostic& finding) const {
  Hash hash;
  hash.add(finding.rule->id);
  const Range about = finding.statement.empty() ? finding.range : finding.statement;
  Lexer lexer(source_.text(), about.begin, about.end);
  Token token;
  while (lexer.next(token)) {
    const std::string_view text = source_.slice(token.range());
    if (token.kind == TokenKind::Word) {
      hash.add(downcase(text));
    } else if (token.kind != TokenKind::Comment || finding.statement.empty()) {
      hash.add(text);
    }
  }
  return fmt::format("{:016x}", hash.value);
}

}  // namespace dsqlint
