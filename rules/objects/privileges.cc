// GRANT, REVOKE and ALTER DEFAULT PRIVILEGES on what cannot be granted.

#include <fmt/format.h>

#include <algorithm>

#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/newer_syntax.h"
#include "rules/shared/object_names.h"
#include "rules/shared/refusal.h"
#include "rules/shared/schema_elements.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kPublic{
    .id = "grant_on_schema_public",
    .summary = "privileges on schema `public` cannot be changed",
    .why =
        "The schema belongs to the system (`feature not supported on system entity`).\n"
        "Every role may use it; only `admin` may create objects in it. Put objects that\n"
        "need other privileges into another schema.",
    .bad = "grant usage on schema public, app to reader;",
    .good = "grant usage on schema app to reader;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kTarget{
    .id = "unsupported_grant_target",
    .summary = "privileges on this kind of object cannot be granted",
    .why =
        "GRANT and REVOKE apply to tables, columns, sequences, functions, schemas and\n"
        "roles. Databases, languages, types, parameters and objects that cannot exist\n"
        "have no privileges.",
    .bad = "grant connect on database postgres to reader;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kUnverified{
    .id = "unverified_grant",
    .summary = "this form of GRANT is not known to be accepted",
    .why =
        "It is neither documented nor seen to work. Name the functions one by one; let `admin`\n"
        "grant roles.",
    .bad = "grant execute on all functions in schema app to reader;",
    .severity = Severity::Warning,
};

constexpr RuleInfo kDefaults{
    .id = "unsupported_default_privileges",
    .summary = "ALTER DEFAULT PRIVILEGES is not supported for this kind of object",
    .why =
        "It is accepted for tables, sequences, functions and types. Grant on the\n"
        "objects themselves after they have been created.",
    .bad = "alter default privileges grant usage on schemas to reader;",
    .fixes = Fixes::Always,
    .accepted_parts = {Capability::AlterDefaultPrivileges},
};

constexpr RuleInfo kUnknown{
    .id = "unknown_privilege",
    .summary = "there is no such privilege",
    .why =
        "Privileges are SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER,\n"
        "USAGE, EXECUTE, CREATE and ALL. A role is granted without ON: `grant reader to\n"
        "app`.",
    .bad = "grant reading on t to app;",
    .good = "grant select on t to app;",
    .help = "name a privilege: SELECT, INSERT, UPDATE, DELETE, USAGE, EXECUTE …",
};

bool is_grantable(pg::ObjectType kind) {
  switch (kind) {
    case pg::OBJECT_TABLE:
    case pg::OBJECT_COLUMN:
    case pg::OBJECT_SEQUENCE:
    case pg::OBJECT_FUNCTION:
    case pg::OBJECT_ROUTINE:
    case pg::OBJECT_SCHEMA:
      return true;
    default:
      return false;
  }
}

Fix removal(const Context& ctx) {
  return {Safety::Review,
          "remove the statement",
          {fixers::remove_statement(ctx.source(), ctx.statement())}};
}

/// A GRANT or REVOKE and its words, which in CREATE SCHEMA and ALTER DEFAULT PRIVILEGES are not all
/// of the statement's.
struct Grant {
  const pg::GrantStmt& node;
  TokenSpan words;
};

using Judge = void (*)(const Grant& grant, Context& ctx);

template <Judge judge>
void check_statement(const pg::GrantStmt& grant, Context& ctx) {
  if (ctx.parents().empty()) judge({grant, ctx.tokens().all()}, ctx);
}

template <Judge judge>
void check_default(const pg::AlterDefaultPrivilegesStmt& alter, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const bool is_grant = alter.action().is_grant();
  const size_t verb = tokens.find(tokens.all(), is_grant ? "grant" : "revoke");
  if (verb != Tokens::npos) judge({alter.action(), {verb, tokens.size()}}, ctx);
}

template <Judge judge>
void check_in_schema(const pg::CreateSchemaStmt& create, Context& ctx) {
  const std::vector<TokenSpan> elements = schema_elements(create, ctx.tokens());
  for (size_t i = 0; i < elements.size(); ++i) {
    const pg::Node& element = create.schema_elts(static_cast<int>(i));
    if (element.has_grant_stmt()) judge({element.grant_stmt(), elements[i]}, ctx);
  }
}

/// The statement goes, or the one grant among the elements of CREATE SCHEMA.
Fix removal(const Grant& grant, const Context& ctx) {
  if (ctx.tree().as<pg::CreateSchemaStmt>() == nullptr) return removal(ctx);
  return {Safety::Review,
          "remove the grant",
          {fixers::remove_clause(ctx.tokens(), grant.words, ctx.source().text())}};
}

