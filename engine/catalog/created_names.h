// What a text creates and where, by its words alone: asked for names that nothing before has made.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/catalog/schema.h"
#include "engine/text/source.h"

namespace dsqlint {

/// Kinds that share their names.
enum class CreatedKind : uint8_t {
  Relation,  ///< tables, views, sequences
  Type,      ///< types and domains
  Function,
};

/// The CREATE statements of a text, in its order.
class CreatedNames {
 public:
  explicit CreatedNames(const SourceFile& source);
  /// Where a statement at or after `offset` begins that creates what the name can mean.
  std::optional<uint32_t> find(CreatedKind kind, const ObjectName& name, uint32_t offset) const;

 private:
  struct Created {
    CreatedKind kind;
    ObjectName name;
    uint32_t offset;
  };
  std::vector<Created> created_;
};

/// What the files that come later in a history create: a place such as `b.sql:12`, or nothing. May
/// be called from several threads. One of the notes of a file; without `find` nothing is known.
struct LaterFiles {
  using Find = std::function<std::string(CreatedKind kind, const ObjectName& name)>;
  Find find = nullptr;
};

/// Is the text all that runs, and does all of it run? One of the notes of a file.
struct WholeText {
  bool whole = true;
  bool ordered = false;  ///< its files are certainly run one after another, on one database
};

}  // namespace dsqlint
