// oxlint-disable-next-line import/default -- Vite makes the module
import workerScript from "../exporter/export-worker.ts?worker&url";
import type { Draft } from "../exporter/drafts";
import type { FromExporter, Job, Question, Stage, ToExporter } from "../exporter/export-worker";
import { workerUrl } from "../shared/trusted-types";
import type { Report } from "../verifier/bundle";
import type { Keyring } from "./keyring";
import { sign } from "./signing";
import { t } from "../shared/i18n";

export interface Made {
  file: Blob;
  report: Report;
}

interface Hooks {
  onDraft?: (draft: Draft) => void;
  onStage?: (stage: Stage) => void;
  /** Opens messages, where the export shows their texts. */
  compliance?: Keyring | undefined;
}

/** Runs one job of an export in a worker of its own; throws a sentence for people. */
export function runExport(job: Job, hooks: Hooks): Promise<Draft | Made> {
  const worker = new Worker(workerUrl(workerScript), { type: "module", name: "export" });
  const answer = (reply: ToExporter): void => worker.postMessage(reply);
  return new Promise<Draft | Made>((resolve, reject) => {
    worker.onerror = () => reject(new Error(t("The export could not be started in this browser.")));
    worker.onmessage = ({ data }: MessageEvent<FromExporter>) => {
      if ("draft" in data) hooks.onDraft?.(data.draft);
      else if ("stage" in data) hooks.onStage?.(data.stage);
      else if ("collected" in data) resolve(data.collected);
      else if ("made" in data) resolve(data.made);
      else if ("failed" in data) reject(new Error(t(data.failed)));
      else void reply(data, hooks.compliance, answer);
    };
    answer(job);
  }).finally(() => worker.terminate());
}

async function reply(
  asked: { ask: number } & Question,
  compliance: Keyring | undefined,
  answer: (reply: ToExporter) => void,
): Promise<void> {
  const number = asked.ask;
  try {
    if ("sign" in asked) answer({ answer: number, value: await sign(asked.sign, asked.at) });
    else if (!compliance) throw new Error("no compliance key is loaded");
    else answer({ answer: number, value: await compliance.sessionKey(asked.sessionKey.env) });
  } catch (error) {
    const key = "sessionKey" in asked ? compliance?.keyFor(asked.sessionKey.env) : undefined;
    answer({
      answer: number,
      failed: error instanceof Error ? error.message : String(error),
      keyGone: key?.dropped ?? false,
    });
  }
}
