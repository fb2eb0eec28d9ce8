"""Arguments for every method of every service of the BDK, and a pod on which each of them has something to do.

Calls go by "service.method", and more than one of the same method by "service.method: how". Those on behalf of users have the
same names as those of bots, and take what is here too: the pod is arranged for `actor`, who is the bot or the person for whom an
app acts.
"""

import base64
import io
import json
from dataclasses import dataclass

from symphony.bdk.core.service.connection.model.connection_status import ConnectionStatus
from symphony.bdk.core.service.message.model import Message
from symphony.bdk.core.service.presence.presence_service import PresenceStatus
from symphony.bdk.core.service.user.model.delegate_action_enum import DelegateActionEnum
from symphony.bdk.core.service.user.model.role_id import RoleId
from symphony.bdk.gen.agent_model.base_signal import BaseSignal
from symphony.bdk.gen.agent_model.message_search_query import MessageSearchQuery
from symphony.bdk.gen.agent_model.share_article import ShareArticle
from symphony.bdk.gen.agent_model.share_content import ShareContent
from symphony.bdk.gen.agent_model.v4_imported_message import V4ImportedMessage
from symphony.bdk.gen.group_model.base_profile import BaseProfile
from symphony.bdk.gen.group_model.create_group import CreateGroup
from symphony.bdk.gen.group_model.member import Member
from symphony.bdk.gen.group_model.owner import Owner
from symphony.bdk.gen.group_model.status import Status
from symphony.bdk.gen.group_model.update_group import UpdateGroup
from symphony.bdk.gen.pod_model.application_detail import ApplicationDetail
from symphony.bdk.gen.pod_model.application_info import ApplicationInfo
from symphony.bdk.gen.pod_model.feature import Feature
from symphony.bdk.gen.pod_model.pod_app_entitlement import PodAppEntitlement
from symphony.bdk.gen.pod_model.stream_filter import StreamFilter
from symphony.bdk.gen.pod_model.user_app_entitlement import UserAppEntitlement
from symphony.bdk.gen.pod_model.user_app_entitlement_patch import UserAppEntitlementPatch
from symphony.bdk.gen.pod_model.user_filter import UserFilter
from symphony.bdk.gen.pod_model.user_search_query import UserSearchQuery
from symphony.bdk.gen.pod_model.user_status import UserStatus
from symphony.bdk.gen.pod_model.user_suspension import UserSuspension
from symphony.bdk.gen.pod_model.v1_im_attributes import V1IMAttributes
from symphony.bdk.gen.pod_model.v2_admin_stream_filter import V2AdminStreamFilter
from symphony.bdk.gen.pod_model.v2_room_search_criteria import V2RoomSearchCriteria
from symphony.bdk.gen.pod_model.v2_user_attributes import V2UserAttributes
from symphony.bdk.gen.pod_model.v2_user_create import V2UserCreate
from symphony.bdk.gen.pod_model.v3_room_attributes import V3RoomAttributes

GIF = base64.b64encode(b"GIF89a" + bytes(32)).decode()

# All that accounts of services may have.
ROLES = (
    "INDIVIDUAL AUDIT_TRAIL_MANAGEMENT CONTENT_MANAGEMENT GROUP_MANAGER SCOPE_MANAGEMENT USER_PRESENCE_UPDATE"
    " USER_PROVISIONING"
).split()
FEATURES = {"canCreatePushedSignals": True, "canManageSignalSubscription": True, "delegatesEnabled": True}


def scenario(actor):
    """A pod whose `actor` has something to do with each operation."""
    bot = {"username": "bot", "accountType": "SYSTEM", "roles": ROLES, "manifest": {"commands": []}}
    return {
        "foreignPods": [{"id": 2, "company": "Other"}],
        "users": [
            bot | {"features": FEATURES},
            {"username": "alice", "features": FEATURES},
            {"username": "bob", "disclaimer": "House", "delegates": ["carol"], "features": FEATURES},
            {"username": "carol", "email": "carol@mock-pod.example", "title": "Trader"},
            {"username": "dora"},
            {"username": "asking", "pod": 2},
            {"username": "asked", "pod": 2},
        ],
        "apps": [{"id": "app", "installedForAll": True, "permissions": PERMISSIONS}],
        "rooms": [
            {"name": "Den", "owners": [actor, "carol"], "members": ["bob"], "public": True, "discoverable": True},
        ],
        "conversations": [{"members": [actor, "bob"]}],
        "connections": [
            {"from": "asking", "to": actor, "status": "PENDING"},
            {"from": actor, "to": "asked"},
        ],
        "follows": [{"follower": "carol", "followed": "bob"}, {"follower": actor, "followed": "carol"}],
        "disclaimers": [{"name": "House", "content": "Not advice."}, {"name": "Desk", "content": "Not an offer."}],
        "groups": [{"name": "Traders", "members": ["carol"]}],
        "auditTrail": [{"action": "App installed", "initiator": "bot", "roles": ["USER_PROVISIONING"], "at": "-1m"}],
        "signals": [{"name": "Prices", "query": "HASHTAG:price", "owner": actor, "subscribers": ["carol"]}],
        "messages": [
            {
                "stream": "Den",
                "from": actor,
                "messageML": '<messageML>The <hash tag="price"/> of copper rises</messageML>',
                "attachments": [{"name": "prices.txt", "text": "Read me"}],
                "receipts": [{"user": "bob", "delivered": "-1m", "read": "-1m"}],
            },
        ],
    }


