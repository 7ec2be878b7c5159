// Which room may include from which: what lies above is not known below.

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/catch.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;

struct Room {
  std::string_view folder;
  std::vector<std::string_view> below;  ///< what it may include besides itself
};

const std::array<Room, 16> kRooms = {{
    {"engine/text/", {}},
    {"engine/parse/", {"engine/text/"}},
    {"engine/catalog/", {"engine/parse/", "engine/text/"}},
    {"engine/lint/", {"engine/catalog/", "engine/parse/", "engine/text/"}},
    {"fixers/", {"engine/"}},
    {"mysql/", {"engine/"}},
    {"rules/shared/", {"fixers/", "engine/"}},
    {"rules/expressions/", {"rules/shared/", "fixers/", "engine/"}},
    {"rules/", {"fixers/", "engine/"}},
    {"workspace/reports/", {"workspace/", "engine/"}},
    {"workspace/", {"mysql/", "rules/rules.h", "engine/"}},
    {"plugins/migrations/", {"workspace/", "rules/", "fixers/", "engine/"}},
    {"plugins/", {"workspace/", "mysql/", "rules/", "engine/"}},
    {"bindings/", {"plugins/", "workspace/", "engine/"}},
    {"servers/rpc/", {"engine/text/"}},
    {"servers/lsp/", {"servers/rpc/", "workspace/", "engine/"}},
}};

const Room* room_of(std::string_view path) {
  const auto found = std::find_if(kRooms.begin(), kRooms.end(),
                                  [&](const Room& room) { return path.starts_with(room.folder); });
  return found == kRooms.end() ? nullptr : &*found;
}

/// The project's own headers that a file includes.
std::vector<std::string> includes(const std::string& text) {
  constexpr std::string_view kInclude = "\n#include \"";
  std::vector<std::string> found;
  for (size_t at = text.find(kInclude); at != std::string::npos; at = text.find(kInclude, at)) {
    at += kInclude.size();
    found.push_back(text.substr(at, text.find('"', at) - at));
  }
  return found;
}

TEST_CASE("includes point one way", "[layout]") {
  const fs::path root = DSQLINT_SOURCE_DIR;
  size_t seen = 0;
  for (const std::string_view top :
       {"engine", "fixers", "mysql", "rules", "workspace", "plugins", "servers", "bindings"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cc") continue;
      const std::string path = fs::relative(entry.path(), root).generic_string();
      const Room* room = room_of(path);
      INFO(path);
      REQUIRE(room != nullptr);
      for (const std::string& header : includes("\n" + read_file(entry.path().string()))) {
        if (header.find('/') == std::string::npos) continue;  // generated
        INFO(header);
        ++seen;
        CHECK((header.starts_with(room->folder) ||
               std::any_of(room->below.begin(), room->below.end(),
                           [&](std::string_view below) { return header.starts_with(below); })));
      }
    }
  }
  CHECK(seen > 500);
}

}  // namespace
}  // namespace dsqlint::test
