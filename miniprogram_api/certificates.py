"""Certificates: what an enrolment has earned, the paper, and checking a code."""

from flask import Response

from backend import clock
from backend.db import db, reading
from backend.night_school.certificates import checking, issuing, paper
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import public, resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.certificates import CertificateSchema, CheckedSchema

blueprint = Blueprint("certificates", __name__, url_prefix="", description="结业证书")


@blueprint.get("/bookings/<id:booking_id>/certificate")
@resident()
@blueprint.answers(CertificateSchema)
def get_certificate(*, booking_id: int, me: Resident) -> Response:
    """How often the person came, what a certificate takes, and its code if it was issued."""
    return answer(issuing.for_booking(db.session(), me, booking_id, clock.now()))


@blueprint.get("/bookings/<id:booking_id>/certificate.pdf")
@resident()
@blueprint.answers_file("application/pdf")
def get_certificate_pdf(*, booking_id: int, me: Resident) -> Response:
    """The paper, once it was issued."""
    found = issuing.issued(db.session(), me, booking_id, clock.now())
    response = Response(paper.draw([found]), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{found["code"]}.pdf"'
    return response


@blueprint.post("/bookings/<id:booking_id>/certificate")
@resident(writes=True)
@blueprint.answers(CertificateSchema)
@blueprint.refuses(409)
def issue_certificate(*, booking_id: int, me: Resident) -> Response:
    """Issue the certificate of a class that is over. Asked again, the same one."""
    return answer(issuing.issue(db.session(), me, booking_id, clock.now()))


@blueprint.get("/certificates/<string:code>")
@public(why="anyone may check a certificate")
@blueprint.answers(CheckedSchema)
@blueprint.refuses(404)
def check_certificate(code: str) -> Response:
    """What the code on a certificate stands for; 404: there is no such certificate."""
    reading()
    return answer(checking.check(db.session(), code, clock.now()))
