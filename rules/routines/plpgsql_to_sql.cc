// BEGIN RETURN x; END is SELECT x: what can be said in SQL as it stands.

#include <google/protobuf/arena.h>

#include <algorithm>
#include <array>

#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/parse.h"
#include "engine/parse/ranges.h"
#include "fixers/fixers.h"
#include "rules/expressions/expression_type.h"
#include "rules/routines/functions.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

/// Words that mean something in PL/pgSQL that SQL does not know, wherever they stand.
bool is_procedural(const Tokens& tokens, size_t i) {
  constexpr std::array<std::string_view, 12> kWords = {"declare", "elsif",   "execute", "exception",
                                                       "found",   "foreach", "get",     "into",
                                                       "loop",    "perform", "raise",   "strict"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return tokens.is(i, word); });
}

bool is_dml(const Tokens& tokens, size_t i) {
  return tokens.is(i, "insert") || tokens.is(i, "update") || tokens.is(i, "delete");
}

bool returns_void(const pg::CreateFunctionStmt& create) {
  return type_ref(create.return_type()).name == "void";
}

/// The string that holds the body, when its bytes are the body.
std::optional<FunctionBody> verbatim_body(const pg::CreateFunctionStmt& create,
                                          const Context& ctx) {
  auto body = function_body(create, ctx.tokens(), ctx.source().text(), ctx.statement().range.begin);
  return body && body->verbatim ? std::move(body) : std::nullopt;
}

/// Numbers are assigned to each other, whatever their sizes.
bool is_number_type(const TypeRef& type) {
  return !type.array && type.schema.empty() &&
         is_one_of(type.name, {"float4", "float8", "int2", "int4", "int8", "numeric"});
}

/// The types of the parameters, which are all the names that an expression in the body is sure of.
ExpressionNames parameter_names(const pg::CreateFunctionStmt& create, const Schema& schema) {
  return {
      schema, [&create](AstRef node) -> std::optional<TypeRef> {
        if (const auto* number = node.as<pg::ParamRef>()) {
          if (number->number() < 1 || number->number() > create.parameters_size()) {
            return std::nullopt;
          }
          return type_ref(create.parameters(number->number() - 1).function_parameter().arg_type());
        }
        const auto* column = node.as<pg::ColumnRef>();
        if (column == nullptr || column->fields_size() != 1) return std::nullopt;
        const std::string& name = string_value(column->fields(0));
        for (const pg::Node& parameter : create.parameters()) {
          if (!name.empty() && parameter.function_parameter().name() == name) {
            return type_ref(parameter.function_parameter().arg_type());
          }
        }
        return std::nullopt;
      }};
}

/// Does an expression in the body give the type, or is it a number where one is wanted?
bool is_certainly(const pg::Node& node, const TypeRef& wanted, const ExpressionNames& names) {
  const ExpressionType type = analyze_expression(node, names).type;
  const auto ref = type.ref();
  if (!ref || !type.certain || type.type == PgType::kUnknown) return false;
  return (is_number_type(wanted) && is_number_type(*ref)) ||
         (ref->schema == wanted.schema && ref->name == wanted.name && ref->array == wanted.array);
}

/// A statement of the body, parsed as SQL.
class BodyParser {
 public:
  /// Null if it is not SQL. Valid until the next call.
  const pg::Node* parse(std::string sql) {
    arena_.Reset();
    const Tokens tokens(sql, {0, static_cast<uint32_t>(sql.size())});
    if (tokens.size() > 0 && tokens[tokens.size() - 1].kind == TokenKind::Unterminated) {
      return nullptr;
    }
    empty_comments(sql, tokens.comments(), 0);
    return parse_statement(sql, arena_).node;
  }

 private:
  google::protobuf::Arena arena_;
};

TypeRef declared_type(const pg::CreateFunctionStmt& create, const Schema& schema) {
  const pg::TypeName& type = create.return_type();
  const int parts = type.names_size();
  if (!type.pct_type() || parts < 2) return type_ref(type);
  // [schema.]table.column%TYPE
  ObjectName table{"", string_value(type.names(parts - 2))};
  if (parts > 2) table.schema = string_value(type.names(parts - 3));
  const Table* known = schema.find_table(table);
  const Column* column =
      known == nullptr ? nullptr : known->column(string_value(type.names(parts - 1)));
  return column == nullptr ? type_ref(type) : column->type;
}

