// Bytes in as a request to the C API: each call answers in JSON, an error has the status of one,
// and what fixing leaves of a document is there.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "bindings/dsqlint.h"

namespace {

using Json = nlohmann::json;

void demand(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

Json answer(dsqlint_result* result) {
  demand(result != nullptr, "there is no result");
  const std::string text(dsqlint_text(result), dsqlint_size(result));
  const int status = dsqlint_status(result);
  dsqlint_free(result);
  demand(text.find('\0') == std::string::npos, "the answer has a NUL");
  Json json = Json::parse(text, nullptr, false);
  demand(!json.is_discarded(), "the answer is not JSON");
  const bool is_error = json.is_object() && json.contains("error");
  demand(is_error == (status == DSQLINT_ERROR), "the status and the answer differ");
  demand(!is_error || json["error"]["kind"] == "request", "an error that is not the caller's");
  return json;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static dsqlint_handle* const handle = dsqlint_open();
  const auto* request = reinterpret_cast<const char*>(data);
  answer(dsqlint_explain(handle, request, size));
  const Json checked = answer(dsqlint_check(handle, request, size));
  const Json fixed = answer(dsqlint_fix(handle, request, size));
  if (checked.contains("error")) return 0;  // of `safe_only`, which only fixing has, too
  demand(!fixed.contains("error"), "what can be checked cannot be fixed");
  demand(checked["files"].size() == fixed["files"].size(), "a document is missing");
  for (const Json& file : fixed["files"]) {
    demand(file["fixed_sql"].is_string() != file["error"].is_string(),
           "a document has neither a text nor an error, or both");
  }
  return 0;
}
