"""The lesson's page and its playground without a browser: every control changes what is shown."""

import pytest
from streamlit.testing.v1 import AppTest

from lessons.engine.registry import LOCAL_FOLDER_VARIABLE
from lessons.word_senses.examples import Example, read_table, sense_words
from tests.checkpoints import make_bert
from tests.opening import calm, follow, go_to, open_page, typed

BANK = "We moored at the bank of the canal."


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


def said(app: AppTest, start: str) -> str:
    return next(caption.value for caption in app.caption if caption.value.startswith(start))


def verdict(app: AppTest) -> str:
    return next(text.value for text in app.markdown if text.value.startswith("Here “"))


# --- the playground ---


def test_the_verdict_follows_the_sentence():
    app = open_page("compare_senses", {"sentence.text": BANK})
    calm(app)
    assert "**river**" in verdict(app)
    app.text_input(key="sentence.text").set_value("The bank would not give us a loan.").run()
    assert "**money**" in verdict(app)


def test_the_layer_changes_map_and_verdict():
    app = open_page("compare_senses", {"sentence.text": BANK})
    before = verdict(app), said(app, "21 sentences")
    app.slider(key="senses.layer").set_value(1).run()
    assert "layer 1" in said(app, "21 sentences")
    assert (verdict(app), said(app, "21 sentences")) != before


def test_another_word_brings_its_own_sentences():
    app = open_page("compare_senses", {"sentence.text": BANK})
    app.selectbox(key="senses.word").set_value("cold").run()
    calm(app)
    assert f"{len(sense_words()['cold'].examples)} sentences with “cold”" in captions(app)
    assert any("no form of “cold”" in info.value for info in app.info)
    app.button(key="senses.try0").click().run()
    assert app.text_input(key="sentence.text").value == sense_words()["cold"].tries[0]
    assert "nearest to" in verdict(app)


def test_dimensions_and_methods_change_the_map():
    app = open_page("compare_senses", {"sentence.text": BANK})
    flat = said(app, "21 sentences")
    app.segmented_control(key="compare.dimensions").set_value(3).run()
    assert said(app, "21 sentences") != flat
    app.segmented_control(key="compare.method").set_value("t-SNE").run()
    calm(app)
    assert app.slider(key="compare.perplexity").value == 10


def test_a_kept_sentence_stays_joins_the_others_and_can_be_removed():
    app = open_page("compare_senses", {"sentence.text": BANK})
    app.selectbox(key="senses.sense.bank.1").set_value("money").run()
    app.button(key="senses.keep").click().run()
    calm(app)
    assert app.button(key="senses.keep").disabled, "it is there already"
    assert "bank|money|We moored at the [bank] of the canal." in app.query_params["own"]
    app.text_input(key="sentence.text").set_value("My bank is closed.").run()
    assert "22 sentences with “bank”" in captions(app)
    follow(app, "home")
    follow(app, "compare_senses")
    assert "22 sentences with “bank”" in captions(app)
    app.button(key="senses.drop0").click().run()
    assert "21 sentences with “bank”" in captions(app)
    assert "own" not in app.query_params


def test_a_link_brings_kept_sentences_and_nothing_else():
    written = ["bank|river|The [bank] was green.", "bank||x", "<b>", "bank|a|no"]
    app = open_page("compare_senses", query={"own": written})
    calm(app)
    kept = app.session_state["senses.own"]
    assert [(word, x.sense, x.span) for word, x in kept] == [("bank", "river", (4, 8))]


def test_only_the_new_sentence_is_computed(monkeypatch):
    from lessons.engine.model import LoadedModel

    app = open_page("compare_senses", {"sentence.text": BANK})
    counted = []
    passes = LoadedModel._passes

    def count(self, encodings, batch_size, edits=None):
        counted.append(len(encodings))
        return passes(self, encodings, batch_size, edits)

    monkeypatch.setattr(LoadedModel, "_passes", count)
    app.text_input(key="sentence.text").set_value("Our bank stood by the bridge today.").run()
    assert counted == [1]
    app.button(key="senses.keep").click().run()
    app.text_input(key="sentence.text").set_value("Our bank stood by the river.").run()
    assert counted == [1, 1, 1], "the kept one, alone, and the new one"


