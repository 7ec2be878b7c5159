#include "engine/catalog/created_names.h"

#include <array>
#include <string_view>

#include "engine/text/statements.h"

namespace dsqlint {
namespace {

struct Noun {
  std::string_view word;
  CreatedKind kind;
};
constexpr std::array kNouns = {
    Noun{"table", CreatedKind::Relation},    Noun{"view", CreatedKind::Relation},
    Noun{"sequence", CreatedKind::Relation}, Noun{"type", CreatedKind::Type},
    Noun{"domain", CreatedKind::Type},       Noun{"function", CreatedKind::Function},
};

/// Words between CREATE and the noun.
bool is_modifier(const Tokens& tokens, size_t i) {
  constexpr std::array<std::string_view, 9> kWords = {"or",        "replace",   "temp",
                                                      "temporary", "global",    "local",
                                                      "unlogged",  "recursive", "materialized"};
  for (const std::string_view word : kWords) {
    if (tokens.is(i, word)) return true;
  }
  return false;
}

}  // namespace

CreatedNames::CreatedNames(const SourceFile& source) {
  constexpr uint32_t kBatchBytes = 1u << 20;
  Splitter splitter(source);
  StatementBatch batch;
  while (splitter.next(batch, kBatchBytes)) {
    for (const StatementText& statement : batch.statements) {
      const Tokens tokens = batch.tokens_of(statement, source.text());
      if (!tokens.is(0, "create")) continue;
      size_t i = 1;
      while (is_modifier(tokens, i)) ++i;
      for (const Noun& noun : kNouns) {
        if (!tokens.is(i, noun.word)) continue;
        size_t name = i + 1;
        if (tokens.are(name, {"if", "not", "exists"})) name += 3;
        const size_t end = tokens.skip_name(name);
        if (end == name) break;
        ObjectName created{"", tokens.name(end - 1)};
        if (end - name > 2) created.schema = tokens.name(end - 3);
        created_.push_back({noun.kind, std::move(created), statement.range.begin});
        break;
      }
    }
  }
}

std::optional<uint32_t> CreatedNames::find(CreatedKind kind, const ObjectName& name,
                                           uint32_t offset) const {
  for (const Created& created : created_) {
    if (created.offset >= offset && created.kind == kind && created.name.name == name.name &&
        schemas_agree(created.name, name)) {
      return created.offset;
    }
  }
  return std::nullopt;
}

}  // namespace dsqlint
