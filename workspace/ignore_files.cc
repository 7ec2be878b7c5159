// Reading `.gitignore` and `.git/info/exclude`.

#include "workspace/ignore_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace dsqlint {
namespace {

namespace fs = std::filesystem;

std::string with_slash(const std::string& folder) {
  return folder.ends_with('/') ? folder : folder + '/';
}

/// A line without the blanks behind it, unless they are escaped.
std::string_view pattern_of(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  while (line.ends_with(' ')) {
    size_t backslashes = 0;
    while (backslashes + 1 < line.size() && line[line.size() - 2 - backslashes] == '\\') {
      ++backslashes;
    }
    if (backslashes % 2 == 1) break;
    line.remove_suffix(1);
  }
  return line.starts_with('#') ? std::string_view() : line;
}

}  // namespace

void IgnoreRules::read(const std::string& file, const std::string& folder) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return;
  std::ifstream stream(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  std::string_view rest = text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  while (!rest.empty()) {
    const size_t newline = rest.find('\n');
    std::string_view pattern = pattern_of(rest.substr(0, newline));
    rest = newline == std::string_view::npos ? std::string_view() : rest.substr(newline + 1);
    const bool negated = pattern.starts_with('!');
    if (negated) pattern.remove_prefix(1);
    if (pattern.empty() || pattern == "/") continue;
    patterns_.push_back({Glob(pattern), negated, with_slash(folder).size()});
  }
}

IgnoreRules IgnoreRules::above(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> folders;  // from `folder` up to the repository's root
  std::string root;
  for (fs::path at(folder);; at = at.parent_path()) {
    folders.push_back(at.string());
    if (fs::exists(at / ".git", error)) {
      root = at.string();
      break;
    }
    if (at == at.root_path() || !at.has_parent_path()) break;
  }
  IgnoreRules rules;
  if (root.empty()) {
    rules.read(with_slash(folder) + ".gitignore", folder);
    return rules;
  }
  rules.read(with_slash(root) + ".git/info/exclude", root);
  for (auto at = folders.rbegin(); at != folders.rend(); ++at) {
    rules.read(with_slash(*at) + ".gitignore", *at);
  }
  return rules;
}

IgnoreRules IgnoreRules::inside(const std::string& folder) const {
  IgnoreRules rules = *this;
  rules.read(with_slash(folder) + ".gitignore", folder);
  return rules;
}

bool IgnoreRules::ignored(std::string_view absolute_path, bool is_folder) const {
  for (auto pattern = patterns_.rbegin(); pattern != patterns_.rend(); ++pattern) {
    if (absolute_path.size() <= pattern->base) continue;
    if (pattern->glob.matches(absolute_path.substr(pattern->base), is_folder)) {
      return !pattern->negated;
    }
  }
  return false;
}

}  // namespace dsqlint
