// What there is to say to a request, as the program would say it.
#pragma once

#include <string>
#include <string_view>

#include "workspace/judge.h"

namespace dsqlint::bindings {

/// JSON, and the status of dsqlint.h.
struct Answer {
  int status = 0;
  std::string text;
};

/// `kind`: see dsqlint.h.
Answer error_answer(std::string_view kind, std::string_view message);

Answer check_or_fix(std::string_view request, bool fix, Linters& linters);
Answer explain(std::string_view request);

}  // namespace dsqlint::bindings
