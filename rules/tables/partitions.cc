// Partitions: PARTITION OF, and tables that ATTACH PARTITION makes one. Where the partitioned table
// is in the input, the partitions go, and rows written into them go to it.

#include <algorithm>
#include <array>
#include <unordered_map>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/columns.h"
#include "rules/shared/words.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kPartitionOf{
    .id = "unsupported_partition_of",
    .summary = "PARTITION OF is not supported",
    .why =
        "There are no partitions: one table holds all rows. Where the partitioned table\n"
        "is in the same input, the partitions are removed with their indexes and\n"
        "grants, and their rows are written into the partitioned table.",
    .bad =
        "create table log_2026 partition of log for values from ('2026-01-01') to "
        "('2027-01-01');",
    .fixes = Fixes::Sometimes,
    .phase = Phase::Idiom,
};

constexpr RuleInfo kAttached{
    .id = "attached_partition",
    .summary = "a table becomes a partition of another",
    .why =
        "There are no partitions: one table holds all rows. A dump creates each\n"
        "partition as a separate table, fills it and attaches it; the fix writes its\n"
        "rows into the partitioned table.",
    .bad =
        "create table log (at date);\n"
        "create table log_2026 (at date);\n"
        "alter table log attach partition log_2026 default;",
    .good = "create table log (at date);\n",
    .fixes = Fixes::Always,
    .phase = Phase::Idiom,
};

/// A partition, with all that the file does to it.
struct Partition {
  ObjectName name;
  ObjectName parent;
  const Table* earlier = nullptr;                ///< where another file has made it one
  size_t created = 0;                            ///< statement; of no meaning where that is so
  bool attached = false;                         ///< by ALTER TABLE, not PARTITION OF
  std::vector<size_t> doomed;                    ///< statements about it alone
  std::vector<std::pair<size_t, Range>> writes;  ///< its name, where rows are written into it
  std::optional<size_t> use;                     ///< a statement that needs it
};

bool same_table(const ObjectName& a, const ObjectName& b) {
  return a.name == b.name && schemas_agree(a, b);
}

/// Most files make none, and are not looked through for them.
struct PartitionsMade {
  bool any = false;
};

void note_partition_of(const pg::CreateStmt& create, NoteContext& ctx) {
  if (create.has_partbound()) ctx.notes<PartitionsMade>().any = true;
}

void note_attached(const pg::AlterTableStmt& alter, NoteContext& ctx) {
  const auto attaches = [](const pg::Node& node) {
    return node.alter_table_cmd().subtype() == pg::AT_AttachPartition;
  };
  if (std::any_of(alter.cmds().begin(), alter.cmds().end(), attaches)) {
    ctx.notes<PartitionsMade>().any = true;
  }
}

/// Everything about the partitions of a file, found once.
class Partitions {
 public:
  explicit Partitions(ScriptContext& ctx) {
    find_earlier(ctx);
    if (ctx.notes<PartitionsMade>().any) find(ctx);
    if (!partitions_.empty()) relate(ctx);
  }

  const std::vector<Partition>& all() const { return partitions_; }

  /// The table that is partitioned in the end: partitions may be partitioned themselves. Null when
  /// the input does not create it.
  const ObjectName* root(const Schema& schema, const Partition& partition) const {
    if (partition.earlier != nullptr) return root(schema, *partition.earlier);
    const ObjectName* name = &partition.parent;
    for (size_t depth = 0; depth <= partitions_.size(); ++depth) {
      const Partition* above = lookup(*name);
      if (above == nullptr) {
        if (created(*name)) return name;
        const Table* table = schema.find_table(*name);
        return table == nullptr ? nullptr : root(schema, *table);
      }
      name = &above->parent;
    }
    return nullptr;
  }

 private:
  static const ObjectName* root(const Schema& schema, const Table& known) {
    const Table* table = &known;
    for (size_t depth = 0; depth <= schema.partitions().size(); ++depth) {
      if (!table->partition_of) return &table->name;
      if (!table->partition_of->table) return nullptr;
      table = &schema.tables()[*table->partition_of->table];
    }
    return nullptr;
  }

