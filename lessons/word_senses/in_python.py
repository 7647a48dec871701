import numpy as np

import inside_bert as ib

model = ib.load("minilm-mlm")
river, money = "They sat on the bank of the river.", "The bank raised its interest rates."
other = "We walked along the bank and watched the boats."
for layer in range(model.spec.layers + 1):
    a, b, c = (model.word_vector(text, "bank", layer) for text in (other, river, money))
    river_like, money_like = (v @ a / np.linalg.norm(v) / np.linalg.norm(a) for v in (b, c))
    print(f"layer {layer}: like the river's {river_like:.2f}, like the money's {money_like:.2f}")
