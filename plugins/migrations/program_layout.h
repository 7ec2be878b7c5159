// In which transactions a tool runs the SQL of programs and changelogs, and how these change that.
#pragma once

#include <optional>
#include <string_view>

#include "engine/lint/layout.h"
#include "engine/text/edit.h"
#include "plugins/migrations/literals.h"
#include "plugins/migrations/sections.h"
#include "plugins/migrations/tools.h"

namespace dsqlint::migrations {

/// How the tool runs what was found in `file`.
Layout layout_of(const Tool& tool, const Extracted& extracted, std::string_view file,
                 const SectionOptions& options);

/// Does a program declare that it runs without a transaction?
bool opts_out(const Tool& tool, std::string_view file);

/// What a program declares and the tool refuses where one transaction spans all pending files.
std::optional<Range> refused_override(const Tool& tool, std::string_view file);

/// The edit that makes the program, or the changeset at `place`, declare it; nothing if that is not
/// possible.
std::optional<Edit> opt_out_edit(const Tool& tool, std::string_view file, uint32_t place);

}  // namespace dsqlint::migrations
