import numpy as np

import inside_bert as ib

places, pairs = np.arange(64)[:, None], np.arange(32)
angles = places / 10000 ** (pairs / 32)
waves = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)  # 64 places, 64 numbers
print("waves: place 10 beside 11, 12, 40:", (waves[[11, 12, 40]] @ waves[10]).round(1))
model = ib.load("minilm-mlm")
learned = model.encoder.embeddings.position_embeddings.weight.numpy()
learned = learned / np.linalg.norm(learned, axis=1, keepdims=True)
print("learned:", (learned[[11, 12, 40]] @ learned[10]).round(2))
