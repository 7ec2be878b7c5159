#include "mysql/symbols.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/text/tokens.h"
#include "mysql/lexer.h"

namespace dsqlint::mysql {

const Column* Table::column(std::string_view wanted) const {
  const std::string lowered = lower(wanted);
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) {
    return equals(c.original.empty() ? c.name : c.original, lowered);
  });
  return found == columns.end() ? nullptr : &*found;
}

Column* Table::column(std::string_view wanted) {
  return const_cast<Column*>(static_cast<const Table*>(this)->column(wanted));
}

const Key* Table::key(std::string_view wanted) const {
  const std::string lowered = lower(wanted);
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return equals(k.name, lowered); });
  return found == keys.end() ? nullptr : &*found;
}

const Key* Table::primary_key() const {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [](const Key& k) { return k.kind == KeyKind::Primary; });
  return found == keys.end() ? nullptr : &*found;
}

std::vector<const Key*> Table::unique_keys() const {
  std::vector<const Key*> unique;
  for (const Key& key : keys) {
    if (key.kind == KeyKind::Primary || key.kind == KeyKind::Unique) unique.push_back(&key);
  }
  return unique;
}

std::string Symbols::key(std::string_view schema, std::string_view name) {
  return lower(schema) + '\x1F' + lower(name);
}

const Table* Symbols::find(const Name& name) const {
  const auto found = tables_.find(key(name.schema, name.name));
  if (found != tables_.end()) return found->second.get();
  return below_ == nullptr ? nullptr : below_->find(name);
}

Table* Symbols::find(const Name& name) {
  const auto found = tables_.find(key(name.schema, name.name));
  if (found != tables_.end()) return found->second.get();
  const Table* table = below_ == nullptr ? nullptr : below_->find(name);
  if (table == nullptr) return nullptr;
  auto copy = std::make_shared<Table>(*table);
  copy->hindsight = std::make_shared<Hindsight>(*table->hindsight);
  return (tables_[key(name.schema, name.name)] = std::move(copy)).get();
}

Table& Symbols::define(Table table) {
  auto& slot = tables_[key(table.schema, table.original.empty() ? table.name : table.original)];
  slot = std::make_shared<Table>(std::move(table));
  return *slot;
}

void Symbols::drop(const Name& name) {
  views_.erase(key(name.schema, name.name));
  const Table* table = find(name);
  if (table == nullptr) return;
  // Its indexes go with it, so their names are free again.
  for (const Key& k : table->keys) relations_.erase(key(table->schema, k.target));
  forget(name);
}

void Symbols::forget(const Name& name) {
  if (below_ != nullptr && below_->find(name) != nullptr) {
    tables_[key(name.schema, name.name)] = nullptr;
  } else {
    tables_.erase(key(name.schema, name.name));
  }
}

void Symbols::reads(const Name& view, const std::vector<Name>& relations) {
  const size_t number = ++created_views_;
  views_[key(view.schema, view.name)] = number;
  for (const Name& relation : relations) {
    readers_[key(relation.schema, relation.name)].push_back({number, view});
  }
}

std::vector<Name> Symbols::readers(const std::vector<Name>& relations) const {
  std::map<size_t, Name> found;
  std::vector<std::string> open;
  for (const Name& relation : relations) open.push_back(key(relation.schema, relation.name));
  const std::unordered_set<std::string> given(open.begin(), open.end());
  while (!open.empty()) {
    const auto readers = readers_.find(open.back());
    open.pop_back();
    if (readers == readers_.end()) continue;
    for (const Reader& reader : readers->second) {
      const std::string name = key(reader.view.schema, reader.view.name);
      const auto view = views_.find(name);
      // Dropped, or recreated over something else.
      if (view == views_.end() || view->second != reader.number) continue;
      if (given.count(name) == 0 && found.emplace(reader.number, reader.view).second) {
        open.push_back(name);
      }
    }
  }
  std::vector<Name> views;
  for (auto& [number, view] : found) views.push_back(std::move(view));
  return views;
}

void Symbols::rename(const Name& from, const Name& to) {
  if (find(from) == nullptr) return;
  std::shared_ptr<Table> table = tables_[key(from.schema, from.name)];
  forget(from);
  // PostgreSQL's views follow the table, whatever it is called.
  if (auto readers = readers_.extract(key(from.schema, from.name)); !readers.empty()) {
    readers.key() = key(to.schema, to.name);
    readers_.insert(std::move(readers));
  }
  table->schema = to.schema;
  table->name = to.name;
  table->original.clear();
  tables_[key(to.schema, to.name)] = std::move(table);
}

std::string Symbols::free_name(const std::string& schema, const std::string& wanted) {
  std::string name = wanted;
  for (int n = 2; relations_.count(key(schema, name)) != 0; ++n) {
    const std::string suffix = fmt::format("_{}", n);
    name = wanted.substr(0, std::min<size_t>(wanted.size(), 63 - suffix.size())) + suffix;
  }
  take_name(schema, name);
  return name;
}

void Symbols::take_name(const std::string& schema, const std::string& name) {
  relations_.insert(key(schema, name));
}

std::string identifier(std::string_view name) {
  std::string safe(name.substr(0, name.find('\0')));
  const bool plain = std::all_of(safe.begin(), safe.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  const std::string quoted = quote_identifier(safe);
  if (quoted[0] == '"' || (plain && safe != "async")) return quoted;
  std::string out = "\"";
  for (const char c : safe) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

std::string qualified(std::string_view schema, std::string_view name) {
  return schema.empty() ? identifier(name) : identifier(schema) + "." + identifier(name);
}

}  // namespace dsqlint::mysql
