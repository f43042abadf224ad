// What this script adds to pages that work without it: going on by itself, counting down, showing a password.
// It keeps nothing, asks nobody, and writes text only.
"use strict";

const main = document.querySelector("main");
const all = (selector) => document.querySelectorAll(selector);
const seconds = (element, name) => Number(element.dataset[name]);

// A number as the page's own words show it: the first digits in the sentence change, nothing else.
const countIn = (text, from, to) => text.replace(String(from), String(to));

// form_post: go back to the service. The button stays for those who come back here.
const back = document.querySelector("form[data-submit]");
if (back) back.submit();

// Waiting, or the end of the login: the page comes again.
if (main && main.dataset.again) {
  const wait = seconds(main, "again") * 1000;
  const go = () => location.replace(main.dataset.login);
  setTimeout(go, wait);
  const deadline = document.querySelector(".deadline");
  const minute = 60000;
  if (deadline) {
    const warn = () => {
      deadline.classList.add("soon");
      deadline.querySelector("span").textContent = deadline.dataset.soon;
    };
    setTimeout(warn, Math.max(0, wait - minute));
  }
}

// A new code: count down, then offer the button. Only the end is announced.
for (const line of all("[data-resend]")) {
  const button = line.parentElement.querySelector("button");
  const words = line.firstChild;
  const template = words.textContent;
  const total = seconds(line, "resend");
  const end = Date.now() + total * 1000;
  line.querySelector("a").remove();
  line.setAttribute("aria-live", "off");
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) {
      words.textContent = countIn(template, total, left);
      setTimeout(tick, 1000);
      return;
    }
    line.hidden = true;
    button.hidden = false;
  };
  tick();
}

// The kind of identifier names the field and its keyboard.
for (const kind of all("input[name=kind][data-label]")) {
  const apply = () => {
    if (!kind.checked) return;
    const field = document.getElementById("individual");
    document.getElementById("individual-label").textContent = kind.dataset.label;
    field.inputMode = kind.dataset.inputmode;
  };
  kind.addEventListener("change", apply);
  apply();
}

// Show and hide a password or PIN.
for (const button of all("button[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  const words = [button.textContent, button.dataset.hide];
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = field.type === "password";
    field.type = show ? "text" : "password";
    button.textContent = words[show ? 1 : 0];
    field.focus();
  });
}

// One answer once: pressing the same button again while its answer is on the way does nothing. Another one still works,
// and coming back makes all of them whole again.
for (const form of all("form")) {
  let sent = null;
  form.addEventListener("submit", (event) => {
    if (sent && sent === event.submitter) event.preventDefault();
    sent = event.submitter;
  });
  addEventListener("pageshow", () => (sent = null));
}
