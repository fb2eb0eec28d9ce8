//! Seeds of rooms and conversations, and of what is said in them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{is_yes, yes};
use crate::domain::ScanResult;
use crate::scenario::{MemberSeed, SeedTime, StreamSeed, SubscriberSeed};

/// A group that was added to a room.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoomGroupSeed {
    /// Name of the group, or the id of its account.
    pub group: String,
    /// By default the room's creator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_by: Option<String>,
}

/// A chat room.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoomSeed {
    /// Unique on the pod, letter case and white space aside.
    pub name: String,
    /// By default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the room is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Pairs by which it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keywords: Option<Vec<KeywordSeed>>,
    /// Whether every member may add others, or owners alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_can_invite: Option<bool>,
    /// Whether those who are not in it find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discoverable: Option<bool>,
    /// Whether everybody on the pod may go in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
    /// Whether owners alone may send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// Whether clients keep people from copying what is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_protected: Option<bool>,
    /// Whether users of other pods may be in it; by default whether one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_pod: Option<bool>,
    /// Whether new members see what was said before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view_history: Option<bool>,
    /// Whether several companies may be in it, of a cross-pod room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multilateral: Option<bool>,
    /// Whether it belongs to a meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_meeting: Option<bool>,
    /// Whether only datafeeds hear of it that were made with `includeInvisible`, as of the rooms of
    /// AI assistants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invisible: Option<bool>,
    /// By default the first owner. He need not be in it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// While it is not, no messages can be sent and the membership is locked.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
    /// Users; at least one unless there is a creator. Owners are members.
    #[serde(default)]
    pub owners: Vec<MemberSeed>,
    /// Everybody else in it.
    #[serde(default)]
    pub members: Vec<MemberSeed>,
    /// The groups that were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<RoomGroupSeed>,
    /// Those of its members who came with a group and by no other way. By default the members of its
    /// groups who are named nowhere else: they are in the room too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_by_group: Option<Vec<String>>,
    /// Those who left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past_members: Vec<MemberSeed>,
    /// When the membership last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<SeedTime>,
    /// Key or id of the message that is pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeywordSeed {
    /// What the keyword is about.
    pub key: String,
    /// The keyword.
    pub value: String,
}

/// An IM, or a MIM where it has more than two members.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConversationSeed {
    /// By default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Usernames, at least two.
    pub members: Vec<String>,
    /// By default the first member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// While it is not, no messages can be sent.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
    /// Key or id of the message that is pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
}

/// A standing search that users subscribe to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignalSeed {
    /// 24 digits in hex; by default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What people call it.
    pub name: String,
    /// `HASHTAG:gold AND (AUTHOR:68719476737 OR CASHTAG:xau)` for one.
    pub query: String,
    /// Username of whoever made it.
    pub owner: String,
    /// Whether everybody of the pod has it, and nobody may leave it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub company_wide: bool,
    /// Whether it is shown on its owner's profile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub visible_on_profile: bool,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// Those who are subscribed besides its owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subscribers: Vec<SubscriberSeed>,
}

/// A message.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageSeed {
    /// What other parts of the documents call it. Its id does too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// By default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it was said.
    pub stream: StreamSeed,
    /// Username of the author.
    pub from: String,
    /// When it was sent; by default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<SeedTime>,
    /// What it says, as somebody types it into a client; or MessageML, root and all. One of
    /// `message`, `messageML` and `presentationML` is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// MessageML, as bots send it.
    #[serde(default, rename = "messageML", skip_serializing_if = "Option::is_none")]
    pub message_ml: Option<String>,
    /// What is stored exactly so, checked by nobody: clients and agents send more than their rules
    /// allow.
    #[serde(default, rename = "presentationML", skip_serializing_if = "Option::is_none")]
    pub presentation_ml: Option<String>,
    /// EntityJSON: an object, or the text of one. Beside `presentationML` any text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// Of the MessageML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentSeed>,
    /// Key or id of the message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Key or id of the message that it passes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwards: Option<String>,
    /// Key or id of the message that it is the next version of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// Whether such a version comes as already read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
    /// When its content was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<SeedTime>,
    /// The disclaimer that it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclaimer: Option<String>,
    /// Of an imported message: where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<OriginSeed>,
    /// Who got and read it, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<ReceiptSeed>,
}

/// Where an imported message comes from.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OriginSeed {
    /// The `originatingSystemId` of the import.
    pub system: String,
    /// The `originalMessageId`, by which a repeated import is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// A file that came with a message: its text, or its bytes in base64.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttachmentSeed {
    /// By default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name of the file.
    pub name: String,
    /// By default `application/octet-stream`, or `text/plain` where there is a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Its content, where that is a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its content, where that is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// A smaller image of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Box<AttachmentSeed>>,
    /// What a malware scanner told of it. By default nothing yet: what that means says the setting
    /// `malwareScan`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub malware_scan: Option<ScanResult>,
}

/// Who got a message, and who read it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptSeed {
    /// Username.
    pub user: String,
    /// When it reached the user's client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<SeedTime>,
    /// When the user looked at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<SeedTime>,
}
