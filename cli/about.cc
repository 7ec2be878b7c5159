#include "cli/about.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/lint/config.h"
#include "engine/lint/engine.h"
#include "plugins/catalogue.h"
#include "workspace/version.h"

namespace dsqlint {
namespace {

/// One flag as shells and man want it.
struct Flag {
  std::string long_name;   ///< without dashes; empty: there is none
  std::string short_name;  ///< one letter, or empty
  std::string help;
  std::string value;  ///< the kind of its argument; empty: it takes none
  std::vector<std::string> choices;
};

std::vector<std::string> choices_of(std::string_view type) {
  // CLI11 shows a list of allowed words as NAME:{a,b,c}.
  const size_t open = type.find(":{");
  if (open == std::string_view::npos || !type.ends_with('}')) return {};
  std::vector<std::string> words;
  std::string_view rest = type.substr(open + 2, type.size() - open - 3);
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    words.emplace_back(rest.substr(0, comma));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return words;
}

std::vector<Flag> flags_of(const CLI::App& app) {
  std::vector<Flag> flags;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) continue;
    Flag flag;
    if (!option->get_lnames().empty()) flag.long_name = option->get_lnames().front();
    if (!option->get_snames().empty()) flag.short_name = option->get_snames().front();
    flag.help = option->get_description();
    if (option->get_items_expected_max() > 0) {
      const std::string type = option->get_type_name();
      flag.value = type.substr(0, type.find(':'));
      flag.choices = choices_of(type);
    }
    flags.push_back(std::move(flag));
  }
  return flags;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

bool takes_rules(const Flag& flag) { return flag.value.starts_with("RULE"); }

std::string bash_completions(const CLI::App& app) {
  std::string names;
  std::string cases;
  std::string values;
  for (const CLI::App* command : commands_of(app)) {
    names += command->get_name() + ' ';
    std::string words;
    for (const Flag& flag : flags_of(*command)) {
      if (!flag.long_name.empty()) words += "--" + flag.long_name + ' ';
      if (!flag.short_name.empty()) words += "-" + flag.short_name + ' ';
      if (!flag.choices.empty()) {
        values += fmt::format("    {}:--{}) COMPREPLY=($(compgen -W {} -- \"$word\")); return ;;\n",
                              command->get_name(), flag.long_name,
                              shell_quoted(fmt::format("{}", fmt::join(flag.choices, " "))));
      } else if (takes_rules(flag)) {
        values += fmt::format("    {}:--{}) _dsqlint_rules; return ;;\n", command->get_name(),
                              flag.long_name);
      }
    }
    cases += fmt::format("    {}) flags={} ;;\n", command->get_name(), shell_quoted(words));
  }
  return fmt::format(R"script(# bash completions of dsqlint: source <(dsqlint completions bash)
_dsqlint_rules() {{
  COMPREPLY=($(compgen -W "$(dsqlint rules 2>/dev/null | cut -d' ' -f1)" -- "$word"))
}}
_dsqlint() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} flags=
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W {} -- "$word"))
    return
  fi
  case ${{COMP_WORDS[1]}}:$before in
    explain:explain) _dsqlint_rules; return ;;
{}  esac
  case ${{COMP_WORDS[1]}} in
{}  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}}
complete -o filenames -F _dsqlint dsqlint
)script",
                     shell_quoted(names), values, cases);
}

