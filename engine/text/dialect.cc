// Masks for what the parser does not know.

#include "engine/text/dialect.h"

#include <algorithm>
#include <array>

#include "engine/text/word_filter.h"

namespace dsqlint {
namespace {

// Every keyword that PostgreSQL does not list as unreserved (kwlist.h), and `async`, which Aurora
// DSQL reserves.
constexpr std::array<std::string_view, 165> kReserved = {"all",
                                                         "analyse",
                                                         "analyze",
                                                         "and",
                                                         "any",
                                                         "array",
                                                         "as",
                                                         "asc",
                                                         "asymmetric",
                                                         "async",
                                                         "authorization",
                                                         "between",
                                                         "bigint",
                                                         "binary",
                                                         "bit",
                                                         "boolean",
                                                         "both",
                                                         "case",
                                                         "cast",
                                                         "char",
                                                         "character",
                                                         "check",
                                                         "coalesce",
                                                         "collate",
                                                         "collation",
                                                         "column",
                                                         "concurrently",
                                                         "constraint",
                                                         "create",
                                                         "cross",
                                                         "current_catalog",
                                                         "current_date",
                                                         "current_role",
                                                         "current_schema",
                                                         "current_time",
                                                         "current_timestamp",
                                                         "current_user",
                                                         "dec",
                                                         "decimal",
                                                         "default",
                                                         "deferrable",
                                                         "desc",
                                                         "distinct",
                                                         "do",
                                                         "else",
                                                         "end",
                                                         "except",
                                                         "exists",
                                                         "extract",
                                                         "false",
                                                         "fetch",
                                                         "float",
                                                         "for",
                                                         "foreign",
                                                         "freeze",
                                                         "from",
                                                         "full",
                                                         "grant",
                                                         "greatest",
                                                         "group",
                                                         "grouping",
                                                         "having",
                                                         "ilike",
                                                         "in",
                                                         "initially",
                                                         "inner",
                                                         "inout",
                                                         "int",
                                                         "integer",
                                                         "intersect",
                                                         "interval",
                                                         "into",
                                                         "is",
                                                         "isnull",
                                                         "join",
                                                         "json",
                                                         "json_array",
                                                         "json_arrayagg",
                                                         "json_exists",
                                                         "json_object",
                                                         "json_objectagg",
                                                         "json_query",
                                                         "json_scalar",
                                                         "json_serialize",
                                                         "json_table",
                                                         "json_value",
                                                         "lateral",
                                                         "leading",
                                                         "least",
                                                         "left",
                                                         "like",
                                                         "limit",
                                                         "localtime",
                                                         "localtimestamp",
                                                         "merge_action",
                                                         "national",
                                                         "natural",
                                                         "nchar",
                                                         "none",
                                                         "normalize",
                                                         "not",
                                                         "notnull",
                                                         "null",
                                                         "nullif",
                                                         "numeric",
                                                         "offset",
                                                         "on",
                                                         "only",
                                                         "or",
                                                         "order",
                                                         "out",
                                                         "outer",
                                                         "overlaps",
                                                         "overlay",
                                                         "placing",
                                                         "position",
                                                         "precision",
                                                         "primary",
                                                         "real",
                                                         "references",
                                                         "returning",
                                                         "right",
                                                         "row",
                                                         "select",
                                                         "session_user",
                                                         "setof",
                                                         "similar",
                                                         "smallint",
                                                         "some",
                                                         "substring",
                                                         "symmetric",
                                                         "system_user",
                                                         "table",
                                                         "tablesample",
                                                         "then",
                                                         "time",
                                                         "timestamp",
                                                         "to",
                                                         "trailing",
                                                         "treat",
                                                         "trim",
                                                         "true",
                                                         "union",
                                                         "unique",
                                                         "user",
                                                         "using",
                                                         "values",
                                                         "varchar",
                                                         "variadic",
                                                         "verbose",
                                                         "when",
                                                         "where",
                                                         "window",
                                                         "with",
                                                         "xmlattributes",
                                                         "xmlconcat",
                                                         "xmlelement",
                                                         "xmlexists",
                                                         "xmlforest",
                                                         "xmlnamespaces",
                                                         "xmlparse",
                                                         "xmlpi",
                                                         "xmlroot",
                                                         "xmlserialize",
                                                         "xmltable"};
static_assert(std::is_sorted(kReserved.begin(), kReserved.end()));

void mask_create_index(const Tokens& tokens, std::vector<Mask>& masks) {
  const size_t i = tokens.is(1, "unique") ? 2 : 1;
  if (!tokens.is(i, "index")) return;
  if (tokens.is(i + 1, "async")) masks.push_back({MaskKind::IndexAsync, tokens.range(i + 1)});
  // Nothing before the keys has parentheses.
  size_t open = i + 1;
  while (open < tokens.size() && !tokens.is_op(open, "(")) ++open;
  const size_t close = open < tokens.size() ? tokens.close(open) : Tokens::npos;
  if (close != Tokens::npos && tokens.is(close + 1, "using") && tokens.is_name(close + 2)) {
    masks.push_back({MaskKind::IndexMethod, tokens.range(TokenSpan{close + 1, close + 3})});
  }
}

void mask_alter_table(const Tokens& tokens, std::vector<Mask>& masks) {
  if (!tokens.are(0, {"alter", "table", "async"})) return;
  // `ALTER TABLE async ADD …` means a table of that name; a name after ASYNC means the keyword.
  const bool keyword = tokens.are(3, {"if", "exists"}) || tokens.is(3, "only") ||
                       (tokens.can_be_name(3) && !tokens.is(4, "constraint"));
  constexpr std::array<std::string_view, 18> kActions = {
      "add",     "alter", "attach", "cluster", "detach", "disable", "drop",  "enable", "force",
      "inherit", "no",    "of",     "owner",   "rename", "replica", "reset", "set",    "validate"};
  const bool action = std::any_of(kActions.begin(), kActions.end(),
                                  [&](std::string_view word) { return tokens.is(3, word); });
  if (keyword && !action) masks.push_back({MaskKind::TableAsync, tokens.range(2)});
}

/// Past the name that ends before `end`, with its schema, to the left: its first token.
size_t name_begin(const Tokens& tokens, size_t end) {
  size_t begin = end;
  while (begin > 0 && tokens.is_name(begin - 1)) {
    --begin;
    if (begin < 2 || !tokens.is_op(begin - 1, ".")) break;
    --begin;
  }
  return begin;
}

/// Do the tokens before `end` end a CHECK or a foreign key, perhaps with attributes after it?
/// Only there do words of later versions mean what they say; elsewhere they are names.
bool ends_constraint(const Tokens& tokens, size_t end) {
  constexpr std::array<std::string_view, 21> kAttributes = {
      "action",    "cascade", "default",   "deferrable", "deferred", "delete", "full",
      "immediate", "inherit", "initially", "match",      "no",       "not",    "null",
      "on",        "partial", "restrict",  "set",        "simple",   "update", "valid"};
  while (end > 0) {
    const size_t last = end - 1;
    if (std::any_of(kAttributes.begin(), kAttributes.end(),
                    [&](std::string_view word) { return tokens.is(last, word); })) {
      end = last;
      continue;
    }
    size_t name_end = end;
    if (tokens.is_op(last, ")")) {
      size_t open = last;
      for (size_t depth = 1; depth > 0 && open > 0;) {
        --open;
        if (tokens.is_op(open, ")")) ++depth;
        if (tokens.is_op(open, "(")) --depth;
      }
      if (open == 0 || tokens.is(open - 1, "check")) return open > 0;
      if (tokens.is(open - 1, "null") || tokens.is(open - 1, "default")) {
        end = open;  // ON DELETE SET NULL (columns)
        continue;
      }
      name_end = open;
    }
    const size_t name = name_begin(tokens, name_end);
    return name > 0 && name < name_end && tokens.is(name - 1, "references");
  }
  return false;
}

/// Comments after words whose meaning depends on the next one (`NULLS /* … */ LAST`). PostgreSQL's
/// own scanner drops comments, libpg_query's hands them to this one look ahead.
void mask_remarks(const Tokens& tokens, std::vector<Mask>& masks) {
  constexpr std::array<std::string_view, 6> kWords = {"format",  "not",  "nulls",
                                                      "uescape", "with", "without"};
  for (const Range comment : tokens.comments()) {
    const size_t next = tokens.at(comment.begin);
    const size_t i = (next == Tokens::npos ? tokens.size() : next) - 1;
    if (i >= tokens.size()) continue;  // in front of the first token
    const char first = tokens.text(i).front();
    const bool escaped = (first == 'u' || first == 'U') && tokens[i].kind != TokenKind::Word;
    if (escaped || std::any_of(kWords.begin(), kWords.end(),
                               [&](std::string_view word) { return tokens.is(i, word); })) {
      masks.push_back({MaskKind::Remark, comment});
    }
  }
}

}  // namespace

bool is_reserved(std::string_view word) {
  static constexpr WordFilter kMayBe = [] {
    WordFilter filter;
    filter.add(kReserved);
    return filter;
  }();
  return !word.empty() && kMayBe.may_hold(word) &&
         std::binary_search(kReserved.begin(), kReserved.end(), word);
}

std::string quote_identifier(std::string_view name) {
  const bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9') && name[0] != '$' &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                              c == '$' || static_cast<unsigned char>(c) >= 0x80;
                     });
  if (plain && !is_reserved(name)) return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) {
    quoted += c;
    if (c == '"') quoted += c;
  }
  return quoted + '"';
}

