// Everything outside the program, handed to whatever needs it. Owned by main; outlives every command.
#pragma once

#include "liminal/base/cancellation.hpp"
#include "liminal/base/clock.hpp"
#include "liminal/base/environment.hpp"
#include "liminal/base/file_system.hpp"
#include "liminal/base/http.hpp"
#include "liminal/base/process.hpp"
#include "liminal/base/progress.hpp"

namespace liminal {

struct World {
  FileSystem& files;
  ProcessRunner& processes;
  HttpClient& http;
  Clock& clock;
  const Environment& environment;
  Progress& progress;
  const Cancellation& cancellation;
  unsigned jobs = 1;  // threads that work may use
};

}  // namespace liminal
