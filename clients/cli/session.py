"""What a command runs in: language, form of output, identity, and the connection to the ledger."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clients.cli.language import Language, Text, chosen_language
from clients.cli.output import echo, echo_json
from clients.cli.problems import misuse

if TYPE_CHECKING:
    from clients.sdk import Identity, Ledger, Retries


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What comes from outside the command line; set as click's context object to replace it.

    Attributes:
        now: Returns the moment, with a UTC offset.
        retries: How often calls are tried again; None for the SDK's usual.
    """

    now: Callable[[], datetime] = _now
    retries: "Retries | None" = None


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command.

    Attributes:
        language: The language to speak.
        as_json: Print for programs.
        folder: Folder of the identity, if one was named.
        timeout: Seconds that a call may take with all its attempts.
        surroundings: Clock and retries.
    """

    language: Language
    as_json: bool
    folder: Path | None
    timeout: float
    surroundings: Surroundings = field(default_factory=Surroundings)

    @classmethod
    def take(cls, ctx: click.Context) -> "Session":
        """Take the options that all commands have out of a context."""
        params = ctx.params
        return cls(
            chosen_language(params.pop("lang", None), os.environ),
            params.pop("as_json", False),
            params.pop("identity", None),
            params.pop("timeout", 0.0),
            ctx.find_object(Surroundings) or Surroundings(),
        )

    def say(self, zh: str, en: str) -> str:
        """Return words in the language of the session."""
        return self.language.of(Text(zh, en))

    def say_text(self, text: Text) -> str:
        """Return a text in the language of the session."""
        return self.language.of(text)

    def show(self, document: Any, people: Callable[[], str]) -> None:  # noqa: ANN401 - any JSON
        """Print a result: one JSON document, or what `people` returns."""
        if self.as_json:
            echo_json(document)
        else:
            echo(people())

    def identity_folder(self) -> Path:
        """Return the folder of the identity.

        Raises:
            Problem: when none was named.
        """
        if self.folder is None:
            raise misuse(
                "未指明身份",
                "no identity was named",
                code="IDENTITY_MISSING",
                fixes=[
                    Text(
                        "加 --identity 目录，或设环境变量 TLEDGER_IDENTITY",
                        "give --identity FOLDER, or set TLEDGER_IDENTITY",
                    )
                ],
            )
        return self.folder

    def identity(self) -> "Identity":
        """Read the identity.

        Raises:
            IdentityError: when a file of its folder is missing or wrong.
            Problem: when none was named.
        """
        from clients.sdk import Identity

        return Identity.load(self.identity_folder())

    @contextmanager
    def ledger(self) -> Iterator["Ledger"]:
        """Connect; the newest checkpoint seen is kept in the identity's folder between commands.

        Raises:
            CheckpointError: when the checkpoint that was kept does not verify.
            IdentityError: when a file of the identity's folder is missing or wrong.
            Problem: when no identity was named.
        """
        from clients.cli.keeping import keep_checkpoint, keep_evidence, kept_checkpoint
        from clients.sdk import AcknowledgementError, Ledger

        identity, folder = self.identity(), self.identity_folder()
        with Ledger.open(
            identity,
            timeout=self.timeout,
            retries=self.surroundings.retries,
            known_checkpoint=kept_checkpoint(folder),
        ) as ledger:
            try:
                yield ledger
            except AcknowledgementError as error:
                keep_evidence(folder, error)
                raise
            finally:
                keep_checkpoint(folder, ledger.log.newest)