bool is_aws_iam(const Tokens& tokens) { return tokens.are(0, {"aws", "iam"}); }

std::string aws_iam_error(const Tokens& tokens) {
  const bool grant = tokens.is(2, "grant");
  if (!grant && !tokens.is(2, "revoke")) return "`grant` or `revoke` is expected after `aws iam`";
  if (!tokens.is_name(3)) return "a database role is missing";
  if (!tokens.is(4, grant ? "to" : "from")) {
    return grant ? "`to` is missing after the role" : "`from` is missing after the role";
  }
  if (tokens.size() < 6 || tokens[5].kind != TokenKind::String) {
    return "the ARN of an IAM principal is missing, in single quotes";
  }
  return tokens.size() == 6 ? "" : "there is text after the ARN";
}

std::vector<Mask> find_masks(const Tokens& tokens, const StatementText& statement,
                             bool psql_variables) {
  std::vector<Mask> masks;
  if (tokens.is(0, "create")) mask_create_index(tokens, masks);
  if (tokens.is(0, "alter")) mask_alter_table(tokens, masks);
  if (!tokens.comments().empty()) mask_remarks(tokens, masks);
  const bool table = tokens.is(0, "create") || tokens.is(0, "alter");
  if (!table && !statement.has_meta_command && !psql_variables) return masks;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == TokenKind::MetaCommand) {
      masks.push_back({MaskKind::MetaCommand, tokens.range(i)});
    } else if (tokens[i].kind == TokenKind::PsqlVariable) {
      if (psql_variables) masks.push_back({MaskKind::PsqlVariable, tokens.range(i)});
    } else if (table && tokens.is(i, "partial") && i > 0 && tokens.is(i - 1, "match") &&
               ends_constraint(tokens, i - 1)) {
      masks.push_back({MaskKind::MatchPartial, tokens.range(i)});
    } else if (table && tokens.is(i, "enforced") && i > 0) {
      const size_t first = tokens.is(i - 1, "not") ? i - 1 : i;
      if (ends_constraint(tokens, first)) {
        masks.push_back({MaskKind::ConstraintEnforced, {tokens[first].begin, tokens[i].end}});
      }
    }
  }
  std::sort(masks.begin(), masks.end(),
            [](const Mask& a, const Mask& b) { return a.range < b.range; });
  return masks;
}