/// `RETURN expression` assigns it to the type of the function, whatever its own; the last query of
/// a LANGUAGE sql function has to fit.
class ReturnWriter {
 public:
  ReturnWriter(const pg::CreateFunctionStmt& create, const SchemaContext& ctx)
      : create_(create),
        ctx_(ctx),
        declared_(declared_type(create, ctx.schema())),
        resolved_(resolve_type(declared_, ctx.schema())) {}

  /// Does `RETURN v` of a variable of that type change nothing but what the function's type does?
  bool returns(const pg::TypeName& variable) const {
    const TypeRef type = type_ref(variable);
    return type == declared_ && type.modifiers.empty() && !resolved_.row &&
           (resolved_.known == nullptr || resolved_.known->family != TypeFamily::Pseudo);
  }

  /// The one column of a query. False where there is no cast to make it fit.
  bool write_column(const pg::ResTarget& column, bool is_distinct, const Tokens& body,
                    TokenSpan value, std::vector<Edit>& edits) const {
    if (fits(column.val())) return true;
    if (!has_cast() || is_distinct || !column.name().empty()) return false;
    const std::string_view sample = body.text(value.begin - 1);
    edits.push_back(fixers::insert_before(body, value.begin, match_case(sample, "CAST(")));
    edits.push_back(
        fixers::insert_after(body, value.end - 1, match_case(sample, " AS ") + type_text() + ")"));
    return true;
  }

  /// `select` is what became of the tokens [begin, end) after RETURN. False where there is no cast
  /// to make it fit.
  bool write(const pg::SelectStmt& select, const Tokens& body, TokenSpan expression,
             std::vector<Edit>& edits) const {
    if (select.target_list_size() != 1) return false;
    const pg::Node& value = select.target_list(0).res_target().val();
    std::string_view open;
    if (!fits(value)) {
      if (!has_cast()) return false;
      // PL/pgSQL reads all that may follow SELECT.
      open = is_plain(select) ? "CAST(" : "CAST((SELECT ";
    }
    const size_t word = expression.begin - 1;
    const std::string_view sample = body.text(word);
    edits.push_back(fixers::replace(body, {word, word + 1}, match_case(sample, "SELECT")));
    if (open.empty()) return true;
    edits.push_back(fixers::insert_before(body, expression.begin, match_case(sample, open)));
    edits.push_back(fixers::insert_after(
        body, expression.end - 1,
        match_case(sample, is_plain(select) ? " AS " : ") AS ") + type_text() + ")"));
    return true;
  }

 private:
  /// An enum becomes text; the row of a table and pseudo-types are what they are.
  bool fits(const pg::Node& value) const {
    if (resolved_.user != nullptr) return resolved_.user->kind == TypeKind::Enum;
    if (resolved_.row ||
        (resolved_.known != nullptr && resolved_.known->family == TypeFamily::Pseudo)) {
      return true;
    }
    // Everything is assigned to text.
    return is_text_type(resolved_.type) ||
           is_certainly(value, resolved_.type, parameter_names(create_, ctx_.schema()));
  }

  bool has_cast() const {
    return !create_.return_type().pct_type() && resolved_.user == nullptr && !type_text().empty();
  }

  /// The modifiers of a function's type count for nothing, those of a cast do.
  std::string type_text() const {
    if (create_.return_type().typmods_size() == 0) {
      return std::string(ctx_.tokens().text(type_span(create_.return_type(), ctx_)));
    }
    TypeRef bare = declared_;
    bare.modifiers.clear();
    return spell_type(bare);
  }

  static bool is_plain(const pg::SelectStmt& select) {
    return select.target_list(0).res_target().name().empty() && select.from_clause_size() == 0 &&
           !select.has_where_clause() && select.group_clause_size() == 0 &&
           !select.has_having_clause() && select.window_clause_size() == 0 &&
           select.sort_clause_size() == 0 && !select.has_limit_count() &&
           !select.has_limit_offset() && select.locking_clause_size() == 0 && !select.has_larg();
  }

  const pg::CreateFunctionStmt& create_;
  const SchemaContext& ctx_;
  TypeRef declared_;
  ResolvedType resolved_;
};

/// DECLARE name type [:= value]; as the only declaration.
struct Variable {
  std::string name;
  TokenSpan type;
  size_t end = 0;  ///< past the semicolon
};

