"""Persons corrected in the vault, and official numbers committed to, on both databases."""

import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from ledger.application.errors import NotFoundError, RefusedError
from ledger.log.identity_commitment import identity_commitment, number_commitment
from ledger.storage.database import Database, open_database
from ledger.storage.vault import PersonVault
from ledger.storage.vault_keys import VaultKeys
from ledger.storage.vault_persons import MAX_OPENINGS, Correction

KEYS = VaultKeys(bytes(range(64, 96)), bytes(range(96, 128)))
ONE, OTHER = UUID(int=1), UUID(int=2)
# Region 320599 is not assigned; the check digits are right.
NUMBER, RIGHT_NUMBER = "32059919900101002X", "320599199001010011"
NAME, RIGHT_NAME = "王小民", "王晓明"
BY_NAME = Correction(name=RIGHT_NAME)
BY_NUMBER = Correction(document=(1, RIGHT_NUMBER))
OFFICIAL = "T32059919900101002X"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'vault.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def vault(database: Database) -> PersonVault:
    return PersonVault(database, KEYS)


def refused(vault: PersonVault, person: UUID, correction: Correction) -> tuple[str, str]:
    with pytest.raises(RefusedError) as caught:
        vault.correct(ONE, person, correction)
    (refusal,) = caught.value.refusals
    for language in ("zh", "en"):
        words = refusal.reason(language) + refusal.fix(language)
        assert not any(text in words for text in (NAME, RIGHT_NAME, NUMBER, RIGHT_NUMBER))
    return refusal.code, refusal.field


def persons(database: Database) -> int:
    with database.reading() as transaction:
        count: int = transaction.query("SELECT count(*) FROM vault_person")[0][0]
        return count


# --- Corrections ---------------------------------------------------------------------------------


def test_a_corrected_name_is_the_name_from_then_on(vault: PersonVault) -> None:
    before = vault.register(ONE, 1, NUMBER, NAME)
    after = vault.correct(ONE, before.person_ref, BY_NAME)
    assert after.person_ref == before.person_ref
    assert after.identity_commitment != before.identity_commitment
    person = vault.open(after.person_ref)
    assert (person.id_type, person.id_number, person.name) == (1, NUMBER, RIGHT_NAME)
    assert identity_commitment(person.opening, 1, NUMBER, RIGHT_NAME) == after.identity_commitment
    assert vault.register(ONE, 1, NUMBER, RIGHT_NAME) == after
    with pytest.raises(RefusedError):
        vault.register(ONE, 1, NUMBER, NAME)


def test_old_openings_open_old_commitments(vault: PersonVault) -> None:
    first = vault.register(ONE, 1, NUMBER, NAME)
    second = vault.correct(ONE, first.person_ref, BY_NAME)
    vault.correct(ONE, first.person_ref, BY_NUMBER)
    earlier = vault.open(first.person_ref).earlier
    assert [(each.id_number, each.name) for each in earlier] == [
        (NUMBER, NAME),
        (NUMBER, RIGHT_NAME),
    ]
    assert [each.commitment() for each in earlier] == [
        first.identity_commitment,
        second.identity_commitment,
    ]
    assert len({each.opening for each in earlier}) == 2


def test_the_same_correction_again_changes_nothing(vault: PersonVault) -> None:
    person = vault.register(ONE, 1, NUMBER, NAME).person_ref
    once = vault.correct(ONE, person, BY_NAME)
    assert vault.correct(ONE, person, BY_NAME) == once
    assert len(vault.open(person).earlier) == 1


def test_a_corrected_number_moves_the_reference_with_all_that_is_sealed(
    vault: PersonVault, database: Database
) -> None:
    person = vault.register(ONE, 1, NUMBER, NAME).person_ref
    vault.seal_certificate(person, b"d" * 32, b"core")
    right = vault.correct(ONE, person, BY_NUMBER)
    assert vault.open(person).id_number == RIGHT_NUMBER
    assert vault.open_certificate(b"d" * 32).content == b"core"
    assert vault.register(ONE, 1, RIGHT_NUMBER, NAME) == right
    # Nobody is left under the wrong number, so that person's key is gone.
    assert persons(database) == 1
    vault.erase(person)
    assert persons(database) == 0
    with pytest.raises(NotFoundError):
        vault.open_certificate(b"d" * 32)


def test_another_institutions_reference_stays_where_it_is(
    vault: PersonVault, database: Database
) -> None:
    mine = vault.register(ONE, 1, NUMBER, NAME).person_ref
    theirs = vault.register(OTHER, 1, NUMBER, NAME)
    vault.correct(ONE, mine, Correction((1, RIGHT_NUMBER), RIGHT_NAME))
    assert persons(database) == 2
    assert vault.register(OTHER, 1, NUMBER, NAME) == theirs
    assert (vault.open(mine).id_number, vault.open(mine).name) == (RIGHT_NUMBER, RIGHT_NAME)
    assert vault.register(ONE, 1, NUMBER, NAME).person_ref != mine


