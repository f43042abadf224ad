# French. Reviewed by a native speaker: not yet.

## Every page

page-title = { $title } – { $operator }
error-title = Erreur : { $title }
operator-fallback = Connexion nationale
asker = Vous vous connectez à
continue = Continuer
cancel = Annuler et revenir
optional = (facultatif)
show = Afficher
hide = Masquer
time-left-minutes =
    { $count ->
        [one] Cette connexion se termine d’elle-même dans { $count } minute.
       *[other] Cette connexion se termine d’elle-même dans { $count } minutes.
    }
time-left-seconds =
    { $count ->
        [one] Cette connexion se termine d’elle-même dans { $count } seconde.
       *[other] Cette connexion se termine d’elle-même dans { $count } secondes.
    }
time-left-soon = Cette connexion se termine dans moins d’une minute.

## Who are you

identify-title = Se connecter
method-legend = Comment voulez-vous vous connecter ?
method-and = { $first } et { $second }
kind-legend = Avec quoi voulez-vous vous connecter ?
individual-label = Votre numéro ou adresse
kind-uin = Numéro d’identité
kind-vid = Numéro d’identité virtuel
kind-nin = Numéro d’identité nationale
kind-phone = Numéro de téléphone
kind-email = Adresse e-mail
kind-passport = Numéro de passeport
factor-otp = Code à usage unique
factor-pin = Code PIN
factor-pwd = Mot de passe
factor-bio = Empreinte, visage ou iris
factor-kbi = Questions vous concernant
factor-wla = Application portefeuille
factor-totp = Code d’une application d’authentification
factor-passkey = Clé d’accès

## The captcha

captcha-another = Me poser une autre question
captcha-wrong = La réponse n’est pas correcte. Voici une autre question.
captcha-expired = Vous avez mis trop de temps à répondre. Voici une autre question.
captcha-unavailable = La vérification que vous êtes une personne ne fonctionne pas en ce moment. Choisissez Continuer pour réessayer, ou revenez plus tard.
captcha-exhausted = Il y a eu trop d’essais. Revenez en arrière et recommencez.

## A factor's question

step = Étape { $step } sur { $steps }
resend = Envoyer un nouveau code
resend-wait =
    { $count ->
        [one] Vous pourrez demander un nouveau code dans { $count } seconde.
       *[other] Vous pourrez demander un nouveau code dans { $count } secondes.
    }
resend-check = Vérifier maintenant
otp-title = Saisissez le code que nous vous avons envoyé
otp-label = Code à usage unique
otp-submit = Continuer
otp-hint =
    { $length ->
        [one] Nous avons envoyé un code de { $length } chiffre.
       *[other] Nous avons envoyé un code de { $length } chiffres.
    }
otp-hint-sms =
    { $length ->
        [one] Nous avons envoyé un code de { $length } chiffre au téléphone { $targets }.
       *[other] Nous avons envoyé un code de { $length } chiffres au téléphone { $targets }.
    }
otp-hint-email =
    { $length ->
        [one] Nous avons envoyé un code de { $length } chiffre à l’adresse e-mail { $targets }.
       *[other] Nous avons envoyé un code de { $length } chiffres à l’adresse e-mail { $targets }.
    }
otp-hint-targets =
    { $length ->
        [one] Nous avons envoyé un code de { $length } chiffre à { $targets }.
       *[other] Nous avons envoyé un code de { $length } chiffres à { $targets }.
    }

## Waiting

pause-title = Veuillez patienter
busy-title = Nous vérifions votre réponse
busy-text = Cela prend un instant.
goes-on = La page continue d’elle-même.
go-on = Continuer maintenant

## Consent

consent-title = Partager vos informations ?
consent-text = { $client } demande des informations sur vous.
consent-once = Elles sont partagées une seule fois, pour cette connexion.
consent-remembered-minutes =
    { $count ->
        [one] Votre choix est retenu pour ce service pendant { $count } minute. Vous pouvez le retirer.
       *[other] Votre choix est retenu pour ce service pendant { $count } minutes. Vous pouvez le retirer.
    }
consent-remembered-hours =
    { $count ->
        [one] Votre choix est retenu pour ce service pendant { $count } heure. Vous pouvez le retirer.
       *[other] Votre choix est retenu pour ce service pendant { $count } heures. Vous pouvez le retirer.
    }
consent-remembered-days =
    { $count ->
        [one] Votre choix est retenu pour ce service pendant { $count } jour. Vous pouvez le retirer.
       *[other] Votre choix est retenu pour ce service pendant { $count } jours. Vous pouvez le retirer.
    }
consent-remembered-months =
    { $count ->
        [one] Votre choix est retenu pour ce service pendant { $count } mois. Vous pouvez le retirer.
       *[other] Votre choix est retenu pour ce service pendant { $count } mois. Vous pouvez le retirer.
    }
consent-nothing = { $client } demande seulement à savoir que c’est bien vous.
consent-key-binding = Une clé de votre appareil sera aussi liée à vous. Avec elle, l’application pourra prouver que c’est bien vous, jusqu’à l’expiration de la clé.
consent-essential = Nécessaire
consent-essential-note = Sans elles, vous ne pouvez pas continuer.
consent-voluntary = À votre choix
consent-voluntary-note = Cochez ce que vous voulez partager. Vous pouvez continuer sans.
consent-checked = Vérifié officiellement, avec la date et la manière
consent-checked-evidence = Vérifié officiellement, avec des détails des documents ou registres qui l’ont prouvé
consent-purpose = Le service dit pourquoi : { $purpose }
consent-allow = Autoriser
consent-deny = Ne pas autoriser

## Back to the service

return-title = Retour au service
return-text = Vous êtes renvoyé vers { $host }. Si rien ne se passe, choisissez Continuer.

## An answer was not accepted

rejection-heading = Il y a un problème
rejection-wrong = Votre saisie n’est pas correcte. Vérifiez-la et réessayez.
rejection-identify = Cela n’a pas permis de vous connecter. Vérifiez votre saisie et réessayez.
rejection-expired = Cela n’est plus valable. Demandez-en un nouveau et réessayez.
rejection-locked = Ce moyen de connexion est bloqué. Réessayez plus tard ou choisissez-en un autre.
rejection-unavailable = Ce moyen de connexion ne fonctionne pas en ce moment. Réessayez plus tard ou choisissez-en un autre.
rejection-malformed = Votre saisie n’a pas la bonne forme. Vérifiez-la et réessayez.
rejection-other-way = Ce moyen de connexion n’est pas possible avec ce type d’identifiant. Choisissez-en un autre.
rejection-too-soon = Il est trop tôt pour en demander un autre.
rejection-other = Cela n’a pas été accepté. Réessayez ou choisissez un autre moyen.
attempts-left =
    { $count ->
        [one] Il vous reste { $count } essai.
       *[other] Il vous reste { $count } essais.
    }
retry-seconds =
    { $count ->
        [one] Réessayez dans { $count } seconde.
       *[other] Réessayez dans { $count } secondes.
    }
retry-minutes =
    { $count ->
        [one] Réessayez dans { $count } minute.
       *[other] Réessayez dans { $count } minutes.
    }
