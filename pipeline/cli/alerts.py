"""``tarmac alerts``: what was queued, sent, failed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.live import Case, Json
from pipeline.cli.state import print_json, print_table, state_of
from pipeline.model.errors import DeliveryDeferred, ExitCode, UsageError

alerts = typer.Typer(no_args_is_help=True, help="Messages: list, send, preview, test.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(alerts, name="alerts")


@alerts.command("list")
def list_(
    context: typer.Context,
    failed: Annotated[bool, typer.Option("--failed", help="Only dead letters.")] = False,
    case: Case = "",
    as_json: Json = False,
) -> None:
    """Messages in the outbox.

    Example: tarmac alerts list --failed
    """
    with state_of(context).case_store(case, readonly=True) as store, store.read() as session:
        items = session.outbox.list(lifecycle="dead" if failed else None)
    rows = [(i.alert_id, i.created_at, i.event, i.lifecycle, i.recipient, i.subject, i.last_error) for i in items]
    names = ("id", "created", "event", "state", "to", "subject", "error")
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_table(names, rows)


@alerts.command("send")
def send(context: typer.Context) -> None:
    """Hand over what is due, without a pass.

    Example: tarmac alerts send
    """
    from pipeline.jobs.deliver import channel_of, deliver
    from pipeline.jobs.poll import owner
    from pipeline.jobs.world import SystemClock

    state = state_of(context)
    settings = state.settings()
    with state.store() as store:
        done = deliver(store, channel_of(settings.mail, settings.data_dir / "outbox"), now=SystemClock().now(), owner=owner())
    for subject, outcome, said in done:
        typer.echo(f"{outcome}: {subject} ({said})")
    typer.echo(f"{len(done)} messages were due")
    if any(outcome != "sent" for _, outcome, _ in done):
        raise typer.Exit(int(ExitCode.DELIVERY))


@alerts.command("preview")
def preview(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(help="An id or its beginning.")],
    out: Annotated[Path, typer.Option("--out", help="A folder for the .eml file.")] = Path(),
    case: Case = "",
) -> None:
    """Write a message as an .eml file and print its text.

    Example: tarmac alerts preview alr-uwz --case taipei-2022-08-02 --out /tmp
    """
    from pipeline.alerts.channels import EmlChannel

    state = state_of(context)
    with state.case_store(case, readonly=True) as store, store.read() as session:
        _, alert_id = session.resolve(alert)
        item = session.outbox.get(alert_id)
    typer.echo(f"Subject: {item.subject}\n\n{item.text}")
    typer.echo(f"wrote {out / EmlChannel(folder=out, sender=state.settings().mail.sender).send(item)}", err=True)


@alerts.command("test")
def test(context: typer.Context, address: Annotated[str, typer.Argument(help="Where to.")]) -> None:
    """Prove that mail reaches an address.

    Example: tarmac alerts test me@example.org
    """
    from pipeline.alerts.message import valid_address
    from pipeline.alerts.pages import test_mail
    from pipeline.jobs.deliver import channel_of
    from pipeline.jobs.world import SystemClock
    from pipeline.model.entities import OutboxItem
    from pipeline.model.ids import IdKind, mint
    from pipeline.model.origin import Origin
    from pipeline.model.time import to_iso

    if not valid_address(address):
        raise UsageError(f"{address!r} is not an address", hint="such as me@example.org")
    settings = state_of(context).settings()
    now = SystemClock().now()
    mail = test_mail(address, now)
    item = OutboxItem(
        alert_id=mint(IdKind.ALERT, "test", address, to_iso(now, microseconds=True)),
        key="test",
        event="test",
        subject_id="",
        recipient=address,
        thread="",
        created_at=now,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        origin=Origin.LIVE,
    )
    channel = channel_of(settings.mail, settings.data_dir / "outbox")
    try:
        said = channel.send(item)
    except DeliveryDeferred as error:
        raise DeliveryDeferred(f"not delivered: {error}", hint="check [mail] url, and that the server can be reached") from None
    typer.echo(f"handed over by {channel.name}: {said}")
