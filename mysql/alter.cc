// ALTER TABLE: one statement per action, or nothing where the CREATE TABLE says it already.

#include <fmt/format.h>

#include <algorithm>

#include "mysql/translator.h"
#include "mysql/values.h"

namespace dsqlint::mysql {
std::string Translator::alter_head(const Table* table, const Name& name) const {
  return (alter_if_exists_ ? "ALTER TABLE IF EXISTS " : "ALTER TABLE ") +
         (table == nullptr ? qualified(name.schema, name.name)
                           : qualified(table->schema, table->name));
}

void Translator::alter_add_column(Cursor& cursor, Table& table, Action& action) {
  Column column = action.column;
  set_type(column, table);
  name_column(column);
  const std::string head = alter_head(&table, {});
  const std::string shown = identifier(column.name);
  if (column.target.cls == Class::Bytes && (column.unique || column.primary)) {
    unsupported("mysql_binary_key_unsupported", column.range,
                fmt::format("`{}` would be a key over bytes", column.name));
    return;
  }
  // The parts that ADD COLUMN does not accept become separate statements.
  TableOptions options;
  Column bare = column;
  bare.not_null = bare.has_default = bare.on_update = false;
  bare.checks.clear();
  Text definition;
  column_sql(cursor, table, bare, options, definition, true);
  column.plain_instead = bare.plain_instead;
  emit(Text(head + " ADD COLUMN " + (action.if_exists ? "IF NOT EXISTS " : ""), action.range)
           .add(definition));
  Text value;
  if (column.has_default && !column.auto_increment) default_sql(cursor, column, value);
  const std::string default_value =
      value.text().starts_with(" DEFAULT ") ? value.text().substr(9) : std::string();
  const bool not_null = column.not_null && !column.generated && !column.auto_increment;
  bool split = false;
  if (!default_value.empty()) {
    emit(Text(fmt::format("{} ALTER COLUMN {} SET DEFAULT {}", head, shown, default_value),
              column.default_range));
    split = true;
  }
  std::string filled = default_value;
  if (filled.empty() && not_null) filled = implicit_default(column);
  if (!filled.empty()) {
    emit(Text(fmt::format("UPDATE {} SET {} = {} WHERE {} IS NULL",
                          qualified(table.schema, table.name), shown, filled, shown),
              action.range),
         true);
    split = true;
  }
  const auto constrain = [&](const std::string& suffix, const std::string& condition) {
    const std::string constraint =
        identifier(bounded(fmt::format("{}_{}_{}", table.name, column.name, suffix), column.range));
    emit(Text(fmt::format("{} ADD CONSTRAINT {} CHECK ({}) NOT VALID", head, constraint, condition),
              column.range));
    emit(Text(fmt::format("{} VALIDATE CONSTRAINT {}", head, constraint), column.range));
    split = true;
  };
  if (not_null) constrain("not_null", shown + " IS NOT NULL");
  const std::string check = check_sql(column).text();
  if (!check.empty()) constrain("check", check.substr(8, check.size() - 9));
  int number = 1;
  for (const Check& one : column.checks) {
    const auto sql = expression_sql(cursor, table, one.expression, false, true);
    if (sql && one.enforced) constrain(fmt::format("check{}", ++number), sql->text());
  }
  if (column.unique || column.primary) {
    Key key;
    key.kind = KeyKind::Unique;
    key.parts.push_back({.column = column.name});
    key.target = index_name(table, column.name, column.range);
    emit(Text(fmt::format("CREATE UNIQUE INDEX {} ON {} ({})", identifier(key.target),
                          qualified(table.schema, table.name), shown),
              column.range));
    table.keys.push_back(std::move(key));
    split = true;
  }
  if (split) {
    report("mysql_add_column_split", action.range,
           fmt::format("`{}` is added with its type only; its default and constraints follow",
                       column.name));
  }
  if (column.positioned) {
    report("mysql_column_position_dropped", action.range,
           fmt::format("`{}` becomes the last column", column.name));
  }
  if (table.column(column.name) == nullptr) table.columns.push_back(std::move(column));
}

void Translator::alter_change(Cursor& cursor, Table* table, const Name& name, Action& action) {
  Column* old = table == nullptr ? nullptr : table->column(action.old_name);
  if (old == nullptr && refused_.count(lower(name.name)) != 0) {
    unsupported(
        "mysql_alter_modify_unsupported", action.range,
        fmt::format("`{}` has not been created", name.name),
        "correct its CREATE TABLE first, and define the column there as it is changed here");
    return;
  }
  if (old == nullptr) {
    unsupported("mysql_alter_modify_unsupported", action.range,
                fmt::format("the old definition of `{}` is not in this file", action.old_name),
                fmt::format("list the files that create and change `{}` before this one: a run "
                            "knows what its earlier files created",
                            name.name));
    return;
  }
  Column column = action.column;
  column.original = old->original;
  set_type(column, *table);
  // The override goes with the column's old name, which the definition had.
  const auto fold = table->hindsight->overrides.find(lower(action.old_name));
  if (fold != table->hindsight->overrides.end() && fold->second != Override::None) {
    column.override_with = fold->second;
    column.target = target_type(column.type, fold->second, options_.choices,
                                options_.engine.limits().numeric_precision);
    column.auto_increment = fold->second == Override::Identity;
  }
  const std::string head = alter_head(table, name);
  const bool becomes_identity = action.column.auto_increment && !old->auto_increment;
  const bool bigint = old->target.sql == "BIGINT";
  if (table->hindsight->retyped.count(lower(action.old_name)) != 0 &&
      column.target.sql != old->target.sql) {
    // Another statement gives it a type that holds the values of this one, too.
    report("mysql_alter_folded", action.range,
           fmt::format("`{}` is {} from its CREATE TABLE on, for another statement", old->name,
                       old->target.sql));
    column.type = old->type;
    column.target = old->target;
  }
  if (column.target.sql != old->target.sql && !becomes_identity) {
    unsupported("mysql_alter_modify_unsupported", action.range,
                fmt::format("`{}` is {} and would have to become {}", old->name, old->target.sql,
                            column.target.sql));
    return;
  }
  if (becomes_identity && !bigint) {
    unsupported("mysql_alter_modify_unsupported", action.range,
                fmt::format("`{}` is {}; only a BIGINT column can become an identity column",
                            old->name, old->target.sql));
    return;
  }
  if (column.generated != old->generated || column.generated_text != old->generated_text) {
    unsupported(
        "mysql_alter_modify_unsupported", action.range,
        fmt::format("the expression of the generated column `{}` cannot be changed", old->name));
    return;
  }
  const bool checks_change = check_sql(column).text() != check_sql(*old).text();
  if (checks_change && !options_.engine.accepts(Capability::DropConstraint)) {
    unsupported("mysql_alter_modify_unsupported", action.range,
                fmt::format("the CHECK on `{}` would have to be replaced", old->name));
    return;
  }
  if (column.name != old->name && lower(column.name) != lower(old->name)) {
    emit(Text(fmt::format("{} RENAME COLUMN {} TO {}", head, identifier(old->name),
                          identifier(column.name)),
              action.range));
  } else {
    column.name = old->name;
  }
  const std::string shown = identifier(column.name);
  const std::string check_name =
      identifier(bounded(fmt::format("{}_{}_check", table->name, old->name), action.range));
  if (checks_change) {
    if (!check_sql(*old).empty()) {
      emit(Text(fmt::format("{} DROP CONSTRAINT {}", head, check_name), action.range));
    }
    const std::string check = check_sql(column).text();
    if (!check.empty()) {
      emit(Text(fmt::format("{} ADD CONSTRAINT {} CHECK ({}) NOT VALID", head, check_name,
                            check.substr(8, check.size() - 9)),
                action.range));
      emit(Text(fmt::format("{} VALIDATE CONSTRAINT {}", head, check_name), action.range));
    }
    report("mysql_constraint_not_valid", action.range,
           fmt::format("the values of `{}` are checked by a new constraint", column.name));
  }
  if (becomes_identity) {
    if (options_.engine.accepts(Capability::AddGeneratedIdentity)) {
      emit(Text(fmt::format("{} ALTER COLUMN {} ADD GENERATED BY DEFAULT AS IDENTITY (CACHE 65536)",
                            head, shown),
                action.range));
      report("mysql_auto_increment_to_identity", action.range,
             fmt::format("`{}` becomes an identity column", column.name),
             {{"the start value is not known: run ALTER COLUMN … RESTART WITH the largest id plus "
               "1"}});
    } else {
      unsupported(
          "mysql_alter_modify_unsupported", action.range,
          fmt::format("`{}` cannot become an identity column at this engine date", column.name));
    }
    column.auto_increment = true;
  }
  if (!column.auto_increment && !column.generated) {
    if (column.has_default && column.default_text != old->default_text) {
      Text value;
      if (default_sql(cursor, column, value)) {
        emit(Text(fmt::format("{} ALTER COLUMN {} {}", head, shown,
                              value.empty() ? "DROP DEFAULT" : "SET" + value.text()),
                  action.range));
      }
    } else if (!column.has_default && old->has_default && lower(old->default_text) != "null") {
      emit(Text(fmt::format("{} ALTER COLUMN {} DROP DEFAULT", head, shown), action.range));
    }
  }
  if (old->not_null && !column.not_null && !column.auto_increment) {
    const Key* primary = table->primary_key();
    const bool in_key =
        primary != nullptr &&
        std::any_of(primary->parts.begin(), primary->parts.end(),
                    [&](const KeyPart& part) { return lower(part.column) == lower(old->name); });
    if (!in_key) {
      emit(Text(fmt::format("{} ALTER COLUMN {} DROP NOT NULL", head, shown), action.range));
    }
  } else if (!old->not_null && column.not_null && !column.auto_increment) {
    const std::string constraint =
        identifier(bounded(fmt::format("{}_{}_not_null", table->name, column.name), action.range));
    emit(Text(fmt::format("{} ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID", head, constraint,
                          shown),
              action.range));
    emit(Text(fmt::format("{} VALIDATE CONSTRAINT {}", head, constraint), action.range));
    report("mysql_constraint_not_valid", action.range,
           fmt::format("a CHECK rejects NULL in `{}`", column.name));
  }
  if (column.positioned) {
    report("mysql_column_position_dropped", action.range,
           fmt::format("`{}` keeps its position", column.name));
  }
  if (column.on_update && !old->on_update) {
    report("mysql_on_update_dropped", column.on_update_range,
           fmt::format("`{}` is no longer set by every UPDATE", column.name));
  }
  column.plain_instead = old->plain_instead;
  *old = std::move(column);
}

void Translator::alter_key(Cursor& cursor, Table* table, const Name& name, Action& action) {
  Table unknown;
  if (table == nullptr) {
    unknown.schema = name.schema;
    unknown.name = name.name;
    table = &unknown;
  }
  if (action.kind == ActionKind::AddKey) {
    Key& key = action.key;
    if (key.kind == KeyKind::Primary) {
      if (!table->hindsight->primary_key.empty()) return;  // it stands in the CREATE TABLE
      std::string columns;
      for (const KeyPart& part : key.parts) {
        const Column* column = table->column(part.column);
        columns += (columns.empty() ? "" : ", ") +
                   identifier(column == nullptr ? part.column : column->name);
      }
      emit(Text(fmt::format("{} ADD PRIMARY KEY ({})", alter_head(table, name), columns),
                action.range));
      table->keys.push_back(std::move(key));
      return;
    }
    size_t indexes = 0;
    for (const Key& other : table->keys) indexes += other.dropped ? 0 : 1;
    if (auto sql = index_sql(cursor, *table, key, indexes)) emit(std::move(*sql));
    table->keys.push_back(std::move(key));
    return;
  }
  const auto found = std::find_if(table->keys.begin(), table->keys.end(), [&](const Key& key) {
    return equals(key.name, lower(action.old_name));
  });
  if (action.kind == ActionKind::RenameIndex) {
    const std::string old_target = found != table->keys.end() && !found->target.empty()
                                       ? found->target
                                       : bounded(table->name + "_" + action.old_name, action.range);
    if (found != table->keys.end() && found->dropped) return;
    const std::string target = index_name(*table, action.new_name, action.range);
    if (found != table->keys.end() && found->constraint) {
      emit(Text(fmt::format("{} RENAME CONSTRAINT {} TO {}", alter_head(table, name),
                            identifier(old_target), identifier(target)),
                action.range));
    } else {
      emit(Text(fmt::format("ALTER INDEX {}{} RENAME TO {}", action.if_exists ? "IF EXISTS " : "",
                            qualified(table->schema, old_target), identifier(target)),
                action.range));
    }
    report("mysql_index_renamed", action.range,
           fmt::format("the index `{}` is named `{}`", action.new_name, target));
    if (found != table->keys.end()) {
      found->name = action.new_name;
      found->target = target;
    }
    return;
  }
  // DROP KEY
  if (found != table->keys.end() && found->dropped) {
    table->keys.erase(found);
    return;
  }
  if (found != table->keys.end() && found->constraint) {
    if (options_.engine.accepts(Capability::DropConstraint)) {
      emit(Text(fmt::format("{} DROP CONSTRAINT {}", alter_head(table, name),
                            identifier(found->target.empty()
                                           ? fmt::format("{}_{}_key", table->name, found->name)
                                           : found->target)),
                action.range));
    } else {
      unsupported("mysql_statement_unsupported", action.range,
                  fmt::format("the unique key `{}` is a constraint, which cannot be dropped",
                              action.old_name),
                  "at this engine date, recreate the table without it and copy the rows");
    }
    table->keys.erase(found);
    return;
  }
  std::string target = found != table->keys.end() ? found->target : std::string();
  if (target.empty()) {
    target = bounded(table->name + "_" + action.old_name, action.range);
    report("mysql_index_renamed", action.range,
           fmt::format("the index `{}` is expected to be named `{}`", action.old_name, target));
  }
  emit(Text(fmt::format("DROP INDEX {}{}", action.if_exists ? "IF EXISTS " : "",
                        qualified(table->schema, target)),
            action.range));
  if (found != table->keys.end()) table->keys.erase(found);
}

void Translator::alter_constraint(Cursor& cursor, Table* table, const Name& name, Action& action) {
  const std::string head = alter_head(table, name);
  const std::string table_name = table == nullptr ? name.name : table->name;
  if (action.kind == ActionKind::AddCheck) {
    Table none;
    const auto sql = expression_sql(cursor, table == nullptr ? none : *table,
                                    action.check.expression, false, true);
    if (!action.check.enforced) {
      report("mysql_check_not_enforced_dropped", action.range, "a CHECK that is NOT ENFORCED");
    } else if (!sql) {
      report("mysql_expression_dropped", action.range, "the CHECK has no equivalent");
    } else {
      const std::string constraint = identifier(bounded(
          action.check.name.empty() ? table_name + "_chk" : action.check.name, action.range));
      emit(Text(head + " ADD CONSTRAINT " + constraint + " CHECK (", action.range)
               .add(*sql)
               .add(") NOT VALID"));
      emit(Text(head + " VALIDATE CONSTRAINT " + constraint, action.range));
      report("mysql_constraint_not_valid", action.range,
             "the CHECK is added and then validated in the background");
    }
    return;
  }
  if (action.kind == ActionKind::AddForeignKey) {
    ForeignKey& key = action.foreign_key;
    Table unknown;
    unknown.schema = name.schema;
    unknown.name = name.name;
    Table& child = table == nullptr ? unknown : *table;
    name_foreign_key(child, key);
    key.name = key.target;
    const Table* parent = nullptr;
    resolve(key.parent, parent);
    if (parent == nullptr && created_.count(lower(key.parent.name)) != 0) {
      report("mysql_foreign_key_deferred", action.range,
             fmt::format("`{}` is created later, so the foreign key is added at the end",
                         key.parent.name));
      pending_keys_.push_back({child.schema, child.name, key, statement_});
      return;
    }
    if (parent != nullptr && !parent_is_unique(key)) {
      report("mysql_foreign_key_dropped", action.range,
             fmt::format("the columns that it refers to are not a key of `{}`", key.parent.name));
      return;
    }
    emit(Text(head + " ADD ", action.range).add(foreign_key_sql(child, key)).add(" NOT VALID"));
    emit(Text(head + " VALIDATE CONSTRAINT " + identifier(bounded(key.name, action.range)),
              action.range));
    report("mysql_constraint_not_valid", action.range,
           "the foreign key is added and then validated in the background");
    std::vector<Text> behind;
    add_missing_index(child, key, behind);
    for (Text& sql : behind) emit(std::move(sql));
    child.foreign_keys.push_back(std::move(key));
    return;
  }
  // DROP FOREIGN KEY, DROP CONSTRAINT, DROP CHECK
  if (action.kind == ActionKind::DropForeignKey &&
      !options_.engine.accepts(Capability::ForeignKeys)) {
    report("mysql_foreign_key_dropped", action.range,
           fmt::format("`{}` was never created at this engine date", action.old_name));
    return;
  }
  // One that waits for its parent needs not be added at all.
  const auto waiting = std::find_if(
      pending_keys_.begin(), pending_keys_.end(), [&](const PendingForeignKey& pending) {
        return pending.table == table_name &&
               (equals(pending.key.name, lower(action.old_name)) ||
                equals(pending.key.automatic, lower(action.old_name)));
      });
  if (waiting != pending_keys_.end()) {
    pending_keys_.erase(waiting);
    return;
  }
  std::string dropped = action.old_name;
  if (table != nullptr) {
    // One without a name has MySQL's here, and PostgreSQL's there.
    const auto key = std::find_if(table->foreign_keys.begin(), table->foreign_keys.end(),
                                  [&](const ForeignKey& k) {
                                    return equals(k.name, lower(action.old_name)) ||
                                           equals(k.automatic, lower(action.old_name));
                                  });
    if (key != table->foreign_keys.end()) {
      dropped = key->target.empty() ? key->name : key->target;
      table->foreign_keys.erase(key);
    }
  }
  emit(Text(fmt::format("{} DROP CONSTRAINT {}{}", head, action.if_exists ? "IF EXISTS " : "",
                        identifier(bounded(dropped, action.range))),
            action.range));
}

void Translator::alter_one(Cursor& cursor, Table* table, const Name& name, Action& action) {
  const std::string head = alter_head(table, name);
  const auto column_name = [&](const std::string& wanted) {
    const Column* column = table == nullptr ? nullptr : table->column(wanted);
    return identifier(column == nullptr ? wanted : column->name);
  };
  switch (action.kind) {
    case ActionKind::AddColumn: {
      Table unknown;
      unknown.schema = name.schema;
      unknown.name = name.name;
      alter_add_column(cursor, table == nullptr ? unknown : *table, action);
      break;
    }
    case ActionKind::DropColumn: {
      const Key* primary = table == nullptr ? nullptr : table->primary_key();
      const bool in_key =
          primary != nullptr &&
          std::any_of(primary->parts.begin(), primary->parts.end(), [&](const KeyPart& part) {
            return lower(part.column) == lower(action.old_name);
          });
      if (in_key) {
        unsupported(
            "mysql_statement_unsupported", action.range,
            fmt::format("`{}` is in the primary key and cannot be dropped", action.old_name),
            "recreate the table with another key and copy the rows in batches");
        break;
      }
      emit(Text(fmt::format("{} DROP COLUMN {}{}", head, action.if_exists ? "IF EXISTS " : "",
                            column_name(action.old_name)),
                action.range));
      if (table != nullptr) {
        std::erase_if(table->columns, [&](const Column& column) {
          return lower(column.original.empty() ? column.name : column.original) ==
                 lower(action.old_name);
        });
      }
      break;
    }
    case ActionKind::ChangeColumn:
      alter_change(cursor, table, name, action);
      break;
    case ActionKind::SetDefault: {
      Column column;
      const Column* old = table == nullptr ? nullptr : table->column(action.old_name);
      if (old != nullptr) column = *old;
      column.has_default = true;
      column.default_value = action.value;
      column.default_range = cursor.range(action.value);
      Text value;
      if (default_sql(cursor, column, value)) {
        emit(Text(fmt::format("{} ALTER COLUMN {} {}", head, column_name(action.old_name),
                              value.empty() ? "DROP DEFAULT" : "SET" + value.text()),
                  action.range));
      }
      break;
    }
    case ActionKind::DropDefault:
      emit(Text(fmt::format("{} ALTER COLUMN {} DROP DEFAULT", head, column_name(action.old_name)),
                action.range));
      break;
    case ActionKind::RenameColumn:
      emit(Text(fmt::format("{} RENAME COLUMN {} TO {}", head, column_name(action.old_name),
                            identifier(action.new_name)),
                action.range));
      if (table != nullptr) {
        if (Column* column = table->column(action.old_name)) {
          column->name = action.new_name;
          column->original.clear();
        }
        for (Key& key : table->keys) {
          for (KeyPart& part : key.parts) {
            if (lower(part.column) == lower(action.old_name)) part.column = action.new_name;
          }
        }
      }
      break;
    case ActionKind::RenameTable: {
      emit(Text(fmt::format("{} RENAME TO {}", head, identifier(action.table.name)), action.range));
      Name to = action.table;
      if (to.schema.empty()) to.schema = name.schema;
      rename_table(name, to);
      break;
    }
    case ActionKind::AddKey:
    case ActionKind::DropKey:
    case ActionKind::RenameIndex:
      alter_key(cursor, table, name, action);
      break;
    case ActionKind::AddForeignKey:
    case ActionKind::AddCheck:
    case ActionKind::DropForeignKey:
    case ActionKind::DropConstraint:
      alter_constraint(cursor, table, name, action);
      break;
    case ActionKind::DropPrimaryKey:
      unsupported("mysql_statement_unsupported", action.range, "a primary key cannot be dropped",
                  "recreate the table with another key and copy the rows in batches");
      break;
    case ActionKind::AutoIncrement: {
      if (table != nullptr && table->hindsight->seed == action.text) break;  // in the CREATE TABLE
      const Column* identity = nullptr;
      if (table != nullptr) {
        for (const Column& column : table->columns) {
          if (column.auto_increment) identity = &column;
        }
      }
      if (identity == nullptr) {
        unsupported("mysql_statement_unsupported", action.range,
                    fmt::format("the AUTO_INCREMENT column of `{}` is not in this file", name.name),
                    fmt::format("write {} ALTER COLUMN … RESTART WITH {}, with the identity column",
                                head, action.text));
      } else {
        emit(Text(fmt::format("{} ALTER COLUMN {} RESTART WITH {}", head,
                              identifier(identity->name), action.text),
                  action.range));
      }
      break;
    }
    case ActionKind::Comment: {
      const auto comment = to_utf8(action.text, charset_);
      if (comment && comment->find('\0') == std::string::npos) {
        emit(Text(fmt::format("COMMENT ON TABLE {} IS {}",
                              table == nullptr ? qualified(name.schema, name.name)
                                               : qualified(table->schema, table->name),
                              quote_text(*comment)),
                  action.range));
        report("mysql_comment_lifted", action.range, "the table comment is a separate statement");
      }
      break;
    }
    case ActionKind::Partition:
      report("mysql_partition_dropped", action.range, "there are no partitions to change");
      break;
    case ActionKind::Storage:
      break;
    case ActionKind::Unknown:
      unsupported("mysql_statement_unsupported", action.range,
                  "this action of ALTER TABLE has no equivalent",
                  "replace it by hand, or delete the action");
      break;
  }
}

Translator::Fate Translator::alter_table(Cursor& cursor) {
  AlterTable alter = parse_alter_table(cursor);
  if (cursor.failed()) {
    report_failure(cursor, "parse_error");
    return Fate::Reported;
  }
  return alter_actions(cursor, alter);
}

Translator::Fate Translator::alter_actions(Cursor& cursor, AlterTable& alter) {
  size_t spoken = 0;  // actions with output
  size_t folded = 0;  // actions that the CREATE TABLE says already
  const size_t findings = result_.findings.size();
  // A table that the file knows exists.
  alter_if_exists_ = (alter.if_exists || guarded_) && known(alter.name) == nullptr;
  for (Action& action : alter.actions) {
    action.if_exists = action.if_exists || guarded_;
    action.key.if_not_exists = action.key.if_not_exists || guarded_;
    Table* table = known(alter.name);
    const Table* resolved = nullptr;
    Name name = resolve(alter.name, resolved);
    const Hindsight* later = table == nullptr ? nullptr : table->hindsight.get();
    const size_t emitted = emitted_;
    if (later != nullptr &&
        ((action.kind == ActionKind::AddKey && action.key.kind == KeyKind::Primary &&
          !later->primary_key.empty()) ||
         (action.kind == ActionKind::ChangeColumn && action.column.auto_increment &&
          later->identity_column == lower(action.old_name)) ||
         (action.kind == ActionKind::ChangeColumn &&
          later->retyped.count(lower(action.old_name)) != 0 && !later->earlier) ||
         (action.kind == ActionKind::AutoIncrement && later->seed == action.text))) {
      ++folded;
      if (folds_told_.insert(table).second) {
        report("mysql_alter_folded", action.range,
               fmt::format("what this adds to `{}` is part of its CREATE TABLE", name.name));
      }
    }
    alter_one(cursor, table, name, action);
    if (emitted_ != emitted) ++spoken;
    // A rename changes what the later actions are about.
    if (action.kind == ActionKind::RenameTable) {
      alter.name = action.table;
      if (alter.name.schema.empty()) alter.name.schema = name.schema;
    }
  }
  if (spoken > 1) {
    report("mysql_alter_split", alter.name.range, "one ALTER TABLE becomes several statements");
  }
  if (spoken > 0 || folded > 0) return Fate::Translated;
  return result_.findings.size() > findings ? Fate::Reported : Fate::Noise;
}

}  // namespace dsqlint::mysql
