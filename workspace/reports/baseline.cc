#include "workspace/reports/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "workspace/reports/contract.h"
#include "workspace/reports/fingerprint.h"
#include "workspace/write_file.h"

namespace dsqlint {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string key_of(const Diagnostic& finding, Fingerprints& fingerprints) {
  return fmt::format("{}:{}", finding.rule->id, fingerprints.of(finding));
}

std::string folder_of(const std::string& path) {
  std::error_code error;
  return fs::weakly_canonical(fs::absolute(path, error), error).parent_path().string();
}

}  // namespace

Baseline Baseline::empty(const std::string& path) {
  Baseline baseline;
  baseline.path_ = path;
  baseline.folder_ = folder_of(path);
  return baseline;
}

Result<Baseline> Baseline::read(const std::string& path) {
  Baseline baseline = empty(path);
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return fail(fmt::format("{}: that is a folder; name the baseline's file", path));
  }
  std::ifstream stream(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  if (!stream) {
    return fail(
        fmt::format("{}: there is no such baseline; create it with --update-baseline", path));
  }
  const Json json = Json::parse(text, nullptr, false);
  const auto broken = [&] {
    return fail(
        fmt::format("{}: this is not a baseline; restore it, or delete it and create it again with "
                    "--update-baseline",
                    path));
  };
  if (!json.is_object() || json.value("version", Json()) != 1 || !json.contains("findings") ||
      !json["findings"].is_object()) {
    return broken();
  }
  for (const auto& [file, counts] : json["findings"].items()) {
    if (!counts.is_object()) return broken();
    for (const auto& [key, count] : counts.items()) {
      if (!count.is_number_integer()) return broken();
      baseline.files_[file][key] = count.get<int>();
    }
  }
  return baseline;
}

Result<void> Baseline::write() const {
  const Json json = {{"version", 1}, {"findings", Json(files_)}};
  return write_file(path_, json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
}

std::string Baseline::name_of(std::string_view absolute_path) const {
  return fs::path(absolute_path).lexically_relative(folder_).string();
}

void Baseline::hide_known(FileReport& report) const {
  const auto file = files_.find(name_of(report.absolute));
  if (file == files_.end() || report.source == nullptr) return;
  Counts left = file->second;
  Fingerprints fingerprints(*report.source);
  std::erase_if(report.findings, [&](Diagnostic& finding) {
    const auto known = left.find(key_of(finding, fingerprints));
    if (known == left.end() || known->second <= 0) return false;
    --known->second;
    report.hidden.push_back({.finding = std::move(finding), .by_baseline = true});
    return true;
  });
}

Baseline::Counts Baseline::count(const FileReport& report) {
  Counts found;
  if (report.source == nullptr) return found;
  Fingerprints fingerprints(*report.source);
  for (const Diagnostic& finding : report.findings) ++found[key_of(finding, fingerprints)];
  return found;
}

void Baseline::set(std::string_view absolute_path, Counts found) {
  if (found.empty()) {
    files_.erase(name_of(absolute_path));
  } else {
    files_[name_of(absolute_path)] = std::move(found);
  }
}

size_t Baseline::prune(std::string_view absolute_path, const Counts& found) {
  const auto file = files_.find(name_of(absolute_path));
  if (file == files_.end()) return 0;
  size_t forgotten = 0;
  for (auto& [key, count] : file->second) {
    const auto now = found.find(key);
    const int left = std::min(count, now == found.end() ? 0 : now->second);
    forgotten += static_cast<size_t>(std::max(0, count - left));
    count = left;
  }
  std::erase_if(file->second, [](const auto& entry) { return entry.second <= 0; });
  if (file->second.empty()) files_.erase(file);
  return forgotten;
}

size_t Baseline::prune_missing_files() {
  size_t forgotten = 0;
  std::erase_if(files_, [&](const auto& file) {
    std::error_code error;
    if (fs::exists(fs::path(folder_) / file.first, error)) return false;
    for (const auto& [key, count] : file.second) forgotten += static_cast<size_t>(count);
    return true;
  });
  return forgotten;
}

}  // namespace dsqlint
