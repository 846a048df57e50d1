"""Composition root and command line of the training ledger. Nothing imports this module.

The remote half of `tledger` (append, verify, cohort, certificate, …) is `clients.cli`; the
operator's half, which sees databases and secrets, is `ledger.commands`.
"""

import click

from clients.cli import RemoteGroup, log_group, policy_group, remote_commands
from ledger import __version__
from ledger.commands.demo_command import demo
from ledger.commands.operator_commands import (
    client,
    init,
    log_check,
    projections,
    publish,
    serve,
)
from ledger.commands.policy_commands import list_policies, show_policy

HELP = """安全生产培训存证账本：培训事件入账、一期一档、培训证明。

The training-record ledger: events of training, cohort files, certificates that anyone can check.
"""


@click.group(cls=RemoteGroup, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tledger")
def main() -> None:
    """Run the command line."""


for _command in (init, client, serve, publish, demo, projections, *remote_commands()):
    main.add_command(_command)
log_group.add_command(log_check)
for _command in (list_policies, show_policy):
    policy_group.add_command(_command)

if __name__ == "__main__":
    main()