std::optional<Variable> only_variable(const Tokens& tokens) {
  const size_t semicolon = tokens.find_op({0, tokens.size()}, ";");
  if (semicolon == Tokens::npos || semicolon < 3 || !tokens.is_name(1)) return std::nullopt;
  Variable variable{tokens.name(1), {2, semicolon}, semicolon + 1};
  // What it holds at first is never looked at, but evaluated.
  if (semicolon > 4 && (tokens.is_op(semicolon - 2, ":=") || tokens.is_op(semicolon - 2, "=") ||
                        tokens.is(semicolon - 2, "default"))) {
    variable.type.end = semicolon - 2;
  }
  return variable;
}

/// All that stands in `span` but its comments.
void remove(const Tokens& tokens, TokenSpan span, std::string_view text, std::vector<Edit>& edits) {
  for (Edit& edit : fixers::remove_around_comments(tokens, span, text, {})) {
    edits.push_back(std::move(edit));
  }
}

/// Where the expression ends that begins a list of one column.
size_t end_of_column(const Tokens& tokens, TokenSpan span) {
  constexpr std::array<std::string_view, 11> kClauses = {"fetch",  "for",   "from",  "group",
                                                         "having", "into",  "limit", "offset",
                                                         "order",  "where", "window"};
  size_t end = span.end;
  for (const std::string_view clause : kClauses) {
    size_t at = tokens.find({span.begin, end}, clause);
    // IS DISTINCT FROM, WITHIN GROUP
    while (at != Tokens::npos && at > span.begin &&
           (tokens.is(at - 1, "distinct") || tokens.is(at - 1, "within"))) {
      at = tokens.find({at + 1, end}, clause);
    }
    if (at != Tokens::npos) end = at;
  }
  return end;
}

/// `SELECT x INTO v …; RETURN v;` and `INSERT … VALUES (…) RETURNING x INTO v; RETURN v;` give what
/// the query gives: of several rows the first, of none NULL. Adds the edits that leave the query;
/// false when the statement at `span` is not of that form.
bool return_query(const Tokens& tokens, TokenSpan span, const Variable& variable,
                  std::string_view text, const ReturnWriter& writer, BodyParser& parser,
                  std::vector<Edit>& edits) {
  const bool insert = tokens.are(span.begin, {"insert", "into"});
  if (!insert && !tokens.is(span.begin, "select")) return false;
  const size_t into = tokens.find({span.begin + (insert ? 2 : 1), span.end}, "into");
  if (into == Tokens::npos || into + 1 >= span.end) return false;
  const TokenSpan assignment{into, into + 2};
  if (tokens.is_op(assignment.end, ",") || tokens.is_op(assignment.end, ".") ||
      tokens.is_op(assignment.end, "[")) {
    return false;
  }
  for (size_t i = span.begin; i < span.end; ++i) {
    const bool named = tokens.is_name(i) && tokens.name(i) == variable.name;
    if (named != (i == into + 1)) return false;
  }
  // Blanks in its place, so that positions stay.
  std::string sql(tokens.text(span));
  const Range blank = tokens.range(assignment);
  const uint32_t begin = tokens.range(span).begin;
  std::fill(sql.begin() + (blank.begin - begin), sql.begin() + (blank.end - begin), ' ');
  const pg::Node* node = parser.parse(std::move(sql));
  if (node == nullptr) return false;
  const google::protobuf::RepeatedPtrField<pg::Node>* columns = nullptr;
  if (node->has_select_stmt()) {
    columns = &node->select_stmt().target_list();
  } else if (node->insert_stmt().select_stmt().select_stmt().values_lists_size() == 1) {
    columns = &node->insert_stmt().returning_list();
  }
  if (columns == nullptr || columns->size() != 1) return false;
  const pg::ResTarget& column = columns->Get(0).res_target();
  const auto& fields = column.val().column_ref().fields();
  if (!fields.empty() && fields[fields.size() - 1].has_a_star()) return false;
  const size_t first = tokens.at(begin + static_cast<uint32_t>(column.location()));
  const TokenSpan value{first, end_of_column(tokens, {first, span.end})};
  if (first == Tokens::npos || first == span.begin || value.empty() ||
      !writer.write_column(column, node->select_stmt().distinct_clause_size() != 0, tokens, value,
                           edits)) {
    return false;
  }
  remove(tokens, assignment, text, edits);
  return true;
}

}  // namespace

