// What the words of a whole file show about tables, later statements included.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/text/source.h"

namespace dsqlint {

/// Found by words alone, in strings too, which may be SQL that is run: what it does not find is not
/// there. Comments and the data of COPY are not read.
class TableUses {
 public:
  explicit TableUses(const SourceFile& source);

  /// Does an INSERT or COPY after `offset`, in the same file, rely on the order of the table's
  /// columns, or an INSERT take all of them as they come? By the bare name of the table, as
  /// PostgreSQL stores it.
  bool written_by_position(const std::string& table, uint32_t offset) const;

 private:
  const SourceFile& source_;
  /// Where a table is written last, by file.
  std::map<std::pair<std::string, size_t>, uint32_t> written_;
};

/// Where the automatic names of the sequences of columns, `…_seq`, are used last, except in DROP
/// SEQUENCE. Found by words alone, in strings too.
class SequenceWords {
 public:
  explicit SequenceWords(const SourceFile& source);

  /// Does the name, as PostgreSQL stores it, stand after `offset`?
  bool follow(const std::string& name, uint32_t offset) const;

 private:
  std::unordered_map<std::string, uint32_t> last_;
};

/// The ALTER TABLEs that drop a constraint of a table which is itself dropped soon after: only
/// other things are dropped, or reset, in between.
class TableDrops {
 public:
  explicit TableDrops(const SourceFile& source);

  /// By the first byte of the ALTER TABLE.
  bool follow(uint32_t statement) const { return followed_.count(statement) != 0; }

 private:
  struct Pending {
    uint32_t statement;
    bool cascade;
  };
  void read(const std::vector<std::string>& words, uint32_t begin);
  void read_drop(const std::vector<std::string>& words);
  bool read_alter(const std::vector<std::string>& words, uint32_t begin);

  std::unordered_map<std::string, std::vector<Pending>> pending_;  ///< by name as written
  std::unordered_set<uint32_t> followed_;
};

}  // namespace dsqlint
