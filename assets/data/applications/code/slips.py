import math

import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

NAME = "bert-base-uncased"
tokenizer = AutoTokenizer.from_pretrained(NAME)
model = AutoModelForMaskedLM.from_pretrained(NAME).eval()

ids = tokenizer("please close the widow", return_tensors="pt")["input_ids"][0]  # T
places = range(1, len(ids) - 1)  # all but [CLS] and [SEP]

masked = ids.repeat(len(places), 1)  # one copy for each token, which is hidden in it
for row, place in enumerate(places):
    masked[row, place] = tokenizer.mask_token_id

with torch.inference_mode():
    logits = model(input_ids=masked).logits  # P T V
for row, place in enumerate(places):
    probabilities = logits[row, place].softmax(dim=-1)  # V
    bits = -math.log2(probabilities[ids[place]])
    best = tokenizer.convert_ids_to_tokens(int(probabilities.argmax()))
    print(f"{tokenizer.convert_ids_to_tokens(int(ids[place]))}: {bits:.1f} bits, expected {best}")
