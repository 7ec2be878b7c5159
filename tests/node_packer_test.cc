// Our packer against protobuf-c's, the same bytes, and the trees built without bytes against the
// decoded ones, over statements of all kinds and the corpus.

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <pg_query.h>
#include <protobuf-c/protobuf-c.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/parse/ast.h"
#include "engine/parse/parse.h"
#include "engine/parse/stack.h"
#include "engine/text/source.h"
#include "engine/text/statements.h"
#include "tests/catch.h"

// The linker's names for the two sides, and what libpg_query exports without a header we can use.
extern "C" {
size_t __real_protobuf_c_message_get_packed_size(const ProtobufCMessage* message);
size_t __real_protobuf_c_message_pack(const ProtobufCMessage* message, uint8_t* out);
extern const ProtobufCMessageDescriptor pg_query__parse_result__descriptor;
}

namespace dsqlint {
namespace {

/// Is the tree that was built the one that the bytes hold?
bool same_tree(const std::string& sql, const PgQueryProtobuf& bytes) {
  google::protobuf::Arena arena;
  std::string text = sql;
  const Parsed built = parse_statement(text, arena);
  auto* decoded = google::protobuf::Arena::CreateMessage<pg::ParseResult>(&arena);
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(bytes.data),
                                                static_cast<int>(bytes.len));
  stream.SetRecursionLimit(static_cast<int>(kMaxNesting) * 8);
  if (!decoded->ParseFromCodedStream(&stream)) return false;
  if (decoded->stmts_size() != 1) return built.node == nullptr;
  return built.node != nullptr &&
         built.node->SerializeAsString() == decoded->stmts(0).stmt().SerializeAsString();
}

/// Empty when equal, else a word about the difference; nothing to compare when it does not parse.
std::string difference(const std::string& sql) {
  PgQueryProtobufParseResult ours = pg_query_parse_protobuf(sql.c_str());
  std::string told;
  if (ours.error == nullptr) {
    ProtobufCMessage* message =
        protobuf_c_message_unpack(&pg_query__parse_result__descriptor, nullptr, ours.parse_tree.len,
                                  reinterpret_cast<const uint8_t*>(ours.parse_tree.data));
    if (message == nullptr) {
      told = "does not unpack";
    } else {
      std::string theirs(__real_protobuf_c_message_get_packed_size(message), '\0');
      __real_protobuf_c_message_pack(message, reinterpret_cast<uint8_t*>(theirs.data()));
      if (theirs != std::string(ours.parse_tree.data, ours.parse_tree.len)) told = "other bytes";
      if (!same_tree(sql, ours.parse_tree)) told = "another tree";
      protobuf_c_message_free_unpacked(message, nullptr);
    }
  }
  pg_query_free_protobuf_parse_result(ours);
  return told;
}

TEST_CASE("trees come over whole, as bytes and without", "[node_packer]") {
  const std::vector<std::string> statements = {
      "select 1",
      "select -1, 1.5, 'x', null, true, b'01', x'ff', $1, '' from t where a = any (array[1, -2])",
      "select a.*, (select 1), case when x then 1 else 2 end from a left join b using (c) limit 3",
      "with recursive r as (select 1 union all select n + 1 from r) select * from r for update",
      "create table t (id serial primary key, b text default '' not null check (b <> ''))",
      "alter table t alter column a type numeric(10, -2) using a::numeric, drop column b cascade",
      "create function f(a int default -5) returns int language sql as 'select 1'",
      "insert into t values (1, default), (2, 'y') on conflict (id) do update set a = excluded.a",
      "create index i on t (lower(a) desc nulls last) include (b) where c > 0",
      "grant select (a, b), update on t to public with grant option",
      "begin isolation level serializable read only",
      "set x to 1, 'two', three",
      "copy t from stdin with (format csv, header true)",
      "do $$ begin null; end $$",
      "select json_table(a, '$' columns (b int path '$')) from t",
      "merge into a using b on a.id = b.id when matched then delete",
      "",
      ";;",
  };
  for (const std::string& statement : statements) {
    INFO(statement);
    CHECK(difference(statement) == "");
  }
}

TEST_CASE("trees come over whole over the corpus", "[node_packer]") {
  const char* folder = std::getenv("DSQLINT_CORPUS");
  if (folder == nullptr || !std::filesystem::is_directory(folder)) {
    test::skip("node_packer over the corpus", "there is no DSQLINT_CORPUS");
    return;
  }
  size_t compared = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".sql") continue;
    auto source = SourceFile::load(entry.path().string());
    if (!source) continue;
    Splitter splitter((*source)->text());
    StatementBatch batch;
    while (splitter.next(batch, 1u << 20)) {
      for (const StatementText& statement : batch.statements) {
        const std::string sql((*source)->slice(statement.range));
        if (const std::string told = difference(sql); !told.empty()) FAIL(told + ": " + sql);
        ++compared;
      }
    }
  }
  CHECK(compared > 1000);
}

}  // namespace
}  // namespace dsqlint
