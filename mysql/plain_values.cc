#include "mysql/plain_values.h"

#include <algorithm>
#include <array>

#include "mysql/values.h"

namespace dsqlint::mysql {
namespace {

enum Trait : uint8_t { kEscaped = 1, kControl = 2, kHigh = 4 };

constexpr std::array<uint8_t, 256> make_traits() {
  std::array<uint8_t, 256> table = {};
  for (int c = 0; c < 0x20; ++c) table[static_cast<size_t>(c)] = kControl;
  table[0x7F] = kControl;
  table['\\'] = table['\''] = table['"'] = kEscaped;
  for (int c = 0x80; c < 256; ++c) table[static_cast<size_t>(c)] = kHigh;
  return table;
}
constexpr std::array<uint8_t, 256> kTraits = make_traits();

uint8_t traits_of(std::string_view bytes) {
  uint8_t traits = 0;
  for (const char c : bytes) traits |= kTraits[static_cast<unsigned char>(c)];
  return traits;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `12`, `0.5`, `12.50`: as PostgreSQL writes it, too.
bool is_plain_number(std::string_view text) {
  if (!is_digit(text[0]) || (text[0] == '0' && text.size() > 1 && text[1] != '.')) return false;
  size_t i = 1;
  while (i < text.size() && is_digit(text[i])) ++i;
  if (i == text.size()) return true;
  if (text[i++] != '.' || i == text.size()) return false;
  while (i < text.size() && is_digit(text[i])) ++i;
  return i == text.size();
}

/// Two digits at `at`, or -1.
int two_digits(std::string_view text, size_t at) {
  if (!is_digit(text[at]) || !is_digit(text[at + 1])) return -1;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

/// `2020-01-31`; the last of February is looked at more closely elsewhere.
bool is_plain_date(std::string_view text) {
  constexpr std::array<int, 13> kDays = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || two_digits(text, 0) < 0 ||
      two_digits(text, 2) < 0 || text.starts_with("0000")) {
    return false;
  }
  const int month = two_digits(text, 5);
  const int day = two_digits(text, 8);
  return month >= 1 && month <= 12 && day >= 1 && day <= kDays[static_cast<size_t>(month)];
}

/// `23:59:59`, `23:59:59.25`
bool is_plain_time(std::string_view text) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return false;
  const auto within = [&](size_t at, int limit) {
    const int part = two_digits(text, at);
    return part >= 0 && part < limit;
  };
  if (!within(0, 24) || !within(3, 60) || !within(6, 60)) return false;
  if (text.size() == 8) return true;
  return text[8] == '.' && text.size() > 9 && std::all_of(text.begin() + 9, text.end(), is_digit);
}

bool is_plain_timestamp(std::string_view text) {
  if (text.size() == 10) return is_plain_date(text);
  return text.size() >= 19 && text[10] == ' ' && is_plain_date(text.substr(0, 10)) &&
         is_plain_time(text.substr(11));
}

bool is_null(std::string_view word) { return word.size() == 4 && equals(word, "null"); }

}  // namespace

PlainColumn plain_column(const Column* column) {
  if (column == nullptr || (column->generated && !column->plain_instead)) return {};
  PlainColumn plain{PlainKind::None, column->auto_increment, column};
  switch (column->target.cls) {
    case Class::Bool:
      plain.kind = PlainKind::Boolean;
      break;
    case Class::Integer:
    case Class::Numeric:
    case Class::Double:
      plain.kind = column->type.base == Base::Year ? PlainKind::Year : PlainKind::Number;
      // DOUBLE(m, d) is rounded.
      if (column->target.cls == Class::Double && column->type.scale >= 0) {
        plain.kind = PlainKind::None;
      }
      break;
    case Class::Text:
    case Class::Json:
      plain.kind = column->type.base == Base::Enum || column->type.base == Base::Set
                       ? PlainKind::Member
                       : PlainKind::Text;
      break;
    case Class::Date:
      plain.kind = PlainKind::Date;
      break;
    case Class::Time:
      plain.kind = PlainKind::Time;
      break;
    case Class::Timestamp:
    case Class::Timestamptz:
      plain.kind = PlainKind::Timestamp;
      break;
    case Class::Bytes:
      plain.kind = PlainKind::Bytes;
      break;
    default:
      break;
  }
  return plain;
}

void PlainColumn::be_careful() {
  if (column == nullptr) return;
  null_too = !column->not_null;
  switch (column->type.base) {
    case Base::TinyInt:
      longest = 2;
      break;
    case Base::SmallInt:
      longest = 4;
      break;
    case Base::MediumInt:
      longest = 6;
      break;
    case Base::Int:
      longest = 9;
      break;
    case Base::BigInt:
      longest = 18;
      break;
    case Base::Char:
    case Base::VarChar:
      longest = static_cast<size_t>(column->type.length < 0 ? 1 : column->type.length);
      break;
    default:
      break;
  }
}

PlainWriter::PlainWriter(const Modes& modes, std::string_view charset) : modes_(modes) {
  const std::string set = lower(charset);
  utf8_ = set.empty() || set.starts_with("utf8") || set == "binary";
}

bool PlainWriter::text(std::string_view token, const PlainColumn& column, std::string& out) {
  std::string_view value = token.substr(1, token.size() - 2);
  const uint8_t traits = traits_of(value);
  if ((traits & kEscaped) != 0) {
    scratch_.clear();
    append_string_bytes(scratch_, token, modes_);
    value = scratch_;
  }
  switch (column.kind) {
    case PlainKind::Bytes:
      append_bytea(out, value, pad_of(column.column->type, value.size()));
      return true;
    case PlainKind::Member: {
      const auto& members = column.column->type.members;
      if (std::find(members.begin(), members.end(), value) == members.end()) return false;
      append_text(out, value);
      return true;
    }
    case PlainKind::Text:
      if (value.size() > column.longest) return false;
      if ((traits & kHigh) != 0 && (!utf8_ || !is_utf8(value))) return false;
      if ((traits & (kEscaped | kControl)) != 0 && value.find('\0') != std::string_view::npos) {
        return false;
      }
      append_text(out, value);
      return true;
    case PlainKind::Date:
      if (!is_plain_date(value)) return false;
      break;
    case PlainKind::Timestamp:
      if (!is_plain_timestamp(value)) return false;
      break;
    case PlainKind::Time:
      if (!is_plain_time(value)) return false;
      break;
    default:
      return false;
  }
  out += '\'';
  out += value;
  out += '\'';
  return true;
}

bool PlainWriter::write(Cursor& cursor, const PlainColumn& column, std::string& out) {
  if (column.kind == PlainKind::None) return false;
  size_t length = 1;
  const Token* token = &cursor.peek();
  const bool negative = token->kind == Kind::Operator && cursor.is_op("-");
  const bool binary = token->kind == Kind::Word && equals(cursor.slice(*token), "_binary");
  if (negative || binary) token = &cursor.peek(length++);
  // The literal is all there is of the value.
  const Token& behind = cursor.peek(length);
  if (behind.kind != Kind::Operator) return false;
  const char end = cursor.slice(behind)[0];
  if (end != ',' && end != ')') return false;
  const std::string_view slice = cursor.slice(*token);
  switch (token->kind) {
    case Kind::Number:
      if (slice.size() > column.longest || (negative && column.longest != SIZE_MAX)) return false;
      if (binary || !is_plain_number(slice) || (column.identity && slice[0] == '0')) return false;
      if (column.kind == PlainKind::Boolean) {
        if (negative || slice.size() != 1 || slice[0] > '1') return false;
        out += slice[0] == '1' ? "TRUE" : "FALSE";
      } else if (column.kind == PlainKind::Number ||
                 (column.kind == PlainKind::Year && slice.size() == 4 && !negative)) {
        if (negative) out += '-';
        out += slice;
      } else {
        return false;
      }
      break;
    case Kind::String:
      if (negative || (slice[0] != '\'' && slice[0] != '"')) return false;
      if (binary && column.kind != PlainKind::Bytes) return false;
      if (!text(slice, column, out)) return false;
      break;
    case Kind::Hex:
      if (negative || column.kind != PlainKind::Bytes) return false;
      scratch_ = hex_bytes(slice);
      append_bytea(out, scratch_, pad_of(column.column->type, scratch_.size()));
      break;
    case Kind::Word:
      if (negative || binary || !column.null_too || !is_null(slice)) return false;
      out += column.identity ? "DEFAULT" : "NULL";
      break;
    default:
      return false;
  }
  cursor.advance(length);
  return true;
}

}  // namespace dsqlint::mysql
