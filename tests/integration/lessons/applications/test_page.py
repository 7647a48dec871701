"""The page: every control changes what is shown, and bad input has a calm answer."""

import pytest

from lessons.applications import answers, search, second_look, sorting
from lessons.engine import tasks
from lessons.fine_tuning import training
from pages.ui import runner
from pages.ui.runner import Run
from tests.finished_runs import FinishedRuns
from tests.opening import calm, go_to, open_page

SLUG = "applications"
HOSTILE = ["", "one", "One sentence.", "<b>x</b> <script>", "你好 🙂", "[MASK]", "a]b :red[c]"]
LONG = ["x" * 100_000, "word. " * 17_000]


@pytest.fixture(scope="module")
def lesson():
    """A lesson that tests of controls share, each at a step of its own."""
    return open_page(SLUG)


@pytest.fixture
def at(lesson):
    """The shared lesson at a step."""

    def go(step):
        go_to(lesson, SLUG, step)
        calm(lesson)
        return lesson

    return go


def shown(app):
    return [element.value for kind in (app.markdown, app.caption, app.info) for element in kind]


def changed(app, control, value):
    """What the page says after a control is set, which must differ from before."""
    before = shown(app)
    control.set_value(value).run()
    calm(app)
    after = shown(app)
    assert after != before
    return "\n".join(after)


def test_questions_change_the_results(at):
    opened = at("search")
    said = changed(opened, opened.text_input(key="applications.question"), "Laki")
    assert "Marked" in said
    before = shown(opened)
    opened.button(key="applications.asked4").click().run()
    assert shown(opened) != before
    opened.button(key="applications.asked0").click().run()
    assert opened.text_input(key="applications.question").value.startswith("She sat on the bank")
    calm(opened)


def test_measures_change_the_chart(at):
    opened = at("search")
    for name in ("Mean reciprocal rank", "Among the first three"):
        said = changed(opened, opened.segmented_control(key="applications.measure"), name)
        assert f"{name}. Asked for" in said


def test_an_own_text_is_searched_by_sentence_or_line():
    app = open_page(SLUG, step="search")
    said = changed(app, app.segmented_control(key="applications.source"), "Your own")
    assert "two sentences or more" in said
    text = "The cat sat here. The dog ran off.\nBread is baked early."
    said = changed(app, app.text_area(key="applications.text"), text)
    assert "3 passages." in said
    said = changed(app, app.toggle(key="applications.lines"), True)
    assert "2 passages." in said
    assert "Ask something" in changed(app, app.text_input(key="applications.question"), " ")


@pytest.mark.parametrize("text", [*HOSTILE, *LONG])
def test_any_text_has_a_calm_answer_everywhere(text):
    app = open_page(
        SLUG,
        {
            "applications.source": "Your own", "applications.text": text,
            "applications.question": text[:300], "applications.story": "Your own",
            "applications.long_text": text, "applications.letter": text,
            "applications.paragraph": "Your own", "applications.own_paragraph": text,
            "applications.about.Your own": text[:300], "applications.folders": text,
            "applications.documents": "Your own", "applications.own_documents": text,
            "applications.chunk_source": "Your own", "applications.chunk_text": text,
            "applications.chunk_question.Your own": text[:300],
        },
    )  # fmt: skip
    calm(app)
    for step in ("rerank", "chunks", "summary", "slips", "answers", "sort"):
        go_to(app, SLUG, step)
        calm(app)
    app.text_area(key="applications.folders").set_value("a: one\nb: two").run()
    calm(app)


def test_a_second_look_follows_search_depth_and_questions(at):
    opened = at("rerank")
    assert "was recorded on" in "\n".join(shown(opened))
    said = changed(opened, opened.slider(key="applications.depth"), 3)
    assert "No second look at the first 3" in said
    first = opened.segmented_control(key="applications.first_search")
    assert "by words alone" in changed(opened, first, search.WORDS)
    kind = opened.selectbox(key="applications.second_kind")
    said = changed(opened, kind, "a rare name or number")
    assert "of 26 questions" in said
    measure = opened.selectbox(key="applications.second_measure")
    measure.set_value("Mean reciprocal rank").run()
    calm(opened)
    opened.segmented_control(key="applications.second_view").set_value("One question").run()
    calm(opened)
    question = opened.selectbox(key="applications.second_question")
    said = changed(opened, question, "how to reset a BX-200")
    assert "Green: the passage that answers" in said


