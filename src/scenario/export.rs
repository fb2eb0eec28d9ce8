//! How a world is told as a document.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::dlp::{
    DlpDictionarySeed, DlpFileClassifierSeed, DlpFileExtensionSeed, DlpFilePasswordSeed,
    DlpPolicyPartSeed, DlpPolicySeed, DlpRuleSeed, DlpTextMatchSeed,
};
use super::document::{
    AppSeed, AttachmentSeed, AuditSeed, BarrierGroupSeed, BarrierPolicySeed, ConnectCompanySeed,
    ConnectSeed, ConnectTenantSeed, ConnectTenantUserSeed, ConnectionSeed, ConversationSeed,
    DisclaimerSeed, ExportFileSeed, FollowSeed, ForeignPodSeed, GroupSeed, HistorySeed, KeysSeed,
    KeywordSeed, MessageSeed, OriginSeed, PartnerSeed, PodSeed, ReceiptSeed, RoomGroupSeed,
    RoomSeed, Scenario, SignalSeed, SuspensionSeed, UserSeed,
};
use super::{MemberSeed, SeedTime, StreamSeed, SubscriberSeed};
use crate::domain::{
    AccountStatus, App, Attachment, AuditEntry, Avatar, BarrierGroup, BarrierPolicy, Connect,
    ConnectCompany, Dictionary, Disclaimer, DlpPolicy, DlpPolicyPart, DlpRule, DlpRuleKind,
    DocumentId, ExportFile, Feature, FileId, Group, GroupLimits, GroupMember, Identity, KeyRing,
    Manifest, Markup, Member, Message, Partner, PublicKey, Relationship, SeededConnection, Signal,
    Stream, StreamId, Subscription, Tenant, Timestamp, User, UserId, World,
};

pub fn scenario(world: &World) -> Scenario {
    let foreign = world.identity.foreign_pods.iter();
    let streams = || world.streams.iter();
    let follow = |(followed, follower)| FollowSeed {
        follower: name(world, follower),
        followed: name(world, followed),
    };
    Scenario {
        pod: pod(&world.identity),
        settings: world.settings.clone(),
        clock: None,
        foreign_pods: foreign
            .map(|(id, company)| ForeignPodSeed { id: id.0, company: company.clone() })
            .collect(),
        users: world.users.iter().filter(|it| !it.is_group()).map(|it| user(world, it)).collect(),
        groups: world.groups.iter().map(|it| group(world, it)).collect(),
        apps: world.apps.iter().map(|it| app(world, it)).collect(),
        rooms: streams().filter(|it| it.room().is_some()).map(|it| room(world, it)).collect(),
        conversations: streams()
            .filter(|it| it.room().is_none())
            .map(|it| conversation(world, it))
            .collect(),
        connections: world.connections.iter().map(|it| connection(world, it)).collect(),
        follows: world.following.in_order().into_iter().map(follow).collect(),
        disclaimers: world.disclaimers.iter().map(disclaimer).collect(),
        information_barrier_groups: world
            .barriers
            .groups()
            .map(|it| barrier_group(world, it))
            .collect(),
        information_barrier_policies: world
            .barriers
            .policies()
            .map(|it| barrier_policy(world, it))
            .collect(),
        instruments: world.instruments.iter().cloned().collect(),
        content_exports: world.exports.iter().map(|it| export_file(it)).collect(),
        community_connect: community_connect(world),
        sso: world.sso.clone(),
        signals: world.signals.iter().map(|it| signal(world, it)).collect(),
        dlp_dictionaries: world.dlp.dictionaries().map(|it| dictionary(world, it)).collect(),
        dlp_policies: world.dlp.policies().map(|it| policy(world, it)).collect(),
        audit_trail: world.audit.iter().map(|it| audited(world, it)).collect(),
        messages: world.messages.in_order().into_iter().map(|it| message(world, it)).collect(),
    }
}

pub fn pod(identity: &Identity) -> PodSeed {
    PodSeed {
        id: identity.id.0,
        name: identity.name.clone(),
        company: identity.company.clone(),
        version: identity.pod_version.clone(),
        agent_version: identity.agent_version.clone(),
    }
}

