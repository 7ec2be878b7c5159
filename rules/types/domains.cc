// Domains: what CREATE, ALTER and DROP DOMAIN refuse.

#include <fmt/format.h>

#include <array>

#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "fixers/fixers.h"
#include "rules/shared/collations.h"
#include "rules/shared/refusal.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kCollation{
    .id = "domain_collation",
    .summary = "a domain cannot have a collation",
    .why =
        "The database sorts by bytes (collation `C`), and no column can differ. Sort in\n"
        "the application where people read the result; compare without regard to case\n"
        "through `lower(…)`.",
    .bad = "create domain name as text collate \"de_DE\";",
    .good = "create domain name as text;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kBase{
    .id = "domain_base_type",
    .summary = "a domain over a type that no column can have",
    .why =
        "A domain is stored as its base type, which has to be a type that a column can\n"
        "have.",
    .bad = "create domain price as money;",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kAlter{
    .id = "unsupported_alter_domain",
    .summary = "constraints cannot be added to a domain",
    .why =
        "Only defaults, names, schema and owner can be changed, and NOT NULL and\n"
        "constraints dropped. Create a second domain with the constraint and use it for\n"
        "new columns, or add the check to the tables as NOT VALID.",
    .bad = "alter domain email add constraint valid check (value like '%@%');",
};

constexpr RuleInfo kValidate{
    .id = "unverified_domain_validation",
    .summary = "VALIDATE CONSTRAINT on a domain is not known to be accepted",
    .why = "Constraints cannot be added to a domain later, so there is none to validate.",
    .bad = "alter domain email validate constraint valid;",
    .severity = Severity::Warning,
    .help = "declare the constraint when the domain is created, and remove the statement",
};

constexpr RuleInfo kCascade{
    .id = "drop_domain_cascade",
    .summary = "DROP DOMAIN does not cascade",
    .why = "Drop the columns that use the domain first, then the domain.",
    .bad = "drop domain email cascade;",
    .good = "drop domain email;",
    .fixes = Fixes::Always,
};

void check_collation(const pg::CreateDomainStmt& create, Context& ctx) {
  if (!create.has_coll_clause()) return;
  const Tokens& tokens = ctx.tokens();
  const size_t word = ctx.token_at(create.coll_clause().location());
  if (word == Tokens::npos) return;
  const TokenSpan words{word, std::max(tokens.skip_name(word + 1), word + 1)};
  const bool bytes = compares_bytes(create.coll_clause().collname());
  Diagnostic finding{.range = tokens.range(words)};
  finding.message =
      fmt::format("domain `{}` has a collation", to_sql(object_name(create.domainname())));
  finding.notes.push_back(
      {bytes ? "the database uses this order anyway"
             : "text sorts byte by byte: upper case before lower case, accented letters last; LIKE "
               "and range comparisons may give different results"});
  finding.fix = Fix{bytes ? Safety::Exact : Safety::Review,
                    "remove the collation",
                    {fixers::remove(tokens, words, ctx.source().text())}};
  ctx.report(std::move(finding));
}

void check_base(const pg::CreateDomainStmt& create, SchemaContext& ctx) {
  const TypeRef type = type_ref(create.type_name());
  const ResolvedType resolved = resolve_type(type, ctx.schema());
  if (column_verdict(resolved, ctx.engine()) != TypeVerdict::Refused) return;
  const TokenSpan span = type_span(create.type_name(), ctx);
  const std::string domain = to_sql(object_name(create.domainname()));
  Diagnostic finding{.range = span.empty() ? ctx.head() : ctx.tokens().range(span)};
  finding.message =
      fmt::format("domain `{}` is over `{}`, which no column can have", domain, spell_type(type));
  const std::string_view replacement =
      resolved.known != nullptr && !resolved.type.array ? resolved.known->replacement : "";
  if (!replacement.empty() && !span.empty() && resolved.domain == nullptr) {
    finding.notes.push_back(
        {"its columns are stored in another type; operators and functions of the old one fail"});
    finding.fix = Fix{Safety::Review,
                      fmt::format("replace the type with `{}`", replacement),
                      {fixers::replace(ctx.tokens(), span,
                                       match_case(ctx.tokens().text(span.begin), replacement))}};
  } else {
    finding.help = fmt::format("make `{}` a domain over a type that columns can have, such as {}",
                               domain, type.array ? "`jsonb`" : "`text`");
  }
  ctx.report(std::move(finding));
}

void check_alter(const pg::AlterDomainStmt& alter, Context& ctx) {
  if (alter.subtype() != "O" && alter.subtype() != "C") return;
  const Tokens& tokens = ctx.tokens();
  const size_t from = tokens.skip_name(2);
  const std::string domain = to_sql(object_name(alter.type_name()));
  const bool not_null = alter.subtype() == "O";
  ctx.report(
      {.range = from < tokens.size() ? tokens.range(TokenSpan{from, tokens.size()}) : ctx.head(),
       .message = not_null ? fmt::format("domain `{}` cannot become NOT NULL", domain)
                           : fmt::format("domain `{}` cannot get another constraint", domain),
       .help = not_null ? fmt::format("write NOT NULL where `{0}` is created, or add `check (… is "
                                      "not null) not valid` to the tables that use `{0}`",
                                      domain)
                        : fmt::format("write the check where `{0}` is created, or add it, NOT "
                                      "VALID, to the tables that use `{0}`",
                                      domain)});
}

void check_validate(const pg::AlterDomainStmt& alter, Context& ctx) {
  if (alter.subtype() == "V") ctx.report({.range = ctx.head()});
}

void check_drop(const pg::DropStmt& drop, Context& ctx) {
  if (drop.remove_type() != pg::OBJECT_DOMAIN || drop.behavior() != pg::DROP_CASCADE) return;
  const Tokens& tokens = ctx.tokens();
  const size_t last = tokens.size() - 1;
  if (!tokens.is(last, "cascade")) return;
  ctx.report({.range = tokens.range(last),
              .message = "DROP DOMAIN does not support CASCADE",
              .notes = {{"columns that use the domain have to be dropped first"}},
              .fix = Fix{Safety::Review,
                         "remove CASCADE",
                         {fixers::remove(tokens, {last, last + 1}, ctx.source().text())}}});
}

constexpr std::array kRules = {rule<check_collation>(kCollation), rule<check_base>(kBase),
                               rule<check_alter>(kAlter), rule<check_validate>(kValidate),
                               rule<check_drop>(kCascade)};

}  // namespace

std::span<const Rule> domains() { return kRules; }

}  // namespace dsqlint
