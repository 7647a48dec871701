import numpy as np

import inside_bert as ib

sentences = ["A cat sleeps on the sofa.", "A kitten naps on the couch.", "Shares fell on Monday."]
for name in ("minilm", "minilm-mlm"):
    vectors = ib.load(name).embed(sentences)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    print(name, (vectors @ vectors.T).round(2), sep="\n")
