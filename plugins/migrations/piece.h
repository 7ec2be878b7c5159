// Text for RE2.
#pragma once

#include <re2/re2.h>

#include <string_view>

namespace dsqlint::migrations {

/// RE2 has a string view of its own on Debian 12, and Abseil's on 13: neither takes std's.
inline re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace dsqlint::migrations
