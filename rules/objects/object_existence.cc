// undefined_object, duplicate_object: names that the input itself has made free or taken, before
// and after fixing. The catalog refuses the statements; what is said here is how certain that is.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/catalog/apply.h"
#include "engine/catalog/catalog.h"
#include "engine/catalog/created_names.h"
#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "engine/parse/walk.h"
#include "engine/text/dialect.h"
#include "rules/shared/psql_commands.h"

namespace dsqlint {
namespace {

constexpr size_t kNameBytes = 63;

using catalog::Absence;
using catalog::Origin;
using catalog::Refusal;

constexpr RuleInfo kUndefined{
    .id = "undefined_object",
    .summary = "a statement names what does not exist at that point",
    .why =
        "An earlier statement drops or renames it, or the table that an earlier statement creates\n"
        "has no such column or constraint. PostgreSQL and Aurora DSQL refuse the statement. Names\n"
        "that the input never creates are not judged: the database may have them.",
    .bad =
        "create table t (id integer primary key, note text);\n"
        "alter table t drop column note;\n"
        "create index async t_note on t (note);",
    .good =
        "create table t (id integer primary key, note text);\n"
        "create index async t_note on t (note);",
};

constexpr RuleInfo kDuplicate{
    .id = "duplicate_object",
    .summary = "a statement creates what exists already",
    .why =
        "An earlier statement has created it, and nothing has dropped or renamed it since.\n"
        "PostgreSQL and Aurora DSQL refuse the statement. Tables, views, indexes and sequences of\n"
        "a schema share their names.",
    .bad =
        "create table t (id integer primary key);\n"
        "create table t (id integer primary key, note text);",
    .good =
        "create table t (id integer primary key);\n"
        "create table u (id integer primary key, note text);",
};

/// Statements that may do what the text does not show.
class Opaque {
 public:
  explicit Opaque(ScriptContext& ctx) : ctx_(ctx), stretches_(ctx) {
    for (const Function& function : ctx.schema().functions()) changes_ |= !function.trigger;
    const std::span<const Statement> statements = ctx.document().statements();
    for (uint32_t i = 0; i < statements.size(); ++i) {
      const Statement& statement = statements[i];
      const bool runs =
          statement.kind == pg::Node::kDoStmt || statement.kind == pg::Node::kCallStmt ||
          statement.kind == pg::Node::kExecuteStmt || statement.cls == StatementClass::Unreadable ||
          statement.cls == StatementClass::Query;
      if (runs) statements_.push_back(i);
    }
  }

  /// Does the text show all that happens to the name between the two statements?
  bool hides(uint32_t first, uint32_t last, const Refusal& refusal) {
    if (!stretches_.hold(first, last)) return true;
    for (auto at = std::upper_bound(statements_.begin(), statements_.end(), first);
         at != statements_.end() && *at < last; ++at) {
      const Statement& statement = ctx_.document().statements()[*at];
      // Too much to look through is as good as unknown.
      if (statement.range.size() > budget_) return true;
      budget_ -= statement.range.size() + 1;
      const std::string text = downcase(ctx_.source().slice(statement.range));
      const auto says = [&](std::string_view word) {
        return !word.empty() && text.find(downcase(word)) != std::string::npos;
      };
      if (statement.kind == pg::Node::kCallStmt) return true;
      if (statement.cls == StatementClass::Query) {
        // It may call a function of the input, or one that adds the column that it names.
        if (changes_ || says(refusal.part)) return true;
        continue;
      }
      if (says("execute") || says(refusal.name.name) || says(refusal.part)) return true;
    }
    return false;
  }

