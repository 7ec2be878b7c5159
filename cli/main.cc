#include <cstdio>

#include "rules/rules.h"

int main(int argc, char** argv) {
  dsqlint::Linter linter(dsqlint::all_rules(), dsqlint::Config{});
  for (int i = 1; i < argc; ++i) {
    auto source = dsqlint::SourceFile::load(argv[i]);
    if (!source) {
      std::fprintf(stderr, "%s\n", source.error().message.c_str());
      continue;
    }
    for (const auto& f : linter.check(*source).findings) {
      const auto p = (*source)->position(f.range.begin);
      std::printf("%s:%u:%u: %s: %s\n", argv[i], p.line, p.column, std::string(f.rule->id).c_str(),
                  f.message.c_str());
    }
    auto fixed = linter.fix(*source);
    if (fixed && fixed->changed) std::fputs(fixed->text.c_str(), stdout);
  }
}
