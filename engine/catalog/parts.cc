#include "engine/catalog/parts.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <algorithm>

#include "engine/catalog/tree_sql.h"
#include "engine/parse/names.h"
#include "engine/parse/walk.h"
#include "engine/text/tokens.h"

namespace dsqlint::catalog {
namespace {

std::string_view word(Attachment::Kind kind) {
  switch (kind) {
    case Attachment::Kind::Trigger:
      return "TRIGGER";
    case Attachment::Kind::Policy:
      return "POLICY";
    case Attachment::Kind::Rule:
      return "RULE";
  }
  return "TRIGGER";
}

Rank rank_of(Attachment::Kind kind) {
  switch (kind) {
    case Attachment::Kind::Trigger:
      return Rank::Trigger;
    case Attachment::Kind::Policy:
      return Rank::Policy;
    case Attachment::Kind::Rule:
      return Rank::Rule;
  }
  return Rank::Trigger;
}

/// As a literal that does not depend on standard_conforming_strings.
std::string text_literal(std::string_view text) {
  std::string literal = quote_literal(text);
  if (text.find('\\') == std::string_view::npos) return literal;
  std::string escaped = "E";
  for (const char c : literal) escaped += c == '\\' ? std::string("\\\\") : std::string(1, c);
  return escaped;
}

class Parts {
 public:
  Parts(const Definitions& definitions, ObjectId id)
      : definitions_(definitions),
        id_(id),
        object_(*definitions.get(id)),
        name_(definitions.name(object_)),
        alter_(fmt::format("ALTER {} {} ", definitions.kind(object_), name_)) {}

  std::vector<Part> take() {
    if (const Table* table = object_.table()) of_table(*table);
    if (const View* view = object_.view()) attachments(view->attachments);
    if (const Sequence* sequence = object_.sequence()) of_sequence(*sequence);
    if (const UserType* type = object_.type()) of_type(*type);
    remarks();
    return std::move(parts_);
  }

 private:
  Part& add(Rank rank, std::string key, std::string sql) {
    parts_.push_back({.rank = rank, .key = std::move(key), .add = std::move(sql)});
    return parts_.back();
  }
  /// One of several values; without it there is another one.
  Part& setting(const std::string& what, const std::string& value, const std::string& without) {
    Part& part = add(Rank::Setting, what + " " + name_, alter_ + value);
    part.drop = alter_ + without;
    part.replaces = true;
    return part;
  }

  void of_table(const Table& table) {
    for (const auto& constraint : table.constraints) {
      const bool comes_along =
          constraint->inherited || definitions_.is_key_of_parent(object_, *constraint);
      if (!comes_along) this->constraint(*constraint);
    }
    if (table.partition && !table.parents.empty()) {
      const std::string parent = definitions_.name(table.parents.front());
      Part& part = add(Rank::Partition, "PARTITION " + name_,
                       fmt::format("ALTER TABLE {} ATTACH PARTITION {} {}", parent, name_,
                                   definitions_.sql(table.partition_bound, object_)));
      part.drop = fmt::format("ALTER TABLE {} DETACH PARTITION {}", parent, name_);
      part.within = definitions_.is_plain_partition(object_);
      part.needs.push_back(table.parents.front());
    } else {
      for (const ObjectId parent : table.parents) {
        const std::string theirs = definitions_.name(parent);
        Part& part = add(Rank::Partition, fmt::format("INHERIT {} {}", name_, theirs),
                         alter_ + "INHERIT " + theirs);
        part.drop = alter_ + "NO INHERIT " + theirs;
        part.within = true;
        part.needs.push_back(parent);
      }
    }
    if (table.persistence == Persistence::Unlogged) {
      setting("LOGGED", "SET UNLOGGED", "SET LOGGED").within = true;
    }
    for (const Option& option : table.options) {
      const std::string with = definitions_.options({option});
      Part& part = setting("OPTION " + option.name, "SET" + with.substr(with.find(" (")),
                           fmt::format("RESET ({})", definitions_.option_name(option.name)));
      part.within = true;
    }
    for (const auto& column : table.columns) of_column(*column);
    if (table.row_security) {
      setting("ROW SECURITY", "ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY");
    }
    if (table.force_row_security) {
      setting("FORCE ROW SECURITY", "FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY");
    }
    const Object* replica = definitions_.get(table.replica_index);
    const std::string identity = table.replica_identity == 'n'   ? "NOTHING"
                                 : table.replica_identity == 'f' ? "FULL"
                                 : table.replica_identity == 'i' && replica != nullptr
                                     ? "USING INDEX " + quote_identifier(replica->name.name)
                                     : "";
    if (!identity.empty()) {
      Part& part =
          setting("REPLICA IDENTITY", "REPLICA IDENTITY " + identity, "REPLICA IDENTITY DEFAULT");
      if (table.replica_identity == 'i') {
        part.needs.push_back(definitions_.made_by(table.replica_index));
      }
    }
    attachments(table.attachments);
  }

