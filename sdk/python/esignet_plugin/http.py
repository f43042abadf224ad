"""Requests to the servers the operator named.

A plugin says `register`; where that is, how it is trusted and how we log in to it is the operator's.
"""

import json as _json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union

from . import _host
from ._bytes import from_json, to_bytes
from .failure import Failure, Internal, Misconfigured, Unavailable


@dataclass
class Request:
    """A request as the contract has it; `Upstream` makes them."""

    upstream: str
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    body: bytes
    timeout_ms: Optional[int]


@dataclass
class Response:
    """What a server answered. A status of 400 or more is an answer, not an error."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> Optional[str]:
        """The first header field of that name, in any case of letters."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def success(self) -> "Response":
        """Itself, if its status is 200 to 299."""
        if not 200 <= self.status <= 299:
            raise Unavailable(f"the upstream answered {self.status}")
        return self

    def json(self) -> Any:
        """The content as JSON. What is wrong with it is not told: it may have a person in it."""
        try:
            return from_json(self.body)
        except ValueError:
            raise Unavailable("the upstream's answer is not JSON") from None


def _failure(case: str, value: Any) -> Failure:
    if case == "denied":
        return Misconfigured(value)
    if case == "invalid":
        return Internal(value)
    if case == "timeout":
        return Unavailable("the upstream did not answer in time")
    if case == "toolarge":
        return Unavailable(f"the upstream's answer is larger than {value} bytes")
    return Unavailable(value)


@dataclass
class Upstream:
    """A server by the name the operator gave it."""

    name: str

    def prepare(
        self,
        method: str,
        path: str,
        json: Any = None,
        body: Any = None,
        query: Mapping[str, str] = {},
        headers: Mapping[str, str] = {},
        timeout_ms: Optional[int] = None,
    ) -> Request:
        """A request for `send_all`: `json` is sent as JSON, `body` as it stands."""
        fields = list(headers.items())
        if json is not None:
            fields.append(("content-type", "application/json"))
            body = _json.dumps(json, ensure_ascii=False)
        return Request(self.name, method, path, list(query.items()), fields, to_bytes(body), timeout_ms)

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Makes a request with any method, in upper case. Redirects are never followed."""
        request = self.prepare(method, path, **options)
        answer = _host.asked(lambda: _host.http.fetch(request), _failure)
        return Response(answer.status, answer.headers, answer.body)

    def get(self, path: str, **options: Any) -> Response:
        """A GET request for `path`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        """A POST request to `path`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Response:
        """A PUT request to `path`."""
        return self.request("PUT", path, **options)


def upstream(name: str) -> Upstream:
    """The server that the operator configured as `name`."""
    return Upstream(name)


def send_all(requests: Iterable[Request]) -> list[Union[Response, Failure]]:
    """Makes the requests in parallel, and answers in that order with responses and failures."""

    def outcome(answer: Any) -> Any:
        if isinstance(answer, _host.Err):
            return _host.of_error(answer.value, _failure)
        return Response(answer.value.status, answer.value.headers, answer.value.body)

    return [outcome(answer) for answer in _host.http.fetch_all(list(requests))]
