#include "bindings/answer.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "bindings/dsqlint.h"
#include "bindings/request.h"
#include "plugins/catalogue.h"
#include "plugins/print_catalogue.h"
#include "workspace/reports/baseline.h"
#include "workspace/reports/contract.h"
#include "workspace/reports/printer.h"
#include "workspace/reports/report.h"
#include "workspace/sql_files.h"

namespace dsqlint::bindings {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kRequest = "request";

/// The documents of a request, on their way to reports.
class Run {
 public:
  Run(Request request, bool fix, const ConfigFile& file, Linters& linters)
      : request_(std::move(request)), fix_(fix), file_(file), linters_(linters) {
    if (request_.threads == 0) request_.threads = std::max(1u, std::thread::hardware_concurrency());
    for (size_t i = 0; i < request_.documents.size(); ++i) open(i);
  }

  std::vector<FileReport> reports() {
    std::map<size_t, Before> histories;
    NamesOfFiles names = names_of_files();
    for (const Unit& unit : units_of(places_)) {
      judge_unit(unit, histories[places_[unit.front()].history], names);
    }
    return std::move(reports_);
  }

 private:
  Config config(const std::string& absolute) const {
    Config config = config_for(request_.settings, file_, absolute);
    for (const auto& [rule, severity] : request_.severity) {
      if (severity) {
        config.severity[rule] = *severity;
      } else {
        config.ignore.insert(rule);
      }
    }
    for (const auto& [choice, wanted] : request_.mysql) config.mysql.*choice = wanted;
    config.threads = request_.threads;
    return config;
  }

  void open(size_t i) {
    Document& document = request_.documents[i];
    FileReport report{.path = document.name};
    // Where a document would lie matters to a configuration file alone.
    if (!file_.path.empty()) report.absolute = absolute_path(document.name);
    report.fixing = fix_;
    report.wanted = request_.safe_only ? Safety::Exact : Safety::Review;
    report.fail_on = request_.fail_on.value_or(file_.fail_on.value_or(Severity::Error));
    UnitFile file{
        .path = document.name,
        .config = config(report.absolute),
        .takes_back = !name_taken_back(fs::path(document.name).filename().string()).empty()};
    const std::string& dialect =
        request_.settings.dialect.empty() ? file_.dialect : request_.settings.dialect;
    const auto read = [&](Encoding encoding) {
      return SourceFile::from_text(document.name, std::move(document.text), encoding);
    };
    if (auto source = read_dialect(dialect, read, file.mysql)) {
      file.source = std::move(*source);
      report.source = file.source;
    } else {
      report.error = source.error().message;
    }
    places_.push_back({.history = request_.history ? 0 : i,
                       .alone = file.source == nullptr,
                       .bytes = file.source == nullptr ? 0 : file.source->size(),
                       .key = key_of(file.config)});
    files_.push_back(std::move(file));
    reports_.push_back(std::move(report));
  }

  NamesOfFiles names_of_files() const {
    std::vector<NamesOfFiles::File> files;
    for (size_t i = 0; i < files_.size(); ++i) {
      files.push_back(
          {.path = files_[i].path, .history = places_[i].history, .builds = !files_[i].takes_back});
    }
    return {std::move(files), [this](size_t i) { return files_[i].source; }};
  }

  void judge_unit(const Unit& unit, Before& before, NamesOfFiles& names) {
    const UnitRequest request{.fix = fix_,
                              .safety = request_.safe_only ? Safety::Exact : Safety::Review,
                              .rewrite_history = request_.rewrite_history,
                              .later = [&](CreatedKind kind, const ObjectName& name) {
                                return names.find_after(unit.back(), kind, name);
                              }};
    const std::span<const UnitFile> files(files_.data() + unit.front(), unit.size());
    std::vector<UnitOutcome> outcomes = judge(files, before, request, linters_);
    for (size_t k = 0; k < unit.size(); ++k) {
      FileReport& report = reports_[unit[k]];
      if (report.source == nullptr) continue;
      report.error = std::move(outcomes[k].error);
      if (!report.error.empty()) continue;
      if (fix_) {
        report.take(std::move(outcomes[k].fixed));
      } else {
        report.take(std::move(outcomes[k].checked));
      }
    }
  }

  Request request_;
  bool fix_;
  const ConfigFile& file_;
  Linters& linters_;
  std::vector<FilePlace> places_;
  std::vector<UnitFile> files_;
  std::vector<FileReport> reports_;
};

Answer report_answer(const std::vector<FileReport>& reports, bool fix) {
  const Printer& printer = kJsonPrinter;
  const PrintStyle style{.to_stdout = true};
  Totals totals;
  std::string text = printer.begin();
  for (const FileReport& report : reports) {
    if (&report != &reports.front()) text += printer.between;
    text += printer.file(report, style).text;
    totals.add(report);
  }
  text += printer.end(totals, fix, style);
  return {.status = exit_code(totals, fix), .text = std::move(text)};
}

}  // namespace

Answer error_answer(std::string_view kind, std::string_view message) {
  const Json json = {{"error", {{"kind", kind}, {"message", message}}}};
  return {.status = DSQLINT_ERROR, .text = to_text(json, 2) + '\n'};
}

Answer check_or_fix(std::string_view json, bool fix, Linters& linters) {
  auto request = read_request(json, fix, rule_names());
  if (!request) return error_answer(kRequest, request.error().message);
  ConfigFiles configs(rule_names(), request->settings.config.value_or(std::string()));
  const auto file = configs.nearest("/");
  if (!file) return error_answer(kRequest, file.error().message);
  std::optional<Baseline> known;
  if (!fix && !(*file)->baseline.empty()) {
    auto baseline = Baseline::read((fs::path((*file)->folder) / (*file)->baseline).string());
    if (!baseline) {
      return error_answer(kRequest, (*file)->baseline_place + ": " + baseline.error().message);
    }
    known = std::move(*baseline);
  }
  std::vector<FileReport> reports = Run(std::move(*request), fix, **file, linters).reports();
  for (FileReport& report : reports) {
    if (known) known->hide_known(report);
  }
  return report_answer(reports, fix);
}

Answer explain(std::string_view json) {
  const auto rule = read_explain_request(json);
  if (!rule) return error_answer(kRequest, rule.error().message);
  if (!*rule) return {.status = DSQLINT_CLEAN, .text = catalogue_json()};
  const RuleInfo* info = find_rule(**rule);
  if (info == nullptr) return error_answer(kRequest, unknown_rule(**rule, rule_names()));
  Json entry = rule_json(*info);
  entry["page"] = rule_page(*info);
  return {.status = DSQLINT_CLEAN, .text = to_text(entry, 2) + '\n'};
}

}  // namespace dsqlint::bindings
