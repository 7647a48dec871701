from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased", num_labels=3)

# Pooler and head learn ...
frozen = [model.bert.embeddings, *model.bert.encoder.layer]

# ... and, if you like, the last layer.
frozen.pop()

model.train()
for part in frozen:
    part.requires_grad_(False)
    part.eval()  # no dropout in what does not learn; after each model.train() again

learning = sum(p.numel() for p in model.parameters() if p.requires_grad)
print(f"{learning:,} of {sum(p.numel() for p in model.parameters()):,} weights learn")
