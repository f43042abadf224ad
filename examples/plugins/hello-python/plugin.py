"""The smallest ID system that a whole login goes through.

Who there is, and the code that is right, are settings of the operator. It sends nothing. For trying things out, never for people.
"""

import esignet_plugin
from esignet_plugin import (
    Authenticated,
    IdSystemDescriptor,
    Internal,
    JudgedFactor,
    MaskedTarget,
    Misconfigured,
    OtpReceipt,
    Rejected,
    Unsupported,
    config,
    crypto,
    from_json,
)


def person(number):
    """By number: `{"1001": {"name": "Amina"}}`. Read anew in every call, because nothing is remembered between calls."""
    return config.parse("people", {}).get(number)


class IdSystem(esignet_plugin.IdSystem):
    def describe(self):
        config.required("otp")
        if not config.parse("people", {}):
            raise Misconfigured("put someone into the config key `people`")
        return IdSystemDescriptor(
            factors=[JudgedFactor("OTP", ["alpha-numeric"])],
            individual_kinds=["uin"],
            otp_channels=["sms"],
            claims=["name"],
            claims_locales=["en"],
        )

    def send_otp(self, caller, individual, channels):
        # Says that a code was sent, to anyone: an error here would tell who exists.
        if any(channel != "sms" for channel in channels):
            raise Unsupported("a channel other than sms")
        return OtpReceipt([MaskedTarget("sms", "XXXXXXXX")], valid_seconds=180, resend_after_seconds=30)

    def authenticate(self, caller, individual, proofs, evidence):
        is_code = [(proof.factor, proof.format) for proof in proofs] == [("OTP", "alpha-numeric")]
        otp = proofs[0].value if is_code else b""
        right = crypto.equal(otp, config.required("otp"))
        if not right or individual.kind != "uin" or person(individual.value) is None:
            raise Rejected("wrong")
        return Authenticated(
            subject=crypto.sha256(f"hello:{individual.value}").hex(),
            continuation={"version": 1, "number": individual.value},
        )

    def release_claims(self, caller, continuation, request):
        known = person(from_json(continuation)["number"])
        if known is None:
            raise Internal("the continuation is of nobody")
        return {claim: value for claim, value in known.items() if claim in request.claims}
