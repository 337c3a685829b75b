#include "image_check.hpp"

#include <atomic>

#include <fmt/format.h>

#include "liminal/base/thread_pool.hpp"
#include "liminal/model/image_reference.hpp"

namespace liminal::deploy {

namespace {

constexpr unsigned at_once = 8;

// An image, and the first object that refers to it.
struct Question {
  model::ImageReference name;
  const DesiredObject* object = nullptr;
  const ObjectImage* image = nullptr;
};

// Of one registry. When it does not answer once, it is not asked again: a deploy is not held up for each image.
struct Registry {
  std::vector<Question> questions;
  std::atomic<bool> silent = false;
};

using Registries = std::map<std::string, Registry>;

bool is_written(const ObjectChange& change) {
  return change.action == Action::create || change.action == Action::update || change.action == Action::replace;
}

Registries questions_of(const std::vector<SetPlan>& plans) {
  Registries registries;
  std::set<std::string> asked;
  for (const SetPlan& plan : plans) {
    for (const ObjectChange& change : plan.changes) {
      if (!is_written(change)) continue;
      const DesiredObject& object = plan.set.objects[change.desired];
      for (const ObjectImage& image : object.images) {
        auto name = model::ImageReference::parse(image.reference);
        // What was built and goes to no registry is brought to the nodes by hand; what is no name is the server's to
        // refuse.
        if (!name || (image.built && name->registry.empty()) || !asked.insert(image.reference).second) continue;
        registries[name->registry].questions.push_back({std::move(*name), &object, &image});
      }
    }
  }
  return registries;
}

std::string tag_of(const model::ImageReference& name) {
  if (!name.digest.empty()) return name.digest;
  return name.tag.empty() ? "latest" : name.tag;
}

Error missing_image(const Question& question) {
  Error error;
  error.kind = ErrorKind::unavailable;
  error.message =
      fmt::format("there is no image {}, which {} needs", question.name.text(), question.object->reference.text());
  error.advice = question.image->built
                     ? "push it (liminal build --push), or leave this out with --no-check-images if the nodes have it"
                     : "correct its name or push it, or leave this out with --no-check-images if the nodes have it";
  error.location = question.image->place;
  error.source = question.image->source;
  return error;
}

std::string unknown(const std::string& registry, std::size_t count, const Error& error) {
  std::string text = fmt::format("whether {} at {} was not found out: {}",
                                 count == 1 ? "an image is" : fmt::format("{} images are", count),
                                 registry.empty() ? "Docker Hub" : registry, error.message);
  if (!error.causes.empty()) text += fmt::format(" ({})", error.causes.front());
  return text + "; the cluster's nodes may reach it all the same";
}

}  // namespace

CheckedImages check_images(const World& world, const registry::Options& registries, const std::vector<SetPlan>& plans) {
  Registries by_host = questions_of(plans);
  std::vector<std::pair<Registry*, const Question*>> all;
  for (auto& [host, registry] : by_host) {
    for (const Question& question : registry.questions) all.emplace_back(&registry, &question);
  }
  registry::Options options = registries;
  // A look beforehand is no reason to wait long.
  options.attempts = 2;
  options.connect_timeout = std::chrono::seconds{3};
  registry::Client client(world, std::move(options));
  using Found = Result<std::optional<registry::Descriptor>>;
  std::vector<std::optional<Found>> answers(all.size());
  parallel_for(at_once, all.size(), [&](std::size_t i) {
    const auto& [registry, question] = all[i];
    if (registry->silent) return;
    answers[i] = client.find_manifest({question->name.registry, question->name.repository}, tag_of(question->name));
    if (!*answers[i] && answers[i]->error().transient) registry->silent = true;
  });
  CheckedImages result;
  std::map<std::string, std::pair<std::size_t, Error>> unanswered;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Question& question = *all[i].second;
    if (answers[i] && *answers[i]) {
      if (!**answers[i]) result.missing.push_back(missing_image(question));
      continue;
    }
    auto& [count, error] = unanswered[question.name.registry];
    ++count;
    if (answers[i]) error = answers[i]->error();
  }
  for (const auto& [host, left] : unanswered) result.notes[host] = unknown(host, left.first, left.second);
  return result;
}

}  // namespace liminal::deploy
