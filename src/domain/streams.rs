use std::sync::Arc;

use imbl::{OrdMap, OrdSet, Vector};
use serde::{Deserialize, Serialize};

use super::room_search::RoomIndex;
use super::{MessageId, PodId, RoomAttributes, RoomGroup, StreamId, StreamView, Timestamp, UserId};

/// A conversation: of two, of several, or a room.
#[derive(Debug, Clone)]
pub struct Stream {
    pub id: StreamId,
    pub detail: StreamDetail,
    pub creator: UserId,
    pub created: Timestamp,
    /// While it is not, no messages can be sent and the membership is locked.
    pub active: bool,
    pub pinned: Option<MessageId>,
    pub last_message: Option<Timestamp>,
    /// When its membership last changed.
    pub modified: Timestamp,
    members: Members,
    /// The members who have a datafeed open: the ones an event has to reach.
    listeners: OrdSet<UserId>,
    /// The groups that were added, in that order.
    groups: Vec<RoomGroup>,
    /// The members who came with a group and by no other way.
    by_group: OrdSet<UserId>,
}

/// What kind of stream it is, with what only that kind has.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamDetail {
    /// Between two people.
    Im,
    /// Between more than two, whose membership never changes.
    Mim,
    Room(Arc<RoomAttributes>),
}

/// What kind of stream it is, spelt as the API spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum StreamKind {
    Im,
    Mim,
    Room,
    /// A user's wall. This pod has none.
    Post,
}

/// Somebody in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    pub owner: bool,
    pub joined: Timestamp,
}

/// Who is in a stream, in the order in which they joined, and who was.
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    current: OrdMap<u32, Member>,
    place: OrdMap<UserId, u32>,
    past: Vector<Member>,
    joined_ever: u32,
    /// How many there are of each pod, in the order of the pods' numbers: an event tells the pods,
    /// and must not count everybody.
    pods: Vec<(PodId, u32)>,
}

/// All streams of the pod.
#[derive(Debug, Clone, Default)]
pub struct Streams {
    /// In the order of their creation. Streams are never deleted: the place of one is its number.
    all: Vector<Arc<Stream>>,
    by_id: OrdMap<StreamId, Number>,
    of_user: OrdSet<(UserId, Number)>,
    of_group: OrdSet<(UserId, Number)>,
    /// IMs and MIMs by their sorted members: the same people have the same conversation.
    conversations: OrdMap<Arc<[UserId]>, Number>,
    /// Rooms by what makes two names equal.
    room_names: OrdSet<(Arc<str>, Number)>,
    /// The public ones among them: whether a name is free does not depend on how many others bear it.
    public_names: OrdSet<(Arc<str>, Number)>,
    pub(super) index: RoomIndex,
}

pub(super) type Number = u32;

impl Stream {
    pub fn kind(&self) -> StreamKind {
        match self.detail {
            StreamDetail::Im => StreamKind::Im,
            StreamDetail::Mim => StreamKind::Mim,
            StreamDetail::Room(_) => StreamKind::Room,
        }
    }

    /// Whether somebody who is not in it was in it, from this moment on.
    pub fn has_past_member(&self, member: &Member) -> bool {
        self.members
            .past
            .iter()
            .any(|past| past.user == member.user && past.joined == member.joined)
    }

    /// The room's attributes, where it is a room.
    pub fn room(&self) -> Option<&RoomAttributes> {
        match &self.detail {
            StreamDetail::Room(attributes) => Some(attributes),
            StreamDetail::Im | StreamDetail::Mim => None,
        }
    }

    /// The members in the order in which they joined.
    pub fn members(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.members.current.values()
    }

    /// The members of the past, in the order in which they left. Who came back is not among them.
    pub fn past_members(&self) -> impl Iterator<Item = &Member> {
        self.members.past.iter().filter(|member| !self.has_member(member.user))
    }

    pub fn member(&self, user: UserId) -> Option<&Member> {
        self.members.current.get(self.members.place.get(&user)?)
    }

    pub fn has_member(&self, user: UserId) -> bool {
        self.members.place.contains_key(&user)
    }

