// One INSERT or REPLACE while it is translated.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "mysql/plain_values.h"
#include "mysql/translator.h"

namespace dsqlint::mysql {

struct Translator::Insert {
  Name name;
  Table* table = nullptr;
  std::vector<std::string> names;      ///< of the list, as written; empty: no list
  std::vector<const Column*> columns;  ///< by position; null where not known
  std::vector<PlainColumn> plain;      ///< the same, for the literals that dumps are made of
  std::string head;                    ///< INSERT INTO t (a, b)
  Text tail;                           ///< ON CONFLICT …
  Range range;
  std::string row;  ///< the one being written
  std::vector<Text> batches;
  std::vector<size_t> batch_rows;
  QueryNotes notes;
  size_t rows = 0;
  /// Values that MySQL puts into columns the list leaves out, behind those of each row; for an id
  /// the next one of its counter.
  struct Added {
    const Column* column;
    std::string sql;
  };
  std::vector<Added> added;
  std::string added_names;
  /// A row that cannot be kept, and why.
  struct Lost {
    Range range;
    std::string problem;
    std::string_view rule;  ///< that speaks of it; empty: that of all data statements
  };
  std::vector<Lost> lost;
  std::string problem;  ///< of the row being written; empty: none
  Range problem_range;
  std::string_view problem_rule;
  size_t generated = 0;                        ///< ids left to the identity
  bool several = false;                        ///< more rows than one are given
  std::vector<size_t> keys;                    ///< where the values of the upsert's key stand
  std::vector<std::string> key_values;         ///< of the row being written
  std::set<std::string> batch_keys;            ///< of the batch being written
  std::map<std::string, std::string> implied;  ///< by column: what lax mode made of a value
  Range implied_range;
};

}  // namespace dsqlint::mysql
