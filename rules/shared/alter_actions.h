// The actions of an ALTER TABLE with their places, and the edits that remove one or add a statement
// for it. Shared by the rules on ALTER TABLE.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/rule.h"
#include "engine/parse/ranges.h"

namespace dsqlint {

struct AlterAction {
  const pg::AlterTableCmd* cmd = nullptr;
  TokenSpan tokens;  ///< empty when text and tree do not line up: report without a fix
};

/// ALTER TABLE [IF EXISTS] [ONLY] name [*] action, …
struct AlterTable {
  TokenSpan name;
  std::vector<AlterAction> actions;
};
AlterTable alter_table(const pg::AlterTableStmt& alter, const Context& ctx);

/// What a finding about the action points at: after `ALTER [COLUMN] c`, else all of it.
Range offence(const AlterAction& action, const Context& ctx);

/// `name` as the user wrote it.
std::string table_text(const AlterTable& table, const Context& ctx);
/// `ALTER TABLE [IF EXISTS] [ONLY] name [*] `, as written, for one more statement of that kind.
std::string alter_head(const AlterTable& table, const Context& ctx);
/// `ALTER TABLE ASYNC name VALIDATE CONSTRAINT constraint`, in the case of the statement.
std::string validation(const AlterTable& table, std::string_view constraint, const Context& ctx);

/// A note for ALTER TABLE IF EXISTS: the statements that a fix adds have no IF EXISTS.
Note missing_table_note(const pg::AlterTableStmt& alter);

/// Removes action `i` with one of its commas, or the whole statement if it is the only action. Such
/// fixes are valid alone and in any combination: no two remove the same comma, and the last action
/// left removes the statement.
std::vector<Edit> remove_actions(const AlterTable& table, const std::vector<size_t>& doomed,
                                 const Context& ctx);
std::vector<Edit> remove_action(const AlterTable& table, size_t i, const Context& ctx);

/// `sql` in upper case, unless the statement begins in lower case; quoted parts stay.
std::string in_case(const Context& ctx, std::string_view sql);

}  // namespace dsqlint
