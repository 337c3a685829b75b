// One set carried out: under its lease, dry run first, then in waves, each step safe to repeat.
#pragma once

#include <memory>

#include "changes.hpp"
#include "lease.hpp"
#include "rollout.hpp"

namespace liminal::deploy {

class SetDeploy {
 public:
  SetDeploy(const World& world, kube::Client& client, const Options& options, const Author& author)
      : world_(world), client_(client), options_(options), author_(author) {}

  // Errors: what stopped it; what was done until then stays done, and running again goes on from there, or is undone
  // (Options::atomic), which a cause of the error tells. With a saved
  // plan, also what has moved since it was made.
  Status run(DesiredSet set, const SetPlan* saved = nullptr);

  [[nodiscard]] const SetPlan& plan() const { return plan_; }
  // What stopped it besides the error that `run` gave.
  [[nodiscard]] const std::vector<Error>& further() const { return further_; }
  [[nodiscard]] std::vector<report::Case>& cases() { return cases_; }

 private:
  Status under_lease(DesiredSet set, const SetPlan* saved);
  Status try_out();
  Status begin();
  Status carry_out();
  Status make_way(const std::vector<const ObjectChange*>& replaced);
  Status apply(const std::vector<const ObjectChange*>& changes);
  Status remove(const std::vector<const ObjectChange*>& changes);
  Status wait();
  Status stop(std::vector<Error> errors);
  void tell_not_ready(const NotReady& failed);
  Status finish();
  std::string undo();
  [[nodiscard]] std::vector<const ObjectChange*> changes_of(Wave wave) const;
  [[nodiscard]] std::vector<const ObjectChange*> changes_to(Action action) const;
  [[nodiscard]] std::string now_text() const;
  [[nodiscard]] kube::Call write_call(kube::Verb verb, const kube::Reference& target) const;
  [[nodiscard]] kube::Call apply_call(const ObjectChange& change) const;
  void tell(const ObjectChange& change, report::Outcome outcome, const std::string& summary);

  const World& world_;
  kube::Client& client_;
  const Options& options_;
  const Author& author_;
  std::shared_ptr<Lease> lease_;  // shared with what undoes it
  LiveSet live_;
  struct Before {
    unsigned revision = 0;  // of the last deploy that ended
    std::map<kube::Reference, std::string> uids;
  };
  Before before_;                     // what was on record when the lease was had
  std::set<kube::Reference> spared_;  // that are not removed, wanted or not
  SetPlan plan_;
  std::vector<report::Case> cases_;
  std::vector<Error> further_;
  bool wrote_ = false;  // something of the set may have changed
};

}  // namespace liminal::deploy
