import numpy as np

import inside_bert as ib

model = ib.load("minilm-mlm")
encoding = model.encode("She sat on the bank of the river.")
places = range(1, len(encoding) - 1)
hidden = [model.masked(encoding, [place]) for place in places]  # one word hidden in each
shares = model.token_probabilities(hidden, [[place] for place in places])
losses = [-np.log(row[encoding.input_ids[p]]) for row, p in zip(shares, places, strict=True)]
print(f"mean loss {np.mean(losses):.2f}, perplexity {np.exp(np.mean(losses)):.1f}")
