"""The lesson "More than English": what one vocabulary costs many languages."""
