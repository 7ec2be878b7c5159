// What MySQL stores outside of strict mode, where PostgreSQL refuses the value.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/symbols.h"
#include "mysql/values.h"

namespace dsqlint::mysql {
namespace {

struct RangeRow {
  Base base;
  bool is_unsigned;
  std::string_view low;
  std::string_view high;
};
constexpr std::array kRanges = {
    RangeRow{Base::TinyInt, false, "-128", "127"},
    RangeRow{Base::TinyInt, true, "0", "255"},
    RangeRow{Base::SmallInt, false, "-32768", "32767"},
    RangeRow{Base::SmallInt, true, "0", "65535"},
    RangeRow{Base::MediumInt, false, "-8388608", "8388607"},
    RangeRow{Base::MediumInt, true, "0", "16777215"},
    RangeRow{Base::Int, false, "-2147483648", "2147483647"},
    RangeRow{Base::Int, true, "0", "4294967295"},
    RangeRow{Base::BigInt, false, "-9223372036854775808", "9223372036854775807"},
    RangeRow{Base::BigInt, true, "0", "18446744073709551615"},
};

/// Is the whole number `a` less than `b`?
bool less(std::string_view a, std::string_view b) {
  const bool a_negative = a.starts_with("-");
  const bool b_negative = b.starts_with("-");
  if (a_negative != b_negative) return a_negative;
  if (a_negative) {
    a.remove_prefix(1);
    b.remove_prefix(1);
    std::swap(a, b);
  }
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

/// The nearest number that the type holds; empty where it holds this one.
std::string clamped(std::string_view number, const TypeSpec& type) {
  const auto* row = std::find_if(kRanges.begin(), kRanges.end(), [&](const RangeRow& r) {
    return r.base == type.base && r.is_unsigned == type.is_unsigned;
  });
  if (row == kRanges.end() || number.find_first_of(".eE") != std::string_view::npos) return {};
  if (less(number, row->low)) return std::string(row->low);
  if (less(row->high, number)) return std::string(row->high);
  return {};
}

}  // namespace

std::string implicit_default(const Column& column) {
  if (column.type.base == Base::Enum && !column.type.members.empty()) {
    return quote_text(column.type.members[0]);
  }
  switch (column.target.cls) {
    case Class::Bool:
      return "FALSE";
    case Class::Integer:
    case Class::Numeric:
    case Class::Double:
      return "0";
    case Class::Text:
      return "''";
    case Class::Bytes:
      return "'\\x'";
    default:
      return {};
  }
}

std::string lax_value(const Literal& literal, const Column& column, const Converted& converted,
                      bool several, std::string_view charset) {
  if (literal.kind == Literal::Kind::Null) {
    // One row alone is refused in this mode, too.
    return several && column.not_null ? implicit_default(column) : std::string();
  }
  if (literal.kind == Literal::Kind::Default) return {};
  const bool text = literal.kind == Literal::Kind::String;
  const bool number = literal.kind == Literal::Kind::Number;
  if (is_number_class(column.target.cls) && (text || number) && column.type.base != Base::Bit) {
    const std::string value = converted.problem.empty() ? converted.sql
                              : text                    ? leading_number(literal.value)
                                                        : std::string();
    if (value.empty()) return {};
    const std::string nearest = clamped(value, column.type);
    if (!nearest.empty()) return nearest;
    if (converted.problem.empty()) return {};
    return convert({Literal::Kind::Number, value, {}}, column.type, column.target, charset).sql;
  }
  if (!converted.problem.empty() || !text) return {};
  if (column.type.base == Base::Enum) {
    const std::string lowered = lower(literal.value);
    const auto& members = column.type.members;
    const bool member = std::any_of(members.begin(), members.end(),
                                    [&](const std::string& m) { return lower(m) == lowered; });
    return member || literal.value.empty() ? std::string() : std::string("''");
  }
  if ((column.type.base == Base::VarChar || column.type.base == Base::Char) &&
      column.target.cls == Class::Text) {
    const auto most = static_cast<size_t>(std::max(1, column.type.length));
    if (literal.value.size() <= most) return {};
    const auto utf8 = to_utf8(
        literal.value, literal.charset.empty() ? charset : std::string_view(literal.charset));
    if (!utf8) return {};
    size_t characters = 0;
    for (size_t i = 0; i < utf8->size(); ++i) {
      if ((static_cast<unsigned char>((*utf8)[i]) & 0xC0) == 0x80) continue;
      if (++characters > most) return quote_text(utf8->substr(0, i));
    }
  }
  return {};
}

}  // namespace dsqlint::mysql
