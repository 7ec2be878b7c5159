// Functions in other languages than SQL, procedures, and changes of a function's properties.

#include "rules/routines/functions.h"

#include <fmt/format.h>

#include <array>

#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "engine/parse/trigger_body.h"
#include "fixers/fixers.h"
#include "rules/shared/object_names.h"
#include "rules/shared/refusal.h"
#include "rules/shared/trigger_effects.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kLanguage{
    .id = "unsupported_create_function_non_sql",
    .summary = "functions are written in SQL only",
    .why =
        "There is no PL/pgSQL and no other procedural language. Many functions are one\n"
        "query with a block around it: write the query as the body of a LANGUAGE sql\n"
        "function. Move loops, variables and exceptions into the application.",
    .bad =
        "create function f(x int) returns int language plpgsql as $$ declare y int; begin y := x; "
        "return y; end $$;",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kNoLanguage{
    .id = "function_without_language",
    .summary = "the language of a function has to be given",
    .why =
        "Where the body is a string, PostgreSQL refuses a function without LANGUAGE (42P13). A\n"
        "body after RETURN or BEGIN ATOMIC is SQL in any case.",
    .bad = "create function f() returns integer as 'select 1';",
    .good = "create function f() returns integer language sql as 'select 1';",
    .help = "add `LANGUAGE sql`, the only language that is supported",
};

constexpr RuleInfo kProperty{
    .id = "unsupported_alter_function_property",
    .summary = "a function's properties cannot be changed",
    .why =
        "ALTER FUNCTION can change the name, the schema and the owner. For IMMUTABLE,\n"
        "STRICT, COST, SET and the like use CREATE OR REPLACE FUNCTION with the\n"
        "property.",
    .bad = "alter function f(integer) immutable;",
};