  Partition* lookup(const ObjectName& name) {
    const auto [begin, end] = by_name_.equal_range(name.name);
    for (auto it = begin; it != end; ++it) {
      if (same_table(partitions_[it->second].name, name)) return &partitions_[it->second];
    }
    return nullptr;
  }
  const Partition* lookup(const ObjectName& name) const {
    return const_cast<Partitions*>(this)->lookup(name);
  }

  bool created(const ObjectName& name) const {
    const auto [begin, end] = tables_.equal_range(name.name);
    return std::any_of(begin, end, [&](const auto& known) {
      return same_table(object_name(known.second.first->relation()), name);
    });
  }

  void add(Partition partition) {
    by_name_.emplace(partition.name.name, partitions_.size());
    partitions_.push_back(std::move(partition));
  }

  /// Those of earlier files that this one does something to.
  void find_earlier(const ScriptContext& ctx) {
    const Schema& schema = ctx.schema();
    for (const TableId id : schema.partitions()) {
      const Table& table = schema.tables()[id];
      if (ctx.is_here(table.partition_of->since) || table.events.empty() ||
          !ctx.is_here(table.events.back().statement)) {
        continue;
      }
      add({table.name, table.partition_of->name, &table, 0, false, {}, {}, {}});
    }
  }

  /// Whatever else is done to one of an earlier file. Words alone do not tell: it may be anything
  /// that has its name.
  static void use(Partition& partition, const ScriptContext& ctx) {
    const auto known = [&](size_t statement) {
      return std::find(partition.doomed.begin(), partition.doomed.end(), statement) !=
                 partition.doomed.end() ||
             std::any_of(partition.writes.begin(), partition.writes.end(),
                         [&](const auto& write) { return write.first == statement; });
    };
    const auto& events = partition.earlier->events;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if (!ctx.is_here(event->statement)) break;
      if (!known(event->statement.index)) partition.use = event->statement.index;
    }
  }

  /// PARTITION OF, and tables that are created here and attached later.
  void find(const ScriptContext& ctx) {
    const auto statements = ctx.document().statements();
    for (size_t i = 0; i < statements.size(); ++i) {
      if (statements[i].tree == nullptr) continue;
      if (const auto* create = tree_of(statements[i]).as<pg::CreateStmt>()) {
        if (create->has_partbound() && create->inh_relations_size() == 1) {
          add({object_name(create->relation()),
               object_name(create->inh_relations(0).range_var()),
               nullptr,
               i,
               false,
               {i},
               {},
               {}});
        } else {
          tables_.emplace(create->relation().relname(), std::pair{create, i});
        }
      }
    }
    for (size_t i = 0; i < statements.size(); ++i) {
      const auto* alter =
          statements[i].tree == nullptr ? nullptr : tree_of(statements[i]).as<pg::AlterTableStmt>();
      if (alter == nullptr || alter->objtype() != pg::OBJECT_TABLE) continue;
      for (const pg::Node& node : alter->cmds()) {
        const pg::AlterTableCmd& cmd = node.alter_table_cmd();
        if (cmd.subtype() != pg::AT_AttachPartition) continue;
        const ObjectName name = object_name(cmd.def().partition_cmd().name());
        const auto [begin, end] = tables_.equal_range(name.name);
        for (auto it = begin; it != end; ++it) {
          const auto [create, at] = it->second;
          if (!same_table(object_name(create->relation()), name) || at > i) continue;
          add({object_name(create->relation()),
               object_name(alter->relation()),
               nullptr,
               at,
               true,
               {at},
               {},
               {}});
          break;
        }
      }
    }
  }

  void dooms(size_t statement, const ObjectName& name) {
    Partition* partition = lookup(name);
    if (partition == nullptr) return;
    if (partition->earlier != nullptr || partition->created != statement) {
      partition->doomed.push_back(statement);
    }
  }

  /// Sorts every other statement that names a partition: about it alone, writing into it, or in
  /// need of it.
  void relate(const ScriptContext& ctx) {
    const auto statements = ctx.document().statements();
    for (size_t i = 0; i < statements.size(); ++i) {
      const Statement& statement = statements[i];
      if (!statement.row_uses.empty()) {
        bool run_read = false;
        for (const RowUse& use : statement.row_uses) {
          Partition* partition =
              lookup(parse_object_name(std::string(ctx.source().slice(use.name))));
          if (partition == nullptr) continue;
          if (use.changes || !use.conflict.empty()) {
            // A constraint of ON CONFLICT ON CONSTRAINT goes with the partition.
            partition->use = i;
          } else if (!statement.plain_insert) {
            partition->writes.emplace_back(i, use.name);
          } else if (!run_read) {
            // A run of INSERTs names each table once; every one of them has to be changed.
            run_read = true;
            read_run(ctx, i);
          }
        }
        if (statement.cls == StatementClass::Dml && statement.kind != pg::Node::kInsertStmt)
          continue;
        if (statement.plain_insert) continue;
      }
      if (!about_one(statement, i)) mention(ctx, statement, i);
    }
    for (Partition& partition : partitions_) {
      if (partition.earlier != nullptr) use(partition, ctx);
    }
  }

  void read_run(const ScriptContext& ctx, size_t i) {
    const Tokens tokens = ctx.document().tokens(i);
    for (size_t token = 0; token + 2 < tokens.size(); ++token) {
      if (!tokens.are(token, {"insert", "into"})) continue;
      const TokenSpan span{token + 2, tokens.skip_name(token + 2)};
      if (span.empty()) continue;
      Partition* partition = lookup(parse_object_name(std::string(tokens.text(span))));
      if (partition != nullptr) partition->writes.emplace_back(i, tokens.range(span));
    }
  }

  /// Statements whose only object is a table, an index or a grant of one.
  bool about_one(const Statement& statement, size_t i) {
    if (statement.tree == nullptr) return false;
    const AstRef tree = tree_of(statement);
    if (const auto* create = tree.as<pg::CreateStmt>()) {
      const Partition* partition = lookup(object_name(create->relation()));
      return partition != nullptr && partition->earlier == nullptr && partition->created == i;
    }
    if (const auto* index = tree.as<pg::IndexStmt>()) {
      const ObjectName name = object_name(index->relation());
      if (lookup(name) == nullptr) return false;
      dooms(i, name);
      if (!index->idxname().empty()) indexes_.emplace(index->idxname(), name);
      return true;
    }
    if (const auto* alter = tree.as<pg::AlterTableStmt>()) {
      if (alter->cmds_size() == 1) {
        const pg::AlterTableCmd& cmd = alter->cmds(0).alter_table_cmd();
        if (cmd.subtype() == pg::AT_AttachPartition || cmd.subtype() == pg::AT_DetachPartition) {
          ObjectName name = object_name(cmd.def().partition_cmd().name());
          if (alter->objtype() == pg::OBJECT_INDEX) name = table_of_index(name);
          if (lookup(name) == nullptr) return false;
          dooms(i, name);
          return true;
        }
      }
      if (lookup(object_name(alter->relation())) == nullptr) return false;
      dooms(i, object_name(alter->relation()));
      return true;
    }
    if (const auto* comment = tree.as<pg::CommentStmt>()) {
      ObjectName name;
      if (comment->objtype() == pg::OBJECT_TABLE) {
        name = object_name(comment->object());
      } else if (comment->objtype() == pg::OBJECT_COLUMN) {
        const auto parts = string_values(comment->object().list().items());
        if (parts.size() >= 2) {
          name = {parts.size() > 2 ? parts[parts.size() - 3] : "", parts[parts.size() - 2]};
        }
      }
      if (name.name.empty() || lookup(name) == nullptr) return false;
      dooms(i, name);
      return true;
    }
    if (const auto* grant = tree.as<pg::GrantStmt>()) {
      if (grant->objects_size() != 1 || !grant->objects(0).has_range_var()) return false;
      const ObjectName name = object_name(grant->objects(0).range_var());
      if (lookup(name) == nullptr) return false;
      dooms(i, name);
      return true;
    }
    if (const auto* trigger = tree.as<pg::CreateTrigStmt>()) {
      if (lookup(object_name(trigger->relation())) == nullptr) return false;
      dooms(i, object_name(trigger->relation()));
      return true;
    }
    if (const auto* drop = tree.as<pg::DropStmt>()) {
      if (drop->objects_size() != 1) return false;
      ObjectName name = object_name(drop->objects(0));
      if (drop->remove_type() == pg::OBJECT_INDEX) {
        name = table_of_index(name);
      } else if (drop->remove_type() != pg::OBJECT_TABLE) {
        return false;
      }
      if (lookup(name) == nullptr) return false;
      dooms(i, name);
      return true;
    }
    return false;
  }

  /// PostgreSQL names the index of a partition after it: `log_2026_at_idx`, `log_2026_pkey`.
  ObjectName table_of_index(const ObjectName& index) const {
    if (const auto named = indexes_.find(index.name); named != indexes_.end()) {
      return named->second;
    }
    for (size_t cut = index.name.rfind('_'); cut != std::string::npos && cut > 0;
         cut = index.name.rfind('_', cut - 1)) {
      ObjectName table{index.schema, index.name.substr(0, cut)};
      if (lookup(table) != nullptr) return table;
      if (tables_.contains(table.name)) break;
    }
    return {};
  }

  /// Any other statement that has the word in its text, a string or function body included.
  void mention(const ScriptContext& ctx, const Statement& statement, size_t i) {
    const std::string_view text = ctx.source().slice(statement.range);
    each_word(text, [&](std::string_view word, size_t begin) {
      for (const std::string& name : {std::string(word), downcase(word)}) {
        const auto [first, last] = by_name_.equal_range(name);
        for (auto it = first; it != last; ++it) {
          Partition& partition = partitions_[it->second];
          if (partition.earlier != nullptr) continue;
          const bool written =
              std::any_of(partition.writes.begin(), partition.writes.end(), [&](const auto& write) {
                return write.first == i && write.second.begin <= statement.range.begin + begin &&
                       statement.range.begin + begin + word.size() <= write.second.end;
              });
          if (!written) partition.use = i;
        }
      }
    });
  }

  std::vector<Partition> partitions_;
  std::unordered_multimap<std::string, size_t> by_name_;
  std::unordered_map<std::string, ObjectName> indexes_;  ///< that the file gives partitions
  std::unordered_multimap<std::string, std::pair<const pg::CreateStmt*, size_t>> tables_;
};

