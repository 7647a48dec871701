"""Masked language modeling: hide words, guess them, and see what BERT makes of the gaps."""
