"""A class room with one teacher and three students, each in a browser of their own."""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE, assert_accessible_and_fits_a_phone, settled
from tests.e2e.server import free_port, running_app

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def people(browser):
    """Makes fresh browsers; closes them in the end."""
    contexts = []

    def another(viewport=PHONE) -> Page:
        context = browser.new_context(viewport=viewport)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        return page

    yield another
    for context in contexts:
        context.close()


def open_room(page: Page, url: str) -> str:
    page.goto(f"{url}/classroom?lesson=masking")
    page.get_by_role("button", name="Open a room").click()
    code = page.locator(".room-code").text_content()
    assert re.fullmatch(r"[A-Z2-9]{6}", code)
    return code


def join(page: Page, url: str, code: str, name: str = "") -> None:
    page.goto(f"{url}/classroom?room={code}")  # what the QR picture leads to
    expect(page.get_by_role("textbox", name="Code", exact=True)).to_have_value(code)
    if name:
        page.get_by_role("textbox", name="Your name, or none").fill(name)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("You are in room")).to_be_visible()


def say(page: Page, word: str) -> None:
    page.get_by_role("textbox", name="Your answer").fill(word)
    page.get_by_role("button", name="Send").click()
    sent(page, word)


def sent(page: Page, answer: str) -> None:
    """The room has confirmed the answer."""
    expect(page.locator(".ballot .status")).to_contain_text(f"Sent: {answer}")


def choose(page: Page, answer: str) -> None:
    page.locator(".ballot .option", has_text=answer).click()


def results(page: Page) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name="Results as CSV").click()
    return download.value.path().read_text(encoding="utf-8-sig")


def rows(table: str) -> list[tuple[str, str, str]]:
    found = csv.DictReader(io.StringIO(table))
    return [(row["round"], row.get("name", ""), row["answer"]) for row in found]


def ask_own(page: Page, prompt: str, options: str) -> None:
    page.locator(".st-key-room-kind").get_by_text("Your own").click()
    page.get_by_role("textbox", name="Question", exact=True).fill(prompt)
    page.locator(".st-key-room-own_options textarea").fill(options)
    page.locator(".st-key-room-own_options textarea").press("Control+Enter")
    settled(page)
    page.get_by_role("button", name="Put it to the room").click()
    expect(page.locator("h4", has_text=prompt)).to_be_visible()