    pub fn is_owner(&self, user: UserId) -> bool {
        self.member(user).is_some_and(|member| member.owner)
    }

    /// The members who have a datafeed open, in the order of their ids.
    pub fn listeners(&self) -> impl Iterator<Item = UserId> {
        self.listeners.iter().copied()
    }

    /// The groups that were added to it, in that order.
    pub fn groups(&self) -> &[RoomGroup] {
        &self.groups
    }

    /// Whether a member came with a group and by no other way.
    pub fn is_in_by_group(&self, user: UserId) -> bool {
        self.by_group.contains(&user)
    }

    /// The pods its members belong to, in the order of their numbers.
    pub fn pods(&self) -> Vec<PodId> {
        self.members.pods.iter().map(|(pod, _)| *pod).collect()
    }

    /// Whether it may reach, or reaches, beyond one pod.
    pub fn is_external(&self) -> bool {
        match &self.detail {
            StreamDetail::Room(attributes) => attributes.cross_pod,
            StreamDetail::Im | StreamDetail::Mim => self.members.pods.len() > 1,
        }
    }

    /// What an event tells of it.
    pub fn view(&self) -> StreamView {
        StreamView {
            id: self.id,
            kind: self.kind(),
            name: self.room().map(|room| Arc::clone(&room.name)),
            external: self.is_external(),
            pods: self.pods(),
        }
    }
}

impl Members {
    fn add(&mut self, member: Member) {
        self.place.insert(member.user, self.joined_ever);
        self.current.insert(self.joined_ever, member);
        self.joined_ever += 1;
        let pod = member.user.pod();
        match self.pods.binary_search_by_key(&pod, |(pod, _)| *pod) {
            Ok(place) => self.pods[place].1 += 1,
            Err(place) => self.pods.insert(place, (pod, 1)),
        }
    }

    fn remove(&mut self, user: UserId) -> bool {
        let Some(member) = self.place.remove(&user).and_then(|place| self.current.remove(&place))
        else {
            return false;
        };
        let pod = user.pod();
        if let Ok(place) = self.pods.binary_search_by_key(&pod, |(pod, _)| *pod) {
            self.pods[place].1 -= 1;
            if self.pods[place].1 == 0 {
                self.pods.remove(place);
            }
        }
        self.past.retain(|past| past.user != user);
        self.past.push_back(member);
        true
    }
}

impl Streams {
    pub fn by_id(&self, id: StreamId) -> Option<&Stream> {
        self.by_id.get(&id).map(|number| self.at(*number))
    }

