// The two programs in one binary.
#pragma once

namespace dsqlint {

/// `dsqlint COMMAND …`.
int run_dsqlint(int argc, char** argv);
/// `dsql-lint [--fix] … FILE…`, to the letter of the interop contract.
int run_dsql_lint(int argc, char** argv);

}  // namespace dsqlint
