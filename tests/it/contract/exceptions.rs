//! Where the API files and a real pod part.

/// The defects of the API files, each as a failed test names it, with the reason for doing otherwise.
pub const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "pod V2UserAttributes: userMetadata.additionalProperties.type",
        "declared as a map of objects; the examples of the same file are strings and lists of them",
    ),
    (
        "DELETE /agent/v5/datafeeds/{datafeedId}: 204 is declared with a body",
        "there is none with 204",
    ),
    (
        "DELETE /agent/v5/datafeeds/{datafeedId}: 200 is not declared",
        "an SDK's recorded answer, which all SDKs bear; a setting chooses",
    ),
    (
        "POST /agent/v5/datafeeds: 403 is not declared",
        "declared of reads, and met by clients where it belongs: at the creation of one feed too many",
    ),
    (
        "GET /agent/v5/datafeeds: 403 is not declared",
        "every other operation on feeds declares it; apps may not list the feeds of their users",
    ),
    ("agent V4ImportResponse: messageId.type", NULL_IN_IMPORTS),
    ("agent V4ImportResponse: originalMessageId.type", NULL_IN_IMPORTS),
    ("agent V4ImportResponse: diagnostic.type", NULL_IN_IMPORTS),
    ("POST /agent/v1/util/echo: 413 is not declared", "no operation declares its limit of size"),
    ("GET /agent/v1/stream/{sid}/attachment: 400 is not of type application/json", ERROR_IN_BASE64),
    ("GET /agent/v1/stream/{sid}/attachment: 401 is not of type application/json", ERROR_IN_BASE64),
    ("GET /agent/v1/stream/{sid}/attachment: 403 is not of type application/json", ERROR_IN_BASE64),
    (
        "GET /agent/v1/dlp/dictionaries/{dictId}/data/download: 400 is not of type application/json",
        ERROR_IN_BASE64,
    ),
    (
        "GET /agent/v1/dlp/dictionaries/{dictId}/data/download: 401 is not of type application/json",
        ERROR_IN_BASE64,
    ),
    (
        "GET /agent/v1/dlp/dictionaries/{dictId}/data/download: 403 is not of type application/json",
        ERROR_IN_BASE64,
    ),
    (
        "GET /agent/v3/dlp/violation/attachment: 400 is not of type application/json",
        ERROR_IN_BASE64,
    ),
    (
        "GET /agent/v3/dlp/violation/attachment: 401 is not of type application/json",
        ERROR_IN_BASE64,
    ),
    (
        "GET /agent/v3/dlp/violation/attachment: 403 is not of type application/json",
        ERROR_IN_BASE64,
    ),
    (
        "GET /agent/v3/dlp/violation/attachment: 404 is not of type application/json",
        ERROR_IN_BASE64,
    ),
    ("POST /agent/v1/stream/{sid}/message/create: 451 is not declared", COMPLIANCE),
    ("POST /agent/v2/stream/{sid}/message/create: 451 is not declared", COMPLIANCE),
    ("POST /agent/v3/stream/{sid}/message/create: 451 is not declared", COMPLIANCE),
    ("POST /agent/v1/stream/{sid}/share: 451 is not declared", COMPLIANCE),
    ("POST /agent/v3/stream/{sid}/share: 451 is not declared", COMPLIANCE),
    ("POST /sessionauth/v1/authenticate: 401 is not declared", CERTIFICATE),
    ("POST /keyauth/v1/authenticate: 401 is not declared", CERTIFICATE),
    ("POST /sessionauth/v1/app/authenticate: 401 is not declared", CERTIFICATE),
    ("POST /sessionauth/v1/app/user/{uid}/authenticate: 401 is not declared", CERTIFICATE),
    ("POST /sessionauth/v1/app/username/{username}/authenticate: 401 is not declared", CERTIFICATE),
    ("POST /sessionauth/v1/logout: 401 is not declared", LOGOUT),
    ("POST /keyauth/v1/logout: 401 is not declared", LOGOUT),
    ("POST /login/pubkey/authenticate: 400 is not declared", NO_LOGIN_AT_ALL),
    ("POST /relay/pubkey/authenticate: 400 is not declared", NO_LOGIN_AT_ALL),
    ("POST /login/pubkey/app/authenticate: 400 is not declared", NO_LOGIN_AT_ALL),
    ("POST /login/pubkey/app/user/{userId}/authenticate: 400 is not declared", NO_LOGIN_AT_ALL),
    (
        "users AppUser: visible is required",
        "demanded and not declared; the answer that the Java BDK recorded has `listed`",
    ),
    (
        "GET /v5/users/apps/{groupAppId}: 401 is not declared",
        "upon it the Java BDK renews the app's session",
    ),
    (
        "agent Error: details is unknown",
        "so the documentation (\"List Audit Trail\") shows the refusal of a period of more than 30 days",
    ),
    (
        "agent V2Error: details.type",
        "an object in the file; a list in the refusal that the legacy Java SDK's tests have (MessagesClientTest)",
    ),
    ("agent V1AuditTrailInitiatorResponse: timestamp.type", NUMBERS),
    ("agent V1AuditTrailInitiatorResponse: initiatorId.type", NUMBERS),
    ("agent V1AuditTrailInitiatorResponse: affectedId is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: affectedUsername is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: affectedEmailAddress is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: authorizationRoles is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: attribute is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: oldValue is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: newValue is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: appId is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: appName is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: threadId is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: conversationType is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: scope is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: delegate is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: disclaimer is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: fingerPrint is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: dictionaryName is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: policyName is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: certificateName is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: scheme is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: fileExtension is unknown", VARIES),
    ("agent V1AuditTrailInitiatorResponse: informationBarrierGroup is unknown", VARIES),
    ("PUT /pod/file_ext/v1/allowed_extensions/{extension}: 401 is not declared", NO_SESSION),
    ("DELETE /pod/file_ext/v1/allowed_extensions/{extension}: 401 is not declared", NO_SESSION),
    (
        "GET /files/v1/{fileId}/metadata: 400 is not declared",
        "`type` is demanded of it as of its siblings, which declare it",
    ),
    (
        "files-api FileFormat: enum",
        "in upper case; the examples of the same file are `Symphony` and `Actiance`",
    ),
    (
        "community-connect ApiError: context is unknown",
        "so the documentation of Channel Connect shows what an error is about",
    ),
    ("pod FileExtensionsResponse: paging is unknown", PAGING),
    ("pod FileExtensionsResponse: pagination is unknown", PAGING),
    ("profile-manager ReadGroup: rootCause is required", ROOT_CAUSE),
    ("profile-manager ReadMember: rootCause is required", ROOT_CAUSE),
    ("profile-manager Profile: rootCause is required", ROOT_CAUSE),
    ("profile-manager Type: rootCause is required", ROOT_CAUSE),
    (
        "POST /pod/v1/users/{uid}/sessions/{sid}/logout: 404 is not declared",
        "no status is declared for a session that is not there",
    ),
];

const ERROR_IN_BASE64: &str =
    "declared as application/octet-stream, like the file; SDKs read errors as JSON";

const COMPLIANCE: &str =
    "declared of version 4 alone; whatever version a message is sent with, policies look at it";

const NULL_IN_IMPORTS: &str =
    "the answer that the Java BDK recorded has null for what there is not";

const CERTIFICATE: &str = "seen on real pods, and documented for other logins";

const LOGOUT: &str =
    "a token that is none is 401 everywhere else; a setting chooses between the two";

const NO_LOGIN_AT_ALL: &str =
    "401 is declared for logins that fail; a request that is not one is malformed as anywhere else";

const NUMBERS: &str =
    "texts in the file, numbers in the documentation's samples, which a setting chooses";

const VARIES: &str =
    "\"the attributes may vary according to the action\", and the file names none that do";

const NO_SESSION: &str = "it demands a session and declares 401 of its reading alone";

const PAGING: &str =
    "it demands `paging` and declares nothing of it; other lists have a declared `pagination`";

const ROOT_CAUSE: &str = "demanded in six schemas and declared in none";
