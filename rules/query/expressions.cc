// What expressions and queries cannot use: text search, geometry, XML, advisory locks, large
// objects, operators of extensions, lastval(), sampling, and syntax newer than PostgreSQL 16.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "fixers/fixers.h"
#include "rules/shared/columns.h"
#include "rules/shared/newer_syntax.h"
#include "rules/shared/option_lists.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kTextSearch{
    .id = "text_search_expression",
    .summary = "full-text search is not supported",
    .why =
        "The types tsvector and tsquery and all functions on them are missing (42704).\n"
        "`LIKE`, `ILIKE` and regular expressions work, without an index; for large\n"
        "texts, use a search service that is fed from the tables.",
    .bad = "select id from t where to_tsvector(body) @@ to_tsquery('cat');",
    .good = "select id from t where body ilike '%cat%';",
    .fixes = Fixes::Sometimes,
    .help = "search with ILIKE or a regular expression, or in a search service fed from the table",
};

constexpr RuleInfo kGeometry{
    .id = "geometric_expression",
    .summary = "geometric types and functions are not supported",
    .why =
        "point, line, lseg, box, path, polygon and circle do not exist, not even in\n"
        "queries. Store a point in two double precision columns, and calculate\n"
        "distances with ordinary arithmetic.",
    .bad = "select point(1, 2);",
    .fixes = Fixes::Sometimes,
    .help = "keep coordinates in double precision columns and calculate with them",
};

constexpr RuleInfo kXml{
    .id = "xml_expression",
    .summary = "XML functions are not supported",
    .why =
        "The syntax is parsed, but the type xml does not exist. Keep XML as text and\n"
        "process it in the application, or keep the data as jsonb.",
    .bad = "select xmlelement(name a, 'b');",
    .fixes = Fixes::Sometimes,
    .help = "create and read XML in the application, or use jsonb",
};

constexpr RuleInfo kAdvisory{
    .id = "advisory_lock",
    .summary = "advisory locks are not supported",
    .why =
        "Transactions never wait for each other. Two transactions that both read a row\n"
        "of a lock table with `FOR UPDATE`, or both change it, conflict: the later one\n"
        "fails at COMMIT with 40001.",
    .bad = "select pg_advisory_xact_lock(17);",
    .help = "change one row of a lock table in the same transaction, and retry on 40001",
};

constexpr RuleInfo kLargeObject{
    .id = "large_object_function",
    .summary = "large objects are not supported",
    .why =
        "There is no pg_largeobject. A bytea value holds up to 1 MiB; keep larger data\n"
        "in an object store, and its address in the table.",
    .bad = "select lo_create(0);",
    .help = "store up to 1 MiB in a bytea column, and larger data in an object store",
};

constexpr RuleInfo kLastval{
    .id = "lastval",
    .summary = "lastval() may be missing",
    .why =
        "The function has been reported missing. `INSERT … RETURNING id` returns the\n"
        "new value at once; `currval` takes the name of the sequence.",
    .bad = "select lastval();",
    .severity = Severity::Warning,
    .help = "use INSERT … RETURNING, or currval with the sequence's name",
};

constexpr RuleInfo kOperator{
    .id = "extension_operator",
    .summary = "the operator belongs to an extension",
    .why =
        "Neither extensions (pgvector, pg_trgm, hstore, ltree, intarray) nor\n"
        "user-defined operators exist, so an operator that PostgreSQL itself does not\n"
        "have is unknown.",
    .bad = "select id from t order by embedding <=> '[1,2]';",
    .fixes = Fixes::Sometimes,
    .help = "calculate it with built-in functions, or in the application",
};

constexpr RuleInfo kSample{
    .id = "tablesample",
    .summary = "TABLESAMPLE is not supported",
    .why =
        "`WHERE random() < 0.01` returns about one row in a hundred; like TABLESAMPLE\n"
        "BERNOULLI it reads all of them.",
    .bad = "select id from t tablesample system (1);",
    .good = "select id from t where random() < 0.01;",
};

using Names = std::span<const std::string_view>;

