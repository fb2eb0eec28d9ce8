//! How the partners and companies of Community Connect in a document are made.

use std::collections::BTreeSet;

use super::{Builder, Built, Mistakes, pod_id};
use crate::domain::{
    ConnectCompany, Partner, PodId, TakenByOthers, Tenant, TenantRequest, TenantUser,
};
use crate::scenario::document::{
    ConnectCompanySeed, ConnectSeed, ConnectTenantSeed, PartnerSeed, Scenario,
};
use crate::scenario::{contradiction, export};

impl Builder<'_> {
    pub(super) fn set_up_connect(&mut self, scenario: &Scenario) -> Built<()> {
        const SECTION: &str = "communityConnect";
        let Some(seed) = &scenario.community_connect else { return Ok(()) };
        let seed = match self.change {
            Some(_) => {
                let current = export::community_connect(&self.world).unwrap_or_default();
                self.changed(SECTION, None, current)?
            }
            None => seed.clone(),
        };
        let mut mistakes = Mistakes::default();
        mistakes.note(self.set_connect_pod(&seed));
        self.world.connect.clear();
        for (n, partner) in seed.partners.iter().enumerate() {
            mistakes.note(self.add_partner(&format!("{SECTION}.partners[{n}]"), partner));
        }
        for (n, company) in seed.companies.iter().enumerate() {
            mistakes.note(self.add_company(&format!("{SECTION}.companies[{n}]"), company));
        }
        let taken = self.world.taken_by_others();
        for (n, tenant) in seed.tenants.iter().enumerate() {
            mistakes.note(self.add_tenant(&format!("{SECTION}.tenants[{n}]"), tenant, &taken));
        }
        mistakes.unless_any(())
    }

    fn set_connect_pod(&mut self, seed: &ConnectSeed) -> Built<()> {
        const AT: &str = "communityConnect.pod";
        let pod = pod_id(AT, seed.pod)?;
        if pod == self.world.identity.id {
            return Err(contradiction(AT.into(), "is the pod itself".into()));
        }
        self.world.connect.pod = pod;
        Ok(())
    }

    fn add_partner(&mut self, at: &str, seed: &PartnerSeed) -> Built<()> {
        if seed.name.trim().is_empty() {
            return Err(contradiction(format!("{at}.name"), "is empty".into()));
        }
        let connect = &self.world.connect;
        let client_id = seed.client_id.as_ref().unwrap_or(&seed.name);
        let taken = connect.clients(client_id).next().is_some();
        if taken || connect.partner(&seed.name).is_some() {
            let problem = format!("there is a partner {:?} or {client_id:?} already", seed.name);
            return Err(contradiction(at.to_owned(), problem));
        }
        let partner = Partner::called(&seed.name, &mut self.world.rng);
        self.world.connect.put_partner(Partner {
            client_id: client_id.clone(),
            client_secret: seed.client_secret.clone().unwrap_or(partner.client_secret),
            api_key: seed.api_key.clone(),
            name: partner.name,
        });
        Ok(())
    }

    fn add_company(&mut self, at: &str, seed: &ConnectCompanySeed) -> Built<()> {
        let (connect, wrong) = (&self.world.connect, |field: &str, problem: String| {
            contradiction(format!("{at}.{field}"), problem)
        });
        if connect.partner(&seed.partner).is_none() {
            return Err(wrong("partner", format!("there is no partner {:?}", seed.partner)));
        }
        let id = seed.id.clone().unwrap_or_else(|| connect.free_company_id());
        if connect.company(&id).is_some() {
            return Err(wrong("id", format!("there is a company {id:?} already")));
        }
        if !seed.domain.contains('.') || seed.domain.contains('@') {
            return Err(wrong("domain", format!("{:?} is no domain", seed.domain)));
        }
        if connect.company_of_domain(&seed.domain).is_some() {
            return Err(wrong("domain", format!("{:?} belongs to another company", seed.domain)));
        }
        let users = self.members(&format!("{at}.users"), &seed.users)?;
        let pod = self.world.connect.pod;
        if let Some(stranger) = users.iter().find(|user| user.pod() != pod) {
            let problem = format!("{stranger} is of pod {}, not {}", stranger.pod().0, pod.0);
            return Err(wrong("users", problem));
        }
        let named: BTreeSet<_> = users.iter().collect();
        if named.len() < users.len() {
            return Err(wrong("users", "somebody is there twice".into()));
        }
        self.world.connect.put_company(ConnectCompany {
            id,
            name: seed.name.clone(),
            domain: seed.domain.to_lowercase(),
            partner: seed.partner.clone(),
            users: users.into_iter().collect(),
        });
        Ok(())
    }
}

impl Builder<'_> {
    fn add_tenant(
        &mut self,
        at: &str,
        seed: &ConnectTenantSeed,
        taken: &TakenByOthers,
    ) -> Built<()> {
        let wrong = |field: &str, problem: String| contradiction(format!("{at}.{field}"), problem);
        if self.world.connect.partner(&seed.partner).is_none() {
            return Err(wrong("partner", format!("there is no partner {:?}", seed.partner)));
        }
        let id = seed.id.clone().unwrap_or_else(|| self.world.rng.uuid());
        if self.world.connect.tenant(&id).is_some() {
            return Err(wrong("id", format!("there is a company {id:?} already")));
        }
        let request = TenantRequest {
            name: seed.name.clone(),
            vanity_name: seed.vanity_name.clone(),
            domains: seed.email_domains.clone(),
        };
        let checked = self.world.check_tenant(&request, taken);
        checked.map_err(|refusal| contradiction(at.to_owned(), refusal.why()))?;
        let names: Vec<_> = seed.users.iter().map(|it| it.user.clone()).collect();
        let users = self.members(&format!("{at}.users"), &names)?;
        let pod = self.world.connect.pod;
        if let Some(stranger) = users.iter().find(|user| user.pod() != pod) {
            let problem = format!("{stranger} is of pod {}, not {}", stranger.pod().0, pod.0);
            return Err(wrong("users", problem));
        }
        let (mut ids, mut named) = (BTreeSet::new(), BTreeSet::new());
        let users = seed.users.iter().zip(users).map(|(seed, user)| {
            let id = seed.id.clone().unwrap_or_else(|| self.world.rng.uuid());
            let is_new = ids.insert(id.clone()) & named.insert(user);
            is_new.then_some(TenantUser { id, user })
        });
        let users = users.collect::<Option<_>>();
        let users = users.ok_or_else(|| wrong("users", "somebody is there twice".into()))?;
        let created = seed.created.map_or(self.now, |created| created.resolve(self.now));
        self.world.connect.put_tenant(Tenant {
            id,
            name: request.name,
            vanity_name: request.vanity_name,
            domains: request.domains.iter().map(|domain| domain.to_ascii_lowercase()).collect(),
            partner: seed.partner.clone(),
            created,
            updated: seed.updated.map_or(created, |updated| updated.resolve(self.now)),
            completed: seed.completed.map_or(created, |completed| completed.resolve(self.now)),
            users,
        });
        Ok(())
    }
}

impl Default for ConnectSeed {
    fn default() -> Self {
        Self { pod: PodId::MAX, partners: Vec::new(), companies: Vec::new(), tenants: Vec::new() }
    }
}
