// Which runtime runs a pipeline's tasks, and its images made ready for it.
#pragma once

#include <memory>

#include "leftovers.hpp"
#include "scheduler.hpp"

namespace liminal::run {

// Asked for by name, or the first that works: Docker when it built one of the images, else crun or runc, else Docker.
// Errors (unavailable): none works, with what each said. Errors (usage): one was asked for that cannot run these
// images.
[[nodiscard]] Result<std::unique_ptr<Runtime>> choose_runtime(const Job& job, const build::Options& build_options,
                                                              const Options& options, RunMark& mark);

}  // namespace liminal::run
