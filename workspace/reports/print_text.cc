#include "workspace/reports/print_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace dsqlint {
namespace {

/// Terminal colours by what they mean here.
struct Paint {
  bool on;
  std::string operator()(std::string_view code, std::string_view text) const {
    return on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }
  std::string severity(Severity severity, std::string_view text) const {
    switch (severity) {
      case Severity::Error:
        return (*this)("1;31", text);
      case Severity::Warning:
        return (*this)("1;33", text);
      case Severity::Info:
        return (*this)("1;36", text);
    }
    return std::string(text);
  }
  std::string dim(std::string_view text) const { return (*this)("34", text); }
  std::string bold(std::string_view text) const { return (*this)("1", text); }
};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

uint32_t characters(std::string_view text) {
  return static_cast<uint32_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

/// `begin` moved back, or `end` forth, by up to `count` characters within `line`.
uint32_t back(const SourceFile& source, uint32_t begin, uint32_t limit, uint32_t count) {
  while (begin > limit && count > 0) {
    --begin;
    if (!is_continuation(source.text()[begin])) --count;
  }
  return begin;
}
uint32_t forth(const SourceFile& source, uint32_t end, uint32_t limit, uint32_t count) {
  while (end < limit && count > 0) {
    ++end;
    while (end < limit && is_continuation(source.text()[end])) ++end;
    --count;
  }
  return end;
}

void print_snippet(Range range, uint32_t line, Severity severity, const SourceFile& source,
                   const TextStyle& style, const Paint& paint, std::string& out) {
  const Range whole = source.line_range(line);
  // A byte order mark stands before the first line.
  const uint32_t begin = std::clamp(range.begin, whole.begin, whole.end);
  const Range marked{begin, std::clamp(range.end, begin, whole.end)};
  Range shown = whole;
  bool cut_left = false;
  bool cut_right = false;
  if (whole.size() > style.width) {
    const uint32_t lead = style.width / 4;
    shown.begin = back(source, marked.begin, whole.begin, lead);
    shown.end = forth(source, shown.begin, whole.end, style.width);
    cut_left = shown.begin > whole.begin;
    cut_right = shown.end < whole.end;
  }
  const std::string number = std::to_string(line);
  const std::string gutter(number.size() + 2, ' ');
  const std::string before = visible(source.slice({shown.begin, marked.begin}));
  const Range inside{marked.begin, std::min(marked.end, shown.end)};
  const std::string text = visible(source.slice(shown));
  out += fmt::format("{} {}{}{}\n", paint.dim(fmt::format("  {} |", number)), cut_left ? "…" : "",
                     text, cut_right ? "…" : "");
  out += fmt::format(
      "{} {}{}{}\n", paint.dim(gutter + " |"), cut_left ? " " : "",
      std::string(characters(before), ' '),
      paint.severity(severity, std::string(std::max(1u, characters(source.slice(inside))), '^')));
}

}  // namespace

namespace {

/// A terminal's hyperlink (OSC 8) to a file.
std::string linked(std::string_view file, std::string_view text) {
  if (file.empty()) return std::string(text);
  std::string uri = "file://";
  for (const char c : file) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F ||
        c == '%') {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  return fmt::format("\x1b]8;;{}\x1b\\{}\x1b]8;;\x1b\\", uri, text);
}

}  // namespace

std::string visible(std::string_view text) {
  std::string shown(text);
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return shown;
}

std::string_view fix_label(Safety safety) {
  return safety == Safety::Exact ? "fix" : safety == Safety::Review ? "fix (review)" : "by hand";
}

std::string heading(const Diagnostic& finding, const SourceFile& source, std::string_view path,
                    const TextStyle& style) {
  const Paint paint{style.color};
  const Position at = source.position(finding.range.begin);
  const bool is_done = !style.label.empty();
  const std::string what = fmt::format(
      "{}[{}]", is_done ? style.label : severity_word(finding.severity), finding.rule->id);
  return fmt::format(
      "{}: {}: {}",
      linked(style.link, paint.bold(fmt::format("{}:{}:{}", visible(path), at.line, at.column))),
      is_done ? paint("1;32", what) : paint.severity(finding.severity, what),
      visible(finding.message));
}

void print_finding(const Diagnostic& finding, const SourceFile& source, std::string_view path,
                   const TextStyle& style, Printed& printed) {
  const Paint paint{style.color};
  const Position at = source.position(finding.range.begin);
  std::string& out = printed.text;
  out += heading(finding, source, path, style) + '\n';
  print_snippet(finding.range, at.line, finding.severity, source, style, paint, out);
  const std::string margin(std::to_string(at.line).size() + 3, ' ');
  const auto remark = [&](std::string_view label, std::string_view text) {
    out += fmt::format("{}{} {}: ", margin, paint.dim("="), paint.bold(label));
    // Further lines stand under the first one.
    for (size_t at = 0; at <= text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      out +=
          fmt::format("{}{}\n", at == 0 ? "" : margin + "  ", visible(text.substr(at, end - at)));
      at = end + 1;
    }
  };
  for (const Note& note : finding.notes) {
    if (note.range && *note.range != finding.range) {
      const Position there = source.position(note.range->begin);
      remark("note", fmt::format("{} (line {})", note.message, there.line));
      continue;
    }
    const auto begin = static_cast<uint32_t>(out.size());
    remark("note", note.message);
    printed.repeatable.push_back({{begin, static_cast<uint32_t>(out.size())}, note.message});
  }
  if (finding.fix) {
    remark(style.label.empty() ? fix_label(finding.fix->safety) : "done", finding.fix->title);
  }
  if (!finding.help.empty()) remark("help", finding.help);
}

void print_finding(const Diagnostic& finding, const SourceFile& source, std::string_view path,
                   const TextStyle& style, std::string& out) {
  Printed printed;
  print_finding(finding, source, path, style, printed);
  out += printed.text;
}

}  // namespace dsqlint
