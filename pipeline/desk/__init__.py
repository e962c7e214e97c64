"""The notebook's door: ``from pipeline.desk import open_case, open_store``."""

from pipeline.desk.desk import Desk, open_case, open_store

__all__ = ["Desk", "open_case", "open_store"]
