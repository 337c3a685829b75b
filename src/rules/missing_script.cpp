#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"
#include "left_out.hpp"

namespace liminal::rules {

namespace {

struct Script {
  std::string name;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The script of `python [-u ...] NAME.py ...`, where the command is that simple; a shell's syntax in the name leaves it
// alone.
std::optional<Script> script_of(std::string_view command) {
  std::size_t at = 0;
  bool after_python = false;
  while (at < command.size()) {
    const std::size_t begin = command.find_first_not_of(" \t\n", at);
    if (begin == std::string_view::npos) return std::nullopt;
    at = std::min(command.find_first_of(" \t\n", begin), command.size());
    const std::string_view word = command.substr(begin, at - begin);
    if (!after_python) {
      if (word != "python" && word != "python3") return std::nullopt;
      after_python = true;
    } else if (word.starts_with('-')) {
      // -m MODULE and -c CODE run no file; -W and -X take a value that is no script.
      if (word != "-u" && word != "-B" && word != "-O" && word != "-OO" && word != "-E" && word != "-s" &&
          word != "-S" && word != "-I") {
        return std::nullopt;
      }
    } else {
      const bool plain = word.find_first_of("$`\"'\\*?[]{}<>|;&()~") == std::string_view::npos;
      // Of what lies elsewhere in the image, nothing is known here.
      if (!plain || !word.ends_with(".py") || word.starts_with('/') || climbs(word)) return std::nullopt;
      return Script{std::string(word), begin, at};
    }
  }
  return std::nullopt;
}

// The .py files of a folder and of those below it, from the folder on, with `/`.
class Scripts {
 public:
  Scripts(const FileSystem& files, const std::filesystem::path& folder) : files_(files), folder_(folder) { add({}, 0); }

  std::vector<std::string> names;

 private:
  static constexpr int deepest = 6;
  static constexpr std::size_t most = 2000;  // entries, of all folders

  void add(const std::filesystem::path& below, int depth) {
    const auto entries = files_.list(folder_ / below);
    if (!entries) return;
    for (const DirectoryEntry& entry : *entries) {
      if (++seen_ > most) return;
      const std::filesystem::path place = below / entry.name;
      if (entry.kind == FileInfo::Kind::directory && depth < deepest && !entry.name.starts_with('.')) {
        add(place, depth + 1);
      } else if (entry.name.ends_with(".py")) {
        names.push_back(place.generic_string());
      }
    }
  }

  const FileSystem& files_;
  const std::filesystem::path& folder_;
  std::size_t seen_ = 0;
};

// One of the same name in another folder, or of nearly the same.
std::optional<std::string> likely(const std::string& script, const std::vector<std::string_view>& scripts) {
  const auto name = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
  const auto same =
      std::find_if(scripts.begin(), scripts.end(), [&](std::string_view other) { return name(other) == name(script); });
  if (same != scripts.end()) return std::string(*same);
  const auto near = nearest(script, scripts);
  return near ? std::optional<std::string>(*near) : std::nullopt;
}

// Whether the script lies on a volume, of the task or of its executor, which is there when the task runs.
bool is_mounted(const TaskPlace& place, const std::string& script) {
  const std::filesystem::path file = (std::filesystem::path(model::source_folder_in_image) / script).lexically_normal();
  const auto holds = [&](const std::string& mounted) {
    const std::filesystem::path below = file.lexically_relative(std::filesystem::path(mounted).lexically_normal());
    return !below.empty() && *below.begin() != "..";
  };
  const auto& mounts = place.task.mounts;
  if (std::any_of(mounts.begin(), mounts.end(), [&](const model::Mount& mount) { return holds(mount.path); }))
    return true;
  const model::Executor* executor = place.system.find_executor(place.task.executor);
  const document::Value* shared = executor == nullptr ? nullptr : executor->value->find("volume_mounts");
  if (shared == nullptr) return false;
  return std::any_of(shared->items.begin(), shared->items.end(), [&](const document::Value& mount) {
    const document::Value* path = model::mount_place(mount);
    return path != nullptr && holds(path->text());
  });
}

Diagnostic of_script(const TaskPlace& place, const Script& script, std::string message) {
  const document::Value* command = place.task.value == nullptr ? nullptr : place.task.value->find("cmd");
  Diagnostic found = finding_within(missing_script, place.system, command, script.begin, script.end,
                                    place.path + ".cmd", std::move(message));
  found.value = script.name;
  return found;
}

Diagnostic left_out(const TaskPlace& place, const Script& script, const model::Image& image) {
  Diagnostic found = of_script(place, script,
                               fmt::format("task `{}` runs `{}`, which `{}` has and image `{}` will not",
                                           place.task.name, script.name, *image.source, image.name));
  found.help = fmt::format("the folder's `.dockerignore` leaves it out: take it back there by `!{}`", script.name);
  return found;
}

Diagnostic not_there(const TaskPlace& place, const Script& script, const model::Image& image,
                     const std::vector<std::string>& scripts) {
  Diagnostic found = of_script(place, script,
                               fmt::format("task `{}` runs `{}`, which is not in `{}`, the source of image `{}`",
                                           place.task.name, script.name, *image.source, image.name));
  const std::vector<std::string_view> candidates(scripts.begin(), scripts.end());
  if (const auto other = likely(script.name, candidates)) {
    found.help = fmt::format("did you mean `{}`?", *other);
  } else {
    found.help = scripts.empty() ? "the folder holds no .py file" : "the folder holds " + quoted_list(candidates);
  }
  return found;
}

void check(const Subject& subject, DiagnosticSink& findings) {
  if (!subject.check_files) return;
  LeftOut out(subject.world.files);
  for (const model::System& system : subject.systems) {
    const ByName declared(system.images);
    for_each_task(system, findings, [&](const TaskPlace& place) {
      if (!place.task.command || place.task.type != model::TaskType::python) return;
      const model::Image* image = declared.find(place.task.image);
      if (image == nullptr || !image->source || !subject.world.files.info_following_links(image->source_folder)) return;
      const auto script = script_of(*place.task.command);
      if (!script || is_mounted(place, script->name)) return;
      if (subject.world.files.info_following_links(image->source_folder / script->name)) {
        if (out.contains(*image, script->name)) findings.report(left_out(place, *script, *image));
        return;
      }
      // missing-source tells that it cannot be read.
      if (!subject.world.files.list(image->source_folder)) return;
      findings.report(not_there(place, *script, *image, Scripts(subject.world.files, image->source_folder).names));
    });
  }
}

}  // namespace

const Rule missing_script{
    .id = "missing-script",
    .severity = Severity::error,
    .summary = "A task's command runs a script that its image does not hold.",
    .explanation =
        R"(A task's command starts in the folder that the image's `source` was packed into, so `cmd: python -u train.py` needs `train.py` at the top of that
folder, and not in its `.dockerignore`. Only commands that begin with `python` or `python3` and name a `.py` file are looked at.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: python -u trian.py
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: python -u train.py
)",
    .check = check,
};

}  // namespace liminal::rules
