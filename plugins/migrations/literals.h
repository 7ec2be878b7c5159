// SQL in the string literals of programs, changelogs and operation files.
#pragma once

#include <string_view>
#include <vector>

#include "plugins/migrations/mapped_text.h"
#include "plugins/migrations/tools.h"

namespace dsqlint::migrations {

/// One statement or several that a call sends.
struct SentText {
  Range range;  ///< in Extracted::text
  bool down = false;
  bool apart = false;  ///< the call says that it is in no transaction
  uint32_t own = 0;    ///< which transaction of the program it is in; 0: none
};

struct Extracted {
  MappedText text;
  std::vector<SentText> sent;
  std::vector<Range> unreadable;  ///< calls in the file whose SQL is no literal
  size_t operations = 0;          ///< calls that make SQL which is not in the file
};

Extracted extract(const Tool& tool, std::string_view path, std::string_view file);

}  // namespace dsqlint::migrations
