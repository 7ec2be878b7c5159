// What git says has changed, and the texts it holds.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <string>
#include <vector>

#include "engine/text/result.h"

namespace dsqlint {

struct StagedFile {
  std::string path;  ///< absolute, in the working tree
  std::string blob;  ///< git's id of the staged text; empty: the file has conflicts
};

/// The files that are staged (added, changed or renamed); no links, no submodules.
Result<std::vector<StagedFile>> staged_files();
/// What git's index holds at and below a folder; `path` is seen from there.
Result<std::vector<StagedFile>> indexed_files(const std::string& folder);
/// Absolute paths of the files whose text is another one than what is staged.
Result<std::vector<std::string>> unstaged_files();
/// Absolute paths of the files that have changed since the branch left `reference`, those that git
/// does not know yet included.
Result<std::vector<std::string>> files_changed_since(const std::string& reference);

/// Absolute paths of the files that the commit holds.
Result<std::vector<std::string>> files_at(const std::string& reference);

/// The same of the last commit; none where there is no commit yet.
Result<std::vector<std::string>> files_in_last_commit();

/// Texts by their id, from one git process that is started when first asked. Safe to use from
/// several threads.
class GitBlobs {
 public:
  GitBlobs() = default;
  ~GitBlobs();
  GitBlobs(const GitBlobs&) = delete;
  GitBlobs& operator=(const GitBlobs&) = delete;

  /// `path` is for messages.
  Result<std::string> read(const std::string& blob, const std::string& path);

 private:
  Result<void> open();
  bool receive(char* into, size_t count);

  std::mutex mutex_;
  pid_t child_ = 0;
  int questions_ = -1;
  int answers_ = -1;
};

}  // namespace dsqlint
