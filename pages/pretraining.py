"""Train a small BERT while you watch: choose, train, break it, compare, take it with you."""

from pages.ui.shell import lesson_page
from pages.views.pretraining.gym import gym
from pages.views.pretraining.real_thing import the_real_thing
from pages.views.pretraining.take_along import take_along
from pages.views.pretraining.two_runs import side_by_side

with lesson_page("pretraining") as page:
    page.steps({
        "gym": gym, "two-runs": side_by_side, "take-along": take_along,
        "real-thing": the_real_thing,
    })  # fmt: skip
