//! The names of attribute types and their object identifiers (RFC 4514 §3, RFC 4519 §2).

/// The attributes that are known by name, in lower case, and whose values are compared as `caseIgnoreMatch` or
/// `caseIgnoreIA5Match` have it. Beyond RFC 4514 stand those of RFC 5280 §4.1.2.4 and of the certificates that banks
/// register with (ETSI EN 319 412-1 §5.1.4; CA/Browser Forum, EV Guidelines §7.1.4.2).
const KNOWN: [(&str, &str); 39] = [
    ("cn", "2.5.4.3"),
    ("commonname", "2.5.4.3"),
    ("sn", "2.5.4.4"),
    ("surname", "2.5.4.4"),
    ("serialnumber", "2.5.4.5"),
    ("c", "2.5.4.6"),
    ("countryname", "2.5.4.6"),
    ("l", "2.5.4.7"),
    ("localityname", "2.5.4.7"),
    ("st", "2.5.4.8"),
    ("stateorprovincename", "2.5.4.8"),
    ("street", "2.5.4.9"),
    ("streetaddress", "2.5.4.9"),
    ("o", "2.5.4.10"),
    ("organizationname", "2.5.4.10"),
    ("ou", "2.5.4.11"),
    ("organizationalunitname", "2.5.4.11"),
    ("title", "2.5.4.12"),
    ("description", "2.5.4.13"),
    ("businesscategory", "2.5.4.15"),
    ("postalcode", "2.5.4.17"),
    ("name", "2.5.4.41"),
    ("givenname", "2.5.4.42"),
    ("gn", "2.5.4.42"),
    ("initials", "2.5.4.43"),
    ("generationqualifier", "2.5.4.44"),
    ("dnqualifier", "2.5.4.46"),
    ("pseudonym", "2.5.4.65"),
    ("organizationidentifier", "2.5.4.97"),
    ("uid", "0.9.2342.19200300.100.1.1"),
    ("userid", "0.9.2342.19200300.100.1.1"),
    ("dc", "0.9.2342.19200300.100.1.25"),
    ("domaincomponent", "0.9.2342.19200300.100.1.25"),
    ("emailaddress", "1.2.840.113549.1.9.1"),
    ("email", "1.2.840.113549.1.9.1"),
    ("e", "1.2.840.113549.1.9.1"),
    ("jurisdictionl", "1.3.6.1.4.1.311.60.2.1.1"),
    ("jurisdictionst", "1.3.6.1.4.1.311.60.2.1.2"),
    ("jurisdictionc", "1.3.6.1.4.1.311.60.2.1.3"),
];

/// The object identifier of an attribute type: of a name in any case, or the identifier itself
/// (RFC 4514 §2.3, RFC 4512 §1.4).
pub(super) fn identifier(name: &str) -> Option<String> {
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        let canonical = |arc: &str| {
            !arc.is_empty()
                && arc.bytes().all(|digit| digit.is_ascii_digit())
                && (arc == "0" || !arc.starts_with('0'))
        };
        return (name.contains('.') && name.split('.').all(canonical)).then(|| name.to_owned());
    }
    KNOWN
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, identifier)| (*identifier).to_owned())
}

/// Whether the matching rule of the attribute is known.
pub(super) fn is_known(identifier: &str) -> bool {
    KNOWN.iter().any(|(_, known)| *known == identifier)
}
