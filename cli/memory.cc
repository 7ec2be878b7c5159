#include "cli/memory.h"

#include <unistd.h>

#include <cerrno>
#include <new>
#include <string_view>

#ifdef DSQLINT_HAS_MIMALLOC
#include <mimalloc.h>
#endif

namespace dsqlint {
namespace {

[[noreturn]] void stop_without_memory() {
  constexpr std::string_view kWord =
      "stopped: there is not enough memory; split the largest file, or check fewer at once\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kWord.data(), kWord.size());
  ::_exit(1);
}

}  // namespace

void keep_freed_memory() {
#ifdef DSQLINT_HAS_MIMALLOC
  constexpr long kMilliseconds = 10000;
#if MI_MALLOC_VERSION < 210
  mi_option_set_default(mi_option_decommit_delay, kMilliseconds);
#else
  mi_option_set_default(mi_option_purge_delay, kMilliseconds);
#endif
#endif
}

void end_when_out_of_memory() {
  std::set_new_handler(stop_without_memory);
#ifdef DSQLINT_HAS_MIMALLOC
  // Its operator new does not find the handler and aborts, but tells this one before.
  mi_register_error(
      [](int error, void*) {
        if (error == ENOMEM) stop_without_memory();
      },
      nullptr);
#endif
}

}  // namespace dsqlint
