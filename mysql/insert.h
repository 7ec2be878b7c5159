// One INSERT or REPLACE while it is translated.
#pragma once

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
};

}  // namespace dsqlint::mysql
