// A plan for a cluster as a file: what was looked at is what is applied, or nothing is. It holds the objects, what was
// seen of them on the cluster, and which cluster that was; of secrets the names of their files, never a value or a
// digest of one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "liminal/deploy/cluster.hpp"

namespace liminal::deploy {

struct SavedPlan {
  std::string context;        // as --context names it
  std::string server;         // the address, for messages
  std::string cluster;        // UID of its namespace kube-system
  std::string made;           // RFC 3339, UTC
  std::string commit;         // that it was made from; empty: not known
  Options options;            // `clean`, `delete_data` and `adopt` are the file's; the rest is the deploy's to say
  std::vector<SetPlan> sets;  // planned with Options::note_seen
  std::string digest;         // of what is in the file; tells one plan from another
};

// Written whole or not at all, for its owner alone (0600); returns the digest. Files of secrets that lie below `root`,
// the checkout, are named from there. Errors: of FileSystem::write.
[[nodiscard]] Result<std::string> write_saved_plan(const World& world, const SavedPlan& plan,
                                                   const std::filesystem::path& root,
                                                   const std::filesystem::path& file);

// Reads the files of secrets, too. Errors (usage): the file cannot be read, is no plan, one of another version, cut
// off, or changed after it was written; a secret's file cannot be read, or leads out of `root`.
[[nodiscard]] Result<SavedPlan> read_saved_plan(const World& world, const std::filesystem::path& root,
                                                const std::filesystem::path& file);

// Applies it as `deploy_sets` does. What has moved on the cluster since it was made is an error (failed) with object,
// field and manager, and nothing is written. A deploy of this plan that was cut off is finished.
[[nodiscard]] Deployed deploy_saved(const World& world, kube::Client& client, const SavedPlan& plan,
                                    const Author& author);

}  // namespace liminal::deploy
