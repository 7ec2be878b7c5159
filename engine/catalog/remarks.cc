#include "engine/catalog/remarks.h"

#include <fmt/format.h>

#include "engine/parse/names.h"
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

/// What a text between quotes is where it may have any bytes but NUL.
std::string text_literal(std::string_view text) {
  std::string literal = quote_literal(text);
  if (text.find('\\') == std::string_view::npos) return literal;
  // The same with standard_conforming_strings and without.
  std::string escaped = "E";
  for (const char c : literal) escaped += c == '\\' ? std::string("\\\\") : std::string(1, c);
  return escaped;
}

}  // namespace

std::string comment_statement(std::string_view about, std::string_view text) {
  return fmt::format("COMMENT ON {} IS {}", about, text.empty() ? "NULL" : text_literal(text));
}

std::string attachment_name(const Definitions& definitions, const Object& relation,
                            const Attachment& attachment) {
  return fmt::format("{} {} ON {}", word(attachment.kind), quote_identifier(attachment.name),
                     definitions.name(relation));
}

std::string enable_statement(const Definitions& definitions, const Object& relation,
                             const Attachment& attachment) {
  std::string_view how = "ENABLE";
  if (attachment.enabled == 'D') how = "DISABLE";
  if (attachment.enabled == 'R') how = "ENABLE REPLICA";
  if (attachment.enabled == 'A') how = "ENABLE ALWAYS";
  return fmt::format("ALTER TABLE {} {} {} {}", definitions.name(relation), how,
                     word(attachment.kind), quote_identifier(attachment.name));
}

std::vector<Remark> remarks_of(const Definitions& definitions, const Object& object) {
  std::vector<Remark> remarks;
  const auto comment = [&](std::string about, const std::string& text) {
    if (text.empty()) return;
    std::string sql = comment_statement(about, text);
    remarks.push_back({Remark::Kind::Comment, std::move(about), std::move(sql)});
  };
  const std::string name = definitions.name(object);
  const std::string whole = fmt::format("{} {}", definitions.kind(object), name);
  if (object.remarks != nullptr) comment(whole, object.remarks->comment);
  for (const auto& column : object.columns()) {
    comment(fmt::format("COLUMN {}.{}", name, quote_identifier(column->name)), column->comment);
  }
  const auto attachments = [&](const auto& all) {
    for (const auto& one : all) {
      comment(attachment_name(definitions, object, *one), one->comment);
    }
  };
  const auto constraints = [&](const auto& all, std::string_view on) {
    for (const auto& one : all) {
      comment(fmt::format("CONSTRAINT {} ON {}{}", quote_identifier(one->name), on, name),
              one->comment);
    }
  };
  if (const Table* table = object.table()) {
    constraints(table->constraints, "");
    attachments(table->attachments);
  }
  if (const View* view = object.view()) attachments(view->attachments);
  if (const UserType* type = object.type()) constraints(type->constraints, "DOMAIN ");
  if (object.remarks == nullptr) return remarks;
  if (!object.remarks->owner.empty() && object.kind() != ObjectKind::Extension) {
    remarks.push_back(
        {Remark::Kind::Owner, whole,
         fmt::format("ALTER {} OWNER TO {}", whole, definitions.role(object.remarks->owner))});
  }
  for (const Privilege& privilege : object.remarks->privileges) {
    remarks.push_back({Remark::Kind::Privilege, whole, definitions.grant(object, privilege)});
  }
  return remarks;
}

std::vector<std::string> table_settings(const Definitions& definitions, const Object& object) {
  std::vector<std::string> settings;
  const Table* table = object.table();
  if (table == nullptr) return settings;
  const std::string alter =
      fmt::format("ALTER {} {} ", definitions.kind(object), definitions.name(object));
  for (const auto& column : table->columns) {
    const std::string name = quote_identifier(column->name);
    if (!column->storage.empty()) {
      settings.push_back(
          fmt::format("{}ALTER COLUMN {} SET STORAGE {}", alter, name, column->storage));
    }
    if (!column->compression.empty()) {
      settings.push_back(
          fmt::format("{}ALTER COLUMN {} SET COMPRESSION {}", alter, name, column->compression));
    }
  }
  if (table->replica_identity == 'n') settings.push_back(alter + "REPLICA IDENTITY NOTHING");
  if (table->replica_identity == 'f') settings.push_back(alter + "REPLICA IDENTITY FULL");
  if (table->row_security) settings.push_back(alter + "ENABLE ROW LEVEL SECURITY");
  if (table->force_row_security) settings.push_back(alter + "FORCE ROW LEVEL SECURITY");
  return settings;
}

}  // namespace dsqlint::catalog
