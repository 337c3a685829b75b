#include "task_container.hpp"

#include "liminal/base/checkout.hpp"
#include "liminal/base/json.hpp"
#include "liminal/base/sha256.hpp"
#include "liminal/model/machine_folder.hpp"

namespace liminal::run {
namespace {

namespace fs = std::filesystem;

engine::MacroContext macro_context(const TaskPlace& place, unsigned attempt) {
  engine::MacroContext result;
  result.dag_id = place.pipeline->name;
  result.task_id = place.task->name;
  result.run_id = place.dag_run_id;
  result.try_number = static_cast<int>(attempt);
  result.logical_date = place.logical_date;
  result.data_interval_start = place.logical_date;
  result.data_interval_end = place.logical_date;
  result.params = place.params;
  // What is put first stays: the run's conf, the task's variables, the file's.
  result.variables.insert(place.params.begin(), place.params.end());
  for (const auto& [name, text] : place.task->variables) result.variables.emplace(name, text);
  const model::Value* root = place.system->resolved ? place.system->resolved->find("variables") : nullptr;
  if (root != nullptr && root->is_mapping()) {
    for (const auto& member : root->members) {
      if (member.value.kind == document::Kind::scalar) result.variables.emplace(member.key, member.value.text());
    }
  }
  return result;
}

// KEY=VALUE lines of $LIMINAL_HOME/env.
void add_home_environment(const World& world, std::map<std::string, std::string>& environment) {
  const auto set = world.environment.get("LIMINAL_HOME");
  const auto user_home = world.environment.get("HOME");
  if (!set && !user_home) return;
  const fs::path home = set ? fs::path(*set) : fs::path(*user_home) / "liminal_home";
  const auto text = world.files.read(home / "env", 1 << 20);
  if (!text) return;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    std::string line = text->substr(begin, end - begin);
    begin = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string::npos || equals == 0) continue;
    environment[line.substr(0, equals)] = line.substr(equals + 1);
  }
}

// A template that cannot be rendered, at its place.
tl::unexpected<Error> unrendered(Error error, const std::string& what, const document::Origin& origin) {
  error = std::move(error).wrap(what + " cannot be rendered");
  error.location = origin.location().value_or(Location{});
  return tl::unexpected(std::move(error));
}

Result<std::vector<std::string>> rendered_command(const TaskPlace& place, const engine::MacroContext& context) {
  std::vector<std::string> command;
  const std::vector<model::CommandWord> words = model::container_command(*place.task).words();
  for (const model::CommandWord& word : words) {
    auto text = engine::render_macros(word.text, context);
    if (!text) return unrendered(std::move(text.error()), place.task->command ? "`cmd`" : "the command", word.origin);
    command.push_back(std::move(*text));
  }
  return command;
}

Status add_rendered_environment(const TaskPlace& place, const engine::MacroContext& context,
                                std::map<std::string, std::string>& environment) {
  for (const model::EnvironmentVariable& variable : place.task->environment) {
    auto text = engine::render_macros(variable.text, context);
    if (!text)
      return unrendered(std::move(text.error()), "`" + variable.name + "` of `env_vars`", variable.value_origin);
    environment[variable.name] = std::move(*text);
  }
  return {};
}

Status add_environment(const TaskPlace& place, const engine::MacroContext& context, unsigned copy,
                       std::map<std::string, std::string>& environment) {
  if (auto done = add_rendered_environment(place, context, environment); !done) return done;
  add_home_environment(*place.world, environment);
  const auto own = context.variables.find("env");
  environment.emplace("env", own == context.variables.end() ? "default" : own->second);
  if (place.task->copies > 1) {
    environment["LIMINAL_SPLIT_ID"] = std::to_string(copy);
    environment["LIMINAL_NUM_SPLITS"] = std::to_string(place.task->copies);
  }
  return {};
}

// A relative path stays in the file's folder. An absolute one is the user's own choice, but never a folder that the
// machine itself lives in.
Result<fs::path> volume_folder(const TaskPlace& place, const model::Volume& volume) {
  FileSystem& files = place.world->files;
  if (!volume.local_path) return place.volumes / volume.name;
  const fs::path written(*volume.local_path);
  if (written.is_relative()) return files.resolve_beneath(place.system->folder, written);
  const fs::path folder = real_place(written);
  if (folder.empty() || model::is_machine_folder(folder)) {
    return fail(ErrorKind::usage, "the volume `" + volume.name + "` would mount `" + written.string() + "`",
                "choose a folder of your own for `local: path`");
  }
  return folder;
}

