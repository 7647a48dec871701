from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased", num_labels=3)

# Only the head learns ...
model.bert.embeddings.requires_grad_(False)
model.bert.encoder.requires_grad_(False)

# ... and, if you like, the last layer.
for layer in model.bert.encoder.layer[-1:]:
    layer.requires_grad_(True)

learning = sum(p.numel() for p in model.parameters() if p.requires_grad)
print(f"{learning:,} of {sum(p.numel() for p in model.parameters()):,} weights learn")
