"""How the bundled masked language model was made. Run the parts as `python -m training.NAME`."""
