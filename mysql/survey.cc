// The first pass: what the file defines, so that a statement can be written knowing the later ones.

#include <algorithm>

#include "mysql/translator.h"

namespace dsqlint::mysql {
namespace {

std::vector<std::string> lower_columns(const Key& key) {
  std::vector<std::string> columns;
  for (const KeyPart& part : key.parts) columns.push_back(lower(part.column));
  return columns;
}

}  // namespace

void Translator::survey() {
  surveying_ = true;
  Splitter splitter(text_, modes_, mariadb_);
  Statement statement;
  size_t ordinal = 0;
  while (splitter.next(statement)) {
    statement_ = statement.range;
    survey_statement(statement, ordinal++);
    splitter.set_modes(modes_);
  }
  settle_types();
  surveying_ = false;
}

void Translator::survey_statement(const Statement& statement, size_t ordinal) {
  Cursor cursor(text_, statement, modes_);
  const bool in_transaction = open_transaction_ != nullptr;
  const auto definition = [&] {
    if (in_transaction) transactions_.back().definitions = true;
  };
  if (cursor.is("insert") || cursor.is("replace")) {
    if (in_transaction) transactions_.back().bytes += statement.range.size();
    return survey_insert(cursor);
  }
  if (cursor.is("set")) {
    set(cursor);
    return;
  }
  if (cursor.is("start") || cursor.is("begin")) {
    transactions_.emplace_back();
    open_transaction_ = &transactions_.back();
    return;
  }
  if (cursor.is("commit") || cursor.is("rollback")) {
    open_transaction_ = nullptr;
    return;
  }
  if (cursor.accept("call")) {
    if (cursor.is_name()) called_.insert(lower(cursor.object_name().name));
    return;
  }
  if (cursor.accept("use")) {
    database_ = cursor.name();
    databases_.insert(lower(database_));
    return;
  }
  if (cursor.accept("drop")) {
    definition();
    if (cursor.accept("table") || cursor.accept("tables")) {
      if (cursor.accept("if")) cursor.accept("exists");
      do {
        const Table* table = nullptr;
        symbols_.drop(resolve(cursor.object_name(), table));
      } while (cursor.accept_op(",") && !cursor.done());
    }
    return;
  }
  if (cursor.accept("rename")) {
    definition();
    if (!cursor.accept("table")) cursor.accept("tables");
    do {
      const Table* table = nullptr;
      const Name from = resolve(cursor.object_name(), table);
      cursor.expect("to");
      const Name to = cursor.object_name();
      if (!cursor.failed()) {
        symbols_.rename(from, to);
        names_.push_back({to.schema, to.name, {}});
        created_.insert(lower(to.name));
      }
    } while (cursor.accept_op(",") && !cursor.done());
    return;
  }
  if (cursor.accept("alter")) {
    definition();
    cursor.accept("ignore");
    if (cursor.accept("table")) survey_alter(cursor);
    return;
  }
  if (!cursor.accept("create")) {
    if (cursor.is("truncate")) definition();
    return;
  }
  definition();
  if (cursor.accept("or", "replace")) {
    // MariaDB; the same afterwards
  }
  cursor.accept("temporary");
  if (cursor.accept("table")) {
    CreateTable create = parse_create_table(cursor);
    auto hindsight = std::make_shared<Hindsight>();
    hindsights_.push_back(hindsight);
    if (cursor.failed() || create.like) {
      surveyed_.push_back(nullptr);
      if (create.like && !cursor.failed()) {
        const Table* known_table = nullptr;
        resolve(*create.like, known_table);
        Table copy;
        if (known_table != nullptr) copy = *known_table;
        // Its CREATE TABLE has no place for what ALTERs add.
        *hindsight = *copy.hindsight;
        hindsight->earlier = true;
        copy.hindsight = hindsight;
        copy.schema = create.name.schema;
        copy.name = create.name.name;
        copy.original.clear();
        created_.insert(lower(copy.name));
        names_.push_back({copy.schema, copy.name, {}});
        symbols_.define(std::move(copy));
      }
      return;
    }
    if (!create.name.schema.empty()) qualifiers_.insert(lower(create.name.schema));
    if (create.name.schema.empty()) created_.insert(lower(create.name.name));
    Table table = build(cursor, create, hindsight);
    for (const Key& key : table.keys) hindsight->key_columns.push_back(lower_columns(key));
    last_created_[lower(table.name)] = hindsights_.size() - 1;
    names_.push_back({table.schema, table.name, {}});
    // A second CREATE … IF NOT EXISTS changes nothing.
    const Table* existing = symbols_.find(Name{table.schema, table.name, {}});
    if (create.if_not_exists && existing != nullptr && !existing->hindsight->earlier) {
      surveyed_.push_back(nullptr);
      return;
    }
    Table& defined = symbols_.define(std::move(table));
    surveyed_.push_back(std::make_shared<Table>(defined));
    return;
  }
  if (cursor.accept("database") || cursor.accept("schema")) {
    if (cursor.accept("if")) cursor.accept("not", "exists");
    databases_.insert(lower(cursor.name()));
    return;
  }
  // CREATE [ALGORITHM = …] [DEFINER = …] [SQL SECURITY …] VIEW v
  for (size_t i = 0; i < 16 && !cursor.done(); ++i, cursor.advance()) {
    if (cursor.is("view")) {
      cursor.advance();
      if (cursor.accept("if")) cursor.accept("not", "exists");
      const Name name = cursor.object_name();
      last_views_[lower(name.name)] = {ordinal, name.schema};
      names_.push_back({name.schema, name.name, {}});
      created_.insert(lower(name.name));
      return;
    }
    if (cursor.is("index")) {
      cursor.advance();
      if (cursor.accept("if")) cursor.accept("not", "exists");
      cursor.name();
      if (cursor.accept("using")) cursor.advance();
      cursor.expect("on");
      Table* table = known(cursor.object_name());
      Key key;
      key.parts = parse_key_parts(cursor);
      if (table != nullptr && !cursor.failed()) {
        table->hindsight->key_columns.push_back(lower_columns(key));
        table->keys.push_back(std::move(key));
      }
      return;
    }
    if (cursor.is("procedure") || cursor.is("function") || cursor.is("trigger") ||
        cursor.is("event")) {
      return;
    }
  }
}

void Translator::survey_alter(Cursor& cursor) {
  AlterTable alter = parse_alter_table(cursor);
  if (cursor.failed()) return;
  Table* table = known(alter.name);
  if (table == nullptr) return;
  const bool folds = !table->hindsight->earlier;
  for (Action& action : alter.actions) {
    switch (action.kind) {
      case ActionKind::AddKey:
        if (folds && action.key.kind == KeyKind::Primary && table->primary_key() == nullptr) {
          for (const KeyPart& part : action.key.parts) {
            table->hindsight->primary_key.push_back(part.column);
          }
        }
        table->hindsight->key_columns.push_back(lower_columns(action.key));
        table->keys.push_back(action.key);
        // The definition is what its types are settled by.
        for (const auto& definition : surveyed_) {
          if (definition && definition->hindsight == table->hindsight) {
            definition->keys.push_back(action.key);
          }
        }
        break;
      case ActionKind::AddForeignKey:
        for (const auto& definition : surveyed_) {
          if (definition && definition->hindsight == table->hindsight) {
            definition->foreign_keys.push_back(action.foreign_key);
          }
        }
        break;
      case ActionKind::ChangeColumn:
        if (folds && action.column.auto_increment) {
          table->hindsight->identity_column = lower(action.old_name);
        }
        break;
      case ActionKind::AutoIncrement:
        if (folds) table->hindsight->seed = action.text;
        break;
      case ActionKind::AddColumn: {
        Column column = action.column;
        set_type(column, *table);
        table->columns.push_back(std::move(column));
        break;
      }
      case ActionKind::DropColumn:
        std::erase_if(table->columns, [&](const Column& column) {
          return equals(column.name, lower(action.old_name));
        });
        break;
      case ActionKind::RenameTable: {
        const Name from{table->schema, table->name, {}};
        symbols_.rename(from, action.table);
        names_.push_back({action.table.schema, action.table.name, {}});
        created_.insert(lower(action.table.name));
        return;
      }
      default:
        break;
    }
  }
}

/// Notes the least and greatest number given for each column.
void Translator::survey_insert(Cursor& cursor) {
  cursor.advance();
  while (cursor.accept("ignore") || cursor.accept("low_priority") || cursor.accept("delayed") ||
         cursor.accept("high_priority")) {
  }
  cursor.accept("into");
  Table* table = known(cursor.object_name());
  std::vector<std::string> columns;
  if (cursor.is_op("(") && !cursor.is("select", 1)) {
    cursor.advance();
    while (cursor.is_name()) {
      columns.push_back(lower(cursor.name()));
      if (!cursor.accept_op(",")) break;
    }
    cursor.accept_op(")");
  }
  if (!cursor.accept("values") && !cursor.accept("value")) return;
  if (table != nullptr && columns.empty()) {
    for (const Column& column : table->columns) columns.push_back(lower(column.name));
  }
  // Which of them are looked at: flags, and identities.
  std::vector<std::pair<int64_t, int64_t>*> wanted(columns.size(), nullptr);
  if (table != nullptr) {
    for (size_t i = 0; i < columns.size(); ++i) {
      const Column* column = table->column(columns[i]);
      if (column == nullptr ||
          (column->target.cls != Class::Bool && !column->auto_increment &&
           column->type.base != Base::Int && column->type.base != Base::BigInt)) {
        continue;
      }
      wanted[i] = &table->hindsight->literals
                       .emplace(columns[i], std::pair<int64_t, int64_t>{INT64_MAX, INT64_MIN})
                       .first->second;
    }
  }
  uint64_t rows = 0;
  const auto& tokens = cursor.statement().tokens;
  int depth = 0;
  size_t value = 0;
  bool negative = false;
  bool begins = false;
  for (size_t i = cursor.at(); i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.kind == Kind::Operator) {
      const char c = text_[token.begin];
      if (c == '(') {
        if (++depth == 1) {
          ++rows;
          value = 0;
          begins = true;
          negative = false;
        }
      } else if (c == ')') {
        --depth;
      } else if (c == ',' && depth == 1) {
        ++value;
        begins = true;
        negative = false;
      } else if (c == '-' && begins) {
        negative = true;
      }
      continue;
    }
    if (depth == 0) break;  // ON DUPLICATE KEY UPDATE …
    if (depth == 1 && begins && value < wanted.size() && wanted[value] != nullptr) {
      std::string_view digits = cursor.slice(token);
      if (token.kind == Kind::String && digits.size() > 2) {
        digits = digits.substr(1, digits.size() - 2);
        if (digits.starts_with("-")) {
          negative = true;
          digits.remove_prefix(1);
        }
      }
      if ((token.kind == Kind::Number || token.kind == Kind::String) && !digits.empty() &&
          digits.size() < 19 && digits.find_first_not_of("0123456789") == std::string_view::npos) {
        int64_t number = 0;
        for (const char c : digits) number = number * 10 + (c - '0');
        if (negative) number = -number;
        wanted[value]->first = std::min(wanted[value]->first, number);
        wanted[value]->second = std::max(wanted[value]->second, number);
      }
    }
    begins = false;
  }
  if (open_transaction_ != nullptr) transactions_.back().rows += rows;
}

