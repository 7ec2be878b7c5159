// After PostgreSQL's makeObjectName, ChooseRelationName and ChooseConstraintName.

#include "engine/catalog/generated_names.h"

#include <algorithm>

#include "engine/parse/names.h"
#include "engine/parse/walk.h"

namespace dsqlint {
namespace {

constexpr size_t kNameBytes = 63;

/// At most `bytes` of `name`, no character cut in two.
std::string_view clip(std::string_view name, size_t bytes) {
  if (name.size() <= bytes) return name;
  while (bytes > 0 && (static_cast<unsigned char>(name[bytes]) & 0xC0) == 0x80) --bytes;
  return name.substr(0, bytes);
}

}  // namespace

std::string generated_name(std::string_view first, std::string_view second,
                           std::string_view label) {
  const size_t overhead = label.size() + 1 + (second.empty() ? 0 : 1);
  const size_t room = kNameBytes > overhead ? kNameBytes - overhead : 0;
  size_t a = first.size();
  size_t b = second.size();
  while (a + b > room) --(a > b ? a : b);
  std::string name(clip(first, a));
  if (!second.empty()) {
    name += '_';
    name += clip(second, b);
  }
  name += '_';
  name += label;
  return name;
}

std::string free_name(std::string_view first, std::string_view second, std::string_view label,
                      const std::function<bool(const std::string&)>& taken, size_t known) {
  for (size_t pass = known;; ++pass) {
    std::string name = generated_name(
        first, second, pass == 0 ? std::string(label) : std::string(label) + std::to_string(pass));
    if (!taken(name)) return name;
  }
}

std::vector<std::string> columns_of(const pg::Node& expression) {
  std::vector<std::string> columns;
  Walker walker;
  walker.walk(unwrap(expression), [&](AstRef node, const std::vector<AstRef>&) {
    const auto* column = node.as<pg::ColumnRef>();
    if (column == nullptr || column->fields_size() == 0) return;
    const std::string& name = string_value(column->fields(column->fields_size() - 1));
    if (name.empty() || std::find(columns.begin(), columns.end(), name) != columns.end()) return;
    columns.push_back(name);
  });
  return columns;
}

std::string_view constraint_label(pg::ConstrType type) {
  switch (type) {
    case pg::CONSTR_CHECK:
      return "check";
    case pg::CONSTR_FOREIGN:
      return "fkey";
    case pg::CONSTR_UNIQUE:
      return "key";
    case pg::CONSTR_PRIMARY:
      return "pkey";
    case pg::CONSTR_EXCLUSION:
      return "excl";
    default:
      return {};
  }
}

bool has_index(pg::ConstrType type) {
  return type == pg::CONSTR_UNIQUE || type == pg::CONSTR_PRIMARY || type == pg::CONSTR_EXCLUSION;
}

std::string constraint_middle(const pg::Constraint& constraint, const std::string& column) {
  if (constraint.contype() == pg::CONSTR_PRIMARY) return {};
  if (constraint.contype() == pg::CONSTR_CHECK) {
    const std::vector<std::string> columns = columns_of(constraint.raw_expr());
    return columns.size() == 1 ? columns.front() : "";
  }
  if (!column.empty()) return column;
  const auto& nodes =
      constraint.contype() == pg::CONSTR_FOREIGN ? constraint.fk_attrs() : constraint.keys();
  std::string joined;
  for (const std::string& name : string_values(nodes)) {
    if (!joined.empty()) joined += '_';
    joined += name;
    if (joined.size() >= kNameBytes) break;
  }
  return joined;
}

}  // namespace dsqlint
