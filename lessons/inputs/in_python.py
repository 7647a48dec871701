import numpy as np

import inside_bert as ib

trace = ib.load("minilm-mlm").trace("The bank was closed.", "She came back later.")
summed = trace.word_embeddings + trace.position_embeddings + trace.token_type_embeddings
print("largest difference from the model's own sum:", np.abs(summed - trace.embedding_sum).max())
for token, segment in zip(trace.tokens, trace.token_type_ids, strict=True):
    print(segment, token)
