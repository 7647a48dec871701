"""Next-sentence prediction: does this sentence follow that one?"""
