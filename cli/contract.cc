#include "cli/contract.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/text/tokens.h"

namespace dsqlint {
namespace {

constexpr size_t kPreviewCharacters = 80;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Does a quote or a comment run into the end of the statement? Only its last token can.
bool is_cut_off(const SourceFile& source, Range statement) {
  Lexer lexer(source.text(), statement.begin, statement.end);
  Token token;
  bool cut_off = false;
  while (lexer.next(token)) cut_off = token.kind == TokenKind::Unterminated;
  return cut_off;
}

}  // namespace

std::string statement_preview(const Diagnostic& finding, const SourceFile& source) {
  const std::string_view text = source.slice(finding.statement);
  if (text.empty()) return {};
  if (finding.rule->id == "parse_error" && is_cut_off(source, finding.statement)) return {};
  std::string preview;
  size_t characters = 0;
  bool blank = false;
  for (size_t i = 0; i < text.size();) {
    if (is_blank(text[i])) {
      blank = true;
      ++i;
      continue;
    }
    if (blank && !preview.empty()) {
      if (characters == kPreviewCharacters) return preview + "…";
      preview += ' ';
      ++characters;
    }
    blank = false;
    if (characters == kPreviewCharacters) return preview + "…";
    do {
      preview += text[i++];
    } while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80);
    ++characters;
  }
  return preview;
}

std::string suggestion(const Diagnostic& finding) {
  if (finding.fix && !finding.fix->title.empty()) return finding.fix->title;
  if (!finding.help.empty()) return finding.help;
  return std::string(finding.rule->help);
}

std::string fix_detail(const Diagnostic& finding) {
  if (!finding.fix) return {};
  std::string detail = finding.fix->title;
  if (finding.fix->safety == Safety::Exact) return detail;
  std::string_view separator = ": ";
  for (const Note& note : finding.notes) {
    detail += separator;
    detail += note.message;
    separator = "; ";
  }
  return detail;
}

std::string to_text(const nlohmann::ordered_json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

nlohmann::ordered_json contract_diagnostic(const Diagnostic& finding, const SourceFile& source,
                                           Safety safety) {
  nlohmann::ordered_json status = {{"status", wire_status(safety)}};
  if (safety != Safety::Manual) status["detail"] = fix_detail(finding);
  return {
      {"rule", finding.rule->id},        {"line", source.position(finding.range.begin).line},
      {"message", finding.message},      {"suggestion", suggestion(finding)},
      {"fix_result", std::move(status)}, {"statement_preview", statement_preview(finding, source)}};
}

}  // namespace dsqlint