bool is_in(Names names, std::string_view name) {
  return std::binary_search(names.begin(), names.end(), name);
}

constexpr std::array<std::string_view, 26> kTextSearchFunctions = {"array_to_tsvector",
                                                                   "get_current_ts_config",
                                                                   "json_to_tsvector",
                                                                   "jsonb_to_tsvector",
                                                                   "numnode",
                                                                   "phraseto_tsquery",
                                                                   "plainto_tsquery",
                                                                   "querytree",
                                                                   "setweight",
                                                                   "to_tsquery",
                                                                   "to_tsvector",
                                                                   "ts_debug",
                                                                   "ts_delete",
                                                                   "ts_filter",
                                                                   "ts_headline",
                                                                   "ts_lexize",
                                                                   "ts_parse",
                                                                   "ts_rank",
                                                                   "ts_rank_cd",
                                                                   "ts_rewrite",
                                                                   "ts_stat",
                                                                   "ts_token_type",
                                                                   "tsquery_phrase",
                                                                   "tsvector_to_array",
                                                                   "tsvector_update_trigger",
                                                                   "websearch_to_tsquery"};
constexpr std::array<std::string_view, 14> kGeometricFunctions = {
    "bound_box",  "box",    "circle", "diagonal", "isclosed", "ishorizontal", "isopen",
    "isparallel", "isperp", "lseg",   "npoints",  "pclose",   "point",        "polygon"};
constexpr std::array<std::string_view, 10> kXmlFunctions = {"cursor_to_xml",
                                                            "query_to_xml",
                                                            "table_to_xml",
                                                            "xml_is_well_formed",
                                                            "xml_is_well_formed_content",
                                                            "xml_is_well_formed_document",
                                                            "xmlagg",
                                                            "xmlcomment",
                                                            "xpath",
                                                            "xpath_exists"};
constexpr std::array<std::string_view, 22> kLargeObjectFunctions = {"lo_close",
                                                                    "lo_creat",
                                                                    "lo_create",
                                                                    "lo_export",
                                                                    "lo_from_bytea",
                                                                    "lo_get",
                                                                    "lo_import",
                                                                    "lo_lseek",
                                                                    "lo_lseek64",
                                                                    "lo_open",
                                                                    "lo_put",
                                                                    "lo_tell",
                                                                    "lo_tell64",
                                                                    "lo_truncate",
                                                                    "lo_truncate64",
                                                                    "lo_unlink",
                                                                    "loread",
                                                                    "lowrite",
                                                                    "pg_largeobject_metadata",
                                                                    "pg_lo_read",
                                                                    "pg_lo_write",
                                                                    "pg_read_lo"};
constexpr std::array<std::string_view, 2> kTextSearchTypes = {"tsquery", "tsvector"};
constexpr std::array<std::string_view, 7> kGeometricTypes = {"box",  "circle", "line",   "lseg",
                                                             "path", "point",  "polygon"};
constexpr std::array<std::string_view, 1> kXmlTypes = {"xml"};

constexpr bool is_sorted(Names names) { return std::is_sorted(names.begin(), names.end()); }
static_assert(is_sorted(kTextSearchFunctions) && is_sorted(kGeometricFunctions) &&
              is_sorted(kXmlFunctions) && is_sorted(kLargeObjectFunctions) &&
              is_sorted(kTextSearchTypes) && is_sorted(kGeometricTypes));

constexpr std::string_view kIndexServed =
    "the queries that the index served have to be rewritten or moved too";

/// An index on something that cannot be calculated serves nothing and goes; a unique one also keeps
/// rows apart, which somebody has to think about.
void remove_index(const Context& ctx, Diagnostic& finding) {
  const auto* index = ctx.tree().as<pg::IndexStmt>();
  if (index == nullptr || index->unique()) return;
  finding.notes = {Note{std::string(kIndexServed)}};
  finding.fix = Fix{Safety::Review,
                    "remove the index",
                    {fixers::remove_statement(ctx.source(), ctx.statement())}};
}

