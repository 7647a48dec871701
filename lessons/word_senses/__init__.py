"""One word, many vectors: the senses of a word in its contextual vectors."""
