// Files that are known to have no findings, so that a run over many files need not read SQL again.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace dsqlint {

/// Remembers texts by a hash of their bytes, of the configuration they were checked with and of
/// this program: any change of one of them is a new question. Losing the cache costs time only, so
/// nothing about it is an error. Safe to use from several threads.
class CleanCache {
 public:
  /// In the user's cache folder (XDG_CACHE_HOME, else ~/.cache); empty when there is none.
  static std::string default_path();

  explicit CleanCache(std::string path);

  using Key = std::pair<uint64_t, uint64_t>;
  Key key(std::string_view text, std::string_view configuration) const;
  bool knows(const Key& key);
  void add(const Key& key);
  /// Writes what is known, if it has grown. Beyond a hundred thousand, only what this run has seen.
  void save();

 private:
  std::string path_;
  std::string program_;
  std::mutex mutex_;
  std::set<Key> known_;
  std::set<Key> seen_;
  bool grown_ = false;
};

}  // namespace dsqlint
