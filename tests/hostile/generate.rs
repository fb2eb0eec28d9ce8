//! What is asked, by chance: much of it nearly right, for what is wholly wrong is refused early.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Map, Value, json};
use symphony_mock_pod::catalogue::operations;

use crate::chance::Chance;
use crate::markdown;
use crate::target::Target;
use crate::templates;
use crate::tokens::{Tokens, Verdict};

/// One request.
pub struct Attack {
    pub method: Method,
    path: String,
    pub headers: Vec<(&'static str, Vec<u8>)>,
    pub body: Option<Vec<u8>>,
    /// HTTP/2 on the TLS port; HTTP/1.1 there; the control port.
    door: Door,
    /// What is to become of a login, and whose session it opens.
    pub login: Option<(Verdict, &'static str)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Door {
    Http1,
    Http2,
    Control,
}

pub struct Generator {
    chance: Chance,
    /// The paths of the API with their methods.
    api: Vec<(Method, &'static str)>,
    /// Those of the control port, with the schemas of their bodies.
    control: Vec<(Method, String, Value)>,
    description: Value,
    session: String,
    tokens: Tokens,
    words: Vec<String>,
}

const SCENARIO: &str = include_str!("../../fixtures/scenarios/default.yaml");
const MEGABYTE: usize = 1 << 20;
/// Whatever is made or moved on the control port is another pod's than the one that is attacked.
const ASIDE: &str = "/t/hostile";
/// They wait on purpose, unless they are told how long.
const WAITING: [&str; 2] = ["/_mock/expect", "/_mock/listening"];
const LISTENING: &str = "/_mock/live";

impl std::fmt::Debug for Attack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = self.body.as_deref().unwrap_or_default();
        let shown = String::from_utf8_lossy(&body[..body.len().min(500)]);
        let Self { method, path, door, .. } = self;
        write!(f, "{door:?} {method} {path:.300} with {} bytes: {shown}", body.len())
    }
}

impl Attack {
    pub fn client<'a>(&self, target: &'a Target) -> &'a reqwest::Client {
        &target.clients[usize::from(self.door == Door::Http2)]
    }

    pub fn url(&self, target: &Target) -> String {
        match self.door {
            Door::Control => format!("http://127.0.0.1:{}{}", target.control_port, self.path),
            _ => format!("https://localhost:{}{}", target.port, self.path),
        }
    }
}

impl Generator {
    /// With a session of `bot`, so that more than logins are reached.
    pub async fn new(chance: Chance, target: &Target, description: &Value) -> Self {
        let api = operations().into_iter().map(|it| (it.method.as_str().parse().unwrap(), it.path));
        let mut control = Vec::new();
        for (path, methods) in description["paths"].as_object().expect("paths") {
            for (method, operation) in methods.as_object().expect("methods") {
                let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
                let method = method.to_uppercase().parse().expect("a method");
                control.push((method, path.clone(), schema.clone()));
            }
        }
        let words = [
            "bot",
            "alice",
            "carol",
            "Test Room",
            "app",
            "*",
            "**_read_*",
            "/agent/*",
            "1h",
            "500ms",
            "-1",
            "0",
            "99999999999999999999",
            "2030-01-01T00:00:00Z",
            "GET /pod/v2/sessioninfo",
            "datafeeds_read_v5",
            "(a?){50}a{50}b",
            "(",
            "session-expired",
            "main",
            "..",
            "%00",
            "<messageML>x</messageML>",
            "4xx",
            "null",
            "true",
            "\u{202e}\u{0}é😀",
            "eyJhbGciOiJSUzUxMiJ9.e30.x",
        ];
        Self {
            chance,
            api: api.collect(),
            control,
            description: description.clone(),
            tokens: Tokens::new(),
            session: target.log_in().await,
            words: words.map(str::to_owned).to_vec(),
        }
    }

    pub fn next(&mut self) -> Attack {
        match self.chance.below(17) {
            0..=5 => self.of_the_api(),
            6..=9 => self.of_the_control_port(),
            10 => self.scenario(),
            11 => self.jwt(),
            12 | 13 => self.signed_jwt(),
            14 => self.message(),
            15 => self.markdown(),
            _ => self.template(),
        }
    }

