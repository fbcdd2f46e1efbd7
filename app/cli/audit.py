"""The commands about the audit log."""

from pathlib import Path

import click

from app.audit import verification as audit_verifying
from app.cli.groups import Group
from app.moderation import operations as moderation

audit_group = Group("audit", help="The log of what moderators and admins did.")


@audit_group.command("verify")
@click.option(
    "--anchor",
    "copy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare with this too: a copy of an anchor, or the line of a request log with one.",
)
def verify_audit(copy: Path | None) -> None:
    """Check the whole log and its anchor; exit code 1 and what is wrong, in sentences."""
    if faults := audit_verifying.find_faults(copy):
        raise click.ClickException("\n".join(faults))
    click.echo("The audit log is whole.")


@audit_group.command("anchor")
def set_anchor() -> None:
    """Set the anchor anew, on a new machine or after a backup was restored."""
    entry = moderation.set_anchor()
    click.echo(f"The anchor names entry {entry.id} now; the log tells of it.")
