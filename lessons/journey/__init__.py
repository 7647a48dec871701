"""The lesson "One sentence through BERT": every stage of one pass, small enough to draw at once."""