std::optional<std::vector<Edit>> plpgsql_to_sql(const pg::CreateFunctionStmt& create,
                                                TokenSpan language, const SchemaContext& ctx) {
  const auto body = verbatim_body(create, ctx);
  if (!body || language.size() != 2) return std::nullopt;
  // OUT parameters and RETURNS TABLE are variables in the body.
  for (const pg::Node& parameter : create.parameters()) {
    const auto mode = parameter.function_parameter().mode();
    if (mode != pg::FUNC_PARAM_IN && mode != pg::FUNC_PARAM_DEFAULT &&
        mode != pg::FUNC_PARAM_TABLE) {
      return std::nullopt;
    }
  }
  const std::string_view text = ctx.source().text();
  const Tokens tokens(text, body->text);
  const ReturnWriter writer(create, ctx);
  BodyParser parser;
  size_t begin = 0;
  std::optional<Variable> variable;
  if (tokens.is(0, "declare")) {
    variable = only_variable(tokens);
    const pg::Node* type =
        variable ? parser.parse("SELECT NULL::" + std::string(tokens.text(variable->type)))
                 : nullptr;
    if (type == nullptr || type->select_stmt().target_list_size() != 1) return std::nullopt;
    const pg::Node& value = type->select_stmt().target_list(0).res_target().val();
    if (!value.has_type_cast() || !writer.returns(value.type_cast().type_name())) {
      return std::nullopt;
    }
    begin = variable->end;
  }
  if (!tokens.is(begin, "begin")) return std::nullopt;
  size_t last = tokens.size();
  if (last > 0 && tokens.is_op(last - 1, ";")) --last;
  if (last < begin + 3 || !tokens.is(last - 1, "end")) return std::nullopt;
  const size_t end = last - 1;

  std::vector<Edit> edits;
  bool returned = false;
  for (size_t i = begin + 1; i < end;) {
    const size_t semicolon = tokens.find_op({i, end}, ";");
    if (semicolon == Tokens::npos) return std::nullopt;
    // … INTO v; RETURN v; END
    if (variable && semicolon + 4 == end && tokens.is(semicolon + 1, "return") &&
        tokens.is_name(semicolon + 2) && tokens.name(semicolon + 2) == variable->name &&
        tokens.is_op(semicolon + 3, ";")) {
      if (!return_query(tokens, {i, semicolon}, *variable, text, writer, parser, edits)) {
        return std::nullopt;
      }
      remove(tokens, {semicolon + 1, end}, text, edits);
      variable.reset();
      returned = true;
      break;
    }
    if (returned) {
      // A RETURN after RETURN QUERY ends what has ended already.
      if (!create.return_type().setof() || !tokens.is(i, "return") || i + 1 != semicolon) {
        return std::nullopt;
      }
      edits.push_back(fixers::remove(tokens, {i, semicolon + 1}, text));
      i = semicolon + 1;
      continue;
    }
    for (size_t k = i; k < semicolon; ++k) {
      // INSERT INTO is the one INTO that SQL knows too.
      if (is_procedural(tokens, k) && !(tokens.is(k, "into") && tokens.is(k - 1, "insert"))) {
        return std::nullopt;
      }
    }
    if (tokens.is(i, "return")) {
      const bool set = create.return_type().setof();
      returned = true;
      if (tokens.is(i + 1, "query")) {
        if (!set || !parser.parse(std::string(tokens.text({i + 2, semicolon})))) {
          return std::nullopt;
        }
        edits.push_back(fixers::remove(tokens, {i, i + 2}, text));
      } else if (i + 1 == semicolon) {
        if (!returns_void(create)) return std::nullopt;
        edits.push_back(fixers::remove(tokens, {i, semicolon + 1}, text));
      } else {
        if (set || tokens.is(i + 1, "next")) return std::nullopt;
        const pg::Node* select =
            parser.parse("SELECT " + std::string(tokens.text({i + 1, semicolon})));
        if (select == nullptr || !select->has_select_stmt() ||
            !writer.write(select->select_stmt(), tokens, {i + 1, semicolon}, edits)) {
          return std::nullopt;
        }
      }
    } else if (!is_dml(tokens, i) ||
               parser.parse(std::string(tokens.text({i, semicolon}))) == nullptr) {
      return std::nullopt;
    }
    i = semicolon + 1;
  }
  if (variable || (!returned && !returns_void(create))) return std::nullopt;
  remove(tokens, {0, begin + 1}, text, edits);
  edits.push_back(fixers::remove(tokens, {end, tokens.size()}, text));
  edits.push_back(fixers::replace(ctx.tokens(), {language.begin + 1, language.end},
                                  match_case(ctx.tokens().text(language.begin), "SQL")));
  return edits;
}

}  // namespace dsqlint
