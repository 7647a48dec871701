"""What we write opens in our own registry and in `transformers`, and says the same."""

import io
import zipfile

import pytest
import torch

from lessons.engine import ModelUnavailable, add_trained, available_models, load_model, status_of
from lessons.engine.bert import BertConfig, BertForPreTraining
from lessons.engine.checkpoint import (
    save_checkpoint,
    word_tokenizer,
    wordpiece_tokenizer,
    zipped,
)

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = ("the", "dogs", "bark", ".")


@pytest.fixture
def folder(tmp_path):
    tokenizer = word_tokenizer(SPECIAL, WORDS)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=16, num_hidden_layers=2,
        num_attention_heads=2, intermediate_size=32, max_position_embeddings=24,
        initializer_range=0.3,
    )  # fmt: skip
    model = BertForPreTraining(config).initialise(torch.Generator().manual_seed(1))
    save_checkpoint(model, tokenizer, tmp_path / "toy-test")
    return tmp_path / "toy-test"


def test_it_opens_here_by_the_name_that_its_owner_knows(folder):
    add_trained("toy-test", folder, "Mine")
    assert "toy-test" not in [spec.name for spec in available_models()]
    (spec,) = [
        spec for spec in available_models(["toy-test", "toy-other"]) if spec.name[:3] == "toy"
    ]
    assert (spec.name, spec.title, status_of(spec), spec.layers) == ("toy-test", "Mine", "local", 2)
    model = load_model("toy-test")
    assert model.has_mlm
    assert model.has_nsp
    assert [token for token, _ in model.fill_mask("the dogs [MASK] .", top_k=9)[0]]
    assert model.trace("the dogs bark .").tokens == ("[CLS]", *WORDS, "[SEP]")
    assert 0 < model.next_sentence("the dogs bark .", "the dogs .") < 1


def test_a_name_of_the_course_cannot_be_taken(folder):
    with pytest.raises(ValueError, match="another model"):
        add_trained("minilm", folder, "Not MiniLM")


def test_a_model_whose_folder_is_gone_is_unavailable(tmp_path):
    add_trained("toy-gone", tmp_path / "nowhere", "Gone")
    assert [spec for spec in available_models(["toy-gone"]) if spec.name == "toy-gone"] == []
    with pytest.raises(ModelUnavailable):
        load_model("toy-gone")


def test_transformers_reads_it_and_computes_the_same(folder):
    from transformers import AutoTokenizer
    from transformers import BertForPreTraining as Theirs

    add_trained("toy-same", folder, "Mine")
    ours = load_model("toy-same")
    theirs = Theirs.from_pretrained(folder, local_files_only=True).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    batch = tokenizer("the dogs [MASK] .", "the dogs bark .", return_tensors="pt")
    encoding = ours.encode("the dogs [MASK] .", "the dogs bark .")
    assert batch["input_ids"][0].tolist() == encoding.input_ids.tolist()
    assert batch["token_type_ids"][0].tolist() == encoding.token_type_ids.tolist()
    with torch.no_grad():
        out = theirs(**batch)
    gap = encoding.tokens.index("[MASK]")
    probabilities = torch.from_numpy(ours.token_probabilities(encoding))[0]
    assert torch.allclose(out.prediction_logits[0, gap].softmax(dim=-1), probabilities, atol=1e-5)
    follows = out.seq_relationship_logits[0].softmax(dim=-1)[0]
    said = ours.next_sentence("the dogs [MASK] .", "the dogs bark .")
    assert float(follows) == pytest.approx(said, abs=1e-5)


def test_pieces_are_learned_from_a_text():
    tokenizer = wordpiece_tokenizer(SPECIAL, ["Walking and talking", "walked, talked"] * 5, 60)
    vocabulary = tokenizer.get_vocab()
    assert [tokenizer.id_to_token(i) for i in range(5)] == list(SPECIAL)
    assert sorted(vocabulary.values()) == list(range(len(vocabulary)))
    assert any(len(word) > 2 and word.startswith("##") for word in vocabulary)
    tokens = tokenizer.encode("walking").tokens
    assert tokens[0] == "[CLS]"
    assert "".join(token.removeprefix("##") for token in tokens[1:-1]) == "walking"
    assert "[UNK]" in tokenizer.encode("🐉").tokens


def test_the_zip_holds_the_whole_checkpoint(folder):
    with zipfile.ZipFile(io.BytesIO(zipped(folder))) as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
    files = ("config.json", "model.safetensors", "tokenizer.json", "vocab.txt")
    assert {f"toy-test/{name}" for name in files} <= names
