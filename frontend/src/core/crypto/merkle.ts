import { type Octets, concat, equal, sha256, toHex, utf8 } from "./octets";

const PATH_MAX = 64;

/** RFC 6962, section 2.1: the hash of a leaf. */
export const leafHash = (data: Octets): Promise<Octets> => sha256(concat(Uint8Array.of(0), data));

const nodeHash = (left: Octets, right: Octets): Promise<Octets> => sha256(concat(Uint8Array.of(1), left, right));

/** Whether the leaf at `index` of a tree with `size` leaves leads to `root` (RFC 9162, section 2.1.3.2). */
export async function verifyInclusion(
  leaf: Octets,
  index: number,
  size: number,
  path: Octets[],
  root: Octets,
): Promise<boolean> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size || path.length > PATH_MAX) return false;
  let [fn, sn] = [BigInt(index), BigInt(size - 1)];
  let hash = await leafHash(leaf);
  for (const sibling of path) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      hash = await nodeHash(sibling, hash);
      while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      hash = await nodeHash(hash, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && equal(hash, root);
}

/** Whether the tree of `to` leaves extends the tree of `from` leaves (RFC 9162, section 2.1.4.2). */
export async function verifyConsistency(
  from: { size: number; root: Octets },
  to: { size: number; root: Octets },
  path: Octets[],
): Promise<boolean> {
  if (from.size > to.size || path.length > PATH_MAX) return false;
  if (from.size === to.size) return path.length === 0 && equal(from.root, to.root);
  if (from.size === 0) return path.length === 0;
  const isPowerOfTwo = (BigInt(from.size) & BigInt(from.size - 1)) === 0n;
  const [first, ...rest] = isPowerOfTwo ? [from.root, ...path] : path;
  if (!first) return false;
  let [fn, sn] = [BigInt(from.size - 1), BigInt(to.size - 1)];
  while ((fn & 1n) === 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [old, current] = [first, first];
  for (const sibling of rest) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      old = await nodeHash(sibling, old);
      current = await nodeHash(sibling, current);
      while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      current = await nodeHash(current, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && equal(old, from.root) && equal(current, to.root);
}

/** What a message's leaf says, rebuilt from the message itself (docs/protocol.md, section 8). */
export async function messageLeaf(message: {
  id: string;
  room: string;
  epoch: number;
  cid: string;
  sender: string;
  senderFp: string;
  acceptedAtMs: number;
  env: Octets;
  sig: Octets;
}): Promise<Octets> {
  const [env, sig] = [toHex(await sha256(message.env)), toHex(await sha256(message.sig))];
  return utf8(
    `sealcast/v1/message\nid=${message.id}\nroom=${message.room}\nepoch=${message.epoch}\ncid=${message.cid}\n` +
      `sender=${message.sender}\nsender_fp=${message.senderFp}\nat=${message.acceptedAtMs}\nenv=${env}\nsig=${sig}\n`,
  );
}
