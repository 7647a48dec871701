"""One app process of a class: ``streamlit run app.py``, with torch and the model loaded at once.

Alone, the app loads them when its first learner has seen a page. Of several processes, each must be
ready to take over from another.
"""

from __future__ import annotations

import sys
import threading

from streamlit.web import cli

from pages.ui import resources


def main() -> None:
    """Serve, with Streamlit's options from the command line."""
    threading.Thread(target=resources.model, args=("minilm-mlm",), daemon=True).start()
    sys.argv = ["streamlit", "run", "app.py", "--server.headless", "true", *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
