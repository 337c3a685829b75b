// What a server-side apply would change, worked out from a live object's metadata.managedFields: read rights are
// enough. https://kubernetes.io/docs/reference/using-api/server-side-apply/
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/json.hpp"

namespace liminal::kube {

// An entry of managedFields.
struct FieldOwner {
  std::string manager;
  std::string operation;  // Apply, Update
  std::string time;       // RFC 3339

  friend bool operator==(const FieldOwner&, const FieldOwner&) = default;
};

struct FieldChange {
  enum class Kind { add, change, remove };
  Kind kind = Kind::change;
  std::string path;  // .spec.template.spec.containers[name="server"].image
  Json before;       // null when added
  Json after;        // null when removed
  // Of a change: other managers that own the field. The server refuses such an apply.
  std::vector<FieldOwner> conflicts;
  bool own = false;  // of a change: the manager owns the field as it is
};

// The changes that applying `desired` as `manager` would make in `live`: fields that differ or are not there, and
// fields that the manager owns and no longer sets, unless another owns them too. Fields of others, defaults of the
// server and another way of writing a quantity are no change; in what a custom resource owns as a whole, all else is
// one. An estimate: a server knows the schema of lists, this knows what managedFields tell of them.
[[nodiscard]] std::vector<FieldChange> estimate_apply(const Json& desired, const Json& live, std::string_view manager);

// A field that an apply would set or let go of, as it is now.
struct SeenField {
  std::string path;
  Json value;                      // null: it is not there
  std::vector<FieldOwner> owners;  // the manager itself among them
};

// What the estimate goes by: two looks at an object that see the same here lead to the same changes. Fields of others,
// status and what the server fills in are not among it.
[[nodiscard]] std::vector<SeenField> seen_fields(const Json& desired, const Json& live, std::string_view manager);

// Whether the manager applied the label itself: proof that it made the object its own.
[[nodiscard]] bool owns_label(const Json& live, std::string_view manager, std::string_view label);

// Whether the manager has applied anything in the object.
[[nodiscard]] bool has_applied(const Json& live, std::string_view manager);

// Who else has a hand in an object, latest first, for messages.
[[nodiscard]] std::vector<FieldOwner> other_managers(const Json& live, std::string_view manager);

}  // namespace liminal::kube
