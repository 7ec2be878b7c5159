// How many indexes a table has, and what later statements say about one that a fix removes.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/object_names.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kCount{
    .id = "too_many_indexes",
    .summary = "a table has at most 24 indexes",
    .why =
        "Primary keys and unique constraints count, and so do indexes that are invalid\n"
        "or still being built. An index changes how fast a query is, not its result:\n"
        "keep those that the frequent queries need, and drop those whose keys are the\n"
        "first keys of another index.",
    .bad = "",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kReference{
    .id = "removed_index_reference",
    .summary = "a statement about an index that a fix removes",
    .why =
        "The statement is changed together with the index: COMMENT and RENAME are\n"
        "removed, and DROP INDEX gets IF EXISTS.",
    .bad = "",  // there is none without a finding about the index
    .fixes = Fixes::Always,
};

/// What CREATE INDEX statements find on tables that then have too many, noted as they pass: later
/// the tables may have other names, or be gone.
struct FullTables {
  struct Crowded {
    size_t statement;
    TableId table;
    size_t standing;  ///< indexes and keys before the statement, those that fixes remove included
    /// Statements of this file: whose indexes have come and gone since the table's entry before.
    std::vector<uint32_t> come;
    std::vector<uint32_t> gone;
  };
  std::vector<Crowded> all;
  std::unordered_map<TableId, std::vector<uint32_t>>
      known;  ///< the statements, by the newest entry
};

/// The statements of the current file whose indexes the table has now, in order.
std::vector<uint32_t> creators(const Table& table, uint32_t file) {
  std::vector<uint32_t> statements;
  statements.reserve(table.indexes.size());
  for (const Index& index : table.indexes) {
    if (index.created.file >= file) statements.push_back(index.created.index);
  }
  return statements;
}

void note_crowded(const pg::IndexStmt& index, NoteContext& ctx) {
  const Table* table = ctx.schema().find_table(object_name(index.relation()));
  if (table == nullptr) return;
  const size_t standing = table->keys.size() + table->indexes.size();
  if (standing < static_cast<size_t>(ctx.engine().limits().indexes_per_table)) return;
  auto& notes = ctx.notes<FullTables>();
  FullTables::Crowded crowded{
      ctx.index(), static_cast<TableId>(table - ctx.schema().tables().data()), standing, {}, {}};
  std::vector<uint32_t>& before = notes.known[crowded.table];
  const Index* last = table->indexes.empty() ? nullptr : &table->indexes.back();
  const size_t count = before.size();
  if (count != 0 && table->indexes.size() == count + 1 &&
      last->created.file >= ctx.schema().file() &&
      table->indexes[count - 1].created.file >= ctx.schema().file() &&
      table->indexes[count - 1].created.index == before.back()) {
    // One more than before and nothing else, as nearly always.
    crowded.come = {last->created.index};
    before.push_back(last->created.index);
  } else {
    std::vector<uint32_t> now = creators(*table, ctx.schema().file());
    std::set_difference(now.begin(), now.end(), before.begin(), before.end(),
                        std::back_inserter(crowded.come));
    std::set_difference(before.begin(), before.end(), now.begin(), now.end(),
                        std::back_inserter(crowded.gone));
    before = std::move(now);
  }
  notes.all.push_back(std::move(crowded));
}

/// CREATE INDEX, or what of it can be found.
Range first_words(const Document& document, size_t statement) {
  const Tokens tokens = document.tokens(statement);
  const ObjectPlace place = object_place(tokens, "index");
  return place.head.empty() ? document.statements()[statement].range : tokens.range(place.head);
}

/// The CREATE INDEX statements beyond the limit; one plan for both rules.
struct IndexPlan {
  struct Over {
    size_t statement;
    size_t number;
  };
  std::vector<Over> over;

