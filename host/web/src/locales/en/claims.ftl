# English. Reviewed by a native speaker: not yet.
# The standard claims of OpenID Connect Core, section 5.1, and of OpenID Connect for Identity Assurance, section 4.

claim-sub = An identifier of you for this service
claim-name = Full name
claim-given_name = Given names
claim-family_name = Family name
claim-middle_name = Middle names
claim-nickname = Nickname
claim-preferred_username = Preferred user name
claim-profile = Profile page
claim-picture = Photo
claim-website = Website
claim-email = Email address
claim-email_verified = Whether your email address is confirmed
claim-gender = Gender
claim-birthdate = Date of birth
claim-zoneinfo = Time zone
claim-locale = Language
claim-phone_number = Phone number
claim-phone_number_verified = Whether your phone number is confirmed
claim-address = Address
claim-updated_at = When this information last changed
claim-place_of_birth = Place of birth
claim-nationalities = Nationalities
claim-birth_family_name = Family name at birth
claim-birth_given_name = Given names at birth
claim-birth_middle_name = Middle names at birth
claim-salutation = Form of address
claim-title = Title
claim-msisdn = Mobile phone number
claim-also_known_as = Stage or religious name
claim-individual_id = ID number
