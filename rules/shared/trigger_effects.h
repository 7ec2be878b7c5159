// What a trigger function does, in words.
#pragma once

#include <string>

#include "engine/parse/trigger_body.h"

namespace dsqlint {

/// "sets `a`, `b`, writes to `log` and refuses some rows"; empty when nothing is known.
std::string describe_effects(const TriggerEffects& effects);

}  // namespace dsqlint
