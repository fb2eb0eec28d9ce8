//! The marks that blocks begin with, each at the beginning of what is left of a line.

/// The mark of a fence that begins here, and how often it is repeated.
pub(super) fn fence(rest: &[char]) -> Option<(char, usize)> {
    let mark = *rest.first()?;
    let length = rest.iter().take_while(|c| **c == mark).count();
    let after = &rest[length..];
    let is_fence = length >= 3
        && match mark {
            // A tilde behind backticks, or the other way round, makes it none.
            '`' => !after.contains(&'`') && after.first() != Some(&'~'),
            '~' => after.first() != Some(&'`'),
            _ => false,
        };
    is_fence.then_some((mark, length))
}

pub(super) fn is_rule(rest: &[char]) -> bool {
    let Some(mark) = rest.first().filter(|c| matches!(c, '-' | '_' | '*')) else { return false };
    rest.iter().all(|c| c == mark || matches!(c, ' ' | '\t'))
        && rest.iter().filter(|c| *c == mark).count() >= 3
}

/// The mark of a list that begins here, its length, and its number.
pub(super) fn list(rest: &[char]) -> Option<(char, usize, Option<u32>)> {
    let digits = rest.iter().take(10).take_while(|c| c.is_ascii_digit()).count();
    let mark = *rest.get(digits)?;
    let number = match (digits, mark) {
        (0, '-' | '+' | '*') => None,
        (1..=9, '.' | ')') => {
            let number: String = rest[..digits].iter().collect();
            Some(number.parse().ok()?)
        }
        _ => return None,
    };
    let is_free = matches!(rest.get(digits + 1), None | Some(' ' | '\t'));
    is_free.then_some((mark, digits + 1, number))
}
