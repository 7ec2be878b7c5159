// dsqlint, and dsql-lint when called by that name.

#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "cli/memory.h"
#include "cli/program.h"

int main(int argc, char** argv) {
  dsqlint::keep_freed_memory();
  dsqlint::end_when_out_of_memory();
  // Both come back as errors of the write instead, which then says what has happened.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  std::string_view name = argc > 0 ? argv[0] : "dsqlint";
  name = name.substr(name.rfind('/') + 1);
  try {
    return name == "dsql-lint" ? dsqlint::run_dsql_lint(argc, argv)
                               : dsqlint::run_dsqlint(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s: stopped: %s\n", argv[0], problem.what());
    return 1;
  }
}
