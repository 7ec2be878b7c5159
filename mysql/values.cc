#include "mysql/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/text/utf8.h"

namespace dsqlint::mysql {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  return (c | 32) - 'a' + 10;
}

/// 0x80 to 0x9F of Windows-1252; its five undefined bytes are kept as they are, as in MySQL's
/// latin1.
constexpr std::array<uint16_t, 32> kWindows1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

Converted problem(std::string text, std::string_view finding = {}) {
  return {.sql = {}, .changed = false, .problem = std::move(text), .finding = finding};
}

/// `00012` → `12`, `1.` → `1`, `.5` → `0.5`, `+1` → `1`.
std::string plain_number(std::string_view number) {
  std::string out;
  if (!number.empty() && (number[0] == '-' || number[0] == '+')) {
    if (number[0] == '-') out += '-';
    number.remove_prefix(1);
  }
  const size_t whole = std::min(number.find_first_not_of("0123456789"), number.size());
  std::string_view digits = number.substr(0, whole);
  while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
  out += digits.empty() ? "0" : digits;
  std::string_view rest = number.substr(whole);
  if (rest.starts_with(".") && (rest.size() == 1 || !is_digit(rest[1]))) rest.remove_prefix(1);
  return out.append(rest);
}

bool is_number(std::string_view text) {
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  size_t digits = 0;
  while (i < text.size() && is_digit(text[i])) ++i, ++digits;
  if (i < text.size() && text[i] == '.') {
    ++i;
    while (i < text.size() && is_digit(text[i])) ++i, ++digits;
  }
  if (digits == 0) return false;
  if (i < text.size() && (text[i] | 32) == 'e') {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (i >= text.size()) return false;
    while (i < text.size() && is_digit(text[i])) ++i;
  }
  return i == text.size();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Is a number's value zero, whatever its spelling?
bool is_zero(std::string_view number) {
  return std::all_of(number.begin(), number.end(),
                     [](char c) { return c == '0' || c == '.' || c == '-' || c == '+'; });
}

/// The numeric value of a literal where a number is expected.
std::optional<std::string> numeric_value(const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::Number:
      return plain_number(literal.value);
    case Literal::Kind::String: {
      const std::string_view text = trimmed(literal.value);
      if (!is_number(text)) return std::nullopt;
      return plain_number(text);
    }
    case Literal::Kind::Bytes:
    case Literal::Kind::Bits:
      if (const auto number = number_of(literal.value)) return std::to_string(*number);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

/// `1.239` to 2 digits is `1.24`; numbers with an exponent, and those that have no more, stay.
std::string rounded_to(const std::string& number, int scale) {
  const size_t dot = number.find('.');
  if (dot == std::string::npos || number.find_first_of("eE") != std::string::npos) return number;
  const size_t end = dot + 1 + static_cast<size_t>(scale);
  if (number.size() <= end) return number;
  const bool up = number[end] >= '5';
  std::string out = number.substr(0, scale == 0 ? dot : end);
  if (!up) return out;
  for (size_t i = out.size(); i-- > 0;) {
    if (out[i] == '.' || out[i] == '-') {
      if (out[i] == '-') return out.insert(i + 1, 1, '1');
      continue;
    }
    if (out[i] != '9') {
      ++out[i];
      return out;
    }
    out[i] = '0';
  }
  return '1' + out;
}

Converted to_boolean(const Literal& literal, const TypeSpec& type) {
  // MariaDB's dumps write the byte of a BIT column.
  if (type.base == Base::Bit && literal.kind == Literal::Kind::String &&
      literal.value.size() == 1 && (literal.value[0] == '\0' || literal.value[0] == '\1')) {
    return {.sql = literal.value[0] == '\0' ? "FALSE" : "TRUE", .changed = true};
  }
  const auto number = numeric_value(literal);
  const std::string shown = literal.kind == Literal::Kind::String ? quote_text(literal.value)
                                                                  : number.value_or("the value");
  if (!number) return problem(fmt::format("{} is neither 0 nor 1", shown));
  if (is_zero(*number)) return {.sql = "FALSE", .changed = true};
  if (*number == "1") return {.sql = "TRUE", .changed = true};
  return problem(fmt::format("{} is neither 0 nor 1", shown));
}

Converted to_number(const Literal& literal, const TypeSpec& type, Class cls) {
  if (type.base == Base::Bit && literal.kind == Literal::Kind::String) {
    // A string in a BIT column is its bytes.
    if (const auto number = number_of(literal.value)) {
      return {.sql = std::to_string(*number), .changed = true};
    }
    return problem("the value has more than 64 bits");
  }
  const auto number = numeric_value(literal);
  if (!number) {
    return problem(literal.kind == Literal::Kind::String
                       ? fmt::format("{} is not a number", quote_text(literal.value))
                       : std::string("the value has more than 64 bits"));
  }
  if (type.base == Base::Year && number->find_first_not_of("0123456789") == std::string::npos) {
    // Two digits: 70 to 99 are of the last century. The number 0 stays 0, the text '0' is 2000.
    const int year = number->size() <= 4 ? std::stoi(*number) : -1;
    if (year >= 0 && year <= 99 && number->size() <= 2 &&
        !(year == 0 && literal.kind == Literal::Kind::Number) && literal.value != "0000") {
      return {.sql = std::to_string(year < 70 ? 2000 + year : 1900 + year), .changed = true};
    }
  }
  const bool floating = type.base == Base::Double || type.base == Base::Float;
  if (floating && type.scale >= 0) {
    const std::string rounded = rounded_to(*number, type.scale);
    return {.sql = rounded, .changed = rounded != *number};
  }
  // A fraction is rounded on assignment in both; an exponent is fine for both.
  return {.sql = *number,
          .changed = literal.kind != Literal::Kind::Number && cls != Class::Unknown &&
                     literal.kind != Literal::Kind::String};
}

Converted to_temporal(const Literal& literal, const TargetType& target) {
  std::string text = literal.value;
  if (literal.kind != Literal::Kind::Number && literal.kind != Literal::Kind::String) {
    return problem("the value is not a date");
  }
  if (target.cls == Class::Time) {
    std::string_view time = trimmed(text);
    const bool negative = time.starts_with("-");
    if (negative) time.remove_prefix(1);
    const bool colons = time.find(':') != std::string_view::npos;
    int parts[3] = {0, 0, 0};
    std::string fraction;
    const size_t dot = time.find('.');
    if (dot != std::string_view::npos) fraction = time.substr(dot);
    std::string_view whole = time.substr(0, dot);
    if (colons) {
      int part = 0;
      size_t begin = 0;
      while (part < 3 && begin <= whole.size()) {
        const size_t end = std::min(whole.find(':', begin), whole.size());
        const std::string_view digits = whole.substr(begin, end - begin);
        if (digits.empty() || digits.size() > 3 ||
            !std::all_of(digits.begin(), digits.end(), is_digit)) {
          return problem(fmt::format("'{}' is not a time of day", text));
        }
        parts[part++] = std::stoi(std::string(digits));
        begin = end + 1;
      }
    } else {
      if (whole.empty() || whole.size() > 7 || !std::all_of(whole.begin(), whole.end(), is_digit)) {
        return problem(fmt::format("'{}' is not a time of day", text));
      }
      const int value = std::stoi(std::string(whole));
      parts[0] = value / 10000;
      parts[1] = value / 100 % 100;
      parts[2] = value % 100;
    }
    if (negative || parts[0] > 24 || parts[1] > 59 || parts[2] > 59 ||
        (parts[0] == 24 && (parts[1] > 0 || parts[2] > 0))) {
      return problem(fmt::format("'{}' is more than a day, and `TIME` holds a time of day", text));
    }
    const std::string sql =
        fmt::format("'{:02}:{:02}:{:02}{}'", parts[0], parts[1], parts[2], fraction);
    const bool changed = sql != "'" + text + "'";
    return {.sql = sql, .changed = changed};
  }
  bool zero = false;
  auto iso = iso_datetime(text, zero);
  if (zero) return problem(fmt::format("'{}' is a zero date", text));
  if (!iso) return problem(fmt::format("'{}' is not a date", text));
  if (target.cls == Class::Date && iso->size() > 10) iso->resize(10);
  const std::string sql = "'" + *iso + "'";
  return {.sql = sql, .changed = literal.kind == Literal::Kind::Number || *iso != text};
}

Converted to_text(const Literal& literal, const TypeSpec& type, std::string_view charset) {
  if ((type.base == Base::Enum || type.base == Base::Set) && !type.members.empty()) {
    const auto same = [&](std::string_view a, std::string_view b) { return lower(a) == lower(b); };
    std::string_view text = literal.value;
    if (literal.kind == Literal::Kind::Number && type.base == Base::Enum) {
      const int index = text.size() < 6 && is_number(text) ? std::stoi(std::string(text)) : -1;
      if (index == 0) return problem("the enum has no member with number 0");
      if (index < 1 || static_cast<size_t>(index) > type.members.size()) {
        return problem(fmt::format("the enum has no member with number {}", text));
      }
      return {.sql = quote_text(type.members[static_cast<size_t>(index) - 1]), .changed = true};
    }
    if (literal.kind == Literal::Kind::Number) {
      std::string joined;
      uint64_t bits = 0;
      for (const char c : text) {
        if (!is_digit(c) || bits > (uint64_t{1} << 59))
          return problem("the set has no such member");
        bits = bits * 10 + static_cast<uint64_t>(c - '0');
      }
      for (size_t i = 0; i < type.members.size() && i < 64; ++i) {
        if ((bits >> i & 1) != 0) joined += (joined.empty() ? "" : ",") + type.members[i];
      }
      return {.sql = quote_text(joined), .changed = true};
    }
    if (type.base == Base::Enum) {
      for (const std::string& member : type.members) {
        if (member == text) return {.sql = quote_text(member)};
      }
      for (const std::string& member : type.members) {
        if (same(member, text)) return {.sql = quote_text(member), .changed = true};
      }
      if (text.empty()) return {.sql = "''", .changed = false};
    } else if (!text.empty()) {
      // Members in the order of the definition, each once: as MySQL stores it.
      std::string joined;
      size_t known = 0;
      for (const std::string& member : type.members) {
        size_t begin = 0;
        bool found = false;
        while (begin <= text.size()) {
          const size_t end = std::min(text.find(',', begin), text.size());
          found = found || same(text.substr(begin, end - begin), member);
          begin = end + 1;
        }
        if (!found) continue;
        ++known;
        joined += (joined.empty() ? "" : ",") + member;
      }
      if (known > 0) return {.sql = quote_text(joined), .changed = joined != text};
    }
  }
  if (literal.kind == Literal::Kind::Number) {
    return {.sql = quote_text(literal.value), .changed = true};
  }
  const bool raw = literal.kind != Literal::Kind::String;
  const auto utf8 =
      to_utf8(literal.value, raw                       ? std::string_view("utf8mb4")
                             : literal.charset.empty() ? charset
                                                       : std::string_view(literal.charset));
  if (!utf8)
    return problem("the string is not valid in its character set", "mysql_invalid_encoding");
  if (utf8->find('\0') != std::string::npos) {
    return problem("the string contains a NUL character, which PostgreSQL's text cannot contain",
                   "mysql_nul_in_text");
  }
  return {.sql = quote_text(*utf8), .changed = raw || *utf8 != literal.value};
}

std::string uuid_text(std::string_view bytes) {
  std::string out;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  return out;
}

}  // namespace

std::string string_bytes(std::string_view token, const Modes& modes) {
  std::string out;
  append_string_bytes(out, token, modes);
  return out;
}

void append_string_bytes(std::string& out, std::string_view token, const Modes& modes) {
  if (!token.empty() && (token[0] == 'N' || token[0] == 'n')) token.remove_prefix(1);
  if (token.size() < 2) return;
  const char quote = token[0];
  const char escape = modes.no_backslash_escapes ? quote : '\\';
  token = token.substr(1, token.size() - 2);
  for (size_t i = 0; i < token.size();) {
    const size_t begin = i;
    while (i < token.size() && token[i] != quote && token[i] != escape) ++i;
    out.append(token, begin, i - begin);
    if (i >= token.size()) break;
    const char next = i + 1 < token.size() ? token[i + 1] : '\\';
    if (token[i] == quote) {
      out += quote;
    } else {
      switch (next) {
        case '0':
          out += '\0';
          break;
        case 'b':
          out += '\b';
          break;
        case 'n':
          out += '\n';
          break;
        case 'r':
          out += '\r';
          break;
        case 't':
          out += '\t';
          break;
        case 'Z':
          out += '\x1A';
          break;
        case '%':
        case '_':
          out += '\\';
          out += next;
          break;
        default:
          out += next;
      }
    }
    i += 2;
  }
}

std::string name_bytes(std::string_view token) {
  if (token.size() < 2) return {};
  const char quote = token[0];
  token = token.substr(1, token.size() - 2);
  std::string out;
  for (size_t i = 0; i < token.size(); ++i) {
    out += token[i];
    if (token[i] == quote) ++i;
  }
  return out;
}

std::string hex_bytes(std::string_view token) {
  std::string_view digits = token.substr(2);
  if (token[0] != '0') digits = token.substr(2, token.size() - 3);
  std::string out;
  size_t i = 0;
  if (digits.size() % 2 == 1) out += static_cast<char>(hex_value(digits[i++]));
  for (; i + 1 < digits.size(); i += 2) {
    out += static_cast<char>(hex_value(digits[i]) * 16 + hex_value(digits[i + 1]));
  }
  return out;
}

std::string bit_bytes(std::string_view token) {
  std::string_view digits = token.substr(2);
  if (token[0] != '0') digits = token.substr(2, token.size() - 3);
  std::string out;
  int bits = 0;
  size_t left = digits.size();
  for (const char c : digits) {
    bits = bits * 2 + (c == '1' ? 1 : 0);
    if (--left % 8 == 0) {
      out += static_cast<char>(bits);
      bits = 0;
    }
  }
  return out;
}

std::optional<uint64_t> number_of(std::string_view bytes) {
  while (!bytes.empty() && bytes[0] == '\0') bytes.remove_prefix(1);
  if (bytes.size() > 8) return std::nullopt;
  uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

bool is_utf8(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const auto at = [&](size_t k) { return static_cast<unsigned char>(bytes[k]); };
    const unsigned char c = at(i);
    if (c < 0x80) {
      ++i;
      continue;
    }
    const size_t length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || i + length > bytes.size()) return false;
    for (size_t k = 1; k < length; ++k) {
      if ((at(i + k) & 0xC0) != 0x80) return false;
    }
    if ((c == 0xE0 && at(i + 1) < 0xA0) || (c == 0xED && at(i + 1) > 0x9F) ||
        (c == 0xF0 && at(i + 1) < 0x90) || (c == 0xF4 && at(i + 1) > 0x8F)) {
      return false;
    }
    i += length;
  }
  return true;
}

