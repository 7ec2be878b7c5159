#include "rules/shared/object_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace dsqlint {

std::string_view object_noun(pg::ObjectType kind) {
  switch (kind) {
    case pg::OBJECT_ACCESS_METHOD:
      return "access method";
    case pg::OBJECT_AGGREGATE:
      return "aggregate";
    case pg::OBJECT_CAST:
      return "cast";
    case pg::OBJECT_COLLATION:
      return "collation";
    case pg::OBJECT_COLUMN:
      return "column";
    case pg::OBJECT_CONVERSION:
      return "conversion";
    case pg::OBJECT_DATABASE:
      return "database";
    case pg::OBJECT_DOMAIN:
      return "domain";
    case pg::OBJECT_DOMCONSTRAINT:
    case pg::OBJECT_TABCONSTRAINT:
      return "constraint";
    case pg::OBJECT_EVENT_TRIGGER:
      return "event trigger";
    case pg::OBJECT_EXTENSION:
      return "extension";
    case pg::OBJECT_FDW:
      return "foreign data wrapper";
    case pg::OBJECT_FOREIGN_SERVER:
      return "server";
    case pg::OBJECT_FOREIGN_TABLE:
      return "foreign table";
    case pg::OBJECT_FUNCTION:
      return "function";
    case pg::OBJECT_INDEX:
      return "index";
    case pg::OBJECT_LANGUAGE:
      return "language";
    case pg::OBJECT_LARGEOBJECT:
      return "large object";
    case pg::OBJECT_MATVIEW:
      return "materialized view";
    case pg::OBJECT_OPCLASS:
      return "operator class";
    case pg::OBJECT_OPERATOR:
      return "operator";
    case pg::OBJECT_OPFAMILY:
      return "operator family";
    case pg::OBJECT_PARAMETER_ACL:
      return "parameter";
    case pg::OBJECT_POLICY:
      return "policy";
    case pg::OBJECT_PROCEDURE:
      return "procedure";
    case pg::OBJECT_PUBLICATION:
      return "publication";
    case pg::OBJECT_ROLE:
      return "role";
    case pg::OBJECT_ROUTINE:
      return "routine";
    case pg::OBJECT_RULE:
      return "rule";
    case pg::OBJECT_SCHEMA:
      return "schema";
    case pg::OBJECT_SEQUENCE:
      return "sequence";
    case pg::OBJECT_SUBSCRIPTION:
      return "subscription";
    case pg::OBJECT_STATISTIC_EXT:
      return "statistics";
    case pg::OBJECT_TABLE:
      return "table";
    case pg::OBJECT_TABLESPACE:
      return "tablespace";
    case pg::OBJECT_TRANSFORM:
      return "transform";
    case pg::OBJECT_TRIGGER:
      return "trigger";
    case pg::OBJECT_TSCONFIGURATION:
      return "text search configuration";
    case pg::OBJECT_TSDICTIONARY:
      return "text search dictionary";
    case pg::OBJECT_TSPARSER:
      return "text search parser";
    case pg::OBJECT_TSTEMPLATE:
      return "text search template";
    case pg::OBJECT_TYPE:
      return "type";
    case pg::OBJECT_USER_MAPPING:
      return "user mapping";
    case pg::OBJECT_VIEW:
      return "view";
    default:
      return {};
  }
}

namespace {

/// Past the words of `noun` at token `i`; `i` when they do not stand there.
size_t skip_words(const Tokens& tokens, size_t i, std::string_view noun) {
  size_t at = i;
  while (!noun.empty()) {
    const size_t space = std::min(noun.find(' '), noun.size());
    if (!tokens.is(at, noun.substr(0, space))) return i;
    ++at;
    noun.remove_prefix(std::min(space + 1, noun.size()));
  }
  return at;
}

}  // namespace

ObjectPlace object_place(const Tokens& tokens, std::string_view noun) {
  ObjectPlace place;
  // CREATE OR REPLACE TRUSTED PROCEDURAL LANGUAGE is the longest way to the noun.
  size_t i = 0;
  for (size_t at = 1; at < std::min<size_t>(tokens.size(), 6) && i == 0; ++at) {
    const size_t past = skip_words(tokens, at, noun);
    if (past != at) i = past;
  }
  if (i == 0) {
    place.head = {0, std::min<size_t>(tokens.size(), 2)};
    return place;
  }
  place.head = {0, i};
  if (tokens.is(i, "concurrently")) ++i;
  if (tokens.is(i, "if")) i = tokens.is(i + 1, "not") ? i + 3 : i + 2;
  if (tokens.is(i, "for")) ++i;  // USER MAPPING FOR role, TRANSFORM FOR type
  size_t end = i;
  if (tokens.is_op(i, "(")) {  // CAST (a AS b)
    const size_t close = tokens.close(i);
    end = close == Tokens::npos ? i : close + 1;
  } else {
    end = tokens.skip_name(i);
    // An operator's name, perhaps with a schema before it.
    if (end == i && i < tokens.size()) ++end;
    if (tokens.is_op(end, ".") && end + 1 < tokens.size()) end += 2;
  }
  place.name = {i, std::min(end, tokens.size())};
  size_t on = tokens.find({place.name.end, tokens.size()}, "on");
  if (noun == "rule" && on != Tokens::npos && tokens.is(on + 2, "to")) on += 2;  // ON UPDATE TO t
  if (on != Tokens::npos && (noun == "trigger" || noun == "policy" || noun == "rule")) {
    place.table = {on + 1, tokens.skip_name(on + 1)};
  }
  return place;
}

std::string describe_object(const Tokens& tokens, std::string_view noun, const ObjectPlace& place) {
  std::string text(noun);
  if (!place.name.empty()) text += fmt::format(" `{}`", tokens.text(place.name));
  if (!place.table.empty()) text += fmt::format(" on `{}`", tokens.text(place.table));
  return text;
}

}  // namespace dsqlint
