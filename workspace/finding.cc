#include "workspace/finding.h"

#include <utility>

namespace dsqlint {

Finding to_finding(Diagnostic diagnostic) {
  const Safety status = safety_of(diagnostic);
  return {.rule = std::string(diagnostic.rule->id),
          .severity = diagnostic.severity,
          .status = status,
          .range = diagnostic.range,
          .statement = diagnostic.statement,
          .message = diagnostic.message.empty() ? std::string(diagnostic.rule->summary)
                                                : std::move(diagnostic.message),
          .notes = std::move(diagnostic.notes),
          .help = std::move(diagnostic.help),
          .fix = std::move(diagnostic.fix)};
}

}  // namespace dsqlint