/// Do both tables have the same columns in the same order? Then a row fits without a column list.
bool same_columns(const Schema& schema, const ObjectName& a, const ObjectName& b) {
  const Table* one = schema.find_table(a);
  const Table* other = schema.find_table(b);
  return one != nullptr && other != nullptr &&
         std::equal(one->columns.begin(), one->columns.end(), other->columns.begin(),
                    other->columns.end(),
                    [](const Column& x, const Column& y) { return x.name == y.name; });
}

/// Its first two words, or PARTITION OF.
Range words_of(const Tokens& tokens, const Statement& statement, bool first_words) {
  if (first_words) return tokens.range(TokenSpan{0, std::min<size_t>(2, tokens.size())});
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens.are(i, {"partition", "of"})) return tokens.range(TokenSpan{i, i + 2});
  }
  return statement.range;
}

/// The first statement about a partition.
size_t first_of(const Partition& partition) {
  if (partition.earlier == nullptr) return partition.created;
  size_t first = partition.use.value_or(static_cast<size_t>(-1));
  for (const size_t doomed : partition.doomed) first = std::min(first, doomed);
  for (const auto& [statement, range] : partition.writes) first = std::min(first, statement);
  return first;
}

/// Where `first` names it: PARTITION OF, its name where rows are written into it, or what else
/// the statement is.
Range place_of(const ScriptContext& ctx, const Partition& partition, size_t first) {
  const auto write = std::find_if(partition.writes.begin(), partition.writes.end(),
                                  [&](const auto& candidate) { return candidate.first == first; });
  if (partition.earlier != nullptr && write != partition.writes.end()) return write->second;
  return words_of(ctx.document().tokens(first), ctx.document().statements()[first],
                  partition.attached || partition.earlier != nullptr);
}

