//! How many messages a second are converted: a line, a table, a form.
//!
//! `cargo bench --package symphony-messageml`. Compare numbers of one run with each other only.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use symphony_messageml::{Directory, Input, Person, convert};

/// Finds a user for every mention.
struct Everybody;

impl Everybody {
    fn user(id: i64) -> Option<Person> {
        let name = "Ada Lovelace".to_owned();
        let email = "ada@example.com".to_owned();
        Some(Person { id, screen_name: "ada".to_owned(), display_name: name, email })
    }
}

impl Directory for Everybody {
    fn user_by_id(&self, id: i64) -> Option<Person> {
        Self::user(id)
    }

    fn user_by_email(&self, _: &str) -> Option<Person> {
        Self::user(7)
    }
}

criterion_group!(benches, conversions);
criterion_main!(benches);

fn conversions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("messageml");
    group.throughput(Throughput::Elements(1));
    for (name, message, data) in messages() {
        let input = Input { data: data.as_deref(), ..Input::new(&message) };
        assert!(
            convert(&input, &Everybody).is_ok(),
            "{name}: a message to be measured is a right one"
        );
        group.bench_function(name, |bencher| {
            bencher.iter(|| convert(black_box(&input), &Everybody))
        });
    }
    group.finish();
}

/// Messages by name, with their data.
fn messages() -> Vec<(&'static str, String, Option<String>)> {
    let line = "Hello <mention email=\"ada@example.com\"/>, see <hash tag=\"release\"/>!";
    let row = "<tr><td>one</td><td><b>two</b></td><td>three &amp; four</td><td>5</td></tr>";
    let controls: String = (0..10)
        .map(|number| {
            format!(
                "<text-field name=\"t{number}\" label=\"Text\" pattern=\"^[a-z]{{3,9}}$\" \
                 pattern-error-message=\"no\">abc</text-field><checkbox name=\"c{number}\">Yes</checkbox>\
                 <select name=\"s{number}\"><option value=\"1\">One</option><option value=\"2\">Two</option></select>\
                 <date-picker name=\"d{number}\" disabled-date='[{{\"day\": \"2024-01-01\"}}]'/>\
                 <timezone-picker name=\"z{number}\" value=\"Europe/Paris\"/>"
            )
        })
        .collect();
    let form = format!("<form id=\"f\">{controls}<button name=\"send\">Send</button></form>");
    let list = "<ul><#list data.rows as row><li>${row.name?html}: ${row.n}</li></#list></ul>";
    let rows: Vec<String> =
        (0..100).map(|number| format!("{{\"name\":\"row {number}\",\"n\":{number}}}")).collect();
    let message = |content: &str| format!("<messageML>{content}</messageML>");
    vec![
        ("one word", message("Hello"), None),
        ("one line", message(line), None),
        ("table of 100 rows", message(&format!("<table>{}</table>", row.repeat(100))), None),
        ("form of 50 controls", message(&form), None),
        ("template of 100 rows", message(list), Some(format!("{{\"rows\":[{}]}}", rows.join(",")))),
    ]
}
