#include "rules/shared/psql_commands.h"

#include <algorithm>
#include <array>

namespace dsqlint {

namespace {

PsqlCommand judge(std::string_view text) {
  const std::string_view command = text.substr(0, text.find_first_of(" \t\r"));
  if (command == "\\c" || command == "\\connect") return PsqlCommand::Reconnects;
  constexpr std::array<std::string_view, 12> kHarmless = {
      "\\echo",  "\\g",   "\\gdesc",  "\\gset",  "\\gx",   "\\pset",
      "\\qecho", "\\set", "\\timing", "\\unset", "\\warn", "\\x"};
  const bool harmless = command.starts_with("\\;") ||
                        std::find(kHarmless.begin(), kHarmless.end(), command) != kHarmless.end();
  return harmless ? PsqlCommand::Harmless : PsqlCommand::Runs;
}

}  // namespace

PsqlCommand psql_commands_after(const Document& document, size_t statement) {
  const Statement& before = document.statements()[statement];
  const std::string_view text = document.source().text();
  const uint32_t end = document.statements()[statement + 1].range.begin;
  uint32_t begin = before.range.end;
  if (before.kind == pg::Node::kCopyStmt) {
    // After its rows.
    const size_t rows_end = text.substr(begin, end - begin).rfind("\n\\.");
    if (rows_end != std::string_view::npos) begin += static_cast<uint32_t>(rows_end) + 3;
  }
  PsqlCommand worst = PsqlCommand::Harmless;
  if (text.substr(begin, end - begin).find('\\') == std::string_view::npos) return worst;
  Lexer lexer(text, begin, end);
  Token token;
  while (lexer.next(token)) {
    if (token.kind != TokenKind::MetaCommand) continue;
    worst = std::max(worst, judge(document.source().slice(token.range())));
  }
  return worst;
}

PsqlStretches::PsqlStretches(const ScriptContext& ctx) {
  const size_t count = ctx.document().statements().size();
  for (size_t i = 0; i + 1 < count; ++i) {
    if (psql_commands_after(ctx.document(), i) != PsqlCommand::Harmless) cuts_.push_back(i);
  }
}

bool PsqlStretches::hold(size_t first, size_t last) const {
  const auto cut = std::lower_bound(cuts_.begin(), cuts_.end(), first);
  return cut == cuts_.end() || *cut >= last;
}

}  // namespace dsqlint