pub fn user(world: &World, user: &User) -> UserSeed {
    let (public_key, keys) = keys(&user.keys);
    let presence = world.presences.known(user.id);
    let profile = match serde_json::to_value(&user.profile) {
        Ok(Value::Object(profile)) => profile,
        _ => Map::new(),
    };
    let history = &user.history;
    UserSeed {
        username: user.username.clone(),
        id: Some(user.id.as_u64()),
        pod: (user.id.pod() != world.identity.id).then_some(user.id.pod().0),
        account_type: user.account_type.clone(),
        enabled: user.status == AccountStatus::Enabled,
        certificate_login: user.certificate_login,
        display_name: Some(user.display_name.clone()),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        email: user.email.clone(),
        company: Some(user.company.clone()),
        title: user.title.clone(),
        department: user.department.clone(),
        location: user.location.clone(),
        public_key,
        keys,
        roles: Some(user.roles.clone()),
        features: Feature::ALL
            .into_iter()
            .filter(|feature| user.features.has(*feature) != feature.is_on_by_default())
            .map(|feature| (feature.as_str().to_owned(), !feature.is_on_by_default()))
            .collect(),
        presence: presence.map(|presence| presence.category),
        presence_since: presence.and_then(|presence| presence.since).map(SeedTime::from),
        suspension: user.suspension.as_ref().map(|suspension| SuspensionSeed {
            until: suspension.until.map(|until| until.0),
            reason: suspension.reason.clone(),
        }),
        profile,
        avatar: user.avatar.as_ref().map(Avatar::to_base64),
        delegates: user.delegates.iter().map(|it| name(world, *it)).collect(),
        disclaimer: user
            .disclaimer
            .and_then(|id| world.disclaimers.by_id(id))
            .map(|disclaimer| disclaimer.name.clone()),
        manifest: user.manifest.as_deref().map(Value::from),
        history: HistorySeed {
            created: moment(history.created),
            created_by: history.created_by.map(|by| name(world, by)),
            updated: moment(history.updated),
            last_login: moment(history.last_login),
            deactivated: moment(history.deactivated),
        },
    }
}

pub fn group(world: &World, group: &Group) -> GroupSeed {
    let member = |GroupMember { user, added }: &GroupMember| {
        let user = name(world, *user);
        match *added == group.created {
            true => MemberSeed::Name(user),
            false => MemberSeed::Joined { user, joined: (*added).into() },
        }
    };
    let profile = match serde_json::to_value(&group.profile) {
        Ok(Value::Object(profile)) => profile,
        _ => Map::new(),
    };
    GroupSeed {
        name: group.name.clone(),
        id: Some(group.account.as_u64()),
        profile_id: Some(group.id.to_string()),
        status: group.status,
        e_tag: Some(group.e_tag.clone()),
        members: group.members.iter().map(member).collect(),
        profile,
        limits: Some(group.limits.clone()).filter(|limits| *limits != GroupLimits::default()),
        avatar: world.avatar_of(group.account).map(Avatar::to_base64),
        created: Some(group.created.into()),
        created_by: group.created_by.map(|by| name(world, by)),
        updated: (group.updated != group.created).then(|| group.updated.into()),
        updated_by: group.updated_by.map(|by| name(world, by)),
    }
}

/// What a document calls a group: its name, or the id of its account where another has the name.
fn group_name(world: &World, account: UserId) -> String {
    let group = world.groups.by_account(account);
    let unique = group.filter(|group| {
        world.groups.called(&group.name).is_some_and(|called| called.account == account)
    });
    unique.map_or_else(|| account.to_string(), |group| group.name.clone())
}

pub fn app(world: &World, app: &App) -> AppSeed {
    let (public_key, keys) = keys(&app.keys);
    let by_name = |users: &BTreeMap<UserId, bool>| {
        users.iter().map(|(user, value)| (name(world, *user), *value)).collect()
    };
    let products = app.store.products.iter();
    AppSeed {
        id: app.id.to_string(),
        name: Some(app.name.clone()),
        enabled: app.enabled,
        certificate_login: app.certificate_login,
        installed_for_all: app.installed_for_all,
        permissions: app.permissions.clone(),
        public_key,
        keys,
        installed: by_name(&app.installed),
        listed_for_all: app.store.listed_for_all,
        listed: by_name(&app.store.listed),
        products: products.map(|(user, it)| (name(world, *user), it.clone())).collect(),
        manifest: Some(app.manifest.clone()).filter(|it| *it != Manifest::default()),
    }
}

