// SQL from the standard input.
#pragma once

#include <memory>
#include <string>

#include "engine/text/source.h"

namespace dsqlint {

/// Reads to the end. `name` stands for the input in messages.
Result<std::shared_ptr<const SourceFile>> read_stdin(std::string name,
                                                     Encoding encoding = Encoding::Utf8);

}  // namespace dsqlint
