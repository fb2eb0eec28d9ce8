//! Pictures that accounts show.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use imagesize::ImageType;
use ring::digest::{SHA256, digest};

use super::{Feature, Refusal, Timestamp, UserId, World};

/// A picture that somebody gave an account. Its pixels are not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avatar {
    pub bytes: Bytes,
    /// `image/png` for one.
    pub content_type: &'static str,
    /// 43 characters of URL-safe base64, as real pods name the files: here the SHA-256 of the
    /// bytes.
    name: Arc<str>,
}

/// How many bytes a picture may have: 2 MB, as documented.
const MOST: usize = 2_000_000;

/// The sizes in which a picture is to be had, with the folders they are in, in the order in which
/// real pods list them (`list_avatar.json` of the Python BDK).
const SIZES: [(&str, &str); 5] =
    [("600", "600"), ("150", "150"), ("orig", "102"), ("500", "500"), ("50", "50")];

/// What accounts without a picture of their own show (`list_user.json` of the Python BDK).
const DEFAULTS: [(&str, &str); 2] = [
    ("original", "../avatars/static/150/default.png"),
    ("small", "../avatars/static/50/default.png"),
];

impl Avatar {
    /// Reads a picture as the APIs take it: base64 of a PNG, JPEG or GIF.
    ///
    /// # Errors
    /// It is not base64, not such a picture, or larger than 2 MB.
    pub fn from_base64(image: &str) -> Result<Self, Refusal> {
        let refused = |what: &str| Refusal::Malformed { what: format!("image: {what}") };
        let text: String = image.split_ascii_whitespace().collect();
        let bytes = STANDARD.decode(&text).or_else(|_| STANDARD_NO_PAD.decode(&text));
        let bytes = bytes.map_err(|_| refused("it is not base64"))?;
        Self::new(bytes.into())
    }

    /// The same of bytes.
    pub fn new(bytes: Bytes) -> Result<Self, Refusal> {
        let refused = |what: String| Err(Refusal::Malformed { what: format!("image: {what}") });
        if bytes.len() > MOST {
            return refused(format!("it has {} bytes, {MOST} are allowed", bytes.len()));
        }
        let content_type = match imagesize::image_type(&bytes) {
            Ok(ImageType::Png) => "image/png",
            Ok(ImageType::Jpeg) => "image/jpeg",
            Ok(ImageType::Gif) => "image/gif",
            _ => return refused("it is no PNG, JPEG or GIF".into()),
        };
        let name = URL_SAFE_NO_PAD.encode(digest(&SHA256, &bytes)).into();
        Ok(Self { bytes, content_type, name })
    }

    /// What its file is called, whatever picture it is.
    pub fn file_name(&self) -> String {
        format!("{}.png", self.name)
    }

    /// The picture as a seed gives it.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.bytes)
    }
}

/// Sizes and places of an account's picture, or of what accounts without one show. The places are
/// relative to the web client's.
pub fn avatar_urls(avatar: Option<&Avatar>, owner: UserId) -> Vec<(&'static str, String)> {
    match avatar {
        Some(avatar) => SIZES
            .map(|(size, folder)| {
                (size, format!("../avatars/mock/{folder}/{owner}/{}", avatar.file_name()))
            })
            .into(),
        None => DEFAULTS.map(|(size, url)| (size, url.to_owned())).into(),
    }
}

impl World {
    /// Gives a user another picture. Everybody may change his own, unless the feature was taken
    /// from him; others' are for user administrators.
    pub fn set_avatar(
        &mut self,
        caller: UserId,
        id: UserId,
        avatar: Avatar,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.check_avatar_of(caller, id)?;
        let change = |world: &mut Self| {
            let user = world.own_user_mut(id)?;
            user.avatar = Some(avatar);
            user.history.updated = Some(now);
            Ok(())
        };
        // One's own takes no role, and is no administrator's deed.
        if caller != id {
            return self.administer_user(caller, id, now, change);
        }
        if self.check_role(caller, "USER_PROVISIONING").is_err() {
            self.check_feature(caller, Feature::UpdateAvatar)?;
        }
        change(self)
    }

    /// That the caller may deal with a user's picture: it is his own, or he administers users.
    pub fn check_avatar_of(&self, caller: UserId, id: UserId) -> Result<(), Refusal> {
        if caller != id {
            self.check_role(caller, "USER_PROVISIONING")?;
        }
        self.own_user(id).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";

    #[test]
    fn pictures_are_told_by_their_first_bytes() {
        let avatar = Avatar::from_base64(&STANDARD.encode(GIF)).unwrap();
        assert_eq!(avatar.content_type, "image/gif");
        assert_eq!(avatar.file_name().len(), 47);
        assert_eq!(Avatar::from_base64(&avatar.to_base64()), Ok(avatar));
        for no_picture in ["", "?", "aGVsbG8=", "data:image/gif;base64,R0lGODlh"] {
            assert!(Avatar::from_base64(no_picture).is_err(), "{no_picture}");
        }
        let large = [GIF, &[0; MOST]].concat();
        assert!(Avatar::new(large.into()).is_err());
    }

    #[test]
    fn an_account_without_a_picture_shows_the_pods() {
        let owner = UserId::from_wire(7);
        assert_eq!(avatar_urls(None, owner).len(), 2);
        let avatar = Avatar::new(Bytes::from_static(GIF)).unwrap();
        let urls = avatar_urls(Some(&avatar), owner);
        let sizes: Vec<_> = urls.iter().map(|(size, _)| *size).collect();
        assert_eq!(sizes, ["600", "150", "orig", "500", "50"]);
        assert!(urls[2].1.starts_with("../avatars/mock/102/7/"));
    }
}