def test_a_number_that_has_a_reference_is_not_taken_over(vault: PersonVault) -> None:
    one = vault.register(ONE, 1, NUMBER, NAME)
    two = vault.register(ONE, 1, RIGHT_NUMBER, RIGHT_NAME)
    assert refused(vault, one.person_ref, BY_NUMBER) == ("PERSON_REGISTERED", "id_number")
    assert vault.register(ONE, 1, NUMBER, NAME) == one
    assert vault.register(ONE, 1, RIGHT_NUMBER, RIGHT_NAME) == two
    # That somebody else knows the number shows nowhere.
    three = vault.register(OTHER, 1, NUMBER, NAME).person_ref
    vault.correct(OTHER, three, BY_NUMBER)
    assert vault.open(three).id_number == RIGHT_NUMBER


def test_a_wrong_check_digit_corrects_nothing(vault: PersonVault) -> None:
    one = vault.register(ONE, 1, NUMBER, NAME)
    wrong = Correction((1, RIGHT_NUMBER[:-1] + "2"))
    assert refused(vault, one.person_ref, wrong) == ("BAD_ID_NUMBER", "id_number")
    assert vault.open(one.person_ref).earlier == ()
    passport = vault.correct(ONE, one.person_ref, Correction((2, "E12345678")))
    assert vault.open(passport.person_ref).id_type == 2


def test_only_its_institution_corrects_a_reference(vault: PersonVault) -> None:
    mine = vault.register(ONE, 1, NUMBER, NAME).person_ref
    for institution, person in ((OTHER, mine), (ONE, UUID(int=9, version=4))):
        with pytest.raises(NotFoundError):
            vault.correct(institution, person, BY_NAME)
    vault.erase(mine)
    with pytest.raises(NotFoundError):
        vault.correct(ONE, mine, BY_NAME)


def test_corrections_have_an_end(vault: PersonVault) -> None:
    person = vault.register(ONE, 1, NUMBER, NAME).person_ref
    for count in range(MAX_OPENINGS):
        vault.correct(ONE, person, Correction(name=f"{NAME}{count}"))
    assert refused(vault, person, Correction(name="one more"))[0] == "INVALID_REQUEST"
    assert vault.open(person).name == f"{NAME}{MAX_OPENINGS - 1}"


def test_two_that_trade_their_numbers_at_once_end_without_a_loss(vault: PersonVault) -> None:
    """Each wants the other's number: whoever comes first is refused, and so is the second."""
    pair = [vault.register(ONE, 1, number, NAME).person_ref for number in (NUMBER, RIGHT_NUMBER)]
    wishes = [Correction((1, RIGHT_NUMBER)), Correction((1, NUMBER))]
    gate, codes = threading.Barrier(2), list[str]()

    def trade(number: int) -> None:
        gate.wait()
        codes.append(refused(vault, pair[number], wishes[number])[0])

    threads = [threading.Thread(target=trade, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert codes == ["PERSON_REGISTERED", "PERSON_REGISTERED"]
    assert [vault.open(each).id_number for each in pair] == [NUMBER, RIGHT_NUMBER]


def test_nothing_of_a_person_is_printed(vault: PersonVault) -> None:
    person = vault.register(ONE, 1, NUMBER, NAME).person_ref
    vault.correct(ONE, person, BY_NAME)
    vault.commit_official_number(person, OFFICIAL)
    shown = repr(vault.open(person)) + repr(BY_NAME) + repr(BY_NUMBER)
    for text in (NAME, RIGHT_NAME, NUMBER, RIGHT_NUMBER, OFFICIAL):
        assert text not in shown


# --- Numbers of official certificates ------------------------------------------------------------


def test_a_number_is_committed_to_once_and_opened_by_what_is_kept(vault: PersonVault) -> None:
    person = vault.register(ONE, 1, NUMBER, NAME).person_ref
    commitment = vault.commit_official_number(person, OFFICIAL)
    assert vault.commit_official_number(person, OFFICIAL) == commitment
    (kept,) = vault.open(person).official
    assert (kept.number, number_commitment(kept.opening, OFFICIAL)) == (OFFICIAL, commitment)
    renewed = vault.commit_official_number(person, OFFICIAL + "1")
    assert renewed != commitment
    assert len(vault.open(person).official) == 2


def test_numbers_stay_through_a_correction_and_end_with_the_person(vault: PersonVault) -> None:
    person = vault.register(ONE, 1, NUMBER, NAME).person_ref
    commitment = vault.commit_official_number(person, OFFICIAL)
    vault.correct(ONE, person, BY_NUMBER)
    assert vault.commit_official_number(person, OFFICIAL) == commitment
    vault.erase(person)
    with pytest.raises(NotFoundError):
        vault.commit_official_number(person, OFFICIAL)


def test_numbers_have_an_end(vault: PersonVault) -> None:
    person = vault.register(ONE, 1, NUMBER, NAME).person_ref
    for count in range(MAX_OPENINGS):
        vault.commit_official_number(person, f"T{count}")
    with pytest.raises(RefusedError) as caught:
        vault.commit_official_number(person, OFFICIAL)
    assert caught.value.refusals[0].code == "INVALID_REQUEST"
