// What a run is asked to do.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/diagnostic.h"
#include "engine/engine.h"

namespace dsqlint {

/// Rules by id. An empty `select` means all.
struct Config {
  Engine engine;
  std::set<std::string, std::less<>> select;
  std::set<std::string, std::less<>> ignore;
  std::map<std::string, Severity, std::less<>> severity;
  bool suppressions = true;  ///< obey `dsqlint: ignore` comments
  unsigned threads = 1;      ///< per file; 0: as many as the machine has

  bool enabled(std::string_view rule) const {
    return (select.empty() || select.count(rule) != 0) && ignore.count(rule) == 0;
  }
};

}  // namespace dsqlint
