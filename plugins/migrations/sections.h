// From the marks in a migration to what is run, and in which transactions. The text is not cut:
// offsets stay those of the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/layout.h"
#include "plugins/migrations/tools.h"

namespace dsqlint::migrations {

struct SectionOptions {
  bool check_down = false;
  std::optional<Span> span = std::nullopt;  ///< instead of the tool's
  bool no_transaction = false;              ///< set by something outside of the file
  bool down_file = false;                   ///< all of it is down
  bool parted = false;                      ///< see Tool::parts_all
};

/// A mark that the tool would not accept, or would read in another way than it looks.
struct MarkProblem {
  Range range;
  std::string message;
  std::string help;
};

enum class Direction : uint8_t { Up, Down, Ignored };

struct Section {
  Range range;
  Direction direction = Direction::Up;
};

struct Sliced {
  Layout layout;
  std::vector<Section> sections;
  std::vector<MarkProblem> problems;
};

Sliced slice(const Tool& tool, std::string_view text, const SectionOptions& options);

/// The transaction that spans `span` when `tool` runs it.
RunnerTransaction runner_transaction(const Tool& tool, Span span);

}  // namespace dsqlint::migrations
