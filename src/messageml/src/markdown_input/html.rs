//! Tags of HTML in text, and addresses in angle brackets. Both are told by their form alone.

/// Finds ends of tags. What was looked for in vain is not looked for again further on, or many beginnings without an
/// end would take long.
#[derive(Default)]
pub(super) struct Html {
    in_vain: Vec<&'static str>,
    /// No `?>` ends before this an instruction that begins before it.
    no_instruction_before: usize,
}

const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
}

fn spaces(text: &[char], at: usize) -> usize {
    at + text[at..].iter().take_while(|c| is_space(**c)).count()
}

fn starts(text: &[char], at: usize, with: &str) -> bool {
    with.chars().enumerate().all(|(offset, c)| text.get(at + offset) == Some(&c))
}

impl Html {
    /// The end of the tag that begins at a `<`.
    pub fn tag(&mut self, text: &[char], start: usize) -> Option<usize> {
        match text.get(start + 1)? {
            '/' => {
                let at = spaces(text, name(text, start + 2)?);
                (*text.get(at)? == '>').then_some(at + 1)
            }
            '?' => {
                if start < self.no_instruction_before {
                    return None;
                }
                let is_line =
                    |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
                let is_end = |at: &usize| is_line(text[*at]) || starts(text, *at, "?>");
                let end = (start + 2..text.len()).find(is_end).unwrap_or(text.len());
                if !starts(text, end, "?>") {
                    self.no_instruction_before = end;
                    return None;
                }
                Some(end + 2)
            }
            '!' if starts(text, start, "<!--") => self.comment(text, start + 4),
            '!' if starts_cdata(text, start) => self.find(text, start + 9, "]]>"),
            '!' => {
                let letters =
                    text[start + 2..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
                let after = start + 2 + letters;
                if letters == 0 || !is_space(*text.get(after)?) {
                    return None;
                }
                self.find(text, after, ">")
            }
            _ => self.opening(text, start),
        }
    }

    fn find(&mut self, text: &[char], from: usize, what: &'static str) -> Option<usize> {
        if self.in_vain.contains(&what) {
            return None;
        }
        let found = (from..text.len()).find(|at| starts(text, *at, what));
        if found.is_none() {
            self.in_vain.push(what);
        }
        Some(found? + what.len())
    }

    /// The inside of a comment has no two dashes but those of its end, and begins neither with `>` nor with `->`.
    fn comment(&mut self, text: &[char], start: usize) -> Option<usize> {
        if starts(text, start, "-->") {
            return Some(start + 3);
        }
        let first = start + usize::from(*text.get(start)? == '-');
        if matches!(text.get(first)?, '-' | '>') {
            return None;
        }
        let end = self.find(text, first, "--")?;
        (*text.get(end)? == '>').then_some(end + 1)
    }

    fn opening(&mut self, text: &[char], start: usize) -> Option<usize> {
        let mut at = name(text, start + 1)?;
        loop {
            let next = spaces(text, at);
            match text.get(next)? {
                '>' => return Some(next + 1),
                '/' => return (*text.get(next + 1)? == '>').then_some(next + 2),
                c if next > at && (c.is_ascii_alphabetic() || matches!(c, '_' | ':')) => {}
                _ => return None,
            }
            let is_name =
                |c: &&char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '-');
            at = next + text[next..].iter().take_while(is_name).count();
            let equals = spaces(text, at);
            if text.get(equals) == Some(&'=') {
                at = self.value(text, spaces(text, equals + 1))?;
            }
        }
    }

    fn value(&mut self, text: &[char], start: usize) -> Option<usize> {
        match text.get(start)? {
            '"' => self.find(text, start + 1, "\""),
            '\'' => self.find(text, start + 1, "'"),
            _ => {
                let is_plain =
                    |c: &&char| **c > ' ' && !matches!(c, '"' | '\'' | '=' | '<' | '>' | '`');
                let length = text[start..].iter().take_while(is_plain).count();
                // The slash of `/>` may be the value's: the tag ends all the same.
                (length > 0).then_some(start + length)
            }
        }
    }
}

fn starts_cdata(text: &[char], start: usize) -> bool {
    let wanted = "<![CDATA[";
    wanted.chars().enumerate().all(|(offset, c)| {
        text.get(start + offset).is_some_and(|found| found.eq_ignore_ascii_case(&c))
    })
}

fn name(text: &[char], start: usize) -> Option<usize> {
    text.get(start).filter(|c| c.is_ascii_alphabetic())?;
    let is_name = |c: &&char| c.is_ascii_alphanumeric() || **c == '-';
    Some(start + text[start..].iter().take_while(is_name).count())
}

/// An address in angle brackets: its end, and where it leads.
pub(super) fn autolink(text: &[char], start: usize) -> Option<(usize, String)> {
    let is_inside = |c: &&char| **c > ' ' && !matches!(c, '<' | '>');
    let end = start + 1 + text[start + 1..].iter().take_while(is_inside).count();
    if text.get(end) != Some(&'>') {
        return None;
    }
    let inside: String = text[start + 1..end].iter().collect();
    if is_email(&inside) {
        return Some((end + 1, format!("mailto:{inside}")));
    }
    let scheme = inside.split(':').next().unwrap_or_default();
    let is_scheme = scheme.len() < inside.len()
        && (2..=32).contains(&scheme.len())
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'));
    is_scheme.then_some((end + 1, inside))
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_local = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    !local.is_empty() && local.chars().all(is_local) && domain.split('.').all(is_label)
}
