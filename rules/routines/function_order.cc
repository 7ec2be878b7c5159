// function_body_reference: a function that names in its body what is created after it.

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/parse.h"
#include "engine/parse/walk.h"
#include "engine/text/statements.h"
#include "fixers/fixers.h"
#include "rules/shared/words.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kInfo{
    .id = "function_body_reference",
    .summary = "a function uses in its body what is created later",
    .why =
        "The body of a LANGUAGE sql function is checked when the function is created:\n"
        "everything it uses has to exist. pg_dump writes functions before tables and\n"
        "turns the check off with check_function_bodies, which cannot be set here.",
    .bad =
        "create function f() returns bigint language sql as 'select count(*) from t';\n"
        "create table t (id bigint primary key);\n",
    .good =
        "create table t (id bigint primary key);\n"
        "create function f() returns bigint language sql as 'select count(*) from t';\n",
    .fixes = Fixes::Sometimes,
    .help = "move the function after what it uses",
};

enum class NamedKind : uint8_t { Relation, Function, Type };

/// What the body of a function names and nothing before it has made.
struct UnmadeNames {
  struct Name {
    size_t function;  ///< statement
    NamedKind kind;
    ObjectName name;
  };
  std::vector<Name> all;
};

class BodyReader {
 public:
  explicit BodyReader(const NoteContext& ctx) : ctx_(ctx), schema_(ctx.schema()) {}

  void read(AstRef statement) {
    std::unordered_set<std::string_view> queries;  // named by WITH
    Walker walker;
    walker.walk(statement, [&](AstRef node, const std::vector<AstRef>&) {
      if (const auto* cte = node.as<pg::CommonTableExpr>()) queries.insert(cte->ctename());
    });
    walker.walk(statement, [&](AstRef node, const std::vector<AstRef>&) {
      if (const auto* relation = node.as<pg::RangeVar>()) {
        if (!relation->schemaname().empty() || queries.count(relation->relname()) == 0) {
          note(NamedKind::Relation, object_name(*relation));
        }
      } else if (const auto* call = node.as<pg::FuncCall>()) {
        note(NamedKind::Function, object_name(call->funcname()));
        note_sequence(*call);
      } else if (const auto* type = node.as<pg::TypeName>()) {
        const TypeRef ref = type_ref(*type);
        note(NamedKind::Type, {ref.schema, ref.name});
      }
    });
  }

 private:
  /// nextval('s') and its like: the literal is looked up as a regclass when the body is read.
  void note_sequence(const pg::FuncCall& call) {
    if (call.args_size() == 0 ||
        !is_one_of(builtin_name(call.funcname()), {"currval", "nextval", "setval"})) {
      return;
    }
    const pg::Node* literal = &call.args(0);
    if (literal->has_type_cast()) literal = &literal->type_cast().arg();
    if (!literal->a_const().has_sval()) return;
    note(NamedKind::Relation, parse_object_name(literal->a_const().sval().sval()));
  }

  void note(NamedKind kind, ObjectName name) {
    if (is_made(kind, name) || !noted_.emplace(kind, name.schema, name.name).second) return;
    ctx_.notes<UnmadeNames>().all.push_back({ctx_.index(), kind, std::move(name)});
  }

  bool is_made(NamedKind kind, const ObjectName& name) const {
    switch (kind) {
      case NamedKind::Relation:
        return schema_.find_table(name) != nullptr || schema_.find_view(name) != nullptr ||
               schema_.find_sequence(name) != nullptr;
      case NamedKind::Function:
        return schema_.find_function(name) != nullptr;
      case NamedKind::Type:
        return schema_.find_type(name) != nullptr || schema_.find_table(name) != nullptr;
    }
    return true;
  }

  const NoteContext& ctx_;
  const Schema& schema_;
  std::set<std::tuple<NamedKind, std::string, std::string>> noted_;
};

void note_names(const pg::CreateFunctionStmt& create, NoteContext& ctx) {
  BodyReader reader(ctx);
  if (create.has_sql_body()) reader.read(unwrap(create.sql_body()));
  if (function_language(create) != "sql") return;
  const std::string& body = function_body_text(create);
  google::protobuf::Arena arena;
  Splitter splitter(body);
  StatementBatch batch;
  while (splitter.next(batch, static_cast<uint32_t>(body.size()) + 1)) {
    for (const StatementText& text : batch.statements) {
      if (text.unterminated) continue;
      std::string sql = " " + body.substr(text.range.begin, text.range.size());
      empty_comments(sql, batch.tokens_of(text, body).comments(),
                     text.range.begin - kLocationShift);
      const Parsed parsed = parse_statement(sql, arena);
      if (!parsed.error) reader.read(unwrap(*parsed.node));
    }
  }
}

