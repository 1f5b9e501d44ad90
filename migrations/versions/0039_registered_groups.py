"""Registered groups: several people who reserve on one quota, and rooms for groups alone.

Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
BEFORE = ("everyone", "district", "street", "community", "staff")
AFTER = (*BEFORE, "groups")
LIMITS = ("group_live", "group_week_minutes")


def upgrade() -> None:
    op.create_table(
        "registered_group",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("place_id", ID, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_reason", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_registered_group_place_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_registered_group_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registered_group")),
    )
    _partial("uq_registered_group_name", "registered_group", ["place_id", "name"], "ended_at")
    op.create_table(
        "group_member",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("group_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("account_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_group_member_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["registered_group.id"], name=op.f("fk_group_member_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_group_member_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_member")),
    )
    op.create_index("ix_group_member_person_id", "group_member", ["person_id"], unique=False)
    _partial("uq_group_member_person", "group_member", ["group_id", "person_id"], "removed_at")
    with op.batch_alter_table("reservation") as table:
        table.add_column(sa.Column("group_id", ID, nullable=True))
        table.create_foreign_key(
            op.f("fk_reservation_group_id"), "registered_group", ["group_id"], ["id"]
        )
    op.create_index(
        "ix_reservation_group_id",
        "reservation",
        ["group_id"],
        unique=False,
        postgresql_where=sa.text("group_id IS NOT NULL"),
        sqlite_where=sa.text("group_id IS NOT NULL"),
    )
    with op.batch_alter_table("room_rules") as table:
        for name in LIMITS:
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
    _allow(AFTER)


def downgrade() -> None:
    op.execute("UPDATE room_rules SET audience = 'staff' WHERE audience = 'groups'")
    _allow(BEFORE)
    with op.batch_alter_table("room_rules") as table:
        for name in reversed(LIMITS):
            table.drop_column(name)
    op.drop_index("ix_reservation_group_id", table_name="reservation")
    with op.batch_alter_table("reservation") as table:
        table.drop_constraint(op.f("fk_reservation_group_id"), type_="foreignkey")
        table.drop_column("group_id")
    op.drop_table("group_member")
    op.drop_table("registered_group")


def _partial(name: str, table: str, columns: list[str], empty: str) -> None:
    """Unique among the rows where `empty` is null."""
    where = sa.text(f"{empty} IS NULL")
    op.create_index(
        name, table, columns, unique=True, postgresql_where=where, sqlite_where=where
    )  # fmt: skip


def _allow(audiences: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{one}'" for one in audiences)
    with op.batch_alter_table("room_rules") as table:
        table.drop_constraint(op.f("ck_room_rules_audience"), type_="check")
        table.create_check_constraint(op.f("ck_room_rules_audience"), f"audience IN ({listed})")
