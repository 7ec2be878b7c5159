// Aggregates, casts, collations, operators, languages and the like: PostgreSQL extended from SQL,
// which Aurora DSQL does not allow.

#include "rules/shared/refusal.h"

namespace dsqlint {
namespace {

constexpr Refusal kCreateAggregate{
    .info = {.id = "unsupported_create_aggregate",
             .summary = "user-defined aggregates are not supported",
             .why =
                 "Only the built-in aggregates exist. Many others can be composed of them:\n"
                 "`array_agg`, `string_agg`, `jsonb_agg`, `percentile_cont`, with FILTER, ORDER\n"
                 "BY and an expression around them.",
             .bad = "create aggregate product(integer) (sfunc = int4mul, stype = integer);"},
    .kinds = {pg::OBJECT_AGGREGATE},
    .help =
        "replace calls of `{name}` by built-in aggregates and an expression, or aggregate in the "
        "application, and remove the statement",
};

constexpr Refusal kAlterAggregate{
    .info = {.id = "unsupported_alter_aggregate",
             .summary = "user-defined aggregates are not supported",
             .why = "None can be created, so there is nothing to alter.",
             .bad = "alter aggregate product(integer) owner to app;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_AGGREGATE},
};

constexpr Refusal kDropAggregate{
    .info = {.id = "unsupported_drop_aggregate",
             .summary = "user-defined aggregates are not supported",
             .why = "None can be created, so there is nothing to drop.",
             .bad = "drop aggregate if exists product(integer);",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_AGGREGATE},
};

constexpr Refusal kCast{
    .info = {.id = "unsupported_cast",
             .summary = "user-defined casts are not supported",
             .why = "Only the built-in casts exist. Where the value is used, convert it with a\n"
                    "built-in cast or call a LANGUAGE sql function.",
             .bad = "create cast (bigint as boolean) with inout as assignment;",
             .fixes = Fixes::Sometimes},
    .kinds = {pg::OBJECT_CAST},
    .help =
        "call a conversion function, or chain built-in casts, where the cast `{name}` was used, "
        "and remove the statement",
};

constexpr Refusal kCollation{
    .info = {.id = "unsupported_collation",
             .summary = "user-defined collations are not supported",
             .why = "The database sorts by bytes (collation `C`) and has no other collation. Sort\n"
                    "in the application where people read the result, or by a column that holds a\n"
                    "sort key; compare without regard to case through `lower(…)`.",
             .bad = "create collation german (provider = icu, locale = 'de');",
             .fixes = Fixes::Sometimes},
    .kinds = {pg::OBJECT_COLLATION},
    .help =
        "remove the statement; where `{name}` was used, sort in the application or by a stored "
        "sort key",
};

constexpr Refusal kConversion{
    .info = {.id = "unsupported_conversion",
             .summary = "user-defined conversions are not supported",
             .why = "The database is UTF-8 and has only the built-in conversions.",
             .bad = "create conversion mine for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;",
             .fixes = Fixes::Sometimes},
    .kinds = {pg::OBJECT_CONVERSION},
    .help = "remove the statement and convert in the application what `{name}` converted",
};

constexpr Refusal kOperator{
    .info = {.id = "unsupported_operator",
             .summary = "user-defined operators, operator classes and families are not supported",
             .why =
                 "Only the built-in operators exist. Call a LANGUAGE sql function instead of the\n"
                 "operator; an index on the expression can serve it.",
             .bad = "create operator === (leftarg = text, rightarg = text, function = texteq);",
             .fixes = Fixes::Sometimes},
    .kinds = {pg::OBJECT_OPERATOR, pg::OBJECT_OPCLASS, pg::OBJECT_OPFAMILY},
    .help = "call the function of `{name}` where it is used, and remove the statement",
};

constexpr Refusal kTransform{
    .info =
        {.id = "unsupported_transform",
         .summary = "transforms are not supported",
         .why = "They are for procedural languages, which do not exist.",
         .bad =
             "create transform for hstore language plpython3u (from sql with function f(internal), "
             "to sql with function g(internal));",
         .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_TRANSFORM},
    .lost =
        "it serves a procedural language; functions in that language are reported where they are "
        "created",
};

constexpr Refusal kLanguage{
    .info = {.id = "unsupported_language",
             .summary = "procedural languages are not supported",
             .why = "Functions are written in SQL. Move everything else into the application.",
             .bad = "create language plpgsql;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_LANGUAGE},
    .lost = "functions in that language are reported where they are created",
};

constexpr Refusal kAccessMethod{
    .info = {.id = "unsupported_access_method",
             .summary = "user-defined access methods are not supported",
             .why = "There is one way to store tables and one kind of index.",
             .bad = "create access method heap2 type table handler heap_tableam_handler;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_ACCESS_METHOD},
    .lost =
        "tables and indexes use the storage of the service; USING clauses are reported separately",
};

constexpr Refusal kTextSearch{
    .info = {.id = "unsupported_text_search",
             .summary = "text search is not supported",
             .why = "There are no text search types, functions, configurations or dictionaries.\n"
                    "Keep the text in a column and search it in a search service, or with LIKE\n"
                    "where that is enough.",
             .bad = "create text search configuration app (copy = english);",
             .fixes = Fixes::Sometimes},
    .kinds = {pg::OBJECT_TSCONFIGURATION, pg::OBJECT_TSDICTIONARY, pg::OBJECT_TSPARSER,
              pg::OBJECT_TSTEMPLATE},
    .help =
        "remove the statement, and use a search service for the texts that `{name}` was used for",
};

/// To the parser, `create language x` without a handler is `create extension x`.
void check_bare_language(const pg::CreateExtensionStmt& /*create*/, Context& ctx) {
  if (ctx.tokens().find({0, std::min<size_t>(ctx.tokens().size(), 6)}, "language") !=
          Tokens::npos &&
      !ctx.tokens().is(1, "extension")) {
    report_refusal(kLanguage, Verb::Create, pg::OBJECT_LANGUAGE, ctx);
  }
}

constexpr auto kRules = join_rules(
    refuses<kCreateAggregate, pg::DefineStmt>(),
    refuses<kAlterAggregate, pg::RenameStmt, pg::AlterOwnerStmt, pg::AlterObjectSchemaStmt>(),
    refuses<kDropAggregate, pg::DropStmt>(), refuses<kCast, pg::CreateCastStmt, pg::DropStmt>(),
    refuses<kCollation, pg::DefineStmt, pg::AlterCollationStmt, pg::DropStmt, pg::RenameStmt,
            pg::AlterOwnerStmt, pg::AlterObjectSchemaStmt>(),
    refuses<kConversion, pg::CreateConversionStmt, pg::DropStmt, pg::RenameStmt, pg::AlterOwnerStmt,
            pg::AlterObjectSchemaStmt>(),
    refuses<kOperator, pg::DefineStmt, pg::CreateOpClassStmt, pg::CreateOpFamilyStmt,
            pg::AlterOperatorStmt, pg::AlterOpFamilyStmt, pg::DropStmt, pg::RenameStmt,
            pg::AlterOwnerStmt, pg::AlterObjectSchemaStmt>(),
    refuses<kTransform, pg::CreateTransformStmt, pg::DropStmt>(),
    refuses<kLanguage, pg::CreatePLangStmt, pg::DropStmt, pg::RenameStmt, pg::AlterOwnerStmt>(),
    refuses<kAccessMethod, pg::CreateAmStmt, pg::DropStmt>(),
    refuses<kTextSearch, pg::DefineStmt, pg::AlterTSDictionaryStmt, pg::AlterTSConfigurationStmt,
            pg::DropStmt, pg::RenameStmt, pg::AlterOwnerStmt, pg::AlterObjectSchemaStmt>(),
    std::array{rule<check_bare_language>(kLanguage.info)});

}  // namespace

std::span<const Rule> objects() { return kRules; }

}  // namespace dsqlint
