// An answer that comes for as long as something happens, and is asked for again when it breaks off.
#pragma once

#include <optional>

#include "session.hpp"

namespace liminal::kube {

class Stream {
 public:
  explicit Stream(Session& session) : session_(session) {}
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  [[nodiscard]] Result<Answer> run();

 protected:
  // The next request, without credentials.
  [[nodiscard]] virtual Result<HttpRequest> request() = 0;
  // A piece of a success's body. An error ends the stream; `end` gives it its meaning.
  virtual Status take(std::string_view piece) = 0;
  // The outcome when this is the end; empty: a refusal or a broken connection, of which the stream does not know.
  virtual std::optional<Result<Answer>> end(Result<HttpResponse>& response, const HiddenText& hidden) = 0;
  // Whether a stream that broke off after something came can go on without telling anything twice.
  [[nodiscard]] virtual bool resumable() const = 0;

  Session& session_;

 private:
  bool moved_ = false;  // something came of the last request
};

}  // namespace liminal::kube