  explicit IndexPlan(ScriptContext& ctx) {
    const auto most = static_cast<size_t>(ctx.engine().limits().indexes_per_table);
    const std::span<const Statement> statements = ctx.document().statements();
    struct Left {
      std::unordered_set<uint32_t> removed;  ///< another fix removes the statement
      std::unordered_set<uint32_t> over;     ///< this one does
    };
    std::unordered_map<TableId, Left> tables;  ///< of the indexes that stand
    std::unordered_set<uint32_t> dismissed;
    for (const FullTables::Crowded& crowded : ctx.notes<FullTables>().all) {
      Left& left = tables[crowded.table];
      for (const uint32_t statement : crowded.come) {
        if (dismissed.contains(statement)) {
          left.over.insert(statement);
        } else if (ctx.removed(statements[statement])) {
          left.removed.insert(statement);
        }
      }
      for (const uint32_t statement : crowded.gone) {
        left.removed.erase(statement);
        left.over.erase(statement);
      }
      if (ctx.removed(statements[crowded.statement])) continue;
      // The current table has all but those that were removed, and no fix keeps those over it.
      const size_t number = crowded.standing - left.removed.size() + 1;
      if (number - left.over.size() <= most) continue;
      over.push_back({crowded.statement, number});
      if (!tree_of(statements[crowded.statement]).as<pg::IndexStmt>()->unique()) {
        dismissed.insert(static_cast<uint32_t>(crowded.statement));
      }
    }
  }
};

void check_count(ScriptContext& ctx) {
  const std::span<const Statement> statements = ctx.document().statements();
  for (const auto& [i, number] : ctx.facts<IndexPlan>().over) {
    const auto& index = *tree_of(statements[i]).as<pg::IndexStmt>();
    const std::string table = to_sql(object_name(index.relation()));
    Diagnostic finding{
        .range = first_words(ctx.document(), i),
        .message = fmt::format("this is index number {} of table `{}`; a table can have {}", number,
                               table, ctx.engine().limits().indexes_per_table),
        .statement = statements[i].range};
    if (index.unique()) {
      finding.help = fmt::format(
          "before this statement, drop an index of `{}` whose keys are the first keys of another "
          "one, or that no frequent query needs",
          table);
    } else {
      finding.notes.push_back(
          {fmt::format("queries that it would have served read more of `{}`; if they matter more "
                       "than those of another index, drop that one and create this one",
                       table)});
      finding.fix = Fix{Safety::Review,
                        "remove the index",
                        {fixers::remove_statement(ctx.source(), statements[i])}};
    }
    ctx.report(std::move(finding));
  }
}

void check_created_count(const pg::CreateStmt& create, Context& ctx) {
  int count = 0;
  const auto add = [&](const pg::Constraint& constraint) {
    if (constraint.contype() == pg::CONSTR_PRIMARY || constraint.contype() == pg::CONSTR_UNIQUE) {
      ++count;
    }
  };
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_constraint()) add(element.constraint());
    for (const pg::Node& node : element.column_def().constraints()) add(node.constraint());
  }
  const int most = ctx.engine().limits().indexes_per_table;
  if (count <= most) return;
  ctx.report(
      {.range = ctx.head(),
       .message = fmt::format(
           "the table has {} primary and unique keys; a table can have {} indexes", count, most),
       .help = "keep the keys that have to be unique, and index other columns only where frequent "
               "queries need it"});
}

/// The name of the index that a statement names and that has to exist.
std::string named_index(AstRef tree) {
  if (const auto* comment = tree.as<pg::CommentStmt>()) {
    if (comment->objtype() == pg::OBJECT_INDEX) return object_name(comment->object()).name;
  } else if (const auto* rename = tree.as<pg::RenameStmt>()) {
    if (rename->rename_type() == pg::OBJECT_INDEX) return rename->relation().relname();
  } else if (const auto* alter = tree.as<pg::AlterTableStmt>()) {
    if (alter->objtype() == pg::OBJECT_INDEX) return alter->relation().relname();
  }
  return {};
}

