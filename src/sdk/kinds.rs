use std::fmt;
use std::str::FromStr;

use super::SdkConfigError;

/// An SDK with a configuration format of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sdk {
    /// `symphony-bdk-java`.
    JavaBdk,
    /// `symphony-bdk-python`.
    PythonBdk,
    /// The Spring Boot starter of `symphony-bdk-java`.
    SpringBoot,
    /// `symphony-api-client-java`, up to 1.
    LegacyJava,
    /// `sym-api-client-python`.
    LegacyPython,
    /// `symphony-api-client-node`.
    LegacyNode,
}

/// How a bot proves who it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Login {
    /// By client certificate.
    #[default]
    Certificate,
    /// By a JWT signed with its RSA key.
    Rsa,
}

/// How the Java BDK spreads its calls over several agents
/// (`BdkLoadBalancingMode`, finos/symphony-bdk-java#323). The others know one agent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LoadBalancing {
    /// One agent after the other.
    #[default]
    RoundRobin,
    /// By chance.
    Random,
    /// As the load balancer in front of the agents says, which is the pod's main port.
    External,
}

impl Sdk {
    pub const ALL: [Self; 6] = [
        Self::JavaBdk,
        Self::PythonBdk,
        Self::SpringBoot,
        Self::LegacyJava,
        Self::LegacyPython,
        Self::LegacyNode,
    ];

    /// What it is called in requests and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Self::JavaBdk => "java-bdk",
            Self::PythonBdk => "python-bdk",
            Self::SpringBoot => "spring",
            Self::LegacyJava => "legacy-java",
            Self::LegacyPython => "legacy-python",
            Self::LegacyNode => "legacy-node",
        }
    }

    /// Name of its configuration file beside those of other SDKs.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::JavaBdk => "java-bdk.yaml",
            Self::PythonBdk => "python-bdk.yaml",
            Self::SpringBoot => "application.yaml",
            Self::LegacyJava => "legacy-java.json",
            Self::LegacyPython => "legacy-python.json",
            Self::LegacyNode => "legacy-node.json",
        }
    }

    /// Whether it is told of the pod's context.
    pub(super) const fn takes_context(self) -> bool {
        matches!(self, Self::JavaBdk | Self::PythonBdk | Self::SpringBoot)
    }

    pub(super) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl Login {
    const ALL: [Self; 2] = [Self::Certificate, Self::Rsa];

    /// What it is called in requests and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Rsa => "rsa",
        }
    }
}

impl LoadBalancing {
    pub(super) const ALL: [Self; 3] = [Self::RoundRobin, Self::Random, Self::External];

    /// What the BDK calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RoundRobin => "roundRobin",
            Self::Random => "random",
            Self::External => "external",
        }
    }
}

/// Writes and reads each by its name.
macro_rules! by_name {
    ($($kind:ident or $unknown:ident),* $(,)?) => {$(
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $kind {
            type Err = SdkConfigError;

            fn from_str(name: &str) -> Result<Self, SdkConfigError> {
                let named = Self::ALL.into_iter().find(|it| it.name() == name);
                named.ok_or_else(|| SdkConfigError::$unknown(name.to_owned()))
            }
        }
    )*};
}

by_name!(Sdk or Unknown, Login or UnknownLogin, LoadBalancing or UnknownLoadBalancing);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for sdk in Sdk::ALL {
            assert_eq!(sdk.name().parse(), Ok(sdk));
        }
        assert!("cobol".parse::<Sdk>().unwrap_err().to_string().contains("python-bdk"));
        assert_eq!("rsa".parse(), Ok(Login::Rsa));
        assert!("sso".parse::<Login>().is_err());
        for mode in LoadBalancing::ALL {
            assert_eq!(mode.name().parse(), Ok(mode));
        }
        assert!("sticky".parse::<LoadBalancing>().is_err());
    }
}
