# French. Reviewed by a native speaker: not yet.
# One title, cause and advice for each problem page.

problem-reference = Si vous demandez de l’aide, donnez cette référence :
problem-time = Heure : { $time }

problem-unknown-client-title = Ce service n’est pas connu ici
problem-unknown-client-text = Le service d’où vous venez n’est pas enregistré pour cette connexion.
problem-unknown-client-next = Revenez au service et prévenez son exploitant.

problem-request-uri-title = Ce lien ne fonctionne plus
problem-request-uri-text = Un lien de connexion ne sert qu’une fois et pendant peu de temps.
problem-request-uri-next = Revenez au service et recommencez la connexion.

problem-not-pushed-title = Vous ne pouvez pas vous connecter ainsi
problem-not-pushed-text = Le service n’a pas préparé cette connexion comme il le doit.
problem-not-pushed-next = Revenez au service et prévenez son exploitant.

problem-malformed-request-title = Cette demande est illisible
problem-malformed-request-text = Une partie de ce que votre navigateur a envoyé manque ou est abîmée.
problem-malformed-request-next = Revenez au service et recommencez la connexion.

problem-cross-site-title = Ce formulaire vient d’un autre site
problem-cross-site-text = Pour vous protéger, rien n’en a été fait.
problem-cross-site-next = Revenez au service auquel vous faites confiance et recommencez la connexion.

problem-no-login-title = Cette connexion est terminée
problem-no-login-text = Elle a duré trop longtemps, est déjà achevée ou a commencé dans un autre navigateur.
problem-no-login-next = Revenez au service et recommencez la connexion.

problem-unavailable-title = Vous ne pouvez pas vous connecter maintenant
problem-unavailable-text = Une partie de la connexion ne répond pas. Ce n’est pas votre faute.
problem-unavailable-next = Attendez quelques minutes, puis revenez au service et réessayez.

problem-server-error-title = Un problème est survenu de notre côté
problem-server-error-text = Ce n’est pas votre faute, et rien n’a été partagé.
problem-server-error-next = Revenez au service et réessayez. Si cela se répète, demandez de l’aide.

problem-not-found-title = Cette page n’existe pas
problem-not-found-text = L’adresse est peut-être mal saisie, ou la page a disparu.
problem-not-found-next = Revenez au service et recommencez la connexion.

problem-method-not-allowed-title = Cette page ne s’utilise pas ainsi
problem-method-not-allowed-text = La demande était d’un type que cette page n’accepte pas.
problem-method-not-allowed-next = Revenez au service et recommencez la connexion.

problem-too-large-title = C’était trop
problem-too-large-text = Ce qui a été envoyé dépasse ce que cette page accepte.
problem-too-large-next = Revenez en arrière et envoyez moins.

problem-media-type-title = Ce formulaire est illisible
problem-media-type-text = Il a été envoyé dans un format que cette page n’accepte pas.
problem-media-type-next = Revenez au service et recommencez la connexion.