/// What the file creates, by kind and bare name.
class Created {
 public:
  explicit Created(const Schema& schema) : file_(schema.file()) {
    add(NamedKind::Relation, schema.tables(), schema.first_table());
    add(NamedKind::Relation, schema.views(), schema.first_view());
    add(NamedKind::Relation, schema.sequences(), schema.first_sequence());
    add(NamedKind::Type, schema.types(), schema.first_type());
    const std::vector<Function>& functions = schema.functions();
    for (auto it = functions.rbegin(); it != functions.rend() && it->created.file >= file_; ++it) {
      add(NamedKind::Function, *it);
    }
  }

  /// The first statement after `statement` that creates it.
  std::optional<size_t> behind(size_t statement, NamedKind kind, const ObjectName& name) const {
    std::optional<size_t> first;
    const auto [begin, end] = by_name_.equal_range(name.name);
    for (auto it = begin; it != end; ++it) {
      const auto& [known, schema, created] = it->second;
      const bool same = schema == name.schema || schema.empty() || name.schema.empty();
      if (known != kind || !same || created <= statement) continue;
      if (!first || created < *first) first = created;
    }
    return first;
  }

 private:
  template <typename Object>
  void add(NamedKind kind, const std::vector<Object>& objects, size_t first) {
    for (size_t i = first; i < objects.size(); ++i) add(kind, objects[i]);
  }
  template <typename Object>
  void add(NamedKind kind, const Object& object) {
    if (object.created.file < file_) return;
    by_name_.emplace(object.name.name,
                     std::tuple(kind, object.name.schema, size_t{object.created.index}));
  }

  uint32_t file_;
  std::unordered_multimap<std::string, std::tuple<NamedKind, std::string, size_t>> by_name_;
};

/// ALTER FUNCTION, COMMENT ON FUNCTION: it goes where the function goes.
bool speaks_of_function(AstRef tree) {
  if (const auto* owner = tree.as<pg::AlterOwnerStmt>()) {
    return owner->object_type() == pg::OBJECT_FUNCTION;
  }
  if (const auto* comment = tree.as<pg::CommentStmt>()) {
    return comment->objtype() == pg::OBJECT_FUNCTION;
  }
  return tree.as<pg::AlterFunctionStmt>() != nullptr;
}

/// Does a statement change what later ones mean, or where they end?
bool divides(const Statement& statement) {
  switch (statement.cls) {
    case StatementClass::Begin:
    case StatementClass::Commit:
    case StatementClass::Rollback:
      return true;
    case StatementClass::Session:
      break;
    default:
      return false;
  }
  const auto* set = tree_of(statement).as<pg::VariableSetStmt>();
  if (set == nullptr) return true;
  const std::string_view name = set->name();
  return name.empty() || name == "search_path" || name == "role" || name == "session_authorization";
}

/// A function that stands too early.
struct Early {
  size_t function = 0;
  ObjectName own = {};
  size_t target = 0;                 ///< the last statement that makes what it names
  const ObjectName* name = nullptr;  ///< what it is
  std::vector<size_t> functions;     ///< statements that make functions it names
};

/// What stands where in the file, that a function cannot be moved over.
class Obstacles {
 public:
  Obstacles(const ScriptContext& ctx, const std::vector<Early>& all) {
    for (const Early& early : all) places_[downcase(early.own.name)];
    const std::string_view text = ctx.source().text();
    each_word(text, [&](std::string_view word, size_t begin) {
      const auto known = places_.find(downcase(word));
      if (known != places_.end()) known->second.push_back(static_cast<uint32_t>(begin));
    });
    // psql's commands
    for (size_t at = text.find("\n\\"); at != std::string_view::npos;
         at = text.find("\n\\", at + 1)) {
      barrier_at(at);
    }
    for (const Statement& statement : ctx.document().statements()) {
      if (divides(statement)) barrier_at(statement.range.begin);
    }
    std::sort(barriers_.begin(), barriers_.end());
  }

  /// Does the name stand there, be it in a string or a comment? Of odd names nothing is known.
  bool named(Range range, const std::string& name) const {
    const auto known = places_.find(downcase(name));
    return known == places_.end() || !std::all_of(name.begin(), name.end(), is_word) ||
           any_in(known->second, range);
  }
  bool divided(Range range) const { return any_in(barriers_, range); }

 private:
  void barrier_at(size_t place) { barriers_.push_back(static_cast<uint32_t>(place)); }
  static bool any_in(const std::vector<uint32_t>& places, Range range) {
    const auto first = std::lower_bound(places.begin(), places.end(), range.begin);
    return first != places.end() && *first < range.end;
  }

