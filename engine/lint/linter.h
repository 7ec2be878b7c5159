// Checking and fixing one source.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/catalog/created_names.h"
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
struct Visit;

/// How a source stands in a run.
struct Placement {
  /// Which parts of a text are run, and in which transactions; asked again for each text that a fix
  /// produces. Null: all of it, each statement separately.
  std::function<Layout(std::string_view text)> layout = nullptr;
  Carried carried = {};  ///< what the first of the runner's transactions holds already
  /// Further findings about a text: asked again for each text that a fix produces, and silenced and
  /// configured like the findings of the rules. Null: none.
  std::function<std::vector<Diagnostic>(std::string_view text)> besides = nullptr;
  /// The schema that earlier files have built, if the files are one history: the statements of this
  /// file are judged by it and added to it, as they are before fixing. So a fix is the same whether
  /// or not the earlier files are fixed in the same run. Used by one file at a time.
  Schema* history = nullptr;
  /// A down or undo script: it is judged by the history, and does not change it.
  bool takes_back = false;
  /// What the files after it create; null where nothing is known of them.
  LaterFiles::Find later = nullptr;
  /// Statements that the text does not hold may run between those that it does, or some of it may
  /// not run at all: a migration that is a program.
  bool partial = false;
  /// The files of the text are certainly run one after another, on one database.
  bool ordered = false;
  /// Called once, before `history` is looked at: returns when the earlier files have been read.
  std::function<void()> turn = nullptr;
  /// Looked at for each statement and before each pass. Once it is stopped, what comes out is of no
  /// use, and neither is the history.
  std::stop_token stop = {};
};

/// The findings of one source, in stable order, with the status that fixing gives them.
struct CheckOutcome {
  std::vector<Diagnostic> findings;
  std::vector<Suppressed> suppressed = {};
  Carried carried = {};  ///< what the first of the runner's transactions holds at the end
  /// Of one pass: lines that a next one need not have at hand, as SourceFile::revised takes them.
  std::vector<Range> unread = {};
};

struct FixOutcome {
  /// In the source's positions. A finding keeps the fix that was applied to it; a finding that
  /// remains has none, or one of lower safety than wanted.
  std::vector<Diagnostic> findings;
  std::vector<Suppressed> suppressed = {};  ///< in the source
  /// With the fixed text, which may have gaps; the input when nothing was changed.
  std::shared_ptr<const SourceFile> fixed;
  bool changed = false;
  int passes = 0;
  std::vector<Diagnostic> left;  ///< what one pass over `fixed` finds, in its positions
  Carried carried = {};          ///< as in CheckOutcome, after fixing

  std::string text() const { return fixed->whole_text(); }
};

/// How the text of a pass was made from that of an earlier one.
struct PassStep {
  const SourceFile& from;
  const EditedText& edits;
};

/// One pass: what is to be found in a text, in its positions. `step` is null for the source; of the
/// texts that fixes have made of it, what was found in earlier ones is to be forgotten.
using CheckText = std::function<CheckOutcome(const std::shared_ptr<const SourceFile>& text,
                                             const PassStep* step)>;

/// Applies fixes of at least `wanted` until nothing changes, at most 10 passes, each checked again.
/// A fix whose result does not parse is not applied, which a note of its finding tells.
Result<FixOutcome> fix_text(const std::shared_ptr<const SourceFile>& source, Safety wanted,
                            const CheckText& check);
/// What `fix_text` says of the source when it wants all that can be fixed.
CheckOutcome check_text(const std::shared_ptr<const SourceFile>& source, const CheckText& check);

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

  /// As `check_text`.
  CheckOutcome check(std::shared_ptr<const SourceFile> source,
                     const Placement& placement = {}) const;
  /// One pass, for those who apply fixes to a text that this one is made of.
  CheckOutcome pass(std::shared_ptr<const SourceFile> source,
                    const Placement& placement = {}) const;
  /// Only adds the statements to the history, for the files that follow.
  void learn(std::shared_ptr<const SourceFile> source, const Placement& placement) const;
  /// As `fix_text`.
  Result<FixOutcome> fix(std::shared_ptr<const SourceFile> source, Safety wanted = Safety::Review,
                         const Placement& placement = {}) const;

  const Config& config() const { return config_; }

 private:
  struct Reading;
  class Series;

  /// `step` and `before`: of a text that fixes have made, how, and what the pass before has read.
  /// `own` is the schema where the placement has no history, from the pass before if there was one.
  /// `reading` is filled when there are fixes to apply, for the pass after them.
  CheckOutcome run(const std::shared_ptr<const SourceFile>& source, const Placement& placement,
                   const PassStep* step, const Reading* before, Schema& own,
                   std::unique_ptr<Reading>& reading) const;
  Visit check_statement(const StatementView& view, std::vector<Diagnostic>& findings) const;
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
  std::vector<const Rule*> asked_rules_;
  std::vector<const Rule*> statement_rules_;
  std::vector<const Rule*> script_rules_;
  std::set<std::string_view> off_;        ///< rules that the configuration leaves out
  std::set<std::string_view> elsewhere_;  ///< ids that other linters report under
  std::vector<std::string_view> names_;   ///< of all rules, both included
};

/// Rules under which the engine itself reports: parse_error, statement_too_large, …
std::span<const Rule> engine_rules();

}  // namespace dsqlint
