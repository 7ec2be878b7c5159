// Trees in C++ protobuf straight from protobuf-c's, without bytes in between.
#pragma once

#include <protobuf-c/protobuf-c.h>

namespace google::protobuf {
class Arena;
}
namespace pg_query {
class ParseResult;
}

namespace dsqlint {

/// The same as packing `tree`, a PgQuery__ParseResult, and decoding the bytes. Owned by the arena.
/// Null if it contains what pg_query.proto does not know.
const pg_query::ParseResult* build_tree(const ProtobufCMessage& tree,
                                        google::protobuf::Arena& arena);

}  // namespace dsqlint
