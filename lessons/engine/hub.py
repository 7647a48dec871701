"""Checkpoints from the Hugging Face hub or a folder: fetched, opened, and other families run.

A BERT checkpoint opens in our own encoder. Every other family (`families.STEPS`) runs through
`transformers` and answers the same questions; `HubModel` says what such a family shows of itself.
Code from a checkpoint is never run: no ``trust_remote_code``, and pickled weights are read with
``weights_only=True``.
"""

from __future__ import annotations

import dataclasses
import inspect
import pickle
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from . import families, folders
from .bert import Edit, Recorder, additive_mask
from .labels import TASKS, labels_of
from .model import (
    BertModel,
    Edits,
    LoadedModel,
    NotPlainBert,
    Places,
    Telling,
    array_of,
    build_bert,
    steps_of,
    taken,
    trace_of,
    unknown_steps,
)
from .spec import ModelSpec, ModelUnavailable, Progress, Refused
from .tokenizer import (
    Encoding,
    Special,
    read_json,
    read_special,
    read_tokenizer,
    tells_all,
)
from .trace import SHAPES, Floats, Trace

PATIENCE = 5.0
"""Seconds to wait for the hub's first answer."""

CHECKPOINT_FILES = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
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

    All its parts are checked against each other. Raises ModelUnavailable for a folder that is no
    checkpoint, that does not fit into memory, or that cannot be read rightly and safely.
    """
    try:
        folders.check(folder)
        _check_memory(folder)
        config = read_json(folder / "config.json")
        tokenizer, special = _tokenizer_of(folder, config)
        model = _model(spec, folder, config, tokenizer, special)
        _check_text(model, folder)
        return model
    except Refused as reason:
        raise ModelUnavailable(f"{spec.title} cannot be opened, because {reason}.") from reason
    except ModelUnavailable:
        raise
    except MemoryError as error:
        raise ModelUnavailable(f"{spec.title} does not fit into memory.") from error
    # Foreign files fail in foreign ways: whatever it was, a learner gets one sentence and the log
    # keeps the rest.
    except Exception as error:
        said = _first_line(error, folder)
        raise ModelUnavailable(f"{spec.title} cannot be opened: {said}.") from error


def _first_line(error: Exception, folder: Path) -> str:
    said = str(error).strip().partition("\n")[0].replace(str(folder), folder.name)
    return said[:160].rstrip(".") or type(error).__name__


def _check_memory(folder: Path) -> None:
    needed, free = folders.memory_needed(folder), folders.free_memory()
    if free is not None and needed > free:
        raise Refused(
            f"it needs {needed / 1e9:.1f} GB of memory, and {max(0, free) / 1e9:.1f} GB are free"
        )


def _model(
    spec: ModelSpec, folder: Path, config: dict[str, Any], tokenizer: Tokenizer, special: Special
) -> LoadedModel:
    if config.get("model_type", "bert") == "bert":
        weights = read_weights(folder)
        _check_numbers(weights)
        try:
            return BertModel(spec, *build_bert(config, weights), tokenizer, special)
        except NotPlainBert:
            pass  # transformers knows the variants of BERT that our encoder leaves out
    model = HubModel(spec, folder, tokenizer, special)
    _check_numbers(model.module.state_dict())
    return model


def _check_numbers(weights: Mapping[str, Tensor]) -> None:
    """Raises Refused for weights that are no numbers: one NaN makes every prediction one."""
    for name, tensor in weights.items():
        if tensor.is_floating_point():
            # A sum is one pass over the memory, and is not finite if any number is not.
            if not tensor.sum(dtype=torch.float64).isfinite():
                raise Refused(f"its weights hold numbers that are not finite, in {name}")
        elif tensor.dtype == torch.int8 or tensor.dtype == torch.uint8:
            raise Refused(f"its weights are rounded to bytes, in {name}")


def _check_text(model: LoadedModel, folder: Path) -> None:
    """Raises Refused for a tokenizer that does not fit the model: by its ids, or by its words."""
    name = next(file for file in folders.VOCABULARIES if (folder / file).is_file())
    last = max(model.tokenizer.get_vocab().values(), default=-1)
    rows = model.word_rows
    if last >= rows:
        raise Refused(f"{name} has pieces up to {last}, and vocab_size in config.json is {rows}")
    if model.positions < 8:
        raise Refused(f"config.json says max_position_embeddings: {model.positions} are too few")
    try:
        encoding = model.encode("a \u2603 \u4e00", "b")
    except Exception as error:  # the tokenizers' library raises nothing narrower
        raise Refused(f"{name} has no piece for unknown characters, as [UNK] is") from error
    if len(encoding) == 0 or not len(model.encode("")):
        raise Refused(f"{name} puts nothing around a text, where BERT has [CLS] and [SEP]")
    trace = model.trace(encoding, keep=())
    expected = (model.spec.layers, model.spec.heads, len(encoding), len(encoding))
    if trace.attention_weights.shape != expected or not np.isfinite(trace.hidden_states).all():
        raise Refused("its attention is not what config.json describes")


def read_weights(folder: Path) -> dict[str, Tensor]:
    """All tensors of a checkpoint, by name, from one file or several.

    Raises Refused for a file that is cut off, and for a pickle that holds more than tensors.
    """
    tensors: dict[str, Tensor] = {}
    for path in folders.weight_files(folder):
        tensors |= _read_safetensors(path) if path.suffix == ".safetensors" else _unpickled(path)
    return tensors


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError):
        raise Refused(f"{path.name} is cut off or damaged") from None


def _unpickled(path: Path) -> dict[str, Tensor]:
    try:
        read = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise Refused(f"{path.name} holds more than tensors, and code is not run") from None
    except (EOFError, OSError, RuntimeError, ValueError):
        raise Refused(f"{path.name} is cut off or damaged") from None
    if isinstance(read, Mapping) and all(isinstance(x, Tensor) for x in read.values()):
        return dict(read)
    inside = ", ".join(map(str, read)) if isinstance(read, Mapping) else type(read).__name__
    raise Refused(f"{path.name} holds {inside[:80]} and not a model's tensors alone")


def _tokenizer_of(folder: Path, config: Mapping[str, Any]) -> tuple[Tokenizer, Special]:
    """The folder's tokenizer; one that is not told by its files alone is read by `transformers`.

    Raises Refused for one that it cannot read either.
    """
    try:
        if tells_all(folder, str(config.get("model_type", "bert"))):
            return read_tokenizer(folder)
    except Exception as error:
        said = _first_line(error, folder)
        raise Refused(f"its tokenizer cannot be read: {said}") from None
    try:
        converted = _transformers().AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        tokenizer: Tokenizer = converted.backend_tokenizer
    except Exception as error:
        name = read_json(folder / "tokenizer_config.json").get("tokenizer_class", "of its own kind")
        said = _first_line(error, folder)
        raise Refused(f"its tokenizer ({name}) cannot be read: {said}") from None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer, read_special(folder, tokenizer)


# --- other families -----------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _transformers() -> Any:
    """The library, quiet, with our attention plugged in."""
    import transformers
    from transformers.masking_utils import AttentionMaskInterface, eager_mask

    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers.AttentionInterface.register("recorded", families.recorded_attention)
    AttentionMaskInterface.register("recorded", eager_mask)
    return transformers


def _from_pretrained(auto: Any, folder: Path, config: Any, plain: bool) -> tuple[Any, Any]:
    """A model of the library and what it says of the loading. Raises Refused for unfit weights."""
    files = folders.weight_files(folder)
    try:
        return auto.from_pretrained(  # type: ignore[no-any-return]
            folder,
            config=config,
            attn_implementation="recorded" if plain else "eager",
            dtype=torch.float32,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=files[0].suffix == ".safetensors",
            weights_only=True,
            ignore_mismatched_sizes=True,  # they are told, and refused below
            output_loading_info=True,
        )
    except Exception:  # whatever a checkpoint makes the library raise goes on, unless
        read_weights(folder)  # this one names the file that is at fault
        raise


class HubModel(LoadedModel):
    """Another family, through `transformers`.

    A trace shows what the family has of BERT's steps, and each of them can be edited. Queries, keys
    (where they are rotated, after it), values and scores are shown where attention is the paper's;
    DeBERTa and MPNet add the places to the scores, so there they are None. Input vectors that a
    family does not add, units before an activation that a gate takes part in, and ``pooled`` are
    None. ALBERT's input vectors are narrower than D.
    """

    def __init__(
        self, spec: ModelSpec, folder: Path, tokenizer: Tokenizer, special: Special
    ) -> None:
        transformers = _transformers()
        config = transformers.AutoConfig.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        for field in ("hidden_act", "activation", "hidden_activation"):
            if (act := getattr(config, field, None)) not in (
                None,
                *transformers.activations.ACT2FN,
            ):
                raise Refused(f"config.json says {field} {act!r}, which is not known")
        family = config.model_type
        steps = families.STEPS[family]
        # Attention that can be plugged in is the paper's; some families compute their own.
        self.plain_attention = not steps.weights
        head = families.HEADS[family] if getattr(config, "legacy", True) else None
        labels = labels_of(config.to_dict())
        pairs = family in ("bert", "ernie")
        if labels is not None:
            task = next(end for end, per in TASKS.items() if per == labels.per)
            auto, head = getattr(transformers, f"AutoModel{task}"), None
        elif pairs:
            auto = transformers.AutoModelForPreTraining  # both heads
        else:
            auto = transformers.AutoModelForMaskedLM
        module, loading = _from_pretrained(auto, folder, config, self.plain_attention)
        for name, held, wanted in sorted(loading["mismatched_keys"]):
            raise Refused(
                f"{name} has the shape {tuple(held)} in its weights, and by config.json it would "
                f"be {tuple(wanted)}"
            )
        base = module.base_model
        prefix = "" if base is module else f"{module.base_model_prefix}."
        missing = set(loading["missing_keys"])
        body = sorted(name for name in missing if name.startswith(prefix))
        if lost := [name for name in body if ".pooler." not in f".{name}"]:
            raise Refused(f"its weights lack {lost[0]}")
        layers = config.num_hidden_layers
        for name in loading["unexpected_keys"]:
            number = re.search(r"\blayers?\.(\d+)\.", name)
            if number and int(number[1]) >= layers:
                raise Refused(
                    f"its weights hold {name}, and config.json says num_hidden_layers {layers}"
                )
        follows = {name for name in missing if "seq_relationship" in name or ".pooler." in name}

        # RoBERTa counts positions from behind its padding id.
        padding = getattr(getattr(base, "embeddings", None), "padding_idx", None)
        self.first_position = 0 if padding is None else int(padding) + 1
        positions = int(getattr(config, "max_position_embeddings", 0)) - self.first_position
        token_types = int(getattr(config, "type_vocab_size", 0) or 0)
        accepts = inspect.signature(base.forward).parameters
        table = getattr(base.embeddings, "position_embeddings", None)
        relative = getattr(config, "relative_attention", family == "mpnet")
        places: Places = "both" if relative else "added"
        if table is None:
            places = "relative" if relative else "rotated"
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
            has_mlm=head is not None and not missing - follows,
            has_nsp=pairs and labels is None and not follows,
            labels=None if missing else labels,
            places=places,
            norm_first=steps.norm_first,
        )
        self.family = family
        self.base = base
        self.head = head
        self.final_norm = getattr(base, "final_norm", None)
        families.watch(base, steps, config.num_attention_heads)
        self.reads_positions = bool(getattr(config, "position_biased_input", True))

    @property
    def embedding_norm(self) -> Any:
        return families.embedding_norm(self.base)

    @property
    def position_weights(self) -> Tensor | None:
        table = getattr(self.base.embeddings, "position_embeddings", None)
        return None if table is None else table.weight[self.first_position :]

    @property
    def activation_alone(self) -> bool:
        return bool(families.STEPS[self.family].widen)

    @torch.inference_mode()
    def before_head(self, states: Floats) -> Floats:
        if self.final_norm is None:
            return states
        inner = self.final_norm(torch.tensor(states[:-1])).numpy()
        return np.concatenate([inner, states[-1:]])

    @torch.inference_mode()
    def next_sentence(self, first: str, second: str, *, edits: Edits | None = None) -> float:
        if not self.has_nsp:
            return super().next_sentence(first, second)
        encoding = self.encode(first, second)
        arrays = (encoding.input_ids, encoding.token_type_ids, encoding.attention_mask)
        recorder = Recorder(edits, keep=None if edits else ())
        output = self._recorded(recorder, *(torch.from_numpy(array)[None] for array in arrays))
        module: Any = self.module
        logits = module.cls.seq_relationship(output.pooler_output)
        return float(logits.softmax(dim=-1)[0, 0])

    def layer_states(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        edits: Edits | None = None,
    ) -> Sequence[Tensor]:
        recorder = Recorder(edits, keep=None if edits else ())
        output = self._recorded(recorder, input_ids, token_type_ids, attention_mask)
        return [state.float().cpu() for state in output.hidden_states]

    @torch.inference_mode()
    def steps(self) -> tuple[str, ...]:
        recorder = Recorder()
        one = torch.zeros(1, 1, dtype=torch.long)
        self._recorded(recorder, one, one, torch.ones_like(one))
        return tuple(recorder.seen)

    def logits_of(self, hidden: Tensor) -> Tensor:
        assert self.head is not None  # has_mlm was asked first
        return self.head(self.module, *self._there(hidden))

    def trace_encoding(
        self,
        encoding: Encoding,
        edits: Edits,
        attention_mask: Tensor,
        token_type_ids: Tensor,
        position_ids: Tensor,
        keep: Collection[str] | None,
        progress: Callable[[float], object] | None = None,
    ) -> Trace:
        usual = torch.arange(len(encoding))[None]
        if not self.reads_positions and not torch.equal(position_ids, usual):
            raise ValueError(f"{self.spec.title} has no position embeddings to choose from")
        if attention_mask.dim() == 3:
            if not self.plain_attention:
                raise ValueError(f"{self.spec.title} takes one attention mask for all tokens")
            attention_mask = additive_mask(attention_mask, self.word_embeddings.weight.dtype)

        steps = steps_of(self.spec.layers, keep)
        wanted = None if edits else {name for names in steps.values() for name in names}
        layers = self.spec.layers
        recorder = Telling(edits, wanted, layers, progress) if progress else Recorder(edits, wanted)
        output = self._recorded(
            recorder,
            torch.from_numpy(encoding.input_ids)[None],
            token_type_ids,
            attention_mask,
            position_ids,
        )
        fields = {"hidden_states": np.stack([array_of(state[0]) for state in output.hidden_states])}
        for field, names in steps.items():
            if names[0] in recorder.seen:
                found = taken(recorder.seen, names)
                fields[field] = found if SHAPES[field].letters[0] == "L" else found[0]
        return trace_of(
            self.name,
            encoding,
            attention_mask if attention_mask.dim() == 2 else (attention_mask[:, 0] == 0).long(),
            token_type_ids if self.token_types > 1 else torch.zeros_like(token_type_ids),
            position_ids,
            fields,
        )

    def last_states(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        edits: Edits,
        *,
        layer: int = 0,
        hidden: Tensor | None = None,
    ) -> Tensor:
        recorder = Recorder(edits, keep=())
        output = self._recorded(recorder, input_ids, token_type_ids, attention_mask)
        return output.last_hidden_state  # type: ignore[no-any-return]

    def label_logits(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        edits: Mapping[str, Edit] | None = None,
    ) -> Tensor:
        inputs = self._inputs(input_ids, token_type_ids, attention_mask)
        with families.looking(Recorder(edits, keep=())):
            return self.module(**inputs).logits  # type: ignore[no-any-return]

    def _recorded(self, recorder: Recorder, *inputs: Tensor) -> Any:
        """`_run` under the eyes of a recorder. Raises ValueError for an edit that met no step."""
        with families.looking(recorder):
            output = self._run(*inputs)
        if unknown := set(recorder.edits) - recorder.edited:
            raise unknown_steps(unknown, self.steps())
        return output

    def _run(self, *inputs: Tensor) -> Any:
        """One pass of the family's encoder."""
        return self.base(**self._inputs(*inputs), output_hidden_states=True)

    def _inputs(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        position_ids: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """What the family reads of the inputs."""
        inputs: dict[str, Tensor] = {"input_ids": input_ids, "attention_mask": attention_mask}
        if self.token_types > 1:
            inputs["token_type_ids"] = token_type_ids
        if position_ids is not None:
            inputs["position_ids"] = position_ids + self.first_position
        return dict(zip(inputs, self._there(*inputs.values()), strict=True))