void report_call(const pg::FuncCall& call, Context& ctx, std::string help = {},
                 std::string unless_function_exists = {}) {
  const size_t at = ctx.token_at(call.location());
  if (at == Tokens::npos) return;
  const size_t end = std::max(ctx.tokens().skip_name(at), at + 1);
  Diagnostic finding{
      .range = ctx.tokens().range(TokenSpan{at, end}),
      .message = fmt::format("function `{}` is not supported", builtin_name(call.funcname())),
      .help = std::move(help),
      .unless_function_exists = std::move(unless_function_exists)};
  remove_index(ctx, finding);
  ctx.report(std::move(finding));
}

void report_type(const pg::TypeName& name, Context& ctx) {
  const TokenSpan type = type_span(name, ctx);
  if (type.empty()) return;
  Diagnostic finding{.range = ctx.tokens().range(type),
                     .message = fmt::format("type `{}` is not supported, not even in queries",
                                            ctx.tokens().text(type))};
  remove_index(ctx, finding);
  ctx.report(std::move(finding));
}

template <const auto& names>
void check_function(const pg::FuncCall& call, Context& ctx) {
  if (is_in(names, builtin_name(call.funcname())))
    report_call(call, ctx, {}, user_function(call.funcname()));
}

template <const auto& names>
void check_cast(const pg::TypeCast& cast, Context& ctx) {
  if (is_in(names, builtin_name(cast.type_name().names()))) report_type(cast.type_name(), ctx);
}

template <const auto& names>
void check_definition(const pg::ColumnDef& column, Context& ctx) {
  if (is_in(names, builtin_name(column.type_name().names())) && in_definition_list(ctx)) {
    report_type(column.type_name(), ctx);
  }
}

/// Functions in other languages go altogether.
template <const auto& names>
void check_signature(const pg::CreateFunctionStmt& create, Context& ctx) {
  if (create.is_procedure() || function_language(create) != "sql") return;
  for (const pg::TypeName* type : signature_types(create)) {
    if (is_in(names, builtin_name(type->names()))) report_type(*type, ctx);
  }
}

void check_advisory(const pg::FuncCall& call, Context& ctx) {
  const std::string_view name = builtin_name(call.funcname());
  if (!name.starts_with("pg_advisory_") && !name.starts_with("pg_try_advisory_")) return;
  report_call(call, ctx,
              name.find("unlock") == std::string_view::npos ? std::string()
                                                            : "remove it: no lock can be held");
}

void check_lastval(const pg::FuncCall& call, Context& ctx) {
  if (builtin_name(call.funcname()) != "lastval" || call.args_size() != 0) return;
  const size_t at = ctx.token_at(call.location());
  if (at == Tokens::npos) return;
  ctx.report({.range = ctx.tokens().range(TokenSpan{at, ctx.tokens().skip_name(at)})});
}

constexpr std::array<std::string_view, 13> kGeometricOperators = {
    "##", "&<|", "<<|", "<^", ">^", "?#", "?-", "?-|", "?||", "@-@", "|&>", "|>>", "~="};
constexpr std::array<std::string_view, 2> kTextSearchOperators = {"!!", "@@@"};
/// All that PostgreSQL has for types that are there, and those of ranges, which may be.
constexpr std::array<std::string_view, 60> kBuiltInOperators = {
    "!!",  "!~",  "!~*", "!~~", "!~~*", "#",   "#-",   "#>",  "#>>",  "%",   "&",  "&&",
    "&<",  "&>",  "*",   "*<",  "*<=",  "*<>", "*=",   "*>",  "*>=",  "+",   "-",  "->",
    "->>", "-|-", "/",   "<",   "<<",   "<<=", "<=",   "<>",  "<@",   "=",   ">",  ">=",
    ">>",  ">>=", "?",   "?&",  "?|",   "@",   "@>",   "@?",  "@@",   "@@@", "^",  "^@",
    "|",   "|/",  "||",  "||/", "~",    "~*",  "~<=~", "~<~", "~>=~", "~>~", "~~", "~~*"};

std::string_view operator_of(const pg::A_Expr& expr) {
  switch (expr.kind()) {
    case pg::AEXPR_OP:
    case pg::AEXPR_OP_ANY:
    case pg::AEXPR_OP_ALL:
      return builtin_name(expr.name());
    default:
      return {};
  }
}

