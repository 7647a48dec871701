import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

NAME = "distilbert/distilbert-base-cased-distilled-squad"  # a span head trained by others
tokenizer = AutoTokenizer.from_pretrained(NAME)
model = AutoModelForQuestionAnswering.from_pretrained(NAME).eval()

question = "Where are the hens kept?"
paragraph = "Maya keeps fourteen hens behind the bakery."

batch = tokenizer(question, paragraph, return_offsets_mapping=True, return_tensors="pt")
offsets = batch.pop("offset_mapping")[0].tolist()
with torch.inference_mode():
    output = model(**batch)

inside = torch.tensor([part == 1 for part in batch.sequence_ids(0)])  # only the paragraph answers
start = output.start_logits[0].masked_fill(~inside, -torch.inf)  # T
end = output.end_logits[0].masked_fill(~inside, -torch.inf)
scores = (start[:, None] + end[None, :]).masked_fill(
    ~torch.ones(len(start), len(start)).triu().tril(11).bool(), -torch.inf
)  # T T: an answer ends where or after it begins, and has at most 12 tokens
first, last = divmod(int(scores.argmax()), len(start))
print(paragraph[offsets[first][0] : offsets[last][1]])