 private:
  ScriptContext& ctx_;
  PsqlStretches stretches_;
  bool changes_ = false;  ///< there are functions that a query may call
  std::vector<uint32_t> statements_;
  size_t budget_ = 64u << 20;  ///< bytes that may be looked through for one check
};

/// As the statement says it: without the schema that search_path would give it.
std::string spelled(const ObjectName& name) {
  return to_sql(name.schema == "public" ? ObjectName{"", name.name} : name);
}

std::string named(const Refusal& refusal) {
  const std::string name = fmt::format("`{}`", spelled(refusal.name));
  if (refusal.part.empty()) return fmt::format("{} {}", refusal.what, name);
  return fmt::format("{} `{}` of {}", refusal.what, quote_identifier(refusal.part), name);
}

/// The token that says the name.
Range range_of(const Refusal& refusal, const Document& document, size_t index) {
  const Statement& statement = document.statements()[index];
  const Tokens tokens = document.tokens(index);
  const ParsedStatement parsed(statement, tokens);
  const std::string& wanted = refusal.part.empty() ? refusal.name.name : refusal.part;
  const size_t located = parsed.token_at(refusal.location);
  for (size_t at = located == Tokens::npos ? 0 : located; at < tokens.size(); ++at) {
    if (tokens.is_name(at) && tokens.name(at) == wanted) return tokens.range({at, at + 1});
  }
  if (tokens.size() == 0) return statement.range;
  return tokens.range({0, std::min<size_t>(2, tokens.size())});
}

/// What tells one refusal from another, wherever it stands.
using Key = std::tuple<Refusal::Code, std::string_view, std::string_view, std::string_view,
                       std::string_view>;
Key key_of(const Refusal& refusal) {
  return {refusal.code, refusal.what, refusal.name.schema, refusal.name.name, refusal.part};
}

/// Is it a statement of this text?
bool is_here(const Origin& origin, const ScriptContext& ctx) {
  const Document& document = ctx.document();
  return origin.kind == Origin::Kind::Statement && origin.file >= ctx.schema().first_origin() &&
         origin.statement < document.statements().size() &&
         origin.file - ctx.schema().first_origin() == document.file_of(origin.statement);
}

/// The statement that shows it, where it is one of this text.
std::optional<Range> shown_by(const Origin& origin, const ScriptContext& ctx) {
  const Document& document = ctx.document();
  if (!is_here(origin, ctx)) return std::nullopt;
  return document.statements()[origin.statement].range;
}

Diagnostic undefined(const Refusal& refusal) {
  Diagnostic finding{.range = {}};
  switch (refusal.absence.why) {
    case Absence::Why::Dropped:
      finding.message = fmt::format("{} does not exist any more", named(refusal));
      finding.notes.push_back({"it is dropped here"});
      finding.help = "remove the statement, or move it before the one that drops it";
      break;
    case Absence::Why::Renamed: {
      const std::string now = refusal.part.empty() ? spelled(refusal.absence.now)
                                                   : quote_identifier(refusal.absence.now.name);
      finding.message = fmt::format("{} is called `{}` by now", named(refusal), now);
      finding.notes.push_back({"it is renamed here"});
      finding.help = fmt::format("write `{}`", now);
      break;
    }
    case Absence::Why::Unmade:
      finding.message =
          fmt::format("{} does not exist: the fixed text no longer creates it", named(refusal));
      finding.help = "remove what uses it, or keep what creates it";
      break;
    case Absence::Why::NeverThere:
      finding.message = fmt::format("`{}` has no {} `{}`", spelled(refusal.name), refusal.what,
                                    quote_identifier(refusal.part));
      finding.notes.push_back({fmt::format("`{}` is created here", spelled(refusal.name))});
      finding.help = "write a name that it has, or add it before this statement";
      break;
  }
  return finding;
}

Diagnostic duplicate(const Refusal& refusal, bool here) {
  Diagnostic finding{.range = {}};
  if (refusal.what == "primary key") {
    finding.message = fmt::format("`{}` has a primary key already", spelled(refusal.name));
    finding.notes.push_back({"it gets it here"});
    finding.help = "remove one of the two";
    return finding;
  }
  finding.message =
      fmt::format("{} {}", named(refusal), here ? "is created twice" : "exists already");
  finding.notes.push_back({"it is created here"});
  finding.help = "use another name, or drop or rename the first one before this statement";
  return finding;
}

/// The names that the text makes, or tries to make.
class MadeNames {
 public:
  explicit MadeNames(ScriptContext& ctx) : state_(ctx.schema().catalog().now()) {
    for (const catalog::Refused& one : ctx.schema().refused()) {
      note_created(tree_of(ctx.document().statements()[one.statement]));
    }
  }
  /// Has it been there at any moment, or would it have been if a statement were not refused?
  bool holds(const ObjectName& name) const {
    for (const catalog::NameSpace space :
         {catalog::NameSpace::Relation, catalog::NameSpace::Type, catalog::NameSpace::Function}) {
      if (state_.find(space, name) != catalog::kNoObject) return true;
      const Absence::Why why = state_.absence(space, name).why;
      if (why == Absence::Why::Dropped || why == Absence::Why::Renamed) return true;
    }
    return tried_.count(name.name) != 0;
  }

