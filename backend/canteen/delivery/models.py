"""Runs and their stops, what they are planned by, and what couriers may carry."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment, one_of
from backend.people.crypto import Encrypted


class Skill(StrEnum):
    """What a run may ask of who carries it."""

    HEALTH = "health"


class StopState(StrEnum):
    """What became of a stop; `GONE`: nothing is brought there any more."""

    TODO = "todo"
    DONE = "done"
    FAILED = "failed"
    GONE = "gone"


class Gone(StrEnum):
    """Why nothing is brought any more, read off the order; `TOO_LATE`: it was to be brought again
    once its run was back.
    """

    FETCHED = "fetched"
    ENDED = "ended"
    PICK_UP = "pick_up"
    TOO_LATE = "too_late"


class Reason(StrEnum):
    """Why a bag was not handed over."""

    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    WRONG_ADDRESS = "wrong_address"
    ABSENT_ANNOUNCED = "absent_announced"
    OTHER = "other"


class Waits(StrEnum):
    """Why an order is in no run yet: nobody knows where to, or too few eat in that estate."""

    NO_ADDRESS = "no_address"
    TOO_FEW = "too_few"


class DeliverySetting(Model):
    """How a canteen brings meals: bags in a run at most, and minutes before the meal it leaves.

    `skill`: what whoever carries needs. A canteen without a row has the defaults.
    """

    __tablename__ = "delivery_setting"
    __table_args__ = (
        one_of("skill", Skill),
        CheckConstraint("bag_capacity > 0", name="bag_capacity"),
        CheckConstraint("leave_minutes BETWEEN 0 AND 240", name="leave_minutes"),
    )

    id: Mapped[Id]
    canteen_id: Mapped[int] = mapped_column(BigInt, ForeignKey("canteen.id"), unique=True)
    bag_capacity: Mapped[int] = mapped_column(default=20, server_default="20")
    leave_minutes: Mapped[int] = mapped_column(default=20, server_default="20")
    skill: Mapped[str | None] = mapped_column(String(16))


class BuildingFacts(Model):
    """What couriers know of a building or an estate.

    `turn`: which they walk to first. Of a building: whether it has a lift. Of an estate that is
    served at one point: where, and from how many orders on; with fewer nobody goes there.
    """

    __tablename__ = "building_facts"
    __table_args__ = (
        CheckConstraint("turn > 0", name="turn"),
        CheckConstraint("drop_from > 0", name="drop_from"),
        CheckConstraint("(drop_from IS NULL) = (drop_point IS NULL)", name="drop_point"),
    )

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), unique=True)
    has_lift: Mapped[bool] = mapped_column(default=False, server_default=false())
    turn: Mapped[int | None]
    drop_from: Mapped[int | None]
    drop_point: Mapped[str | None] = mapped_column(String(60))


class DeliveryRun(Model):
    """A run (配送批次): what one courier carries of a meal; the number-th of it.

    `needs_ordering`: a stop was added at its end and stands in no good order yet. `changed_at`:
    when its stops changed last, for what is printed of them. `out_at` and `back_at`: it is under
    way, and it is closed; `boxes_out` and `boxes_in` count the boxes that go and come back.
    """

    __tablename__ = "delivery_run"
    __table_args__ = (
        one_of("skill", Skill),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("(courier_id IS NULL) = (claimed_at IS NULL)", name="claimed"),
        CheckConstraint("boxes_out >= 0", name="boxes_out"),
        CheckConstraint("boxes_in >= 0", name="boxes_in"),
        CheckConstraint("back_at IS NULL OR out_at IS NOT NULL", name="back"),
        UniqueConstraint("meal_service_id", "number"),
        {"postgresql_with": {"fillfactor": "70"}},
    )

    id: Mapped[Id]
    meal_service_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_service.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    leaves_at: Mapped[Moment]
    skill: Mapped[str | None] = mapped_column(String(16))
    needs_ordering: Mapped[bool] = mapped_column(default=False, server_default=false())
    changed_at: Mapped[Moment]
    courier_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    claimed_at: Mapped[Moment | None]
    out_at: Mapped[Moment | None]
    back_at: Mapped[Moment | None]
    boxes_out: Mapped[int | None]
    boxes_in: Mapped[int | None]


class DeliveryStop(Model):
    """A stop (配送点): one order, where it is brought, and in which run, as the seq-th.

    An order that is in no run waits, for a reason. `place_id` is the building, or the estate where
    the building is not known; what of the address says who lives there is encrypted, and forgotten
    with it. Once the bag is handed over, or is not, `at` and by whom; `key` makes that once.
    """

    __tablename__ = "delivery_stop"
    __table_args__ = (
        one_of("state", StopState),
        one_of("reason", Reason),
        one_of("waits", Waits),
        CheckConstraint("(run_id IS NULL) = (waits IS NOT NULL)", name="run_or_waits"),
        CheckConstraint("(run_id IS NULL) = (seq IS NULL)", name="run_has_seq"),
        CheckConstraint("run_id IS NULL OR place_id IS NOT NULL", name="run_has_place"),
        CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", name="failed_has_reason"),
        CheckConstraint("(state IN ('done', 'failed')) = (at IS NOT NULL)", name="ticked"),
        {"postgresql_with": {"fillfactor": "70"}},
    )

    id: Mapped[Id]
    meal_service_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_service.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("delivery_run.id"), index=True)
    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="CASCADE"), unique=True
    )
    seq: Mapped[int | None]
    place_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    building: Mapped[str | None] = mapped_column(String(12))
    unit: Mapped[str | None] = mapped_column(Encrypted)
    floor: Mapped[int | None]
    flat: Mapped[str | None] = mapped_column(Encrypted)
    at_drop_point: Mapped[bool] = mapped_column(default=False, server_default=false())
    waits: Mapped[str | None] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(
        String(6), default=StopState.TODO, server_default=StopState.TODO
    )
    reason: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[Moment | None]
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    key: Mapped[str | None] = mapped_column(String(36), unique=True)


class DeliveryPaper(Model):
    """The route lists of a meal kept ready to print, as base64; they name people, as labels do."""

    __tablename__ = "delivery_paper"

    meal_service_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("meal_service.id"), primary_key=True, autoincrement=False
    )
    pdf: Mapped[str] = mapped_column(Encrypted)
    made_at: Mapped[Moment]


class CourierSkill(Model):
    """Something a courier has shown papers for, up to and including `valid_until`."""

    __tablename__ = "courier_skill"
    __table_args__ = (one_of("skill", Skill), UniqueConstraint("staff_id", "skill"))

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    skill: Mapped[str] = mapped_column(String(16))
    valid_until: Mapped[date | None] = mapped_column(Date)
