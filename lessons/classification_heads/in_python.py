from sklearn.linear_model import LogisticRegression

import inside_bert as ib

good = ["I loved it.", "A wonderful film.", "Great fun from start to end.", "It made me happy."]
bad = ["I hated it.", "A terrible film.", "Dull from start to end.", "It made me angry."]
model = ib.load("minilm-mlm")
head = LogisticRegression(max_iter=1000).fit(model.embed(good + bad), [1] * 4 + [0] * 4)
for text in ("A great story.", "A boring mess."):
    print(f"{head.predict_proba(model.embed(text))[0, 1]:.0%} good: {text}")
