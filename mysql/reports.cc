// What the translation tells: findings under its rules, and what to do about each.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/lint/engine_rules.h"
#include "mysql/rules.h"
#include "mysql/translator.h"

namespace dsqlint::mysql {
namespace {

/// What to do about a data statement, by what its problem says.
struct Remedy {
  std::string_view problem;
  std::string_view help;
};
constexpr std::array kRemedies = {
    Remedy{"LIMIT requires a primary key",
           "give the table a primary key, or select the rows in WHERE"},
    Remedy{"an earlier one wrote", "write one UPDATE per assignment, in this order"},
    Remedy{"has no column", "name the columns that the table has"},
    Remedy{"the table of column", "write the name or the alias of the table before the column"},
    Remedy{"more than one table", "write one statement per table"},
    Remedy{"unique key free of collisions",
           "write it as two statements: first to values that no row has, then to those wanted"},
    Remedy{"outer join",
           "give the table a primary key, or write the join as WHERE … IN (SELECT …)"},
    Remedy{"two tables", "write one statement per table"},
    Remedy{"values for", "give the rows as many values as there are columns"},
    Remedy{"zero date", "give the rows a date, or make the column nullable"},
};

}  // namespace

void Translator::report(std::string_view id, Range range, std::string message,
                        std::vector<Note> notes, std::string help) {
  if (surveying_) return;
  Diagnostic finding{.range = range.empty() ? statement_ : range};
  finding.message = std::move(message);
  finding.notes = std::move(notes);
  finding.statement = statement_;
  if (id == "parse_error") {
    finding.rule = &parse_error_info();
    finding.help = help.empty() ? "correct the statement; the others were translated" : help;
  } else {
    const TranslationRule* rule = find_translation_rule(id);
    if (rule == nullptr) return;
    finding.rule = &rule->info;
    if (finding.message.empty()) finding.message = rule->info.summary;
    if (!rule->note.empty()) finding.notes.push_back({std::string(rule->note)});
    if (rule->safety == Safety::Manual) {
      finding.help = help.empty() ? std::string(rule->info.help) : std::move(help);
    } else {
      const bool unchecked = !options_.choices.checks && !rule->unchecked_title.empty();
      finding.fix =
          Fix{rule->safety, std::string(unchecked ? rule->unchecked_title : rule->title), {}};
    }
  }
  finding.severity = finding.rule->severity;
  result_.findings.push_back(std::move(finding));
}

Translator::Fate Translator::unsupported(std::string_view id, Range range, std::string message,
                                         std::string help) {
  const TranslationRule* rule = find_translation_rule(id);
  report(id, range, std::move(message), {}, std::move(help));
  // An index limit is a warning for an index, and the end for a table.
  if (rule != nullptr && rule->safety != Safety::Manual && !result_.findings.empty() &&
      !surveying_) {
    result_.findings.back().fix.reset();
    result_.findings.back().severity = Severity::Error;
    result_.findings.back().help = "shorten the key";
  }
  return Fate::Reported;
}

void Translator::report_failure(const Cursor& cursor, std::string_view otherwise) {
  std::string_view id = otherwise;
  // What data statements cannot say has one id of the contract, except where a value is at fault.
  const std::string_view rule = cursor.problem_rule();
  const bool data = otherwise == "mysql_data_statement_dropped";
  if (!rule.empty() && (!data || rule != "mysql_function_unsupported")) id = rule;
  const std::string problem =
      cursor.problem().empty() ? std::string("the statement ends too early") : cursor.problem();
  const Range range = cursor.problem_range().empty() ? statement_ : cursor.problem_range();
  if (id == "mysql_data_statement_dropped") {
    const auto* remedy = std::find_if(kRemedies.begin(), kRemedies.end(), [&](const Remedy& row) {
      return problem.find(row.problem) != std::string::npos;
    });
    report(id, range, "the statement is removed", {{problem}},
           remedy == kRemedies.end() ? std::string() : std::string(remedy->help));
  } else {
    report(id, range, problem);
  }
}

void Translator::report_notes(const QueryNotes& notes) {
  const auto list = [](const std::set<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + ("`" + name + "`");
    return text;
  };
  if (!notes.review.empty()) {
    report("mysql_function_translated", notes.first,
           fmt::format("{} {} rewritten, with differences in corner cases", list(notes.review),
                       notes.review.size() == 1 ? "is" : "are"));
    if (!surveying_ && !result_.findings.empty()) {
      result_.findings.back().fix->safety = Safety::Review;
      result_.findings.back().severity = Severity::Warning;
    }
  } else if (!notes.exact.empty()) {
    report(
        "mysql_function_translated", notes.first,
        fmt::format("{} {} rewritten", list(notes.exact), notes.exact.size() == 1 ? "is" : "are"));
  }
  if (!notes.case_range.empty()) {
    report("mysql_case_sensitive", notes.case_range,
           fmt::format("the {} of `{}` is case-sensitive", notes.case_what,
                       source_.slice(notes.case_range)));
  }
  if (!notes.number_range.empty()) {
    report("mysql_text_as_number", notes.number_range,
           fmt::format("`{}` is used as a number", source_.slice(notes.number_range)));
  }
  if (notes.loose_group) {
    report("mysql_loose_group_by", notes.loose_group_range,
           "a column is neither grouped nor aggregated");
  }
}

}  // namespace dsqlint::mysql
