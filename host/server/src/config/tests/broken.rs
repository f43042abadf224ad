//! Configurations and registrations with something wrong in them.

/// A configuration that must not start.
pub(super) struct Case {
    /// What is wrong.
    pub(super) name: &'static str,
    /// The file.
    pub(super) text: &'static str,
    /// The environment.
    pub(super) variables: &'static [(&'static str, &'static str)],
}

const fn file(name: &'static str, text: &'static str) -> Case {
    Case { name, text, variables: &[] }
}

const BASE: &str = "[server]\nissuer = \"https://id.example.org\"\n[store]\nurl = \"sled:data\"\n[keys]\nmaster_key_file = \"k\"\n";

const fn variable(name: &'static str, variables: &'static [(&'static str, &'static str)]) -> Case {
    Case { name, text: BASE, variables }
}

macro_rules! with_base {
    ($more:literal) => {
        concat!(
            "[server]\nissuer = \"https://id.example.org\"\n[store]\nurl = \"sled:data\"\n[keys]\nmaster_key_file = \"k\"\n",
            $more
        )
    };
}

pub(super) const CASES: &[Case] = &[
    file(
        "a list of ID systems that contradicts itself",
        with_base!(
            "[plugins]\nid_system = \"register\"\n\n[[id_systems]]\nname = \"two words\"\nplugin = \"register\"\nclients = []\n\
             acr_values = [\"mosip:idp:acr:generated-kode\"]\n\n[[id_systems]]\nplugin = \"register\"\nclients = [\"a b\"]\n\n\
             [[id_systems]]\nname = \"nobody\"\nplugins = [\"register\"]\n"
        ),
    ),
    file("an empty file", ""),
    file("several syntax errors", "[server\nissuer = https://id.example.org\n[store]\nurl = 'memory\n"),
    file(
        "a captcha without a plugin and one that is asked for sometimes",
        with_base!("[login.captcha]\nwhen = \"sometimes\"\nattempts = 3\nchallenges_per_login = 0\n"),
    ),
    file(
        "notices without a plugin and of what nobody is told",
        with_base!("[notifications]\nevents = [\"consent-withdrawn\", \"signed-im\"]\nqueue_length = 0\n"),
    ),
    file("a key written twice", "[server]\nissuer = \"https://a.example\"\nissuer = \"https://b.example\"\n"),
    file(
        "several unknown keys at once",
        "[server]\nisuer = \"https://id.example.org\"\nlisten-on = \"x\"\n[stor]\nurl = \"memory\"\n[zebra]\nx = 1\n",
    ),
    file(
        "signing algorithms that cannot be",
        with_base!("algorithms = [\"PS265\", \"RS256\", \"EdDSA\", \"EdDSA\", \"none\"]\n"),
    ),
    file(
        "keys that turn faster than relying parties can follow",
        with_base!("rotate_every_seconds = 2\nclock_skew_seconds = 301\n"),
    ),
    file(
        "publishers of plugins that cannot be",
        with_base!(
            "[plugins]\nsignatures_needed = 4\n[plugins.publishers.a]\npublic_key = \"RWQ\"\n\
             [plugins.publishers.b]\npublic_key = \"RWTEZWrWVvKGW2tdaeVUrXDrneDwfGy4Q5CHSuAvS6+/0bDNt84jqfJ8\"\nplugins = [\"*.b\"]\n\
             [plugins.publishers.c]\npublic_key = \"RWTEZWrWVvKGW2tdaeVUrXDrneDwfGy4Q5CHSuAvS6+/0bDNt84jqfJ8\"\nplugin = []\n\
             [plugins.publishers.d]\n[plugins.revoked]\ndigests = [\"sha256:0\"]\n\
             [plugins.otp]\nminimum_version = \"1\"\n"
        ),
    ),
    file("an unknown key with nothing like it", with_base!("[log]\nbanana = true\n")),
    file(
        "an issuer over plain http",
        "[server]\nissuer = \"http://id.example.org\"\n[store]\nurl = \"memory\"\n",
    ),
    file(
        "an issuer with a slash at the end",
        "[server]\nissuer = \"https://id.example.org/\"\n[store]\nurl = \"memory\"\n",
    ),
    file(
        "an issuer with a query",
        "[server]\nissuer = \"https://id.example.org?x=1\"\n[store]\nurl = \"memory\"\n",
    ),
    file("an issuer that is no text", "[server]\nissuer = 5\n[store]\nurl = \"memory\"\n"),
    file(
        "listening for other machines without a proxy",
        "[server]\nissuer = \"https://id.example.org\"\nlisten = \"0.0.0.0:8088\"\n[store]\nurl = \"memory\"\n",
    ),
    file(
        "an address without a port",
        "[server]\nissuer = \"https://id.example.org\"\nlisten = \"localhost\"\n[store]\nurl = \"memory\"\n",
    ),
    file(
        "numbers out of range",
        with_base!(
            "[lifetimes]\ncode_seconds = 61\naccess_token_seconds = -1\n[bounds]\nfailures_per_login = 0\n"
        ),
    ),
    file(
        "a number in quotes and a flag that is a number",
        "[server]\nissuer = \"https://a.example\"\nmax_connections = \"many\"\nbehind_tls_proxy = 1\n[store]\nurl = \"memory\"\n",
    ),
    file(
        "a store that this release does not have",
        "[server]\nissuer = \"https://a.example\"\n[store]\nurl = \"postgres://x\"\n",
    ),
    file(
        "a store on disk without a master key",
        "[server]\nissuer = \"https://a.example\"\n[store]\nurl = \"sled:data\"\n",
    ),
    file("a section that is a value", with_base!("[log]\n[login]\nindividual = \"uin\"\n[[branding]]\n")),
    file(
        "an acr without methods and one with a factor twice",
        with_base!(
            "[assurance]\nlow = []\nhigh = [[\"OTP\", \"OTP\"]]\nflat = [\"OTP\"]\n\"two words\" = [[\"OTP\"]]\n"
        ),
    ),
    file("a language without pages", with_base!("[login]\nlocales = [\"en\", \"frr\", \"xx\"]\n")),
    file(
        "a kind of identifier that is there twice and one without a word",
        with_base!(
            "[[login.individual]]\nkind = \"uin\"\n[[login.individual]]\nkind = \"uin\"\n[[login.individual]]\nkind = \"a b\"\nmax_length = 0\n"
        ),
    ),
    file("a log level that does not exist", with_base!("[log]\nlevel = \"trace\"\nformat = \"jsn\"\n")),
    file(
        "a grant with everything wrong",
        with_base!(
            "[plugins.x]\ngrants = 1\n[plugins.x.limits]\nmemory = 16\ncpu_ms = 0\n[plugins.x.upstreams.register]\nurl = \"https://r.example\"\nmethod = [\"POST\"]\n[plugins.x.keys.partner]\nuse = \"encrypt\"\n"
        ),
    ),
    file(
        "a key of plugins that is no section",
        with_base!("[plugins]\ndirectry = \"plugins\"\nid_system = 3\n"),
    ),
    file(
        "a name for the operator that is empty",
        with_base!("[branding]\nname = { en = \" \", \"not a tag\" = \"x\" }\n"),
    ),
    file("half of a certificate", with_base!("[tls]\ncertificate_file = \"chain.pem\"\n")),
    file(
        "asking for certificates where no tls ends",
        with_base!("[tls]\nclient_certificates = \"optional\"\nmtls_listen = \"8444\"\n"),
    ),
    file(
        "two ways to ask for certificates at one address",
        with_base!(
            "[tls]\ncertificate_file = \"c.pem\"\nkey_file = \"k.pem\"\nclient_certificates = \"optional\"\nmtls_listen = \"127.0.0.1:8088\"\nmtls_base_url = \"https://id.example.org\"\n"
        ),
    ),
    file(
        "trust in issuers of certificates that nobody asks for",
        with_base!(
            "[tls]\nclient_certificates = \"required\"\nclient_ca_file = \"ca.pem\"\nmtls_base_url = \"https://mtls.example.org\"\n"
        ),
    ),
    file(
        "tls for an issuer over plain http and another path for certificates",
        "[server]\nissuer = \"http://127.0.0.1:8088\"\n[store]\nurl = \"memory\"\n[tls]\ncertificate_file = \"c.pem\"\nkey_file = \"k.pem\"\nmtls_listen = \"127.0.0.1:8444\"\nmtls_base_url = \"https://127.0.0.1:8444/mtls\"\n",
    ),
    file(
        "a header for certificates that anybody could send",
        "[server]\nissuer = \"https://id.example.org\"\nlisten = \"0.0.0.0:443\"\nclient_certificate_header = \"x client cert\"\ntrusted_proxies = []\n[store]\nurl = \"memory\"\n[tls]\ncertificate_file = \"c.pem\"\nkey_file = \"k.pem\"\n",
    ),
    file(
        "a header for certificates without proxies",
        "[server]\nissuer = \"https://id.example.org\"\nclient_certificate_header = \"client-cert\"\n[store]\nurl = \"memory\"\n",
    ),
    file(
        "proxies that cannot be trusted",
        "[server]\nissuer = \"https://id.example.org\"\nclient_certificate_header = \"client-cert\"\ntrusted_proxies = [\"proxy.internal\", \"10.0.0.1/8\", \"0.0.0.0/0\"]\n[store]\nurl = \"memory\"\n",
    ),
    file(
        "proxies without a header",
        "[server]\nissuer = \"https://id.example.org\"\ntrusted_proxies = [\"127.0.0.1\"]\n[store]\nurl = \"memory\"\n",
    ),
    variable("a variable for an unknown key", &[("ESIGNET__SERVER__ISUER", "https://id.example.org")]),
    variable("a variable for an unknown section", &[("ESIGNET__SEVER__ISSUER", "https://id.example.org")]),
    variable("a variable below a value", &[("ESIGNET__SERVER__ISSUER__X", "1")]),
    variable("a variable for a whole section", &[("ESIGNET__SERVER", "x")]),
    variable("a variable with an empty part", &[("ESIGNET____ISSUER", "x")]),
    variable(
        "variables of the wrong type",
        &[
            ("ESIGNET__SERVER__MAX_CONNECTIONS", "many"),
            ("ESIGNET__SERVER__BEHIND_TLS_PROXY", "yes"),
            ("ESIGNET__LOGIN__LOCALES", "en"),
        ],
    ),
    variable("a variable with an insecure value", &[("ESIGNET__SERVER__LISTEN", "0.0.0.0:8088")]),
];

pub(super) const REGISTRATIONS: &[(&str, &str, &str)] = &[
    ("an empty file", "c.toml", ""),
    ("neither toml nor json", "c.yaml", "client_id: x"),
    ("broken json", "c.json", "{ \"client_id\": }"),
    (
        "everything wrong at once",
        "c.toml",
        r#"
client_id = "two words"
client_name = {}
relying_party_id = ""
redirect_uris = ["http://rp.example/cb", "https://rp.example/cb#x", "https://rp.example/*"]
id_token_signed_response_alg = "RS256"
profile = "interop"
redirect_uri = "https://rp.example/cb"
"#,
    ),
    (
        "a private key",
        "c.json",
        r#"{ "client_id": "rp", "client_name": { "en": "RP" }, "relying_party_id": "rp",
             "redirect_uris": ["https://rp.example/cb"],
             "jwks": { "keys": [{ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "AA" }] } }"#,
    ),
    (
        "several hosts and no usable key",
        "c.json",
        r#"{ "client_id": "rp", "client_name": { "en": "RP" }, "relying_party_id": "rp",
             "redirect_uris": ["https://a.example/cb", "https://b.example/cb"],
             "jwks": { "keys": [{ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" }] } }"#,
    ),
];