/// One step of settling: does what is known of other columns change this one?
bool Translator::refine(Table& table, Column& column, const ForeignKey* key, size_t at) {
  if (key == nullptr || at >= key->parent_columns.size()) return false;
  const Table* parent = nullptr;
  resolve(key->parent, parent);
  if (parent == nullptr) return false;
  const Column* to = parent->column(key->parent_columns[at]);
  if (to == nullptr) return false;
  const auto override_of = [](const Table& of, const Column& which) {
    const auto found = of.hindsight->overrides.find(lower(which.name));
    return found == of.hindsight->overrides.end() ? Override::None : found->second;
  };
  auto& mine = table.hindsight->overrides[lower(column.name)];
  const Override theirs = override_of(*parent, *to);
  if (column.type.base == Base::BigInt && column.type.is_unsigned && mine == Override::None &&
      options_.choices.narrow_keys &&
      (theirs == Override::Identity || theirs == Override::BigIntKey ||
       (to->type.base == Base::BigInt && !to->type.is_unsigned))) {
    mine = Override::BigIntKey;
    return true;
  }
  if (column.type.base == Base::Binary && column.type.length == 16 && mine == Override::None &&
      theirs == Override::UuidKey) {
    mine = Override::UuidKey;
    return true;
  }
  if (!parent->hindsight->earlier && theirs == Override::None && mine == Override::UuidKey &&
      to->type.base == Base::Binary && to->type.length == 16) {
    parent->hindsight->overrides[lower(to->name)] = Override::UuidKey;
    return true;
  }
  return false;
}

