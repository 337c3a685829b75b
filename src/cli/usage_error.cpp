#include "usage_error.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"

namespace liminal::cli {

namespace {

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, const std::string& otherwise) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const auto found = nearest(word, candidates);
  return found ? fmt::format("did you mean {}?", *found) : otherwise;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

Error make(std::string message, std::string advice) {
  return {ErrorKind::usage, std::move(message), std::move(advice), {}, {}, false};
}

Error unknown_argument(const CLI::App& app, const CLI::App& command, const std::string& name, const std::string& word) {
  const std::string help = fmt::format("{} --help lists the options", name);
  if (!word.starts_with('-')) return make(fmt::format("{} does not take the argument {}", name, word), help);
  std::vector<std::string> known = options_of(command);
  const std::vector<std::string> global = options_of(app);
  known.insert(known.end(), global.begin(), global.end());
  const std::string option = word.substr(0, word.find('='));
  return make(fmt::format("{} has no option {}", name, option), did_you_mean(option, known, help));
}

// The parser begins its messages with the name of the option.
std::string before_colon(std::string_view text) {
  return std::string(text.substr(0, text.find(':')));
}

// Could not convert: --option = value
std::string not_taken(std::string_view text) {
  text.remove_prefix(std::min(text.find("--"), text.size()));
  const std::size_t end = text.find(" = ");
  if (end == std::string_view::npos) return fmt::format("{} does not take this value", before_colon(text));
  return fmt::format("{} does not take the value {}", text.substr(0, end), text.substr(end + 3));
}

std::ptrdiff_t times_written(const std::string& option, const std::vector<std::string>& arguments) {
  return std::count_if(arguments.begin(), arguments.end(), [&](const std::string& argument) {
    return argument == option || argument.starts_with(option + "=");
  });
}

// A message about an option whose value came from its variable of the environment, told of that.
std::optional<std::string> by_variable(const std::string& text, const CLI::App& command,
                                       const std::vector<std::string>& arguments) {
  const std::string name = before_colon(text);
  const CLI::Option* option = name.starts_with("--") ? command.get_option_no_throw(name) : nullptr;
  for (const CLI::App* above = command.get_parent(); option == nullptr && above != nullptr; above = above->get_parent())
    option = name.starts_with("--") ? above->get_option_no_throw(name) : nullptr;
  if (option == nullptr || option->get_envname().empty() || times_written(name, arguments) > 0) return std::nullopt;
  return option->get_envname() + text.substr(name.size());
}

}  // namespace

Error usage_error(const CLI::App& app, const std::vector<std::string>& arguments, const CLI::ParseError& problem) {
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const std::string name = chosen.empty() ? "liminal" : fmt::format("liminal {}", command.get_name());
  const std::string help = fmt::format("{} --help lists the options", name);
  const std::vector<std::string> left_over = app.remaining(true);
  const std::string text = by_variable(problem.what(), command, arguments).value_or(problem.what());

  if (chosen.empty() && !left_over.empty() && !left_over.front().starts_with('-')) {
    const auto commands = commands_of(app);
    return make(fmt::format("there is no command {}", left_over.front()),
                did_you_mean(left_over.front(), commands, fmt::format("commands: {}", fmt::join(commands, ", "))));
  }
  if (!left_over.empty()) return unknown_argument(app, command, name, left_over.front());
  if (chosen.empty() && problem.get_name() == "RequiredError")
    return make("no command is given", fmt::format("commands: {}", fmt::join(commands_of(app), ", ")));
  if (problem.get_name() == "RequiredError") {
    return make(fmt::format("{} is missing", text.substr(0, text.find(" is required"))), help);
  }
  if (problem.get_name() == "ArgumentMismatch" && times_written(before_colon(text), arguments) > 1)
    return make(fmt::format("{} is given more than once", before_colon(text)), "leave all but one out");
  if (problem.get_name() == "ArgumentMismatch") return make(fmt::format("{} needs a value", before_colon(text)), help);
  if (problem.get_name() == "ConversionError") return make(not_taken(text), help);
  return make(text, help);
}

CLI::Validator one_of(std::vector<std::string> values) {
  return {[values = std::move(values)](std::string& value) -> std::string {
            if (std::find(values.begin(), values.end(), value) != values.end()) return {};
            return fmt::format("it takes {}; not {}", fmt::join(values, ", "), value);
          },
          ""};
}

CLI::Validator not_empty() {
  return {[](std::string& value) -> std::string { return value.empty() ? "its value is empty" : ""; }, ""};
}

std::optional<Error> value_left_out(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    if (!argument.starts_with("--") || argument.find('=') != argument.size() - 1) continue;
    return Error{ErrorKind::usage,
                 fmt::format("{} has no value", argument),
                 fmt::format("write {}VALUE, or leave it out; is a variable not set?", argument),
                 {},
                 {},
                 false};
  }
  return std::nullopt;
}

CLI::Validator between(unsigned least, unsigned most) {
  return {[least, most](std::string& value) -> std::string {
            unsigned number = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
            if (error == std::errc() && end == value.data() + value.size() && number >= least && number <= most)
              return {};
            return fmt::format("it takes a number from {} to {}; not {}", least, most, value);
          },
          ""};
}

}  // namespace liminal::cli
