"""Made-up answers of the four heads: what each got wrong is known."""


def facts(n=40, seeds=3):
    return {
        "labels": ["a", "b"],
        "dev": [{"text": f"t{i}", "right": i % 2, "group": i // 2} for i in range(n)],
        "n_train": 80,
        "seeds": list(range(seeds)),
        "steps": 100,
        "epochs": 2.0,
        "baselines": {"most frequent label": 0.5, "bag of words": 0.6},
        "weights": {"cls": 10, "mean": 20, "lstm": 30, "cnn": 1234},
    }


def moment(given, wrong):
    """Answers in which each head is wrong on the rows named, by seed."""
    right = [row["right"] for row in given["dev"]]
    return {
        "step": 100,
        "seconds": dict.fromkeys(given["weights"], 1.5),
        "answers": {
            head: [
                [1 - r if i in wrong[head][seed] else r for i, r in enumerate(right)]
                for seed in range(len(given["seeds"]))
            ]
            for head in given["weights"]
        },
    }


CLEAR = {
    "cls": [range(20)] * 3, "mean": [range(18)] * 3, "lstm": [range(19)] * 3, "cnn": [[0]] * 3,
}  # fmt: skip
CLOSE = {
    "cls": [[0, 1, 2], [3, 4], [5, 6]], "mean": [[7, 8], [9], [10, 11, 12]],
    "lstm": [range(9)] * 3, "cnn": [range(9)] * 3,
}  # fmt: skip
