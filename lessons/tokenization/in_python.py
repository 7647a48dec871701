import inside_bert as ib

model = ib.load("minilm-mlm")
text = "Tokenizers cut unbelievably long words."
encoding = model.encode(text)
for token, number, place in zip(encoding.tokens, encoding.input_ids, encoding.offsets, strict=True):
    print(f"{token:>12} {number:>6}", "" if place is None else text[slice(*place)])
