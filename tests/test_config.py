"""Settings: a wrong one stops the start with a sentence that names it and the remedy."""

import stat
from pathlib import Path

import pytest

from app.config import Misconfigured, load_config
from tests.cases import each

SECRET = "s" * 32
GOOD = {
    "BOTBEAT_ENV": "production",
    "BOTBEAT_SECRET_KEY": SECRET,
    "BOTBEAT_SITE_URL": "https://news.example.org/",
    "BOTBEAT_TRUSTED_HOSTS": "news.example.org, www.example.org",
    "BOTBEAT_PROXY_HOPS": "1",
}


@pytest.fixture
def here(tmp_path: Path) -> dict[str, str]:
    return {"BOTBEAT_INSTANCE": str(tmp_path / "data")}


@each(
    ("name", "value", "remedy"),
    [
        ("BOTBEAT_ENV", "prod", "development or production"),
        ("BOTBEAT_ENV", "", "development or production"),
        ("BOTBEAT_SECRET_KEY", "short", "32 or more"),
        ("BOTBEAT_SECRET_KEY_FALLBACKS", f"{SECRET} short", "remove it"),
        ("BOTBEAT_SITE_URL", "news.example.org", "https://news.example.org"),
        ("BOTBEAT_SITE_URL", "ftp://news.example.org", "https://news.example.org"),
        ("BOTBEAT_SITE_URL", "https://", "https://news.example.org"),
        ("BOTBEAT_SITE_URL", "https://[", "https://news.example.org"),
        ("BOTBEAT_PROXY_HOPS", "-1", "0 to 5"),
        ("BOTBEAT_PROXY_HOPS", "6", "0 to 5"),
        ("BOTBEAT_PROXY_HOPS", "", "0 to 5, or none"),
        ("BOTBEAT_PROXY_HOPS", "None", "0 to 5, or none"),
        ("BOTBEAT_PROXY_HOPS", "²", "0 to 5"),
        ("BOTBEAT_PROXY_HOPS", "9" * 5_000, "0 to 5"),
        ("BOTBEAT_DATABASE_URL", "mysql://localhost/x", "sqlite:///… or postgresql://…"),
        ("BOTBEAT_REDIS_URL", "127.0.0.1:6379", "redis://… or rediss://…"),
        ("BOTBEAT_RATE_LIMITS", "no", "on or off"),
    ],
)
@each("production", [False, True])
def test_a_wrong_setting_is_named_with_its_remedy(
    here: dict[str, str], name: str, value: str, remedy: str, production: bool
) -> None:
    environ = here | (GOOD if production else {}) | {name: value}
    with pytest.raises(Misconfigured) as stopped:
        load_config(environ)
    assert str(stopped.value).startswith(name)
    assert remedy in str(stopped.value)


@each(
    ("change", "named"),
    [
        ({"BOTBEAT_SECRET_KEY": ""}, "BOTBEAT_SECRET_KEY"),
        ({"BOTBEAT_SECRET_KEY": "s" * 31}, "BOTBEAT_SECRET_KEY"),
        ({"BOTBEAT_SITE_URL": ""}, "BOTBEAT_SITE_URL"),
        ({"BOTBEAT_SITE_URL": "http://news.example.org"}, "BOTBEAT_SITE_URL"),
        ({"BOTBEAT_TRUSTED_HOSTS": ""}, "BOTBEAT_TRUSTED_HOSTS"),
        ({"BOTBEAT_TRUSTED_HOSTS": " , "}, "BOTBEAT_TRUSTED_HOSTS"),
        ({"BOTBEAT_TRUSTED_HOSTS": "news.example.org *"}, "BOTBEAT_TRUSTED_HOSTS"),
        ({"BOTBEAT_PROXY_HOPS": "0"}, "BOTBEAT_PROXY_HOPS is 0.* mostly 1;"),
        ({"BOTBEAT_RATE_LIMITS": "off"}, "BOTBEAT_RATE_LIMITS"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"FLASK_DEBUG": "true"}, "FLASK_DEBUG"),
    ],
)
def test_production_refuses_each_weakness(
    here: dict[str, str], change: dict[str, str], named: str
) -> None:
    assert load_config(here | GOOD)["PRODUCTION"] is True
    with pytest.raises(Misconfigured, match=named):
        load_config(here | GOOD | change)