    /// For changes that neither the membership nor the room's attributes are part of.
    pub fn by_id_mut(&mut self, id: StreamId) -> Option<&mut Stream> {
        let number = *self.by_id.get(&id)?;
        Some(self.at_mut(number))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// All streams in the order of their creation.
    pub fn iter(&self) -> impl Iterator<Item = &Stream> {
        self.all.iter().map(Arc::as_ref)
    }

    /// The streams a user is in, in the order of their creation.
    pub fn of_user(&self, user: UserId) -> impl Iterator<Item = &Stream> {
        self.numbers_of(user).map(|number| self.at(number))
    }

    /// The IM or MIM of exactly these people, given in the order of their ids.
    pub fn conversation(&self, members: &[UserId]) -> Option<&Stream> {
        self.conversations.get(members).map(|number| self.at(*number))
    }

    /// The room whose name equals `name`: letter case and white space do not count. Of several the
    /// one that was made first.
    pub fn room_called(&self, name: &str) -> Option<&Stream> {
        self.rooms_called(name).next()
    }

    /// All rooms whose names equal `name`, in the order of their creation.
    pub(super) fn rooms_called(&self, name: &str) -> impl Iterator<Item = &Stream> {
        self.called(&self.room_names, name)
    }

    /// The public rooms whose names equal `name`, in the order of their creation.
    pub(super) fn public_rooms_called(&self, name: &str) -> impl Iterator<Item = &Stream> {
        self.called(&self.public_names, name)
    }

    fn called<'s>(
        &'s self,
        names: &'s OrdSet<(Arc<str>, Number)>,
        name: &str,
    ) -> impl Iterator<Item = &'s Stream> {
        let name: Arc<str> = comparable(name).into();
        let called = names.range((Arc::clone(&name), 0)..=(name, Number::MAX));
        called.map(|(_, number)| self.at(*number))
    }

    /// Makes a room findable by its name and by what else it is.
    fn note_room(&mut self, number: Number, attributes: &RoomAttributes) {
        let named = (Arc::from(comparable(&attributes.name)), number);
        if attributes.public {
            self.public_names.insert(named.clone());
        }
        self.room_names.insert(named);
        self.index.insert(number, attributes);
    }

    fn forget_room(&mut self, number: Number, attributes: &RoomAttributes) {
        let named = (Arc::from(comparable(&attributes.name)), number);
        self.public_names.remove(&named);
        self.room_names.remove(&named);
        self.index.remove(number, attributes);
    }

    pub(super) fn numbers_of(&self, user: UserId) -> impl Iterator<Item = Number> {
        self.of_user.range((user, 0)..=(user, Number::MAX)).map(|(_, number)| *number)
    }

    pub(super) fn at(&self, number: Number) -> &Stream {
        &self.all[number as usize]
    }

    fn at_mut(&mut self, number: Number) -> &mut Stream {
        Arc::make_mut(&mut self.all[number as usize])
    }

    pub(super) fn len(&self) -> Number {
        self.all.len() as Number
    }

    /// Adds a new stream without members.
    pub(super) fn insert(
        &mut self,
        id: StreamId,
        detail: StreamDetail,
        creator: UserId,
        now: Timestamp,
    ) {
        let number = self.len();
        if let StreamDetail::Room(attributes) = &detail {
            self.note_room(number, attributes);
        }
        self.by_id.insert(id, number);
        self.all.push_back(Arc::new(Stream {
            id,
            detail,
            creator,
            created: now,
            active: true,
            pinned: None,
            last_message: None,
            modified: now,
            members: Members::default(),
            listeners: OrdSet::new(),
            groups: Vec::new(),
            by_group: OrdSet::new(),
        }));
    }

    /// Makes a stream findable as the conversation of its members, who must be complete.
    pub(super) fn remember_conversation(&mut self, id: StreamId, members: Vec<UserId>) {
        if let Some(number) = self.by_id.get(&id) {
            self.conversations.insert(members.into(), *number);
        }
    }

    /// Adds a member, unless he is one.
    pub(super) fn join(&mut self, id: StreamId, member: Member, listens: bool) {
        let Some(&number) = self.by_id.get(&id) else { return };
        if self.at(number).has_member(member.user) {
            return;
        }
        let stream = self.at_mut(number);
        stream.members.add(member);
        stream.modified = member.joined;
        if listens {
            stream.listeners.insert(member.user);
        }
        self.of_user.insert((member.user, number));
    }

    /// Takes a member out, if he is one.
    pub(super) fn leave(&mut self, id: StreamId, user: UserId, now: Timestamp) {
        let Some(&number) = self.by_id.get(&id) else { return };
        let stream = self.at_mut(number);
        if stream.members.remove(user) {
            stream.modified = now;
            stream.listeners.remove(&user);
            stream.by_group.remove(&user);
            self.of_user.remove(&(user, number));
        }
    }

    /// Says whether a member came with a group alone.
    pub(super) fn set_by_group(&mut self, id: StreamId, user: UserId, by_group: bool) {
        let Some(stream) = self.by_id_mut(id).filter(|stream| stream.has_member(user)) else {
            return;
        };
        match by_group {
            true => drop(stream.by_group.insert(user)),
            false => drop(stream.by_group.remove(&user)),
        }
    }

    /// The streams that a group was added to, in the order of their creation.
    pub(super) fn of_group(&self, group: UserId) -> impl Iterator<Item = &Stream> {
        let numbers = self.of_group.range((group, 0)..=(group, Number::MAX));
        numbers.map(|(_, number)| self.at(*number))
    }

    /// Notes that a group was added, unless it was already.
    pub(super) fn add_group(&mut self, id: StreamId, group: RoomGroup, now: Timestamp) {
        let Some(&number) = self.by_id.get(&id) else { return };
        if self.of_group.insert((group.group, number)).is_none() {
            let stream = self.at_mut(number);
            stream.groups.push(group);
            stream.modified = now;
        }
    }

    /// Notes that a group is in a stream no more. Gives whether it was.
    pub(super) fn remove_group(&mut self, id: StreamId, group: UserId, now: Timestamp) -> bool {
        let Some(&number) = self.by_id.get(&id) else { return false };
        let was_there = self.of_group.remove(&(group, number)).is_some();
        if was_there {
            let stream = self.at_mut(number);
            stream.groups.retain(|added| added.group != group);
            stream.modified = now;
        }
        was_there
    }

    /// A group is in no stream any more.
    pub(super) fn forget_group(&mut self, group: UserId) {
        let numbers: Vec<_> =
            self.of_group.range((group, 0)..=(group, Number::MAX)).copied().collect();
        for entry @ (_, number) in numbers {
            self.of_group.remove(&entry);
            self.at_mut(number).groups.retain(|added| added.group != group);
        }
    }

    pub(super) fn set_owner(&mut self, id: StreamId, user: UserId, owner: bool) {
        if let Some(stream) = self.by_id_mut(id)
            && let Some(place) = stream.members.place.get(&user)
            && let Some(member) = stream.members.current.get_mut(place)
        {
            member.owner = owner;
        }
    }

    /// Replaces a room's attributes.
    pub(super) fn set_room(&mut self, id: StreamId, attributes: RoomAttributes) {
        let Some(&number) = self.by_id.get(&id) else { return };
        let StreamDetail::Room(current) = &self.at(number).detail else { return };
        let (current, attributes) = (Arc::clone(current), Arc::new(attributes));
        self.forget_room(number, &current);
        self.note_room(number, &attributes);
        self.at_mut(number).detail = StreamDetail::Room(attributes);
    }

    /// A user opened his first datafeed: events of his streams must reach him.
    pub(super) fn start_listening(&mut self, user: UserId) {
        for (_, number) in self.of_user.range((user, 0)..=(user, Number::MAX)) {
            Arc::make_mut(&mut self.all[*number as usize]).listeners.insert(user);
        }
    }

    /// A user's last datafeed is gone.
    pub(super) fn stop_listening(&mut self, user: UserId) {
        for (_, number) in self.of_user.range((user, 0)..=(user, Number::MAX)) {
            Arc::make_mut(&mut self.all[*number as usize]).listeners.remove(&user);
        }
    }
}

