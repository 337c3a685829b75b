// The deploy stage on a cluster. What a system wants there is an ApplySet (KEP-3659, spelled as kubectl's code spells
// it): objects that carry its id, and a ConfigMap, `liminal-SYSTEM`, that lists them. A change is planned from what is
// live, written under a lease in waves, and recorded.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/world.hpp"
#include "liminal/engine/engine.hpp"
#include "liminal/kube/apply_estimate.hpp"
#include "liminal/kube/client.hpp"
#include "liminal/registry/client.hpp"
#include "liminal/report/run_report.hpp"

namespace liminal::deploy {

// Objects of a later wave refer to those of an earlier one; a schedule comes last, so that it never fires before what
// it needs is there.
enum class Wave { configuration, storage, workload, schedule };
inline constexpr unsigned waves = 4;

// An image that an object has pods pull.
struct ObjectImage {
  std::string reference;
  bool built = false;  // from the system's own source
  Location place;      // where the YAML names it
  std::shared_ptr<const std::string> source;
};

struct DesiredObject {
  Json object;  // whole, with the set's labels
  kube::Reference reference;
  Wave wave = Wave::configuration;
  Location place;                             // the volume, secret, service or pipeline that it comes from
  std::shared_ptr<const std::string> source;  // the text of that file; null: not known
  std::vector<ObjectImage> images;
  std::filesystem::path value_file;             // of a secret: what its value is read from, absolute
  std::vector<kube::Reference> pull_secrets{};  // of pods that the text of a DAG describes
};

// What one system wants in one namespace.
struct DesiredSet {
  std::string system;                  // its name in the file
  std::string namespace_name;          // where its objects live, and the record of them
  std::string origin;                  // the repository it comes from, without credentials; empty: not known
  std::vector<DesiredObject> objects;  // by wave
  std::vector<DesiredObject> secrets_without_values{};  // of a record, which has the others as objects
  // Of a record: the deploy that it is of, or that it brought back.
  struct Restored {
    unsigned revision = 0;
    std::string commit;
  };
  std::optional<Restored> restored{};

  [[nodiscard]] std::string parent_name() const;  // of the ConfigMap that lists the objects, and of the lease
  [[nodiscard]] std::string id() const;           // of the ApplySet
};

// Reads the files of secrets: errors (usage) when one cannot be read.
[[nodiscard]] Result<std::vector<DesiredSet>> desired_sets(const World& world,
                                                           const std::vector<model::System>& systems,
                                                           const engine::Rendered& rendered,
                                                           const std::string& namespace_name,
                                                           const std::string& origin);

enum class Action { create, update, replace, remove, keep, unchanged };

struct ObjectChange {
  Action action = Action::unchanged;
  kube::Reference reference;
  std::vector<kube::FieldChange> fields;  // of an update or a replacement; values of secrets are left out
  std::string note;                       // why it is replaced or kept
  bool loses_data = false;
  bool fixed = false;                 // of a replacement: what is there cannot become what is wanted
  bool going = false;                 // of what is kept: a deploy that did not end has deleted it
  bool forced = false;                // fields of others become the set's, as the user said
  bool leaves_replicas = false;       // another manager sets how many there are: they are not applied
  std::vector<kube::SeenField> seen;  // what the plan goes by, where Options::note_seen asks for it; no secret's values
  std::string uid;                    // of the live object
  std::size_t desired = 0;            // its index in DesiredSet::objects; not of those that are removed or kept
};

// What applying a set would do.
struct SetPlan {
  DesiredSet set;
  std::vector<ObjectChange> changes;  // in the order they would be made
  std::vector<Error> obstacles;       // while there are any, nothing is written
  std::vector<std::string> notes;
  unsigned revision = 0;             // of the last deploy that ended; 0: none did
  bool unfinished = false;           // a deploy began and did not end
  bool unrecorded = false;           // objects are there, and no record of them
  std::string begun;                 // that deploy: whose, and when
  std::vector<std::size_t> unready;  // Deployments, by index, that do not change and are not ready

  [[nodiscard]] bool has_changes() const;
  [[nodiscard]] std::size_t count(Action action) const;
};

struct Options {
  bool volumes_and_secrets_alone = false;  // `create`
  bool clean = false;                      // everything but data is removed and made anew
  bool settle_schedules = true;            // CronWorkflows take the form that the cluster reads
  bool compare_only = false;               // nothing is refused that would be before a write
  bool keep_secrets = false;               // secrets stay as they are, wanted or not: a record has no values of theirs
  std::set<std::string> delete_data;       // names of volumes and claims that may go, with what is in them
  std::set<std::string> adopt;  // KIND/NAME of objects and fields of others that become the set's; system/NAME
  bool wait = true;
  bool atomic = false;                          // what failed is undone
  bool note_seen = false;                       // for a plan that is saved, or held to one
  std::optional<registry::Options> registries;  // how they are asked for images; empty: they are not
  std::string saved_plan;  // digest of the saved plan that is carried out, for the record; empty: none
  std::chrono::seconds timeout{300};
};

// Who deploys, for the record and for others who wait.
struct Author {
  std::string who;
  std::string host;
  std::string commit;
  std::string run;  // the CI system's page of this run
};
[[nodiscard]] Author find_author(const World& world, const std::filesystem::path& folder);

// A deploy that ended, as the cluster keeps it.
struct Revision {
  unsigned number = 0;
  std::string time;  // RFC 3339, UTC
  Author author;
  std::string what;           // 3 created, 1 changed, ...
  std::vector<Json> objects;  // as they were applied; secrets without their values
  unsigned restores = 0;      // the deploy that it brought back; 0: none
};

// Of a set, the newest first; without their objects.
[[nodiscard]] Result<std::vector<Revision>> read_history(kube::Client& client, const DesiredSet& set);
// Whose deploy of the set began and did not end, and when; empty: there is none.
[[nodiscard]] Result<std::string> read_unfinished(kube::Client& client, const DesiredSet& set);
// What the set wanted at that revision; number 0: the one before the last, which is the newest on record when the last
// did not end. Errors (usage): there is no record of it.
[[nodiscard]] Result<DesiredSet> read_revision(kube::Client& client, const DesiredSet& set, unsigned number);
// What is to be told of secrets on record that are not on the cluster: no deploy of the record brings them back.
[[nodiscard]] std::vector<std::string> lost_secrets(kube::Client& client, const DesiredSet& recorded);

// Reads the cluster and compares. Read rights are enough; nothing is written. What a deploy would be refused for is an
// obstacle, as far as it can be read: namespaces, quotas, pull secrets too.
[[nodiscard]] Result<std::vector<SetPlan>> plan_sets(const World& world, kube::Client& client,
                                                     std::vector<DesiredSet> sets, const Options& options);

struct Deployed {
  std::vector<SetPlan> plans;  // as they were carried out
  std::vector<Error> errors;
  report::Stage stage;  // one case an object
};

// Applies each set. Nothing is written while any set has an obstacle, or where nothing changes.
[[nodiscard]] Deployed deploy_sets(const World& world, kube::Client& client, std::vector<DesiredSet> sets,
                                   const Options& options, const Author& author);

// Removes what was deployed of each set; claims and volumes stay unless `delete_data` names them.
[[nodiscard]] Deployed delete_sets(const World& world, kube::Client& client, std::vector<DesiredSet> sets,
                                   const Options& options, const Author& author);

}  // namespace liminal::deploy
