// What the words of a whole file say about tables, statements that come later included.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "engine/source.h"

namespace dsqlint {

/// Found by words alone, in strings and comments too: what it does not tell of is not there.
class TableUses {
 public:
  explicit TableUses(const SourceFile& source);

  /// Does an INSERT or COPY behind `offset` rely on the order of the table's columns? By the bare
  /// name of the table, as PostgreSQL stores it.
  bool written_by_position(const std::string& table, uint32_t offset) const;
  /// How often the type of a column is changed.
  size_t type_changes(const std::string& table, const std::string& column) const;

 private:
  std::unordered_map<std::string, uint32_t> written_;  ///< table → where last
  std::unordered_map<std::string, size_t> changed_;    ///< table.column → how often
};

}  // namespace dsqlint
