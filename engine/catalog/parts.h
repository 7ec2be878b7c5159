// The parts of an object that can come and go while it stays: constraints, triggers, settings,
// comments, privileges … For print.cc and difference.cc only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/catalog/definitions.h"

namespace dsqlint::catalog {

/// What comes first where nothing needs anything else.
enum class Rank : uint8_t {
  Schema,
  Extension,
  Type,
  Sequence,
  Function,
  Table,
  Partition,  ///< ATTACH
  Index,
  Constraint,
  ForeignKey,
  Statistics,
  View,
  Setting,  ///< by ALTER
  Trigger,
  Policy,
  Rule,
  Enabling,  ///< of triggers and rules
  Comment,
  Owner,
  Privilege,
};
Rank rank_of(ObjectKind kind);

struct Part {
  Rank rank = Rank::Setting;
  std::string key;  ///< the same part in another state has it too
  std::string add;
  std::string drop = {};  ///< empty: it cannot be taken back
  bool within = false;    ///< the CREATE statement of its object makes it
  bool replaces = false;  ///< adding it replaces what has its key
  std::vector<ObjectId> needs = {};
  /// Columns of tables that it depends on; an empty name: all of them.
  std::vector<std::pair<ObjectId, std::string>> columns = {};
  /// Of a constraint that is valid: `add` as it is while it is not, and what validates it.
  std::string unvalidated = {};
  std::string validate = {};
};

std::vector<Part> parts_of(const Definitions& definitions, ObjectId id);

/// The columns that a tree names, and an empty name where it takes whole rows.
std::vector<std::string> column_names_in(const Tree& tree);

}  // namespace dsqlint::catalog