pub fn room(world: &World, stream: &Stream) -> RoomSeed {
    let created = stream.created;
    let member = |member: &Member| {
        let user = name(world, member.user);
        match member.joined == created {
            true => MemberSeed::Name(user),
            false => MemberSeed::Joined { user, joined: member.joined.into() },
        }
    };
    let (owners, others): (Vec<&Member>, Vec<&Member>) =
        stream.members().partition(|member| member.owner);
    let last = stream.members().map(|member| member.joined).max();
    let first_owner = owners.iter().min_by_key(|owner| owner.joined).map(|owner| owner.user);
    let flag = |value: bool| value.then_some(true);
    let mut seed = RoomSeed {
        name: String::new(),
        id: Some(stream.id.to_string()),
        description: None,
        keywords: None,
        members_can_invite: None,
        discoverable: None,
        public: None,
        read_only: None,
        copy_protected: None,
        cross_pod: None,
        view_history: None,
        multilateral: None,
        scheduled_meeting: None,
        invisible: None,
        creator: (Some(stream.creator) != first_owner).then(|| name(world, stream.creator)),
        created: Some(created.into()),
        active: stream.active,
        owners: owners.into_iter().map(member).collect(),
        members: others.into_iter().map(member).collect(),
        groups: stream
            .groups()
            .iter()
            .map(|added| RoomGroupSeed {
                group: group_name(world, added.group),
                added_by: (added.added_by != stream.creator).then(|| name(world, added.added_by)),
            })
            .collect(),
        members_by_group: (!stream.groups().is_empty()).then(|| {
            let users = stream.members().map(|member| member.user);
            users.filter(|it| stream.is_in_by_group(*it)).map(|it| name(world, it)).collect()
        }),
        past_members: stream.past_members().map(member).collect(),
        modified: (Some(stream.modified) != last).then(|| stream.modified.into()),
        pinned: stream.pinned.map(|pinned| pinned.to_string()),
    };
    if let Some(room) = stream.room() {
        let keywords = room.keywords.iter();
        let keywords: Vec<_> = keywords
            .map(|(key, value)| KeywordSeed { key: key.clone(), value: value.clone() })
            .collect();
        seed.name = room.name.to_string();
        seed.description = room.description.clone();
        seed.keywords = Some(keywords).filter(|keywords| !keywords.is_empty());
        seed.members_can_invite = flag(room.members_can_invite);
        seed.discoverable = flag(room.discoverable);
        seed.public = flag(room.public);
        seed.read_only = flag(room.read_only);
        seed.copy_protected = flag(room.copy_protected);
        seed.cross_pod = Some(room.cross_pod);
        seed.view_history = flag(room.view_history);
        seed.multilateral = flag(room.multilateral);
        seed.scheduled_meeting = flag(room.scheduled_meeting);
        seed.invisible = flag(room.invisible);
    }
    seed
}

pub fn conversation(world: &World, stream: &Stream) -> ConversationSeed {
    let members: Vec<_> = stream.members().map(|member| member.user).collect();
    ConversationSeed {
        id: Some(stream.id.to_string()),
        creator: (members.first() != Some(&stream.creator)).then(|| name(world, stream.creator)),
        members: members.into_iter().map(|member| name(world, member)).collect(),
        created: Some(stream.created.into()),
        active: stream.active,
        pinned: stream.pinned.map(|pinned| pinned.to_string()),
    }
}

pub fn connection(world: &World, seeded: SeededConnection) -> ConnectionSeed {
    ConnectionSeed {
        from: name(world, seeded.from),
        to: name(world, seeded.to),
        status: seeded.status.into(),
        first_asked: Some(seeded.request.first_at.into()),
        updated: Some(seeded.request.updated_at.into()),
        asked: Some(seeded.request.count),
    }
}