PERMISSIONS = (
    "ACT_AS_USER SEND_MESSAGES SUPPRESS_MESSAGES GET_USER_CONNECTIONS REQUEST_USER_CONNECTIONS GET_PRESENCE SET_PRESENCE"
    " GET_BASIC_USER_INFO GET_BASIC_CONTACT_INFO LIST_USER_STREAMS MANAGE_ROOMS CREATE_USER_STREAM MANAGE_SIGNALS"
    " MANAGE_USER_FOLLOWING GET_USER_MESSAGES"
).split()


@dataclass(frozen=True)
class World:
    """What is on the pod, by the ids that it has there."""

    users: dict
    actor: int
    room: str
    im: str
    message: str
    attachment: str
    disclaimer: str
    signal: str
    group: str
    group_tag: str
    presence_feed: str
    began: int

    @classmethod
    def of(cls, seed, actor, presence_feed, began):
        """`seed` is what the pod tells of itself."""
        (message,) = seed["messages"]
        (group,) = seed["groups"]
        users = {user["username"]: user["id"] for user in seed["users"]}
        return cls(
            users=users,
            actor=users[actor],
            room=seed["rooms"][0]["id"],
            im=seed["conversations"][0]["id"],
            message=message["id"],
            attachment=message["attachments"][0]["id"],
            disclaimer=seed["disclaimers"][1]["id"],
            signal=seed["signals"][0]["id"],
            group=group["profileId"],
            group_tag=group["eTag"],
            presence_feed=presence_feed,
            began=began,
        )

    def __getattr__(self, username):
        return self.users[username]


def attributes(name):
    return V3RoomAttributes(name=name, description="Where we meet", public=True, discoverable=True)


def application(app_id):
    about = ApplicationInfo(
        app_id=app_id, name="New", app_url="https://new.example.com", domain="example.com", publisher="Us"
    )
    return ApplicationDetail(
        application_info=about, description="New", icon_url="https://new.example.com/i.png", allow_origins=""
    )


def account(name):
    return V2UserAttributes(
        user_name=name, first_name="New", last_name="Comer", display_name="New Comer", account_type="NORMAL",
        email_address=f"{name}@mock-pod.example",
    )  # fmt: skip


def imported(world):
    return V4ImportedMessage(
        message="<messageML>Said elsewhere</messageML>",
        intended_message_timestamp=world.began - 3_600_000,
        intended_message_from_user_id=world.bob,
        originating_system_id="elsewhere",
        stream_id=world.room,
    )


def group(kind, name, **more):
    return kind(
        type="SDL", owner_type=Owner("TENANT"), owner_id=1, name=name, profile=BaseProfile(display_name=name), **more
    )


def article():
    return ShareContent(
        type="com.symphony.sharing.article",
        content=ShareArticle(
            article_id="1", title="Copper", publisher="News", author="Nobody", app_id="app", article_url="https://example.com"
        ),
    )


def a_file():
    file = io.BytesIO(b"Read me")
    file.name = "notes.txt"
    return file


PRICES = MessageSearchQuery(hashtag="price")

