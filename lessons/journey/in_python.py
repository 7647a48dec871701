import inside_bert as ib

model = ib.load("minilm-mlm")
text = "She sat on the [MASK] of the river."
trace = model.trace(text)
place = trace.tokens.index("[MASK]")
for layer, hidden in enumerate(trace.hidden_states[1:, place], start=1):
    best = int(model.token_logits(hidden).argmax())  # what the head would say after this layer
    print(layer, model.tokenizer.id_to_token(best))
ib.journey(model, text).save("journey.html")
