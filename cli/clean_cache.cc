#include "cli/clean_cache.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "workspace/version.h"
#include "workspace/write_file.h"

namespace dsqlint {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHeader = "dsqlint clean files 1\n";
constexpr size_t kMost = 100'000;
constexpr size_t kKeySize = 2 * sizeof(uint64_t);

/// Two independent sums over words of eight bytes. Against chance, not against an adversary.
struct Sums {
  uint64_t a = 0x9E3779B97F4A7C15ULL;
  uint64_t b = 0xC2B2AE3D27D4EB4FULL;

  void add_word(uint64_t word) {
    a = (a ^ word) * 0xFF51AFD7ED558CCDULL;
    a ^= a >> 32;
    b = (b + word) * 0xC4CEB9FE1A85EC53ULL;
    b ^= b >> 29;
  }
  void add(std::string_view text) {
    add_word(text.size());
    for (; text.size() >= 8; text.remove_prefix(8)) {
      uint64_t word = 0;
      std::memcpy(&word, text.data(), 8);
      add_word(word);
    }
    uint64_t word = 0;
    std::memcpy(&word, text.data(), text.size());
    add_word(word);
  }
};

/// What tells one build of this program from another.
std::string program_identity() {
  struct stat info = {};
  if (::stat("/proc/self/exe", &info) != 0) return kVersion;
  return fmt::format("{} {} {} {}", kVersion, info.st_size, info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec);
}

}  // namespace

std::string CleanCache::default_path() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return std::string(cache) + "/dsqlint/clean";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return std::string(home) + "/.cache/dsqlint/clean";
  return {};
}

CleanCache::CleanCache(std::string path) : path_(std::move(path)), program_(program_identity()) {
  std::ifstream stream(path_, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  if (!text.starts_with(kHeader)) return;
  for (size_t at = kHeader.size(); at + kKeySize <= text.size(); at += kKeySize) {
    Key key;
    std::memcpy(&key.first, text.data() + at, sizeof key.first);
    std::memcpy(&key.second, text.data() + at + sizeof key.first, sizeof key.second);
    known_.insert(key);
  }
}

CleanCache::Key CleanCache::key(std::string_view text, std::string_view configuration) const {
  Sums sums;
  sums.add(program_);
  sums.add(configuration);
  sums.add(text);
  return {sums.a, sums.b};
}

bool CleanCache::knows(const Key& key) {
  const std::lock_guard lock(mutex_);
  if (known_.count(key) == 0) return false;
  seen_.insert(key);
  return true;
}

void CleanCache::add(const Key& key) {
  const std::lock_guard lock(mutex_);
  seen_.insert(key);
  grown_ = known_.insert(key).second || grown_;
}

void CleanCache::save() {
  const std::lock_guard lock(mutex_);
  if (!grown_ || path_.empty()) return;
  std::string text(kHeader);
  for (const Key& key : known_.size() > kMost ? seen_ : known_) {
    text.append(reinterpret_cast<const char*>(&key.first), sizeof key.first);
    text.append(reinterpret_cast<const char*>(&key.second), sizeof key.second);
  }
  std::error_code error;
  fs::create_directories(fs::path(path_).parent_path(), error);
  // A cache that cannot be written is no cache; the run has said all it has to say.
  (void)write_file(path_, text);
}

}  // namespace dsqlint
