"""Keep and query: SQLAlchemy tables, revisions, the outbox, raw captures. No decisions.

Open a store with ``pipeline.store.store.Store.open``; everything else is reached from there.
"""
