# English. Reviewed by a native speaker: not yet.
# One title, cause and advice for each problem page.

problem-reference = If you ask for help, give this reference:
problem-time = Time: { $time }

problem-unknown-client-title = This service is not known here
problem-unknown-client-text = The service you came from is not registered for this sign-in.
problem-unknown-client-next = Go back to the service and tell its operator.

problem-request-uri-title = This link no longer works
problem-request-uri-text = A sign-in link works once and only for a short time.
problem-request-uri-next = Go back to the service and start to sign in again.

problem-not-pushed-title = You cannot sign in this way
problem-not-pushed-text = The service did not prepare this sign-in as it has to.
problem-not-pushed-next = Go back to the service and tell its operator.

problem-malformed-request-title = This request cannot be read
problem-malformed-request-text = Something in what your browser sent is missing or damaged.
problem-malformed-request-next = Go back to the service and start to sign in again.

problem-cross-site-title = This form came from another site
problem-cross-site-text = To protect you, nothing was done with it.
problem-cross-site-next = Go back to the service you trust and start to sign in again.

problem-no-login-title = This sign-in is over
problem-no-login-text = It took too long, is finished already, or was started in another browser.
problem-no-login-next = Go back to the service and start to sign in again.

problem-unavailable-title = You cannot sign in right now
problem-unavailable-text = A part of the sign-in does not answer. It is not your mistake.
problem-unavailable-next = Wait a few minutes, then go back to the service and try again.

problem-server-error-title = Something went wrong on our side
problem-server-error-text = It is not your mistake, and nothing was shared.
problem-server-error-next = Go back to the service and try again. If it happens again, ask for help.

problem-not-found-title = There is no such page
problem-not-found-text = The address may be typed wrongly, or the page has gone.
problem-not-found-next = Go back to the service and start to sign in again.

problem-method-not-allowed-title = This page cannot be used this way
problem-method-not-allowed-text = The request was of a kind that this page does not take.
problem-method-not-allowed-next = Go back to the service and start to sign in again.

problem-too-large-title = That was too much
problem-too-large-text = What was sent is larger than this page takes.
problem-too-large-next = Go back and send less.

problem-media-type-title = This form cannot be read
problem-media-type-text = It was sent in a format that this page does not take.
problem-media-type-next = Go back to the service and start to sign in again.