pub fn disclaimer(disclaimer: &Disclaimer) -> DisclaimerSeed {
    DisclaimerSeed {
        id: Some(disclaimer.id.to_string()),
        name: disclaimer.name.clone(),
        content: disclaimer.content.to_string(),
        frequency_in_hours: disclaimer.frequency_in_hours,
        default: disclaimer.is_default,
        active: disclaimer.is_active,
        created: Some(disclaimer.created.into()),
        modified: Some(disclaimer.modified.into()),
    }
}

pub fn export_file(file: &ExportFile) -> ExportFileSeed {
    let text = std::str::from_utf8(&file.bytes).ok().map(str::to_owned);
    ExportFileSeed {
        id: Some(file.id.clone()),
        name: file.name.clone(),
        content_type: Some(file.content_type.clone()),
        base64: text.is_none().then(|| STANDARD.encode(&file.bytes)),
        text,
        uploaded: Some(file.uploaded.into()),
        encryption_key: file.encryption.as_ref().map(|(key, _)| key.clone()),
        encryption: file.encryption.as_ref().map(|(_, alg)| alg.clone()),
        job_type: file.job_type,
        file_format: file.format.clone(),
        start: moment(file.start),
        end: moment(file.end),
        generated: file.generated.map(ExportFile::date),
    }
}

/// Nothing where it is as on every pod.
pub fn community_connect(world: &World) -> Option<ConnectSeed> {
    let partner = |partner: &Partner| PartnerSeed {
        name: partner.name.clone(),
        client_id: Some(partner.client_id.clone()),
        client_secret: Some(partner.client_secret.clone()),
        api_key: partner.api_key.clone(),
    };
    let company = |company: &ConnectCompany| ConnectCompanySeed {
        id: Some(company.id.clone()),
        name: company.name.clone(),
        domain: company.domain.clone(),
        partner: company.partner.clone(),
        users: company.users.iter().map(|user| name(world, *user)).collect(),
    };
    let tenant = |tenant: &Tenant| ConnectTenantSeed {
        id: Some(tenant.id.clone()),
        name: tenant.name.clone(),
        vanity_name: tenant.vanity_name.clone(),
        email_domains: tenant.domains.clone(),
        partner: tenant.partner.clone(),
        created: Some(tenant.created.into()),
        updated: Some(tenant.updated.into()),
        completed: Some(tenant.completed.into()),
        users: tenant
            .users
            .iter()
            .map(|it| ConnectTenantUserSeed { id: Some(it.id.clone()), user: name(world, it.user) })
            .collect(),
    };
    let connect = &world.connect;
    let seed = ConnectSeed {
        pod: connect.pod.0,
        partners: connect.partners().map(partner).collect(),
        companies: connect.companies().map(company).collect(),
        tenants: connect.tenants().map(tenant).collect(),
    };
    let is_told =
        connect.pod != Connect::beside(world.identity.id).pod || !seed.partners.is_empty();
    is_told.then_some(seed)
}

pub fn barrier_group(world: &World, group: &BarrierGroup) -> BarrierGroupSeed {
    BarrierGroupSeed {
        id: Some(group.id.to_string()),
        name: group.name.clone(),
        active: group.active,
        members: group.members.iter().map(|it| name(world, *it)).collect(),
        created: Some(group.created.into()),
        modified: Some(group.modified.into()),
    }
}

pub fn barrier_policy(world: &World, policy: &BarrierPolicy) -> BarrierPolicySeed {
    let called = |id: DocumentId| {
        let group = world.barriers.group(id);
        group.map_or_else(|| id.to_string(), |group| group.name.clone())
    };
    BarrierPolicySeed {
        id: Some(policy.id.to_string()),
        kind: policy.kind,
        active: policy.active,
        groups: policy.groups.map(called).into(),
        created: Some(policy.created.into()),
        modified: Some(policy.modified.into()),
    }
}

