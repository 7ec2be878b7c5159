// Transactions that a migration tool opens around the text that it runs.
#pragma once

#include "engine/lint/rule.h"

namespace dsqlint {

/// Reports, under the running rule, transactions of the runner with more than one DDL statement.
void report_runner_multi_ddl(ScriptContext& ctx);
/// Those with DDL and DML, of the text or of the runner itself.
void report_runner_mixed(ScriptContext& ctx);

}  // namespace dsqlint
