#include "pip_output.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "requirement_syntax.hpp"
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

// A line of pip's log about a file of this distribution that it passed over.
bool passes_over(std::string_view log, std::string_view reason, const std::string& name, bool in_address) {
  for (auto found = log.find(reason); found != std::string_view::npos; found = log.find(reason, found + 1)) {
    const std::string_view line = log.substr(found, log.find('\n', found) - found);
    std::string_view subject = line.substr(reason.size());
    if (in_address) {
      const auto slash = subject.find(".whl") == std::string_view::npos
                             ? std::string_view::npos
                             : subject.substr(0, subject.find(".whl")).rfind('/');
      if (slash == std::string_view::npos) continue;
      subject = subject.substr(slash + 1, subject.find('-', slash) - slash - 1);
    } else {
      subject = trimmed(subject.substr(0, subject.find(':')));
    }
    if (normalised_name(subject) == name) return true;
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
  std::string text = without_credentials(line);
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
  const RequirementLine& origin = (*lines_)[number - 1];
  const auto after = static_cast<std::size_t>(end - text.data()) + 1;  // the closing parenthesis
  return text.substr(0, begin) + fmt::format("{}:{}", origin.file, origin.line) +
         (after < text.size() ? text.substr(after) : "");
}

void PipOutput::add(std::string_view line) {
  const std::string text = shown(line);
  if (trimmed(text).empty()) return;
  constexpr std::string_view collecting = "Collecting ";
  if (text.starts_with(collecting)) collecting_ = text.substr(collecting.size());
  last_.push_back(text);
  if (last_.size() > kept_lines) last_.pop_front();
}

std::string PipOutput::rest_of_line_with(std::string_view text) const {
  for (auto line = last_.rbegin(); line != last_.rend(); ++line) {
    if (const auto found = line->find(text); found != std::string::npos) return line->substr(found + text.size());
  }
  return {};
}

std::string PipOutput::place_of(std::string_view name) const {
  for (const RequirementLine& line : *lines_) {
    if (!line.name.empty() && normalised_name(line.name) == normalised_name(name)) {
      return fmt::format("{}:{}: ", line.file, line.line);
    }
  }
  return {};
}

Error PipOutput::no_distribution(const std::string& wanted, std::string_view log,
                                 const PythonEnvironment& python) const {
  const std::string name(name_of(wanted));
  const std::string place = place_of(name);
  const std::string normalised = normalised_name(name);
  if (passes_over(log, "No sources permitted for ", normalised, false)) {
    return {ErrorKind::failed,
            fmt::format("{}{} has no wheel for {}, only source", place, wanted, described(python)),
            "choose a version that has a wheel, put a wheel you made into a folder of the source and add "
            "`--find-links FOLDER`, or build with --builder docker",
            {},
            {},
            false};
  }
  if (passes_over(log, "none of the wheel's tags", normalised, true)) {
    return {ErrorKind::failed,
            fmt::format("{}{} has wheels, but none for {}", place, wanted, described(python)),
            "choose another version of it, or another base image or python_version",
            {},
            {},
            false};
  }
  return {ErrorKind::failed,
          fmt::format("{}there is no {} for {}", place, wanted, described(python)),
          "check its name and version, and the index that pip is set to",
          {},
          {},
          false};
}

Error PipOutput::failure(int exit_status, std::string_view log, const PythonEnvironment& python) const {
  const auto error = [](ErrorKind kind, std::string message, std::string advice) {
    return Error{kind, std::move(message), std::move(advice), {}, {}, false};
  };
  if (exit_status == no_pip) {
    return error(ErrorKind::unavailable,
                 "the python3 on this machine has no pip, which finds and downloads requirements",
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
  } else {
    failure = error(ErrorKind::failed, "pip could not find the requirements", "");
  }
  const auto count = std::min(last_.size(), shown_lines);
  failure.excerpt.assign(last_.end() - static_cast<std::ptrdiff_t>(count), last_.end());
  return failure;
}

}  // namespace liminal::build