std::string zsh_completions(const CLI::App& app) {
  const auto escaped = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
      out += c;
    }
    return out;
  };
  std::string names;
  std::string cases;
  for (const CLI::App* command : commands_of(app)) {
    names += fmt::format(
        "    {}\n", shell_quoted(command->get_name() + ":" + escaped(command->get_description())));
    cases += fmt::format("    {})\n      _arguments -s", command->get_name());
    for (const Flag& flag : flags_of(*command)) {
      std::string value;
      if (!flag.choices.empty()) {
        value = fmt::format(":{}:({})", flag.value, fmt::join(flag.choices, " "));
      } else if (takes_rules(flag)) {
        value = ":rule:($(dsqlint rules 2>/dev/null | cut -d\" \" -f1))";
      } else if (!flag.value.empty()) {
        value = fmt::format(":{}:_files", flag.value);
      }
      if (!flag.long_name.empty()) {
        cases += " \\\n        " +
                 shell_quoted(fmt::format("--{}[{}]{}", flag.long_name, escaped(flag.help), value));
      }
      if (!flag.short_name.empty()) {
        cases += " \\\n        " +
                 shell_quoted(fmt::format("-{}[{}]{}", flag.short_name, escaped(flag.help), value));
      }
    }
    cases += command->get_name() == "explain"
                 ? " \\\n        '1:rule:($(dsqlint rules 2>/dev/null | cut -d\" \" -f1))'\n"
                 : " \\\n        '*:file:_files'\n";
    cases += "      ;;\n";
  }
  return fmt::format(R"script(#compdef dsqlint
_dsqlint() {{
  local -a commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{}  esac
}}
if [ "$funcstack[1]" = _dsqlint ]; then _dsqlint "$@"; else compdef _dsqlint dsqlint; fi
)script",
                     names, cases);
}

std::string fish_completions(const CLI::App& app) {
  std::string out = "# fish completions of dsqlint: dsqlint completions fish | source\n";
  const auto quote = [](std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
    return quoted + "'";
  };
  for (const CLI::App* command : commands_of(app)) {
    out += fmt::format("complete -c dsqlint -n __fish_use_subcommand -f -a {} -d {}\n",
                       command->get_name(), quote(command->get_description()));
  }
  for (const CLI::App* command : commands_of(app)) {
    const std::string prefix =
        fmt::format("complete -c dsqlint -n '__fish_seen_subcommand_from {}'", command->get_name());
    for (const Flag& flag : flags_of(*command)) {
      out += prefix;
      if (!flag.short_name.empty()) out += " -s " + flag.short_name;
      if (!flag.long_name.empty()) out += " -l " + flag.long_name;
      if (!flag.choices.empty()) {
        out += fmt::format(" -x -a '{}'", fmt::join(flag.choices, " "));
      } else if (takes_rules(flag)) {
        out += " -x -a '(dsqlint rules 2>/dev/null | cut -d\" \" -f1)'";
      } else if (!flag.value.empty()) {
        out += " -r";
      }
      out += fmt::format(" -d {}\n", quote(flag.help));
    }
    if (command->get_name() == "explain") {
      out += prefix + " -f -a '(dsqlint rules 2>/dev/null | cut -d\" \" -f1)'\n";
    }
  }
  return out;
}

/// Text for man: no line is taken for a request, a hyphen stays one.
std::string roff(std::string_view text) {
  std::string out;
  bool line_begin = true;
  for (const char c : text) {
    if (line_begin && (c == '.' || c == '\'')) out += "\\&";
    if (c == '-') {
      out += "\\-";
    } else if (c == '\\') {
      out += "\\e";
    } else {
      out += c;
    }
    line_begin = c == '\n';
  }
  return out;
}

std::string roff_flags(const CLI::App& app) {
  std::string out;
  for (const Flag& flag : flags_of(app)) {
    std::string names;
    if (!flag.short_name.empty()) names += fmt::format("\\fB{}\\fR", roff("-" + flag.short_name));
    if (!flag.long_name.empty()) {
      if (!names.empty()) names += ", ";
      names += fmt::format("\\fB{}\\fR", roff("--" + flag.long_name));
    }
    if (!flag.value.empty()) names += fmt::format(" \\fI{}\\fR", roff(flag.value));
    std::string help = flag.help;
    if (!flag.choices.empty()) help += fmt::format(" ({})", fmt::join(flag.choices, ", "));
    out += fmt::format(".TP\n{}\n{}\n", names, roff(help));
  }
  return out;
}

}  // namespace

std::string completions(const CLI::App& app, std::string_view shell) {
  if (shell == "bash") return bash_completions(app);
  if (shell == "zsh") return zsh_completions(app);
  if (shell == "fish") return fish_completions(app);
  return {};
}

