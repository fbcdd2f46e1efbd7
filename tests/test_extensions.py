"""What the app does to the libraries at its start, seen in a process of its own."""

import os
import subprocess
import sys

from devtools.steps import ROOT

# Rows in cycles, which the collector alone frees, one allocation later in each round.
CLOSING = """
import gc
from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from app.db.base import Base

class Thing(Base):
    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)

engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.execute(insert(Thing), [{"id": number} for number in range(1, 61)])
    session.commit()
    things = session.scalars(select(Thing)).all()
    session.add(Thing(id=61))
    session.commit()
    del things
for place in range(1, 40):
    gc.disable()
    session = Session(engine)
    for thing in session.scalars(select(Thing)).all():
        thing.__dict__["itself"] = thing
    del thing
    gc.set_threshold(gc.get_count()[0] + place)
    gc.enable()
    session.close()
    gc.set_threshold(700)
print("closed")
"""


def test_the_collector_may_free_rows_at_any_moment_of_a_closing_session() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOSING],
        cwd=ROOT,
        env=dict(os.environ, PYTHONMALLOC="debug"),  # what is freed is overwritten at once
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "closed\n"), done.stderr
