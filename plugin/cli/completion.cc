// What bash and zsh complete: commands, their options, and for those that take
// names which Faultline can list, these.

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "plugin/cli/manual.h"

namespace faultline::cli {
namespace {

// Which names an option, or a command's words, take: a shell command that
// prints them.
struct Names {
  absl::string_view option, list;
};
constexpr Names kOfOptions[] = {
    {"--inject", "faultline sites | sed -n 's/^  \\([a-z][^ ]*\\).*/\\1/p'"},
    {"--behaviour",
     "faultline behaviours | sed -n 's/^\\([a-z][^ ]*\\)$/\\1=/p'"},
};
constexpr absl::string_view kClaims =
    "{ faultline lab list | cut -d' ' -f1; echo all; }";

absl::string_view ListOf(const CLI::Option& o) {
  for (const Names& n : kOfOptions) {
    if (o.check_lname(std::string(n.option.substr(2)))) {
      return n.list;
    }
  }
  return "";
}

using Visit = std::function<void(const std::string& path, const CLI::App&)>;

// Every command, by its words with blanks between.
void ForEachCommand(const CLI::App& app, const std::string& path,
                    const Visit& visit) {
  for (const CLI::App* c : app.get_subcommands(
           [](const CLI::App* sub) { return !sub->get_group().empty(); })) {
    const std::string words =
        path.empty() ? c->get_name() : absl::StrCat(path, " ", c->get_name());
    visit(words, *c);
    ForEachCommand(*c, words, visit);
  }
}

std::vector<const CLI::App*> Subcommands(const CLI::App& app) {
  return app.get_subcommands(
      [](const CLI::App* sub) { return !sub->get_group().empty(); });
}

std::vector<std::string> OptionNames(const CLI::Option& o) {
  std::vector<std::string> names;
  for (const std::string& n : o.get_lnames()) {
    names.push_back("--" + n);
  }
  for (const std::string& n : o.get_snames()) {
    names.push_back("-" + n);
  }
  return names;
}

// What may stand after the command's words: sub-commands and options.
std::string WordsOf(const CLI::App& command) {
  std::string words;
  for (const CLI::App* c : Subcommands(command)) {
    absl::StrAppend(&words, " ", c->get_name());
  }
  for (const CLI::Option* o : command.get_options()) {
    for (const std::string& name : OptionNames(*o)) {
      absl::StrAppend(&words, " ", name);
    }
  }
  return words.empty() ? words : words.substr(1);
}

// For a text in zsh's 'name[text]'.
std::string InBrackets(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"'", "'\\''"}, {"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
}

}  // namespace

std::string BashCompletion(const CLI::App& app) {
  std::string script =
      "# bash completion for faultline; made by `faultline completion bash`.\n"
      "_faultline() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local path= i w\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    w=${COMP_WORDS[i]}\n"
      "    case \"${path:+$path }$w\" in\n";
  std::string paths;
  ForEachCommand(app, "", [&](const std::string& path, const CLI::App&) {
    absl::StrAppend(&paths, paths.empty() ? "" : "|", "'", path, "'");
  });
  absl::StrAppend(&script, "      ", paths,
                  ") path=\"${path:+$path }$w\" ;;\n    esac\n  done\n"
                  "  case $prev in\n");
  for (const Names& n : kOfOptions) {
    absl::StrAppend(&script, "    ", n.option,
                    ")\n      COMPREPLY=($(compgen -W \"$(", n.list,
                    ")\" -- \"$cur\"))\n      return ;;\n");
  }
  absl::StrAppend(&script,
                  "  esac\n  case $path in\n    '') COMPREPLY=($(compgen "
                  "-W '",
                  WordsOf(app), "' -- \"$cur\")) ;;\n");
  ForEachCommand(app, "", [&](const std::string& path, const CLI::App& c) {
    const bool claims = path == "lab run" || path == "lab show";
    absl::StrAppend(&script, "    '", path, "') COMPREPLY=($(compgen -W \"",
                    WordsOf(c), claims ? absl::StrCat(" $(", kClaims, ")") : "",
                    "\" -- \"$cur\")) ;;\n");
  });
  absl::StrAppend(&script,
                  "  esac\n"
                  "  # Everything after a program's name is the program's.\n"
                  "  [[ $cur == -* || ${#COMPREPLY[@]} -gt 0 ]] || compopt -o "
                  "default 2>/dev/null\n"
                  "}\ncomplete -o bashdefault -F _faultline faultline\n");
  return script;
}

std::string ZshCompletion(const CLI::App& app) {
  std::string script =
      "#compdef faultline\n"
      "# zsh completion for faultline; made by `faultline completion zsh`.\n";
  // A function for each command, which is called with the words after it.
  const auto function = [](const std::string& path) {
    return absl::StrCat("_faultline",
                        path.empty() ? "" : absl::StrCat(" ", path));
  };
  const Visit visit = [&](const std::string& path, const CLI::App& c) {
    const std::string name = absl::StrReplaceAll(function(path), {{" ", "_"}});
    absl::StrAppend(&script, name, "() {\n");
    const std::vector<const CLI::App*> subs = Subcommands(c);
    std::string arguments;
    for (const CLI::Option* o : c.get_options()) {
      for (const std::string& n : OptionNames(*o)) {
        const bool takes = o->get_items_expected_max() != 0;
        const absl::string_view list = ListOf(*o);
        absl::StrAppend(
            &arguments, " \\\n    '",
            o->get_items_expected_max() > 1 ? "*" : "", n, "[",
            InBrackets(o->get_description()), "]",
            !takes ? ""
            : list.empty()
                ? ":value:_files"
                : absl::StrCat(":name:($(",
                               absl::StrReplaceAll(list, {{"'", "'\\''"}}),
                               "))"),
            "'");
      }
    }
    if (subs.empty()) {
      const bool claims = path == "lab run" || path == "lab show";
      absl::StrAppend(
          &script, "  _arguments", arguments, " \\\n    '*:",
          claims ? absl::StrCat("claim:($(",
                                absl::StrReplaceAll(kClaims, {{"'", "'\\''"}}),
                                "))")
                 : std::string("file:_files"),
          "'\n}\n");
      return;
    }
    absl::StrAppend(&script, "  local state line\n  local -a commands=(\n");
    for (const CLI::App* sub : subs) {
      absl::StrAppend(&script, "    '", sub->get_name(), ":",
                      InBrackets(sub->get_description()), "'\n");
    }
    absl::StrAppend(&script, "  )\n  _arguments -C", arguments,
                    " \\\n    '1:command:->command' '*::argument:->argument'\n"
                    "  case $state in\n"
                    "    command) _describe command commands ;;\n"
                    "    argument) (( $+functions[",
                    name, "_$line[1]] )) && ", name,
                    "_$line[1] ;;\n"
                    "  esac\n}\n");
  };
  ForEachCommand(app, "", visit);
  visit("", app);
  absl::StrAppend(&script, "_faultline \"$@\"\n");
  return script;
}

}  // namespace faultline::cli
