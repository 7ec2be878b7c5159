// The difference of two texts, as patch and git read it.
#pragma once

#include <string>
#include <string_view>

#include "engine/text/source.h"

namespace dsqlint {

/// Empty when the texts are equal. `path` names the file on both sides, so that `patch -p0` and
/// `git apply -p0` find it.
std::string unified_diff(std::string_view path, std::string_view before, std::string_view after);
/// The same of a text that fixes have made of `before`: lines in its gaps are not compared.
std::string unified_diff(std::string_view path, const SourceFile& before, const SourceFile& after);

}  // namespace dsqlint
