// Texts that hold very many of one thing: what is done with them must not grow with the square.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dsqlint::bench {

std::vector<std::string> many_of_everything(size_t many);

}  // namespace dsqlint::bench