  void of_column(const Column& column) {
    const std::string name = quote_identifier(column.name);
    const auto set = [&](const std::string& what, const std::string& value) {
      if (value.empty() || value == "default") return;
      Part& part = setting(fmt::format("{} {} OF", what, name),
                           fmt::format("ALTER COLUMN {} SET {} {}", name, what, value),
                           fmt::format("ALTER COLUMN {} SET {} DEFAULT", name, what));
      part.columns.emplace_back(id_, column.name);
    };
    set("STORAGE", column.storage);
    set("COMPRESSION", column.compression);
  }

  void constraint(const Constraint& constraint) {
    const bool foreign = constraint.kind == ConstraintKind::ForeignKey;
    const std::string name = quote_identifier(constraint.name);
    Part& part = add(foreign ? Rank::ForeignKey : Rank::Constraint,
                     fmt::format("CONSTRAINT {} ON {}", name, name_),
                     definitions_.add_constraint(object_, constraint));
    part.drop = fmt::format("{}DROP CONSTRAINT {}", alter_, name);
    part.within = !definitions_.is_late(constraint);
    part.needs = definitions_.needs(constraint.expression);
    if (constraint.valid && (foreign || constraint.kind == ConstraintKind::Check)) {
      part.unvalidated = part.add + " NOT VALID";
      part.validate = fmt::format("{}VALIDATE CONSTRAINT {}", alter_, name);
    }
    for (const ColumnId id : constraint.columns) {
      for (const auto& column : object_.columns()) {
        if (column->id == id) part.columns.emplace_back(id_, column->name);
      }
    }
    if (constraint.kind == ConstraintKind::Check || constraint.kind == ConstraintKind::Exclusion) {
      for (std::string& one : column_names_in(constraint.expression)) {
        part.columns.emplace_back(id_, std::move(one));
      }
    }
    const Object* target = definitions_.get(constraint.target);
    if (!foreign || target == nullptr) return;
    part.needs.push_back(constraint.target);
    for (const ColumnId id : constraint.target_columns) {
      for (const auto& column : target->columns()) {
        if (column->id == id) part.columns.emplace_back(constraint.target, column->name);
      }
    }
    // It may refer to what a unique index holds.
    for (const ObjectId dependent : definitions_.state().dependents(constraint.target)) {
      const Index* index = definitions_.get(dependent)->index();
      if (index != nullptr && index->unique && index->table == constraint.target) {
        part.needs.push_back(definitions_.made_by(dependent));
      }
    }
  }

  void of_sequence(const Sequence& sequence) {
    if (sequence.identity) return;
    Part& options =
        add(Rank::Sequence, "OPTIONS " + name_,
            fmt::format("{}{}", alter_, definitions_.sequence_options(sequence, true).substr(1)));
    options.within = options.replaces = true;
    const Object* owner = definitions_.get(sequence.owner);
    if (owner == nullptr) return;
    for (const auto& column : owner->columns()) {
      if (column->id != sequence.owner_column) continue;
      Part& part = add(Rank::Setting, "OWNED " + name_,
                       fmt::format("{}OWNED BY {}.{}", alter_, definitions_.name(*owner),
                                   quote_identifier(column->name)));
      part.drop = alter_ + "OWNED BY NONE";
      part.needs.push_back(sequence.owner);
      part.columns.emplace_back(sequence.owner, column->name);
    }
  }

  void of_type(const UserType& type) {
    for (const auto& constraint : type.constraints) this->constraint(*constraint);
    if (type.default_value) {
      Part& part =
          setting("DEFAULT", "SET DEFAULT " + definitions_.operand(type.default_value, object_),
                  "DROP DEFAULT");
      part.within = true;
      part.needs = definitions_.needs(type.default_value);
    }
    if (type.not_null) setting("NOT NULL", "SET NOT NULL", "DROP NOT NULL").within = true;
  }

  void attachments(const std::vector<std::shared_ptr<const Attachment>>& all) {
    for (const auto& attachment : all) {
      const std::string name = quote_identifier(attachment->name);
      const std::string about = fmt::format("{} {} ON {}", word(attachment->kind), name, name_);
      Part& part =
          add(rank_of(attachment->kind), about, definitions_.attachment(object_, *attachment));
      part.drop = "DROP " + about;
      part.needs = definitions_.needs(attachment->statement);
      if (attachment->function != kNoObject) part.needs.push_back(attachment->function);
      std::vector<ObjectId> tables = {id_};
      for (const ObjectId needed : part.needs) {
        if (definitions_.get(needed)->table() != nullptr) tables.push_back(needed);
      }
      for (const std::string& column : column_names_in(attachment->statement)) {
        for (const ObjectId table : tables) part.columns.emplace_back(table, column);
      }
      if (attachment->enabled == 'O') continue;
      const std::string_view how = attachment->enabled == 'D'   ? "DISABLE"
                                   : attachment->enabled == 'R' ? "ENABLE REPLICA"
                                                                : "ENABLE ALWAYS";
      // It goes with what it is about.
      const auto needs = part.needs;
      const auto columns = part.columns;
      Part& enabled =
          add(Rank::Enabling, "ENABLED " + about,
              fmt::format("ALTER TABLE {} {} {} {}", name_, how, word(attachment->kind), name));
      enabled.drop =
          fmt::format("ALTER TABLE {} ENABLE {} {}", name_, word(attachment->kind), name);
      enabled.replaces = true;
      enabled.needs = needs;
      enabled.columns = columns;
    }
  }