  std::vector<uint32_t> barriers_;
  std::unordered_map<std::string, std::vector<uint32_t>> places_;  ///< of names
};

/// The text with `\n` for the file's line breaks; nothing where it has others, which would be lost.
std::optional<std::string> with_line_feeds(std::string_view text, std::string_view line_break) {
  std::string lines;
  for (size_t at = 0; at < text.size();) {
    const bool breaks = text.substr(at, line_break.size()) == line_break;
    if (!breaks && (text[at] == '\n' || text[at] == '\r')) return std::nullopt;
    lines += breaks ? '\n' : text[at];
    at += breaks ? line_break.size() : 1;
  }
  return lines;
}

/// The fix, where nothing between the function and its target has to do with it.
std::optional<Fix> move_behind(const ScriptContext& ctx, const Early& early,
                               const Obstacles& obstacles) {
  const std::string_view text = ctx.source().text();
  const std::span<const Statement> statements = ctx.document().statements();
  const Statement& behind = statements[early.target];
  if (!ctx.layout().parts.empty() || !behind.semicolon || !statements[early.function].semicolon ||
      !fixers::indentation(text, behind.range.begin).empty()) {
    return std::nullopt;
  }
  size_t last = early.function;  // of those that move
  while (last + 1 < early.target && speaks_of_function(tree_of(statements[last + 1])) &&
         statements[last + 1].semicolon &&
         obstacles.named(statements[last + 1].range, early.own.name)) {
    ++last;
  }
  const Range between{statements[last].end, behind.range.end};
  if (obstacles.divided(between) || obstacles.named(between, early.own.name)) return std::nullopt;

  Fix fix{Safety::Review, "move the function after it", {}};
  std::vector<std::string> moved;
  for (size_t i = early.function; i <= last; ++i) {
    fix.edits.push_back(fixers::remove_statement(ctx.source(), statements[i]));
    auto sql = with_line_feeds(ctx.source().slice(statements[i].range), fixers::line_break(text));
    if (!sql) return std::nullopt;
    moved.push_back("\n" + *std::move(sql));
  }
  fix.edits.push_back(fixers::insert_statements_after(ctx.source(), behind, moved));
  return fix;
}

std::vector<Early> early_functions(const ScriptContext& ctx,
                                   const std::vector<UnmadeNames::Name>& unmade) {
  const Created created(ctx.schema());
  std::vector<Early> all;
  for (const UnmadeNames::Name& name : unmade) {
    const auto made = created.behind(name.function, name.kind, name.name);
    if (!made) continue;
    if (all.empty() || all.back().function != name.function) {
      const Statement& statement = ctx.document().statements()[name.function];
      const auto* create = tree_of(statement).as<pg::CreateFunctionStmt>();
      all.push_back({name.function, object_name(create->funcname())});
    }
    Early& early = all.back();
    if (name.kind == NamedKind::Function) early.functions.push_back(*made);
    if (*made <= early.target) continue;
    early.target = *made;
    early.name = &name.name;
  }
  return all;
}

Range head(const ScriptContext& ctx, size_t statement) {
  const Tokens tokens = ctx.document().tokens(statement);
  return tokens.range(TokenSpan{0, std::min<size_t>(tokens.size(), 2)});
}

void check(ScriptContext& ctx) {
  const std::vector<UnmadeNames::Name>& unmade = ctx.notes<UnmadeNames>().all;
  if (unmade.empty()) return;
  const std::vector<Early> all = early_functions(ctx, unmade);
  if (all.empty()) return;
  const Obstacles obstacles(ctx, all);
  const auto earlier = [](const Early& a, const Early& b) { return a.function < b.function; };
  const auto is_early = [&](size_t statement) {
    return std::binary_search(all.begin(), all.end(), Early{statement}, earlier);
  };
  for (const Early& early : all) {
    if (ctx.removed(ctx.document().statements()[early.function])) continue;
    const std::string needed = to_sql(*early.name);
    Diagnostic finding{
        .range = head(ctx, early.function),
        .message = fmt::format("function `{}` uses `{}`, which is created later", to_sql(early.own),
                               needed),
        .notes = {{fmt::format("`{}` is created here", needed), head(ctx, early.target)}}};
    // What waits itself moves first: two that name each other would change places for ever.
    if (std::none_of(early.functions.begin(), early.functions.end(), is_early)) {
      finding.fix = move_behind(ctx, early, obstacles);
    }
    ctx.report(std::move(finding));
  }
}

constexpr std::array kRules = {rule<note_names>(kInfo), rule<check>(kInfo)};

}  // namespace

std::span<const Rule> function_order() { return kRules; }

}  // namespace dsqlint
