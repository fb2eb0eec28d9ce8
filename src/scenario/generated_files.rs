//! Documents that are made of the code and kept in files, so that a pod need not make them.

use serde_json::Value;

/// Fails where a file is no longer what it should be, and says what to do then.
pub fn check(file: &str, kept: &str, made: &Value) {
    assert!(
        kept == print(made),
        "{file} is not what the code says; `cargo test --lib write_the -- --ignored` makes it anew"
    );
}

/// Makes a file of the package's anew.
pub fn write(file: &str, made: &Value) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::write(path, print(made)).expect("the package's own folder");
}

fn print(document: &Value) -> String {
    outline(document, 3) + "\n"
}

/// As many levels of objects as this with every member on a line of its own, what is deeper on one
/// line: short, and a change of a part is the change of a line.
fn outline(value: &Value, levels: u8) -> String {
    match value {
        Value::Object(members) if levels > 0 => {
            let member = |(name, value): (&String, &Value)| {
                format!("{}:{}", Value::from(name.as_str()), outline(value, levels - 1))
            };
            let members: Vec<_> = members.iter().map(member).collect();
            format!("{{\n{}\n}}", members.join(",\n"))
        }
        value => value.to_string(),
    }
}
