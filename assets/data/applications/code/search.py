import torch
from transformers import AutoModel, AutoTokenizer

NAME = "sentence-transformers/all-MiniLM-L6-v2"
tokenizer, model = AutoTokenizer.from_pretrained(NAME), AutoModel.from_pretrained(NAME).eval()


@torch.inference_mode()
def embed(texts):
    batch = tokenizer(texts, padding=True, truncation=True, max_length=256, return_tensors="pt")
    hidden = model(**batch).last_hidden_state  # B T D
    mask = batch["attention_mask"][..., None]  # padding must not count
    mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
    return torch.nn.functional.normalize(mean, dim=-1)  # a dot product is now a cosine


passages = [
    "The sleeper to the coast leaves at 22:14 from platform 9.",
    "Onions hold a gas that forms an acid when it meets the water in your eyes.",
    "Rinse rice until the water runs clear.",
]
vectors = embed(passages)  # once, beforehand

scores = vectors @ embed(["Why do I cry when I cook?"])[0]
for i in scores.argsort(descending=True).tolist():
    print(f"{scores[i]:.2f}  {passages[i]}")
