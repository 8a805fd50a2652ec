//! A stranger's words inside our own: cut short, and without the characters that move a cursor or turn text around.

/// The text's beginning as it may be shown on a page, in a terminal or in a log: at most so many characters, one line.
pub(crate) fn quoted(text: &str, most: usize) -> String {
    tame(text, most, |_| false)
}

/// The same of a text of several lines.
pub(crate) fn quoted_lines(text: &str, most: usize) -> String {
    tame(text, most, |character| matches!(character, '\n' | '\t'))
}

fn tame(text: &str, most: usize, kept: impl Fn(char) -> bool) -> String {
    let mut tamed: String = text
        .chars()
        .take(most)
        .map(|character| match character {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            _ if character.is_control() && !kept(character) => '\u{fffd}',
            _ => character,
        })
        .collect();
    if text.chars().nth(most).is_some() {
        tamed.push('…');
    }
    tamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_short_and_stays_where_it_stands() {
        assert_eq!(quoted("volume-pricing 阶梯", 40), "volume-pricing 阶梯");
        assert_eq!(quoted("阶梯定价", 2), "阶梯…");
        assert_eq!(quoted("a\u{1b}[2J\u{7}\nb\u{202e}c", 40), "a\u{fffd}[2J\u{fffd}\u{fffd}b\u{fffd}c");
        assert_eq!(quoted_lines("a\n\tb\u{1b}", 40), "a\n\tb\u{fffd}");
    }
}
