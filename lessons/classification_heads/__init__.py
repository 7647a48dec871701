"""Four heads on the same frozen vectors, and what softmax and sigmoid make of their scores."""
