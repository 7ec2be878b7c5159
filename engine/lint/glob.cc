// Matching paths, name by name and without recursion: of several stars only the last one ever has
// to be tried again.

#include "engine/lint/glob.h"

namespace dsqlint {
namespace {

/// The character at `i`, as a code point; advances `i`.
char32_t character(std::string_view text, size_t& i) {
  const auto c = static_cast<unsigned char>(text[i++]);
  if (c < 0xC0) return c;
  const size_t more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
  char32_t point = c & (0x3F >> more);
  for (size_t k = 0; k < more && i < text.size(); ++k) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) break;
    point = (point << 6) | (static_cast<unsigned char>(text[i++]) & 0x3F);
  }
  return point;
}

/// Does the bracket expression after `pattern[i - 1] == '['` hold `wanted`? Moves `i` past it.
/// A bracket that is never closed matches nothing.
bool bracket(std::string_view pattern, size_t& i, char32_t wanted) {
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  bool first = true;
  while (i < pattern.size() && (pattern[i] != ']' || first)) {
    first = false;
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    const char32_t low = character(pattern, i);
    char32_t high = low;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      ++i;
      if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
      high = character(pattern, i);
    }
    found = found || (low <= wanted && wanted <= high);
  }
  if (i >= pattern.size()) return false;
  ++i;
  return found != negated;
}

}  // namespace

bool glob_name(std::string_view pattern, std::string_view name) {
  size_t p = 0;
  size_t n = 0;
  size_t star = std::string_view::npos;  // after the last `*`
  size_t resume = 0;                     // where it is tried next
  while (n < name.size() || p < pattern.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      while (p < pattern.size() && pattern[p] == '*') ++p;
      star = p;
      resume = n;
      continue;
    }
    if (p < pattern.size() && n < name.size()) {
      size_t next_p = p;
      size_t next_n = n;
      const char32_t c = character(name, next_n);
      bool same = false;
      if (pattern[p] == '?') {
        ++next_p;
        same = true;
      } else if (pattern[p] == '[') {
        ++next_p;
        same = bracket(pattern, next_p, c);
      } else {
        if (pattern[p] == '\\' && p + 1 < pattern.size()) ++next_p;
        same = character(pattern, next_p) == c;
      }
      if (same) {
        p = next_p;
        n = next_n;
        continue;
      }
    }
    if (star == std::string_view::npos || resume >= name.size()) return false;
    character(name, resume);
    p = star;
    n = resume;
  }
  return true;
}

Glob::Glob(std::string_view pattern) {
  if (pattern.empty()) return;
  if (pattern.ends_with('/')) {
    folders_only_ = true;
    pattern.remove_suffix(1);
  }
  const bool anchored = pattern.find('/') != std::string_view::npos;
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  if (!anchored) names_.emplace_back("**");
  while (!pattern.empty()) {
    const size_t slash = pattern.find('/');
    const std::string_view name = pattern.substr(0, slash);
    if (!name.empty() && name != "." && (name != "**" || names_.empty() || names_.back() != "**")) {
      names_.emplace_back(name);
    }
    if (slash == std::string_view::npos) break;
    pattern.remove_prefix(slash + 1);
  }
}

bool Glob::matches(std::string_view path, bool is_folder) const {
  if (folders_only_ && !is_folder) return false;
  if (names_.empty()) return false;
  std::vector<std::string_view> parts;
  for (std::string_view rest = path; !rest.empty();) {
    const size_t slash = rest.find('/');
    if (slash != 0) parts.push_back(rest.substr(0, slash));
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  // `a/**` means what is in a, not a itself.
  const bool inside = names_.back() == "**" && names_.size() > 1;
  size_t p = 0;
  size_t n = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (n < parts.size() || p < names_.size()) {
    if (p < names_.size() && names_[p] == "**") {
      if (inside && p + 1 == names_.size()) return n < parts.size();
      star = ++p;
      resume = n;
      continue;
    }
    if (p < names_.size() && n < parts.size() && glob_name(names_[p], parts[n])) {
      ++p;
      ++n;
      continue;
    }
    if (star == std::string_view::npos || resume >= parts.size()) return false;
    p = star;
    n = ++resume;
  }
  return true;
}

bool Glob::covers(std::string_view path) const {
  for (size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    if (slash > 0 && matches(path.substr(0, slash), true)) return true;
  }
  return matches(path, false);
}

}  // namespace dsqlint
