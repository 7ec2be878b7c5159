// Running a command and catching what it says.
#pragma once

#include <string>

#include "engine/text/result.h"

namespace dsqlint {

struct ChildOutput {
  int exit_code = 0;  ///< 128 and the signal's number, when one ended it
  std::string out;
  std::string err;
};

/// Runs `command` by /bin/sh. Standard input is empty.
Result<ChildOutput> run_shell(const std::string& command);

}  // namespace dsqlint
