"""Messages that wait to be folded into a digest or were overtaken; mutes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.store.types import CleanText, UtcTime

revision = "mail"
down_revision = "live"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # By the name that it has: the naming convention put its own before the one that was given.
    checks = [check for check in sa.inspect(op.get_bind()).get_check_constraints("outbox") if "lifecycle" in str(check["name"])]
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("due", UtcTime(), nullable=True))
        batch.add_column(sa.Column("fold", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("folded_into", CleanText(), nullable=False, server_default=""))
        for check in checks:
            batch.drop_constraint(op.f(str(check["name"])), type_="check")
        batch.create_check_constraint(
            op.f("ck_outbox_lifecycle"), "lifecycle IN ('pending', 'sent', 'failed', 'dead', 'folded', 'dropped')"
        )
    op.create_index("ix_outbox_folded_into", "outbox", ["folded_into"], unique=False)
    op.create_table(
        "mutes",
        sa.Column("mute_id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("kind", CleanText(), nullable=False),
        sa.Column("value", CleanText(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=True),
        sa.Column("note", CleanText(), nullable=False),
        sa.Column("by", CleanText(), nullable=False),
        sa.Column("lifted_at", UtcTime(), nullable=True),
        sa.CheckConstraint("kind IN ('aircraft', 'place')", name="ck_mutes_kind"),
        sa.PrimaryKeyConstraint("mute_id", name="pk_mutes"),
    )