/// Does any statement name an index?
bool names_indexes(const Document& document) {
  for (const auto& [i, comment] : StatementsOf<pg::CommentStmt>(document)) {
    if (comment.objtype() == pg::OBJECT_INDEX) return true;
  }
  for (const auto& [i, rename] : StatementsOf<pg::RenameStmt>(document)) {
    if (rename.rename_type() == pg::OBJECT_INDEX) return true;
  }
  for (const auto& [i, drop] : StatementsOf<pg::DropStmt>(document)) {
    if (drop.remove_type() == pg::OBJECT_INDEX) return true;
  }
  for (const auto& [i, alter] : StatementsOf<pg::AlterTableStmt>(document)) {
    if (alter.objtype() == pg::OBJECT_INDEX) return true;
  }
  return false;
}

void check_references(ScriptContext& ctx) {
  if (ctx.document().of_kind(pg::Node::kIndexStmt).empty() || !names_indexes(ctx.document())) {
    return;
  }
  const std::span<const Statement> statements = ctx.document().statements();
  std::unordered_map<std::string, bool> gone;  ///< the newest index of the name
  std::unordered_set<size_t> over;
  if (ctx.enabled(kCount.id)) {
    for (const IndexPlan::Over& known : ctx.facts<IndexPlan>().over) {
      const auto& index = *tree_of(statements[known.statement]).as<pg::IndexStmt>();
      const Range place = first_words(ctx.document(), known.statement);
      if (!index.unique() && !ctx.suppressed(kCount.id, place)) over.insert(known.statement);
    }
  }
  for (size_t i = 0; i < statements.size(); ++i) {
    const AstRef tree = tree_of(statements[i]);
    if (const auto* index = tree.as<pg::IndexStmt>()) {
      const bool removed = over.count(i) != 0 || ctx.removed(statements[i]);
      if (!index->idxname().empty() && (removed || !gone.empty())) gone[index->idxname()] = removed;
      continue;
    }
    if (gone.empty() || ctx.removed(statements[i])) continue;
    const auto is_gone = [&](const std::string& name) {
      const auto found = gone.find(name);
      return found != gone.end() && found->second;
    };
    const Tokens tokens = tree.kind == pg::Node::kDropStmt || !named_index(tree).empty()
                              ? ctx.document().tokens(i)
                              : Tokens();
    Diagnostic finding{.statement = statements[i].range};
    std::string name = named_index(tree);
    if (const auto* drop = tree.as<pg::DropStmt>();
        drop != nullptr && drop->remove_type() == pg::OBJECT_INDEX && !drop->missing_ok()) {
      for (const pg::Node& object : drop->objects()) {
        if (is_gone(object_name(object).name)) name = object_name(object).name;
      }
      const ObjectPlace place = object_place(tokens, "index");
      if (name.empty() || place.name.empty()) continue;
      finding.range = tokens.range(place.head);
      finding.fix = Fix{Safety::Review,
                        "add `if exists`",
                        {fixers::insert_before(tokens, place.name.begin,
                                               match_case(tokens.text(0), "IF EXISTS "))}};
    } else {
      if (!is_gone(name)) continue;
      if (const auto* rename = tree.as<pg::RenameStmt>()) gone[rename->newname()] = true;
      finding.range = statements[i].range;
      finding.fix = Fix{Safety::Review,
                        "remove the statement",
                        {fixers::remove_statement(ctx.source(), statements[i])}};
    }
    finding.message = fmt::format("index `{}` is removed by a fix", quote_identifier(name));
    finding.notes = {{tree.kind == pg::Node::kDropStmt ? "there is nothing to drop"
                                                       : "the statement is removed too"}};
    ctx.report(std::move(finding));
  }
}

constexpr std::array kRules = {rule<note_crowded>(kCount), rule<check_count>(kCount),
                               rule<check_created_count>(kCount),
                               rule<check_references>(kReference)};

}  // namespace

std::span<const Rule> index_count() { return kRules; }

}  // namespace dsqlint
