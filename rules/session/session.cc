// SET and SHOW of parameters, set_config(), and SET SESSION AUTHORIZATION.

#include <fmt/format.h>

#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/session/parameters.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kParameter{
    .id = "unsupported_parameter",
    .summary = "the parameter cannot be set",
    .why =
        "Only these parameters can be set: application_name, client_encoding,\n"
        "datestyle, extra_float_digits, intervalstyle, timezone, search_path, role,\n"
        "disable_sync_create_index, dsql.enable_batched_nestloop, and the planner's\n"
        "enable_bitmapscan, enable_hashjoin, enable_indexonlyscan, enable_indexscan,\n"
        "enable_material, enable_mergejoin, enable_nestloop and enable_seqscan. Every\n"
        "other SET is an error, which aborts a transaction. RESET is accepted for any\n"
        "parameter except transaction_isolation, transaction_read_only and\n"
        "transaction_deferrable.",
    .bad = "set statement_timeout = 0;\nselect 1;",
    .good = "select 1;",
    .fixes = Fixes::Sometimes,
    .accepted_parts = {Capability::BatchedNestedLoops},
};

constexpr RuleInfo kSetConfig{
    .id = "set_config",
    .summary = "set_config() may be refused; use SET instead",
    .why =
        "The call as pg_dump writes it has been seen to be refused. SET does the same\n"
        "where name and value are known.",
    .bad = "select pg_catalog.set_config('search_path', '', false);",
    .good = "set search_path = '';",
    .severity = Severity::Warning,
    .fixes = Fixes::Sometimes,
    .help = "write `SET name = value`, or `SET LOCAL` for the rest of the transaction",
};

constexpr RuleInfo kShow{
    .id = "unsupported_show",
    .summary = "the parameter may be unknown",
    .why =
        "SHOW of a parameter that the engine does not have is an error (42704). The\n"
        "known ones are those that can be set, and those that drivers ask for:\n"
        "server_version, server_encoding, transaction_isolation and the like.",
    .bad = "show work_mem;",
    .severity = Severity::Warning,
    .help = "remove the statement, or do not rely on its result",
};

constexpr RuleInfo kAuthorization{
    .id = "set_session_authorization",
    .summary = "SET SESSION AUTHORIZATION accepts only DEFAULT",
    .why =
        "The session belongs to the role that it was authenticated as. SET ROLE changes\n"
        "to a role of which that one is a member, for instance to make it the owner of\n"
        "what is created.",
    .bad = "set session authorization app_owner;",
    .good = "set role app_owner;",
    .fixes = Fixes::Always,
};

/// The value of a SET when it is one literal.
std::optional<std::string> literal(const pg::Node& node) {
  if (node.node_case() != pg::Node::kAConst) return std::nullopt;
  const pg::A_Const& constant = node.a_const();
  if (constant.has_sval()) return constant.sval().sval();
  if (constant.has_ival()) return std::to_string(constant.ival().ival());
  if (constant.has_fval()) return constant.fval().fval();
  if (constant.has_boolval()) return constant.boolval().boolval() ? "true" : "false";
  return std::nullopt;
}

/// Fills in the consequence of removing a SET, or a call of set_config.
void explain_loss(const Context& ctx, const ParameterLoss& loss, bool alone, Diagnostic& finding) {
  if (!loss.note.empty()) finding.notes.push_back({loss.note});
  if (loss.safety != Safety::Manual && alone) {
    finding.fix = Fix{loss.safety,
                      "remove the statement",
                      {fixers::remove_statement(ctx.source(), ctx.statement())}};
  } else {
    finding.help = loss.help.empty() ? "remove the call" : loss.help;
  }
}

/// As the engine reads one: any beginning of the words that tells them apart.
bool is_boolean(const std::string& value) {
  const std::string word = downcase(value);
  const auto begins = [&](std::string_view whole, size_t least) {
    return word.size() >= least && whole.starts_with(word);
  };
  return begins("true", 1) || begins("false", 1) || begins("yes", 1) || begins("no", 1) ||
         begins("on", 2) || begins("off", 2) || word == "1" || word == "0";
}