void report_operator(const pg::A_Expr& expr, Context& ctx) {
  const size_t at = ctx.token_at(expr.location());
  if (at == Tokens::npos) return;
  Diagnostic finding{.range = ctx.tokens().range(at),
                     .message = fmt::format("operator `{}` is not supported", operator_of(expr))};
  remove_index(ctx, finding);
  ctx.report(std::move(finding));
}

void check_geometric_operator(const pg::A_Expr& expr, Context& ctx) {
  const std::string_view name = operator_of(expr);
  if (std::find(kGeometricOperators.begin(), kGeometricOperators.end(), name) !=
      kGeometricOperators.end()) {
    report_operator(expr, ctx);
  }
}

void check_text_search_operator(const pg::A_Expr& expr, Context& ctx) {
  const std::string_view name = operator_of(expr);
  if (is_in(kTextSearchOperators, name)) report_operator(expr, ctx);
}

void check_extension_operator(const pg::A_Expr& expr, Context& ctx) {
  const std::string_view name = operator_of(expr);
  if (name.empty()) return;
  const auto is = [&](Names names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!is(kBuiltInOperators) && !is(kGeometricOperators)) report_operator(expr, ctx);
}

void check_xml(const pg::XmlExpr& xml, Context& ctx) {
  const size_t at = ctx.token_at(xml.location());
  ctx.report({.range = at == Tokens::npos ? ctx.head() : ctx.tokens().range(at)});
}

void check_xml_serialize(const pg::XmlSerialize& xml, Context& ctx) {
  const size_t at = ctx.token_at(xml.location());
  ctx.report({.range = at == Tokens::npos ? ctx.head() : ctx.tokens().range(at)});
}

void check_xml_table(const pg::RangeTableFunc& table, Context& ctx) {
  const size_t at = ctx.token_at(table.location());
  ctx.report({.range = at == Tokens::npos ? ctx.head() : ctx.tokens().range(at)});
}

/// `random() < p` for TABLESAMPLE method (percent).
std::string sample_help(const pg::RangeTableSample& sample) {
  std::string share = "0.01";
  if (sample.args_size() == 1) {
    const pg::Node& argument = sample.args(0);
    double percent = -1;
    if (const auto whole = integer_value(argument)) {
      percent = static_cast<double>(*whole);
    } else if (argument.node_case() == pg::Node::kAConst && argument.a_const().has_fval()) {
      percent = std::strtod(argument.a_const().fval().fval().c_str(), nullptr);
    }
    if (percent > 0 && percent <= 100) share = fmt::format("{}", percent / 100);
  }
  return fmt::format("remove it, and add `random() < {}` to the WHERE clause of the query", share);
}

void check_sample(const pg::RangeTableSample& sample, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  size_t at = ctx.token_at(sample.location());
  if (at == Tokens::npos) return;
  if (!tokens.is(at, "tablesample") && at > 0 && tokens.is(at - 1, "tablesample")) --at;
  ctx.report({.range = tokens.range(at), .help = sample_help(sample)});
}

Diagnostic newer(Range range, std::string_view what, int version, std::string_view instead) {
  return {.range = range,
          .message = fmt::format(
              "`{}` was added in PostgreSQL {}; Aurora DSQL is compatible with PostgreSQL 16", what,
              version),
          .help = std::string(instead)};
}

void report_newer(int location, std::string_view instead, Context& ctx, int version = 17) {
  const size_t at = ctx.token_at(location);
  if (at == Tokens::npos) return;
  ctx.report(newer(ctx.tokens().range(at), ctx.tokens().text(at), version, instead));
}

