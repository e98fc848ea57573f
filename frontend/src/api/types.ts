import type { components } from "./schema";

/** Names for the bodies of the REST interface; the shapes are generated from its OpenAPI document. */
type Schemas = components["schemas"];

export type Access = Schemas["Access"];
export type Account = Schemas["Account"];
export type Approval = Schemas["Approval"];
export type ApprovalDecision = Schemas["ApprovalDecision"];
export type ApprovalRequest = Schemas["ApprovalRequest"];
export type Case = Schemas["Case"];
export type NewCase = Schemas["NewCase"];
export type Admission = Schemas["Admission"];
export type Checkpoint = Schemas["Checkpoint"];
/** A message as the stream carries it; the history adds the position of its leaf. */
export type Envelope = Schemas["Message"];
export type Epoch = Schemas["Epoch"];
export type ExportRequest = Schemas["ExportRequest"];
export type Grant = Schemas["Grant"];
export type History = Schemas["History"];
export type Hold = Schemas["Hold"];
export type Invite = Schemas["Invite"];
export type JoinRequest = Schemas["JoinRequest"];
export type Kdf = Schemas["Kdf"];
export type LeafPage = Schemas["LeafPage"];
export type LeafRange = Schemas["LeafRange"];
export type LogLeaf = Schemas["LogLeaf"];
export type LogHealth = Schemas["LogHealth"];
export type LoginReply = Schemas["LoginReply"];
export type Member = Schemas["Member"];
export type MessagePage = Schemas["MessagePage"];
export type NewAttachment = Schemas["NewAttachment"];
export type NewDirect = Schemas["NewDirect"];
export type NewEpoch = Schemas["NewEpoch"];
export type NewGrant = Schemas["NewGrant"];
export type NewInvite = Schemas["NewInvite"];
export type NewMessage = Schemas["NewMessage"];
export type NewRoom = Schemas["NewRoom"];
export type OlderKey = Schemas["OlderKey"];
export type Organisation = Schemas["Organisation"];
export type PasswordRequest = Schemas["PasswordRequest"];
export type SecondFactor = Schemas["SecondFactor"];
export type NewSecondFactor = Schemas["NewSecondFactor"];
export type Policy = Schemas["Policy"];
export type Problem = Schemas["Problem"];
export type Proof = Schemas["Proof"];
export type ProvenEvent = Schemas["ProvenEvent"];
export type RegisterRequest = Schemas["RegisterRequest"];
export type RetentionRule = Schemas["RetentionRule"];
export type Role = Schemas["Role"];
export type Room = Schemas["Room"];
export type RoomKind = Schemas["RoomKind"];
export type Scope = Schemas["Scope"];
export type ServerInfo = Schemas["ServerInfo"];
/** The session that a request came with. */
export type SessionView = Schemas["Session"];
export type StoredMessage = Schemas["StoredMessage"];
export type StoredEvent = Schemas["StoredEvent"];
export type SessionInfo = Schemas["SessionInfo"];
