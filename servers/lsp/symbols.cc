// Objects by name: of a document, of the workspace, and where each is made and named.

#include "workspace/symbols.h"

#include <algorithm>
#include <memory>
#include <set>

#include "engine/text/tokens.h"
#include "servers/lsp/features.h"

namespace dsqlint::lsp {
namespace {

using catalog::ObjectKind;
using rpc::Answer;

/// LSP's SymbolKind, as near as it comes.
int symbol_kind(const SymbolDefinition& definition) {
  switch (definition.kind) {
    case ObjectKind::Table:
      return 23;  // Struct
    case ObjectKind::View:
      return 11;  // Interface
    case ObjectKind::Index:
      return 20;  // Key
    case ObjectKind::Sequence:
      return 16;  // Number
    case ObjectKind::Type:
      return definition.has_labels ? 10 : 5;  // Enum, Class
    case ObjectKind::Function:
      return 12;  // Function
    case ObjectKind::Schema:
      return 3;  // Namespace
    case ObjectKind::Statistics:
    case ObjectKind::Extension:
      return 4;  // Package
  }
  return 19;  // Object
}
constexpr int kFieldKind = 8;

std::string shown_name(const ObjectName& name) {
  const bool usual = name.schema.empty() || name.schema == "public" || name.schema == "pg_temp";
  return usual ? name.name : name.schema + "." + name.name;
}

Json location(const View& view, const Symbols& symbols, const SymbolPlace& place) {
  const Symbols::File& file = symbols.files()[place.file];
  const LineIndex lines(file.source->text(), view.capabilities.encoding);
  return {{"uri", view.names.uri_of(file.name)}, {"range", range_json(lines, place.range)}};
}

/// Calls `visit(symbols)` for every history of the workspace, beginning with that of `first`, until
/// it returns false.
template <typename Visit>
void each_history(const View& view, const std::string& first, Visit&& visit) {
  std::set<std::string> done;
  if (!first.empty()) {
    const std::vector<std::string> history = view.snapshot.history(first);
    done.insert(history.begin(), history.end());
    if (!visit(*view.symbols(history))) return;
  }
  // All others are too many to be kept.
  const auto once = [&](const std::string& name) {
    if (done.count(name) != 0) return true;
    const std::vector<std::string> history = view.snapshot.history(name);
    done.insert(history.begin(), history.end());
    return visit(Symbols(view.snapshot, history));
  };
  std::vector<std::string> names;
  for (const auto& [name, document] : view.snapshot.state().documents) names.push_back(name);
  for (const std::string& folder : view.snapshot.state().folders) {
    const std::vector<std::string> files = view.snapshot.files(folder);
    names.insert(names.end(), files.begin(), files.end());
  }
  for (const std::string& name : names) {
    if (view.stop.stop_requested() || !once(name)) return;
  }
}

/// What a name in a document stands for.
struct Meant {
  catalog::NameSpace space = catalog::NameSpace::Relation;
  ObjectName name;
};

bool names_it(const SymbolUse& use, const Meant& meant) {
  return use.space == meant.space && use.name.name == meant.name.name &&
         schemas_agree(use.name, meant.name);
}

bool contains_ignoring_case(std::string_view text, std::string_view query) {
  return downcase(text).find(downcase(query)) != std::string::npos;
}

}  // namespace

Answer document_symbols(const View& view, const Json& params) {
  const auto asked = asked_document(view, params);
  if (!asked) return tl::unexpected(asked.error());
  const LineIndex lines(asked->source->text(), view.capabilities.encoding);
  const auto made = view.symbols(view.snapshot.history(asked->name));
  const Symbols& symbols = *made;
  std::vector<const SymbolDefinition*> here;
  for (const auto& [id, definition] : symbols.definitions()) {
    if (symbols.files()[definition.place.file].name == asked->name) here.push_back(&definition);
  }
  std::sort(here.begin(), here.end(), [](const SymbolDefinition* a, const SymbolDefinition* b) {
    return a->place.range < b->place.range;
  });
  Json found = Json::array();
  for (const SymbolDefinition* definition : here) {
    if (!view.capabilities.nested_symbols) {
      found.push_back(
          {{"name", shown_name(definition->name)},
           {"kind", symbol_kind(*definition)},
           {"location",
            {{"uri", asked->uri}, {"range", range_json(lines, definition->statement)}}}});
      continue;
    }
    Json columns = Json::array();
    for (const auto& [name, range] : definition->columns) {
      const Json place = range_json(lines, range);
      columns.push_back(
          {{"name", name}, {"kind", kFieldKind}, {"range", place}, {"selectionRange", place}});
    }
    found.push_back({{"name", shown_name(definition->name)},
                     {"detail", catalog::kind_word(definition->kind)},
                     {"kind", symbol_kind(*definition)},
                     {"range", range_json(lines, definition->statement)},
                     {"selectionRange", range_json(lines, definition->place.range)},
                     {"children", std::move(columns)}});
  }
  return found;
}

Answer workspace_symbols(const View& view, const Json& params) {
  constexpr size_t kMost = 1000;
  const std::string query = text_at(params, {"query"});
  Json found = Json::array();
  each_history(view, {}, [&](const Symbols& symbols) {
    for (const auto& [id, definition] : symbols.definitions()) {
      if (!contains_ignoring_case(shown_name(definition.name), query)) continue;
      found.push_back({{"name", shown_name(definition.name)},
                       {"kind", symbol_kind(definition)},
                       {"location", location(view, symbols, definition.place)}});
    }
    return found.size() < kMost;
  });
  if (view.stop.stop_requested()) return stopped();
  return found;
}

Answer definition(const View& view, const Json& params) {
  const auto asked = asked_document(view, params);
  if (!asked) return tl::unexpected(asked.error());
  const LineIndex lines(asked->source->text(), view.capabilities.encoding);
  const uint32_t offset = lines.offset(required_place(at(params, {"position"})));
  std::optional<Meant> meant;
  Json found;
  each_history(view, asked->name, [&](const Symbols& symbols) {
    std::optional<catalog::ObjectId> object;
    if (!meant) {
      const SymbolUse* use = symbols.use_at(asked->name, offset);
      if (use == nullptr) return false;
      meant = Meant{use->space, use->name};
      if (use->object != catalog::kNoObject) object = use->object;
    }
    if (!object) object = symbols.find(meant->space, meant->name);
    const SymbolDefinition* definition = object ? symbols.definition(*object) : nullptr;
    if (definition == nullptr) return true;
    found = location(view, symbols, definition->place);
    return false;
  });
  if (view.stop.stop_requested()) return stopped();
  return found;
}

Answer references(const View& view, const Json& params) {
  const auto asked = asked_document(view, params);
  if (!asked) return tl::unexpected(asked.error());
  const LineIndex lines(asked->source->text(), view.capabilities.encoding);
  const uint32_t offset = lines.offset(required_place(at(params, {"position"})));
  const bool declared = flag(params, {"context", "includeDeclaration"});
  std::optional<Meant> meant;
  Json found = Json::array();
  each_history(view, asked->name, [&](const Symbols& symbols) {
    catalog::ObjectId object = catalog::kNoObject;
    if (!meant) {
      const SymbolUse* use = symbols.use_at(asked->name, offset);
      if (use == nullptr) return false;
      meant = Meant{use->space, use->name};
      object = use->object;
    }
    const SymbolDefinition* definition = symbols.definition(object);
    for (const SymbolUse& use : symbols.uses()) {
      // In its own history a name means the object of that moment; elsewhere, where nothing of the
      // name is made, it may mean this one.
      const bool same = object != catalog::kNoObject
                            ? use.object == object
                            : names_it(use, *meant) && symbols.definition(use.object) == nullptr;
      if (!same) continue;
      const bool declares = definition != nullptr && use.place.file == definition->place.file &&
                            use.place.range == definition->place.range;
      if (declares && !declared) continue;
      found.push_back(location(view, symbols, use.place));
    }
    return true;
  });
  if (view.stop.stop_requested()) return stopped();
  return found;
}

}  // namespace dsqlint::lsp
