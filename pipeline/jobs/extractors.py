"""Who reads texts, as the settings say: our rules, or a model behind an endpoint of the user's own."""

from __future__ import annotations

import os

from pipeline.meetings.extract.extractor import RuleExtractor
from pipeline.model.errors import ConfigError
from pipeline.model.protocols import Extractor
from pipeline.model.settings import Settings
from pipeline.net.client import Client
from pipeline.net.limits import MIB, Limits
from pipeline.places.gazetteer import Gazetteer
from pipeline.sources.extract_endpoint import EndpointExtractor


def extractor_of(settings: Settings, gazetteer: Gazetteer) -> Extractor:
    """Our rules unless ``[extract] url`` names an endpoint.

    Raises:
        ConfigError: an endpoint without a model, or a key's variable that is not set.
    """
    chosen = settings.extract
    if not chosen.url:
        return RuleExtractor(gazetteer)
    if not chosen.model:
        raise ConfigError("[extract] url is given, but no model", hint="name the model that the endpoint serves: model = …")
    key = os.environ.get(chosen.key_env, "") if chosen.key_env else ""
    if chosen.key_env and not key:
        raise ConfigError(f"[extract] key_env: {chosen.key_env} is not set", hint="put the endpoint's key into that variable")
    limits = Limits(max_bytes=2 * MIB, read_s=chosen.timeout, total_s=chosen.timeout)
    client = Client(contact=settings.use.contact, limits=limits, attempts=2)
    return EndpointExtractor(client=client, gazetteer=gazetteer, url=chosen.url, model=chosen.model, key=key)
