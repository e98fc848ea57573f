import { describe, expect, it } from "vitest";
import { withoutMetadata } from "../src/core/jpeg";

const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));
const segment = (marker: number, body: number[]): number[] => {
  const length = body.length + 2;
  return [0xff, marker, length >> 8, length & 255, ...body];
};
/** EXIF with an orientation and a place, in the byte order of the camera. */
const exif = (orientation: number, little: boolean): number[] => {
  const two = (value: number) => (little ? [value & 255, value >> 8] : [value >> 8, value & 255]);
  const four = (value: number) => (little ? [...two(value), 0, 0] : [0, 0, ...two(value)]);
  const entry = (tag: number, type: number, value: number[]) => [...two(tag), ...two(type), ...four(1), ...value];
  const ifd = [
    ...two(2),
    ...entry(0x88_25, 4, four(60)),
    ...entry(0x01_12, 3, [...two(orientation), 0, 0]),
    ...four(0),
  ];
  return segment(0xe1, [
    ...ascii("Exif\0\0"),
    ...ascii(little ? "II" : "MM"),
    ...two(42),
    ...four(8),
    ...ifd,
    ...ascii("GPS 52.5N 13.4E"),
  ]);
};
const SOI = [0xff, 0xd8];
const table = segment(0xdb, [1, 2, 3]);
const picture = [0xff, 0xda, 0, 4, 9, 9, 7, 7, 7, 0xff, 0xd9];
const jpeg = (...parts: number[][]) => Uint8Array.from([...SOI, ...parts.flat()]);
const says = (octets: Uint8Array) => Buffer.from(octets).toString("latin1");

describe("a photograph", () => {
  it.each([true, false])("goes without its place, and turned as it was (little endian: %s)", (little) => {
    const xmp = segment(0xe1, ascii("http://ns.adobe.com/xap/1.0/\0<who took it>"));
    const iptc = segment(0xed, ascii("Photoshop 3.0\0author"));
    const sent = withoutMetadata(jpeg(exif(6, little), xmp, table, iptc, picture));
    expect(says(sent)).not.toMatch(/GPS|who took it|author/);
    // Read again it is what it was: one table, one orientation, the picture.
    expect(withoutMetadata(sent)).toEqual(sent);
    expect(says(sent)).toContain(says(Uint8Array.from(table)));
    expect(sent.slice(-picture.length)).toEqual(Uint8Array.from(picture));
    expect(sent.slice(2 + table.length, 6 + table.length)).toEqual(Uint8Array.from([0xff, 0xe1, 0, 34]));
  });

  it("that stands upright goes without any of it", () => {
    expect(withoutMetadata(jpeg(exif(1, true), table, picture))).toEqual(jpeg(table, picture));
  });

  it("goes without what stands behind it, or between its scans, and with what its colours need", () => {
    const jfif = segment(0xe0, [...ascii("JFIF\0"), 1, 1, 0, 0, 72, 0, 72, 0, 0]);
    const colours = segment(0xe2, ascii("ICC_PROFILE\0\x01\x01profile"));
    const adobe = segment(0xee, [...ascii("Adobe"), 0, 100, 0, 0, 0, 0, 1]);
    const index = segment(0xe2, ascii("MPF\0II*\0where the second picture is"));
    const notes = [segment(0xfe, ascii("a comment")), segment(0xe0, ascii("JFXX\0thumbnail")), index];
    // Two scans with a restart, a stuffed octet and padding in their data, and a table between them.
    const scan = [0xff, 0xda, 0, 4, 9, 9, 7, 0xff, 0, 8, 0xff, 0xd3, 7];
    const steps = [scan, [0xff, 0xff, ...table.slice(1)], scan];
    const second = jpeg(exif(6, true), table, picture);
    const whole = [jfif, colours, adobe, table, ...steps, [0xff, 0xd9]];
    const dirty = jpeg(...notes, ...whole.slice(0, -2), segment(0xe1, ascii("late")), scan, [0xff, 0xd9]);
    const sent = withoutMetadata(Uint8Array.from([...dirty, ...second, ...ascii("film of the moment")]));
    expect(says(sent)).not.toMatch(/GPS|MPF|comment|thumbnail|late|film/);
    expect(sent).toEqual(jpeg(...whole));
  });

  it("that ends too early, or goes on in no known way, goes without its place all the same", () => {
    const begun = picture.slice(0, -2);
    expect(withoutMetadata(jpeg(exif(1, true), table, begun))).toEqual(jpeg(table, begun));
    const odd = [...begun, 0xff, 0xc4, 0xff, 0xff, 1];
    expect(withoutMetadata(jpeg(exif(1, true), table, odd))).toEqual(jpeg(table, odd));
  });

  it("that is none, or broken, goes as it is", () => {
    for (const octets of [
      jpeg(),
      jpeg([0xff, 0xe1, 0xff]),
      jpeg([0xff, 0xe1, 0xff, 0xff, 1]),
      Uint8Array.from(ascii("GIF89a....")),
    ]) {
      expect(withoutMetadata(octets)).toEqual(octets);
    }
    const lost = jpeg(segment(0xe1, [...ascii("Exif\0\0MM"), 0, 42, 255, 255, 255, 255]), picture);
    expect(withoutMetadata(lost)).toEqual(jpeg(picture));
  });
});