pub fn signal(world: &World, signal: &Signal) -> SignalSeed {
    let others = signal.subscriptions().filter(|held| held.user != signal.owner);
    let subscriber = |held: &Subscription| {
        let user = name(world, held.user);
        match held.pushed || held.since != signal.created {
            true => SubscriberSeed::Subscribed {
                user,
                pushed: held.pushed,
                since: Some(held.since.into()),
            },
            false => SubscriberSeed::Name(user),
        }
    };
    SignalSeed {
        id: Some(signal.id.to_string()),
        name: signal.name.clone(),
        query: signal.query.to_string(),
        owner: name(world, signal.owner),
        company_wide: signal.company_wide,
        visible_on_profile: signal.visible_on_profile,
        created: Some(signal.created.into()),
        subscribers: others.map(subscriber).collect(),
    }
}

/// Its latest version: the earlier ones are not told.
pub fn dictionary(world: &World, dictionary: &Dictionary) -> DlpDictionarySeed {
    let latest = dictionary.latest();
    DlpDictionarySeed {
        id: Some(dictionary.id.to_string()),
        name: latest.name.clone(),
        kind: dictionary.kind,
        terms: latest.terms.iter().map(|term| term.to_string()).collect(),
        version: Some(latest.version),
        creator: dictionary.creator.map(|creator| name(world, creator)),
        created: Some(dictionary.created.into()),
        updated: (latest.updated != dictionary.created).then(|| latest.updated.into()),
    }
}

/// Its latest version: the earlier ones are not told.
pub fn policy(world: &World, policy: &DlpPolicy) -> DlpPolicySeed {
    let latest = policy.latest();
    DlpPolicySeed {
        id: Some(policy.id.to_string()),
        name: latest.name.clone(),
        enabled: policy.active,
        scopes: latest.scopes.iter().copied().collect(),
        applies_to: latest.parts.iter().map(policy_part).collect(),
        version: Some(latest.version),
        creator: policy.creator.map(|creator| name(world, creator)),
        created: Some(policy.created.into()),
        updated: (latest.updated != policy.created).then(|| latest.updated.into()),
        last_disabled: moment(policy.last_disabled),
    }
}

fn policy_part(part: &DlpPolicyPart) -> DlpPolicyPartSeed {
    DlpPolicyPartSeed {
        data_type: part.data_type,
        action: part.action,
        dictionaries: Vec::new(),
        rules: part.rules.iter().map(rule).collect(),
    }
}

fn rule(rule: &DlpRule) -> DlpRuleSeed {
    let seed =
        DlpRuleSeed { id: rule.id.clone(), name: rule.name.clone(), ..DlpRuleSeed::default() };
    match &rule.kind {
        DlpRuleKind::TextMatch { dictionaries, unique, file_types } => DlpRuleSeed {
            text_match: Some(DlpTextMatchSeed {
                dictionaries: dictionaries.iter().map(|it| it.name.clone()).collect(),
                count_unique_occurrences: *unique,
                applicable_file_types: file_types.clone(),
            }),
            ..seed
        },
        DlpRuleKind::FileSize { limit } => DlpRuleSeed { file_size: Some(*limit), ..seed },
        DlpRuleKind::FileExtension { allowed, blocked } => DlpRuleSeed {
            file_extension: Some(DlpFileExtensionSeed {
                allowed: allowed.clone(),
                blocked: blocked.clone(),
            }),
            ..seed
        },
        DlpRuleKind::FilePassword { file_types, criterion } => DlpRuleSeed {
            file_password: Some(DlpFilePasswordSeed {
                match_criteria: *criterion,
                applicable_file_types: file_types.clone(),
            }),
            ..seed
        },
        DlpRuleKind::FileClassifier { classifiers, file_types } => DlpRuleSeed {
            file_classifier: Some(DlpFileClassifierSeed {
                classifiers: classifiers.clone(),
                applicable_file_types: file_types.clone(),
            }),
            ..seed
        },
    }
}

fn audited(world: &World, entry: &AuditEntry) -> AuditSeed {
    AuditSeed {
        action: entry.action.clone(),
        action_name: Some(entry.action_name.clone()),
        initiator: name(world, entry.initiator),
        affected: entry.affected.map(|affected| name(world, affected)),
        roles: Some(entry.roles.clone()),
        at: Some(entry.at.into()),
        details: entry.details.clone(),
    }
}

