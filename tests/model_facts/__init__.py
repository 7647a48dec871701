"""What the course says of the bundled weights, measured."""