/// ON … up to TO or FROM; empty when they are not found.
TokenSpan target_span(const Tokens& tokens, TokenSpan words) {
  const size_t on = tokens.find(words, "on");
  if (on == Tokens::npos) return {};
  const TokenSpan rest{on + 1, words.end};
  const size_t end = std::min(tokens.find(rest, "to"), tokens.find(rest, "from"));
  return end == Tokens::npos ? TokenSpan{} : TokenSpan{on + 1, end};
}

/// Those that PostgreSQL 16 knows; some have no object on Aurora DSQL that they could be granted
/// on.
bool is_privilege(std::string_view name) {
  return is_one_of(name, {"alter system", "connect", "create", "delete", "execute", "insert",
                          "references", "rule", "select", "set", "temp", "temporary", "trigger",
                          "truncate", "update", "usage"});
}

/// What stands between GRANT or REVOKE, with GRANT OPTION FOR, and ON; empty when not found.
TokenSpan privilege_list(const Tokens& tokens, TokenSpan words) {
  size_t begin = words.begin + 1;
  if (tokens.are(begin, {"grant", "option", "for"})) begin += 3;
  const size_t end = tokens.find({begin, words.end}, "on");
  return end == Tokens::npos ? TokenSpan{} : TokenSpan{begin, end};
}

/// The places in the list of the privileges for which `meant(name)` holds.
template <typename Meant>
std::vector<size_t> find_privileges(const pg::GrantStmt& grant, Meant&& meant) {
  std::vector<size_t> found;
  for (int i = 0; i < grant.privileges_size(); ++i) {
    if (meant(grant.privileges(i).access_priv().priv_name())) found.push_back(i);
  }
  return found;
}

void judge_newer(const Grant& grant, Context& ctx) {
  const std::vector<size_t> newer =
      find_privileges(grant.node, [](std::string_view name) { return name == "maintain"; });
  if (newer.empty()) return;
  const Tokens& tokens = ctx.tokens();
  const std::vector<TokenSpan> written = tokens.split(privilege_list(tokens, grant.words));
  if (written.size() != static_cast<size_t>(grant.node.privileges_size())) return;
  Fix fix = removal(grant, ctx);
  if (newer.size() < written.size()) {
    fix = {Safety::Review, "remove it",
           fixers::remove_elements(tokens, written, newer, ctx.source().text())};
  }
  ctx.report({.range = tokens.range(written[newer.front()]),
              .message = "the privilege `MAINTAIN` was added in PostgreSQL 17; Aurora DSQL is "
                         "compatible with PostgreSQL 16",
              .notes = {{"the service maintains tables, and only their owners can run ANALYZE"}},
              .fix = std::move(fix)});
}

void judge_unknown(const Grant& grant, Context& ctx) {
  const std::vector<size_t> unknown = find_privileges(grant.node, [](std::string_view name) {
    return !name.empty() && name != "maintain" && !is_privilege(name);
  });
  if (unknown.empty()) return;
  const Tokens& tokens = ctx.tokens();
  const std::vector<TokenSpan> written = tokens.split(privilege_list(tokens, grant.words));
  for (const size_t i : unknown) {
    const std::string& name = grant.node.privileges(static_cast<int>(i)).access_priv().priv_name();
    ctx.report({.range = i < written.size() ? tokens.range(written[i]) : ctx.head(),
                .message = fmt::format("there is no privilege `{}`", name)});
  }
}

void judge_target(const Grant& grant, Context& ctx) {
  const pg::ObjectType kind = grant.node.objtype();
  if (is_grantable(kind)) return;
  // ALL PROCEDURES IN SCHEMA names none in particular, and there are none.
  const TokenSpan target = target_span(ctx.tokens(), grant.words);
  const std::string_view noun = object_noun(kind);
  ctx.report({.range = target.empty() ? ctx.head() : ctx.tokens().range(target),
              .message = fmt::format("privileges on {} cannot be {}",
                                     noun.empty() ? "such an object" : fmt::format("a {}", noun),
                                     grant.node.is_grant() ? "granted" : "revoked"),
              .notes = {{kind == pg::OBJECT_DATABASE
                             ? "roles that an IAM identity is mapped to may connect; see `aws iam "
                               "grant`"
                             : "Aurora DSQL has no privileges of this kind"}},
              .fix = removal(grant, ctx)});
}

