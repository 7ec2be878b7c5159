// Findings as values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/engine.h"
#include "engine/text/edit.h"
#include "engine/text/source.h"

namespace dsqlint {

enum class Severity : uint8_t { Info, Warning, Error };  ///< ordered: `--fail-on` compares

enum class Fixes : uint8_t { Never, Sometimes, Always };  ///< a promise; the tests hold us to it

/// Where a rule stands in the order of the interop contract.
enum class Phase : uint8_t { Idiom, Statement, Transaction };

/// All that users read about a rule: `explain`, rules/README.md, editor hover, MCP.
struct RuleInfo {
  std::string_view id;       ///< snake_case, the wire id, for ever
  std::string_view summary;  ///< one line
  std::string_view why;      ///< Markdown
  std::string_view bad;      ///< SQL with findings of this rule and of no other, see example_engine
  std::string_view good = {};  ///< what to write instead: no finding
  Severity severity = Severity::Error;
  Fixes fixes = Fixes::Never;
  Phase phase = Phase::Statement;
  std::string_view help = {};  ///< what to do, imperative, for findings without a fix
  /// Set where the engine has come to accept all that the rule is about: it has findings only by an
  /// engine from before that day.
  std::optional<Capability> accepted = std::nullopt;
  /// What of it is accepted by now, where the rest is still refused.
  Capabilities accepted_parts = {};
  std::optional<Date> fact = std::nullopt;  ///< the day of the newest fact behind it, see as_of
};

/// The day from which on the rule has no findings; nothing where they are refused today.
std::optional<Date> accepted_since(const RuleInfo& rule);
/// The engine that `bad` and `good` are about: the newest, or the one of the day before all that
/// the rule is about was accepted.
Engine example_engine(const RuleInfo& rule);
/// The day of the newest fact behind the rule: its own, or the day of what it misses, or that of
/// the tables.
Date as_of(const RuleInfo& rule);

struct Note {
  std::string message;
  std::optional<Range> range = std::nullopt;
};

/// Another finding of the same file: of `rule`, with a fix, and `place` within its range.
struct Cause {
  std::string_view rule;
  uint32_t place = 0;
};

/// One finding. A plain value: a check fills it in, a printer reads it.
struct Diagnostic {
  Range range;
  std::string message = {};      ///< what is wrong; empty: the rule's summary
  std::vector<Note> notes = {};  ///< why it matters, what changes, what to take care of
  std::optional<Fix> fix = std::nullopt;
  std::string help = {};                ///< what to do, imperative, where there is no fix to apply
  const RuleInfo* rule = nullptr;       ///< set by Context::report
  Severity severity = Severity::Error;  ///< the rule's, or the configuration's
  Range statement = {};  ///< the statement it is about; empty when it is about the file
  /// Its edits in later files of a history are what follows from those in its own: the fix is right
  /// without them where those files are not at hand. Without a fix: it speaks of what the fix of
  /// another finding makes of its statement, and stays once that is applied.
  bool follows = false;
  /// A check that sees one statement cannot know what others define: the finding is dropped where
  /// the input has a type of this name.
  std::string unless_type_exists = {};
  /// The same for a function that an earlier statement creates: its name as SQL.
  std::string unless_function_exists = {};
  /// It speaks of what the fixes of these make: without all of them it is dropped.
  std::vector<Cause> causes = {};
};

/// A finding that a comment in the source silences, and the reason that the comment gives.
struct Suppressed {
  Diagnostic finding;
  std::string reason;
};

/// `fixed`, `fixed_with_warning` or `unfixable`: what fixing does about it.
Safety safety_of(const Diagnostic& diagnostic);
std::string_view wire_status(Safety safety);
/// "error", "warning", "info".
std::string_view severity_word(Severity severity);

/// Stable order of output: place, rule, message.
bool before(const Diagnostic& a, const Diagnostic& b);
void sort_findings(std::vector<Diagnostic>& findings);

}  // namespace dsqlint
