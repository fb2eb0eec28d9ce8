use super::UserId;

/// A chat room, as far as the seed describes it.
#[derive(Debug, Clone)]
pub struct Room {
    pub name: String,
    pub description: Option<String>,
    pub owners: Vec<UserId>,
    /// Everybody in it, the owners included, in the order they joined.
    pub members: Vec<UserId>,
}

/// The pod's rooms in the order of their creation.
#[derive(Debug, Clone, Default)]
pub struct Rooms(Vec<Room>);

impl Rooms {
    pub fn insert(&mut self, room: Room) {
        self.0.push(room);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Room> {
        self.0.iter()
    }
}
