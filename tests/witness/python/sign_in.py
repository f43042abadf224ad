"""A person without a browser: fetches pages, fills in the forms it finds, keeps the cookies."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import requests


def sign_in(url, person, decision="allow"):
    """Signs in; gives the URL that the browser would be sent to."""
    cookies = {}
    page, at = _visit(cookies, url, url)
    for _ in range(6):
        if page is None:
            return at
        if ' name="individual"' in page:
            fields = {"individual": person["individual_id"], "action": "continue"}
        elif ' name="answer.otp"' in page:
            fields = {"answer.otp": person["otp"], "action": "continue"}
        else:
            fields = {"action": decision}
        page, at = _submit(cookies, page, at, fields)
    raise AssertionError("the login did not end")


def _submit(cookies, page, at, fields):
    action = re.search(r'<form[^>]* action="([^"]+)"', page)
    if action is None:
        raise AssertionError(f"there is no form in the page: {page}")
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    body = {name: unescape(value) for name, value in hidden} | fields
    return _visit(cookies, urljoin(at, unescape(action[1])), at, body)


def _visit(cookies, url, origin, body=None):
    """The page and where it is, or nothing and where the browser is sent away to."""
    for _ in range(10):
        if urlsplit(url)[:2] != urlsplit(origin)[:2]:
            return None, url
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers = {"Cookie": cookie} if cookie else {}
        method = "POST" if body else "GET"
        answer = requests.request(method, url, data=body, headers=headers, allow_redirects=False, timeout=10)
        # By hand: a jar does not give `Secure` cookies back over http, and browsers on loopback do.
        for line in answer.raw.headers.getlist("Set-Cookie"):
            name, value = line.split(";", 1)[0].split("=", 1)
            if "max-age=0" in line.lower():
                cookies.pop(name, None)
            else:
                cookies[name] = value
        if answer.status_code != 303:
            return answer.text, url
        url, body = urljoin(url, answer.headers["Location"]), None
    raise AssertionError("redirects for ever")
