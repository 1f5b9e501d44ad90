"""The scheduler: what happens by itself, as one table of jobs. Any number of processes may run it.

Each job is a door: it has an application context and transactions of its own, and its fault ends
nothing but itself. Two schedulers at work do nothing twice, because each job's own rows decide.
"""

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy import true

from backend import clearing, clock, config
from backend.booking import line, visits
from backend.canteen.accounts import ledger
from backend.canteen.delivery import papers as route_lists
from backend.canteen.delivery import planning
from backend.canteen.kitchen import alarms, papers
from backend.canteen.kitchen import closing as kitchen
from backend.canteen.repeating import working as standing_orders
from backend.canteen.serving import missing
from backend.canteen.welfare import duty
from backend.canteen.welfare import queries as welfare_queries
from backend.canteen.welfare import service as welfare
from backend.db import db, transactional
from backend.market import line_news
from backend.market.repeating import service as repeating
from backend.night_school import absences, reminding
from backend.night_school.draws import closing, working
from backend.night_school.statistics import summaries
from backend.reminders import delivery, templates
from backend.venues import coming, requests
from backend.venues.statistics import summaries as room_days
from backend.wechat import provider
from backend.wechat.errors import WeChatError

log = structlog.get_logger(__name__)

Stopping = Callable[[], bool]
"""Whether the process is asked to end; a long job looks between two pieces of work."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something done again and again; `work` answers with what is worth a line in the log."""

    name: str
    every: timedelta
    work: Callable[[Stopping], Any]


def pass_on_expired_offers(stopping: Stopping) -> int:
    """Each line's expired offers end in a transaction of its own; how many ended."""
    now = clock.now()
    lines = line.with_expired_offers(db.session(), now)
    pass_on = transactional(line.pass_on_expired)
    return sum(pass_on(bookable_id, now) for bookable_id in lines if not stopping())


def fix_draw_lists(stopping: Stopping) -> int:
    """The list of each draw whose window has ended, in a transaction of its own; how many."""
    now = clock.now()
    draws = closing.due(db.session(), now)
    fix = transactional(lambda draw_id: closing.fix(db.session(), draw_id, now))
    return sum(fix(draw_id) for draw_id in draws if not stopping())


def draw_draws(stopping: Stopping) -> int:
    """Each draw that has its number is drawn, in a transaction of its own; how many."""
    now = clock.now()
    draws = working.due(db.session(), now)
    return sum(working.work(draw_id, now) for draw_id in draws if not stopping())


def add_up_classes(stopping: Stopping) -> int:
    """Summaries of classes for the statistics, some in each transaction; how many."""
    now = clock.now()
    due = summaries.outdated(db.session(), true(), now)
    add_up = transactional(lambda run_ids: summaries.write(db.session(), run_ids, now))
    pieces = (due[start : start + summaries.CHUNK] for start in range(0, len(due), summaries.CHUNK))
    return sum(add_up(piece) for piece in pieces if not stopping())


def add_up_rooms(stopping: Stopping) -> int:
    """What rooms were open and used on days that are over, a week in each transaction; rows."""
    now = clock.now()
    due = room_days.due(db.session(), now)
    add_up = transactional(lambda days: room_days.write(db.session(), days, now))
    pieces = (due[at : at + room_days.CHUNK] for at in range(0, len(due), room_days.CHUNK))
    return sum(add_up(piece) for piece in pieces if not stopping())


def let_rooms_go(stopping: Stopping) -> int:
    """Rooms whose people did not come, each in a transaction of its own; how many."""
    now = clock.now()
    let_go = transactional(coming.release)
    due = coming.due(db.session(), now)
    return sum(let_go([booking_id], now) for booking_id in due if not stopping())


def decline_requests(stopping: Stopping) -> int:
    """Rooms asked for whose start has passed, each in a transaction of its own; how many."""
    now = clock.now()
    decline = transactional(requests.expire)
    due = requests.due(db.session(), now)
    return sum(decline([booking_id], now) for booking_id in due if not stopping())


