// The name of the schema that CREATE SCHEMA makes.
#pragma once

#include <string>

#include "engine/ast.h"

namespace dsqlint {

/// CREATE SCHEMA AUTHORIZATION r names the schema like the role. Empty: like the user who runs it.
inline const std::string& created_schema(const pg::CreateSchemaStmt& create) {
  return create.schemaname().empty() ? create.authrole().rolename() : create.schemaname();
}

}  // namespace dsqlint
