// Replacing a file at once or not at all.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/text/result.h"

namespace dsqlint {

/// Puts `text` at `path`: a temporary file in the same folder is written, synced and renamed over
/// it, so that at any moment the file has its old or its new text. Follows symbolic links (the link
/// stays), keeps mode and, where allowed, owner. With `unless_changed`, the file must still hold
/// that text; when it already holds `text`, nothing is done. What is no regular file (a pipe,
/// /dev/stdout) is written to as it is.
Result<void> write_file(const std::string& path, std::string_view text,
                        std::optional<std::string_view> unless_changed = std::nullopt);
/// `text` in parts, one after another.
Result<void> write_file(const std::string& path, std::span<const std::string_view> text,
                        std::optional<std::string_view> unless_changed = std::nullopt);

/// The same for a file that must not exist yet: what another has put there meanwhile stays.
Result<void> write_new_file(const std::string& path, std::string_view text);

/// `a.b.sql` → `a.b-fixed.sql`, beside it.
std::string fixed_path(const std::string& path);

/// Do both paths lead to the same file? Of a path that does not exist yet, its folder counts.
bool same_file(const std::string& a, const std::string& b);

/// Does writing to the path mean the file, pipe or terminal that the standard output is?
bool is_standard_output(const std::string& path);

}  // namespace dsqlint
