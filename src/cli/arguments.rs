use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::error::{ContextKind, ContextValue};
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use symphony_mock_pod::{
    Defect, KeyAlgorithm, Listen, LoadBalancing, Login, Sdk, SdkProxy, Timestamp,
};

/// A local Symphony pod for integration tests.
///
/// Without a command it serves. Every flag of `serve` is also an environment variable; the flag
/// wins.
#[derive(Debug, Parser)]
#[command(name = "symphony-mock-pod", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub serve: Serve,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the pod until SIGTERM or Ctrl-C.
    Serve(Deferred<Serve>),
    /// Write certificates, keys and keystores for tests.
    Certs(Certs),
    /// Write what SDKs read to log a bot in, certificates and keys beside it.
    SdkConfig(SdkConfigFlags),
    /// Exit with 0 when a pod on this machine is ready.
    Healthcheck(Healthcheck),
    /// Open the page of a pod on this machine in the browser.
    Open(Open),
    /// Check scenario files without starting a pod; several are one scenario.
    Check {
        /// Scenarios in YAML or JSON, or folders of them.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of scenario files.
    Schema,
}

/// The arguments of a command, described to clap when it is that command which was called: the many
/// of `serve` would be made twice at every start.
#[derive(Debug)]
pub struct Deferred<T>(pub T);

impl<T: Args> Args for Deferred<T> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(T::augment_args)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        command.defer(T::augment_args_for_update)
    }
}

impl<T: FromArgMatches> FromArgMatches for Deferred<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Address of the two TLS ports.
    #[arg(long, env = "MOCK_POD_HOST", default_value = "127.0.0.1")]
    pub host: IpAddr,

    /// TLS port on which a client certificate is optional; 0 is any free one.
    #[arg(long, env = "MOCK_POD_PORT", default_value_t = 8443)]
    pub port: u16,

    /// TLS port on which a client certificate is demanded in the handshake; 0 is any free one.
    #[arg(long, env = "MOCK_POD_MTLS_PORT", default_value_t = 8444)]
    pub mtls_port: u16,

    /// Further TLS port that stands for one host of an installation and serves its part alone, as
    /// ROLE[=NAME][@[ADDRESS:]PORT][+mtls]. The role is pod, agent, key-manager, session-auth or all;
    /// the name is for faults, journal and log; without a port any free one is taken; +mtls demands
    /// a client certificate. Given several times (or by commas), there are several.
    #[arg(long, env = "MOCK_POD_LISTEN", value_name = "LISTENER", value_delimiter = ',')]
    pub listen: Vec<Listen>,

    /// Address of the control port. Whoever reaches it rules the pod.
    #[arg(long, env = "MOCK_POD_CONTROL_HOST", default_value = "127.0.0.1")]
    pub control_host: IpAddr,

    /// Control port (plain HTTP: /livez, /readyz, /_mock/…); 0 is any free one.
    #[arg(long, env = "MOCK_POD_CONTROL_PORT", default_value_t = 8080)]
    pub control_port: u16,

    /// What requests to the control port must show, as `Authorization: Bearer`; /livez and /readyz
    /// stay free.
    #[arg(long, env = "MOCK_POD_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true,
          value_parser = NonEmptyStringValueParser::new())]
    pub control_token: Option<String>,

    /// Further names under which the control port is reached, by commas; `*` is any. IP addresses,
    /// localhost, names without a dot, those of --dns and of private domains (*.local, *.internal,
    /// *.svc) need none; requests for others may be a web page's (DNS rebinding) and are refused,
    /// unless they show the token.
    #[arg(long, env = "MOCK_POD_CONTROL_NAME", value_name = "HOST", value_delimiter = ',')]
    pub control_name: Vec<String>,

    /// Where a forward proxy listens that tunnels CONNECT to the TLS ports, and nowhere else; port 0 is
    /// any free one. Whatever the host, 443 and 8443 stand for --port and 8444 for --mtls-port.
    #[arg(long, env = "MOCK_POD_PROXY", value_name = "ADDRESS:PORT")]
    pub proxy: Option<SocketAddr>,

    /// What the proxy demands from clients; others are answered 407.
    #[arg(long, env = "MOCK_POD_PROXY_USER", value_name = "NAME:PASSWORD", hide_env_values = true,
          requires = "proxy", value_parser = credentials)]
    pub proxy_user: Option<(String, String)>,

    /// Names, as HOST or HOST:PORT, that lead through the proxy to a listener: `main`, `mtls`, or one of --listen; by commas.
    #[arg(long, env = "MOCK_POD_PROXY_HOST", value_name = "NAME=LISTENER", value_delimiter = ',',
          requires = "proxy", value_parser = proxy_host)]
    pub proxy_host: Vec<(String, String)>,

    /// Scenario to start from, in YAML or JSON, instead of the embedded default. Given several
    /// times (or by commas), or a folder: later files add to earlier ones and override them.
    #[arg(long, env = "MOCK_POD_SCENARIO", value_name = "FILE", value_delimiter = ',')]
    pub scenario: Vec<PathBuf>,

    /// Folder of the certificates. What is missing in it is made; RSA keys in no time, of primes that
    /// everybody has. `symphony-mock-pod certs` makes secret ones.
    #[arg(long, env = "MOCK_POD_CERTS", value_name = "DIR")]
    pub certs: Option<PathBuf>,

    /// Further host names and addresses of the server certificate made in --certs, by commas.
    #[arg(
        long,
        env = "MOCK_POD_DNS",
        value_name = "HOST",
        value_delimiter = ',',
        requires = "certs"
    )]
    pub dns: Vec<String>,

    /// Seed of the pod's chance. Ids hold the time, too: same scenario, seed, calls and a --clock
    /// that stands still, same ids and tokens.
    #[arg(long, env = "MOCK_POD_SEED")]
    pub seed: Option<u64>,

    /// When the pod's clock begins, as RFC 3339; by default with the machine's. A reset and every
    /// named pod begin there too.
    #[arg(long, env = "MOCK_POD_CLOCK", value_name = "MOMENT")]
    pub clock: Option<Timestamp>,

    /// Let the clock stand still from the start, until a test moves it. With --clock and --seed,
    /// same calls, same answers.
    #[arg(long, env = "MOCK_POD_CLOCK_FROZEN")]
    pub clock_frozen: bool,

    /// File to write the ready line to, once the pod is ready.
    #[arg(long, env = "MOCK_POD_READY_FILE", value_name = "FILE")]
    pub ready_file: Option<PathBuf>,

    /// How many bytes the journal of requests may take, 4MiB for one; 0 is no journal.
    #[arg(long, env = "MOCK_POD_JOURNAL_BYTES", default_value = "4MiB", value_parser = bytes)]
    pub journal_bytes: usize,

    /// How many named pods there may be at once.
    #[arg(long, env = "MOCK_POD_MAX_PODS", default_value_t = 20_000)]
    pub max_pods: usize,

    /// How many snapshots of a pod may be kept at once.
    #[arg(long, env = "MOCK_POD_MAX_SNAPSHOTS", default_value_t = 1_000)]
    pub max_snapshots: usize,

    /// How many faults of a pod may be planned at once.
    #[arg(long, env = "MOCK_POD_MAX_FAULTS", default_value_t = 1_000)]
    pub max_faults: usize,

    /// Form of the logs on stderr.
    #[arg(long, env = "MOCK_POD_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,

    /// How much to log.
    #[arg(long, env = "MOCK_POD_LOG_LEVEL", default_value = "info")]
    pub log_level: LogLevel,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(Debug, Args)]
