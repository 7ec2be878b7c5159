// Changelogs in XML: their tags, and the text between them.
#pragma once

#include <string_view>
#include <vector>

#include "engine/text/source.h"
#include "plugins/migrations/mapped_text.h"

namespace dsqlint::migrations {

struct Tag {
  Range range;
  std::string_view name;  ///< without the namespace's prefix
  bool closing = false;   ///< `</name>`
  bool empty = false;     ///< `<name/>`
};

/// In their order. What stands in comments and CDATA is none.
std::vector<Tag> tags_of(std::string_view text);

/// Takes over the text of an element: without comments and the marks of CDATA, and with the
/// characters that entities stand for.
void copy_element(std::string_view file, Range body, MappedText& to);

}  // namespace dsqlint::migrations
