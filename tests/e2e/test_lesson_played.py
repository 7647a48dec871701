"""A lesson in a class room behind what `make class` starts, with all that goes wrong in one."""

import csv
import io
import socket
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from deploy.prove import serves
from tests.e2e.conftest import PATIENCE, settled
from tests.e2e.server import Server, running_app, running_class, workers_of
from tests.e2e.test_classroom import PHONE, ask_own, choose, join, open_room, sent

ASLEEP = 60_000  # ms


class Wire:
    """The way from a phone to the class, which can be cut and mended: a relay on its own port."""

    def __init__(self, port: int) -> None:
        self.goal, self.whole = ("127.0.0.1", port), True
        self.ends: list[socket.socket] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:
                return
            if not self.whole:
                near.close()
                continue
            far = socket.create_connection(self.goal)
            self.ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            end.close()

    def cut(self) -> None:
        self.whole = False
        for end in self.ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def mend(self) -> None:
        self.whole = True

    def close(self) -> None:
        self.door.close()
        self.cut()


@pytest.fixture
def people(browser) -> Iterator:
    contexts: list[BrowserContext] = []

    def another(viewport=PHONE) -> Page:
        contexts.append(browser.new_context(viewport=viewport))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        return page

    yield another
    for context in contexts:
        context.close()


def table(teacher: Page) -> list[tuple[str, str, str, str]]:
    """What the results hold: question, round, name, answer of every vote."""
    with teacher.expect_download() as download:
        teacher.get_by_role("button", name="Results as CSV").click()
    rows = csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig")))
    return [(row["question"], row["round"], row["name"], row["answer"]) for row in rows]


def show_results(teacher: Page) -> None:
    teacher.get_by_text("Results, your secret link, closing").click()
    teacher.get_by_text("With names").click()
    settled(teacher)


def vote_without_connection(phone: Page, answer: str) -> None:
    """Streamlit's notice lies over the page, so the option is chosen as by a keyboard."""
    phone.evaluate(
        """(answer) => {
          const ballot = [...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector(
            '.ballot')).find(Boolean)
          for (const label of ballot.querySelectorAll('label.option'))
            if (label.textContent.includes(answer)) label.querySelector('input').click()
        }""",
        answer,
    )


def test_a_lesson_is_played_with_all_that_goes_wrong(people, tmp_path):
    rooms = f"sqlite:///{tmp_path}/rooms.sqlite3"
    with running_class(2, INSIDE_BERT_ROOMS=rooms) as app:
        wire = Wire(int(app.url.rpartition(":")[2]))
        try:
            play(app, wire, people)
        finally:
            wire.close()


def play(app: Server, wire: Wire, people) -> None:
    confirmed: set[tuple[str, str, str, str]] = set()
    teacher = people({"width": 1440, "height": 900})
    code = open_room(teacher, app.url)
    wall = teacher.context.new_page()
    wall.set_default_timeout(PATIENCE)
    wall.set_viewport_size({"width": 1920, "height": 1080})
    wall.goto(f"{app.url}/board?room={code}")
    phones = {"Ann": people(), "Ben": people(), "Dee": people()}
    for name, phone in phones.items():
        join(phone, wire.url if name == "Dee" else app.url, code, name)
    show_results(teacher)

    def votes(name: str, question: int, round_: int, answer: str) -> None:
        choose(phones[name], answer)
        sent(phones[name], answer)
        confirmed.add((str(question), str(round_), name, answer))
        assert confirmed <= set(table(teacher))

    ask_own(teacher, "Which way?", "left\nright")
    for phone in phones.values():
        expect(phone.locator(".ballot .option .letter")).to_have_text(["A", "B"])
    votes("Ann", 1, 1, "left")

    # The process that serves who has voted is killed while the others vote. Nobody reloads.
    cookies = {c["name"]: c["value"] for c in phones["Ann"].context.cookies()}
    cookie = f"inside_bert={cookies['inside_bert']}"
    (worker,) = [worker for worker in workers_of(app) if serves(worker, cookie)]
    with phones["Ann"].expect_websocket():
        worker.kill()
    votes("Ben", 1, 1, "right")
    votes("Dee", 1, 1, "left")
    sent(phones["Ann"], "left")
    expect(phones["Ann"].get_by_text(f"You are in room {code}")).to_be_visible()
    expect(wall.locator(".board-count")).to_have_text("3 of 3 answered")

    # One phone sleeps for a minute while the vote begins again, and answers before it is back.
    teacher.get_by_role("button", name="Discuss").click()
    expect(phones["Dee"].get_by_text("Talk with your neighbor")).to_be_visible()
    teacher.get_by_role("button", name="Vote again").click()
    expect(phones["Dee"].locator(".ballot .option")).to_have_count(2)
    wire.cut()
    expect(phones["Dee"].get_by_role("dialog")).to_contain_text("The course does not answer")
    vote_without_connection(phones["Dee"], "right")
    expect(phones["Dee"].locator(".ballot .status")).to_contain_text("Not sent yet")
    votes("Ann", 1, 2, "right")
    teacher.reload()  # the seat comes back by itself
    expect(teacher.locator(".room-code")).to_have_text(code)
    show_results(teacher)
    assert confirmed <= set(table(teacher))
    phones["Dee"].wait_for_timeout(ASLEEP)
    assert ("1", "2", "Dee", "right") not in table(teacher)
    wire.mend()
    sent(phones["Dee"], "right")
    confirmed.add(("1", "2", "Dee", "right"))
    assert confirmed <= set(table(teacher))

    # A student shows the class what is on the phone.
    phones["Ann"].goto(f"{app.url}/masking?text=Tea+is+a+hot+drink.&mask=4")
    phones["Ann"].get_by_role("button", name="To the board").click()
    teacher.get_by_role("button", name="Put it up").click()
    expect(wall.locator(".st-key-ribbon .chip.masked")).to_have_count(1)
    teacher.get_by_role("button", name="Off the board").click()
    expect(wall.locator("h4")).to_contain_text("Which way?")

    teacher.get_by_role("button", name="Reveal").click()
    expect(wall.locator(".tally li")).to_have_count(2)
    expect(wall.locator(".tally .second .value", has_text="100% · 2")).to_have_count(1)
    assert confirmed <= set(table(teacher))

    # A second room in the same tab: the teacher leaves this one and opens another.
    teacher.get_by_role("button", name="Leave").click()
    teacher.get_by_role("button", name="Open a room").click()
    expect(teacher.locator(".room-code")).not_to_have_text(code)
    other = teacher.locator(".room-code").text_content()
    join(phones["Ann"], app.url, other, "Ann")
    expect(phones["Ann"].get_by_text(f"You are in room {other}")).to_be_visible()
    expect(phones["Ann"].get_by_text("Wait for the first question")).to_be_visible()
    expect(phones["Ben"].get_by_text(f"You are in room {code}")).to_be_visible()
    show_results(teacher)
    assert table(teacher) == []