def test_one_teacher_and_three_students(page, server, people):
    code = open_room(page, server.url)
    opens = page.get_by_role("link", name="Open the board")
    with page.context.expect_page() as board:
        opens.click()
    expect(board.value.locator(".board-code")).to_have_text(code)
    expect(board.value.get_by_role("img", name="QR code")).to_be_visible()
    board.value.close()
    students = [people() for _ in range(3)]
    for student, name in zip(students, ("Ann", "", "Cem"), strict=True):
        join(student, server.url, code, name)
    expect(page.get_by_text("3 here")).to_be_visible()

    wall = people({"width": 1920, "height": 1080})
    wall.goto(f"{server.url}/board?room={code}")
    expect(wall.locator(".board-code")).to_have_text(code)

    # A word of the sentence is hidden and asked for; nobody sees what others say.
    page.locator(".st-key-ribbon").get_by_role("button", name=re.compile("^Mask river")).click()
    page.get_by_role("button", name="Put it to the room").click()
    for student, word in zip(students, ("sea", "lake", "river"), strict=True):
        expect(student.locator("h4")).to_contain_text("Which word belongs in the gap?")
        expect(student.locator("blockquote")).to_contain_text("bank of the ____ and")
        expect(student.locator("[data-testid=stMain]")).not_to_contain_text("river")
        say(student, word)
    expect(page.get_by_text("3 here · 3 answered, voting")).to_be_visible()
    expect(wall.locator(".board-count")).to_have_text("3 of 3 answered")
    for said in ("river", "sea", "lake", "Ann"):
        expect(wall.locator("[data-testid=stMain]")).not_to_contain_text(said)
    expect(students[0].locator(".tally li")).to_have_count(0)
    expect(students[0].locator("body")).not_to_contain_text("lake")

    # Talk, vote again, reveal beside the model.
    page.get_by_role("button", name="Discuss").click()
    for student in students:
        expect(student.get_by_text("Talk with your neighbor")).to_be_visible()
    page.get_by_role("button", name="Vote again").click()
    for student in students[:2]:
        expect(student.get_by_role("textbox", name="Your answer")).to_be_visible()
        say(student, "river")
    page.get_by_role("button", name="Reveal").click()
    for everybody in (page, wall, *students):
        row = everybody.locator(".tally li", has_text="river").first
        expect(row.locator(".bar.first")).to_contain_text("33% · 1")
        expect(row.locator(".bar.second")).to_contain_text("100% · 2")
        expect(row.locator(".bar.model")).to_be_visible()

    # The teacher takes an answer off everybody's board.
    page.get_by_role("button", name="Take “sea” off the board").click()
    expect(students[2].locator(".tally li", has_text="lake")).to_have_count(1)
    expect(students[2].locator(".tally .first .value", has_text="· 1")).to_have_count(2)

    # Follow me: page and sentence come along.
    page.locator(".st-key-room-leads label").click()
    page.get_by_test_id("stSidebar").get_by_text("Where a word stands").click()
    expect(page.locator("h1")).to_have_text(["Where a word stands"])
    for student in students:
        expect(student.locator("h1")).to_have_text(["Where a word stands"])
    follows = students[0].locator(".st-key-room-follows label")
    expect(follows).to_have_count(1)  # that of the page before fades for a moment
    follows.click()
    settled(students[0])
    page.get_by_test_id("stSidebar").get_by_text("What goes in").click()
    expect(students[1].locator("h1")).to_have_text(["What goes in"])
    expect(students[0].locator("h1")).to_have_text(["Where a word stands"])

    # Results are the teacher's alone.
    page.get_by_role("link", name="Panel").click()
    expect(page.locator(".room-pupils li")).to_have_count(3)
    expect(page.locator(".room-pupils")).to_contain_text("Cem")
    page.get_by_text("Results, your secret link, closing").click()
    assert (
        rows(results(page))
        == [("1", "", word) for word in ("sea", "lake", "river")] + [("2", "", "river")] * 2
    )
    page.get_by_text("With names").click()
    settled(page)
    assert ("1", "Ann", "sea") in rows(results(page))
    for student in students:
        expect(student.locator("body")).not_to_contain_text("Cem")


def test_a_second_scan_makes_no_second_voter(page, server, people):
    code = open_room(page, server.url)
    student = people()
    join(student, server.url, code)
    ask_own(page, "Ready?", "yes\nno")
    choose(student, "yes")
    sent(student, "yes")
    other_window = student.context.new_page()
    join(other_window, server.url, code)
    sent(other_window, "yes")
    expect(page.get_by_text("1 here · 1 answered, voting")).to_be_visible()


def test_a_killed_server_brings_back_rooms_seats_and_links(browser, people, tmp_path):
    rooms, port = f"sqlite:///{tmp_path}/rooms.sqlite3", free_port()
    teacher, student = people({"width": 1440, "height": 900}), people()
    with running_app(port, INSIDE_BERT_ROOMS=rooms) as app:
        code = open_room(teacher, app.url)
        join(student, app.url, code, "Ann")
        ask_own(teacher, "Ready?", "yes\nno")
        choose(student, "no")
        sent(student, "no")
        lesson = people()
        lesson.goto(f"{app.url}/masking?text=Tea+is+hot.&mask=3")
        expect(lesson.locator(".st-key-ribbon .chip.masked")).to_have_count(1)
        link = lesson.url
        app.process.kill()
        app.process.wait()
    with running_app(port, INSIDE_BERT_ROOMS=rooms):
        # Nobody reloads: all come back by themselves.
        expect(teacher.locator(".room-code")).to_have_text(code)
        expect(teacher.get_by_text("1 answered, voting")).to_be_visible()
        sent(student, "no")
        choose(student, "yes")
        sent(student, "yes")
        teacher.reload()
        expect(teacher.locator(".room-code")).to_have_text(code)
        teacher.get_by_role("button", name="Reveal").click()
        expect(student.locator(".tally li")).to_have_count(2)
        lesson.goto("about:blank")
        lesson.goto(link)
        expect(lesson.locator(".st-key-ribbon .chip.masked")).to_have_count(1)
        expect(lesson.get_by_label("Your sentence")).to_have_value("Tea is hot.")


