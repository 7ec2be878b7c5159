// Names and types as values, from the tree.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/parse/ast.h"
#include "engine/parse/object_name.h"

namespace dsqlint {

ObjectName object_name(const pg::RangeVar& relation);
/// From a list of String nodes (or a Node holding one): the last two parts count.
ObjectName object_name(const google::protobuf::RepeatedPtrField<pg::Node>& parts);
/// From a DropStmt/CommentStmt/RenameStmt object: a List, a String or a TypeName.
ObjectName object_name(const pg::Node& object);
/// The last part if the name can be one of PostgreSQL's own: bare, or after pg_catalog; else empty.
/// A view into the tree.
std::string_view builtin_name(const google::protobuf::RepeatedPtrField<pg::Node>& parts);
/// For Diagnostic::unless_function_exists: the called name as SQL; empty where it can only be
/// PostgreSQL's.
std::string user_function(const google::protobuf::RepeatedPtrField<pg::Node>& parts);
/// From a text as nextval takes it: 'a.b', '"A".b'.
ObjectName parse_object_name(const std::string& text);
/// The sequence of `nextval('s')` or `pg_catalog.nextval('s'::regclass)`; nothing for any other
/// expression.
std::optional<ObjectName> nextval_sequence(const pg::Node& expression);
/// `schema.name`, quoted where needed, for messages and SQL.
std::string to_sql(const ObjectName& name);
/// `'text'`, its quotes doubled.
std::string quote_literal(std::string_view text);

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names);

TypeRef type_ref(const pg::TypeName& type);
/// Does LIKE copy that too?
bool includes(const pg::TableLikeClause& like, pg::TableLikeOption what);
/// The name of the schema: CREATE SCHEMA AUTHORIZATION r names it after the role. Empty: named
/// after the user who runs it.
const std::string& created_schema(const pg::CreateSchemaStmt& create);
/// The String value of a node, empty for others.
const std::string& string_value(const pg::Node& node);
std::vector<std::string> string_values(const google::protobuf::RepeatedPtrField<pg::Node>& nodes);
/// The integer value of an A_Const (perhaps negated) or an Integer/Float node.
std::optional<int64_t> integer_value(const pg::Node& node);

}  // namespace dsqlint