std::string variable_placeholder(std::string_view variable) {
  std::string placeholder(variable);
  placeholder.front() = '_';
  // No variable has a dollar sign in its name.
  for (const char mark : {'"', '{', '?', '}'}) {
    std::replace(placeholder.begin(), placeholder.end(), mark, '$');
  }
  return placeholder;
}

std::string spell_variables(std::string_view text, const VariableNames& variables) {
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
  };
  std::string spelt;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    if (in_name(text[at])) {
      while (end < text.size() && in_name(text[end])) ++end;
    }
    const std::string_view word = text.substr(at, end - at);
    // `:_x` is the variable `_x` already.
    const bool placeholder = word.front() == '_' && (at == 0 || text[at - 1] != ':');
    const auto known = placeholder ? variables.find(word) : variables.end();
    spelt += known == variables.end() ? word : known->second;
    at = end;
  }
  return spelt;
}

void apply_masks(std::string& statement, uint32_t begin, const std::vector<Mask>& masks) {
  for (const Mask& mask : masks) {
    const size_t at = mask.range.begin - begin;
    const size_t size = mask.range.size();
    switch (mask.kind) {
      case MaskKind::MatchPartial:
        // A word of the same meaning to the parser: FULL, and spaces up to PARTIAL's length.
        statement.replace(at, size, "full   ");
        break;
      case MaskKind::VirtualColumn:
        statement.replace(at, size, "stored ");
        break;
      case MaskKind::UnstoredColumn:
        statement.replace(at, size, "default" + std::string(size - 7, ' '));
        break;
      case MaskKind::PsqlVariable:
        // :'x' is a string.
        if (statement[at + 1] == '\'') {
          statement[at] = ' ';
        } else {
          statement.replace(at, size, variable_placeholder(statement.substr(at, size)));
        }
        break;
      default:
        for (size_t i = at; i < at + size; ++i) {
          if (statement[i] != '\n' && statement[i] != '\r') statement[i] = ' ';
        }
    }
  }
}

}  // namespace dsqlint
