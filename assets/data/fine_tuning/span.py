import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

question = "Where are the hens kept?"
paragraph = "Maya keeps fourteen hens behind the bakery."
answer = "behind the bakery"
new = ("Where is the car kept?", "Paul keeps the old car behind the barn.")  # not trained on

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
asked = tokenizer(*new, return_tensors="pt")
with torch.inference_mode():
    output = model(**asked)
# The best pair of a start and an end, both in the paragraph, the end not before the start.
scores = output.start_logits[0][:, None] + output.end_logits[0][None, :]
inside = torch.tensor([part == 1 for part in asked.sequence_ids(0)])
allowed = (inside[:, None] & inside[None, :]).triu()
best = int(scores.masked_fill(~allowed, -torch.inf).argmax())
first, last = divmod(best, len(inside))
print(tokenizer.decode(asked["input_ids"][0, first : last + 1]))
