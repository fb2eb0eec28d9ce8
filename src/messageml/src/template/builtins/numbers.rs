//! Built-ins of numbers.

use bigdecimal::RoundingMode;

use super::super::dates::{Date, DateKind};
use super::super::eval::{Result, Run};
use super::super::numbers::Number;
use super::super::value::Value;
use super::Name;

pub(super) fn apply<'d>(run: &mut Run<'d>, name: Name, number: Number) -> Result<Value<'d>> {
    run.spend(number.size())?;
    let integer = |number: i64| Value::Number(Number::Integer(number));
    Ok(match name {
        Name::Abs => Value::Number(match number.sign() {
            std::cmp::Ordering::Less => number.negated(),
            _ => number,
        }),
        // FreeMarker takes these of a binary number, whatever it was given.
        Name::Ceiling => Value::Number(binary(number).rounded(RoundingMode::Ceiling)),
        Name::Floor => Value::Number(binary(number).rounded(RoundingMode::Floor)),
        // Halves go up, those of negative numbers too.
        Name::Round => {
            let half = Number::Decimal(bigdecimal::BigDecimal::new(5.into(), 1).into());
            let raised = binary(number).add(&half).ok_or_else(|| run.fail())?;
            Value::Number(raised.rounded(RoundingMode::Floor))
        }
        Name::Int => integer(i64::from(number.to_int())),
        Name::Long => integer(number.to_long()),
        #[expect(clippy::cast_possible_truncation, reason = "as Java does it: the low bits")]
        Name::Short => integer(i64::from(number.to_int() as i16)),
        #[expect(clippy::cast_possible_truncation, reason = "as Java does it: the low bits")]
        Name::Byte => integer(i64::from(number.to_int() as i8)),
        Name::Double => Value::Number(Number::Float(number.float())),
        #[expect(clippy::cast_possible_truncation, reason = "what a float is for")]
        Name::Float => Value::Number(Number::Float(f64::from(number.float() as f32))),
        Name::IsNan => Value::Boolean(number.float().is_nan()),
        Name::IsInfinite => Value::Boolean(number.float().is_infinite()),
        Name::LowerAbc | Name::UpperAbc => {
            let position = number.to_int();
            if number.compare(&Number::Integer(i64::from(position)))
                != Some(std::cmp::Ordering::Equal)
            {
                return Err(run.fail());
            }
            let text = abc(position, if name == Name::LowerAbc { b'a' } else { b'A' });
            Value::made(text.ok_or_else(|| run.fail())?)
        }
        _ => {
            let kind = match name {
                Name::NumberToDate => DateKind::Date,
                Name::NumberToTime => DateKind::Time,
                _ => DateKind::DateTime,
            };
            Value::Date(Date { millis: number.rounded(RoundingMode::HalfUp).to_long(), kind })
        }
    })
}

/// The exact value of the binary number nearest to this.
fn binary(number: Number) -> Number {
    match number {
        Number::Integer(integer) if integer.unsigned_abs() < 1 << 53 => number,
        other => bigdecimal::BigDecimal::try_from(other.float()).map_or(other, Number::decimal),
    }
}

/// `a` for 1, `z` for 26, `aa` for 27.
fn abc(position: i32, first: u8) -> Option<String> {
    let mut rest = u32::try_from(position).ok().filter(|position| *position > 0)?;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(first + u8::try_from(rest % 26).ok()?);
        rest /= 26;
    }
    letters.reverse();
    String::from_utf8(letters).ok()
}
