#include "system_failure.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace liminal {

namespace {

ErrorKind kind_of(int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return ErrorKind::usage;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::unavailable;
    default:
      return ErrorKind::failed;
  }
}

}  // namespace

tl::unexpected<Error> system_failure(std::string_view doing, const std::filesystem::path& path, int code) {
  std::string advice;
  if (kind_of(code) == ErrorKind::unavailable) advice = "check who may read and write it (ls -l, chmod)";
  if (code == ENOTDIR || code == EEXIST) advice = "a file stands where a folder is needed: name another folder";
  if (code == EISDIR) advice = "it is a folder: name a file";
  if (code == ENAMETOOLONG) advice = "choose a shorter name";
  if (code == ELOOP) advice = "links lead round in a circle: remove one of them";
  if (code == ENOSPC || code == EDQUOT) advice = "free some disk space and run it again";
  // Codes of the operating system are a small closed set, and their texts are meant for people.
  return fail(kind_of(code), fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(code)),
              std::move(advice));
}

}  // namespace liminal
