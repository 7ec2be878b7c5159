#include "plugins/migrations/atlas_sum.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>

#include "plugins/migrations/piece.h"
#include "plugins/migrations/sha256.h"

namespace dsqlint::migrations {
namespace {

constexpr std::string_view kName = "atlas.sum";
constexpr std::string_view kRehash = "run `atlas migrate hash`";

struct Entry {
  std::string name;
  std::string hash;
  Range line = {};  ///< of the list, where it was read
};

struct List {
  std::string total;
  Range total_range = {};
  std::vector<Entry> entries;
};

List read_list(std::string_view text) {
  List list;
  for (size_t begin = 0; begin < text.size();) {
    const size_t found = std::min(text.find('\n', begin), text.size());
    size_t end = found;
    if (end > begin && text[end - 1] == '\r') --end;
    const std::string_view line = text.substr(begin, end - begin);
    const Range range{static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
    const size_t mark = line.find("h1:");
    if (begin == 0 && mark == 0) {
      list.total = line.substr(3);
      list.total_range = range;
    } else if (mark != std::string_view::npos) {
      std::string_view name = line.substr(0, mark);
      while (name.ends_with(' ')) name.remove_suffix(1);
      list.entries.push_back({std::string(name), std::string(line.substr(mark + 3)), range});
    }
    begin = found + 1;
  }
  return list;
}

/// A file with that mark at its very beginning has its name in the hash, not its text, and no
/// entry.
bool is_left_out(std::string_view text) {
  static const RE2 kIgnored(R"(^[ -~]*atlas:sum +ignore)");
  return RE2::PartialMatch(piece(text), kIgnored);
}

struct File {
  std::string name;
  std::string text;
};

/// What Atlas takes the hash over: all files of the ending, by name. In the folder of another tool
/// that it reads, it may leave down files out and have an order of its own: that of the list then.
std::vector<File> files_of(const Project& project, std::string_view folder, const List& listed) {
  const auto lists = [&](std::string_view ending) {
    return std::any_of(listed.entries.begin(), listed.entries.end(),
                       [&](const Entry& entry) { return entry.name.ends_with(ending); });
  };
  const bool up_only = lists(".up.sql") && !lists(".down.sql");
  std::vector<File> files;
  for (const std::string& path : project.files()) {
    if (folder_of(path) != folder || !path.ends_with(".sql")) continue;
    if (up_only && path.ends_with(".down.sql")) continue;
    files.push_back({std::string(name_of(path)), project.whole_text(path)});
  }
  const auto by_name = [](const Entry& a, const Entry& b) { return a.name < b.name; };
  if (std::is_sorted(listed.entries.begin(), listed.entries.end(), by_name)) return files;
  std::map<std::string_view, size_t> place;
  for (const Entry& entry : listed.entries) place.emplace(entry.name, place.size());
  const auto place_of = [&](const File& file) {
    const auto found = place.find(file.name);
    return found == place.end() ? place.size() : found->second;
  };
  std::stable_sort(files.begin(), files.end(),
                   [&](const File& a, const File& b) { return place_of(a) < place_of(b); });
  return files;
}

List make_list(const std::vector<File>& files) {
  List list;
  Sha256 running;
  Sha256 total;
  for (const File& file : files) {
    running.add(file.name);
    if (is_left_out(file.text)) continue;
    running.add(file.text);
    list.entries.push_back({file.name, running.base64()});
    total.add(file.name);
    total.add(list.entries.back().hash);
  }
  list.total = total.base64();
  return list;
}

std::set<std::string_view> names_in(const List& list) {
  std::set<std::string_view> names;
  for (const Entry& entry : list.entries) names.insert(entry.name);
  return names;
}

}  // namespace

std::string atlas_sum_path(std::string_view folder) { return path_in(folder, kName); }

std::vector<HistoryProblem> check_atlas_sum(const Project& project, const std::string& folder) {
  const std::string path = atlas_sum_path(folder);
  if (!project.has(path)) return {};
  std::vector<HistoryProblem> problems;
  const List listed = read_list(project.whole_text(path));
  const List actual = make_list(files_of(project, folder, listed));
  const std::set<std::string_view> listed_names = names_in(listed);
  const std::set<std::string_view> actual_names = names_in(actual);
  for (const Entry& entry : listed.entries) {
    if (actual_names.count(entry.name) != 0) continue;
    const bool there = project.has(path_in(folder, entry.name));
    problems.push_back(
        {HistoryRule::MissingFile,
         path,
         {entry.line.begin, entry.line.begin + static_cast<uint32_t>(entry.name.size())},
         there ? fmt::format("{} names `{}`, which contains `atlas:sum ignore`", kName, entry.name)
               : fmt::format("{} names `{}`, which does not exist", kName, entry.name),
         there ? std::string(kRehash) : fmt::format("restore the file, or {}", kRehash)});
  }
  for (const Entry& entry : actual.entries) {
    if (listed_names.count(entry.name) != 0) continue;
    problems.push_back(
        {HistoryRule::Unlisted,
         path_in(folder, entry.name),
         {0, 0},
         fmt::format("{} does not name this file, so Atlas rejects the folder", kName),
         std::string(kRehash)});
  }
  if (!problems.empty()) return problems;
  // The hash runs on from file to file: of those that differ, the first is the one that was edited.
  for (size_t i = 0; i < listed.entries.size(); ++i) {
    const Entry& entry = listed.entries[i];
    const bool twice = i >= actual.entries.size() || entry.name != actual.entries[i].name;
    if (!twice && entry.hash == actual.entries[i].hash) continue;
    problems.push_back(
        {HistoryRule::Checksum, path, entry.line,
         twice ? fmt::format("{} names `{}` twice", kName, entry.name)
               : fmt::format("`{}` has changed since {} was written, so Atlas rejects the folder",
                             entry.name, kName)});
    return problems;
  }
  if (listed.total != actual.total) {
    problems.push_back(
        {HistoryRule::Checksum, path, listed.total_range,
         fmt::format("the first line of {} does not match the others, so Atlas rejects the folder",
                     kName)});
  }
  return problems;
}

std::string new_atlas_sum(
    const Project& project, const std::string& folder,
    const std::function<std::optional<std::string>(const std::string&)>& changed) {
  const List listed = read_list(project.whole_text(atlas_sum_path(folder)));
  std::vector<File> files = files_of(project, folder, listed);
  for (File& file : files) {
    if (auto text = changed(path_in(folder, file.name))) file.text = std::move(*text);
  }
  const List list = make_list(files);
  std::string out = fmt::format("h1:{}\n", list.total);
  for (const Entry& entry : list.entries) out += fmt::format("{} h1:{}\n", entry.name, entry.hash);
  return out;
}

}  // namespace dsqlint::migrations
