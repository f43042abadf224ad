# French. Reviewed by a native speaker: not yet.
# The standard claims of OpenID Connect Core, section 5.1, and of OpenID Connect for Identity Assurance, section 4.

claim-sub = Un identifiant de vous pour ce service
claim-name = Nom complet
claim-given_name = Prénoms
claim-family_name = Nom de famille
claim-middle_name = Deuxièmes prénoms
claim-nickname = Surnom
claim-preferred_username = Nom d’utilisateur préféré
claim-profile = Page de profil
claim-picture = Photo
claim-website = Site web
claim-email = Adresse e-mail
claim-email_verified = Si votre adresse e-mail est confirmée
claim-gender = Genre
claim-birthdate = Date de naissance
claim-zoneinfo = Fuseau horaire
claim-locale = Langue
claim-phone_number = Numéro de téléphone
claim-phone_number_verified = Si votre numéro de téléphone est confirmé
claim-address = Adresse
claim-updated_at = Date de la dernière modification
claim-place_of_birth = Lieu de naissance
claim-nationalities = Nationalités
claim-birth_family_name = Nom de famille à la naissance
claim-birth_given_name = Prénoms à la naissance
claim-birth_middle_name = Deuxièmes prénoms à la naissance
claim-salutation = Civilité
claim-title = Titre
claim-msisdn = Numéro de téléphone mobile
claim-also_known_as = Nom d’artiste ou de religion
claim-individual_id = Numéro d’identité