Status add_mount(const TaskPlace& place, const model::Mount& mount, std::vector<Bind>& binds) {
  const model::Volume* volume = place.system->find_volume(mount.volume);
  if (volume == nullptr) return fail(ErrorKind::usage, "there is no volume `" + mount.volume + "`");
  auto folder = volume_folder(place, *volume);
  if (!folder) return tl::unexpected(std::move(folder.error()));
  FileSystem& files = place.world->files;
  // A whole path may be a slip, and the new folder is empty: it is made as Docker makes it, but not in silence.
  const bool tell = volume->local_path && fs::path(*volume->local_path).is_absolute() && !files.info(*folder);
  if (auto made = files.make_directories(*folder); !made) return made;
  if (tell) {
    place.world->progress.output(place.task->name, "the folder " + folder->string() + " of the volume `" +
                                                       volume->name + "` was not there: it is made, and empty");
  }
  if (!mount.sub_path.empty()) {
    folder = files.resolve_beneath(*folder, mount.sub_path);
    if (!folder) return tl::unexpected(std::move(folder.error()));
    if (!files.info(*folder)) {
      if (auto made = files.make_directories(*folder); !made) return made;
    }
  }
  binds.push_back({*folder, mount.path, mount.read_only});
  return {};
}

Result<const model::Secret*> secret_of(const TaskPlace& place, const model::SecretMount& mount) {
  const model::Secret* secret = place.system->find_secret(mount.secret);
  if (secret == nullptr) return fail(ErrorKind::usage, "there is no secret `" + mount.secret + "`");
  const auto info = place.world->files.info_following_links(secret->file);
  if (info && info->kind == FileInfo::Kind::regular) return secret;
  auto failed =
      fail(ErrorKind::usage, "the secret `" + secret->name + "` has no file `" + secret->local_path_file + "`",
           "put the secret's value into that file, or name another by `local_path_file`");
  failed.value().location = model::locate(secret->value, "local_path_file").location().value_or(Location{});
  return failed;
}

// The file itself is mounted, read-only: no copy of a secret is made that could be left behind.
Status add_secret(const TaskPlace& place, const model::SecretMount& mount, std::vector<Bind>& binds) {
  const auto secret = secret_of(place, mount);
  if (!secret) return tl::unexpected(secret.error());
  const bool whole_folder = mount.sub_path.empty();
  binds.push_back({(*secret)->file, whole_folder ? mount.remote_path + "/credentials" : mount.remote_path, true});
  return {};
}

}  // namespace

Status check_templates(const TaskPlace& place) {
  const engine::MacroContext context = macro_context(place, 1);
  if (auto command = rendered_command(place, context); !command) return tl::unexpected(std::move(command.error()));
  std::map<std::string, std::string> environment;
  return add_rendered_environment(place, context, environment);
}

Status check_secrets(const TaskPlace& place) {
  for (const model::SecretMount& mount : place.task->secrets) {
    if (const auto secret = secret_of(place, mount); !secret) return tl::unexpected(secret.error());
  }
  return {};
}

Result<Container> task_container(const TaskPlace& place, unsigned copy, unsigned attempt) {
  const engine::MacroContext context = macro_context(place, attempt);
  Container result;
  result.image = place.image;
  auto command = rendered_command(place, context);
  if (!command) return tl::unexpected(std::move(command.error()));
  result.command = std::move(*command);
  if (auto done = add_environment(place, context, copy, result.environment); !done) {
    return tl::unexpected(std::move(done.error()));
  }
  for (const model::Mount& mount : place.task->mounts) {
    if (auto done = add_mount(place, mount, result.binds); !done) return tl::unexpected(std::move(done.error()));
  }
  for (const model::SecretMount& mount : place.task->secrets) {
    if (auto done = add_secret(place, mount, result.binds); !done) return tl::unexpected(std::move(done.error()));
  }
  if (const model::Executor* executor = place.system->find_executor(place.task->executor)) {
    auto limits = limits_of(*executor);
    if (!limits) return tl::unexpected(std::move(limits.error()));
    result.limits = std::move(*limits);
  }
  return result;
}

std::string task_key(const Container& container) {
  Json parts = {container.image->digest, container.command, container.environment, Json::array()};
  for (const Bind& bind : container.binds) {
    parts[3].push_back({bind.source.string(), bind.destination, bind.read_only});
  }
  // Bytes that are no UTF-8 are replaced in the key alone.
  return sha256_hex(parts.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace liminal::run
