//! What a client lets somebody enter into a form, and what it makes of it.

use super::super::{Expression, FormValue, UserId, World};
use crate::messageml::{Control, ControlKind, Form, TextLimits};

/// How long a pattern may be once it is compiled, in bytes. One that is longer, or written as only
/// browsers read it, judges nothing.
const LARGEST_PATTERN: usize = 64 << 10;

/// How much a submission's patterns may look at: for each the bytes that it is compiled to, times those of
/// the text. What is beyond it judges nothing either.
#[derive(Debug)]
pub(super) struct Looking(usize);

impl Default for Looking {
    fn default() -> Self {
        Self(LARGEST_PATTERN * 4_096)
    }
}

impl Looking {
    /// Whether a text is what a pattern wants all of it to be, as far as anybody can tell.
    fn accepts(&mut self, pattern: &str, text: &str) -> bool {
        let most = LARGEST_PATTERN.min(self.0 / text.len().max(1));
        let Ok(whole) = Expression::new(&format!("^(?:{pattern})$"), most) else { return true };
        self.0 = self.0.saturating_sub(whole.size() * text.len());
        whole.is_found_in(text)
    }
}

impl World {
    /// What a client sends for what is entered into the controls of one name; or why it does not
    /// take it.
    pub(super) fn enter(
        &self,
        form: &Form,
        name: &str,
        value: FormValue,
        looking: &mut Looking,
    ) -> Result<FormValue, String> {
        let controls: Vec<_> = form.controls.iter().filter(|it| it.name == name).collect();
        let Some(first) = controls.first() else { return Ok(value) };
        if controls.iter().all(|control| control.locked) {
            return Err(format!("{name:?} is disabled or read-only"));
        }
        match &first.kind {
            ControlKind::Button { .. } => Ok(value),
            ControlKind::TextField { limits, .. } | ControlKind::TextArea { limits, .. } => {
                let text = one_text(name, value)?;
                check_text(limits, name, &text, looking)?;
                Ok(FormValue::Text(text))
            }
            ControlKind::Checkbox { .. } | ControlKind::Radio { .. } => {
                let options = controls.iter().filter_map(|control| match &control.kind {
                    ControlKind::Checkbox { value } | ControlKind::Radio { value } => {
                        Some(value.as_str())
                    }
                    _ => None,
                });
                let several = matches!(first.kind, ControlKind::Checkbox { .. });
                chosen(name, value, &options.collect::<Vec<_>>(), several)
            }
            ControlKind::Select { options, multiple, least, most } => {
                let options: Vec<_> = options.iter().map(String::as_str).collect();
                let value = chosen(name, value, &options, *multiple)?;
                if let FormValue::Texts(texts) = &value {
                    let count = texts.len();
                    let too_few = count > 0 && least.is_some_and(|least| count < least);
                    if too_few || most.is_some_and(|most| count > most) {
                        let (least, most) = (least.unwrap_or(0), most.unwrap_or(options.len()));
                        return Err(format!(
                            "{name:?} takes {least} to {most} options, not {count}"
                        ));
                    }
                }
                Ok(value)
            }
            ControlKind::PersonSelector => self.people(name, value).map(FormValue::Users),
            ControlKind::RoomSelector => self.rooms(name, value),
            ControlKind::DateSelector => point(name, value, is_date, "YYYY-MM-DD", (None, None)),
            ControlKind::DatePicker { min, max } => {
                let bounds = (min.as_deref(), max.as_deref());
                point(name, value, is_date, "YYYY-MM-DD", bounds)
            }
            ControlKind::TimePicker { min, max } => {
                let bounds = (min.as_deref(), max.as_deref());
                point(name, value, is_time, "HH:MM:SS", bounds)
            }
            ControlKind::TimezonePicker { disabled } => {
                let zone = one_text(name, value)?;
                if disabled.contains(&zone) {
                    return Err(format!("{name:?} does not offer the zone {zone:?}"));
                }
                Ok(FormValue::Text(zone))
            }
        }
    }

    /// A selector of people gives their ids.
    fn people(&self, name: &str, value: FormValue) -> Result<Vec<UserId>, String> {
        let names = match value {
            FormValue::Users(users) => users.into_iter().map(|id| id.to_string()).collect(),
            FormValue::Texts(names) => names,
            FormValue::Text(one) => vec![one],
        };
        let known = |user: &String| {
            let unknown = || format!("{name:?} selects people, and there is no user {user:?}");
            self.user_called(user).ok_or_else(unknown)
        };
        names.iter().map(known).collect()
    }

