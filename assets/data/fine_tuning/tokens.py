import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer

TAGS = ["O", "B-person", "I-person", "B-place", "I-place"]
words = ["Marta", "Lindqvist", "lives", "in", "Lisbon", "."]
tags = ["B-person", "I-person", "O", "O", "B-place", "O"]
new = ["Omar", "flew", "to", "Oslo", "."]  # not trained on

tokenizer = AutoTokenizer.from_pretrained("bert-base-cased")
model = AutoModelForTokenClassification.from_pretrained(
    "bert-base-cased",
    id2label=dict(enumerate(TAGS)),
    label2id={tag: i for i, tag in enumerate(TAGS)},
)


def first_pieces(batch):
    """Where each word begins: (place, word). The word of [CLS] and [SEP] is None."""
    words = batch.word_ids(0)
    return [(i, w) for i, w in enumerate(words) if w is not None and w != words[i - 1]]


batch = tokenizer(words, is_split_into_words=True, return_tensors="pt")
labels = torch.full_like(batch["input_ids"], -100)  # -100: the loss leaves it out
for place, word in first_pieces(batch):
    labels[0, place] = TAGS.index(tags[word])

optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
model.train()
for _ in range(3):
    loss = model(**batch, labels=labels).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

model.eval()
asked = tokenizer(new, is_split_into_words=True, return_tensors="pt")
with torch.inference_mode():
    best = model(**asked).logits[0].argmax(dim=-1).tolist()
print([model.config.id2label[best[place]] for place, _ in first_pieces(asked)])
