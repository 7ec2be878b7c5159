#include "plugins/migrations/tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dsqlint::migrations {
namespace {

constexpr std::array kTools = {
    Tool{.name = "alembic",
         .title = "Alembic",
         .files = Files::Code,
         .file = R"(([0-9a-zA-Z]+)_?.*\.py)",
         .order = Order::Revisions,
         .span = Span::AllPending,
         .records = true,
         .help = "run each statement in `with op.get_context().autocommit_block():`; its version "
                 "row is then written separately",
         .block_opted_out = R"((?m)^([ \t]+)with\s[^\n]*\bautocommit_block\s*\([^\n]*$)",
         .recipe = "alembic upgrade head --sql"},
    Tool{.name = "atlas",
         .title = "Atlas",
         .file = R"((\d+)(?:_.*)?\.sql)",
         .order = Order::Name,
         .records = true,
         .opt_out = {OptOut::Singly, "-- atlas:txmode none\n",
                     "run the file without a transaction, with `-- atlas:txmode none` at its top"}},
    Tool{.name = "db-migrate",
         .title = "db-migrate",
         .files = Files::Code,
         .file = R"((\d+)-.*?(?:-(up|down)\.sql|\.[cm]?[jt]s))",
         .order = Order::Number,
         .records = true,
         .help =
             "db-migrate runs a migration and its record in one transaction, which only "
             "`db-migrate up --non-transactional` turns off: check with --transaction statement",
         .recipe = "db-migrate up --dry-run"},
    Tool{.name = "dbmate",
         .title = "dbmate",
         .file = R"((\d+).*\.sql)",
         .order = Order::Name,
         .sections = Sections::Dbmate,
         .span = Span::Block,
         .records = true,
         .opt_out = {OptOut::Blocks, " transaction:false",
                     "run the block without a transaction, with `transaction:false` after its mark "
                     "and with BEGIN and COMMIT around each DDL statement"}},
    Tool{.name = "diesel",
         .title = "Diesel",
         .file = R"((up|down)\.sql)",
         .order = Order::Folder,
         .records = true,
         .message_apart = true,
         .help =
             "write `run_in_transaction = false` to `metadata.toml` beside the script, and BEGIN "
             "and COMMIT around each DDL statement, because Diesel sends the script in one "
             "message"},
    Tool{.name = "django",
         .title = "Django",
         .files = Files::Code,
         .file = R"((\d{4})_.*\.py)",
         .order = Order::Number,
         .records = true,
         .opt_out = {OptOut::Impossible, "", "set `atomic = False` in the Migration class"},
         .help = "set `atomic = False` in the Migration class, so that each statement is committed "
                 "separately",
         .opted_out = R"(\batomic\s*=\s*False\b)",
         .code_place = R"((?m)^class\s+Migration\b[^\n]*:[ \t]*(?:#[^\n]*)?$)",
         .code_mark = "    atomic = False",
         .recipe = "python manage.py sqlmigrate APP 0001"},
    Tool{.name = "drizzle",
         .title = "Drizzle",
         .file = R"((\d{4})_.*\.sql)",
         .order = Order::Journal,
         .sections = Sections::Breakpoints,
         .span = Span::AllPending,
         .records = true,
         .help = "Drizzle runs all pending files and their records in one transaction, which "
                 "neither a breakpoint nor a new file ends: run them with `migrate` of "
                 "`drizzle-orm/pg-proxy/migrator` and a callback that sends each query separately, "
                 "and check with --transaction statement"},
    Tool{.name = "ecto",
         .title = "Ecto",
         .files = Files::Code,
         .file = R"((\d+)_.*\.exs)",
         .order = Order::Number,
         .records = true,
         .opt_out = {OptOut::Impossible, "",
                     "write `@disable_ddl_transaction true` in the migration's module"},
         .help = "write `@disable_ddl_transaction true` in the migration's module, so that each "
                 "statement is committed separately",
         .opted_out = R"(@disable_ddl_transaction\s+true\b)",
         .code_place = R"((?m)^\s*use\s+Ecto\.Migration\b[^\n]*$)",
         .code_mark = "  @disable_ddl_transaction true",
         .recipe = "mix ecto.migrate --log-migrations-sql"},
    Tool{.name = "ef-core",
         .title = "EF Core",
         .files = Files::Code,
         .file = R"((\d{14})_[^.]*\.cs)",
         .order = Order::Name,
         .records = true,
         .help = "give each `migrationBuilder.Sql` the argument `suppressTransaction: true`, so "
                 "that it is committed separately",
         .call_opted_out = R"(suppressTransaction\s*:\s*true)",
         .recipe = "dotnet ef migrations script"},
    Tool{.name = "flyway",
         .title = "Flyway",
         .file = R"((?:[VUB]([0-9][0-9._]*)__.*|R__.*|(?:before|after)[A-Za-z]+(?:__.*)?)\.sql)",
         .other_file = R"((?:[VB][0-9][0-9._]*|R)__.*\.(?:java|kt))",
         .other_language = "Java or Kotlin",
         .order = Order::Flyway,
         .help = "write `executeInTransaction=false` to a file with the name of the script "
                 "followed by `.conf`, or write one DDL statement per script",
         .beside = ".conf",
         .beside_text = "executeInTransaction=false\n",
         .applied = "Flyway stops with an error until `flyway repair` has been run"},
    Tool{.name = "golang-migrate",
         .title = "golang-migrate",
         .file = R"(([0-9]+)_.*\.(up|down)\.sql)",
         .order = Order::Number,
         .message = true,
         .opt_out = {OptOut::Blocks, "",
                     "put BEGIN and COMMIT around each DDL statement of the message"}},
    Tool{.name = "goose",
         .title = "goose",
         .file = R"((\d+)_.*\.sql)",
         .other_file = R"(\d+_.*\.go)",
         .other_language = "Go",
         .order = Order::Number,
         .sections = Sections::Goose,
         .records = true,
         .opt_out =
             {OptOut::Singly, "-- +goose NO TRANSACTION",
              "run the file without a transaction, with `-- +goose NO TRANSACTION` at its top"}},
    Tool{.name = "gorm",
         .title = "GORM",
         .files = Files::None,
         .span = Span::Statement,
         .recipe = "atlas schema inspect --env gorm --url env://src --format '{{ sql . }}'"},
    Tool{.name = "hasura",
         .title = "Hasura",
         .file = R"((up|down)\.sql)",
         .order = Order::Folder,
         .help = "write one DDL statement per migration: Hasura runs each file in one transaction"},
    Tool{.name = "hibernate",
         .title = "Hibernate",
         .file = R"((?:create|schema|drop|update)[^/]*\.(?:sql|ddl))",
         .order = Order::Name,
         .sections = Sections::Lines,
         .span = Span::Statement,
         .recipe = "cat target/create.sql"},
    Tool{.name = "knex",
         .title = "Knex",
         .files = Files::Code,
         .file = R"((\d+)_.*\.(?:js|ts|cjs|mjs|mts))",
         .order = Order::Name,
         .span = Span::AllPending,
         .records = true,
         .opt_out = {OptOut::Impossible, "", "export `config = { transaction: false }`"},
         .help = "export `config = { transaction: false }` from the file, so that each statement "
                 "is committed separately",
         .opted_out = R"(\btransaction\s*:\s*false\b)",
         .code_mark = "exports.config = { transaction: false };",
         .parts_all = true},
    Tool{.name = "kysely",
         .title = "Kysely",
         .files = Files::Code,
         .file = R"(([^.]+)\.(?:js|ts|cjs|mjs|cts|mts))",
         .order = Order::Name,
         .span = Span::AllPending,
         .records = true,
         .help = "pass `disableTransactions: true` to the Migrator, so that each statement is "
                 "committed separately"},
    Tool{.name = "liquibase",
         .title = "Liquibase",
         .file = R"(.*\.(?:sql|xml|ya?ml|json))",
         .order = Order::Changelog,
         .sections = Sections::Changesets,
         .span = Span::Block,
         .opt_out = {OptOut::Singly, " runInTransaction:false",
                     "run the changeset without a transaction, with `runInTransaction:false`"},
         .help = "set `runInTransaction=\"false\"` on the changeSet, or write a separate changeSet "
                 "for each DDL statement",
         .applied = "Liquibase stops with an error until `liquibase clear-checksums` has been run, "
                    "or the changeset names the old checksum as `validCheckSum`",
         .recipe = "liquibase update-sql"},
    Tool{.name = "mikro-orm",
         .title = "MikroORM",
         .files = Files::Code,
         .file = R"(Migration(\d+).*\.(?:js|ts|cjs|mjs))",
         .order = Order::Name,
         .span = Span::AllPending,
         .records = true,
         .help = "set `transactional: false` among the `migrations` of the configuration, so that "
                 "each statement is committed separately",
         .opted_out = R"(\bisTransactional\s*\([^{;]*\{\s*return\s+false\b)"},
    Tool{.name = "node-pg-migrate",
         .title = "node-pg-migrate",
         .file = R"((\d+)[_-].*?(?:\.(up|down))?\.(?:sql|[cm]?[jt]s))",
         .order = Order::Number,
         .sections = Sections::NodePgMigrate,
         .span = Span::AllPending,
         .records = true,
         .help = "no SQL file can leave that transaction, even if it is split: write the migration "
                 "in JavaScript under the same name, with `pgm.noTransaction()` and a `pgm.sql()` "
                 "for each statement",
         .opted_out = R"(\bnoTransaction\s*\()"},
    Tool{.name = "pgroll",
         .title = "pgroll",
         .files = Files::Operations,
         .file = R"((\d+)_.*\.(?:json|ya?ml))",
         .order = Order::Name,
         .message = true,
         .help = "write one DDL statement per SQL operation"},
    Tool{.name = "prisma",
         .title = "Prisma",
         .file = R"(migration\.sql)",
         .order = Order::Folder,
         .message = true,
         .opt_out = {OptOut::Blocks, "",
                     "put BEGIN and COMMIT around each DDL statement of the message"},
         .applied =
             "`prisma migrate deploy` warns of it, and `prisma migrate dev` wants to reset the "
             "database"},
    Tool{.name = "rails",
         .title = "Rails",
         .files = Files::Code,
         .file = R"((\d{14})_.*\.rb)",
         .order = Order::Number,
         .records = true,
         .opt_out = {OptOut::Impossible, "",
                     "call `disable_ddl_transaction!` in the migration class"},
         .help = "call `disable_ddl_transaction!` in the migration class, so that each statement "
                 "is committed separately",
         .opted_out = R"(\bdisable_ddl_transaction!)",
         .code_place = R"((?m)^class\s[^\n]*\bActiveRecord::Migration\b[^\n]*$)",
         .code_mark = "  disable_ddl_transaction!",
         .recipe = "cat db/structure.sql"},
    Tool{.name = "refinery",
         .title = "refinery",
         .file = R"([VU](\d+(?:\.\d+)?)__\w+\.sql)",
         .other_file = R"([VU]\d+(?:\.\d+)?__\w+\.rs)",
         .other_language = "Rust",
         .order = Order::Number,
         .records = true,
         .help = "refinery runs a migration and its record in one transaction, which no mark ends: "
                 "write one DDL statement per migration, and run it by hand",
         .applied = "refinery stops with an error about a divergent migration"},
    Tool{.name = "sequelize",
         .title = "Sequelize",
         .files = Files::Code,
         .file = R"(([^.].*)\.(?:js|ts|cjs|mjs|cts))",
         .order = Order::Name,
         .span = Span::Statement},
    Tool{.name = "soda",
         .title = "soda",
         .file = R"((\d+)_[^.]+(?:\.[a-z0-9]+)?\.(up|down)\.sql)",
         .other_file = R"(\d+_[^.]+(?:\.[a-z0-9]+)?\.up\.fizz)",
         .other_language = "fizz",
         .order = Order::Number,
         .records = true,
         .help =
             "soda runs a migration and its record in one transaction, which no mark ends: write "
             "one DDL statement per migration, and run it by hand",
         .database = R"(\.([a-z0-9]+)\.(?:up|down)\.sql)"},
    Tool{.name = "sql-migrate",
         .title = "sql-migrate",
         .file = R"((\d*).*\.sql)",
         .order = Order::Number,
         .sections = Sections::SqlMigrate,
         .records = true,
         .opt_out =
             {OptOut::Singly, " notransaction",
              "run the migration without a transaction, with `notransaction` after its mark"}},
    Tool{.name = "sqlx",
         .title = "sqlx",
         .file = R"((\d+)_.*?(?:\.(up|down))?\.sql)",
         .order = Order::Number,
         .records = true,
         .opt_out = {OptOut::Blocks, "-- no-transaction",
                     "run the file without a transaction, with `-- no-transaction` at its top and "
                     "with BEGIN and COMMIT around each DDL statement"},
         .applied = "sqlx stops with an error until the file is restored, or its checksum in "
                    "_sqlx_migrations is that of the new text (SHA-384)"},
    Tool{.name = "supabase",
         .title = "Supabase",
         .file = R"((\d+)_.*\.sql)",
         .order = Order::Name,
         .message = true,
         .records = true,
         .help = "`supabase db push` sends a file and its own record in one batch, which a second "
                 "file would not end: run the file with `psql -f`, then `supabase migration repair "
                 "--status applied VERSION`"},
    Tool{.name = "tern",
         .title = "tern",
         .file = R"((\d+)_.*\.sql)",
         .order = Order::Number,
         .sections = Sections::Tern,
         .records = true,
         .opt_out =
             {OptOut::Singly, "---- tern: disable-tx ----",
              "run the file without a transaction, with `---- tern: disable-tx ----` at its top"},
         .gaps = false},
    Tool{.name = "typeorm",
         .title = "TypeORM",
         .files = Files::Code,
         .file = R"((\d+)-.*\.(?:js|ts|cjs|mjs))",
         .order = Order::Number,
         .span = Span::AllPending,
         .records = true,
         .help = "set `migrationsTransactionMode: \"none\"` in the DataSource, so that each "
                 "statement is committed separately",
         .opted_out = R"(\btransaction\s*=\s*false\b)"},
};
static_assert(kTools.size() == 31);

}  // namespace

std::span<const Tool> tools() { return kTools; }

std::span<const Tool> newer_tools() {
  static const std::array<Tool, 1> kNewer = [] {
    // Since 1.0 a folder for each migration, and no journal.
    Tool drizzle = *find_tool("drizzle");
    drizzle.file = R"(migration\.sql)";
    drizzle.order = Order::Folder;
    return std::array{drizzle};
  }();
  return kNewer;
}

const Tool* find_tool(std::string_view name) {
  const auto found =
      std::find_if(kTools.begin(), kTools.end(), [&](const Tool& t) { return t.name == name; });
  return found == kTools.end() ? nullptr : found;
}

std::string transaction_words(const Tool& tool) {
  const std::string_view how = tool.message ? "in one message" : "in one transaction";
  switch (tool.span) {
    case Span::Statement:
      return "each statement separately";
    case Span::Block:
      return tool.sections == Sections::Changesets ? "each changeset in one transaction"
                                                   : "each block in one transaction";
    case Span::File:
      return fmt::format("each file {}", how);
    case Span::AllPending:
      return "all pending files in one transaction";
  }
  return {};
}

}  // namespace dsqlint::migrations
