// Inputs for the benchmarks, made here so that every machine measures the same bytes.
#pragma once

#include <cstddef>
#include <string>

namespace dsqlint::bench {

/// A schema as pg_dump writes it, of about `bytes` bytes: tables with sequences, defaults, keys,
/// indexes, foreign keys and comments, each name used once.
std::string schema_dump(size_t bytes);
/// Tables, indexes and changes of tables of about `bytes` bytes, nearly all of which need a fix.
std::string refused_dump(size_t bytes);
/// Rows as COPY data, about `bytes` bytes,
/// after a table that needs fixes where `refused`.
std::string copy_dump(size_t bytes, bool refused = false);
/// Rows as INSERT statements with `rows` rows each, about `bytes` bytes.
std::string insert_dump(size_t bytes, size_t rows);

}  // namespace dsqlint::bench
