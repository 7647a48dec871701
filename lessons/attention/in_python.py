import numpy as np

import inside_bert as ib

model = ib.load("minilm-mlm")
trace = model.trace("She sat on the bank of the river.")
query, key = trace.queries[2, 0], trace.keys[2, 0]  # layer 3, head 1: counted from 0 in arrays
scores = query @ key.T / np.sqrt(query.shape[-1])
weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
weights /= weights.sum(axis=-1, keepdims=True)
frame = trace.attention(layer=3, head=1)  # … and from 1 where you ask
print("largest difference:", np.abs(weights - frame.to_numpy()).max())
print(frame.loc["bank"].sort_values(ascending=False).head(3))
