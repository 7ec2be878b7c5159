// DATE_FORMAT and STR_TO_DATE: MySQL's %-formats as templates of to_char.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/query.h"

namespace dsqlint::mysql {
namespace {

struct FormatPart {
  char code;
  std::string_view pattern;
};
constexpr std::array kFormat = {
    FormatPart{'Y', "YYYY"},    FormatPart{'y', "YY"},           FormatPart{'m', "MM"},
    FormatPart{'c', "FMMM"},    FormatPart{'d', "DD"},           FormatPart{'e', "FMDD"},
    FormatPart{'D', "FMDDth"},  FormatPart{'H', "HH24"},         FormatPart{'k', "FMHH24"},
    FormatPart{'h', "HH12"},    FormatPart{'I', "HH12"},         FormatPart{'l', "FMHH12"},
    FormatPart{'i', "MI"},      FormatPart{'s', "SS"},           FormatPart{'S', "SS"},
    FormatPart{'f', "US"},      FormatPart{'p', "AM"},           FormatPart{'T', "HH24:MI:SS"},
    FormatPart{'M', "FMMonth"}, FormatPart{'b', "Mon"},          FormatPart{'W', "FMDay"},
    FormatPart{'a', "Dy"},      FormatPart{'j', "DDD"},          FormatPart{'v', "IW"},
    FormatPart{'x', "IYYY"},    FormatPart{'r', "HH12:MI:SS AM"}};

/// MySQL's %-format as a template of to_char; nothing where a part has no counterpart.
std::optional<std::string> date_template(std::string_view format) {
  std::string out;
  std::string letters;
  const auto flush = [&] {
    if (!letters.empty()) out += '"' + letters + '"';
    letters.clear();
  };
  for (size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (c == '%' && i + 1 < format.size()) {
      flush();
      ++i;
      if (format[i] == '%') {
        out += '%';
        continue;
      }
      const auto* part = std::find_if(kFormat.begin(), kFormat.end(),
                                      [&](const FormatPart& p) { return p.code == format[i]; });
      if (part == kFormat.end()) return std::nullopt;
      out += part->pattern;
    } else if (((c | 32) >= 'a' && (c | 32) <= 'z') || static_cast<unsigned char>(c) >= 0x80) {
      letters += c;
    } else if (c == '"' || c == '\\') {
      flush();
      out += fmt::format("\\{}", c);
    } else {
      flush();
      out += c;
    }
  }
  flush();
  return out;
}

}  // namespace

/// DATE_FORMAT and STR_TO_DATE
Expr Query::date_format(Range range) {
  const std::string_view name = c_.slice(c_.statement().tokens[c_.at() - 1]);
  const bool reads = equals(name, "str_to_date");
  const bool seconds = equals(name, "from_unixtime");
  std::vector<Expr> list = arguments();
  Expr out;
  if (list.size() != 2 || !list[1].literal || list[1].literal->kind != Literal::Kind::String) {
    unsupported(reads ? "STR_TO_DATE with a computed format" : "DATE_FORMAT with a computed format",
                range);
    return out;
  }
  const std::string& format = list[1].literal->value;
  const auto pattern = date_template(format);
  if (!pattern) {
    unsupported(fmt::format("the date format '{}'", format), range);
    return out;
  }
  merge(out, list[0]);
  out.immutable = false;
  if (reads) {
    rewritten("STR_TO_DATE", range, false);
    const bool time =
        format.find_first_of("HhIiklsSTfpr", 0) != std::string::npos &&
        (pattern->find("HH") != std::string::npos || pattern->find("MI") != std::string::npos ||
         pattern->find("SS") != std::string::npos);
    out.sql.add(time ? "to_timestamp(" : "to_date(", range);
    out.sql.add(as_text(std::move(list[0])).sql).add(", ").add(quote_text(*pattern)).add(")");
    out.cls = time ? Class::Timestamptz : Class::Date;
    if (time) {
      // A date and time without a zone, as MySQL has it.
      out.sql.add("::timestamp");
      out.binding = Binding::Cast;
      out.cls = Class::Timestamp;
    }
    return out;
  }
  if (seconds) {
    rewritten("FROM_UNIXTIME", range, false);
    out.sql.add("to_char(to_timestamp(", range).add(number(std::move(list[0])).sql).add("), ");
    out.sql.add(quote_text(*pattern)).add(")");
    out.cls = Class::Text;
    return out;
  }
  rewritten("DATE_FORMAT", range);
  list[0] = moment(std::move(list[0]));
  out.immutable = false;
  out.sql.add("to_char(", range);
  out.sql.add(list[0].sql);
  out.sql.add(", ").add(quote_text(*pattern)).add(")");
  out.cls = Class::Text;
  return out;
}

}  // namespace dsqlint::mysql
