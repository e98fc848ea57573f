/** Pictures that a browser shows without running anything in them: SVG is not among them. */
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

export const isImage = (type: string): boolean => SHOWN.has(type);

/** The size of a picture in pixels; nothing when it is none. */
export async function imageSize(address: string): Promise<{ w: number; h: number } | undefined> {
  const image = new Image();
  image.src = address;
  try {
    await image.decode();
    return { w: image.naturalWidth, h: image.naturalHeight };
  } catch {
    return undefined;
  }
}
