// What is answered about a document: one function for each request, of a view of the workspace.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "servers/lsp/convert.h"
#include "servers/rpc/connection.h"
#include "workspace/symbols.h"
#include "workspace/workspace.h"

namespace dsqlint::lsp {

/// Finds out about a document, or knows it already; null when stopped.
using Judge = std::function<std::shared_ptr<const Judged>(const std::string& name)>;

/// The symbols of a history, made once for each state of the workspace.
using SymbolsOf =
    std::function<std::shared_ptr<const Symbols>(const std::vector<std::string>& history)>;

/// What an answer is made from.
struct View {
  Snapshot& snapshot;
  const Names& names;
  const Capabilities& capabilities;
  const ClientSettings& settings;
  std::stop_token stop;
  Judge judge;
  SymbolsOf symbols;
};

/// Commands that the client may have executed.
inline constexpr std::string_view kOpenRule = "dsqlint.openRule";

rpc::Answer code_actions(const View& view, const Json& params);
/// Adds the edit to an action that was offered without.
rpc::Answer resolve_code_action(const View& view, const Json& action);
rpc::Answer hover(const View& view, const Json& params);
rpc::Answer completion(const View& view, const Json& params);
rpc::Answer document_symbols(const View& view, const Json& params);
rpc::Answer workspace_symbols(const View& view, const Json& params);
rpc::Answer definition(const View& view, const Json& params);
rpc::Answer references(const View& view, const Json& params);
/// Where the transactions of a migration tool begin and end.
rpc::Answer inlay_hints(const View& view, const Json& params);

/// Of a document that is asked about: its name, and what it says now.
struct Asked {
  std::string uri;
  std::string name;
  std::shared_ptr<const SourceFile> source;
};
/// The document of `textDocument`; an error where it cannot be read.
tl::expected<Asked, rpc::ResponseError> asked_document(const View& view, const Json& params);

/// What is said to whoever has taken the request back already.
tl::unexpected<rpc::ResponseError> stopped();

}  // namespace dsqlint::lsp
