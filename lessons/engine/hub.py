"""Checkpoints from the Hugging Face hub or a folder: fetched, opened, and other families run.

A BERT checkpoint opens in our own encoder. Every other family (RoBERTa, DistilBERT, ALBERT,
ELECTRA, DeBERTa, ModernBERT, XLM-R …) runs through `transformers` and answers the same questions;
`HubModel` says what such a family shows of itself. Code from a checkpoint is never run: no
``trust_remote_code``, and pickled weights are read with ``weights_only=True``.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from lessons.engine.bert import Edit, Probe, Recorder, additive_mask, no_probe
from lessons.engine.model import (
    BertModel,
    LoadedModel,
    NotPlainBert,
    build_bert,
    trace_of,
)
from lessons.engine.spec import ModelSpec, ModelUnavailable, Progress
from lessons.engine.tokenizer import Encoding, Special, read_json, read_special, read_tokenizer
from lessons.engine.trace import SHAPES, Floats, Trace

PATIENCE = 5.0
"""Seconds to wait for the hub's first answer."""

CHECKPOINT_FILES = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spm.model",
    "spiece.model",
    "sentencepiece.bpe.model",
)
"""What may be fetched besides the weights: settings and vocabularies, never code."""


# --- fetching -----------------------------------------------------------------------------------


def fetch(spec: ModelSpec, progress: Progress | None = None) -> Path:
    """Download a checkpoint into the hub's cache and return its folder.

    ``progress(bytes_done, bytes_total)`` is called as it comes in; what it raises stops the
    download and comes out of here. A later try goes on where this one stopped. Raises
    ModelUnavailable when there is no network or the hub says no.
    """
    import httpx2
    from huggingface_hub import HfApi, constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    assert spec.hub_id is not None
    # The hub's faster protocol reports from another thread, where `progress` could not stop it.
    constants.HF_HUB_DISABLE_XET = True
    try:
        info = HfApi().model_info(spec.hub_id, files_metadata=True, timeout=PATIENCE, token=False)
        sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
        weights = "model.safetensors" if "model.safetensors" in sizes else "pytorch_model.bin"
        wanted = [name for name in (*CHECKPOINT_FILES, weights) if name in sizes]
        total = sum(sizes[name] for name in wanted)
        folder = snapshot_download(
            spec.hub_id,
            allow_patterns=wanted,
            tqdm_class=_reporter(progress, total),
            token=False,
        )
    except (httpx2.HTTPError, HfHubHTTPError, OSError) as error:
        raise ModelUnavailable(
            f"{spec.title} could not be downloaded (about {spec.download_mb} MB): the Hugging Face "
            "hub cannot be reached from here. The bundled models go on working."
        ) from error
    return Path(folder)


