#include "plugins/migrations/placeholders.h"

#include <re2/re2.h>

#include <vector>

namespace dsqlint::migrations {
namespace {

/// Where values stand: in a file of that name, or with that ending; RE2 with name and value.
struct Setting {
  std::string_view tool;
  std::string_view file;
  std::string_view pattern;
};

constexpr Setting kSettings[] = {
    {"flyway", "flyway.conf", R"re((?m)^\s*flyway\.placeholders\.([\w.\-]+)\s*=[ \t]*(.*?)\s*$)re"},
    {"flyway", "flyway.toml", R"re((?m)^\s*placeholders\.([\w\-]+)\s*=\s*["'](.*?)["'])re"},
    {"liquibase", "liquibase.properties",
     R"re((?m)^\s*parameter\.([\w.\-]+)\s*[=:][ \t]*(.*?)\s*$)re"},
    {"liquibase", ".xml",
     R"re(<(?:\w+:)?property\s[^>]*\bname\s*=\s*["']([^"']+)["'][^>]*\bvalue\s*=\s*["']([^"']*)["'])re"},
    {"liquibase", ".sql", R"re((?m)^\s*--\s*property\s+name:(\S+)\s+value:(\S+))re"},
};

}  // namespace

void read_placeholders(const Project& project, const Tool& tool, Placeholders& placeholders) {
  for (const Setting& setting : kSettings) {
    if (setting.tool != tool.name) continue;
    const RE2 pattern{std::string(setting.pattern)};
    std::vector<std::string> texts;
    for (const std::string& file : project.files()) {
      if (file.ends_with(setting.file)) texts.push_back(project.text(file));
    }
    for (const Project::Above& above : project.above()) {
      if (name_of(above.path) == setting.file) texts.push_back(above.text);
    }
    for (const std::string& text : texts) {
      re2::StringPiece rest(text);
      std::string name;
      std::string value;
      while (RE2::FindAndConsume(&rest, pattern, &name, &value)) {
        placeholders.try_emplace(name, value);
      }
    }
  }
}

}  // namespace dsqlint::migrations