def test_a_question_set_is_prepared_saved_and_played_on_a_fresh_server(people, tmp_path):
    teacher = people({"width": 1440, "height": 900})
    with running_app(INSIDE_BERT_ROOMS=f"sqlite:///{tmp_path}/one.sqlite3") as app:
        open_room(teacher, app.url)
        teacher.locator(".st-key-room-kind").get_by_text("Your own").click()
        for prompt in ("Is it late?", "Is it early?"):
            teacher.get_by_role("textbox", name="Question", exact=True).fill(prompt)
            teacher.locator(".st-key-room-own_options textarea").fill("yes\nno")
            teacher.locator(".st-key-room-own_options textarea").press("Control+Enter")
            settled(teacher)
            right = teacher.locator(".st-key-room-own_right").get_by_role("button", name="A · yes")
            if right.get_attribute("aria-pressed") != "true":  # it stays from question to question
                right.click()
                settled(teacher)
            teacher.get_by_role("button", name="Keep for later").click()
            teacher.get_by_role("tab", name="Prepared questions").click()
            expect(teacher.get_by_text(prompt)).to_be_visible()
            teacher.get_by_role("tab", name="Make a question").click()
        teacher.get_by_role("tab", name="Prepared questions").click()
        teacher.locator(".st-key-room-draft_up-1 button:visible").click()
        expect(teacher.get_by_text("1. Is it early?")).to_be_visible()
        with teacher.expect_download() as download:
            teacher.get_by_role("button", name="Save as a file").click()
        file = tmp_path / "set.toml"
        download.value.save_as(file)
    teacher, student = people({"width": 1440, "height": 900}), people()
    with running_app(INSIDE_BERT_ROOMS=f"sqlite:///{tmp_path}/other.sqlite3") as app:
        code = open_room(teacher, app.url)
        join(student, app.url, code, "Ann")
        teacher.get_by_role("tab", name="Prepared questions").click()
        teacher.locator(".st-key-room-load_set input[type=file]").set_input_files(file)
        teacher.get_by_role("button", name="Add its questions").click()
        expect(teacher.get_by_text("2. Is it late?")).to_be_visible()
        teacher.locator("[class*='st-key-room-draft_ask-0'] button").click()
        expect(student.locator("h4")).to_contain_text("Is it early?")
        choose(student, "yes")
        sent(student, "yes")
        expect(teacher.get_by_text("100% right")).to_be_visible()
        teacher.get_by_role("button", name="Reveal").click()
        expect(student.locator(".tally li.right")).to_contain_text("yes")
        show_results(teacher)
        assert table(teacher) == [("1", "1", "Ann", "yes")]
