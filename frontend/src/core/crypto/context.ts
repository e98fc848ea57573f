import { type Octets, concat, fromBase64Url, sha256, toBase64Url, toHex, utf8 } from "./octets";

export const MESSAGE_NOTATION = "ctx@sealcast.example";
export const EPOCH_NOTATION = "epoch@sealcast.example";
export const GRANT_NOTATION = "grant@sealcast.example";
export const COMPLIANCE_NOTATION = "compliance@sealcast.example";

/** The signed context of a message (docs/protocol.md, section 3). */
export interface MessageContext {
  room: string;
  epoch: number;
  cid: string;
  /** First 16 octets of the SHA-256 of the sender's previous envelope in the room. */
  prev: Octets;
  /** Commitment to the session key. */
  skc: Octets;
  /** The newest checkpoint that the sender has seen. */
  cp: SeenCheckpoint;
}

export interface SeenCheckpoint {
  size: number;
  root: Octets;
}

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const B64_16 = "[A-Za-z0-9_-]{22}";
const B64_32 = "[A-Za-z0-9_-]{43}";
const NUMBER = "(?:0|[1-9][0-9]{0,15})";
const FORM = new RegExp(
  `^v1;room=(${UUID});epoch=(${NUMBER});cid=(${UUID});prev=(${B64_16});skc=(${B64_32});cp=(${NUMBER}):(${B64_16})$`,
);

export function contextText({ room, epoch, cid, prev, skc, cp }: MessageContext): string {
  return `v1;room=${room};epoch=${epoch};cid=${cid};prev=${toBase64Url(prev)};skc=${toBase64Url(skc)};cp=${checkpointText(cp)}`;
}

/** What the plaintext repeats: the context without `skc`, which commits to the plaintext's own session key. */
export function innerContextText({ room, epoch, cid, prev, cp }: Omit<MessageContext, "skc">): string {
  return `v1;room=${room};epoch=${epoch};cid=${cid};prev=${toBase64Url(prev)};cp=${checkpointText(cp)}`;
}

/** Accepts only what `contextText` writes. */
export function parseContext(text: string): MessageContext | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  const [room, epoch, cid, prev, skc, size, root] = match.slice(1) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  try {
    const context = {
      room,
      epoch: Number(epoch),
      cid,
      prev: fromBase64Url(prev),
      skc: fromBase64Url(skc),
      cp: { size: Number(size), root: fromBase64Url(root) },
    };
    return contextText(context) === text ? context : undefined;
  } catch {
    return undefined;
  }
}

/** Size 0 and the first octets of the hash of nothing: no checkpoint seen yet. */
export const noCheckpoint = async (): Promise<SeenCheckpoint> => ({
  size: 0,
  root: (await sha256(new Uint8Array(0))).slice(0, 16),
});

export const sessionKeyCommitment = (sessionKey: Uint8Array): Promise<Octets> =>
  sha256(concat(utf8("sealcast/v1/sk-commit\0"), sessionKey));

export async function epochStatement(epoch: {
  room: string;
  epoch: number;
  certFp: string;
  blob: Octets;
  prevFp: string | undefined;
}): Promise<Octets> {
  const blob = toHex(await sha256(epoch.blob));
  return utf8(
    `sealcast/v1/epoch\nroom=${epoch.room}\nepoch=${epoch.epoch}\ncert=${epoch.certFp}\nblob=${blob}\nprev=${epoch.prevFp ?? "-"}\n`,
  );
}

export async function grantStatement(grant: {
  room: string;
  epoch: number;
  to: string;
  toFp: string;
  pkesk: Octets;
  blob: Octets;
}): Promise<Octets> {
  const [pkesk, blob] = [toHex(await sha256(grant.pkesk)), toHex(await sha256(grant.blob))];
  return utf8(
    `sealcast/v1/grant\nroom=${grant.room}\nepoch=${grant.epoch}\nto=${grant.to}\nto_fp=${grant.toFp}\npkesk=${pkesk}\nblob=${blob}\n`,
  );
}

const checkpointText = ({ size, root }: SeenCheckpoint): string => `${size}:${toBase64Url(root)}`;

/** What a compliance key signs to name the one after it; `from` is in milliseconds. */
export const complianceStatement = async (old: string, next: string, cert: Octets, from: number): Promise<Octets> =>
  utf8(
    `sealcast/v1/compliance\nold=${old}\nnew=${next}\ncertificate=${toHex(await sha256(cert))}\neffective=${from}\n`,
  );
