// CREATE and ALTER SEQUENCE: type, cache, persistence.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kType{
    .id = "sequence_type",
    .summary = "a sequence has to be bigint",
    .why =
        "Aurora DSQL has sequences of type `bigint` only. Where the numbers must fit a\n"
        "smaller column, add `MAXVALUE`.",
    .bad = "create sequence s as integer cache 1;",
    .good = "create sequence s as bigint cache 1;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kCache{
    .id = "sequence_cache",
    .summary = "the CACHE of a sequence has to be 1 or at least 65536",
    .why =
        "With `CACHE 1` numbers come in order, and every call is coordinated across the\n"
        "cluster. From `CACHE 65536` on each session takes a block of numbers: much\n"
        "faster, with gaps, and out of order between sessions.",
    .bad = "create sequence s cache 20;",
    .good = "create sequence s cache 1;",
    .fixes = Fixes::Sometimes,
    .help = "use a whole number: 1, or at least 65536",
};

constexpr RuleInfo kCacheMissing{
    .id = "sequence_cache_missing",
    .summary = "a sequence requires an explicit CACHE",
    .why =
        "There is no default: write `CACHE 1` for numbers in order, or `CACHE 65536`\n"
        "and above for throughput.",
    .bad = "create sequence s;",
    .good = "create sequence s cache 1;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kTemporary{
    .id = "temp_sequence",
    .summary = "temporary sequences are not supported",
    .why = "Every sequence is permanent and shared by all sessions.",
    .bad = "create temp sequence s cache 1;",
    .good = "create sequence s cache 1;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kUnlogged{
    .id = "unlogged_sequence",
    .summary = "unlogged sequences are not supported",
    .why = "Every sequence is stored durably.",
    .bad = "create unlogged sequence s cache 1;",
    .good = "create sequence s cache 1;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kUnsupported{
    .id = "unsupported_sequence",
    .summary = "sequences are not supported at this engine date",
    .why = "A `uuid` with `gen_random_uuid()` is accepted at every date.",
    .bad = "create sequence s cache 1;",
    .help = "use uuid keys with `gen_random_uuid()`",
    .accepted = Capability::SequencesAndIdentity,
};

constexpr RuleInfo kInvalid{
    .id = "invalid_sequence_option",
    .summary = "the option does not belong to this statement",
    .why =
        "SEQUENCE NAME names the sequence of a new identity column only, and an identity has the\n"
        "type of its column, so it takes no AS. PostgreSQL refuses these too.",
    .bad = "create sequence s sequence name t_id_seq cache 1;",
    .good = "create sequence s cache 1;",
    .help = "remove the option",
};

using Options = google::protobuf::RepeatedPtrField<pg::Node>;

const pg::DefElem* find_option(const Options& options, std::string_view name) {
  for (const pg::Node& node : options) {
    if (node.def_elem().defname() == name) return &node.def_elem();
  }
  return nullptr;
}

void check_type_option(const Options& options, Context& ctx) {
  const pg::DefElem* as = find_option(options, "as");
  if (as == nullptr || !as->arg().has_type_name()) return;
  const pg::TypeName& type = as->arg().type_name();
  const TypeRef ref = type_ref(type);
  if (ref.name == "int8" && ref.schema.empty() && !ref.array) return;
  const TokenSpan span = type_span(type, ctx);
  if (span.empty()) return;
  ctx.report(
      {.range = ctx.tokens().range(span),
       .message = fmt::format("a sequence cannot have the type `{}`", ctx.tokens().text(span)),
       .notes = {{"the range is wider: numbers go up to 9223372036854775807, unless MAXVALUE sets "
                  "a lower limit"}},
       .fix = Fix{Safety::Review,
                  "use `bigint`",
                  {fixers::replace(ctx.tokens(), span,
                                   match_case(ctx.tokens().text(span.begin), "bigint"))}}});
}

void check_cache_option(const Options& options, Context& ctx) {
  const pg::DefElem* cache = find_option(options, "cache");
  if (cache == nullptr) return;
  const auto value = integer_value(cache->arg());
  if (value && (*value == 1 || *value >= 65536)) return;
  const Tokens& tokens = ctx.tokens();
  const size_t word = ctx.token_at(cache->location());
  if (word == Tokens::npos || word + 1 >= tokens.size()) return;
  size_t end = word + 2;
  if ((tokens.is_op(word + 1, "-") || tokens.is_op(word + 1, "+")) && end < tokens.size()) ++end;
  const TokenSpan number{word + 1, end};
  Diagnostic finding{.range = tokens.range({word, end}),
                     .message = fmt::format("`CACHE {}` is not supported", tokens.text(number))};
  if (value) {
    finding.notes = {
        {"numbers are assigned in order, and every call is coordinated across the cluster; `CACHE "
         "65536` scales, but leaves gaps and keeps no order between sessions"}};
    finding.fix = Fix{Safety::Review, "use `CACHE 1`", {fixers::replace(tokens, number, "1")}};
  }
  ctx.report(std::move(finding));
}

