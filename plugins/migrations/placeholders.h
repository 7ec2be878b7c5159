// The values that a tool's configuration gives to placeholders.
#pragma once

#include "plugins/migrations/project.h"
#include "plugins/migrations/run.h"

namespace dsqlint::migrations {

/// Adds what the project says to what is known already, which wins.
void read_placeholders(const Project& project, const Tool& tool, Placeholders& placeholders);

}  // namespace dsqlint::migrations
