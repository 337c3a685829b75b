#include "liminal/pip/requirements_file.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace liminal::pip {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t deepest = 32;
constexpr std::uint64_t largest_file = 4ULL << 20U;
constexpr std::size_t most_lines = 20'000;
constexpr std::size_t most_bytes = 64ULL << 20U;  // of all files; one that is included twice counts twice

constexpr std::size_t longest_message = 500;
constexpr std::size_t most_mistakes = 100;  // more are read by nobody

struct Place {
  std::string file;
  unsigned line = 0;
};

struct LogicalLine {
  std::string text;
  unsigned number = 0;
};

bool is_comment(std::string_view line) {
  const auto start = line.find_first_not_of(" \t");
  return start != std::string_view::npos && line[start] == '#';
}

std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) return line.substr(0, i);
  }
  return line;
}

std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find_first_of("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  const bool pair = text.substr(end).starts_with("\r\n");
  text.remove_prefix(std::min(text.size(), end + (pair ? 2 : 1)));
  return line;
}

// Lines joined where a backslash ends them, without comments and empty ones.
std::vector<LogicalLine> logical_lines(std::string_view text) {
  std::vector<LogicalLine> lines;
  LogicalLine current;
  const auto flush = [&] {
    current.text = trimmed(without_comment(current.text));
    if (!current.text.empty()) lines.push_back(current);
    current = {};
  };
  for (unsigned number = 1; !text.empty(); ++number) {
    std::string_view line = next_line(text);
    if (current.number == 0) current.number = number;
    const bool goes_on = line.ends_with('\\') && !is_comment(line);
    if (goes_on) line.remove_suffix(1);
    // A comment ends what was continued, and is none of it.
    current.text += is_comment(line) ? " " + std::string(line) : std::string(line);
    if (!goes_on) flush();
  }
  flush();
  return lines;
}

class Reader {
 public:
  Reader(const World& world, const fs::path& folder) : world_(world), folder_(folder) {}

  void read(const std::string& file, bool constraint, const std::optional<Place>& from);

  // What a file could not be read for.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] std::vector<PlacedMistake>& mistakes() { return mistakes_; }
  [[nodiscard]] RequirementSet& set() { return set_; }

 private:
  std::optional<std::string> read_text(const std::string& file, const Place& from);
  void read_line(const Place& place, std::string_view text, bool constraint);
  void read_options(const Place& place, const std::vector<std::string>& tokens);
  void read_option(const Place& place, const RequirementOption& option);
  void read_requirement(const Place& place, std::string_view text, bool constraint);
  void include(const Place& place, const std::string& value, bool constraint);
  void find_links(const Place& place, const std::string& value);
  void add_option(const Place& place, std::string text) {
    set_.options.push_back({std::move(text), place.file, place.line, {}});
  }
  void refuse(const Place& place, RequirementMistake mistake) {
    mistake.what = without_credentials(mistake.what);
    if (mistake.what.size() > longest_message) mistake.what = mistake.what.substr(0, longest_message) + "...";
    mistakes_.push_back({std::move(mistake), place.file, place.line, source_});
  }
  void refuse(const Place& place, std::string what, std::string advice) {
    refuse(place, RequirementMistake{std::move(what), std::move(advice)});
  }
  void malformed(const Place& place, std::string what, std::string advice) {
    refuse(place, {std::move(what), std::move(advice), true});
  }
  // Nothing more is read.
  [[nodiscard]] bool done() const { return failure_ || too_many_ || mistakes_.size() >= most_mistakes; }

  const World& world_;
  const fs::path& folder_;
  RequirementSet set_;
  std::vector<std::string> open_;              // files being read, outermost first
  std::shared_ptr<const std::string> source_;  // of the innermost of them
  std::size_t lines_ = 0;
  std::size_t bytes_ = 0;
  std::vector<PlacedMistake> mistakes_;
  std::optional<Error> failure_;
  bool too_many_ = false;  // lines or bytes
};

