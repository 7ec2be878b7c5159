// Catch2 2 and 3 alike.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <cstdio>

namespace dsqlint::test {

/// Says that the case, or a part of it, cannot run here: a line that scripts/test counts.
inline void skip(const char* what, const char* why) {
  std::printf("skipped: %s: %s\n", what, why);
  SUCCEED();  // a case without an assertion is a failure
}

}  // namespace dsqlint::test