std::string manual_page(const CLI::App& app) {
  std::string out = fmt::format(
      ".TH DSQLINT 1 \"\" \"dsqlint {}\"\n.SH NAME\ndsqlint \\- checks and fixes SQL for Amazon "
      "Aurora DSQL\n.SH SYNOPSIS\n.B dsqlint\n.I COMMAND\n[\\fIOPTION\\fR]... "
      "[\\fIPATH\\fR]...\n.SH DESCRIPTION\n{}\n.SH COMMANDS\n",
      roff(kVersion), roff(app.get_description()));
  for (const CLI::App* command : commands_of(app)) {
    out += fmt::format(".SS dsqlint {}\n{}.\n", roff(command->get_name()),
                       roff(command->get_description()));
    out += roff_flags(*command);
  }
  out +=
      ".SH EXIT STATUS\n"
      ".TP\n0\nnothing is left to do\n"
      ".TP\n1\nfindings at or above \\fB\\-\\-fail\\-on\\fR are left, or a file could not be read "
      "or "
      "written\n"
      ".TP\n2\nwrong usage or configuration\n"
      ".TP\n3\nfix: everything is fixed, and some fixes need review\n"
      ".SH FILES\n.TP\n\\fIdsqlint.toml\\fR, \\fIpyproject.toml\\fR\nthe configuration: the "
      "nearest "
      "one in or above the folder of each file\n"
      ".SH ENVIRONMENT\n.TP\nNO_COLOR\nif set, the output has no colours\n";
  return out;
}

std::string configuration_schema() {
  using Json = nlohmann::ordered_json;
  const Json rule = {{"enum", rule_names()}};
  const auto list = [](const Json& items) {
    return Json{{"anyOf", Json::array({items, {{"type", "array"}, {"items", items}}})}};
  };
  const Json text = {{"type", "string"}};
  const Json level = {{"enum", {"error", "warning", "info", "off"}}};
  Json levels = Json::object();
  for (const std::string_view name : rule_names()) levels[std::string(name)] = level;
  const Json severity = {{"description", "the severity of individual rules"},
                         {"type", "object"},
                         {"properties", levels},
                         {"additionalProperties", false}};
  Json select = list(rule);
  select["description"] = "check only these rules";
  Json ignore = list(rule);
  ignore["description"] = "leave out these rules";
  Json exclude = list(text);
  exclude["description"] = "paths below this folder to leave out, as in .gitignore";
  Json migrations = list(text);
  migrations["description"] = "folders of migrations";
  Json paths = list(text);
  paths["description"] = "the paths that this table applies to, as in .gitignore";
  Json choices = Json::object();
  for (const MysqlChoice& choice : kMysqlChoices) {
    choices[std::string(choice.name)] = {{"description", std::string(choice.summary)},
                                         {"type", "boolean"},
                                         {"default", MysqlChoices{}.*choice.value}};
  }
  const Json schema = {
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"title", "dsqlint.toml"},
      {"type", "object"},
      {"properties",
       {{"engine",
         {{"description", fmt::format("the date whose Aurora DSQL to check against, {} to {}",
                                      to_string(kOldestEngine), to_string(kNewestEngine))},
          {"type", "string"}}},
        {"dialect",
         {{"description", "the dialect of the SQL"}, {"enum", {"postgres", "mysql", "auto"}}}},
        {"mysql",
         {{"description", "choices of the translation from MySQL"},
          {"type", "object"},
          {"properties", choices},
          {"additionalProperties", false}}},
        {"fail-on",
         {{"description", "the lowest severity that makes a run fail"},
          {"enum", {"error", "warning", "info"}}}},
        {"baseline",
         {{"description", "a file of known findings, relative to this folder"},
          {"type", "string"}}},
        {"select", select},
        {"ignore", ignore},
        {"severity", severity},
        {"exclude", exclude},
        {"migrations", migrations},
        {"per-path",
         {{"description", "settings for some paths"},
          {"type", "array"},
          {"items",
           {{"type", "object"},
            {"properties",
             {{"path", paths}, {"select", select}, {"ignore", ignore}, {"severity", severity}}},
            {"required", {"path"}},
            {"additionalProperties", false}}}}}}},
      {"additionalProperties", false}};
  return schema.dump(2) + '\n';
}

}  // namespace dsqlint
