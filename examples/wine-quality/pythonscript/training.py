"""Trains a candidate model on train.csv: candidate/model.joblib, and what is known of it in candidate/metrics.json."""

import json

import joblib
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import KFold, cross_val_score

import dataset


def main():
    features, labels = dataset.read(dataset.DATA / "train.csv")
    model = RandomForestClassifier(n_estimators=50, random_state=0)
    scores = cross_val_score(model, features, labels, cv=KFold(5, shuffle=True, random_state=0))
    model.fit(features, labels)

    folder = dataset.DATA / "candidate"
    with dataset.whole(folder / "model.joblib") as partial:
        joblib.dump(model, partial)
    metrics = {
        "trained_on": len(labels),
        "cross_validation_accuracy": round(float(scores.mean()), 4),
        "scikit_learn": sklearn.__version__,
    }
    with dataset.whole(folder / "metrics.json") as partial:
        partial.write_text(json.dumps(metrics, indent=2) + "\n")
    print(f"trained on {len(labels)} wines; accuracy in cross-validation {metrics['cross_validation_accuracy']:.4f}")


if __name__ == "__main__":
    main()
