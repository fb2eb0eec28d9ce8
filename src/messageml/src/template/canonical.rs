//! Expressions as errors quote them.

use super::ast::{Expr, ExprKind, Operator, Part, RangeEnd, StepKind};
use super::names;

/// The text of an expression, in FreeMarker's spelling.
pub(super) fn canonical(expression: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(canonical).collect::<Vec<_>>().join(", ");
    match &expression.kind {
        ExprKind::Text(text) => names::literal(text),
        ExprKind::Dynamic(parts) => {
            let parts = parts.iter().map(|part| match part {
                Part::Literal(text) => {
                    let literal = names::literal(text);
                    literal[1..literal.len() - 1].to_owned()
                }
                Part::Interpolation { value, is_numeric, .. } => {
                    format!("{}{{{}}}", if *is_numeric { '#' } else { '$' }, canonical(value))
                }
            });
            format!("\"{}\"", parts.collect::<String>())
        }
        ExprKind::Number(number) => number.written(),
        ExprKind::Boolean(boolean) => boolean.to_string(),
        ExprKind::List(items) => format!("[{}]", list(items)),
        ExprKind::Hash(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", canonical(key), canonical(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        ExprKind::Variable(name) => name.to_string(),
        ExprKind::Special(special) => format!(".{}", special.name()),
        ExprKind::Group(inner) => format!("({})", canonical(inner)),
        ExprKind::Not(of) => format!("!{}", canonical(of)),
        ExprKind::Sign { negative, of } => {
            format!("{}{}", if *negative { '-' } else { '+' }, canonical(of))
        }
        ExprKind::Chain { first, rest } => {
            let mut out = canonical(first);
            for (operator, operand) in rest {
                out.push_str(&format!(" {} {}", symbol(*operator), canonical(operand)));
            }
            out
        }
        ExprKind::Range { from, to, end } => {
            let dots = match end {
                RangeEnd::Exclusive => "..<",
                RangeEnd::SizeLimited => "..*",
                RangeEnd::Inclusive | RangeEnd::Unbounded => "..",
            };
            let to = to.as_deref().map(canonical).unwrap_or_default();
            format!("{}{dots}{to}", canonical(from))
        }
        ExprKind::Postfix { of, steps } => {
            let mut out = canonical(of);
            for step in steps {
                match &step.kind {
                    StepKind::Member(name) => out.push_str(&format!(".{name}")),
                    StepKind::Index(index) => out.push_str(&format!("[{}]", canonical(index))),
                    StepKind::Call(arguments) => out.push_str(&format!("({})", list(arguments))),
                    StepKind::Builtin { name, arguments, .. } => {
                        out.push_str(&format!("?{name}"));
                        if let Some(arguments) = arguments {
                            out.push_str(&format!("({})", list(arguments)));
                        }
                    }
                    StepKind::Default(default) => {
                        out.push('!');
                        out.push_str(&default.as_deref().map(canonical).unwrap_or_default());
                    }
                    StepKind::Exists => out.push_str("??"),
                }
            }
            out
        }
        ExprKind::Lambda { parameters, body } => {
            let names = match parameters.as_slice() {
                [one] => one.to_string(),
                many => format!("({})", many.join(", ")),
            };
            format!("{names} -> {}", canonical(body))
        }
        ExprKind::Escaped { value, .. } => canonical(value),
    }
}

pub(super) fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Remainder => "%",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::And => "&&",
        Operator::Or => "||",
    }
}
