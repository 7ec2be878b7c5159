// Foreign data, replication: other databases seen from this one.

#include "rules/shared/refusal.h"

namespace dsqlint {
namespace {

constexpr std::string_view kForeignWhy =
    "There are no foreign data wrappers. Load the data into an ordinary table, or\n"
    "let the application query the other database.";

constexpr Refusal kCreateServer{
    .info = {.id = "unsupported_create_server",
             .summary = "foreign servers are not supported",
             .why = kForeignWhy,
             .bad = "create server films foreign data wrapper postgres_fdw;"},
    .kinds = {pg::OBJECT_FOREIGN_SERVER},
    .help =
        "remove the server and what depends on it; let the application connect to `{name}`, or "
        "load its data with COPY",
};

constexpr Refusal kAlterServer{
    .info = {.id = "unsupported_alter_server",
             .summary = "foreign servers are not supported",
             .why = kForeignWhy,
             .bad = "alter server films owner to app;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_FOREIGN_SERVER},
    .lost = "foreign servers are not supported, so there is nothing to alter",
};

constexpr Refusal kDropServer{
    .info = {.id = "unsupported_drop_server",
             .summary = "foreign servers are not supported",
             .why = kForeignWhy,
             .bad = "drop server if exists films;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_FOREIGN_SERVER},
};

constexpr Refusal kWrapper{
    .info = {.id = "unsupported_foreign_data_wrapper",
             .summary = "foreign data wrappers are not supported",
             .why = kForeignWhy,
             .bad = "create foreign data wrapper mine;",
             .fixes = Fixes::Sometimes},
    .kinds = {pg::OBJECT_FDW},
    .help =
        "remove `{name}` and what depends on it; let the application connect, or load the data "
        "with COPY",
};

constexpr Refusal kForeignTable{
    .info = {.id = "unsupported_foreign_table",
             .summary = "foreign tables are not supported",
             .why = kForeignWhy,
             .bad = "create foreign table films (id integer) server films;",
             .fixes = Fixes::Sometimes},
    .kinds = {pg::OBJECT_FOREIGN_TABLE},
    .help =
        "create `{name}` as an ordinary table, without SERVER and OPTIONS, and load its rows with "
        "COPY",
};

constexpr Refusal kUserMapping{
    .info = {.id = "unsupported_user_mapping",
             .summary = "user mappings are not supported",
             .why = kForeignWhy,
             .bad = "drop user mapping if exists for app server films;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_USER_MAPPING},
    .lost = "it maps a role to a user of a foreign server, and foreign servers are not supported",
};

constexpr Refusal kPublication{
    .info = {.id = "unsupported_publication",
             .summary = "publications are not supported",
             .why =
                 "There is no logical replication. The service itself streams changes: create a\n"
                 "change data capture stream for the cluster.",
             .bad = "create publication changes for all tables;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_PUBLICATION},
    .lost =
        "its subscribers get no changes from the database: set up a change data capture stream on "
        "the cluster for them",
};

constexpr Refusal kSubscription{
    .info = {.id = "unsupported_subscription",
             .summary = "subscriptions are not supported",
             .why =
                 "There is no logical replication. Let the application read the other database's\n"
                 "changes and write them.",
             .bad = "create subscription copy connection 'host=a' publication changes;",
             .fixes = Fixes::Sometimes},
    .kinds = {pg::OBJECT_SUBSCRIPTION},
    .help =
        "remove `{name}`, and let an application that reads the publisher's changes write the rows",
};

void check_import(const pg::ImportForeignSchemaStmt& import, Context& ctx) {
  ctx.report({.range = ctx.tokens().range(TokenSpan{0, std::min<size_t>(ctx.tokens().size(), 3)}),
              .message = "schema `" + import.remote_schema() + "` cannot be imported",
              .help = "create the tables of `" + import.remote_schema() + "` that `" +
                      import.local_schema() + "` needs as ordinary tables, and load their rows"});
}

constexpr RuleInfo kImport{
    .id = "unsupported_import_foreign_schema",
    .summary = "IMPORT FOREIGN SCHEMA is not supported",
    .why = kForeignWhy,
    .bad = "import foreign schema public from server films into app;",
};

constexpr auto kRules = join_rules(
    refuses<kCreateServer, pg::CreateForeignServerStmt>(),
    refuses<kAlterServer, pg::AlterForeignServerStmt, pg::RenameStmt, pg::AlterOwnerStmt>(),
    refuses<kDropServer, pg::DropStmt>(),
    refuses<kWrapper, pg::CreateFdwStmt, pg::AlterFdwStmt, pg::DropStmt, pg::RenameStmt,
            pg::AlterOwnerStmt>(),
    refuses<kForeignTable, pg::CreateForeignTableStmt, pg::AlterTableStmt, pg::DropStmt,
            pg::RenameStmt, pg::AlterObjectSchemaStmt>(),
    refuses<kUserMapping, pg::CreateUserMappingStmt, pg::AlterUserMappingStmt,
            pg::DropUserMappingStmt>(),
    refuses<kPublication, pg::CreatePublicationStmt, pg::AlterPublicationStmt, pg::DropStmt,
            pg::RenameStmt, pg::AlterOwnerStmt>(),
    refuses<kSubscription, pg::CreateSubscriptionStmt, pg::AlterSubscriptionStmt,
            pg::DropSubscriptionStmt, pg::RenameStmt, pg::AlterOwnerStmt>(),
    std::array{rule<check_import>(kImport)});

}  // namespace

std::span<const Rule> foreign_data() { return kRules; }

}  // namespace dsqlint
