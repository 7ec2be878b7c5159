#include "tests/support/json_schema.h"

#include <algorithm>
#include <regex>

namespace dsqlint::test {
namespace {

using Json = nlohmann::json;

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_number_integer();
  return type == "number" && value.is_number();
}

class Validator {
 public:
  explicit Validator(const Json& root) : root_(root) {}

  void check(const Json& value, const Json& schema, const std::string& at) {
    if (schema.is_boolean()) {
      if (!schema.get<bool>()) violated(at, "nothing is allowed here");
      return;
    }
    if (schema.contains("$ref")) {
      const std::string reference = schema["$ref"];
      if (reference.starts_with("#")) {
        check(value, root_.at(Json::json_pointer(reference.substr(1))), at);
      }
    }
    if (schema.contains("type")) {
      const Json& type = schema["type"];
      const bool right = type.is_string()
                             ? has_type(value, type)
                             : std::any_of(type.begin(), type.end(),
                                           [&](const Json& one) { return has_type(value, one); });
      if (!right) return violated(at, "is not of type " + type.dump());
    }
    if (schema.contains("enum")) {
      const Json& values = schema["enum"];
      if (std::find(values.begin(), values.end(), value) == values.end()) {
        violated(at, "is not one of " + values.dump());
      }
    }
    if (schema.contains("const") && value != schema["const"]) violated(at, "is not the constant");
    if (value.is_object()) object(value, schema, at);
    if (value.is_array()) array(value, schema, at);
    if (value.is_number() && schema.contains("minimum") && value < schema["minimum"]) {
      violated(at, "is below the minimum");
    }
    if (value.is_string() && schema.contains("pattern") &&
        !std::regex_search(value.get<std::string>(),
                           std::regex(schema["pattern"].get<std::string>()))) {
      violated(at, "does not match " + schema["pattern"].dump());
    }
    for (const char* key : {"anyOf", "oneOf", "allOf"}) {
      if (schema.contains(key)) choices(value, schema[key], key, at);
    }
  }

  std::vector<std::string> violations;

 private:
  void violated(const std::string& at, const std::string& what) {
    violations.push_back(at + ": " + what);
  }

  void object(const Json& value, const Json& schema, const std::string& at) {
    const Json properties = schema.value("properties", Json::object());
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) violated(at, "lacks " + name.dump());
    }
    for (const auto& [name, member] : value.items()) {
      const std::string below = at + "/" + name;
      if (properties.contains(name)) {
        check(member, properties[name], below);
      } else if (schema.contains("additionalProperties")) {
        check(member, schema["additionalProperties"], below);
      }
    }
  }

  void array(const Json& value, const Json& schema, const std::string& at) {
    if (schema.contains("minItems") && value.size() < schema["minItems"].get<size_t>()) {
      violated(at, "has too few items");
    }
    if (schema.value("uniqueItems", false)) {
      for (size_t i = 0; i < value.size(); ++i) {
        for (size_t j = i + 1; j < value.size(); ++j) {
          if (value[i] == value[j]) violated(at, "has an item twice");
        }
      }
    }
    if (!schema.contains("items")) return;
    for (size_t i = 0; i < value.size(); ++i) {
      check(value[i], schema["items"], at + "/" + std::to_string(i));
    }
  }

  void choices(const Json& value, const Json& schemas, const std::string& key,
               const std::string& at) {
    size_t right = 0;
    for (const Json& schema : schemas) {
      Validator one(root_);
      one.check(value, schema, at);
      right += one.violations.empty() ? 1 : 0;
    }
    const bool holds = key == "anyOf"   ? right > 0
                       : key == "oneOf" ? right == 1
                                        : right == schemas.size();
    if (!holds) violated(at, "does not fit " + key);
  }

  const Json& root_;
};

}  // namespace

std::vector<std::string> schema_violations(const Json& value, const Json& schema) {
  Validator validator(schema);
  validator.check(value, schema, "");
  return validator.violations;
}

}  // namespace dsqlint::test
