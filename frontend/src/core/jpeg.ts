import { type Octets, concat } from "./crypto/octets";

const START = 0xff_d8;
const END = 0xff_d9;
const SCAN = 0xff_da;
const EXIF_SEGMENT = 0xff_e1;
/** Segments for applications: EXIF, XMP, IPTC and whatever programs and cameras write beside the picture. */
const APP_FIRST = 0xff_e0;
const APP_LAST = 0xff_ef;
const COMMENT = 0xff_fe;
/** Of them, what decides on how the picture looks: the density of JFIF, the colours of ICC, the channels of Adobe. */
const OF_THE_PICTURE = new Map([
  [0xff_e0, "JFIF\0"],
  [0xff_e2, "ICC_PROFILE\0"],
  [0xff_ee, "Adobe"],
]);
const EXIF = "Exif\0\0";
const BODY_AT = 4;
const TIFF_AT = 10;
const ORIENTATION = 0x01_12;
const UPRIGHT = 1;

/**
 * A JPEG without what was written beside the picture or behind it, such as the place where it was taken, or a second
 * picture; only how it is turned stays. What is not of the form is given back as it is.
 */
export function withoutMetadata(jpeg: Octets): Octets {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  if (jpeg.length < 4 || view.getUint16(0) !== START) return jpeg;
  const before: Octets[] = [jpeg.slice(0, 2)];
  const scans: Octets[] = [];
  let turned = UPRIGHT;
  let at = 2;
  // Where a picture begins, what stands before it goes, whatever becomes of the rest.
  const whole = (rest: Octets) =>
    scans.length === 0 ? jpeg : concat(...before, ...(turned === UPRIGHT ? [] : [exifOf(turned)]), ...scans, rest);
  while (at + 4 <= jpeg.length) {
    const marker = view.getUint16(at);
    if (marker === END) break;
    const end = at + 2 + view.getUint16(at + 2);
    if (marker >> 8 !== 0xff || end > jpeg.length || end < at + BODY_AT) return whole(jpeg.slice(at));
    const segment = jpeg.slice(at, marker === SCAN ? (at = scanEnd(jpeg, end)) : (at = end));
    if (marker === EXIF_SEGMENT) turned = orientationOf(segment) ?? turned;
    // Between the scans of a picture that comes in steps there are tables, and nothing else is needed.
    if (isOfThePicture(marker, segment)) (marker === SCAN || scans.length > 0 ? scans : before).push(segment);
  }
  return whole(jpeg.slice(at, at + 2));
}

function isOfThePicture(marker: number, segment: Octets): boolean {
  if (marker === COMMENT) return false;
  if (marker < APP_FIRST || marker > APP_LAST) return true;
  const name = OF_THE_PICTURE.get(marker);
  return name !== undefined && begins(segment, name);
}

const begins = (segment: Octets, name: string): boolean =>
  String.fromCharCode(...segment.slice(BODY_AT, BODY_AT + name.length)) === name;

/** Where the coded data behind a scan's head ends: at the next marker that is neither padding nor a restart. */
function scanEnd(jpeg: Octets, from: number): number {
  for (let at = from; at + 1 < jpeg.length; at++) {
    if (jpeg[at] !== 0xff) continue;
    const next = jpeg[at + 1] as number;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return jpeg.length;
}

/** 1 to 8, as EXIF counts the ways in which a camera can be held. */
function orientationOf(segment: Octets): number | undefined {
  if (!begins(segment, EXIF)) return undefined;
  const view = new DataView(segment.buffer, segment.byteOffset + TIFF_AT, segment.length - TIFF_AT);
  try {
    const little = view.getUint16(0) === 0x49_49;
    const first = view.getUint32(4, little);
    const count = view.getUint16(first, little);
    for (let entry = first + 2; entry < first + 2 + count * 12; entry += 12) {
      if (view.getUint16(entry, little) !== ORIENTATION) continue;
      const value = view.getUint16(entry + 8, little);
      return value >= UPRIGHT && value <= 8 ? value : undefined;
    }
  } catch {
    // It points outside of itself.
  }
  return undefined;
}

/** An EXIF segment that says one thing. */
function exifOf(orientation: number): Octets {
  const segment = new Uint8Array(TIFF_AT + 26);
  const view = new DataView(segment.buffer);
  view.setUint16(0, EXIF_SEGMENT);
  view.setUint16(2, segment.length - 2);
  segment.set(new TextEncoder().encode(EXIF), BODY_AT);
  const tiff = [0x4d_4d, 0x00_2a, 0, 8, 1, ORIENTATION, 3, 0, 1, orientation];
  for (const [index, value] of tiff.entries()) view.setUint16(TIFF_AT + 2 * index, value);
  return segment;
}
