#include "engine/parse/function_body.h"

#include "engine/parse/names.h"
#include "engine/parse/parse.h"

namespace dsqlint {

std::vector<const pg::TypeName*> signature_types(const pg::CreateFunctionStmt& create) {
  std::vector<const pg::TypeName*> types;
  // OUT arguments and RETURNS TABLE say what is returned.
  bool returned = false;
  for (const pg::Node& node : create.parameters()) {
    const pg::FunctionParameter& parameter = node.function_parameter();
    types.push_back(&parameter.arg_type());
    returned = returned || parameter.mode() == pg::FUNC_PARAM_OUT ||
               parameter.mode() == pg::FUNC_PARAM_INOUT || parameter.mode() == pg::FUNC_PARAM_TABLE;
  }
  if (!returned && create.has_return_type()) types.push_back(&create.return_type());
  return types;
}

std::string function_language(const pg::CreateFunctionStmt& create) {
  for (const pg::Node& option : create.options()) {
    if (option.def_elem().defname() == "language")
      return downcase(string_value(option.def_elem().arg()));
  }
  return {};
}

const std::string& function_body_text(const pg::CreateFunctionStmt& create) {
  static const std::string kNone;
  for (const pg::Node& option : create.options()) {
    const pg::DefElem& as = option.def_elem();
    if (as.defname() == "as" && as.arg().list().items_size() == 1) {
      return string_value(as.arg().list().items(0));
    }
  }
  return kNone;
}

std::optional<FunctionBody> function_body(const pg::CreateFunctionStmt& create,
                                          const Tokens& tokens, std::string_view text,
                                          uint32_t statement_begin) {
  for (const pg::Node& option : create.options()) {
    const pg::DefElem& as = option.def_elem();
    if (as.defname() != "as" || as.arg().list().items_size() != 1) continue;
    if (as.location() < static_cast<int>(kLocationShift)) return std::nullopt;
    // The word AS, then the string.
    const size_t at =
        tokens.at(statement_begin + static_cast<uint32_t>(as.location()) - kLocationShift);
    if (at == Tokens::npos || at + 1 >= tokens.size() || tokens[at + 1].kind != TokenKind::String) {
      return std::nullopt;
    }
    FunctionBody body;
    body.literal = tokens.range(at + 1);
    const std::string_view literal = tokens.text(at + 1);
    const std::string& value = string_value(as.arg().list().items(0));
    size_t open = literal[0] == '$' ? literal.find('$', 1) : literal.find('\'');
    if (open == std::string_view::npos) return std::nullopt;
    body.delimiter = literal[0] == '$' ? literal.substr(0, open + 1) : std::string_view("'");
    ++open;
    if (literal.size() < open + body.delimiter.size()) return std::nullopt;
    body.text = {body.literal.begin + static_cast<uint32_t>(open),
                 body.literal.end - static_cast<uint32_t>(body.delimiter.size())};
    body.verbatim = text.substr(body.text.begin, body.text.size()) == value;
    if (!body.verbatim) body.unescaped = value;
    return body;
  }
  return std::nullopt;
}

}  // namespace dsqlint
