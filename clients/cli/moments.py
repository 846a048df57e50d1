"""Moments on the command line: an index of the log, a time with its offset, or a whole day.

A day is one of Asia/Shanghai and means its last microsecond: what was known when it was over.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final, TypeVar

import click

from clients.cli.event_json import BodyError, moment_us
from clients.cli.language import Text
from clients.cli.output import SHANGHAI
from clients.cli.problems import misuse

if TYPE_CHECKING:
    from clients.sdk import AsOf

MOST: Final = 2**53 - 1
TWO_CLOCKS: Final = Text(
    "时点有两个时钟：“当时已知”看入账（--as-of-index、--as-known-on），“当时已发生”看事件自称的时间"
    "（--as-happened-by，含后来补录的）；两者可合用。日期指北京时间当日结束。",
    "There are two clocks. What was known goes by when it was recorded (--as-of-index, "
    "--as-known-on); what had happened goes by when events say that they occurred "
    "(--as-happened-by, what was recorded later included); both can be given. A date is the end "
    "of that day in Asia/Shanghai.",
)

_INDEX: Final = click.IntRange(min=0, max=MOST)
_RECORDED: Final = "recorded:"
_HAPPENED: Final = "happened:"
F = TypeVar("F", bound=Callable[..., None])


class Moment(click.ParamType[datetime]):
    """A time with its offset, or a date: the end of that day."""

    name = "moment"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment; see click."""
        try:
            return read_moment(value)
        except BodyError as error:
            self.fail(str(error), param, ctx)


class Point(click.ParamType["AsOf"]):
    """A moment of a cohort: an index, a date, recorded:MOMENT or happened:MOMENT."""

    name = "as_of"

    def convert(
        self, value: "str | AsOf", param: click.Parameter | None, ctx: click.Context | None
    ) -> "AsOf":
        """Return the moment; see click."""
        from clients.sdk import AsOf

        if isinstance(value, AsOf):
            return value
        try:
            if value.isascii() and value.isdecimal():
                return AsOf(index=_INDEX(value, param, ctx))
            if value.startswith(_HAPPENED):
                return AsOf(occurred=read_moment(value.removeprefix(_HAPPENED)))
            return AsOf(recorded=read_moment(value.removeprefix(_RECORDED)))
        except BodyError as error:
            self.fail(str(error), param, ctx)


def read_moment(text: str) -> datetime:
    """Return a time in RFC 3339, or the end of a day in Asia/Shanghai.

    Raises:
        BodyError: when it is neither.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        moment_us(text)
        return datetime.fromisoformat(text)
    return datetime.combine(day, time.max, SHANGHAI)


def as_of_options(function: F) -> F:
    """Give a command the three options that name a moment."""
    for declare in (
        click.option(
            "--as-happened-by",
            "occurred",
            type=Moment(),
            metavar="MOMENT",
            help="当时已发生的  What had happened by then.",
        ),
        click.option(
            "--as-known-on",
            "recorded",
            type=Moment(),
            metavar="MOMENT",
            help="当时已入账的  What was recorded by then.",
        ),
        click.option(
            "--as-of-index",
            "index",
            type=_INDEX,
            help="账本序号在此之前的  Entries below this index of the log.",
        ),
    ):
        function = declare(function)
    return function


def as_of(index: int | None, recorded: datetime | None, occurred: datetime | None) -> "AsOf | None":
    """Return the moment that the options name; None when they name none.

    Raises:
        Problem: when they name two of one clock.
    """
    from clients.sdk import AsOf

    if index is not None and recorded is not None:
        raise misuse(
            "--as-of-index 与 --as-known-on 只能取其一",
            "--as-of-index and --as-known-on exclude each other",
        )
    if index is None and recorded is None and occurred is None:
        return None
    return AsOf(index, recorded, occurred)
