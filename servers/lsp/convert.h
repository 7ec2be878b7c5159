// Between the messages of LSP and our values.
#pragma once

#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "servers/lsp/positions.h"
#include "workspace/workspace.h"

namespace dsqlint::lsp {

using Json = nlohmann::json;

/// What the client can do.
struct Capabilities {
  PositionEncoding encoding = PositionEncoding::Utf16;
  bool pulls = false;            ///< it asks for diagnostics
  bool refreshes = false;        ///< and asks again when we say so
  bool related = false;          ///< diagnostics may point at other places
  bool versioned_edits = false;  ///< workspace edits may say which version they are for
  bool literal_actions = false;  ///< code actions, not only commands
  bool resolves_edits = false;   ///< edits of code actions may come later
  bool watches = false;          ///< it can be asked to watch files
  bool registers_configuration = false;
  bool configuration = false;  ///< it can be asked for settings
  bool shows_documents = false;
  bool nested_symbols = false;
  bool snippets_in_edits = false;

  /// Of the parameters of `initialize`.
  static Capabilities of(const Json& params);
};

/// The member of an object at the end of that path; null where there is none.
const Json& at(const Json& value, std::initializer_list<std::string_view> path);
bool flag(const Json& value, std::initializer_list<std::string_view> path);
/// Empty where it is no string.
std::string text_at(const Json& value, std::initializer_list<std::string_view> path);

/// Which place in the parameters is not as it has to be; becomes InvalidParams.
struct BadParams {
  std::string message;
};
/// Throws BadParams where the member is missing or of another type.
std::string required_text(const Json& value, std::initializer_list<std::string_view> path);
Place required_place(const Json& value);

/// What the documents and folders are called by the client. A value.
struct Names {
  struct Folder {
    std::string uri;
    std::string path;
  };
  std::vector<Folder> folders;
  std::map<std::string, std::string> open;  ///< URIs of open documents by name

  std::string name_of(const std::string& uri) const;
  std::string uri_of(const std::string& name) const;
};

Json place_json(Place place);
Json range_json(const LineIndex& lines, Range range);
Json edits_json(const LineIndex& lines, const std::vector<Edit>& edits);

/// As a Diagnostic; `data` lets a code action find the finding again.
Json diagnostic_json(const Finding& finding, const LineIndex& lines, const std::string& uri,
                     const Capabilities& capabilities);
/// All of a document, or why there are none.
Json diagnostics_json(const Judged& judged, const std::string& uri,
                      const Capabilities& capabilities);

/// A WorkspaceEdit of one document.
Json document_edit(const std::string& uri, std::optional<int64_t> version, Json edits,
                   const Capabilities& capabilities);

/// The same for equal values, on every machine.
std::string result_id(const Json& value);

/// What a client's `dsqlint` settings say; a problem is for the user to read.
struct ClientSettings {
  Settings settings;
  bool fix_all_to_review = false;  ///< source.fixAll takes fixes that need review, too
  std::vector<std::string> problems;

  static ClientSettings of(const Json& value, RuleNames rules);
};

}  // namespace dsqlint::lsp