void check_json_table(const pg::JsonTable& json, Context& ctx) {
  report_newer(json.location(), "use `jsonb_to_recordset` or `jsonb_path_query`", ctx);
}
void check_json_function(const pg::JsonFuncExpr& json, Context& ctx) {
  report_newer(json.location(), "use `jsonb_path_query_first`, `jsonb_path_exists`, `->` or `->>`",
               ctx);
}
void check_json_scalar(const pg::JsonScalarExpr& json, Context& ctx) {
  report_newer(json.location(), "use `to_json`", ctx);
}
void check_json_serialize(const pg::JsonSerializeExpr& json, Context& ctx) {
  report_newer(json.location(), "cast to text", ctx);
}
void check_json_parse(const pg::JsonParseExpr& json, Context& ctx) {
  report_newer(json.location(), "cast to json", ctx);
}

void check_at_local(const pg::FuncCall& call, Context& ctx) {
  // The grammar gives it no place, unlike a call of timezone().
  if (ctx.token_at(call.location()) != Tokens::npos || call.args_size() != 1 ||
      builtin_name(call.funcname()) != "timezone") {
    return;
  }
  const Tokens& tokens = ctx.tokens();
  size_t at = 0;
  while (at < tokens.size() && !tokens.are(at, {"at", "local"})) ++at;
  ctx.report(newer(at < tokens.size() ? tokens.range(TokenSpan{at, at + 2}) : ctx.head(),
                   "AT LOCAL", 17, "use `AT TIME ZONE current_setting('timezone')`"));
}

/// An option that a later version brought, with what its removal changes.
void report_newer_option(const pg::DefElem& option, int version, Safety safety,
                         std::string_view note, Context& ctx) {
  const size_t at = ctx.token_at(option.location());
  if (at == Tokens::npos || at == 0) return;
  Diagnostic finding =
      newer(ctx.tokens().range(at), ctx.tokens().text(at), version, "remove the option");
  std::vector<Edit> edits = remove_listed_option(at, ctx);
  if (!edits.empty()) {
    finding.notes.push_back({std::string(note)});
    finding.help.clear();
    finding.fix = Fix{safety, "remove the option", std::move(edits)};
  }
  ctx.report(std::move(finding));
}

void check_copy_option(const pg::CopyStmt& copy, Context& ctx) {
  constexpr std::string_view kBadRows =
      "a row that cannot be read ends COPY: correct or remove such rows before";
  for (const pg::Node& node : copy.options()) {
    const pg::DefElem& option = node.def_elem();
    const std::string& name = option.defname();
    if (name == "on_error") {
      report_newer_option(option, 17, Safety::Review, kBadRows, ctx);
    } else if (name == "reject_limit") {
      report_newer_option(option, 18, Safety::Review, kBadRows, ctx);
    } else if (name == "log_verbosity") {
      report_newer_option(option, 17, Safety::Exact, "only messages differ", ctx);
    } else if ((name == "force_null" || name == "force_not_null") && option.arg().has_a_star()) {
      report_newer(option.location(), "name the columns instead of `*`", ctx);
    }
  }
}

void check_explain_option(const pg::ExplainStmt& explain, Context& ctx) {
  for (const pg::Node& node : explain.options()) {
    const pg::DefElem& option = node.def_elem();
    if (option.defname() == "memory" || option.defname() == "serialize") {
      report_newer_option(option, 17, Safety::Exact, "the plan is the same", ctx);
    }
  }
}

