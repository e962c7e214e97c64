"""Prometheus' figures over HTTP, for as long as the daemon runs (extra ``metrics``)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pipeline.jobs.health import metrics_text
from pipeline.model.errors import ConfigError
from pipeline.model.protocols import Clock
from pipeline.store.store import Store

if TYPE_CHECKING:
    from prometheus_client import Metric

_EXAMPLE: Final = '[run] metrics_listen = "127.0.0.1:9464"'


class _Figures:
    """A collector: the store is read anew at each scrape."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.parser import text_string_to_metric_families

        yield from text_string_to_metric_families(metrics_text(self._store, now=self._clock.now()))


@contextmanager
def metrics_served(store: Store, listen: str, clock: Clock) -> Iterator[int]:
    """Serve ``/metrics`` at ``host:port`` while the block runs; yields the port, 0 where ``listen`` is empty.

    Raises:
        ConfigError: not an address, one that is taken, or the extra is not installed.
    """
    if not listen:
        yield 0
        return
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"[run] metrics_listen: {listen!r} is not host:port", hint=_EXAMPLE)
    try:
        from prometheus_client import CollectorRegistry, start_http_server
    except ImportError:
        raise ConfigError("[run] metrics_listen needs prometheus-client", hint="pip install 'tarmac[metrics]'") from None
    registry = CollectorRegistry()
    registry.register(_Figures(store, clock))
    try:
        server, thread = start_http_server(int(port), addr=host.strip("[]"), registry=registry)
    except OSError as error:
        raise ConfigError(
            f"[run] metrics_listen: {listen}: {error.strerror or error}", hint=f"another address, such as {_EXAMPLE}"
        ) from None
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
