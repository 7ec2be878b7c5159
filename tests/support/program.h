// Running the real program as a child.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dsqlint::test {

/// A folder that is removed with all that is in it.
class Sandbox {
 public:
  Sandbox();
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  const std::string& path() const { return path_; }
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// Makes the folders in `name` too.
  void write(const std::string& name, std::string_view text) const;
  std::string read(const std::string& name) const;
  bool exists(const std::string& name) const;
  /// Every file below, sorted.
  std::vector<std::string> files() const;

 private:
  std::string path_;
};

enum class In : uint8_t { Text, Terminal };
enum class Out : uint8_t { Captured, FullDevice, ClosedPipe, Terminal };

struct Call {
  std::vector<std::string> arguments;
  std::string program = "dsqlint";  ///< or "dsql-lint": the name it is called by; or a whole path
  std::string folder = {};          ///< where it runs
  std::string input = {};
  In in = In::Text;
  Out out = Out::Captured;
  bool merged = false;  ///< standard error goes where standard output goes, as with `2>&1`
  std::map<std::string, std::string> environment = {};
  rlim_t largest_file = RLIM_INFINITY;
  rlim_t address_space = RLIM_INFINITY;
  uid_t user = 0;  ///< not 0: run as that user, when we are root
};

struct Ended {
  int exit_code = -1;  ///< -1: killed, by a signal or because it took longer than a minute
  std::string out;
  std::string err;
};

Ended run(const Call& call);

}  // namespace dsqlint::test
