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
  const roots = await rootsOf(from.size, to.size, isPowerOfTwo(from.size) ? [from.root, ...path] : path);
  return roots !== undefined && equal(roots.old, from.root) && equal(roots.current, to.root);
}

/**
 * From which size on a consistency proof up to `to` leaves shows the root at `size` to somebody who does not have it; none
 * when no proof does. The proof from a power of two leaves that root out, the one from a leaf further names it.
 */
export function provesBefore(size: number, to: number): number | undefined {
  const from = isPowerOfTwo(size) ? size + 1 : size;
  return size > 1 && from < to ? from : undefined;
}

/** The root of the first `size` leaves of the tree `to`, by the proof that `provesBefore` names; none when it does not hold. */
export async function rootBefore(
  size: number,
  to: { size: number; root: Octets },
  path: Octets[],
): Promise<Octets | undefined> {
  const from = provesBefore(size, to.size);
  if (from === undefined || path.length > PATH_MAX) return undefined;
  const roots = await rootsOf(from, to.size, path);
  if (!roots || !equal(roots.current, to.root)) return undefined;
  // A leaf that follows a power of two has one subtree on its left: all that is before it.
  return from === size ? roots.old : roots.left;
}

const isPowerOfTwo = (size: number): boolean => (BigInt(size) & BigInt(size - 1)) === 0n;

/** The roots that a consistency proof leads to, and the last subtree on the left of its first one. */
async function rootsOf(from: number, to: number, [first, ...rest]: Octets[]) {
  if (!first) return undefined;
  let [fn, sn] = [BigInt(from - 1), BigInt(to - 1)];
  while ((fn & 1n) === 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [old, current] = [first, first];
  let left: Octets | undefined;
  for (const sibling of rest) {
    if (sn === 0n) return undefined;
    if ((fn & 1n) === 1n || fn === sn) {
      left = sibling;
      old = await nodeHash(sibling, old);
      current = await nodeHash(sibling, current);
      while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      current = await nodeHash(current, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n ? { old, current, left } : undefined;
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
