// What becomes of the trees that libpg_query makes: bytes, or whatever a taker makes of them.
#pragma once

#include <protobuf-c/protobuf-c.h>

namespace dsqlint {

/// Makes something of the tree, which is libpg_query's and gone after the call; false: let it be
/// packed.
using TreeTaker = bool (*)(const ProtobufCMessage& tree, void* state);

/// While one stands, the trees that libpg_query would pack on this thread go to `take`; their bytes
/// are then empty. One at a time.
class TakeTrees {
 public:
  TakeTrees(TreeTaker take, void* state);
  ~TakeTrees();
  TakeTrees(const TakeTrees&) = delete;
  TakeTrees& operator=(const TakeTrees&) = delete;
};

}  // namespace dsqlint
