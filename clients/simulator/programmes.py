"""The programmes that are trained, and the policy file of each.

Hours: the bureau's table of Changchun 2023; trade codes of the catalogue of 2010 (domain reference
2.2 and 2.5). Refrigeration has no published hours and 3.2 no pair of theory and practical work:
their shares go to 3.1.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import Final

OFFLINE: Final = "theory_offline"
ONLINE: Final = "theory_online"
PRACTICAL: Final = "practical"
COMPONENTS: Final = (OFFLINE, ONLINE, PRACTICAL)
MINUTES: Final = {OFFLINE: 45, ONLINE: 30, PRACTICAL: 45}
"""Minutes of an hour 学时 (AQ 8011-2023)."""

PASS_MARK: Final = 80
DAILY_CAP: Final = 8
_OFFLINE_SHARE: Final = 30


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme of training.

    Attributes:
        id: Name, stable over versions.
        trade: Code in the catalogue of trades.
        name: Name of the trade as the catalogue prints it.
        english: The same in English.
        category: Category of person, as certificates print it.
        theory: Hours of theory.
        practical: Hours of practical work.
        weight: Share of the cohorts, per cent.
        cap_binds: The daily cap of 8 hours is binding; elsewhere it only warns.
        beyond: Hours taught in a classroom beyond the least share.
    """

    id: str
    trade: str
    name: str
    english: str
    category: str
    theory: int
    practical: int
    weight: int
    cap_binds: bool = False
    beyond: int = 0

    @property
    def theory_offline(self) -> int:
        """Least hours of theory in a classroom: 30 per cent, rounded up."""
        return -(-self.theory * _OFFLINE_SHARE // 100)

    @property
    def classroom(self) -> int:
        """Hours of theory that are taught in a classroom."""
        return self.theory_offline + self.beyond

    @property
    def lessons(self) -> int:
        """Online lessons of one hour: what the classroom leaves of theory."""
        return self.theory - self.classroom


_OPERATORS: Final = "特种作业人员"
PROGRAMMES: Final = (
    Programme("sim-low-voltage", "2010-1.2", "低压电工作业", "Low-voltage electrician",
              _OPERATORS, 88, 60, 42),
    Programme("sim-welding", "2010-2.1", "熔化焊接与热切割作业", "Fusion welding and cutting",
              _OPERATORS, 68, 40, 22),
    Programme("sim-scaffolds", "2010-3.1", "登高架设作业", "Erecting scaffolds",
              _OPERATORS, 40, 60, 24),
    Programme("sim-high-voltage", "2010-1.1", "高压电工作业", "High-voltage electrician",
              _OPERATORS, 82, 72, 5),
    Programme("sim-leaders", "LEADER-HAZCHEM", "危险化学品生产经营单位主要负责人",
              "Person in charge, hazardous chemicals", "主要负责人",
              48, 0, 7, cap_binds=True, beyond=9),
)  # fmt: skip
UNREPORTED: Final = Programme(
    "sim-pressure-welding", "2010-2.2", "压力焊作业", "Pressure welding", _OPERATORS, 68, 40, 0
)
"""A trade that no institution of a town reports."""


def policy_document(programme: Programme) -> bytes:
    """Return the policy file of a programme: UTF-8 TOML, a proposal until a bureau adopts it."""
    template = files("clients.simulator").joinpath("policy_template.toml").read_text("utf-8")
    for name, value in (
        ("id", programme.id),
        ("name", programme.name),
        ("english", programme.english),
        ("trade", programme.trade),
        ("category", programme.category),
        ("theory", str(programme.theory)),
        ("practical", str(programme.practical)),
        ("cap_binds", "true" if programme.cap_binds else "false"),
    ):
        template = template.replace(f"@{name}@", value)
    return template.encode()
