#include "rules/expressions/pg_catalog.h"

#include <algorithm>

namespace dsqlint {
namespace {

using enum PgType;

constexpr PgTypeRow kTypes[] = {
    {"", ' ', false, kNone, 'i', 'i'},
#define TYPE(id, name, category, preferred, part, input, output) \
  {name, category, preferred, part, input, output},
#include "rules/expressions/pg_types.inc"
#undef TYPE
};

constexpr PgFunctionRow kFunctions[] = {
#include "rules/expressions/pg_functions.inc"
};

constexpr PgOperatorRow kOperators[] = {
#include "rules/expressions/pg_operators.inc"
};

constexpr PgCastRow kCasts[] = {
#include "rules/expressions/pg_casts.inc"
};

constexpr auto kByName = [](const auto& a, const auto& b) { return a.name < b.name; };
constexpr auto kBySource = [](const PgCastRow& a, const PgCastRow& b) {
  return a.source != b.source ? a.source < b.source : a.target < b.target;
};
static_assert(std::is_sorted(std::begin(kTypes), std::end(kTypes), kByName));

// Arrays and what is made over a type, the other way round.
constexpr auto kArrays = [] {
  std::array<PgType, std::size(kTypes)> arrays{};
  for (size_t i = 0; i < std::size(kTypes); ++i) {
    if (kTypes[i].category == 'A') arrays[static_cast<size_t>(kTypes[i].part)] = PgType(i);
  }
  return arrays;
}();
constexpr auto kRanges = [] {
  std::array<PgType, std::size(kTypes)> ranges{};
  for (size_t i = 0; i < std::size(kTypes); ++i) {
    if (kTypes[i].category == 'R') ranges[static_cast<size_t>(kTypes[i].part)] = PgType(i);
  }
  return ranges;
}();

template <typename Row, size_t n>
std::span<const Row> rows_named(const Row (&rows)[n], std::string_view name) {
  const Row* first =
      std::lower_bound(std::begin(rows), std::end(rows), name,
                       [](const Row& row, auto wanted) { return row.name < wanted; });
  const Row* last = first;
  while (last != std::end(rows) && last->name == name) ++last;
  return {first, last};
}

}  // namespace

const PgTypeRow& row_of(PgType type) { return kTypes[static_cast<size_t>(type)]; }

PgType find_pg_type(std::string_view name) {
  const auto rows = rows_named(kTypes, name);
  return rows.empty() ? kNone : PgType(rows.data() - std::begin(kTypes));
}

PgType array_of(PgType element) { return kArrays[static_cast<size_t>(element)]; }
PgType range_over(PgType part) { return kRanges[static_cast<size_t>(part)]; }
bool is_array(PgType type) { return row_of(type).category == 'A'; }

size_t PgFunctionRow::size() const {
  return static_cast<size_t>(std::find(arguments.begin(), arguments.end(), kNone) -
                             arguments.begin());
}

std::span<const PgFunctionRow> functions_named(std::string_view name) {
  return rows_named(kFunctions, name);
}

std::span<const PgOperatorRow> operators_named(std::string_view name) {
  return rows_named(kOperators, name);
}

const PgCastRow* find_cast(PgType source, PgType target) {
  const PgCastRow wanted{source, target, ' ', ' ', ' '};
  const auto* row = std::lower_bound(std::begin(kCasts), std::end(kCasts), wanted, kBySource);
  return row != std::end(kCasts) && row->source == source && row->target == target ? row : nullptr;
}

}  // namespace dsqlint
