#include "liminal/build/build.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"
#include "liminal/base/thread_pool.hpp"
#include "liminal/build/image_layout.hpp"

#include "base_image.hpp"
#include "build_record.hpp"
#include "content.hpp"
#include "docker_builder.hpp"
#include "oci_builder.hpp"
#include "secret_files.hpp"

namespace liminal::build {

namespace {

constexpr std::size_t key_digits_in_tag = 16;

Result<model::ImageReference> name_of(const model::Image& image, const Options& options) {
  auto name = model::ImageReference::parse(image.name);
  if (!name) return tl::unexpected(std::move(name.error()).wrap(fmt::format("the image {}", image.name)));
  if (!name->digest.empty()) {
    return fail(ErrorKind::usage,
                fmt::format("the image {} is built here, so it cannot be named by digest", image.name),
                "leave out @sha256:...");
  }
  if (name->registry.empty() && !options.registry.empty()) {
    auto prefixed = model::ImageReference::parse(fmt::format("{}/{}", options.registry, image.name));
    if (!prefixed || prefixed->registry.empty()) {
      return fail(ErrorKind::usage, fmt::format("--registry {} is no HOST or HOST/PREFIX", options.registry),
                  "write it as in registry.example.org/team");
    }
    return prefixed;
  }
  return name;
}

// A mistake of the image as the file has it is told there; of what lies outside, the file knows nothing.
Error at_key(Error error, const model::Image& image, std::string_view key) {
  if (error.kind != ErrorKind::usage || !error.location.file.empty()) return error;
  const document::Origin origin = model::locate(image.value, key);
  error.location = origin.location().value_or(Location{});
  error.source = origin.source();
  return error;
}

class Planner {
 public:
  Planner(const World& world, const Options& options) : world_(world), options_(options) {}

  Result<ImagePlan> plan(const model::System& system, const model::Image& image) {
    ImagePlan planned;
    planned.system = &system;
    planned.image = &image;
    auto base = base_of(image);
    if (!base) return tl::unexpected(at_key(std::move(base.error()), image, "image"));
    auto found = base_place(*base, options_);
    if (!found) return tl::unexpected(std::move(found.error()).wrap(fmt::format("the base of image {}", image.name)));
    const std::string place = *std::move(found);
    planned.base = *base;
    planned.builder = builder_for(place);
    auto name = name_of(image, options_);
    if (!name) return tl::unexpected(at_key(std::move(name.error()), image, "image"));
    planned.name = *std::move(name);
    auto content = read_content(world_, image, planned.builder, options_);
    if (!content) {
      Error error = std::move(content.error()).wrap(fmt::format("the image {} cannot be built", image.name));
      return tl::unexpected(at_key(std::move(error), image, "source"));
    }
    planned.platform = content->key.platform;
    planned.findings = secrets_packed(system, image, content->source);
    return identify(std::move(planned), *std::move(content), place);
  }

 private:
  Builder builder_for(const std::string& base_place) {
    if (options_.builder != Builder::automatic) return options_.builder;
    if (model::names_folder(base_place)) return Builder::oci;
    std::call_once(asked_, [&] { docker_ = docker_answers(world_); });
    return docker_ ? Builder::docker : Builder::oci;
  }

  // Of a reference, the Docker Engine takes what it has; only it can tell which that is.
  Result<std::string> identity_of(const ImagePlan& plan, const std::string& place) {
    if (plan.builder == Builder::docker && !model::names_folder(place)) return place;
    return base_identity(world_, plan.base, options_);
  }

  Result<std::optional<FoundImage>> find(const ImagePlan& plan) const {
    if (plan.builder != Builder::docker) return find_in_layout(world_, options_, plan.name.text(), plan.content_key);
    auto digest = find_in_docker(world_, plan.name.text(), plan.content_key);
    if (!digest) return tl::unexpected(std::move(digest.error()));
    return *digest ? std::optional(FoundImage{**std::move(digest), true}) : std::nullopt;
  }

