"""The lesson `pretraining`: a small BERT, trained while the learner watches."""
