//! The patterns of Java's `SimpleDateFormat`.

pub(super) enum Field {
    Literal(String),
    Letter(char, usize),
}

/// The fields of a pattern; `None` for a letter that is none, or an open quotation.
pub(super) fn fields(pattern: &str) -> Option<Vec<Field>> {
    let characters: Vec<char> = pattern.chars().collect();
    let mut fields: Vec<Field> = Vec::new();
    let mut index = 0;
    let mut literal = String::new();
    while let Some(character) = characters.get(index).copied() {
        if character == '\'' {
            if characters.get(index + 1) == Some(&'\'') {
                literal.push('\'');
                index += 2;
                continue;
            }
            index += 1;
            loop {
                match characters.get(index) {
                    None => return None,
                    Some('\'') if characters.get(index + 1) == Some(&'\'') => {
                        literal.push('\'');
                        index += 2;
                    }
                    Some('\'') => break,
                    Some(other) => {
                        literal.push(*other);
                        index += 1;
                    }
                }
            }
            index += 1;
        } else if character.is_ascii_alphabetic() {
            if !"GyYMLwWDdFEuaHkKhmsSzZX".contains(character) {
                return None;
            }
            if !literal.is_empty() {
                fields.push(Field::Literal(std::mem::take(&mut literal)));
            }
            let count = characters[index..].iter().take_while(|c| **c == character).count();
            fields.push(Field::Letter(character, count));
            index += count;
        } else {
            literal.push(character);
            index += 1;
        }
    }
    if !literal.is_empty() {
        fields.push(Field::Literal(literal));
    }
    Some(fields)
}
