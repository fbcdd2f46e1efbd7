"""The Flask extensions, created once here and initialised in `create_app`."""

from typing import Any

from flask_limiter import Limiter
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect


class SessionLogin(LoginManager):
    """Sign-in by session alone, without a cookie that remembers people."""

    def _update_remember_cookie(self, response: Any) -> Any:
        # Flask-Login would read the session for it, and Flask would then add `Vary: Cookie` to
        # every response, also to those that proxies may cache.
        return response


login_manager = SessionLogin()
csrf = CSRFProtect()
limiter = Limiter(key_func=lambda: "unset", headers_enabled=False)  # keys: app.web.limits
