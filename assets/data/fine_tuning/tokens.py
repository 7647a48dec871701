import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer

TAGS = ["O", "B-person", "I-person", "B-place", "I-place"]
words = ["Marta", "Lindqvist", "lives", "in", "Lisbon", "."]
tags = ["B-person", "I-person", "O", "O", "B-place", "O"]

tokenizer = AutoTokenizer.from_pretrained("bert-base-cased")
model = AutoModelForTokenClassification.from_pretrained("bert-base-cased", num_labels=len(TAGS))

batch = tokenizer(words, is_split_into_words=True, return_tensors="pt")
labels, before = [], None
for word in batch.word_ids(0):  # the word of each piece, None for [CLS] and [SEP]
    first = word is not None and word != before
    labels.append(TAGS.index(tags[word]) if first else -100)  # -100: the loss leaves it out
    before = word

optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
model.train()
for _ in range(3):
    loss = model(**batch, labels=torch.tensor([labels])).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

model.eval()
with torch.inference_mode():
    best = model(**batch).logits[0].argmax(dim=-1)
print([TAGS[i] for i, label in zip(best.tolist(), labels, strict=True) if label != -100])
