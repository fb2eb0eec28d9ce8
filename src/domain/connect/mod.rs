//! Community Connect: companies without a pod of their own, whose people partners of Symphony bring to
//! a pod that all of them share.
//!
//! What is refused and in which words is that of the documentation (SymphonyPlatformSolutions/
//! symphony-developers-documentation, symphony-rest-api/symphony-channel-connect-rest-api.md), which
//! has since been replaced by that of another version.

mod onboarding;
mod refusal;
mod tenants;

use std::sync::Arc;

use imbl::{OrdMap, OrdSet, Vector};

use super::register::{Register, Registered};
use super::seeded_rng::SeededRng;
use super::{PodId, Timestamp, UserId, World};

pub use onboarding::{ConnectUserRequest, Onboarded, OnboardingRequest, OnboardingStanding};
pub use refusal::{ConnectRefusal, ConnectStatus};
use tenants::Tenants;
pub use tenants::{TakenByOthers, Tenant, TenantRequest, TenantUser};

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
    partners: Register<Partner>,
    companies: Register<ConnectCompany>,
    /// Companies of Connect v2.
    tenants: Tenants,
    /// Users, each with the places of the companies that have him.
    employers: OrdSet<(UserId, usize)>,
    /// The highest number that is a company's id.
    last_number: u64,
    /// Access tokens that were given, with the names of the partners and their ends.
    tokens: OrdMap<Arc<str>, (String, Timestamp)>,
}

impl Registered for Partner {
    /// His name.
    type Id = String;
    /// His client id.
    type Name = String;

    fn id(&self) -> String {
        self.name.clone()
    }

    fn name(&self) -> String {
        self.client_id.clone()
    }
}

impl Registered for ConnectCompany {
    type Id = String;
    /// Its domain.
    type Name = String;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn name(&self) -> String {
        self.domain.clone()
    }
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
        self.partners.by_id(name)
    }

    /// The partner with this client id and secret.
    pub fn client(&self, id: &str, secret: &str) -> Option<&Partner> {
        self.clients(id).find(|it| it.client_secret == secret)
    }

    /// Those who have this client id.
    pub fn clients(&self, id: &str) -> impl Iterator<Item = &Partner> {
        self.partners.all_called(id)
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
        self.partners.put(partner);
    }

    /// Adds a company, or puts it in the place of the one that has its id.
    pub fn put_company(&mut self, company: ConnectCompany) {
        let (id, users) = (company.id.clone(), company.users.clone());
        let before = self.companies.put(company);
        let Some(place) = self.companies.place(&id) else { return };
        for user in before.into_iter().flat_map(|before| before.users) {
            self.employers.remove(&(user, place));
        }
        self.employers.extend(users.into_iter().map(|user| (user, place)));
        self.last_number = self.last_number.max(id.parse().unwrap_or_default());
    }

    /// Says that a user is of a company. Whoever is already stays where he is.
    fn employ(&mut self, company: &str, user: UserId) {
        let Some(place) = self.companies.place(company) else { return };
        if self.employers.insert((user, place)).is_none() {
            self.companies.change(company, |company| company.users.push_back(user));
        }
    }

    /// Forgets all partners and companies. Tokens stay, and are worth nothing without their partners.
    pub fn clear(&mut self) {
        let (pod, tokens) = (self.pod, std::mem::take(&mut self.tokens));
        *self = Self { tokens, ..Self::of(pod) };
    }

    pub fn company_of_domain(&self, domain: &str) -> Option<&ConnectCompany> {
        self.companies.called(&domain.to_ascii_lowercase())
    }

    pub fn company_of(&self, user: UserId) -> Option<&ConnectCompany> {
        let (_, place) = self.employers.range((user, 0)..=(user, usize::MAX)).next()?;
        self.companies.at(*place)
    }

    pub fn company(&self, id: &str) -> Option<&ConnectCompany> {
        self.companies.by_id(id)
    }

    /// A number above all that companies have.
    pub fn free_company_id(&self) -> String {
        self.last_number.saturating_add(1).to_string()
    }
}

impl Connect {
    /// Beside a pod of this number.
    pub fn beside(own: PodId) -> Self {
        Self::of(if own == Self::POD { PodId(PodId::MAX - 1) } else { Self::POD })
    }

    fn of(pod: PodId) -> Self {
        Self {
            pod,
            partners: Register::default(),
            companies: Register::default(),
            tenants: Tenants::default(),
            employers: OrdSet::new(),
            last_number: 0,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u64) -> UserId {
        UserId::new(Connect::POD, number)
    }

    fn company(id: &str, domain: &str, users: &[u64]) -> ConnectCompany {
        ConnectCompany {
            id: id.to_owned(),
            name: "Acme".to_owned(),
            domain: domain.to_owned(),
            partner: "P".to_owned(),
            users: users.iter().map(|number| user(*number)).collect(),
        }
    }

    #[test]
    fn companies_that_change_are_found_by_what_they_have_now() {
        let mut connect = Connect::beside(PodId(1));
        connect.put_company(company("7", "acme.example", &[1, 2]));
        connect.put_company(company("x", "other.example", &[2, 3]));
        let of =
            |connect: &Connect, number| connect.company_of(user(number)).map(|it| it.id.clone());
        let seven = Some("7".to_owned());
        assert_eq!((of(&connect, 2), of(&connect, 3)), (seven.clone(), Some("x".to_owned())));
        connect.put_company(company("7", "acme.test", &[3]));
        assert_eq!(
            [1, 2, 3].map(|it| of(&connect, it)),
            [None, Some("x".to_owned()), seven.clone()]
        );
        assert!(connect.company_of_domain("acme.example").is_none());
        assert_eq!(connect.company_of_domain("ACME.test").map(|it| &*it.id), Some("7"));
        (0..2).for_each(|_| connect.employ("7", user(4)));
        assert_eq!(of(&connect, 4), seven);
        assert_eq!(connect.company("7").map(|it| it.users.len()), Some(2));
        assert_eq!(connect.free_company_id(), "8");
        connect.clear();
        assert_eq!((of(&connect, 3), connect.free_company_id()), (None, "1".to_owned()));
    }

    #[test]
    fn partners_of_one_client_id_are_told_apart_by_their_secrets() {
        let mut connect = Connect::beside(PodId(1));
        let partner = |name: &str, id: &str, secret: &str| Partner {
            name: name.to_owned(),
            client_id: id.to_owned(),
            client_secret: secret.to_owned(),
            api_key: None,
        };
        connect.put_partner(partner("One", "Two", "1"));
        connect.put_partner(partner("Two", "Two", "2"));
        let client = |connect: &Connect, secret| {
            connect.client("Two", secret).map(|partner| partner.name.clone())
        };
        assert_eq!(client(&connect, "2"), Some("Two".to_owned()));
        connect.put_partner(partner("One", "1", "1"));
        assert_eq!((client(&connect, "1"), client(&connect, "2")), (None, Some("Two".to_owned())));
    }
}
