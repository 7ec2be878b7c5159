// What statements make of a catalog, as PostgreSQL applies them: ALTER TABLE in its passes, CREATE
// TABLE in its steps, names that nobody gave chosen against what exists at that moment.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/catalog/catalog.h"

namespace dsqlint {
class Document;
}  // namespace dsqlint

namespace dsqlint::catalog {

/// What a server would certainly refuse a statement for, because of what the input has made before.
/// Names that nothing in the input has ever had are not refused: they may be in the database.
struct Refusal {
  enum class Code : uint8_t {
    UndefinedObject,  ///< there was one of that name, or the table is known and has no such part
    DuplicateObject,  ///< the name is taken
  } code = Code::UndefinedObject;
  std::string_view what;  ///< "table", "column", "constraint" …
  ObjectName name;        ///< as written; of a part its relation
  std::string part = {};  ///< the name of a column, a constraint, a trigger …; empty: the object
  Absence absence = {};   ///< of an object or a column that is not there
  /// What shows it: what dropped or renamed it, what has the name, what made the table that has no
  /// such part.
  Origin evidence = {};
  int location = -1;  ///< in the tree, as of pg_query's nodes; -1: the tree does not say
};

/// What the session of a file knows: it ends with the file.
struct Session {
  std::vector<std::string> path = State::default_path();
  /// The steps at which the transaction and its savepoints have begun, outermost first.
  struct Mark {
    std::string savepoint;  ///< empty: BEGIN
    Step step = 0;
  };
  std::vector<Mark> marks = {};
  /// A file that creates again what an earlier one has created does not go on from it: they are two
  /// ways to set up the same, or a down and an up script. False: it is refused.
  bool sets_up_again = true;
  bool temporary = false;  ///< there are temporary objects
};

/// A refusal, and the statement of the document.
struct Refused {
  uint32_t statement = 0;
  Refusal refusal;
};

/// Applies one statement. One that is refused changes nothing. `file` is the number of the
/// document's first file in Origin::file.
std::vector<Refusal> apply(Catalog& catalog, Session& session, const Document& document,
                           size_t statement, uint32_t file = 0);
/// The session has ended: a transaction that is open is rolled back, temporary objects go.
void end_session(Catalog& catalog, Session& session);

}  // namespace dsqlint::catalog
