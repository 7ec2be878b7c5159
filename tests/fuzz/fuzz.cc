// Bytes in, every promise held: libFuzzer calls this with whatever it finds. A first line
// `-- fixture: engine=2026-08-01`, as fixtures have it, sets the engine's date.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/text/source.h"
#include "tests/support/properties.h"

namespace {

dsqlint::Config config_for(std::string_view text) {
  constexpr std::string_view kSetting = "-- fixture: engine=";
  dsqlint::Config config;
  if (text.starts_with(kSetting)) {
    if (const auto date = dsqlint::parse_date(text.substr(kSetting.size(), 10))) {
      config.engine = dsqlint::Engine(*date);
    }
  }
  return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto source = dsqlint::SourceFile::from_text("fuzz.sql", text);
  if (!source) return 0;  // not a text: told in one sentence, nothing else to hold
  const dsqlint::test::Properties properties =
      dsqlint::test::check_properties(*source, config_for(text));
  for (const std::string& violation : properties.violations) {
    std::fprintf(stderr, "%s\n", violation.c_str());
  }
  if (!properties.violations.empty()) std::abort();
  return 0;
}
