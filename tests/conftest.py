"""Holds for all tests."""

import os

# Must stand before torch is first imported: threads of torch and tests fight over few processors.
os.environ.setdefault("OMP_NUM_THREADS", "1")
