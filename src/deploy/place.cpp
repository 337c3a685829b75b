#include "place.hpp"

namespace liminal::deploy {

Error placed(Error error, const DesiredObject& object) {
  error.location = object.place;
  error.source = object.source;
  return error;
}

std::string in_file(const DesiredObject& object) {
  return object.place.file.empty() ? std::string() : " in " + object.place.file;
}

}  // namespace liminal::deploy
