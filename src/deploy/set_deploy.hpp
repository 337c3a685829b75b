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
  // (Options::atomic), which a cause of the error tells. With a saved plan, also what has moved since it was made.
  // With Options::atomic the lease is held until this object goes: what else is deployed may fail yet.
  Status run(DesiredSet set, const SetPlan* saved = nullptr);
  // Back to what there was before `run`, and how that ended; empty: nothing was written.
  [[nodiscard]] std::string undo();

  [[nodiscard]] const SetPlan& plan() const { return plan_; }
  // What stopped it besides the error that `run` gave.
  [[nodiscard]] const std::vector<Error>& further() const { return further_; }
  [[nodiscard]] std::vector<report::Case>& cases() { return cases_; }

 private:
  Status under_lease(DesiredSet set, const SetPlan* saved);
  [[nodiscard]] Error refusal(const ObjectChange& change, const kube::Answer& answer) const;
  Status try_out();
  Status begin();
  Status carry_out();
  Status make_way(const std::vector<const ObjectChange*>& replaced);
  Status apply(const std::vector<const ObjectChange*>& changes);
  Status remove(const std::vector<const ObjectChange*>& changes);
  Status wait_until_gone(const std::vector<const ObjectChange*>& changes);
  Status see_gone_of_before();
  [[nodiscard]] std::vector<std::string> users_of(const ObjectChange& change) const;
  Status see_gone(const std::vector<const ObjectChange*>& removed);
  Status wait();
  Status stop(std::vector<Error> errors);
  void tell_not_ready(const NotReady& failed);
  Status finish();
  Status finish_undo();
  [[nodiscard]] Result<DesiredSet> before() const;
  void restore_secrets(DesiredSet& recorded) const;
  [[nodiscard]] std::string left_changed(const DesiredSet& recorded) const;
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
  Inventory before_;                   // what was on record when the lease was had
  std::set<kube::Reference> made_;     // by this deploy, where nothing was
  std::set<kube::Reference> going_;    // deleted, and held by finalizers
  const SetDeploy* undone_ = nullptr;  // what this one undoes: it removes nothing but what that one made
  SetPlan plan_;
  std::vector<report::Case> cases_;
  std::vector<Error> further_;
  bool wrote_ = false;  // something of the set may have changed
};

}  // namespace liminal::deploy
