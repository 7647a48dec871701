import numpy as np

import inside_bert as ib

model = ib.load("minilm-mlm")
text = "She sat on the [MASK] of the river."
trace = model.trace(text)
again = trace.hidden_states[0] + trace.attention_output[0]  # the residual connection of layer 1
print("largest difference:", np.abs(again - trace.attention_sum[0]).max())
without = {"layer.0.attention.sum": lambda x, seen: seen["layer.0.attention.output"]}
print(model.fill_mask(text, top_k=3), model.fill_mask(text, top_k=3, edits=without), sep="\n")