/// What makes two room names equal, as the documentation has it: they may differ in letter case
/// and white space.
fn comparable(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SeededRng;

    #[test]
    fn a_stream_knows_its_pods_and_its_past_through_all_coming_and_going() {
        let now = Timestamp::from_millis(1);
        let id = StreamId::new(now, &mut SeededRng::from_seed(1));
        let [at_home, abroad, also_abroad] =
            [(1, 1), (2, 1), (2, 2)].map(|(pod, number)| UserId::new(PodId(pod), number));
        let mut streams = Streams::default();
        streams.insert(id, StreamDetail::Mim, at_home, now);
        for user in [at_home, abroad, also_abroad, abroad] {
            streams.join(id, Member { user, owner: false, joined: now }, false);
        }
        let pods = |streams: &Streams| streams.by_id(id).unwrap().pods();
        assert_eq!(pods(&streams), [PodId(1), PodId(2)]);
        assert!(streams.by_id(id).unwrap().is_external());

        streams.leave(id, abroad, now);
        streams.leave(id, abroad, now);
        assert_eq!(pods(&streams), [PodId(1), PodId(2)]);
        streams.leave(id, also_abroad, now);
        assert_eq!(pods(&streams), [PodId(1)]);
        assert!(!streams.by_id(id).unwrap().is_external());
        assert_eq!(streams.of_user(abroad).count(), 0);

        streams.join(id, Member { user: abroad, owner: false, joined: now }, false);
        let past: Vec<_> = streams.by_id(id).unwrap().past_members().collect();
        assert_eq!(past.iter().map(|member| member.user).collect::<Vec<_>>(), [also_abroad]);
    }
}