void judge_public(const Grant& grant, Context& ctx) {
  if (grant.node.objtype() != pg::OBJECT_SCHEMA || grant.node.targtype() != pg::ACL_TARGET_OBJECT) {
    return;
  }
  const Tokens& tokens = ctx.tokens();
  const TokenSpan target = target_span(tokens, grant.words);
  if (target.size() < 2 || !tokens.is(target.begin, "schema")) return;
  const std::vector<TokenSpan> schemas = tokens.split({target.begin + 1, target.end});
  std::vector<size_t> doomed;
  for (size_t i = 0; i < schemas.size(); ++i) {
    if (!schemas[i].empty() && tokens.name(schemas[i].begin) == "public") doomed.push_back(i);
  }
  if (doomed.empty()) return;
  Fix fix = removal(grant, ctx);
  if (doomed.size() < schemas.size()) {
    fix = {Safety::Review, "remove `public`",
           fixers::remove_elements(tokens, schemas, doomed, ctx.source().text())};
  }
  ctx.report({.range = tokens.range(schemas[doomed.front()]),
              .message = fmt::format("privileges on schema `public` cannot be {}",
                                     grant.node.is_grant() ? "granted" : "revoked"),
              .notes = {{"every role can use it, and only `admin` can create objects in it"}},
              .fix = std::move(fix)});
}

void judge_unverified(const Grant& grant, Context& ctx) {
  const bool functions =
      grant.node.targtype() == pg::ACL_TARGET_ALL_IN_SCHEMA &&
      (grant.node.objtype() == pg::OBJECT_FUNCTION || grant.node.objtype() == pg::OBJECT_ROUTINE);
  if (!functions) return;
  const TokenSpan target = target_span(ctx.tokens(), grant.words);
  ctx.report({.range = target.empty() ? ctx.head() : ctx.tokens().range(target),
              .message = "ALL FUNCTIONS IN SCHEMA is not known to be accepted",
              .help = "name the functions: `on function f(integer), g()`"});
}

void check_membership(const pg::GrantRoleStmt& grant, Context& ctx) {
  for (const pg::Node& option : grant.opt()) {
    const std::string& name = option.def_elem().defname();
    const size_t at = ctx.token_at(option.def_elem().location());
    const bool admin = name == "admin";
    ctx.report({.range = at == Tokens::npos ? ctx.head() : ctx.tokens().range(at),
                .message = admin ? "WITH ADMIN OPTION is not known to be accepted"
                                 : fmt::format("WITH {} is not known to be accepted",
                                               name == "set" ? "SET" : "INHERIT"),
                .help = admin ? "remove it, and let `admin` grant the role"
                              : "remove it: members inherit the privileges, and can use SET ROLE"});
  }
}

void check_defaults(const pg::AlterDefaultPrivilegesStmt& alter, Context& ctx) {
  const bool accepted = ctx.engine().accepts(Capability::AlterDefaultPrivileges);
  const pg::ObjectType kind = alter.action().objtype();
  const bool known = kind == pg::OBJECT_TABLE || kind == pg::OBJECT_SEQUENCE ||
                     kind == pg::OBJECT_FUNCTION || kind == pg::OBJECT_TYPE;
  if (accepted && known) return;
  Diagnostic finding{.range = ctx.head()};
  if (accepted) {
    finding.message = fmt::format("default privileges on {}s cannot be set", object_noun(kind));
  } else {
    finding.message = "default privileges cannot be set";
    finding.notes.push_back({ctx.engine().refusal(Capability::AlterDefaultPrivileges)});
  }
  finding.notes.push_back({"grant on the objects themselves once they exist"});
  finding.fix = removal(ctx);
  ctx.report(std::move(finding));
}

constexpr std::array kRules = {
    rule<check_statement<judge_target>>(kTarget),
    rule<check_in_schema<judge_target>>(kTarget),
    rule<check_statement<judge_public>>(kPublic),
    rule<check_in_schema<judge_public>>(kPublic),
    rule<check_statement<judge_unverified>>(kUnverified),
    rule<check_in_schema<judge_unverified>>(kUnverified),
    rule<check_statement<judge_newer>>(kNewerSyntax),
    rule<check_in_schema<judge_newer>>(kNewerSyntax),
    rule<check_default<judge_newer>>(kNewerSyntax),
    rule<check_statement<judge_unknown>>(kUnknown),
    rule<check_in_schema<judge_unknown>>(kUnknown),
    rule<check_default<judge_unknown>>(kUnknown),
    rule<check_membership>(kUnverified),
    rule<check_defaults>(kDefaults),
};

}  // namespace

std::span<const Rule> privileges() { return kRules; }

}  // namespace dsqlint
