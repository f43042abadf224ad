# English. Reviewed by a native speaker: not yet.

## Every page

page-title = { $title } – { $operator }
error-title = Error: { $title }
operator-fallback = National sign-in
asker = You are signing in to
continue = Continue
cancel = Cancel and go back
optional = (optional)
show = Show
hide = Hide
time-left-minutes =
    { $count ->
        [one] This sign-in ends by itself in { $count } minute.
       *[other] This sign-in ends by itself in { $count } minutes.
    }
time-left-seconds =
    { $count ->
        [one] This sign-in ends by itself in { $count } second.
       *[other] This sign-in ends by itself in { $count } seconds.
    }
time-left-soon = This sign-in ends in less than one minute.

## Who are you

identify-title = Sign in
method-legend = How do you want to sign in?
method-and = { $first } and { $second }
kind-legend = What do you want to sign in with?
individual-label = Your number or address
kind-uin = ID number
kind-vid = Virtual ID number
kind-nin = National ID number
kind-phone = Phone number
kind-email = Email address
kind-passport = Passport number
factor-otp = One-time code
factor-pin = PIN
factor-pwd = Password
factor-bio = Fingerprint, face or iris
factor-kbi = Questions about you
factor-wla = Wallet app
factor-totp = Code from an authenticator app
factor-passkey = Passkey

## The captcha

captcha-another = Ask me something else
captcha-wrong = The answer is not right. Here is another question.
captcha-expired = You took too long to answer. Here is another question.
captcha-unavailable = The check that you are a person does not work at the moment. Choose Continue to try again, or come back later.
captcha-exhausted = There were too many tries. Go back and begin again.

## A factor's question

step = Step { $step } of { $steps }
resend = Send a new code
resend-wait =
    { $count ->
        [one] You can ask for a new code in { $count } second.
       *[other] You can ask for a new code in { $count } seconds.
    }
resend-check = Check again now
otp-title = Enter the code we sent you
otp-label = One-time code
otp-submit = Continue
otp-hint =
    { $length ->
        [one] We sent a code of { $length } digit.
       *[other] We sent a code of { $length } digits.
    }
otp-hint-sms =
    { $length ->
        [one] We sent a code of { $length } digit to the phone { $targets }.
       *[other] We sent a code of { $length } digits to the phone { $targets }.
    }
otp-hint-email =
    { $length ->
        [one] We sent a code of { $length } digit to the email address { $targets }.
       *[other] We sent a code of { $length } digits to the email address { $targets }.
    }
otp-hint-targets =
    { $length ->
        [one] We sent a code of { $length } digit to { $targets }.
       *[other] We sent a code of { $length } digits to { $targets }.
    }

## Waiting

pause-title = Please wait
busy-title = We are checking your answer
busy-text = This takes a moment.
goes-on = The page goes on by itself.
go-on = Go on now

## Consent

consent-title = Share your information?
consent-text = { $client } asks for information about you.
consent-once = It is shared once, for this sign-in.
consent-remembered-minutes =
    { $count ->
        [one] Your choice is remembered at this service for 1 minute. You can withdraw it.
       *[other] Your choice is remembered at this service for { $count } minutes. You can withdraw it.
    }
consent-remembered-hours =
    { $count ->
        [one] Your choice is remembered at this service for 1 hour. You can withdraw it.
       *[other] Your choice is remembered at this service for { $count } hours. You can withdraw it.
    }
consent-remembered-days =
    { $count ->
        [one] Your choice is remembered at this service for 1 day. You can withdraw it.
       *[other] Your choice is remembered at this service for { $count } days. You can withdraw it.
    }
consent-remembered-months =
    { $count ->
        [one] Your choice is remembered at this service for 1 month. You can withdraw it.
       *[other] Your choice is remembered at this service for { $count } months. You can withdraw it.
    }
consent-nothing = { $client } asks for nothing more than to know that it is you.
consent-key-binding = It also ties a key on your device to you. With it, the app can prove that it is you, until the key expires.
consent-essential = Needed
consent-essential-note = Without these you cannot go on.
consent-voluntary = Your choice
consent-voluntary-note = Tick what you want to share. You can go on without.
consent-checked = Officially checked, and when and how
consent-checked-evidence = Officially checked, with details of the documents or records that proved it
consent-purpose = The service says what for: { $purpose }
consent-allow = Allow
consent-deny = Do not allow

## Back to the service

return-title = Going back to the service
return-text = You are being sent back to { $host }. If nothing happens, choose Continue.

## An answer was not accepted

rejection-heading = There is a problem
rejection-wrong = What you entered is not right. Check it and try again.
rejection-identify = You could not be signed in with this. Check it and try again.
rejection-expired = This is no longer valid. Ask for a new one and try again.
rejection-locked = This way to sign in is locked. Try again later, or choose another way.
rejection-unavailable = This way to sign in does not work at the moment. Try again later, or choose another way.
rejection-malformed = What you entered does not have the right form. Check it and try again.
rejection-other-way = This way to sign in is not possible with this kind of identifier. Choose another way.
rejection-too-soon = It is too early to ask for another one.
rejection-other = This was not accepted. Try again, or choose another way.
attempts-left =
    { $count ->
        [one] You have { $count } try left.
       *[other] You have { $count } tries left.
    }
retry-seconds =
    { $count ->
        [one] Try again in { $count } second.
       *[other] Try again in { $count } seconds.
    }
retry-minutes =
    { $count ->
        [one] Try again in { $count } minute.
       *[other] Try again in { $count } minutes.
    }