def test_ones_own_second_look_reads_ones_own_sentence(tmp_path, monkeypatch, few_questions):
    made = FinishedRuns(tmp_path, second_look.SecondLook, steps=1)
    monkeypatch.setattr(runner, "runs", lambda: made)
    app = open_page(SLUG, query={"applications.second_view": "One question"}, step="rerank")
    before = app.selectbox(key="applications.second_question").options
    app.button(key="applications.second.start").click().run()
    calm(app)
    question = app.selectbox(key="applications.second_question")
    (own,) = set(question.options) - set(before)
    assert "10 passes" in changed(app, question, own)


def test_pieces_follow_text_question_size_and_overlap(at):
    opened = at("chunks")
    size = opened.select_slider(key="applications.chunk_size")
    before = "\n".join(shown(opened))
    assert "pieces. The best is words" in before
    changed(opened, size, 10)
    changed(opened, opened.segmented_control(key="applications.chunk_overlap"), "a half")
    before = shown(opened)
    opened.button(key="applications.chunk_asked2").click().run()
    assert shown(opened) != before
    source = opened.segmented_control(key="applications.chunk_source")
    assert "Paste a text" in changed(opened, source, "Your own")
    text = opened.text_area(key="applications.chunk_text")
    assert "Ask something" in changed(opened, text, "The cat sat here. " * 9)
    question = opened.text_input(key="applications.chunk_question.Your own")
    assert "7 pieces" in changed(opened, question, "where was the cat?")


def test_all_questions_are_measured_at_every_size(at):
    opened = at("chunks")
    look = opened.segmented_control(key="applications.chunks_look")
    said = changed(opened, look, "All our questions")
    assert "the best piece holds the whole answer" in said
    changed(opened, opened.segmented_control(key="applications.chunk_overlap"), "a quarter")
    changed(opened, opened.select_slider(key="applications.chunk_size"), 80)


def test_the_summary_follows_text_and_length(at):
    opened = at("summary")
    said = changed(opened, opened.slider(key="applications.length"), 3)
    assert "18 sentences in 3 groups" in said
    story = opened.selectbox(key="applications.story")
    assert "20 sentences" in changed(opened, story, "A year without a phone")
    assert "Paste a text" in changed(opened, story, "Your own")
    own = opened.text_area(key="applications.long_text")
    said = changed(opened, own, "One cat. Two dogs. Three birds. Four fish. Five frogs.")
    assert "5 sentences in 3 groups" in said
    assert "keep fewer" in changed(opened, opened.slider(key="applications.length"), 5)


def test_the_proofreader_follows_text_way_and_limit(at):
    opened = at("slips")
    assert ":orange-background[**widow**] :small[→ window]" in "\n".join(shown(opened))
    said = changed(opened, opened.text_area(key="applications.letter"), "The cat sat on the mat.")
    said = changed(opened, opened.slider(key="applications.limit"), 20.0)
    assert "None of 6 words reaches 20 bits" in said
    by = opened.segmented_control(key="applications.by")
    said = changed(opened, by, "surprise")
    assert opened.slider(key="applications.limit").value == 12.0
    assert "of 6 words" in said
    before = shown(opened)
    opened.button(key="applications.letters2").click().run()
    assert shown(opened) != before


def test_planted_mistakes_are_counted(at):
    opened = at("slips")
    assert "planted mistakes are marked" in "\n".join(shown(opened))
    said = changed(opened, opened.slider(key="applications.limit"), 1.0)
    assert "false alarms" in said


def test_an_answer_follows_paragraph_question_and_limit(at):
    opened = at("answers")
    dev = tasks.split_questions().dev
    title = opened.selectbox(key="applications.paragraph").options[1]
    changed(opened, opened.selectbox(key="applications.paragraph"), title)
    row = next(r for r in dev if r.paragraph.startswith(title.removesuffix(" …")))
    question = opened.text_input(key=f"applications.about.{title}")
    assert question.value == row.question
    said = changed(opened, opened.slider(key="applications.no_answer"), 1.0)
    assert "**No answer.**" in said
    assert "At 1.00" in said
    changed(opened, opened.slider(key="applications.no_answer"), 0.0)
    changed(opened, question, "Where is Paris?")
    before = shown(opened)
    opened.button(key="applications.abouts1").click().run()
    assert shown(opened) != before


