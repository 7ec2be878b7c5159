// The gate to the syntax tree: the one place that names the generated protobuf header (143,000
// lines, precompiled). For engine/*.cc and rules/*.cc only.
#pragma once

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "pg_query.pb.h"
#pragma GCC diagnostic pop

namespace dsqlint {

namespace pg = pg_query;

/// The number of `Message` among Node's alternatives.
template <typename Message>
struct NodeCaseOf;

#include "node_cases.inc"

/// A node without its wrapper: which alternative it is, and the message itself.
struct AstRef {
  int kind = 0;  ///< pg::Node::NodeCase
  const google::protobuf::Message* message = nullptr;

  template <typename M>
  const M* as() const {
    return kind == NodeCaseOf<M>::value ? static_cast<const M*>(message) : nullptr;
  }
};

}  // namespace dsqlint
