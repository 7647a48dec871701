import inside_bert as ib

model = ib.load("minilm-mlm")
first = "She opened the door and looked into the garden."
for second in ("It was full of roses.", "Interest rates rose by half a point."):
    print(f"{model.next_sentence(first, second):.1%}  {second}")
