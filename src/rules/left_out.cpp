#include "left_out.hpp"

namespace liminal::rules {

bool LeftOut::contains(const model::Image& image, const std::filesystem::path& path) {
  auto known = rules_.find(&image);
  if (known == rules_.end()) {
    const auto text = model::read_dockerignore(files_, image.source_folder);
    known = rules_.emplace(&image, model::IgnoreRules(text ? *text : std::string())).first;
  }
  return known->second.ignores(path.lexically_normal().native());
}

}  // namespace liminal::rules
