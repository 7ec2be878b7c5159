// Errors as values.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace dsqlint {

/// What went wrong outside the SQL: a file that cannot be read, a configuration that does not hold.
/// `message` is one sentence for the user and names the file, the place and the next step.
struct Error {
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace dsqlint
