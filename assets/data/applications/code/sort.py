import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from lessons.engine import load_model  # the course's own engine; any sentence vectors will do

texts = [
    "The parcel arrived broken.", "I still wait for my refund.", "Wrong size, again.",
    "Your driver left it in the rain.", "Nobody answers my letters.", "The zip is torn already.",
    "Thank you, that was quick!", "It fits perfectly.", "Best service in years.",
    "My mother was delighted with it.", "Well packed and cheap.", "I will order again.",
]  # fmt: skip
labels = ["complaint"] * 6 + ["praise"] * 6

model = load_model("minilm")
vectors = model.embed(texts)  # N D
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

sorter = LogisticRegression(C=10.0)
print("cross-validated:", cross_val_score(sorter, vectors, labels, cv=3).mean())

sorter.fit(vectors, labels)
new = model.embed(["The cup has a crack.", "What a lovely color!"])
print(sorter.predict(new / np.linalg.norm(new, axis=1, keepdims=True)))
