import { type Key, type PrivateKey, encryptSessionKey } from "openpgp/lightweight";
import { EPOCH_NOTATION, GRANT_NOTATION, epochStatement, grantStatement } from "./context";
import { openOctets, sealOctets } from "./envelope";
import { generateRoomKey, octetsOf } from "./keys";
import { type Octets, concat } from "./octets";
import { CONFIG, notBefore, readCertificate, readSecretKey, subkeyFingerprint } from "./profile";
import { PKESK_OCTETS } from "./recipients";
import { signDetached, verifyDetached } from "./signature";

const STATEMENT = "v1";

/** A room's key of one epoch, opened and checked. */
export interface RoomKey {
  epoch: number;
  key: PrivateKey;
  /** What a grant encrypts; kept so that this client can grant to others. */
  blobKey: Octets;
  blob: Octets;
}

/** Octets of an epoch as the server stores them. */
export interface EpochRecord {
  room: string;
  epoch: number;
  certFp: string;
  cert: Octets;
  blob: Octets;
  prevFp: string | undefined;
  sig: Octets;
  openedAt: Date;
}

export interface GrantRecord {
  to: string;
  toFp: string;
  pkesk: Octets;
  sig: Octets;
  grantedAt: Date;
}

/** An epoch or a grant that does not check out; the message says what. */
export class EpochRefused extends Error {}

/** Makes a room's first or next epoch, signed by its opener. */
export async function openEpoch(
  at: { room: string; epoch: number; prevFp: string | undefined },
  opener: PrivateKey,
  now: Date,
): Promise<{ key: RoomKey; cert: Octets; sig: Octets }> {
  const key = await generateRoomKey(now);
  const { sealed, sessionKey } = await sealOctets(octetsOf(key), [opener.toPublic()], now);
  const blob = sealed.slice(PKESK_OCTETS);
  const statement = await epochStatement({ ...at, certFp: key.getFingerprint(), blob });
  const sig = await signDetached(statement, opener, { name: EPOCH_NOTATION, value: STATEMENT }, now);
  return { key: { epoch: at.epoch, key, blobKey: sessionKey, blob }, cert: octetsOf(key.toPublic()), sig };
}

/** Encrypts an epoch's blob key to one member and signs for it. */
export async function makeGrant(
  room: string,
  roomKey: RoomKey,
  to: { userId: string; certificate: Key },
  granter: PrivateKey,
  now: Date,
): Promise<{ epoch: number; to: string; toFp: string; pkesk: Octets; sig: Octets }> {
  const pkesk = concat(
    await encryptSessionKey({
      data: roomKey.blobKey,
      algorithm: "aes256",
      aeadAlgorithm: "gcm",
      encryptionKeys: to.certificate,
      format: "binary",
      date: notBefore(now, to.certificate),
      config: CONFIG,
    }),
  );
  if (pkesk.length !== PKESK_OCTETS) throw new EpochRefused("the grant has an unexpected form");
  const grant = { room, epoch: roomKey.epoch, to: to.userId, toFp: to.certificate.getFingerprint(), pkesk };
  const statement = await grantStatement({ ...grant, blob: roomKey.blob });
  const sig = await signDetached(statement, granter, { name: GRANT_NOTATION, value: STATEMENT }, now);
  return { epoch: grant.epoch, to: grant.to, toFp: grant.toFp, pkesk, sig };
}

/** Checks the opener's signature over an epoch. */
export async function checkEpoch(record: EpochRecord, opener: Key): Promise<void> {
  const cert = await readCertificate(record.cert);
  if (cert.getFingerprint() !== record.certFp) throw new EpochRefused("the epoch names another certificate");
  const statement = await epochStatement(record);
  const value = await verifyDetached(statement, record.sig, opener, EPOCH_NOTATION, record.openedAt);
  if (value !== STATEMENT) throw new EpochRefused("the epoch's signature is not valid");
}

/** Checks the granter's signature, opens the blob with the user's key and checks what came out. */
export async function acceptGrant(
  record: EpochRecord,
  grant: GrantRecord,
  granter: Key,
  user: PrivateKey,
): Promise<RoomKey> {
  const statement = await grantStatement({ ...record, to: grant.to, toFp: grant.toFp, pkesk: grant.pkesk });
  const value = await verifyDetached(statement, grant.sig, granter, GRANT_NOTATION, grant.grantedAt);
  if (value !== STATEMENT) throw new EpochRefused("the grant's signature is not valid");
  return openBlob(record, grant.pkesk, user);
}

/** Opens an epoch's blob with a blob key that came from an invite link. */
export async function openWithBlobKey(
  record: EpochRecord,
  blobKey: Octets,
  user: PrivateKey,
  now: Date,
): Promise<RoomKey> {
  const pkesk = concat(
    await encryptSessionKey({
      data: blobKey,
      algorithm: "aes256",
      aeadAlgorithm: "gcm",
      encryptionKeys: user.toPublic(),
      format: "binary",
      date: notBefore(now, user),
      config: CONFIG,
    }),
  );
  return openBlob(record, pkesk, user);
}

async function openBlob(record: EpochRecord, pkesk: Octets, user: PrivateKey): Promise<RoomKey> {
  const opened = await openOctets(concat(pkesk, record.blob), user, [subkeyFingerprint(user)]);
  if (!opened.ok) throw new EpochRefused(`the room key does not open: ${opened.refusal}`);
  const key = await readSecretKey(opened.plaintext);
  if (key.getFingerprint() !== record.certFp || !key.isDecrypted()) {
    throw new EpochRefused("the blob holds another key than the epoch's");
  }
  return { epoch: record.epoch, key, blobKey: opened.sessionKey, blob: record.blob };
}
