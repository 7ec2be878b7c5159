// The histories of a workspace's folders, for front ends that stay with their texts: each file is
// judged as `dsqlint migrations` judges it.
#pragma once

#include "engine/lint/linter.h"
#include "workspace/tool_history.h"

namespace dsqlint::migrations {

/// `others`: as for a Linter of migrations.
FindToolHistories tool_histories(OtherIds others);

}  // namespace dsqlint::migrations