struct NewerFunction {
  std::string_view name;
  int version;
  int arguments;  ///< -1: any number
  std::string_view instead;
};
constexpr std::string_view kInApplication = "calculate it in the application";
constexpr std::array<NewerFunction, 21> kNewerFunctions = {{
    {"array_reverse", 18, 1,
     "write `array(select x from unnest(a) with ordinality as u(x, i) order by i desc)`"},
    {"array_sort", 18, -1, "write `array(select x from unnest(a) as u(x) order by x)`"},
    {"casefold", 18, 1, "use `lower(…)`"},
    {"crc32", 18, 1, kInApplication},
    {"crc32c", 18, 1, kInApplication},
    {"gamma", 18, 1, kInApplication},
    {"icu_unicode_version", 17, 0, "remove the call"},
    {"json_strip_nulls", 18, 2, "remove the second argument; nulls in arrays are kept"},
    {"jsonb_strip_nulls", 18, 2, "remove the second argument; nulls in arrays are kept"},
    {"lgamma", 18, 1, kInApplication},
    {"pg_basetype", 17, 1, "read `typbasetype` of `pg_type`"},
    {"random", 17, 2, "write `floor(random() * (high - low + 1)) + low`"},
    {"to_bin", 17, 1, "use `to_hex(…)`, or format the number in the application"},
    {"to_oct", 17, 1, "use `to_hex(…)`, or format the number in the application"},
    {"to_regtypemod", 17, 1, "read the modifier from `format_type(…)`"},
    {"unicode_assigned", 17, 1, "check the text in the application"},
    {"unicode_version", 17, 0, "remove the call"},
    {"uuid_extract_timestamp", 17, 1, "keep the time in a separate column"},
    {"uuid_extract_version", 17, 1, "take the version from the text: `substr(id::text, 15, 1)`"},
    {"uuidv4", 18, 0, "use `gen_random_uuid()`"},
    {"uuidv7", 18, -1, "use `gen_random_uuid()`, and keep the time in a separate column"},
}};
static_assert(std::is_sorted(kNewerFunctions.begin(), kNewerFunctions.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));

void check_newer_function(const pg::FuncCall& call, Context& ctx) {
  const std::string_view name = builtin_name(call.funcname());
  const auto known = std::lower_bound(
      kNewerFunctions.begin(), kNewerFunctions.end(), name,
      [](const NewerFunction& row, std::string_view wanted) { return row.name < wanted; });
  if (known == kNewerFunctions.end() || known->name != name ||
      (known->arguments >= 0 && call.args_size() != known->arguments)) {
    return;
  }
  const Tokens& tokens = ctx.tokens();
  const size_t at = ctx.token_at(call.location());
  if (at == Tokens::npos) return;
  const TokenSpan written{at, std::max(tokens.skip_name(at), at + 1)};
  Diagnostic finding = newer(tokens.range(written), name, known->version, known->instead);
  finding.unless_function_exists = user_function(call.funcname());
  const bool no_arguments = tokens.is_op(written.end, "(") && tokens.is_op(written.end + 1, ")");
  if (name.starts_with("uuidv") && no_arguments) {
    const bool ordered = name == "uuidv7";
    constexpr std::string_view kRandom = "gen_random_uuid()";
    if (ordered) {
      finding.notes.push_back(
          {fmt::format("`{}` does not sort by age; on Aurora DSQL random keys "
                       "spread the load",
                       kRandom)});
    }
    finding.help.clear();
    finding.fix = Fix{ordered ? Safety::Review : Safety::Exact,
                      fmt::format("write `{}`", kRandom),
                      {fixers::replace(tokens, {written.begin, written.end + 2},
                                       match_case(tokens.text(at), kRandom))}};
  }
  ctx.report(std::move(finding));
}

using Nodes = google::protobuf::RepeatedPtrField<pg::Node>;

/// Is `name` the table of a statement, or one that its FROM or USING brings?
bool is_table_name(std::string_view name, const pg::RangeVar& relation, const Nodes& others) {
  const auto is_called = [&](const pg::RangeVar& table) {
    return (table.has_alias() ? table.alias().aliasname() : table.relname()) == name;
  };
  if (is_called(relation)) return true;
  std::vector<const pg::Node*> open;
  for (const pg::Node& other : others) open.push_back(&other);
  while (!open.empty()) {
    const pg::Node& item = *open.back();
    open.pop_back();
    switch (item.node_case()) {
      case pg::Node::kRangeVar:
        if (is_called(item.range_var())) return true;
        break;
      case pg::Node::kRangeSubselect:
        if (item.range_subselect().alias().aliasname() == name) return true;
        break;
      case pg::Node::kRangeFunction:
        if (item.range_function().alias().aliasname() == name) return true;
        break;
      case pg::Node::kJoinExpr:
        if (item.join_expr().alias().aliasname() == name) return true;
        open.push_back(&item.join_expr().larg());
        open.push_back(&item.join_expr().rarg());
        break;
      default:
        break;
    }
  }
  return false;
}

