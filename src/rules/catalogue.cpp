#include "catalogue.hpp"

#include <algorithm>
#include <array>

namespace liminal::rules {

namespace {

// In the order of their ids.
constexpr std::array catalogue{
    &alias_bomb,
    &ambiguous_scalar,
    &bad_argument,
    &bad_cron,
    &bad_date,
    &bad_endpoint,
    &bad_name,
    &bad_python_version,
    &bad_quantity,
    &bad_requirement,
    &bad_template,
    &bad_type_declaration,
    &dangerous_volume,
    &dependency_cycle,
    &duplicate_key,
    &duplicate_name,
    &duplicate_object,
    &duplicate_type,
    &empty_file,
    &encoding,
    &engine_cannot_express,
    &executor_cannot_run,
    &expansion_limit,
    &ignored_key,
    &image_cannot_serve,
    &missing_endpoint,
    &missing_key,
    &missing_name,
    &missing_pip_conf,
    &missing_script,
    &missing_source,
    &mount_path,
    &placeholder_not_a_scalar,
    &placeholder_of_a_secret,
    &placeholder_without_value,
    &schema_required,
    &schema_type,
    &schema_value,
    &secret_in_source,
    &secret_outside,
    &several_documents,
    &super_cycle,
    &too_many_findings,
    &two_schedules,
    &unknown_executor,
    &unknown_image,
    &unknown_key,
    &unknown_secret,
    &unknown_super,
    &unknown_task,
    &unknown_template_key,
    &unknown_type,
    &unknown_variables,
    &unknown_volume,
    &unpinned_image,
    &unquoted_cron,
    &unquoted_placeholder,
    &unreadable_file,
    &volume_not_made,
    &yaml_syntax,
};

}  // namespace

std::span<const Rule* const> all() {
  return catalogue;
}

const Rule* find(std::string_view id) {
  const auto found = std::find_if(catalogue.begin(), catalogue.end(), [&](const Rule* rule) { return rule->id == id; });
  return found == catalogue.end() ? nullptr : *found;
}

}  // namespace liminal::rules
