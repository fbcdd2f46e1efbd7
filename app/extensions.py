"""The extensions, made once here and joined to an app in `create_app`."""

from typing import Any

from flask_limiter import Limiter
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect


class SessionLogin(LoginManager):
    """Sign-in by session alone."""

    def _update_remember_cookie(self, response: Any) -> Any:
        # There is no such cookie here, and looking for it would make every answer one that
        # varies by cookie, also those that anything in between may keep.
        return response


login_manager = SessionLogin()
csrf = CSRFProtect()
limiter = Limiter(key_func=lambda: "unset", headers_enabled=False)  # keys: app.web.limits
