// What can be done about findings: fix one, fix all of a rule, fix all that is safe, silence it,
// read about it.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/text/statements.h"
#include "servers/lsp/features.h"

namespace dsqlint::lsp {
namespace {

using rpc::Answer;
using rpc::ErrorCode;
using rpc::refuse;

constexpr std::string_view kFixAll = "source.fixAll.dsqlint";
constexpr std::string_view kReason = "say why";

/// Is an action of `kind` among the kinds that are asked for?
bool is_wanted(const Json& only, std::string_view kind) {
  if (!only.is_array()) return true;
  return std::any_of(only.begin(), only.end(), [&](const Json& wanted) {
    if (!wanted.is_string()) return false;
    const std::string prefix = wanted.get<std::string>();
    return prefix.empty() || kind == prefix || kind.starts_with(prefix + ".");
  });
}

/// As editors show titles.
std::string capitalized(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string line_break(std::string_view text) {
  const size_t newline = text.find('\n');
  return newline != std::string_view::npos && newline > 0 && text[newline - 1] == '\r' ? "\r\n"
                                                                                       : "\n";
}

/// The statement around `offset`: that of the file, where a finding is about one in a function's
/// body. Nothing for MySQL text.
std::optional<Range> statement_around(const SourceFile& source, uint32_t offset) {
  Splitter splitter(source);
  StatementBatch batch;
  constexpr uint32_t kBatch = 32u << 10;
  while (splitter.next(batch, kBatch)) {
    for (const StatementText& statement : batch.statements) {
      if (offset < statement.range.begin) return std::nullopt;
      if (offset < statement.end) return statement.range;
    }
  }
  return std::nullopt;
}

/// A comment before the statement. One that does not begin its line gets a line of its own.
Edit suppression_here(const SourceFile& source, const Finding& finding, bool mysql) {
  const std::string_view text = source.text();
  const std::optional<Range> around =
      mysql ? std::nullopt : statement_around(source, finding.range.begin);
  const uint32_t begin = around ? around->begin : finding.statement.begin;
  const Range line = source.line_around(begin);
  const std::string_view before = source.slice({line.begin, begin});
  const bool alone = before.find_first_not_of(" \t") == std::string_view::npos;
  const std::string indent = alone ? std::string(before) : std::string();
  const std::string end = line_break(text);
  return {.range = {begin, begin},
          .text = fmt::format("{}-- dsqlint: ignore {}: {}{}{}", alone ? "" : end, finding.rule,
                              kReason, end, indent)};
}

/// A comment at the top of the file, after what tools want to see first.
Edit suppression_in_file(const SourceFile& source, const Finding& finding) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  const std::string_view text = source.text();
  size_t at = text.starts_with(kMark) ? kMark.size() : 0;
  std::string lead;
  const std::string end = line_break(text);
  if (text.substr(at).starts_with("--liquibase formatted sql")) {
    const size_t newline = text.find('\n', at);
    if (newline == std::string_view::npos) lead = end;
    at = newline == std::string_view::npos ? text.size() : newline + 1;
  }
  const auto place = static_cast<uint32_t>(at);
  return {
      .range = {place, place},
      .text = fmt::format("{}-- dsqlint: ignore-file {}: {}{}", lead, finding.rule, kReason, end)};
}

/// The actions of one request.
class Actions {
 public:
  Actions(const View& view, const Json& params, Asked asked, std::shared_ptr<const Judged> judged)
      : view_(view),
        only_(at(params, {"context", "only"})),
        diagnostics_(at(params, {"context", "diagnostics"})),
        asked_(std::move(asked)),
        judged_(std::move(judged)),
        lines_(asked_.source->text(), view.capabilities.encoding),
        mysql_(view.snapshot.is_mysql(asked_.name)) {
    const Json& range = at(params, {"range"});
    begin_ = lines_.offset(required_place(at(range, {"start"})));
    end_ = std::max(begin_, lines_.offset(required_place(at(range, {"end"}))));
  }

  Json take() {
    std::vector<const Finding*> here;
    for (const Finding& finding : judged_->findings) {
      if (finding.range.begin <= end_ && begin_ <= finding.range.end) here.push_back(&finding);
    }
    if (is_wanted(only_, "quickfix")) {
      for (const Finding* finding : here) fix_one(*finding);
      std::set<std::string_view> rules;
      for (const Finding* finding : here) {
        if (!rules.insert(finding->rule).second) continue;
        fix_rule(*finding);
      }
      std::set<std::pair<uint32_t, std::string_view>> silenced;
      for (const Finding* finding : here) {
        if (silenced.insert({finding->statement.begin, finding->rule}).second) silence(*finding);
      }
      for (const std::string_view rule : rules) open_page(rule);
    }
    if (is_wanted(only_, kFixAll)) fix_all();
    return std::move(actions_);
  }

 private:
  std::optional<int64_t> version() const {
    const OpenDocument* open = view_.snapshot.document(asked_.name);
    return open == nullptr ? std::nullopt : std::optional(open->version);
  }

  Json edit_of(const std::vector<Edit>& edits) const {
    return document_edit(asked_.uri, version(), edits_json(lines_, edits), view_.capabilities);
  }

  /// Those of the client that are about the finding.
  Json diagnostics_of(const Finding& finding) const {
    Json found = Json::array();
    if (!diagnostics_.is_array()) return found;
    const Json range = range_json(lines_, finding.range);
    for (const Json& diagnostic : diagnostics_) {
      if (at(diagnostic, {"code"}) == finding.rule && at(diagnostic, {"range"}) == range) {
        found.push_back(diagnostic);
      }
    }
    return found;
  }

