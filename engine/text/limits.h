// Aurora DSQL's limits.
#pragma once

#include <cstdint>

namespace dsqlint {

/// Limits that decide at DDL time or per transaction (bytes and counts).
struct Limits {
  int columns_per_table = 255;
  int key_columns = 8;
  int indexes_per_table = 24;
  int declared_key_bytes = 2000;
  int char_length = 4096;
  int varchar_length = 65535;
  int numeric_precision = 1000;
  int numeric_min_scale = -1000;
  int numeric_max_scale = 1000;
  int identifier_bytes = 63;
  int statistics_per_table = 5;
  int statistics_target = 100;  ///< the lowest is -1, the default
  int schemas = 10;             ///< besides `public` and `sys`
  int tables = 1000;
  int views = 5000;
  int sequences = 5000;
  int rows_per_transaction = 3000;
  int bytes_per_transaction = 10 << 20;
  uint32_t message_bytes = 10u << 20;
};

}  // namespace dsqlint
