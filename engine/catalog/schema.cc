// What the model knows, and how it goes from file to file; schema_builder.cc fills it.

#include "engine/catalog/schema.h"

#include <algorithm>

#include "engine/catalog/apply.h"
#include "engine/catalog/catalog.h"
#include "engine/catalog/named_objects.h"
#include "engine/parse/document.h"
#include "engine/parse/names.h"

namespace dsqlint {

bool is_serial(const TypeRef& type) {
  return type.schema.empty() && !type.array &&
         is_one_of(type.name,
                   {"bigserial", "serial", "serial2", "serial4", "serial8", "smallserial"});
}

const Column* Table::column(std::string_view wanted) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Column& column) { return column.name == wanted; });
  return found == columns.end() ? nullptr : &*found;
}

const Key* Table::primary_key() const {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [](const Key& key) { return key.kind == KeyKind::Primary; });
  return found == keys.end() ? nullptr : &*found;
}

bool UserType::had_name(const ObjectName& wanted) const {
  return std::any_of(earlier_names.begin(), earlier_names.end(), [&](const ObjectName& earlier) {
    return earlier.name == wanted.name && schemas_agree(earlier, wanted);
  });
}

void Schema::begin_file(uint32_t numbers) {
  file_ = file_ == kNoFile ? 0 : file_ + numbers_;
  numbers_ = numbers;
  run_.begin();
  mark();
}

struct Schema::Run::Parts {
  catalog::Catalog catalog = {};
  catalog::Session session = {};
  catalog::Step begun = 0;
  uint32_t first = 0;  ///< number of the first file of the document, and of the last one seen
  uint32_t last = 0;
  bool restarted = false;
  std::vector<catalog::Refused> refused = {};
  std::vector<catalog::Refused> refused_before = {};
};

Schema::Run::Run() : parts_(std::make_unique<Parts>()) {}
Schema::Run::Run(const Run& other) : parts_(std::make_unique<Parts>(*other.parts_)) {}
Schema::Run::Run(Run&& other) noexcept = default;
Schema::Run& Schema::Run::operator=(Run other) noexcept {
  parts_ = std::move(other.parts_);
  return *this;
}
Schema::Run::~Run() = default;

void Schema::Run::begin() {
  catalog::end_session(parts_->catalog, parts_->session);
  parts_->begun = parts_->catalog.step();
  parts_->first = ++parts_->last;
  parts_->catalog.need_only({parts_->begun});
  parts_->restarted = false;
  parts_->refused.clear();
  parts_->refused_before.clear();
}

void Schema::Run::restart() {
  parts_->catalog.cut(parts_->begun);
  parts_->session = {};
  if (!parts_->restarted) parts_->refused_before = std::move(parts_->refused);
  parts_->refused.clear();
  parts_->restarted = true;
}

void Schema::Run::apply(const Document& document, uint32_t statement) {
  parts_->last =
      std::max(parts_->last, parts_->first + static_cast<uint32_t>(document.file_of(statement)));
  if (document.starts_file(statement)) catalog::end_session(parts_->catalog, parts_->session);
  // What ROLLBACK goes back to is needed too.
  std::vector<catalog::Step> needed = {parts_->begun};
  for (const catalog::Session::Mark& mark : parts_->session.marks) needed.push_back(mark.step);
  parts_->catalog.need_only(std::move(needed));
  for (catalog::Refusal& refusal :
       catalog::apply(parts_->catalog, parts_->session, document, statement, parts_->first)) {
    parts_->refused.push_back({statement, std::move(refusal)});
  }
}

const catalog::Catalog& Schema::catalog() const { return run_.parts().catalog; }

const std::vector<catalog::Refused>& Schema::refused() const { return run_.parts().refused; }

const std::vector<catalog::Refused>& Schema::refused_before() const {
  return run_.parts().refused_before;
}

bool Schema::is_fixed() const { return run_.parts().restarted; }

uint32_t Schema::first_origin() const { return run_.parts().first; }

void Schema::mark() {
  first_table_ = tables_.size();
  first_sequence_ = sequences_.size();
  first_type_ = types_.size();
  first_view_ = views_.size();
  undo_.clear();
  kept_.clear();
  kept_entries_.clear();
  if (!keeps()) return;
  undo_.push_back([tables = tables_.size(), partitions = partitions_.size(),
                   sequences = sequences_.size(), types = types_.size(),
                   functions = functions_.size(), views = views_.size(), counts = counts_,
                   schemas = schemas_](Schema& schema) {
    schema.tables_.resize(tables);
    schema.partitions_.resize(partitions);
    schema.sequences_.resize(sequences);
    schema.types_.resize(types);
    schema.functions_.resize(functions);
    schema.views_.resize(views);
    schema.counts_ = counts;
    schema.schemas_ = schemas;
  });
}

void Schema::restart_file() {
  if (!keeps()) {
    Run run = std::move(run_);
    const uint32_t numbers = numbers_;
    *this = Schema();
    begin_file(numbers);
    run_ = std::move(run);
    run_.restart();
    return;
  }
  run_.restart();
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) (*undo)(*this);
  mark();
}

const std::vector<TableId>& Schema::referring_tables(const std::string& bare_name) const {
  static const std::vector<TableId> kNone;
  const std::vector<TableId>* known = referring_tables_.find(bare_name);
  return known == nullptr ? kNone : *known;
}

const Table* Schema::find_table(const ObjectName& name) const {
  return find_named(tables_, tables_by_name_, name);
}

const Table* Schema::find_altered(const ObjectName& name) const {
  if (const Table* table = find_table(name)) return table;
  const Table* known = unseen_.find(name.name);
  return known != nullptr && schemas_agree(known->name, name) ? known : nullptr;
}

const Sequence* Schema::find_sequence(const ObjectName& name) const {
  return find_named(sequences_, sequences_by_name_, name);
}

const Function* Schema::find_function(const ObjectName& name) const {
  const Function* first = nullptr;
  functions_by_name_.each(name.name, [&](uint32_t id) {
    const Function& function = functions_[id];
    if (function.name.name != name.name || !schemas_agree(function.name, name)) return;
    const bool exact = function.name.schema == name.schema;
    const bool first_exact = first != nullptr && first->name.schema == name.schema;
    if (first == nullptr || (exact && !first_exact) ||
        (exact == first_exact && function.created < first->created)) {
      first = &function;
    }
  });
  return first;
}

const Function* Schema::latest_function(const ObjectName& name) const {
  return find_named(functions_, functions_by_name_, name,
                    [&](uint32_t id) { return functions_[id].name.name == name.name; });
}

const View* Schema::find_view(const ObjectName& name) const {
  return find_named(views_, views_by_name_, name);
}

const UserType* Schema::find_type(const ObjectName& name) const {
  if (const UserType* type = find_named(types_, types_by_name_, name)) return type;
  const UserType* former = nullptr;
  types_by_name_.each(name.name, [&](uint32_t id) {
    const UserType& type = types_[id];
    if (type.dropped || !type.had_name(name)) return;
    if (former == nullptr || former->created < type.created) former = &type;
  });
  return former;
}

bool Schema::has_constraint(const ObjectName& table, std::string_view name) const {
  const ConstraintNames* names = constraint_names_.find(table.name);
  return names != nullptr && names->taken.contains(name);
}

size_t Schema::chosen_names(const ObjectName& table, std::string_view base) const {
  const ConstraintNames* names = constraint_names_.find(table.name);
  const size_t* chosen = names == nullptr ? nullptr : names->chosen.find(base);
  return chosen == nullptr ? 0 : *chosen;
}

}  // namespace dsqlint