void report_invalid(const Options& options, std::initializer_list<std::string_view> names,
                    Context& ctx) {
  for (const pg::Node& node : options) {
    const pg::DefElem& option = node.def_elem();
    if (!is_one_of(option.defname(), names)) continue;
    size_t at = ctx.token_at(option.location());
    if (ctx.tokens().is(at, "set")) ++at;
    std::string words = option.defname();
    std::replace(words.begin(), words.end(), '_', ' ');
    ctx.report({.range = at == Tokens::npos ? ctx.head() : ctx.tokens().range(at),
                .message = fmt::format("option `{}` is not possible here", words)});
  }
}

void check_invalid(const pg::CreateSeqStmt& create, Context& ctx) {
  report_invalid(create.options(), {"sequence_name"}, ctx);
}
void check_altered_invalid(const pg::AlterSeqStmt& alter, Context& ctx) {
  report_invalid(alter.options(), {"sequence_name"}, ctx);
}
void check_identity_invalid(const pg::Constraint& constraint, Context& ctx) {
  if (constraint.contype() == pg::CONSTR_IDENTITY)
    report_invalid(constraint.options(), {"as"}, ctx);
}
void check_set_invalid(const pg::AlterTableCmd& cmd, Context& ctx) {
  if (cmd.subtype() == pg::AT_SetIdentity) {
    report_invalid(cmd.def().list().items(), {"sequence_name"}, ctx);
  }
}

void check_type(const pg::CreateSeqStmt& create, Context& ctx) {
  check_type_option(create.options(), ctx);
}
void check_altered_type(const pg::AlterSeqStmt& alter, Context& ctx) {
  check_type_option(alter.options(), ctx);
}
void check_cache(const pg::CreateSeqStmt& create, Context& ctx) {
  check_cache_option(create.options(), ctx);
}
void check_altered_cache(const pg::AlterSeqStmt& alter, Context& ctx) {
  check_cache_option(alter.options(), ctx);
}

/// The name's tokens; the sequence may stand inside CREATE SCHEMA.
TokenSpan name_span(const pg::CreateSeqStmt& create, const Context& ctx) {
  const size_t first = ctx.token_at(create.sequence().location());
  if (first == Tokens::npos) return {};
  return {first, ctx.tokens().skip_name(first)};
}

void check_cache_missing(const pg::CreateSeqStmt& create, Context& ctx) {
  if (find_option(create.options(), "cache") != nullptr) return;
  const TokenSpan name = name_span(create, ctx);
  if (name.empty()) return;
  // After the last option where the statement ends, after the name inside CREATE SCHEMA.
  const Tokens& tokens = ctx.tokens();
  const size_t last = ctx.parents().empty() ? tokens.size() - 1 : name.end - 1;
  ctx.report({.range = tokens.range(name),
              .message = fmt::format("sequence `{}` has no CACHE", create.sequence().relname()),
              .fix = Fix{Safety::Exact,
                         "append `CACHE 1`",
                         {fixers::insert_after(
                             tokens, last, match_case(tokens.text(name.begin - 1), " cache 1"))}}});
}

/// The word before SEQUENCE, with GLOBAL or LOCAL before TEMP.
void report_persistence(const pg::CreateSeqStmt& create, Context& ctx, Safety safety,
                        std::string_view note) {
  const Tokens& tokens = ctx.tokens();
  size_t word = name_span(create, ctx).begin;
  while (word > 0 && !tokens.is(word, "sequence")) --word;
  if (word < 2) return;
  TokenSpan span{word - 1, word};
  if (tokens.is(word - 2, "global") || tokens.is(word - 2, "local")) --span.begin;
  ctx.report(
      {.range = tokens.range(span),
       .notes = {{std::string(note)}},
       .fix =
           Fix{safety, "remove the keyword", {fixers::remove(tokens, span, ctx.source().text())}}});
}

void check_temporary(const pg::CreateSeqStmt& create, Context& ctx) {
  if (create.sequence().relpersistence() != "t") return;
  report_persistence(create, ctx, Safety::Review,
                     "it becomes permanent: all sessions share it, and it has to be dropped");
}

void check_unlogged(const pg::CreateSeqStmt& create, Context& ctx) {
  if (create.sequence().relpersistence() != "u") return;
  report_persistence(create, ctx, Safety::Exact, "it is stored durably, like everything else");
}

void report_unsupported(Context& ctx) {
  if (ctx.engine().accepts(Capability::SequencesAndIdentity)) return;
  ctx.report(
      {.range = ctx.head(), .notes = {{ctx.engine().refusal(Capability::SequencesAndIdentity)}}});
}
void check_create(const pg::CreateSeqStmt&, Context& ctx) { report_unsupported(ctx); }
void check_alter(const pg::AlterSeqStmt&, Context& ctx) { report_unsupported(ctx); }

constexpr std::array kRules = {
    rule<check_type>(kType),
    rule<check_altered_type>(kType),
    rule<check_cache>(kCache),
    rule<check_altered_cache>(kCache),
    rule<check_cache_missing>(kCacheMissing),
    rule<check_temporary>(kTemporary),
    rule<check_unlogged>(kUnlogged),
    rule<check_create>(kUnsupported),
    rule<check_alter>(kUnsupported),
    rule<check_invalid>(kInvalid),
    rule<check_altered_invalid>(kInvalid),
    rule<check_identity_invalid>(kInvalid),
    rule<check_set_invalid>(kInvalid),
};

}  // namespace

std::span<const Rule> sequence() { return kRules; }

}  // namespace dsqlint
