import { type Octets, concat } from "./crypto/octets";

const START = 0xff_d8;
const SCAN = 0xff_da;
/** Where cameras and programs write what is not the picture: EXIF and XMP, and IPTC. */
const BESIDE = new Set([0xff_e1, 0xff_ed]);
const EXIF = "Exif\0\0";
const TIFF_AT = 10;
const ORIENTATION = 0x01_12;
const UPRIGHT = 1;

/**
 * A JPEG without what was written beside the picture, such as the place where it was taken; only how it is turned stays.
 * What is not of the form is given back as it is.
 */
export function withoutMetadata(jpeg: Octets): Octets {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  if (jpeg.length < 4 || view.getUint16(0) !== START) return jpeg;
  const kept: Octets[] = [jpeg.slice(0, 2)];
  let turned = UPRIGHT;
  let at = 2;
  while (at + 4 <= jpeg.length) {
    const marker = view.getUint16(at);
    if (marker === SCAN) return concat(...kept, ...(turned === UPRIGHT ? [] : [exifOf(turned)]), jpeg.slice(at));
    const end = at + 2 + view.getUint16(at + 2);
    if (marker >> 8 !== 0xff || end > jpeg.length || end < at + 4) return jpeg;
    const segment = jpeg.slice(at, end);
    if (!BESIDE.has(marker)) kept.push(segment);
    else turned = orientationOf(segment) ?? turned;
    at = end;
  }
  return jpeg;
}

/** 1 to 8, as EXIF counts the ways in which a camera can be held. */
function orientationOf(segment: Octets): number | undefined {
  if (!String.fromCharCode(...segment.slice(4, TIFF_AT)).startsWith(EXIF)) return undefined;
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
  view.setUint16(0, 0xff_e1);
  view.setUint16(2, segment.length - 2);
  segment.set(new TextEncoder().encode(EXIF), 4);
  const tiff = [0x4d_4d, 0x00_2a, 0, 8, 1, ORIENTATION, 3, 0, 1, orientation];
  for (const [index, value] of tiff.entries()) view.setUint16(TIFF_AT + 2 * index, value);
  return segment;
}
