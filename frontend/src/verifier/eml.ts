import { type Octets, toBase64, utf8 } from "../core/crypto/octets";
import type { ViewLine } from "./message";

/** A message as mail (RFC 5322), octet for octet as `sealcast audit export` writes it: what archives and review tools import. */

const DOMAIN = "sealcast.example";
/** Characters of a line of base64. */
const LINE_CHARS = 76;

export const emlName = ({ id }: ViewLine): string => `eml/${id}.eml`;

export function eml(
  room: string,
  { id, leaf_index, accepted_at, sender, username, opened, unreadable }: ViewLine,
): Octets {
  const kind = opened ? plain(opened.kind) : "unreadable";
  const text = opened ? opened.text : `[unreadable: ${unreadable ?? ""}]`;
  const headers = [
    `From: ${word(username)} <${sender}@${DOMAIN}>`,
    `To: <${room}@${DOMAIN}>`,
    `Date: ${new Date(accepted_at).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${id}.${room}@${DOMAIN}>`,
    `Subject: [${room}] ${kind} ${id}`,
    `X-Sealcast-Id: ${id}`,
    `X-Sealcast-Leaf: ${leaf_index}`,
    `X-Sealcast-Kind: ${kind}`,
    ...(opened?.re === undefined ? [] : [`X-Sealcast-Re: ${plain(opened.re)}`]),
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
  ];
  const body = toBase64(utf8(text)).match(new RegExp(`.{1,${LINE_CHARS}}`, "g")) ?? [];
  return utf8([...headers, "", ...body, ""].join("\r\n"));
}

/** An encoded word (RFC 2047): whatever the name is, it cannot begin another header. */
const word = (text: string): string => `=?utf-8?B?${toBase64(utf8(text))}?=`;

/** Only what cannot end a header. */
const plain = (text: string): string => text.replaceAll(/[^\x21-\x7e]/gu, "").slice(0, LINE_CHARS * 2);
