import numpy as np

import inside_bert as ib

answers = [
    "Water boils at 100 degrees.",
    "The library opens at nine.",
    "Cats sleep all day.",
]
question = "When can I borrow a book?"
model = ib.load("minilm")
vectors = model.embed([question, *answers])
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
for score, answer in sorted(zip(vectors[1:] @ vectors[0], answers, strict=True), reverse=True):
    print(f"{score:.2f} {answer}")