pub struct Certs {
    /// Folder to write to. An authority that is there already issues what is new.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// Service user to make an identity for.
    #[arg(long, value_name = "NAME")]
    pub user: Vec<String>,

    /// App to make an identity for.
    #[arg(long, value_name = "ID")]
    pub app: Vec<String>,

    /// Further host name or address of the server certificate.
    #[arg(long, value_name = "HOST")]
    pub dns: Vec<String>,

    /// Key of the certificates: p256, rsa2048 or rsa4096.
    #[arg(long, default_value_t = KeyAlgorithm::P256)]
    pub key: KeyAlgorithm,

    /// Make a bad certificate as well, `NAME-DEFECT.pem` and so on: expired, not-yet-valid,
    /// foreign-ca, no-cn or weak-key.
    #[arg(long, value_name = "DEFECT")]
    pub bad: Vec<Defect>,
}

#[derive(Debug, Args)]
pub struct SdkConfigFlags {
    /// Service user who logs in.
    #[arg(long, value_name = "NAME")]
    pub bot: String,

    /// App that acts on behalf of users.
    #[arg(long, value_name = "ID")]
    pub app: Option<String>,

    /// Folder to write to.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// SDK to write for: java-bdk, python-bdk, spring, legacy-java, legacy-python or legacy-node;
    /// all without it.
    #[arg(long, value_name = "SDK")]
    pub client: Vec<Sdk>,

    /// How the bot logs in: certificate or rsa.
    #[arg(long, default_value = "certificate")]
    pub login: Login,

    /// Name under which the client reaches the pod.
    #[arg(long, default_value = "localhost")]
    pub host: String,

    /// TLS port of the pod.
    #[arg(long, default_value_t = 8443)]
    pub port: u16,