std::optional<std::string> to_utf8(std::string_view bytes, std::string_view charset) {
  const bool ascii = std::all_of(bytes.begin(), bytes.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  const std::string set = lower(charset);
  if (set == "ucs2" || set == "utf16" || set == "utf32") return std::nullopt;
  if (ascii) return std::string(bytes);
  if (set.empty() || set.starts_with("utf8") || set == "binary") {
    if (!is_utf8(bytes)) return std::nullopt;
    return std::string(bytes);
  }
  if (set != "latin1") return std::nullopt;
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    append_utf8(out, byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte);
  }
  return out;
}

std::string quote_text(std::string_view utf8) {
  std::string out;
  append_text(out, utf8);
  return out;
}

void append_text(std::string& out, std::string_view utf8) {
  bool controls = false;
  bool quotes = false;
  for (const char c : utf8) {
    controls = controls || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    quotes = quotes || c == '\'';
  }
  out += controls ? "E'" : "'";
  if (!controls && !quotes) {
    out += utf8;
    out += '\'';
    return;
  }
  for (const char c : utf8) {
    if (c == '\'') {
      out += "''";
    } else if (!controls) {
      out += c;
    } else if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\b') {
      out += "\\b";
    } else if (c == '\f') {
      out += "\\f";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '\'';
}

std::string quote_bytea(std::string_view bytes, size_t zeros) {
  std::string out;
  append_bytea(out, bytes, zeros);
  return out;
}

void append_bytea(std::string& out, std::string_view bytes, size_t zeros) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const size_t begin = out.size();
  out.resize(begin + 4 + bytes.size() * 2 + zeros * 2, '0');
  char* at = out.data() + begin;
  *at++ = '\'';
  *at++ = '\\';
  *at++ = 'x';
  for (const char c : bytes) {
    *at++ = kDigits[static_cast<unsigned char>(c) >> 4];
    *at++ = kDigits[static_cast<unsigned char>(c) & 15];
  }
  out.back() = '\'';
}

