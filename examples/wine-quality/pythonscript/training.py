"""Trains a candidate model on train.csv: candidate/model.joblib, and what is known of it in candidate/metrics.json."""

import json
import os

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
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, folder / "model.partial")
    os.replace(folder / "model.partial", folder / "model.joblib")
    metrics = {
        "trained_on": len(labels),
        "cross_validation_accuracy": round(float(scores.mean()), 4),
        "scikit_learn": sklearn.__version__,
    }
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    print(f"trained on {len(labels)} wines; accuracy in cross-validation {metrics['cross_validation_accuracy']:.4f}")


if __name__ == "__main__":
    main()
