#include "rules/shared/refusal.h"

#include <fmt/format.h>

#include "fixers/fixers.h"
#include "rules/shared/object_names.h"

namespace dsqlint {
namespace {

struct VerbWords {
  std::string_view past;
  std::string_view infinitive;
};

VerbWords words_of(Verb verb) {
  switch (verb) {
    case Verb::Create:
      return {"created", "create"};
    case Verb::Alter:
    case Verb::Own:
    case Verb::Move:
      return {"altered", "alter"};
    case Verb::Rename:
      return {"renamed", "rename"};
    case Verb::Drop:
      return {"dropped", "drop"};
  }
  return {"used", "use"};
}

}  // namespace

void report_refusal(const Refusal& refusal, Verb verb, pg::ObjectType kind, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const std::string_view noun = object_noun(kind);
  const ObjectPlace place = object_place(tokens, noun);
  const VerbWords words = words_of(verb);
  Diagnostic finding{.range = tokens.range(place.head)};
  finding.message =
      fmt::format("{} cannot be {}", describe_object(tokens, noun, place), words.past);
  const bool acts_on_nothing = verb != Verb::Create && verb != Verb::Alter;
  if (acts_on_nothing) {
    finding.notes.push_back({fmt::format(
        "no such object can exist on Aurora DSQL, so there is nothing to {}", words.infinitive)});
  } else if (!refusal.lost.empty()) {
    finding.notes.push_back({std::string(refusal.lost)});
  } else {
    const std::string name(tokens.text(place.name));
    const std::string table(tokens.text(place.table));
    finding.notes.push_back({std::string(refusal.info.summary)});
    finding.help = fmt::format(fmt::runtime(refusal.help), fmt::arg("name", name),
                               fmt::arg("table", table.empty() ? "the table" : table));
    ctx.report(std::move(finding));
    return;
  }
  finding.fix = Fix{Safety::Review,
                    "remove the statement",
                    {fixers::remove_statement(ctx.source(), ctx.statement())}};
  ctx.report(std::move(finding));
}

}  // namespace dsqlint
