// Extensions, and what uses the functions and types they bring.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "fixers/fixers.h"
#include "rules/shared/columns.h"
#include "rules/shared/object_names.h"
#include "rules/shared/refusal.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

constexpr std::string_view kWhy =
    "No extension can be installed. `gen_random_uuid()` is built in; use jsonb for\n"
    "hstore and text with `lower(…)` for citext. Move the rest into the application\n"
    "or a separate service.";

constexpr RuleInfo kCreate{
    .id = "unsupported_create_extension",
    .summary = "extensions are not supported",
    .why = kWhy,
    .bad = "create extension postgis;",
    .fixes = Fixes::Always,
};

constexpr Refusal kAlter{
    .info = {.id = "unsupported_alter_extension",
             .summary = "extensions are not supported",
             .why = kWhy,
             .bad = "alter extension hstore update;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_EXTENSION},
    .lost = "extensions are not supported, so there is nothing to alter",
};

constexpr Refusal kDrop{
    .info = {.id = "unsupported_drop_extension",
             .summary = "extensions are not supported",
             .why = kWhy,
             .bad = "drop extension if exists hstore;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_EXTENSION},
};

constexpr RuleInfo kFunction{
    .id = "extension_function",
    .summary = "a function of an extension, which cannot be installed",
    .why = kWhy,
    .bad = "select uuid_generate_v4();",
    .good = "select gen_random_uuid();",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kType{
    .id = "extension_type_expression",
    .summary = "a type of an extension, which cannot be installed",
    .why =
        "The type does not exist (42704), so a cast to it, and a function that takes or\n"
        "returns it, is refused. Use text compared with `lower(…)` for citext, text for\n"
        "ltree, and jsonb for hstore. A domain of that name in the input is accepted.",
    .bad = "select id from account where email = 'a@b.c'::citext;",
    .good = "select id from account where email = 'a@b.c'::text;",
    .fixes = Fixes::Sometimes,
};

/// Extensions that can be removed, and what replaces them.
struct Dispensable {
  std::string_view name;
  std::string_view note;
};
constexpr std::array<Dispensable, 15> kDispensable = {{
    {"adminpack", "the service manages its servers"},
    {"amcheck", "the service manages its storage"},
    {"btree_gin", "B-tree is the only index method; USING clauses are reported separately"},
    {"btree_gist", "B-tree is the only index method; USING clauses are reported separately"},
    {"citext", "columns of the type are reported separately; compare through `lower(…)`"},
    {"hstore", "columns of the type are reported separately; jsonb has similar operators"},
    {"moddatetime", "triggers are reported separately"},
    {"pg_buffercache", "the service manages its servers"},
    {"pg_prewarm", "the service manages its servers"},
    {"pg_repack", "the service manages its storage"},
    {"pg_stat_statements", "use the service's metrics instead"},
    {"pgcrypto",
     "`gen_random_uuid()` is built in; calls of the other functions are reported separately"},
    {"pgstattuple", "the service manages its storage"},
    {"plpgsql", "functions in PL/pgSQL are reported where they are created"},
    {"uuid-ossp",
     "`gen_random_uuid()` is built in; calls of its functions are reported separately"},
}};

/// What to do about extensions that schemas depend on.
struct Advice {
  std::string_view name;
  std::string_view help;
};
constexpr std::array<Advice, 14> kAdvice = {{
    {"cube", "keep the coordinates in double precision columns and compute in the application"},
    {"dblink", "let the application connect to the other database"},
    {"earthdistance", "keep latitude and longitude in columns and compute in the application"},
    {"fuzzystrmatch", "compare sounds and edit distances in the application"},
    {"ltree", "keep the path in a text column and match it with LIKE 'a.b.%'"},
    {"pg_cron", "run the jobs from a scheduler outside the database"},
    {"pg_partman", "leave tables unpartitioned; the service distributes their rows"},
    {"pg_trgm", "match with LIKE 'prefix%', or send the texts to a search service"},
    {"postgis",
     "keep coordinates in double precision columns or geometries as text, and compute in "
     "the application"},
    {"postgres_fdw", "let the application connect to the other database, or load its rows"},
    {"tablefunc", "write crosstabs with FILTER, and trees with WITH RECURSIVE"},
    {"timescaledb", "use ordinary tables, with the time in their keys"},
    {"unaccent", "store a normalized copy of the text, written by the application"},
    {"vector", "keep the vectors in a vector store, with the key of the row"},
}};

template <typename Row, size_t n>
const Row* find_row(const std::array<Row, n>& rows, std::string_view name) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

void check_create(const pg::CreateExtensionStmt& create, Context& ctx) {
  if (!ctx.parents().empty()) return;
  const Tokens& tokens = ctx.tokens();
  if (!tokens.is(1, "extension")) return;  // CREATE LANGUAGE
  const ObjectPlace place = object_place(tokens, "extension");
  Diagnostic finding{.range = tokens.range(TokenSpan{0, place.name.end})};
  finding.message = fmt::format("extension `{}` cannot be created", create.extname());
  if (const Dispensable* known = find_row(kDispensable, create.extname())) {
    finding.notes.push_back({std::string(known->note)});
    finding.fix = Fix{Safety::Review,
                      "remove the statement",
                      {fixers::remove_statement(ctx.source(), ctx.statement())}};
  } else {
    const Advice* advice = find_row(kAdvice, create.extname());
    finding.notes.push_back({fmt::format(
        "its types, functions and operators do not exist: what uses them has to be rewritten{}{}",
        advice == nullptr ? "" : "; ", advice == nullptr ? "" : advice->help)});
    finding.fix = Fix{Safety::Review,
                      "remove the statement",
                      {fixers::remove_statement(ctx.source(), ctx.statement())}};
  }
  ctx.report(std::move(finding));
}

/// A function that is unmistakably an extension's. Sorted by name.
struct ExtensionFunction {
  std::string_view name;
  std::string_view extension;
  std::string_view replacement = {};  ///< of the whole call
  Safety safety = Safety::Manual;
  std::string_view tell = {};  ///< what changes, or what to do
  /// Set if the name alone could be a user-defined function: then it is the extension's
  /// with this number of arguments, and where an extension would be.
  int arguments = -1;
};
constexpr std::string_view kAsJson = "store the pairs as jsonb, and read them with its functions";
constexpr std::string_view kPaths = "keep the path in a text column and match it with LIKE 'a.b.%'";
constexpr std::string_view kUuid = "gen_random_uuid()";
constexpr std::string_view kNotOrdered =
    "the ids are random instead of based on time and machine, so they no longer sort by age";
constexpr std::string_view kInApplication = "compute it in the application";
constexpr std::string_view kPasswords = "hash and check passwords in the application";
constexpr std::string_view kEncrypt = "encrypt and decrypt in the application";
constexpr std::string_view kSearch = "match with LIKE, or in a search service";
constexpr std::string_view kGeometry = "compute with coordinates in the application";
constexpr std::string_view kVectors = "keep and compare vectors in a vector store";
constexpr std::string_view kArrays = "use `cardinality(…)`, and `unnest(…)` with ORDER BY";
constexpr std::string_view kRemote = "let the application connect to the other database";
constexpr std::array<ExtensionFunction, 93> kFunctions = {{
    {"add_retention_policy",
     "timescaledb",
     {},
     Safety::Manual,
     "delete old rows in batches of at most 3,000, from a scheduler outside"},
    {"addgeometrycolumn", "postgis", {}, Safety::Manual, kGeometry},
    {"akeys", "hstore", {}, Safety::Manual, kAsJson},
    {"armor", "pgcrypto", {}, Safety::Manual, kInApplication},
    {"avals", "hstore", {}, Safety::Manual, kAsJson},
    {"binary_quantize", "vector", {}, Safety::Manual, kVectors, 1},
    {"connectby", "tablefunc", {}, Safety::Manual, "use WITH RECURSIVE"},
    {"cosine_distance", "vector", {}, Safety::Manual, kVectors, 2},
    {"create_hypertable",
     "timescaledb",
     {},
     Safety::Manual,
     "use an ordinary table, with the time in its key"},
    {"crosstab", "tablefunc", {}, Safety::Manual, "write the crosstab with FILTER"},
    {"crosstab2", "tablefunc", {}, Safety::Manual, "write the crosstab with FILTER"},
    {"crosstab3", "tablefunc", {}, Safety::Manual, "write the crosstab with FILTER"},
    {"crosstab4", "tablefunc", {}, Safety::Manual, "write the crosstab with FILTER"},
    {"crypt", "pgcrypto", {}, Safety::Manual, kPasswords, 2},
    {"dblink", "dblink", {}, Safety::Manual, kRemote},
    {"dblink_connect", "dblink", {}, Safety::Manual, kRemote},
    {"dblink_exec", "dblink", {}, Safety::Manual, kRemote},
    {"dearmor", "pgcrypto", {}, Safety::Manual, kInApplication},
    {"decrypt_iv", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"digest",
     "pgcrypto",
     {},
     Safety::Manual,
     "`md5(…)` of text and `sha256(…)`, `sha512(…)` of bytea are built in",
     2},
    {"dmetaphone", "fuzzystrmatch", {}, Safety::Manual, kInApplication},
    {"dmetaphone_alt", "fuzzystrmatch", {}, Safety::Manual, kInApplication},
    {"dropgeometrycolumn", "postgis", {}, Safety::Manual, kGeometry},
    {"dropgeometrytable", "postgis", {}, Safety::Manual, kGeometry},
    {"earth_box", "earthdistance", {}, Safety::Manual, kGeometry},
    {"earth_distance", "earthdistance", {}, Safety::Manual, kGeometry},
    {"encrypt_iv", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"gen_random_bytes",
     "pgcrypto",
     {},
     Safety::Manual,
     "generate random bytes in the application, or `uuid_send(gen_random_uuid())` for sixteen"},
    {"gen_salt", "pgcrypto", {}, Safety::Manual, kPasswords},
    {"geometrytype", "postgis", {}, Safety::Manual, kGeometry, 1},
    {"hmac", "pgcrypto", {}, Safety::Manual, kInApplication, 3},
    {"hstore", "hstore", {}, Safety::Manual, kAsJson},
    {"hstore_to_array", "hstore", {}, Safety::Manual, kAsJson},
    {"hstore_to_json", "hstore", {}, Safety::Manual, kAsJson},
    {"hstore_to_json_loose", "hstore", {}, Safety::Manual, kAsJson},
    {"hstore_to_jsonb", "hstore", {}, Safety::Manual, kAsJson},
    {"hstore_to_jsonb_loose", "hstore", {}, Safety::Manual, kAsJson},
    {"hstore_to_matrix", "hstore", {}, Safety::Manual, kAsJson},
    {"icount", "intarray", {}, Safety::Manual, kArrays, 1},
    {"inner_product", "vector", {}, Safety::Manual, kVectors, 2},
    {"l1_distance", "vector", {}, Safety::Manual, kVectors, 2},
    {"l2_distance", "vector", {}, Safety::Manual, kVectors, 2},
    {"l2_normalize", "vector", {}, Safety::Manual, kVectors, 1},
    {"levenshtein", "fuzzystrmatch", {}, Safety::Manual, kInApplication},
    {"levenshtein_less_equal", "fuzzystrmatch", {}, Safety::Manual, kInApplication},
    {"ll_to_earth", "earthdistance", {}, Safety::Manual, kGeometry},
    {"ltree2text", "ltree", {}, Safety::Manual, kPaths},
    {"metaphone", "fuzzystrmatch", {}, Safety::Manual, kInApplication, 2},
    {"nlevel", "ltree", {}, Safety::Manual, kPaths},
    {"normal_rand", "tablefunc", {}, Safety::Manual, kInApplication},
    {"pgp_armor_headers", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"pgp_key_id", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"pgp_pub_decrypt", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"pgp_pub_decrypt_bytea", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"pgp_pub_encrypt", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"pgp_pub_encrypt_bytea", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"pgp_sym_decrypt", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"pgp_sym_decrypt_bytea", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"pgp_sym_encrypt", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"pgp_sym_encrypt_bytea", "pgcrypto", {}, Safety::Manual, kEncrypt},
    {"populate_geometry_columns", "postgis", {}, Safety::Manual, kGeometry},
    {"postgis_full_version", "postgis", {}, Safety::Manual, kGeometry},
    {"postgis_lib_version", "postgis", {}, Safety::Manual, kGeometry},
    {"postgis_version", "postgis", {}, Safety::Manual, kGeometry},
    {"set_limit", "pg_trgm", {}, Safety::Manual, kSearch, 1},
    {"show_limit", "pg_trgm", {}, Safety::Manual, kSearch, 0},
    {"show_trgm", "pg_trgm", {}, Safety::Manual, kSearch},
    {"similarity", "pg_trgm", {}, Safety::Manual, kSearch, 2},
    {"skeys", "hstore", {}, Safety::Manual, kAsJson},
    {"sort_asc", "intarray", {}, Safety::Manual, kArrays, 1},
    {"sort_desc", "intarray", {}, Safety::Manual, kArrays, 1},
    {"soundex", "fuzzystrmatch", {}, Safety::Manual, kInApplication, 1},
    {"strict_word_similarity", "pg_trgm", {}, Safety::Manual, kSearch},
    {"subltree", "ltree", {}, Safety::Manual, kPaths},
    {"subpath", "ltree", {}, Safety::Manual, kPaths},
    {"svals", "hstore", {}, Safety::Manual, kAsJson},
    {"text2ltree", "ltree", {}, Safety::Manual, kPaths},
    {"time_bucket", "timescaledb", {}, Safety::Manual, "use `date_bin(…)`, which is built in"},
    {"unaccent",
     "unaccent",
     {},
     Safety::Manual,
     "store a normalized copy of the text, written by the application"},
    {"updategeometrysrid", "postgis", {}, Safety::Manual, kGeometry},
    {"uuid_generate_v1", "uuid-ossp", kUuid, Safety::Review, kNotOrdered},
    {"uuid_generate_v1mc", "uuid-ossp", kUuid, Safety::Review, kNotOrdered},
    {"uuid_generate_v3", "uuid-ossp", {}, Safety::Manual, kInApplication},
    {"uuid_generate_v4", "uuid-ossp", kUuid, Safety::Exact, {}},
    {"uuid_generate_v5", "uuid-ossp", {}, Safety::Manual, kInApplication},
    {"uuid_nil", "uuid-ossp", "'00000000-0000-0000-0000-000000000000'::uuid", Safety::Exact, {}},
    {"uuid_ns_dns", "uuid-ossp", "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid", Safety::Exact, {}},
    {"uuid_ns_oid", "uuid-ossp", "'6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid", Safety::Exact, {}},
    {"uuid_ns_url", "uuid-ossp", "'6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid", Safety::Exact, {}},
    {"uuid_ns_x500",
     "uuid-ossp",
     "'6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid",
     Safety::Exact,
     {}},
    {"vector_dims", "vector", {}, Safety::Manual, kVectors, 1},
    {"vector_norm", "vector", {}, Safety::Manual, kVectors, 1},
    {"word_similarity", "pg_trgm", {}, Safety::Manual, kSearch},
}};
static_assert(std::is_sorted(kFunctions.begin(), kFunctions.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));

/// PostGIS has hundreds, all of which begin like this.
constexpr ExtensionFunction kPostgis{"st_", "postgis", {}, Safety::Manual, kGeometry};

/// Extensions whose functions are in a separate schema, by its name.
constexpr std::array<ExtensionFunction, 4> kSchemas = {{
    {"aws_lambda", "aws_lambda", {}, Safety::Manual, "let the application invoke it"},
    {"aws_s3", "aws_s3", {}, Safety::Manual, "let the application read and write the objects"},
    {"cron", "pg_cron", {}, Safety::Manual, "run the jobs from a scheduler outside the database"},
    {"partman",
     "pg_partman",
     {},
     Safety::Manual,
     "leave tables unpartitioned; the service distributes their rows"},
}};

const ExtensionFunction* extension_function(const ObjectName& called, int arguments) {
  if (const ExtensionFunction* schema = find_row(kSchemas, called.schema)) return schema;
  const std::string& name = called.name;
  if (name.size() > kPostgis.name.size() && name.starts_with(kPostgis.name)) return &kPostgis;
  const auto found = std::lower_bound(
      kFunctions.begin(), kFunctions.end(), name,
      [](const ExtensionFunction& row, std::string_view wanted) { return row.name < wanted; });
  if (found == kFunctions.end() || found->name != name) return nullptr;
  if (found->arguments >= 0) {
    const bool theirs =
        called.schema.empty() || called.schema == "public" || called.schema == "extensions";
    if (!theirs || arguments != found->arguments) return nullptr;
  }
  return &*found;
}

void check_call(const pg::FuncCall& call, Context& ctx) {
  const ObjectName called = object_name(call.funcname());
  const std::string& name = called.name;
  // The built-in one, called in the schema where pgcrypto was installed.
  const bool moved =
      name == "gen_random_uuid" && !called.schema.empty() && called.schema != "pg_catalog";
  const ExtensionFunction* known = extension_function(called, call.args_size());
  if (known == nullptr && !moved) return;
  const Tokens& tokens = ctx.tokens();
  const size_t at = ctx.token_at(call.location());
  const TokenSpan span{at, at == Tokens::npos ? 0 : tokens.skip_name(at)};
  Diagnostic finding{.range = span.empty() ? ctx.head() : tokens.range(span),
                     .unless_function_exists = user_function(call.funcname())};
  if (moved) {
    finding.message = fmt::format(
        "`{}` is a built-in function, which does not belong to that schema", tokens.text(span));
  } else {
    finding.message =
        fmt::format("function `{}` belongs to extension `{}`",
                    known->name == called.schema ? to_sql(called) : name, known->extension);
  }
  const std::string_view replacement = moved ? kUuid : known->replacement;
  const Safety safety = moved ? Safety::Exact : known->safety;
  if (!replacement.empty() && !span.empty() && tokens.is_op(span.end, "(") &&
      tokens.is_op(span.end + 1, ")")) {
    if (known != nullptr && !known->tell.empty()) {
      finding.notes.push_back({std::string(known->tell)});
    }
    finding.fix =
        Fix{safety,
            fmt::format("write `{}`", replacement),
            {fixers::replace(tokens, {span.begin, span.end + 2},
                             replacement == kUuid ? match_case(tokens.text(span.begin), kUuid)
                                                  : std::string(replacement))}};
  } else {
    finding.help = safety == Safety::Manual && known != nullptr ? std::string(known->tell)
                                                                : std::string(kInApplication);
  }
  ctx.report(std::move(finding));
}

/// A type that stands in an expression or in a function's signature; those of columns and domains
/// are judged with them.
void report_type(const pg::TypeName& type, Context& ctx) {
  const TypeRef ref = type_ref(type);
  const KnownType* known = known_type(ref);
  if (known == nullptr || known->family != TypeFamily::Extension) return;
  const Tokens& tokens = ctx.tokens();
  const size_t at = ctx.token_at(type.location());
  if (at == Tokens::npos) return;
  const TokenSpan name{at, std::max(tokens.skip_name(at), at + 1)};
  Diagnostic finding{
      .range = tokens.range(name),
      .message = fmt::format("type `{}` belongs to extension `{}`", ref.name, known->extension),
      .unless_type_exists = ref.name,
  };
  if (known->replacement == "text") {
    finding.notes.push_back(
        {known->name == "citext"
             ? "text comparison is case-sensitive: compare `lower(…)` of both sides"
             : "the operators of the extension do not exist: match with LIKE or a regular "
               "expression"});
    finding.fix = Fix{Safety::Review,
                      "write `text`",
                      {fixers::replace(tokens, name, match_case(tokens.text(at), "text"))}};
  } else {
    finding.help =
        known->name == "hstore"
            ? "use jsonb: write the value as JSON, and use `->>` instead of `->`"
            : fmt::format("handle `{}` in the application, or in a specialized store", ref.name);
  }
  ctx.report(std::move(finding));
}

void check_cast(const pg::TypeCast& cast, Context& ctx) { report_type(cast.type_name(), ctx); }

void check_definition(const pg::ColumnDef& column, Context& ctx) {
  if (in_definition_list(ctx)) report_type(column.type_name(), ctx);
}

/// What a function in another language takes does not matter: it goes.
void check_signature(const pg::CreateFunctionStmt& create, Context& ctx) {
  if (create.is_procedure() || function_language(create) != "sql") return;
  for (const pg::TypeName* type : signature_types(create)) report_type(*type, ctx);
}

constexpr auto kRules = join_rules(
    std::array{rule<check_create>(kCreate), rule<check_call>(kFunction), rule<check_cast>(kType),
               rule<check_definition>(kType), rule<check_signature>(kType)},
    refuses<kAlter, pg::AlterExtensionStmt, pg::AlterExtensionContentsStmt,
            pg::AlterObjectSchemaStmt>(),
    refuses<kDrop, pg::DropStmt>());

}  // namespace

std::span<const Rule> extensions() { return kRules; }

}  // namespace dsqlint
