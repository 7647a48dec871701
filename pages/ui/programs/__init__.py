"""The five programs of the lesson on applications, a module each."""
