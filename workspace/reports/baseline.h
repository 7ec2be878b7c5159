// Known findings: those of an old code base that new ones are told apart from.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/text/result.h"
#include "workspace/reports/report.h"

namespace dsqlint {

/// How often which finding is known in which file. Files are named relative to the baseline's
/// folder, findings by rule and fingerprint: moved lines and other layout change nothing.
class Baseline {
 public:
  using Counts = std::map<std::string, int, std::less<>>;

  static Result<Baseline> read(const std::string& path);
  /// One without findings, for a file that is to be made.
  static Baseline empty(const std::string& path);
  Result<void> write() const;

  /// Hides the findings of `report` that are known. Safe to call from several threads.
  void hide_known(FileReport& report) const;
  /// The findings of a file as a baseline counts them.
  static Counts count(const FileReport& report);
  /// `found` becomes what is known of the file.
  void set(std::string_view absolute_path, Counts found);
  /// Forgets what is no longer found; returns how many findings that were.
  size_t prune(std::string_view absolute_path, const Counts& found);
  /// Forgets files that are gone; returns how many findings that were.
  size_t prune_missing_files();

 private:
  std::string name_of(std::string_view absolute_path) const;

  std::string path_;
  std::string folder_;
  std::map<std::string, Counts, std::less<>> files_;
};

}  // namespace dsqlint
