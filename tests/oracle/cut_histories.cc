// What the history oracle needs to know, as lines of JSON.
//
//   dsqlint_cut_histories [--sample N] FILE…   for each file, what comes out when it is cut in two
//                                              between its statements, and in three
//   dsqlint_cut_histories --history FILE…      for each file of one history, its text before and
//                                              after fixing, and what is found in the fixed history
//
// A file with more than 4 × N places to cut is cut at N of them, chosen by its bytes.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "engine/lint/by_file.h"
#include "engine/parse/document.h"
#include "rules/rules.h"
#include "tests/oracle/for_postgres.h"

using namespace dsqlint;

namespace {

using nlohmann::json;
using Source = std::shared_ptr<const SourceFile>;

/// A finding as the file and the history have to agree on it: the rule and the statement's number
/// in the whole, with the status.
struct Told {
  std::string_view rule;
  size_t statement = 0;
  std::string_view status;
  friend auto operator<=>(const Told&, const Told&) = default;
};

/// A file read once, and where it can be cut.
struct Whole {
  Source source;
  Document document;
  std::vector<Range> comments;
};

Whole read(const Source& source) {
  std::vector<Range> comments;
  const Document::Visitors visitors{
      .lexed = [&](std::span<const Token>, std::span<const Range> piece) {
        comments.insert(comments.end(), piece.begin(), piece.end());
      }};
  Document document = Document::parse(source, 1, visitors);
  return {source, std::move(document), std::move(comments)};
}

/// Comments on lines of their own belong to the statement below them.
uint32_t begin_with_comments(const Whole& whole, uint32_t after, uint32_t statement) {
  const std::string_view text = whole.source->text();
  const auto is_space = [&](uint32_t begin, uint32_t end) {
    return text.substr(begin, end - begin).find_first_not_of(" \t\r\n\f\v") ==
           std::string_view::npos;
  };
  uint32_t cut = statement;
  auto comment = std::lower_bound(whole.comments.begin(), whole.comments.end(), statement,
                                  [](const Range& range, uint32_t at) { return range.begin < at; });
  for (uint32_t at = statement; comment != whole.comments.begin();) {
    --comment;
    if (comment->begin < after || !is_space(comment->end, at)) break;
    at = comment->begin;
    const size_t line = text.rfind('\n', at);
    const uint32_t first = line == std::string_view::npos ? 0 : static_cast<uint32_t>(line + 1);
    if (first >= after && is_space(first, at)) cut = first;
  }
  return cut;
}

/// Is a transaction open after the statement?
bool leaves_open(const Document& document, size_t index, bool open) {
  const Statement& statement = document.statements()[index];
  if (statement.cls == StatementClass::Begin) return true;
  if (statement.cls != StatementClass::Commit && statement.cls != StatementClass::Rollback) {
    return open;
  }
  const Tokens tokens = document.tokens(index);
  const size_t last = tokens.size() - 1;
  return tokens.is(last, "chain") && !tokens.is(last - 1, "no");
}

/// Before which statements the file can be cut so that its parts, run one after another, are what
/// the whole is: not in a transaction, which would end with the first part, not in psql's \if, and
/// not where `\;` sends the next statement along.
std::vector<size_t> places_to_cut(const Document& document) {
  std::vector<size_t> places;
  const auto statements = document.statements();
  const auto commands = document.commands();
  bool in_transaction = false;
  int conditions = 0;
  size_t command = 0;
  for (size_t i = 1; i < statements.size(); ++i) {
    const Statement& before = statements[i - 1];
    in_transaction = leaves_open(document, i - 1, in_transaction);
    for (; command < commands.size() && commands[command].begin < statements[i].range.begin;
         ++command) {
      const std::string_view word = document.source().slice(commands[command]);
      if (word.starts_with("\\if")) ++conditions;
      if (word.starts_with("\\endif")) --conditions;
    }
    const bool ended = before.end > before.range.end &&
                       !document.source().text().substr(0, before.end).ends_with("\\;");
    if (!in_transaction && conditions == 0 && ended) places.push_back(i);
  }
  return places;
}

/// The same numbers on every machine, from the file's bytes.
class Dice {
 public:
  explicit Dice(std::string_view text) {
    for (const char c : text) state_ = (state_ ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  }
  /// Below `bound`.
  size_t roll(size_t bound) {
    state_ += 0x9e3779b97f4a7c15u;
    uint64_t mixed = (state_ ^ (state_ >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return static_cast<size_t>((mixed ^ (mixed >> 31)) % bound);
  }
  /// `count` of them, in their order.
  std::vector<size_t> choose(std::vector<size_t> from, size_t count) {
    for (size_t i = 0; i < count; ++i) std::swap(from[i], from[i + roll(from.size() - i)]);
    from.resize(count);
    std::sort(from.begin(), from.end());
    return from;
  }

 private:
  uint64_t state_ = 0xcbf29ce484222325u;
};

/// In two at each place, or at some of very many, and in three.
std::vector<std::vector<size_t>> choose_cuts(const Whole& whole, const std::vector<size_t>& places,
                                             size_t sample) {
  Dice dice(whole.source->text());
  std::vector<std::vector<size_t>> cuts;
  for (const size_t place : places.size() > 4 * sample ? dice.choose(places, sample) : places) {
    cuts.push_back({place});
  }
  if (places.size() >= 2) cuts.push_back(dice.choose(places, 2));
  return cuts;
}

/// One history, as one source; its files may change together when none has been run.
Result<Source> joined(const std::vector<Source>& files, bool rewrites) {
  std::vector<FilePart> parts;
  for (const Source& file : files) {
    const auto number = static_cast<uint32_t>(rewrites ? 0 : parts.size());
    parts.push_back({std::string(file->path()), {}, number});
  }
  return SourceFile::join(std::move(parts), files);
}

Result<std::vector<FixOutcome>> fix_history(const Linter& linter, const std::vector<Source>& files,
                                            bool rewrites) {
  const auto whole = joined(files, rewrites);
  if (!whole) return tl::unexpected(whole.error());
  auto fixed = linter.fix(*whole);
  if (!fixed) return tl::unexpected(fixed.error());
  return by_file(std::move(*fixed), **whole);
}

void tell(const std::vector<Diagnostic>& findings, const Document& whole, uint32_t shift,
          std::vector<Told>& told) {
  for (const Diagnostic& finding : findings) {
    const uint32_t at = finding.statement.empty() ? finding.range.begin : finding.statement.begin;
    told.push_back(
        {finding.rule->id, whole.statement_at(at + shift), wire_status(safety_of(finding))});
  }
}

/// What only one of them says, by rule and statement.
json differences(std::vector<Told> whole, std::vector<Told> parts, const Document& document) {
  std::sort(whole.begin(), whole.end());
  std::sort(parts.begin(), parts.end());
  std::map<std::pair<size_t, std::string_view>, std::pair<json, json>> by_statement;
  const auto only = [&](const std::vector<Told>& in, const std::vector<Told>& out, auto side) {
    std::vector<Told> rest;
    std::set_difference(in.begin(), in.end(), out.begin(), out.end(), std::back_inserter(rest));
    for (const Told& each : rest) {
      (by_statement[{each.statement, each.rule}].*side).push_back(each.status);
    }
  };
  only(whole, parts, &std::pair<json, json>::first);
  only(parts, whole, &std::pair<json, json>::second);
  json told = json::array();
  const auto statements = document.statements();
  for (const auto& [key, statuses] : by_statement) {
    const size_t index = std::min(key.first, statements.size() - 1);
    const Range range = statements[index].range;
    told.push_back({{"rule", key.second},
                    {"statement", key.first},
                    {"line", document.source().position(range.begin).line},
                    {"text", document.source().slice(range).substr(0, 200)},
                    {"whole", statuses.first.is_null() ? json::array() : statuses.first},
                    {"parts", statuses.second.is_null() ? json::array() : statuses.second}});
  }
  return told;
}

/// One cut: what the history says otherwise, and its fixed files put together, where they are
/// another text than the fixed whole, as one of `variants`.
json try_cut(const Linter& linter, const Whole& whole, const FixOutcome& fixed,
             const std::vector<size_t>& cut, json& variants, std::map<std::string, size_t>& known) {
  const std::string_view text = whole.source->text();
  std::vector<uint32_t> bounds = {0};
  json lines = json::array();
  for (const size_t statement : cut) {
    const auto statements = whole.document.statements();
    bounds.push_back(begin_with_comments(whole, statements[statement - 1].end,
                                         statements[statement].range.begin));
    lines.push_back(whole.source->position(bounds.back()).line);
  }
  bounds.push_back(whole.source->size());
  std::vector<Source> parts;
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    auto part =
        SourceFile::from_text(fmt::format("{}.sql", i + 1),
                              std::string(text.substr(bounds[i], bounds[i + 1] - bounds[i])));
    if (!part) return {{"lines", lines}, {"error", part.error().message}};
    parts.push_back(std::move(*part));
  }
  const auto outcomes = fix_history(linter, parts, false);
  if (!outcomes) return {{"lines", lines}, {"error", outcomes.error().message}};
  const auto rewritten = fix_history(linter, parts, true);
  if (!rewritten) return {{"lines", lines}, {"error", rewritten.error().message}};
  std::vector<Told> told_whole;
  std::vector<Told> told_parts;
  std::vector<Told> told_rewritten;
  tell(fixed.findings, whole.document, 0, told_whole);
  std::string joined;
  for (size_t i = 0; i < parts.size(); ++i) {
    tell((*outcomes)[i].findings, whole.document, bounds[i], told_parts);
    tell((*rewritten)[i].findings, whole.document, bounds[i], told_rewritten);
    joined += (*outcomes)[i].text();
  }
  json told = {{"lines", lines},
               {"offsets", std::vector<uint32_t>(bounds.begin() + 1, bounds.end() - 1)},
               {"differences", differences(told_whole, told_parts, whole.document)},
               {"rewritten", differences(told_whole, told_rewritten, whole.document)}};
  if (joined == fixed.text()) return told;
  const auto [variant, fresh] = known.try_emplace(joined, known.size());
  told["variant"] = variant->second;
  if (!fresh) return told;
  json findings = json::array();
  for (size_t i = 0; i < parts.size(); ++i) {
    const Document document = Document::parse(parts[i]);
    for (json& each : oracle::applied_fixes((*outcomes)[i].findings, document)) {
      findings.push_back(std::move(each));
    }
  }
  variants.push_back({{"text", oracle::mapped_back(joined)}, {"findings", std::move(findings)}});
  return told;
}

json try_cuts(const Linter& linter, const std::string& path, size_t sample) {
  const auto source = SourceFile::load(path);
  if (!source) return {{"path", path}, {"error", source.error().message}};
  const Whole whole = read(*source);
  const std::vector<size_t> places = places_to_cut(whole.document);
  const size_t boundaries =
      whole.document.statements().empty() ? 0 : whole.document.statements().size() - 1;
  json told = {{"path", path},
               {"boundaries", boundaries},
               {"places", places.size()},
               {"cuts", json::array()},
               {"variants", json::array()}};
  if (places.empty()) return told;
  const auto fixed = linter.fix(*source);
  if (!fixed) return {{"path", path}, {"error", fixed.error().message}};
  std::map<std::string, size_t> known;
  for (const std::vector<size_t>& cut : choose_cuts(whole, places, sample)) {
    told["cuts"].push_back(try_cut(linter, whole, *fixed, cut, told["variants"], known));
  }
  return told;
}

/// The lines in the order of the files, made on all processors.
void print_cuts(const Linter& linter, std::span<char*> paths, size_t sample) {
  std::vector<std::string> lines(paths.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < paths.size(); i = next++) {
      lines[i] = oracle::to_line(try_cuts(linter, paths[i], sample));
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back(work);
  }
  work();
  threads.clear();
  for (const std::string& line : lines) fmt::print("{}\n", line);
}

int print_history(const Linter& linter, std::span<char*> paths) {
  std::vector<Source> files;
  for (const char* path : paths) {
    auto source = SourceFile::load(path);
    if (!source) {
      fmt::print(stderr, "{}\n", source.error().message);
      return 1;
    }
    files.push_back(std::move(*source));
  }
  const auto fixed = fix_history(linter, files, false);
  if (!fixed) {
    fmt::print(stderr, "{}\n", fixed.error().message);
    return 1;
  }
  std::vector<Source> texts;
  for (size_t i = 0; i < files.size(); ++i) {
    auto text = SourceFile::from_text(paths[i], (*fixed)[i].text());
    if (!text) {
      fmt::print(stderr, "{}\n", text.error().message);
      return 1;
    }
    texts.push_back(std::move(*text));
  }
  const auto whole = joined(texts, false);
  if (!whole) {
    fmt::print(stderr, "{}\n", whole.error().message);
    return 1;
  }
  const std::vector<CheckOutcome> left = by_file(linter.check(*whole), **whole);
  for (size_t i = 0; i < files.size(); ++i) {
    const FixOutcome& outcome = (*fixed)[i];
    json told = {{"path", paths[i]},
                 {"changed", outcome.changed},
                 {"source", oracle::mapped_back(std::string(files[i]->text()))},
                 {"fixed", oracle::mapped_back(outcome.text())},
                 {"findings", oracle::applied_fixes(outcome.findings, Document::parse(files[i]))},
                 {"statuses", json::object()},
                 {"left", json::array()}};
    for (const Diagnostic& finding : outcome.findings) {
      json& count = told["statuses"][std::string(wire_status(safety_of(finding)))];
      count = count.is_null() ? 1 : count.get<int>() + 1;
    }
    for (const Diagnostic& finding : left[i].findings) {
      told["left"].push_back({{"rule", finding.rule->id},
                              {"status", wire_status(safety_of(finding))},
                              {"severity", severity_word(finding.severity)},
                              {"line", texts[i]->position(finding.range.begin).line}});
    }
    fmt::print("{}\n", oracle::to_line(told));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::span<char*> arguments(argv + 1, argv + argc);
  const Linter linter(all_rules(), Config{});
  if (arguments.size() > 1 && std::string_view(arguments[0]) == "--history") {
    return print_history(linter, arguments.subspan(1));
  }
  size_t sample = 5;
  if (arguments.size() > 2 && std::string_view(arguments[0]) == "--sample") {
    const std::string_view number = arguments[1];
    std::from_chars(number.data(), number.data() + number.size(), sample);
    arguments = arguments.subspan(2);
  }
  if (arguments.empty() || sample == 0) {
    fmt::print(stderr, "usage: {} [--sample N | --history] FILE…\n", argv[0]);
    return 2;
  }
  print_cuts(linter, arguments, sample);
  return 0;
}
