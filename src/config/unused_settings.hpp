// Names of --set that nothing uses.
#pragma once

#include "liminal/config/config.hpp"

namespace liminal::config {

// A slip in a name of --set would otherwise change nothing in silence. No error: a configuration file may set what
// other files than those of this command use.
void tell_unused_settings(const World& world, const Project& project, const Options& options);

}  // namespace liminal::config
