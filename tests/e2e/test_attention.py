"""The attention lesson and the explorer, in a real browser."""

import re

from playwright.sync_api import Page, expect

from lessons.attention.compute import one_head
from lessons.engine import load_model
from tests.e2e.conftest import assert_accessible_and_fits_a_phone, at_rest, settled

TEXT = "The cat drank all the milk in the bowl."
LINK = "The+cat+drank+all+the+milk+in+the+bowl."


def head(page: Page, layer: int, number: int):
    return page.get_by_role("button", name=re.compile(rf"^Layer {layer}, head {number}\b")).first


def title(page: Page):
    return page.locator(".explorer .side h3").first


def bars(page: Page) -> dict[str, float]:
    """Words and percentages of the panel beside the grid."""
    rows = page.locator(".explorer .side .bars li")
    found = {}
    for i in range(rows.count()):
        word = rows.nth(i).locator(".word").inner_text()
        found.setdefault(word, float(rows.nth(i).locator(".value").inner_text().strip("%")) / 100)
    return found


def frames(page: Page) -> list[str]:
    """Texts that the browser sends from now on: a rerun sends one."""
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append("x")))
    return sent


def test_the_explorer_shows_the_models_numbers_without_a_rerun(page, server):
    sent = frames(page)
    page.goto(f"{server.url}/attention_explorer?text={LINK}")
    expect(title(page)).to_be_visible()
    at_rest(page)
    before = len(sent)
    head(page, 3, 1).click()
    expect(title(page)).to_have_text("Layer 3, head 1")
    token = page.locator(".looks .token").nth(6)
    token.hover()
    expect(page.locator(".explorer .side")).to_contain_text("“milk” looks at")
    shown = bars(page)
    trace = load_model("minilm-mlm").trace(TEXT)
    for word, weight in shown.items():
        columns = [i for i, other in enumerate(trace.tokens) if other == word]
        weights = [float(trace.attention_weights[2, 0, 6, i]) for i in columns]
        assert min(abs(weight - true) for true in weights) < 0.01, (word, weight, weights)
    head(page, 5, 12).click()
    expect(title(page)).to_have_text("Layer 5, head 12")
    assert len(sent) == before, "choosing and hovering must not ask the server"


def test_the_link_keeps_what_is_seen(page, server):
    page.goto(f"{server.url}/attention_explorer?text={LINK}")
    expect(title(page)).to_be_visible()
    head(page, 2, 4).click()
    page.get_by_role("button", name="Words", exact=True).click()
    page.get_by_role("button", name="Hide special tokens").click()
    page.locator(".looks .token").nth(1).click()
    page.wait_for_url(re.compile("look=2-4_words_hide_pin2"))
    link = page.url
    page.evaluate("sessionStorage.clear()")
    page.goto("about:blank")
    page.goto(link)
    expect(title(page)).to_have_text("Layer 2, head 4")
    expect(page.locator(".looks .token[aria-pressed=true]")).to_have_text("cat")
    expect(page.locator(".looks .token").first).to_have_text("The")
    page.get_by_role("button", name=re.compile("^Mask milk")).click()  # Streamlit writes its part
    page.wait_for_url(re.compile("mask=6"))
    page.wait_for_url(re.compile("look=2-4_words_hide_pin2"))


def test_pairs_and_contrast(page, server):
    page.goto(f"{server.url}/attention_explorer?text=Did+you+eat%3F&pair=Yes,+I+did.")
    page.get_by_role("button", name="A→B").click()
    expect(page.locator(".looks .token")).to_have_text(["[CLS]", "did", "you", "eat", "?", "[SEP]"])
    expect(page.locator(".seen .token").first).to_have_text("yes")
    page.goto(
        f"{server.url}/attention_explorer?text=The+bank+of+the+river.&explorer.contrast=true"
        "&explorer.other=The+bank+of+the+city."
    )
    page.get_by_role("button", name="Difference").click()
    expect(page.locator(".looks .token.changed")).to_have_text("river→city")
    expect(page.locator(".explorer .side")).to_contain_text("has moved")


def test_the_explorer_works_from_the_keyboard(page, server):
    page.goto(f"{server.url}/attention_explorer?text={LINK}&look=1-1")
    expect(title(page)).to_have_text("Layer 1, head 1")
    head(page, 1, 1).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(title(page)).to_have_text("Layer 2, head 2")
    page.locator(".looks .token").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".looks .token[aria-pressed=true]")).to_have_text("the")
    page.locator("canvas.map").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".explorer .spoken")).to_contain_text("looks at")


