import { useEffect, useState } from "react";

/** Light space around the code, which readers need. */
const BORDER = 3;

/** A text for another device's camera. The encoder is loaded when a code is shown. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [rows, setRows] = useState<boolean[][]>();
  useEffect(() => {
    let shown = true;
    void import("qr").then(
      ({ encodeQR }) => shown && setRows(encodeQR(text, "raw", { ecc: "medium", border: BORDER })),
    );
    return () => {
      shown = false;
    };
  }, [text]);
  const size = rows?.length ?? 0;
  return (
    <svg
      role="img"
      aria-label={label}
      aria-busy={!rows}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="mx-auto aspect-square w-56 rounded-xl border border-line bg-white"
    >
      {rows && <path fill="#111" d={rows.map(pathOf).join("")} />}
    </svg>
  );
}

/** One square for each run of dark modules in a row. */
function pathOf(row: boolean[], y: number): string {
  let path = "";
  for (let x = 0; x < row.length; x++) {
    if (!row[x]) continue;
    const from = x;
    while (row[x + 1]) x++;
    path += `M${from} ${y}h${x - from + 1}v1h-${x - from + 1}z`;
  }
  return path;
}
