// One function per message type, generated at build time from the descriptors (generate_ast.cc).

#include "engine/parse/tree_builder.h"

#include <google/protobuf/arena.h>
#include <pg_query/pg_query.pb-c.h>

#include <string>
#include <vector>

#include "engine/parse/ast.h"

namespace dsqlint {
namespace {

/// A message that is still empty. Trees are as deep as the input likes, so nothing recurses.
struct Unfilled {
  const void* from;
  void* to;
  bool (*fill)(const void* from, void* to, std::vector<Unfilled>& pending);
};

using Pending = std::vector<Unfilled>;

bool fill(const PgQuery__Node& from, pg::Node& to, Pending& pending);

/// A Node only wraps another message: that one is put on the list at once.
void add(const PgQuery__Node* from, pg::Node* to, Pending& pending) {
  const auto fail = [](const void*, void*, Pending&) { return false; };
  if (!fill(*from, *to, pending)) pending.push_back({from, to, fail});
}

template <typename From, typename To>
void add(const From* from, To* to, Pending& pending) {
  const auto fill_later = [](const void* source, void* target, Pending& more) {
    return fill(*static_cast<const From*>(source), *static_cast<To*>(target), more);
  };
  pending.push_back({from, to, fill_later});
}

#include "tree_fill.inc"

}  // namespace

const pg::ParseResult* build_tree(const ProtobufCMessage& tree, google::protobuf::Arena& arena) {
  auto* result = google::protobuf::Arena::CreateMessage<pg::ParseResult>(&arena);
  thread_local Pending pending;  // for its memory
  constexpr size_t kKept = 1u << 16;
  if (pending.capacity() > kKept) pending = {};
  pending.clear();
  add(reinterpret_cast<const PgQuery__ParseResult*>(&tree), result, pending);
  while (!pending.empty()) {
    const Unfilled next = pending.back();
    pending.pop_back();
    if (!next.fill(next.from, next.to, pending)) return nullptr;
  }
  return result;
}

}  // namespace dsqlint