    fn of_the_api(&mut self) -> Attack {
        let (method, template) = self.api[self.chance.below(self.api.len())].clone();
        let mut path = self.path(template);
        if self.chance.one_in(3) {
            let pairs: Vec<_> = (0..=self.chance.below(4))
                .map(|_| {
                    let names = ["limit", "skip", "since", "to", "uid", "email", "active", "x"];
                    format!("{}={}", self.chance.of(&names), encoded(&self.text()))
                })
                .collect();
            path = format!("{path}?{}", pairs.join("&"));
        }
        let methods = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::HEAD];
        let method = if self.chance.one_in(20) { self.chance.of(&methods).clone() } else { method };
        let mut headers = Vec::new();
        if !self.chance.one_in(8) {
            headers.push(("sessiontoken", self.session.clone().into_bytes()));
        } else if self.chance.one_in(2) {
            headers.push(("authorization", encoded(&self.text()).into_bytes()));
        }
        let types = ["application/json", "multipart/form-data; boundary=b", "text/plain", "x"];
        if self.chance.one_in(2) {
            headers.push(("content-type", self.chance.of(&types).as_bytes().to_vec()));
        }
        let body =
            (method != Method::GET && method != Method::HEAD).then(|| self.body(&Value::Null));
        // A read with no event waits on purpose, and who ends the session ends the attack.
        let waits = path.contains("/read") || path.contains("/events");
        let ends = path.contains("logout") || path.contains("/sessions");
        let door = *self.chance.of(&[Door::Http1, Door::Http2]);
        if waits || ends {
            headers.retain(|(name, _)| *name != "sessiontoken");
        }
        Attack { method, path, headers, body, door, login: None }
    }

    fn of_the_control_port(&mut self) -> Attack {
        let (method, template, schema) =
            self.control[self.chance.below(self.control.len())].clone();
        let aside = if template.starts_with("/_mock/") { ASIDE } else { "" };
        let path = format!("{aside}{}", self.path(&template));
        let mut body = (!schema.is_null()).then(|| self.body(&schema));
        if WAITING.contains(&template.as_str())
            && let Some(Ok(Value::Object(mut asked))) =
                body.as_deref().map(serde_json::from_slice::<Value>)
        {
            asked.insert("within".to_owned(), json!("1ms"));
            body = Some(Value::Object(asked).to_string().into_bytes());
        }
        let path = match template.as_str() {
            LISTENING => format!("{aside}{LISTENING}?within=1ms"),
            _ => path,
        };
        Attack { method, path, headers: Vec::new(), body, door: Door::Control, login: None }
    }

    /// The default scenario, with pieces of it taken out, doubled and put elsewhere.
    fn scenario(&mut self) -> Attack {
        let mut lines: Vec<_> = SCENARIO.lines().map(str::to_owned).collect();
        for _ in 0..=self.chance.below(4) {
            let (at, from) = (self.chance.below(lines.len()), self.chance.below(lines.len()));
            match self.chance.below(5) {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[from].clone()),
                2 => lines.swap(at, from),
                3 => lines[at].push_str(&self.text()),
                _ => lines[at] = format!("{}{}", " ".repeat(self.chance.below(6)), self.text()),
            }
        }
        let method = self.chance.of(&[Method::PUT, Method::POST]).clone();
        let (path, body) = (format!("{ASIDE}/_mock/scenario"), Some(lines.join("\n").into_bytes()));
        Attack { method, path, headers: Vec::new(), body, door: Door::Control, login: None }
    }

    /// A login with claims that nobody signed.
    fn jwt(&mut self) -> Attack {
        let algorithms = ["RS512", "none", "HS256", "ES512", ""];
        let header = json!({ "alg": self.chance.of(&algorithms), "crit": self.value(2) });
        let claims = json!({ "sub": self.text(), "exp": self.value(1), "nbf": self.value(1) });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let mut token = format!("{}.{}.{}", part(&header), part(&claims), encoded(&self.text()));
        if self.chance.one_in(4) {
            let cut = self.chance.below(token.len());
            token.truncate(cut);
        }
        let body = Some(json!({ "token": token }).to_string().into_bytes());
        let paths = [
            "/login/pubkey/authenticate",
            "/relay/pubkey/authenticate",
            "/login/pubkey/app/authenticate",
        ];
        let path = (*self.chance.of(&paths)).to_owned();
        let door = *self.chance.of(&[Door::Http1, Door::Http2]);
        Attack { method: Method::POST, path, headers: Vec::new(), body, door, login: None }
    }

    /// A login that somebody signed.
    fn signed_jwt(&mut self) -> Attack {
        let token = self.tokens.next(&mut self.chance);
        let body = Some(json!({ "token": token.token }).to_string().into_bytes());
        let (path, door) = (token.path.to_owned(), *self.chance.of(&[Door::Http1, Door::Http2]));
        let headers = vec![("content-type", b"application/json".to_vec())];
        let login = Some((token.verdict, token.subject));
        Attack { method: Method::POST, path, headers, body, door, login }
    }

    /// MessageML and templates of pieces that belong into such.
    fn message(&mut self) -> Attack {
        const PIECES: [&str; 22] = [
            "<b>",
            "</b>",
            "<table><tr><td>",
            "</td></tr></table>",
            "<form id=\"f\">",
            "</form>",
            "<text-field name=\"a\"/>",
            "<mention email=\"alice@mock-pod.example\"/>",
            "&lt;",
            "&#1;",
            "${entity['a'].b}",
            "<#list 1..99999 as i>",
            "${i}</#list>",
            "<#if x??>",
            "</#if>",
            "<#macro m>",
            "</#macro>",
            "<hash tag=\"x\"/>",
            "<code>",
            "</code>",
            "😀",
            "<card>",
        ];
        let count = if self.chance.one_in(30) { 20_000 } else { 1 + self.chance.below(60) };
        let inner: String = (0..count).map(|_| *self.chance.of(&PIECES)).collect();
        let message = format!("<messageML>{inner}</messageML>");
        let body = json!({ "message": message, "data": self.value(3).to_string() });
        let path = format!("{ASIDE}/_mock/messageml");
        let body = Some(body.to_string().into_bytes());
        Attack {
            method: Method::POST,
            path,
            headers: Vec::new(),
            body,
            door: Door::Control,
            login: None,
        }
    }

    fn markdown(&mut self) -> Attack {
        let body = Some(markdown::draft(&mut self.chance).to_string().into_bytes());
        let path = format!("{ASIDE}/_mock/messageml");
        let door = Door::Control;
        Attack { method: Method::POST, path, headers: Vec::new(), body, door, login: None }
    }

    /// A template whose parts fit each other more often than not.
    fn template(&mut self) -> Attack {
        let count = if self.chance.one_in(30) { 300 } else { 1 + self.chance.below(6) };
        let inner: String = (0..count).map(|_| templates::part(&mut self.chance, 3)).collect();
        let message = format!("<messageML>{inner}</messageML>");
        let body = json!({ "message": message, "data": self.value(3).to_string() });
        let path = format!("{ASIDE}/_mock/messageml");
        let body = Some(body.to_string().into_bytes());
        let door = Door::Control;
        Attack { method: Method::POST, path, headers: Vec::new(), body, door, login: None }
    }

    /// A path with something in the places of its parameters.
    fn path(&mut self, template: &str) -> String {
        let mut path = String::new();
        for segment in template.split('/').skip(1) {
            path.push('/');
            match segment.starts_with('{') {
                true => path.push_str(&encoded(&self.text())),
                false => path.push_str(segment),
            }
        }
        path
    }

    /// A text that is known, or like one, or long.
    fn text(&mut self) -> String {
        let word = self.chance.of(&self.words).clone();
        match self.chance.below(40) {
            0 => word.repeat(200),
            1..=3 => word + &self.chance.below(100).to_string(),
            4..=8 => ((1_u64 << 36) | (self.chance.next() % 4)).to_string(),
            _ => word,
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.chance.below(if depth == 0 { 5 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.chance.one_in(2)),
            2 => json!(self.chance.next()),
            3 => json!(-1.5e300),
            4 => json!(self.text()),
            5 => (0..self.chance.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let mut object = Map::new();
                for _ in 0..self.chance.below(4) {
                    object.insert(self.text(), self.value(depth - 1));
                }
                Value::Object(object)
            }
        }
    }

    /// What a schema describes, for the most part.
    fn described(&mut self, schema: &Value, depth: usize) -> Value {
        let schema = match schema["$ref"].as_str().and_then(|it| it.strip_prefix('#')) {
            Some(pointer) => self.description.pointer(pointer).cloned().unwrap_or_default(),
            None => schema.clone(),
        };
        if depth == 0 || self.chance.one_in(10) {
            return self.value(1);
        }
        if let Some(properties) = schema["properties"].as_object() {
            let mut object = Map::new();
            for (name, schema) in properties {
                let is_required =
                    schema["required"].as_array().is_some_and(|it| it.contains(&json!(name)));
                if is_required || self.chance.one_in(2) {
                    object.insert(name.clone(), self.described(schema, depth - 1));
                }
            }
            return Value::Object(object);
        }
        let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
        match kind {
            Some("string") => json!(self.text()),
            Some("integer" | "number") => json!(self.chance.below(1_000)),
            Some("boolean") => json!(self.chance.one_in(2)),
            Some("array") => (0..self.chance.below(3))
                .map(|_| self.described(&schema["items"], depth - 1))
                .collect(),
            _ => self.value(2),
        }
    }

    /// A body: what is described, some JSON, no JSON, or a megabyte of it.
    fn body(&mut self, schema: &Value) -> Vec<u8> {
        match self.chance.below(12) {
            0 => self.text().into_bytes(),
            1 => {
                let long = self.text().repeat(MEGABYTE / 20);
                let name = self.text();
                json!({ (name): &long[..long.floor_char_boundary(MEGABYTE - 99)] })
                    .to_string()
                    .into_bytes()
            }
            2 => format!("{}1{}", "[".repeat(MEGABYTE / 2), "]".repeat(MEGABYTE / 4)).into_bytes(),
            3..=8 if !schema.is_null() => self.described(schema, 4).to_string().into_bytes(),
            _ => self.value(3).to_string().into_bytes(),
        }
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
