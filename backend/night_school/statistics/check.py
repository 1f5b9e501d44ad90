"""What must hold of summaries: those that hold say what the rows say."""

from backend.checking import Check
from backend.night_school.attendance import CAME
from backend.night_school.statistics.entries import ENROLLED, IN_LINE

CHECKS = (
    Check(
        "summaries-add-up",
        "a class's summary that holds says as many enrolments and marks as there are",
        """
        WITH booked AS (
            SELECT bookable_id AS run_id,
                sum(CASE WHEN state = 'requested' THEN 0 WHEN state IN :in_line THEN 1
                    WHEN state IN :enrolled THEN 2 ELSE 3 END) AS steps,
                sum(CASE WHEN state IN :enrolled THEN 1 ELSE 0 END) AS enrolled
            FROM booking GROUP BY bookable_id
        ), marked AS (
            SELECT l.run_id, count(*) AS marks,
                sum(CASE WHEN a.presence IN :came THEN 1 ELSE 0 END) AS came
            FROM attendance a JOIN lesson l ON l.id = a.lesson_id
            WHERE l.cancelled_at IS NULL GROUP BY l.run_id
        ), said AS (
            SELECT run_id, sum(enrolled) AS enrolled, sum(came) AS came,
                sum(came + absent + excused + unknown) AS marks
            FROM run_band_summary GROUP BY run_id
        )
        SELECT s.run_id AS run, said.enrolled AS says_enrolled, b.enrolled,
            said.came AS says_came, m.came, said.marks AS says_marks, m.marks
        FROM run_summary s
        JOIN course_run r ON r.id = s.run_id AND r.figures_version = s.version
        JOIN bookable o ON o.id = s.run_id AND o.starts_at = s.starts_at
        LEFT JOIN booked b ON b.run_id = s.run_id
        LEFT JOIN marked m ON m.run_id = s.run_id
        LEFT JOIN said ON said.run_id = s.run_id
        WHERE s.steps = coalesce(b.steps, 0) AND (
            coalesce(said.enrolled, 0) <> coalesce(b.enrolled, 0)
            OR coalesce(said.came, 0) <> coalesce(m.came, 0)
            OR coalesce(said.marks, 0) <> coalesce(m.marks, 0))
        """,
        (("in_line", IN_LINE), ("enrolled", ENROLLED), ("came", CAME)),
    ),
)
