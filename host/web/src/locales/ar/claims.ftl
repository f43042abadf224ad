# Arabic. Reviewed by a native speaker: not yet.
# The standard claims of OpenID Connect Core, section 5.1, and of OpenID Connect for Identity Assurance, section 4.

claim-sub = معرّف لك لدى هذه الخدمة
claim-name = الاسم الكامل
claim-given_name = الأسماء الأولى
claim-family_name = اسم العائلة
claim-middle_name = الأسماء الوسطى
claim-nickname = الكنية
claim-preferred_username = اسم المستخدم المفضّل
claim-profile = صفحة الملف الشخصي
claim-picture = الصورة
claim-website = الموقع الإلكتروني
claim-email = البريد الإلكتروني
claim-email_verified = ما إذا كان بريدك الإلكتروني مؤكّدًا
claim-gender = الجنس
claim-birthdate = تاريخ الميلاد
claim-zoneinfo = المنطقة الزمنية
claim-locale = اللغة
claim-phone_number = رقم الهاتف
claim-phone_number_verified = ما إذا كان رقم هاتفك مؤكّدًا
claim-address = العنوان
claim-updated_at = وقت آخر تغيير لهذه المعلومات
claim-place_of_birth = مكان الميلاد
claim-nationalities = الجنسيات
claim-birth_family_name = اسم العائلة عند الولادة
claim-birth_given_name = الأسماء الأولى عند الولادة
claim-birth_middle_name = الأسماء الوسطى عند الولادة
claim-salutation = صيغة المخاطبة
claim-title = اللقب
claim-msisdn = رقم الهاتف المحمول
claim-also_known_as = الاسم الفني أو الديني
claim-individual_id = رقم الهوية