constexpr RuleInfo kDepends{
    .id = "depends_on_extension",
    .summary = "nothing can depend on an extension",
    .why = "Extensions do not exist, so the statement finds none to name (42704).",
    .bad = "alter function f() depends on extension postgis;",
    .good = "",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kMissing{
    .id = "trigger_function_reference",
    .summary = "a statement about a trigger function, which cannot exist",
    .why =
        "Functions that return `trigger` are refused, so a later statement about one\n"
        "fails. It is removed together with the function.",
    .bad =
        "-- dsqlint: ignore-file unsupported_create_function_non_sql: the example is below\n"
        "create function f() returns trigger language plpgsql as $$ begin return new; end $$;\n"
        "alter function f() owner to app;",
    .good =
        "-- dsqlint: ignore-file unsupported_create_function_non_sql: the example is below\n"
        "create function f() returns trigger language plpgsql as $$ begin return new; end $$;\n",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kTrigger{
    .id = "trigger_function",
    .summary = "functions for triggers are not supported",
    .why =
        "No trigger could call one, and in PostgreSQL a LANGUAGE sql function cannot\n"
        "return `trigger` either. Let the application do the work with each change.",
    .bad = "create function f() returns trigger language sql as 'select null';",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kRoutine{
    .id = "routine_keyword",
    .summary = "the keyword ROUTINE is not supported at this engine date",
    .why = "There are only functions, so FUNCTION means the same.",
    .bad = "drop routine f(integer);",
    .good = "drop function f(integer);",
    .fixes = Fixes::Always,
    .accepted = Capability::RoutineKeyword,
};

constexpr RuleInfo kDefiner{
    .id = "security_definer_function",
    .summary = "SECURITY DEFINER has been reported not to work",
    .why =
        "Functions that run with their owner's privileges have been reported to be\n"
        "unusable. Grant the callers what the function needs, or let a role of the\n"
        "application call it.",
    .bad = "create function f() returns integer language sql security definer as 'select 1';",
    .severity = Severity::Warning,
    .help = "grant the callers what the function needs and remove SECURITY DEFINER",
};

constexpr Refusal kCreateProcedure{
    .info = {.id = "unsupported_create_procedure",
             .summary = "procedures are not supported",
             .why =
                 "Only the procedures of the service can be called. What returns or changes rows\n"
                 "can be a LANGUAGE sql function; what commits in between has to move into the\n"
                 "application.",
             .bad = "create procedure p() language sql as 'delete from log';"},
    .kinds = {pg::OBJECT_PROCEDURE},
    .help =
        "write `create function {name}(…) returns void language sql` if the body is SQL, and call "
        "it with SELECT; move the rest to the application",
};

constexpr Refusal kAlterProcedure{
    .info = {.id = "unsupported_alter_procedure",
             .summary = "procedures are not supported",
             .why = "None can be created, so there is nothing to alter.",
             .bad = "alter procedure p() owner to app;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_PROCEDURE},
    .lost = "procedures are not supported, so there is nothing to alter",
};

constexpr Refusal kDropProcedure{
    .info = {.id = "unsupported_drop_procedure",
             .summary = "procedures are not supported",
             .why = "None can be created, so there is nothing to drop.",
             .bad = "drop procedure if exists p;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_PROCEDURE},
};

bool returns_trigger(const pg::CreateFunctionStmt& create) {
  const std::string type = type_ref(create.return_type()).name;
  return type == "trigger" || type == "event_trigger";
}

std::string column_list(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) {
    if (!text.empty()) text += ", ";
    text += "`" + column + "`";
  }
  return text;
}

/// LANGUAGE and its name; the first words when they are not found.
TokenSpan language_words(const pg::CreateFunctionStmt& create, const Context& ctx) {
  for (const pg::Node& option : create.options()) {
    if (option.def_elem().defname() != "language") continue;
    const size_t at = ctx.token_at(option.def_elem().location());
    if (at != Tokens::npos && at + 1 < ctx.tokens().size()) return {at, at + 2};
  }
  return object_place(ctx.tokens(), "function").head;
}

void check_language(const pg::CreateFunctionStmt& create, SchemaContext& ctx) {
  if (create.is_procedure()) return;
  const std::string language = function_language(create);
  if (language.empty() || language == "sql") return;
  const std::string name = to_sql(object_name(create.funcname()));
  const TokenSpan words = language_words(create, ctx);
  Diagnostic finding{.range = ctx.tokens().range(words)};
  finding.message = fmt::format("function `{}` is written in {}", name, language);
  if (returns_trigger(create)) {
    const std::vector<std::string> touched = touched_columns(function_body_text(create));
    if (!touched.empty()) {
      finding.notes.push_back(
          {fmt::format("it only keeps {} up to date; the application has to do that once its "
                       "triggers are removed",
                       column_list(touched))});
    } else {
      const TriggerEffects effects = trigger_effects(function_body_text(create));
      const std::string done = describe_effects(effects);
      const bool event = type_ref(create.return_type()).name == "event_trigger";
      finding.notes.push_back({fmt::format(
          "only triggers call it, and they are removed too: from now on {} has to do what it did{}",
          event ? "the tool that deploys definitions" : "the application",
          done.empty() ? "" : ": it " + done)});
    }
    finding.fix = Fix{Safety::Review,
                      "remove the function",
                      {fixers::remove_statement(ctx.source(), ctx.statement())}};
  } else if (language == "plpgsql") {
    if (auto edits = plpgsql_to_sql(create, words, ctx)) {
      finding.notes.push_back(
          {"a name that is both a parameter and a column now means the column"});
      finding.fix = Fix{Safety::Review, "write the body in SQL", std::move(*edits)};
    } else {
      finding.help = fmt::format(
          "rewrite `{}` as a LANGUAGE sql function if queries without variables and loops are "
          "enough; otherwise move it to the application",
          name);
    }
  } else {
    finding.help = fmt::format("rewrite `{}` in SQL, or move it to the application", name);
  }
  ctx.report(std::move(finding));
}

void check_no_language(const pg::CreateFunctionStmt& create, Context& ctx) {
  if (create.is_procedure() || !function_language(create).empty() || create.has_sql_body()) return;
  const std::string name = to_sql(object_name(create.funcname()));
  ctx.report({.range = ctx.tokens().range(object_place(ctx.tokens(), "function").head),
              .message = fmt::format("function `{}` has no language", name)});
}

/// In SQL, or without a language: check_language reports others.
void check_trigger(const pg::CreateFunctionStmt& create, Context& ctx) {
  if (!ctx.parents().empty() || !returns_trigger(create)) return;
  const std::string language = function_language(create);
  if (!language.empty() && language != "sql") return;
  const TokenSpan type = type_span(create.return_type(), ctx);
  ctx.report(
      {.range = type.empty() ? ctx.head() : ctx.tokens().range(type),
       .message = fmt::format("function `{}` returns `{}`", to_sql(object_name(create.funcname())),
                              type_ref(create.return_type()).name),
       .notes = {{"nothing can call it: the application has to do what its triggers did"}},
       .fix = Fix{Safety::Review,
                  "remove the function",
                  {fixers::remove_statement(ctx.source(), ctx.statement())}}});
}

void report_routine(pg::ObjectType kind, Context& ctx) {
  if (kind != pg::OBJECT_ROUTINE || ctx.engine().accepts(Capability::RoutineKeyword) ||
      !ctx.parents().empty()) {
    return;
  }
  const Tokens& tokens = ctx.tokens();
  size_t word = tokens.find(tokens.all(), "routine");
  const bool plural = word == Tokens::npos;  // ON ALL ROUTINES IN SCHEMA
  if (plural) word = tokens.find(tokens.all(), "routines");
  if (word == Tokens::npos) return;
  const std::string_view wanted = plural ? "FUNCTIONS" : "FUNCTION";
  ctx.report({.range = tokens.range(word),
              .notes = {{ctx.engine().refusal(Capability::RoutineKeyword)}},
              .fix = Fix{Safety::Exact,
                         fmt::format("write {}", wanted),
                         {fixers::replace(tokens, {word, word + 1},
                                          match_case(tokens.text(word), wanted))}}});
}

void check_routine_change(const pg::AlterFunctionStmt& alter, Context& ctx) {
  report_routine(alter.objtype(), ctx);
}
void check_routine_name(const pg::RenameStmt& rename, Context& ctx) {
  report_routine(rename.rename_type(), ctx);
}
void check_routine_owner(const pg::AlterOwnerStmt& alter, Context& ctx) {
  report_routine(alter.object_type(), ctx);
}
void check_routine_schema(const pg::AlterObjectSchemaStmt& move, Context& ctx) {
  report_routine(move.object_type(), ctx);
}
void check_routine_drop(const pg::DropStmt& drop, Context& ctx) {
  report_routine(drop.remove_type(), ctx);
}
void check_routine_comment(const pg::CommentStmt& comment, Context& ctx) {
  report_routine(comment.objtype(), ctx);
}
void check_routine_grant(const pg::GrantStmt& grant, Context& ctx) {
  report_routine(grant.objtype(), ctx);
}

void check_definer(const pg::CreateFunctionStmt& create, Context& ctx) {
  if (create.is_procedure() || function_language(create) != "sql") return;
  for (const pg::Node& option : create.options()) {
    if (option.def_elem().defname() != "security" || !option.def_elem().arg().boolean().boolval()) {
      continue;
    }
    const size_t at = ctx.token_at(option.def_elem().location());
    if (at == Tokens::npos) continue;
    const size_t words = ctx.tokens().is(at, "external") ? 3 : 2;
    ctx.report(
        {.range = ctx.tokens().range(TokenSpan{at, std::min(ctx.tokens().size(), at + words)})});
  }
}

bool is_trigger_function(const pg::ObjectWithArgs& function, const Schema& schema) {
  if (function.objargs_size() != 0) return false;
  const Function* known = schema.latest_function(object_name(function.objname()));
  return known != nullptr && known->trigger;
}

void check_property(const pg::AlterFunctionStmt& alter, SchemaContext& ctx) {
  if (alter.objtype() == pg::OBJECT_PROCEDURE) return;
  if (is_trigger_function(alter.func(), ctx.schema())) return;
  const std::string_view noun = object_noun(alter.objtype());
  const ObjectPlace place = object_place(ctx.tokens(), noun);
  const Tokens& tokens = ctx.tokens();
  // After the name and its arguments.
  size_t from = place.name.end;
  if (tokens.is_op(from, "(")) {
    const size_t close = tokens.close(from);
    if (close != Tokens::npos) from = close + 1;
  }
  const TokenSpan span = from < tokens.size() ? TokenSpan{from, tokens.size()} : place.head;
  const std::string_view properties = tokens.text(span);
  ctx.report({.range = tokens.range(span),
              .message = fmt::format("properties of {} cannot be changed: `{}`",
                                     describe_object(tokens, noun, place), properties),
              .help = fmt::format("write `create or replace function {} …` with `{}` in it",
                                  tokens.text(place.name), properties)});
}

void check_depends(const pg::AlterObjectDependsStmt& alter, Context& ctx) {
  const pg::ObjectType kind = alter.object_type();
  if (!ctx.parents().empty() || (kind != pg::OBJECT_FUNCTION && kind != pg::OBJECT_ROUTINE)) return;
  ctx.report({.range = ctx.head(),
              .message = fmt::format("extension `{}` does not exist", alter.extname().sval()),
              .notes = {{"the function stays as it is"}},
              .fix = Fix{Safety::Review,
                         "remove the statement",
                         {fixers::remove_statement(ctx.source(), ctx.statement())}}});
}

// Statements about trigger functions: they have nothing to act on.

void report_reference(std::string_view function, Range range, SchemaContext& ctx) {
  ctx.report({.range = range,
              .message = fmt::format("trigger function `{}` cannot exist", function),
              .notes = {{"the statement is removed with the function"}},
              .fix = Fix{Safety::Review,
                         "remove the statement",
                         {fixers::remove_statement(ctx.source(), ctx.statement())}}});
}

void report_reference(const pg::Node& object, SchemaContext& ctx) {
  if (!is_trigger_function(object.object_with_args(), ctx.schema())) return;
  report_reference(to_sql(object_name(object)), ctx.head(), ctx);
}

bool is_function(pg::ObjectType kind) {
  return kind == pg::OBJECT_FUNCTION || kind == pg::OBJECT_ROUTINE;
}

void check_alter_reference(const pg::AlterFunctionStmt& alter, SchemaContext& ctx) {
  if (!is_function(alter.objtype()) || !is_trigger_function(alter.func(), ctx.schema())) return;
  report_reference(to_sql(object_name(alter.func().objname())), ctx.head(), ctx);
}

void check_owner_reference(const pg::AlterOwnerStmt& alter, SchemaContext& ctx) {
  if (is_function(alter.object_type())) report_reference(alter.object(), ctx);
}

void check_rename_reference(const pg::RenameStmt& rename, SchemaContext& ctx) {
  if (is_function(rename.rename_type())) report_reference(rename.object(), ctx);
}

void check_move_reference(const pg::AlterObjectSchemaStmt& move, SchemaContext& ctx) {
  if (is_function(move.object_type())) report_reference(move.object(), ctx);
}

void check_comment_reference(const pg::CommentStmt& comment, SchemaContext& ctx) {
  if (is_function(comment.objtype())) report_reference(comment.object(), ctx);
}

void check_grant_reference(const pg::GrantStmt& grant, SchemaContext& ctx) {
  if (!is_function(grant.objtype()) || grant.targtype() != pg::ACL_TARGET_OBJECT ||
      grant.objects_size() == 0) {
    return;
  }
  for (const pg::Node& object : grant.objects()) {
    if (!is_trigger_function(object.object_with_args(), ctx.schema())) return;
  }
  report_reference(to_sql(object_name(grant.objects(0))), ctx.head(), ctx);
}

void check_drop_reference(const pg::DropStmt& drop, SchemaContext& ctx) {
  if (!is_function(drop.remove_type()) || drop.missing_ok()) return;
  for (const pg::Node& object : drop.objects()) {
    if (!is_trigger_function(object.object_with_args(), ctx.schema())) continue;
    const Tokens& tokens = ctx.tokens();
    const ObjectPlace place = object_place(tokens, object_noun(drop.remove_type()));
    if (place.name.empty()) return;
    ctx.report(
        {.range = tokens.range(place.head),
         .message = fmt::format("trigger function `{}` cannot exist", to_sql(object_name(object))),
         .notes = {{"there is nothing to drop"}},
         .fix = Fix{Safety::Review,
                    "add `if exists`",
                    {fixers::insert_before(tokens, place.name.begin,
                                           match_case(tokens.text(0), "IF EXISTS "))}}});
    return;
  }
}

constexpr auto kRules = join_rules(
    std::array{rule<check_language>(kLanguage),       rule<check_property>(kProperty),
               rule<check_trigger>(kTrigger),         rule<check_definer>(kDefiner),
               rule<check_no_language>(kNoLanguage),  rule<check_depends>(kDepends),
               rule<check_routine_change>(kRoutine),  rule<check_routine_name>(kRoutine),
               rule<check_routine_owner>(kRoutine),   rule<check_routine_schema>(kRoutine),
               rule<check_routine_drop>(kRoutine),    rule<check_routine_comment>(kRoutine),
               rule<check_routine_grant>(kRoutine),   rule<check_alter_reference>(kMissing),
               rule<check_owner_reference>(kMissing), rule<check_rename_reference>(kMissing),
               rule<check_move_reference>(kMissing),  rule<check_comment_reference>(kMissing),
               rule<check_grant_reference>(kMissing), rule<check_drop_reference>(kMissing)},
    refuses<kCreateProcedure, pg::CreateFunctionStmt>(),
    refuses<kAlterProcedure, pg::AlterFunctionStmt, pg::RenameStmt, pg::AlterOwnerStmt,
            pg::AlterObjectSchemaStmt, pg::AlterObjectDependsStmt>(),
    refuses<kDropProcedure, pg::DropStmt>());

}  // namespace

std::span<const Rule> functions() { return kRules; }

}  // namespace dsqlint
