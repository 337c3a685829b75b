"""Judges the candidate and the model in production by the same wines, test.csv, and keeps the better: production/."""

import json
import shutil

import joblib

import dataset


def accuracy(path, features, labels):
    model = joblib.load(path)
    if model.n_features_in_ != len(features[0]):
        raise SystemExit(
            f"{path} was trained on {model.n_features_in_} features, and these wines have {len(features[0])}: "
            "the two cannot be compared; move it away if the data changed on purpose"
        )
    return float(model.score(features, labels))


def promote(candidate, production, score, previous):
    metrics = json.loads((candidate / "metrics.json").read_text())
    metrics.update(accuracy=round(score, 4), previous_accuracy=None if previous is None else round(previous, 4))
    with dataset.whole(production / "metrics.json") as partial:
        partial.write_text(json.dumps(metrics, indent=2) + "\n")
    with dataset.whole(production / "model.joblib") as partial:
        shutil.copyfile(candidate / "model.joblib", partial)


def main():
    candidate, production = dataset.DATA / "candidate", dataset.DATA / "production"
    features, labels = dataset.read(dataset.DATA / "test.csv")
    if not (candidate / "model.joblib").exists():
        raise SystemExit(f"{candidate / 'model.joblib'} is not there: run the task training_model first")

    new = accuracy(candidate / "model.joblib", features, labels)
    if not (production / "model.joblib").exists():
        promote(candidate, production, new, None)
        print(f"candidate: accuracy {new:.4f}; no model in production yet: the candidate is the production model now")
        return
    current = accuracy(production / "model.joblib", features, labels)
    print(f"candidate: accuracy {new:.4f}; production: accuracy {current:.4f}, on the same {len(labels)} wines")
    if new > current:
        promote(candidate, production, new, current)
        print("the candidate is better: it is the production model now")
    else:
        print("the candidate is not better: the production model stays")


if __name__ == "__main__":
    main()
