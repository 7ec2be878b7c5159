// Bytes to lines and columns and back.

#include "engine/text/source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/text/edit.h"
#include "tests/catch.h"

namespace dsqlint {
namespace {

std::shared_ptr<const SourceFile> source_of(std::string text) {
  auto source = SourceFile::from_text("x.sql", std::move(text));
  REQUIRE(source);
  return *source;
}

TEST_CASE("columns count code points or UTF-16 units", "[source]") {
  const auto source = source_of("aé€😀b\r\n\nx");
  const struct {
    uint32_t offset;
    Position code_points;
    Position utf16;
  } cases[] = {
      {0, {1, 1}, {1, 1}},  {1, {1, 2}, {1, 2}},  {3, {1, 3}, {1, 3}},  {6, {1, 4}, {1, 4}},
      {10, {1, 5}, {1, 6}}, {11, {1, 6}, {1, 7}}, {13, {2, 1}, {2, 1}}, {14, {3, 1}, {3, 1}},
      {15, {3, 2}, {3, 2}}, {99, {3, 2}, {3, 2}},
  };
  for (const auto& [offset, code_points, utf16] : cases) {
    INFO(offset);
    CHECK(source->position(offset, Columns::CodePoints) == code_points);
    CHECK(source->position(offset, Columns::Utf16) == utf16);
    if (offset > source->size()) continue;
    CHECK(source->offset(code_points, Columns::CodePoints) == offset);
    CHECK(source->offset(utf16, Columns::Utf16) == offset);
  }
  CHECK(source->line_count() == 3);
  CHECK(source->line_range(1) == Range{0, 11});
  CHECK(source->line_range(2) == Range{13, 13});
  CHECK(source->line_range(3) == Range{14, 15});
  CHECK(source->line_range(9) == Range{15, 15});
  CHECK(source->offset({1, 99}) == 11);
}

TEST_CASE("a byte order mark is no character of the first line", "[source]") {
  const auto source = source_of("\xEF\xBB\xBFselect\n1");
  CHECK(source->position(3) == Position{1, 1});
  CHECK(source->position(5) == Position{1, 3});
  CHECK(source->position(10) == Position{2, 1});
  CHECK(source->line_range(1) == Range{3, 9});
}

TEST_CASE("lines are counted over the blocks of the index", "[source]") {
  std::string text;
  std::vector<uint32_t> starts;
  for (size_t line = 0; line < 3000; ++line) {
    starts.push_back(static_cast<uint32_t>(text.size()));
    text += std::string(line % 17, 'x') + (line % 3 == 0 ? "\r\n" : "\n");
  }
  const auto source = source_of(text);
  CHECK(source->line_count() == 3000);
  for (uint32_t line = 0; line < starts.size(); ++line) {
    REQUIRE(source->position(starts[line]) == Position{line + 1, 1});
    REQUIRE(source->line_range(line + 1).begin == starts[line]);
    REQUIRE(source->line_range(line + 1).size() == line % 17);
  }
}

TEST_CASE("columns are counted over the blocks of the index", "[source]") {
  std::string text = "\xEF\xBB\xBF";
  while (text.size() < 20'000) text += "aé€😀";
  text += "\n";
  while (text.size() < 40'000) text += "é😀b";
  text += "\r\n";
  const auto source = source_of(text);
  CHECK(source->line_range(1).begin == 3);
  CHECK(source->line_range(2).end == text.size() - 2);
  uint32_t line = 1;
  uint32_t characters = 0;
  uint32_t units = 0;
  for (uint32_t i = 3; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c & 0xC0) == 0x80) continue;
    REQUIRE(source->position(i) == Position{line, characters + 1});
    REQUIRE(source->position(i, Columns::Utf16) == Position{line, units + 1});
    ++characters;
    units += c >= 0xF0 ? 2 : 1;
    if (c != '\n') continue;
    ++line;
    characters = units = 0;
  }
}

TEST_CASE("empty texts and final newlines", "[source]") {
  CHECK(source_of("")->line_count() == 0);
  CHECK(source_of("")->position(0) == Position{1, 1});
  CHECK(source_of("")->line_range(1) == Range{0, 0});
  CHECK(source_of("a")->line_count() == 1);
  CHECK(source_of("a\n")->line_count() == 1);
  CHECK(source_of("a\n\n")->line_count() == 2);
  CHECK(source_of("a\n")->position(2) == Position{2, 1});
}

TEST_CASE("files are read or the reason is told", "[source]") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / fmt::format("dsqlint-source-{}", ::getpid());
  fs::create_directories(folder);
  const fs::path path = folder / "a.sql";
  std::ofstream(path, std::ios::binary) << "select 1;\r\n";
  const auto read = SourceFile::load(path.string());
  REQUIRE(read);
  CHECK((*read)->text() == "select 1;\r\n");
  CHECK((*read)->path() == path.string());

