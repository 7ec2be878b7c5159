// Checking and fixing one source.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/lint/config.h"
#include "engine/lint/diagnostic.h"
#include "engine/lint/layout.h"
#include "engine/parse/node_kinds.h"
#include "engine/text/result.h"
#include "engine/text/source.h"

namespace dsqlint {

class Document;
class Findings;
class FactStore;
struct Claim;
enum class Phase : uint8_t;
struct Rule;
class Schema;
struct Script;
struct StatementView;

/// How a source stands in a run.
struct Placement {
  /// Which stretches of a text are run, and in which transactions; asked anew for each text that
  /// fixing makes. Null: all of it, each statement by itself.
  std::function<Layout(std::string_view text)> layout = nullptr;
  Carried carried = {};  ///< what the first of the runner's transactions holds already
  /// What is to be said of a text besides: asked anew for each text that fixing makes, and silenced
  /// and configured like what the rules find. Null: nothing.
  std::function<std::vector<Diagnostic>(std::string_view text)> besides = nullptr;
  /// What the files before it have made, if they are one history: its statements are judged by it
  /// and added to it, as they are before fixing: a fix is the same whether the files before it have
  /// been fixed in the same run or not. Used by one file at a time.
  Schema* history = nullptr;
  /// A down or undo script: it is judged by the history, and leaves no mark on it.
  bool takes_back = false;
  /// Called once, before `history` is looked at: returns when the files before have been read.
  std::function<void()> turn = nullptr;
};

/// The findings of one source, in stable order, with the status that fixing gives them.
struct CheckOutcome {
  std::vector<Diagnostic> findings;
  std::vector<Suppressed> suppressed = {};
  Carried carried = {};  ///< what the first of the runner's transactions holds at the end
};

struct FixOutcome {
  /// In the source's positions. A fix that was applied stands in its finding; a finding that keeps
  /// standing has none or one of lower safety than wanted.
  std::vector<Diagnostic> findings;
  std::string text;  ///< the fixed text; equal to the input when nothing was changed
  bool changed = false;
  int passes = 0;
  std::vector<Diagnostic> left;  ///< what a check of `text` finds, in its positions
  Carried carried = {};          ///< as in CheckOutcome, after fixing
};

/// What a check finds in a text, in its positions. `again`: it is what a fix has made of the text
/// that was checked before, which is to be forgotten.
using CheckText =
    std::function<CheckOutcome(const std::shared_ptr<const SourceFile>& text, bool again)>;

/// Applies fixes of at least `wanted` until nothing changes, at most 10 passes, each checked again.
/// A fix whose result does not parse is left out, and its finding says so.
Result<FixOutcome> fix_text(const std::shared_ptr<const SourceFile>& source, Safety wanted,
                            const CheckText& check);

/// Ids that a comment may name although no rule of the linter reports under them.
struct OtherIds {
  std::vector<std::string_view> here = {};       ///< Placement::besides reports under them
  std::vector<std::string_view> elsewhere = {};  ///< other runs do: the comment may be of use there
};

/// Immutable once built; share it between threads, one source each.
class Linter {
 public:
  /// `rules` must outlive the linter: they are static tables.
  Linter(std::vector<std::span<const Rule>> rules, Config config, const OtherIds& others = {});

  CheckOutcome check(std::shared_ptr<const SourceFile> source,
                     const Placement& placement = {}) const;
  /// Only adds the statements to the history, for the files that follow.
  void learn(std::shared_ptr<const SourceFile> source, const Placement& placement) const;
  /// As `fix_text`.
  Result<FixOutcome> fix(std::shared_ptr<const SourceFile> source, Safety wanted = Safety::Review,
                         const Placement& placement = {}) const;

  const Config& config() const { return config_; }

 private:
  CheckOutcome run(const std::shared_ptr<const SourceFile>& source, const Placement& placement,
                   bool again) const;
  void add_to_history(std::shared_ptr<const SourceFile> source, const Placement& placement) const;
  /// What the history holds of a source when all is said about it.
  void leave_history(const std::shared_ptr<const SourceFile>& source, bool replayed,
                     const Placement& placement) const;
  void check_statement(const StatementView& view, std::vector<Diagnostic>& findings) const;
  void check_in_order(const Document& document, size_t statement, const Schema& schema,
                      FactStore& facts, std::vector<Diagnostic>& findings) const;
  void take_notes(const Document& document, size_t statement, const Schema& schema,
                  FactStore& facts) const;
  void check_script(Script& script, Phase phase, Findings& findings,
                    std::vector<Claim>& claims) const;

  Config config_;
  std::array<std::vector<const Rule*>, kNodeKinds> by_kind_;  ///< node rules by pg::Node::NodeCase
  std::array<std::vector<const Rule*>, kNodeKinds> schema_by_kind_;
  std::array<std::vector<const Rule*>, kNodeKinds> note_by_kind_;
  std::vector<const Rule*> conflict_rules_;
  std::vector<const Rule*> statement_rules_;
  std::vector<const Rule*> script_rules_;
  std::set<std::string_view> off_;        ///< rules that the configuration leaves out
  std::set<std::string_view> elsewhere_;  ///< ids that other linters report under
  std::vector<std::string_view> names_;   ///< of all rules, both included
};

/// Rules the engine itself speaks under: parse_error, statement_too_large, …
std::span<const Rule> engine_rules();

}  // namespace dsqlint
