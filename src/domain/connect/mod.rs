//! Community Connect: companies without a pod of their own, whose people partners of Symphony bring to
//! a pod that all of them share.
//!
//! What is refused and in which words is that of the documentation (SymphonyPlatformSolutions/
//! symphony-developers-documentation, symphony-rest-api/symphony-channel-connect-rest-api.md), which
//! has since been replaced by that of another version.

mod onboarding;
mod refusal;

use std::sync::Arc;

use imbl::{OrdMap, Vector};

use super::seeded_rng::SeededRng;
use super::{PodId, Timestamp, UserId, World};

pub use onboarding::{ConnectUserRequest, Onboarded, OnboardingRequest, OnboardingStanding};
pub use refusal::{ConnectRefusal, ConnectStatus};

/// Somebody who may bring people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Unique.
    pub name: String,
    /// With these he gets access tokens.
    pub client_id: String,
    pub client_secret: String,
    /// With this he may ask what stands in somebody's way, without a token.
    pub api_key: Option<String>,
}

/// A company without a pod of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectCompany {
    pub id: String,
    pub name: String,
    /// What the e-mail addresses of its people end in, in lower case. Unique.
    pub domain: String,
    /// Name of the partner who brought it.
    pub partner: String,
    /// In the order in which they came.
    pub users: Vector<UserId>,
}

/// All partners and companies, and the pod that the companies share.
#[derive(Debug, Clone)]
pub struct Connect {
    pub pod: PodId,
    partners: Vector<Partner>,
    companies: Vector<ConnectCompany>,
    /// Access tokens that were given, with the names of the partners and their ends.
    tokens: OrdMap<Arc<str>, (String, Timestamp)>,
}

impl Connect {
    /// The number of the pod that companies share, unless a seed says otherwise, or it is this pod's.
    const POD: PodId = PodId(PodId::MAX);

    pub fn partners(&self) -> impl Iterator<Item = &Partner> {
        self.partners.iter()
    }

    pub fn companies(&self) -> impl Iterator<Item = &ConnectCompany> {
        self.companies.iter()
    }

    pub fn partner(&self, name: &str) -> Option<&Partner> {
        self.partners().find(|partner| partner.name == name)
    }

    /// The partner with this client id and secret.
    pub fn client(&self, id: &str, secret: &str) -> Option<&Partner> {
        self.partners().find(|it| it.client_id == id && it.client_secret == secret)
    }

    /// The partner who has this API key.
    pub fn partner_of_key(&self, key: &str) -> Option<&Partner> {
        self.partners().find(|partner| partner.api_key.as_deref() == Some(key))
    }

    /// The partner who may show this access token at `now`.
    pub fn partner_of_token(&self, token: &str, now: Timestamp) -> Option<&Partner> {
        let (name, _) = self.tokens.get(token).filter(|(_, end)| now < *end)?;
        self.partner(name)
    }

    /// Remembers an access token. Those whose time is over are forgotten.
    pub fn give_token(&mut self, token: &str, partner: &str, end: Timestamp, now: Timestamp) {
        let (mut good, tokens) = (OrdMap::new(), std::mem::take(&mut self.tokens));
        good.extend(tokens.into_iter().filter(|(_, (_, end))| now < *end));
        self.tokens = good;
        self.tokens.insert(token.into(), (partner.to_owned(), end));
    }

    /// Adds a partner, or puts him in the place of the one who has his name.
    pub fn put_partner(&mut self, partner: Partner) {
        match self.partners.iter().position(|known| known.name == partner.name) {
            Some(place) => self.partners[place] = partner,
            None => self.partners.push_back(partner),
        }
    }

    /// Adds a company, or puts it in the place of the one that has its id.
    pub fn put_company(&mut self, company: ConnectCompany) {
        match self.companies.iter().position(|known| known.id == company.id) {
            Some(place) => self.companies[place] = company,
            None => self.companies.push_back(company),
        }
    }

    /// Forgets all partners and companies. Tokens stay, and are worth nothing without their partners.
    pub fn clear(&mut self) {
        self.partners.clear();
        self.companies.clear();
    }

    pub fn company_of_domain(&self, domain: &str) -> Option<&ConnectCompany> {
        self.companies().find(|company| company.domain.eq_ignore_ascii_case(domain))
    }

    pub fn company_of(&self, user: UserId) -> Option<&ConnectCompany> {
        self.companies().find(|company| company.users.contains(&user))
    }

    pub fn company(&self, id: &str) -> Option<&ConnectCompany> {
        self.companies().find(|company| company.id == id)
    }

    /// A number above all that companies have.
    pub fn free_company_id(&self) -> String {
        let numbers = self.companies().filter_map(|company| company.id.parse::<u64>().ok());
        (numbers.max().unwrap_or_default().saturating_add(1)).to_string()
    }
}

impl Connect {
    /// Beside a pod of this number.
    pub fn beside(own: PodId) -> Self {
        Self {
            pod: if own == Self::POD { PodId(PodId::MAX - 1) } else { Self::POD },
            partners: Vector::new(),
            companies: Vector::new(),
            tokens: OrdMap::new(),
        }
    }
}

impl Partner {
    /// A partner whose secret nobody chose.
    pub fn called(name: &str, rng: &mut SeededRng) -> Self {
        Self {
            name: name.to_owned(),
            client_id: name.to_owned(),
            client_secret: rng.uuid(),
            api_key: None,
        }
    }
}

impl World {
    /// The partner of this name, who is made where there is none yet.
    pub fn partner_called(&mut self, name: &str) -> Partner {
        if let Some(partner) = self.connect.partner(name) {
            return partner.clone();
        }
        let partner = Partner::called(name, &mut self.rng);
        self.connect.put_partner(partner.clone());
        partner
    }
}
