// The walk against protobuf's own reflection: every node, once, parents first.

#include "engine/parse/walk.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/descriptor.h>

#include <map>

#include "engine/parse/parse.h"
#include "engine/parse/stack.h"
#include "tests/catch.h"

namespace dsqlint {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

using Counts = std::map<std::string, int>;

/// Counts messages below and including `message`, by type; wrappers are looked through.
void count(const Message& message, Counts& counts) {
  if (message.GetDescriptor()->name() != "Node") ++counts[std::string(message.GetTypeName())];
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_repeated()) {
      for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
        count(message.GetReflection()->GetRepeatedMessage(message, field, i), counts);
      }
    } else {
      count(message.GetReflection()->GetMessage(message, field), counts);
    }
  }
}

TEST_CASE("the walk sees every node once, parents first", "[walk]") {
  std::string statements[] = {
      "select a.*, (select max(b) from u where u.x = t.x), case when c then 1 else $1 end from t "
      "left join v using (d) where e = any (array[1, 2]) group by rollup (f) having count(*) > 1 "
      "window w as (partition by g order by h rows 1 preceding) order by 1 desc limit 3 for update",
      "create table t (id serial primary key, b text collate \"C\" default 'x' check (b <> ''), "
      "foreign key (id) references u (a) on delete cascade, exclude using gist (b with &&)) "
      "partition by range (id)",
      "with recursive r as (select 1 union all select n + 1 from r) insert into t select * from r "
      "on conflict (id) do update set b = excluded.b where t.b is not null returning *",
      "create function f(a int = 1) returns table (b int) language sql as 'select 1'",
      "alter table t add column a int, alter b type text using b::text, drop constraint c",
      "grant select (a), insert on t, u to x with grant option",
      "merge into t using u on t.a = u.a when matched then update set b = 1 when not matched then "
      "insert values (1)",
      "select * from json_table(a, '$' columns (b int path '$')), xmltable('x' passing y columns z "
      "int)",
      "create trigger t before update of a on b for each row when (old.* is distinct from new.*) "
      "execute function f()",
      "copy (select 1) to stdout with (format csv)",
  };
  run_on_big_stacks(1, [&](unsigned) {
    for (std::string& sql : statements) {
      INFO(sql);
      google::protobuf::Arena arena;
      const Parsed parsed = parse_statement(sql, arena);
      CHECK(parsed.node != nullptr);
      if (parsed.node == nullptr) continue;
      Counts expected;
      count(*parsed.node, expected);
      Counts walked;
      Walker walker;
      walker.walk(unwrap(*parsed.node), [&](AstRef node, const std::vector<AstRef>& parents) {
        ++walked[std::string(node.message->GetTypeName())];
        if (parents.empty()) return;
        std::vector<AstRef> siblings;
        append_children(parents.back(), siblings);
        bool found = false;
        for (const AstRef& sibling : siblings) found = found || sibling.message == node.message;
        CHECK(found);
      });
      CHECK(walked == expected);
    }
  });
}

TEST_CASE("an empty wrapper has no kind", "[walk]") { CHECK(unwrap(pg::Node()).kind == 0); }

}  // namespace
}  // namespace dsqlint
