"""What every page shares: header, sentence, quiz, charts, navigation."""
