// What belongs to a whole PostgreSQL server: databases, tablespaces, configuration, ownership in
// bulk, security labels, large objects.

#include <fmt/format.h>

#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/object_names.h"
#include "rules/shared/refusal.h"

namespace dsqlint {
namespace {

constexpr std::string_view kDatabaseWhy =
    "A cluster has exactly one database, `postgres`; it cannot be created, renamed\n"
    "or dropped. Use a schema, or a separate cluster, for each former database.";

constexpr RuleInfo kCreateDatabase{
    .id = "unsupported_create_database",
    .summary = "there is one database, `postgres`, and no other can be created",
    .why = kDatabaseWhy,
    .bad = "create database shop;",
    .fixes = Fixes::Always,
};

constexpr Refusal kAlterDatabase{
    .info = {.id = "unsupported_alter_database",
             .summary = "databases cannot be altered",
             .why = kDatabaseWhy,
             .bad = "alter database shop set work_mem = '64MB';",
             .fixes = Fixes::Sometimes},
    .kinds = {pg::OBJECT_DATABASE},
    .help =
        "remove the statement; a session sets the parameters that it may change with SET, after "
        "connecting to `postgres`",
};

constexpr Refusal kDropDatabase{
    .info = {.id = "unsupported_drop_database",
             .summary = "databases cannot be dropped",
             .why = kDatabaseWhy,
             .bad = "drop database if exists shop;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_DATABASE},
};

constexpr Refusal kTablespace{
    .info = {.id = "unsupported_tablespace",
             .summary = "tablespaces are not supported",
             .why = "The service decides where data is stored.",
             .bad = "create tablespace fast location '/ssd';",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_TABLESPACE},
    .lost = "the service decides where data is stored; TABLESPACE clauses are reported separately",
};

constexpr Refusal kLargeObject{
    .info = {.id = "unsupported_large_object",
             .summary = "large objects are not supported",
             .why =
                 "Store up to 1 MiB in a bytea column, and more in an object store, with its key\n"
                 "in the table.",
             .bad = "alter large object 4711 owner to app;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_LARGEOBJECT},
};

constexpr RuleInfo kAlterSystem{
    .id = "unsupported_alter_system",
    .summary = "ALTER SYSTEM is not supported",
    .why = "The service configures its servers; there is nothing to tune.",
    .bad = "alter system set work_mem = '64MB';",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kSecurityLabel{
    .id = "unsupported_security_label",
    .summary = "security labels are not supported",
    .why =
        "Labels are for extensions, such as sepgsql or anon, which do not exist. Use\n"
        "grants and views to hide what the label was meant to hide.",
    .bad = "security label for anon on column person.name is 'MASKED';",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kReassignOwned{
    .id = "unsupported_reassign_owned",
    .summary = "REASSIGN OWNED is not known to be accepted",
    .why =
        "It is neither documented nor seen to work. `alter … owner to` works object by object;\n"
        "`pg_class`, `pg_proc` and `pg_namespace` tell what a role owns.",
    .bad = "reassign owned by leaving to staying;",
    .severity = Severity::Warning,
};

constexpr RuleInfo kDropOwned{
    .id = "unsupported_drop_owned",
    .summary = "DROP OWNED is not known to be accepted",
    .why =
        "It is neither documented nor seen to work. Drop what the role owns and revoke\n"
        "what was granted to it, object by object.",
    .bad = "drop owned by leaving;",
    .severity = Severity::Warning,
};

Fix removal(const Context& ctx) {
  return {Safety::Review,
          "remove the statement",
          {fixers::remove_statement(ctx.source(), ctx.statement())}};
}

/// The first words, as many as name the command.
Range words(const Context& ctx, size_t count) {
  return ctx.tokens().range(TokenSpan{0, std::min(ctx.tokens().size(), count)});
}

void check_create_database(const pg::CreatedbStmt& create, Context& ctx) {
  if (!ctx.parents().empty()) return;
  const ObjectPlace place = object_place(ctx.tokens(), "database");
  Diagnostic finding{.range = ctx.tokens().range(place.head)};
  finding.message = describe_object(ctx.tokens(), "database", place) + " cannot be created";
  finding.notes.push_back(
      {fmt::format("everything is created in `postgres`; if several databases have to share a "
                   "cluster, use `create schema {}` to keep them apart",
                   quote_identifier(create.dbname()))});
  finding.notes.push_back({"connect to `postgres` to run this file"});
  finding.fix = removal(ctx);
  ctx.report(std::move(finding));
}

void check_alter_system(const pg::AlterSystemStmt& alter, Context& ctx) {
  const std::string& name = alter.setstmt().name();
  ctx.report({.range = words(ctx, 2),
              .message = name.empty() ? "the server's configuration cannot be changed"
                                      : fmt::format("`{}` cannot be set for the server", name),
              .notes = {{"the service configures its servers"}},
              .fix = removal(ctx)});
}

void check_label(const pg::SecLabelStmt& label, Context& ctx) {
  ctx.report({.range = words(ctx, 2),
              .message = "security labels are not supported",
              .notes = {{label.provider().empty()
                             ? "there is no label provider that would enforce it"
                             : fmt::format("there is no label provider `{}` that would enforce it",
                                           label.provider())}},
              .fix = removal(ctx)});
}

std::string role_names(const google::protobuf::RepeatedPtrField<pg::Node>& roles) {
  std::string names;
  for (const pg::Node& role : roles) {
    if (!names.empty()) names += ", ";
    const std::string& name = role.role_spec().rolename();
    names += name.empty() ? "current_user" : quote_identifier(name);
  }
  return names;
}

void check_reassign(const pg::ReassignOwnedStmt& reassign, Context& ctx) {
  const std::string& owner = reassign.newrole().rolename();
  ctx.report({.range = words(ctx, 2),
              .help = fmt::format("write `alter … owner to {}` for each object that `{}` owns",
                                  owner.empty() ? "current_user" : quote_identifier(owner),
                                  role_names(reassign.roles()))});
}

void check_drop_owned(const pg::DropOwnedStmt& drop, Context& ctx) {
  ctx.report({.range = words(ctx, 2),
              .help = fmt::format("drop each object that `{0}` owns, and write `revoke … from {0}` "
                                  "for each grant",
                                  role_names(drop.roles()))});
}

constexpr auto kRules = join_rules(
    refuses<kAlterDatabase, pg::AlterDatabaseStmt, pg::AlterDatabaseSetStmt,
            pg::AlterDatabaseRefreshCollStmt, pg::RenameStmt, pg::AlterOwnerStmt>(),
    refuses<kDropDatabase, pg::DropdbStmt>(),
    refuses<kTablespace, pg::CreateTableSpaceStmt, pg::AlterTableSpaceOptionsStmt,
            pg::DropTableSpaceStmt, pg::RenameStmt, pg::AlterOwnerStmt>(),
    refuses<kLargeObject, pg::AlterOwnerStmt>(),
    std::array{rule<check_create_database>(kCreateDatabase), rule<check_alter_system>(kAlterSystem),
               rule<check_label>(kSecurityLabel), rule<check_reassign>(kReassignOwned),
               rule<check_drop_owned>(kDropOwned)});

}  // namespace

std::span<const Rule> cluster_objects() { return kRules; }

}  // namespace dsqlint
