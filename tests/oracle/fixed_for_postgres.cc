// What the PostgreSQL oracle needs to know about one file, as JSON: the text before and after
// fixing with DSQL's own syntax mapped back to PostgreSQL's, and which fix was applied to
// statements that name what.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "engine/lint/linter.h"
#include "engine/parse/document.h"
#include "rules/rules.h"

namespace {

using namespace dsqlint;

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

/// The text without ASYNC and without the statements that only DSQL has, on the same lines.
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
  return EditedText(text, edits).take();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: {} FILE\n", argv[0]);
    return 2;
  }
  auto source = SourceFile::load(argv[1]);
  if (!source) {
    fmt::print(stderr, "{}\n", source.error().message);
    return 1;
  }
  const Linter linter(all_rules(), Config{});
  auto fixed = linter.fix(*source);
  if (!fixed) {
    fmt::print(stderr, "{}\n", fixed.error().message);
    return 1;
  }
  const Document document = Document::parse(*source);
  nlohmann::json told = {{"changed", fixed->changed},
                         {"source", mapped_back(std::string((*source)->text()))},
                         {"fixed", mapped_back(fixed->text)},
                         {"findings", nlohmann::json::array()},
                         {"statements", nlohmann::json::array()},
                         {"unreadable", nlohmann::json::array()}};
  for (const Statement& statement : document.statements()) {
    const uint32_t last = statement.end > 0 ? statement.end - 1 : 0;
    told["statements"].push_back({statement.range.begin, statement.end,
                                  (*source)->position(statement.range.begin).line,
                                  (*source)->position(last).line});
  }
  for (const Diagnostic& finding : fixed->findings) {
    if (finding.rule->id == "parse_error") {
      told["unreadable"].push_back((*source)->position(finding.statement.end).line);
    }
    if (!finding.fix || finding.fix->safety < Safety::Review) continue;
    std::set<std::string> names = finding.statement.empty()
                                      ? names_of_maker(finding, fixed->findings, document)
                                      : names_of(finding, document);
    told["findings"].push_back({{"rule", finding.rule->id},
                                {"status", wire_status(finding.fix->safety)},
                                {"line", (*source)->position(finding.range.begin).line},
                                {"names", std::move(names)}});
  }
  fmt::print("{}\n", told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return 0;
}
