// The border: nothing is thrown across it, and what goes wrong within becomes an answer.

#include "bindings/dsqlint.h"

#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "bindings/answer.h"
#include "engine/parse/stack.h"
#include "plugins/catalogue.h"

struct dsqlint_handle {
  dsqlint::Linters linters;
};

struct dsqlint_result {
  int status;
  const char* text;
  size_t size;
};

namespace {

using dsqlint::bindings::Answer;

struct OwnResult : dsqlint_result {
  std::string owned;
};

constexpr std::string_view kNoMemoryText =
    "{\n  \"error\": {\n    \"kind\": \"memory\",\n    \"message\": \"there is not enough "
    "memory\"\n"
    "  }\n}\n";
/// The one that needs none.
constexpr dsqlint_result kNoMemory = {DSQLINT_ERROR, kNoMemoryText.data(), kNoMemoryText.size()};

dsqlint_result* no_memory() {
  // Nobody writes to a result.
  return const_cast<dsqlint_result*>(&kNoMemory);
}

/// Calls `work`; false when there is no memory for its answer.
template <typename Work>
bool answered(Work&& work, Answer& answer) noexcept {
  try {
    try {
      answer = work();
    } catch (const std::bad_alloc&) {
      return false;
    } catch (const std::exception& problem) {
      answer = dsqlint::bindings::error_answer("internal", problem.what());
    } catch (...) {
      answer = dsqlint::bindings::error_answer("internal", "an unknown exception");
    }
  } catch (...) {
    return false;
  }
  return true;
}

template <typename Work>
dsqlint_result* result_of(Work&& work) noexcept {
  try {
    auto result = std::make_unique<OwnResult>();
    Answer answer;
    bool done = false;
    // One thread for the whole call: with a stack that is big enough for the parser and for the
    // rest, and from which what a library throws comes back.
    dsqlint::run_on_big_stacks(1, [&](unsigned) { done = answered(work, answer); });
    if (!done) return no_memory();
    result->owned = std::move(answer.text);
    result->status = answer.status;
    result->text = result->owned.c_str();
    result->size = result->owned.size();
    return result.release();
  } catch (...) {
    return no_memory();
  }
}

std::string_view view(const char* request, size_t size) {
  return request == nullptr ? std::string_view() : std::string_view(request, size);
}

dsqlint_result* judged(dsqlint_handle* handle, const char* request, size_t size, bool fix) {
  return result_of([&] {
    if (handle == nullptr) return dsqlint::bindings::error_answer("request", "the handle is NULL");
    return dsqlint::bindings::check_or_fix(view(request, size), fix, handle->linters);
  });
}

}  // namespace

extern "C" {

const char* dsqlint_version(void) { return DSQLINT_VERSION; }

dsqlint_handle* dsqlint_open(void) {
  try {
    return new dsqlint_handle{dsqlint::Linters(dsqlint::other_ids_of_files())};
  } catch (...) {
    return nullptr;
  }
}

void dsqlint_close(dsqlint_handle* handle) { delete handle; }

dsqlint_result* dsqlint_check(dsqlint_handle* handle, const char* request, size_t size) {
  return judged(handle, request, size, false);
}

dsqlint_result* dsqlint_fix(dsqlint_handle* handle, const char* request, size_t size) {
  return judged(handle, request, size, true);
}

dsqlint_result* dsqlint_explain(dsqlint_handle* handle, const char* request, size_t size) {
  return result_of([&] {
    if (handle == nullptr) return dsqlint::bindings::error_answer("request", "the handle is NULL");
    return dsqlint::bindings::explain(view(request, size));
  });
}

int dsqlint_status(const dsqlint_result* result) {
  return result == nullptr ? DSQLINT_ERROR : result->status;
}

const char* dsqlint_text(const dsqlint_result* result) {
  return result == nullptr ? "" : result->text;
}

size_t dsqlint_size(const dsqlint_result* result) { return result == nullptr ? 0 : result->size; }

void dsqlint_free(dsqlint_result* result) {
  if (result == nullptr || result == &kNoMemory) return;
  delete static_cast<OwnResult*>(result);
}

}  // extern "C"