def make_markets(stopping: Stopping) -> int:
    """Markets of the coming weeks from templates, each in a transaction of its own; how many."""
    now = clock.now()
    make = transactional(lambda template_id: repeating.make_due(db.session(), template_id, now))
    due = repeating.due(db.session(), now)
    return sum(make(template_id) for template_id in due if not stopping())


def close_meals(stopping: Stopping) -> int:
    """Meals whose orders close: charged and frozen, each by itself; then their papers."""
    now = clock.now()
    close = transactional(lambda meal_id: kitchen.close(db.session(), meal_id, now))
    closed = _each("close meals", kitchen.due(db.session(), now), close, stopping)
    _plan(now, stopping)  # labels bear the numbers of stops
    drawn = kitchen.without_papers(db.session(), now)
    return closed + _each("draw papers of meals", drawn, _draw_papers, stopping)


def plan_runs(stopping: Stopping) -> int:
    """Runs of meals that are closed, and what enters later, each by itself; then their lists."""
    now = clock.now()
    planned = _plan(now, stopping)
    changed = route_lists.due(db.session(), now)
    return planned + _each("draw route lists", changed, _draw_routes, stopping)


def find_late_clashes(stopping: Stopping) -> int:
    """What somebody must not eat of a meal that is closed, onto the call list; how many people."""
    now = clock.now()
    call = transactional(lambda meal_id: alarms.raise_for(db.session(), meal_id, now))
    return _each("find late clashes", alarms.due(db.session(), now), call, stopping)


def note_missed_meals(stopping: Stopping) -> int:
    """What nobody took of meals that are over, each by itself; how many orders."""
    now = clock.now()
    mark = transactional(lambda meal_id: missing.mark(db.session(), meal_id, now))
    return _each("note missed meals", missing.due(db.session(), now), mark, stopping)


def raise_welfare_steps(stopping: Stopping) -> int:
    """Who did not answer is looked for, rung by rung, each case by itself; how many rungs."""
    now = clock.now()
    go_on = transactional(lambda case_id: welfare.raise_due(db.session(), case_id, now))
    due = welfare_queries.due(db.session(), now)
    return _each("raise welfare steps", due, go_on, stopping)


def _draw_papers(meal_id: int) -> bool:
    """Drawn before the transaction begins: that takes a while, and others want to write."""
    made = papers.draw(db.session(), meal_id)
    keep = transactional(lambda: kitchen.keep_papers(db.session(), meal_id, made, clock.now()))
    return keep()


def _plan(now: datetime, stopping: Stopping) -> int:
    plan = transactional(lambda meal_id: planning.plan(db.session(), meal_id, now))
    return _each("plan runs", planning.due(db.session(), now), plan, stopping)


def _draw_routes(meal_id: int) -> int:
    """What changes while they are drawn makes them old again."""
    now = clock.now()
    made = route_lists.draw(db.session(), meal_id, now)
    labels = route_lists.labels(db.session(), meal_id)
    transactional(lambda: route_lists.keep(db.session(), meal_id, made, labels, now))()
    return 1


def _each(
    job: str, idents: Sequence[int], work: Callable[[int], int], stopping: Stopping
) -> int:  # fmt: skip
    """Where people's meals hang on it, the fault of one ends none of the others; how many."""
    done = 0
    for ident in idents:
        if stopping():
            break
        try:
            done += work(ident)
        except Exception:
            log.exception("part of a job failed", job=job, ident=ident)
    return done


def make_standing_orders(stopping: Stopping) -> int:
    """Meals of standing orders, for each person in a transaction of their own; how many."""
    now = clock.now()
    due = standing_orders.canteens_due(db.session(), now)
    make = partial(standing_orders.run, now=now, stopping=stopping, at_once=standing_orders.AT_ONCE)
    return sum(make(canteen_id) for canteen_id in due)


@transactional
def _derive_lesson_reminders() -> int:
    return reminding.derive(db.session(), clock.now())


@transactional
def _derive_visit_reminders() -> int:
    return visits.derive(db.session(), clock.now())


@transactional
def _tell_lines() -> int:
    return line_news.derive(db.session(), clock.now())


@transactional
def _warn_of_absences() -> int:
    return absences.warn(db.session(), clock.now())


@transactional
def _clear_out() -> int:
    return clearing.clear_out(db.session(), clock.now())


