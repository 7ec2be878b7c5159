// How fast a MySQL dump is translated, against reading and tokenizing the same bytes, and in how
// much memory. `mysql_bench [MEGABYTES]`, or a dump's path.

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "mysql/lexer.h"
#include "mysql/translate.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A dump as mysqldump writes it: extended INSERTs of about 1 MB.
std::string dump(size_t bytes) {
  std::string text = "-- MySQL dump 10.13\n/*!40101 SET NAMES utf8mb4 */;\n";
  for (int table = 0; text.size() < bytes; ++table) {
    text += fmt::format(
        "DROP TABLE IF EXISTS `t{0}`;\nCREATE TABLE `t{0}` (\n"
        "  `id` int unsigned NOT NULL AUTO_INCREMENT,\n  `flag` tinyint(1) NOT NULL DEFAULT '0',\n"
        "  `name` varchar(80) DEFAULT NULL,\n  `price` decimal(10,2) DEFAULT NULL,\n"
        "  `body` text,\n  `raw` varbinary(20) DEFAULT NULL,\n  `made` datetime DEFAULT NULL,\n"
        "  PRIMARY KEY (`id`),\n  KEY `name` (`name`)\n) ENGINE=InnoDB;\nLOCK TABLES `t{0}` "
        "WRITE;\n",
        table);
    int id = 0;
    for (int insert = 0; insert < 4 && text.size() < bytes; ++insert) {
      text += fmt::format("INSERT INTO `t{}` VALUES ", table);
      for (size_t begin = text.size(); text.size() - begin < (size_t{1} << 20);) {
        text += fmt::format(
            "{}({},{},'name {} it\\'s',{}.25,'line one\\nline two of {}',0x0AFF{:02X},"
            "'2020-01-{:02} 10:11:12')",
            text.size() == begin ? "" : ",", id + 1, id % 2, id, id % 900, id, id % 256,
            id % 28 + 1);
        ++id;
      }
      text += ";\n";
    }
    text += "UNLOCK TABLES;\n";
  }
  return text;
}

long peak_megabytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace dsqlint;
  const std::string argument = argc > 1 ? argv[1] : "100";
  const bool number = argument.find_first_not_of("0123456789") == std::string::npos;
  auto source =
      number ? SourceFile::from_text("dump.sql", dump(std::stoul(argument) << 20), Encoding::Bytes)
             : mysql::load(argument);
  if (!source) {
    fmt::print(stderr, "{}\n", source.error().message);
    return 1;
  }
  const double megabytes = static_cast<double>((*source)->size()) / 1e6;
  const long before = peak_megabytes();

  auto begin = Clock::now();
  mysql::Splitter splitter((*source)->text(), {}, false);
  mysql::Statement statement;
  size_t tokens = 0;
  while (splitter.next(statement)) tokens += statement.tokens.size();
  const double reading = seconds_since(begin);

  begin = Clock::now();
  size_t bytes = 0;
  const auto translation =
      mysql::translate(**source, {}, [&](const mysql::Text& piece) { bytes += piece.size(); });
  const double translating = seconds_since(begin);
  fmt::print("{:.1f} MB, {} statements, {} tokens, {:.1f} MB out, {} findings\n", megabytes,
             translation.counts.read, tokens, static_cast<double>(bytes) / 1e6,
             translation.findings.size());
  fmt::print("read and tokenized  {:7.1f} MB/s\n", megabytes / reading);
  fmt::print("translated          {:7.1f} MB/s  {:.1f} times as long\n", megabytes / translating,
             translating / reading);
  fmt::print("memory beside the text: {} MB\n", peak_megabytes() - before);
  return 0;
}
