// What is under the cursor: a finding's rule, the rule that a comment names, or an object with what
// is left of its limits.

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/catalog/print.h"
#include "engine/lint/engine.h"
#include "servers/lsp/directives.h"
#include "servers/lsp/features.h"
#include "workspace/symbols.h"

namespace dsqlint::lsp {
namespace {

std::string_view fixes_sentence(Fixes fixes) {
  return fixes == Fixes::Always      ? "It can always be fixed."
         : fixes == Fixes::Sometimes ? "It can often be fixed."
                                     : "It cannot be fixed automatically.";
}

std::string rule_markdown(const RuleInfo& rule) {
  std::string text = fmt::format("**{}**: {}\n\n{}\n", rule.id, rule.summary, rule.why);
  if (const auto since = accepted_since(rule)) {
    text += fmt::format("\nAccepted since {}.\n", to_string(*since));
  }
  if (!rule.bad.empty()) text += fmt::format("\n```sql\n{}\n```\n", rule.bad);
  if (!rule.good.empty()) text += fmt::format("\nInstead:\n\n```sql\n{}\n```\n", rule.good);
  text += fmt::format("\n{} As of {}.\n", fixes_sentence(rule.fixes), to_string(as_of(rule)));
  return text;
}

std::string joined_columns(const catalog::Table& table, const std::vector<catalog::ColumnId>& ids) {
  std::string names;
  for (const catalog::ColumnId id : ids) {
    const catalog::Column* column = table.column(id);
    names += (names.empty() ? "" : ", ") + (column == nullptr ? std::string("?") : column->name);
  }
  return names;
}

size_t count_indexes(const catalog::State& state, catalog::ObjectId table) {
  const std::vector<catalog::ObjectId> all = state.dependents(table);
  return static_cast<size_t>(std::count_if(all.begin(), all.end(), [&](catalog::ObjectId id) {
    const catalog::Object* object = state.get(id);
    return object != nullptr && object->index() != nullptr && object->index()->table == table;
  }));
}

/// "5 of 255 columns".
std::string budget(size_t used, int limit, std::string_view noun) {
  return fmt::format("{} of {}{}{}", used, limit, noun.empty() ? "" : " ", noun);
}

/// As it is at that moment.
std::string object_markdown(const catalog::State& state, catalog::ObjectId id,
                            const Limits& limits) {
  const catalog::Object* object = state.get(id);
  if (object == nullptr) return {};
  std::string text =
      fmt::format("**{}** {}\n", object->name.name, catalog::kind_word(object->kind()));
  if (const catalog::Table* table = object->table()) {
    text += fmt::format("\n- {}\n- {}\n",
                        budget(table->columns.size(), limits.columns_per_table, "columns"),
                        budget(count_indexes(state, id), limits.indexes_per_table, "indexes"));
    if (const catalog::Constraint* key = table->primary_key()) {
      text += fmt::format("- primary key ({}): {}\n", joined_columns(*table, key->columns),
                          budget(key->columns.size(), limits.key_columns, "key columns"));
    } else {
      text += "- no primary key\n";
    }
  } else if (const catalog::Index* index = object->index()) {
    const catalog::Object* of = state.get(index->table);
    text += fmt::format("\n- on {}\n- {}\n", of == nullptr ? "?" : of->name.name,
                        budget(index->keys.size(), limits.key_columns, "key columns"));
  } else if (const catalog::UserType* type = object->type(); type != nullptr) {
    for (const std::string& label : type->labels) text += fmt::format("\n- `{}`", label);
  }
  return text;
}

/// A column where its table is created.
std::string column_markdown(const catalog::State& state, catalog::ObjectId table,
                            const std::string& name, const Limits& limits) {
  const catalog::Object* object = state.get(table);
  const catalog::Column* column = object == nullptr ? nullptr : object->column(name);
  if (column == nullptr) return {};
  return fmt::format("**{}** {}{}\n\n{}\n", name, catalog::to_sql(column->type, state),
                     column->not_null ? ", not null" : "",
                     budget(object->columns().size(), limits.columns_per_table, "columns"));
}

/// What is so of an object, and how; for comparing two states of it.
using Facts = std::vector<std::pair<std::string, std::string>>;

std::string column_words(const catalog::Column& column, const catalog::State& state) {
  std::string words = catalog::to_sql(column.type, state);
  if (column.not_null) words += ", not null";
  if (column.identity != catalog::Identity::None) words += ", identity";
  if (column.default_value) {
    words += fmt::format(", {} {}", column.generated ? "generated as" : "default",
                         catalog::to_sql(column.default_value));
  }
  return words;
}

Facts facts_of(const catalog::State& state, catalog::ObjectId id, const Limits& limits) {
  Facts facts;
  const catalog::Object* object = state.get(id);
  if (object == nullptr) return facts;
  if (const catalog::Table* table = object->table()) {
    facts.emplace_back("columns", budget(table->columns.size(), limits.columns_per_table, ""));
    facts.emplace_back("indexes", budget(count_indexes(state, id), limits.indexes_per_table, ""));
    const catalog::Constraint* key = table->primary_key();
    facts.emplace_back("primary key", key == nullptr
                                          ? std::string("none")
                                          : "(" + joined_columns(*table, key->columns) + ")");
    for (const auto& column : table->columns) {
      facts.emplace_back("`" + column->name + "`", column_words(*column, state));
    }
  } else if (const catalog::Index* index = object->index()) {
    facts.emplace_back("keys", budget(index->keys.size(), limits.key_columns, ""));
    facts.emplace_back("method", index->method);
    facts.emplace_back("unique", index->unique ? "yes" : "no");
    facts.emplace_back("built", index->asynchronous ? "asynchronously" : "at once");
  }
  return facts;
}

/// What fixing the history makes of an object; empty where nothing of it changes. `column`: only
/// of that one.
std::string becomes(const View& view, const std::vector<std::string>& history,
                    const Symbols& symbols, const catalog::Object& object,
                    const std::string& column) {
  // Fixing takes longer than looking; nobody waits for that in a file of a dump's size.
  constexpr size_t kMostBytes = 256u << 10;
  size_t bytes = 0;
  for (const Symbols::File& file : symbols.files()) bytes += file.source->size();
  if (bytes > kMostBytes) return {};
  const Texts texts = view.snapshot.fixed_texts(history, view.stop);
  if (texts.empty() || view.stop.stop_requested()) return {};
  const Symbols fixed(view.snapshot, history, &texts);
  const Limits limits = Engine().limits();
  const auto facts_now = [&](const Symbols& of) {
    const catalog::State state = of.catalog().now();
    return facts_of(state, state.find(catalog::name_space(object.kind()), object.name), limits);
  };
  const Facts before = facts_now(symbols);
  const Facts after = facts_now(fixed);
  if (before.empty()) return {};  // something drops it
  if (after.empty()) return "\nFixing removes it.\n";
  const auto how = [](const Facts& facts, const std::string& what) {
    const auto found = std::find_if(facts.begin(), facts.end(),
                                    [&](const auto& one) { return one.first == what; });
    return found == facts.end() ? std::string() : found->second;
  };
  const std::string only = column.empty() ? std::string() : "`" + column + "`";
  std::string lines;
  for (const auto& [what, now] : after) {
    if (how(before, what) != now && (only.empty() || what == only)) {
      lines += fmt::format("- {}: {}\n", what, now);
    }
  }
  for (const auto& [what, then] : before) {
    if (how(after, what).empty() && (only.empty() || what == only)) {
      lines += fmt::format("- {}: removed\n", what);
    }
  }
  return lines.empty() ? lines : "\nFixing makes of it:\n\n" + lines;
}

Json markdown(std::string text, Json range) {
  return {{"contents", {{"kind", "markdown"}, {"value", std::move(text)}}},
          {"range", std::move(range)}};
}

}  // namespace

rpc::Answer hover(const View& view, const Json& params) {
  const auto asked = asked_document(view, params);
  if (!asked) return tl::unexpected(asked.error());
  const SourceFile& source = *asked->source;
  const LineIndex lines(source.text(), view.capabilities.encoding);
  const uint32_t offset = lines.offset(required_place(at(params, {"position"})));
  const RuleSet& rules = view.snapshot.state().rules;
  const bool is_sql = view.snapshot.is_sql(asked->name);
  if (const auto word = is_sql ? rule_word_at(source, offset) : std::nullopt) {
    if (const RuleInfo* rule = rules.find(source.slice(*word))) {
      return markdown(rule_markdown(*rule), range_json(lines, *word));
    }
  }
  const std::shared_ptr<const Judged> judged = view.judge(asked->name);
  if (judged == nullptr) return stopped();
  // The smallest of those around the cursor says most about it.
  const Finding* nearest = nullptr;
  for (const Finding& finding : judged->findings) {
    if (offset < finding.range.begin || offset > finding.range.end) continue;
    if (nearest == nullptr || finding.range.size() < nearest->range.size()) nearest = &finding;
  }
  const RuleInfo* rule = nearest == nullptr ? nullptr : rules.find(nearest->rule);
  if (rule != nullptr) return markdown(rule_markdown(*rule), range_json(lines, nearest->range));
  const std::vector<std::string> history = view.snapshot.history(asked->name);
  const auto made = view.symbols(history);
  const Symbols& symbols = *made;
  const Limits limits = Engine().limits();
  const SymbolUse* use = symbols.use_at(asked->name, offset);
  if (use != nullptr && use->object != catalog::kNoObject) {
    const catalog::State state{symbols.catalog(), use->step};
    std::string text = object_markdown(state, use->object, limits);
    if (const catalog::Object* object = state.get(use->object)) {
      text += becomes(view, history, symbols, *object, {});
    }
    return markdown(std::move(text), range_json(lines, use->place.range));
  }
  for (const auto& [id, definition] : symbols.definitions()) {
    if (symbols.files()[definition.place.file].name != asked->name) continue;
    for (const auto& [name, range] : definition.columns) {
      if (offset < range.begin || offset > range.end) continue;
      const catalog::State state{symbols.catalog(), definition.step};
      std::string text = column_markdown(state, id, name, limits);
      if (const catalog::Object* object = state.get(id)) {
        text += becomes(view, history, symbols, *object, name);
      }
      return markdown(std::move(text), range_json(lines, range));
    }
  }
  return Json();
}

}  // namespace dsqlint::lsp
