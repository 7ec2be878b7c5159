// newer_postgres_syntax: what was added by a later PostgreSQL, wherever it is used.
#pragma once

#include "engine/lint/diagnostic.h"

namespace dsqlint {

inline constexpr RuleInfo kNewerSyntax{
    .id = "newer_postgres_syntax",
    .summary = "the syntax is newer than PostgreSQL 16",
    .why =
        "The engine speaks the dialect of PostgreSQL 16. JSON_TABLE, JSON_VALUE, JSON_QUERY,\n"
        "JSON_EXISTS, JSON(), JSON_SCALAR, JSON_SERIALIZE, AT LOCAL, the privilege MAINTAIN and\n"
        "some options of COPY and EXPLAIN came with version 17, `old` and `new` in RETURNING with "
        "18.\n"
        "The same goes for functions, such as `random(1, 6)` from 17 and `uuidv7()` from 18.",
    .bad = "select json_value(doc, '$.a') from t;",
    .good = "select jsonb_path_query_first(doc, '$.a') from t;",
    .fixes = Fixes::Sometimes,
};

}  // namespace dsqlint
