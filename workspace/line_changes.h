// Which lines of a text another version of it has changed.
#pragma once

#include <string_view>
#include <vector>

#include "engine/text/edit.h"

namespace dsqlint {

/// With their line breaks.
using Lines = std::vector<std::string_view>;
Lines split_lines(std::string_view text);

/// Lines [a0, a1) of the one text have become [b0, b1) of the other.
struct LineChange {
  size_t a0, a1, b0, b1;
};
/// In order; near linear in time, whatever the texts are.
std::vector<LineChange> line_changes(const Lines& a, const Lines& b);

/// Edits of `before` that make `after` of it, and touch no line that both share, nor what the
/// changed lines begin and end with in both.
std::vector<Edit> changed_lines(std::string_view before, std::string_view after);

}  // namespace dsqlint
