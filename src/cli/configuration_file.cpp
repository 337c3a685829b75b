#include "configuration_file.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/checkout.hpp"
#include "liminal/base/edit_distance.hpp"

#include "option_trust.hpp"
#include "toml_file.hpp"

namespace liminal::cli {

namespace {

namespace fs = std::filesystem;
constexpr const char* found_name = "liminal.toml";
constexpr std::uint64_t size_limit = 1U << 20;

struct File {
  std::string shown;
  std::string text;
  bool found = false;  // and not named
};

Error mistake(std::string message, std::string advice) {
  return {ErrorKind::usage, std::move(message), std::move(advice), {}, {}, false};
}

Result<File> read_named(const Machine& machine, const std::string& named) {
  if (named.empty()) return tl::unexpected(mistake("--config names no file", "name one, or leave the option out"));
  auto text = machine.files.read(machine.working_folder / named, size_limit);
  if (!text) {
    const bool denied = text.error().kind == ErrorKind::unavailable;
    return tl::unexpected(Error{denied ? ErrorKind::unavailable : ErrorKind::usage,
                                fmt::format("the configuration file {} cannot be read", named),
                                "it is named by --config or LIMINAL_CONFIG: check its name, or leave it out",
                                {std::move(text.error().message)},
                                {},
                                false});
  }
  return File{named, std::move(*text), false};
}

// Whoever wrote the repository could have it read any file of this machine by a link.
Result<std::optional<File>> read_found(const Machine& machine, const fs::path& fence) {
  const fs::path path = machine.working_folder / found_name;
  const auto there = machine.files.info(path);
  if (!there) return std::optional<File>();
  const std::string otherwise = "put the file itself there, or name another by --config";
  if (there->kind == FileInfo::Kind::symlink && !stays_inside(fence, path))
    return tl::unexpected(mistake(fmt::format("{} is a link that leads out of the repository", found_name), otherwise));
  const auto target = machine.files.info_following_links(path);
  if (!target || target->kind != FileInfo::Kind::regular)
    return tl::unexpected(mistake(fmt::format("{} is no regular file", found_name), otherwise));
  auto text = machine.files.read(path, size_limit);
  if (!text) return tl::unexpected(std::move(text.error()));
  return std::optional(File{found_name, std::move(*text), true});
}

bool is_for_command_line(std::string_view key) {
  return key == "help" || key == "version" || key == "config";
}

class Applied {
 public:
  Applied(CLI::App& app, const Machine& machine, const File& file, const fs::path& fence)
      : app_(app), machine_(machine), file_(file), fence_(fence) {}

  Status apply(const std::vector<TomlEntry>& entries) {
    // What stands below a command's name goes before what stands above all of them, so it is set first.
    for (const bool of_commands : {true, false}) {
      for (const TomlEntry& entry : entries) {
        if (entry.table.empty() == of_commands) continue;
        if (auto done = apply(entry); !done) return done;
      }
    }
    return {};
  }

  [[nodiscard]] bool names_reports() const { return names_reports_; }

 private:
  [[nodiscard]] tl::unexpected<Error> fail_at(const TomlEntry& entry, std::string_view what, std::string advice) const {
    return tl::unexpected(
        mistake(fmt::format("{}:{}: `{}` {}", file_.shown, entry.line, entry.key, what), std::move(advice)));
  }

  [[nodiscard]] std::vector<CLI::App*> commands() const {
    return app_.get_subcommands([](const CLI::App*) { return true; });
  }

  Status apply(const TomlEntry& entry) {
    if (is_for_command_line(entry.key))
      return fail_at(entry, "is for the command line alone", "remove it from the file");
    const auto all = commands();
    const auto is_table = [&](const CLI::App* one) { return one->get_name() == entry.table; };
    if (!entry.table.empty() && std::none_of(all.begin(), all.end(), is_table)) return unknown_table(entry, all);
    bool known = false;
    for (CLI::App* command : all) {
      if (!entry.table.empty() && !is_table(command)) continue;
      CLI::Option* option = command->get_option_no_throw("--" + entry.key);
      // An option of all commands stands below one's name: for that one alone.
      const bool global = option == nullptr && !entry.table.empty();
      if (global) option = app_.get_option_no_throw("--" + entry.key);
      if (option == nullptr) continue;
      known = true;
      if (auto done = set(entry, *option, !global || app_.got_subcommand(command)); !done) return done;
    }
    CLI::Option* option = entry.table.empty() ? app_.get_option_no_throw("--" + entry.key) : nullptr;
    if (option != nullptr) return set(entry, *option, true);
    return known ? Status{} : unknown_key(entry, all);
  }