def test_two_occurrences_are_told_apart():
    app = open_page(
        "compare_senses", {"sentence.text": "They robbed the bank on the bank of the river."}
    )
    which = next(c for c in app.segmented_control if c.key.startswith("senses.which."))
    first = verdict(app)
    which.set_value(1).run()
    assert verdict(app) != first


def test_a_clicked_token_is_the_word_that_counts():
    app = open_page("compare_senses", {"sentence.text": BANK, "sentence.selected": (9,)})
    assert verdict(app).startswith("Here “canal”")


def test_a_mask_hides_the_word_from_the_model():
    app = open_page("compare_senses", {"sentence.text": BANK})
    before = verdict(app)
    masked = open_page("compare_senses", {"sentence.text": BANK, "sentence.masks": (6,)})
    assert verdict(masked) != before
    assert "Your masks are in place" in captions(masked)


def test_every_view_shows_its_own():
    app = open_page("compare_senses", {"sentence.text": BANK})
    for view, words in (
        ("Film", "The dashed line is the commonest sense"),
        ("Layer by layer", "the nearest sense center is right"),
        ("Static or in context", "at layer 0, drawn by PCA"),
        ("Nearest sentences", "Of the 5 nearest sentences"),
        ("Every pair", "Two sentences with the same sense"),
        ("How alike", "Two random words have"),
        ("Two models", "MiniLM (compares sentences): "),
    ):
        app.segmented_control(key="compare.more").set_value(view).run()
        calm(app)
        assert words in captions(app), view


GEESE = """sentence,sense,word
A goose hissed at us.,bird,goose
The farmer's goose laid an egg.,bird,goose
You silly goose!,fool,goose
What a goose I am.,fool,goose
No bird here.,bird,goose
"""


def test_a_table_of_ones_own_is_a_word_to_choose():
    table = read_table(GEESE.encode())
    app = open_page("compare_senses", {"senses.table": table, "senses.word": "goose (your table)"})
    calm(app)
    assert "4 sentences with “goose”, 2 senses" in captions(app)


def test_a_table_is_uploaded_and_its_errors_are_named_by_line():
    app = open_page("compare_senses", {"sentence.text": BANK})
    app.get("file_uploader")[0].upload("geese.csv", GEESE.encode(), "text/csv").run()
    calm(app)
    assert app.selectbox(key="senses.word").value == "goose (your table)"
    warned = "\n".join(warning.value for warning in app.warning)
    assert "Line 6" in warned
    assert any("4 of 5 rows" in done.value for done in app.success)


def test_a_thousand_rows_of_ones_own():
    rows = [f"Goose {i} flew over hill {i % 7}.,{'ab'[i % 2]},goose" for i in range(1000)]
    table = read_table("\n".join(["sentence,sense,word", *rows]).encode())
    app = open_page("compare_senses", {"senses.table": table, "senses.word": "goose (your table)"})
    calm(app)
    assert "1,000 sentences with “goose”" in captions(app)


def test_any_sentence_has_a_calm_answer():
    texts = [
        "",
        "[MASK]",
        "<b>bank</b> <script>x</script>",
        "bank " * 3000,
        "銀行 bank 👩‍👩‍👧",
        "b\x00ank",
    ]
    assert len([*typed("compare_senses", texts)]) == len(texts)


def test_another_model_is_used_everywhere():
    app = open_page("compare_senses", {"sentence.text": BANK, "sentence.model": "minilm"})
    calm(app)
    other = open_page("compare_senses", {"sentence.text": BANK})
    assert said_by(app) != said_by(other)


def said_by(app):
    return [element.value for element in [*app.markdown, *app.caption]]


@pytest.fixture
def small_model(tmp_path, monkeypatch) -> str:
    """A local checkpoint of three layers, with a vocabulary of its own."""
    make_bert(tmp_path / "small-bert")
    monkeypatch.setenv(LOCAL_FOLDER_VARIABLE, str(tmp_path))
    return "small-bert"


