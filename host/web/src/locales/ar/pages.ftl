# Arabic. Reviewed by a native speaker: not yet.

## Every page

page-title = { $title } – { $operator }
error-title = خطأ: { $title }
operator-fallback = تسجيل الدخول الوطني
asker = أنت تسجّل الدخول إلى
continue = متابعة
cancel = إلغاء والعودة
optional = (اختياري)
show = إظهار
hide = إخفاء
time-left-minutes =
    { $count ->
        [zero] ينتهي تسجيل الدخول هذا تلقائيًا الآن.
        [one] ينتهي تسجيل الدخول هذا تلقائيًا خلال دقيقة واحدة.
        [two] ينتهي تسجيل الدخول هذا تلقائيًا خلال دقيقتين.
        [few] ينتهي تسجيل الدخول هذا تلقائيًا خلال { $count } دقائق.
        [many] ينتهي تسجيل الدخول هذا تلقائيًا خلال { $count } دقيقة.
       *[other] ينتهي تسجيل الدخول هذا تلقائيًا خلال { $count } دقيقة.
    }
time-left-seconds =
    { $count ->
        [zero] ينتهي تسجيل الدخول هذا تلقائيًا الآن.
        [one] ينتهي تسجيل الدخول هذا تلقائيًا خلال ثانية واحدة.
        [two] ينتهي تسجيل الدخول هذا تلقائيًا خلال ثانيتين.
        [few] ينتهي تسجيل الدخول هذا تلقائيًا خلال { $count } ثوانٍ.
        [many] ينتهي تسجيل الدخول هذا تلقائيًا خلال { $count } ثانية.
       *[other] ينتهي تسجيل الدخول هذا تلقائيًا خلال { $count } ثانية.
    }
time-left-soon = ينتهي تسجيل الدخول هذا خلال أقل من دقيقة.

## Who are you

identify-title = تسجيل الدخول
method-legend = كيف تريد تسجيل الدخول؟
method-and = { $first } و{ $second }
kind-legend = بماذا تريد تسجيل الدخول؟
individual-label = رقمك أو عنوانك
kind-uin = رقم الهوية
kind-vid = رقم الهوية الافتراضي
kind-nin = رقم الهوية الوطنية
kind-phone = رقم الهاتف
kind-email = البريد الإلكتروني
kind-passport = رقم جواز السفر
factor-otp = رمز لمرة واحدة
factor-pin = الرقم السري
factor-pwd = كلمة المرور
factor-bio = بصمة الإصبع أو الوجه أو القزحية
factor-kbi = أسئلة عنك
factor-wla = تطبيق المحفظة
factor-totp = رمز من تطبيق المصادقة
factor-passkey = مفتاح المرور

## A factor's question

step = الخطوة { $step } من { $steps }
resend = إرسال رمز جديد
resend-wait =
    { $count ->
        [zero] يمكنك طلب رمز جديد الآن.
        [one] يمكنك طلب رمز جديد بعد ثانية واحدة.
        [two] يمكنك طلب رمز جديد بعد ثانيتين.
        [few] يمكنك طلب رمز جديد بعد { $count } ثوانٍ.
        [many] يمكنك طلب رمز جديد بعد { $count } ثانية.
       *[other] يمكنك طلب رمز جديد بعد { $count } ثانية.
    }
resend-check = تحقّق الآن
otp-title = أدخل الرمز الذي أرسلناه إليك
otp-label = رمز لمرة واحدة
otp-submit = متابعة
otp-hint =
    { $length ->
        [few] أرسلنا رمزًا من { $length } أرقام.
       *[other] أرسلنا رمزًا من { $length } رقمًا.
    }
otp-hint-sms =
    { $length ->
        [few] أرسلنا رمزًا من { $length } أرقام إلى الهاتف { $targets }.
       *[other] أرسلنا رمزًا من { $length } رقمًا إلى الهاتف { $targets }.
    }
