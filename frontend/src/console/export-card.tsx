import { useState } from "react";
import type { Draft } from "../exporter/drafts";
import { drop, isComplete } from "../exporter/drafts";
import { Button } from "../ui/button";
import { Check } from "../ui/check";
import { type Made, runExport } from "./export-job";
import type { Keyring } from "./keyring";
import { MadeExport } from "./made-export";
import { RoomName } from "./names";
import type { Officer } from "./officer";
import { checkedHead, pinnedLogKey } from "./proof";
import { type Secrets, signerOf, unlock } from "./signing";
import { TextInput } from "./inputs";
import { periodOf, sentenceOf, when } from "./words";
import { plural, t } from "../shared/i18n";

interface Props {
  draft: Draft;
  officer: Officer;
  keyring: Keyring;
  busy: boolean;
  failure: string | undefined;
  onContinue: () => void;
  onDropped: () => void;
}

/** One export on its way to a file. */
export function ExportCard({ draft, officer, keyring, busy, failure, onContinue, onDropped }: Props) {
  const [made, setMade] = useState<Made>();
  const [kept, setKept] = useState("");
  const { export_id, case_number, range, begun_at, messages, leaf_index } = draft;
  const done = isComplete(draft);
  return (
    <section
      aria-label={t("Export of case {number}", { number: case_number })}
      className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4"
    >
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h2 className="font-semibold">{t("Case {number}", { number: case_number })}</h2>
        <p className="text-sm text-muted">
          {t("begun {time}", { time: when(begun_at) })} · {plural(messages, "{count} message", "{count} messages")} ·{" "}
          {t("leaf {leaf}", { leaf: String(leaf_index) })}
        </p>
        <Button
          size="sm"
          variant="danger"
          className="ml-auto"
          disabled={busy}
          onClick={() => void drop(export_id).then(onDropped, (error: unknown) => setKept(sentenceOf(error)))}
        >
          {t("Remove from this browser")}
        </Button>
      </div>
      {range && (
        <p>
          <RoomName id={range.room_id} />, {periodOf({ from: range.since ?? null, to: range.until ?? null })}
        </p>
      )}
      <Progress draft={draft} />
      {(failure ?? kept) && (
        <p role="alert" className="text-danger">
          {failure ?? kept}
        </p>
      )}
      {!done && !busy && (
        <div className="flex flex-wrap items-center gap-3">
          <Button variant="primary" onClick={onContinue}>
            {t("Go on")}
          </Button>
          <p className="text-sm text-muted">
            {t("What was fetched is kept in this browser; its messages are encrypted.")}
          </p>
        </div>
      )}
      {done && !made && <Maker draft={draft} officer={officer} keyring={keyring} onMade={setMade} />}
      {made && (
        <>
          <MadeExport made={made} name={`${case_number}-${begun_at.slice(0, 10)}`} />
          <Button size="sm" variant="quiet" className="self-start" onClick={() => setMade(undefined)}>
            {t("Make it anew")}
          </Button>
        </>
      )}
    </section>
  );
}

function Progress({ draft }: { draft: Draft }) {
  const { range, next, export_id } = draft;
  const [at, of] = range ? [next - range.from, range.to - range.from] : [0, 1];
  const id = `progress-${export_id}`;
  return (
    <div>
      <label htmlFor={id} className="text-sm text-muted">
        {!range
          ? t("Asking which leaves of the log belong to it")
          : at < of
            ? t("{at} of {of} leaves of the log", { at: String(at), of: String(of) })
            : t("All {of} leaves of the log are here", { of: String(of) })}
      </label>
      <progress id={id} className="transfer" value={at} max={of} />
    </div>
  );
}

const NO_SECRETS: Secrets = { password: "", code: undefined };

interface MakerProps {
  draft: Draft;
  officer: Officer;
  keyring: Keyring;
  onMade: (made: Made) => void;
}

/** Signs and checks: with the officer's own key, which the client holds. */
function Maker({ draft, officer, keyring, onMade }: MakerProps) {
  const [texts, setTexts] = useState(false);
  const [stage, setStage] = useState("");
  const [locked, setLocked] = useState(false);
  const [secrets, setSecrets] = useState<Secrets>(NO_SECRETS);
  const [failure, setFailure] = useState("");
  const readable = keyring.keys.length > 0;

  const work = async (): Promise<void> => {
    setStage(t("Looking for your own key"));
    if (locked && !(await unlock(officer.username, secrets))) return setSecrets({ ...secrets, code: "" });
    setSecrets(NO_SECRETS);
    const signer = await signerOf(officer.user_id);
    if (signer === "someone else") throw new Error(t("The client in this browser is open under another account."));
    setLocked(signer === "locked");
    if (signer === "locked") return;
    // Pins the log's key on the first visit; the file is then held to it.
    const { steps } = await checkedHead();
    const broken = steps.find(({ holds }) => !holds);
    if (broken) throw new Error(t("The log does not check: {step}. See Health of the log.", { step: broken.name }));
    const anchors = { logKey: pinnedLogKey(), exporter: officer.fingerprint };
    const job = {
      make: draft.export_id,
      exporter: officer.fingerprint,
      anchors,
      ...(texts && readable ? { textsFor: keyring.recipients } : {}),
    };
    const made = await runExport(job, {
      onStage: ({ text, values }) => setStage(t(text, values)),
      compliance: keyring,
    });
    if ("file" in made) onMade(made);
  };
  const make = async (): Promise<void> => {
    setFailure("");
    await work().catch((error: unknown) => setFailure(sentenceOf(error)));
    setStage("");
  };

  return (
    <form
      aria-label={t("Make the file")}
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      {readable ? (
        <Check label={t("With the texts")} checked={texts} onChange={setTexts}>
          {t(
            "Opened here with the compliance keys that are loaded, as NDJSON and as mails. That is recorded in the log, too. Whoever has the file can read them.",
          )}
        </Check>
      ) : (
        <p className="text-sm text-muted">
          {t(
            "Load the compliance key above if the file shall hold the texts. Without it, only whoever has that key can read the messages.",
          )}
        </p>
      )}
      {locked && (
        <>
          <p role="status" className="text-sm">
            {t("Your own key is locked in this browser. Your password opens it, to sign the export.")}
          </p>
          <TextInput
            label={t("Your password")}
            type="password"
            value={secrets.password}
            onChange={(password) => setSecrets({ ...secrets, password })}
          />
          {secrets.code !== undefined && (
            <TextInput
              label={t("Code of your authenticator app")}
              value={secrets.code}
              onChange={(code) => setSecrets({ ...secrets, code })}
            />
          )}
        </>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          variant="primary"
          busy={stage !== ""}
          disabled={locked && (!secrets.password || secrets.code === "")}
        >
          {t("Sign and make the file")}
        </Button>
        <p role="status" className="text-sm text-muted">
          {stage && `${stage} …`}
        </p>
      </div>
      {failure && (
        <p role="alert" className="text-danger">
          {failure}
        </p>
      )}
    </form>
  );
}