size_t pad_of(const TypeSpec& type, size_t bytes) {
  if (type.base != Base::Binary) return 0;
  const auto length = static_cast<size_t>(type.length < 0 ? 1 : type.length);
  return bytes < length && length <= 255 ? length - bytes : 0;
}

std::string leading_number(std::string_view text) {
  size_t i = std::min(text.find_first_not_of(" \t\n\r"), text.size());
  const size_t begin = i;
  const auto digits = [&] {
    const size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - from;
  };
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  size_t count = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    count += digits();
  }
  if (count == 0) return "0";
  size_t end = i;
  if (i < text.size() && (text[i] | 32) == 'e') {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (digits() > 0) end = i;
  }
  return std::string(text.substr(begin, end - begin));
}

std::string zoned(std::string sql, Class cls, std::string_view zone) {
  if (cls != Class::Timestamptz || zone.empty() || sql.size() < 12 || sql[0] != '\'' ||
      sql.back() != '\'') {
    return sql;
  }
  // A time that carries its own offset, or none at all.
  if (sql.size() > 12 && sql.find_first_of("+-Z", 12) != std::string::npos) return sql;
  sql.pop_back();
  if (sql.size() == 11) sql += " 00:00:00";
  if (zone[0] != '+' && zone[0] != '-') sql += ' ';
  return sql.append(zone) + "'";
}