std::optional<std::string> Reader::read_text(const std::string& file, const Place& from) {
  const auto path = world_.files.resolve_beneath(folder_, file);
  if (!path) {
    refuse(from, fmt::format("{} lies outside of the source folder", file), "move it into the image's source folder");
    return std::nullopt;
  }
  if (!world_.files.info(*path)) {
    malformed(from, fmt::format("there is no file {} in the source folder", file), "");
    return std::nullopt;
  }
  auto text = world_.files.read(*path, largest_file);
  if (!text && from.line > 0) {
    malformed(from, fmt::format("{} cannot be read", file), "name a text file of at most 4 MiB that may be read");
    return std::nullopt;
  }
  if (!text) {
    failure_ = std::move(text.error());
    return std::nullopt;
  }
  if (text->starts_with("\xff\xfe") || text->starts_with("\xfe\xff") || text->find('\0') != std::string::npos) {
    source_ = nullptr;
    refuse({file, 1}, "the file is not in UTF-8",
           "save it as UTF-8 (PowerShell: pip freeze | Out-File -Encoding utf8 requirements.txt)");
    return std::nullopt;
  }
  if (text->starts_with("\xef\xbb\xbf")) text->erase(0, 3);
  return *std::move(text);
}

void Reader::read(const std::string& file, bool constraint, const std::optional<Place>& from) {
  const Place place = from.value_or(Place{file, 0});
  if (std::find(open_.begin(), open_.end(), file) != open_.end())
    return malformed(place, fmt::format("{} includes itself", file), "remove this line");
  if (open_.size() >= deepest) return refuse(place, "files are included too deeply", "put them into fewer files");
  auto text = read_text(file, place);
  if (!text) return;
  bytes_ += text->size();
  too_many_ = bytes_ > most_bytes;
  if (too_many_) return refuse({file, 1}, "there are too many requirements", "put them into fewer files");
  const auto source = std::make_shared<const std::string>(*std::move(text));
  const auto outer = source_;
  open_.push_back(file);
  for (const LogicalLine& line : logical_lines(*source)) {
    if (done()) break;
    source_ = source;
    too_many_ = ++lines_ > most_lines;
    if (too_many_) {
      refuse({file, line.number}, "there are too many requirements", "put them into fewer files");
    } else {
      read_line({file, line.number}, line.text, constraint);
    }
  }
  open_.pop_back();
  source_ = outer;
}

void Reader::read_line(const Place& place, std::string_view text, bool constraint) {
  if (const auto variable = forbidden_variable(text)) {
    return refuse(
        place, fmt::format("the variable {} is not given to pip", *variable),
        "rename it to begin with PIP_: others are kept from requirements, which could send them to any server");
  }
  if (!is_plain_text(text))
    return refuse(place, "a requirement holds a character that is not plain ASCII", "write it anew, by hand");
  if (text.front() != '-') return read_requirement(place, text, constraint);
  const auto tokens = split_words(text);
  if (!tokens) return malformed(place, "a quotation mark is not closed", "");
  read_options(place, *tokens);
}

void Reader::read_options(const Place& place, const std::vector<std::string>& tokens) {
  for (std::size_t i = 0; i < tokens.size();) {
    const auto option = take_option(tokens, i);
    if (!option) {
      return malformed(place, fmt::format("`{}` is no option of a requirements file", without_credentials(tokens[i])),
                       "remove it, or give it to pip in pip_conf");
    }
    read_option(place, *option);
  }
}

void Reader::read_option(const Place& place, const RequirementOption& option) {
  const std::string& name = option.name;
  if (option.takes_value && option.value.empty()) return malformed(place, name + " needs a value", "");
  if (name == "--requirement") return include(place, option.value, false);
  if (name == "--constraint") return include(place, option.value, true);
  if (name == "--find-links") return find_links(place, option.value);
  // Nothing but wheels is taken anyway.
  if (name == "--only-binary" || (name == "--no-binary" && option.value == ":none:")) return;
  if (name == "--use-feature") {
    return refuse(place, "--use-feature changes how pip works, and this builder knows of no such change",
                  "remove it, or build with --builder docker");
  }
  if (name == "--index-url" || name == "--extra-index-url") {
    if (has_credentials(option.value)) {
      return refuse(
          place, "an index's address holds a name or password, which would be part of the image",
          "put the address into pip_conf, or the password into a variable: https://${PIP_USER}:${PIP_PASSWORD}@...");
    }
    if (!is_web_address(option.value))
      return refuse(place, "an index is named by something that is no web address", "write it as https://HOST/PATH");
    return add_option(place, name + " " + option.value);
  }
  if (name == "--no-index" || name == "--pre" || name == "--prefer-binary" || name == "--require-hashes")
    return add_option(place, name);
  if (name == "--editable") {
    return refuse(place, "an editable requirement cannot be installed from a wheel",
                  "name a released version, or copy the package into the source folder");
  }
  if (name == "--trusted-host") {
    return refuse(place, "--trusted-host would turn off the check of a server's certificate",
                  "give pip the certificate authority: `cert = FILE` in pip_conf, or the variable PIP_CERT");
  }
  refuse(place, fmt::format("{} asks for a build from source, which this builder does not do", name),
         "remove it, or build with --builder docker");
}

