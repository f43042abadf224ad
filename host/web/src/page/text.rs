//! Text from outside, made harmless to the eye. Markup is the templates' business: they escape everything.

/// The text without control characters and without marks that change direction, cut to `max` characters.
///
/// A registered name may be in any script; what it may not do is reorder the words around it (Unicode TR 36 §2.9.5).
pub(crate) fn plain(text: &str, max: usize) -> String {
    let mut kept: String = text.chars().filter(|c| !is_hidden(*c)).take(max + 1).collect();
    if kept.chars().count() > max {
        kept.pop();
        kept.push('…');
    }
    kept.trim().to_owned()
}

/// Controls, direction marks, embeddings, overrides, isolates, line and paragraph separators, tags and the byte order mark.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reorders_or_hides_text_is_taken_out_and_scripts_stay() {
        assert_eq!(plain("Bank\u{202e}knaB\u{0}\u{7}\u{feff}", 80), "BankknaB");
        assert_eq!(plain("بنك المثال", 80), "بنك المثال");
        assert_eq!(plain("क\u{200d}ष 👩\u{200d}🌾", 80), "क\u{200d}ष 👩\u{200d}🌾");
    }

    #[test]
    fn a_long_text_is_cut_with_a_mark() {
        assert_eq!(plain("abcdef", 3), "abc…");
        assert_eq!(plain("abc", 3), "abc");
    }
}
