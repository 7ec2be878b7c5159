// Row-level security policies and rewrite rules.

#include "rules/shared/refusal.h"

namespace dsqlint {
namespace {

constexpr std::string_view kPolicyWhy =
    "There is no row-level security: a role that may read a table reads all of its\n"
    "rows. Give each group of readers a view with the condition in its WHERE clause\n"
    "and grant the view instead of the table, or let the application add the\n"
    "tenant's condition to every query.";

constexpr Refusal kCreatePolicy{
    .info = {.id = "unsupported_create_policy",
             .summary = "row-level security policies are not supported",
             .why = kPolicyWhy,
             .bad = "create policy own_orders on orders using (customer = current_user);"},
    .kinds = {pg::OBJECT_POLICY},
    .help =
        "put the condition of `{name}` into a view on `{table}`, grant the view and revoke the "
        "table, or add the condition to every query on `{table}`",
};

constexpr Refusal kAlterPolicy{
    .info = {.id = "unsupported_alter_policy",
             .summary = "row-level security policies are not supported",
             .why = kPolicyWhy,
             .bad = "alter policy own_orders on orders using (true);",
             .fixes = Fixes::Sometimes},
    .kinds = {pg::OBJECT_POLICY},
    .help = "change the view or the queries on `{table}` that replace the policy `{name}`",
};

constexpr Refusal kDropPolicy{
    .info = {.id = "unsupported_drop_policy",
             .summary = "row-level security policies are not supported",
             .why = kPolicyWhy,
             .bad = "drop policy if exists own_orders on orders;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_POLICY},
};

constexpr Refusal kRule{
    .info = {.id = "unsupported_rule",
             .summary = "rewrite rules are not supported",
             .why = "A statement does only what it contains. Let the application do what the rule\n"
                    "did: write to the other table too, or write to the table that the view reads.",
             .bad = "create rule log as on insert to orders do also insert into log values (1);",
             .fixes = Fixes::Sometimes},
    .kinds = {pg::OBJECT_RULE},
    .help =
        "let the application do what the rule `{name}` does whenever it writes to `{table}`, and "
        "remove the rule",
};

constexpr auto kRules = join_rules(refuses<kCreatePolicy, pg::CreatePolicyStmt>(),
                                   refuses<kAlterPolicy, pg::AlterPolicyStmt, pg::RenameStmt>(),
                                   refuses<kDropPolicy, pg::DropStmt>(),
                                   refuses<kRule, pg::RuleStmt, pg::DropStmt, pg::RenameStmt>());

}  // namespace

std::span<const Rule> policies() { return kRules; }

}  // namespace dsqlint