  Part* comment(const std::string& about, const std::string& text) {
    if (text.empty()) return nullptr;
    Part& part = add(Rank::Comment, "COMMENT " + about,
                     fmt::format("COMMENT ON {} IS {}", about, text_literal(text)));
    part.drop = fmt::format("COMMENT ON {} IS NULL", about);
    part.replaces = true;
    return &part;
  }
  /// The comment goes with the part that it is on.
  void comment_on_part(const std::string& about, const std::string& text, const std::string& key) {
    Part* made = comment(about, text);
    if (made == nullptr) return;
    for (const Part& part : parts_) {
      if (part.key != key) continue;
      made->needs = part.needs;
      made->columns = part.columns;
      return;
    }
  }

  void remarks() {
    const std::string whole = fmt::format("{} {}", definitions_.kind(object_), name_);
    if (object_.remarks != nullptr) comment(whole, object_.remarks->comment);
    for (const auto& column : object_.columns()) {
      Part* part = comment(fmt::format("COLUMN {}.{}", name_, quote_identifier(column->name)),
                           column->comment);
      if (part != nullptr) part->columns.emplace_back(id_, column->name);
    }
    const auto on_attachments = [&](const auto& all) {
      for (const auto& one : all) {
        const std::string about =
            fmt::format("{} {} ON {}", word(one->kind), quote_identifier(one->name), name_);
        comment_on_part(about, one->comment, about);
      }
    };
    const auto on_constraints = [&](const auto& all, std::string_view on) {
      for (const auto& one : all) {
        const std::string name = quote_identifier(one->name);
        comment_on_part(fmt::format("CONSTRAINT {} ON {}{}", name, on, name_), one->comment,
                        fmt::format("CONSTRAINT {} ON {}", name, name_));
      }
    };
    if (const Table* table = object_.table()) {
      on_constraints(table->constraints, "");
      on_attachments(table->attachments);
    }
    if (const View* view = object_.view()) on_attachments(view->attachments);
    if (const UserType* type = object_.type()) on_constraints(type->constraints, "DOMAIN ");
    if (object_.remarks == nullptr) return;
    const bool has_owner =
        object_.kind() != ObjectKind::Extension && object_.kind() != ObjectKind::Index;
    if (!object_.remarks->owner.empty() && has_owner) {
      add(Rank::Owner, "OWNER " + whole,
          fmt::format("ALTER {} OWNER TO {}", whole, definitions_.role(object_.remarks->owner)))
          .replaces = true;
    }
    for (const Privilege& privilege : object_.remarks->privileges) {
      Part& part = add(Rank::Privilege,
                       fmt::format("PRIVILEGE {} {} {}", whole, privilege.role,
                                   fmt::format("{}", fmt::join(privilege.columns, ","))),
                       definitions_.grant(object_, privilege));
      part.drop = definitions_.revoke(object_, privilege);
      for (const std::string& column : privilege.columns) part.columns.emplace_back(id_, column);
    }
  }

  const Definitions& definitions_;
  ObjectId id_;
  const Object& object_;
  std::string name_;
  std::string alter_;
  std::vector<Part> parts_;
};

}  // namespace

Rank rank_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::Schema:
      return Rank::Schema;
    case ObjectKind::Extension:
      return Rank::Extension;
    case ObjectKind::Type:
      return Rank::Type;
    case ObjectKind::Sequence:
      return Rank::Sequence;
    case ObjectKind::Function:
      return Rank::Function;
    case ObjectKind::Table:
      return Rank::Table;
    case ObjectKind::Index:
      return Rank::Index;
    case ObjectKind::Statistics:
      return Rank::Statistics;
    case ObjectKind::View:
      return Rank::View;
  }
  return Rank::Table;
}

std::vector<std::string> column_names_in(const Tree& tree) {
  std::vector<std::string> names;
  if (!tree) return names;
  google::protobuf::Arena arena;
  Walker walker;
  const AstRef root = unwrap(decode(tree, arena));
  if (root.message == nullptr) return names;
  walker.walk(root, [&](AstRef node, const std::vector<AstRef>&) {
    if (const auto* ref = node.as<pg::ColumnRef>()) {
      for (const pg::Node& field : ref->fields()) {
        names.push_back(field.has_a_star() ? std::string() : string_value(field));
      }
    } else if (const auto* trigger = node.as<pg::CreateTrigStmt>()) {
      for (const pg::Node& column : trigger->columns()) names.push_back(string_value(column));
    } else if (const auto* element = node.as<pg::StatsElem>()) {
      if (!element->name().empty()) names.push_back(element->name());
    } else if (const auto* target = node.as<pg::ResTarget>()) {
      // Of an INSERT or UPDATE in a rule.
      if (!target->name().empty()) names.push_back(target->name());
    }
  });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<Part> parts_of(const Definitions& definitions, ObjectId id) {
  return Parts(definitions, id).take();
}

}  // namespace dsqlint::catalog
