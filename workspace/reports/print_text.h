// Findings for a person at a terminal: place, source line, caret, notes, fix.
#pragma once

#include <span>
#include <string>

#include "engine/lint/diagnostic.h"
#include "engine/text/source.h"
#include "workspace/reports/printer.h"

namespace dsqlint {

struct TextStyle {
  bool color = false;
  /// Longer source lines are shown as a window of this many characters around the finding.
  uint32_t width = 160;
  /// Instead of the severity, for what has been done: "fixed".
  std::string_view label = {};
  /// The file's absolute path: the place becomes a link to it. Empty: no link.
  std::string_view link = {};
};

/// `file:line:column: severity[rule]: message`. `path` is how the user knows the file.
std::string heading(const Diagnostic& finding, const SourceFile& source, std::string_view path,
                    const TextStyle& style);

/// Appends the heading, the source line, and what is to be said about the finding. Notes that stand
/// for themselves, without a place, are repeatable.
void print_finding(const Diagnostic& finding, const SourceFile& source, std::string_view path,
                   const TextStyle& style, Printed& out);
/// The same in full, for a text of its own.
void print_finding(const Diagnostic& finding, const SourceFile& source, std::string_view path,
                   const TextStyle& style, std::string& out);

/// The text with what would move or command a terminal shown as a blank.
std::string visible(std::string_view text);

/// "fix", "fix (review)": how far the fix of a finding can be trusted, for titles.
std::string_view fix_label(Safety safety);

}  // namespace dsqlint
