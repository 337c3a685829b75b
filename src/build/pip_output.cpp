#include "pip_output.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "liminal/pip/requirement_syntax.hpp"

#include "masked_text.hpp"
#include "wheel.hpp"

namespace liminal::build {

namespace {

constexpr std::size_t kept_lines = 200;
constexpr std::size_t shown_lines = 12;

// Statuses of pip_download.py.
constexpr int no_pip = 90;
constexpr int too_old = 91;
constexpr int no_markers = 92;
constexpr int refused = 93;

std::string_view name_of(std::string_view requirement) {
  return requirement.substr(0, requirement.find_first_of(" <>=!~;[(@"));
}

// The version of `NAME==VERSION`; empty where more than one would do.
std::string_view exact_version(std::string_view requirement) {
  const auto found = requirement.find("==");
  if (found == std::string_view::npos) return {};
  std::string_view version = requirement.substr(requirement.find_first_not_of('=', found));
  version = pip::trimmed(version.substr(0, version.find_first_of(";)")));
  return version.find_first_of("*,") == std::string_view::npos ? version : std::string_view();
}

std::string_view without_last_zeros(std::string_view version) {
  while (version.ends_with(".0")) version.remove_suffix(2);
  return version;
}

// Whether a file's name is of this distribution, and of the version where one is wanted: NAME-VERSION-... of a wheel,
// NAME-VERSION.tar.gz of source.
bool is_of(std::string_view file, const std::string& name, std::string_view version) {
  for (auto dash = file.find('-'); dash != std::string_view::npos; dash = file.find('-', dash + 1)) {
    if (normalised_name(file.substr(0, dash)) != name) continue;
    if (version.empty()) return true;
    std::string_view rest = file.substr(dash + 1);
    for (const std::string_view ending : {".tar.gz", ".zip", ".tar.bz2", ".tgz"}) {
      if (rest.ends_with(ending)) rest.remove_suffix(ending.size());
    }
    if (without_last_zeros(rest.substr(0, rest.find('-'))) == without_last_zeros(version)) return true;
  }
  return false;
}

// A line of pip's log, for this reason, about a file of this distribution and version that it passed over.
bool passes_over(std::string_view log, std::string_view reason, const std::string& name, std::string_view version) {
  for (auto found = log.find(reason); found != std::string_view::npos; found = log.find(reason, found + 1)) {
    std::string_view line = log.substr(found, log.find('\n', found) - found);
    line = line.substr(0, line.find(" (from "));
    line = line.substr(0, line.find_first_of('#'));
    if (is_of(line.substr(line.rfind('/') + 1), name, version)) return true;
  }
  return false;
}

std::string described(const PythonEnvironment& python) {
  const std::string system = python.platform_tags.empty() ? python.machine : python.platform_tags.front();
  return fmt::format("Python 3.{} on {}", python.minor, system);
}

}  // namespace

std::string PipOutput::shown(std::string_view line) const {
  for (const std::string_view silent : {"Saved ", "Looking in links: ", "Successfully downloaded ", "  Saved "}) {
    if (line.starts_with(silent)) return {};
  }
  std::string text = pip::without_credentials(without(secrets_, line));
  for (auto found = text.find(source_); found != std::string::npos; found = text.find(source_)) {
    text.erase(found, source_.size());
  }
  const std::string before = fmt::format("-r {} (line ", file_.string());
  const auto begin = text.find(before);
  if (begin == std::string::npos) return text;
  std::size_t number = 0;
  const char* digits = text.data() + begin + before.size();
  const auto [end, code] = std::from_chars(digits, text.data() + text.size(), number);
  if (code != std::errc{} || number == 0 || number > lines_->size()) return text;
  const pip::RequirementLine& origin = (*lines_)[number - 1];
  const auto after = static_cast<std::size_t>(end - text.data()) + 1;  // the closing parenthesis
  return text.substr(0, begin) + fmt::format("{}:{}", origin.file, origin.line) +
         (after < text.size() ? text.substr(after) : "");
}

void PipOutput::add(std::string_view line) {
  const std::string text = shown(line);
  if (pip::trimmed(text).empty()) return;
  // Where in its own code pip broke down helps nobody; the last line, which says why, is kept.
  if (text.starts_with("Traceback (most recent call last)")) broke_down_ = in_traceback_ = true;
  if (in_traceback_ && (text.starts_with(' ') || text.starts_with("Traceback") || text.starts_with("During handling") ||
                        text.starts_with("The above exception"))) {
    return;
  }
  in_traceback_ = false;
  constexpr std::string_view collecting = "Collecting ";
  if (text.starts_with(collecting)) collecting_ = text.substr(collecting.size());
  last_.push_back(text);
  if (last_.size() > kept_lines) last_.pop_front();
}

std::string PipOutput::rest_of_line_with(std::string_view text) const {
  const auto line = std::find_if(last_.rbegin(), last_.rend(),
                                 [&](const std::string& one) { return one.find(text) != std::string::npos; });
  return line == last_.rend() ? std::string() : line->substr(line->find(text) + text.size());
}

std::string PipOutput::place_of(std::string_view name) const {
  for (const pip::RequirementLine& line : *lines_) {
    if (!line.name.empty() && normalised_name(line.name) == normalised_name(name)) {
      return fmt::format("{}:{}: ", line.file, line.line);
    }
  }
  return {};
}

// The newest of those that pip could have taken.
std::string PipOutput::usable_versions(const std::string& name) const {
  constexpr std::size_t shown = 8;
  const std::string rest = rest_of_line_with("that satisfies the requirement " + name);
  constexpr std::string_view before = "(from versions: ";
  const auto begin = rest.find(before);
  if (begin == std::string::npos) return {};
  std::string_view list = std::string_view(rest).substr(begin + before.size());
  list = list.substr(0, list.find(')'));
  if (list == "none") return {};
  std::size_t from = list.size();
  for (std::size_t count = 0; count < shown && from != std::string_view::npos && from > 0; ++count)
    from = list.rfind(", ", from - 1);
  return from == std::string_view::npos || from == 0 ? std::string(list)
                                                     : fmt::format("..., {}", list.substr(from + 2));
}

Error PipOutput::no_distribution(const std::string& wanted, std::string_view log,
                                 const PythonEnvironment& python) const {
  const std::string name(name_of(wanted));
  const std::string place = place_of(name);
  const std::string normalised = normalised_name(name);
  const std::string_view version = exact_version(wanted);
  const std::string usable = usable_versions(name);
  // Versions that have a wheel are no answer when source alone has the one that is wanted.
  const bool others_alone = version.empty() && !usable.empty();
  if (!others_alone && passes_over(log, "No sources permitted for ", normalised, version)) {
    return {ErrorKind::failed,
            fmt::format("{}{} has no wheel for {}, only source", place, wanted, described(python)),
            "choose a version that has a wheel, put a wheel you made into a folder of the source and add "
            "`--find-links FOLDER`, or build with --builder docker",
            {},
            {},
            false};
  }
  if (!others_alone && passes_over(log, "none of the wheel's tags", normalised, version)) {
    return {ErrorKind::failed,
            fmt::format("{}{} has wheels, but none for {}", place, wanted, described(python)),
            "choose another version of it, or another base image or python_version",
            {},
            {},
            false};
  }
  return {ErrorKind::failed,
          fmt::format("{}there is no {} for {}", place, wanted, described(python)),
          usable.empty() ? "check its name and version, and the index that pip is set to"
                         : fmt::format("versions that there are: {}", usable),
          {},
          {},
          false};
}

// `rest`: NAME' located at FILE is invalid.
Error PipOutput::damaged_wheel(std::string_view rest) const {
  const std::string_view name = rest.substr(0, rest.find('\''));
  constexpr std::string_view before = " located at ";
  constexpr std::string_view after = " is invalid.";
  std::string_view file = rest.substr(std::min(rest.find(before), rest.size()));
  if (!file.empty()) file = file.substr(before.size(), file.size() - before.size() - after.size());
  return {ErrorKind::failed,
          fmt::format("{}the wheel {} is damaged: it is no zip archive", place_of(name), file),
          "put a whole one in its place",
          {},
          {},
          false};
}

bool PipOutput::is_unfit(int exit_status) {
  return exit_status == no_pip || exit_status == too_old || exit_status == no_markers;
}

Error PipOutput::failure(int exit_status, std::string_view log, const PythonEnvironment& python) const {
  const auto error = [](ErrorKind kind, std::string message, std::string advice) {
    return Error{kind, std::move(message), std::move(advice), {}, {}, false};
  };
  if (exit_status == no_pip) {
    return error(ErrorKind::unavailable, "no python3 in PATH has a pip, which finds and downloads requirements",
                 "install it (Debian and Ubuntu: apt-get install python3-pip), or build with --builder docker");
  }
  if (exit_status == too_old) {
    return error(ErrorKind::unavailable,
                 fmt::format("requirements need Python 3.8 with pip 20.3 or later; this machine has {}",
                             last_.empty() ? "older ones" : last_.back()),
                 "install a newer one (python3 -m pip install --upgrade pip), or build with --builder docker");
  }
  Error failure;
  if (exit_status == no_markers) {
    failure =
        error(ErrorKind::unavailable, "the pip on this machine cannot choose packages for another Python than its own",
              "install another version of pip, or build with --builder docker");
  } else if (exit_status == refused) {
    failure = error(ErrorKind::failed,
                    fmt::format("{}{} would have to be built from source, and nothing of a package is run here",
                                place_of(name_of(collecting_)), collecting_),
                    "choose a version that has a wheel, or build with --builder docker");
  } else if (log.find("Max retries exceeded") != std::string_view::npos ||
             log.find("after connection broken by") != std::string_view::npos ||
             log.find("connection error:") != std::string_view::npos) {
    failure = error(ErrorKind::unavailable, "pip cannot reach the package index",
                    "check the network, and the index that pip is set to (pip config list)");
    failure.transient = true;
  } else if (const std::string wanted = rest_of_line_with("No matching distribution found for "); !wanted.empty()) {
    failure = no_distribution(wanted.substr(0, wanted.find(" (from")), log, python);
  } else if (!rest_of_line_with("ERROR: ResolutionImpossible").empty() ||
             !rest_of_line_with("because these package versions have conflict").empty()) {
    failure = error(ErrorKind::failed, "no versions of the requirements fit together", "loosen one of their versions");
  } else if (!rest_of_line_with("THESE PACKAGES DO NOT MATCH THE HASHES").empty()) {
    failure = error(ErrorKind::failed, "a package is not what its hash in the requirements says",
                    "find out why before you change the hash");
  } else if (const std::string wheel = rest_of_line_with("ERROR: Wheel '"); wheel.ends_with("is invalid.")) {
    failure = damaged_wheel(wheel);
  } else if (broke_down_) {
    failure = error(ErrorKind::failed, "pip broke down, which it does not when all is well with what it was given",
                    "check the addresses in the requirements and in pip's settings (pip config list); if they are "
                    "right, another version of pip may do better");
  } else {
    failure = error(ErrorKind::failed, "pip could not find the requirements",
                    "read what pip says below, and check the requirements and pip's settings (pip config list)");
  }
  const auto count = std::min(last_.size(), shown_lines);
  failure.excerpt.assign(last_.end() - static_cast<std::ptrdiff_t>(count), last_.end());
  return failure;
}

}  // namespace liminal::build
