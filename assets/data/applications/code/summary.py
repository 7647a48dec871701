import numpy as np
from sklearn.cluster import KMeans

from lessons.engine import load_model  # the course's own engine; any sentence vectors will do

sentences = [
    "The bakery opened at five every morning for thirty years.",
    "Its oven came from a monastery.",
    "The oven is cracked, and a new chimney costs too much.",
    "Three banks refused a loan.",
    "On the last day the queue reached around the corner.",
    "An old man bought twenty loaves.",
]
length = 3

vectors = load_model("minilm").embed(sentences)  # N D
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
groups = KMeans(length, n_init=10, random_state=1).fit(vectors)

away = groups.transform(vectors)  # N K: distance to each center
chosen = sorted(
    min(np.flatnonzero(groups.labels_ == k), key=lambda i, k=k: away[i, k]) for k in range(length)
)
print(" ".join(sentences[i] for i in chosen))