void Translator::settle_types() {
  for (const auto& table : surveyed_) {
    if (!table) continue;
    Hindsight& known_later = *table->hindsight;
    for (Column& column : table->columns) {
      Override& mine = known_later.overrides[lower(column.name)];
      const auto literals = known_later.literals.find(lower(column.name));
      if (column.auto_increment || known_later.identity_column == lower(column.name)) {
        mine = Override::Identity;
      } else if (column.override_with != Override::None) {
        mine = column.override_with;
      } else if (column.target.cls == Class::Bool && column.type.base == Base::TinyInt &&
                 literals != known_later.literals.end() &&
                 (literals->second.first < 0 || literals->second.second > 1) &&
                 literals->second.first != INT64_MAX) {
        mine = Override::SmallFlag;
      }
    }
    if (!options_.choices.uuid_keys) continue;
    const auto mark = [&](const std::string& name) {
      const Column* column = table->column(name);
      if (column != nullptr && column->type.base == Base::Binary && column->type.length == 16) {
        known_later.overrides[lower(column->name)] = Override::UuidKey;
      }
    };
    for (const Key& key : table->keys) {
      for (const KeyPart& part : key.parts) mark(part.column);
    }
    for (const ForeignKey& key : table->foreign_keys) {
      for (const std::string& name : key.columns) mark(name);
    }
  }
  // What a foreign key says travels along it; chains are short.
  for (int pass = 0; pass < 10; ++pass) {
    bool changed = false;
    for (const auto& table : surveyed_) {
      if (!table) continue;
      for (const ForeignKey& key : table->foreign_keys) {
        for (size_t i = 0; i < key.columns.size(); ++i) {
          Column* column = table->column(key.columns[i]);
          if (column != nullptr) changed = refine(*table, *column, &key, i) || changed;
        }
      }
    }
    if (!changed) break;
  }
}

}  // namespace dsqlint::mysql
