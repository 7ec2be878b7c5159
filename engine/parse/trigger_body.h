// What trigger functions do, as far as it matters: many only keep a timestamp up to date.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dsqlint {

/// The columns that a PL/pgSQL body sets to the current time, when it does nothing else but return
/// NEW; empty for every other body. Conditions around the assignments are allowed.
std::vector<std::string> touched_columns(std::string_view body);

/// What a body visibly does, for those who have to do it elsewhere. Each name appears once, as
/// written.
struct TriggerEffects {
  std::vector<std::string> sets;    ///< columns of the new row
  std::vector<std::string> writes;  ///< tables
  bool refuses = false;             ///< RAISE EXCEPTION
  bool notifies = false;            ///< NOTIFY or pg_notify
};

TriggerEffects trigger_effects(std::string_view body);

}  // namespace dsqlint