/// Is it a partition by what its first file says? What later ones make one stays a table there.
bool is_made_in_one_file(const Partition& partition, const ScriptContext& ctx) {
  if (!partition.attached || partition.earlier != nullptr) return true;
  const auto attaches = [&](size_t i) {
    const auto* alter = tree_of(ctx.document().statements()[i]).as<pg::AlterTableStmt>();
    return alter != nullptr &&
           std::any_of(alter->cmds().begin(), alter->cmds().end(), [](const pg::Node& node) {
             return node.alter_table_cmd().subtype() == pg::AT_AttachPartition;
           });
  };
  const auto attached = std::find_if(partition.doomed.begin(), partition.doomed.end(), attaches);
  return attached == partition.doomed.end() || ctx.file(*attached) == ctx.file(partition.created);
}

template <bool attached>
void check(ScriptContext& ctx) {
  const Partitions& partitions = ctx.facts<Partitions>();
  const auto statements = ctx.document().statements();
  for (const Partition& partition : partitions.all()) {
    if (partition.attached != attached) continue;
    const ObjectName* root = partitions.root(ctx.schema(), partition);
    const bool rows_may_differ =
        attached || (partition.earlier != nullptr && partition.earlier->complete);
    const bool fits = !rows_may_differ || partition.writes.empty() || root == nullptr ||
                      same_columns(ctx.schema(), partition.name, *root);
    const bool fixable = root != nullptr && !partition.use && fits;
    // An attached table that stays is refused where it is attached.
    if (attached && !fixable) continue;
    const size_t first = first_of(partition);
    const bool earlier = partition.earlier != nullptr;
    Diagnostic finding{
        .range = place_of(ctx, partition, first),
        .message = "table `" + partition.name.name + "` is a partition of `" +
                   partition.parent.name + "`" + (earlier ? ", created by an earlier file" : ""),
    };
    if (fixable) {
      finding.follows = is_made_in_one_file(partition, ctx);
      const std::string holds = "`" + root->name + "` holds its rows";
      Fix fix{
          .safety = Safety::Review,
          .title =
              (earlier ? "use the partitioned table instead; " : "remove the partition; ") + holds,
          .edits = {}};
      for (const size_t doomed : partition.doomed) {
        fix.edits.push_back(fixers::remove_statement(ctx.source(), statements[doomed]));
      }
      for (const auto& [statement, range] : partition.writes) {
        fix.edits.push_back(fixers::replace(range, to_sql(*root)));
      }
      finding.notes = {{"rows are written to `" + root->name +
                        "`; constraints, defaults and indexes that only the partition has are "
                        "lost, and dropping it becomes a DELETE in batches of at most 3,000 rows"}};
      finding.fix = std::move(fix);
    } else if (partition.use) {
      const Statement& use = statements[*partition.use];
      if (first != *partition.use) {
        finding.notes = {{"it is used by name here", Range{use.range.begin, use.range.begin}}};
      }
      finding.help = "remove the partition, and use `" + partition.parent.name +
                     "` with a condition on its rows instead";
    } else {
      finding.help = "remove the statement, and write its rows to `" + partition.parent.name + "`";
    }
    ctx.report(std::move(finding));
    if (!fixable) continue;
    for (const size_t doomed : partition.doomed) ctx.claim(statements[doomed]);
  }
}

constexpr std::array kRules = {rule<check<false>>(kPartitionOf), rule<check<true>>(kAttached),
                               rule<note_partition_of>(kPartitionOf),
                               rule<note_attached>(kAttached)};

}  // namespace

std::span<const Rule> partitions() { return kRules; }

}  // namespace dsqlint
