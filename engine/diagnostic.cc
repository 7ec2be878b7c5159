#include "engine/diagnostic.h"

#include <tuple>

namespace dsqlint {

Safety safety_of(const Diagnostic& diagnostic) {
  return diagnostic.fix ? diagnostic.fix->safety : Safety::Manual;
}

std::string_view wire_status(Safety safety) {
  switch (safety) {
    case Safety::Exact:
      return "fixed";
    case Safety::Review:
      return "fixed_with_warning";
    case Safety::Manual:
      break;
  }
  return "unfixable";
}

std::string_view severity_word(Severity severity) {
  switch (severity) {
    case Severity::Info:
      return "info";
    case Severity::Warning:
      return "warning";
    case Severity::Error:
      break;
  }
  return "error";
}

bool before(const Diagnostic& a, const Diagnostic& b) {
  const auto key = [](const Diagnostic& d) {
    return std::tuple(d.range.begin, d.range.end, d.rule == nullptr ? "" : d.rule->id,
                      std::string_view(d.message));
  };
  return key(a) < key(b);
}

}  // namespace dsqlint