class Trained(runner.Runs):
    """Runs that are over at once: what a test needs of a run, made in this process."""

    def __init__(self, folder):
        self.folder, self._runs, self.told = folder, {}, []

    def warm(self):
        pass

    def command(self, run_id, command):
        self.told.append((run_id, command))

    def start(self, task, settings):
        assert task == "lessons.fine_tuning.training:FineTuning"
        assert settings["task"] == "questions"
        made = training.FineTuning({**settings, "epochs": 1})
        number = len(self._runs)
        run = Run(f"id{number}", f"toy-{number}", task, dict(settings), self.folder / str(number))
        run.facts = made.facts
        made.step()
        made.save(run.folder)
        run.steps, run.saved = 1, True
        run.become("finished")
        self._runs[run.id] = run
        return run


def test_a_trained_reader_answers_with_a_span(tmp_path, monkeypatch):
    made = Trained(tmp_path)
    monkeypatch.setattr(runner, "runs", lambda: made)
    monkeypatch.setattr("lessons.fine_tuning.training.MASKED_WORDS", 2)
    whole = tasks.split_questions()
    few = tasks.Split(whole.train[:8], whole.dev[:8])
    monkeypatch.setattr(tasks, "split_questions", lambda: few)
    app = open_page(SLUG, step="answers")
    assert "Until then, whole sentences answer" in "\n".join(shown(app))
    assert ":orange-background[**" not in answered(app)
    app.button(key="applications.start").click().run()
    calm(app)
    assert ":orange-background[**" in answered(app)
    assert "did not learn from" in "\n".join(shown(app))
    # The other lesson's page finds the same run, and this page a run of that lesson.
    assert app.session_state["fine_tuning.runs"] == ["id0"]
    app.button(key="applications.start").click().run()
    assert ("id0", "stop") in made.told


def answered(app):
    """The paragraph of the answers as the page shows it."""
    paragraph = tasks.split_questions().dev[0].paragraph
    words = paragraph.split()[-1]
    return next(m.value for m in app.markdown if "background[" in m.value and words in m.value)


def test_folders_documents_and_ways_change_the_result(at):
    opened = at("sort")
    said = changed(opened, opened.slider(key="applications.lead"), 0.3)
    assert "left for you" in said
    changed(opened, opened.segmented_control(key="applications.sorter"), sorting.REGRESSION)
    assert "by logistic regression" in "\n".join(shown(opened))
    before = opened.dataframe[0].value.copy()
    opened.button(key="applications.boxes1").click().run()
    assert not opened.dataframe[0].value.equals(before)
    said = changed(opened, opened.text_area(key="applications.folders"), "only: one")
    assert "Write 2 to 12 folders" in said
    changed(opened, opened.text_area(key="applications.folders"), "pets: cats\nfood: bread")
    changed(opened, opened.segmented_control(key="applications.documents"), "Your own")
    said = changed(opened, opened.text_area(key="applications.own_documents"), "A loaf.\nA kitten.")
    assert "2 documents" in said
    changed(opened, opened.slider(key="applications.lead"), 0.0)
    assert opened.dataframe[0].value["folder"].tolist() == ["food", "pets"]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"text\nThe bread is warm.\n<b>The bank</b> is closed.\n", "2 documents"),
        ("a.txt", b"One\nTwo\nThree\n", "3 documents"),
        ("a.csv", b"title\nx\n", "one column called text"),
        ("a.csv", b'text\n"open', "can't be read"),
        ("a.txt", b"\xff\xfe\x00", "not UTF-8"),
        ("a.txt", b"", "no document here yet"),
    ],
)
def test_files_are_sorted_or_refused(name, data, said):
    app = open_page(SLUG, {"applications.documents": "A file"}, step="sort")
    app.file_uploader(key="applications.file").set_value((name, data, "text/plain")).run()
    calm(app)
    assert said in "\n".join(shown(app)).replace("\\", "")


def test_the_threshold_of_the_page_is_one_of_the_curve():
    assert 0.3 in answers.THRESHOLDS
