"""An ID system that looks around, throws, remembers or takes too much, as the config key `behaviour` says.

And a factor that goes through every step as it is told by the word that is typed; README.md says more. The same as curious-js, in Python.
"""

import builtins
import functools
import gc
import os
import random
import socket
import sys
import time

import esignet_plugin as sdk
from esignet_plugin import Authenticated, IdSystemDescriptor, JudgedFactor, MaskedTarget, Message, OtpReceipt, config

# Whoever calls next should not find what is put here.
remembered = []


def throw(number):
    raise LookupError(f"no such person: {number}")


def nest(number):
    def deeper():
        return {}[number]

    deeper()


def printing(number):
    for line in range(3):
        print(f"line {line} of {number}")


def flood(_):
    while True:
        print("a line of a flood")


def allocate(_):
    taken = []
    while True:
        taken.append(b"x" * (1 << 20))


def spin(_):
    while True:
        pass


def recurse(_):
    def again(depth):
        return again(depth + 1) + 1

    again(0)


def look(_):
    """What can be seen of the machine, in words that say nothing when there is nothing."""
    seen = [dict(os.environ), sys.argv, time.tzname, int(time.time() % 1 * 1000)]
    for place in ["/", ".", "/etc/passwd", "/proc/self/environ", "/0"]:
        try:
            seen.append(os.listdir(place) if os.path.isdir(place) else open(place).read())
        except OSError as error:
            seen.append(type(error).__name__)
    try:
        socket.socket()
        seen.append("a socket")
    except OSError as error:
        seen.append(type(error).__name__)
    return repr(seen)


def thrown(call):
    try:
        return call()
    except Exception as error:
        return type(error).__name__


def ask(_):
    cache, clock, crypto, http = sdk.cache, sdk.clock, sdk.crypto, sdk.http
    asked = http.upstream("register").post("/v1/x", json={"a": 1}, query={"q": "x"})
    both = http.send_all(http.upstream(name).prepare("POST", "/v1/y") for name in ["register", "other"])
    cache.put("k", "v", 60)
    return " ".join(
        str(part)
        for part in [
            asked.success().json(),
            thrown(lambda: http.upstream("other").get("/")),
            both[0].status,
            type(both[1]).__name__,
            thrown(lambda: crypto.hmac("none", "x")),
            thrown(lambda: crypto.random(2000)),
            thrown(lambda: crypto.sign_jws("none", "x")),
            len(crypto.random(4)),
            crypto.digest("sha512", "abc").hex()[:8],
            thrown(lambda: crypto.verify_jws("x", {"keys": []})),
            cache.get("k").decode(),
            str(cache.put_if_absent("k", "w", 60)).lower(),
            cache.take("k").decode(),
            cache.take("k") or "none",
            clock.now(),
            config.parse("number", 0) + 1,
        ]
    )


def leave(_):
    os._exit(3)


def sleep(_):
    since = time.monotonic()
    time.sleep(0.05)
    return f"slept {time.monotonic() - since >= 0.05}"


class Keeper:
    kept = []


@functools.lru_cache(maxsize=None)
def cached(number):
    return [number]


def keep(number, kept=[]):
    kept.append(number)


def canary(number):
    """Keeps what the person typed wherever it can, and says how much of others it found in every object that there is.

    What is found of this call itself shows that looking works.
    """
    os.environ["CANARY"] = os.environ.get("CANARY", "") + number
    Keeper.kept.append(number)
    cached(number)
    keep(number)
    builtins.canary = [*getattr(builtins, "canary", []), number]
    sys.modules["canary"] = [*sys.modules.get("canary", []), number]
    sdk.kept = [*getattr(sdk, "kept", []), number]
    sys.intern("".join(number))
    globals().setdefault("canaries", []).append(number)
    for path in ["canary", "/tmp/canary"]:
        try:
            with open(path, "a") as file:
                file.write(number)
        except OSError:
            pass
    # Copies for the heap to leave behind, and one in a cycle that only the collector finds.
    copies = [f"{number}.{at}" for at in range(64)]
    copies.append(copies)
    found = set()
    for holder in gc.get_objects():
        try:
            # A list or a dictionary, by what it holds: strings themselves are not tracked.
            held = list(holder.items()) if isinstance(holder, dict) else holder
            for item in held if isinstance(held, (list, tuple, set)) else ():
                for text in item if isinstance(item, tuple) else (item,):
                    if isinstance(text, str):
                        found.update(part for part in text.split("CANARY-")[1:])
        except (RuntimeError, ReferenceError):
            continue
    own = number.removeprefix("CANARY-")
    others = {text for text in found if not text.startswith(own) and text[:6].isdigit()}
    itself = any(text.startswith(own) for text in found)
    return f"{'itself' if itself else 'not even itself'} and {len(others)} others"


BEHAVIOURS = {
    "canary": canary,
    "throw": throw,
    "nest": nest,
    "print": printing,
    "flood": flood,
    "allocate": allocate,
    "spin": spin,
    "recurse": recurse,
    "look": look,
    "leave": leave,
    "sleep": sleep,
    "random": lambda _: str(random.random()),
    "ask": ask,
}


class IdSystem(sdk.IdSystem):
    def describe(self):
        if config.get("behaviour") == "throw-in-describe":
            raise TypeError("the register has no door")
        return IdSystemDescriptor(
            [JudgedFactor("OTP", ["alpha-numeric"])], ["uin"], ["sms"], claims=["name"], claims_locales=["en"]
        )

    def send_otp(self, caller, individual, channels):
        return OtpReceipt([MaskedTarget("sms", "XXXX")], 180, 30)

    def authenticate(self, caller, individual, proofs, evidence):
        found = len(remembered)
        remembered.append(individual.value)
        behaviour = BEHAVIOURS.get(config.get("behaviour"), lambda _: None)
        seen = behaviour(individual.value) or f"found {found}"
        return Authenticated(individual.value, continuation=seen)

    def release_claims(self, caller, continuation, request):
        return {"name": f"{continuation.decode()}, then {len(remembered)}"}


FORM = sdk.Form(
    Message("title", "Say it"),
    [
        sdk.Field(
            "word",
            "text",
            Message("word", "A word of {n} letters", {"n": 4}),
            hint=Message("hint", "Any"),
            required=False,
            constraints={"length": 4},
        )
    ],
    Message("submit", "Go on"),
    resend_after_seconds=30,
)

# By the word that is typed.
STEPS = {
    b"send": lambda state: sdk.DeliverOtp(["sms"], state),
    b"wait": lambda state: sdk.Pause(1, Message("wait", "Wait"), state),
    b"pass": lambda _: sdk.Proved(sdk.Evidence("MAGIC", ["kba"], sdk.attributes({"how": "word"}))),
    b"them": lambda state: sdk.Delegate(
        sdk.Proof("MAGIC", "text", "አዎ".encode(), sdk.attributes({"how": "word"})), state
    ),
    b"stop": lambda _: sdk.Refused(sdk.Rejection("locked", retry_after_seconds=60)),
}


class AuthFactor(sdk.AuthFactor):
    def describe(self):
        return sdk.AuthFactorDescriptor("MAGIC", ["kba"])

    def begin(self, caller, individual):
        return sdk.Ask(FORM, {"version": 1, "inputs": ["nobody" if individual is None else "somebody"]})

    def resume(self, caller, individual, state, input):
        after = sdk.from_json(state)
        after["inputs"].append(input.kind)
        typed = sdk.answer(input.value, "word") if input.kind == "answers" else None
        if typed in STEPS:
            return STEPS[typed](after)
        return sdk.Ask(FORM, after, sdk.Rejection("wrong", attempts_left=2))
