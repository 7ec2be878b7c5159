// Syntax that libpg_query's grammar does not have although it is no mistake: that of later versions
// of PostgreSQL, and what other databases write. Looked for only where a statement does not parse.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/text/dialect.h"
#include "engine/text/tokens.h"

namespace dsqlint {

/// Parts that can be hidden from the parser, which then reads the rest of the statement; sorted by
/// place. Their kinds are those from MaskKind::VirtualColumn on.
std::vector<Mask> newer_masks(const Tokens& tokens);

/// Statements that cannot be read with a part hidden.
enum class KnownSyntax : uint8_t {
  AlterViewQuery,      ///< ALTER VIEW v [(columns)] AS query
  AddNotNull,          ///< ALTER TABLE … ADD [CONSTRAINT n] NOT NULL c
  ConstraintInherit,   ///< ALTER TABLE … ALTER CONSTRAINT c [NO] INHERIT
  ConstraintEnforced,  ///< ALTER TABLE … ALTER CONSTRAINT c [NOT] ENFORCED
  SplitPartition,
  MergePartitions,
  ConflictSelect,  ///< ON CONFLICT … DO SELECT
  PortionOf,       ///< UPDATE and DELETE … FOR PORTION OF
  Repack,
  WaitFor,
  PropertyGraph,
};

struct KnownStatement {
  KnownSyntax kind;
  TokenSpan words;  ///< what the parser does not know
};
/// Nothing for all other statements.
std::optional<KnownStatement> known_statement(const Tokens& tokens);

}  // namespace dsqlint
