#!/bin/sh
# PyTorch without CUDA, where CUDA is of no use: on Linux without an NVIDIA card, from the index of
# CPU builds that INSIDE_BERT_TORCH_INDEX names (PyTorch's site says where its own one is). Where it
# names none, or it cannot be reached at once, nothing is done here, and torch comes from the index
# that pip is set to.
#   sh deploy/torch.sh .venv/bin/python
INDEX=$INSIDE_BERT_TORCH_INDEX
PYTHON=$1
[ -n "$INDEX" ] && [ "$(uname -s)" = Linux ] || exit 0
[ -e /proc/driver/nvidia/version ] || command -v nvidia-smi >/dev/null && exit 0
"$PYTHON" -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)' && exit 0
"$PYTHON" - "$INDEX" <<'END' || exit 0
import sys, urllib.request
try:
    urllib.request.urlopen(f"{sys.argv[1]}/torch/", timeout=3).close()
except Exception:
    sys.exit(1)
END
echo "PyTorch without CUDA, from $INDEX"
"$PYTHON" -m pip install --quiet --timeout 10 --retries 1 --index-url "$INDEX" --no-deps \
    "$(grep '^torch==' "$(dirname "$0")/../requirements.txt")" || true
