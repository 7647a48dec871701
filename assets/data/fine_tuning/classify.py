import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

LABELS = ["negative", "neutral", "positive"]
texts = ["I loved every minute.", "Never again.", "It opens at nine."]
labels = torch.tensor([2, 0, 1])
new = ["I would do it again.", "It closes at noon."]  # not trained on: what is measured

tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
model = AutoModelForSequenceClassification.from_pretrained(
    "bert-base-uncased",
    id2label=dict(enumerate(LABELS)),
    label2id={label: i for i, label in enumerate(LABELS)},
)


def read(texts):
    return tokenizer(texts, padding=True, truncation=True, max_length=128, return_tensors="pt")


optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
model.train()
for _ in range(3):
    loss = model(**read(texts), labels=labels).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()

model.eval()
with torch.inference_mode():
    predicted = model(**read(new)).logits.argmax(dim=-1)
print([model.config.id2label[i] for i in predicted.tolist()])
