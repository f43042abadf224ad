// The smallest factor that a login asks with: a word that the operator has chosen and everybody knows. For trying things out,
// never for people.

import {
  answer, ask, authFactor as role, config, crypto, evidence, field, form, Internal, message, proved, refused, rejection,
} from "@esignet/plugin-sdk";

// The word of the acr mapping for this factor, and its authentication method reference (RFC 8176 §2): something that is known.
const FACTOR = "WORD";
const AMR = ["kba"];
// How often somebody may try in one login.
const TRIES = 3;

// The form; the host renders it, in the language of the person.
function question(tries, because = null) {
  const word = field("word", "text", message("word-label", "Say it"));
  const asked = form(message("word-title", "The magic word"), message("word-submit", "Continue"), [word]);
  return ask(asked, new Uint8Array([tries]), because);
}

export const authFactor = role({
  describe() {
    config.required("word");
    return { factor: FACTOR, amr: AMR };
  },

  begin() {
    return question(TRIES);
  },

  // Nothing is remembered between calls, so what counts is in the state, which only this plugin reads.
  resume(caller, individual, state, input) {
    if (input.tag !== "answers" || state.length !== 1) throw new Internal("this factor asks and waits for nothing else");
    const said = answer(input.val, "word") ?? "";
    if (crypto.equal(said, config.required("word"))) return proved(evidence(FACTOR, AMR));
    const left = state[0] - 1;
    return left > 0 ? question(left, rejection("wrong", { attemptsLeft: left })) : refused("locked");
  },
});
