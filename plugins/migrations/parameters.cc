#include "plugins/migrations/parameters.h"

#include <re2/re2.h>

#include "plugins/migrations/piece.h"

namespace dsqlint::migrations {
namespace {

constexpr std::string_view kName = "placeholder";

/// The end of what `pattern` matches at `begin`; 0 where it does not.
size_t matched(std::string_view text, size_t begin, const RE2& pattern) {
  re2::StringPiece rest = piece(text.substr(begin));
  return RE2::Consume(&rest, pattern) ? text.size() - rest.size() : 0;
}

std::optional<Parameter> percent(std::string_view text, size_t begin) {
  static const RE2 kValue(R"(%(?:\(\w+\))?s)");
  static const RE2 kList(R"((?i)\b(?:in|values)\s*$)");
  if (text.substr(begin, 2) == "%%") return Parameter{begin + 2, "%"};
  const size_t end = matched(text, begin, kValue);
  if (end == 0) return std::nullopt;
  // A tuple is written with its brackets. A few bytes before tell: the search stays short.
  const std::string_view before = text.substr(0, begin).substr(begin < 16 ? 0 : begin - 16);
  const bool list = RE2::PartialMatch(piece(before), kList);
  return Parameter{end, list ? "('placeholder')" : "'placeholder'"};
}

}  // namespace

std::optional<Parameter> parameter_at(std::string_view text, size_t begin, Parameters kind) {
  static const RE2 kIdentifier(R"(:[A-Za-z_]\w*:)");
  static const RE2 kBound(R"(\$[A-Za-z_]\w*)");
  const char c = text[begin];
  if (kind == Parameters::Percent && c == '%') return percent(text, begin);
  if (kind == Parameters::Positions && c == '?') {
    if (text.substr(begin, 2) == "??") return Parameter{begin + 2, kName};
    return Parameter{begin + 1, "$1"};
  }
  if (kind != Parameters::Names || (begin > 0 && text[begin - 1] == c)) return std::nullopt;
  const size_t end = c == ':'   ? matched(text, begin, kIdentifier)
                     : c == '$' ? matched(text, begin, kBound)
                                : 0;
  // `:name::type` casts, `$name$` quotes.
  if (end == 0 || text.substr(end, 1) == text.substr(begin, 1)) return std::nullopt;
  return Parameter{end, c == ':' ? kName : "$1"};
}

}  // namespace dsqlint::migrations
