"""The layers of the configuration: file, environment, command line; each mistake with its line and remedy.

What is documented is what there is: the commented example is made from the same declarations, and taking
every # off it changes nothing.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from bridge.app import bylaws, config, loading, sample
from bridge.app.config import Config
from bridge.app.loading import Loaded
from bridge.app.section import Switch
from bridge.sep2.work import Policy
from bridge.transports.limits import Limits
from tests.app.command import EXAMPLES, ROOT

GOOD = "[https]\nport = 443\n\n[rules]\npolls = { DERControlList = 60 }\n"


ROW = '[[relay.rights]]\nfrom = ["*"]\n'


def loaded(folder: Path, text: str = GOOD, environ: dict[str, str] | None = None, **over: Any) -> Loaded:
    (folder / loading.NAME).write_text(text, "utf-8")
    return loading.load(folder, environ or {}, over)


def taken(one: Loaded) -> Config:
    assert one.problems == ()
    assert one.config is not None
    return one.config


def test_nothing_said_is_every_default(tmp_path: Path) -> None:
    config = taken(loaded(tmp_path, ""))
    assert config == loading.placed(Config(), tmp_path)
    assert config.https.certificate == tmp_path / "pki" / "server.pem"
    assert config.store.url == f"sqlite:///{tmp_path}/derbridge.db"


def test_layers_lie_over_one_another(tmp_path: Path) -> None:
    environ = {"DERBRIDGE_HTTPS__PORT": "444", "DERBRIDGE_LOG__LEVEL": "debug", "DERBRIDGE_EXAMPLES": "9"}
    config = taken(loaded(tmp_path, GOOD, environ, log={"level": "error"}))
    assert (config.https.port, config.log.level) == (444, "error")
    assert config.rules.polls == {"DERControlList": 60}


def test_absolute_places_stay(tmp_path: Path) -> None:
    text = '[https]\nkey = "/etc/ssl/own.key"\n[store]\nurl = "sqlite:////var/lib/derbridge/a.db"\n'
    config = taken(loaded(tmp_path, text))
    assert config.https.key == Path("/etc/ssl/own.key")
    assert config.store.url == "sqlite:////var/lib/derbridge/a.db"


@pytest.mark.parametrize(
    ("text", "line", "key", "what", "remedy"),
    [
        ("[https]\nprot = 1", 2, "https.prot", "no such key", "Did you mean port?"),
        ("\n[htps]\nport = 1", 2, "htps", "no such key", "Did you mean https?"),
        ("[https]\nport = 70000", 2, "https.port", "less than or equal to 65535", "TCP port"),
        ("[https]\nhosts = 3", 2, "https.hosts", "valid tuple", "Addresses to listen on"),
        ('[rules]\n\nprofile = "2019"', 3, "rules.profile", "'csip-aus-1.3'", "Edition"),
        ("[rules]\nlog_events = 3", 2, "rules.log_events", "greater than or equal to 10", "LogEvents"),
        ("[rules.polls]\nTime = 0", 2, "rules.polls.Time", "greater than or equal to 1", "pollRate"),
        ("port = ", 1, "", "not TOML", "https://toml.io"),
        (f"{ROW}to = 3", 3, "relay.rights.0.to", "valid tuple", "Patterns of who receives"),
        (f"{ROW}too = []\nto = []", 3, "relay.rights.0.too", "no such key", "Did you mean to?"),
        (f"{ROW}to = []\n{ROW}", 4, "relay.rights.1.to", "Field required", "Patterns of who receives"),
        (f'{ROW}to = []\nkinds = ["talk"]', 4, "relay.rights.0.kinds.0", "'message'", "Kinds of stanzas"),
    ],
)
def test_mistake_has_line_and_remedy(  # noqa: PLR0917 - columns of a table
    tmp_path: Path, text: str, line: int, key: str, what: str, remedy: str
) -> None:
    one = loaded(tmp_path, text)
    assert one.config is None
    (problem,) = one.problems
    assert (problem.place, problem.line, problem.key) == (str(tmp_path / loading.NAME), line, key)
    assert what in problem.what
    assert remedy in problem.remedy


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = '[https]\nport = -1\nprot = 2\n[log]\nlevel = "loud"\n[nothing]\n'
    environ = {"DERBRIDGE_RUN__WORKERS": "many", "DERBRIDGE_HTPS__PORT": "1"}
    one = loaded(tmp_path, text, environ)
    told = {(problem.place == "environment", problem.key) for problem in one.problems}
    assert told == {
        (False, "https.port"), (False, "https.prot"), (False, "log.level"), (False, "nothing"),
        (True, "DERBRIDGE_RUN__WORKERS"), (True, "DERBRIDGE_HTPS__PORT"),
    }  # fmt: skip


def test_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    (problem,) = loading.load(tmp_path, {}).problems
    assert problem.what == "no configuration here"
    assert "derbridge init" in problem.remedy


def test_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / loading.NAME).write_bytes(b"\xff\xfe")
    (problem,) = loading.load(tmp_path / loading.NAME, {}).problems
    assert "UTF-8" in problem.what


def test_every_key_is_described_and_in_the_sample(tmp_path: Path) -> None:
    text = sample.text()
    for name, section in sample.sections():
        assert section.__doc__
        for key, field in section.model_fields.items():
            assert field.description, f"{name}.{key}"
            assert re.search(rf"^# {key} = ", text, re.MULTILINE)
            assert sample.kind(field.annotation)
    assert tomllib.loads(text) == {name: {} for name, _ in sample.sections()}
    assert loaded(tmp_path, text).config == loaded(tmp_path, "").config


UNSET = re.compile(
    r'^((backups|rules|folder|certificate|key|signer|secret) = "\2"|port = 9101)$', re.MULTILINE
)
"""Keys that have no default, and stand there with an example."""


def test_sample_with_every_mark_taken_off_is_the_default(tmp_path: Path) -> None:
    text = re.sub(r"^# (\w+ = )", r"\1", sample.text(), flags=re.MULTILINE)
    config = taken(loaded(tmp_path, UNSET.sub("", text)))
    assert config == taken(loaded(tmp_path, ""))


def test_example_is_the_sample() -> None:
    assert (EXAMPLES / "derbridge.toml").read_text("utf-8") == sample.text()


def test_what_is_said_stands_uncommented(tmp_path: Path) -> None:
    text = sample.text({"https": {"names": ("a.example.org",)}, "keep": {"archive": 7}})
    config = taken(loaded(tmp_path, text))
    assert (config.https.names, config.keep.archive) == (("a.example.org",), 7)


def test_policy_takes_over_every_rule() -> None:
    made = bylaws.policy(
        Config.model_validate({"rules": {"pen": 7, "zone": "Europe/Zurich"}, "notify": {"plain": True}})
    )
    assert (made.pen, made.zone, made.plain_http) == (7, "Europe/Zurich", True)
    named = {field.name for field in dataclasses.fields(Policy)} - {"hosts", "plain_http", "lfdi", "access"}
    assert named == set(config.Rules.model_fields)


def test_switches_are_those_that_the_server_asks_for() -> None:
    found = {
        name
        for path in (ROOT / "bridge" / "sep2").glob("*.py")
        for name in re.findall(
            r'^_?(?:STRICT\w*|SWITCH\w*) = "([a-z-]+)"', path.read_text("utf-8"), re.MULTILINE
        )
    }
    assert found == set(get_args(Switch))


def test_limits_are_those_of_the_listener() -> None:
    defaults = {name: field.default for name, field in config.Limits.model_fields.items()}
    assert defaults == dataclasses.asdict(Limits())
