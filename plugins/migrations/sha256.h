// SHA-256, as checksum files of migration tools hold it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace dsqlint::migrations {

/// Takes text in pieces; a copy goes its own way.
class Sha256 {
 public:
  void add(std::string_view text);
  /// Of all that was added so far, in base64.
  std::string base64() const;

 private:
  void block(const unsigned char* bytes);
  std::array<uint8_t, 32> digest() const;

  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> pending_ = {};
  uint64_t size_ = 0;
};

}  // namespace dsqlint::migrations
