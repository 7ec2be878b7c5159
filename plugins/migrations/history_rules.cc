// What `dsqlint migrations` finds in a folder of migrations: it reports under these ids, no check
// of a single file does.

#include "plugins/migrations/history_rules.h"

#include <algorithm>
#include <array>

namespace dsqlint {
namespace {

// In the order of HistoryRule. There is no `bad`: one file cannot show any of them.
constexpr std::array kRules = {
    RuleInfo{.id = "duplicate_migration_version",
             .summary = "two migrations have one version",
             .why = "The tool refuses the folder, or runs one of the files only: which one "
                    "depends on\nwhat was applied before.",
             .bad = "",
             .help = "give the newer file a version of its own, behind all others"},
    RuleInfo{.id = "migration_version_gap",
             .summary = "a version is missing between two migrations",
             .why = "The tool numbers its migrations without gaps, and refuses the folder "
                    "where one is missing.",
             .bad = "",
             .help = "restore the missing file, or number the later ones anew"},
    RuleInfo{.id = "migration_out_of_order",
             .summary = "a new migration stands before one that exists already",
             .why = "Databases that have applied the later one either refuse the new one, "
                    "skip it, or run\nit after all: then their schema has another history "
                    "than a new database's.",
             .bad = "",
             .severity = Severity::Warning,
             .help = "give the new file a version behind all others"},
    RuleInfo{.id = "missing_migration_file",
             .summary = "the tool's list names a file that does not exist",
             .why = "A journal or changelog decides what is run. A file that it names and "
                    "that is not there\nstops the tool.",
             .bad = "",
             .help = "restore the file, or remove its entry"},
    RuleInfo{.id = "unlisted_migration",
             .summary = "the tool's list does not name a file that exists",
             .why = "A journal or changelog decides what is run: a file that it does not name "
                    "is never\nrun.",
             .bad = "",
             .severity = Severity::Warning,
             .help = "add an entry for the file, or remove the file"},
    RuleInfo{.id = "unresolved_placeholder",
             .summary = "a placeholder has no value here",
             .why = "The tool replaces placeholders before it runs the text. Without the "
                    "value, what runs is\nnot in the file; it is checked as if a name stood "
                    "in its place.",
             .bad = "",
             .severity = Severity::Warning,
             .help = "set it in the tool's configuration file, or pass --placeholder "
                     "NAME=VALUE"},
    RuleInfo{.id = "misplaced_migration_mark",
             .summary = "a mark of the migration tool is missing or misplaced",
             .why = "Marks in comments tell the tool what to run. Where they are wrong, it "
                    "refuses the file or\nruns something else than was meant.",
             .bad = "",
             .help = "correct the mark"},
    RuleInfo{.id = "migration_checksum_mismatch",
             .summary = "a migration is not what the tool's list of checksums says",
             .why = "The tool compares each file with the hash that its list has of it, and "
                    "runs nothing from a\nfolder where one differs.",
             .bad = "",
             .help = "restore the file, or run `atlas migrate hash`"},
};

}  // namespace

const RuleInfo& history_rule(HistoryRule rule) { return kRules[static_cast<size_t>(rule)]; }

Diagnostic history_finding(HistoryRule rule, Range range, std::string message, std::string help) {
  const RuleInfo& info = history_rule(rule);
  Diagnostic finding{.range = range, .message = std::move(message), .help = std::move(help)};
  finding.rule = &info;
  finding.severity = info.severity;
  if (finding.help.empty()) finding.help = info.help;
  return finding;
}

bool is_history_rule(std::string_view id) {
  return std::any_of(kRules.begin(), kRules.end(),
                     [&](const RuleInfo& rule) { return rule.id == id; });
}

std::span<const RuleInfo> history_rules() { return kRules; }

}  // namespace dsqlint
