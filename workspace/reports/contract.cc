#include "workspace/reports/contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <tuple>

#include "engine/text/tokens.h"

namespace dsqlint {
namespace {

constexpr size_t kPreviewCharacters = 80;

/// A rule of ours that the contract knows by another id, at the newest engine date.
struct ContractName {
  std::string_view rule;
  std::string_view contract;
  std::string_view about = {};  ///< only where the finding marks this name; empty: everywhere
};

constexpr ContractName kNames[] = {
    {"alter_add_check_fold", "check_not_valid"},
    {"alter_add_column_fold", "add_column_constraint"},
    {"alter_add_foreign_key_fold", "foreign_key_not_valid"},
    {"alter_column_type_fold", "at_unsupported_alter_column_set_type"},
    {"alter_set_not_null_fold", "at_unsupported_alter_column_set_not_null"},
    {"at_unsupported_add_check", "check_not_valid"},
    {"at_unsupported_drop_column", "primary_key_removal"},
    {"at_unsupported_drop_constraint", "primary_key_removal"},
    {"index_collation", "collation"},
    {"index_not_immutable", "index_volatile_function"},
    {"numeric_precision", "numeric_bounds"},
    {"unsupported_parameter", "set_transaction", "default_transaction_isolation"},
    {"unsupported_parameter", "set_transaction", "transaction_isolation"},
    {"unverified_role_setting", "unsupported_alter_role_set"},
};

/// What the contract places at the first line of its statement, not at the words it is about.
constexpr std::string_view kAtStatement[] = {
    "alter_add_primary_key_collapse", "alter_add_unique_collapse",
    "alter_column_set_compression_strip", "identity_add_generated_collapse",
    "unsupported_create_function_non_sql"};

/// The contract's idioms in its order. Ours that it does not know come after them.
constexpr std::string_view kIdioms[] = {"serial_sequence_idiom",
                                        "alter_add_unique_collapse",
                                        "alter_add_primary_key_collapse",
                                        "identity_not_null",
                                        "identity_add_generated_collapse",
                                        "alter_column_set_compression_strip",
                                        "primary_key_removal"};

/// Does the finding mark this name, in any case, quoted or not?
bool marks(const Diagnostic& finding, const SourceFile& source, std::string_view name) {
  std::string_view marked = source.slice(finding.range);
  if (marked.size() > 1 && marked.front() == '"' && marked.back() == '"') {
    marked = marked.substr(1, marked.size() - 2);
  }
  return downcase(marked) == name;
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Does a quote or a comment run into the end of the statement? Only its last token can.
bool is_cut_off(const SourceFile& source, Range statement) {
  Lexer lexer(source.text(), statement.begin, statement.end);
  Token token;
  bool cut_off = false;
  while (lexer.next(token)) cut_off = token.kind == TokenKind::Unterminated;
  return cut_off;
}

/// Blanks become one, and what is longer than a preview is cut off.
std::string one_line(std::string_view text) {
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

}  // namespace

std::string_view contract_id(const Diagnostic& finding, const SourceFile& source) {
  for (const ContractName& name : kNames) {
    if (name.rule != finding.rule->id) continue;
    if (name.about.empty() || marks(finding, source, name.about)) return name.contract;
  }
  return finding.rule->id;
}

uint32_t contract_line(const Diagnostic& finding, const SourceFile& source) {
  const std::string_view id = contract_id(finding, source);
  const bool at_statement =
      !finding.statement.empty() &&
      std::find(std::begin(kAtStatement), std::end(kAtStatement), id) != std::end(kAtStatement);
  return source.position((at_statement ? finding.statement : finding.range).begin).line;
}

void sort_as_contract(std::vector<Diagnostic>& findings, const SourceFile& source) {
  const auto rank = [&](const Diagnostic& finding) -> std::tuple<Phase, size_t, bool> {
    const std::string_view id = contract_id(finding, source);
    const auto* idiom = std::find(std::begin(kIdioms), std::end(kIdioms), id);
    if (idiom != std::end(kIdioms)) {
      return {Phase::Idiom, static_cast<size_t>(idiom - std::begin(kIdioms)), false};
    }
    switch (finding.rule->phase) {
      case Phase::Idiom:
        if (id != finding.rule->id) return {Phase::Statement, 0, false};
        return {Phase::Idiom, std::size(kIdioms), false};
      case Phase::Transaction:
        return {Phase::Transaction, finding.range.begin, id == "mixed_ddl_dml_transaction"};
      default:
        return {Phase::Statement, 0, false};
    }
  };
  std::stable_sort(findings.begin(), findings.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return rank(a) < rank(b); });
}

std::string statement_preview(const Diagnostic& finding, const SourceFile& source) {
  if (finding.rule->id == "parse_error" && is_cut_off(source, finding.statement)) return {};
  Range whole = finding.statement;
  if (!whole.empty() && whole.end < source.size() && source.text()[whole.end] == ';') ++whole.end;
  return one_line(source.slice(whole));
}

std::string begin_preview(const Diagnostic& finding, const SourceFile& source,
                          std::span<const Diagnostic> findings) {
  const Range begin = finding.statement;
  EditSet rewritten;
  for (const Diagnostic& other : findings) {
    if (other.rule->phase != Phase::Statement || !other.fix) continue;
    std::vector<Edit> edits;
    for (Edit edit : other.fix->edits) {
      if (!begin.contains(edit.range)) continue;
      edit.range = {edit.range.begin - begin.begin, edit.range.end - begin.begin};
      edits.push_back(std::move(edit));
    }
    rewritten.add(edits);
  }
  return one_line(edited(source.slice(begin), rewritten));
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

nlohmann::ordered_json contract_diagnostic(const Diagnostic& finding, const SourceFile& source) {
  const Safety safety = safety_of(finding);
  nlohmann::ordered_json status = {{"status", wire_status(safety)}};
  if (safety != Safety::Manual) status["detail"] = fix_detail(finding);
  return {
      {"rule", finding.rule->id},        {"line", source.position(finding.range.begin).line},
      {"message", finding.message},      {"suggestion", suggestion(finding)},
      {"fix_result", std::move(status)}, {"statement_preview", statement_preview(finding, source)}};
}

}  // namespace dsqlint