def test_a_local_model_with_fewer_layers(small_model):
    app = open_page("compare_senses", {"sentence.text": BANK})
    app.slider(key="senses.layer").set_value(5).run()
    app.session_state["sentence.model"] = small_model
    app.run()
    calm(app)
    assert app.slider(key="senses.layer").value == 3
    assert "21 sentences with “bank”, 2 senses, at layer 3" in captions(app)
    app.segmented_control(key="compare.more").set_value("Two models").run()
    calm(app)
    assert "small-bert: " in captions(app)


def test_two_hundred_kept_sentences_are_computed_once(monkeypatch):
    from lessons.engine.model import LoadedModel

    kept = [("bank", Example(f"Bank number {i}.", (0, 4), "money", own=True)) for i in range(200)]
    app = open_page("compare_senses", {"sentence.text": BANK, "senses.own": kept})
    calm(app)
    assert "221 sentences with “bank”" in captions(app)
    assert app.button(key="senses.keep").disabled
    counted = []
    passes = LoadedModel._passes
    monkeypatch.setattr(
        LoadedModel, "_passes", lambda *args: counted.append(len(args[1])) or passes(*args)
    )
    app.slider(key="senses.layer").set_value(3).run()
    assert counted == []


# --- the lesson ---


@pytest.fixture(scope="module")
def lesson() -> AppTest:
    return open_page("word_senses", {"sentence.text": BANK})


def test_all_words_are_averaged(lesson):
    go_to(lesson, "word_senses", "layers")
    before = captions(lesson)
    assert "For all" not in before
    lesson.segmented_control(key="word_senses.which").set_value("all words").run()
    calm(lesson)
    assert f"For all {len(sense_words())} words" in captions(lesson)
    assert "the easiest are" in captions(lesson)


def test_each_claim_is_measured(lesson):
    go_to(lesson, "word_senses", "claims")
    assert "the two have a cosine of" in captions(lesson)
    lesson.segmented_control(key="word_senses.claim").set_value("Who is she?").run()
    assert "Guessing gives 50%" in captions(lesson)
    lesson.segmented_control(key="word_senses.claim").set_value("Doer and done to").run()
    assert "same role at another place" in captions(lesson)
    lesson.segmented_control(key="word_senses.claim").set_value("Two colds").run()
    calm(lesson)


def test_the_two_colds_are_the_learners_to_change(lesson):
    go_to(lesson, "word_senses", "claims")
    before = said(lesson, "At layer 6 the two have")
    lesson.text_input(key="word_senses.first").set_value("A [hot] summer's day.").run()
    changed = said(lesson, "At layer 6 the two have")
    assert changed != before
    lesson.text_input(key="word_senses.words").set_value("ice fire").run()
    assert "ice" in said(lesson, "At layer 6 the two have")
    lesson.slider(key="word_senses.layer").set_value(0).run()
    assert said(lesson, "At layer 0 the two have")
    lesson.text_input(key="word_senses.first").set_value("No mark.").run()
    assert any("[brackets]" in info.value for info in lesson.info)
    calm(lesson)


STEPS = {
    "film": "The dashed line is the commonest sense",
    "land": "21 sentences with “bank”",
    "layers": "the nearest sense center is right",
    "static": "at layer 0, drawn by PCA",
    "alike": "Two random words have",
    "claims": "the two have a cosine of",
    "models": "MiniLM (compares sentences): ",
}


def test_each_step_shows_its_own_and_the_word_is_one_for_all():
    app = open_page("word_senses", {"sentence.text": BANK}, step="film")
    for step, words in STEPS.items():
        go_to(app, "word_senses", step)
        calm(app)
        assert words in captions(app), step
    go_to(app, "word_senses", "land")
    app.selectbox(key="senses.word").set_value("cold").run()
    go_to(app, "word_senses", "layers")
    assert app.selectbox(key="senses.word").value == "cold"
    assert "“cold”" in captions(app)


def test_the_word_is_the_same_on_both_pages():
    app = open_page("compare_senses", {"sentence.text": BANK})
    app.selectbox(key="senses.word").set_value("seal").run()
    follow(app, "word_senses")
    assert app.selectbox(key="senses.word").value == "seal"
