// The transactions that a migration tool makes are not in the text: hints show where each begins
// and ends.

#include <fmt/format.h>

#include "servers/lsp/features.h"

namespace dsqlint::lsp {
namespace {

std::string tooltip(const RunnerSpan& span) {
  std::string text = span.subject;
  if (span.message) text += ", made by sending all in one message";
  if (!span.record.empty()) text += "; it ends with " + span.record;
  return text;
}

Json hint(Json position, std::string label, const RunnerSpan& span, bool before) {
  return {{"position", std::move(position)},
          {"label", std::move(label)},
          {"tooltip", tooltip(span)},
          {before ? "paddingRight" : "paddingLeft", true}};
}

}  // namespace

rpc::Answer inlay_hints(const View& view, const Json& params) {
  const auto asked = asked_document(view, params);
  if (!asked) return tl::unexpected(asked.error());
  Json hints = Json::array();
  const auto tool = view.snapshot.tool_history(asked->name);
  if (tool == nullptr) return hints;
  const LineIndex lines(asked->source->text(), view.capabilities.encoding);
  const Json& range = at(params, {"range"});
  const uint32_t begin = lines.offset(required_place(at(range, {"start"})));
  const uint32_t end = lines.offset(required_place(at(range, {"end"})));
  const auto is_asked = [&](uint32_t offset) { return begin <= offset && offset <= end; };
  for (const RunnerSpan& span : tool->transactions(view.snapshot, asked->name)) {
    if (span.begins && is_asked(span.range.begin)) {
      hints.push_back(hint(place_json(lines.place(span.range.begin)),
                           fmt::format("begin ({})", tool->title), span, true));
    }
    if (span.ends && is_asked(span.range.end)) {
      hints.push_back(hint(place_json(lines.place(span.range.end)),
                           fmt::format("commit ({})", tool->title), span, false));
    }
  }
  return hints;
}

}  // namespace dsqlint::lsp