 private:
  void note_created(AstRef tree) {
    const auto note = [&](const std::string& name) {
      if (!name.empty()) tried_.insert(name);
    };
    if (const auto* table = tree.as<pg::CreateStmt>()) note(table->relation().relname());
    if (const auto* table = tree.as<pg::CreateTableAsStmt>()) note(table->into().rel().relname());
    if (const auto* view = tree.as<pg::ViewStmt>()) note(view->view().relname());
    if (const auto* sequence = tree.as<pg::CreateSeqStmt>()) note(sequence->sequence().relname());
    if (const auto* index = tree.as<pg::IndexStmt>()) note(index->idxname());
    if (const auto* type = tree.as<pg::CompositeTypeStmt>()) note(type->typevar().relname());
    if (const auto* type = tree.as<pg::CreateEnumStmt>()) note(object_name(type->type_name()).name);
    if (const auto* type = tree.as<pg::CreateDomainStmt>()) {
      note(object_name(type->domainname()).name);
    }
    if (const auto* type = tree.as<pg::CreateRangeStmt>())
      note(object_name(type->type_name()).name);
    if (const auto* function = tree.as<pg::CreateFunctionStmt>()) {
      note(object_name(function->funcname()).name);
    }
    if (const auto* rename = tree.as<pg::RenameStmt>()) note(rename->newname());
    // Keys are indexes of their names.
    Walker walker;
    if (tree.message == nullptr) return;
    walker.walk(tree, [&](AstRef node, const std::vector<AstRef>&) {
      if (const auto* key = node.as<pg::Constraint>()) note(key->conname());
    });
  }

  catalog::State state_;
  std::set<std::string> tried_;
};

void check(ScriptContext& ctx, Refusal::Code code) {
  const std::vector<catalog::Refused>& all = ctx.schema().refused();
  if (all.empty() || !ctx.notes<WholeText>().whole) return;
  std::optional<Opaque> opaque;
  std::optional<MadeNames> made;
  // The text before fixing may have been refused for the same.
  std::set<Key> before;
  for (const catalog::Refused& one : ctx.schema().refused_before()) {
    before.insert(key_of(one.refusal));
  }
  for (const catalog::Refused& one : all) {
    const Refusal& refusal = one.refusal;
    if (refusal.code != code) continue;
    const bool made_by_fix = ctx.schema().is_fixed() && before.count(key_of(refusal)) == 0;
    const Statement& statement = ctx.document().statements()[one.statement];
    if (ctx.removed(statement)) continue;
    const Origin& evidence = refusal.evidence;
    // Not by the numbers that tell which files fixes may change: files that nothing has run may be
    // several ways to set up the same.
    const bool beside = is_here(evidence, ctx) && (ctx.notes<WholeText>().ordered ||
                                                   ctx.document().file_of(evidence.statement) ==
                                                       ctx.document().file_of(one.statement));
    // Files beside each other are not always one history: only what fixes have made is certain.
    if (!beside && !made_by_fix) continue;
    // Longer names are cut, which identifier_collision says.
    if (code == Refusal::Code::DuplicateObject && refusal.part.size() >= kNameBytes) continue;
    if (code == Refusal::Code::DuplicateObject && refusal.name.name.size() >= kNameBytes) continue;
    const bool unmade = refusal.absence.why == Absence::Why::Unmade;
    if (unmade) {
      if (!made) made.emplace(ctx);
      if (made->holds(refusal.name)) continue;
    } else if (beside) {
      if (evidence.statement < one.statement) {
        if (ctx.removed(ctx.document().statements()[evidence.statement])) continue;
        if (!opaque) opaque.emplace(ctx);
        if (opaque->hides(evidence.statement, one.statement, refusal)) continue;
      }
    }
    const Range range = range_of(refusal, ctx.document(), one.statement);
    const bool here = beside && evidence.statement == one.statement;
    Diagnostic finding =
        code == Refusal::Code::UndefinedObject ? undefined(refusal) : duplicate(refusal, here);
    // A text that fixes have made has other lines: only a range finds the way back.
    const std::optional<Range> shown = here ? std::nullopt : shown_by(refusal.evidence, ctx);
    if (!finding.notes.empty() && shown) {
      finding.notes.back().range = shown;
    } else {
      finding.notes.clear();
    }
    finding.range = range;
    finding.statement = statement.range;
    ctx.report(std::move(finding));
  }
}

void check_undefined(ScriptContext& ctx) { check(ctx, Refusal::Code::UndefinedObject); }
void check_duplicate(ScriptContext& ctx) { check(ctx, Refusal::Code::DuplicateObject); }

constexpr std::array kRules = {rule<check_undefined>(kUndefined),
                               rule<check_duplicate>(kDuplicate)};

}  // namespace

std::span<const Rule> object_existence() { return kRules; }

}  // namespace dsqlint
