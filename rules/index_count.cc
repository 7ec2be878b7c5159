// How many indexes a table has, and what later statements say about one that a fix removes.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "engine/names.h"
#include "fixers/fixers.h"
#include "rules/object_names.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kCount{
    .id = "too_many_indexes",
    .summary = "a table has at most 24 indexes",
    .why =
        "Primary key and unique constraints count, and so do indexes that are invalid or still\n"
        "being built. An index changes how fast an answer comes, not what it is: keep those that\n"
        "the frequent queries need, and drop what the beginning of another index covers.",
    .bad = "",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kReference{
    .id = "removed_index_reference",
    .summary = "a statement about an index that a fix removes",
    .why =
        "It goes together with the index: a comment or a new name has nothing to hold on to, and\n"
        "`drop index` says IF EXISTS.",
    .bad = "",  // there is none without a finding about the index
    .fixes = Fixes::Always,
};

/// The indexes that tables have while the statements of a file are gone through in order. Those
/// that a fix removes are not entered.
class IndexBook {
 public:
  explicit IndexBook(ScriptContext& ctx) : ctx_(ctx) {}

  /// How many the table has with this index, when that is more than `most`; 0 otherwise.
  size_t add(const pg::IndexStmt& index, size_t most) {
    const Table* table = find(object_name(index.relation()));
    if (table == nullptr) return 0;
    Entry& entry = entry_of(table);
    if (entry.live.size() + 1 > most && !index.unique()) return entry.live.size() + ++entry.over;
    std::vector<std::string> columns;
    for (const pg::Node& key : index.index_params()) columns.push_back(key.index_elem().name());
    entry.live.push_back({index.idxname(), std::move(columns)});
    if (!index.idxname().empty()) table_of_[index.idxname()] = table;
    return entry.live.size() > most ? entry.live.size() + entry.over : 0;
  }

  void create(const pg::CreateStmt& create) {
    const Table* table = find(object_name(create.relation()));
    if (table == nullptr) return;
    for (const pg::Node& element : create.table_elts()) {
      if (element.has_constraint()) add_key(*table, element.constraint());
      for (const pg::Node& node : element.column_def().constraints()) {
        add_key(*table, node.constraint());
      }
    }
  }

  void alter(const pg::AlterTableStmt& alter) {
    const Table* table = find(object_name(alter.relation()));
    if (table == nullptr) return;
    for (const pg::Node& node : alter.cmds()) {
      const pg::AlterTableCmd& cmd = node.alter_table_cmd();
      if (cmd.subtype() == pg::AT_AddConstraint) add_key(*table, cmd.def().constraint());
      if (cmd.subtype() == pg::AT_DropConstraint) {
        std::erase_if(entry_of(table).live,
                      [&](const Live& index) { return index.name == cmd.name(); });
      }
      if (cmd.subtype() == pg::AT_DropColumn) {
        std::erase_if(entry_of(table).live, [&](const Live& index) {
          return std::find(index.columns.begin(), index.columns.end(), cmd.name()) !=
                 index.columns.end();
        });
      }
    }
  }

  void drop(const pg::DropStmt& drop) {
    for (const pg::Node& object : drop.objects()) {
      const ObjectName name = object_name(object);
      if (drop.remove_type() == pg::OBJECT_TABLE) {
        if (const Table* table = find(name)) tables_.erase(table);
      } else if (drop.remove_type() == pg::OBJECT_INDEX) {
        const auto found = table_of_.find(name.name);
        if (found == table_of_.end()) continue;
        std::erase_if(entry_of(found->second).live,
                      [&](const Live& index) { return index.name == name.name; });
        table_of_.erase(found);
      }
    }
  }

 private:
  struct Live {
    std::string name;
    std::vector<std::string> columns;
  };
  struct Entry {
    std::vector<Live> live;
    size_t over = 0;
  };

  /// With what the table had before this file, when it is first asked for.
  Entry& entry_of(const Table* table) {
    const auto [known, is_new] = tables_.try_emplace(table);
    Entry& entry = known->second;
    if (!is_new) return entry;
    for (const Key& key : table->keys) {
      if (key.added.file != ctx_.file() && !key.columns.empty()) {
        entry.live.push_back({key.name, {}});
      }
    }
    for (const Index& index : table->indexes) {
      if (index.created.file != ctx_.file()) entry.live.push_back({index.name, index.columns});
    }
    return entry;
  }

  const Table* find(const ObjectName& name) const { return ctx_.schema().find_table(name); }

  void add_key(const Table& table, const pg::Constraint& constraint) {
    const bool key =
        constraint.contype() == pg::CONSTR_PRIMARY || constraint.contype() == pg::CONSTR_UNIQUE;
    // USING INDEX makes a key of an index that is counted already.
    if (!key || !constraint.indexname().empty()) return;
    entry_of(&table).live.push_back({constraint.conname(), string_values(constraint.keys())});
  }

  ScriptContext& ctx_;
  std::unordered_map<const Table*, Entry> tables_;
  std::unordered_map<std::string, const Table*> table_of_;
};

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
    // Hardly any table has been given so many: then there is nothing to go through.
    if (ctx.schema().most_indexes_made() <= most) return;
    if (ctx.document().of_kind(pg::Node::kIndexStmt).empty()) return;
    IndexBook book(ctx);
    for (size_t i = 0; i < statements.size(); ++i) {
      const AstRef tree = tree_of(statements[i]);
      if (const auto* create = tree.as<pg::CreateStmt>()) {
        book.create(*create);
      } else if (const auto* alter = tree.as<pg::AlterTableStmt>()) {
        book.alter(*alter);
      } else if (const auto* drop = tree.as<pg::DropStmt>()) {
        book.drop(*drop);
      }
      const auto* index = tree.as<pg::IndexStmt>();
      if (index == nullptr || ctx.removed(statements[i])) continue;
      if (const size_t number = book.add(*index, most); number != 0) over.push_back({i, number});
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
        .message = fmt::format("index number {} of table `{}`, which may have {}", number, table,
                               ctx.engine().limits().indexes_per_table),
        .statement = statements[i].range};
    if (index.unique()) {
      finding.help = fmt::format(
          "in front of this statement, drop an index of `{}` that the beginning of another one "
          "covers, or that no frequent query needs",
          table);
    } else {
      finding.notes.push_back({fmt::format(
          "queries that it would have served read more of `{}`; where they matter more than those "
          "of another index, drop that one and create this one",
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
  ctx.report({.range = ctx.head(),
              .message = fmt::format("{} primary and unique keys, and a table may have {} indexes",
                                     count, most),
              .help = "keep the keys that have to be unique, and index other columns only where "
                      "frequent queries need it"});
}

/// The name of the index that a statement speaks about and that has to be there.
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

/// Does any statement speak about an index by its name?
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
    finding.notes = {{tree.kind == pg::Node::kDropStmt ? "there is nothing to drop then"
                                                       : "the statement goes with it"}};
    ctx.report(std::move(finding));
  }
}

constexpr std::array kRules = {rule<check_count>(kCount), rule<check_created_count>(kCount),
                               rule<check_references>(kReference)};

}  // namespace

std::span<const Rule> index_count() { return kRules; }

}  // namespace dsqlint
