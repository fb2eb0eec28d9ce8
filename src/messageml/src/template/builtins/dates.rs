//! Built-ins of dates and times.

use std::rc::Rc;

use super::super::dates::{Date, DateKind, IsoOptions};
use super::super::eval::{Fault, Result, Run};
use super::super::token::Place;
use super::super::value::Value;
use super::super::zones;
use super::{Builtin, Given, Name};

fn kind(name: Name) -> DateKind {
    match name {
        Name::Date | Name::DateIfUnknown => DateKind::Date,
        Name::Time | Name::TimeIfUnknown => DateKind::Time,
        _ => DateKind::DateTime,
    }
}

/// Whether `?date` or one of its kin asks for what a string is taken for already.
pub(super) fn is_of(name: Name, wanted: DateKind) -> bool {
    matches!(name, Name::Date | Name::Time | Name::Datetime) && kind(name) == wanted
}

/// `?date` and its kin without arguments.
pub(super) fn parse<'d>(
    run: &mut Run<'d>,
    builtin: Builtin,
    value: Value<'d>,
    at: Place,
) -> Result<Value<'d>> {
    let kind = kind(builtin.name);
    if let Value::Date(date) = value {
        if date.kind == kind || matches!(date.kind, DateKind::Unknown | DateKind::DateTime) {
            return Ok(Value::Date(Date { kind, ..date }));
        }
        return Err(Fault::Failed(at));
    }
    let text = run.coerce(Some(value), at)?;
    let format = match kind {
        DateKind::Date => Rc::clone(&run.settings.date_format),
        DateKind::Time => Rc::clone(&run.settings.time_format),
        _ => Rc::clone(&run.settings.datetime_format),
    };
    Ok(Value::Unparsed(Rc::new((kind, run_text(&text), format))))
}

fn run_text(text: &Value<'_>) -> Rc<str> {
    text.string().unwrap_or_default().into()
}

/// `?date(format)`
pub(super) fn parse_call<'d>(
    run: &mut Run<'d>,
    name: Name,
    value: &Value<'d>,
    arguments: &Given<'d>,
    at: Place,
) -> Result<Value<'d>> {
    if matches!(value, Value::Date(_)) {
        return Err(Fault::Failed(at));
    }
    let text = run.coerce(Some(value.clone()), at)?;
    arguments.count(0, 1)?;
    let kind = kind(name);
    let format: Rc<str> = match (arguments.len(), kind) {
        (1, _) => arguments.text(0)?.into(),
        (_, DateKind::Date) => Rc::clone(&run.settings.date_format),
        (_, DateKind::Time) => Rc::clone(&run.settings.time_format),
        _ => Rc::clone(&run.settings.datetime_format),
    };
    run.parse_date(kind, text.string().unwrap_or_default(), &format).map(Value::Date)
}

pub(super) fn if_unknown<'d>(
    run: &mut Run<'d>,
    name: Name,
    value: Option<Value<'d>>,
    at: Place,
) -> Result<Value<'d>> {
    match run.date(value, at)? {
        date if date.kind == DateKind::Unknown => {
            Ok(Value::Date(Date { kind: kind(name), ..date }))
        }
        date => Ok(Value::Date(date)),
    }
}

/// What the name of a built-in says about the digits and the zone.
fn options(name: Name) -> IsoOptions {
    use Name::{
        Iso, IsoH, IsoHNz, IsoLocal, IsoLocalH, IsoLocalHNz, IsoLocalM, IsoLocalMNz, IsoLocalMs,
        IsoLocalMsNz, IsoLocalNz, IsoM, IsoMNz, IsoMs, IsoMsNz, IsoNz, IsoUtcFz, IsoUtcH,
        IsoUtcHNz, IsoUtcM, IsoUtcMNz, IsoUtcMs, IsoUtcMsNz, IsoUtcNz,
    };
    let digits = match name {
        IsoH | IsoHNz | IsoUtcH | IsoUtcHNz | IsoLocalH | IsoLocalHNz => 0,
        IsoM | IsoMNz | IsoUtcM | IsoUtcMNz | IsoLocalM | IsoLocalMNz => 1,
        IsoMs | IsoMsNz | IsoUtcMs | IsoUtcMsNz | IsoLocalMs | IsoLocalMsNz => 3,
        _ => 2,
    };
    let no_zone = matches!(
        name,
        IsoNz
            | IsoHNz
            | IsoMNz
            | IsoMsNz
            | IsoUtcNz
            | IsoUtcHNz
            | IsoUtcMNz
            | IsoUtcMsNz
            | IsoLocalNz
            | IsoLocalHNz
            | IsoLocalMNz
            | IsoLocalMsNz
    );
    let local = matches!(
        name,
        IsoLocal
            | IsoLocalH
            | IsoLocalHNz
            | IsoLocalM
            | IsoLocalMNz
            | IsoLocalMs
            | IsoLocalMsNz
            | IsoLocalNz
            | Iso
            | IsoH
            | IsoHNz
            | IsoM
            | IsoMNz
            | IsoMs
            | IsoMsNz
            | IsoNz
    );
    IsoOptions { digits, shows_zone: !no_zone, is_local: local, forces_zone: name == IsoUtcFz }
}

/// `?iso_utc`, `?iso_local` and their kin.
pub(super) fn iso<'d>(
    run: &mut Run<'d>,
    name: Name,
    value: Option<Value<'d>>,
    at: Place,
) -> Result<Value<'d>> {
    let date = run.date(value, at)?;
    if date.kind == DateKind::Unknown {
        return Err(Fault::Failed(at));
    }
    let options = options(name);
    let zone = if options.is_local { Rc::clone(&run.settings.time_zone) } else { "UTC".into() };
    date.iso(options, &zone).map(Value::made).ok_or_else(|| run.fail())
}

/// `?iso(zone)` and its kin.
pub(super) fn iso_call<'d>(
    run: &mut Run<'d>,
    name: Name,
    value: &Value<'d>,
    arguments: &Given<'d>,
    at: Place,
) -> Result<Value<'d>> {
    let date = run.date(Some(value.clone()), at)?;
    if date.kind == DateKind::Unknown {
        return Err(Fault::Failed(at));
    }
    arguments.count(1, 1)?;
    let zone = arguments.text(0)?;
    if !zones::is_known(zone) {
        return Err(arguments.fail());
    }
    date.iso(options(name), zone).map(Value::made).ok_or_else(|| run.fail())
}
