// The language server on standard input and output.
#pragma once

#include "servers/lsp/server.h"

namespace dsqlint::lsp {

/// Until the client says `exit`, or is gone; the process's exit code.
int serve_stdio(RuleSet rules, ServerOptions options);

}  // namespace dsqlint::lsp
