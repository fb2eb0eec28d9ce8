//! Java's syntax of patterns in the engine's.

/// What Java writes otherwise than the engine: classes of ASCII, ends of lines, quoted text.
pub(super) fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut characters = pattern.chars().peekable();
    let mut in_class = 0_usize;
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let Some(escape) = characters.next() else { break };
                let (open, close) = if in_class > 0 { ("", "") } else { ("[", "]") };
                match escape {
                    'd' => out.push_str(&format!("{open}0-9{close}")),
                    'w' => out.push_str(&format!("{open}a-zA-Z_0-9{close}")),
                    's' => out.push_str(&format!("{open} \\t\\n\\x0B\\f\\r{close}")),
                    'h' => out.push_str(&format!("{open} \\t\\xA0{close}")),
                    'D' => out.push_str("[^0-9]"),
                    'W' => out.push_str("[^a-zA-Z_0-9]"),
                    'S' => out.push_str("[^ \\t\\n\\x0B\\f\\r]"),
                    'R' => out.push_str("(?:\\r\\n|[\\n\\x0B\\f\\r\\x85\\u{2028}\\u{2029}])"),
                    'Z' => out.push_str("(?=(?:\\r\\n|[\\n\\r])?\\z)"),
                    'Q' => {
                        let mut quoted = String::new();
                        while let Some(next) = characters.next() {
                            if next == '\\' && characters.peek() == Some(&'E') {
                                characters.next();
                                break;
                            }
                            quoted.push(next);
                        }
                        out.push_str(&fancy_regex::escape(&quoted));
                    }
                    'u' => {
                        let code: String = characters.by_ref().take(4).collect();
                        out.push_str(&format!("\\u{{{code}}}"));
                    }
                    'e' => out.push_str("\\x1B"),
                    '0' => {
                        // Three digits at most, up to 377: what follows stands for itself.
                        let mut code = 0;
                        for _ in 0..3 {
                            match characters.peek().and_then(|c| c.to_digit(8)) {
                                Some(digit) if code * 8 + digit <= 0o377 => code = code * 8 + digit,
                                _ => break,
                            }
                            characters.next();
                        }
                        out.push_str(&format!("\\x{{{code:X}}}"));
                    }
                    other if other.is_ascii_alphanumeric() || !other.is_ascii() => {
                        out.extend(['\\', other]);
                    }
                    other => out.push_str(&fancy_regex::escape(other.encode_utf8(&mut [0; 4]))),
                }
            }
            '[' => {
                in_class += 1;
                out.push('[');
                if characters.peek() == Some(&'^') {
                    characters.next();
                    out.push('^');
                }
            }
            ']' if in_class > 0 => {
                in_class -= 1;
                out.push(']');
            }
            // The end, or a line break that ends the text.
            '$' if in_class == 0 => out.push_str("(?:$|(?=\\n\\z))"),
            // Java closes what it did not open.
            ']' | '}' if in_class == 0 && character == ']' => out.push_str("\\]"),
            other => out.push(other),
        }
    }
    out
}
