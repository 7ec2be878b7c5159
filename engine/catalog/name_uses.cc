// Names with a place in the tree are taken from there; those of DROP, ALTER TYPE, COMMENT and the
// like have none, and are read from the words.

#include "engine/catalog/name_uses.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "engine/parse/ast.h"
#include "engine/parse/document.h"
#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "engine/parse/walk.h"

namespace dsqlint::catalog {
namespace {

/// Longer ones first.
constexpr std::array<std::pair<std::array<std::string_view, 2>, NameSpace>, 11> kKinds = {{
    {{"materialized", "view"}, NameSpace::Relation},
    {{"foreign", "table"}, NameSpace::Relation},
    {{"table", ""}, NameSpace::Relation},
    {{"view", ""}, NameSpace::Relation},
    {{"index", ""}, NameSpace::Relation},
    {{"sequence", ""}, NameSpace::Relation},
    {{"type", ""}, NameSpace::Type},
    {{"domain", ""}, NameSpace::Type},
    {{"function", ""}, NameSpace::Function},
    {{"procedure", ""}, NameSpace::Function},
    {{"routine", ""}, NameSpace::Function},
}};

/// The names of one statement.
class Collector {
 public:
  Collector(const StatementView& view, std::vector<NameUse>& uses)
      : statement_(view.statement, view.tokens), tokens_(view.tokens), uses_(uses) {}

  void run() {
    const size_t first = uses_.size();
    read_words();
    if (statement_.statement().tree != nullptr) read_tree();
    // What words and tree both tell is told once.
    std::sort(uses_.begin() + static_cast<std::ptrdiff_t>(first), uses_.end(),
              [](const NameUse& a, const NameUse& b) {
                if (a.range != b.range) return a.range < b.range;
                return a.columns.size() > b.columns.size();
              });
    const auto doubles =
        std::unique(uses_.begin() + static_cast<std::ptrdiff_t>(first), uses_.end(),
                    [](const NameUse& a, const NameUse& b) { return a.range == b.range; });
    uses_.erase(doubles, uses_.end());
  }

 private:
  /// The name that begins at token `i`, if one does.
  NameUse* add(NameSpace space, size_t i) {
    const size_t end = tokens_.skip_name(i);
    if (end == i || end > tokens_.size()) return nullptr;
    NameUse use{.space = space, .range = tokens_.range(TokenSpan{i, end})};
    // The last two parts count, as with a tree.
    use.name.name = tokens_.name(end - 1);
    if (end - i >= 3) use.name.schema = tokens_.name(end - 3);
    uses_.push_back(std::move(use));
    return &uses_.back();
  }

  /// Past the words of a kind at `i`; `i` where none stand there.
  size_t skip_kind(size_t i, NameSpace& space) const {
    for (const auto& [words, kind] : kKinds) {
      if (!tokens_.is(i, words[0])) continue;
      if (!words[1].empty() && !tokens_.is(i + 1, words[1])) continue;
      space = kind;
      return i + (words[1].empty() ? 1 : 2);
    }
    return i;
  }

  void read_words() {
    size_t i = 1;
    const bool create = tokens_.is(0, "create");
    const bool drop = tokens_.is(0, "drop");
    if (tokens_.are(0, {"comment", "on"})) {
      i = 2;
    } else if (create) {
      while (tokens_.is(i, "or") || tokens_.is(i, "replace") || tokens_.is(i, "unique")) ++i;
    } else if (!drop && !tokens_.is(0, "alter")) {
      return;
    }
    NameSpace space = NameSpace::Relation;
    const size_t after = skip_kind(i, space);
    if (after == i) return;
    i = after;
    while (tokens_.is(i, "async") || tokens_.is(i, "concurrently")) ++i;
    while (tokens_.is(i, "if") || tokens_.is(i, "not") || tokens_.is(i, "exists")) ++i;
    if (tokens_.is(i, "only") && tokens_.is_name(i + 1)) ++i;
    // CREATE INDEX ON: the server chooses the name.
    if (tokens_.is(i, "on")) return;
    add(space, i);
    if (!drop) return;
    for (const TokenSpan part : tokens_.split({i, tokens_.size()})) {
      if (part.begin != i) add(space, part.begin);
    }
  }

  void read_tree() {
    Walker walker;
    std::set<std::string_view> with;  // names of common table expressions
    walker.walk(statement_.tree(), [&](AstRef node, const std::vector<AstRef>&) {
      if (const auto* cte = node.as<pg::CommonTableExpr>()) with.insert(cte->ctename());
    });
    walker.walk(statement_.tree(), [&](AstRef node, const std::vector<AstRef>& parents) {
      if (const auto* relation = node.as<pg::RangeVar>()) {
        if (relation->schemaname().empty() && with.count(relation->relname()) != 0) return;
        const bool type = !parents.empty() && (parents.back().as<pg::CompositeTypeStmt>() ||
                                               is_composite(parents.back()));
        add_at(type ? NameSpace::Type : NameSpace::Relation, relation->location());
      } else if (const auto* type = node.as<pg::TypeName>()) {
        if (builtin_name(type->names()).empty() || type->names_size() == 1) {
          add_at(NameSpace::Type, type->location());
        }
      } else if (const auto* call = node.as<pg::FuncCall>()) {
        read_call(*call);
      } else if (const auto* create = node.as<pg::CreateStmt>()) {
        read_columns(*create);
      }
    });
  }

  static bool is_composite(AstRef parent) {
    const auto* alter = parent.as<pg::AlterTableStmt>();
    return alter != nullptr && alter->objtype() == pg::OBJECT_TYPE;
  }

  void add_at(NameSpace space, int location) {
    const size_t token = statement_.token_at(location);
    if (token != Tokens::npos) add(space, token);
  }

  /// nextval('s') and its like, where the literal is the name as it is.
  void read_call(const pg::FuncCall& call) {
    const std::string_view function = builtin_name(call.funcname());
    if (!is_one_of(function, {"nextval", "currval", "setval"})) return;
    const size_t name = statement_.token_at(call.location());
    if (name == Tokens::npos) return;
    const size_t literal = tokens_.skip_name(name) + 1;
    if (literal >= tokens_.size() || tokens_[literal].kind != TokenKind::String) return;
    const std::string_view text = tokens_.text(literal);
    if (text.size() < 3 || text[0] != '\'' || text.find_first_of("'\\", 1) != text.size() - 1) {
      return;
    }
    const Range range = tokens_.range(literal);
    uses_.push_back({.space = NameSpace::Relation,
                     .name = parse_object_name(std::string(text.substr(1, text.size() - 2))),
                     .range = {range.begin + 1, range.end - 1}});
  }

  void read_columns(const pg::CreateStmt& create) {
    const size_t token = statement_.token_at(create.relation().location());
    NameUse* table = token == Tokens::npos ? nullptr : add(NameSpace::Relation, token);
    if (table == nullptr) return;
    for (const pg::Node& element : create.table_elts()) {
      if (!element.has_column_def()) continue;
      const size_t name = statement_.token_at(element.column_def().location());
      if (name == Tokens::npos) continue;
      table->columns.emplace_back(element.column_def().colname(), tokens_.range(name));
    }
  }

  ParsedStatement statement_;
  const Tokens& tokens_;
  std::vector<NameUse>& uses_;
};

}  // namespace

void collect_name_uses(const StatementView& view, std::vector<NameUse>& uses) {
  if (view.body != nullptr && !view.body->verbatim) return;
  Collector(view, uses).run();
}

}  // namespace dsqlint::catalog
