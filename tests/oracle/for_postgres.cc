#include "tests/oracle/for_postgres.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/text/edit.h"

namespace dsqlint::oracle {
namespace {

/// The names in a statement, folded, those inside strings included ('app.item_seq'::regclass).
void add_names(const SourceFile& source, Range statement, std::set<std::string>& names) {
  const Tokens tokens(source.text(), statement);
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens.is_name(i)) names.insert(tokens.name(i));
    if (tokens[i].kind != TokenKind::String) continue;
    // The body of a DO block or a function as well: inside the outer delimiters.
    const size_t open = tokens.text(i)[0] == '$' ? tokens.text(i).find('$', 1) + 1 : 1;
    const Range text = {tokens.range(i).begin + static_cast<uint32_t>(open),
                        tokens.range(i).end - static_cast<uint32_t>(open)};
    if (text.begin >= text.end) continue;
    const Tokens inner(source.text(), text);
    for (size_t k = 0; k < inner.size(); ++k) {
      if (inner.is_name(k)) names.insert(inner.name(k));
    }
  }
}

/// The statements that a finding's edits touch.
std::set<std::string> names_of(const Diagnostic& finding, const Document& document) {
  std::set<std::string> names;
  add_names(document.source(), finding.statement, names);
  for (const Edit& edit : finding.fix->edits) {
    for (size_t i = document.statement_at(edit.range.begin); i < document.statements().size();
         ++i) {
      const Range statement = document.statements()[i].range;
      if (statement.begin > edit.range.end) break;
      add_names(document.source(), statement, names);
    }
    // What the edit writes: names of constraints, columns and sequences that it makes.
    const Tokens made(edit.text, {0, static_cast<uint32_t>(edit.text.size())});
    for (size_t i = 0; i < made.size(); ++i) {
      if (made.is_name(i)) names.insert(made.name(i));
    }
  }
  return names;
}

/// The same for a finding about what another fix has written: what that one is about.
std::set<std::string> names_of_maker(const Diagnostic& finding,
                                     const std::vector<Diagnostic>& findings,
                                     const Document& document) {
  std::set<std::string> names;
  for (const Diagnostic& other : findings) {
    if (&other == &finding || !other.fix) continue;
    const std::vector<Edit>& edits = other.fix->edits;
    if (std::none_of(edits.begin(), edits.end(), [&](const Edit& edit) {
          return edit.range.begin <= finding.range.begin && finding.range.begin <= edit.range.end;
        })) {
      continue;
    }
    names.merge(names_of(other, document));
  }
  return names;
}

/// White space instead of a text, on as many lines.
std::string blank(std::string_view text) {
  std::string blanks(text);
  for (char& c : blanks) {
    if (c != '\n' && c != '\r') c = ' ';
  }
  return blanks;
}

}  // namespace

std::string mapped_back(const std::string& text) {
  auto source = SourceFile::from_text("fixed.sql", text);
  if (!source) return text;
  const Document document = Document::parse(*source);
  EditSet edits;
  for (size_t i = 0; i < document.statements().size(); ++i) {
    const Statement& statement = document.statements()[i];
    if (statement.plain_insert) continue;
    const Tokens tokens = document.tokens(i);
    const bool waits = tokens.is(0, "call") && tokens.is(1, "sys");
    if (is_aws_iam(tokens) || waits) {
      const Range whole{statement.range.begin, statement.end};
      const Edit removal{whole, blank(document.source().slice(whole))};
      edits.add({&removal, 1});
      continue;
    }
    for (const Mask& mask : statement.masks) {
      if (mask.kind == MaskKind::PsqlVariable || mask.kind == MaskKind::MetaCommand ||
          mask.kind == MaskKind::Remark) {
        continue;
      }
      const Edit removal{mask.range, blank(document.source().slice(mask.range))};
      edits.add({&removal, 1});
    }
  }
  return edited(text, edits);
}

nlohmann::json applied_fixes(const std::vector<Diagnostic>& findings, const Document& document) {
  nlohmann::json applied = nlohmann::json::array();
  for (const Diagnostic& finding : findings) {
    if (!finding.fix || finding.fix->safety < Safety::Review) continue;
    std::set<std::string> names = finding.statement.empty()
                                      ? names_of_maker(finding, findings, document)
                                      : names_of(finding, document);
    applied.push_back({{"rule", finding.rule->id},
                       {"status", wire_status(finding.fix->safety)},
                       {"line", document.source().position(finding.range.begin).line},
                       {"names", std::move(names)}});
  }
  return applied;
}

std::string to_line(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace dsqlint::oracle
