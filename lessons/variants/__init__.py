"""What came after BERT: one mechanism of each successor, live and small."""
