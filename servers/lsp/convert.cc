#include "servers/lsp/convert.h"

#include <fmt/format.h>

#include <algorithm>

#include "servers/lsp/uri.h"
#include "workspace/sql_files.h"

namespace dsqlint::lsp {
namespace {

const Json kNull = nullptr;

bool lists(const Json& array, std::string_view word) {
  return array.is_array() && std::find(array.begin(), array.end(), word) != array.end();
}

/// The first that both sides know; ours is the order of what costs least.
PositionEncoding encoding_of(const Json& offered) {
  if (lists(offered, "utf-8")) return PositionEncoding::Utf8;
  if (lists(offered, "utf-16") || !lists(offered, "utf-32")) return PositionEncoding::Utf16;
  return PositionEncoding::Utf32;
}

int severity_number(Severity severity) {
  return severity == Severity::Error ? 1 : severity == Severity::Warning ? 2 : 3;
}

std::string fix_word(Safety safety) {
  return safety == Safety::Exact ? "fix" : safety == Safety::Review ? "fix (review)" : "suggestion";
}

std::vector<std::string> words(const Json& value, std::string_view key,
                               std::vector<std::string>& problems) {
  std::vector<std::string> found;
  const Json& list = at(value, {key});
  if (list.is_null()) return found;
  if (!list.is_array()) {
    problems.push_back(fmt::format("`dsqlint.{}` has to be a list of rules", key));
    return found;
  }
  for (const Json& word : list) {
    if (word.is_string()) found.push_back(word.get<std::string>());
  }
  return found;
}

}  // namespace

Capabilities Capabilities::of(const Json& params) {
  const Json& all = at(params, {"capabilities"});
  Capabilities can;
  can.encoding = encoding_of(at(all, {"general", "positionEncodings"}));
  can.pulls = at(all, {"textDocument", "diagnostic"}).is_object();
  can.refreshes = flag(all, {"workspace", "diagnostics", "refreshSupport"}) ||
                  flag(all, {"workspace", "diagnostic", "refreshSupport"});
  can.related = flag(all, {"textDocument", "publishDiagnostics", "relatedInformation"}) ||
                flag(all, {"textDocument", "diagnostic", "relatedInformation"});
  can.versioned_edits = flag(all, {"workspace", "workspaceEdit", "documentChanges"});
  can.literal_actions =
      at(all, {"textDocument", "codeAction", "codeActionLiteralSupport"}).is_object();
  can.resolves_edits =
      lists(at(all, {"textDocument", "codeAction", "resolveSupport", "properties"}), "edit") &&
      flag(all, {"textDocument", "codeAction", "dataSupport"});
  can.watches = flag(all, {"workspace", "didChangeWatchedFiles", "dynamicRegistration"});
  can.registers_configuration =
      flag(all, {"workspace", "didChangeConfiguration", "dynamicRegistration"});
  can.configuration = flag(all, {"workspace", "configuration"});
  can.shows_documents = flag(all, {"window", "showDocument", "support"});
  can.nested_symbols =
      flag(all, {"textDocument", "documentSymbol", "hierarchicalDocumentSymbolSupport"});
  can.snippets_in_edits = flag(all, {"workspace", "workspaceEdit", "snippetEditSupport"});
  return can;
}

const Json& at(const Json& value, std::initializer_list<std::string_view> path) {
  const Json* here = &value;
  for (const std::string_view name : path) {
    if (!here->is_object()) return kNull;
    const auto member = here->find(name);
    if (member == here->end()) return kNull;
    here = &*member;
  }
  return *here;
}

bool flag(const Json& value, std::initializer_list<std::string_view> path) {
  const Json& member = at(value, path);
  return member.is_boolean() && member.get<bool>();
}

std::string text_at(const Json& value, std::initializer_list<std::string_view> path) {
  const Json& member = at(value, path);
  return member.is_string() ? member.get<std::string>() : std::string();
}

std::string required_text(const Json& value, std::initializer_list<std::string_view> path) {
  const Json& member = at(value, path);
  if (!member.is_string()) {
    throw BadParams{fmt::format("`{}` has to be a string", fmt::join(path, "."))};
  }
  return member.get<std::string>();
}

Place required_place(const Json& value) {
  const Json& line = at(value, {"line"});
  const Json& character = at(value, {"character"});
  if (!line.is_number_integer() || !character.is_number_integer() || line < 0 || character < 0) {
    throw BadParams{"a position needs `line` and `character`, from 0 on"};
  }
  const auto clamped = [](const Json& number) {
    return static_cast<uint32_t>(std::min<uint64_t>(number.get<uint64_t>(), UINT32_MAX));
  };
  return {.line = clamped(line), .character = clamped(character)};
}

std::string Names::name_of(const std::string& uri) const {
  const std::string path = path_of(uri);
  return path.empty() ? uri : absolute_path(path);
}

std::string Names::uri_of(const std::string& name) const {
  const auto known = open.find(name);
  if (known != open.end()) return known->second;
  const Folder* nearest = nullptr;
  for (const Folder& folder : folders) {
    if (folder.path.empty() || !is_below(name, folder.path)) continue;
    if (nearest == nullptr || folder.path.size() > nearest->path.size()) nearest = &folder;
  }
  if (nearest == nullptr) return lsp::uri_of(name);
  // As the client spells its folder, links and all.
  std::string uri = nearest->uri;
  while (uri.ends_with('/')) uri.pop_back();
  std::string_view below = std::string_view(name).substr(nearest->path.size());
  while (below.starts_with('/')) below.remove_prefix(1);
  return below.empty() ? uri : uri + "/" + escaped(below);
}

Json place_json(Place place) { return {{"line", place.line}, {"character", place.character}}; }

Json range_json(const LineIndex& lines, Range range) {
  return {{"start", place_json(lines.place(range.begin))},
          {"end", place_json(lines.place(range.end))}};
}

Json edits_json(const LineIndex& lines, const std::vector<Edit>& edits) {
  Json json = Json::array();
  for (const Edit& edit : edits) {
    json.push_back({{"range", range_json(lines, edit.range)}, {"newText", edit.text}});
  }
  return json;
}

Json diagnostic_json(const Finding& finding, const LineIndex& lines, const std::string& uri,
                     const Capabilities& capabilities) {
  std::string message = finding.message;
  Json related = Json::array();
  for (const Note& note : finding.notes) {
    if (note.range && capabilities.related) {
      related.push_back({{"location", {{"uri", uri}, {"range", range_json(lines, *note.range)}}},
                         {"message", note.message}});
    } else {
      message += "\nnote: " + note.message;
    }
  }
  if (finding.fix && finding.status != Safety::Manual) {
    message += fmt::format("\n{}: {}", fix_word(finding.status), finding.fix->title);
  } else if (finding.fix) {
    message += fmt::format("\n{}: {}", fix_word(Safety::Manual), finding.fix->title);
  } else if (!finding.help.empty()) {
    message += "\nhelp: " + finding.help;
  }
  Json json = {{"range", range_json(lines, finding.range)},
               {"severity", severity_number(finding.severity)},
               {"code", finding.rule},
               {"source", "dsqlint"},
               {"message", message},
               {"data", {{"status", wire_status(finding.status)}}}};
  if (!related.empty()) json["relatedInformation"] = std::move(related);
  return json;
}

Json diagnostics_json(const Judged& judged, const std::string& uri,
                      const Capabilities& capabilities) {
  Json json = Json::array();
  if (!judged.error.empty()) {
    json.push_back({{"range", {{"start", place_json({})}, {"end", place_json({})}}},
                    {"severity", 1},
                    {"source", "dsqlint"},
                    {"message", judged.error}});
    return json;
  }
  if (judged.source == nullptr) return json;
  const LineIndex lines(judged.source->text(), capabilities.encoding);
  for (const Finding& finding : judged.findings) {
    json.push_back(diagnostic_json(finding, lines, uri, capabilities));
  }
  return json;
}

Json document_edit(const std::string& uri, std::optional<int64_t> version, Json edits,
                   const Capabilities& capabilities) {
  if (!capabilities.versioned_edits) return {{"changes", {{uri, std::move(edits)}}}};
  Json document = {{"uri", uri}, {"version", version ? Json(*version) : Json()}};
  return {{"documentChanges",
           Json::array({{{"textDocument", std::move(document)}, {"edits", std::move(edits)}}})}};
}

std::string result_id(const Json& value) {
  // FNV-1a.
  uint64_t hash = 14695981039346656037u;
  for (const char c : value.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return fmt::format("{:016x}", hash);
}

ClientSettings ClientSettings::of(const Json& value, RuleNames rules) {
  ClientSettings found;
  if (!value.is_object()) return found;
  const std::string engine = text_at(value, {"engine"});
  if (!engine.empty()) {
    const auto date = engine_date(engine, "`dsqlint.engine`");
    if (date) {
      found.settings.engine = *date;
    } else {
      found.problems.push_back(date.error().message);
    }
  }
  const std::string dialect = text_at(value, {"dialect"});
  if (dialect.empty() || dialect == "postgres" || dialect == "mysql" || dialect == "auto") {
    found.settings.dialect = dialect;
  } else {
    found.problems.push_back(
        "`dsqlint.dialect` has to be one of \"postgres\", \"mysql\" and \"auto\"");
  }
  found.settings.select = words(value, "select", found.problems);
  found.settings.ignore = words(value, "ignore", found.problems);
  for (auto* list : {&found.settings.select, &found.settings.ignore}) {
    std::erase_if(*list, [&](const std::string& rule) {
      const bool known = std::binary_search(rules.begin(), rules.end(), std::string_view(rule));
      if (!known) found.problems.push_back(unknown_rule(rule, rules));
      return !known;
    });
  }
  const std::string config = text_at(value, {"config"});
  if (!config.empty()) found.settings.config = config;
  const std::string fix_all = text_at(value, {"fixAll"});
  found.fix_all_to_review = fix_all == "all";
  if (!fix_all.empty() && fix_all != "all" && fix_all != "safe") {
    found.problems.push_back("`dsqlint.fixAll` has to be \"safe\" or \"all\"");
  }
  return found;
}

}  // namespace dsqlint::lsp
