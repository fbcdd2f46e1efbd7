"""The security headers of every response."""

from flask import Flask, Response, current_app

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


def init_app(app: Flask) -> None:
    app.after_request(_secure)


def security_headers(app: Flask) -> dict[str, str]:
    """Return the headers of pages and files, in production with Strict-Transport-Security."""
    return _list_headers(app.config["PRODUCTION"])


def _list_headers(is_production: bool) -> dict[str, str]:
    strict = {"Strict-Transport-Security": STRICT_TRANSPORT} if is_production else {}
    return SECURITY_HEADERS | strict


def write_refusal(status: int, reason: str, is_production: bool) -> bytes:
    """Return a whole HTTP response to a request that gunicorn cannot parse for the app."""
    body = f"{status} {reason}. This request can't be read.\n".encode()
    headers = _list_headers(is_production) | {
        "Connection": "close",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
    }
    lines = [
        f"HTTP/1.1 {status} {reason}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _secure(response: Response) -> Response:
    for name, value in security_headers(current_app).items():
        response.headers.setdefault(name, value)
    return response