  Result<ImagePlan> identify(ImagePlan plan, Content content, const std::string& place) {
    auto identity = identity_of(plan, place);
    if (!identity) {
      if (identity.error().kind != ErrorKind::unavailable) return tl::unexpected(std::move(identity.error()));
      plan.reason = identity.error().message;
      plan.content = std::make_shared<const Content>(std::move(content));
      return plan;
    }
    ContentKey& key = content.key;
    key.base = *std::move(identity);
    plan.content_key = key.text();
    content.staged.content_key = plan.content_key;
    const std::string plain_name = plan.name.text();
    if (plan.name.tag.empty()) plan.name.tag = plan.content_key.substr(0, key_digits_in_tag);
    if (options_.no_cache || plan.image->no_cache) {
      plan.reason = options_.no_cache ? "--no-cache is given" : "`no_cache` is set";
    } else {
      auto there = find(plan);
      if (!there) return tl::unexpected(std::move(there.error()));
      if (*there && (*there)->whole) {
        plan.up_to_date = true;
        plan.digest = std::move((*there)->digest);
        plan.reason = "unchanged";
        return plan;
      }
      plan.reason = *there ? "the image is damaged"
                           : reason_to_build(read_build_record(world_, options_, plain_name), key, content.source);
    }
    plan.content = std::make_shared<const Content>(std::move(content));
    return plan;
  }

  const World& world_;
  const Options& options_;
  std::once_flag asked_;
  bool docker_ = false;
};

// Images are planned and built several at once; each works with several threads where its work can be divided.
unsigned images_at_once(const World& world) {
  return std::max(1U, world.jobs);
}

std::chrono::milliseconds since(const World& world, Clock::Monotonic started) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(world.clock.monotonic() - started);
}

report::Case case_of(const ImagePlan& plan) {
  report::Case result;
  result.group = plan.system->name;
  result.name = plan.image->name;
  result.file = plan.system->file;
  if (const auto where = model::locate(plan.image->value, "image").location()) {
    result.file = where->file;
    result.position = where->range.begin;
  }
  return result;
}

std::uint64_t size_in_layout(const World& world, const Options& options, const std::string& digest) {
  const auto manifest = ImageLayout(world, options.output).manifest(digest);
  return manifest ? layers_size(*manifest) : 0;
}

Result<BuiltImage> build_one(const World& world, Planner& planner, const ImagePlan& wanted, const Options& options) {
  if (world.cancellation.requested()) return fail(ErrorKind::interrupted, "the build was interrupted");
  if (wanted.up_to_date) {
    const auto size = wanted.builder == Builder::oci ? size_in_layout(world, options, wanted.digest) : 0;
    return BuiltImage{wanted, wanted.digest, false, size};
  }
  ImagePlan plan = wanted;
  if (plan.content_key.empty()) {
    // When it was planned its base could not be reached; perhaps it can be now.
    auto planned = planner.plan(*wanted.system, *wanted.image);
    if (!planned) return tl::unexpected(std::move(planned.error()));
    plan = *std::move(planned);
    if (plan.up_to_date) return build_one(world, planner, plan, options);
  }
  // A file that changed since it was planned is found out when it is packed.
  const std::shared_ptr<const Content> content = std::exchange(plan.content, nullptr);
  auto built = plan.builder == Builder::docker ? build_with_docker(world, plan, staged_with_source(*content), options)
                                               : build_with_oci(world, plan, *content, options);
  if (!built) return built;
  built->plan.digest = built->digest;
  model::ImageReference name = plan.name;
  if (plan.content_key.starts_with(name.tag)) name.tag.clear();
  write_build_record(world, options, name.text(), {content->key, content->source});
  return built;
}

struct Outcome {
  Result<BuiltImage> built = fail(ErrorKind::failed, "the image was not built");
  std::chrono::milliseconds took{0};
};

Outcome build_and_tell(const World& world, Planner& planner, const ImagePlan& plan, const Options& options) {
  const std::string item = fmt::format("image {}", plan.image->name);
  const auto started = world.clock.monotonic();
  if (!plan.up_to_date) world.progress.started(item, plan.reason);
  Outcome outcome;
  outcome.built = build_one(world, planner, plan, options);
  outcome.took = since(world, started);
  if (outcome.built) {
    world.progress.finished(item, outcome.built->built ? Progress::Outcome::done : Progress::Outcome::unchanged,
                            outcome.built->plan.name.text(), outcome.took);
  } else {
    world.progress.finished(item, Progress::Outcome::failed, outcome.built.error().message, outcome.took);
  }
  return outcome;
}

// Which plan builds for each: the first of the same name and content.
std::vector<std::size_t> builders_of(const std::vector<ImagePlan>& plans) {
  std::vector<std::size_t> result(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const auto same = [&](const ImagePlan& other) {
      return other.name.text() == plans[i].name.text() && other.content_key == plans[i].content_key &&
             !other.content_key.empty();
    };
    result[i] = static_cast<std::size_t>(
        std::find_if(plans.begin(), plans.begin() + static_cast<std::ptrdiff_t>(i), same) - plans.begin());
  }
  return result;
}

// A name can stand for one content at a time.
void tell_conflicts(std::vector<ImagePlan>& plans) {
  std::map<std::string, const ImagePlan*> named;
  for (ImagePlan& planned : plans) {
    if (planned.content_key.empty()) continue;
    const auto [first, fresh] = named.emplace(planned.name.text(), &planned);
    const ImagePlan& other = *first->second;
    if (fresh || other.content_key == planned.content_key) continue;
    Diagnostic found = document::finding_at(
        "duplicate-object", model::locate(planned.image->value, "image"),
        fmt::format("images[{}].image", planned.image->name), planned.name.text(),
        fmt::format("the image `{}` is made of other content in `{}`", planned.name.text(), other.system->file),
        "give one of them another name, or leave out the tag");
    document::add_related(found, model::locate(other.image->value, "image"), "the other is here");
    planned.findings.push_back(std::move(found));
  }
}

// A slip in a name of --base would otherwise leave the base as it was in silence. No error: a configuration file may
// name the bases of images that this command is not about.
void tell_unused_bases(const World& world, const std::vector<model::System>& systems, const Options& options) {
  if (options.bases.empty()) return;
  std::set<std::string> used;
  for (const model::System& system : systems) {
    for (const model::Image& image : system.images) {
      if (!image.source) continue;
      if (auto base = base_of(image)) used.insert(*std::move(base));
    }
    for (const model::Pipeline& pipeline : system.pipelines) {
      for (const model::Task& task : pipeline.tasks) used.insert(task.image);
    }
  }
  const std::vector<std::string_view> known(used.begin(), used.end());
  for (const auto& [name, place] : options.bases) {
    if (used.contains(name)) continue;
    const auto likely = nearest(name, known);
    world.progress.output("--base", likely ? fmt::format("no image is based on `{}`; did you mean `{}`?", name, *likely)
                                           : fmt::format("no image is based on `{}`; it changes nothing", name));
  }
}

}  // namespace

