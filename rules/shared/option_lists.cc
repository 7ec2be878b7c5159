#include "rules/shared/option_lists.h"

#include <algorithm>

#include "fixers/fixers.h"

namespace dsqlint {

std::vector<Edit> remove_listed_option(size_t at, const Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const std::string_view text = ctx.source().text();
  if (!tokens.is_op(at - 1, "(") && !tokens.is_op(at - 1, ",")) {
    const bool only = at + 1 == tokens.size() && tokens.is(at - 1, "with");
    return {fixers::remove(tokens, {only ? at - 1 : at, at + 1}, text)};
  }
  size_t open = at - 1;
  for (size_t depth = 0; !(depth == 0 && tokens.is_op(open, "(")) && open > 0; --open) {
    if (tokens.is_op(open, ")")) ++depth;
    if (tokens.is_op(open, "(")) --depth;
  }
  const size_t close = tokens.close(open);
  if (close == Tokens::npos) return {};
  const std::vector<TokenSpan> elements = tokens.split({open + 1, close});
  if (elements.size() == 1) {
    const size_t begin = tokens.is(open - 1, "with") ? open - 1 : open;
    return {fixers::remove(tokens, {begin, close + 1}, text)};
  }
  const auto own = std::find_if(elements.begin(), elements.end(),
                                [&](TokenSpan element) { return element.begin == at; });
  if (own == elements.end()) return {};
  return fixers::remove_elements(tokens, elements, {static_cast<size_t>(own - elements.begin())},
                                 text);
}

}  // namespace dsqlint