/// `old.x` and `new.x` in RETURNING: the first that names no table.
void judge_returning(const pg::RangeVar& relation, const Nodes& others, const Nodes& returning,
                     Context& ctx) {
  if (returning.empty()) return;
  for (const AstRef parent : ctx.parents()) {
    if (parent.as<pg::RuleStmt>() != nullptr) return;  // there they are the rule's own
  }
  const Tokens& tokens = ctx.tokens();
  size_t depth = 0;
  for (size_t i = ctx.token_at(returning[0].res_target().location()); i < tokens.size(); ++i) {
    if (tokens.is_op(i, "(")) {
      const size_t close =
          tokens.is(i + 1, "select") || tokens.is(i + 1, "with") ? tokens.close(i) : Tokens::npos;
      if (close == Tokens::npos) {
        ++depth;
      } else {
        i = close;  // a query has tables of its own
      }
    } else if (tokens.is_op(i, ";") || (tokens.is_op(i, ")") && depth-- == 0)) {
      return;
    }
    const bool old = tokens.is(i, "old");
    if ((!old && !tokens.is(i, "new")) || !tokens.is_op(i + 1, ".") || tokens.is_op(i - 1, ".") ||
        is_table_name(old ? "old" : "new", relation, others)) {
      continue;
    }
    ctx.report(newer(tokens.range(TokenSpan{i, tokens.skip_name(i)}),
                     old ? "RETURNING old" : "RETURNING new", 18,
                     old ? "read the row before it is changed, in the same transaction"
                         : "use the bare column name: RETURNING returns the row after the change"));
    return;
  }
}

void check_insert(const pg::InsertStmt& insert, Context& ctx) {
  judge_returning(insert.relation(), {}, insert.returning_list(), ctx);
}
void check_update(const pg::UpdateStmt& update, Context& ctx) {
  judge_returning(update.relation(), update.from_clause(), update.returning_list(), ctx);
}
void check_delete(const pg::DeleteStmt& removal, Context& ctx) {
  judge_returning(removal.relation(), removal.using_clause(), removal.returning_list(), ctx);
}

constexpr std::array kRules = {
    rule<check_function<kTextSearchFunctions>>(kTextSearch),
    rule<check_cast<kTextSearchTypes>>(kTextSearch),
    rule<check_definition<kTextSearchTypes>>(kTextSearch),
    rule<check_signature<kTextSearchTypes>>(kTextSearch),
    rule<check_text_search_operator>(kTextSearch),
    rule<check_function<kGeometricFunctions>>(kGeometry),
    rule<check_cast<kGeometricTypes>>(kGeometry),
    rule<check_definition<kGeometricTypes>>(kGeometry),
    rule<check_signature<kGeometricTypes>>(kGeometry),
    rule<check_geometric_operator>(kGeometry),
    rule<check_function<kXmlFunctions>>(kXml),
    rule<check_cast<kXmlTypes>>(kXml),
    rule<check_definition<kXmlTypes>>(kXml),
    rule<check_signature<kXmlTypes>>(kXml),
    rule<check_xml>(kXml),
    rule<check_xml_serialize>(kXml),
    rule<check_xml_table>(kXml),
    rule<check_advisory>(kAdvisory),
    rule<check_function<kLargeObjectFunctions>>(kLargeObject),
    rule<check_lastval>(kLastval),
    rule<check_extension_operator>(kOperator),
    rule<check_sample>(kSample),
    rule<check_json_table>(kNewerSyntax),
    rule<check_json_function>(kNewerSyntax),
    rule<check_json_scalar>(kNewerSyntax),
    rule<check_json_serialize>(kNewerSyntax),
    rule<check_json_parse>(kNewerSyntax),
    rule<check_at_local>(kNewerSyntax),
    rule<check_copy_option>(kNewerSyntax),
    rule<check_explain_option>(kNewerSyntax),
    rule<check_newer_function>(kNewerSyntax),
    rule<check_insert>(kNewerSyntax),
    rule<check_update>(kNewerSyntax),
    rule<check_delete>(kNewerSyntax),
};

}  // namespace

std::span<const Rule> expressions() { return kRules; }

}  // namespace dsqlint
