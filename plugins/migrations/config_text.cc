#include "plugins/migrations/config_text.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "plugins/migrations/piece.h"

namespace dsqlint::migrations {
namespace {

/// Past the literal that begins at `i`; `i` where none does.
size_t past_literal(std::string_view text, size_t i) {
  const char quote = text[i];
  if (quote != '"' && quote != '\'' && quote != '`') return i;
  for (size_t k = i + 1; k < text.size(); ++k) {
    if (text[k] == '\\') {
      ++k;
    } else if (text[k] == quote) {
      return k + 1;
    } else if (text[k] == '\n' && quote != '`') {
      return i;
    }
  }
  return i;
}

/// Without what a program puts in: `${…}`.
std::string plain(std::string_view literal) {
  std::string out;
  for (size_t i = 0; i < literal.size(); ++i) {
    if (literal.substr(i).starts_with("${")) {
      i = std::min(literal.find('}', i), literal.size());
      continue;
    }
    out += literal[i];
  }
  return out;
}

/// One expression from `i` on; moves `i` to the comma or bracket that ends it.
std::string path_at(std::string_view text, size_t& i, size_t limit) {
  std::string path;
  size_t depth = 0;
  size_t foreign = 0;  // the depth of a `require(` that is open
  while (i < limit) {
    const char c = text[i];
    if (depth == 0 && (c == ',' || c == ']' || c == '}' || c == ')' || c == ';')) break;
    if (const size_t past = past_literal(text, i); past != i) {
      if (foreign == 0) {
        const std::string part = plain(text.substr(i + 1, past - i - 2));
        if (!path.empty() && !path.ends_with('/') && !part.starts_with('/')) path += '/';
        path += path.ends_with('/') && part.starts_with('/') ? part.substr(1) : part;
      }
      i = past;
      continue;
    }
    if (text.substr(i).starts_with("require") || text.substr(i).starts_with("process.env")) {
      const size_t open = text.find_first_of("([\n", i);
      if (open < limit && text[open] != '\n' && foreign == 0) foreign = depth + 1;
      i += 7;
      continue;
    }
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') {
      if (foreign == depth) foreign = 0;
      --depth;
    }
    // A line ends an expression unless something shows that it goes on.
    if (c == '\n' && depth == 0 && !path.empty()) {
      const size_t next = text.find_first_not_of(" \t\r\n", i);
      if (next == text.npos || (text[next] != '+' && text[next] != '.')) break;
    }
    ++i;
  }
  return path;
}

}  // namespace

std::string without_comments(std::string_view text, Comments comments) {
  std::string out(text);
  const auto blank = [&](size_t begin, size_t end) {
    for (size_t k = begin; k < std::min(end, out.size()); ++k) {
      if (out[k] != '\n') out[k] = ' ';
    }
  };
  for (size_t i = 0; i < text.size();) {
    if (const size_t past = past_literal(text, i); past != i) {
      i = past;
    } else if (comments == Comments::Hash ? text[i] == '#' : text.substr(i, 2) == "//") {
      const size_t end = std::min(text.find('\n', i), text.size());
      blank(i, end);
      i = end;
    } else if (comments == Comments::Slashes && text.substr(i, 2) == "/*") {
      const size_t end = text.find("*/", i + 2);
      const size_t past_end = end == text.npos ? text.size() : end + 2;
      blank(i, past_end);
      i = past_end;
    } else {
      ++i;
    }
  }
  return out;
}

std::vector<std::vector<std::string>> paths_after(std::string_view text, std::string_view key) {
  // Longer lists are no paths.
  constexpr size_t kFar = 4096;
  const RE2 pattern{fmt::format(R"re((?:^|[^\w.])["'`]?(?:{})["'`]?\s*[:=]\s*)re", key)};
  std::vector<std::vector<std::string>> found;
  re2::StringPiece rest = piece(text);
  while (RE2::FindAndConsume(&rest, pattern)) {
    size_t i = static_cast<size_t>(rest.data() - text.data());
    const size_t limit = std::min(i + kFar, text.size());
    std::vector<std::string> paths;
    if (i < limit && text[i] == '[') {
      ++i;
      while (i < limit && text[i] != ']') {
        std::string path = path_at(text, i, limit);
        if (!path.empty()) paths.push_back(std::move(path));
        if (i < limit && text[i] != ',' && text[i] != ']') break;
        if (i < limit && text[i] == ',') ++i;
      }
    } else if (i < limit) {
      std::string path = path_at(text, i, limit);
      if (!path.empty()) paths.push_back(std::move(path));
    }
    if (!paths.empty()) found.push_back(std::move(paths));
  }
  return found;
}

std::string folder_of_pattern(std::string_view pattern) {
  const size_t star = pattern.find_first_of("*{?!([");
  if (star == pattern.npos) {
    // `src/migrations/index.ts` names its folder.
    const size_t slash = pattern.rfind('/');
    const bool file = pattern.find('.', slash == pattern.npos ? 0 : slash + 1) != pattern.npos &&
                      !pattern.ends_with('.');
    if (!file) return std::string(pattern);
    return std::string(pattern.substr(0, slash == pattern.npos ? 0 : slash));
  }
  const std::string_view fixed = pattern.substr(0, star);
  const size_t slash = fixed.rfind('/');
  return std::string(fixed.substr(0, slash == fixed.npos ? 0 : slash));
}

}  // namespace dsqlint::migrations
