// The record of a set on the cluster: its ApplySet parent, which lists the objects with their UIDs, the number of the
// last deploy, and what a deploy that is under way means to touch.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "apply_set.hpp"

namespace liminal::deploy {

// A deploy that began. Left behind by one that was killed, it tells the next what may be half done.
struct Pending {
  std::string author;
  std::string started;
  std::vector<kube::Reference> objects;
  std::string plan{};  // digest of the saved plan that it carries out; empty: none
};

struct Inventory {
  unsigned revision = 0;
  std::map<kube::Reference, std::string> uids;
  std::optional<Pending> pending;
  std::string origin;
  std::string plan;              // digest of the saved plan that the last deploy carried out; empty: none
  std::string resource_version;  // empty: there is no parent yet

  // Of a parent as it was read. Errors (failed): it is not ours, or was changed by hand beyond reading.
  [[nodiscard]] static Result<Inventory> read(const Json& parent, const DesiredSet& set);
  // Whether the set may have made an object of this name: it is listed, or was to be made.
  [[nodiscard]] bool knows(const kube::Reference& reference, const std::string& uid) const;
};

// That of the set as it is on the cluster now; an empty one where there is none.
[[nodiscard]] Result<Inventory> read_inventory(kube::Client& client, const DesiredSet& set);
// Writes the parent, and fails when somebody else did since it was read; the inventory then has the new version.
[[nodiscard]] Status write_inventory(kube::Client& client, const DesiredSet& set, Inventory& inventory);
[[nodiscard]] Status remove_inventory(kube::Client& client, const DesiredSet& set, const Inventory& inventory);

}  // namespace liminal::deploy