void check_set(const pg::VariableSetStmt& set, Context& ctx) {
  // Those inside CREATE FUNCTION and ALTER ROLE are attributes of the object.
  if (!ctx.parents().empty()) return;
  if (set.kind() != pg::VAR_SET_VALUE && set.kind() != pg::VAR_SET_CURRENT) return;
  const std::string name = downcase(set.name());
  if (name == "session_authorization") return;
  const Tokens& tokens = ctx.tokens();
  const auto value = set.args_size() == 1 ? literal(set.args(0)) : std::nullopt;
  if (parameter_use(name, ctx.engine()) == ParameterUse::Settable) {
    if (!name.starts_with("dsql.") || !value || is_boolean(*value)) return;
    ctx.report({.range = tokens.range(tokens.size() - 1),
                .message = fmt::format("parameter `{}` takes a Boolean", set.name()),
                .help = "write `on` or `off`"});
    return;
  }
  const size_t at = tokens.is(1, "local") || tokens.is(1, "session") ? 2 : 1;
  const size_t end = tokens.is(at, "xml") ? at + 2 : tokens.skip_name(at);
  Diagnostic finding{.range = tokens.range(TokenSpan{at, end}),
                     .message = fmt::format("parameter `{}` cannot be set", set.name())};
  const bool newer = name == "dsql.enable_batched_nestloop";
  if (newer) finding.notes.push_back({ctx.engine().refusal(Capability::BatchedNestedLoops)});
  if (newer) {
    explain_loss(ctx, {Safety::Exact, "", ""}, true, finding);
  } else if (name.starts_with("dsql.")) {
    finding.help =
        "correct the name: `dsql.enable_batched_nestloop` is the only parameter of this kind";
  } else {
    explain_loss(ctx, parameter_loss(name, value), true, finding);
  }
  ctx.report(std::move(finding));
}

/// RESET and SET … TO DEFAULT are accepted for every name but these.
void check_reset(const pg::VariableSetStmt& set, Context& ctx) {
  if (!ctx.parents().empty() ||
      (set.kind() != pg::VAR_RESET && set.kind() != pg::VAR_SET_DEFAULT)) {
    return;
  }
  const std::string name = downcase(set.name());
  if (!is_one_of(name,
                 {"transaction_isolation", "transaction_read_only", "transaction_deferrable"})) {
    return;
  }
  const bool read_only = name == "transaction_read_only";
  Diagnostic finding{.range = ctx.head(),
                     .message = fmt::format("parameter `{}` cannot be reset", set.name())};
  finding.notes.push_back(
      {read_only ? "it is set by BEGIN, for one transaction; READ WRITE is the default"
                 : "every transaction is REPEATABLE READ, and none is deferrable"});
  finding.fix = Fix{read_only ? Safety::Review : Safety::Exact,
                    "remove the statement",
                    {fixers::remove_statement(ctx.source(), ctx.statement())}};
  ctx.report(std::move(finding));
}

/// `value` as SET takes it for a list of names: bare names and commas; empty if it is not a list.
std::string name_list(const std::string& value) {
  if (value.empty()) return "''";
  const Tokens tokens(value, {0, static_cast<uint32_t>(value.size())});
  for (size_t i = 0; i < tokens.size(); ++i) {
    const bool name = i % 2 == 0;
    if (name ? !tokens.is_name(i) : !tokens.is_op(i, ",")) return {};
    if (name && tokens[i].kind == TokenKind::Word && is_reserved(downcase(tokens.text(i))))
      return {};
  }
  return tokens.size() % 2 == 1 && tokens.comments().empty() ? value : std::string();
}

bool is_alone(const Context& ctx) {
  const auto parents = ctx.parents();
  if (parents.size() != 2) return false;
  const auto* select = parents[0].as<pg::SelectStmt>();
  return select != nullptr && select->target_list_size() == 1 && select->from_clause_size() == 0 &&
         !select->has_where_clause() && !select->has_into_clause() &&
         parents[1].as<pg::ResTarget>() != nullptr;
}

