// The literals that dumps are made of, written without being taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mysql/cursor.h"
#include "mysql/types.h"

namespace dsqlint::mysql {

/// What a column's everyday literals look like; the others go through `convert`.
enum class PlainKind : uint8_t {
  None,
  Boolean,
  Number,
  Year,
  Text,
  Member,
  Date,
  Timestamp,
  Time,
  Bytes
};

struct PlainColumn {
  PlainKind kind = PlainKind::None;
  bool identity = false;
  const Column* column = nullptr;
  size_t longest = SIZE_MAX;  ///< longer literals get a closer look
  bool null_too = true;       ///< so does NULL

  /// Outside of strict mode: what may not fit gets a closer look.
  void be_careful();
};

/// Null: a column that is not known, whose literals are never plain.
PlainColumn plain_column(const Column* column);

/// Writes rows of literals. Keeps its buffers from value to value.
class PlainWriter {
 public:
  /// `charset`: of the connection.
  PlainWriter(const Modes& modes, std::string_view charset);
  /// Appends to `out` what `convert` gives for the literal that begins at the cursor, and passes
  /// it; false, with nothing done, where a closer look is needed.
  bool write(Cursor& cursor, const PlainColumn& column, std::string& out);

 private:
  bool text(std::string_view token, const PlainColumn& column, std::string& out);

  const Modes& modes_;
  bool utf8_;
  std::string scratch_;
};

}  // namespace dsqlint::mysql
