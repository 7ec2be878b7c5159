// Bytes in as MySQL text: every statement is translated, noise or reported; all of the output
// parses; findings lie inside the source; the fixed text has nothing left to fix.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "engine/parse/document.h"
#include "mysql/check.h"
#include "mysql/translate.h"
#include "tests/support/properties.h"

namespace {

void demand(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

bool all_parses(const std::string& text) {
  auto source = dsqlint::SourceFile::from_text("out.sql", text);
  return source && dsqlint::Document::parse(*source).unreadable().empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dsqlint;
  static const Linter linter = test::make_linter({});
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto source = SourceFile::from_text("fuzz.sql", text, Encoding::Bytes);
  if (!source) return 0;
  const mysql::Translation translation = mysql::translate(**source, {});
  const mysql::StatementCounts& counts = translation.counts;
  demand(counts.read == counts.translated + counts.noise + counts.reported,
         "a statement is neither translated, noise nor reported");
  demand(all_parses(translation.text.text()), "the translation does not parse");
  std::set<Range> spoken_of;
  for (const Diagnostic& finding : translation.findings) {
    demand(finding.range.begin <= finding.range.end && finding.range.end <= (*source)->size(),
           "a finding lies outside the source");
    demand(finding.fix || !finding.help.empty(), "a finding has neither fix nor help");
    spoken_of.insert(finding.statement);
  }
  demand(spoken_of.size() >= counts.reported, "a statement vanished in silence");
  const auto fixed = mysql::fix(linter, *source, {});
  if (!fixed) return 0;
  demand(all_parses(fixed->text()), "the fixed text does not parse");
  for (const Diagnostic& finding : fixed->findings) {
    demand(finding.range.end <= (*source)->size(), "a finding of the linter lies outside");
  }
  return 0;
}
