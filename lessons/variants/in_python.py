import inside_bert as ib

for spec in ib.available_models():  # those on this machine; ib.load(name, download=True) fetches
    model = ib.load(spec.name)
    trace = model.trace("She sat on the bank of the river.", keep=[])
    to_first = trace.attention_weights[..., 0].mean()
    print(model, f"gives {to_first:.0%} of its attention to the first token")
