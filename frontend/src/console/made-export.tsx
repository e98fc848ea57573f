import { useEffect, useMemo } from "react";
import type { Made } from "./export-job";
import { pinnedLogKey } from "./proof";
import { Steps } from "./proof-badge";

/** A finished file, what this browser found when it checked it, and how whoever gets it can do the same. */
export function MadeExport({ made, name }: { made: Made; name: string }) {
  const { file, report } = made;
  const url = useMemo(() => URL.createObjectURL(file), [file]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  const fileName = `${name.replaceAll(/[^\w.-]+/g, "-")}.tar`;
  const steps = [
    ...report.faults.map(({ part, line, reason }) => ({
      name: line === undefined ? part : `${part}, line ${line}`,
      holds: false,
      detail: reason,
    })),
    ...report.steps.map(({ name: step, detail }) => ({ name: step, holds: true, detail })),
  ];
  const whole = report.faults.length === 0;
  return (
    <div className="flex flex-col gap-3">
      <Steps steps={steps} />
      {!whole && (
        <p role="alert" className="text-danger">
          What the server gave does not verify. The file says what; keep it, and tell whoever runs the server.
        </p>
      )}
      <p>
        <a
          className="inline-flex h-10 items-center rounded-xl bg-accent px-4 font-medium text-on-accent hover:bg-accent-strong"
          href={url}
          download={fileName}
        >
          Save {fileName} ({sizeOf(file.size)})
        </a>
      </p>
      <details>
        <summary className="cursor-pointer font-medium">How whoever gets it checks it</summary>
        <ol className="mt-2 flex list-decimal flex-col gap-2 pl-5">
          <li>
            Give them the file, and{" "}
            <a className="text-accent underline" href="/verify.html" download="verify.html">
              the page that checks it
            </a>
            : one file, which works without any network.
          </li>
          <li>
            Give them the log’s key on <em>another</em> way than the file, such as on paper:
            <code className="mt-1 block rounded-xl bg-sunken p-2 font-mono text-sm break-all">{pinnedLogKey()}</code>
          </li>
          <li>
            They open the page from their disk, paste the key, and choose the file. On a command line:
            <code className="mt-1 block rounded-xl bg-sunken p-2 font-mono text-sm break-all">
              sealcast audit verify {fileName} --log-key '{pinnedLogKey()}'
            </code>
          </li>
        </ol>
      </details>
    </div>
  );
}

const sizeOf = (octets: number): string =>
  octets < 1e6 ? `${Math.ceil(octets / 1e3)} kB` : `${(octets / 1e6).toFixed(1)} MB`;
