// What happens to a column whose type changes.
#pragma once

#include "engine/lint/rule.h"

namespace dsqlint {

/// Finds INSERT and COPY that rely on the order of columns which an earlier file's change of a type
/// does not keep.
void check_written_by_position(ScriptContext& ctx);

}  // namespace dsqlint
