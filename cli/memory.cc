#include "cli/memory.h"

#ifdef DSQLINT_HAS_MIMALLOC
#include <mimalloc.h>
#endif

namespace dsqlint {

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

}  // namespace dsqlint
