// The texts that git has staged, by their path below a folder.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/git_files.h"
#include "engine/text/result.h"

namespace dsqlint {

class StagedTexts {
 public:
  static Result<std::shared_ptr<StagedTexts>> read(const std::string& folder);
  std::vector<std::string> files() const;
  Result<std::string> text(const std::string& path);
  /// Is the staged text another one than the file's?
  bool differs(const std::string& path) const;

 private:
  std::string folder_;
  std::map<std::string, std::string> blobs_;
  std::set<std::string> changed_;  ///< absolute paths
  GitBlobs git_;
};

}  // namespace dsqlint
