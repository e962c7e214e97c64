"""The words of the house: ids, units, time, frames, entities, errors, protocols, shipped files, the one CSV reader.

Imports nothing of ours. Import the module you need (``from pipeline.model.time import parse_utc``);
this file stays empty so that the light modules never pull in the heavy ones.
"""