def test_an_answer_without_a_connection_goes_out_when_it_is_back(browser, people, tmp_path):
    rooms, port = f"sqlite:///{tmp_path}/rooms.sqlite3", free_port()
    teacher, student = people({"width": 1440, "height": 900}), people()
    with running_app(port, INSIDE_BERT_ROOMS=rooms) as app:
        code = open_room(teacher, app.url)
        join(student, app.url, code)
        ask_own(teacher, "Ready?", "yes\nno")
        expect(student.locator(".ballot .option")).to_have_count(2)
        app.process.kill()
        app.process.wait()
        expect(student.get_by_role("dialog")).to_contain_text("The course does not answer")
        expect(student.get_by_role("dialog")).not_to_contain_text("streamlit")
        student.evaluate(
            "document.querySelector('[data-testid=stApp]') && "
            "[...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector("
            "'.ballot .option input')).find(Boolean).click()"
        )
        expect(student.locator(".ballot .status")).to_contain_text("Not sent yet")
    with running_app(port, INSIDE_BERT_ROOMS=rooms):
        sent(student, "yes")
        expect(teacher.get_by_text("1 answered, voting")).to_be_visible()


def test_leave_leaves_at_once_and_a_link_goes_before_the_seat(page, server, people):
    one = open_room(page, server.url)
    other = open_room(people(), server.url)
    student = people()
    join(student, server.url, one)
    join(student, server.url, other)  # in the same window
    expect(student.get_by_text(f"You are in room {other}")).to_be_visible()
    student.reload()
    expect(student.get_by_text(f"You are in room {other}")).to_be_visible()
    student.get_by_role("button", name="Leave").click()
    expect(student.get_by_role("button", name="Open a room")).to_be_visible()
    student.reload()
    expect(student.get_by_role("button", name="Open a room")).to_be_visible()


def test_the_secret_link_is_remembered_by_the_window(page, server, people):
    code = open_room(page, server.url)
    page.get_by_text("Results, your secret link, closing").click()
    link = page.locator("[data-testid=stCode]").text_content()
    elsewhere = people()
    elsewhere.goto(f"{server.url}/classroom?{link.strip().partition('?')[2]}")
    expect(elsewhere.locator(".room-code")).to_have_text(code)
    expect(elsewhere).not_to_have_url(re.compile("key="))
    elsewhere.reload()
    expect(elsewhere.locator(".room-code")).to_have_text(code)


def test_a_presenters_keys_at_the_board_steer_the_room(page, server, people):
    code = open_room(page, server.url)
    ask_own(page, "Ready?", "yes\nno")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open the board").click()
    wall = opened.value
    says, talk = wall.locator(".board-say"), "Talk with your neighbor: why this answer?"
    expect(says).to_have_text("Answer on your own.")
    for key, then in (
        ("PageDown", talk), ("PageDown", "Answer once more."),
        ("PageUp", talk), ("ArrowRight", "Answer once more."),
    ):  # fmt: skip
        wall.keyboard.press(key)
        expect(says).to_have_text(then)
    wall.keyboard.press(".")
    expect(wall.locator(".look-up")).to_be_visible()
    wall.keyboard.press(".")
    expect(wall.locator(".look-up")).to_have_count(0)
    wall.keyboard.press(" ")
    expect(page.get_by_text("revealed")).to_be_visible()
    wall.close()
    # Another browser has the board, and no right to steer.
    foreign = people({"width": 1440, "height": 900})
    foreign.goto(f"{server.url}/board?room={code}")
    expect(foreign.locator("h4")).to_contain_text("Ready?")
    foreign.keyboard.press("PageUp")
    foreign.wait_for_timeout(3000)
    expect(page.get_by_text("revealed")).to_be_visible()


def test_panel_board_and_phone_are_accessible_and_fit(page, server, people):
    code = open_room(page, server.url)
    ask_own(page, "Ready?", "yes\nno")
    student = people()
    join(student, server.url, code)
    expect(student.locator(".ballot .option").first).to_be_visible()
    small = student.evaluate(
        """() => [...document.querySelectorAll('*')].flatMap((e) => [e, ...(e.shadowRoot ?
          e.shadowRoot.querySelectorAll('*') : [])]).filter((e) => e.matches('button, .option')
          && e.closest('.st-key-room_student, .ballot') && e.getClientRects().length
          && e.getBoundingClientRect().height < 44).map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert small == []
    wall = people({"width": 1440, "height": 900})
    wall.goto(f"{server.url}/board?room={code}")
    expect(wall.locator("h4")).to_contain_text("Ready?")
    for window in (student, wall, page):
        assert_accessible_and_fits_a_phone(window)