    /// What the pod was started with as --listen, with the port: the client calls each part of the API
    /// where it is.
    #[arg(long, value_name = "LISTENER", value_delimiter = ',')]
    pub listen: Vec<Listen>,

    /// How the Java BDK chooses among several agents: roundRobin, random or external.
    #[arg(long, value_name = "MODE", default_value_t = LoadBalancing::RoundRobin)]
    pub load_balancing: LoadBalancing,

    /// The Java BDK chooses an agent anew for each call.
    #[arg(long)]
    pub no_stickiness: bool,

    /// Path prefix of a pod of the test's own, for example /t/my-test.
    #[arg(long, value_name = "PATH")]
    pub context: Option<String>,

    /// Forward proxy that the client goes through.
    #[arg(long, value_name = "[NAME:PASSWORD@]HOST:PORT")]
    pub proxy: Option<SdkProxy>,

    /// Folder that the pod was started with as --certs; the embedded set without it.
    #[arg(long, value_name = "DIR")]
    pub certs: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Healthcheck {
    /// Address of the control port.
    #[arg(long, env = "MOCK_POD_CONTROL_HOST", default_value = "127.0.0.1")]
    pub control_host: IpAddr,

    /// The control port.
    #[arg(long, env = "MOCK_POD_CONTROL_PORT", default_value_t = 8080)]
    pub control_port: u16,
}

#[derive(Debug, Args)]
pub struct Open {
    #[command(flatten)]
    pub control: Healthcheck,

    /// Pod to show, where it is not the main one.
    #[arg(long, value_name = "NAME")]
    pub pod: Option<String>,

    /// Print the page's address, and open nothing.
    #[arg(long)]
    pub print: bool,
}

/// Reads `4194304`, `4096KiB`, `4MiB` or `4MB`.
fn bytes(text: &str) -> Result<usize, String> {
    const UNITS: [(&str, usize); 7] = [
        ("", 1),
        ("kb", 1_000),
        ("mb", 1_000_000),
        ("gb", 1_000_000_000),
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
    ];
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim().to_lowercase());
    let factor = UNITS.into_iter().find(|(name, _)| *name == unit).map(|(_, factor)| factor);
    let bytes = factor.and_then(|factor| number.parse::<usize>().ok()?.checked_mul(factor));
    bytes.ok_or_else(|| "expected a number of bytes, like 4194304, 4MiB or 4MB".to_owned())
}

/// Reads `NAME:PASSWORD`. A name has no colon (RFC 7617).
fn credentials(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once(':').filter(|(name, _)| !name.is_empty());
    let (name, password) = parts.ok_or("expected NAME:PASSWORD")?;
    Ok((name.to_owned(), password.to_owned()))
}

/// Reads `HOST=LISTENER` or `HOST:PORT=LISTENER`.
fn proxy_host(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, port) = parts.ok_or("expected NAME=LISTENER, like certs.my-pod.example=mtls")?;
    Ok((name.to_owned(), port.to_owned()))
}

impl Arguments {
    /// The arguments of the program, or the end of it. An error in the value of a variable names the
    /// variable: nobody wrote the flag.
    pub fn read() -> Self {
        Self::try_parse().unwrap_or_else(|mut error| {
            if let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg)
                && let Some(variable) = variable_behind(flag)
            {
                let named = format!("{flag} (from the environment variable {variable})");
                error.insert(ContextKind::InvalidArg, ContextValue::String(named));
            }
            error.exit()
        })
    }
}

/// The variable that gives a flag, written as `--port <PORT>`, its value; none where it was written.
fn variable_behind(flag: &str) -> Option<String> {
    let flag = flag.split_whitespace().next()?;
    let is_written = |argument: std::ffi::OsString| {
        let argument = argument.to_string_lossy();
        argument == flag || argument.starts_with(&format!("{flag}="))
    };
    if std::env::args_os().any(is_written) {
        return None;
    }
    let command = Arguments::command();
    let of_flag = |argument: &&clap::Arg| argument.get_long() == flag.strip_prefix("--");
    let variable = command.get_arguments().find(of_flag)?.get_env()?.to_str()?.to_owned();
    std::env::var_os(&variable).is_some().then_some(variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_units() {
        for (text, expected) in [
            ("0", 0),
            ("4194304", 4 << 20),
            ("4MiB", 4 << 20),
            ("4 MB", 4_000_000),
            ("1gib", 1 << 30),
        ] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for bad in ["", "MB", "4 lots", "-1", "1.5MB", "99999999999999999999", "99999999999999GiB"]
        {
            assert!(bytes(bad).unwrap_err().contains("4MiB"), "{bad}");
        }
    }
}
