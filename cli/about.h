// Texts made from the command line's own description: completions, the manual page, and the schema
// of the configuration file.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace dsqlint {

/// Completions for `bash`, `zsh` or `fish`; empty for another shell.
std::string completions(const CLI::App& app, std::string_view shell);
/// dsqlint(1), for man.
std::string manual_page(const CLI::App& app);
/// A JSON Schema for dsqlint.toml, for editors.
std::string configuration_schema();

}  // namespace dsqlint
