// What a container without a terminal prints: frames of one byte for the stream, three zero bytes, and a big-endian
// length of four, each before its piece.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "liminal/docker/client.hpp"

namespace liminal::docker {

class LogFrames {
 public:
  explicit LogFrames(const std::function<void(LogStream, std::string_view)>& on_piece) : on_piece_(on_piece) {}

  // Pieces may end anywhere; a frame's content is passed on as it comes. Error (failed): what comes is no frame.
  Status feed(std::string_view bytes);

 private:
  const std::function<void(LogStream, std::string_view)>& on_piece_;
  std::array<unsigned char, 8> header_{};
  std::size_t header_size_ = 0;
  std::uint64_t remaining_ = 0;
  LogStream stream_ = LogStream::out;
};

}  // namespace liminal::docker
