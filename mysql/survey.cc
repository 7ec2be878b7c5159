// The first pass: what the file defines, so that a statement can be written knowing the later ones.

#include <algorithm>
#include <array>

#include "mysql/translator.h"
#include "mysql/values.h"

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
    ordinal_ = ordinal;
    survey_statement(statement, ordinal++);
    splitter.set_modes(modes_);
  }
  settle_types();
  surveying_ = false;
}

void Translator::survey_statement(const Statement& statement, size_t ordinal) {
  Cursor cursor(text_, statement, modes_);
  const bool changes =
      cursor.is("insert") || cursor.is("replace") || cursor.is("update") || cursor.is("delete");
  if (changes && !autocommit_ && open_transaction_ == nullptr) {
    transactions_.emplace_back().implicit = true;
    open_transaction_ = &transactions_.back();
  }
  const bool in_transaction = open_transaction_ != nullptr;
  const auto definition = [&] {
    if (!in_transaction) return;
    if (transactions_.back().implicit) {
      open_transaction_ = nullptr;
    } else {
      transactions_.back().definitions = true;
    }
  };
  if (cursor.is("insert") || cursor.is("replace")) {
    if (in_transaction) transactions_.back().bytes += statement.range.size();
    return survey_insert(cursor);
  }
  // Which flags are used as numbers is to be seen in what reads and writes them.
  if (cursor.is("update") || cursor.is("delete") || cursor.is("select") || cursor.is("with") ||
      cursor.is_op("(")) {
    if (!flags_) return;
    if (cursor.is("update")) {
      update(cursor);
    } else if (cursor.is("delete")) {
      remove(cursor);
    } else {
      survey_query(cursor);
    }
    return;
  }
  if (cursor.is("set")) {
    set(cursor);
    return;
  }
  if (cursor.is("prepare") || cursor.is("execute") || cursor.is("deallocate")) {
    prepared(cursor);
    return;
  }
  if (cursor.is("start") || cursor.is("begin")) {
    transactions_.emplace_back();
    open_transaction_ = &transactions_.back();
    return;
  }
  if (cursor.is("commit") || cursor.is("rollback")) {
    if (cursor.is("to", 1) || cursor.is("to", 2)) return;  // a savepoint
    if (in_transaction) transactions_.back().rolled_back = cursor.is("rollback");
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
    for (const Column& column : table.columns) {
      flags_ = flags_ || column.target.cls == Class::Bool;
    }
    const std::string& first = create.options.auto_increment;
    if (!first.empty() && first.size() < 19 &&
        first.find_first_not_of("0123456789") == std::string::npos) {
      hindsight->counter.next = hindsight->counter.written =
          std::max<int64_t>(1, std::stoll(first));
    }
    for (const Key& key : table.keys) hindsight->key_columns.push_back(lower_columns(key));
    for (const Column& column : table.columns) hindsight->created.insert(lower(column.name));
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
      if (flags_ && cursor.accept("as")) survey_query(cursor);
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

namespace {

/// Does the new type hold every value of the old one, as the same value?
bool widens(const TypeSpec& old, const TypeSpec& now) {
  constexpr std::array kIntegers = {Base::TinyInt, Base::SmallInt, Base::MediumInt, Base::Int,
                                    Base::BigInt};
  const auto rank = [&](Base base) {
    return std::find(kIntegers.begin(), kIntegers.end(), base) - kIntegers.begin();
  };
  const auto integers = static_cast<std::ptrdiff_t>(kIntegers.size());
  const auto from = rank(old.base);
  const auto to = rank(now.base);
  if (from < integers && to < integers) {
    if (old.is_unsigned == now.is_unsigned) return to >= from;
    return old.is_unsigned && to > from;
  }
  const auto text = [](const TypeSpec& type) {
    return type.base == Base::Char || type.base == Base::VarChar || type.base == Base::Text;
  };
  if ((text(old) || old.base == Base::Enum) && text(now)) {
    if (now.base == Base::Text) return true;
    if (old.base == Base::Text) return false;
    if (old.base == Base::Enum) {
      return std::all_of(old.members.begin(), old.members.end(), [&](const std::string& member) {
        return member.size() <= static_cast<size_t>(std::max(1, now.length));
      });
    }
    return std::max(1, now.length) >= std::max(1, old.length) && now.base != Base::Char;
  }
  if (old.base != now.base) return old.base == Base::Float && now.base == Base::Double;
  switch (now.base) {
    case Base::Decimal: {
      const auto length = [](const TypeSpec& type) { return type.length < 0 ? 10 : type.length; };
      const int scale = std::max(0, now.scale);
      const int old_scale = std::max(0, old.scale);
      return scale >= old_scale && length(now) - scale >= length(old) - old_scale &&
             (old.is_unsigned || !now.is_unsigned);
    }
    case Base::DateTime:
    case Base::Timestamp:
    case Base::Time:
      return std::max(0, now.length) >= std::max(0, old.length);
    default:
      return false;
  }
}

}  // namespace

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
        } else if (Column* old = folds ? table->column(action.old_name) : nullptr;
                   old != nullptr && !old->auto_increment && !old->generated) {
          // Without rows in between any type will do.
          const std::string old_name = lower(action.old_name);
          const TargetType wanted =
              target_type(action.column.type, Override::None, options_.choices,
                          options_.engine.limits().numeric_precision);
          const bool fits =
              table->hindsight->last_rows == 0 || widens(old->type, action.column.type);
          if (wanted.sql != old->target.sql && fits &&
              table->hindsight->created.count(old_name) != 0) {
            table->hindsight->retyped[old_name] = action.column.type;
            old->type = action.column.type;
            set_type(*old, *table);
            for (const auto& definition : surveyed_) {
              if (!definition || definition->hindsight != table->hindsight) continue;
              if (Column* column = definition->column(old_name)) {
                column->type = old->type;
                set_type(*column, *definition);
              }
            }
          }
          old->name = action.column.name.empty() ? old->name : action.column.name;
        }
        break;
      case ActionKind::AutoIncrement:
        if (folds) table->hindsight->seed = action.text;
        break;
      case ActionKind::AddColumn: {
        Column column = action.column;
        set_type(column, *table);
        flags_ = flags_ || column.target.cls == Class::Bool;
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

void Translator::survey_query(Cursor& cursor) {
  QueryNotes notes;
  const QueryWorld surroundings = world();
  Query query(cursor, surroundings, notes);
  query.select();
}

/// Notes the least and greatest number given for each column.
void Translator::survey_insert(Cursor& cursor) {
  cursor.advance();
  while (cursor.accept("ignore") || cursor.accept("low_priority") || cursor.accept("delayed") ||
         cursor.accept("high_priority")) {
  }
  cursor.accept("into");
  Table* table = known(cursor.object_name());
  if (table != nullptr) {
    Hindsight& later = *table->hindsight;
    later.last_rows = ordinal_ + 1;
    if (!foreign_key_checks_ && later.first_unchecked_rows == 0) {
      later.first_unchecked_rows = ordinal_ + 1;
    }
  }
  std::vector<std::string> columns;
  if (cursor.is_op("(") && !cursor.is("select", 1)) {
    cursor.advance();
    while (cursor.is_name()) {
      columns.push_back(lower(cursor.name()));
      if (!cursor.accept_op(",")) break;
    }
    cursor.accept_op(")");
  }
  if (table != nullptr && !columns.empty()) {
    for (const Column& column : table->columns) {
      const std::string name = lower(column.name);
      if (std::find(columns.begin(), columns.end(), name) == columns.end()) {
        table->hindsight->omitted.insert(name);
      }
    }
  }
  if (!cursor.accept("values") && !cursor.accept("value")) {
    if (!flags_ || cursor.is("set")) return;
    // The rows of a query.
    const QueryWorld surroundings = world();
    QueryNotes notes;
    Query query(cursor, surroundings, notes);
    std::vector<const Column*> into;
    if (table != nullptr && columns.empty()) {
      for (const Column& column : table->columns) columns.push_back(lower(column.name));
    }
    for (const std::string& name : columns) {
      into.push_back(table == nullptr ? nullptr : table->column(name));
    }
    query.into(std::move(into));
    query.select();
    if (table != nullptr) {
      table->hindsight->counted.insert(query.counted().begin(), query.counted().end());
    }
    return;
  }
  if (table != nullptr && columns.empty()) {
    for (const Column& column : table->columns) columns.push_back(lower(column.name));
  }
  // Which of them are looked at: flags, and identities.
  std::vector<std::pair<int64_t, int64_t>*> wanted(columns.size(), nullptr);
  std::vector<bool> enums(columns.size(), false);
  if (table != nullptr) {
    for (size_t i = 0; i < columns.size(); ++i) {
      const Column* column = table->column(columns[i]);
      enums[i] = column != nullptr && column->type.base == Base::Enum;
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
  // The ids that AUTO_INCREMENT gives.
  Counter* counter = nullptr;
  size_t id = columns.size();
  if (table != nullptr) {
    for (const Column& column : table->columns) {
      if (!column.auto_increment) continue;
      counter = &table->hindsight->counter;
      const auto at = std::find(columns.begin(), columns.end(), lower(column.name));
      id = static_cast<size_t>(at - columns.begin());
    }
  }
  const bool plain = cursor.statement().tokens.front().kind == Kind::Word &&
                     equals(cursor.slice(cursor.statement().tokens.front()), "insert") &&
                     !equals(cursor.slice(cursor.statement().tokens[1]), "ignore");
  if (counter != nullptr && !plain) counter->unknown = true;
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
          if (counter != nullptr && id == columns.size()) counter->generate();
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
    if (depth == 0) {  // ON DUPLICATE KEY UPDATE …
      if (counter != nullptr) counter->unknown = true;
      break;
    }
    if (depth == 1 && begins && value == id && counter != nullptr) {
      const std::string_view text = cursor.slice(token);
      std::string_view digits = text;
      if (token.kind == Kind::String && digits.size() > 2) {
        digits = digits.substr(1, digits.size() - 2);
      }
      const bool number = (token.kind == Kind::Number || token.kind == Kind::String) &&
                          !digits.empty() && digits.size() < 19 &&
                          digits.find_first_not_of("0123456789") == std::string_view::npos;
      const bool zero = number && digits.find_first_not_of('0') == std::string_view::npos;
      if (number && zero ? !modes_.no_auto_value_on_zero
                         : equals(text, "null") || equals(text, "default")) {
        counter->generate();
      } else if (number) {
        if (!negative) counter->take(std::stoll(std::string(digits)));
      } else {
        counter->unknown = true;
      }
    }
    if (depth == 1 && begins && value < enums.size() && enums[value] &&
        token.kind == Kind::String) {
      bool blank = token.end - token.begin == 2;
      if (!blank && !modes_.strict) {
        const std::string text = lower(string_bytes(cursor.slice(token), modes_));
        const auto& members = table->column(columns[value])->type.members;
        blank = std::none_of(members.begin(), members.end(),
                             [&](const std::string& member) { return lower(member) == text; });
      }
      if (blank) table->hindsight->blanks.insert(columns[value]);
    }
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
      } else if (column.target.cls == Class::Bool && column.type.base != Base::Bit &&
                 column.has_default && known_later.omitted.count(lower(column.name)) != 0) {
        // A default other than 0 and 1 that rows of this file rely on.
        std::string_view value = column.default_text;
        if (value.size() > 2 && (value[0] == '\'' || value[0] == '"')) {
          value = value.substr(1, value.size() - 2);
        }
        const bool number =
            !value.empty() && value.find_first_not_of("-0123456789") == std::string_view::npos;
        if (number && value != "0" && value != "1") mine = Override::SmallFlag;
      }
    }
    // Those that are used as numbers.
    for (const std::string& name : known_later.counted) {
      Override& mine = known_later.overrides[name];
      if (mine == Override::None) mine = Override::SmallFlag;
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