CALLS = {
    "user.list_users_by_ids": lambda w: ([w.bob],),
    "user.list_users_by_emails": lambda w: (["carol@mock-pod.example"],),
    "user.list_users_by_usernames": lambda w: (["bob"],),
    "user.search_users": lambda w: (UserSearchQuery(query="carol"),),
    "user.search_all_users": lambda w: (UserSearchQuery(query="carol"),),
    "user.follow_user": lambda w: ([w.actor], w.bob),
    "user.unfollow_user": lambda w: ([w.actor], w.carol),
    "user.get_user_detail": lambda w: (w.bob,),
    "user.list_user_details": lambda w: (),
    "user.list_all_user_details": lambda w: (),
    "user.list_user_details_by_filter": lambda w: (UserFilter(role="INDIVIDUAL", status="ENABLED"),),
    "user.list_all_user_details_by_filter": lambda w: (UserFilter(role="INDIVIDUAL", status="ENABLED"),),
    "user.add_role": lambda w: (w.bob, RoleId.SUPER_ADMINISTRATOR),
    "user.list_roles": lambda w: (),
    "user.remove_role": lambda w: (w.bob, RoleId.INDIVIDUAL),
    "user.get_avatar": lambda w: (w.bob,),
    "user.update_avatar": lambda w: (w.bob, GIF),
    "user.update_avatar: bytes": lambda w: (w.bob, base64.b64decode(GIF)),
    "user.get_disclaimer": lambda w: (w.bob,),
    "user.remove_disclaimer": lambda w: (w.bob,),
    "user.add_disclaimer": lambda w: (w.carol, w.disclaimer),
    "user.get_delegates": lambda w: (w.bob,),
    "user.update_delegates": lambda w: (w.bob, w.alice, DelegateActionEnum.ADD),
    "user.get_feature_entitlements": lambda w: (w.bob,),
    "user.update_feature_entitlements": lambda w: (w.bob, [Feature(entitlment="canCreatePublicRoom", enabled=True)]),
    "user.get_status": lambda w: (w.bob,),
    "user.update_status": lambda w: (w.bob, UserStatus(status="DISABLED")),
    "user.list_user_followers": lambda w: (w.bob,),
    "user.list_all_user_followers": lambda w: (w.bob,),
    "user.list_users_following": lambda w: (w.carol,),
    "user.list_all_users_following": lambda w: (w.carol,),
    "user.create": lambda w: (V2UserCreate(user_attributes=account("newcomer"), roles=["INDIVIDUAL"]),),
    "user.update": lambda w: (w.bob, V2UserAttributes(display_name="Robert")),
    "user.list_audit_trail": lambda w: (w.began - 3_600_000,),
    "user.list_all_audit_trail": lambda w: (w.began - 3_600_000,),
    "user.suspend_user": lambda w: (w.bob, UserSuspension(suspended=True, suspension_reason="Away")),
    "user.suspend": lambda w: (w.bob, "Away", w.began + 3_600_000),
    "user.unsuspend": lambda w: (w.bob,),
    "user.update_manifest_from_json": lambda w: (json.dumps({"commands": []}),),
    "user.update_manifest_from_file": lambda w: (),
    "user.get_manifest": lambda w: (),
    "message.send_message": lambda w: (w.room, Message("Hello", data={"a": 1}, attachments=[a_file()])),
    "message.update_message": lambda w: (w.room, w.message, "Hello again"),
    "message.blast_message": lambda w: ([w.room, w.im], "Hello"),
    "message.suppress_message": lambda w: (w.message,),
    "message.get_message": lambda w: (w.message,),
    "message.list_messages": lambda w: (w.room,),
    "message.search_messages": lambda w: (PRICES,),
    "message.search_messages: no hit": lambda w: (MessageSearchQuery(hashtag="nothing"),),
    "message.search_all_messages": lambda w: (PRICES,),
    "message.search_messages_semantic": lambda w: ("copper prices", w.room),
    "message.import_messages": lambda w: ([imported(w)],),
    "message.get_attachment": lambda w: (w.room, w.message, w.attachment),
    "message.get_attachment_types": lambda w: (),
    "message.list_attachments": lambda w: (w.room,),
    "message.get_message_status": lambda w: (w.message,),
    "message.list_message_receipts": lambda w: (w.message,),
    "message.get_message_relationships": lambda w: (w.message,),
    "stream.get_stream": lambda w: (w.room,),
    "stream.list_streams": lambda w: (StreamFilter(),),
    "stream.list_all_streams": lambda w: (StreamFilter(),),
    "stream.add_member_to_room": lambda w: (w.dora, w.room),
    "stream.remove_member_from_room": lambda w: (w.bob, w.room),
    "stream.share": lambda w: (w.room, article()),
    "stream.promote_user_to_room_owner": lambda w: (w.bob, w.room),
    "stream.demote_owner_to_room_participant": lambda w: (w.carol, w.room),
    "stream.create_im": lambda w: (w.carol,),
    "stream.create_im_admin": lambda w: ([w.bob, w.carol],),
    "stream.create_room": lambda w: (attributes("Lair"),),
    "stream.search_rooms": lambda w: (V2RoomSearchCriteria(query="Den"),),
    "stream.search_all_rooms": lambda w: (V2RoomSearchCriteria(query="Den"),),
    "stream.get_room_info": lambda w: (w.room,),
    "stream.update_room": lambda w: (w.room, attributes("Lair")),
    "stream.set_room_active": lambda w: (w.room, False),
    "stream.set_room_active_admin": lambda w: (w.room, False),
    "stream.list_room_members": lambda w: (w.room,),
    "stream.get_im_info": lambda w: (w.im,),
    "stream.update_im": lambda w: (w.im, V1IMAttributes(pinned_message_id="")),
    "stream.list_stream_members": lambda w: (w.room,),
    "stream.list_all_stream_members": lambda w: (w.room,),
    "stream.list_streams_admin": lambda w: (V2AdminStreamFilter(status="ACTIVE"),),
    "stream.list_all_streams_admin": lambda w: (V2AdminStreamFilter(status="ACTIVE"),),
    "stream.list_user_streams_admin": lambda w: (w.bob, StreamFilter()),
    "stream.list_all_user_streams_admin": lambda w: (w.bob, StreamFilter()),
    "connection.get_connection": lambda w: (w.asked,),
    "connection.list_connections": lambda w: (ConnectionStatus.ALL, [w.asked]),
    "connection.create_connection": lambda w: (w.carol,),
    "connection.accept_connection": lambda w: (w.asking,),
    "connection.reject_connection": lambda w: (w.asking,),
    "connection.remove_connection": lambda w: (w.asked,),
    "application.create_application": lambda w: (application("new"),),
    "application.update_application": lambda w: ("app", application("app")),
    "application.delete_application": lambda w: ("app",),
    "application.get_application": lambda w: ("app",),
    "application.list_application_entitlements": lambda w: (),
    "application.update_application_entitlements": lambda w: (
        [PodAppEntitlement(app_id="app", app_name="app", enable=True, listed=True, install=False)],
    ),
    "application.list_user_applications": lambda w: (w.bob,),
    "application.update_user_applications": lambda w: (
        w.bob,
        [UserAppEntitlement(app_id="app", listed=True, install=True)],
    ),
    "application.patch_user_applications": lambda w: (
        w.bob,
        [UserAppEntitlementPatch(app_id="app", listed="TRUE", install="TRUE")],
    ),
    "signal.list_signals": lambda w: (),
    "signal.list_all_signals": lambda w: (),
    "signal.get_signal": lambda w: (w.signal,),
    "signal.create_signal": lambda w: (BaseSignal(name="News", query="HASHTAG:news", company_wide=False),),
    "signal.update_signal": lambda w: (w.signal, BaseSignal(name="News", query="HASHTAG:news")),
    "signal.delete_signal": lambda w: (w.signal,),
    "signal.subscribe_users_to_signal": lambda w: (w.signal, False, [w.bob]),
    "signal.unsubscribe_users_to_signal": lambda w: (w.signal, [w.carol]),
    "signal.list_subscribers": lambda w: (w.signal,),
    "signal.list_all_subscribers": lambda w: (w.signal,),
    "session.get_session": lambda w: (),
    "presence.get_presence": lambda w: (),
    "presence.get_all_presence": lambda w: (w.bot - 1, 10),
    "presence.get_user_presence": lambda w: (w.bob, True),
    "presence.external_presence_interest": lambda w: ([w.bob],),
    "presence.set_presence": lambda w: (PresenceStatus.AWAY, True),
    "presence.create_presence_feed": lambda w: (),
    "presence.read_presence_feed": lambda w: (w.presence_feed,),
    "presence.delete_presence_feed": lambda w: (w.presence_feed,),
    "presence.set_user_presence": lambda w: (w.actor, PresenceStatus.AWAY, True),
    "health.health_check": lambda w: (),
    "health.health_check_extended": lambda w: (),
    "health.get_agent_info": lambda w: (),
    "agent_version.is_skd_supported": lambda w: (),
    "group.insert_group": lambda w: (group(CreateGroup, "Sales", members=[Member(member_id=w.bob, member_tenant=1)]),),
    "group.list_groups": lambda w: (Status("ACTIVE"),),
    "group.list_all_groups": lambda w: (Status("ACTIVE"), 1),
    "group.update_group": lambda w: (w.group_tag, w.group, group(UpdateGroup, "Brokers", status=Status("ACTIVE"))),
    "group.update_avatar": lambda w: (w.group, GIF),
    "group.get_group": lambda w: (w.group,),
    "group.add_member_to_group": lambda w: (w.group, w.bob),
}
