// Which folders are looked into for migrations, and what is said about them: entries of
// configurations.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/config_file.h"
#include "engine/text/result.h"
#include "plugins/migrations/run.h"
#include "plugins/migrations/survey.h"

namespace dsqlint::migrations {

/// One folder to look into, and what the user has said about it.
struct Request {
  std::string top = ".";
  Wanted wanted = {};
  SectionOptions sections = {};
  Placeholders placeholders = {};
};

/// An error names the tools, or the one that was probably meant.
Result<const Tool*> tool_named(const std::string& name);
/// `statement`, `block`, `file` or `all`.
std::optional<Span> span_named(std::string_view word);
/// "db/" → "db".
std::string without_slash(std::string path);

/// What the configuration lists at or below `top` (absolute; empty: everything), with what `common`
/// says besides. Folders are relative to `here`, or absolute where that is empty.
Result<std::vector<Request>> listed_requests(const ConfigFile& config, const Request& common,
                                             const std::string& top, const std::string& here);

}  // namespace dsqlint::migrations
