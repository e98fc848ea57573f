import { useEffect, useMemo } from "react";
import type { Made } from "./export-job";
import { pinnedLogKey } from "./proof";
import { Steps } from "./proof-badge";
import { t } from "../shared/i18n";
import { rich } from "../shared/rich";

/** A finished file, what this browser found when it checked it, and how whoever gets it can do the same. */
export function MadeExport({ made, name }: { made: Made; name: string }) {
  const { file, report } = made;
  const url = useMemo(() => URL.createObjectURL(file), [file]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  const fileName = `${name.replaceAll(/[^\w.-]+/g, "-")}.tar`;
  const steps = [
    ...report.faults.map(({ part, line, reason }) => ({
      name: line === undefined ? part : t("{part}, line {line}", { part, line: String(line) }),
      holds: false,
      detail: reason,
    })),
    ...report.steps.map(({ name: step, detail }) => ({ name: step, holds: true, detail })),
  ];
  const command = `sealcast audit verify ${fileName} --log-key '${pinnedLogKey()}'`;
  const whole = report.faults.length === 0;
  return (
    <div className="flex flex-col gap-3">
      {/* In the words of the page that checks it, and of nobody else: those are English. */}
      <Steps steps={steps} lang="en" />
      {!whole && (
        <p role="alert" className="text-danger">
          {t("What the server gave does not verify. The file says what; keep it, and tell whoever runs the server.")}
        </p>
      )}
      <p>
        <a
          className="inline-flex h-10 items-center rounded-xl bg-accent px-4 font-medium text-on-accent hover:bg-accent-strong"
          href={url}
          download={fileName}
        >
          {t("Save {file} ({size})", { file: fileName, size: sizeOf(file.size) })}
        </a>
      </p>
      <details>
        <summary className="cursor-pointer font-medium">{t("How whoever gets it checks it")}</summary>
        <ol className="mt-2 flex list-decimal flex-col gap-2 pl-5">
          <li>
            {rich("Give them the file, and {page}: one file, which works without any network.", {
              page: (
                <a className="text-accent underline" href="/verify.html" download="verify.html">
                  {t("the page that checks it")}
                </a>
              ),
            })}
          </li>
          <li>
            {rich("Give them the log’s key on {another} way than the file, such as on paper:", {
              another: <em>{t("another")}</em>,
            })}
            <code className="mt-1 block rounded-xl bg-sunken p-2 font-mono text-sm break-all">{pinnedLogKey()}</code>
          </li>
          <li>
            {t("They open the page from their disk, paste the key, and choose the file. On a command line:")}
            <code className="mt-1 block rounded-xl bg-sunken p-2 font-mono text-sm break-all">{command}</code>
          </li>
        </ol>
      </details>
    </div>
  );
}

const sizeOf = (octets: number): string =>
  octets < 1e6 ? `${Math.ceil(octets / 1e3)} kB` : `${(octets / 1e6).toFixed(1)} MB`;
