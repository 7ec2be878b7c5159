// The words of the interop contract: what a finding is on the wire.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/text/source.h"

namespace dsqlint {

/// The release of the contract that is spoken here.
inline constexpr std::string_view kContractVersion = "0.2.22";

/// The id under which the contract knows the finding; most are ours.
std::string_view contract_id(const Diagnostic& finding, const SourceFile& source);

/// The line at which the contract places the finding.
uint32_t contract_line(const Diagnostic& finding, const SourceFile& source);

/// Sorts findings as the contract orders them: the idioms of the whole file, kind by kind, then
/// what is said of statements, then transactions. Each group keeps its order.
void sort_as_contract(std::vector<Diagnostic>& findings, const SourceFile& source);

/// The statement on one line, at most 80 characters, with the `;` directly after it. Empty when the
/// finding is not about a statement, or when it cannot be cut into tokens.
std::string statement_preview(const Diagnostic& finding, const SourceFile& source);
/// The same of a transaction's BEGIN after the fixes of the findings about it, without the `;`.
std::string begin_preview(const Diagnostic& finding, const SourceFile& source,
                          std::span<const Diagnostic> findings);
/// What to do: the title of the fix, or the help.
std::string suggestion(const Diagnostic& finding);
/// What the fix does and what changes with it.
std::string fix_detail(const Diagnostic& finding);

/// JSON as text. Paths may hold any bytes; those that are not UTF-8 are replaced.
std::string to_text(const nlohmann::ordered_json& json, int indent = -1);

/// The finding as dsqlint knows it, in the contract's form.
nlohmann::ordered_json contract_diagnostic(const Diagnostic& finding, const SourceFile& source);

}  // namespace dsqlint