Result<std::vector<ImagePlan>> plan(const World& world, const std::vector<model::System>& systems,
                                    const Options& options) {
  std::vector<std::pair<const model::System*, const model::Image*>> images;
  for (const model::System& system : systems) {
    for (const model::Image& image : system.images) {
      if (image.source) images.emplace_back(&system, &image);
    }
  }
  tell_unused_bases(world, systems, options);
  Planner planner(world, options);
  std::vector<ImagePlan> plans(images.size());
  std::vector<std::optional<Error>> errors(images.size());
  parallel_for(images_at_once(world), images.size(), [&](std::size_t i) {
    auto planned = planner.plan(*images[i].first, *images[i].second);
    if (planned) {
      plans[i] = *std::move(planned);
    } else {
      errors[i] = std::move(planned.error());
    }
  });
  for (std::optional<Error>& error : errors) {
    if (error) return tl::unexpected(*std::move(error));
  }
  tell_conflicts(plans);
  return plans;
}

Built build(const World& world, const std::vector<ImagePlan>& plans, const Options& options) {
  const auto started = world.clock.monotonic();
  Planner planner(world, options);
  const std::vector<std::size_t> builders = builders_of(plans);
  std::vector<Outcome> outcomes(plans.size());
  parallel_for(images_at_once(world), plans.size(), [&](std::size_t i) {
    if (builders[i] == i) outcomes[i] = build_and_tell(world, planner, plans[i], options);
  });

  Built result;
  result.stage.name = "build";
  std::size_t made = 0;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const Outcome& outcome = outcomes[builders[i]];
    report::Case& entry = result.stage.cases.emplace_back(case_of(plans[i]));
    entry.took = outcome.took;
    if (!outcome.built) {
      entry.outcome = report::Outcome::failed;
      entry.summary = outcome.built.error().message;
      for (const std::string& line : outcome.built.error().excerpt) entry.output += line + "\n";
      if (builders[i] == i) result.errors.push_back(outcome.built.error());
      continue;
    }
    BuiltImage image = *outcome.built;
    image.plan.system = plans[i].system;
    image.plan.image = plans[i].image;
    entry.outcome = image.built ? report::Outcome::passed : report::Outcome::unchanged;
    entry.summary = fmt::format("{} {}", image.plan.name.text(), image.built ? "built" : "is there already");
    if (image.built && builders[i] == i) ++made;
    result.images.push_back(std::move(image));
  }
  result.stage.outcome = !result.errors.empty() ? report::Outcome::failed
                         : made == 0            ? report::Outcome::unchanged
                                                : report::Outcome::passed;
  result.stage.summary = fmt::format("{} built, {} there already, {} failed", made,
                                     result.images.size() - std::min(made, result.images.size()), result.errors.size());
  result.stage.took = since(world, started);
  return result;
}

}  // namespace liminal::build
