#include "plugins/migrations/program_layout.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>

#include "plugins/migrations/config_text.h"
#include "plugins/migrations/piece.h"
#include "plugins/migrations/xml.h"

namespace dsqlint::migrations {
namespace {

/// A changeset of a changelog in XML, YAML or JSON.
struct Changeset {
  uint32_t begin = 0;
  Range tag;  ///< in XML
  std::string id;
  bool in_transaction = true;
};

std::vector<Changeset> changesets_of(std::string_view file) {
  static const RE2 kChangeset(R"re(\bchangeSet["']?\s*:)re");
  static const RE2 kXmlId(R"re(\bid\s*=\s*["']([^"']*)["'])re");
  static const RE2 kId(R"re(\bid["']?\s*:\s*["']?([^"'\s,}]+))re");
  static const RE2 kApart(R"re(\brunInTransaction["']?\s*[=:]\s*["']?false)re");
  const size_t first = file.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool xml = first != file.npos && file[first] == '<';
  std::vector<Changeset> found;
  if (xml) {
    for (const Tag& tag : tags_of(file)) {
      if (tag.name != "changeSet" || tag.closing) continue;
      found.push_back({.begin = tag.range.begin, .tag = tag.range, .id = {}});
    }
  } else {
    re2::StringPiece rest = piece(file);
    re2::StringPiece match;
    while (kChangeset.Match(rest, 0, rest.size(), RE2::UNANCHORED, &match, 1)) {
      found.push_back({.begin = static_cast<uint32_t>(match.data() - file.data()), .id = {}});
      rest = piece(file.substr(found.back().begin + match.size()));
    }
  }
  for (size_t i = 0; i < found.size(); ++i) {
    Changeset& changeset = found[i];
    const uint32_t end =
        i + 1 < found.size() ? found[i + 1].begin : static_cast<uint32_t>(file.size());
    const Range about = xml ? changeset.tag : Range{changeset.begin, end};
    const re2::StringPiece text = piece(file.substr(about.begin, about.size()));
    RE2::PartialMatch(text, xml ? kXmlId : kId, &changeset.id);
    changeset.in_transaction = !RE2::PartialMatch(text, kApart);
  }
  return found;
}

const Changeset* changeset_at(const std::vector<Changeset>& changesets, uint32_t place) {
  const auto after = std::upper_bound(
      changesets.begin(), changesets.end(), place,
      [](uint32_t at, const Changeset& changeset) { return at < changeset.begin; });
  return after == changesets.begin() ? nullptr : &*std::prev(after);
}

/// Liquibase cuts the text of a `sql` element into its statements; all those of a changeset are in
/// its transaction.
Layout layout_of_changelog(const Tool& tool, const Extracted& extracted, std::string_view file,
                           const SectionOptions& options) {
  Layout layout;
  const std::vector<Changeset> changesets = changesets_of(file);
  const Span span = options.span.value_or(tool.span);
  const Changeset* open = nullptr;
  bool open_down = false;
  for (const SentText& sent : extracted.sent) {
    if (sent.down && !options.check_down) continue;
    const Changeset* changeset = changeset_at(changesets, extracted.text.source(sent.range.begin));
    if (span == Span::Statement || (changeset != nullptr && !changeset->in_transaction)) {
      layout.parts.push_back({sent.range, Part::kSingly});
      continue;
    }
    if (layout.transactions.empty() || changeset != open || sent.down != open_down) {
      RunnerTransaction made = runner_transaction(tool, span);
      made.opt_out = OptOut::Impossible;
      if (changeset != nullptr) {
        made.subject = fmt::format("the transaction of the changeset `{}`", changeset->id);
      }
      layout.transactions.push_back(std::move(made));
      open = changeset;
      open_down = sent.down;
    }
    layout.parts.push_back({sent.range, static_cast<uint32_t>(layout.transactions.size()) - 1});
  }
  return layout;
}

}  // namespace

std::optional<Edit> opt_out_edit(const Tool& tool, std::string_view file, uint32_t place) {
  if (tool.order == Order::Changelog) {
    const std::vector<Changeset> changesets = changesets_of(file);
    const Changeset* changeset = changeset_at(changesets, place);
    if (changeset == nullptr || changeset->tag.empty() || !changeset->in_transaction) {
      return std::nullopt;
    }
    const uint32_t at = changeset->tag.end - 1;
    return Edit{{at, at}, " runInTransaction=\"false\"", 0};
  }
  if (tool.code_mark.empty()) return std::nullopt;
  const size_t first = file.find('\n');
  const std::string_view line_break =
      first != file.npos && first > 0 && file[first - 1] == '\r' ? "\r\n" : "\n";
  std::string mark(tool.code_mark);
  if (!tool.code_place.empty()) {
    re2::StringPiece line;
    const RE2 pattern{"(" + std::string(tool.code_place) + ")"};
    if (!RE2::PartialMatch(re2::StringPiece(file.data(), file.size()), pattern, &line)) {
      return std::nullopt;
    }
    auto at = static_cast<uint32_t>(line.data() + line.size() - file.data());
    if (at > 0 && file[at - 1] == '\r') --at;
    return Edit{{at, at}, fmt::format("{}{}", line_break, mark), 0};
  }
  // It is exported like the other names. If they are not exported one by one, nothing is written.
  static const RE2 kCommon(R"((?m)^\s*(?:module\.)?exports\.(?:up|down)\b)");
  static const RE2 kReplaced(R"(\bmodule\.exports\s*=)");
  static const RE2 kModule(R"((?m)^\s*export\s+(?:async\s+)?(?:function|const|let)\s+up\b)");
  const re2::StringPiece text(file.data(), file.size());
  if (RE2::PartialMatch(text, kModule)) {
    constexpr std::string_view kExports = "exports.";
    if (mark.starts_with(kExports)) mark = "export const " + mark.substr(kExports.size());
  } else if (!RE2::PartialMatch(text, kCommon) || RE2::PartialMatch(text, kReplaced)) {
    return std::nullopt;
  }
  const auto end = static_cast<uint32_t>(file.size());
  return Edit{{end, end},
              fmt::format("{}{}{}", file.ends_with('\n') ? "" : line_break, mark, line_break),
              0};
}

Layout layout_of(const Tool& tool, const Extracted& extracted, std::string_view file,
                 const SectionOptions& options) {
  if (tool.order == Order::Changelog) return layout_of_changelog(tool, extracted, file, options);
  Layout layout;
  Span span = options.span.value_or(tool.span);
  if (options.no_transaction || (!options.span && opts_out(tool, file))) span = Span::Statement;
  const bool parted = options.parted && span == Span::AllPending;
  if (parted) span = Span::File;
  // What a call or an operation sends is one by itself where nothing spans several.
  const bool alone = span == Span::Statement || tool.files == Files::Operations;
  constexpr uint32_t kNone = UINT32_MAX;
  uint32_t of[2] = {kNone, kNone};                    // going up, and down, which is another run
  std::map<std::pair<uint32_t, bool>, uint32_t> own;  // of the program
  const auto make = [&](bool down, bool apart) {
    of[down ? 1 : 0] = static_cast<uint32_t>(layout.transactions.size());
    RunnerTransaction made = runner_transaction(tool, span);
    made.opt_out = OptOut::Impossible;
    if (parted) made.record.clear();
    if (apart) {
      made.message = true;
      made.record.clear();
      made.subject = fmt::format("the message in which {} sends this text", tool.title);
      made.help = "use a separate call for each statement";
    }
    layout.transactions.push_back(std::move(made));
  };
  // The first one goes on from the files before: it is always that of going up.
  if (!alone && tool.span == Span::AllPending && !extracted.sent.empty()) make(false, false);
  for (const SentText& sent : extracted.sent) {
    if (sent.down && !options.check_down) continue;
    uint32_t& open = of[sent.down ? 1 : 0];
    const bool apart = alone || sent.apart;
    // In a transaction of the tool, one of the program is a part of it.
    if (apart && sent.own != 0) {
      const auto [entry, added] =
          own.try_emplace({sent.own, sent.down}, static_cast<uint32_t>(layout.transactions.size()));
      if (added) {
        layout.transactions.push_back(
            {.subject = "the transaction that the program opens",
             .help = "send each DDL statement outside of it, or in a separate transaction"});
      }
      layout.parts.push_back({sent.range, entry->second});
      continue;
    }
    // What is sent apart ends the transaction before it, and the record comes in the last one.
    if (apart && !alone && open != kNone) layout.transactions[open].record.clear();
    if (apart || open == kNone) make(sent.down, apart);
    layout.parts.push_back({sent.range, open});
    if (apart) open = kNone;
  }
  return layout;
}

std::optional<Range> refused_override(const Tool& tool, std::string_view file) {
  if (tool.refused_override.empty()) return std::nullopt;
  const std::string text = without_comments(file, Comments::Slashes);
  re2::StringPiece found;
  if (!RE2::PartialMatch(text, RE2(std::string(tool.refused_override)), &found)) {
    return std::nullopt;
  }
  const auto at = static_cast<uint32_t>(found.data() - text.data());
  return Range{at, at + static_cast<uint32_t>(found.size())};
}

bool opts_out(const Tool& tool, std::string_view file) {
  if (tool.opted_out.empty()) return false;
  const bool hash = tool.name == "alembic" || tool.name == "django" || tool.name == "rails" ||
                    tool.name == "ecto";
  const std::string text = without_comments(file, hash ? Comments::Hash : Comments::Slashes);
  return RE2::PartialMatch(text, RE2(std::string(tool.opted_out)));
}

}  // namespace dsqlint::migrations
