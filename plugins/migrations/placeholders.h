// The values that a tool's configuration gives to placeholders.
#pragma once

#include "plugins/migrations/project.h"
#include "plugins/migrations/run.h"

namespace dsqlint::migrations {

/// Adds the values of the project to those known already, which take precedence.
void read_placeholders(const Project& project, const Tool& tool, Placeholders& placeholders);

}  // namespace dsqlint::migrations