    /// One of rooms gives the ids of their streams.
    fn rooms(&self, name: &str, value: FormValue) -> Result<FormValue, String> {
        let known = |room: &String| {
            let by_id = |id| self.streams.by_id(id).map(|stream| stream.id);
            let found = self.streams.room_called(room).map(|room| room.id);
            let found = found.or_else(|| room.parse().ok().and_then(by_id));
            let unknown = || format!("{name:?} selects rooms, and there is no room {room:?}");
            found.map(|id| id.to_string()).ok_or_else(unknown)
        };
        match &value {
            FormValue::Text(room) => known(room).map(FormValue::Text),
            FormValue::Texts(rooms) => {
                rooms.iter().map(known).collect::<Result<_, _>>().map(FormValue::Texts)
            }
            FormValue::Users(_) => Err(format!("{name:?} selects rooms, by name or id")),
        }
    }
}

/// In UTF-16 units, as browsers count.
fn check_text(
    limits: &TextLimits,
    name: &str,
    text: &str,
    looking: &mut Looking,
) -> Result<(), String> {
    let length = text.encode_utf16().count();
    let (least, most) = (limits.least, limits.most);
    // Nothing entered at all is for `required` to judge.
    if length == 0 {
        return Ok(());
    }
    if !(least..=most).contains(&length) {
        return Err(format!("{name:?} takes {least} to {most} characters, not {length}"));
    }
    let Some(pattern) = &limits.pattern else { return Ok(()) };
    if !looking.accepts(pattern, text) {
        let says = limits.complaint.as_ref().map(|says| format!(": {says:?}"));
        let says = says.unwrap_or_default();
        return Err(format!("{name:?} does not match the pattern {pattern:?}{says}"));
    }
    Ok(())
}

fn one_text(name: &str, value: FormValue) -> Result<String, String> {
    match value {
        FormValue::Text(text) => Ok(text),
        _ => Err(format!("{name:?} takes one text")),
    }
}

fn chosen(
    name: &str,
    value: FormValue,
    options: &[&str],
    several: bool,
) -> Result<FormValue, String> {
    let texts = match &value {
        FormValue::Text(text) if text.is_empty() => &[],
        FormValue::Text(text) => std::slice::from_ref(text),
        FormValue::Texts(texts) if several => texts.as_slice(),
        FormValue::Texts(_) => return Err(format!("{name:?} takes one option")),
        FormValue::Users(_) => return Err(format!("{name:?} takes options, by their values")),
    };
    if let Some(text) = texts.iter().find(|text| !options.contains(&text.as_str())) {
        let options = options.join(", ");
        return Err(format!("{name:?} has no option {text:?}, only: {options}"));
    }
    Ok(value)
}

/// A date or a time, between two others of the same form, which sort like the moments they mean.
fn point(
    name: &str,
    value: FormValue,
    is_one: fn(&str) -> bool,
    form: &str,
    (min, max): (Option<&str>, Option<&str>),
) -> Result<FormValue, String> {
    let text = one_text(name, value)?;
    if text.is_empty() {
        return Ok(FormValue::Text(text));
    }
    if !is_one(&text) {
        return Err(format!("{name:?} takes {form}, not {text:?}"));
    }
    if min.is_some_and(|min| text.as_str() < min) || max.is_some_and(|max| text.as_str() > max) {
        let (min, max) = (min.unwrap_or("any"), max.unwrap_or("any"));
        return Err(format!("{name:?} takes {min} to {max}, not {text:?}"));
    }
    Ok(FormValue::Text(text))
}

fn is_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    parts.len() == 3 && text.len() == 10 && in_range(parts[1], 1..=12) && in_range(parts[2], 1..=31)
}

fn is_time(text: &str) -> bool {
    let parts: Vec<_> = text.split(':').collect();
    (2..=3).contains(&parts.len())
        && in_range(parts[0], 0..=23)
        && parts[1..].iter().all(|part| in_range(part, 0..=59))
}

fn in_range(text: &str, range: std::ops::RangeInclusive<u8>) -> bool {
    text.len() == 2 && text.parse().is_ok_and(|number| range.contains(&number))
}

/// What a control that nobody touched contributes.
pub(super) fn initial(control: &Control) -> Option<FormValue> {
    match (&control.kind, control.initial.as_slice()) {
        (ControlKind::TextField { .. } | ControlKind::TextArea { .. }, []) => {
            Some(FormValue::Text(String::new()))
        }
        (_, []) => None,
        (ControlKind::Select { multiple: true, .. }, several) => {
            Some(FormValue::Texts(several.to_vec()))
        }
        (_, [first, ..]) => Some(FormValue::Text(first.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_judge_until_a_submission_has_been_looked_at_enough() {
        let mut looking = Looking::default();
        assert!(looking.accepts("[a-z]{3}", "abc"));
        assert!(!looking.accepts("[a-z]{3}", "abc!"));
        assert!(looking.accepts("(", "only browsers read it"));
        let long = "b".repeat(10_000);
        let judged = (0..1_000).take_while(|_| !looking.accepts("(a?){100}", &long)).count();
        assert!((1..10).contains(&judged), "{judged}");
        assert!(!looking.accepts("[a-z]{3}", "abc!"), "short ones are still judged");
    }
}
