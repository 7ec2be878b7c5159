// Triggers and event triggers. Those that only keep a timestamp current can go, when the
// application takes over; what the others do has to be rewritten by hand.

#include <fmt/format.h>

#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/object_names.h"
#include "rules/shared/refusal.h"
#include "rules/shared/trigger_effects.h"

namespace dsqlint {
namespace {

constexpr std::string_view kTriggerWhy =
    "No statement runs another one. Let the application do what the trigger did, in\n"
    "the same transaction: set `updated_at = now()` in its UPDATEs, write the log\n"
    "row together with the change. Keys, checks, defaults and generated columns\n"
    "often replace the rest.";

constexpr RuleInfo kCreate{
    .id = "unsupported_create_trigger",
    .summary = "triggers are not supported",
    .why = kTriggerWhy,
    .bad = "create trigger log after insert on orders for each row execute function log_order();",
    .fixes = Fixes::Sometimes,
};

constexpr Refusal kAlter{
    .info = {.id = "unsupported_alter_trigger",
             .summary = "triggers are not supported",
             .why = kTriggerWhy,
             .bad = "alter trigger log on orders rename to log_order;",
             .fixes = Fixes::Always},
    .kinds = {pg::OBJECT_TRIGGER},
};

constexpr RuleInfo kDrop{
    .id = "unsupported_drop_trigger",
    .summary = "DROP TRIGGER is accepted only with IF EXISTS",
    .why =
        "No trigger can exist, so there is nothing to drop. `drop trigger if exists …\n"
        "on …` is accepted and does nothing.",
    .bad = "drop trigger log on orders;",
    .good = "drop trigger if exists log on orders;",
    .fixes = Fixes::Always,
    .accepted_parts = {Capability::DropTriggerIfExists},
};

constexpr RuleInfo kEvent{
    .id = "unsupported_event_trigger",
    .summary = "event triggers are not supported",
    .why =
        "Nothing runs when definitions change; let the deployment tool do it. Only\n"
        "`drop event trigger if exists` is accepted, and does nothing.",
    .bad = "create event trigger watch on ddl_command_end execute function log_ddl();",
    .fixes = Fixes::Always,
};

constexpr int kInsteadOf = 1 << 6;
enum Event : int { kInsert = 1 << 2, kDelete = 1 << 3, kUpdate = 1 << 4, kTruncate = 1 << 5 };

std::string events_of(int events) {
  std::string text;
  const auto add = [&](Event event, std::string_view word) {
    if ((events & event) == 0) return;
    if (!text.empty()) text += " or ";
    text += word;
  };
  add(kInsert, "INSERT");
  add(kUpdate, "UPDATE");
  add(kDelete, "DELETE");
  add(kTruncate, "TRUNCATE");
  return text;
}

std::string assignments(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) {
    if (!text.empty()) text += ", ";
    text += quote_identifier(column) + " = now()";
  }
  return text;
}

/// The columns that the trigger keeps current, when that is all it does.
std::vector<std::string> touched_by(const pg::CreateTrigStmt& trigger, const ObjectName& function,
                                    const Schema& schema) {
  if (const Function* known = schema.latest_function(function)) return known->touches;
  // contrib's ready-made one names the column as its argument.
  if (function.name == "moddatetime" && trigger.args_size() == 1) {
    return {string_value(trigger.args(0))};
  }
  return {};
}

Fix removal(const Context& ctx, std::string title) {
  return {
      Safety::Review, std::move(title), {fixers::remove_statement(ctx.source(), ctx.statement())}};
}

/// What the application has to do in the trigger's place.
std::vector<Note> effect_notes(const pg::CreateTrigStmt& trigger, const ObjectName& function,
                               const std::string& table, const Schema& schema) {
  const std::string name = to_sql(function);
  const std::string events = events_of(trigger.events());
  if (function.name.starts_with("tsvector_update_trigger")) {
    return {
        {fmt::format("nothing keeps the search column of `{}` up to date: send its text to a "
                     "search service with each {}",
                     table, events)}};
  }
  const Function* known = schema.latest_function(function);
  if (known == nullptr) {
    return {
        {fmt::format("from now on the application has to do what `{}`, which this input does not "
                     "define before the trigger, did for each {} of `{}`, in the same transaction",
                     name, events, table)}};
  }
  const std::string effects = describe_effects(known->effects);
  std::vector<Note> notes = {
      {fmt::format("from now on the application has to do what `{}` did for each {} of `{}`, in "
                   "the same transaction{}",
                   name, events, table, effects.empty() ? "" : ": it " + effects)}};
  if (known->effects.refuses) {
    notes.push_back(
        {fmt::format("what `{}` rejected is now accepted: use a CHECK, unique or foreign key "
                     "constraint where possible; otherwise check before writing",
                     name)});
  }
  return notes;
}

void check_create(const pg::CreateTrigStmt& trigger, SchemaContext& ctx) {
  const Tokens& tokens = ctx.tokens();
  const ObjectPlace place = object_place(tokens, "trigger");
  const ObjectName function = object_name(trigger.funcname());
  const std::string table = to_sql(object_name(trigger.relation()));
  Diagnostic finding{.range = tokens.range(place.head)};
  finding.message = describe_object(tokens, "trigger", place) + " cannot be created";

  const std::vector<std::string> touched = touched_by(trigger, function, ctx.schema());
  const bool idle = function.name == "suppress_redundant_updates_trigger";
  if (!touched.empty() || idle) {
    finding.notes.push_back(
        {idle ? fmt::format("updates of `{}` that change nothing are now written", table)
              : fmt::format("from now on the application has to write `{}` in every {} of `{}`",
                            assignments(touched), events_of(trigger.events()), table)});
    finding.fix = removal(ctx, "remove the trigger");
  } else if (trigger.timing() == kInsteadOf) {
    finding.help = fmt::format(
        "let the application do what `{}` does for each {} of the view `{}`, on the tables of the "
        "view, and remove the trigger",
        to_sql(function), events_of(trigger.events()), table);
  } else {
    finding.notes = effect_notes(trigger, function, table, ctx.schema());
    finding.fix = removal(ctx, "remove the trigger");
  }
  ctx.report(std::move(finding));
}

Fix add_if_exists(const Context& ctx, size_t name) {
  const Tokens& tokens = ctx.tokens();
  return {Safety::Review,
          "add `if exists`",
          {fixers::insert_before(tokens, name, match_case(tokens.text(0), "IF EXISTS "))}};
}

void check_drop(const pg::DropStmt& drop, Context& ctx) {
  if (!ctx.parents().empty()) return;
  const bool event = drop.remove_type() == pg::OBJECT_EVENT_TRIGGER;
  if (!event && drop.remove_type() != pg::OBJECT_TRIGGER) return;
  const bool accepted = event || ctx.engine().accepts(Capability::DropTriggerIfExists);
  if (accepted && drop.missing_ok()) return;
  const Tokens& tokens = ctx.tokens();
  const std::string_view noun = event ? "event trigger" : "trigger";
  const ObjectPlace place = object_place(tokens, noun);
  Diagnostic finding{.range = tokens.range(place.head)};
  finding.message = describe_object(tokens, noun, place) + " does not exist";
  finding.notes.push_back({"triggers are not supported, so there is nothing to drop"});
  if (!accepted) {
    finding.notes.push_back({ctx.engine().refusal(Capability::DropTriggerIfExists)});
    finding.fix = removal(ctx, "remove the statement");
  } else if (!place.name.empty()) {
    finding.fix = add_if_exists(ctx, place.name.begin);
  }
  ctx.report(std::move(finding));
}

void check_drop_trigger(const pg::DropStmt& drop, Context& ctx) {
  if (drop.remove_type() == pg::OBJECT_TRIGGER) check_drop(drop, ctx);
}

void check_drop_event_trigger(const pg::DropStmt& drop, Context& ctx) {
  if (drop.remove_type() == pg::OBJECT_EVENT_TRIGGER) check_drop(drop, ctx);
}

constexpr Refusal kEventRefusal{
    .info = kEvent,
    .kinds = {pg::OBJECT_EVENT_TRIGGER},
    .lost =
        "nothing runs when definitions change: from now on the tool that deploys them has to do "
        "what the trigger did",
};

constexpr Refusal kEventAlter{
    .info = kEvent,
    .kinds = {pg::OBJECT_EVENT_TRIGGER},
    .lost = "event triggers are not supported, so there is nothing to alter",
};

constexpr auto kRules = join_rules(
    std::array{rule<check_create>(kCreate), rule<check_drop_trigger>(kDrop),
               rule<check_drop_event_trigger>(kEvent)},
    refuses<kAlter, pg::RenameStmt, pg::AlterObjectDependsStmt>(),
    refuses<kEventRefusal, pg::CreateEventTrigStmt, pg::RenameStmt, pg::AlterOwnerStmt>(),
    refuses<kEventAlter, pg::AlterEventTrigStmt>());

}  // namespace

std::span<const Rule> triggers() { return kRules; }

}  // namespace dsqlint
