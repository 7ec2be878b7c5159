// What PostgreSQL's catalog says, in rules/expressions/*.inc: only an oracle can ask a server
// whether the rows are true; here, that nobody has touched them since.

#include <filesystem>
#include <string>
#include <string_view>

#include "plugins/migrations/sha256.h"
#include "tests/catch.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

TEST_CASE("rows made from a server's catalog are not edited by hand", "[pg_tables]") {
  constexpr std::string_view kDigest = "// SHA-256 of the lines below: ";
  for (const std::string name : {"pg_types", "pg_functions", "pg_operators", "pg_casts"}) {
    INFO(name);
    const std::filesystem::path folder = DSQLINT_SOURCE_DIR "/rules/expressions";
    const std::string text = read_file((folder / (name + ".inc")).string());
    const size_t digest = text.find(kDigest);
    REQUIRE(digest != std::string::npos);
    const size_t end = text.find('\n', digest);
    REQUIRE(end != std::string::npos);
    migrations::Sha256 sum;
    sum.add(std::string_view(text).substr(end + 1));
    CHECK(text.substr(digest + kDigest.size(), end - digest - kDigest.size()) == sum.base64());
  }
}

}  // namespace
}  // namespace dsqlint::test
