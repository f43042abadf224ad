"""A captcha and a notifier in Python, for a whole login in the tests."""

import esignet_plugin
from esignet_plugin import Challenge, Field, Form, Message, NotifierDescriptor, Rejected, answer, crypto, from_json, http


def words(english: str) -> Message:
    return Message("no-key", english)


class Captcha(esignet_plugin.Captcha):
    def begin(self, caller):
        word = crypto.random(3).hex()
        asked = Field("word", "text", words(f"Type this word: {word}"))
        return Challenge(Form(words("Show it"), [asked], words("Continue")), {"word": word})

    def verify(self, caller, state, answers):
        typed = answer(answers, "word")
        if typed is None or typed.decode() != from_json(state)["word"]:
            raise Rejected("wrong")


class Notifier(esignet_plugin.Notifier):
    def describe(self):
        return NotifierDescriptor(["signed-in"])

    def notify(self, notice):
        told = {"id": notice.id, "at": notice.at, "subject": notice.subject}
        http.upstream("gateway").post("/told", json=told).success()
