// libpg_query in, C++ protobuf tree out.

#include "engine/parse/parse.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <pg_query.h>

#include <algorithm>

#include "engine/parse/ast.h"
#include "engine/parse/stack.h"
#ifdef DSQLINT_FAST_PACK
#include "engine/parse/node_packer.h"
#include "engine/parse/tree_builder.h"
#endif

namespace dsqlint {
namespace {

/// libpg_query counts error positions in characters, its trees in bytes.
uint32_t byte_offset(const std::string& text, int character) {
  if (character <= 0) return 0;
  size_t i = 0;
  for (int seen = 1; i < text.size() && seen < character; ++seen) {
    ++i;
    while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) ++i;
  }
  return static_cast<uint32_t>(i);
}

SyntaxError to_error(const std::string& text, const PgQueryError& error) {
  const uint32_t at = byte_offset(text, error.cursorpos);
  return {error.message == nullptr ? "syntax error" : error.message,
          at > kLocationShift ? at - kLocationShift : 0};
}

struct Tree {
  google::protobuf::Arena& arena;
  const pg::ParseResult* result = nullptr;
};

/// A tree that came as bytes.
bool decode(const PgQueryProtobuf& bytes, Tree& tree) {
  auto* message = google::protobuf::Arena::CreateMessage<pg::ParseResult>(&tree.arena);
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(bytes.data),
                                                static_cast<int>(bytes.len));
  stream.SetRecursionLimit(static_cast<int>(kMaxNesting) * 8);
  if (!message->ParseFromCodedStream(&stream)) return false;
  tree.result = message;
  return true;
}

}  // namespace

void empty_comments(std::string& text, std::span<const Range> comments, uint32_t shift) {
  for (size_t i = 0; i < comments.size();) {
    Range chain = comments[i++];
    if (text[chain.begin - shift] != '/') continue;
    while (i < comments.size() && comments[i].begin == chain.end &&
           text[chain.end - shift] == '/') {
      chain.end = comments[i++].end;
    }
    std::fill(text.begin() + (chain.begin - shift + 2), text.begin() + (chain.end - shift - 2),
              ' ');
  }
}

Parsed parse_statement(std::string& text, google::protobuf::Arena& arena) {
  Tree tree{arena};
#ifdef DSQLINT_FAST_PACK
  const TakeTrees taking(
      [](const ProtobufCMessage& message, void* state) {
        auto* taken = static_cast<Tree*>(state);
        taken->result = build_tree(message, taken->arena);
        return taken->result != nullptr;
      },
      &tree);
#endif
  Parsed parsed;
  PgQueryProtobufParseResult result = pg_query_parse_protobuf(text.c_str());
  if (result.error != nullptr) {
    parsed.error = to_error(text, *result.error);
  } else if (tree.result == nullptr && !decode(result.parse_tree, tree)) {
    parsed.error = SyntaxError{"the tree of the parser could not be decoded", 0};
  } else if (tree.result->stmts_size() == 1) {
    parsed.node = &tree.result->stmts(0).stmt();
  } else {
    parsed.error =
        SyntaxError{tree.result->stmts_size() == 0 ? "there is no statement here"
                                                   : "there is more than one statement here",
                    0};
  }
  pg_query_free_protobuf_parse_result(result);
  return parsed;
}

}  // namespace dsqlint
