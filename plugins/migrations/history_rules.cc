// What `dsqlint migrations` finds in a folder of migrations: it reports under these ids, no check
// of a single file does.

#include "plugins/migrations/history_rules.h"

#include <algorithm>
#include <array>

namespace dsqlint {
namespace {

// In the order of HistoryRule. There is no `bad`: one file cannot show any of them.
constexpr std::array kRules = {
    RuleInfo{
        .id = "duplicate_migration_version",
        .summary = "two migrations have the same version",
        .why = "The tool refuses the folder, or runs only one of the files: which one depends\n"
               "on what was applied before.",
        .bad = "",
        .help = "give the newer file a new version, after all others",
    },
    RuleInfo{
        .id = "migration_version_gap",
        .summary = "a version is missing between two migrations",
        .why = "The tool numbers its migrations without gaps, and refuses the folder "
               "where one is missing.",
        .bad = "",
        .help = "restore the missing file, or renumber the later ones",
    },
    RuleInfo{
        .id = "migration_out_of_order",
        .summary = "a new migration comes before an existing one",
        .why = "Databases that have applied the later one refuse the new one, skip it, or run\n"
               "it after all: their schema then has another history than that of a new\n"
               "database.",
        .bad = "",
        .severity = Severity::Warning,
        .help = "give the new file a version after all others",
    },
    RuleInfo{.id = "missing_migration_file",
             .summary = "the tool's list names a file that does not exist",
             .why = "A journal or changelog decides what is run. The tool stops at a file that it\n"
                    "names and that does not exist.",
             .bad = "",
             .help = "restore the file, or remove its entry"},
    RuleInfo{.id = "unlisted_migration",
             .summary = "the tool's list does not name a file that exists",
             .why = "A journal or changelog decides what is run: a file that it does not name is\n"
                    "never run.",
             .bad = "",
             .severity = Severity::Warning,
             .help = "add an entry for the file, or remove the file"},
    RuleInfo{.id = "unresolved_placeholder",
             .summary = "a placeholder has no value here",
             .why = "The tool replaces placeholders before it runs the text. Without the value,\n"
                    "what runs is not in the file; it is checked as if a name were in its place.",
             .bad = "",
             .severity = Severity::Warning,
             .help = "set it in the tool's configuration file, or pass --placeholder "
                     "NAME=VALUE"},
    RuleInfo{.id = "misplaced_migration_mark",
             .summary = "a mark of the migration tool is missing or misplaced",
             .why =
                 "Marks in comments tell the tool what to run. Where they are wrong, it refuses\n"
                 "the file or runs something other than what was meant.",
             .bad = "",
             .help = "correct the mark"},
    RuleInfo{.id = "migration_checksum_mismatch",
             .summary = "a migration does not match the tool's list of checksums",
             .why =
                 "The tool compares each file with its hash in the list, and runs nothing from a\n"
                 "folder where one differs.",
             .bad = "",
             .help = "restore the file, or run `atlas migrate hash`"},
    RuleInfo{.id = "unread_migration",
             .summary = "migrations hold what cannot be read in their text",
             .why = "Operations of a library, programs in another language and SQL that is put\n"
                    "together at run time are not in the files as SQL: what they send was not\n"
                    "checked, and no finding about it means nothing.",
             .bad = "",
             .severity = Severity::Warning,
             .help = "check what the tool prints, with `dsqlint migrations --from COMMAND`, or a "
                     "dump of the schema that the migrations make"},
    RuleInfo{
        .id = "refused_transaction_override",
        .summary = "the tool refuses what a migration declares of its transaction",
        .why = "Where one transaction spans all pending migrations, none of them can be taken out\n"
               "of it: the tool stops before it runs any.",
        .bad = "",
        .help = "remove the declaration, or set the tool's mode to a transaction for each "
                "migration"},
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