def test_the_explorer_is_accessible_on_a_phone_and_fits_it(page, server):
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.url}/attention_explorer?text={LINK}&pair=It+slept.&look=2-3_pin4")
    expect(title(page)).to_be_visible()
    assert_accessible_and_fits_a_phone(page)


def test_several_heads_and_saving(page, server):
    page.goto(f"{server.url}/attention_explorer?text={LINK}&look=1-1")
    expect(title(page)).to_be_visible()
    page.get_by_role("button", name="Several heads").click()
    head(page, 4, 2).click()
    expect(title(page)).to_have_text("Mean of 2 heads")
    page.get_by_role("button", name="Union").click()
    expect(title(page)).to_have_text("Union of 2 heads")
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind, exact=True).first.click()
        path = download.value.path()
        assert path.read_bytes().startswith(start)
        assert download.value.suggested_filename.endswith(kind.lower())


def test_a_long_text_opens_head_by_head(page, server):
    page.goto(f"{server.url}/attention_explorer")
    expect(title(page)).to_be_visible()
    field = page.get_by_role("textbox", name="Your sentence", exact=True)
    field.fill("the cat sat on the mat and slept " * 40)
    field.press("Enter")
    expect(page.locator(".looks .token")).to_have_count(322)
    head(page, 2, 9).click()
    expect(title(page)).to_have_text("Layer 2, head 9")
    expect(page.locator(".explorer .side .bars li")).to_have_count(6)


def test_the_sum_can_be_touched(page, server):
    page.goto(
        f"{server.url}/attention?step=sum&text={LINK}&attention.layer=3&attention.head=1&token=6"
    )
    rows = page.locator(".sum .row[data-position]")
    expect(rows).to_have_count(12)
    one = one_head(load_model("minilm-mlm").trace(TEXT), 2, 0)
    for i in range(12):
        shown = float(rows.nth(i).locator(".value").inner_text().strip("%")) / 100
        assert abs(shown - one.weights[6, i]) <= 0.005
        score = float(rows.nth(i).locator(".score").input_value())
        assert abs(score - one.scores[6, i]) < 0.006
    rows.nth(1).locator(".score").fill("20")
    expect(page.locator(".sum .said")).to_contain_text("in the model it is")
    expect(rows.nth(1).locator(".value")).to_contain_text("→ 100%")
    page.get_by_role("button", name="As it is").click()
    expect(page.locator(".sum .said")).to_contain_text("add up to 100%")


def test_the_game_judges_a_click(page, server):
    page.goto(f"{server.url}/attention?step=game&text={LINK}")
    game = page.locator("[class*=st-key-attention_game]")
    game.get_by_role("button", name="Layer 6, head 12").click()
    expect(page.get_by_text("Layer 6, head 12 gives")).to_be_visible()


def test_bertviz_asks_nothing_of_other_hosts(page, server):
    page.goto(f"{server.url}/attention?step=bertviz&text={LINK}")
    for name in ("head", "model", "neuron"):
        view = f"{name.capitalize()} view"
        page.get_by_role("radio", name=view).or_(
            page.get_by_role("button", name=view)
        ).first.click()
        frame = page.frame_locator("iframe").first
        expect(frame.locator(f"body[data-view={name}] #vis svg").first).to_be_visible()
    # The fixture fails the test if any request left this machine.


def test_the_code_stands_beside_its_tensors(page, server):
    page.goto(f"{server.url}/encoder_layer?text={LINK}&token=6&encoder_layer.layer=2")
    panel = page.locator(".layercode .panel")
    expect(panel).to_contain_text("attention_scores (H, T, T) = (12, 12, 12)")
    settled(page)
    page.get_by_role("button", name=re.compile('probe."query"')).focus()
    expect(panel).to_contain_text("query (H, T, D/H) = (12, 12, 32)")
    page.keyboard.press("ArrowDown")
    expect(panel).to_contain_text("key (H, T, D/H)")
    expect(panel).to_contain_text("“milk”, head 1")
    shown = panel.locator(".numbers").inner_text().strip("[] …,").split(", ")
    keys = load_model("minilm-mlm").trace(TEXT).keys
    for number, value in zip(shown[:8], keys[1, 0, 6], strict=False):
        assert abs(float(number) - value) < 0.006
