"""The page of the lesson: every control changes what is shown."""

from tests.opening import calm, go_to, open_page

SLUG = "tokenization"


def captions(app) -> list[str]:
    return [element.value for element in app.caption]


def one(app, part: str) -> str:
    """The one caption with these words in it."""
    found = [text for text in captions(app) if part in text]
    assert len(found) == 1, captions(app)
    return found[0]


def test_the_page_opens_with_its_first_step_and_goes_on_to_the_next():
    app = open_page(SLUG)
    calm(app)
    assert [h.value for h in app.header] == ["Seven steps"]
    go_to(app, SLUG, "longest-match")
    calm(app)
    assert [h.value for h in app.header] == ["Longest match, letter by letter"]
    assert "un ##ha ##pp ##iness" in one(app, "looks into the vocabulary")


def test_another_word_is_cut_anew():
    app = open_page(SLUG, step="longest-match")
    app.text_input(key=f"{SLUG}.word").set_value("unaffable").run()
    assert "una ##ffa ##ble" in one(app, "looks into the vocabulary")
    app.text_input(key=f"{SLUG}.word").set_value("  ").run()
    calm(app)
    assert any("Type a word" in info.value for info in app.info)


def test_text_and_size_change_the_race():
    app = open_page(SLUG, step="race")
    seen = {one(app, "they differ")}
    app.slider(key=f"{SLUG}.size").set_value(80).run()
    seen.add(one(app, "they differ"))
    text = app.selectbox(key=f"{SLUG}.text")
    text.set_value(text.options[1]).run()
    seen.add(one(app, "they differ"))
    app.selectbox(key=f"{SLUG}.text").set_value("Your own text").run()
    assert any("Paste a text" in info.value for info in app.info)
    app.text_area(key=f"{SLUG}.own_text").set_value("the bank of the river " * 20).run()
    seen.add(one(app, "Pieces for"))
    assert len(seen) == 4


def test_each_training_can_be_stepped_through():
    app = open_page(SLUG, step="race")
    app.segmented_control(key=f"{SLUG}.view").set_value("Step by step").run()
    first = one(app, "Step 1 joins")
    app.slider(key=f"{SLUG}.step.WordPiece").set_value(5).run()
    assert one(app, "Step 5 joins") != first
    app.segmented_control(key=f"{SLUG}.trainer").set_value("BPE").run()
    assert one(app, "Step 1 joins") != first
    app.segmented_control(key=f"{SLUG}.trainer").set_value("Unigram").run()
    assert not [text for text in captions(app) if "joins" in text]
    calm(app)
    app.segmented_control(key=f"{SLUG}.view").set_value("How it grows").run()
    calm(app)
    assert one(app, "pieces to write the training text")


def test_other_languages_can_be_counted_two_ways():
    app = open_page(SLUG, {"sentence.text": "Ein Satz auf Deutsch."}, step="other-scripts")
    before = app.get("plotly_chart")[-1].proto.SerializeToString()
    app.segmented_control(key=f"{SLUG}.measure").set_value("pieces_per_word").run()
    assert app.get("plotly_chart")[-1].proto.SerializeToString() != before
    calm(app)


def test_bytes_follow_the_characters():
    app = open_page(SLUG, step="other-scripts")
    before = app.dataframe[-1].value
    app.text_input(key=f"{SLUG}.bytes").set_value("日").run()
    after = app.dataframe[-1].value
    assert len(after) == 1 < len(before)
    assert list(after["bytes"]) == ["230 151 165"]


def test_capitals_are_lost_by_the_uncased_vocabulary():
    app = open_page(SLUG, {"sentence.text": "The US helped us."}, step="case")
    shown = [block.value for block in app.code]
    assert shown[0] != shown[1]
    assert shown[2].split().count("[UNK]") == 2
    assert any("`US` = `us`" in m.value for m in app.markdown)
