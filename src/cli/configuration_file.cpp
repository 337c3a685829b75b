#include "configuration_file.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/base/checkout.hpp"

namespace liminal::cli {

namespace {

namespace fs = std::filesystem;
constexpr const char* found_name = "liminal.toml";
constexpr const char* variable = "LIMINAL_CONFIG";

// Options whose value is written to.
constexpr std::array<std::string_view, 4> written{"report", "output", "render", "dags"};

bool is_config_option(const std::string& argument) {
  return argument == "--config" || argument.starts_with("--config=");
}

}  // namespace

bool ConfigurationFile::is_found() const {
  return app_.get_config_ptr()->count() == 0 && !environment_.get(variable);
}

void ConfigurationFile::check_trust(const CLI::ConfigItem& item) const {
  const auto refuse = [&](const std::string& why) {
    throw CLI::ValidationError(found_name, fmt::format("{} of {} {}; a file that --config names may say so", item.name,
                                                       (working_folder_ / found_name).string(), why));
  };
  if (item.name == "kubeconfig") refuse("chooses whose credentials are used");
  if (std::find(written.begin(), written.end(), item.name) == written.end()) return;
  for (const std::string& value : item.inputs) {
    const std::string path = item.name == "report" ? value.substr(std::min(value.find('=') + 1, value.size())) : value;
    if (path != "-" && !lies_beneath(working_folder_, working_folder_ / path))
      refuse(fmt::format("leads out of this folder: {}", path));
  }
}

Status check_found_configuration(const Machine& machine, const std::vector<std::string>& arguments) {
  const bool named =
      machine.environment.get(variable) || std::any_of(arguments.begin(), arguments.end(), is_config_option);
  const fs::path path = machine.working_folder / found_name;
  const auto there = machine.files.info(path);
  if (named || !there) return {};
  const auto target = machine.files.info_following_links(path);
  if (there->kind == FileInfo::Kind::symlink && (!target || !lies_beneath(machine.working_folder, path)))
    return fail(ErrorKind::usage, fmt::format("{} is a link that leads out of its folder", path.string()),
                "put the file itself there, or name it with --config");
  if (target->kind != FileInfo::Kind::regular)
    return fail(ErrorKind::usage, fmt::format("{} is not a regular file", path.string()),
                "remove it, or name another with --config");
  return {};
}

bool ConfigurationFile::overridden(const CLI::Option& option) const {
  return !option.get_envname().empty() && environment_.get(option.get_envname()).has_value();
}

std::vector<CLI::ConfigItem> ConfigurationFile::from_config(std::istream& input) const {
  const auto commands = app_.get_subcommands([](const CLI::App*) { return true; });
  std::vector<CLI::ConfigItem> found;
  for (CLI::ConfigItem& item : CLI::ConfigTOML::from_config(input)) {
    if (is_found()) check_trust(item);
    const std::string flag = "--" + item.name;
    bool of_a_command = false;
    for (const CLI::App* command : commands) {
      if (!item.parents.empty() && item.parents.front() != command->get_name()) continue;
      const CLI::Option* option = command->get_option_no_throw(flag);
      if (option == nullptr) continue;
      of_a_command = true;
      if (!overridden(*option)) found.push_back({{command->get_name()}, item.name, item.inputs});
    }
    const CLI::Option* option = item.parents.empty() ? app_.get_option_no_throw(flag) : nullptr;
    // A key that is no option at all goes on, to be refused.
    if (option != nullptr ? !overridden(*option) : !of_a_command) found.push_back(std::move(item));
  }
  return found;
}

}  // namespace liminal::cli
