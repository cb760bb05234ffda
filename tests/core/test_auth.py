"""The kinds of credential, fed scripted answers."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import msgspec
import pytest
from msgspec.structs import replace

from labelwire import InvalidInput, Unauthorized, UnexpectedReply
from labelwire.core import auth, exchange
from labelwire.core.json import decode
from labelwire.core.operation import Operation, Reply, Request

from .scripted import URL, Script, reply, site

GET = Operation(Request("GET", "/api/x"), decode)
POST = Operation(Request("POST", "/api/x", json={}), decode)


def jwt(kind: str, lifetime: int = 300, mark: str = "") -> str:
    claims = msgspec.json.encode({"token_type": kind, "iat": 1000, "exp": 1000 + lifetime, "jti": mark})
    return f"eyJhbGciOiJIUzI1NiJ9.{urlsafe_b64encode(claims).decode().rstrip('=')}.c2lnbmF0dXJl"


PAT = jwt("refresh", 10**9)


def access(mark: str = "", lifetime: int = 300) -> Reply:
    return reply(200, {"access": jwt("access", lifetime, mark)})


def test_a_key_tells_what_it_is() -> None:
    assert type(auth.from_key("86fe4ae58a3aac82934495f5ac54c09a95c53144")) is auth.LegacyToken
    assert type(auth.from_key(PAT)) is auth.PersonalAccessToken
    assert type(auth.from_key(jwt("access"))) is auth.AccessToken
    assert auth.from_key(f" {PAT}\n").key == PAT


@pytest.mark.parametrize(
    "key", ["", "  ", "Token abc", "abc def", "ключ", PAT.rpartition(".")[0], "eyJabc", PAT[:9] + "..x"]
)
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        auth.from_key(key)
    assert not key.strip() or key.strip() not in str(caught.value)


def test_a_personal_access_token_is_changed_for_an_access_token_once() -> None:
    script, where = Script([access("one"), reply(200, 1), reply(200, 2)]), site(auth.PersonalAccessToken(PAT))
    assert [script.run(exchange.perform(GET, where)) for _ in range(2)] == [1, 2]
    assert script.asked == ["POST /api/token/refresh/", "GET /api/x", "GET /api/x"]
    assert script.sent[0].body == msgspec.json.encode({"refresh": PAT})
    assert "Authorization" not in script.sent[0].headers
    assert script.sent[1].headers["Authorization"] == "Bearer " + jwt("access", mark="one")


def test_a_refused_access_token_is_renewed_once_and_the_request_repeated() -> None:
    """Whatever the reason: revoked, or the clocks disagree. A 401 was not applied, so a write is repeated too."""
    script = Script([access("one"), reply(401), access("two"), reply(201, "made")])
    assert script.run(exchange.perform(POST, site(auth.PersonalAccessToken(PAT)))) == "made"
    assert script.sent[-1].headers["Authorization"] == "Bearer " + jwt("access", mark="two")


def test_a_second_refusal_is_an_error() -> None:
    script = Script([access("one"), reply(401), access("two"), reply(401, {"detail": "no"})])
    with pytest.raises(Unauthorized):
        script.run(exchange.perform(GET, site(auth.PersonalAccessToken(PAT))))


def test_an_access_token_about_to_end_is_renewed_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(auth, "monotonic", lambda: now[0])
    script, where = Script([access("one"), reply(200, 1), access("two"), reply(200, 2)]), None
    where = site(auth.PersonalAccessToken(PAT))
    script.run(exchange.perform(GET, where))
    now[0] += 300 - auth.MARGIN + 1
    script.run(exchange.perform(GET, where))
    assert script.asked[2] == "POST /api/token/refresh/"


def test_a_revoked_personal_access_token_says_what_to_do() -> None:
    with pytest.raises(Unauthorized, match="Make a new one") as caught:
        Script([reply(401, {"detail": "Token is invalid"})]).run(
            exchange.perform(GET, site(auth.PersonalAccessToken(PAT)))
        )
    assert PAT not in str(caught.value)


def test_only_one_of_two_threads_renews() -> None:
    credential = auth.PersonalAccessToken(PAT)
    where = site(credential)
    Script([access("one"), reply(200, 1)]).run(exchange.perform(GET, where))
    used = credential.proof("GET")
    Script([access("two")]).run(credential.renew(lambda plain: exchange.exchange(plain, where), used))
    idle = Script([])
    assert idle.run(credential.renew(lambda plain: exchange.exchange(plain, where), used))
    assert idle.sent == []


def test_the_refresh_keeps_the_sub_path() -> None:
    script = Script([access(), reply(200, 1)])
    script.run(exchange.perform(GET, site(auth.PersonalAccessToken(PAT), url="https://host/labels")))
    assert [wire.url for wire in script.sent] == [
        "https://host/labels/api/token/refresh/",
        "https://host/labels/api/x",
    ]


def test_the_clients_own_token_is_no_part_of_another_login() -> None:
    """Else a server that takes both would answer with the token of whoever asks, and not of who logs in."""
    mine = site()
    mine.headers["Authorization"] = "Token " + "k" * 40
    login = auth.Login("other@example.com", "secret-word", URL)
    script = Script([TestLogin.page, TestLogin.accepted, reply(404), reply(200, {"token": "other"})])
    script.run(exchange.log_in(replace(mine, credential=login)))
    assert login.key == "other"
    assert not any("Authorization" in wire.headers for wire in script.sent)


class TestLogin:
    """Email and password."""

    page = Reply(200, {}, b"<html>", URL + "/user/login/", {"csrftoken": "c1", "sessionid": "s1"})
    accepted = Reply(302, {"Location": "/"}, b"", URL, {"csrftoken": "c2", "sessionid": "s2"})

    @staticmethod
    def run(*answers: Reply) -> tuple[Script, auth.Login]:
        login = auth.Login("me@example.com", "secret-word", URL)
        script = Script([TestLogin.page, TestLogin.accepted, *answers])
        assert script.run(exchange.perform(POST, site(login))) == "made"
        return script, login

    def test_gives_a_personal_access_token(self) -> None:
        script, login = self.run(reply(201, {"token": PAT}), access("one"), reply(201, "made"))
        assert login.key == PAT
        form, token = script.sent[1], script.sent[2]
        assert form.body == b"email=me%40example.com&password=secret-word&csrfmiddlewaretoken=c1"
        assert (form.headers["Referer"], form.cookies["csrftoken"]) == (URL, "c1")
        assert (token.headers["X-CSRFToken"], token.cookies["sessionid"]) == ("c2", "s2")
        assert script.sent[-1].cookies == {}

    def test_uses_the_session_of_a_user_who_has_a_token_already(self) -> None:
        script, login = self.run(reply(409, {"detail": "You already have a valid token."}), reply(201, "made"))
        assert login.key is None
        assert script.sent[-1].cookies["sessionid"] == "s2"
        assert script.sent[-1].headers["X-CSRFToken"] == "c2"

    def test_takes_the_legacy_token_of_a_server_without_others(self) -> None:
        script, login = self.run(reply(404), reply(200, {"token": "legacy"}), reply(201, "made"))
        assert login.key == "legacy"
        assert script.sent[-1].headers["Authorization"] == "Token legacy"

    def test_logs_in_again_when_the_session_has_ended(self) -> None:
        taken = reply(409, {"detail": "taken"})
        script, _ = self.run(taken, reply(401), self.page, self.accepted, taken, reply(201, "made"))
        assert len(script.sent) == 8

    def test_a_wrong_password_is_said_and_not_shown(self) -> None:
        login = auth.Login("me@example.com", "secret-word", URL)
        with pytest.raises(Unauthorized, match="does not take this email and password") as caught:
            Script([self.page, Reply(200, {}, b"<html>again", URL)]).run(exchange.perform(GET, site(login)))
        assert "secret-word" not in str(caught.value)

    def test_a_page_that_is_no_login_page_is_said(self) -> None:
        login = auth.Login("me@example.com", "secret-word", URL)
        with pytest.raises(UnexpectedReply, match="login page"):
            Script([Reply(200, {}, b"<html>", URL)]).run(exchange.perform(GET, site(login)))
