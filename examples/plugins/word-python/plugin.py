"""The smallest factor that a login asks with: a word that the operator has chosen and everybody knows.

For trying things out, never for people.
"""

import esignet_plugin
from esignet_plugin import (
    Ask,
    AuthFactorDescriptor,
    Evidence,
    Field,
    Form,
    Input,
    Internal,
    Message,
    Proved,
    Refused,
    Rejection,
    answer,
    config,
    crypto,
)

# The word of the acr mapping for this factor, and its authentication method reference (RFC 8176 §2): something that is known.
FACTOR = "WORD"
AMR = ["kba"]
# How often somebody may try in one login.
TRIES = 3


def question(tries, because=None):
    """The form; the host renders it, in the language of the person."""
    word = Field("word", "text", Message("word-label", "Say it"))
    form = Form(Message("word-title", "The magic word"), [word], Message("word-submit", "Continue"))
    return Ask(form, state=bytes([tries]), rejection=because)


class AuthFactor(esignet_plugin.AuthFactor):
    def describe(self):
        config.required("word")
        return AuthFactorDescriptor(FACTOR, AMR)

    def begin(self, caller, individual):
        return question(TRIES)

    def resume(self, caller, individual, state, input):
        # Nothing is remembered between calls, so what counts is in the state, which only this plugin reads.
        match input:
            case Input("answers", given) if len(state) == 1:
                said = answer(given, "word") or b""
            case _:
                raise Internal("this factor asks and waits for nothing else")
        if crypto.equal(said, config.required("word")):
            return Proved(Evidence(FACTOR, AMR))
        left = state[0] - 1
        if left > 0:
            return question(left, Rejection("wrong", attempts_left=left))
        return Refused(Rejection("locked"))
