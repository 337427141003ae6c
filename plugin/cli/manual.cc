#include "plugin/cli/manual.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace faultline::cli {
namespace {

// Text as it is: no hyphenation of options, no commands of the formatter's.
std::string Plain(absl::string_view text) {
  std::string plain;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty() && (line[0] == '.' || line[0] == '\'')) {
      absl::StrAppend(&plain, "\\&");
    }
    absl::StrAppend(
        &plain, absl::StrReplaceAll(line, {{"\\", "\\e"}, {"-", "\\-"}}), "\n");
  }
  plain.pop_back();
  return plain;
}

void AppendOption(std::string& page, const CLI::Option& o) {
  const std::string names = o.get_name(/*positional=*/false,
                                       /*all_options=*/true);
  absl::StrAppend(&page, ".TP\n\\fB", Plain(names), "\\fR");
  if (o.get_items_expected_max() != 0) {
    const std::string type = o.get_type_name();
    absl::StrAppend(&page, " \\fI", Plain(type.substr(0, type.find(':'))),
                    "\\fR");
  }
  absl::StrAppend(&page, "\n", Plain(o.get_description()));
  if (!o.get_default_str().empty()) {
    absl::StrAppend(&page, " (", Plain(o.get_default_str()), ")");
  }
  absl::StrAppend(&page, "\n");
}

// What its --help says before the options.
std::string UsageOf(const CLI::App& command, const std::string& name) {
  const auto* const formatter =
      dynamic_cast<const CLI::Formatter*>(command.get_formatter().get());
  return formatter == nullptr ? name
                              : std::string(absl::StripAsciiWhitespace(
                                    formatter->make_usage(&command, name)));
}

void AppendCommand(std::string& page, const CLI::App& command,
                   const std::string& name) {
  absl::StrAppend(&page, ".SS \"", Plain(name), "\"\n",
                  Plain(command.get_description()), ".\n");
  const std::string usage = UsageOf(command, name);
  const std::vector<std::string> parts =
      absl::StrSplit(usage, absl::MaxSplits("\n\n", 1));
  absl::StrAppend(&page, ".PP\n.B ",
                  Plain(absl::StripPrefix(parts[0], "Usage: ")), "\n");
  if (parts.size() > 1) {
    absl::StrAppend(&page, ".PP\n", Plain(parts[1]), "\n");
  }
  for (const CLI::Option* o : command.get_options()) {
    if (!o->get_positional() && o->get_name() != "--help" &&
        !o->get_group().empty()) {
      AppendOption(page, *o);
    }
  }
  for (const CLI::App* sub : command.get_subcommands(
           [](const CLI::App* c) { return !c->get_group().empty(); })) {
    AppendCommand(page, *sub, absl::StrCat(name, " ", sub->get_name()));
  }
}

}  // namespace

std::string ManualPage(const CLI::App& app) {
  const std::string name = app.get_name();
  std::string page = absl::StrCat(
      ".TH FAULTLINE 1 \"\" \"", app.version(), "\"\n", ".SH NAME\n", name,
      " \\- run Linux programs on a memory manager you can see into\n",
      ".SH SYNOPSIS\n.B ", name, "\n.I COMMAND\n[\\fIOPTION\\fR...]\n",
      ".SH DESCRIPTION\n",
      Plain(
          "Faultline runs static programs for Linux on x86-64 and arm64, with "
          "a memory manager of\nits own in place of the kernel's. Everything "
          "that it does can be seen, made to fail,\nreordered, and had again."),
      "\n.SH COMMANDS\n");
  for (const CLI::App* command : app.get_subcommands(
           [](const CLI::App* c) { return !c->get_group().empty(); })) {
    AppendCommand(page, *command, absl::StrCat(name, " ", command->get_name()));
  }
  absl::StrAppend(
      &page, ".SH EXIT STATUS\n",
      Plain("Of run, the program's own, or 128 and the signal's number. Of "
            "commands that judge, 0: it\nheld, 1: it did not, 3: undecided "
            "within the bound. Of all, 2: called wrongly, 125:\nFaultline "
            "itself failed."),
      "\n.SH EXAMPLES\n.EX\n", Plain(name), " run \\-\\-strace ./prog\n",
      Plain(name), " sweep \\-\\-inject \\(aqalloc.*\\(aq ./prog\n",
      Plain(name), " lab run all\n.EE\n", ".SH SEE ALSO\n",
      ".BR userfaultfd (2),\n.BR mmap (2),\n.BR gdb (1)\n");
  return page;
}

void AddManualCommands(CLI::App& app) {
  CLI::App* const manual =
      app.add_subcommand("manual", "Print the manual page, for man(1)");
  manual->callback([&app] { absl::PrintF("%s", ManualPage(app)); });
  CLI::App* const completion = app.add_subcommand(
      "completion", "Print what a shell needs to complete these commands");
  const auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  completion->callback([&app, shell] {
    absl::PrintF("%s",
                 *shell == "zsh" ? ZshCompletion(app) : BashCompletion(app));
  });
}

}  // namespace faultline::cli
