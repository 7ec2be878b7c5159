// SQL in the string literals of programs, changelogs and operation files.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/layout.h"
#include "plugins/migrations/mapped_text.h"
#include "plugins/migrations/sections.h"
#include "plugins/migrations/tools.h"

namespace dsqlint::migrations {

/// One statement or several that a call sends.
struct SentText {
  Range range;  ///< in Extracted::text
  bool down = false;
  bool apart = false;  ///< the call says that it is in no transaction
};

struct Extracted {
  MappedText text;
  std::vector<SentText> sent;
  std::vector<Range> unreadable;  ///< calls in the file whose SQL is no literal
  size_t operations = 0;          ///< calls that make SQL which is not in the file
};

Extracted extract(const Tool& tool, std::string_view path, std::string_view file);

/// How the tool runs what was found in `file`.
Layout layout_of(const Tool& tool, const Extracted& extracted, std::string_view file,
                 const SectionOptions& options);

/// Does a program say that it runs without a transaction?
bool opts_out(const Tool& tool, std::string_view file);

/// What makes the program, or the changeset at `place`, say so; nothing where nothing can.
std::optional<Edit> opting_out(const Tool& tool, std::string_view file, uint32_t place);

}  // namespace dsqlint::migrations
