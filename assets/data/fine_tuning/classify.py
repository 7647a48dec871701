import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

texts = ["I loved every minute.", "Never again.", "It opens at nine."]
labels = torch.tensor([2, 0, 1])  # negative, neutral, positive

tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased", num_labels=3)

batch = tokenizer(texts, padding=True, truncation=True, max_length=128, return_tensors="pt")
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)

model.train()
for _ in range(3):
    loss = model(**batch, labels=labels).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()

model.eval()
with torch.inference_mode():
    predicted = model(**batch).logits.argmax(dim=-1)
print(predicted.tolist())
