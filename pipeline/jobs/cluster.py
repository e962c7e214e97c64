"""A Dask cluster as an executor. The only place that knows ``distributed``, which the extra ``dask`` brings."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pipeline.model.errors import ConfigError

_ANSWERS_IN_S: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """``workers``: how many threads its workers have together, and so how many shares are looked at at once."""

    executor: Executor
    workers: int


@contextmanager
def cluster_at(address: str) -> Iterator[Cluster]:
    """The workers of the scheduler at ``address``, until the block ends.

    Raises:
        ConfigError: the extra is not installed, nobody answers at the address, or the scheduler has no workers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ConfigError("--dask needs the extra dask", hint="pip install 'tarmac[dask]', here and where the workers run") from None
    try:
        client = Client(address, timeout=_ANSWERS_IN_S)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"no Dask scheduler answers at {address}: {type(error).__name__}",
            hint="such as tcp://127.0.0.1:8786; dask scheduler starts one",
        ) from None
    with client:
        workers = sum(client.nthreads().values())
        if not workers:
            raise ConfigError(f"the Dask scheduler at {address} has no workers", hint=f"dask worker {address} --nworkers 4 --nthreads 1")
        with client.get_executor() as executor:
            yield Cluster(executor=executor, workers=workers)
