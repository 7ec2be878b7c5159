// Characters as bytes.
#pragma once

#include <cstdint>
#include <string>

namespace dsqlint {

void append_utf8(std::string& out, uint32_t code);

}  // namespace dsqlint
