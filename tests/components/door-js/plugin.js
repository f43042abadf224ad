// A captcha and a notifier in JavaScript, for a whole login in the tests.

import { Rejected, answer, captcha as isPerson, challenge, crypto, field, form, http, message, notifier as tells, text } from "@esignet/plugin-sdk";

const words = (english) => message("no-key", english);

export const captcha = isPerson({
  begin() {
    const word = crypto.hex(crypto.random(3));
    const asked = field("word", "text", words(`Type this word: ${word}`));
    return challenge(form(words("Show it"), words("Continue"), [asked]), { word });
  },
  verify(_caller, state, answers) {
    const typed = answer(answers, "word");
    if (typed === undefined || text(typed) !== JSON.parse(text(state)).word) throw new Rejected("wrong");
  },
});

export const notifier = tells({
  describe: () => ({ events: ["signed-in"] }),
  notify(notice) {
    http.upstream("gateway").post("/told", { json: { id: notice.id, at: notice.at, subject: notice.subject } }).success();
  },
});
