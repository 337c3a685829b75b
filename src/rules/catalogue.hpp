// The names of all rules, each defined in the file of its name or with those that another layer reports.
#pragma once

#include "liminal/rules/rule.hpp"

namespace liminal::rules {

extern const Rule alias_bomb;
extern const Rule ambiguous_scalar;
extern const Rule bad_argument;
extern const Rule bad_cron;
extern const Rule bad_date;
extern const Rule bad_endpoint;
extern const Rule bad_name;
extern const Rule bad_python_version;
extern const Rule bad_quantity;
extern const Rule bad_requirement;
extern const Rule bad_template;
extern const Rule bad_type_declaration;
extern const Rule dangerous_volume;
extern const Rule dependency_cycle;
extern const Rule duplicate_key;
extern const Rule duplicate_name;
extern const Rule duplicate_object;
extern const Rule duplicate_type;
extern const Rule empty_file;
extern const Rule encoding;
extern const Rule engine_cannot_express;
extern const Rule executor_cannot_run;
extern const Rule expansion_limit;
extern const Rule ignored_key;
extern const Rule image_cannot_serve;
extern const Rule missing_endpoint;
extern const Rule missing_key;
extern const Rule missing_name;
extern const Rule missing_pip_conf;
extern const Rule missing_script;
extern const Rule missing_source;
extern const Rule mount_path;
extern const Rule placeholder_not_a_scalar;
extern const Rule placeholder_of_a_secret;
extern const Rule placeholder_without_value;
extern const Rule schema_required;
extern const Rule schema_type;
extern const Rule schema_value;
extern const Rule secret_in_source;
extern const Rule secret_outside;
extern const Rule several_documents;
extern const Rule super_cycle;
extern const Rule too_many_findings;
extern const Rule two_schedules;
extern const Rule unknown_executor;
extern const Rule unknown_image;
extern const Rule unknown_key;
extern const Rule unknown_secret;
extern const Rule unknown_super;
extern const Rule unknown_task;
extern const Rule unknown_template_key;
extern const Rule unknown_type;
extern const Rule unknown_variables;
extern const Rule unknown_volume;
extern const Rule unpinned_image;
extern const Rule unquoted_cron;
extern const Rule unquoted_placeholder;
extern const Rule unreadable_file;
extern const Rule volume_not_made;
extern const Rule yaml_syntax;

}  // namespace liminal::rules
