#pragma once

namespace dsqlint {

/// The project's version, set by the build.
inline constexpr const char* kVersion = DSQLINT_VERSION;

}  // namespace dsqlint
