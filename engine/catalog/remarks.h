// What statements of their own say about an object that CREATE has made. For print.cc and
// difference.cc only.
#pragma once

#include <string>
#include <vector>

#include "engine/catalog/definitions.h"

namespace dsqlint::catalog {

/// A comment on an object or a part of it, its owner, or a privilege.
struct Remark {
  enum class Kind : uint8_t { Comment, Owner, Privilege } kind = Kind::Comment;
  std::string about;  ///< `TABLE t`, `COLUMN t.c` … of a comment; else the object
  std::string sql;
};
std::vector<Remark> remarks_of(const Definitions& definitions, const Object& object);

/// `COMMENT ON … IS …`; without a text the one that removes it.
std::string comment_statement(std::string_view about, std::string_view text);
/// `TRIGGER x ON t`
std::string attachment_name(const Definitions& definitions, const Object& relation,
                            const Attachment& attachment);
/// ALTER TABLE … ENABLE or DISABLE of a trigger or a rule.
std::string enable_statement(const Definitions& definitions, const Object& relation,
                             const Attachment& attachment);

/// What a table has that CREATE TABLE of PostgreSQL 15 has no words for, and is as a rule not so:
/// row security, replica identity but by an index, storage and compression of columns.
std::vector<std::string> table_settings(const Definitions& definitions, const Object& object);

}  // namespace dsqlint::catalog
