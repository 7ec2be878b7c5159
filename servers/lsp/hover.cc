// What is under the cursor: a finding's rule, the rule that a comment names, or an object with what
// is left of its limits.

#include <fmt/format.h>

#include <algorithm>

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
  return fmt::format("{} of {} {}", used, limit, noun);
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
  if (const auto word = rule_word_at(source, offset)) {
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
  const Symbols symbols(view.snapshot, view.snapshot.history(asked->name));
  const Limits limits = Engine().limits();
  const SymbolUse* use = symbols.use_at(asked->name, offset);
  if (use != nullptr && use->object != catalog::kNoObject) {
    return markdown(object_markdown({symbols.catalog(), use->step}, use->object, limits),
                    range_json(lines, use->place.range));
  }
  for (const auto& [id, definition] : symbols.definitions()) {
    if (symbols.files()[definition.place.file].name != asked->name) continue;
    for (const auto& [name, range] : definition.columns) {
      if (offset < range.begin || offset > range.end) continue;
      return markdown(column_markdown({symbols.catalog(), definition.step}, id, name, limits),
                      range_json(lines, range));
    }
  }
  return Json();
}

}  // namespace dsqlint::lsp
