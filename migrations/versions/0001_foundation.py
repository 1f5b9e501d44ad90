"""The first tables: places, people, staff, booking, night school, reminders.

Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NO_OVERLAP_POSTGRESQL = """
ALTER TABLE occupancy ADD CONSTRAINT ex_occupancy_overlap EXCLUDE USING gist (
    int8range(atom_id, atom_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&)
"""
NO_OVERLAP_SQLITE = """
CREATE TRIGGER tr_occupancy_overlap_{verb} BEFORE {verb} ON occupancy
WHEN EXISTS (SELECT 1 FROM occupancy o WHERE o.atom_id = NEW.atom_id AND o.id IS NOT NEW.id
             AND o.starts_at < NEW.ends_at AND NEW.starts_at < o.ends_at)
BEGIN SELECT RAISE(ABORT, 'ex_occupancy_overlap'); END
"""


def refuse_overlap() -> None:
    """Overlap in use is refused by the database; SQLite has triggers for it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(NO_OVERLAP_POSTGRESQL)
        return
    for verb in ("insert", "update"):
        op.execute(NO_OVERLAP_SQLITE.format(verb=verb))


def upgrade() -> None:
    op.create_table(
        "course_category",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_category")),
        sa.UniqueConstraint("code", name=op.f("uq_course_category_code")),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("path", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "kind IN ('district', 'street', 'community', 'estate', 'building')",
            name=op.f("ck_place_kind"),
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["place.id"], name=op.f("fk_place_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("code", name=op.f("uq_place_code")),
    )
    op.create_index(op.f("ix_place_parent_id"), "place", ["parent_id"], unique=False)
    op.create_index("ix_place_path", "place", ["path"], unique=True)
    op.create_table(
        "push_event",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_push_event")),
    )
    op.create_index(op.f("ix_push_event_received_at"), "push_event", ["received_at"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.String(length=128), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("username", name=op.f("uq_staff_username")),
    )
    op.create_table(
        "subscription_grant",
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("last_answer", sa.String(length=8), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_subscription_grant_remaining")),
        sa.PrimaryKeyConstraint("openid", "template_id", name=op.f("pk_subscription_grant")),
    )
    op.create_table(
        "term",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_term_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("name", name=op.f("uq_term_name")),
    )
    op.create_table(
        "wechat_access_token",
        sa.Column("appid", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lease_holder", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("appid", name=op.f("pk_wechat_access_token")),
    )
    op.create_table(
        "atom",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_atom_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_atom")),
    )
    op.create_index(op.f("ix_atom_place_id"), "atom", ["place_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=24), nullable=False),
        sa.Column(
            "subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "before",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "after",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_audit_entry_place_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_audit_entry_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(op.f("ix_audit_entry_place_id"), "audit_entry", ["place_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_staff_id"), "audit_entry", ["staff_id"], unique=False)
    op.create_index(
        "ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject_id"], unique=False
    )
    op.create_table(
        "bookable",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("overbooked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("waiting", sa.Integer(), server_default="0", nullable=False),
        sa.Column("queue_tail", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_expiry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promote_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("overbooked >= 0", name=op.f("ck_bookable_overbooked")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_bookable_order")),
        sa.CheckConstraint("taken <= capacity + overbooked", name=op.f("ck_bookable_capacity")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_bookable_taken")),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_bookable_waiting")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_bookable_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookable")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_bookable_kind_starts_at", "bookable", ["kind", "starts_at"], unique=False)
    op.create_index(
        "ix_bookable_next_expiry_at",
        "bookable",
        ["next_expiry_at"],
        unique=False,
        postgresql_where=sa.text("next_expiry_at IS NOT NULL"),
        sqlite_where=sa.text("next_expiry_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_bookable_place_id"), "bookable", ["place_id"], unique=False)
    op.create_table(
        "course",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column(
            "category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("summary", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("bring", sa.String(length=120), nullable=True),
        sa.Column("picture", sa.String(length=80), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["category_id"], ["course_category.id"], name=op.f("fk_course_category_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("code", name=op.f("uq_course_code")),
    )
    op.create_index(op.f("ix_course_category_id"), "course", ["category_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("gender", sa.String(length=8), nullable=True),
        sa.Column(
            "home_place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_hash", sa.String(length=32), nullable=True),
        sa.Column("last_four_hash", sa.String(length=32), nullable=True),
        sa.Column("id_number", sa.Text(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column(
            "merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("gender IN ('female', 'male')", name=op.f("ck_person_gender")),
        sa.ForeignKeyConstraint(
            ["home_place_id"], ["place.id"], name=op.f("fk_person_home_place_id")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["person.id"], name=op.f("fk_person_merged_into_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(op.f("ix_person_home_place_id"), "person", ["home_place_id"], unique=False)
    op.create_index(op.f("ix_person_last_four_hash"), "person", ["last_four_hash"], unique=False)
    op.create_index(op.f("ix_person_merged_into_id"), "person", ["merged_into_id"], unique=False)
    op.create_index("ix_person_name_birth_date", "person", ["name", "birth_date"], unique=False)
    op.create_index(op.f("ix_person_phone_hash"), "person", ["phone_hash"], unique=False)
    op.create_table(
        "room",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("directions", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_room_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
    )
    op.create_index(op.f("ix_room_place_id"), "room", ["place_id"], unique=False)
    op.create_table(
        "staff_role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "role IN ('manager', 'worker', 'teacher')", name=op.f("ck_staff_role_role")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_staff_role_place_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_role_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_role")),
        sa.UniqueConstraint(
            "staff_id", "role", "place_id", name=op.f("uq_staff_role_staff_id_role_place_id")
        ),
    )
    op.create_index(op.f("ix_staff_role_place_id"), "staff_role", ["place_id"], unique=False)
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.String(length=43), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
    )
    op.create_index(op.f("ix_staff_session_staff_id"), "staff_session", ["staff_id"], unique=False)
    op.create_table(
        "teacher",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.String(length=60), nullable=True),
        sa.Column("intro", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_teacher_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teacher")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_teacher_staff_id")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("calendar_token", sa.String(length=43), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("calendar_token", name=op.f("uq_account_calendar_token")),
        sa.UniqueConstraint("person_id", name=op.f("uq_account_person_id")),
    )
    op.create_table(
        "course_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("term_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "teacher_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("price_fen", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=True),
        sa.Column("max_age", sa.Integer(), nullable=True),
        sa.Column(
            "home_place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('everyone', 'adults', 'seniors', 'children', 'families')",
            name=op.f("ck_course_run_audience"),
        ),
        sa.CheckConstraint(
            "from_minute BETWEEN 0 AND 1439", name=op.f("ck_course_run_from_minute")
        ),
        sa.CheckConstraint("min_age <= max_age", name=op.f("ck_course_run_ages")),
        sa.CheckConstraint("price_fen >= 0", name=op.f("ck_course_run_price")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_course_run_weekday")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_run_course_id")),
        sa.ForeignKeyConstraint(
            ["home_place_id"], ["place.id"], name=op.f("fk_course_run_home_place_id")
        ),
        sa.ForeignKeyConstraint(
            ["id"], ["bookable.id"], name=op.f("fk_course_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_course_run_room_id")),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teacher.id"], name=op.f("fk_course_run_teacher_id")
        ),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_course_run_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_run")),
    )
    op.create_index(op.f("ix_course_run_course_id"), "course_run", ["course_id"], unique=False)
    op.create_index(
        op.f("ix_course_run_home_place_id"), "course_run", ["home_place_id"], unique=False
    )
    op.create_index(op.f("ix_course_run_room_id"), "course_run", ["room_id"], unique=False)
    op.create_index(op.f("ix_course_run_teacher_id"), "course_run", ["teacher_id"], unique=False)
    op.create_index(op.f("ix_course_run_term_id"), "course_run", ["term_id"], unique=False)
    op.create_table(
        "duplicate_dismissed",
        sa.Column("low_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("high_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["high_id"], ["person.id"], name=op.f("fk_duplicate_dismissed_high_id")
        ),
        sa.ForeignKeyConstraint(
            ["low_id"], ["person.id"], name=op.f("fk_duplicate_dismissed_low_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_duplicate_dismissed_staff_id")
        ),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_duplicate_dismissed")),
    )
    op.create_table(
        "occupancy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("atom_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occupant_kind", sa.String(length=16), nullable=False),
        sa.Column(
            "occupant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint(
            "occupant_kind IN ('lesson', 'block')", name=op.f("ck_occupancy_occupant_kind")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_occupancy_order")),
        sa.ForeignKeyConstraint(["atom_id"], ["atom.id"], name=op.f("fk_occupancy_atom_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupancy")),
    )
    op.create_index(
        "ix_occupancy_atom_id_starts_at", "occupancy", ["atom_id", "starts_at"], unique=False
    )
    op.create_index(
        "ix_occupancy_occupant", "occupancy", ["occupant_kind", "occupant_id"], unique=False
    )
    op.create_table(
        "room_atom",
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("atom_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["atom_id"], ["atom.id"], name=op.f("fk_room_atom_atom_id")),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_room_atom_room_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("room_id", "atom_id", name=op.f("pk_room_atom")),
    )
    op.create_table(
        "access_token",
        sa.Column("token_hash", sa.String(length=43), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_access_token_account_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_access_token")),
    )
    op.create_index(
        op.f("ix_access_token_account_id"), "access_token", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_access_token_expires_at"), "access_token", ["expires_at"], unique=False
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "bookable_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("once_key", sa.String(length=40), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancel_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rank", sa.Integer(), server_default="0", nullable=False),
        sa.Column("queue_no", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=22), nullable=False),
        sa.Column("short_code", sa.String(length=6), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=True),
        sa.Column("idempotency_hash", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'waiting', 'offered', 'confirmed', 'attended', 'missed', 'cancelled', 'declined')",
            name=op.f("ck_booking_state"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_booking_quantity")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_booking_account_id")),
        sa.ForeignKeyConstraint(
            ["bookable_id"], ["bookable.id"], name=op.f("fk_booking_bookable_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_booking_person_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_booking_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint(
            "account_id", "idempotency_key", name=op.f("uq_booking_account_id_idempotency_key")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_booking_code")),
    )
    op.create_index(
        "ix_booking_bookable_id_state", "booking", ["bookable_id", "state"], unique=False
    )
    op.create_index(
        "ix_booking_party_id",
        "booking",
        ["party_id"],
        unique=False,
        postgresql_where=sa.text("party_id IS NOT NULL"),
        sqlite_where=sa.text("party_id IS NOT NULL"),
    )
    op.create_index(
        "ix_booking_person_id_starts_at", "booking", ["person_id", "starts_at"], unique=False
    )
    op.create_index(
        "uq_booking_live_once",
        "booking",
        ["person_id", "once_key"],
        unique=True,
        postgresql_where=sa.text(
            "state IN ('requested', 'waiting', 'offered', 'confirmed', 'attended')"
        ),
        sqlite_where=sa.text(
            "state IN ('requested', 'waiting', 'offered', 'confirmed', 'attended')"
        ),
    )
    op.create_index(
        "uq_booking_queue",
        "booking",
        ["bookable_id", "queue_no"],
        unique=True,
        postgresql_where=sa.text("queue_no IS NOT NULL"),
        sqlite_where=sa.text("queue_no IS NOT NULL"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("relation", sa.String(length=8), nullable=False),
        sa.Column("asked_name", sa.String(length=40), nullable=True),
        sa.Column("asked_phone_hash", sa.String(length=32), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "given_by_account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "witness_staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "relation IN ('child', 'parent', 'spouse', 'other')", name=op.f("ck_consent_relation")
        ),
        sa.CheckConstraint(
            "given_at IS NULL OR person_id IS NOT NULL", name=op.f("ck_consent_given")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id")),
        sa.ForeignKeyConstraint(
            ["given_by_account_id"], ["account.id"], name=op.f("fk_consent_given_by_account_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id")),
        sa.ForeignKeyConstraint(
            ["witness_staff_id"], ["staff.id"], name=op.f("fk_consent_witness_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_account_id"), "consent", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_consent_asked_phone_hash"), "consent", ["asked_phone_hash"], unique=False
    )
    op.create_index(op.f("ix_consent_person_id"), "consent", ["person_id"], unique=False)
    op.create_index(
        "uq_consent_live",
        "consent",
        ["account_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
        sqlite_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('wechat', 'phone')", name=op.f("ck_identity_kind")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_identity_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_identity_kind_subject")),
    )
    op.create_index(op.f("ix_identity_account_id"), "identity", ["account_id"], unique=False)
    op.create_table(
        "lesson",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_lesson_order")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_lesson_room_id")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["course_run.id"], name=op.f("fk_lesson_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_lesson_run_id_number")),
    )
    op.create_index(op.f("ix_lesson_room_id"), "lesson", ["room_id"], unique=False)
    op.create_index("ix_lesson_starts_at", "lesson", ["starts_at"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "lesson_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("presence", sa.String(length=10), nullable=False),
        sa.Column("taken_by", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "presence IN ('present', 'late', 'left_early', 'excused', 'absent')",
            name=op.f("ck_attendance_presence"),
        ),
        sa.CheckConstraint(
            "taken_by IN ('tap', 'resident_code', 'class_code')",
            name=op.f("ck_attendance_taken_by"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_attendance_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_attendance_lesson_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_attendance_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint(
            "lesson_id", "booking_id", name=op.f("uq_attendance_lesson_id_booking_id")
        ),
    )
    op.create_index("ix_attendance_booking_id", "attendance", ["booking_id"], unique=False)
    op.create_table(
        "booking_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_booking_event_booking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_event")),
    )
    op.create_index(
        op.f("ix_booking_event_booking_id"), "booking_event", ["booking_id"], unique=False
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("lesson_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("occasion_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "facts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("state", sa.String(length=10), server_default="due", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_doubt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "called_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("call_note", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "kind IN ('booked', 'waitlisted', 'offered', 'offer_expired', 'cancelled', 'changed', 'lesson_eve', 'lesson_soon', 'consent')",
            name=op.f("ck_reminder_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('due', 'sent', 'inbox', 'unreached', 'dropped', 'failed')",
            name=op.f("ck_reminder_state"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_reminder_attempts")),
        sa.CheckConstraint("in_doubt >= 0", name=op.f("ck_reminder_in_doubt")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_reminder_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_reminder_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["called_by_id"], ["staff.id"], name=op.f("fk_reminder_called_by_id")
        ),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_reminder_lesson_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_person_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_reminder_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "booking_id",
            "lesson_id",
            "kind",
            "occasion_at",
            name=op.f("uq_reminder_booking_id_lesson_id_kind_occasion_at"),
        ),
    )
    op.create_index(
        "ix_reminder_due",
        "reminder",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
        sqlite_where=sa.text("state = 'due'"),
    )
    op.create_index("ix_reminder_person_id_state", "reminder", ["person_id", "state"], unique=False)
    op.create_index(
        "ix_reminder_place_id_settled_at",
        "reminder",
        ["place_id", "settled_at"],
        unique=False,
        postgresql_where=sa.text("place_id IS NOT NULL"),
        sqlite_where=sa.text("place_id IS NOT NULL"),
    )
    op.create_table(
        "inbox_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "reminder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_inbox_message_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_inbox_message_booking_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_inbox_message_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminder.id"], name=op.f("fk_inbox_message_reminder_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_message")),
        sa.UniqueConstraint("reminder_id", name=op.f("uq_inbox_message_reminder_id")),
    )
    op.create_index(
        "ix_inbox_message_account_id_id", "inbox_message", ["account_id", "id"], unique=False
    )
    refuse_overlap()


def downgrade() -> None:
    op.drop_index("ix_inbox_message_account_id_id", table_name="inbox_message")
    op.drop_table("inbox_message")
    op.drop_index(
        "ix_reminder_place_id_settled_at",
        table_name="reminder",
        postgresql_where=sa.text("place_id IS NOT NULL"),
        sqlite_where=sa.text("place_id IS NOT NULL"),
    )
    op.drop_index("ix_reminder_person_id_state", table_name="reminder")
    op.drop_index(
        "ix_reminder_due",
        table_name="reminder",
        postgresql_where=sa.text("state = 'due'"),
        sqlite_where=sa.text("state = 'due'"),
    )
    op.drop_table("reminder")
    op.drop_index(op.f("ix_booking_event_booking_id"), table_name="booking_event")
    op.drop_table("booking_event")
    op.drop_index("ix_attendance_booking_id", table_name="attendance")
    op.drop_table("attendance")
    op.drop_index("ix_lesson_starts_at", table_name="lesson")
    op.drop_index(op.f("ix_lesson_room_id"), table_name="lesson")
    op.drop_table("lesson")
    op.drop_index(op.f("ix_identity_account_id"), table_name="identity")
    op.drop_table("identity")
    op.drop_index(
        "uq_consent_live",
        table_name="consent",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
        sqlite_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_index(op.f("ix_consent_person_id"), table_name="consent")
    op.drop_index(op.f("ix_consent_asked_phone_hash"), table_name="consent")
    op.drop_index(op.f("ix_consent_account_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_index(
        "uq_booking_queue",
        table_name="booking",
        postgresql_where=sa.text("queue_no IS NOT NULL"),
        sqlite_where=sa.text("queue_no IS NOT NULL"),
    )
    op.drop_index(
        "uq_booking_live_once",
        table_name="booking",
        postgresql_where=sa.text(
            "state IN ('requested', 'waiting', 'offered', 'confirmed', 'attended')"
        ),
        sqlite_where=sa.text(
            "state IN ('requested', 'waiting', 'offered', 'confirmed', 'attended')"
        ),
    )
    op.drop_index("ix_booking_person_id_starts_at", table_name="booking")
    op.drop_index(
        "ix_booking_party_id",
        table_name="booking",
        postgresql_where=sa.text("party_id IS NOT NULL"),
        sqlite_where=sa.text("party_id IS NOT NULL"),
    )
    op.drop_index("ix_booking_bookable_id_state", table_name="booking")
    op.drop_table("booking")
    op.drop_index(op.f("ix_access_token_expires_at"), table_name="access_token")
    op.drop_index(op.f("ix_access_token_account_id"), table_name="access_token")
    op.drop_table("access_token")
    op.drop_table("room_atom")
    op.drop_index("ix_occupancy_occupant", table_name="occupancy")
    op.drop_index("ix_occupancy_atom_id_starts_at", table_name="occupancy")
    op.drop_table("occupancy")
    op.drop_table("duplicate_dismissed")
    op.drop_index(op.f("ix_course_run_term_id"), table_name="course_run")
    op.drop_index(op.f("ix_course_run_teacher_id"), table_name="course_run")
    op.drop_index(op.f("ix_course_run_room_id"), table_name="course_run")
    op.drop_index(op.f("ix_course_run_home_place_id"), table_name="course_run")
    op.drop_index(op.f("ix_course_run_course_id"), table_name="course_run")
    op.drop_table("course_run")
    op.drop_table("account")
    op.drop_table("teacher")
    op.drop_index(op.f("ix_staff_session_staff_id"), table_name="staff_session")
    op.drop_table("staff_session")
    op.drop_index(op.f("ix_staff_role_place_id"), table_name="staff_role")
    op.drop_table("staff_role")
    op.drop_index(op.f("ix_room_place_id"), table_name="room")
    op.drop_table("room")
    op.drop_index(op.f("ix_person_phone_hash"), table_name="person")
    op.drop_index("ix_person_name_birth_date", table_name="person")
    op.drop_index(op.f("ix_person_merged_into_id"), table_name="person")
    op.drop_index(op.f("ix_person_last_four_hash"), table_name="person")
    op.drop_index(op.f("ix_person_home_place_id"), table_name="person")
    op.drop_table("person")
    op.drop_index(op.f("ix_course_category_id"), table_name="course")
    op.drop_table("course")
    op.drop_index(op.f("ix_bookable_place_id"), table_name="bookable")
    op.drop_index(
        "ix_bookable_next_expiry_at",
        table_name="bookable",
        postgresql_where=sa.text("next_expiry_at IS NOT NULL"),
        sqlite_where=sa.text("next_expiry_at IS NOT NULL"),
    )
    op.drop_index("ix_bookable_kind_starts_at", table_name="bookable")
    op.drop_table("bookable")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_staff_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_place_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_index(op.f("ix_atom_place_id"), table_name="atom")
    op.drop_table("atom")
    op.drop_table("wechat_access_token")
    op.drop_table("term")
    op.drop_table("subscription_grant")
    op.drop_table("staff")
    op.drop_index(op.f("ix_push_event_received_at"), table_name="push_event")
    op.drop_table("push_event")
    op.drop_index("ix_place_path", table_name="place")
    op.drop_index(op.f("ix_place_parent_id"), table_name="place")
    op.drop_table("place")
    op.drop_table("course_category")
