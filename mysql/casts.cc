// CAST and CONVERT: the types that values are cast to.

#include <fmt/format.h>

#include "mysql/query.h"

namespace dsqlint::mysql {

/// CAST and CONVERT: the type's words stand here.
Expr Query::cast(Expr value, Range range) {
  const std::string word = lower(c_.text());
  const size_t begin = c_.at();
  const auto length = [&]() -> std::string {
    if (!c_.is_op("(")) return {};
    const size_t open = c_.at();
    c_.skip_brackets();
    std::string text;
    for (size_t i = open; i < c_.at(); ++i) text += c_.slice(c_.statement().tokens[i]);
    return text;
  };
  c_.advance();
  std::string type;
  Class cls = Class::Unknown;
  if (word == "signed" || word == "unsigned") {
    if (!c_.accept("integer")) c_.accept("int");
    type = word == "signed" ? "bigint" : "numeric(20,0)";
    cls = word == "signed" ? Class::Integer : Class::Numeric;
    const bool text = value.cls == Class::Text;
    value = number(std::move(value));
    // The whole part of a text; numbers are rounded.
    if (text && !value.literal) {
      value.sql = Text("trunc(", range).add(value.sql).add(")");
      value.binding = Binding::Primary;
    }
  } else if (word == "char" || word == "nchar" || word == "varchar") {
    const std::string n = length();
    type = n.empty() ? "text" : "varchar" + n;
    cls = Class::Text;
    const bool plain = value.cls == Class::Text && (value.column == nullptr || !n.empty());
    if (!plain && !value.literal && value.cls != Class::Unknown) {
      value = as_text(std::move(value));
      if (n.empty()) {
        if (c_.accept("character", "set") || c_.accept("charset")) c_.advance();
        rewritten("CAST", range, false);
        return value;
      }
    }
    if (c_.accept("character", "set") || c_.accept("charset")) c_.advance();
  } else if (word == "datetime" || word == "timestamp") {
    const std::string n = length();
    type = "timestamp" + (n.empty() ? "(0)" : n);
    cls = Class::Timestamp;
  } else if (word == "date") {
    type = "date";
    cls = Class::Date;
  } else if (word == "time") {
    const std::string n = length();
    type = "time" + (n.empty() ? "(0)" : n);
    cls = Class::Time;
  } else if (word == "decimal" || word == "dec" || word == "numeric") {
    const std::string n = length();
    type = n.empty() ? "numeric(10,0)" : "numeric" + n;
    cls = Class::Numeric;
    value = number(std::move(value));
  } else if (word == "double" || word == "real" || word == "float") {
    c_.accept("precision");
    length();
    type = word == "float" ? "real" : "double precision";
    cls = Class::Double;
    value = number(std::move(value));
  } else if (word == "binary") {
    length();
    type = "bytea";
    cls = Class::Bytes;
  } else if (word == "json") {
    type = "json";
    cls = Class::Json;
  } else if (word == "year") {
    value.sql = Text("EXTRACT(year FROM ").add(value.sql).add(")");
    type = "integer";
    cls = Class::Integer;
  } else {
    c_.fail(fmt::format("`{}` is not a type to cast to", c_.slice(c_.statement().tokens[begin])));
    return value;
  }
  rewritten("CAST", range, false);
  const bool textual = value.cls == Class::Text || value.cls == Class::Unknown;
  const bool temporal = cls == Class::Timestamp || cls == Class::Date || cls == Class::Time;
  // The reading of a date from text depends on the session; a literal's does not.
  if (textual && temporal && !value.literal) value.immutable = false;
  if (value.cls == Class::Timestamptz) value.immutable = false;
  if (value.literal && textual && temporal) {
    coerce_literal(value, Expr{.sql = {}, .cls = cls});
    std::string upper = type;
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    Expr out;
    out.sql = Text(upper + " " + value.sql.text(), range);
    out.cls = cls;
    return out;
  }
  Expr out;
  merge(out, value);
  out.sql = wrap(std::move(value), Binding::Cast).add("::" + type);
  out.binding = Binding::Cast;
  out.cls = cls;
  return out;
}

}  // namespace dsqlint::mysql
