# Arabic. Reviewed by a native speaker: not yet.
# One title, cause and advice for each problem page.

problem-reference = إذا طلبت المساعدة، فاذكر هذا المرجع:
problem-time = الوقت: { $time }

problem-unknown-client-title = هذه الخدمة غير معروفة هنا
problem-unknown-client-text = الخدمة التي أتيت منها غير مسجّلة لتسجيل الدخول هذا.
problem-unknown-client-next = عُد إلى الخدمة وأبلغ مشغّلها.

problem-request-uri-title = لم يعد هذا الرابط يعمل
problem-request-uri-text = يعمل رابط تسجيل الدخول مرة واحدة ولوقت قصير فقط.
problem-request-uri-next = عُد إلى الخدمة وابدأ تسجيل الدخول من جديد.

problem-not-pushed-title = لا يمكنك تسجيل الدخول بهذه الطريقة
problem-not-pushed-text = لم تُعِدّ الخدمة تسجيل الدخول هذا كما يجب.
problem-not-pushed-next = عُد إلى الخدمة وأبلغ مشغّلها.

problem-malformed-request-title = تعذّرت قراءة هذا الطلب
problem-malformed-request-text = جزء مما أرسله متصفّحك ناقص أو تالف.
problem-malformed-request-next = عُد إلى الخدمة وابدأ تسجيل الدخول من جديد.

problem-cross-site-title = جاء هذا النموذج من موقع آخر
problem-cross-site-text = لحمايتك، لم يُنفَّذ أي شيء منه.
problem-cross-site-next = عُد إلى الخدمة التي تثق بها وابدأ تسجيل الدخول من جديد.

problem-no-login-title = انتهى تسجيل الدخول هذا
problem-no-login-text = استغرق وقتًا طويلًا، أو اكتمل بالفعل، أو بدأ في متصفّح آخر.
problem-no-login-next = عُد إلى الخدمة وابدأ تسجيل الدخول من جديد.

problem-unavailable-title = لا يمكنك تسجيل الدخول الآن
problem-unavailable-text = جزء من تسجيل الدخول لا يستجيب. ليس هذا خطأك.
problem-unavailable-next = انتظر بضع دقائق، ثم عُد إلى الخدمة وحاول مرة أخرى.

problem-server-error-title = حدث خطأ من جانبنا
problem-server-error-text = ليس هذا خطأك، ولم تُشارَك أي معلومات.
problem-server-error-next = عُد إلى الخدمة وحاول مرة أخرى. إذا تكرّر ذلك، فاطلب المساعدة.

problem-not-found-title = لا توجد صفحة كهذه
problem-not-found-text = ربما كُتب العنوان بشكل خاطئ، أو أن الصفحة لم تعد موجودة.
problem-not-found-next = عُد إلى الخدمة وابدأ تسجيل الدخول من جديد.

problem-method-not-allowed-title = لا يمكن استخدام هذه الصفحة هكذا
problem-method-not-allowed-text = كان الطلب من نوع لا تقبله هذه الصفحة.
problem-method-not-allowed-next = عُد إلى الخدمة وابدأ تسجيل الدخول من جديد.

problem-too-large-title = كان ذلك أكثر مما ينبغي
problem-too-large-text = ما أُرسل أكبر مما تقبله هذه الصفحة.
problem-too-large-next = ارجع وأرسل أقل.

problem-media-type-title = تعذّرت قراءة هذا النموذج
problem-media-type-text = أُرسل بتنسيق لا تقبله هذه الصفحة.
problem-media-type-next = عُد إلى الخدمة وابدأ تسجيل الدخول من جديد.
