// Whole sessions as golden files: tests/fixtures/cli/<case>/transcript, see FORMAT.md there; those
// with migrations of projects are in tests/fixtures/projects.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/catch.h"
#include "tests/support/program.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const size_t blank = std::min(line.find(' '), line.size());
    if (blank > 0) words.emplace_back(line.substr(0, blank));
    line.remove_prefix(std::min(blank + 1, line.size()));
  }
  return words;
}

std::string with_line_end(std::string text) {
  if (!text.empty() && !text.ends_with('\n')) text += "\n[no line end]\n";
  return text;
}

std::string session(const std::string& command, const Sandbox& box) {
  std::vector<std::string> words = words_of(command);
  REQUIRE(!words.empty());
  if (words[0] == "cat") return with_line_end(box.read(words.at(1)));
  Call call{.program = words[0], .folder = box.path()};
  if (words.size() > 2 && words[words.size() - 2] == "<") {
    call.input = box.read(words.back());
    words.resize(words.size() - 2);
  }
  call.arguments.assign(words.begin() + 1, words.end());
  const Ended ended = run(call);
  std::string text = with_line_end(ended.out);
  if (!ended.err.empty()) text += "[stderr]\n" + with_line_end(ended.err);
  return text + "[exit " + std::to_string(ended.exit_code) + "]\n";
}

TEST_CASE("sessions", "[cli_transcript]") {
  const fs::path folder = fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures";
  std::vector<fs::path> cases;
  for (const char* kind : {"cli", "projects"}) {
    for (const auto& entry : fs::directory_iterator(folder / kind)) {
      if (entry.is_directory()) cases.push_back(entry.path());
    }
  }
  std::sort(cases.begin(), cases.end());
  REQUIRE(!cases.empty());
  for (const fs::path& path : cases) {
    INFO(path.string());
    const Sandbox box;
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.path().filename() != "transcript") {
        fs::copy(entry.path(), box.path(entry.path().filename().string()),
                 fs::copy_options::recursive);
      }
    }
    const std::string known = read_file((path / "transcript").string());
    std::string found;
    for (size_t begin = 0; begin < known.size();) {
      const size_t end = std::min(known.find('\n', begin), known.size());
      const std::string line = known.substr(begin, end - begin);
      begin = end + 1;
      if (!line.starts_with("$ ")) continue;
      if (!found.empty()) found += '\n';
      found += line + '\n' + session(line.substr(2), box);
    }
    if (std::getenv("DSQLINT_UPDATE") != nullptr) {
      std::ofstream(path / "transcript", std::ios::binary) << found;
    } else {
      CHECK(known == found);
    }
  }
}

}  // namespace
}  // namespace dsqlint::test
