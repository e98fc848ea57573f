import { serverNow } from "../api/client";
import { random, toHex } from "./crypto/octets";

/** A time-ordered identifier (UUIDv7, RFC 9562). */
export function uuidv7(): string {
  const octets = random(16);
  const view = new DataView(octets.buffer);
  const ms = serverNow().getTime();
  view.setUint16(0, Math.floor(ms / 2 ** 32));
  view.setUint32(2, ms % 2 ** 32);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  return toHex(octets).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
