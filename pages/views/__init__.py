"""What the lessons show: a folder each, a module an experiment. Playgrounds use the same."""
