"""The store's schema over time, for Alembic: one linear history in ``versions``.

A change of ``pipeline.store.tables`` needs a new file there (a test compares the two on both databases) and a new
``HEAD`` in ``pipeline.store.migrate``. Files that have been released are never edited.
"""