@transactional
def _expire_grants() -> int:
    """What is left of grants on meal accounts whose last day is over goes."""
    now = clock.now()
    return ledger.expire(db.session(), clock.today(now), now)


def check_templates(_stopping: Stopping) -> list[str]:
    """Say so in the log, loudly, if reminders will not fit the configured templates."""
    try:
        found = templates.problems(provider.current(), config.current().wx_templates)
    except WeChatError as error:
        log.warning("the message templates could not be checked", error=str(error))
        return []
    for problem in found:
        log.error("a message template cannot be used", problem=problem)
    return found


JOBS = (
    Job("pass on expired offers", timedelta(seconds=30), pass_on_expired_offers),
    Job("let rooms go", timedelta(seconds=30), let_rooms_go),
    Job("decline requests for rooms", timedelta(seconds=30), decline_requests),
    Job("close meals", timedelta(seconds=30), close_meals),
    Job("plan runs", timedelta(seconds=30), plan_runs),
    Job("find late clashes", timedelta(minutes=1), find_late_clashes),
    Job("note missed meals", timedelta(minutes=5), note_missed_meals),
    Job("raise welfare steps", timedelta(seconds=15), raise_welfare_steps),
    Job("text duty offices", timedelta(seconds=5), duty.send_due),
    Job("fix the lists of draws", timedelta(seconds=30), fix_draw_lists),
    Job("draw draws", timedelta(seconds=3), draw_draws),
    Job("derive lesson reminders", timedelta(minutes=5), lambda _: _derive_lesson_reminders()),
    Job("derive visit reminders", timedelta(minutes=5), lambda _: _derive_visit_reminders()),
    Job("tell lines of markets", timedelta(seconds=5), lambda _: _tell_lines()),
    Job("warn of absences", timedelta(minutes=30), lambda _: _warn_of_absences()),
    Job("deliver reminders", timedelta(seconds=3), lambda stop: dict(delivery.deliver_due(stop))),
    Job("add up classes", timedelta(minutes=10), add_up_classes),
    Job("add up rooms", timedelta(hours=1), add_up_rooms),
    Job("make markets from templates", timedelta(hours=1), make_markets),
    Job("expire grants", timedelta(hours=1), lambda _: _expire_grants()),
    Job("make standing orders", timedelta(minutes=5), make_standing_orders),
    Job("clear out", timedelta(hours=6), lambda _: _clear_out()),
    Job("check templates", timedelta(days=1), check_templates),
)


def run_job(app: Flask, job: Job, stopping: Stopping = lambda: False) -> bool:
    """Run one job; False if it failed, which is logged and harms no other."""
    began = clock.monotonic()
    try:
        with app.app_context():
            done = job.work(stopping)
    except Exception:
        log.exception("job failed", job=job.name)
        return False
    if done:
        seconds = round(clock.monotonic() - began, 3)
        log.info("job done", job=job.name, done=done, seconds=seconds)
    return True


def run_once(app: Flask) -> list[str]:
    """Run every job once, in the table's order; the names of those that failed."""
    return [job.name for job in JOBS if not run_job(app, job)]


class _FromTheStart(IntervalTrigger):  # type: ignore[misc]
    """An interval whose first run is at once."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> Any:
        return now if previous is None else super().get_next_fire_time(previous, now)


def run_forever(app: Flask) -> None:
    """Run the jobs until SIGTERM or SIGINT; what is under way is finished first."""
    ending = threading.Event()
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(len(JOBS))},
        # Late runs are made up for once; a job never runs beside itself.
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        timezone=clock.LOCAL,
    )
    for job in JOBS:
        scheduler.add_job(
            run_job,
            _FromTheStart(seconds=int(job.every.total_seconds())),
            args=(app, job, ending.is_set),
            name=job.name,
        )
    # Blocked before any thread starts, which inherits that, the signals wait for `sigwait`. A
    # handler that sets an event can meet the event's own lock and never return.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    scheduler.start()
    log.info("scheduler started", jobs=[job.name for job in JOBS])
    signal.sigwait(signals)
    ending.set()
    scheduler.shutdown(wait=True)
    log.info("scheduler stopped")
