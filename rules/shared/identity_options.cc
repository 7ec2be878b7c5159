#include "rules/shared/identity_options.h"

#include <fmt/format.h>

#include "engine/parse/names.h"
#include "engine/text/tokens.h"

namespace dsqlint {
namespace {

constexpr size_t kNameBytes = 63;

/// The first `bytes` bytes, less a character that would be cut.
std::string_view clip(std::string_view name, size_t bytes) {
  if (name.size() <= bytes) return name;
  while (bytes > 0 && (static_cast<unsigned char>(name[bytes]) & 0xC0) == 0x80) --bytes;
  return name.substr(0, bytes);
}

}  // namespace

std::string nullable_identity_message(std::string_view column) {
  return fmt::format("column `{}` becomes an identity column, but it is nullable", column);
}

const pg::DefElem* find_option(const google::protobuf::RepeatedPtrField<pg::Node>& options,
                               std::string_view name) {
  for (const pg::Node& node : options) {
    if (node.def_elem().defname() == name) return &node.def_elem();
  }
  return nullptr;
}

IdentityOptions read_identity_options(const google::protobuf::RepeatedPtrField<pg::Node>& options) {
  IdentityOptions read;
  for (const pg::Node& node : options) {
    const pg::DefElem& option = node.def_elem();
    const std::string& name = option.defname();
    // NO MINVALUE and NO MAXVALUE have no argument.
    const auto number = [&](std::optional<int64_t>& value) {
      if (option.arg().node_case() == pg::Node::NODE_NOT_SET) return;
      value = integer_value(option.arg());
      if (!value) read.understood = false;
    };
    if (name == "sequence_name") {
      read.name = object_name(option.arg());
    } else if (name == "as") {
      const TypeRef type = type_ref(option.arg().type_name());
      read.small_type = type.name == "int2" || type.name == "int4";
    } else if (name == "cache") {
      number(read.cache);
    } else if (name == "start") {
      number(read.start);
    } else if (name == "increment") {
      number(read.increment);
    } else if (name == "minvalue") {
      number(read.minimum);
    } else if (name == "maxvalue") {
      number(read.maximum);
    } else if (name == "cycle") {
      read.cycle = option.arg().boolean().boolval();
    } else if (name != "owned_by") {
      read.understood = false;
    }
  }
  // The defaults of an ascending sequence are not written.
  if (read.increment == 1) read.increment.reset();
  if (read.increment.value_or(1) > 0) {
    if (read.minimum == 1) read.minimum.reset();
    if (read.start == read.minimum.value_or(1)) read.start.reset();
    // The largest number of a small type keeps it inside that type; the column is wider now.
    if (read.maximum == INT64_MAX) read.maximum.reset();
  }
  return read;
}

std::string IdentityOptions::sql(std::string_view sample) const {
  std::string text = fmt::format("CACHE {}", cache.value_or(1));
  if (increment) text += fmt::format(" INCREMENT BY {}", *increment);
  if (minimum) text += fmt::format(" MINVALUE {}", *minimum);
  if (maximum) text += fmt::format(" MAXVALUE {}", *maximum);
  if (start) text += fmt::format(" START WITH {}", *start);
  if (cycle) text += " CYCLE";
  return "(" + match_case(sample, text) + ")";
}

std::string automatic_sequence_name(std::string_view table, std::string_view column) {
  constexpr std::string_view kSuffix = "_seq";
  const size_t room = kNameBytes - kSuffix.size() - 1;
  size_t table_bytes = table.size();
  size_t column_bytes = column.size();
  while (table_bytes + column_bytes > room) {
    if (table_bytes > column_bytes) {
      --table_bytes;
    } else {
      --column_bytes;
    }
  }
  return fmt::format("{}_{}{}", clip(table, table_bytes), clip(column, column_bytes), kSuffix);
}

}  // namespace dsqlint