void check_set_config(const pg::FuncCall& call, Context& ctx, bool settable) {
  const ObjectName function = object_name(call.funcname());
  if (function.name != "set_config" || call.args_size() != 3 ||
      (!function.schema.empty() && function.schema != "pg_catalog")) {
    return;
  }
  const Tokens& tokens = ctx.tokens();
  const size_t at = ctx.token_at(call.location());
  if (at == Tokens::npos) return;
  const auto written = literal(call.args(0));
  const std::string name = downcase(written.value_or(""));
  const bool refused = written && parameter_use(name, ctx.engine()) == ParameterUse::Refused;
  if (refused == settable) return;
  const bool alone = is_alone(ctx);
  const auto value = literal(call.args(1));
  Diagnostic finding{.range = tokens.range(TokenSpan{at, tokens.skip_name(at)})};
  if (refused) {
    finding.message = fmt::format("parameter `{}` cannot be set", name);
    explain_loss(ctx, parameter_loss(name, value), alone, finding);
    ctx.report(std::move(finding));
    return;
  }
  const auto local = literal(call.args(2));
  const Range whole = tokens.range(tokens.all());
  if (alone && value && local && !touches_comment(tokens, whole) &&
      (*local == "true" || *local == "false")) {
    const std::string list = name == "search_path" ? name_list(*value) : "";
    std::string quoted = "'";
    for (const char c : *value) quoted += c == '\'' ? "''" : std::string(1, c);
    quoted += "'";
    if (name != "search_path" || !list.empty()) {
      const std::string_view verb = *local == "true" ? "SET LOCAL" : "SET";
      const std::string sql = fmt::format("{} {} = {}", match_case(tokens.text(0), verb), name,
                                          name == "search_path" ? list : quoted);
      finding.fix = Fix{Safety::Exact,
                        fmt::format("write `{}`", sql),
                        {fixers::replace(tokens, tokens.all(), sql)}};
    }
  }
  ctx.report(std::move(finding));
}

void check_settable_config(const pg::FuncCall& call, Context& ctx) {
  check_set_config(call, ctx, true);
}
void check_refused_config(const pg::FuncCall& call, Context& ctx) {
  check_set_config(call, ctx, false);
}

/// Not settable, but there to be read.
bool is_preset(std::string_view name) {
  constexpr std::array<std::string_view, 15> kPresets = {"all",
                                                         "block_size",
                                                         "integer_datetimes",
                                                         "is_superuser",
                                                         "lc_collate",
                                                         "lc_ctype",
                                                         "max_identifier_length",
                                                         "server_encoding",
                                                         "server_version",
                                                         "server_version_num",
                                                         "session_authorization",
                                                         "standard_conforming_strings",
                                                         "transaction_isolation",
                                                         "transaction_read_only",
                                                         "max_index_keys"};
  return std::find(kPresets.begin(), kPresets.end(), name) != kPresets.end();
}

void check_show(const pg::VariableShowStmt& show, Context& ctx) {
  const std::string name = downcase(show.name());
  if (is_preset(name) || parameter_use(name, ctx.engine()) == ParameterUse::Settable) return;
  ctx.report({.range = ctx.tokens().range(TokenSpan{1, ctx.tokens().size()}),
              .message = fmt::format("parameter `{}` may be unknown", show.name())});
}

void check_authorization(const pg::VariableSetStmt& set, Context& ctx) {
  if (!ctx.parents().empty() || set.kind() != pg::VAR_SET_VALUE ||
      set.name() != "session_authorization") {
    return;
  }
  const Tokens& tokens = ctx.tokens();
  const size_t word = tokens.find(tokens.all(), "authorization");
  Diagnostic finding{.range = ctx.head()};
  if (word != Tokens::npos && tokens.is(word - 1, "session")) {
    finding.range = tokens.range(TokenSpan{word - 1, word + 1});
    finding.notes.push_back(
        {"the role of the session must be a member of it; `RESET ROLE` undoes it"});
    finding.fix =
        Fix{Safety::Review,
            "set the role instead",
            {fixers::replace(tokens, {word - 1, word + 1}, match_case(tokens.text(0), "ROLE"))}};
  } else {
    finding.help = "use SET ROLE";
  }
  ctx.report(std::move(finding));
}

constexpr std::array kRules = {
    rule<check_set>(kParameter),
    rule<check_reset>(kParameter),
    rule<check_refused_config>(kParameter),
    rule<check_settable_config>(kSetConfig),
    rule<check_show>(kShow),
    rule<check_authorization>(kAuthorization),
};

}  // namespace

std::span<const Rule> session() { return kRules; }

}  // namespace dsqlint
