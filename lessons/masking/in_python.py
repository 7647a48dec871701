import inside_bert as ib

model = ib.load("minilm-mlm")
for text in ("The doctor wrote a [MASK].", "The baker baked a [MASK]."):
    for word, probability in model.fill_mask(text, top_k=5)[0]:
        print(f"{word:>12} {probability:.1%}")
    print()
