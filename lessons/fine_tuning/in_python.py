import copy

import torch

import inside_bert as ib

texts = ["I loved it.", "A wonderful film.", "I hated it.", "A terrible film."]
labels = torch.tensor([1, 1, 0, 0])
model = ib.load("minilm-mlm")
encoder = copy.deepcopy(model.encoder)
encoder.encoder.layer[-2:].requires_grad_(True)  # the last two layers learn, and a new head
head = torch.nn.Linear(model.spec.hidden, 2)
ids = torch.tensor([model.padded(model.encode(text), 8).input_ids.tolist() for text in texts])
learning = [p for p in (*encoder.parameters(), *head.parameters()) if p.requires_grad]
optimizer = torch.optim.AdamW(learning, lr=1e-3)
for step in range(10):
    vectors = encoder(ids, attention_mask=(ids != 0).long())[:, 0]  # [CLS] of each text
    loss = torch.nn.functional.cross_entropy(head(vectors), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, f"{loss.item():.3f}")