  Status set(const TomlEntry& entry, CLI::Option& option, bool applies) {
    if (auto trusted = check_trust(entry); !trusted) return trusted;
    const bool flag = option.get_items_expected_max() == 0;
    const bool boolean =
        !entry.is_list && !entry.is_string &&
        (entry.values == std::vector<std::string>{"true"} || entry.values == std::vector<std::string>{"false"});
    if (flag && !boolean) return fail_at(entry, "takes true or false", fmt::format("write {} = true", entry.key));
    if (!flag && boolean) return fail_at(entry, "takes a value, not true or false", "write it in quotes");
    if (entry.is_list && option.get_items_expected_max() <= 1)
      return fail_at(entry, "takes one value, not a list", fmt::format("write {} = \"value\"", entry.key));
    if (!applies || option.count() > 0 || entry.values.empty()) return {};
    names_reports_ = names_reports_ || entry.key == "report";
    try {
      option.add_result(entry.values);
      option.run_callback();
    } catch (const CLI::ValidationError& problem) {
      // The parser begins its messages with the name of the option.
      const std::string text = problem.what();
      const std::size_t colon = text.find(": ");
      return fail_at(entry, "has a wrong value", colon == std::string::npos ? text : text.substr(colon + 2));
    } catch (const CLI::ParseError&) {
      return fail_at(entry, "does not take this value", fmt::format("see --{} in the command's --help", entry.key));
    }
    return {};
  }

  [[nodiscard]] Status check_trust(const TomlEntry& entry) const {
    const Trust trust = file_.found ? trust_in_found(entry.key) : Trust::anything;
    if (trust == Trust::refused) {
      return fail_at(entry, "is not taken from a file that was found in the repository",
                     fmt::format("give --{}, or name the file by --config or LIMINAL_CONFIG", entry.key));
    }
    if (trust == Trust::anything) return {};
    for (const std::string& value : entry.values) {
      const std::string path =
          entry.key == "report" ? value.substr(std::min(value.find('=') + 1, value.size())) : value;
      if (entry.key == "report" && path == "-") continue;
      if (!stays_inside(fence_, machine_.working_folder / path)) {
        return fail_at(
            entry, "leads out of the repository, or into its .git",
            "a file that was found names places inside alone: give the option, or name the file by --config");
      }
    }
    return {};
  }

  [[nodiscard]] Status unknown_table(const TomlEntry& entry, const std::vector<CLI::App*>& all) const {
    std::vector<std::string> names;
    names.reserve(all.size());
    for (const CLI::App* command : all) names.push_back(command->get_name());
    return tl::unexpected(mistake(fmt::format("{}:{}: there is no command {}, below whose name `{}` stands",
                                              file_.shown, entry.line, entry.table, entry.key),
                                  nearest_of(entry.table, names, fmt::format("commands: {}", fmt::join(names, ", ")))));
  }

  [[nodiscard]] Status unknown_key(const TomlEntry& entry, const std::vector<CLI::App*>& all) const {
    std::vector<std::string> names;
    const auto add_options = [&](const CLI::App& app) {
      for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames())
          if (!is_for_command_line(name)) names.push_back(name);
      }
    };
    add_options(app_);
    for (const CLI::App* command : all) {
      if (!entry.table.empty() && command->get_name() != entry.table && command->get_option_no_throw("--" + entry.key))
        return fail_at(
            entry, fmt::format("is no option of {}", entry.table),
            fmt::format("{} has it: put it below [{}], or above all tables", command->get_name(), command->get_name()));
      if (entry.table.empty() || command->get_name() == entry.table) add_options(*command);
    }
    return fail_at(entry, "is no option",
                   nearest_of(entry.key, names, "keys are the names of options without dashes: see --help"));
  }

  static std::string nearest_of(std::string_view word, const std::vector<std::string>& known, std::string otherwise) {
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    const auto found = nearest(word, candidates);
    return found ? fmt::format("did you mean {}?", *found) : std::move(otherwise);
  }

  CLI::App& app_;
  const Machine& machine_;
  const File& file_;
  const fs::path& fence_;
  bool names_reports_ = false;
};

}  // namespace

bool stays_inside(const fs::path& fence, const fs::path& path) {
  if (!lies_beneath(fence, path)) return false;
  const fs::path inner = real_place(path).lexically_relative(real_place(fence));
  return std::find(inner.begin(), inner.end(), ".git") == inner.end();
}

Result<std::optional<fs::path>> apply_configuration_file(CommandLine& line, const Machine& machine,
                                                         const std::optional<std::string>& named) {
  const fs::path fence = find_checkout(machine.files, machine.working_folder).value_or(machine.working_folder);
  std::optional<File> file;
  if (named) {
    auto read = read_named(machine, *named);
    if (!read) return tl::unexpected(std::move(read.error()));
    file = std::move(*read);
  } else {
    auto read = read_found(machine, fence);
    if (!read) return tl::unexpected(std::move(read.error()));
    file = std::move(*read);
  }
  if (!file) return std::optional<fs::path>();
  const auto entries = parse_toml(file->text);
  if (!entries) {
    const TomlMistake& found = entries.error();
    return tl::unexpected(mistake(fmt::format("{}:{}: {}", file->shown, found.line, found.message), found.advice));
  }
  line.declare_all();
  Applied applied(line.app(), machine, *file, fence);
  if (auto done = applied.apply(*entries); !done) return tl::unexpected(std::move(done.error()));
  return file->found && applied.names_reports() ? std::optional(fence) : std::nullopt;
}

}  // namespace liminal::cli
