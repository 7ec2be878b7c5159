// How many schemas, tables, views and sequences a database holds, and how long a view may be.

#include <fmt/format.h>

#include <array>

#include "engine/parse/names.h"
#include "rules/shared/refusal.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kSchemas{
    .id = "too_many_schemas",
    .summary = "a database holds at most 10 schemas",
    .why = "`public` and `sys` do not count. Put related objects into one schema.",
    .bad =
        "create schema a; create schema b; create schema c; create schema d; create schema e;\n"
        "create schema f; create schema g; create schema h; create schema i; create schema j;\n"
        "create schema k;",
};

constexpr RuleInfo kTables{
    .id = "too_many_tables",
    .summary = "a database holds at most 1,000 tables",
    .why =
        "Put rows of the same kind into one table, with a column that distinguishes\n"
        "them.",
    .bad = "",
};

constexpr RuleInfo kViews{
    .id = "too_many_views",
    .summary = "a database holds at most 5,000 views",
    .why = "Drop the views that are not used.",
    .bad = "",
};

constexpr RuleInfo kSequences{
    .id = "too_many_sequences",
    .summary = "a database holds at most 5,000 sequences",
    .why = "Each identity column has one. Use uuid keys with `gen_random_uuid()`.",
    .bad = "",
};

constexpr RuleInfo kViewSize{
    .id = "view_definition_size",
    .summary = "the view's definition is long",
    .why =
        "The documented limit of the stored form is 2 MiB; views of more than about 120\n"
        "KiB of text have been seen to fail with `view definition too large`. Split the\n"
        "view, or read lists from a table.",
    .bad = "",
    .severity = Severity::Warning,
};

constexpr uint32_t kSafeViewBytes = 120u << 10;

void check_schema(const pg::CreateSchemaStmt& create, SchemaContext& ctx) {
  const std::string& created = created_schema(create);
  const auto limit = static_cast<size_t>(ctx.engine().limits().schemas);
  size_t known = 0;
  for (const auto& [name, statement] : ctx.schema().schemas()) {
    if (name.name == created) return;  // it counts already
    if (name.name != "public" && name.name != "sys") ++known;
  }
  if (created == "public" || known < limit) return;
  const std::string named =
      created.empty() ? "the user's schema" : "schema `" + quote_identifier(created) + "`";
  ctx.report(
      {.range = ctx.head(),
       .message = fmt::format("{} is number {}; a database can have {}", named, known + 1, limit),
       .help = fmt::format("put the tables of {} into another schema",
                           created.empty() ? named : "`" + quote_identifier(created) + "`")});
}

/// Reports the statement that passes the limit, and none after it: the first says it all.
void report_count(std::string_view noun, const ObjectName& name, uint32_t known, int limit,
                  SchemaContext& ctx) {
  if (known != static_cast<uint32_t>(limit)) return;
  ctx.report({.range = ctx.head(),
              .message = fmt::format("{0} `{1}` is number {2}; a database can have {3} {0}s", noun,
                                     to_sql(name), known + 1, limit),
              .help = fmt::format(
                  "combine several into one {}, or distribute them over several clusters", noun)});
}

void check_table(const pg::CreateStmt& create, SchemaContext& ctx) {
  const ObjectName name = object_name(create.relation());
  if (create.if_not_exists() && ctx.schema().find_table(name) != nullptr) return;
  report_count("table", name, ctx.schema().counts().tables, ctx.engine().limits().tables, ctx);
}
void check_view(const pg::ViewStmt& view, SchemaContext& ctx) {
  const ObjectName name = object_name(view.view());
  if (view.replace() && ctx.schema().find_view(name) != nullptr) return;
  report_count("view", name, ctx.schema().counts().views, ctx.engine().limits().views, ctx);
}
void check_sequence(const pg::CreateSeqStmt& create, SchemaContext& ctx) {
  const ObjectName name = object_name(create.sequence());
  if (create.if_not_exists() && ctx.schema().find_sequence(name) != nullptr) return;
  report_count("sequence", name, ctx.schema().counts().sequences, ctx.engine().limits().sequences,
               ctx);
}

void check_view_size(const pg::ViewStmt& view, Context& ctx) {
  const uint32_t bytes = ctx.statement().range.size();
  if (bytes <= kSafeViewBytes || !ctx.parents().empty()) return;
  ctx.report({.range = ctx.head(),
              .message = fmt::format("view `{}` is {} bytes long; up to {} are known to work",
                                     to_sql(object_name(view.view())), bytes, kSafeViewBytes),
              .help = "split the view, or move its lists of values to a table"});
}

constexpr std::array kRules = {rule<check_schema>(kSchemas), rule<check_table>(kTables),
                               rule<check_view>(kViews), rule<check_sequence>(kSequences),
                               rule<check_view_size>(kViewSize)};

}  // namespace

std::span<const Rule> object_counts() { return kRules; }

}  // namespace dsqlint
