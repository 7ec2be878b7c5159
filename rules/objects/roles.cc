// CREATE and ALTER ROLE, USER and GROUP: what IAM authentication leaves of them.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/refusal.h"

namespace dsqlint {
namespace {

constexpr std::string_view kWhy =
    "Roles log in with IAM tokens and are mapped to IAM identities with AWS IAM\n"
    "GRANT, so passwords, their expiry and the attributes of a server's\n"
    "administrator are refused. LOGIN, INHERIT and membership (IN ROLE, ROLE,\n"
    "ADMIN) are accepted.";

constexpr RuleInfo kCreate{
    .id = "unsupported_role_option",
    .summary = "a role has no such attribute",
    .why = kWhy,
    .bad = "create role app with login password 'secret';",
    .good = "create role app with login;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kAlter{
    .id = "unsupported_alter_role_property",
    .summary = "a role has no such attribute",
    .why = kWhy,
    .bad = "alter role app with login nosuperuser;",
    .good = "alter role app with login;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kUser{
    .id = "unsupported_alter_user",
    .summary = "ALTER USER accepts only RENAME",
    .why = "Use ALTER ROLE instead.",
    .bad = "alter user app with login;",
    .good = "alter role app with login;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kGroup{
    .id = "unsupported_alter_group",
    .summary = "ALTER GROUP accepts only RENAME",
    .why = "Membership is granted: `grant staff to ann`, `revoke staff from ann`.",
    .bad = "alter group staff add user ann;",
    .good = "grant staff to ann;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kSet{
    .id = "unsupported_alter_role_set",
    .summary = "the parameter cannot be set for a role",
    .why = "Only a few parameters can be set, and each session sets them for itself.",
    .bad = "alter role app set statement_timeout = '5s';",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kUnverifiedSet{
    .id = "unverified_role_setting",
    .summary = "setting a parameter for a role is not known to be accepted",
    .why =
        "A session may set the parameter; whether it can be set for a role has been\n"
        "reported both ways. Let the session set it after connecting.",
    .bad = "alter role app set search_path = app, public;",
    .severity = Severity::Warning,
};

constexpr RuleInfo kRename{
    .id = "role_rename",
    .summary = "roles cannot be renamed at this engine date",
    .why =
        "Create a role with the new name, grant it what the old one has, and drop the\n"
        "old one.",
    .bad = "alter role app rename to shop;",
    .accepted = Capability::AlterRoleRename,
};

bool is_accepted(const pg::DefElem& option) {
  constexpr std::array<std::string_view, 5> kAccepted = {"addroleto", "adminmembers", "canlogin",
                                                         "inherit", "rolemembers"};
  return std::find(kAccepted.begin(), kAccepted.end(), option.defname()) != kAccepted.end();
}

/// One option of the statement with its words.
struct Option {
  const pg::DefElem* node = nullptr;
  TokenSpan tokens;
};

/// Options run from their location to the next one's.
std::vector<Option> find_options(const google::protobuf::RepeatedPtrField<pg::Node>& options,
                                 const Context& ctx) {
  std::vector<Option> found;
  for (const pg::Node& node : options) {
    const size_t at = ctx.token_at(node.def_elem().location());
    if (at == Tokens::npos) return {};
    found.push_back({&node.def_elem(), {at, ctx.tokens().size()}});
  }
  std::sort(found.begin(), found.end(),
            [](const Option& a, const Option& b) { return a.tokens.begin < b.tokens.begin; });
  for (size_t i = 0; i + 1 < found.size(); ++i) found[i].tokens.end = found[i + 1].tokens.begin;
  return found;
}

/// `SUPERUSER`, `PASSWORD`: the words without the value.
std::string option_name(const Option& option, const Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const size_t at = option.tokens.begin;
  if (tokens.is(at, "connection") || tokens.is(at, "valid") || tokens.is(at, "encrypted") ||
      tokens.is(at, "unencrypted")) {
    return std::string(tokens.text({at, std::min(at + 2, option.tokens.end)}));
  }
  return std::string(tokens.text(at));
}

/// Reports what is refused among the options, and strips it; makes ALTER USER an ALTER ROLE.
void report_options(const google::protobuf::RepeatedPtrField<pg::Node>& nodes,
                    std::string_view role, bool alter, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const std::string_view text = ctx.source().text();
  const bool user = alter && tokens.is(1, "user");
  const std::vector<Option> options = find_options(nodes, ctx);
  if (options.size() != static_cast<size_t>(nodes.size())) return;
  std::vector<Option> refused;
  for (const Option& option : options) {
    if (!is_accepted(*option.node)) refused.push_back(option);
  }
  if (refused.empty() && !user) return;
  std::string names;
  bool password = false;
  bool rights = false;
  bool others = false;  // a connection limit, an id
  for (const Option& option : refused) {
    if (!names.empty()) names += ", ";
    names += option_name(option, ctx);
    const std::string& name = option.node->defname();
    const bool secret = name == "password" || name == "validUntil";
    // NOSUPERUSER and the like say what is so anyway.
    const bool boolean = option.node->arg().has_boolean();
    password = password || secret;
    rights = rights || (boolean && option.node->arg().boolean().boolval());
    others = others || (!secret && !boolean);
  }
  Diagnostic finding;
  if (user) {
    finding.range = tokens.range(TokenSpan{0, 2});
    finding.message = refused.empty()
                          ? fmt::format("user `{}` has to be altered with ALTER ROLE", role)
                          : fmt::format("user `{}` cannot have {}", role, names);
  } else {
    finding.range = {tokens[refused.front().tokens.begin].begin,
                     tokens[refused.back().tokens.end - 1].end};
    finding.message = fmt::format("role `{}` cannot have {}", role, names);
  }
  if (password) {
    finding.notes.push_back(
        {"roles log in with IAM tokens: map the role with `aws iam grant … to 'arn:…'`"});
  }
  if (rights)
    finding.notes.push_back({"the role does not get these rights; grant it what it needs"});
  if (others) finding.notes.push_back({"their other settings are lost"});
  Fix fix{password || rights || others || alter ? Safety::Review : Safety::Exact,
          "remove the options",
          {}};
  if (alter && refused.size() == options.size()) {
    fix.safety = Safety::Review;
    fix.title = "remove the statement";
    fix.edits.push_back(fixers::remove_statement(ctx.source(), ctx.statement()));
  } else {
    for (size_t i = 0; i < refused.size(); ++i) {
      TokenSpan span = refused[i].tokens;
      // WITH goes with the last option.
      if (refused.size() == options.size() && i == 0 && tokens.is(span.begin - 1, "with")) {
        --span.begin;
      }
      // Neighbours go in one edit.
      while (i + 1 < refused.size() && refused[i + 1].tokens.begin == span.end) {
        span.end = refused[++i].tokens.end;
      }
      fix.edits.push_back(fixers::remove(tokens, span, text));
    }
    if (user) {
      if (refused.empty()) fix.title = "write ALTER ROLE";
      fix.edits.push_back(fixers::replace(tokens, {1, 2}, match_case(tokens.text(1), "ROLE")));
      if (refused.empty()) fix.safety = Safety::Exact;
    }
  }
  finding.fix = std::move(fix);
  ctx.report(std::move(finding));
}

void check_create(const pg::CreateRoleStmt& create, Context& ctx) {
  report_options(create.options(), create.role(), false, ctx);
}

std::string role_name(const pg::RoleSpec& role) {
  return role.rolename().empty() ? "current_user" : role.rolename();
}

void check_alter(const pg::AlterRoleStmt& alter, Context& ctx) {
  if (ctx.tokens().is(1, "role")) {
    report_options(alter.options(), role_name(alter.role()), true, ctx);
  }
}

void check_user(const pg::AlterRoleStmt& alter, Context& ctx) {
  if (ctx.tokens().is(1, "user")) {
    report_options(alter.options(), role_name(alter.role()), true, ctx);
  }
}

/// ALTER GROUP g ADD USER a, b is GRANT g TO a, b.
void check_group(const pg::AlterRoleStmt& alter, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  if (!tokens.is(1, "group") || tokens.size() < 6) return;
  const bool add = tokens.is(3, "add");
  if (!tokens.is(4, "user") || (!add && !tokens.is(3, "drop"))) return;
  const std::string_view sample = tokens.text(0);
  ctx.report(
      {.range = tokens.range(TokenSpan{0, 2}),
       .message = fmt::format("group `{}` cannot be altered", role_name(alter.role())),
       .fix = Fix{Safety::Exact,
                  add ? "grant the membership" : "revoke the membership",
                  {fixers::replace(tokens, {0, 2}, match_case(sample, add ? "GRANT" : "REVOKE")),
                   fixers::replace(tokens, {3, 5}, match_case(sample, add ? "TO" : "FROM"))}}});
}

bool resets(const pg::AlterRoleSetStmt& alter) {
  const auto kind = alter.setstmt().kind();
  return kind == pg::VAR_RESET || kind == pg::VAR_RESET_ALL;
}

bool is_settable(const pg::AlterRoleSetStmt& alter, const Context& ctx) {
  return resets(alter) ||
         parameter_use(downcase(alter.setstmt().name()), ctx.engine()) == ParameterUse::Settable;
}

void report_set(const pg::AlterRoleSetStmt& alter, bool settable, Context& ctx) {
  const pg::VariableSetStmt& set = alter.setstmt();
  if (resets(alter) || is_settable(alter, ctx) != settable) return;
  const Tokens& tokens = ctx.tokens();
  const size_t at = tokens.find(tokens.all(), "set");
  Diagnostic finding{.range = at == Tokens::npos ? ctx.head()
                                                 : tokens.range(TokenSpan{at, tokens.size()})};
  finding.message = fmt::format(
      "`{}` cannot be set for {}", set.name(),
      alter.has_role() ? fmt::format("role `{}`", role_name(alter.role())) : "all roles");
  if (settable) {
    finding.message =
        fmt::format("setting `{}` for a role is not known to be accepted", set.name());
    finding.help = fmt::format("run `set {} = …` in each session after connecting", set.name());
  } else {
    finding.notes.push_back({"no session can set it either; the value of the service applies"});
    finding.fix = Fix{Safety::Review,
                      "remove the statement",
                      {fixers::remove_statement(ctx.source(), ctx.statement())}};
  }
  ctx.report(std::move(finding));
}

void check_set(const pg::AlterRoleSetStmt& alter, Context& ctx) {
  if (!ctx.tokens().is(1, "user")) report_set(alter, false, ctx);
}
void check_user_set(const pg::AlterRoleSetStmt& alter, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  if (!tokens.is(1, "user")) return;
  if (!is_settable(alter, ctx)) {
    report_set(alter, false, ctx);
    return;
  }
  ctx.report({.range = tokens.range(TokenSpan{0, 2}),
              .message = fmt::format("user `{}` has to be altered with ALTER ROLE",
                                     role_name(alter.role())),
              .fix = Fix{Safety::Exact,
                         "write ALTER ROLE",
                         {fixers::replace(tokens, {1, 2}, match_case(tokens.text(1), "ROLE"))}}});
}
void check_settable(const pg::AlterRoleSetStmt& alter, Context& ctx) {
  report_set(alter, true, ctx);
}

void check_rename(const pg::RenameStmt& rename, Context& ctx) {
  if (rename.rename_type() != pg::OBJECT_ROLE ||
      ctx.engine().accepts(Capability::AlterRoleRename)) {
    return;
  }
  ctx.report({.range = ctx.head(),
              .message = fmt::format("role `{}` cannot be renamed", rename.subname()),
              .notes = {{ctx.engine().refusal(Capability::AlterRoleRename)}},
              .help = fmt::format("create role `{}`, grant it what `{}` has, and drop the old role",
                                  rename.newname(), rename.subname())});
}

constexpr std::array kRules = {rule<check_create>(kCreate),
                               rule<check_alter>(kAlter),
                               rule<check_user>(kUser),
                               rule<check_group>(kGroup),
                               rule<check_set>(kSet),
                               rule<check_user_set>(kUser),
                               rule<check_settable>(kUnverifiedSet),
                               rule<check_rename>(kRename)};

}  // namespace

std::span<const Rule> roles() { return kRules; }

}  // namespace dsqlint
