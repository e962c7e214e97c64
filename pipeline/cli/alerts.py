"""``tarmac alerts``: what was queued, sent, failed; who is told what; what is muted. ``tarmac card``: one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.live import Case, Json
from pipeline.cli.state import print_json, print_table, state_of
from pipeline.model.errors import DeliveryDeferred, ExitCode, UsageError

alerts = typer.Typer(no_args_is_help=True, help="Messages: list, send, resend, preview, test, rules, mute.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(alerts, name="alerts")
    app.command("card")(card)


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
    rows = [(i.alert_id, i.created_at, i.event, i.lifecycle, i.recipient, i.subject, i.subject_id, i.last_error) for i in items]
    names = ("id", "created", "event", "state", "to", "subject", "subject_id", "error")
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_table(names, rows)


@alerts.command("send")
def send(context: typer.Context, as_json: Json = False) -> None:
    """Hand over what is due, without a pass.

    Example: tarmac alerts send
    """
    from pipeline.jobs.deliver import deliver, router_of
    from pipeline.jobs.poll import owner
    from pipeline.jobs.world import SystemClock

    state = state_of(context)
    settings, world, clock = state.settings(), state.world(), SystemClock()
    with state.store() as store:
        router = router_of(world, settings.mail, settings.data_dir / "outbox")
        done = deliver(store, router, now=clock.now(), owner=owner(), clock=clock.now, templates=world.templates)
    if as_json:
        print_json([{"subject": subject, "outcome": outcome, "said": said} for subject, outcome, said in done])
    else:
        for subject, outcome, said in done:
            typer.echo(f"{outcome}: {subject} ({said})")
        typer.echo(f"{len(done)} messages were due")
    if any(outcome != "sent" for _, outcome, _ in done):
        raise typer.Exit(int(ExitCode.DELIVERY))


@alerts.command("preview")
def preview(
    context: typer.Context,
    alert: Annotated[
        str, typer.Argument(help="A message's id, or that of a landing or stay of which none was sent; its beginning will do.")
    ],
    out: Annotated[Path, typer.Option("--out", help="A folder for the .eml and .html files.")] = Path(),
    open_it: Annotated[bool, typer.Option("--open/--no-open", help="Show it in the browser.")] = True,
    case: Case = "",
) -> None:
    """Write a message as .eml and .html files, print its text, and open it (on a terminal).

    Example: tarmac alerts preview alr-uwz --case taipei-2022-08-02 --out /tmp
    """
    import sys

    from pipeline.alerts.channels import EmlChannel
    from pipeline.alerts.message import viewable
    from pipeline.jobs.preview import previewed
    from pipeline.jobs.world import SystemClock

    state = state_of(context)
    with state.case_store(case, readonly=True) as store:
        item = previewed(store, state.world(case), alert, now=SystemClock().now())
    typer.echo(f"Subject: {item.subject}\n\n{item.text}")
    eml = out / EmlChannel(folder=out, sender=state.settings().mail.sender).send(item)
    page = eml.with_suffix(".html")
    page.write_text(viewable(item), encoding="utf-8")
    typer.echo(f"wrote {eml} and {page}", err=True)
    if open_it and sys.stdout.isatty():
        typer.launch(str(page))


@alerts.command("resend")
def resend(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(help="An id or its beginning.")] = "",
    failed: Annotated[bool, typer.Option("--failed", help="Every dead letter.")] = False,
    as_json: Json = False,
) -> None:
    """Queue a dead letter (or any message) again; the next pass, or `tarmac alerts send`, hands it over.

    Example: tarmac alerts resend --failed
    """
    from pipeline.jobs.poll import owner
    from pipeline.jobs.world import SystemClock

    if bool(alert) == failed:
        raise UsageError("name one message, or --failed", hint="tarmac alerts list --failed shows dead letters")
    now = SystemClock().now()
    with state_of(context).store() as store, store.transaction() as tx:
        ids = [item.alert_id for item in tx.outbox.list(lifecycle="dead")] if failed else [tx.resolve(alert)[1]]
        for alert_id in ids:
            tx.outbox.requeue(alert_id, now=now, owner=owner())
    if as_json:
        print_json({"due": ids})
    else:
        typer.echo(f"{len(ids)} messages are due again")


@alerts.command("rules")
def rules(context: typer.Context, as_json: Json = False) -> None:
    """Who is told what, as the files say; mistakes are named with file, line and key.

    Example: tarmac alerts rules
    """
    world = state_of(context).world()
    rows = [
        (
            one.to,
            one.time_zone or "this machine's",
            "" if one.brief is None else f"{one.brief:%H:%M}",
            "" if one.quiet is None else f"{one.quiet[0]:%H:%M}-{one.quiet[1]:%H:%M}",
            one.digest,
            one.most_a_day,
            len(one.rules),
        )
        for one in world.recipients
    ]
    names = ("to", "time_zone", "brief", "quiet", "digest", "most_a_day", "rules")
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_table(names, rows)


@alerts.command("mute")
def mute(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="A registration, an icao24 address, an airport or a city; nothing: list what is muted.")] = "",
    time: Annotated[str, typer.Option("--for", help="How long, such as 12h, 7d or 4w; for ever when not given.")] = "",
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="End it.")] = False,
    as_json: Json = False,
) -> None:
    """Hear nothing of an aircraft or a place, for a time or for ever. Withdrawals of what you were told still come.

    Example: tarmac alerts mute RA-64057 --for 7d --note "crew training"
    """
    import getpass

    from pipeline.jobs.mutes import mute_for, mute_kind
    from pipeline.jobs.world import SystemClock
    from pipeline.model.entities import Mute

    state, now = state_of(context), SystemClock().now()
    with state.store() as store:
        if what:
            kind, value = mute_kind(what, state.world())
            with store.transaction() as tx:
                until = now + mute_for(time) if time and not lift else None
                if lift:
                    said = "heard again" if tx.mutes.lift(kind, value, at=now) else "was not muted"
                else:
                    tx.mutes.add(Mute(kind=kind, value=value, at=now, until=until, note=note, by=getpass.getuser()))
                    said = f"muted {'until ' + until.strftime('%d %b %Y %H:%M UTC') if until else 'for ever'}"
            if as_json:
                print_json({"kind": kind, "what": value, "muted": not lift, "until": until, "said": said})
            else:
                typer.echo(f"{kind} {value}: {said}")
            return
        with store.read() as session:
            rows = [(m.kind, m.value, m.until, m.note, m.by, m.at) for m in session.mutes.current(now)]
    names = ("kind", "what", "until", "note", "by", "since")
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_table(names, rows)


def card(
    context: typer.Context,
    landing: Annotated[str, typer.Argument(help="A landing's id or its beginning.")],
    out: Annotated[Path | None, typer.Option("--out", help="Where the PNG goes; the id with .png when not given.")] = None,
    case: Case = "",
    as_json: Json = False,
) -> None:
    """A picture for publication with its words and alternative text; refused while an embargo holds.

    Example: tarmac card lnd-lpw --case taipei-2022-08-02 --out taipei.png
    """
    from pipeline.jobs.card import make_card
    from pipeline.jobs.world import SystemClock

    state = state_of(context)
    with state.case_store(case, readonly=True) as store:
        made = make_card(store, state.world(case), landing, now=SystemClock().now())
    path = out or Path(made.name)
    path.write_bytes(made.png)
    if as_json:
        print_json({"file": str(path), "post": made.post, "alt": made.alt})
        return
    typer.echo(made.post)
    typer.echo(f"\nAlternative text: {made.alt}")
    typer.echo(f"wrote {path}", err=True)


@alerts.command("test")
def prove(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="An address, or the name of a channel.")],
    as_json: Json = False,
) -> None:
    """Prove that mail reaches an address, or a message a channel.

    Example: tarmac alerts test me@example.org
    """
    from pipeline.alerts.message import valid_address
    from pipeline.alerts.pages import test_mail
    from pipeline.jobs.deliver import router_of
    from pipeline.jobs.world import SystemClock
    from pipeline.model.entities import OutboxItem
    from pipeline.model.ids import IdKind, mint
    from pipeline.model.origin import Origin
    from pipeline.model.time import to_iso

    settings, world = state_of(context).settings(), state_of(context).world()
    if address not in world.channels and not valid_address(address):
        raise UsageError(f"{address!r} is neither an address nor one of [channels]", hint="such as me@example.org")
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
    channel = router_of(world, settings.mail, settings.data_dir / "outbox").of(address)
    if channel.name == "eml":
        typer.echo("[mail] url is empty: this proves only that a file can be written", err=True)
    try:
        said = channel.send(item)
    except DeliveryDeferred as error:
        raise DeliveryDeferred(
            f"not delivered: {error}", hint=error.hint or "check [mail] url, and that the server can be reached"
        ) from None
    if as_json:
        print_json({"to": address, "channel": channel.name, "said": said})
    else:
        typer.echo(f"handed over by {channel.name}: {said}")
