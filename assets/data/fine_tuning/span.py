import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

question = "Where are the hens kept?"
paragraph = "Maya keeps fourteen hens behind the bakery."
answer = "behind the bakery"

tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
model = AutoModelForQuestionAnswering.from_pretrained("bert-base-uncased")

batch = tokenizer(question, paragraph, return_tensors="pt")
at = paragraph.index(answer)  # characters, turned into pieces of the second sequence
start = torch.tensor([batch.char_to_token(0, at, sequence_index=1)])
end = torch.tensor([batch.char_to_token(0, at + len(answer) - 1, sequence_index=1)])

optimizer = torch.optim.AdamW(model.parameters(), lr=3e-5)
model.train()
for _ in range(3):
    loss = model(**batch, start_positions=start, end_positions=end).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

model.eval()
with torch.inference_mode():
    output = model(**batch)
first, last = int(output.start_logits.argmax()), int(output.end_logits.argmax())
print(tokenizer.decode(batch["input_ids"][0, first : last + 1]))