def _reporter(progress: Progress | None, total: int) -> type[Any]:
    """A silent progress bar that hands the bytes it is told of to ``progress``."""
    from tqdm import tqdm

    # The library keeps two bars of bytes, received and written, and one of files. Which of the
    # two moves depends on the way a file comes; the larger count is how far the download is.
    done: dict[int, float] = {}

    class Reporter(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            self.counts_bytes = options.get("unit") == "B"
            super().__init__(*args, **{**options, "disable": True})

        def update(self, n: float | None = 1) -> bool | None:
            if self.counts_bytes and progress is not None:
                done[id(self)] = done.get(id(self), 0) + (n or 0)
                progress(min(int(max(done.values())), total), total)
            return None

    return Reporter


# --- opening ------------------------------------------------------------------------------------


def open_checkpoint(spec: ModelSpec, folder: Path) -> LoadedModel:
    """The checkpoint in a folder: in our own encoder if it is a BERT, else through `transformers`.

    Raises ModelUnavailable for a folder that is no checkpoint, or not one that can be read safely.
    """
    try:
        config = read_json(folder / "config.json")
        tokenizer, special = _tokenizer_of(folder)
        if config.get("model_type", "bert") == "bert" and single_file(folder) is not None:
            try:
                module, parts = build_bert(config, read_weights(folder))
                return BertModel(spec, module, parts, tokenizer, special)
            except NotPlainBert:
                pass  # transformers knows the variants of BERT that our encoder leaves out
        return HubModel(spec, folder, tokenizer, special)
    except ModelUnavailable:
        raise
    # Foreign files fail in foreign ways (a torn file, an unsafe pickle, a family that is not
    # known, memory): whatever it was, a learner gets one sentence and the log keeps the rest.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0].replace(str(folder), folder.name)[:160]
        reason = reason or type(error).__name__
        raise ModelUnavailable(f"{spec.title} could not be opened: {reason}") from error


def single_file(folder: Path) -> Path | None:
    """The file with all weights, safetensors rather than a pickle; None if they are in parts."""
    for name in ("model.safetensors", "pytorch_model.bin"):
        if (folder / name).is_file():
            return folder / name
    return None


def read_weights(folder: Path) -> dict[str, Tensor]:
    """All tensors of a checkpoint, by name. A pickle that holds more than tensors is refused."""
    path = single_file(folder)
    if path is None:
        raise ModelUnavailable(f"{folder.name} has no model.safetensors.")
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    tensors: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return tensors


def _tokenizer_of(folder: Path) -> tuple[Tokenizer, Special]:
    """The folder's tokenizer; one that only `transformers` can read is converted by it."""
    try:
        return read_tokenizer(folder)
    except FileNotFoundError:
        converted = _transformers().AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        tokenizer: Tokenizer = converted.backend_tokenizer
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer, read_special(folder, tokenizer)


# --- other families -----------------------------------------------------------------------------

HEADS: dict[str, Callable[[Any, Tensor], Tensor]] = {
    "bert": lambda model, hidden: model.cls(hidden),
    "roberta": lambda model, hidden: model.lm_head(hidden),
    "xlm-roberta": lambda model, hidden: model.lm_head(hidden),
    "camembert": lambda model, hidden: model.lm_head(hidden),
    "distilbert": lambda model, hidden: model.vocab_projector(
        model.vocab_layer_norm(model.activation(model.vocab_transform(hidden)))
    ),
    "albert": lambda model, hidden: model.predictions(hidden),
    "electra": lambda model, hidden: model.generator_lm_head(model.generator_predictions(hidden)),
    "deberta": lambda model, hidden: model.cls(hidden),
    "deberta-v2": lambda model, hidden: model.cls(hidden),
    "modernbert": lambda model, hidden: model.decoder(model.head(hidden)),
}
"""Each family's masked-word head, (…, D) → (…, V): needed apart, to read out chosen tokens only."""

_probe: ContextVar[Probe] = ContextVar("probe", default=no_probe)
"""What looks at the attention of the pass that this thread runs."""


def recorded_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[Tensor, Tensor]:
    """Attention as in `bert.py`, in the form that `transformers` lets one plug in."""
    probe = _probe.get()
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    query, key, value = probe("query", query), probe("key", key), probe("value", value)
    scores = probe("attention_scores", query @ key.transpose(-1, -2) * scale)  # B H T T
    weights = scores if attention_mask is None else scores + attention_mask
    weights = probe("attention_weights", weights.softmax(dim=-1))  # B H T T
    weights = nn.functional.dropout(weights, p=dropout, training=module.training)
    heads = probe("head_outputs", weights @ value)  # B H T D/H
    return heads.transpose(1, 2).contiguous(), weights


def _layer_counter(recorder: Recorder) -> Probe:
    """A probe that knows its layer by counting queries: families that share weights have no index.

    Names come out as in `bert.py`: ``layer.0.query``, ``layer.0.key`` …
    """
    layer = -1

    def probe(name: str, tensor: Tensor) -> Tensor:
        nonlocal layer
        layer += name == "query"
        return recorder(f"layer.{layer}.{name}", tensor)

    return probe


@lru_cache(maxsize=1)
def _transformers() -> Any:
    """The library, quiet, with our attention plugged in."""
    import transformers
    from transformers.masking_utils import AttentionMaskInterface, eager_mask

    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers.AttentionInterface.register("recorded", recorded_attention)
    AttentionMaskInterface.register("recorded", eager_mask)
    return transformers


class HubModel(LoadedModel):
    """Another family, through `transformers`.

    A trace shows ``hidden_states`` and ``attention_weights`` of every family. Queries, keys
    (ModernBERT: after rotation), values, scores and head outputs are shown, and can be edited,
    where attention is the paper's; DeBERTa scores content and position apart, so there they are
    None. Embedding parts, feed-forward and residual steps, and ``pooled`` are None.
    """

    def __init__(
        self, spec: ModelSpec, folder: Path, tokenizer: Tokenizer, special: Special
    ) -> None:
        transformers = _transformers()
        config = transformers.AutoConfig.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        # Attention that can be plugged in is the paper's; DeBERTa computes its own.
        self.plain_attention = config.model_type not in ("deberta", "deberta-v2")
        head = HEADS.get(config.model_type)
        auto = transformers.AutoModel if head is None else transformers.AutoModelForMaskedLM
        module, loading = auto.from_pretrained(
            folder,
            config=config,
            attn_implementation="recorded" if self.plain_attention else "eager",
            dtype=torch.float32,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=any(folder.glob("*.safetensors")),
            weights_only=True,
            output_loading_info=True,
        )
        base = module.base_model
        prefix = "" if base is module else f"{module.base_model_prefix}."
        missing = [name for name in loading["missing_keys"] if ".pooler." not in f".{name}"]
        if lost := [name for name in missing if name.startswith(prefix)]:
            raise ModelUnavailable(f"{spec.title} is incomplete: its weights lack {lost[0]}.")

        # RoBERTa counts positions from behind its padding id.
        padding = getattr(getattr(base, "embeddings", None), "padding_idx", None)
        self.first_position = 0 if padding is None else int(padding) + 1
        positions = int(getattr(config, "max_position_embeddings", 0)) - self.first_position
        token_types = int(getattr(config, "type_vocab_size", 0) or 0)
        accepts = inspect.signature(base.forward).parameters
        super().__init__(
            dataclasses.replace(
                spec,
                layers=config.num_hidden_layers,
                heads=config.num_attention_heads,
                hidden=config.hidden_size,
                parameters=sum(weight.numel() for weight in base.parameters()),
            ),
            module,
            tokenizer,
            special,
            positions=positions,
            token_types=token_types if "token_type_ids" in accepts else 0,
            has_mlm=head is not None and not missing,
            has_nsp=False,
        )
        self.base = base
        self.head = head
        self.reads_positions = bool(getattr(config, "position_biased_input", True))

    def layer_states(
        self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor
    ) -> Sequence[Tensor]:
        return self._run(input_ids, token_type_ids, attention_mask).hidden_states  # type: ignore[no-any-return]

    def logits_of(self, hidden: Tensor) -> Tensor:
        assert self.head is not None  # has_mlm was asked first
        return self.head(self.module, hidden)

    def trace_encoding(
        self,
        encoding: Encoding,
        edits: Mapping[str, Edit],
        attention_mask: Tensor,
        token_type_ids: Tensor,
        position_ids: Tensor,
    ) -> Trace:
        usual = torch.arange(len(encoding))[None]
        if not self.reads_positions and not torch.equal(position_ids, usual):
            raise ValueError(f"{self.spec.title} has no position embeddings to choose from")
        if attention_mask.dim() == 3:
            if not self.plain_attention:
                raise ValueError(f"{self.spec.title} takes one attention mask for all tokens")
            attention_mask = additive_mask(attention_mask, torch.float32)  # 1 1 T T

        recorder = Recorder(edits)
        token = _probe.set(_layer_counter(recorder))
        try:
            output = self._run(
                torch.from_numpy(encoding.input_ids)[None],
                token_type_ids,
                attention_mask,
                position_ids,
                output_attentions=not self.plain_attention,
            )
        finally:
            _probe.reset(token)
        seen = recorder.seen
        if unknown := sorted(set(edits) - set(seen)):
            raise ValueError(f"no step called {', '.join(unknown)} in {self.spec.title}")

        fields: dict[str, Floats] = {
            "hidden_states": np.stack([state[0].numpy() for state in output.hidden_states])
        }
        if self.plain_attention:
            for field, shape in SHAPES.items():
                if shape.probe is not None and shape.probe.format(0) in seen:
                    names = [shape.probe.format(i) for i in range(self.spec.layers)]
                    fields[field] = np.stack([seen.pop(name)[0].numpy() for name in names])
        else:
            fields["attention_weights"] = np.stack(
                [weights[0].numpy() for weights in output.attentions]
            )
        return trace_of(
            self.name,
            encoding,
            attention_mask if attention_mask.dim() == 2 else (attention_mask[:, 0] == 0).long(),
            token_type_ids if self.token_types > 1 else torch.zeros_like(token_type_ids),
            position_ids,
            fields,
        )

    def _run(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        position_ids: Tensor | None = None,
        **options: bool,
    ) -> Any:
        """One pass of the family's encoder, given what it reads of the inputs."""
        inputs: dict[str, Tensor] = {"input_ids": input_ids, "attention_mask": attention_mask}
        if self.token_types > 1:
            inputs["token_type_ids"] = token_type_ids
        if position_ids is not None:
            inputs["position_ids"] = position_ids + self.first_position
        return self.base(**inputs, output_hidden_states=True, **options)
