"""The journey of the first sentence, stored so that home can paint it before the model is loaded.

``python -m lessons.journey.stored "the sentence" 8`` writes it anew, for other weights or another
sentence (the numbers are the masked positions). A test compares it with what the model says.
"""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

STORED = Path(__file__).resolve().parents[2] / "assets" / "data" / "journey" / "first.json"


@lru_cache(maxsize=1)
def stored() -> dict[str, Any]:
    """The stored picture, as `Journey.as_data` gives it."""
    data: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))
    return data


def main(text: str, masks: list[int]) -> None:
    """Run the bundled model over the sentence and store the picture."""
    from ..engine import load_model
    from .compute import journey

    model = load_model("minilm-mlm")
    data = journey(model, model.encode(text), masks).as_data()
    STORED.parent.mkdir(parents=True, exist_ok=True)
    STORED.write_text(json.dumps(data, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], [int(number) for number in sys.argv[2:]])