otp-hint-email =
    { $length ->
        [few] أرسلنا رمزًا من { $length } أرقام إلى البريد الإلكتروني { $targets }.
       *[other] أرسلنا رمزًا من { $length } رقمًا إلى البريد الإلكتروني { $targets }.
    }
otp-hint-targets =
    { $length ->
        [few] أرسلنا رمزًا من { $length } أرقام إلى { $targets }.
       *[other] أرسلنا رمزًا من { $length } رقمًا إلى { $targets }.
    }

## Waiting

pause-title = يُرجى الانتظار
busy-title = نتحقّق من إجابتك
busy-text = يستغرق هذا لحظة.
goes-on = ستتابع الصفحة تلقائيًا.
go-on = المتابعة الآن

## Consent

consent-title = هل تريد مشاركة معلوماتك؟
consent-text = يطلب { $client } معلومات عنك. تُشارَك مرة واحدة، لتسجيل الدخول هذا.
consent-nothing = يطلب { $client } التأكّد من أنك أنت فقط.
consent-essential = ضروري
consent-essential-note = لا يمكنك المتابعة بدونها.
consent-voluntary = حسب اختيارك
consent-voluntary-note = حدّد ما تريد مشاركته. يمكنك المتابعة بدونه.
consent-checked = متحقَّق منها رسميًّا، مع وقت التحقق وطريقته
consent-checked-evidence = متحقَّق منها رسميًّا، مع تفاصيل الوثائق أو السجلات التي أثبتتها
consent-purpose = تقول الخدمة إن الغرض هو: { $purpose }
consent-allow = السماح
consent-deny = عدم السماح

## Back to the service

return-title = العودة إلى الخدمة
return-text = تجري إعادتك إلى { $host }. إذا لم يحدث شيء، فاختر «متابعة».

## An answer was not accepted

rejection-heading = هناك مشكلة
rejection-wrong = ما أدخلته غير صحيح. تحقّق منه وحاول مرة أخرى.
rejection-identify = تعذّر تسجيل دخولك بهذا. تحقّق منه وحاول مرة أخرى.
rejection-expired = انتهت صلاحية هذا. اطلب واحدًا جديدًا وحاول مرة أخرى.
rejection-locked = طريقة تسجيل الدخول هذه مقفلة. حاول لاحقًا أو اختر طريقة أخرى.
rejection-unavailable = طريقة تسجيل الدخول هذه لا تعمل حاليًا. حاول لاحقًا أو اختر طريقة أخرى.
rejection-malformed = ما أدخلته ليس بالشكل الصحيح. تحقّق منه وحاول مرة أخرى.
rejection-too-soon = من المبكر طلب واحد آخر.
rejection-other = لم يُقبل هذا. حاول مرة أخرى أو اختر طريقة أخرى.
attempts-left =
    { $count ->
        [zero] لم تبقَ لديك أي محاولة.
        [one] بقيت لديك محاولة واحدة.
        [two] بقيت لديك محاولتان.
        [few] بقيت لديك { $count } محاولات.
        [many] بقيت لديك { $count } محاولة.
       *[other] بقيت لديك { $count } محاولة.
    }
retry-seconds =
    { $count ->
        [zero] حاول مرة أخرى الآن.
        [one] حاول مرة أخرى بعد ثانية واحدة.
        [two] حاول مرة أخرى بعد ثانيتين.
        [few] حاول مرة أخرى بعد { $count } ثوانٍ.
        [many] حاول مرة أخرى بعد { $count } ثانية.
       *[other] حاول مرة أخرى بعد { $count } ثانية.
    }
retry-minutes =
    { $count ->
        [zero] حاول مرة أخرى الآن.
        [one] حاول مرة أخرى بعد دقيقة واحدة.
        [two] حاول مرة أخرى بعد دقيقتين.
        [few] حاول مرة أخرى بعد { $count } دقائق.
        [many] حاول مرة أخرى بعد { $count } دقيقة.
       *[other] حاول مرة أخرى بعد { $count } دقيقة.
    }
