// Statement by statement, as the catalog grows: a name means what it means at that moment.

#include "workspace/symbols.h"

#include <algorithm>

#include "engine/parse/document.h"

namespace dsqlint {
namespace {

using catalog::kNoObject;
using catalog::NameUse;
using catalog::ObjectId;

/// The names of a document, by place.
std::vector<NameUse> collect(std::vector<std::vector<NameUse>>& slots) {
  std::vector<NameUse> all;
  for (std::vector<NameUse>& slot : slots) {
    std::move(slot.begin(), slot.end(), std::back_inserter(all));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const NameUse& a, const NameUse& b) { return a.range < b.range; });
  return all;
}

}  // namespace

Symbols::Symbols(Snapshot& snapshot, const std::vector<std::string>& history, const Texts* texts) {
  for (const std::string& name : history) {
    if (!snapshot.is_sql(name) || snapshot.is_mysql(name)) continue;
    auto source = snapshot.read(name);
    if (texts != nullptr) {
      const auto text = texts->find(name);
      if (text != texts->end()) source = text->second;
    }
    if (!source || !is_valid_text((*source)->text())) continue;
    files_.push_back({name, std::move(*source), {}, true});
    if (const auto tool = snapshot.tool_history(name)) {
      files_.back().whole = false;
      files_.back().up = tool->up(name, *files_.back().source);
    }
  }
  for (size_t file = 0; file < files_.size(); ++file) read(file);
}

void Symbols::read(size_t file) {
  const std::shared_ptr<const SourceFile>& source = files_[file].source;
  std::vector<std::vector<NameUse>> slots(Document::max_slots(*source));
  const Document document =
      Document::parse(source, 1, {.parallel = [&](const StatementView& view, size_t slot) {
                        catalog::collect_name_uses(view, slots[slot]);
                        return Visit{.found = true};
                      }});
  const std::vector<NameUse> uses = collect(slots);
  catalog::Session session;
  size_t next = 0;
  for (size_t i = 0; i < document.statements().size(); ++i) {
    const Statement& statement = document.statements()[i];
    if (!files_[file].goes_up(statement.range)) {
      while (next < uses.size() && uses[next].range.begin < statement.range.end) ++next;
      continue;
    }
    const catalog::State before = catalog_.now();
    const std::vector<std::string> path = session.path;
    catalog::apply(catalog_, session, document, i, static_cast<uint32_t>(file));
    const catalog::State after = catalog_.now();
    for (; next < uses.size() && uses[next].range.begin < statement.range.end; ++next) {
      const NameUse& use = uses[next];
      ObjectId id = before.find(use.space, use.name, path);
      const bool fresh = id == kNoObject;
      if (fresh) id = after.find(use.space, use.name, session.path);
      const bool stays = id != kNoObject && after.get(id) != nullptr;
      uses_.push_back(
          {use.space, use.name, {file, use.range}, id, stays ? after.step() : before.step()});
      const catalog::Object* object = fresh && id != kNoObject ? after.get(id) : nullptr;
      if (object == nullptr || definitions_.count(id) != 0) continue;
      const catalog::UserType* type = object->type();
      definitions_[id] = {
          .kind = object->kind(),
          .name = object->name,
          .has_labels = type != nullptr && type->kind == catalog::UserTypeKind::Enum,
          .place = {file, use.range},
          .statement = statement.range,
          .columns = use.columns,
          .step = after.step()};
    }
  }
  catalog::end_session(catalog_, session);
}

bool Symbols::File::goes_up(Range statement) const {
  return whole ||
         std::any_of(up.begin(), up.end(), [&](Range part) { return part.contains(statement); });
}

const SymbolDefinition* Symbols::definition(ObjectId object) const {
  const auto found = definitions_.find(object);
  return found == definitions_.end() ? nullptr : &found->second;
}

const SymbolUse* Symbols::use_at(const std::string& file, uint32_t offset) const {
  for (const SymbolUse& use : uses_) {
    if (files_[use.place.file].name == file && use.place.range.begin <= offset &&
        offset <= use.place.range.end) {
      return &use;
    }
  }
  return nullptr;
}

std::optional<ObjectId> Symbols::find(catalog::NameSpace space, const ObjectName& name) const {
  const ObjectId now = catalog_.now().find(space, name);
  if (now != kNoObject && definitions_.count(now) != 0) return now;
  for (const auto& [id, definition] : definitions_) {
    if (catalog::name_space(definition.kind) == space && definition.name.name == name.name &&
        schemas_agree(definition.name, name)) {
      return id;
    }
  }
  return std::nullopt;
}

}  // namespace dsqlint
