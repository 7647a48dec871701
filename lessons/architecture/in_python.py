import inside_bert as ib

model = ib.load("minilm-mlm")
counts: dict[str, int] = {}
for name, weight in model.module.named_parameters():
    part = "layers" if ".layer." in name else name.split(".")[1]
    counts[part] = counts.get(part, 0) + weight.numel()
for part, count in counts.items():
    print(f"{part:>16} {count:>12,}")
