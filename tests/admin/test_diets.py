"""Diets in the console: written down at the desk or on the telephone."""

from sqlalchemy import select

from backend.db import db
from backend.staff.models import AuditEntry
from tests.console import text_of


def test_staff_write_it_down_on_the_telephone(console, make) -> None:
    zhang = make.person("张爱华", home_place_id=make.place("estate").id)
    worker = console.as_(make.staff("worker"))
    path = f"/people/{zhang.id}/diet"
    assert "没有登记过敏和忌口" in text_of(worker.get(f"/people/{zhang.id}"))
    form = {"allergens": ["peanut", "milk"], "avoids": "香菜，羊肉 香菜", "traits": "halal",
            "texture": "soft", "note": "汤另装"}  # fmt: skip
    done = text_of(worker.post(path, form, follow_redirects=True))
    for words in ("已保存。", "花生、奶", "香菜、羊肉", "清真", "软一些", "汤另装",
                  "登记饮食情况 "):  # fmt: skip
        assert words in done
    stands = worker.get(path).text
    assert 'value="milk" checked' in stands
    assert 'value="香菜、羊肉"' in stands
    worker.post(path, form)
    [noted] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "person.diet"))
    assert noted.after == {"changed": ["allergens", "avoids", "traits", "texture", "note"]}
    wrong = worker.post(path, form | {"avoids": "很长很长很长很长很长的食材", "texture": "raw"})
    assert (wrong.status_code, wrong.text.count("field-error")) == (422, 2)
    assert 'value="peanut" checked' in wrong.text
    elsewhere = console.as_(make.staff("worker", make.place(name="滨江社区"), name="周敏"))
    assert elsewhere.get(path).status_code == 404
    assert elsewhere.post(path, form).status_code == 404