  void add(std::string title, std::string_view kind, Json more) {
    more["title"] = std::move(title);
    more["kind"] = kind;
    actions_.push_back(std::move(more));
  }

  void fix_one(const Finding& finding) {
    if (!finding.fix || finding.fix->edits.empty()) return;
    Json action = {{"edit", edit_of(finding.fix->edits)},
                   {"isPreferred", finding.status == Safety::Exact},
                   {"diagnostics", diagnostics_of(finding)}};
    const std::string_view mark = finding.status == Safety::Exact    ? ""
                                  : finding.status == Safety::Review ? " (review)"
                                                                     : " (by hand)";
    add(capitalized(finding.fix->title) + std::string(mark), "quickfix", std::move(action));
  }

  /// An action whose edit is made now or, where the client can wait, when it is chosen.
  void add_rewrite(std::string title, std::string_view kind, const FixRequest& request) {
    Json action = Json::object();
    if (view_.capabilities.resolves_edits) {
      const auto known = version();
      action["data"] = {{"uri", asked_.uri},
                        {"version", known ? Json(*known) : Json()},
                        {"rule", request.rule},
                        {"review", request.wanted == Safety::Review}};
    } else {
      const auto fixed = view_.snapshot.fix(asked_.name, request, view_.stop);
      if (!fixed || !*fixed || (*fixed)->edits.empty()) return;
      action["edit"] = edit_of((*fixed)->edits);
    }
    add(std::move(title), kind, std::move(action));
  }

  void fix_rule(const Finding& finding) {
    const auto alike = std::count_if(
        judged_->findings.begin(), judged_->findings.end(), [&](const Finding& other) {
          return other.rule == finding.rule && other.status != Safety::Manual;
        });
    if (alike < 2 || mysql_) return;
    add_rewrite(fmt::format("Fix all `{}` in this file", finding.rule), "quickfix",
                {.wanted = Safety::Review, .rule = finding.rule});
  }

  void fix_all() {
    const Safety wanted = view_.settings.fix_all_to_review ? Safety::Review : Safety::Exact;
    const bool any = std::any_of(
        judged_->findings.begin(), judged_->findings.end(),
        [&](const Finding& finding) { return finding.fix && finding.status >= wanted; });
    if (!any || mysql_) return;
    add_rewrite(wanted == Safety::Exact ? "Make all fixes that need no review" : "Make all fixes",
                kFixAll, {.wanted = wanted});
  }

  void silence(const Finding& finding) {
    // Its comments are not SQL's.
    if (!view_.snapshot.is_sql(asked_.name)) return;
    const auto suppress = [&](std::string title, const Edit& edit) {
      add(std::move(title), "quickfix",
          {{"edit", edit_of({edit})}, {"diagnostics", diagnostics_of(finding)}});
    };
    if (!finding.statement.empty()) {
      suppress(fmt::format("Ignore `{}` here", finding.rule),
               suppression_here(*asked_.source, finding, mysql_));
    }
    suppress(fmt::format("Ignore `{}` in this file", finding.rule),
             suppression_in_file(*asked_.source, finding));
  }

  void open_page(std::string_view rule) {
    const std::string title = fmt::format("Read about `{}`", rule);
    add(title, "quickfix",
        {{"command",
          {{"title", title}, {"command", kOpenRule}, {"arguments", Json::array({rule})}}}});
  }

  const View& view_;
  const Json& only_;
  const Json& diagnostics_;
  Asked asked_;
  std::shared_ptr<const Judged> judged_;
  LineIndex lines_;
  bool mysql_;
  uint32_t begin_ = 0;
  uint32_t end_ = 0;
  Json actions_ = Json::array();
};

}  // namespace

Answer code_actions(const View& view, const Json& params) {
  auto asked = asked_document(view, params);
  if (!asked) return tl::unexpected(asked.error());
  std::shared_ptr<const Judged> judged = view.judge(asked->name);
  if (judged == nullptr) return stopped();
  Json actions = Actions(view, params, std::move(*asked), std::move(judged)).take();
  if (view.stop.stop_requested()) return stopped();
  if (view.capabilities.literal_actions) return actions;
  // Without literals only commands can be offered.
  Json commands = Json::array();
  for (const Json& action : actions) {
    if (action.contains("command")) commands.push_back(action["command"]);
  }
  return commands;
}

Answer resolve_code_action(const View& view, const Json& action) {
  const Json& data = at(action, {"data"});
  if (!data.is_object()) return action;
  const std::string uri = required_text(data, {"uri"});
  const std::string name = view.names.name_of(uri);
  const OpenDocument* open = view.snapshot.document(name);
  const Json version = open == nullptr ? Json() : Json(open->version);
  if (at(data, {"version"}) != version) {
    return refuse(ErrorCode::ContentModified, "the document has changed since this was offered");
  }
  const FixRequest request{.wanted = flag(data, {"review"}) ? Safety::Review : Safety::Exact,
                           .rule = text_at(data, {"rule"})};
  const auto fixed = view.snapshot.fix(name, request, view.stop);
  if (!fixed) return stopped();
  if (!*fixed) return refuse(ErrorCode::RequestFailed, fixed->error().message);
  const LineIndex lines((*fixed)->source->text(), view.capabilities.encoding);
  Json resolved = action;
  resolved["edit"] =
      document_edit(uri, open == nullptr ? std::nullopt : std::optional(open->version),
                    edits_json(lines, (*fixed)->edits), view.capabilities);
  return resolved;
}

}  // namespace dsqlint::lsp
