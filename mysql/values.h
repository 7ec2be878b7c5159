// Literals: what MySQL's text stands for, and how PostgreSQL writes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mysql/lexer.h"
#include "mysql/types.h"

namespace dsqlint::mysql {

struct Column;

/// A literal's value, free of its spelling.
struct Literal {
  enum class Kind : uint8_t { Null, Default, Number, String, Bytes, Bits };
  Kind kind = Kind::Null;
  /// Number: its digits, with sign; String, Bytes, Bits: the bytes.
  std::string value;
  std::string charset;  ///< of an introducer; empty: the connection's
};

/// The bytes a string token stands for: quotes gone, doubled quotes and backslashes resolved.
std::string string_bytes(std::string_view token, const Modes& modes);
void append_string_bytes(std::string& out, std::string_view token, const Modes& modes);
/// The name inside a backtick or double-quoted token.
std::string name_bytes(std::string_view token);
std::string hex_bytes(std::string_view token);
std::string bit_bytes(std::string_view token);
/// Big-endian bytes as a decimal number; nothing above 64 bits.
std::optional<uint64_t> number_of(std::string_view bytes);

/// UTF-8 for bytes in one of MySQL's character sets; nothing where they do not hold, or the set is
/// not known here. `utf8mb4`, `utf8` and `ascii` are checked, `latin1` is Windows-1252.
std::optional<std::string> to_utf8(std::string_view bytes, std::string_view charset);
bool is_utf8(std::string_view bytes);

/// '…', or E'…' where control characters want escapes. No NUL inside.
std::string quote_text(std::string_view utf8);
void append_text(std::string& out, std::string_view utf8);
/// '\x0aff', and `zeros` bytes more.
std::string quote_bytea(std::string_view bytes, size_t zeros = 0);
void append_bytea(std::string& out, std::string_view bytes, size_t zeros = 0);
/// How many zero bytes a BINARY(n) is filled up with.
size_t pad_of(const TypeSpec& type, size_t bytes);

/// What MySQL reads of a text as a number: `12abc` is 12, `abc` is 0.
std::string leading_number(std::string_view text);

/// A literal of a TIMESTAMP as the instant it is in `zone`; others, and where no zone is given, as
/// they are.
std::string zoned(std::string sql, Class cls, std::string_view zone);

/// What a literal becomes in a column.
struct Converted {
  std::string sql;
  bool changed = false;           ///< more than spelling: a finding's worth
  std::string problem = {};       ///< why it cannot be stored; `sql` is then empty
  std::string_view finding = {};  ///< the rule that speaks of the problem, if it has one of its own
};

/// What MySQL gives a NOT NULL column without a default outside of strict mode, and old rows of a
/// new one; empty where that is a value PostgreSQL has not.
std::string implicit_default(const Column& column);
/// What MySQL stores outside of strict mode where it is not the value itself, for one of `several`
/// rows; else empty.
std::string lax_value(const Literal& literal, const Column& column, const Converted& converted,
                      bool several, std::string_view charset);

/// `charset`: of the connection. Of the column only its types are read.
Converted convert(const Literal& literal, const TypeSpec& type, const TargetType& target,
                  std::string_view charset);
/// Without a column to go by.
Converted convert(const Literal& literal, std::string_view charset);

/// `2020-1-2`, `20200102030405`, `20-01-02`: as YYYY-MM-DD[ hh:mm:ss[.f]]; nothing where it is no
/// date. `zero` is set for dates with a zero year, month or day.
std::optional<std::string> iso_datetime(std::string_view text, bool& zero);

}  // namespace dsqlint::mysql