void Reader::include(const Place& place, const std::string& value, bool constraint) {
  if (value.find("://") != std::string::npos) {
    return refuse(place,
                  fmt::format("{} is read from the network, so it may change at any time", without_credentials(value)),
                  "keep a copy in the source folder");
  }
  if (fs::path(value).is_absolute()) {
    return refuse(place, fmt::format("{} lies outside of the source folder", value),
                  "move it into the image's source folder");
  }
  const fs::path file = (fs::path(place.file).parent_path() / value).lexically_normal();
  read(file.generic_string(), constraint, place);
}

void Reader::find_links(const Place& place, const std::string& value) {
  if (value.find("://") != std::string::npos || value.starts_with("file:")) {
    if (!is_web_address(value)) {
      return refuse(place, "--find-links names something that is neither a web address nor a folder of the source",
                    "write it as https://HOST/PATH, or name a folder");
    }
    if (has_credentials(value)) {
      return refuse(place, "an address holds a name or password, which would be part of the image",
                    "put it into pip_conf");
    }
    return add_option(place, "--find-links " + value);
  }
  const fs::path folder = (fs::path(place.file).parent_path() / value).lexically_normal();
  const auto real = world_.files.resolve_beneath(folder_, folder);
  if (fs::path(value).is_absolute() || !real) {
    return refuse(place, fmt::format("the folder {} lies outside of the source folder", value),
                  "move it into the image's source folder");
  }
  const auto info = world_.files.info(*real);
  if (!info || info->kind != FileInfo::Kind::directory)
    return refuse(place, fmt::format("there is no folder {} in the source folder", value), "");
  set_.wheel_folders.push_back(folder.generic_string());
}

void Reader::read_requirement(const Place& place, std::string_view text, bool constraint) {
  auto requirement = parse_requirement(text);
  if (!requirement) return refuse(place, std::move(requirement.error()));
  auto& list = constraint ? set_.constraints : set_.requirements;
  list.push_back({requirement->text, place.file, place.line, requirement->name});
}

std::string message_of(const PlacedMistake& placed) {
  if (placed.line == 0) return placed.mistake.what;  // of the file that was asked for
  return fmt::format("{}:{}: {}", placed.file, placed.line, placed.mistake.what);
}

tl::unexpected<Error> refusal(const std::vector<PlacedMistake>& mistakes) {
  if (mistakes.size() == 1)
    return fail(ErrorKind::usage, message_of(mistakes.front()), mistakes.front().mistake.advice);
  const char* at_least = mistakes.size() >= most_mistakes ? "at least " : "";
  auto all = fail(ErrorKind::usage, fmt::format("the requirements have {}{} mistakes", at_least, mistakes.size()),
                  "mend each of these lines");
  for (const PlacedMistake& placed : mistakes) {
    const std::string& advice = placed.mistake.advice;
    all.value().causes.push_back(advice.empty() ? message_of(placed) : message_of(placed) + "; " + advice);
  }
  return all;
}

Reader read_from(const World& world, const fs::path& folder, const std::string& file) {
  Reader reader(world, folder);
  reader.read(fs::path(file).lexically_normal().generic_string(), false, std::nullopt);
  return reader;
}

}  // namespace

Result<std::vector<PlacedMistake>> check_requirements(const World& world, const fs::path& folder,
                                                      const std::string& file) {
  Reader reader = read_from(world, folder, file);
  if (reader.failure()) return tl::unexpected(*reader.failure());
  std::vector<PlacedMistake> mistakes = std::move(reader.mistakes());
  std::map<std::shared_ptr<const std::string>, std::shared_ptr<const std::string>> shown;  // a file's text, and masked
  for (PlacedMistake& placed : mistakes) {
    if (!placed.source) continue;
    auto& masked = shown[placed.source];
    if (!masked) masked = std::make_shared<const std::string>(without_credentials(*placed.source));
    placed.source = masked;
  }
  return mistakes;
}

Result<RequirementSet> read_requirements(const World& world, const fs::path& folder, const std::string& file) {
  Reader reader = read_from(world, folder, file);
  if (reader.failure()) return tl::unexpected(*reader.failure());
  if (!reader.mistakes().empty()) return refusal(reader.mistakes());
  return std::move(reader.set());
}

}  // namespace liminal::pip
