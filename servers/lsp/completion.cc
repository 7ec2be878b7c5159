// Ids of rules in the comments that silence them: those of the document's findings first.

#include <set>

#include "servers/lsp/directives.h"
#include "servers/lsp/features.h"

namespace dsqlint::lsp {

rpc::Answer completion(const View& view, const Json& params) {
  const auto asked = asked_document(view, params);
  if (!asked) return tl::unexpected(asked.error());
  const LineIndex lines(asked->source->text(), view.capabilities.encoding);
  const uint32_t offset = lines.offset(required_place(at(params, {"position"})));
  Json items = Json::array();
  const auto slot = view.snapshot.is_sql(asked->name) ? rule_slot_at(*asked->source, offset)
                                                      : std::optional<RuleSlot>();
  if (!slot) return Json{{"isIncomplete", false}, {"items", std::move(items)}};
  const std::shared_ptr<const Judged> judged = view.judge(asked->name);
  if (judged == nullptr) return stopped();
  std::set<std::string_view> found;
  for (const Finding& finding : judged->findings) found.insert(finding.rule);
  const Json range = range_json(lines, slot->word);
  for (const RuleInfo* rule : view.snapshot.state().rules.infos) {
    if (slot->named.count(std::string(rule->id)) != 0) continue;
    const bool is_here = found.count(rule->id) != 0;
    items.push_back({{"label", rule->id},
                     {"kind", 20},  // EnumMember
                     {"detail", rule->summary},
                     {"documentation", {{"kind", "markdown"}, {"value", rule->why}}},
                     {"sortText", (is_here ? "0" : "1") + std::string(rule->id)},
                     {"textEdit", {{"range", range}, {"newText", rule->id}}}});
  }
  return Json{{"isIncomplete", false}, {"items", std::move(items)}};
}

}  // namespace dsqlint::lsp
