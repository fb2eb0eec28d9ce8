//! What kind of value something is.

use super::super::dates::DateKind;
use super::super::value::{Value, Variables};
use super::Name;

/// Whether a value is of the kind that a built-in asks for; `None` for built-ins that ask something else.
pub(super) fn is(name: Name, value: &Value<'_>) -> Option<bool> {
    let date = match value {
        Value::Date(date) => Some(date.kind),
        _ => None,
    };
    let callable = matches!(value, Value::Macro(..) | Value::WithArguments(_) | Value::Pass);
    Some(match name {
        Name::IsString => value.string().is_some(),
        Name::IsNumber => matches!(value, Value::Number(_)),
        Name::IsBoolean => matches!(value, Value::Boolean(_) | Value::Matches(_)),
        Name::IsDate | Name::IsDateLike => date.is_some(),
        Name::IsDateOnly => date == Some(DateKind::Date),
        Name::IsTime => date == Some(DateKind::Time),
        Name::IsDatetime => date == Some(DateKind::DateTime),
        Name::IsUnknownDateLike => date == Some(DateKind::Unknown),
        Name::IsHash => value.is_hash(),
        Name::IsHashEx => {
            value.is_hash()
                && !matches!(value, Value::Variables(Variables::All | Variables::Globals))
                || matches!(value, Value::Namespace)
        }
        Name::IsSequence | Name::IsIndexable => value.is_sequence(),
        Name::IsCollection | Name::IsCollectionEx => {
            matches!(value, Value::Nothing | Value::Matches(_))
        }
        Name::IsEnumerable => value.length().is_some(),
        Name::IsMacro => callable,
        Name::IsDirective => callable || matches!(value, Value::Template(_)),
        Name::IsTransform => false,
        Name::IsMethod => {
            matches!(value, Value::Method(_) | Value::OptionalTemplate | Value::Cycle(_))
        }
        Name::IsNode => false,
        Name::IsMarkupOutput => matches!(value, Value::Markup(..)),
        Name::HasApi => matches!(value, Value::Object(_) | Value::Array(_)),
        _ => return None,
    })
}