std::optional<std::string> iso_datetime(std::string_view text, bool& zero) {
  zero = false;
  text = trimmed(text);
  int parts[6] = {0, 0, 0, 0, 0, 0};
  int sizes[6] = {0, 0, 0, 0, 0, 0};
  int count = 0;
  std::string fraction;
  size_t i = 0;
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string offset;
  if (digits >= 5 && (digits == text.size() || text[digits] == '.')) {
    // YYYYMMDDhhmmss, YYMMDDhhmmss, YYYYMMDD, YYMMDD, as one number.
    std::string number(text.substr(0, digits));
    if (digits == 5 || digits == 7 || digits == 11 || digits == 13) number.insert(0, 1, '0');
    const size_t year = number.size() == 8 || number.size() == 14 ? 4 : 2;
    if (number.size() > 14 || (number.size() - year) % 2 != 0) return std::nullopt;
    parts[0] = std::stoi(number.substr(0, year));
    sizes[0] = static_cast<int>(year);
    count = 1;
    for (size_t k = year; k + 1 < number.size() && count < 6; k += 2) {
      parts[count++] = std::stoi(number.substr(k, 2));
    }
    fraction = text.substr(digits);
  } else {
    while (i < text.size() && count < 6) {
      int value = 0;
      const size_t begin = i;
      while (i < text.size() && is_digit(text[i]) && i - begin < 4) {
        value = value * 10 + (text[i++] - '0');
      }
      if (i == begin) return std::nullopt;
      sizes[count] = static_cast<int>(i - begin);
      parts[count++] = value;
      if (i >= text.size()) break;
      if (count == 6) break;
      if (text[i] == '+' || (count > 3 && text[i] == '-') || text[i] == 'Z') break;
      if (count == 3 ? (text[i] != ' ' && text[i] != 'T') : is_digit(text[i])) {
        if (count == 3 && text[i] == ':') return std::nullopt;
        if (count == 3) return std::nullopt;
      }
      ++i;
      while (count == 3 && i < text.size() && text[i] == ' ') ++i;
    }
    if (i < text.size() && text[i] == '.') {
      const size_t begin = i++;
      while (i < text.size() && is_digit(text[i])) ++i;
      fraction = text.substr(begin, i - begin);
    }
    if (i < text.size()) offset = text.substr(i);
    if (!offset.empty() && offset[0] != '+' && offset[0] != '-' && offset != "Z") {
      return std::nullopt;
    }
  }
  if (is_zero(text) && count <= 1) {
    zero = true;
    return std::nullopt;
  }
  if (count < 3) return std::nullopt;
  if (parts[1] == 0 || parts[2] == 0) {
    zero = true;
    return std::nullopt;
  }
  if (sizes[0] == 2) parts[0] += parts[0] < 70 ? 2000 : 1900;
  if (parts[0] == 0) {
    zero = true;
    return std::nullopt;
  }
  constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (parts[0] % 4 == 0 && parts[0] % 100 != 0) || parts[0] % 400 == 0;
  if (parts[1] > 12 || parts[2] > kDays[static_cast<size_t>(parts[1]) - 1] ||
      (parts[1] == 2 && parts[2] == 29 && !leap) || parts[3] > 23 || parts[4] > 59 ||
      parts[5] > 59) {
    return std::nullopt;
  }
  if (fraction == ".") fraction.clear();
  std::string out = fmt::format("{:04}-{:02}-{:02}", parts[0], parts[1], parts[2]);
  if (count > 3) {
    out += fmt::format(" {:02}:{:02}:{:02}{}{}", parts[3], parts[4], parts[5], fraction, offset);
  }
  return out;
}