fn message(world: &World, message: &Message) -> MessageSeed {
    let source = world.source_of(message);
    let related = |wanted: Relationship| {
        let parent = message.parent.filter(|(_, relationship)| *relationship == wanted);
        parent.map(|(id, _)| id.to_string())
    };
    let data = source.data.map(|data| match serde_json::from_str(&data) {
        Ok(Value::Object(object)) => Value::Object(object),
        _ => Value::String(data),
    });
    let receipts = world.marks_of(message.id).map(|receipt| ReceiptSeed {
        user: name(world, receipt.user),
        delivered: moment(receipt.delivered),
        read: moment(receipt.read),
    });
    MessageSeed {
        key: None,
        id: Some(message.id.to_string()),
        stream: StreamSeed::Named(stream_name(world, message.stream)),
        from: name(world, message.author),
        at: Some(message.timestamp.into()),
        message: (source.markup == Markup::Typed).then(|| source.message.clone()),
        message_ml: (source.markup == Markup::MessageMl).then(|| source.message.clone()),
        presentation_ml: (source.markup == Markup::Verbatim).then(|| source.message.clone()),
        data,
        version: source.version,
        attachments: message.attachments.iter().filter_map(|it| attachment(world, it)).collect(),
        reply_to: related(Relationship::Reply),
        forwards: related(Relationship::Forward),
        replaces: message.update.map(|update| update.replacing.to_string()),
        silent: message.update.is_some_and(|update| update.silent),
        suppressed: moment(message.suppressed),
        disclaimer: message.disclaimer.as_deref().map(str::to_owned),
        origin: message
            .origin
            .as_deref()
            .map(|origin| OriginSeed { system: origin.system.clone(), id: origin.id.clone() }),
        receipts: receipts.collect(),
    }
}

fn attachment(world: &World, attachment: &Attachment) -> Option<AttachmentSeed> {
    let mut seed = file(world, &attachment.id)?;
    let preview = attachment.previews.first();
    seed.preview = preview.and_then(|preview| file(world, &preview.id)).map(Box::new);
    Some(seed)
}

fn file(world: &World, id: &FileId) -> Option<AttachmentSeed> {
    let file = world.messages.file(id)?;
    let is_text = file.content_type.starts_with("text/");
    let text = std::str::from_utf8(&file.bytes).ok().filter(|_| is_text).map(str::to_owned);
    let base64 = text.is_none().then(|| STANDARD.encode(&file.bytes));
    Some(AttachmentSeed {
        id: Some(id.to_string()),
        name: file.name.clone(),
        content_type: Some(file.content_type.clone()),
        text,
        base64,
        preview: None,
        malware_scan: world.messages.scan_result(id),
    })
}

/// The one key of an account that never had another; or all there is to say.
fn keys(ring: &KeyRing) -> (Option<String>, Option<KeysSeed>) {
    let pem = |key: &PublicKey| key.pem().to_owned();
    if *ring == KeyRing::default() {
        return (None, None);
    }
    match ring.current() {
        Some(current) if *ring == KeyRing::with(current.clone()) => (Some(pem(current)), None),
        current => {
            let keys = KeysSeed {
                current: current.map(pem),
                previous: ring.previous().map(|(key, _)| pem(key)),
                previous_expires: ring.previous().map(|(_, expires)| expires.into()),
                used: ring.used().iter().map(|id| id.to_string()).collect(),
            };
            (None, Some(keys))
        }
    }
}

/// What a document calls a user: his username, or his id where another is found by that first.
fn name(world: &World, id: UserId) -> String {
    let username = world.users.by_id(id).map(|user| user.username.as_str());
    let unique = username.filter(|username| world.user_called(username) == Some(id));
    unique.map_or_else(|| id.to_string(), str::to_owned)
}

fn stream_name(world: &World, id: StreamId) -> String {
    let room = world.streams.by_id(id).and_then(|stream| stream.room());
    let found = |name: &str| world.streams.room_called(name).is_some_and(|found| found.id == id);
    let name = room.map(|room| &room.name).filter(|name| found(name));
    name.map_or_else(|| id.to_string(), |name| name.to_string())
}

fn moment(at: Option<Timestamp>) -> Option<SeedTime> {
    at.map(SeedTime::from)
}