def test_production_starts_without_a_proxy_only_when_it_is_told_that_there_is_none(
    here: dict[str, str],
) -> None:
    unsaid = {name: value for name, value in GOOD.items() if name != "BOTBEAT_PROXY_HOPS"}
    with pytest.raises(Misconfigured, match="BOTBEAT_PROXY_HOPS is 0"):
        load_config(here | unsaid)
    assert load_config(here | unsaid | {"BOTBEAT_PROXY_HOPS": "none"})["PROXY_HOPS"] == 0


def test_production_makes_no_secret_of_its_own(here: dict[str, str]) -> None:
    with pytest.raises(Misconfigured):
        load_config(here | GOOD | {"BOTBEAT_SECRET_KEY": ""})
    assert not (Path(here["BOTBEAT_INSTANCE"]) / "secret.key").exists()


def test_no_sentence_tells_a_secret(here: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as stopped:
        load_config(here | {"BOTBEAT_SECRET_KEY": "hush-hush"})
    assert "hush" not in str(stopped.value)
    with pytest.raises(Misconfigured) as stopped:
        load_config(here | {"BOTBEAT_DATABASE_URL": "mysql://me:hush-hush@host/x"})
    assert "hush" not in str(stopped.value)


def test_production_is_read_as_it_was_set(here: dict[str, str]) -> None:
    config = load_config(here | GOOD | {"BOTBEAT_PROXY_HOPS": "2", "FLASK_DEBUG": "0"})
    assert config["SECRET_KEY"] == SECRET
    assert config["SITE_URL"] == "https://news.example.org"
    assert config["TRUSTED_HOSTS"] == ["news.example.org", "www.example.org"]
    assert config["PROXY_HOPS"] == 2
    assert config["SESSION_COOKIE_NAME"] == "__Host-botbeat"
    assert config["SESSION_COOKIE_SECURE"] is config["SESSION_COOKIE_HTTPONLY"] is True


def test_development_makes_a_secret_that_only_its_owner_reads_and_keeps_it(
    here: dict[str, str],
) -> None:
    secret = load_config(here)["SECRET_KEY"]
    path = Path(here["BOTBEAT_INSTANCE"]) / "secret.key"
    assert len(secret) >= 43
    assert path.read_text() == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_config(here)["SECRET_KEY"] == secret


def test_two_instances_have_different_secrets(tmp_path: Path) -> None:
    one, two = (load_config({"BOTBEAT_INSTANCE": str(tmp_path / name)}) for name in ("one", "two"))
    assert one["SECRET_KEY"] != two["SECRET_KEY"]


def test_a_key_file_that_was_cut_short_is_not_used(here: dict[str, str]) -> None:
    path = Path(here["BOTBEAT_INSTANCE"]) / "secret.key"
    path.parent.mkdir()
    path.touch()
    with pytest.raises(Misconfigured, match=r"secret\.key was cut short: delete it"):
        load_config(here)


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="Set BOTBEAT_INSTANCE to a folder"):
        load_config({"BOTBEAT_INSTANCE": str(tmp_path / "file" / "data")})


def test_development_needs_no_setting(here: dict[str, str]) -> None:
    config = load_config(here)
    assert config["SITE_URL"] == "http://127.0.0.1:8000"
    assert config["TRUSTED_HOSTS"] == ["127.0.0.1", "localhost"]
    assert config["PROXY_HOPS"] == 0
    assert config["RATELIMIT_ENABLED"] is True
    assert config["SESSION_COOKIE_SECURE"] is False
    assert config["SQLALCHEMY_DATABASE_URI"].endswith("/data/botbeat.sqlite3")


def test_load_tests_may_switch_the_limits_off(here: dict[str, str]) -> None:
    assert load_config(here | {"BOTBEAT_RATE_LIMITS": "off"})["RATELIMIT_ENABLED"] is False
