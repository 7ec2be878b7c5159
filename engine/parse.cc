// libpg_query in, C++ protobuf tree out.

#include "engine/parse.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <pg_query.h>

#include "engine/ast.h"
#include "engine/stack.h"

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

}  // namespace

Parsed parse_statement(std::string& text, google::protobuf::Arena& arena) {
  Parsed parsed;
  PgQueryProtobufParseResult result = pg_query_parse_protobuf(text.c_str());
  if (result.error != nullptr) {
    parsed.error = to_error(text, *result.error);
  } else {
    auto* tree = google::protobuf::Arena::CreateMessage<pg::ParseResult>(&arena);
    google::protobuf::io::CodedInputStream stream(
        reinterpret_cast<const uint8_t*>(result.parse_tree.data),
        static_cast<int>(result.parse_tree.len));
    stream.SetRecursionLimit(static_cast<int>(kMaxNesting) * 8);
    if (!tree->ParseFromCodedStream(&stream)) {
      parsed.error = SyntaxError{"the parser's tree could not be decoded", 0};
    } else if (tree->stmts_size() == 1) {
      parsed.node = &tree->stmts(0).stmt();
    } else {
      parsed.error = SyntaxError{
          tree->stmts_size() == 0 ? "no statement here" : "more than one statement here", 0};
    }
  }
  pg_query_free_protobuf_parse_result(result);
  return parsed;
}

}  // namespace dsqlint
