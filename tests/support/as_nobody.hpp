// Another user than root, whom no mode keeps out.
#pragma once

#include <unistd.h>

namespace liminal::testing {

// While one is there, where the tests run as root; who is another user already stays that.
class AsNobody {
 public:
  AsNobody() {
    if (::geteuid() == 0) changed_ = ::seteuid(65534) == 0;
  }
  ~AsNobody() {
    if (changed_) (void)!::seteuid(0);
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool changed_ = false;
};

}  // namespace liminal::testing
