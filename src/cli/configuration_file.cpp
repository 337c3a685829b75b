#include "configuration_file.hpp"

namespace liminal::cli {

bool ConfigurationFile::overridden(const CLI::Option& option) const {
  return !option.get_envname().empty() && environment_.get(option.get_envname()).has_value();
}

std::vector<CLI::ConfigItem> ConfigurationFile::from_config(std::istream& input) const {
  const auto commands = app_.get_subcommands([](const CLI::App*) { return true; });
  std::vector<CLI::ConfigItem> found;
  for (CLI::ConfigItem& item : CLI::ConfigTOML::from_config(input)) {
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
