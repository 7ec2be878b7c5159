// Enough of JSON Schema (draft 4 to 2020-12) to hold our messages to published schemas.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace dsqlint::test {

/// What `value` does wrong, one line each: a JSON pointer and the rule it breaks. Knows type,
/// enum, const, properties, required, additionalProperties, items, minItems, uniqueItems, minimum,
/// pattern, anyOf, oneOf, allOf and local $ref; other keywords are not looked at.
std::vector<std::string> schema_violations(const nlohmann::json& value,
                                           const nlohmann::json& schema);

}  // namespace dsqlint::test