Converted convert(const Literal& literal, const TypeSpec& type, const TargetType& target,
                  std::string_view charset) {
  if (literal.kind == Literal::Kind::Null) return {.sql = "NULL"};
  if (literal.kind == Literal::Kind::Default) return {.sql = "DEFAULT"};
  switch (target.cls) {
    case Class::Bool:
      return to_boolean(literal, type);
    case Class::Integer:
    case Class::Numeric:
    case Class::Double:
      return to_number(literal, type, target.cls);
    case Class::Date:
    case Class::Time:
    case Class::Timestamp:
    case Class::Timestamptz:
      return to_temporal(literal, target);
    case Class::Bytes: {
      if (literal.kind == Literal::Kind::Number) {
        // A number is stored as its digits.
        return {.sql = quote_bytea(literal.value), .changed = true};
      }
      return {.sql = quote_bytea(literal.value, pad_of(type, literal.value.size())),
              .changed = true};
    }
    case Class::Uuid: {
      if (literal.kind == Literal::Kind::Number) return problem("a number is not a UUID");
      if (type.base == Base::Uuid && literal.kind == Literal::Kind::String) {
        return {.sql = quote_text(literal.value)};
      }
      std::string bytes = literal.value;
      if (bytes.size() < 16) bytes.resize(16, '\0');
      if (bytes.size() > 16) return problem("the value has more than 16 bytes");
      return {.sql = "'" + uuid_text(bytes) + "'", .changed = true};
    }
    case Class::Text:
    case Class::Json:
      return to_text(literal, type, charset);
    default:
      return convert(literal, charset);
  }
}

Converted convert(const Literal& literal, std::string_view charset) {
  switch (literal.kind) {
    case Literal::Kind::Null:
      return {.sql = "NULL"};
    case Literal::Kind::Default:
      return {.sql = "DEFAULT"};
    case Literal::Kind::Number:
      return {.sql = plain_number(literal.value)};
    case Literal::Kind::String:
      return to_text(literal, {}, charset);
    default:
      return {.sql = quote_bytea(literal.value), .changed = true};
  }
}

}  // namespace dsqlint::mysql
