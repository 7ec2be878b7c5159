// file: URIs and paths.
#pragma once

#include <string>
#include <string_view>

namespace dsqlint::lsp {

/// The path that the URI means; empty where it is not of a file.
std::string path_of(std::string_view uri);
/// What is no letter, digit or one of `-._~/` is escaped.
std::string escaped(std::string_view path);
std::string uri_of(std::string_view absolute_path);

}  // namespace dsqlint::lsp
