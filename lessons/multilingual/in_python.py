import inside_bert as ib

model = ib.load("minilm-mlm")  # a checkpoint of another language: ib.load("/its/folder")
sentences = {
    "English": "The weather is beautiful today.",
    "German": "Das Wetter ist heute wunderschön.",
    "Finnish": "Sää on tänään kaunis.",
}
for language, text in sentences.items():
    pieces = model.encode(text).tokens[1:-1]
    print(f"{language:>8} {len(pieces) / len(text.split()):.1f} pieces a word:", *pieces)
