// MySQL text through the ordinary linter: what `check` and `fix` do with --dialect mysql.
#pragma once

#include <memory>

#include "engine/lint/linter.h"
#include "mysql/translate.h"

namespace dsqlint::mysql {

/// The findings of the translation and those of the linter on its result, all in the MySQL text's
/// positions and in stable order. The linter's edits apply to the translation and are left out.
CheckOutcome check(const Linter& linter, std::shared_ptr<const SourceFile> source,
                   const TranslateOptions& options, const Placement& placement = {});

/// The translation with the linter's fixes of at least `wanted` applied.
Result<FixOutcome> fix(const Linter& linter, std::shared_ptr<const SourceFile> source,
                       const TranslateOptions& options, Safety wanted = Safety::Review,
                       const Placement& placement = {});

}  // namespace dsqlint::mysql
