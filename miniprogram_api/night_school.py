"""The night school (幸福夜校): what is on offer, and signing up."""

from dataclasses import asdict
from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.night_school import catalogue, eligibility, queries, service, similar
from backend.night_school.service import Enrolment
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import cached, idempotency, public, resident
from miniprogram_api.envelope import answer
from miniprogram_api.rush import SIGN_UP, Book, in_company
from miniprogram_api.schemas.night_school import (
    CategorySchema,
    CourseDetailSchema,
    CourseSchema,
    CoursesQuery,
    EligibilityQuery,
    EligibilitySchema,
    EnrolledSchema,
    EnrolmentBody,
    PartyBody,
    PartySchema,
    RunDetailSchema,
    RunPageSchema,
    RunSchema,
    RunsQuery,
    TermSchema,
)

blueprint = Blueprint("night_school", __name__, url_prefix="/night-school", description="幸福夜校")


@blueprint.get("/runs")
@public(why="everybody may see what is on offer")
@blueprint.arguments(RunsQuery, location="query")
@blueprint.answers(RunPageSchema)
def list_runs(asked: dict[str, Any]) -> Response:
    """Runs that are not over, with the places left, by their first lesson.

    "What is near me this week?" is `near` and `open`: first the runs that have begun, take people
    still and meet this week, then those that begin next.
    """
    key = ("runs", *sorted((name, str(value)) for name, value in asked.items()))
    return cached(key, lambda: queries.list_runs(db.session(), asked, clock.now()))


@blueprint.get("/runs/<id:run_id>")
@public(why="everybody may see what is on offer")
@blueprint.answers(RunDetailSchema)
def get_run(run_id: int) -> Response:
    """One run with its lessons, teacher and place."""
    return cached(("run", run_id), lambda: queries.get_run(db.session(), run_id, clock.now()))


@blueprint.get("/runs/<id:run_id>/similar")
@public(why="everybody may see what is on offer")
@blueprint.answers(RunSchema, many=True)
def list_similar(run_id: int) -> Response:
    """Where else: runs that take people now, the same course first, then like ones nearby."""
    return cached(
        ("similar", run_id), lambda: similar.list_similar(db.session(), run_id, clock.now())
    )


@blueprint.get("/courses")
@public(why="everybody may see what is on offer")
@blueprint.arguments(CoursesQuery, location="query")
@blueprint.answers(CourseSchema, many=True)
def list_courses(asked: dict[str, Any]) -> Response:
    """The catalogue, whether a course is offered now or not."""
    key = ("courses", *sorted(asked.items()))
    return cached(key, lambda: catalogue.list_courses(db.session(), asked, clock.now()))


@blueprint.get("/courses/<id:course_id>")
@public(why="everybody may see what is on offer")
@blueprint.answers(CourseDetailSchema)
def get_course(course_id: int) -> Response:
    """One course with the runs it is offered in."""
    return cached(
        ("course", course_id),
        lambda: catalogue.get_course(db.session(), course_id, clock.now()),
    )


@blueprint.get("/terms")
@public(why="everybody may see what is on offer")
@blueprint.answers(TermSchema, many=True)
def list_terms() -> Response:
    """The terms, newest first."""
    return cached(("terms",), lambda: catalogue.list_terms(db.session(), clock.now()))


@blueprint.get("/eligibility")
@resident()
@blueprint.arguments(EligibilityQuery, location="query")
@blueprint.answers(EligibilitySchema, many=True)
@blueprint.refuses(404)
def list_eligibility(asked: dict[str, Any], *, me: Resident) -> Response:
    """Why can't I? One read for the runs on show, by the rules that signing up follows.

    The list itself is the same for everybody; this says what it means for one person. Warnings
    name what else the person has at the hours of the run: ask before signing up, which does not
    repeat them.
    """
    person_id = asked.get("person_id", me.person_id)
    return answer(eligibility.for_runs(db.session(), me, asked["ids"], person_id, clock.now()))


@blueprint.get("/categories")
@public(why="everybody may see what is on offer")
@blueprint.answers(CategorySchema, many=True)
def list_categories() -> Response:
    """The shelves of the catalogue."""
    return cached(("categories",), lambda: queries.list_categories(db.session()))


@blueprint.post("/runs/<id:run_id>/enrolments")
@in_company(SIGN_UP)
@blueprint.arguments(EnrolmentBody)
@blueprint.answers(EnrolledSchema, status=201)
@blueprint.answers(EnrolledSchema, status=200)
@blueprint.refuses(409)
@blueprint.keyed
def enrol(body: dict[str, Any], *, run_id: int, book: Book) -> Response:
    """Sign up oneself or somebody of the household. Repeat with the same Idempotency-Key."""
    booked = book(Enrolment(run_id=run_id, **body, **idempotency()))
    return answer(
        {"booking_id": booked.booking_id, "state": booked.state, "queue_no": booked.queue_no},
        status=200 if booked.replayed else 201,
    )


@blueprint.post("/runs/<id:run_id>/parties")
@resident(writes=True)
@blueprint.arguments(PartyBody)
@blueprint.answers(PartySchema, status=201)
@blueprint.answers(PartySchema, status=200)
@blueprint.refuses(409)
@blueprint.keyed
def enrol_party(body: dict[str, Any], *, run_id: int, me: Resident) -> Response:
    """Sign up people who go together: all of them, or nobody. Repeat with the same key.

    A refusal by a rule names the `person_id` it is against; 40924 says how many places are left.
    """
    asked = service.PartyEnrolment(run_id=run_id, **body, **idempotency())
    party = service.enrol_party(db.session(), me, asked, clock.now())
    told = {"party_id": party.party_id, "bookings": [asdict(one) for one in party.members]}
    return answer(told, status=200 if party.replayed else 201)
