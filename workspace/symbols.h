// What the files of a history define, and where they speak of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/catalog/apply.h"
#include "engine/catalog/name_uses.h"
#include "workspace/workspace.h"

namespace dsqlint {

/// A place in a file of a history.
struct SymbolPlace {
  size_t file = 0;  ///< in Symbols::files
  Range range;
};

/// An object that a statement makes.
struct SymbolDefinition {
  catalog::ObjectKind kind = catalog::ObjectKind::Table;
  ObjectName name;          ///< as the catalog has it
  bool has_labels = false;  ///< an enum
  SymbolPlace place;        ///< its name
  Range statement;
  std::vector<std::pair<std::string, Range>> columns;
  catalog::Step step = 0;  ///< of the catalog, after the statement
};

/// A name that means an object, or none that these files make.
struct SymbolUse {
  catalog::NameSpace space = catalog::NameSpace::Relation;
  ObjectName name;
  SymbolPlace place;
  catalog::ObjectId object = catalog::kNoObject;
  catalog::Step step = 0;  ///< of the catalog: as the statement leaves it or, where it drops the
                           ///< object, finds it
};

/// Of the files of one history. A value; it needs no trees.
class Symbols {
 public:
  struct File {
    std::string name;
    std::shared_ptr<const SourceFile> source;
    std::vector<Range> up;  ///< what a tool runs of it
    bool whole = true;      ///< it runs all

    bool goes_up(Range statement) const;
  };

  /// Of a document and its history; files that cannot be read, and MySQL text, have none. With
  /// `texts`, those are read in place of what the files hold.
  Symbols(Snapshot& snapshot, const std::vector<std::string>& history,
          const Texts* texts = nullptr);

  const std::vector<File>& files() const { return files_; }
  /// By file and place.
  const std::vector<SymbolUse>& uses() const { return uses_; }
  /// Null where the files do not make it.
  const SymbolDefinition* definition(catalog::ObjectId object) const;
  const std::map<catalog::ObjectId, SymbolDefinition>& definitions() const { return definitions_; }
  /// The use around `offset`, or which ends there.
  const SymbolUse* use_at(const std::string& file, uint32_t offset) const;
  /// One of that name that the files make, now or earlier.
  std::optional<catalog::ObjectId> find(catalog::NameSpace space, const ObjectName& name) const;
  /// Of all moments; see `step`.
  const catalog::Catalog& catalog() const { return catalog_; }

 private:
  void read(size_t file);

  std::vector<File> files_;
  std::vector<SymbolUse> uses_;
  std::map<catalog::ObjectId, SymbolDefinition> definitions_;
  catalog::Catalog catalog_;
};

}  // namespace dsqlint
