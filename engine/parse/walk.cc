// The per-type tables, generated at build time from the descriptors (generate_ast.cc).

#include "engine/parse/walk.h"

namespace dsqlint {
namespace {

void append(const pg::Node& node, std::vector<AstRef>& out) {
  const AstRef child = unwrap(node);
  if (child.kind != 0) out.push_back(child);
}

}  // namespace

#include "walk_tables.inc"

}  // namespace dsqlint
