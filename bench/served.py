"""The site exactly as wsgi.py makes it, with the rate limits off.

Production refuses to start without them, and a load from one address would measure nothing
else; all the rest, the log of requests included, is as readers meet it.
"""

from app.extensions import limiter
from wsgi import app

limiter.enabled = False
__all__ = ["app"]
