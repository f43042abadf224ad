"""The SDK outside the sandbox: `python3 -m unittest discover -s tests`. Whole logins are in tests/tests/all/languages.rs."""

import json
import sys
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import esignet_plugin as sdk  # noqa: E402
from esignet_plugin import _host  # noqa: E402

LINES: list[Any] = []
_host.log = SimpleNamespace(
    log=lambda *line: LINES.append(line), Level=SimpleNamespace(DEBUG="debug", INFO="info", WARN="warn", ERROR="error")
)


class Error_Denied:
    """As the contract's error looks in a component."""

    value = "the rule"


class Error_Timeout:
    """As the contract's error looks in a component."""


class Err(Exception):
    """As it is raised there."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Register(sdk.IdSystem):
    def describe(self) -> sdk.IdSystemDescriptor:
        raise KeyError("people")

    def send_otp(self, caller: Any, individual: Any, channels: Any) -> sdk.OtpReceipt:
        raise sdk.Rejected("wrong", attempts_left=2)

    def authenticate(self, caller: Any, individual: Any, proofs: Any, evidence: Any) -> sdk.Authenticated:
        raise ValueError(individual.value)

    def release_claims(self, caller: Any, continuation: bytes, request: Any) -> dict[str, Any]:
        return {"name": "አሚና", "asked": request.verified_claims}


class Person(sdk.Captcha):
    def begin(self, caller: Any) -> sdk.Challenge:
        form = sdk.Form(sdk.Message("t", "T"), [], sdk.Message("s", "S"))
        return sdk.Challenge(form, {"id": 1})

    def verify(self, caller: Any, state: bytes, answers: list[sdk.Answer]) -> None:
        if state != b"right":
            raise sdk.Rejected("wrong")


class Teller(sdk.Notifier):
    def describe(self) -> sdk.NotifierDescriptor:
        return sdk.NotifierDescriptor(["signed-in"])

    def notify(self, notice: sdk.Notice) -> None:
        raise ValueError(notice.subject)


class Sdk(unittest.TestCase):
    def setUp(self) -> None:
        LINES.clear()

    def test_json_is_read_up_to_128_levels_deep_brackets_in_strings_left_out(self) -> None:
        nested = lambda levels: b"[" * levels + b"]" * levels  # noqa: E731
        self.assertEqual(sdk.from_json(rb'{"a\"[": ["]{", 1]}'), {'a"[': ["]{", 1]})
        self.assertTrue(sdk.from_json(nested(128)))
        self.assertTrue(sdk.from_json(json.dumps("[" * 500).encode()))
        for deep in [nested(129), b"[" * 4096]:
            with self.assertRaisesRegex(ValueError, "deeper than 128"):
                sdk.from_json(deep)

    def test_a_captcha_needs_no_description_and_its_verdict_is_nothing_or_a_failure(self) -> None:
        self.assertEqual(Person().describe(), sdk.CaptchaDescriptor([]))
        self.assertEqual(Person().begin(None).state, b'{"id": 1}')
        self.assertIsNone(Person().verify(None, b"right", []))
        with self.assertRaises(sdk.Rejected):
            Person().verify(None, b"other", [])

    def test_what_a_notifier_raises_is_told_without_whom_it_was_about(self) -> None:
        notice = sdk.Notice("n", "signed-in", 1, "2053718694", "en", "rp", "Bank")
        with self.assertRaises(sdk.Internal) as raised:
            Teller().notify(notice)
        self.assertNotIn("2053718694", str(raised.exception.value) + str(LINES))

    def test_a_failure_that_is_raised_is_the_contracts(self) -> None:
        with self.assertRaises(sdk.Rejected) as raised:
            Register().send_otp(None, None, [])
        self.assertEqual(raised.exception.value, sdk.Rejection("wrong", 2, None))
        self.assertEqual(LINES, [])

    def test_anything_else_that_is_raised_is_reported_by_type_and_place_without_its_message(self) -> None:
        with self.assertRaises(sdk.Internal) as raised:
            Register().authenticate(None, sdk.Individual("uin", "2053718694"), [], [])
        self.assertRegex(raised.exception.value, r"^ValueError in authenticate at test_sdk\.py:\d+$")
        self.assertEqual(LINES[0][:2], ("error", "plugin-threw"))
        self.assertNotIn("2053718694", repr(LINES) + raised.exception.value)

    def test_what_goes_wrong_in_describe_is_told_because_it_is_about_nobody(self) -> None:
        with self.assertRaises(sdk.Internal) as raised:
            Register().describe()
        self.assertIn("people", raised.exception.value)

    def test_a_role_without_one_of_its_functions_is_refused_when_it_is_built(self) -> None:
        half: Any = type("Half", (sdk.IdSystem,), {"describe": lambda self: None})
        with self.assertRaisesRegex(TypeError, "authenticate"):
            half()

    def test_claims_leave_as_json_and_what_is_verified_comes_as_values(self) -> None:
        request = SimpleNamespace(claims=["name"], verified_claims='[{"a":1}]')
        released = json.loads(Register().release_claims(None, b"", request))  # type: ignore[arg-type]
        self.assertEqual(released, {"name": "አሚና", "asked": [{"a": 1}]})

    def test_what_the_host_denies_is_a_misconfiguration_and_what_cannot_be_reached_is_unavailable(self) -> None:
        for error, failure in [(Err(Error_Denied()), sdk.Misconfigured), (Err(Error_Timeout()), sdk.Unavailable)]:

            def fetch(_: Any, error: Exception = error) -> Any:
                raise error

            _host.http = SimpleNamespace(fetch=fetch)
            with self.assertRaises(failure):
                sdk.http.upstream("r").get("/")

    def test_a_request_carries_what_was_put_into_it_and_an_answer_is_read_as_json(self) -> None:
        seen: list[Any] = []
        answer = SimpleNamespace(status=201, headers=[("X-A", "b")], body=b'{"a":1}')

        def fetch(request: Any) -> Any:
            seen.append(request)
            return answer

        _host.http = SimpleNamespace(fetch=fetch)
        response = sdk.http.upstream("register").post("/v2", json={"q": 1}, query={"p": "x"}, timeout_ms=500)
        self.assertEqual((seen[0].upstream, seen[0].method, seen[0].path), ("register", "POST", "/v2"))
        self.assertEqual((seen[0].query, seen[0].body, seen[0].timeout_ms), ([("p", "x")], b'{"q": 1}', 500))
        self.assertEqual(response.success().json(), {"a": 1})
        self.assertEqual(response.header("x-a"), "b")
        with self.assertRaises(sdk.Unavailable):
            sdk.http.Response(503, [], b"").success()

    def test_an_answer_given_twice_is_no_answer(self) -> None:
        given = sdk.Answer("otp", b"1")
        self.assertEqual(sdk.answer([given], "otp"), b"1")
        self.assertIsNone(sdk.answer([given, given], "otp"))

    def test_states_are_octets_text_or_json(self) -> None:
        self.assertEqual(sdk.DeliverOtp(state={"v": 1}).state, b'{"v": 1}')
        self.assertEqual(sdk.Authenticated("s", "text").continuation, b"text")
        self.assertEqual(sdk.to_bytes(None), b"")


if __name__ == "__main__":
    unittest.main()
