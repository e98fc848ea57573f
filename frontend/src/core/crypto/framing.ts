/** One packet of a binary OpenPGP sequence: its tag and how long it is with its header. */
export interface Frame {
  tag: number;
  start: number;
  end: number;
  partial: boolean;
}

const FRAMES_MAX = 8;

/**
 * Walks new-format headers without interpreting bodies; undefined for anything that is not an exact sequence of
 * packets. OpenPGP.js drops marker, padding and unknown packets before a caller can see them; this sees them all.
 */
export function frames(octets: Uint8Array): Frame[] | undefined {
  const found: Frame[] = [];
  let at = 0;
  while (at < octets.length) {
    const header = octets[at] as number;
    if ((header & 0xc0) !== 0xc0 || found.length === FRAMES_MAX) return undefined;
    const body = bodyEnd(octets, at + 1);
    if (body === undefined) return undefined;
    found.push({ tag: header & 0x3f, start: at, end: body.end, partial: body.partial });
    at = body.end;
  }
  return found;
}

/** Whether the octets are exactly one packet of the given tag, of definite length. */
export function isSinglePacket(octets: Uint8Array, tag: number): boolean {
  const found = frames(octets);
  return found?.length === 1 && found[0]?.tag === tag && !found[0].partial;
}

function bodyEnd(octets: Uint8Array, from: number): { end: number; partial: boolean } | undefined {
  let at = from;
  let partial = false;
  for (;;) {
    const length = bodyLength(octets, at);
    if (length === undefined) return undefined;
    const end = length.next + length.octets;
    if (end > octets.length) return undefined;
    if (!length.partial) return { end, partial };
    partial = true;
    at = end;
  }
}

/** RFC 9580, section 4.2.1. */
export function bodyLength(
  octets: Uint8Array,
  at: number,
): { octets: number; next: number; partial: boolean } | undefined {
  const first = octets[at];
  if (first === undefined) return undefined;
  if (first < 192) return { octets: first, next: at + 1, partial: false };
  if (first < 224) {
    const second = octets[at + 1];
    if (second === undefined) return undefined;
    return { octets: ((first - 192) << 8) + second + 192, next: at + 2, partial: false };
  }
  if (first < 255) return { octets: 2 ** (first & 31), next: at + 1, partial: true };
  if (at + 5 > octets.length) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset);
  return { octets: view.getUint32(at + 1), next: at + 5, partial: false };
}