  // From 64 MiB on the file is mapped, and says the same.
  const std::string row = "select 'é' as a;\n";
  std::string big;
  while (big.size() < (size_t{64} << 20)) big += row;
  std::ofstream(path, std::ios::binary) << big;
  const auto mapped = SourceFile::load(path.string());
  REQUIRE(mapped);
  (*mapped)->release({0, (*mapped)->size()});
  CHECK((*mapped)->text() == big);
  CHECK((*mapped)->line_count() == big.size() / row.size());

  for (const fs::path& missing : {folder / "none.sql", folder}) {
    const auto failed = SourceFile::load(missing.string());
    REQUIRE(!failed);
    CHECK(failed.error().message.starts_with(missing.string() + ": cannot be read: "));
  }
  fs::remove_all(folder);
}

std::shared_ptr<const SourceFile> joined(std::vector<std::string> texts) {
  std::vector<FilePart> files;
  std::vector<std::shared_ptr<const SourceFile>> sources;
  for (std::string& text : texts) {
    const auto number = static_cast<uint32_t>(files.size());
    files.push_back({fmt::format("{}.sql", number + 1), {}, number});
    sources.push_back(source_of(std::move(text)));
  }
  auto whole = SourceFile::join(std::move(files), sources);
  REQUIRE(whole);
  return *whole;
}

TEST_CASE("joined files keep their places", "[source]") {
  const auto source = joined({"one\ntwo", "",
                              "\xEF\xBB\xBF"
                              "drei\r\nv\xC3\xAD"
                              "er\n"});
  REQUIRE(source->files().size() == 3);
  CHECK(source->slice(source->file_range(0)) == "one\ntwo");
  CHECK(source->file_range(1).empty());
  CHECK(source->file_at(0) == 0);
  CHECK(source->file_at(7) == 0);  // the end of the first
  CHECK(source->file_at(8) == 1);
  CHECK(source->file_at(9) == 2);
  CHECK(source->file_number(2) == 2);
  CHECK(source->position(4) == Position{2, 1});
  CHECK(source->position(12) == Position{1, 1});
  CHECK(source->position(18 + 3) == Position{2, 3});
  CHECK(source->line_around(5) == Range{4, 7});
  CHECK(source->line_around(13) == Range{12, 16});
  CHECK(source->place(18, 12) == "line 2");
  CHECK(source->place(18, 0) == "3.sql:2");
  CHECK(source->place(4, 18) == "1.sql:2");
}

TEST_CASE("a revised text has the same files", "[source]") {
  const auto source = joined({"a;", "b;"});
  const auto revised = source->revised(std::string("long;\n\0c;", 9));
  REQUIRE(revised);
  REQUIRE((*revised)->files().size() == 2);
  CHECK((*revised)->slice((*revised)->file_range(0)) == "long;\n");
  CHECK((*revised)->slice((*revised)->file_range(1)) == "c;");
  CHECK((*revised)->files()[1].path == "2.sql");
  CHECK(!source->revised("a;b;"));
  CHECK(!source->revised(std::string("a;\0b;\0", 6)));
}

std::string numbered_lines(size_t count) {
  std::string lines;
  for (size_t i = 0; i < count; ++i) lines += fmt::format("{}\tr\xC3\xB6w\n", i);
  return lines;
}

TEST_CASE("rows that no edit touches are not copied", "[source]") {
  const std::string rows = numbered_lines(5000);
  const std::string text = "copy t from stdin;\n" + rows + "\\.\nselect 1;\n";
  const auto source = SourceFile::from_text("a.sql", text);
  REQUIRE(source);
  const auto begin = static_cast<uint32_t>(text.find('\n') + 1);
  const Range unread{begin, begin + static_cast<uint32_t>(rows.size())};
  const auto middle = static_cast<uint32_t>(text.find("\n2500\t") + 1);

  EditSet set;
  REQUIRE(set.add(std::vector<Edit>{{{5, 6}, "other"}, {{middle, middle}, "\\.\nagain\n"}}));
  const std::string wanted = edited(text, set);
  const auto fixed = (*source)->revised(set, std::span(&unread, 1));
  REQUIRE(fixed);
  CHECK((*fixed)->size() == wanted.size());
  CHECK((*fixed)->whole_text() == wanted);
  CHECK((*fixed)->text() != wanted);
  const Range gap = (*fixed)->next_gap(0);
  REQUIRE(!gap.empty());
  CHECK((*fixed)->slice(gap) == std::string(gap.size(), '\0'));
  CHECK((*fixed)->stretch(gap.begin) == std::string_view(wanted).substr(gap.begin, gap.size()));
  CHECK((*source)->slice({(*fixed)->gap_source(gap), (*fixed)->gap_source(gap) + gap.size()}) ==
        (*fixed)->stretch(gap.begin));
  CHECK(wanted[gap.begin - 1] == '\n');
  CHECK(wanted[gap.end - 1] == '\n');
  CHECK((*fixed)->next_gap(gap.end).begin > gap.end);

  // Places are those of the whole text.
  const auto whole = SourceFile::from_text("a.sql", wanted);
  for (uint32_t at = 0; at <= wanted.size(); at += 97) {
    INFO(at);
    REQUIRE((*fixed)->position(at) == (*whole)->position(at));
    REQUIRE((*fixed)->position(at, Columns::Utf16) == (*whole)->position(at, Columns::Utf16));
  }
  CHECK((*fixed)->line_count() == (*whole)->line_count());

  // Once more, now with an edit within a gap and one that takes a gap with it.
  const Range second = (*fixed)->next_gap(gap.end);
  EditSet more;
  REQUIRE(more.add(std::vector<Edit>{{{gap.begin + 9000, gap.begin + 9001}, "x"}, {second, ""}}));
  const auto again = (*fixed)->revised(more, {});
  REQUIRE(again);
  CHECK((*again)->whole_text() == edited(wanted, more));
  CHECK(!(*again)->next_gap(0).empty());

  // An edit that brings what stands in a gap has not read it.
  EditSet wrong;
  REQUIRE(wrong.add(std::vector<Edit>{{{0, 0}, std::string((*fixed)->slice(gap))}}));
  CHECK(!(*fixed)->revised(wrong, {}));
}

TEST_CASE("short rows and joined files are copied", "[source]") {
  const std::string rows = numbered_lines(100);
  const auto source = SourceFile::from_text("a.sql", rows);
  const Range unread{0, static_cast<uint32_t>(rows.size())};
  EditSet set;
  REQUIRE(set.add(std::vector<Edit>{{{0, 0}, "x"}}));
  CHECK((*(*source)->revised(set, std::span(&unread, 1)))->text() == "x" + rows);
  const auto files = joined({numbered_lines(5000), "b;"});
  const Range all = files->file_range(0);
  const auto revised = files->revised(set, std::span(&all, 1));
  REQUIRE(revised);
  CHECK((*revised)->next_gap(0).empty());
  CHECK((*revised)->slice((*revised)->file_range(1)) == "b;");
}

TEST_CASE("what is counted eight bytes at a time is counted right", "[source]") {
  const std::string text =
      "a\xC3\xA4\xF0\x9F\x98\x80\x0B\t\v z\xE2\x82\xAC"
      "b";
  std::string lines;
  for (size_t i = 0; i < 40; ++i) lines += text.substr(0, i % 3 == 0 ? 1 : 7) + "\n";
  lines += text;
  const auto source = SourceFile::from_text("a.sql", lines);
  REQUIRE(source);
  Position expected;
  Position wide;
  for (uint32_t i = 0; i < lines.size(); ++i) {
    const auto byte = static_cast<unsigned char>(lines[i]);
    if ((byte & 0xC0) != 0x80) {
      INFO(i);
      REQUIRE((*source)->position(i) == expected);
      REQUIRE((*source)->position(i, Columns::Utf16) == wide);
      ++expected.column;
      wide.column += byte >= 0xF0 ? 2 : 1;
    }
    if (byte == '\n') expected = wide = {expected.line + 1, 1};
  }
}

}  // namespace
}  // namespace dsqlint
