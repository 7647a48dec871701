"""The lesson "What BERT is made of": parts, parameters, cost, and why both sides are read."""
